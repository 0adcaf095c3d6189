//! Owns how commands begin, for approvals that hold for all which begin alike: by a table of programs of whose further words
//! that much can be said. Pure. A command of which it is not certain what it runs has no beginning.

use super::ground::{Ground, Resolve};
use super::safe::{commands, shell_text, words as only_reads};
use super::words::{Glob, Word};
use crate::request::{CommandLine, Request};
use std::path::PathBuf;

/// Programs, or a program and its sub-command, each with how many words a beginning has. What is built, tested or checked by
/// them is the workspace's own code, with whatever options stand behind: who allows `cargo test` lets that run. Programs that
/// run whatever they are given (shells, interpreters, `npx`, `xargs`, `ssh`), that fetch from elsewhere or that delete are
/// not here.
const BEGINNINGS: &[(&str, usize)] = &[
    ("biome", 2),
    ("black", 1),
    ("bun run", 3),
    ("bun test", 2),
    ("cargo", 2),
    ("ctest", 1),
    ("dotnet", 2),
    ("eslint", 1),
    ("git add", 2),
    ("git commit", 2),
    ("git stash", 2),
    ("git switch", 2),
    ("go", 2),
    ("gofmt", 1),
    ("gradle", 2),
    ("isort", 1),
    ("jest", 1),
    ("just", 2),
    ("make", 2),
    ("meson", 2),
    ("mix", 2),
    ("mkdir", 1),
    ("mvn", 2),
    ("mypy", 1),
    ("ninja", 1),
    ("npm ci", 2),
    ("npm run", 3),
    ("npm test", 2),
    ("phpunit", 1),
    ("pnpm run", 3),
    ("pnpm test", 2),
    ("prettier", 1),
    ("pyright", 1),
    ("pytest", 1),
    ("rake", 2),
    ("rspec", 1),
    ("rubocop", 1),
    ("ruff", 2),
    ("rustfmt", 1),
    ("stylua", 1),
    ("swift", 2),
    ("tox", 1),
    ("tsc", 1),
    ("vitest", 1),
    ("yarn run", 3),
    ("yarn test", 2),
    ("zig", 2),
];

/// Sub-commands of those that fetch and run what they are given, or tell others.
const NEVER: &[&str] = &[
    "cargo install",
    "cargo login",
    "cargo owner",
    "cargo publish",
    "cargo yank",
    "dotnet nuget",
    "dotnet tool",
    "go env",
    "go generate",
    "go get",
    "go install",
    "go run",
    "mix archive",
    "mix escript",
    "mix hex",
    "swift package",
    "zig fetch",
];

/// The words that `request` begins with, as one text with single spaces: `cargo test`. What stands beside it may only read, as
/// [`classify_request`](super::classify_request) sees it (`cd sub && cargo test | tail`). `None` where there are several
/// beginnings, where a word is computed, where variables are set, where there is an input or another name, and where the
/// table has no row.
pub fn beginning(request: &Request, folders: &[PathBuf], disk: &dyn Resolve) -> Option<String> {
    if !request.env.is_empty() || request.stdin.is_some() || request.arg0.is_some() {
        return None;
    }
    let text = match &request.command {
        CommandLine::Argv(argv) => match shell_text(argv) {
            Some(text) => text,
            None => return of_words(&argv.iter().map(|word| Word::literal(word)).collect::<Vec<_>>()),
        },
        CommandLine::Shell(text) => text,
    };
    let mut ground = Ground::new(folders, disk);
    let mut found = None;
    for command in commands(text).ok()? {
        if only_reads(&command.words, &mut ground).is_ok() {
            continue;
        }
        let begins = of_words(&command.words)?;
        match &found {
            Some(other) if *other != begins => return None,
            _ => found = Some(begins),
        }
    }
    found
}

/// The beginning of one command.
fn of_words(words: &[Word]) -> Option<String> {
    if !words.iter().all(|word| word.plain && word.glob == Glob::None) {
        return None;
    }
    let fits = |row: &str| row.split(' ').zip(words).filter(|(part, word)| *part == word.text).count();
    let row = BEGINNINGS.iter().find(|(row, _)| fits(row) == row.split(' ').count())?;
    let first = words.get(..row.1)?;
    if !first.iter().all(is_name) {
        return None;
    }
    let text = first.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    (!NEVER.contains(&text.as_str())).then_some(text)
}

/// Whether a word can only be the name of a program, a sub-command or a task: no option, no path.
fn is_name(word: &Word) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':');
    !word.text.is_empty() && !word.text.starts_with('-') && word.text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::super::ground::LettersOnly;
    use super::*;
    use proptest::prelude::*;

    fn of(request: &Request) -> Option<String> {
        beginning(request, &[], &LettersOnly)
    }

    fn shell(text: &str) -> Option<String> {
        of(&Request::new(CommandLine::Shell(text.to_owned()), "/w"))
    }

    #[test]
    fn beginnings_by_the_table() {
        let check =
            |text: &str, expected: Option<&str>| assert_eq!(shell(text).as_deref(), expected, "{text}");
        for (text, expected) in [
            ("cargo test", "cargo test"),
            ("cargo test -p 'a b' -- --nocapture", "cargo test"),
            ("  cargo\ttest  x ", "cargo test"),
            ("npm run build:all -- --watch", "npm run build:all"),
            ("npm test", "npm test"),
            ("pytest tests/a.py -k 'x'", "pytest"),
            ("make all", "make all"),
            ("git commit -m 'cargo test; rm -rf /'", "git commit"),
            ("cd sub && cargo test 2>&1 | tail -5", "cargo test"),
            ("cargo test -p a; cargo test -p b", "cargo test"),
            ("ls | head && make all", "make all"),
        ] {
            check(text, Some(expected));
        }
    }

    #[test]
    fn what_has_no_beginning() {
        let check = |text: &str| assert_eq!(shell(text), None, "{text}");
        for text in [
            "",
            "cargo",
            "make",
            "cargo --config x=y test",
            "cargo -v test",
            "cargo +nightly test",
            "cargo install ripgrep",
            "npm exec evil",
            "npm run",
            "npm run -- x",
            "npx jest",
            "git -c core.pager=evil commit",
            "git push",
            "rm -rf /",
            "python -c x",
            "./cargo test",
            "/usr/bin/cargo test",
            "cargo test; rm x",
            "cargo test; cargo build",
            "cd /tmp && cargo test",
            "cd .. && make all",
            "ls",
            "cat /etc/passwd | make all",
            "cargo test && rm x",
            "cargo test | sh",
            "cargo test &",
            "cargo test > out",
            "cargo test $(evil)",
            "cargo test $HOME",
            "cargo test `evil`",
            "cargo test *",
            "cargo te*",
            "A=b cargo test",
            "cargo 'test' \"$(x)\"",
            "(cargo test)",
            "cargo test <<< x",
            "cargo test\nrm x",
            "sudo cargo test",
            "env cargo test",
            "cargo test \u{a0} x",
        ] {
            check(text);
        }
    }

    #[test]
    fn argument_lists_and_what_comes_with_them() {
        let argv = |words: &[&str]| CommandLine::Argv(words.iter().map(|word| (*word).to_owned()).collect());
        let plain = Request::new(argv(&["cargo", "test", "; rm -rf /", "$(x)"]), "/w");
        // Without a shell these are only words.
        assert_eq!(of(&plain).as_deref(), Some("cargo test"));
        assert_eq!(of(&Request::new(argv(&["sh", "-c", "cargo test"]), "/w")).as_deref(), Some("cargo test"));
        assert_eq!(of(&Request::new(argv(&["sh", "-c", "cargo test; x"]), "/w")), None);
        assert_eq!(of(&Request::new(argv(&["sh", "-c", "cargo test", "x"]), "/w")), None);
        assert_eq!(of(&Request::new(argv(&["cargo", "test x"]), "/w")), None);
        assert_eq!(of(&Request::new(argv(&[]), "/w")), None);
        let with_env = Request { env: vec![("RUSTC".to_owned(), "evil".to_owned())], ..plain.clone() };
        let with_input = Request { stdin: Some("x".to_owned()), ..plain.clone() };
        let with_name = Request { arg0: Some("rm".to_owned()), ..plain };
        for one in [with_env, with_input, with_name] {
            assert_eq!(of(&one), None, "{one:?}");
        }
    }

    #[test]
    fn the_table_is_in_order_and_each_row_is_reached() {
        let names: Vec<&str> = BEGINNINGS.iter().map(|(name, _)| *name).collect();
        assert!(names.is_sorted());
        for (name, length) in BEGINNINGS {
            let text = format!("{name} one two");
            let expected = text.split(' ').take(*length).collect::<Vec<_>>().join(" ");
            assert_eq!(shell(&text), Some(expected), "{name}");
            assert!(name.split(' ').count() <= *length);
        }
        for never in NEVER {
            let has_row = names.iter().any(|name| never.starts_with(&format!("{name} ")));
            assert!(has_row, "{never} needs no word: no row is for it");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_put_behind_a_command_nothing_else_is_run(tail in "[ -~\n]{0,40}") {
            // If it has a beginning, all else that a shell would run with it only reads.
            let text = format!("cargo test {tail}");
            if shell(&text).is_some() {
                let mut ground = Ground::new(&[], &LettersOnly);
                for command in commands(&text).unwrap() {
                    let is_it = command.words.iter().take(2).map(|word| word.text.as_str()).eq(["cargo", "test"]);
                    prop_assert!(is_it || only_reads(&command.words, &mut ground).is_ok(), "{}", text);
                }
            }
        }
    }
}
