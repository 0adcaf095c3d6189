//! Licences, origin and duplicates of what we build on.

use super::ratchet::{self, Over};
use super::report::{Problem, holds};
use super::tree;
use std::collections::BTreeMap;

const FREE: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];
/// Licences with duties, each for these crates only. MPL: changes to its own files are published, ours are not touched.
const FOR_SOME: &[(&str, &[&str])] =
    &[("MPL-2.0", &["nucleo-matcher"]), ("CDLA-Permissive-2.0", &["webpki-root-certs", "webpki-roots"])];

#[test]
fn licences_are_among_those_we_accept() {
    let packages = tree::packages();
    let problems = packages["packages"].as_array().into_iter().flatten().filter_map(|package| {
        let word = |field: &str| package[field].as_str();
        let (name, version) = (word("name")?, word("version")?);
        let problem = |what: String| Problem::new(format!("Cargo.lock ({name} {version})"), what);
        match (word("source"), word("license")) {
            (Some(source), _) if !source.starts_with("registry+") => {
                Some(problem(format!("comes from {source}")))
            }
            (_, None) => Some(problem("names no licence".into())),
            (_, Some(licence)) if !accepted(licence, name) => {
                Some(problem(format!("has the licence {licence}")))
            }
            _ => None,
        }
    });
    holds(
        "every dependency comes from the registry under a licence of the list in tests/suite/tidy/dependencies.rs",
        "take another crate, or let a person decide and add the licence with the reason",
        problems.collect(),
    );
}

#[test]
fn no_new_crate_in_two_versions() {
    let lock: toml::Table = tree::read("Cargo.lock").unwrap_or_default().parse().expect("Cargo.lock is TOML");
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in lock["package"].as_array().into_iter().flatten() {
        let word = |field: &str| package.get(field).and_then(toml::Value::as_str).unwrap_or_default();
        versions.entry(word("name")).or_default().push(word("version"));
    }
    let twice = versions.into_iter().filter(|(_, versions)| versions.len() > 1).map(|(name, versions)| {
        let what = format!("{name} is there in {} versions: {}", versions.len(), versions.join(", "));
        Over { key: name.to_owned(), size: versions.len(), problem: Problem::new("Cargo.lock", what) }
    });
    holds(
        "a crate is built in one version; the list tests/suite/tidy/duplicates.txt may only shrink",
        "`cargo tree -d` says who asks for which: choose versions that agree, or fewer features",
        ratchet::compare("duplicates.txt", twice.collect()),
    );
}

/// Whether one way to read a licence expression is ours for this crate. An old `/` means OR.
pub fn accepted(expression: &str, name: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let fine = any(&mut words, name);
    fine && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any(words: &mut Words, name: &str) -> bool {
    let mut fine = all(words, name);
    while words.next_if_eq(&"OR").is_some() {
        fine |= all(words, name);
    }
    fine
}

fn all(words: &mut Words, name: &str) -> bool {
    let mut fine = one(words, name);
    while words.next_if_eq(&"AND").is_some() {
        fine &= one(words, name);
    }
    fine
}

fn one(words: &mut Words, name: &str) -> bool {
    let Some(word) = words.next() else { return false };
    if word == "(" {
        let fine = any(words, name);
        return words.next() == Some(")") && fine;
    }
    if words.next_if_eq(&"WITH").is_some() && words.next() != Some("LLVM-exception") {
        return false;
    }
    FREE.contains(&word) || FOR_SOME.iter().any(|(licence, names)| *licence == word && names.contains(&name))
}
