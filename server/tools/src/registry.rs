//! The registry of tools. The resolved list is the only source of the prompt's tool reference, of native tool specs, of
//! search and of dispatch, so that they cannot differ.

mod packs;
mod search;
#[cfg(test)]
mod tests;

use glossator_session::ToolSpec;
pub use packs::{PackError, PackView, UserPack};
use search::Index;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, LazyLock, OnceLock};

use crate::arguments::About;
use crate::{
    Tool, apply_patch, ask_user, board, declare, editor_lookups, exec_tool, file_search, filing, grep_files,
    list_dir, nearest, read_file, update_plan, write_file,
};

/// Tools that a search gives at the most.
const FOUND: usize = 20;
/// Bytes of a tool's name.
const NAME: usize = 128;
/// Names that scripts use for something else: `tools.search`, and `tools.spawn` with its questions.
const TAKEN: &[&str] = &["search", "spawn", "list", "status", "result", "wait", "cancel"];
/// Other spellings of names, and the names.
const SPELLINGS: &[(&str, &str)] =
    &[("saveToFc", "saveToFC"), ("fetchFromFc", "fetchFromFC"), ("listFc", "listFC")];
/// Parts of a name that JavaScript itself asks an object for.
const SPECIAL: &[&str] = &["__proto__", "constructor", "prototype", "then", "toJSON"];

/// The tools of a session, in the order in which the model is told of them. Cheap to clone.
#[derive(Clone)]
pub struct Registry {
    inner: Arc<Inner>,
}

struct Inner {
    entries: Vec<Entry>,
    places: HashMap<String, usize>,
    index: OnceLock<Index>,
}

#[derive(Clone)]
struct Entry {
    tool: Arc<dyn Tool>,
    /// As the prompt declares it; `None`: it is counted there and found by search.
    brief: Option<Arc<str>>,
}

/// A tool that a search has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Its name; a script calls it as `tools.<name>`.
    pub name: String,
    /// What it does, in one line.
    pub summary: String,
    /// Its TypeScript declaration.
    pub declaration: String,
}

impl Registry {
    /// All tools that come with Glossator.
    pub fn built_in() -> Registry {
        static ALL: LazyLock<Registry> = LazyLock::new(|| Registry::of(built_in()));
        ALL.clone()
    }

    /// The built-in tools of the pack `slug`, built in itself.
    pub fn of_pack(slug: &str) -> Result<Registry, PackError> {
        Registry::resolve(slug, &BTreeMap::new())
    }

    /// The built-in tools of the pack `slug`, which may be one of the user's `packs`.
    pub fn resolve(slug: &str, packs: &BTreeMap<String, UserPack>) -> Result<Registry, PackError> {
        Registry::built_in().of_these(slug, packs)
    }

    /// Those of these tools that the pack `slug` has.
    pub fn of_these(&self, slug: &str, packs: &BTreeMap<String, UserPack>) -> Result<Registry, PackError> {
        let names: Vec<&str> = self.specs().map(|spec| spec.name.as_str()).collect();
        let chosen = packs::chosen(slug, packs, &names)?;
        let entries = self.inner.entries.iter().zip(chosen).filter(|(_, chosen)| *chosen);
        Ok(Registry::of(entries.map(|(entry, _)| entry.clone()).collect()))
    }

    /// These tools and `tools` after them, which the prompt only counts. A tool whose name cannot be used is left out;
    /// the texts say which and why.
    pub fn with(&self, tools: Vec<Arc<dyn Tool>>) -> (Registry, Vec<String>) {
        let mut entries = self.inner.entries.clone();
        let spellings = SPELLINGS.iter().map(|(other, _)| (*other).to_owned());
        let mut names: HashSet<String> = self.inner.places.keys().cloned().chain(spellings).collect();
        let mut refused = Vec::new();
        for tool in tools {
            let name = &tool.spec().name;
            let shown = || glossator_exec::visible(name);
            match check_name(name) {
                Err(why) => refused.push(format!("the tool `{}` is left out: {why}", shown())),
                Ok(()) if !names.insert(name.clone()) => {
                    refused.push(format!("a second tool `{}` is left out", shown()));
                }
                Ok(()) => entries.push(Entry { tool, brief: None }),
            }
        }
        (Registry::of(entries), refused)
    }

    /// Those of these tools that `other` has too.
    pub fn narrowed(&self, other: &Registry) -> Registry {
        let both = |entry: &&Entry| other.inner.places.contains_key(&entry.tool.spec().name);
        Registry::of(self.inner.entries.iter().filter(both).cloned().collect())
    }

    /// The tool called `name`, or by another spelling of its name.
    pub fn get(&self, name: &str) -> Option<Arc<dyn Tool>> {
        let spelled = SPELLINGS.iter().find(|(other, _)| *other == name).map_or(name, |(_, name)| name);
        self.inner.places.get(spelled).map(|place| self.inner.entries[*place].tool.clone())
    }

    /// What each tool says of itself.
    pub fn specs(&self) -> impl Iterator<Item = &ToolSpec> {
        self.inner.entries.iter().map(|entry| entry.tool.spec())
    }

    /// The tools that the prompt declares.
    pub fn listed(&self) -> impl Iterator<Item = &ToolSpec> {
        self.inner.entries.iter().filter(|entry| entry.brief.is_some()).map(|entry| entry.tool.spec())
    }

    /// The names of those tools, and how the prompt declares them.
    pub(crate) fn declared(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.inner.entries.iter();
        all.filter_map(|entry| Some((entry.tool.spec().name.as_str(), entry.brief.as_deref()?)))
    }

    /// The tools that the prompt only counts.
    pub fn unlisted(&self) -> impl Iterator<Item = &ToolSpec> {
        self.inner.entries.iter().filter(|entry| entry.brief.is_none()).map(|entry| entry.tool.spec())
    }

    /// All names.
    pub fn names(&self) -> Vec<String> {
        self.specs().map(|spec| spec.name.clone()).collect()
    }

    /// Names by which a script can call tools: their own, and other spellings of them.
    pub(crate) fn callable(&self) -> Vec<String> {
        let has = |(_, name): &&(&str, &str)| self.inner.places.contains_key(*name);
        let spellings = SPELLINGS.iter().filter(has).map(|(other, _)| (*other).to_owned());
        self.names().into_iter().chain(spellings).collect()
    }

    /// Names that look like `name`, nearest first, three at the most.
    pub fn nearest(&self, name: &str) -> Vec<String> {
        let names = self.specs().map(|spec| spec.name.as_str());
        nearest::nearest(name, names).into_iter().map(str::to_owned).collect()
    }

    /// Tools that fit the words of `query`, best first, 20 at the most; without words the first 20 by name.
    pub fn search(&self, query: &str) -> Vec<Found> {
        let index = self.inner.index.get_or_init(|| Index::new(self.specs()));
        let places = index.find(query, FOUND).unwrap_or_else(|| {
            let mut places: Vec<usize> = (0..self.inner.entries.len()).collect();
            places.sort_by_key(|place| &self.inner.entries[*place].tool.spec().name);
            places.truncate(FOUND);
            places
        });
        let found = places.into_iter().map(|place| self.inner.entries[place].tool.spec());
        found
            .map(|spec| Found {
                name: spec.name.clone(),
                summary: declare::summary(&spec.description),
                declaration: spec.declaration.clone(),
            })
            .collect()
    }

    fn of(entries: Vec<Entry>) -> Registry {
        let names = entries.iter().enumerate();
        let places = names.map(|(place, entry)| (entry.tool.spec().name.clone(), place)).collect();
        Registry { inner: Arc::new(Inner { entries, places, index: OnceLock::new() }) }
    }
}

/// The packs there are, the built-in ones first, with their built-in tools.
pub fn packs(user: &BTreeMap<String, UserPack>) -> Vec<PackView> {
    let all = Registry::built_in();
    let view = |slug: &str, built_in: bool| {
        let none = BTreeMap::new();
        let resolved = all.of_these(slug, if built_in { &none } else { user });
        let problem = resolved.as_ref().err().map(ToString::to_string);
        let tools = resolved.map(|registry| registry.names()).unwrap_or_default();
        PackView { slug: slug.to_owned(), tools, built_in, problem }
    };
    let built_in = packs::PACKS.iter().map(|pack| view(pack.slug, true));
    built_in.chain(user.keys().map(|slug| view(slug, false))).collect()
}

/// Whether a tool from outside may have this name.
fn check_name(name: &str) -> Result<(), String> {
    let allowed = |c: char| c.is_alphanumeric() || "_-$/:@+".contains(c);
    if name.len() > NAME {
        return Err(format!("its name is {} bytes long, and {NAME} is the most", name.len()));
    }
    for (at, part) in name.split('.').enumerate() {
        if part.is_empty() {
            return Err("a part of its name is empty".to_owned());
        }
        if let Some(c) = part.chars().find(|c| !allowed(*c)) {
            return Err(format!("its name holds {:?}", c.to_string()));
        }
        if SPECIAL.contains(&part) || (at == 0 && TAKEN.contains(&part)) {
            return Err(format!("`{part}` means something else in a script"));
        }
    }
    Ok(())
}

fn built_in() -> Vec<Entry> {
    let entry = |about: &About, tool: Arc<dyn Tool>| {
        let brief = about.short(tool.spec()).map(Arc::from);
        Entry { tool, brief }
    };
    vec![
        entry(&read_file::ABOUT, Arc::new(read_file::ReadFile::new())),
        entry(&list_dir::ABOUT, Arc::new(list_dir::ListDir::new())),
        entry(&grep_files::ABOUT, Arc::new(grep_files::GrepFiles::new())),
        entry(&file_search::ABOUT, Arc::new(file_search::FileSearch::new())),
        entry(&apply_patch::ABOUT, Arc::new(apply_patch::ApplyPatch::new())),
        entry(&write_file::ABOUT, Arc::new(write_file::WriteFile::new())),
        entry(&exec_tool::ABOUT, Arc::new(exec_tool::Exec::new())),
        entry(&editor_lookups::DIAGNOSTICS, Arc::new(editor_lookups::Diagnostics::new())),
        entry(&editor_lookups::DEFINITION, Arc::new(editor_lookups::Definition::new())),
        entry(&editor_lookups::REFERENCES, Arc::new(editor_lookups::References::new())),
        entry(&editor_lookups::SYMBOLS, Arc::new(editor_lookups::SymbolsTool::new())),
        entry(&ask_user::ABOUT, Arc::new(ask_user::AskUser::new())),
        entry(&update_plan::ABOUT, Arc::new(update_plan::UpdatePlan::new())),
        entry(&filing::SAVE, Arc::new(filing::Save::new())),
        entry(&filing::FETCH, Arc::new(filing::Fetch::new())),
        entry(&filing::LIST, Arc::new(filing::List::new())),
        entry(&board::POST, Arc::new(board::Post::new())),
        entry(&board::REMOVE, Arc::new(board::Remove::new())),
    ]
}
