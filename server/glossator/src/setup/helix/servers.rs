//! What `hx --health` does not tell: names of servers that 25.01 shows by their commands, what Helix's own lists keep some
//! servers from doing, and languages that a later Helix does not have. Tables; pure.

use std::collections::BTreeMap;

/// Command and name of the servers of Helix's own lists where they differ.
const NAMES: &[(&str, &str)] = &[
    ("ada_language_server", "ada-language-server"),
    ("ngserver", "angular"),
    ("biome", "biome-lsp-proxy"),
    ("cue", "cuelsp"),
    ("erlang_ls", "erlang-ls"),
    ("fsautocomplete", "fsharp-ls"),
    ("graphql-lsp", "graphql-language-service"),
    ("haskell-language-server-wrapper", "haskell-language-server"),
    ("jedi-language-server", "jedi"),
    ("lake", "lean"),
    ("magic", "mojo-lsp"),
    ("pixi", "mojo-lsp-server"),
    ("nu", "nu-lsp"),
    ("oxfmt", "oxfmt-language-server"),
    ("oxlint", "oxlint-language-server"),
    ("OmniSharp", "omnisharp"),
    ("pb", "pbkit"),
    ("pyright-langserver", "pyright"),
    ("basedpyright-langserver", "basedpyright"),
    ("R", "r"),
    ("ripple-language-server", "ripple-lsp"),
    ("swim", "spade-language-server"),
    ("tailwindcss-language-server", "tailwindcss-ls"),
    ("tsp-server", "typespec"),
    ("v-analyzer", "vlang-language-server"),
    ("vue-language-server", "vuels"),
    ("wat_server", "wasm-language-tools"),
    ("luau-lsp", "luau"),
    ("ncat", "godot"),
    ("actions-languageserver", "actions-language-server"),
    ("golangci-lint-langserver", "golangci-lint-lsp"),
    ("kcl-language-server", "kcl-lsp"),
    ("millet-ls", "millet"),
];

/// A server that one of Helix's own lists keeps from something: language, server, since which version, what.
type Except = (&'static str, &'static str, (u32, u32), &'static str);

const EXCEPT: &[Except] = &[
    ("pkgbuild", "bash-language-server", (0, 0), r#""diagnostics""#),
    ("gjs", "typescript-language-server", (0, 0), r#""format", "diagnostics""#),
    ("gts", "typescript-language-server", (0, 0), r#""format", "diagnostics""#),
    ("erlang", "erlang-ls", (25, 7), r#""document-symbols", "workspace-symbols""#),
    ("erlang", "elp", (25, 7), r#""document-symbols", "workspace-symbols""#),
    (
        "hare",
        "hare-lsp",
        (25, 7),
        r#""code-action", "completion", "format", "inlay-hints", "rename-symbol", "workspace-symbols""#,
    ),
];

/// Languages of an older Helix that a newer one no longer has. It reads no `languages.toml` that names one, so that an update
/// would take all settings of languages away.
pub const GONE: &[&str] = &["sshclientconfig"];

/// The name of the server with this command; `users`: names by the commands that the user's own file gives.
pub fn named(language: &str, command: &str, users: &BTreeMap<String, String>) -> String {
    if let Some(name) = users.get(command) {
        return name.clone();
    }
    // The one command that two servers share.
    if (language, command) == ("gpr", "ada_language_server") {
        return "ada-gpr-language-server".to_owned();
    }
    let row = NAMES.iter().find(|(shown, _)| *shown == command);
    row.map_or(command, |(_, name)| name).to_owned()
}

/// A server as it is written in a list.
pub fn written(language: &str, server: &str, version: (u32, u32)) -> String {
    let quoted = toml::Value::from(server).to_string();
    let row =
        EXCEPT.iter().find(|(of, name, since, _)| (*of, *name) == (language, server) && *since <= version);
    match row {
        Some((.., except)) => format!("{{ name = {quoted}, except-features = [{except}] }}"),
        None => quoted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_exceptions() {
        let users = BTreeMap::from([("my-pylsp".to_owned(), "pylsp".to_owned())]);
        for (language, command, name) in [
            ("python", "jedi-language-server", "jedi"),
            ("python", "my-pylsp", "pylsp"),
            ("rust", "rust-analyzer", "rust-analyzer"),
            ("ada", "ada_language_server", "ada-language-server"),
            ("gpr", "ada_language_server", "ada-gpr-language-server"),
        ] {
            assert_eq!(named(language, command, &users), name);
        }
        assert_eq!(written("rust", "rust-analyzer", (25, 1)), "\"rust-analyzer\"");
        assert_eq!(
            written("pkgbuild", "bash-language-server", (25, 1)),
            "{ name = \"bash-language-server\", except-features = [\"diagnostics\"] }"
        );
        assert_eq!(written("erlang", "elp", (25, 1)), "\"elp\"");
        assert!(written("erlang", "elp", (25, 7)).contains("document-symbols"));
        let parsed = format!("a = [{}]", written("hare", "hare-lsp", (26, 1))).parse::<toml::Table>();
        assert!(parsed.is_ok(), "{parsed:?}");
    }
}
