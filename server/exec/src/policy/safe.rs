//! Owns the proof that a command only reads: every token of it is accounted for, every word is plain, and every
//! program is on the list. Pure. Whatever is not proven is an error that says why; it never means "dangerous".

use tree_sitter::Node;

use super::ground::Ground;
use super::options::{any_match, is_option};
use super::safe_git;
use super::safe_table::{Operands, READERS, Reader, VERSION_ONLY};
use super::script::{Script, children};
use super::words::{Glob, Word, read_one};

/// Why a command is not known to be safe.
pub(crate) type Doubt = String;

/// Whether `text`, as shell text, only reads.
pub(crate) fn script(text: &str, mut ground: Ground<'_>) -> Result<(), Doubt> {
    let commands = commands(text)?;
    commands.iter().try_for_each(|command| words(&command.words, &mut ground))
}

/// Whether the program and arguments `argv` only read; a shell is looked into.
pub(crate) fn argv(argv: &[String], mut ground: Ground<'_>) -> Result<(), Doubt> {
    match shell_text(argv) {
        Some(text) => script(text, ground),
        None => words(&argv.iter().map(|word| Word::literal(word)).collect::<Vec<_>>(), &mut ground),
    }
}

/// The text of `bash -c TEXT` and its kin, when it is exactly that.
pub(crate) fn shell_text(argv: &[String]) -> Option<&str> {
    let [shell, option, text] = argv else { return None };
    let known =
        ["bash", "sh", "zsh", "dash", "/bin/bash", "/bin/sh", "/bin/zsh", "/usr/bin/bash", "/usr/bin/zsh"];
    let options = ["-c", "-lc", "-cl", "-ec", "-euc", "-euxc", "-xc"];
    (known.contains(&shell.as_str()) && options.contains(&option.as_str())).then_some(text.as_str())
}

/// A command of a script: its words, and the byte where each ends.
pub(crate) struct Command {
    pub(crate) words: Vec<Word>,
    pub(crate) ends: Vec<usize>,
}

/// The commands of a script that consists of nothing but plain commands joined by `|`, `&&`, `||`, `;` and lines.
pub(crate) fn commands(text: &str) -> Result<Vec<Command>, Doubt> {
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t' || c.is_whitespace() && !c.is_ascii()) {
        return Err("it contains control characters or unusual spaces".to_owned());
    }
    let Some(script) = Script::parse(text) else {
        return Err("it is too long to be looked through".to_owned());
    };
    if script.root().has_error() {
        return Err("it cannot be read as shell text".to_owned());
    }
    let mut collector = Collector { script: &script, commands: Vec::new(), end: 0, doubt: None };
    script.walk(&mut |node| collector.visit(node));
    let Collector { commands, end, doubt, .. } = collector;
    match doubt {
        Some(doubt) => Err(doubt),
        None if commands.is_empty() => Err("it is empty".to_owned()),
        None if !text[end..].trim().is_empty() => Err("not all of it can be read".to_owned()),
        None => Ok(commands),
    }
}

struct Collector<'s, 't> {
    script: &'s Script<'t>,
    commands: Vec<Command>,
    /// Up to this byte every token is accounted for.
    end: usize,
    doubt: Option<Doubt>,
}

impl Collector<'_, '_> {
    /// Takes account of one node; true to go on with its children.
    fn visit(&mut self, node: Node<'_>) -> bool {
        if self.doubt.is_some() {
            return false;
        }
        let taken = match node.kind() {
            "program" | "list" | "pipeline" | "redirected_statement" => return true,
            "command" | "test_command" => self.command(node),
            "file_redirect" => self.redirect(node),
            "comment" => self.comment(node),
            "&&" | "||" | "|" | "|&" | ";" | "\n" => self.token(node, Gap::Lines),
            "&" => Err("it leaves something running in the background".to_owned()),
            kind => Err(format!("it contains {}, which is not looked into", kind.replace('_', " "))),
        };
        self.doubt = taken.err();
        false
    }

    /// Accounts for the text from the last token to the end of `node`.
    fn token(&mut self, node: Node<'_>, gap: Gap) -> Result<(), Doubt> {
        let between = self.script.text.get(self.end..node.start_byte()).unwrap_or("?");
        if !gap.allows(between) {
            return Err("its words cannot be told apart for certain".to_owned());
        }
        self.end = node.end_byte();
        Ok(())
    }

    fn command(&mut self, node: Node<'_>) -> Result<(), Doubt> {
        if node.kind() == "test_command" {
            return self.test(node);
        }
        let mut command = Command { words: Vec::new(), ends: Vec::new() };
        for (index, child) in children(node).into_iter().enumerate() {
            let gap = if index == 0 { Gap::Lines } else { Gap::Blanks };
            match child.kind() {
                "variable_assignment" => return Err("it sets variables".to_owned()),
                "file_redirect" => self.redirect(child)?,
                "herestring_redirect" | "heredoc_redirect" => return Err("it redirects input".to_owned()),
                "subshell" | "comment" => return Err("its words cannot be told apart for certain".to_owned()),
                _ => {
                    self.token(child, gap)?;
                    command.words.push(plain_word(self.script.source(child))?);
                    command.ends.push(child.end_byte());
                }
            }
        }
        self.commands.push(command);
        Ok(())
    }

    /// `[ ... ]` with plain words is the command `test`.
    fn test(&mut self, node: Node<'_>) -> Result<(), Doubt> {
        let source = self.script.source(node);
        let inner = source.strip_prefix("[ ").and_then(|rest| rest.strip_suffix(" ]"));
        let Some(inner) =
            inner.filter(|inner| !inner.contains(|c: char| "[]\\\"'`$(){}<>|&;#\n".contains(c)))
        else {
            return Err("it contains a test that is not plain".to_owned());
        };
        self.token(node, Gap::Lines)?;
        let mut words = vec![Word::literal("test")];
        for source in inner.split_ascii_whitespace() {
            words.push(plain_word(source)?);
        }
        self.commands.push(Command { words, ends: Vec::new() });
        Ok(())
    }

    fn redirect(&mut self, node: Node<'_>) -> Result<(), Doubt> {
        let source = self.script.source(node);
        let operator = source.len()
            - source.trim_start_matches(|c: char| c.is_ascii_digit() || "<>&|".contains(c)).len();
        let (operator, target) = source.split_at(operator);
        let duplicated = ["2>&1", "1>&2", ">&1", ">&2"].contains(&operator) && target.is_empty();
        let opened = ["<", ">", "1>", "2>", "&>", ">>", "1>>", "2>>", "&>>"].contains(&operator);
        let discarded = opened && target.trim_start_matches([' ', '\t']) == "/dev/null";
        if !(duplicated || discarded) {
            return Err("it redirects to or from a file".to_owned());
        }
        // `2>&1` may stand at once after `|` or a word's blank; a digit glued to a word is part of that word.
        self.token(node, Gap::Lines)
    }

    fn comment(&mut self, node: Node<'_>) -> Result<(), Doubt> {
        let before = &self.script.text[..node.start_byte()];
        let starts = before.is_empty()
            || before.ends_with(['\n', ' ', '\t']) && !before.trim_end_matches([' ', '\t']).ends_with('\\');
        if !starts || self.script.source(node).contains('\n') {
            return Err("its comments cannot be told from its words for certain".to_owned());
        }
        self.token(node, Gap::Lines)
    }
}

/// What may stand between two tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// Between words of one command: at least one blank; a line may be continued after a blank.
    Blanks,
    /// Elsewhere: blanks and line ends, or nothing.
    Lines,
}

impl Gap {
    fn allows(self, between: &str) -> bool {
        let mut blank = false;
        let mut chars = between.chars();
        while let Some(c) = chars.next() {
            match c {
                ' ' | '\t' => blank = true,
                '\n' if self == Gap::Lines => {}
                '\\' if blank && chars.next() == Some('\n') => {}
                _ => return false,
            }
        }
        blank || self == Gap::Lines
    }
}

fn plain_word(source: &str) -> Result<Word, Doubt> {
    let word = read_one(source);
    if word.plain { Ok(word) } else { Err("the shell would compute some of its words".to_owned()) }
}

/// Whether the command of these plain words only reads. A `cd` moves the ground for what follows.
pub(crate) fn words(words: &[Word], ground: &mut Ground<'_>) -> Result<(), Doubt> {
    let Some((program, arguments)) = words.split_first() else {
        return Err("it is empty".to_owned());
    };
    if program.glob != Glob::None
        || arguments.iter().any(|word| word.glob != Glob::None && is_option(&word.text))
    {
        return Err("file names would decide what it does".to_owned());
    }
    let name = program.text.as_str();
    let texts: Vec<&str> = arguments.iter().map(|word| word.text.as_str()).collect();
    if texts == ["--version"] && VERSION_ONLY.contains(&name) {
        return Ok(());
    }
    if let Some(row) = READERS.iter().find(|row| row.names.contains(&name)) {
        reader(row, name, arguments, ground)?;
        own_rules(name, arguments, ground)?;
        return if row.files { inside(name, arguments, ground) } else { patterns_inside(arguments, ground) };
    }
    if arguments.iter().any(|word| word.glob == Glob::Leading) || name == "cd" && has_glob(arguments) {
        return Err("file names would decide what it does".to_owned());
    }
    special(name, &texts)?;
    match name {
        "date" | "printf" | "command" => patterns_inside(arguments, ground),
        "git" => inside(name, arguments, &git_ground(&texts, ground)?),
        "cd" => {
            inside(name, arguments, ground)?;
            texts.iter().all(|folder| ground.enter(folder)).then_some(()).ok_or_else(too_many_folders)
        }
        _ => inside(name, arguments, ground),
    }
}

/// Whether a program of the table keeps to its row.
fn reader(row: &Reader, name: &str, arguments: &[Word], ground: &Ground<'_>) -> Result<(), Doubt> {
    let texts: Vec<&str> = arguments.iter().map(|word| word.text.as_str()).collect();
    let strict = !row.forbidden.is_empty() || row.operands != Operands::Any;
    let leading = arguments.iter().any(|word| word.glob == Glob::Leading);
    if strict && leading && ground.may_be_option() {
        return Err(format!("a file name could be read as an option of `{name}` (write ./* instead of *)"));
    }
    if let Some(option) = any_match(row.forbidden, &texts) {
        return Err(format!("`{name}` with {option} {}", row.because));
    }
    let operands = texts.iter().filter(|word| !is_option(word)).count();
    if matches!(row.operands, Operands::AtMost(most) if operands > most || strict && has_glob(arguments)) {
        return Err(format!("`{name}` with so many names can write something"));
    }
    Ok(())
}

/// Where git works: `-C` moves it, one step after the other.
fn git_ground<'a>(arguments: &[&str], ground: &Ground<'a>) -> Result<Ground<'a>, Doubt> {
    let mut ground = ground.clone();
    let before = safe_git::sub_command(arguments).unwrap_or(0);
    for pair in arguments[..before].windows(2).filter(|pair| pair[0] == "-C") {
        if !ground.enter(pair[1]) {
            return Err(too_many_folders());
        }
    }
    Ok(ground)
}

fn too_many_folders() -> Doubt {
    "it changes its folder too often to be followed".to_owned()
}

fn has_glob(words: &[Word]) -> bool {
    words.iter().any(|word| word.glob != Glob::None)
}

/// What a row of the table cannot say.
fn own_rules(name: &str, arguments: &[Word], ground: &Ground<'_>) -> Result<(), Doubt> {
    let shows_env = |word: &Word| {
        ["env", "import", "include"].iter().any(|part| word.text.to_ascii_lowercase().contains(part))
    };
    if name == "jq" && arguments.iter().any(shows_env) {
        return Err("`jq` could show the environment".to_owned());
    }
    // Of two folders it compares the files, and follows links to them.
    let operands = || arguments.iter().filter(|word| !is_option(&word.text));
    if name == "diff" && !operands().all(|word| ground.holds_content(word)) {
        return Err(
            "a folder that `diff` looks into holds links that can lead outside the workspace".to_owned()
        );
    }
    Ok(())
}

/// Programs whose rules are more than a list of options.
fn special(name: &str, arguments: &[&str]) -> Result<(), Doubt> {
    let fine = match name {
        "git" => return safe_git::check(arguments),
        // Without a folder it goes home, and `-` goes to where some variable says.
        "cd" => matches!(arguments, [folder] if !is_option(folder) && *folder != "-" && !folder.is_empty()),
        "command" => matches!(arguments, ["-v" | "-V", _]),
        "sed" => {
            matches!(arguments, ["-n", script, files @ ..] if prints_lines(script) && !files.iter().any(|file| is_option(file)))
        }
        "date" => arguments.iter().all(|word| DATE_OPTIONS.contains(word) || word.starts_with('+')),
        "test" => {
            arguments.iter().all(|word| !["-v", "-R"].contains(word) && !word.contains(['$', '`', '[']))
        }
        "printf" => !arguments.iter().any(|word| word.starts_with("-v") || sets_variable(word)),
        _ => return Err(format!("`{name}` is not on the list of programs that only read")),
    };
    if fine { Ok(()) } else { Err(format!("this form of `{name}` is not known to only read")) }
}

const DATE_OPTIONS: &[&str] =
    &["-u", "--utc", "-R", "--rfc-email", "-I", "-Iseconds", "--iso-8601", "--iso-8601=seconds"];

/// A sed script that prints lines by number: `5p`, `2,10p`, `$p`, several joined by `;`.
fn prints_lines(script: &str) -> bool {
    let address = |text: &str| text == "$" || !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let prints = |part: &str| {
        part.strip_suffix('p').is_some_and(|range| match range.split_once(',') {
            Some((from, to)) => address(from) && address(to),
            None => range.is_empty() || address(range),
        })
    };
    script.split(';').all(|part| prints(part.trim()))
}

/// A printf format with `%n`, which sets a variable (and can make the shell compute its name).
fn sets_variable(format: &str) -> bool {
    format.split('%').skip(1).any(|part| {
        part.trim_start_matches(|c: char| "#-+ 0123456789.*'hlLqjzt".contains(c)).starts_with('n')
    })
}

/// Whether all of `arguments` stay inside the workspace.
fn inside(name: &str, arguments: &[Word], ground: &Ground<'_>) -> Result<(), Doubt> {
    let pattern =
        if ["grep", "egrep", "fgrep", "rg"].contains(&name) { pattern_index(arguments) } else { None };
    let outside =
        arguments.iter().enumerate().find(|(index, word)| Some(*index) != pattern && !ground.holds(word));
    match outside {
        Some((_, word)) => Err(format!("`{}` can lead outside the workspace", word.text)),
        None => Ok(()),
    }
}

/// As [`inside`] for a program that opens no files: the shell itself looks for the names that fit a pattern.
fn patterns_inside(arguments: &[Word], ground: &Ground<'_>) -> Result<(), Doubt> {
    match arguments.iter().find(|word| word.glob != Glob::None && !ground.holds(word)) {
        Some(word) => Err(format!("`{}` can lead outside the workspace", word.text)),
        None => Ok(()),
    }
}

/// Index of the argument that is the pattern of a grep and so no path: the first that is no option, or the one behind
/// `--`, unless an option could have named the pattern already.
fn pattern_index(arguments: &[Word]) -> Option<usize> {
    let texts: Vec<&str> = arguments.iter().map(|word| word.text.as_str()).collect();
    if any_match(&["-e", "-f", "--re*", "--fi*", "--type-list"], &texts).is_some() {
        return None;
    }
    let end = texts.iter().position(|word| *word == "--").unwrap_or(texts.len());
    let first = texts[..end].iter().position(|word| !is_option(word));
    first
        .or_else(|| (end + 1 < texts.len()).then_some(end + 1))
        .filter(|at| arguments[*at].glob == Glob::None)
}
