//! Owns how a command is written for people: one line, and the prefix by which a permission can be remembered.
//! Pure.

use crate::request::CommandLine;

/// The command as one line: arguments quoted for a shell, shell text as it is with line breaks and other control
/// characters made visible (`\n`), so that nothing can hide from the person who is asked.
pub fn display(command: &CommandLine) -> String {
    let line = match command {
        CommandLine::Argv(words) => words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" "),
        CommandLine::Shell(text) => text.clone(),
    };
    visible(&line)
}

/// The first word, and for programs that are known by their sub-commands the second one too (`cargo test`), or
/// `None` for shell text and for programs that run other programs, where a prefix promises nothing.
pub fn prefix_of(command: &CommandLine) -> Option<String> {
    let CommandLine::Argv(words) = command else {
        return None;
    };
    let program = words.first()?;
    let name = program.rsplit('/').next().unwrap_or(program);
    if name.is_empty() || RUNNERS.contains(&name) {
        return None;
    }
    let sub_command = if WITH_SUB_COMMANDS.contains(&name) { words.get(1) } else { None };
    let words = match sub_command {
        // An option before the sub-command can change what it means (`git -c ...`): no prefix.
        Some(word) if word.starts_with(['-', '+']) => return None,
        Some(word) => vec![quote(program), quote(word)],
        None if WITH_SUB_COMMANDS.contains(&name) => return None,
        None => vec![quote(program)],
    };
    Some(visible(&words.join(" ")))
}

/// Programs whose second word says what they do.
const WITH_SUB_COMMANDS: &[&str] = &[
    "apt",
    "apt-get",
    "brew",
    "bundle",
    "cargo",
    "composer",
    "conda",
    "deno",
    "docker",
    "dotnet",
    "gem",
    "gh",
    "git",
    "go",
    "gradle",
    "helm",
    "kubectl",
    "mix",
    "mvn",
    "npm",
    "pip",
    "pip3",
    "pnpm",
    "podman",
    "poetry",
    "rustup",
    "systemctl",
    "terraform",
    "uv",
    "yarn",
];

/// Programs that run what their arguments say: allowing their name would allow everything.
const RUNNERS: &[&str] = &[
    "awk",
    "bash",
    "busybox",
    "bunx",
    "chroot",
    "command",
    "dash",
    "doas",
    "env",
    "eval",
    "exec",
    "find",
    "fish",
    "flock",
    "gawk",
    "ksh",
    "lua",
    "mawk",
    "nice",
    "node",
    "nohup",
    "npx",
    "osascript",
    "parallel",
    "perl",
    "php",
    "pkexec",
    "pwsh",
    "python",
    "python2",
    "python3",
    "rm",
    "ruby",
    "script",
    "setsid",
    "sh",
    "ssh",
    "stdbuf",
    "strace",
    "su",
    "sudo",
    "tclsh",
    "time",
    "timeout",
    "uvx",
    "watch",
    "xargs",
    "zsh",
];

fn quote(word: &str) -> String {
    match shlex::try_quote(word) {
        Ok(quoted) => quoted.into_owned(),
        // Only a NUL character cannot be quoted; such a command cannot be started either.
        Err(_) => format!("{word:?}"),
    }
}

/// Control characters and those that turn the direction of text, written as escapes.
fn visible(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    for c in line.chars() {
        let hidden = c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if hidden { text.extend(c.escape_default()) } else { text.push(c) }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{display, prefix_of};
    use crate::request::CommandLine;

    fn argv(words: &[&str]) -> CommandLine {
        CommandLine::Argv(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn one_line_for_people() {
        for (command, line) in [
            (argv(&["ls", "-l", "a b"]), "ls -l 'a b'"),
            (argv(&["echo", "it's"]), "echo \"it's\""),
            (argv(&["echo", ""]), "echo ''"),
            (argv(&["echo", "a\0b"]), "echo \"a\\0b\""),
            (argv(&["echo", "a\nb"]), "echo 'a\\nb'"),
            (CommandLine::Shell("ls\n\trm x".to_owned()), "ls\\n\\trm x"),
            (CommandLine::Shell("ls \u{202e}x \u{1b}[2J é".to_owned()), "ls \\u{202e}x \\u{1b}[2J é"),
            (argv(&[]), ""),
        ] {
            assert_eq!(display(&command), line);
        }
    }

    #[test]
    fn prefixes() {
        for (words, prefix) in [
            (&["cargo", "test", "-p", "x"][..], Some("cargo test")),
            (&["ls", "-l"], Some("ls")),
            (&["git", "-c", "a=b", "status"], None),
            (&["cargo", "+nightly", "test"], None),
            (&["cargo"], None),
            (&["bash", "-c", "ls"], None),
            (&["/usr/bin/env", "ls"], None),
            (&["rm", "x"], None),
            (&["./run me"], Some("'./run me'")),
            (&[], None),
        ] {
            assert_eq!(prefix_of(&argv(words)).as_deref(), prefix, "{words:?}");
        }
        assert_eq!(prefix_of(&CommandLine::Shell("ls".to_owned())), None);
    }
}
