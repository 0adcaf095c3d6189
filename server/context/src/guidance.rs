//! Guidance files of the user and the project, put together: imports by `@path`, and one cap on their length. Reads
//! nothing: the caller reads what is asked for and calls again.

use crate::system::ProjectDoc;
use std::collections::{BTreeMap, BTreeSet};

/// How deep imports go, and how many files they bring in.
const DEPTH: usize = 5;
const IMPORTS: usize = 50;
/// Paths that are looked for at the most: many words with an `@` are no files.
const LOOKED_FOR: usize = 200;
/// What the user is told of at the most.
const NOTICES: usize = 5;
/// Bytes before a cut within which a line end is looked for.
const LINE_END: usize = 400;

/// A guidance file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuidanceFile {
    /// Its path as the user knows it; imports are relative to its folder.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Whether it may import others: those of the workspace may.
    pub may_import: bool,
}

/// What the caller found at the path of an import. `Err` says why there is nothing to be had (it leads out of the
/// workspace, say), for the user; an empty reason is not told: many words with an `@` are no files.
pub type Imported = BTreeMap<String, Result<String, String>>;

/// Guidance as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Guidance {
    /// The files, nearest last; what a file imports stands before it.
    pub docs: Vec<ProjectDoc>,
    /// For the user: what was cut, and what was not imported.
    pub notices: Vec<String>,
    /// Paths that are imported and not among what was given: they are to be read, and then it is to be asked again. They
    /// may lead out of the workspace: that is for the caller to see, links resolved.
    pub wanted: Vec<String>,
}

/// Puts the files together, those that stand above all others first: the user's own, then from the workspace's top down.
/// All texts together have at most `cap_bytes`; the longest are cut, and say so.
pub fn guidance(files: &[GuidanceFile], imported: &Imported, cap_bytes: usize) -> Guidance {
    let seen = files.iter().map(|file| normal(&file.path)).collect();
    let mut gathering =
        Gathering { imported, found: Guidance::default(), seen, wanted: BTreeSet::new(), imports: 0 };
    for file in files {
        let doc = ProjectDoc { path: file.path.clone(), text: file.text.clone() };
        gathering.add(doc, if file.may_import { DEPTH } else { 0 }, file.may_import);
    }
    let mut found = gathering.found;
    found.wanted = gathering.wanted.into_iter().collect();
    cap(&mut found, cap_bytes);
    found
}

struct Gathering<'a> {
    imported: &'a Imported,
    found: Guidance,
    /// Paths that are there already, so that nothing comes twice and cycles end.
    seen: BTreeSet<String>,
    wanted: BTreeSet<String>,
    imports: usize,
}

impl Gathering<'_> {
    /// Adds a file behind what it imports.
    fn add(&mut self, doc: ProjectDoc, depth: usize, may_import: bool) {
        let wishes = if may_import { imports(&doc.text) } else { Vec::new() };
        for wish in wishes {
            let path = beside(&doc.path, &wish);
            if self.seen.contains(&path) {
                continue;
            }
            match self.imported.get(&path) {
                _ if depth == 0 || self.imports == IMPORTS => {
                    let most = if depth == 0 { format!("{DEPTH} deep") } else { format!("{IMPORTS} files") };
                    self.notice(format!(
                        "{} imports {path}, which is left out: imports go {most}.",
                        doc.path
                    ));
                }
                None if self.imported.len() + self.wanted.len() >= LOOKED_FOR => self.notice(format!(
                    "{} names more files behind an @ than are looked for: {LOOKED_FOR}. The others are left out.",
                    doc.path
                )),
                None => drop(self.wanted.insert(path)),
                Some(Err(why)) if why.is_empty() => {}
                Some(Err(why)) => {
                    self.notice(format!("{} imports {path}, which is left out: {why}.", doc.path))
                }
                Some(Ok(text)) => {
                    self.imports += 1;
                    self.seen.insert(path.clone());
                    self.add(ProjectDoc { path, text: text.clone() }, depth - 1, true);
                }
            }
        }
        self.found.docs.push(doc);
    }

    fn notice(&mut self, text: String) {
        match self.found.notices.len() {
            NOTICES => self.found.notices.push("More imports were left out.".to_owned()),
            told if told < NOTICES && !self.found.notices.contains(&text) => self.found.notices.push(text),
            _ => {}
        }
    }
}

/// The paths that a text imports, in order: `@path` behind a blank or at the start of a line, outside of code.
fn imports(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        let bare = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| bare.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, None) => imports_of_line(line, &mut found),
            _ => {}
        }
    }
    found
}

fn imports_of_line(line: &str, found: &mut Vec<String>) {
    let line = without_code(line);
    let words = line
        .split_whitespace()
        .filter_map(|word| word.trim_start_matches(['(', '[', '"', '\'']).strip_prefix('@'));
    for word in words {
        let end = word.find(['"', '\'', '<', '>', '|', '@', '`']).unwrap_or(word.len());
        let path = word[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}']);
        let path = path.strip_prefix("./").unwrap_or(path);
        let looks_like_one = path.contains(['/', '.']) && !path.ends_with('/');
        if looks_like_one && !path.starts_with('~') && !path.contains(char::is_control) {
            found.push(path.to_owned());
        }
    }
}

/// A line with its inline code left out.
fn without_code(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        let run = rest[at..].bytes().take_while(|byte| *byte == b'`').count();
        let (before, behind) = (&rest[..at], &rest[at + run..]);
        out.push_str(before);
        match closing(behind, run) {
            Some(end) => {
                out.push('`');
                rest = &behind[end..];
            }
            None => {
                out.push_str(&rest[at..at + run]);
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Where the code ends that a run of so many backticks opened.
fn closing(text: &str, run: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(next) = text[at..].find('`') {
        let start = at + next;
        let length = text[start..].bytes().take_while(|byte| *byte == b'`').count();
        at = start + length;
        if length == run {
            return Some(at);
        }
    }
    None
}

/// The path of an import in the file `from`.
fn beside(from: &str, import: &str) -> String {
    match from.rsplit_once('/') {
        _ if import.starts_with('/') => normal(import),
        Some((folder, _)) => normal(&format!("{folder}/{import}")),
        None => normal(import),
    }
}

/// A path without `.` and inner `..`; those at its start stay, as it leads out of where it began.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let root = if path.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

/// Cuts the longest texts so that all together have `most` bytes.
fn cap(found: &mut Guidance, most: usize) {
    let mut lengths: Vec<usize> = found.docs.iter().map(|doc| doc.text.len()).collect();
    lengths.sort_unstable();
    let mut room = most;
    let mut share = usize::MAX;
    for (at, length) in lengths.iter().enumerate() {
        let each = room / (lengths.len() - at);
        if *length > each {
            share = each;
            break;
        }
        room -= length;
    }
    for doc in &mut found.docs {
        let length = doc.text.len();
        if length <= share {
            continue;
        }
        let kept = cut_at(&doc.text, share);
        doc.text.truncate(kept);
        doc.text.push_str(&format!(
            "\n[... cut here: {kept} of {length} bytes are shown; read {} for the rest ...]",
            doc.path
        ));
        let text = format!(
            "{} is {length} bytes long; the first {kept} are sent, since all guidance together has {most}.",
            doc.path
        );
        found.notices.push(text);
    }
}

/// Where a text is cut: at a line end, if one is near.
fn cut_at(text: &str, most: usize) -> usize {
    let end = text.floor_char_boundary(most);
    let from = text.floor_char_boundary(end.saturating_sub(LINE_END));
    text[from..end].rfind('\n').map_or(end, |at| from + at)
}
