//! Unified diffs, as `diff -u` and `git diff` write them, and the hunk lines that the native dialect borrows.

use super::line::PatchLine;
use super::{Parsed, at_line};
use crate::{Chunk, ChunkLine, FilePatch, Operation, Patch, Problem};

/// What a hunk header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HunkHeader<'a> {
    pub old_start: usize,
    pub old_len: usize,
    pub new_len: usize,
    pub heading: &'a str,
}

/// `@@ -1,3 +1,4 @@ heading`
pub(super) fn hunk_header(text: &str) -> Option<HunkHeader<'_>> {
    let (old, rest) = text.strip_prefix("@@ -")?.split_once(" +")?;
    let (new, heading) = rest.split_once(" @@")?;
    let (old_start, old_len) = span(old)?;
    let (_, new_len) = span(new)?;
    Some(HunkHeader { old_start, old_len, new_len, heading: heading.trim() })
}

/// Whether two lines are the `---` and `+++` lines of a unified diff.
pub(super) fn is_header(text: &str, next: &str) -> bool {
    text.starts_with("--- ") && next.starts_with("+++ ")
}

fn span(text: &str) -> Option<(usize, usize)> {
    let (start, len) = text.split_once(',').unwrap_or((text, "1"));
    Some((start.trim().parse().ok()?, len.trim().parse().ok()?))
}

/// Takes an `@@` line into the chunk: numbers and heading as hints, anything else as context that must be found.
pub(super) fn read_hunk_line(text: &str, chunk: &mut Chunk) {
    if let Some(header) = hunk_header(text) {
        // "-5,0" means: behind line 5, so what stands there is line 6.
        chunk.line_hint =
            Some(if header.old_len == 0 { header.old_start.saturating_add(1) } else { header.old_start });
        chunk.heading = Some(header.heading.to_owned()).filter(|heading| !heading.is_empty());
        return;
    }
    let context = text.trim_start_matches('@').trim_end();
    let context = context.strip_suffix("@@").unwrap_or(context);
    let context = context.strip_prefix(' ').unwrap_or(context).trim_end();
    if !context.trim().is_empty() && context.trim() != "..." {
        chunk.context.push(context.to_owned());
    }
}

/// Takes a line of a hunk into the chunk; `false` when it is none.
pub(super) fn push_line(text: &str, chunk: &mut Chunk) -> bool {
    let content = || text[1..].to_owned();
    let line = match text.as_bytes().first() {
        None => ChunkLine::Blank,
        Some(b' ') => ChunkLine::Keep(content()),
        Some(b'-') => ChunkLine::Remove(content()),
        Some(b'+') => ChunkLine::Add(content()),
        Some(b'\\') => {
            mark_no_newline(chunk);
            return true;
        }
        Some(_) => return false,
    };
    if chunk.final_newline == Some(true) && matches!(line, ChunkLine::Remove(_) | ChunkLine::Keep(_)) {
        chunk.final_newline = None;
    }
    chunk.lines.push(line);
    true
}

/// `\ No newline at end of file`: says it of the line before.
fn mark_no_newline(chunk: &mut Chunk) {
    chunk.end_of_file = true;
    chunk.final_newline = match chunk.lines.last() {
        Some(ChunkLine::Remove(_)) => Some(true),
        Some(_) => Some(false),
        None => None,
    };
}

/// Parses lines that start at the first header.
pub(super) fn parse(lines: &[PatchLine<'_>]) -> Parsed {
    let mut parser = Parser { lines, at: 0, file: None, patch: Patch::default(), problems: Vec::new() };
    while let Some(line) = parser.lines.get(parser.at).copied() {
        parser.at += 1;
        parser.line(line);
    }
    parser.finish();
    (parser.patch, parser.problems)
}

/// The file section that is being read.
#[derive(Default)]
struct Section {
    old: Option<String>,
    new: Option<String>,
    renamed: Option<(String, String)>,
    added: bool,
    deleted: bool,
    chunks: Vec<Chunk>,
}

struct Parser<'a> {
    lines: &'a [PatchLine<'a>],
    at: usize,
    file: Option<Section>,
    patch: Patch,
    problems: Vec<Problem>,
}

impl Parser<'_> {
    fn line(&mut self, line: PatchLine<'_>) {
        let next = self.lines.get(self.at).map_or("", |line| line.text);
        if let Some(paths) = line.text.strip_prefix("diff --git ") {
            self.finish();
            let (old, new) = git_paths(paths);
            self.file = Some(Section { old, new, ..Section::default() });
        } else if is_header(line.text, next) {
            self.at += 1;
            self.header(&line.text[4..], &next[4..]);
        } else if line.text.starts_with("@@") {
            self.hunk(line);
        } else {
            self.other(line);
        }
    }

    fn header(&mut self, old: &str, new: &str) {
        if self.file.as_ref().is_some_and(|file| !file.chunks.is_empty()) {
            self.finish();
        }
        let (old, new) = (path(old), path(new));
        let file = self.file.get_or_insert_default();
        file.added |= old == DEV_NULL;
        file.deleted |= new == DEV_NULL;
        (file.old, file.new) = (Some(old), Some(new));
    }

    fn hunk(&mut self, line: PatchLine<'_>) {
        let mut chunk = Chunk::default();
        read_hunk_line(line.text, &mut chunk);
        let lens = hunk_header(line.text).map(|header| (header.old_len, header.new_len));
        let (mut old, mut new) = (0, 0);
        while let Some(line) = self.lines.get(self.at) {
            let full = lens == Some((old, new));
            let next = |by: usize| self.lines.get(self.at + by).map_or("", |line| line.text);
            let header = is_header(line.text, next(1)) && next(2).starts_with("@@");
            let ends = header || full && (line.text == "-- " || line.text.is_empty());
            if ends || !push_line(line.text, &mut chunk) {
                break;
            }
            old += usize::from(!line.text.starts_with(['+', '\\']));
            new += usize::from(!line.text.starts_with(['-', '\\']));
            self.at += 1;
        }
        match &mut self.file {
            Some(file) => file.chunks.push(chunk),
            None => self.problems.push(at_line(
                None,
                line.number,
                "no file is named before this hunk; write `--- a/path` and `+++ b/path` before it",
            )),
        }
    }

    /// Git's extended headers, and what does not belong to a diff.
    fn other(&mut self, line: PatchLine<'_>) {
        let text = line.text;
        if text == "-- " {
            return self.finish();
        }
        let Some(file) = &mut self.file else { return };
        let name = file.name();
        if let Some(from) = text.strip_prefix("rename from ") {
            file.renamed = Some((unquoted(from), String::new()));
        } else if let (Some(to), Some(renamed)) = (text.strip_prefix("rename to "), &mut file.renamed) {
            renamed.1 = unquoted(to);
        } else if text.starts_with("new file mode") {
            file.added = true;
        } else if text.starts_with("deleted file mode") {
            file.deleted = true;
        } else if let Some(message) = unsupported(text) {
            self.problems.push(at_line(Some(&name), line.number, message));
        } else if !(text.trim().is_empty() || HARMLESS.iter().any(|start| text.starts_with(start))) {
            self.broken(line, &name);
        }
    }

    /// Refuses a line that belongs nowhere and passes over the rest of its hunk, which would only repeat it.
    fn broken(&mut self, line: PatchLine<'_>, file: &str) {
        let text: String = line.text.chars().take(120).collect();
        let message =
            format!("a line of a hunk must start with ' ', '-' or '+', and a hunk with '@@': {text:?}");
        self.problems.push(at_line(Some(file), line.number, &message));
        while let Some(line) = self.lines.get(self.at) {
            let next = self.lines.get(self.at + 1).map_or("", |line| line.text);
            if !line.text.starts_with([' ', '-', '+', '\\']) || is_header(line.text, next) {
                break;
            }
            self.at += 1;
        }
    }

    fn finish(&mut self) {
        let Some(file) = self.file.take() else { return };
        match file.into_patch() {
            Ok(Some(file)) => self.patch.files.push(file),
            Ok(None) => {}
            Err(problem) => self.problems.push(problem),
        }
    }
}

const DEV_NULL: &str = "/dev/null";
const HARMLESS: [&str; 9] = [
    "index ",
    "new mode ",
    "Index: ",
    "=====",
    "similarity index",
    "dissimilarity index",
    "Only in ",
    "diff ",
    "From ",
];

fn unsupported(text: &str) -> Option<&'static str> {
    if text.starts_with("old mode") {
        Some("changes of file modes cannot be applied by a patch; use a command")
    } else if text.starts_with("copy from") {
        Some("copies cannot be applied by a patch; add the file with its whole text")
    } else if text.starts_with("Binary files") || text.starts_with("GIT binary patch") {
        Some("binary files cannot be patched")
    } else {
        None
    }
}

impl Section {
    fn name(&self) -> String {
        let known = |path: &&String| path.as_str() != DEV_NULL;
        let name = self.new.as_ref().filter(known).or(self.old.as_ref()).map_or("", String::as_str);
        name.strip_prefix("b/").or_else(|| name.strip_prefix("a/")).unwrap_or(name).to_owned()
    }

    fn into_patch(self) -> Result<Option<FilePatch>, Problem> {
        let (old, new) = (self.old.unwrap_or_default(), self.new.unwrap_or_default());
        let prefixed = |path: &str, prefix| path == DEV_NULL || path.starts_with(prefix);
        let git = prefixed(&old, "a/") && prefixed(&new, "b/");
        let strip = |path: String| {
            if git && path != DEV_NULL { path[2..].to_owned() } else { path }
        };
        let (old, new) = (strip(old), strip(new));
        if self.added {
            let text = added_text(&self.chunks);
            let path = if new == DEV_NULL { old } else { new };
            let text = text.ok_or_else(|| {
                Problem::of_file(&path, "the diff adds this file, but has lines without '+'")
            })?;
            return Ok(Some(FilePatch { path, operation: Operation::Add { text } }));
        }
        if self.deleted {
            let path = if old == DEV_NULL { new } else { old };
            return Ok(Some(FilePatch { path, operation: Operation::Delete }));
        }
        let (path, move_to) = match self.renamed {
            Some((from, to)) if !to.is_empty() => (from, Some(to)),
            _ if git && old != new => (old, Some(new)),
            _ => (new, None),
        };
        if self.chunks.is_empty() && move_to.is_none() {
            return Ok(None);
        }
        Ok(Some(FilePatch {
            path,
            operation: Operation::Update { move_to, chunks: self.chunks, create: false },
        }))
    }
}

/// The text of a file that a diff adds; `None` when the hunks hold anything but added lines.
fn added_text(chunks: &[Chunk]) -> Option<String> {
    let mut text = String::new();
    for line in chunks.iter().flat_map(|chunk| &chunk.lines) {
        match line {
            ChunkLine::Add(line) => {
                text.push_str(line);
                text.push('\n');
            }
            ChunkLine::Blank => {}
            ChunkLine::Keep(_) | ChunkLine::Remove(_) => return None,
        }
    }
    if chunks.last().is_some_and(|chunk| chunk.final_newline == Some(false)) {
        text.pop();
    }
    Some(text)
}

/// The path of a `---` or `+++` line: up to a tab (a time follows it), unquoted.
fn path(text: &str) -> String {
    let quoted = text.starts_with('"');
    unquoted(if quoted { text } else { text.split('\t').next().unwrap_or(text) })
}

/// The two paths behind `diff --git`. They may hold spaces, so two equal halves are tried first.
fn git_paths(text: &str) -> (Option<String>, Option<String>) {
    let split = text.match_indices(" b/").map(|(at, _)| (&text[..at], &text[at + 1..]));
    let same = split.clone().find(|(old, new)| old.strip_prefix("a/") == new.strip_prefix("b/"));
    match same.or_else(|| split.clone().next()).or_else(|| text.split_once(' ')) {
        Some((old, new)) => (Some(unquoted(old)), Some(unquoted(new))),
        None => (None, None),
    }
}

/// Undoes git's quoting of paths: `"a/\303\251\t"`.
fn unquoted(text: &str) -> String {
    let text = text.trim();
    let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else {
        return text.to_owned();
    };
    let mut bytes = Vec::new();
    let mut rest = inner.bytes().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(digit @ b'0'..=b'7') => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    if let Some(digit) = rest.next_if(|byte| matches!(byte, b'0'..=b'7')) {
                        value = value * 8 + u32::from(digit - b'0');
                    }
                }
                bytes.push((value & 0xff) as u8);
            }
            Some(b'n') => bytes.push(b'\n'),
            Some(b't') => bytes.push(b'\t'),
            Some(byte) => bytes.push(byte),
            None => {}
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
