//! Owns the parsed form of shell text: the tree, its commands in order, and the words of each. Pure.
//! Never judges; all walks are loops, because the nesting of the text is not ours to choose.

use std::borrow::Cow;

use tree_sitter::{Node, Parser, Tree};

use super::words::{Variables, Word, read};

/// Longest text that is looked into, in bytes: Linux takes no longer argument (`MAX_ARG_STRLEN`), so `bash -c` could
/// not be started with more.
const MAX_BYTES: usize = 128 * 1024;

/// Shell text with its tree.
pub(crate) struct Script<'t> {
    pub(crate) text: &'t str,
    tree: Tree,
}

impl<'t> Script<'t> {
    /// Parses `text`; `None` when it is too long. Text that is no shell gives a tree with errors.
    pub(crate) fn parse(text: &'t str) -> Option<Script<'t>> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let mut parser = Parser::new();
        parser.set_language(&tree_sitter_bash::LANGUAGE.into()).ok()?;
        let tree = parser.parse(parsable(text).as_ref(), None)?;
        Some(Script { text, tree })
    }

    pub(crate) fn root(&self) -> Node<'_> {
        self.tree.root_node()
    }

    /// The source of `node`.
    pub(crate) fn source(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// Calls `visit` for every node, a parent before its children; children only where `visit` returns true.
    pub(crate) fn walk<'s>(&'s self, visit: &mut dyn FnMut(Node<'s>) -> bool) {
        let mut cursor = self.tree.walk();
        loop {
            if visit(cursor.node()) && cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }

    /// The nodes of a command's name and arguments, in order.
    pub(crate) fn word_nodes<'s>(&self, command: Node<'s>) -> Vec<Node<'s>> {
        children(command).into_iter().filter(|child| !NOT_WORDS.contains(&child.kind())).collect()
    }

    /// The name and arguments of a command, with known variables put in.
    pub(crate) fn words(&self, command: Node<'_>, variables: &Variables) -> Vec<Word> {
        let nodes = self.word_nodes(command);
        nodes.into_iter().flat_map(|node| read(self.source(node), variables)).collect()
    }

    /// What each variable is set to by the script, if that is plain and the same everywhere.
    pub(crate) fn variables(&self) -> Variables {
        let mut variables = Variables::new();
        self.walk(&mut |node| {
            if node.kind() == "variable_assignment" {
                let name = node.child_by_field_name("name").map(|name| self.source(name)).unwrap_or_default();
                let value = node.child_by_field_name("value").map(|value| self.plain_value(value));
                let value = value.unwrap_or_else(|| Some(String::new()));
                let set = variables.entry(name.to_owned()).or_insert_with(|| value.clone());
                if *set != value {
                    *set = None;
                }
            }
            true
        });
        variables
    }

    fn plain_value(&self, value: Node<'_>) -> Option<String> {
        let mut words = read(self.source(value), &Variables::new());
        let word = words.pop().filter(|word| word.plain && words.is_empty())?;
        Some(word.text)
    }
}

/// `text` as the parser may see it: of the same length, with a word character in place of what it cannot bear.
///
/// tree-sitter-bash 0.25 asks `isdigit` of any character behind `{`, `{1` or `{1..`, which reads memory that is not its
/// own when the character is none of ASCII, and ends the process (tree-sitter/tree-sitter-bash issue 337).
fn parsable(text: &str) -> Cow<'_, str> {
    let risky = |before: u8| matches!(before, b'{' | b'.' | b'0'..=b'9');
    let before = |at: usize| at.checked_sub(1).map(|at| text.as_bytes()[at]);
    if text.is_ascii() || !text.char_indices().any(|(at, c)| !c.is_ascii() && before(at).is_some_and(risky)) {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if !c.is_ascii() && before(at).is_some_and(risky) {
            masked.extend(std::iter::repeat_n('%', c.len_utf8()));
        } else {
            masked.push(c);
        }
    }
    Cow::Owned(masked)
}

/// All children of `node`, in order.
pub(crate) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).collect()
}

/// Children of a command that are neither its name nor an argument.
const NOT_WORDS: &[&str] = &[
    "variable_assignment",
    "file_redirect",
    "heredoc_redirect",
    "herestring_redirect",
    "subshell",
    "comment",
];
