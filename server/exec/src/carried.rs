//! Owns the look for a patch that a command carries: `apply_patch <<'EOF'` and its kin, as models write them. Pure.
//! What is not certainly such a call and nothing else is no patch: no guess, no expansion, nothing behind it.

#[cfg(test)]
mod tests;

use crate::policy::safe::shell_text;
use crate::policy::script::Script;
use crate::policy::words::{Glob, Variables, Word, read_one};
use crate::request::CommandLine;
use std::borrow::Cow;
use std::ops::Range;
use tree_sitter::Node;

/// A patch that a command carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The patch, as the program would read it.
    pub patch: String,
    /// The folder that the command goes to first, as written: relative to its working folder, or absolute.
    pub cwd: Option<String>,
}

/// The patch that `command` hands to a patch program, if it does that and nothing else: by a heredoc, a here-string or
/// one quoted argument, as `"$(cat <<EOF ...)"`, behind `cd DIR &&` or not, in shell text, in `bash -c` and its kin or as
/// plain program and argument. Never panics, whatever the text.
pub fn carried_patch(command: &CommandLine) -> Option<Carried> {
    match command {
        CommandLine::Shell(text) => of_shell(text),
        CommandLine::Argv(words) => match words.as_slice() {
            [name, patch] if is_patch_program(name) && has_lines(patch) => {
                Some(Carried { patch: patch.clone(), cwd: None })
            }
            words => of_shell(shell_text(words)?),
        },
    }
}

/// Names under which models know the patch program.
fn is_patch_program(name: &str) -> bool {
    ["apply_patch", "applypatch"].contains(&name)
}

/// A word of several lines is a patch; one line would be an option or the name of a file.
fn has_lines(word: &str) -> bool {
    word.contains('\n')
}

fn of_shell(text: &str) -> Option<Carried> {
    if text.contains('\0') {
        return None;
    }
    let text = with_plain_line_ends(text);
    heredoc(&text).or_else(|| here_string(&text)).or_else(|| argument(&text))
}

/// `text` with line feeds alone, if all its lines end with CRLF.
fn with_plain_line_ends(text: &str) -> Cow<'_, str> {
    let breaks = text.matches('\n').count();
    match breaks > 0 && text.matches("\r\n").count() == breaks {
        true => Cow::Owned(text.replace("\r\n", "\n")),
        false => Cow::Borrowed(text),
    }
}

/// `apply_patch <<'EOF'`, or `apply_patch "$(cat <<'EOF' ...)"`.
fn heredoc(text: &str) -> Option<Carried> {
    let (head, rest) = text.split_once("<<")?;
    let (word, lines) = rest.split_once('\n')?;
    let (tabs, word) = match word.strip_prefix('-') {
        Some(word) => (true, word),
        None => (false, word),
    };
    let word = trimmed(word);
    let end = plain(read_one(word)).filter(|end| !end.is_empty())?;
    let (patch, behind) = body(lines, &end, tabs)?;
    let quoted = word.contains(['\'', '"', '\\']);
    if !quoted && expands(&patch) {
        return None;
    }
    let cwd = match trimmed(behind) {
        "" => head_of(head)?,
        ")\"" => {
            let outer = head.trim_end_matches(GAP).strip_suffix("cat").map(trimmed)?.strip_suffix("\"$(")?;
            head_of(outer.ends_with(GAP).then_some(outer)?)?
        }
        _ => return None,
    };
    Some(Carried { patch, cwd })
}

/// The lines before the one that is `end`, and the text behind that. With `tabs`, those that lines begin with go.
fn body<'t>(lines: &'t str, end: &str, tabs: bool) -> Option<(String, &'t str)> {
    let mut body = String::with_capacity(lines.len());
    let mut at = 0;
    for line in lines.split_inclusive('\n') {
        at += line.len();
        let line = if tabs { line.trim_start_matches('\t') } else { line };
        if line.strip_suffix('\n').unwrap_or(line) == end {
            return Some((body, &lines[at..]));
        }
        body.push_str(line);
    }
    None
}

/// Whether a shell would change `text` in a heredoc whose end is not quoted.
fn expands(text: &str) -> bool {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        let changed = match c {
            '`' => true,
            '$' => next.is_some_and(|next| next.is_alphanumeric() || "_{([@*#?!$-'\"".contains(next)),
            '\\' => next.is_none_or(|next| "$`\\\n".contains(next)),
            _ => false,
        };
        if changed {
            return true;
        }
    }
    false
}

/// `apply_patch <<< '...'`.
fn here_string(text: &str) -> Option<Carried> {
    let (head, word) = text.split_once("<<<")?;
    let word = word.trim_start_matches(GAP).trim_end_matches(BLANKS);
    let patch = plain(read_one(word)).filter(|patch| has_lines(patch))?;
    Some(Carried { patch: patch + "\n", cwd: head_of(head)? })
}

/// `apply_patch '...'`.
fn argument(text: &str) -> Option<Carried> {
    let (mut words, cwd) = commands(trimmed(text))?;
    let patch = words.pop().filter(|patch| has_lines(patch))?;
    is_call(&words).then_some(Carried { patch, cwd })
}

/// The folder that `head` goes to, if it is a call of the patch program without arguments, behind `cd DIR &&` or not.
fn head_of(head: &str) -> Option<Option<String>> {
    let (words, cwd) = commands(head.trim_start_matches(BLANKS).trim_end_matches(GAP))?;
    is_call(&words).then_some(cwd)
}

fn is_call(words: &[String]) -> bool {
    matches!(words, [name] if is_patch_program(name))
}

/// The words of a script of one command, or of the second one behind `cd DIR &&`, with that folder.
fn commands(text: &str) -> Option<(Vec<String>, Option<String>)> {
    let strange = |c: char| c.is_control() && c != '\n' && c != '\t';
    // A last backslash would take in what comes behind.
    if text.ends_with('\\') || text.chars().any(strange) {
        return None;
    }
    let script = Script::parse(text)?;
    if script.root().has_error() {
        return None;
    }
    let (mut calls, mut tokens, mut known) = (Vec::new(), Vec::new(), true);
    script.walk(&mut |node: Node<'_>| {
        known &= KNOWN.contains(&node.kind());
        match node.kind() {
            "command" => {
                tokens.extend(script.word_nodes(node).iter().map(|word| (word.byte_range(), false)));
                calls.push(script.words(node, &Variables::new()).into_iter().map(plain).collect());
            }
            "&&" => tokens.push((node.byte_range(), true)),
            _ => {}
        }
        known
    });
    if !known || !covered(text, tokens) {
        return None;
    }
    let calls: Vec<Vec<String>> = calls.into_iter().collect::<Option<_>>()?;
    match calls.as_slice() {
        [words] => Some((words.clone(), None)),
        [cd, words] => match cd.as_slice() {
            [cd, folder] if cd == "cd" && stays(folder) => Some((words.clone(), Some(folder.clone()))),
            _ => None,
        },
        _ => None,
    }
}

/// Whether `cd` goes to `folder` as it is written.
fn stays(folder: &str) -> bool {
    !folder.is_empty() && !folder.starts_with(['-', '+', '=']) && !folder.contains('~')
}

/// Whether `text` is these words and `&&`, from its first byte to its last, with blanks between them: the parser must not
/// have passed over anything, and two commands are joined by nothing else.
fn covered(text: &str, mut tokens: Vec<(Range<usize>, bool)>) -> bool {
    tokens.sort_by_key(|(range, _)| range.start);
    let (mut end, mut commands, mut after) = (0, 1, true);
    for (range, and) in tokens {
        let gap = text.get(end..range.start).unwrap_or("?");
        let blanks: &[char] = if after { &BLANKS } else { &GAP };
        if !gap.chars().all(|c| blanks.contains(&c)) || (gap.is_empty() && !after && !and) {
            return false;
        }
        (end, after) = (range.end, and);
        commands += usize::from(and);
    }
    end == text.len() && commands <= 2 && !after
}

/// The text of a word that a shell passes on as it is.
fn plain(word: Word) -> Option<String> {
    (word.plain && word.glob == Glob::None).then_some(word.text)
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(BLANKS)
}

/// What stands between the words of a command.
const GAP: [char; 2] = [' ', '\t'];
/// What stands around commands.
const BLANKS: [char; 3] = [' ', '\t', '\n'];

/// All that a call may consist of.
const KNOWN: &[&str] = &[
    "program",
    "list",
    "&&",
    "command",
    "command_name",
    "word",
    "number",
    "concatenation",
    "string",
    "string_content",
    "\"",
    "raw_string",
];
