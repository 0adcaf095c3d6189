//! Places as an editor names them, as people and models read them: paths of the workspace, lines and columns from 1 in
//! characters, the text of the line. Reads files of the workspace alone. Blocks.

use glossator_text::{Position, PositionEncoding, Range, byte_range, position_at};
use glossator_workspace::{Located, Roots, Workspace};
use ropey::Rope;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Files that are read for one answer; of others columns are as the editor counts, without text.
const READ: usize = 200;
/// Characters of a line that are shown.
const LINE: usize = 200;

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// As the user knows it; absolute, or a URI, where it is outside the workspace.
    pub path: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The last line, from 1.
    pub end_line: usize,
    /// Whether it is outside the workspace, where its text is not read.
    pub outside: bool,
    /// The line without the blanks around it; empty where it is not known.
    pub text: String,
}

/// Makes places of what one editor said.
pub(super) struct Reader {
    workspace: Workspace,
    roots: Roots,
    encoding: PositionEncoding,
    /// By the path as the editor names it: how it is shown, and its text; `None`: it is outside.
    known: HashMap<PathBuf, Option<(String, Option<Rope>)>>,
    read: usize,
}

impl Reader {
    pub fn new(workspace: Workspace, encoding: PositionEncoding) -> Reader {
        let roots = workspace.roots();
        Reader { workspace, roots, encoding, known: HashMap::new(), read: 0 }
    }

    /// The place of `range` in a document.
    pub fn place(&mut self, of: &Located, range: Range) -> Place {
        let encoding = self.encoding;
        let Range { start, end } = range;
        let (line, end_line) = (start.line as usize + 1, last_line(start, end));
        let (path, outside, text) = match of.path.as_deref() {
            None => (of.uri.clone(), true, None),
            Some(path) => match self.file(path) {
                None => (path.display().to_string(), true, None),
                Some((shown, text)) => (shown.clone(), false, text.as_ref()),
            },
        };
        let (column, text) = match text {
            Some(text) => (column(text, start, encoding), line_of(text, start.line)),
            None => (start.character as usize + 1, String::new()),
        };
        Place { path, line, column, end_line, outside, text }
    }

    fn file(&mut self, path: &Path) -> Option<&(String, Option<Rope>)> {
        if !self.known.contains_key(path) {
            let inside = path.to_str().and_then(|path| self.roots.resolve(path).ok());
            let found = inside.map(|real| {
                let text = (self.read < READ).then(|| self.workspace.read_blocking(&real).ok()).flatten();
                self.read += 1;
                (self.roots.display(&real), text.map(|document| Rope::from_str(&document.text)))
            });
            self.known.insert(path.to_path_buf(), found);
        }
        self.known.get(path).and_then(Option::as_ref)
    }
}

/// The last line of a range, from 1: one that ends before the first character of a line ends on the line above.
fn last_line(start: Position, end: Position) -> usize {
    let above = end.character == 0 && end.line > start.line;
    (end.line as usize + usize::from(!above)).max(start.line as usize + 1)
}

fn column(text: &Rope, at: Position, encoding: PositionEncoding) -> usize {
    let byte = byte_range(text, Range { start: at, end: at }, encoding).start;
    position_at(text, byte, PositionEncoding::Utf32).character as usize + 1
}

fn line_of(text: &Rope, line: u32) -> String {
    let line = text.get_line(line as usize).map(|line| line.to_string()).unwrap_or_default();
    line.trim().chars().take(LINE).collect()
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;
    use glossator_workspace::Overlay;
    use parking_lot::RwLock;
    use std::sync::Arc;

    #[test]
    fn places_are_counted_as_people_count() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::write(root.join("a.rs"), "x\n\t\u{1F600}é = 1;\n").unwrap();
        let roots = Arc::new(RwLock::new(Roots::new(vec![root.clone()])));
        let workspace = Workspace::new(roots, Arc::new(Overlay::new(PositionEncoding::Utf16)), None);
        let at = |line, character| Position { line, character };
        let place = |encoding, path: &Path, start, end| {
            let of = Located { uri: format!("file://{}", path.display()), path: Some(path.to_path_buf()) };
            Reader::new(workspace.clone(), encoding).place(&of, Range { start, end })
        };
        let file = root.join("a.rs");
        for (encoding, character) in
            [(PositionEncoding::Utf16, 3), (PositionEncoding::Utf8, 5), (PositionEncoding::Utf32, 2)]
        {
            let found = place(encoding, &file, at(1, character), at(2, 0));
            let text = "\u{1F600}é = 1;".to_owned();
            let path = "a.rs".to_owned();
            let expected = Place { path, line: 2, column: 3, end_line: 2, outside: false, text };
            assert_eq!(found, expected);
        }
        let beyond = place(PositionEncoding::Utf16, &file, at(90, 4), at(80, 0));
        assert_eq!((beyond.line, beyond.end_line, beyond.text.as_str()), (91, 91, ""));
        let huge = place(PositionEncoding::Utf8, &file, at(u32::MAX, u32::MAX), at(u32::MAX, u32::MAX));
        assert_eq!((huge.line, huge.end_line), (1 << 32, 1 << 32));
        let outside = place(PositionEncoding::Utf16, Path::new("/usr/lib/b.rs"), at(0, 4), at(0, 5));
        assert_eq!((outside.path.as_str(), outside.outside, outside.column), ("/usr/lib/b.rs", true, 5));
        let git = place(PositionEncoding::Utf16, &root.join(".git/config"), at(0, 0), at(0, 0));
        assert!(git.outside && git.text.is_empty());
    }
}
