//! What `hx --health` prints, read. Pure.

/// A server of a language, as Helix shows it: by its name, or (25.01) by its command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    pub name: String,
    /// What shows whether `name` is a name: the command, where it is told.
    pub command: Option<String>,
}

/// `text` without colours.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => {
                rest.by_ref().find(|c| c.is_ascii_alphabetic());
            }
            c => out.push(c),
        }
    }
    out
}

/// The languages that are offered where one was named that is not known.
pub fn suggested(text: &str) -> Vec<String> {
    let text = plain(text);
    let line = text.lines().find_map(|line| line.trim().strip_prefix("Did you mean one of these:"));
    let names = line.map(|line| line.trim().trim_end_matches('?')).unwrap_or_default();
    names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The servers of one language; `None`: it says nothing of servers.
pub fn servers(text: &str) -> Option<Vec<Server>> {
    let text = plain(text);
    let mut lines = text.lines().skip_while(|line| !line.starts_with("Configured language servers:"));
    lines.next()?;
    Some(lines.take_while(|line| line.starts_with(' ')).filter_map(server).collect())
}

/// `✓ name: /path/of/command` or `✘ name: 'command' not found in $PATH`
fn server(line: &str) -> Option<Server> {
    let (_, rest) = line.trim().split_once(' ')?;
    let (name, place) = rest.split_once(": ")?;
    let place = place.trim();
    let command = match place.strip_prefix('\'') {
        Some(quoted) => quoted.split('\'').next().map(str::to_owned),
        None => place.rsplit('/').next().map(str::to_owned),
    };
    Some(Server { name: name.trim().to_owned(), command })
}

/// `helix 25.01.1 (abc)` as (25, 1).
pub fn version(text: &str) -> Option<(u32, u32)> {
    let number = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let mut parts = number.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OLD: &str = "Configured language servers:\n  \u{1b}[38;5;9m✘\u{1b}[39m jedi-language-server: \u{1b}[38;5;9m'jedi-language-server' not found in $PATH\u{1b}[39m\n  \u{1b}[38;5;10m✓\u{1b}[39m pylsp: \u{1b}[38;5;10m/usr/bin/pylsp\u{1b}[39m\nConfigured debug adapter: None\n";
    const NEW: &str = "Configured language servers:\n  \u{1b}[0;31m✘\u{1b}[m jedi: \u{1b}[0;31m'jedi-language-server' not found in $PATH\u{1b}[m\nConfigured debug adapter:\n  ✘ 'lldb-dap' not found in $PATH\n";

    #[test]
    fn servers_of_both_kinds() {
        let shown = |text: &str| -> Vec<(String, String)> {
            let servers = servers(text).unwrap();
            servers.into_iter().map(|one| (one.name, one.command.unwrap())).collect()
        };
        let pair = |name: &str, command: &str| (name.to_owned(), command.to_owned());
        assert_eq!(
            shown(OLD),
            [pair("jedi-language-server", "jedi-language-server"), pair("pylsp", "pylsp")]
        );
        assert_eq!(shown(NEW), [pair("jedi", "jedi-language-server")]);
        assert_eq!(
            servers("Configured language servers:\u{1b}[0;33m None\u{1b}[m\nConfigured debug"),
            Some(vec![])
        );
        assert_eq!(servers("Language 'x' not found\n"), None);
    }

    #[test]
    fn languages_are_told_where_one_is_not_known() {
        let text = "\u{1b}[0;31mLanguage 'z?' not found\u{1b}[m\nDid you mean one of these: \u{1b}[0;33mzig, zsh\u{1b}[m ?\n";
        assert_eq!(suggested(text), ["zig", "zsh"]);
        assert!(suggested("Language 'B' not found\n").is_empty());
    }

    #[test]
    fn versions() {
        assert_eq!(version("helix 25.01.1 (abc)\n"), Some((25, 1)));
        assert_eq!(version("helix 25.07\n"), Some((25, 7)));
        assert_eq!(version("something else"), None);
    }

    proptest! {
        #[test]
        fn anything_is_read(text in "(Configured language servers:|Did you mean one of these:|[ ✘a-z':/\u{1b}\\[m\n]){0,40}") {
            let _ = (servers(&text), suggested(&text), version(&text));
        }
    }
}
