//! The `*** Begin Patch` dialect.

use super::unified::{self, is_header};
use super::{Event, Made, PatchLine, shortened};
use crate::{ChangeKind, Chunk, ChunkLine, FilePatch, Operation, Problem};

const END_OF_FILE: &str = "*** End of File";
const MOVE: &str = "*** Move to:";

/// Reads lines from the first marker on.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// Whether `*** End Patch` was the last marker.
    ended: bool,
    section: Option<Section>,
    /// Whether the next line is the second of a pair that the last line began.
    skip: bool,
}

/// The file section that is being read.
#[derive(Debug)]
struct Section {
    path: String,
    body: Body,
    /// The directive without a path that began it.
    nameless: Option<(usize, String)>,
}

#[derive(Debug)]
enum Body {
    Add { text: String, lines: usize, blanks: usize },
    Delete,
    Update(Update),
}

#[derive(Debug, Default)]
struct Update {
    stage: Stage,
    move_to: Option<String>,
    chunks: Vec<Chunk>,
    open: Option<Open>,
    /// Problems before this section.
    problems: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Stage {
    #[default]
    MoveMayFollow,
    HeaderMayFollow,
    Chunks,
}

/// The chunk that is being read.
#[derive(Debug, Default)]
struct Open {
    chunk: Chunk,
    has_context: bool,
}

impl Reader {
    pub(super) fn line(&mut self, line: PatchLine<'_>, made: &mut Made) {
        if std::mem::take(&mut self.skip) {
            return;
        }
        match &mut self.section {
            Some(section) if section.has(line.text) => self.skip = section.line(line, made),
            _ => {
                self.close(made);
                self.marker(line, made);
            }
        }
    }

    /// Whether `text`, which stands behind the line that closed a fence or heredoc around the patch, shows that the patch
    /// goes on there.
    pub(super) fn goes_on(&self, text: &str) -> bool {
        !self.ended && (text.starts_with('+') || is_end(text))
    }

    pub(super) fn finish(mut self, made: &mut Made) {
        self.close(made);
    }

    /// A line outside of file sections.
    fn marker(&mut self, line: PatchLine<'_>, made: &mut Made) {
        let directive = line.text.split_once(':').map(|(start, path)| (start, path.trim()));
        let (path, body) = match directive {
            _ if is_begin(line.text) => return self.ended = false,
            _ if is_end(line.text) => return self.ended = true,
            Some(("*** Add File", path)) => (path, Body::Add { text: String::new(), lines: 0, blanks: 0 }),
            Some(("*** Delete File", path)) => (path, Body::Delete),
            Some(("*** Update File", path)) => {
                (path, Body::Update(Update { problems: made.problems.len(), ..Update::default() }))
            }
            Some(("*** Environment ID", _)) => return,
            _ if self.ended || line.text.trim().is_empty() => return,
            _ => return problem(made, None, line, UNEXPECTED),
        };
        let nameless = path.is_empty().then(|| (line.number, line.text.to_owned()));
        let section = Section { path: path.to_owned(), body, nameless };
        match section.body {
            Body::Add { .. } => section.tell(ChangeKind::Add, made),
            Body::Delete => section.tell(ChangeKind::Delete, made),
            Body::Update(_) => {}
        }
        self.section = Some(section);
    }

    fn close(&mut self, made: &mut Made) {
        let Some(mut section) = self.section.take() else { return };
        if let Body::Update(update) = &mut section.body {
            update.close_chunk(&section.path, made);
            if update.stage < Stage::Chunks {
                section.tell_update(made);
            }
        }
        let Section { path, body, nameless } = section;
        let operation = match body {
            Body::Add { text, lines, .. } => {
                if lines > 0 && nameless.is_none() {
                    made.events.push(Event::Chunk { added: lines, removed: 0 });
                }
                Operation::Add { text }
            }
            Body::Delete => Operation::Delete { holds: Vec::new() },
            Body::Update(Update { move_to, chunks, problems, .. }) => {
                if chunks.is_empty() && move_to.is_none() && made.problems.len() == problems {
                    made.problems.push(Problem::of_file(&path, EMPTY_UPDATE));
                }
                Operation::Update { move_to, chunks, create: false }
            }
        };
        if let Some((number, text)) = nameless {
            return problem(made, None, PatchLine { number, text: &text, next: [""; 2] }, NO_PATH);
        }
        made.patch.files.push(FilePatch { path, operation });
    }
}

impl Section {
    /// Whether a line belongs to the section.
    fn has(&self, text: &str) -> bool {
        let first = matches!(&self.body, Body::Update(update) if update.stage == Stage::MoveMayFollow);
        !is_section_end(text) || first && text.starts_with(MOVE)
    }

    /// A line of the section; whether it takes the next line too.
    fn line(&mut self, line: PatchLine<'_>, made: &mut Made) -> bool {
        match &mut self.body {
            Body::Add { text, lines, blanks } => {
                if let Some(content) = line.text.strip_prefix('+') {
                    text.extend(std::iter::repeat_n('\n', *blanks));
                    text.push_str(content);
                    text.push('\n');
                    *lines += *blanks + 1;
                    *blanks = 0;
                } else if line.text.is_empty() {
                    *blanks += 1;
                } else if line.text != END_OF_FILE {
                    problem(made, Some(&self.path), line, "every line of an added file must start with '+'");
                }
            }
            Body::Delete if line.text.trim().is_empty() => {}
            Body::Delete => problem(made, Some(&self.path), line, AFTER_DELETE),
            Body::Update(update) if update.stage < Stage::Chunks => return self.head(line, made),
            Body::Update(update) => update.line(&self.path, line, made),
        }
        false
    }

    /// A line of an update before which nothing but `*** Move to:` has stood.
    fn head(&mut self, line: PatchLine<'_>, made: &mut Made) -> bool {
        let Body::Update(update) = &mut self.body else { return false };
        if update.stage == Stage::MoveMayFollow
            && let Some(to) = line.text.strip_prefix(MOVE)
        {
            update.stage = Stage::HeaderMayFollow;
            update.move_to = Some(to.trim().to_owned()).filter(|to| !to.is_empty());
            if update.move_to.is_none() {
                problem(made, Some(&self.path), line, "a path must follow `*** Move to:`");
            }
            return false;
        }
        update.stage = Stage::Chunks;
        self.tell_update(made);
        // A removed line `-- x` above an added one `++ y` looks the same.
        let of_file = line.next[1].starts_with("@@") || line.text.trim_end().ends_with(&self.path);
        if of_file && is_header(line.text, line.next[0]) {
            return true;
        }
        self.line(line, made)
    }

    fn tell_update(&self, made: &mut Made) {
        let moves = matches!(&self.body, Body::Update(update) if update.move_to.is_some());
        self.tell(if moves { ChangeKind::Move } else { ChangeKind::Update }, made);
    }

    fn tell(&self, change: ChangeKind, made: &mut Made) {
        if self.nameless.is_some() {
            return;
        }
        let move_to = match &self.body {
            Body::Update(update) => update.move_to.clone(),
            Body::Add { .. } | Body::Delete => None,
        };
        made.events.push(Event::File { path: self.path.clone(), change, move_to });
    }
}

impl Update {
    fn line(&mut self, path: &str, line: PatchLine<'_>, made: &mut Made) {
        let text = line.text;
        let starts_next = text.starts_with("@@");
        if starts_next && self.open.as_ref().is_some_and(|open| !open.chunk.lines.is_empty()) {
            self.close_chunk(path, made);
        }
        let open = self.open.get_or_insert_default();
        if starts_next {
            open.has_context = true;
            unified::read_hunk_line(text, &mut open.chunk);
        } else if text.trim_end() == END_OF_FILE {
            open.chunk.end_of_file = true;
            self.close_chunk(path, made);
        } else if !unified::push_line(text, &mut open.chunk) {
            problem(made, Some(path), line, "a line of a chunk must start with ' ', '-', '+' or '@@'");
            if let Some(problem) = made.problems.last_mut() {
                problem.chunk = Some(self.chunks.len() + 1);
            }
        }
    }

    /// A chunk of nothing but blank lines is none.
    fn close_chunk(&mut self, path: &str, made: &mut Made) {
        let Some(Open { chunk, has_context }) = self.open.take() else { return };
        if !chunk.lines.iter().all(|line| matches!(line, ChunkLine::Blank)) {
            if !path.is_empty() {
                made.events.push(Event::chunk(&chunk));
            }
            self.chunks.push(chunk);
        } else if has_context {
            let message = "there are no lines under the `@@` line";
            made.problems.push(Problem::of_chunk(path, self.chunks.len() + 1, message));
        }
    }
}

fn problem(made: &mut Made, file: Option<&str>, line: PatchLine<'_>, message: &str) {
    made.problem(file, line.number, &format!("{message}: {:?}", shortened(line.text)));
}

const UNEXPECTED: &str =
    "expected `*** Add File: path`, `*** Update File: path`, `*** Delete File: path` or `*** End Patch`";
const NO_PATH: &str = "a path must follow the colon";
const EMPTY_UPDATE: &str = "the update is empty: write the lines to change, with ' ', '-' or '+' before each";
const AFTER_DELETE: &str = "nothing may follow `*** Delete File:` but the next `***` line";

pub(super) fn is_begin(text: &str) -> bool {
    text.trim() == "*** Begin Patch"
}

pub(super) fn is_file_directive(text: &str) -> bool {
    ["*** Add File:", "*** Update File:", "*** Delete File:"].iter().any(|start| text.starts_with(start))
}

fn is_end(text: &str) -> bool {
    text.trim() == "*** End Patch"
}

fn is_section_end(text: &str) -> bool {
    text.starts_with("*** ") && text.trim_end() != END_OF_FILE
}
