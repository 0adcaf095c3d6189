//! The files of the tree as git sees them, and what `cargo metadata` says about the workspace.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests folder lies in the root").to_path_buf()
}

/// Tracked files and new ones that are not ignored, from the root, sorted; a deleted file is not among them.
pub fn files() -> Vec<String> {
    let listed = run("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let mut files: Vec<String> = listed
        .expect("the rules read the list of files from git")
        .split('\0')
        .filter(|path| !path.is_empty() && root().join(path).is_file())
        .map(str::to_owned)
        .collect();
    files.sort();
    files.dedup();
    files
}

/// Whether a file belongs to a project that the root manifest excludes: it builds with tools of its own.
pub fn is_excluded(path: &str) -> bool {
    let root: toml::Table = read("Cargo.toml").unwrap_or_default().parse().unwrap_or_default();
    let listed = root.get("workspace").and_then(|workspace| workspace.get("exclude"));
    let folders =
        listed.and_then(toml::Value::as_array).into_iter().flatten().filter_map(toml::Value::as_str);
    folders.into_iter().any(|folder| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
}

/// The text of a file; `None` if it is not UTF-8 or gone.
pub fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(root().join(path)).ok()
}

/// The workspace's own packages. Needs no registry.
pub fn members() -> Value {
    metadata(&["--offline", "--no-deps"]).expect("cargo metadata --no-deps")
}

/// Every package: of all platforms if their sources are here, else of this one, else with what cargo can fetch.
pub fn packages() -> Value {
    let host = run("rustc", &["-vV"]).expect("rustc -vV");
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host");
    metadata(&["--offline"])
        .or_else(|_| metadata(&["--offline", "--filter-platform", host]))
        .or_else(|_| metadata(&["--filter-platform", host]))
        .expect("cargo metadata; without a network run `cargo fetch` once before")
}

fn metadata(options: &[&str]) -> Result<Value, String> {
    let text = run(env!("CARGO"), &[&["metadata", "--format-version", "1"], options].concat())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

fn run(program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program).args(arguments).current_dir(root()).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)));
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}

/// An absolute path as the rest of the rules name it: from the root.
pub fn relative(path: &str) -> String {
    let path = Path::new(path);
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().into_owned()
}

/// Whether a file holds test code only, by its place.
pub fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("/tests.rs")
}

/// Whether the rules themselves live in this file; they have to spell what they forbid.
pub fn is_tidy(path: &str) -> bool {
    path == "tests/suite/tidy.rs" || path.starts_with("tests/suite/tidy/")
}
