//! The shape of the workspace: members in layer order, folder = crate name, fixed top level, shared lints.

use super::report::{Problem, holds};
use super::tree;
use serde_json::Value;
use std::collections::BTreeSet;

/// What may stand in the root, besides names with a dot before them.
const TOP: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "clippy.toml",
    "docs",
    "editors",
    "protocol-ext",
    "rustfmt.toml",
    "server",
    "tests",
    "xtask",
];

/// Crates that may know only these others of the workspace, whatever the order of layers would allow.
const KNOWS_ONLY: &[(&str, &[&str])] = &[
    ("glossator-protocol-ext", &[]),
    ("glossator-text", &[]),
    ("glossator-session", &["glossator-text"]),
    ("glossator-patch", &["glossator-text"]),
    ("glossator-context", &["glossator-session", "glossator-text"]),
    ("glossator-review", &["glossator-session", "glossator-text"]),
    ("glossator-workspace", &["glossator-text"]),
    ("glossator-exec", &[]),
    ("glossator-auth", &[]),
    ("glossator-models", &["glossator-session", "glossator-auth"]),
    ("glossator-script", &[]),
    ("glossator-store", &["glossator-session", "glossator-text"]),
];

/// One member as its manifest has it.
pub struct Member {
    pub name: String,
    pub folder: String,
    /// Names of other members in any of its dependency tables.
    pub needs: Vec<String>,
}

#[test]
fn dependencies_point_upward_in_the_list_of_members() {
    holds(
        "root Cargo.toml lists the members in layer order; a crate, its tests too, depends only on crates above it",
        "move the code to the layer that may know both, or put a small trait (a port) into the lower crate; \
         only a change of the design moves a line of `members`",
        order(&members()),
    );
}

#[test]
fn crates_know_only_what_they_may() {
    let problems = members().into_iter().flat_map(|member| {
        let allowed = KNOWS_ONLY.iter().find(|(name, _)| *name == member.name).map(|(_, allowed)| *allowed);
        let strangers =
            member.needs.iter().filter(|need| allowed.is_some_and(|list| !list.contains(&need.as_str())));
        strangers
            .map(|need| manifest(&member, &format!("`{}` may not know `{need}`", member.name)))
            .collect::<Vec<_>>()
    });
    holds(
        "the engines and the doors to the world know plain data only (architecture, \"Who may not know what\")",
        "pass the data in as an argument or through a small trait that the caller implements",
        problems.collect(),
    );
}

#[test]
fn members_are_named_after_their_folder_and_share_the_lints() {
    let members = members();
    let mut problems: Vec<Problem> = members.iter().filter_map(misnamed).collect();
    for member in &members {
        let text = tree::read(&format!("{}/Cargo.toml", member.folder)).unwrap_or_default();
        let table: toml::Table = text.parse().unwrap_or_default();
        if table.get("lints").and_then(|lints| lints.get("workspace")) != Some(&toml::Value::Boolean(true)) {
            problems.push(manifest(member, "lacks `[lints] workspace = true`"));
        }
    }
    let folders: BTreeSet<&str> = members.iter().map(|member| member.folder.as_str()).collect();
    for path in tree::files().into_iter().filter(|path| !tree::is_excluded(path)) {
        if let Some(folder) = path.strip_suffix("/Cargo.toml").filter(|folder| !folders.contains(folder)) {
            problems.push(Problem::new(&path, format!("`{folder}` is not a member of the workspace")));
        }
    }
    holds(
        "each crate is a member, is called glossator-<folder> (the binary: glossator), and has the workspace's lints",
        "rename the package or its folder; add the folder to `members`; add the two lines to the manifest",
        problems,
    );
}

#[test]
fn the_top_level_is_fixed() {
    let names: BTreeSet<String> = tree::files()
        .iter()
        .map(|path| path.split('/').next().unwrap_or_default().to_owned())
        .filter(|name| !name.starts_with('.') && !TOP.contains(&name.as_str()))
        .collect();
    holds(
        "the root holds only what the design's layout names",
        "put it under docs/, editors/, server/ or tests/; what is made by a tool goes into .gitignore",
        names.iter().map(|name| Problem::new(name, "does not belong in the root")).collect(),
    );
}

/// All members in the order of the root manifest.
pub fn members() -> Vec<Member> {
    let root: toml::Table =
        tree::read("Cargo.toml").unwrap_or_default().parse().expect("root Cargo.toml is TOML");
    let packages = tree::members();
    let packages: Vec<&Value> = packages["packages"].as_array().into_iter().flatten().collect();
    let listed = root["workspace"]["members"].as_array().expect("the root manifest lists members");
    let find = |folder: &str| {
        let path = format!("{folder}/Cargo.toml");
        packages
            .iter()
            .find(|package| package["manifest_path"].as_str().map(tree::relative) == Some(path.clone()))
    };
    listed
        .iter()
        .filter_map(|folder| {
            let folder = folder.as_str()?.to_owned();
            let package =
                find(&folder).unwrap_or_else(|| panic!("members lists {folder}, cargo does not know it"));
            let name = package["name"].as_str()?.to_owned();
            let others = package["dependencies"].as_array().into_iter().flatten();
            let others = others.filter(|other| other["path"].is_string());
            let needs = others.filter_map(|other| other["name"].as_str().map(str::to_owned)).collect();
            Some(Member { name, folder, needs })
        })
        .collect()
}

/// Members that need one which stands below them, or themselves.
pub fn order(members: &[Member]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (place, member) in members.iter().enumerate() {
        let above = &members[..place];
        for need in member.needs.iter().filter(|need| !above.iter().any(|other| other.name == **need)) {
            problems.push(manifest(
                member,
                &format!("`{}` depends on `{need}`, which is not above it", member.name),
            ));
        }
    }
    problems
}

fn misnamed(member: &Member) -> Option<Problem> {
    let last = member.folder.rsplit('/').next().unwrap_or_default();
    let right = if last == "glossator" { "glossator".to_owned() } else { format!("glossator-{last}") };
    (member.name != right).then(|| manifest(member, &format!("is called `{}`, not `{right}`", member.name)))
}

fn manifest(member: &Member, what: &str) -> Problem {
    Problem::new(format!("{}/Cargo.toml", member.folder), what)
}
