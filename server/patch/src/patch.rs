//! A patch as it was written: what to do to which file, before anyone has looked at a file.

/// A parsed patch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Patch {
    /// The operations in the order they were written; a path may come several times.
    pub files: Vec<FilePatch>,
}

/// What is done to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePatch {
    /// The path as written.
    pub path: String,
    /// What is done.
    pub operation: Operation,
}

/// What is done to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// The file is new and holds this text (lines end with LF).
    Add {
        /// Whole text.
        text: String,
    },
    /// The file goes.
    Delete {
        /// Places that together must be all that stands in it; none: whatever it holds.
        holds: Vec<Chunk>,
    },
    /// Places of the file change, or it moves, or both.
    Update {
        /// Path of the destination as written, if the file moves.
        move_to: Option<String>,
        /// The places; all are looked for in the text before any of them is changed.
        chunks: Vec<Chunk>,
        /// Whether a missing file is an empty one (a SEARCH/REPLACE block with nothing to search).
        create: bool,
    },
}

/// One place of a file that changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chunk {
    /// The `@@` lines, outermost first: each narrows where the next is looked for.
    pub context: Vec<String>,
    /// The lines of the chunk.
    pub lines: Vec<ChunkLine>,
    /// Whether the lines looked for stand at the end of the file.
    pub end_of_file: bool,
    /// Whether the text ends with a line break afterwards; `None`: as before.
    pub final_newline: Option<bool>,
    /// One-based line that a unified diff's header gives. Only chooses between places that fit equally.
    pub line_hint: Option<usize>,
    /// Text behind a unified diff's header. Only chooses between places that fit equally.
    pub heading: Option<String>,
}

/// One line of a chunk, without sign and line break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChunkLine {
    /// ` `: stands in the file and stays.
    Keep(String),
    /// `-`: stands in the file and goes.
    Remove(String),
    /// `+`: comes into the file.
    Add(String),
    /// An empty line without a sign: an empty line that stays, or one that only separates parts of the patch.
    Blank,
}

impl ChunkLine {
    /// The line that must stand in the file, if it is one.
    pub fn old(&self) -> Option<&str> {
        match self {
            ChunkLine::Keep(text) | ChunkLine::Remove(text) => Some(text),
            ChunkLine::Blank => Some(""),
            ChunkLine::Add(_) => None,
        }
    }
}

impl Chunk {
    /// The lines that must stand in the file one after another.
    pub fn old_lines(&self) -> Vec<&str> {
        self.lines.iter().filter_map(ChunkLine::old).collect()
    }

    /// The lines that stand there afterwards.
    pub fn new_lines(&self) -> Vec<&str> {
        let new = |line| match line {
            &ChunkLine::Remove(_) => None,
            ChunkLine::Keep(text) | ChunkLine::Add(text) => Some(text.as_str()),
            ChunkLine::Blank => Some(""),
        };
        self.lines.iter().filter_map(new).collect()
    }
}
