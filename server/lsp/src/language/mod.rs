//! What is known of programming languages by their look alone, as data: how comments begin, and which lines begin a definition.
//! No parser: what a language server says is better where a client tells it. Pure.

mod comment;
mod outline;

pub use comment::comment_at;
pub use outline::{Definition, around, outline};

use regex::Regex;
use serde::Deserialize;
use std::path::Path;
use std::sync::LazyLock;

const DATA: &str = include_str!("languages.toml");

static LANGUAGES: LazyLock<Table> =
    LazyLock::new(|| toml::from_str(DATA).expect("the data is part of the program and a test reads it"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    language: Vec<Language>,
}

/// A language, or several that look alike.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// The ids by which editors call it.
    names: Vec<String>,
    /// The extensions of its files.
    extensions: Vec<String>,
    /// How a comment begins that ends with its line.
    #[serde(default)]
    line: Vec<String>,
    /// How other comments begin and end.
    #[serde(default)]
    block: Vec<(String, String)>,
    #[serde(default)]
    ends: Ends,
    #[serde(default)]
    definitions: Vec<Pattern>,
    /// What a pattern may take for a name and is none.
    #[serde(default)]
    keywords: Vec<String>,
}

/// Where a definition ends.
#[derive(Deserialize, Default, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Ends {
    /// Before the next line that is not indented deeper.
    #[default]
    Indent,
    /// Before the next heading that is not below it.
    Heading,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pattern {
    kind: String,
    #[serde(rename = "pattern")]
    text: String,
    #[serde(skip)]
    compiled: LazyRegex,
}

/// A pattern that is compiled when it is needed first: most languages never are.
#[derive(Default)]
struct LazyRegex(std::sync::OnceLock<Option<Regex>>);

impl Pattern {
    fn regex(&self) -> Option<&Regex> {
        self.compiled.0.get_or_init(|| Regex::new(&self.text).ok()).as_ref()
    }
}

impl Language {
    /// What it is called.
    pub fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }
}

/// The language of a document: by the id that its editor gives, else by the extension of its file.
pub fn language(id: &str, path: Option<&Path>) -> Option<&'static Language> {
    let id = id.to_ascii_lowercase();
    let all = || LANGUAGES.language.iter();
    let by_name = all().find(|one| one.names.contains(&id));
    by_name.or_else(|| {
        let extension = path?.extension()?.to_str()?.to_ascii_lowercase();
        all().find(|one| one.extensions.contains(&extension))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_can_be_read() {
        let mut seen = std::collections::HashSet::new();
        for one in &LANGUAGES.language {
            for name in one.names.iter().chain(&one.extensions) {
                assert_eq!(*name, name.to_ascii_lowercase());
            }
            one.names.iter().for_each(|name| assert!(seen.insert(name.clone()), "{name} twice"));
            one.extensions.iter().for_each(|name| assert!(seen.insert(format!(".{name}")), ".{name} twice"));
            for pattern in &one.definitions {
                let regex = pattern.regex().unwrap_or_else(|| panic!("{}", pattern.text));
                assert_eq!(regex.captures_len(), 2, "{}", pattern.text);
            }
        }
    }

    #[test]
    fn languages_by_id_then_by_extension() {
        let check = |id: &str, path: &str, name: Option<&str>| {
            let found = language(id, Some(Path::new(path))).map(|one| one.names[0].as_str());
            assert_eq!(found, name, "{id} {path}");
        };
        check("rust", "a.txt", Some("rust"));
        check("", "a.RS", Some("rust"));
        check("plaintext", "src/a.py", Some("python"));
        check("TypeScriptReact", "a", Some("typescript"));
        check("", "Makefile", None);
        check("", "", None);
    }
}
