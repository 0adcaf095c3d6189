//! Sibling modules of one crate use each other one way only. `two_way.txt` lists the pairs that do not yet.

use super::facts::{Import, Mention};
use super::ratchet::{self, Over};
use super::report::{Problem, holds};
use super::sources::{Source, Sources};
use std::collections::{BTreeMap, BTreeSet};

type Name = Vec<String>;

#[test]
fn siblings_use_each_other_one_way() {
    let sources = Sources::all();
    let mut targets: BTreeMap<&str, Vec<&Source>> = BTreeMap::new();
    for source in sources.files.iter().filter(|source| !source.test) {
        targets.entry(&source.target).or_default().push(source);
    }
    let found = targets.into_iter().flat_map(|(target, files)| two_way(target, &files)).collect();
    let mut problems = ratchet::compare("two_way.txt", found);
    problems.extend(sources.problems.iter().cloned());
    holds(
        "of two sibling modules at most one uses the other; tests/suite/tidy/two_way.txt may only shrink",
        "move what both need into a third module, or join the two",
        problems,
    );
}

/// The pairs of sibling modules of one target that use each other.
pub fn two_way(target: &str, files: &[&Source]) -> Vec<Over> {
    let modules = Modules::of(files);
    let mut uses: BTreeMap<(Name, Name), Vec<String>> = BTreeMap::new();
    for (source, mention) in mentions(files) {
        let from = [&source.module[..], &mention.module].concat();
        let Some(to) = modules.resolve(&from, &mention.path, 0) else { continue };
        let common = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
        if common < from.len() && common < to.len() {
            let pair = (from[..=common].to_vec(), to[..=common].to_vec());
            uses.entry(pair).or_default().push(format!("{}:{}", source.path, mention.line));
        }
    }
    let pairs = uses.iter().filter_map(|((from, to), places)| {
        let back = uses.get(&(to.clone(), from.clone())).filter(|_| from < to)?;
        let (from, to) = (from.join("::"), to.join("::"));
        let key = format!("{target} {from} {to}");
        let (user, used, fewer, more) =
            if places.len() <= back.len() { (&from, &to, places, back) } else { (&to, &from, back, places) };
        let what = format!(
            "`{user}` uses `{used}` ({} times, first here), which uses it back ({} times, first {})",
            fewer.len(),
            more.len(),
            more[0]
        );
        Some(Over { key, size: 1, problem: Problem::new(&fewer[0], what) })
    });
    pairs.collect()
}

fn mentions<'a>(files: &'a [&'a Source]) -> impl Iterator<Item = (&'a Source, &'a Mention)> {
    files
        .iter()
        .flat_map(|source| source.facts.mentions.iter().map(move |mention| (*source, mention)))
        .filter(|(_, mention)| !mention.test)
}

/// The modules of a target: what each defines and imports.
#[derive(Default)]
struct Modules(BTreeMap<Name, Module>);

#[derive(Default)]
struct Module {
    names: BTreeSet<String>,
    imports: Vec<(String, Name)>,
    globs: Vec<Name>,
}

impl Modules {
    fn of(files: &[&Source]) -> Self {
        let mut modules = Self::default();
        for source in files {
            let full = |inner: &[String]| [&source.module[..], inner].concat();
            modules.0.entry(source.module.clone()).or_default();
            for child in source.facts.children.iter().filter(|child| child.inline && !child.test) {
                modules.0.entry([full(&child.module), vec![child.name.clone()]].concat()).or_default();
            }
            for (module, name) in &source.facts.names {
                modules.0.entry(full(module)).or_default().names.insert(name.clone());
            }
        }
        for (source, mention) in mentions(files) {
            let module = modules.0.entry([&source.module[..], &mention.module].concat()).or_default();
            match &mention.import {
                Import::No => {}
                Import::Name(alias) => module.imports.push((alias.clone(), mention.path.clone())),
                Import::Everything => module.globs.push(mention.path.clone()),
            }
        }
        modules
    }

    /// The module in which the item of a path is defined; for what is of another crate, the module that names it.
    fn resolve(&self, from: &[String], path: &[String], depth: usize) -> Option<Name> {
        if depth > 8 {
            return None;
        }
        let mut at = from.to_vec();
        let mut rest = path;
        while let Some((first, after)) = rest.split_first() {
            match first.as_str() {
                "crate" => at.clear(),
                "self" => {}
                "super" => {
                    at.pop()?;
                }
                _ => break,
            }
            rest = after;
        }
        self.walk(at, rest, depth)
    }

    fn walk(&self, at: Name, rest: &[String], depth: usize) -> Option<Name> {
        let Some((name, after)) = rest.split_first() else { return Some(at) };
        let child = [&at[..], std::slice::from_ref(name)].concat();
        if self.0.contains_key(&child) {
            return self.walk(child, after, depth);
        }
        let Some(module) = self.0.get(&at).filter(|module| !module.names.contains(name)) else {
            return Some(at);
        };
        if let Some((_, path)) =
            module.imports.iter().find(|(alias, path)| alias == name && *path != [name.clone()])
        {
            return self.resolve(&at, &[&path[..], after].concat(), depth + 1);
        }
        let behind = module.globs.iter().find_map(|glob| {
            let target = self.resolve(&at, glob, depth + 1)?;
            let known = self.0.get(&target)?;
            let has = known.names.contains(name) || known.imports.iter().any(|(alias, _)| alias == name);
            if has && target != at { self.walk(target, rest, depth + 1) } else { None }
        });
        // What a macro makes or another crate gives counts as belonging to the module that was named.
        behind.or(Some(at))
    }
}
