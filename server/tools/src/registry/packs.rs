//! Packs: named choices of tools, built in or of the user. Pure; knows tools by name only.

use crate::nearest::hint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A built-in pack.
pub struct Pack {
    /// The slug users write.
    pub slug: &'static str,
    /// Names and patterns of its tools.
    pub parts: Parts,
}

type Parts = &'static [&'static [&'static str]];

const LOOK: &[&str] = &["readFile", "listDir", "grepFiles", "fileSearch"];
const EDIT: &[&str] = &["applyPatch", "writeFile"];
/// What the editor's language servers know.
const CODE: &[&str] = &["diagnostics", "definition", "references", "symbols"];
const ASK: &[&str] = &["askUser"];
/// What is the session's own: its plan, its board, the file cabinet.
const DESK: &[&str] = &["updatePlan", "saveToFC", "fetchFromFC", "listFC", "board.post", "board.remove"];

/// The built-in packs.
pub const PACKS: &[Pack] = &[
    Pack { slug: "core", parts: &[LOOK, EDIT, &["exec"], CODE, ASK, DESK] },
    Pack { slug: "files", parts: &[LOOK, EDIT, CODE, ASK, DESK] },
    Pack { slug: "read-only", parts: &[LOOK, CODE, ASK, DESK] },
    Pack { slug: "all", parts: &[&["*"]] },
];

/// A pack of your own: which tools the model can call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UserPack {
    /// The pack to begin with, built in (`core`, `files`, `read-only`, `all`) or your own. Left out: no tools at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// Tools to add, by name; `mcp.*` stands for all whose name begins with `mcp.`, and `*` for all there are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
    /// Tools to take away, written like `with`. Done last, so that it wins.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
}

/// A pack as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackView {
    /// The slug users write.
    pub slug: String,
    /// Names of its tools; none where there is a problem.
    pub tools: Vec<String>,
    /// Whether it comes with Glossator.
    pub built_in: bool,
    /// Why it cannot be used.
    pub problem: Option<String>,
}

/// Why a pack cannot be used; the text is for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// No pack has this slug.
    #[error("there is no pack `{slug}`{hint}{extended} Packs are {all}", hint = end(hint), extended = extended(by))]
    Unknown {
        /// What was asked for.
        slug: String,
        /// What was probably meant, as a clause.
        hint: String,
        /// The pack that extends it.
        by: Option<String>,
        /// All slugs.
        all: String,
    },
    /// Packs that extend each other.
    #[error("packs extend each other in a circle: {0}; take one `extends` away")]
    Cycle(String),
    /// A tool that does not exist.
    #[error("pack `{pack}` names the tool `{tool}`, which does not exist{hint}")]
    UnknownTool {
        /// The pack.
        pack: String,
        /// What it names.
        tool: String,
        /// What was probably meant, as a clause, or which tools there are.
        hint: String,
    },
    /// A star in the middle of a name.
    #[error(
        "pack `{pack}` names `{pattern}`: a `*` may only be the whole name or its end after a dot, as in `mcp.*`"
    )]
    Pattern {
        /// The pack.
        pack: String,
        /// What it names.
        pattern: String,
    },
    /// A user's pack with the slug of a built-in one.
    #[error(
        "`{0}` is built in and cannot be defined anew; give your pack another name and write `extends = \"{0}\"`"
    )]
    BuiltIn(String),
}

fn end(hint: &str) -> &str {
    if hint.is_empty() { "." } else { hint }
}

fn extended(by: &Option<String>) -> String {
    by.as_ref().map(|by| format!(" The pack `{by}` extends it.")).unwrap_or_default()
}

/// Slugs that an error lists.
const LISTED: usize = 30;
/// The namespace whose tools come and go with their servers.
const DYNAMIC: &str = "mcp.";

/// For each of `names`, whether the pack `slug` has it.
pub fn chosen(
    slug: &str,
    packs: &BTreeMap<String, UserPack>,
    names: &[&str],
) -> Result<Vec<bool>, PackError> {
    let (base, chain) = lineage(slug, packs)?;
    let mut chosen = vec![false; names.len()];
    for pattern in base.iter().copied().flatten() {
        mark(&mut chosen, names, pattern, true);
    }
    for (slug, pack) in chain.into_iter().rev() {
        for (patterns, on) in [(&pack.with, true), (&pack.without, false)] {
            for pattern in patterns {
                check(slug, pattern, names)?;
                mark(&mut chosen, names, pattern, on);
            }
        }
    }
    Ok(chosen)
}

type Lineage<'a> = (Parts, Vec<(&'a str, &'a UserPack)>);

/// The tools at the root of a pack, and the user's packs from `slug` towards it.
fn lineage<'a>(slug: &'a str, packs: &'a BTreeMap<String, UserPack>) -> Result<Lineage<'a>, PackError> {
    let mut chain: Vec<(&str, &UserPack)> = Vec::new();
    let mut at = slug;
    loop {
        let built_in = PACKS.iter().find(|pack| pack.slug == at);
        let pack = match (built_in, packs.get_key_value(at)) {
            (Some(_), Some(_)) => return Err(PackError::BuiltIn(at.to_owned())),
            (Some(pack), None) => return Ok((pack.parts, chain)),
            (None, Some(pack)) => pack,
            (None, None) => return Err(unknown(at, packs, chain.last().map(|(by, _)| *by))),
        };
        if let Some(first) = chain.iter().position(|(seen, _)| *seen == at) {
            let circle: Vec<&str> = chain[first..].iter().map(|(slug, _)| *slug).chain([at]).collect();
            return Err(PackError::Cycle(circle.join(" → ")));
        }
        chain.push((pack.0, pack.1));
        match &pack.1.extends {
            Some(next) => at = next,
            None => return Ok((&[], chain)),
        }
    }
}

fn unknown(slug: &str, packs: &BTreeMap<String, UserPack>, by: Option<&str>) -> PackError {
    let all: Vec<&str> = PACKS.iter().map(|pack| pack.slug).chain(packs.keys().map(String::as_str)).collect();
    let more = all.len().saturating_sub(LISTED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    PackError::Unknown {
        slug: slug.to_owned(),
        hint: hint(slug, all.iter().copied()),
        by: by.map(str::to_owned),
        all: format!("{}{more}", all[..all.len().min(LISTED)].join(", ")),
    }
}

/// Whether a pattern says something about the tools there are.
fn check(pack: &str, pattern: &str, names: &[&str]) -> Result<(), PackError> {
    let pack = pack.to_owned();
    let stem = pattern.strip_suffix('*').unwrap_or(pattern);
    if stem.contains('*') || (stem.len() < pattern.len() && !stem.is_empty() && !stem.ends_with('.')) {
        return Err(PackError::Pattern { pack, pattern: pattern.to_owned() });
    }
    if pattern == "*" || pattern.starts_with(DYNAMIC) || names.iter().any(|name| matches(pattern, name)) {
        return Ok(());
    }
    let hint = match hint(pattern, names.iter().copied()) {
        none if none.is_empty() => format!("; tools are {}", names[..names.len().min(LISTED)].join(", ")),
        some => some,
    };
    Err(PackError::UnknownTool { pack, tool: pattern.to_owned(), hint })
}

fn mark(chosen: &mut [bool], names: &[&str], pattern: &str, on: bool) {
    for (chosen, _) in chosen.iter_mut().zip(names).filter(|(_, name)| matches(pattern, name)) {
        *chosen = on;
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(stem) => name.starts_with(stem),
        None => name == pattern,
    }
}
