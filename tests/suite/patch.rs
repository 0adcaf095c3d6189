//! `glossator debug patch` over real folders: what may be written, through which paths, and what stands afterwards.

use crate::harness::{PATIENCE, Ran, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tokio::io::AsyncWriteExt;

/// Whatever stands below a folder: permission bits, and text, bytes or where a link leads.
type Tree = BTreeMap<PathBuf, (u32, String)>;

fn tree(folder: &Path) -> Tree {
    let mut all = Tree::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let found = path.symlink_metadata().unwrap();
        let holds = match found.file_type() {
            kind if kind.is_symlink() => format!("-> {}", path.read_link().unwrap().display()),
            kind if kind.is_file() => String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned(),
            kind if kind.is_dir() => {
                all.extend(tree(&path));
                "a folder".to_owned()
            }
            _ => "something else".to_owned(),
        };
        all.insert(path, (found.mode() & 0o7777, holds));
    }
    all
}

async fn patch_in(world: &World, folder: &Path, arguments: &[&str], patch: &[u8]) -> Ran {
    let arguments = [&["debug", "patch"], arguments].concat();
    let mut command = world.program(&arguments);
    let mut child = command.current_dir(folder).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let _ = input.write_all(patch).await;
    drop(input);
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
    let output =
        output.unwrap_or_else(|_| panic!("the patch does not end: {}", String::from_utf8_lossy(patch)));
    let output = output.unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

async fn patch(world: &World, text: &str) -> Ran {
    patch_in(world, &world.workspace(), &[], text.as_bytes()).await
}

/// A world with files to patch and traps beside them.
async fn field() -> World {
    let world = World::new(vec![]).await;
    world.write("a.txt", "one\ntwo\n");
    world.write("d/b.txt", "one\ntwo\n");
    world.write(".git/config", "one\n");
    world.write("sub/.git/config", "one\n");
    world.write("ro/c.txt", "one\n");
    world.write("locked.txt", "one\n");
    let root = world.root();
    fs::create_dir(root.join("outside")).unwrap();
    fs::write(root.join("outside/secret.txt"), "one\n").unwrap();
    for (name, target) in [
        ("alias.txt", "a.txt"),
        ("alias-d", "d"),
        ("out.txt", "../outside/secret.txt"),
        ("out-d", "../outside"),
        ("out-new.txt", "../outside/new.txt"),
        ("git", ".git"),
        ("loop", "loop"),
        ("null", "/dev/null"),
        ("inside-new.txt", "d/new.txt"),
    ] {
        symlink(target, world.path(name)).unwrap();
    }
    assert!(Command::new("mkfifo").arg(world.path("pipe")).status().unwrap().success());
    fs::set_permissions(world.path("locked.txt"), Permissions::from_mode(0o444)).unwrap();
    fs::set_permissions(world.path("ro"), Permissions::from_mode(0o555)).unwrap();
    world
}

fn update(path: &str) -> String {
    format!("*** Begin Patch\n*** Update File: {path}\n-one\n+uno\n*** End Patch\n")
}

fn add(path: &str) -> String {
    format!("*** Begin Patch\n*** Add File: {path}\n+made\n*** End Patch\n")
}

fn delete(path: &str) -> String {
    format!("*** Begin Patch\n*** Delete File: {path}\n*** End Patch\n")
}

fn moved(to: &str) -> String {
    format!("*** Begin Patch\n*** Update File: a.txt\n*** Move to: {to}\n*** End Patch\n")
}

/// Patches that must be refused in the [`field`], and a word of the reason. `secret` is a file outside.
fn refused(secret: &str) -> Vec<(String, &'static str)> {
    let long = "x".repeat(300);
    let quoted = |path: &str| {
        format!(
            "diff --git {path} {path}\nnew file mode 100644\n--- /dev/null\n+++ {path}\n@@ -0,0 +1 @@\n+made\n"
        )
    };
    vec![
        (update(".git/config"), "git's own data"),
        (add(".git/hooks/pre-commit"), "git's own data"),
        (add(".GIT/x"), "git's own data"),
        (add("d/../.git/x"), "git's own data"),
        (delete("sub/.git/config"), "git's own data"),
        (moved(".git/a.txt"), "git's own data"),
        (update("git/config"), "git's own data"),
        (update("../outside/secret.txt"), "outside the workspace"),
        (update(secret), "outside the workspace"),
        (delete(secret), "outside the workspace"),
        (add("/glossator-was-here.txt"), "outside the workspace"),
        (moved("../a.txt"), "outside the workspace"),
        (update("out.txt"), "outside the workspace"),
        (update("out-d/secret.txt"), "outside the workspace"),
        (add("out-d/new.txt"), "outside the workspace"),
        (add("out-new.txt"), "outside the workspace"),
        (moved("out-d/a.txt"), "outside the workspace"),
        (update("null"), "outside the workspace"),
        (update("loop"), "symbolic links"),
        (update("locked.txt"), "read-only"),
        (update("ro/c.txt"), "not writable"),
        (add("ro/new.txt"), "not writable"),
        (delete("ro/c.txt"), "not writable"),
        (moved("ro/a.txt"), "not writable"),
        (update("d"), "folder"),
        (add("d"), "folder"),
        (delete("d"), "folder"),
        (moved("d"), "folder"),
        (update("alias-d"), "folder"),
        (add("."), "folder"),
        (update("pipe"), "not a regular file"),
        (add("pipe"), "not a regular file"),
        (delete("pipe"), "not a regular file"),
        (moved("pipe"), "not a regular file"),
        (add("a.txt/x"), "not a folder"),
        (add(&long), "too long"),
        (quoted("\"b/nul\\000.txt\""), "NUL"),
        (quoted("\"b/../line\\nbreak\""), "outside the workspace"),
        (add("a.txt"), "exists already"),
        (moved("d/b.txt"), "a file stands there"),
        (update("nowhere.txt"), "no such file"),
        (String::new(), "not a patch"),
    ]
}

#[tokio::test]
async fn what_may_not_be_written_is_refused_and_nothing_is_touched() {
    let world = field().await;
    let before = tree(world.root());
    let secret = world.root().join("outside/secret.txt");
    for (text, words) in refused(secret.to_str().unwrap()) {
        let ran = patch(&world, &text).await;
        assert!(ran.code == 1 && ran.err.contains(words), "no {words:?} for\n{text}\n{ran:#?}");
        assert!(ran.err.starts_with("refused, nothing was written:\n") && ran.out.is_empty(), "{ran:#?}");
        // With something that could be done beside it.
        let beside = format!(
            "*** Begin Patch\n*** Update File: d/b.txt\n-two\n+dos\n*** Add File: made.txt\n+x\n{}",
            text.replace("*** Begin Patch\n", "")
        );
        if text.starts_with("***") {
            patch(&world, &beside).await.assert(1);
        }
        assert_eq!(tree(world.root()), before, "{text}");
    }
}

#[tokio::test]
async fn own_state_is_never_written() {
    let world = World::new(vec![]).await;
    fs::create_dir_all(world.state().join("workspaces")).unwrap();
    fs::write(world.state().join("workspaces/log.jsonl"), "one\n").unwrap();
    symlink("state", world.root().join("link")).unwrap();
    for path in ["state/workspaces/log.jsonl", "link/workspaces/log.jsonl"] {
        for text in [update(path), delete(path), add("state/new"), add("link/new")] {
            let ran = patch_in(&world, world.root(), &[], text.as_bytes()).await;
            assert!(ran.assert(1).err.contains("own state"), "{ran:#?}");
        }
    }
    assert_eq!(fs::read_to_string(world.state().join("workspaces/log.jsonl")).unwrap(), "one\n");
    patch_in(&world, world.root(), &[], add("beside.txt").as_bytes()).await.assert(0);
}

#[tokio::test]
async fn links_inside_are_followed_and_stay() {
    let world = field().await;
    patch(&world, &update("alias.txt")).await.assert(0);
    assert_eq!(world.read("a.txt"), "uno\ntwo\n");
    assert!(world.path("alias.txt").is_symlink());
    patch(&world, &update("alias-d/b.txt")).await.assert(0);
    assert_eq!(world.read("d/b.txt"), "uno\ntwo\n");
    patch(&world, &add("alias-d/new/deep.txt")).await.assert(0);
    assert!(world.path("alias-d").is_symlink() && world.read("d/new/deep.txt") == "made\n");
    patch(&world, &add("inside-new.txt")).await.assert(0);
    assert!(world.path("inside-new.txt").is_symlink() && world.read("d/new.txt") == "made\n");
    // Two names of one file are one file: the second part sees what the first did.
    let both = "*** Begin Patch\n*** Update File: alias.txt\n-uno\n+1\n*** Update File: a.txt\n 1\n-two\n+2\n*** End Patch\n";
    patch(&world, both).await.assert(0);
    assert_eq!(world.read("a.txt"), "1\n2\n");
    let absolute = world.path("d/b.txt");
    patch(&world, &update(absolute.to_str().unwrap()).replace("one", "uno").replace("+uno", "+eins"))
        .await
        .assert(0);
    assert_eq!(world.read("d/b.txt"), "eins\ntwo\n");
    // Deleting or moving would be done to the file behind it.
    for text in [
        "*** Begin Patch\n*** Delete File: alias.txt\n*** End Patch\n",
        "*** Begin Patch\n*** Update File: alias.txt\n*** Move to: elsewhere.txt\n*** End Patch\n",
        // Written in ways behind which the system sees the file, or a diff's.
        "*** Begin Patch\n*** Delete File: alias.txt/\n*** End Patch\n",
        "*** Begin Patch\n*** Delete File: alias.txt/.\n*** End Patch\n",
        "*** Begin Patch\n*** Delete File: a/alias.txt\n*** End Patch\n",
        "*** Begin Patch\n*** Update File: b/alias.txt\n*** Move to: elsewhere.txt\n*** End Patch\n",
    ] {
        let ran = patch(&world, text).await;
        assert!(ran.assert(1).err.contains("it is a link to a.txt"), "{ran:#?}");
        assert!(world.path("alias.txt").is_symlink() && world.read("a.txt") == "1\n2\n");
    }
}

#[tokio::test]
async fn what_is_kept_of_a_file() {
    let world = World::new(vec![]).await;
    let utf16 = |text: &str| {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xff, 0xfe].into_iter().chain(units).collect::<Vec<u8>>()
    };
    world.write("run.sh", "one\n");
    fs::set_permissions(world.path("run.sh"), Permissions::from_mode(0o751)).unwrap();
    world.write("wide.txt", utf16("one\r\ntwo"));
    world.write("old.txt", b"\xef\xbb\xbfone\rtwo\r");
    world.write("latin.txt", b"one\ncaf\xe9\n");
    for name in ["run.sh", "wide.txt", "old.txt", "latin.txt"] {
        patch(&world, &update(name)).await.assert(0);
    }
    let bytes = |name: &str| fs::read(world.path(name)).unwrap();
    assert_eq!(bytes("wide.txt"), utf16("uno\r\ntwo"));
    assert_eq!(bytes("old.txt"), b"\xef\xbb\xbfuno\rtwo\r");
    assert_eq!(bytes("latin.txt"), b"uno\ncaf\xe9\n");
    assert_eq!(world.path("run.sh").metadata().unwrap().mode() & 0o777, 0o751);
    let text = "*** Begin Patch\n*** Update File: run.sh\n*** Move to: bin/run.sh\n-uno\n+dos\n*** Delete File: old.txt\n*** End Patch\n";
    patch(&world, text).await.assert(0);
    assert!(!world.exists("run.sh") && !world.exists("old.txt") && world.read("bin/run.sh") == "dos\n");
    assert_eq!(world.path("bin/run.sh").metadata().unwrap().mode() & 0o777, 0o751);
    // Also where the file that moves leaves room for another one.
    world.write("key", "secret\n");
    fs::set_permissions(world.path("key"), Permissions::from_mode(0o600)).unwrap();
    let moved = "*** Begin Patch\n*** Update File: key\n*** Move to: old.key\n*** Add File: key\n+new\n*** End Patch\n";
    patch(&world, moved).await.assert(0);
    assert_eq!((world.read("key").as_str(), world.read("old.key").as_str()), ("new\n", "secret\n"));
    for name in ["key", "old.key"] {
        assert_eq!(world.path(name).metadata().unwrap().mode() & 0o777, 0o600, "{name}");
    }
    let swap = "*** Begin Patch\n*** Update File: bin/run.sh\n*** Move to: bin/run.sh\n*** End Patch\n";
    assert!(patch(&world, swap).await.assert(0).err.contains("leaves this file as it is"));
    assert_eq!(world.read("bin/run.sh"), "dos\n");
}

#[tokio::test]
async fn odd_names_are_files_like_others() {
    let world = World::new(vec![]).await;
    let names = [
        "two\nlines.txt",
        "quote\"s.txt",
        "tab\t.txt",
        "ü – x.txt",
        " leading",
        "-r",
        "*** Begin Patch",
        "a/b.txt",
    ];
    for name in names {
        let quoted: String = name.chars().fold(String::new(), |out, char| match char {
            '\n' => out + "\\n",
            '\t' => out + "\\t",
            '"' => out + "\\\"",
            char => out + &char.to_string(),
        });
        let text = format!("--- /dev/null\n+++ \"b/{quoted}\"\n@@ -0,0 +1 @@\n+one\n");
        patch(&world, &text).await.assert(0);
        assert_eq!(world.read(name), "one\n", "{name:?}");
        let text = format!("--- \"a/{quoted}\"\n+++ \"b/{quoted}\"\n@@ -1 +1 @@\n-one\n+uno\n");
        patch(&world, &text).await.assert(0);
        assert_eq!(world.read(name), "uno\n", "{name:?}");
    }
}

fn result(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:#?}"))
}

#[tokio::test]
async fn the_result_as_data() {
    let world = field().await;
    let text = "*** Begin Patch\n*** Update File: a.txt\n*** Move to: z.txt\n@@\n one\n-two\n+dos\n+tres\n*** Update File: d/b.txt\n@@\n-  two\n+  dos\n*** Add File: n.txt\n+x\n*** End Patch\n";
    let before = tree(world.root());
    for (flags, status) in [(&["--json", "--dry-run"][..], "fits"), (&["--json"], "done")] {
        let ran = patch_in(&world, &world.workspace(), flags, text.as_bytes()).await;
        let found = result(ran.assert(0));
        assert_eq!(found["status"], status);
        let hunk = json!({ "startLine": 2, "oldLines": 1, "newLines": 2 });
        let file = json!({ "path": "z.txt", "movedFrom": "a.txt", "kind": "move", "added": 2, "removed": 1, "hunks": [hunk] });
        assert_eq!(found["files"][0], file);
        assert_eq!(
            (&found["files"][2]["path"], &found["files"][2]["kind"]),
            (&json!("n.txt"), &json!("add"))
        );
        assert!(found["warnings"][0].as_str().unwrap().contains("indentation"), "{found}");
        assert!(found["diff"].as_str().unwrap().contains("-two\n+dos\n+tres\n"), "{found}");
        assert_eq!(tree(world.root()) == before, status == "fits");
    }
    let wrong = "*** Begin Patch\n*** Update File: d/b.txt\n@@\n-one\n+1\n@@\n-nowhere\n+x\n*** Delete File: ../x\n*** Add File: n.txt\n+x\n*** End Patch\n";
    let ran = patch_in(&world, &world.workspace(), &["--json"], wrong.as_bytes()).await;
    let found = result(ran.assert(1));
    assert_eq!(found["status"], "refused");
    let places: Vec<(&Value, &Value)> = found["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| (&problem["file"], &problem["chunk"]))
        .collect();
    let null = Value::Null;
    assert_eq!(places, [(&json!("d/b.txt"), &json!(2)), (&json!("../x"), &null), (&json!("n.txt"), &null)]);
    let ran = patch_in(&world, &world.workspace(), &["--overwrite"], add("n.txt").as_bytes()).await;
    ran.assert(0);
    assert_eq!((world.read("n.txt").as_str(), ran.out.as_str()), ("made\n", "update n.txt +1 -1\n"));
}

#[tokio::test]
async fn a_dry_run_prints_a_diff_that_git_and_the_engine_take() {
    let world = World::new(vec![]).await;
    let long: String = (1..=50).map(|at| format!("line {at}\n")).collect();
    world.write("a.txt", &long);
    world.write("gone.txt", "x\n");
    let text = "*** Begin Patch\n*** Update File: a.txt\n@@\n-line 7\n+line seven\n@@\n-line 40\n*** Delete File: gone.txt\n*** Add File: new.txt\n+n\n*** End Patch\n";
    let ran = patch_in(&world, &world.workspace(), &["--dry-run"], text.as_bytes()).await;
    assert!(ran.assert(0).out.contains("@@ -4,7 +4,7 @@\n line 4\n"), "{ran:#?}");
    assert!(world.read("a.txt") == long && world.exists("gone.txt") && !world.exists("new.txt"));
    patch(&world, &ran.out).await.assert(0);
    assert_eq!(world.read("a.txt"), long.replace("line 7\n", "line seven\n").replace("line 40\n", ""));
    assert!(!world.exists("gone.txt") && world.read("new.txt") == "n\n");
}

#[tokio::test]
async fn exit_codes() {
    let world = field().await;
    let before = tree(world.root());
    for (arguments, text, code) in [
        (&["--nonsense"][..], &b""[..], 2),
        (&["file.patch"], b"", 2),
        (&[], b"", 1),
        (&[], b"no patch\n", 1),
        (&[], b"*** Begin Patch\n*** Update File: a.txt\n-one\n+\xff\n", 1),
        (&["--json"], b"\xff", 1),
        (&["--dry-run"], b"*** Begin Patch\n*** Update File: ro/c.txt\n-one\n+uno\n", 1),
        (&["--dry-run"], b"*** Begin Patch\n*** Update File: a.txt\n-one\n+uno\n", 0),
    ] {
        let ran = patch_in(&world, &world.workspace(), arguments, text).await;
        assert_eq!(ran.code, code, "{arguments:?} {ran:#?}");
        assert_eq!(tree(world.root()), before);
    }
}
