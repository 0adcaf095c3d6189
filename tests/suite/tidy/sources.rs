//! The Rust files of the workspace as crates and modules: `mod` declarations are followed from each target's root.

use super::facts::{self, Child, Facts};
use super::report::Problem;
use super::tree;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// A file in its place in a crate.
pub struct Source {
    pub path: String,
    /// The root file of the target it belongs to.
    pub target: String,
    /// Names from the target's root to this file.
    pub module: Vec<String>,
    pub test: bool,
    pub facts: Facts,
}

/// All files that some target reaches, and what could not be read.
#[derive(Default)]
pub struct Sources {
    pub files: Vec<Source>,
    pub problems: Vec<Problem>,
    reached: BTreeSet<String>,
}

impl Sources {
    /// Every target of every member; read once.
    pub fn all() -> &'static Self {
        static ALL: OnceLock<Sources> = OnceLock::new();
        ALL.get_or_init(Self::read)
    }

    fn read() -> Self {
        let mut sources = Self::default();
        for package in tree::members()["packages"].as_array().into_iter().flatten() {
            for target in package["targets"].as_array().into_iter().flatten() {
                let root = tree::relative(target["src_path"].as_str().unwrap_or_default());
                let shipped = target["kind"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .any(|kind| kind == "lib" || kind == "bin");
                let test = !shipped || package["name"] == "glossator-tests";
                sources.follow(&root, &root, Place { module: Vec::new(), flat: true, test });
            }
        }
        sources
    }

    /// Whether some target is built from this file.
    pub fn reaches(&self, path: &str) -> bool {
        self.reached.contains(path)
    }

    fn follow(&mut self, target: &str, path: &str, place: Place) {
        self.reached.insert(path.to_owned());
        let Some(text) = tree::read(path) else {
            return self.problems.push(Problem::new(path, "is declared but cannot be read"));
        };
        let facts = match facts::read(&text) {
            Ok(facts) => facts,
            Err((line, error)) => {
                return self.problems.push(Problem::at(path, line, format!("does not parse: {error}")));
            }
        };
        let Place { module, flat, test } = place;
        for child in facts.children.iter().filter(|child| !child.inline) {
            let names = [&module[..], &child.module, std::slice::from_ref(&child.name)].concat();
            let below = Place { module: names, flat: child.path.is_some(), test: test || child.test };
            let places = places(path, flat, child);
            match places.iter().find(|place| tree::root().join(place).is_file()) {
                Some(file) => self.follow(target, file, below),
                None => self
                    .problems
                    .push(Problem::new(path, format!("declares a module without a file: {}", places[0]))),
            }
        }
        self.files.push(Source { path: path.to_owned(), target: target.to_owned(), module, test, facts });
    }
}

/// Where in its crate a file stands, as its parent declares it.
struct Place {
    module: Vec<String>,
    /// Whether its own modules lie beside it: the root of a target, and what a `path` attribute names.
    flat: bool,
    test: bool,
}

/// Where the file of `mod name;` may lie.
pub fn places(file: &str, flat: bool, child: &Child) -> Vec<String> {
    let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
    let inner = if child.module.is_empty() { String::new() } else { format!("/{}", child.module.join("/")) };
    if let Some(path) = &child.path {
        return vec![plain(&format!("{folder}{inner}/{path}"))];
    }
    let stem = name.strip_suffix(".rs").unwrap_or(name);
    let folder =
        if flat || stem == "mod" { format!("{folder}{inner}") } else { format!("{folder}/{stem}{inner}") };
    vec![format!("{folder}/{}.rs", child.name), format!("{folder}/{}/mod.rs", child.name)]
}

/// A path without `..`, as git lists it.
fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}
