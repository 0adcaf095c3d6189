//! Owns the search for commands that always have to be asked for: in programs and arguments, in shell text, and in
//! text that is handed to another shell. Pure. Finding nothing means nothing: a command can still be anything.

use std::path::PathBuf;

use tree_sitter::Node;

use super::danger_rules::{MAX_LAYERS, Why, base_name, launched, row_or_rule};
use super::danger_table::{DOWNLOADERS, INTERPRETERS, LISTERS, SHELLS, WRITERS, WRITERS_OF_LAST};
use super::options::{any_match, is_option, matches};
use super::paths::write_danger;
use super::script::{Script, children};
use super::words::{Variables, Word, read};

/// How many texts are parsed for one command, so that texts within texts cannot take for ever.
const MAX_TEXTS: usize = 64;

const TOO_DEEP: Why = "it hides commands in too many layers of text";
const COMPUTED: Why = "which program it runs is only computed when it runs";
const RUNS_TEXT: Why = "it runs text that another command makes as a program";
const PIPED: Why = "it feeds what a pipe brings to a shell";
const REMOVES_LIST: Why = "it removes whatever files another command lists";

/// One search, with what it needs to know.
pub(crate) struct Search<'f> {
    folders: &'f [PathBuf],
    texts: usize,
}

/// What surrounds one command of a script.
struct Setting<'s> {
    /// Whether its input is a pipe.
    piped: bool,
    /// Whether anything in the script fetches from elsewhere.
    downloads: bool,
    /// Whether the script sets variables.
    variables: &'s Variables,
}

impl<'f> Search<'f> {
    pub(crate) fn new(folders: &'f [PathBuf]) -> Search<'f> {
        Search { folders, texts: 0 }
    }

    /// Looks at a program and its arguments.
    pub(crate) fn argv(&mut self, argv: &[String]) -> Option<Why> {
        let words: Vec<Word> = argv.iter().map(|word| Word::literal(word)).collect();
        self.command(&words, &Setting { piped: false, downloads: false, variables: &Variables::new() })
    }

    /// Looks at shell text.
    pub(crate) fn script(&mut self, text: &str) -> Option<Why> {
        self.texts += 1;
        if self.texts > MAX_TEXTS {
            return Some(TOO_DEEP);
        }
        let Some(script) = Script::parse(text) else {
            return Some("it is too long to be looked through");
        };
        let variables = script.variables();
        let mut downloads = false;
        let mut nodes = Vec::new();
        script.walk(&mut |node| {
            match node.kind() {
                "command" => {
                    let words = script.words(node, &variables);
                    downloads |= words.iter().any(|word| DOWNLOADERS.contains(&base_name(&word.text)));
                    nodes.push(node);
                }
                "redirected_statement" | "file_redirect" | "function_definition" => nodes.push(node),
                _ => {}
            }
            true
        });
        let found = nodes.into_iter().find_map(|node| match node.kind() {
            "command" => {
                let setting =
                    Setting { piped: piped(text, node.start_byte()), downloads, variables: &variables };
                self.command_node(&script, node, &setting)
            }
            "redirected_statement" => {
                let setting =
                    Setting { piped: piped(text, node.start_byte()), downloads, variables: &variables };
                self.redirected(&script, node, &setting)
            }
            "file_redirect" => self.redirect(&script, node, &variables),
            _ => fork_bomb(&script, node),
        });
        found.or_else(|| if script.root().has_error() { self.unparsed(text) } else { None })
    }

    fn command_node(&mut self, script: &Script<'_>, node: Node<'_>, setting: &Setting<'_>) -> Option<Why> {
        let words = script.words(node, setting.variables);
        let computed = script
            .word_nodes(node)
            .first()
            .and_then(|name| computed_name(script.source(*name), &words, setting));
        if computed.is_some() {
            return computed;
        }
        let here = children(node).into_iter().find(|child| child.kind() == "herestring_redirect");
        let input = here
            .and_then(|here| children(here).pop())
            .map(|text| read(script.source(text), setting.variables));
        let input = input.map(|words| Word { plain: words.iter().all(|word| word.plain), ..joined(&words) });
        self.command(&words, setting).or_else(|| self.fed(&words, input.as_ref()))
    }

    /// Words behind a redirection belong to the command before it; a here-document can be its program.
    fn redirected(&mut self, script: &Script<'_>, node: Node<'_>, setting: &Setting<'_>) -> Option<Why> {
        let mut words = Vec::new();
        let mut input = None;
        for child in children(node) {
            match child.kind() {
                "command" => words.extend(script.words(child, setting.variables)),
                "file_redirect" => {
                    let targets = redirect_targets(child).into_iter().skip(1);
                    words.extend(targets.flat_map(|target| read(script.source(target), setting.variables)));
                }
                "heredoc_redirect" => {
                    for part in children(child) {
                        match part.kind() {
                            "heredoc_body" => input = Some(Word::literal(script.source(part))),
                            "word" | "string" | "raw_string" | "concatenation" | "number" => {
                                words.extend(read(script.source(part), setting.variables));
                            }
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        self.command(&words, setting).or_else(|| self.fed(&words, input.as_ref()))
    }

    /// A shell without a script of its own runs what it is fed.
    fn fed(&mut self, words: &[Word], input: Option<&Word>) -> Option<Why> {
        let input = input?;
        let shell = launched(words).into_iter().any(|words| is_bare(words, SHELLS));
        match shell {
            false => None,
            true if input.plain => self.script(&input.text),
            true => Some(RUNS_TEXT),
        }
    }

    fn redirect(&self, script: &Script<'_>, node: Node<'_>, variables: &Variables) -> Option<Why> {
        let source = script.source(node);
        if !source.contains('>') {
            return None;
        }
        let target = redirect_targets(node).into_iter().next()?;
        read(script.source(target), variables).iter().find_map(|word| write_danger(&word.text, self.folders))
    }

    /// Looks at a command and at every command that it starts in turn.
    fn command(&mut self, words: &[Word], setting: &Setting<'_>) -> Option<Why> {
        let launched = launched(words);
        if launched.len() > MAX_LAYERS {
            return Some(TOO_DEEP);
        }
        let name = |words: &[Word]| {
            words.first().map(|program| base_name(&program.text).to_owned()).unwrap_or_default()
        };
        let lists = launched.iter().position(|words| LISTERS.contains(&name(words).as_str()));
        let removes = |words: &&[Word]| ["rm", "unlink"].contains(&name(words).as_str());
        if lists.is_some_and(|at| launched[at..].iter().any(removes)) {
            return Some(REMOVES_LIST);
        }
        launched.into_iter().find_map(|words| self.direct(words, setting))
    }

    fn direct(&mut self, words: &[Word], setting: &Setting<'_>) -> Option<Why> {
        let (program, arguments) = words.split_first()?;
        let name = base_name(&program.text);
        let texts: Vec<&str> = arguments.iter().map(|word| word.text.as_str()).collect();
        // `ssh host 'ls; rm x'` and `watch 'ls | rm x'` hand text to a shell.
        if program.plain && program.text.contains(|c: char| c.is_whitespace() || ";|&`$(".contains(c)) {
            return self.script(&joined(words).text);
        }
        row_or_rule(name, &texts)
            .or_else(|| self.writes(name, &texts))
            .or_else(|| self.runs_text(name, arguments, setting))
    }

    fn writes(&self, name: &str, arguments: &[&str]) -> Option<Why> {
        let mut operands = arguments.iter().copied().filter(|word| !is_option(word));
        let edits_in_place = name == "sed" && any_match(&["-i", "--in-place"], arguments).is_some();
        if WRITERS.contains(&name) || edits_in_place {
            operands.into_iter().find_map(|path| write_danger(path, self.folders))
        } else if WRITERS_OF_LAST.contains(&name) {
            write_danger(operands.next_back()?, self.folders)
        } else {
            None
        }
    }

    /// Programs whose arguments or input are again commands.
    fn runs_text(&mut self, name: &str, arguments: &[Word], setting: &Setting<'_>) -> Option<Why> {
        let operands = || arguments.iter().filter(|word| !is_option(&word.text));
        match name {
            "eval" => self.text(&joined(arguments)),
            "trap" => self.text(operands().next()?),
            "source" | "." => operands()
                .next()
                .filter(|word| made_by_command(word) || word.text == "/dev/stdin")
                .map(|_| RUNS_TEXT),
            "env" => {
                let at = arguments
                    .iter()
                    .position(|word| matches("-S", &word.text) || matches("--split-string", &word.text))?;
                let attached = arguments[at].text.split_once('=').map(|(_, text)| Word::literal(text));
                let text = attached.or_else(|| arguments.get(at + 1).cloned())?;
                self.text(&text)
            }
            "git" => self.git_text(arguments),
            name if SHELLS.contains(&name) => self.shell(arguments, setting),
            name if INTERPRETERS.contains(&name) && setting.downloads => interpreter(arguments, setting),
            _ => None,
        }
    }

    /// A word that will be run as shell text.
    fn text(&mut self, word: &Word) -> Option<Why> {
        if word.plain { self.script(&word.text) } else { Some(RUNS_TEXT) }
    }

    fn shell(&mut self, arguments: &[Word], setting: &Setting<'_>) -> Option<Why> {
        let option = |word: &Word| is_option(&word.text) || word.text.starts_with('+');
        if let Some(at) =
            arguments.iter().position(|word| matches("-c", &word.text) || word.text == "--command")
        {
            let text = arguments[at + 1..].iter().find(|word| !option(word))?;
            return self.text(text);
        }
        match arguments.iter().find(|word| !option(word) && word.text != "-") {
            Some(file) if made_by_command(file) || setting.piped && file.text == "/dev/stdin" => {
                Some(RUNS_TEXT)
            }
            Some(_) => None,
            None => setting.piped.then_some(PIPED),
        }
    }

    /// `git submodule foreach TEXT`, `git bisect run COMMAND`, `git rebase -x` (a row of its own).
    fn git_text(&mut self, arguments: &[Word]) -> Option<Why> {
        let at = arguments.iter().position(|word| ["foreach", "run"].contains(&word.text.as_str()))?;
        let rest: Vec<Word> =
            arguments[at + 1..].iter().filter(|word| !is_option(&word.text) || at == 0).cloned().collect();
        match arguments.get(at.checked_sub(1)?)?.text.as_str() {
            "submodule" => self.text(&joined(&rest)),
            "bisect" => self.text(&joined(&arguments[at + 1..])),
            _ => None,
        }
    }

    /// Text that is no correct shell, as far as the parser knows: cut at everything that can part two commands.
    fn unparsed(&mut self, text: &str) -> Option<Why> {
        let parts = text.split(|c: char| ";|&\n(){}`".contains(c));
        parts.take(MAX_TEXTS * 16).find_map(|part| {
            let words =
                shlex::split(part).unwrap_or_else(|| part.split_whitespace().map(str::to_owned).collect());
            self.argv(&words)
        })
    }
}

/// A program that is put together while the script runs. Variables that the user may have set are left out.
fn computed_name(source: &str, words: &[Word], setting: &Setting<'_>) -> Option<Why> {
    let name = words.first()?;
    if name.plain || !name.text.contains(['$', '`']) {
        return None;
    }
    let in_pieces = !source.trim_matches('"').starts_with('$') && !source.contains('/');
    let from_script = setting
        .variables
        .keys()
        .any(|variable| !variable.is_empty() && name.text.contains(variable.as_str()));
    (name.text.contains("$(") || name.text.contains('`') || in_pieces || from_script).then_some(COMPUTED)
}

/// Whether a word is the output of a command (`<(...)`, `$(...)`).
fn made_by_command(word: &Word) -> bool {
    !word.plain && (word.text.starts_with("<(") || word.text.contains("$(") || word.text.contains('`'))
}

/// An interpreter that reads its program from a pipe or from what was fetched.
fn interpreter(arguments: &[Word], setting: &Setting<'_>) -> Option<Why> {
    let file = arguments.iter().find(|word| !is_option(&word.text) && word.text != "-");
    match file {
        None => setting.piped.then_some(RUNS_TEXT),
        Some(_) => arguments.iter().any(made_by_command).then_some(RUNS_TEXT),
    }
}

/// Whether `words` is one of `programs` without a file to run.
fn is_bare(words: &[Word], programs: &[&str]) -> bool {
    let Some((program, arguments)) = words.split_first() else {
        return false;
    };
    programs.contains(&base_name(&program.text))
        && arguments.iter().all(|word| is_option(&word.text) || word.text == "-")
}

/// A function that starts itself more than once or in the background.
fn fork_bomb(script: &Script<'_>, node: Node<'_>) -> Option<Why> {
    let name = script.source(node.child_by_field_name("name")?);
    let body = script.source(node.child_by_field_name("body")?);
    let calls =
        body.split(|c: char| c.is_whitespace() || "{}()|&;".contains(c)).filter(|word| *word == name).count();
    let many = calls > 1 || calls == 1 && body.replace("&&", "").contains(['|', '&']);
    many.then_some("it starts itself again and again until the machine stops")
}

/// Whether the command at byte `start` reads from a pipe, also from within braces.
fn piped(text: &str, start: usize) -> bool {
    let before = text
        .get(..start)
        .unwrap_or_default()
        .trim_end_matches(|c: char| c.is_whitespace() || "({\\".contains(c));
    before.ends_with("|&") || before.ends_with('|') && !before.ends_with("||")
}

fn redirect_targets(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.children_by_field_name("destination", &mut cursor).collect()
}

fn joined(words: &[Word]) -> Word {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    Word { plain: words.iter().all(|word| word.plain), ..Word::literal(&texts.join(" ")) }
}
