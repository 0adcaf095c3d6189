//! Roots: what is inside, how it is shown, and everything that tries to get out.

use super::support::folder;
use crate::{PathError, Roots};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// What `resolve` makes of a path, in short.
fn outcome(roots: &Roots, path: &str) -> String {
    match roots.resolve(path) {
        Ok(resolved) => roots.display(&resolved),
        Err(PathError::Outside { .. }) => "OUTSIDE".to_owned(),
        Err(PathError::Git { .. }) => "GIT".to_owned(),
        Err(PathError::Own { .. }) => "OWN".to_owned(),
        Err(PathError::NoFolder { .. }) => "NO FOLDER".to_owned(),
        Err(PathError::Invalid { .. }) => "INVALID".to_owned(),
        Err(PathError::Io { .. }) => "IO".to_owned(),
    }
}

#[test]
fn paths_of_one_folder() {
    let folder = folder(&[("src/a.rs", ""), (".git/config", ""), ("ä ö.txt", ""), (".gitignore", "")]);
    let outside = folder.temp.path().join("secret");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("key"), "k").unwrap();
    symlink(&outside, folder.path("out")).unwrap();
    symlink(outside.join("key"), folder.path("key-link")).unwrap();
    symlink(outside.join("missing"), folder.path("dangling-out")).unwrap();
    symlink("src/missing.rs", folder.path("dangling-in")).unwrap();
    symlink("src", folder.path("source")).unwrap();
    symlink("loop-b", folder.path("loop-a")).unwrap();
    symlink("loop-a", folder.path("loop-b")).unwrap();
    symlink(".git", folder.path("git-link")).unwrap();
    let roots = folder.workspace.roots();
    let absolute = folder.path("src/a.rs");
    let cases = [
        ("src/a.rs", "src/a.rs"),
        ("./src/../src/a.rs", "src/a.rs"),
        ("src/new/deep.rs", "src/new/deep.rs"),
        ("source/a.rs", "src/a.rs"),
        ("source/new.rs", "src/new.rs"),
        ("dangling-in", "src/missing.rs"),
        ("ä ö.txt", "ä ö.txt"),
        (".gitignore", ".gitignore"),
        (".", "."),
        ("", "."),
        (absolute.to_str().unwrap(), "src/a.rs"),
        ("..", "OUTSIDE"),
        ("../x", "OUTSIDE"),
        ("src/../../x", "OUTSIDE"),
        ("missing/../../../x", "OUTSIDE"),
        ("source/../../x", "OUTSIDE"),
        ("/etc/passwd", "OUTSIDE"),
        ("out/key", "OUTSIDE"),
        ("out/new", "OUTSIDE"),
        ("key-link", "OUTSIDE"),
        ("dangling-out", "OUTSIDE"),
        ("loop-a", "IO"),
        ("a\0b", "INVALID"),
        (".git/config", "GIT"),
        (".GIT/config", "GIT"),
        (".git", "GIT"),
        ("sub/.git/hooks/x", "GIT"),
        ("git-link/config", "GIT"),
    ];
    for (path, expected) in cases {
        assert_eq!(outcome(&roots, path), expected, "{path:?}");
    }
    let (resolved, inside) = roots.resolve_any("out/key").unwrap();
    assert!(!inside && resolved.ends_with("secret/key"));
    let message = roots.resolve("out/key").unwrap_err().to_string();
    assert!(
        message.contains("out/key is outside the workspace") && message.contains("secret/key"),
        "{message}"
    );
    assert_eq!(outcome(&roots, &"x".repeat(5000)), "IO");
}

#[test]
fn a_sibling_whose_name_begins_alike_is_outside() {
    let folder = folder(&[]);
    fs::create_dir(folder.temp.path().join("work-two")).unwrap();
    assert_eq!(outcome(&folder.workspace.roots(), "../work-two/x"), "OUTSIDE");
}

#[test]
fn several_folders() {
    let temp = tempfile::tempdir().unwrap();
    let base = temp.path().canonicalize().unwrap();
    for path in ["one/app", "two/app", "lib"] {
        fs::create_dir_all(base.join(path)).unwrap();
    }
    let mut roots =
        Roots::new(vec![base.join("one/app"), base.join("two/app"), base.join("lib"), base.join("lib")]);
    assert_eq!(roots.folders().len(), 3);
    for (path, expected) in [
        ("app/x", "app/x"),
        ("app-2/x", "app-2/x"),
        ("./lib/x", "lib/x"),
        ("lib", "lib"),
        ("other/x", "app/other/x"),
        ("lib/../one/app/x", "app/x"),
        ("lib/../x", "OUTSIDE"),
    ] {
        assert_eq!(outcome(&roots, path), expected, "{path:?}");
    }
    assert_eq!(roots.resolve("app-2/x").unwrap(), base.join("two/app/x"));
    roots.remove(&base.join("one/app"));
    roots.remove(Path::new("/nowhere"));
    assert_eq!(roots.display(&base.join("two/app/x")), "app/x");
    roots.remove(&base.join("lib"));
    assert_eq!(roots.display(&base.join("two/app/x")), "x");
}

#[test]
fn without_folders() {
    let roots = Roots::default();
    assert_eq!(outcome(&roots, "a"), "NO FOLDER");
    assert_eq!(outcome(&roots, "/a"), "OUTSIDE");
    assert_eq!(roots.display(Path::new("/a/b")), "/a/b");
}
