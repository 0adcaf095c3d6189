//! Unified diffs, as `diff -u` and `git diff` write them, and the hunk lines that the native dialect borrows.

use super::{Event, Made, PatchLine, shortened};
use crate::{ChangeKind, Chunk, ChunkLine, FilePatch, Operation, Problem};

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

/// Reads lines from the first header on.
#[derive(Debug, Default)]
pub(super) struct Reader {
    file: Option<Section>,
    hunk: Option<Hunk>,
    /// Whether the lines of a hunk are passed over that was refused.
    broken: bool,
    /// Whether the next line is the `+++` of a header that was read.
    skip: bool,
}

/// The file section that is being read.
#[derive(Debug, Default)]
struct Section {
    old: Option<String>,
    new: Option<String>,
    renamed: Option<(String, String)>,
    added: bool,
    deleted: bool,
    chunks: Vec<Chunk>,
    /// Whether the file has been told.
    told: bool,
}

/// The hunk that is being read.
#[derive(Debug)]
struct Hunk {
    /// Line of its header.
    number: usize,
    chunk: Chunk,
    /// Lines on both sides, as its header says.
    lens: Option<(usize, usize)>,
    /// Lines on both sides so far.
    so_far: (usize, usize),
}

impl Hunk {
    /// Takes a line if it belongs to the hunk.
    fn take(&mut self, line: PatchLine<'_>) -> bool {
        let text = line.text;
        let full = self.lens == Some(self.so_far);
        let header = is_header(text, line.next[0]) && line.next[1].starts_with("@@");
        if header || full && (text == "-- " || text.is_empty()) || !push_line(text, &mut self.chunk) {
            return false;
        }
        self.so_far.0 += usize::from(!text.starts_with(['+', '\\']));
        self.so_far.1 += usize::from(!text.starts_with(['-', '\\']));
        true
    }
}

impl Reader {
    pub(super) fn line(&mut self, line: PatchLine<'_>, made: &mut Made) {
        if std::mem::take(&mut self.skip) || self.hunk.as_mut().is_some_and(|hunk| hunk.take(line)) {
            return;
        }
        self.close_hunk(made);
        let header = is_header(line.text, line.next[0]);
        self.broken &= line.text.starts_with([' ', '-', '+', '\\']) && !header;
        if self.broken {
            return;
        }
        if let Some(paths) = line.text.strip_prefix("diff --git ") {
            self.close_file(made);
            let (old, new) = git_paths(paths);
            self.file = Some(Section { old, new, ..Section::default() });
        } else if header {
            self.skip = true;
            self.header(&line.text[4..], &line.next[0][4..], made);
        } else if line.text.starts_with("@@") {
            self.hunk(line, made);
        } else {
            self.other(line, made);
        }
    }

    /// Whether `text`, the line behind the one that closed a fence or heredoc around the diff, shows that the hunk goes on
    /// there.
    pub(super) fn goes_on(&self, text: &str) -> bool {
        let wants_more =
            |hunk: &Hunk| hunk.lens.is_some_and(|(old, new)| hunk.so_far.0 < old || hunk.so_far.1 < new);
        text.starts_with([' ', '-', '+']) && self.hunk.as_ref().is_some_and(wants_more)
    }

    pub(super) fn finish(mut self, made: &mut Made) {
        self.close_hunk(made);
        self.close_file(made);
    }

    fn header(&mut self, old: &str, new: &str, made: &mut Made) {
        if self.file.as_ref().is_some_and(|file| !file.chunks.is_empty()) {
            self.close_file(made);
        }
        let (old, new) = (path(old), path(new));
        let file = self.file.get_or_insert_default();
        file.added |= old == DEV_NULL;
        file.deleted |= new == DEV_NULL;
        (file.old, file.new) = (Some(old), Some(new));
    }

    fn hunk(&mut self, line: PatchLine<'_>, made: &mut Made) {
        if let Some(file) = &mut self.file {
            file.tell(made);
        }
        let mut chunk = Chunk::default();
        read_hunk_line(line.text, &mut chunk);
        let lens = hunk_header(line.text).map(|header| (header.old_len, header.new_len));
        self.hunk = Some(Hunk { number: line.number, chunk, lens, so_far: (0, 0) });
    }

    fn close_hunk(&mut self, made: &mut Made) {
        let Some(Hunk { number, chunk, .. }) = self.hunk.take() else { return };
        match &mut self.file {
            Some(file) => {
                made.events.push(Event::chunk(&chunk));
                file.chunks.push(chunk);
            }
            None => made.problem(None, number, NO_FILE),
        }
    }

    /// Git's extended headers, and what does not belong to a diff.
    fn other(&mut self, line: PatchLine<'_>, made: &mut Made) {
        let text = line.text;
        if text == "-- " {
            return self.close_file(made);
        }
        let Some(file) = &mut self.file else { return };
        if let Some(from) = text.strip_prefix("rename from ") {
            file.renamed = Some((unquoted(from), String::new()));
        } else if let (Some(to), Some(renamed)) = (text.strip_prefix("rename to "), &mut file.renamed) {
            renamed.1 = unquoted(to);
        } else if text.starts_with("new file mode") {
            file.added = true;
        } else if text.starts_with("deleted file mode") {
            file.deleted = true;
        } else if let Some(message) = unsupported(text) {
            made.problem(Some(&file.name()), line.number, message);
        } else if !(text.trim().is_empty() || HARMLESS.iter().any(|start| text.starts_with(start))) {
            // The rest of the hunk would only repeat it.
            self.broken = true;
            let message = format!("{NO_HUNK_LINE}: {:?}", shortened(text));
            made.problem(Some(&file.name()), line.number, &message);
        }
    }

    fn close_file(&mut self, made: &mut Made) {
        let Some(mut file) = self.file.take() else { return };
        file.tell(made);
        match file.into_patch() {
            Ok(Some(file)) => made.patch.files.push(file),
            Ok(None) => {}
            Err(problem) => made.problems.push(problem),
        }
    }
}

const NO_FILE: &str = "no file is named before this hunk; write `--- a/path` and `+++ b/path` before it";
const NO_HUNK_LINE: &str = "a line of a hunk must start with ' ', '-' or '+', and a hunk with '@@'";
const DEV_NULL: &str = "/dev/null";
const HARMLESS: [&str; 10] = [
    "copy to ",
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

    /// The path, what happens to the file, and where it moves: as far as the headers have told.
    fn head(&self) -> (String, ChangeKind, Option<String>) {
        let (old, new) = (self.old.as_deref().unwrap_or_default(), self.new.as_deref().unwrap_or_default());
        let prefixed = |path: &str, prefix| path == DEV_NULL || path.starts_with(prefix);
        let git = prefixed(old, "a/") && prefixed(new, "b/");
        let bare = |path: &str| if git && path != DEV_NULL { path[2..].to_owned() } else { path.to_owned() };
        let (old, new) = (bare(old), bare(new));
        if self.added {
            return (if new == DEV_NULL { old } else { new }, ChangeKind::Add, None);
        }
        if self.deleted {
            return (if old == DEV_NULL { new } else { old }, ChangeKind::Delete, None);
        }
        match &self.renamed {
            Some((from, to)) if !to.is_empty() => (from.clone(), ChangeKind::Move, Some(to.clone())),
            _ if git && old != new => (old, ChangeKind::Move, Some(new)),
            _ => (new, ChangeKind::Update, None),
        }
    }

    fn tell(&mut self, made: &mut Made) {
        let (path, change, move_to) = self.head();
        let nothing = change == ChangeKind::Update && self.chunks.is_empty();
        if !std::mem::replace(&mut self.told, true) && !nothing {
            made.events.push(Event::File { path, change, move_to });
        }
    }

    fn into_patch(self) -> Result<Option<FilePatch>, Problem> {
        let (path, change, move_to) = self.head();
        let operation = match change {
            ChangeKind::Add => match added_text(&self.chunks) {
                Some(text) => Operation::Add { text },
                None => return Err(Problem::of_file(&path, NOT_ADDED)),
            },
            ChangeKind::Delete => Operation::Delete { holds: self.chunks },
            ChangeKind::Update | ChangeKind::Move => {
                Operation::Update { move_to, chunks: self.chunks, create: false }
            }
        };
        let nothing =
            matches!(&operation, Operation::Update { move_to: None, chunks, .. } if chunks.is_empty());
        Ok((!nothing).then_some(FilePatch { path, operation }))
    }
}

const NOT_ADDED: &str = "the diff adds this file, but has lines without '+'";

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
