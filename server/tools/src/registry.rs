//! The registry of tools and the packs that choose from it. The resolved list is the only source of the prompt's
//! tool reference, of native tool specs and of dispatch, so that they cannot differ.

use glossator_session::ToolSpec;
use std::sync::Arc;

use crate::{Tool, apply_patch, exec_tool, file_search, grep_files, list_dir, read_file};

/// A named list of tools.
pub struct Pack {
    /// The slug users write.
    pub slug: &'static str,
    /// Names of its tools.
    pub tools: &'static [&'static str],
}

/// The built-in packs.
pub const PACKS: &[Pack] = &[
    Pack { slug: "core", tools: &["readFile", "listDir", "grepFiles", "fileSearch", "applyPatch", "exec"] },
    Pack { slug: "files", tools: &["readFile", "listDir", "grepFiles", "fileSearch", "applyPatch"] },
    Pack { slug: "read-only", tools: &["readFile", "listDir", "grepFiles", "fileSearch"] },
];

/// No pack has this slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no pack '{0}'; packs are core, files and read-only")]
pub struct UnknownPack(pub String);

/// The tools of a session, in the order in which the model is told of them.
#[derive(Clone)]
pub struct Registry {
    tools: Vec<Arc<dyn Tool>>,
}

impl Registry {
    /// The tools of the pack `slug`.
    pub fn of_pack(slug: &str) -> Result<Registry, UnknownPack> {
        let pack = PACKS.iter().find(|pack| pack.slug == slug).ok_or_else(|| UnknownPack(slug.to_owned()))?;
        let tools =
            all().into_iter().filter(|tool| pack.tools.contains(&tool.spec().name.as_str())).collect();
        Ok(Registry { tools })
    }

    /// The tool called `name`.
    pub fn get(&self, name: &str) -> Option<Arc<dyn Tool>> {
        self.tools.iter().find(|tool| tool.spec().name == name).cloned()
    }

    /// What each tool says of itself.
    pub fn specs(&self) -> impl Iterator<Item = &ToolSpec> {
        self.tools.iter().map(|tool| tool.spec())
    }

    /// All names.
    pub fn names(&self) -> Vec<String> {
        self.specs().map(|spec| spec.name.clone()).collect()
    }

    /// Names that look like `name`, nearest first, three at the most.
    pub fn nearest(&self, name: &str) -> Vec<String> {
        let wanted = name.to_lowercase();
        let mut names: Vec<(usize, String)> = self
            .specs()
            .map(|spec| (distance(&wanted, &spec.name.to_lowercase()), spec.name.clone()))
            .collect();
        names.sort();
        names.into_iter().take(3).map(|(_, name)| name).collect()
    }
}

fn all() -> Vec<Arc<dyn Tool>> {
    vec![
        Arc::new(read_file::ReadFile::new()),
        Arc::new(list_dir::ListDir::new()),
        Arc::new(grep_files::GrepFiles::new()),
        Arc::new(file_search::FileSearch::new()),
        Arc::new(apply_patch::ApplyPatch::new()),
        Arc::new(exec_tool::Exec::new()),
    ]
}

/// Levenshtein distance in characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let change = corner + usize::from(a != *b);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(corner + 1);
        }
    }
    row[right.len()]
}
