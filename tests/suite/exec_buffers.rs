//! Commands and unsaved text, over the real server with real commands: overlay, wait, disk and save; and what a command
//! changes comes back as a change set. Tests that need namespaces say so where there are none.

use crate::harness::{Answer, Asked, Ended, Peer, Reply, Who, World, items, script, script_and, until};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::Duration;

const BUG: &str = "one\ntwo\nbug\nfour\nfive\nsix\nseven\n";
const FIXED: &str = "one\ntwo\nfixed\nfour\nfive\nsix\nseven\n";

/// A script that runs shell text and gives the result back.
fn exec(text: &str) -> String {
    format!("return await tools.exec({{ script: {} }});", json!(text))
}

/// A world whose model runs shell text, with `exec.buffers` set.
async fn world(text: &str, buffers: &str) -> World {
    let world = World::new(script_and(&exec(text))).await;
    world.settings("", &format!("[exec]\nbuffers = \"{buffers}\""));
    world
}

/// Whether there can be an overlay here; says so if not. `tests/run` looks the same way, and counts what is left out.
#[allow(clippy::print_stderr)]
fn overlays() -> bool {
    let possible = |arguments: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(arguments).arg("true").stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let possible = possible(&["-m"]) || possible(&["-U", "-r", "-m"]);
    if !possible {
        eprintln!("SKIPPED: there are no namespaces here, so no overlays");
    }
    possible
}

/// Runs a command of git's in the workspace.
fn git(world: &World, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=T", "-c", "user.email=t@example.com"]).args(arguments);
    command.current_dir(world.workspace()).env("HOME", world.root().join("home"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The results of the commands of a turn, in the order in which they ended.
fn results(world: &World, ended: &Ended) -> Vec<Value> {
    ended.assert("done");
    let outputs = items(world, &ended.session).into_iter().filter(|item| item["kind"] == "toolOutput");
    outputs.map(|item| item["outcome"]["Ok"]["value"].clone()).collect()
}

/// The result of the only command.
async fn run(world: &World, peer: &Peer) -> (Ended, Value) {
    let ended = peer.first_turn("Run it").await;
    let mut results = results(world, &ended);
    assert_eq!(results.len(), 1, "{ended:#?}");
    (ended, results.remove(0))
}

fn changes(result: &Value) -> Vec<(String, String, u64, u64)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let change = |one: &Value| {
        (
            text(&one["path"]),
            text(&one["kind"]),
            one["added"].as_u64().unwrap(),
            one["removed"].as_u64().unwrap(),
        )
    };
    result["changes"].as_array().into_iter().flatten().map(change).collect()
}

fn change(path: &str, kind: &str, added: u64, removed: u64) -> (String, String, u64, u64) {
    (path.to_owned(), kind.to_owned(), added, removed)
}

/// The hunks of the change set of a result, as they were intended.
fn hunks(world: &World, ended: &Ended, result: &Value) -> Vec<(String, String)> {
    let id = result["changeSet"].as_str().unwrap_or_else(|| panic!("no change set: {result}"));
    let all = items(world, &ended.session);
    let of_set = |item: &&Value| item["changeSet"] == id && item["state"]["is"] == "intended";
    let intended = all.iter().find(of_set).expect("it is written down before it is made");
    let committed = |item: &Value| item["changeSet"] == id && item["state"]["is"] == "committed";
    assert!(all.iter().any(committed), "{all:#?}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let hunks = intended["state"]["hunks"].as_array().unwrap();
    hunks.iter().map(|hunk| (text(&hunk["base"]), text(&hunk["proposed"]))).collect()
}

fn mode(world: &World, name: &str) -> u32 {
    std::fs::metadata(world.path(name)).unwrap().permissions().mode() & 0o777
}

/// Opens `name` as it is on disk and types over it.
fn type_unsaved(world: &World, peer: &Peer, name: &str, text: &str) -> String {
    let uri = world.uri(name);
    peer.open(&uri, &world.read(name));
    peer.type_over(&uri, text);
    uri
}

#[tokio::test]
async fn a_test_suite_passes_against_an_unsaved_fix() {
    if !overlays() {
        return;
    }
    let world = world("sh test.sh", "auto").await;
    world.write("a.txt", BUG);
    world.write("test.sh", "grep -q fixed a.txt && echo passed\n");
    let peer = Peer::allowing(&world).await;
    let uri = type_unsaved(&world, &peer, "a.txt", FIXED);
    let (_, result) = run(&world, &peer).await;
    assert_eq!((&result["exitCode"], &result["stdout"]), (&json!(0), &json!("passed\n")), "{result}");
    assert_eq!((&result["buffers"], &result["unsavedBuffers"]), (&json!("overlay"), &Value::Null));
    assert_eq!((&result["changes"], &result["notes"]), (&Value::Null, &Value::Null), "{result}");
    assert_eq!((world.read("a.txt").as_str(), peer.text(&uri).as_str()), (BUG, FIXED));
    assert_eq!(peer.leave().await, 0);
}

#[tokio::test]
async fn changes_come_back_as_hunks_in_the_buffer_and_on_disk() {
    if !overlays() {
        return;
    }
    let text = "sed -i 's/six/SIX/' open.txt && echo more >> open.txt && sed -i 's/five/FIVE/' closed.txt && chmod +x tool && cat new.txt";
    let world = world(text, "overlay").await;
    for name in ["open.txt", "closed.txt", "tool"] {
        world.write(name, BUG);
    }
    let peer = Peer::allowing(&world).await;
    let uri = type_unsaved(&world, &peer, "open.txt", FIXED);
    peer.open(&world.uri("new.txt"), "not on disk\n");
    peer.type_over(&world.uri("new.txt"), "not on disk yet\n");
    let (ended, result) = run(&world, &peer).await;
    assert_eq!(
        (&result["exitCode"], &result["stdout"]),
        (&json!(0), &json!("not on disk yet\n")),
        "{result}"
    );
    let expected = [change("closed.txt", "update", 1, 1), change("open.txt", "update", 2, 1)];
    assert_eq!(changes(&result), expected);
    let expected = [("five\n", "FIVE\n"), ("six\n", "SIX\n"), ("", "more\n")];
    assert_eq!(hunks(&world, &ended, &result), expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    assert_eq!(result["notReversible"], json!([{ "path": "tool", "why": "its permissions changed" }]));
    // The unsaved fix is where it was, and the disk below it as well.
    assert_eq!(peer.text(&uri), FIXED.replace("six", "SIX") + "more\n");
    assert_eq!(world.read("open.txt"), BUG);
    assert_eq!(world.read("closed.txt"), BUG.replace("five", "FIVE"));
    assert!(!world.exists("new.txt") && mode(&world, "tool") & 0o100 != 0);
    peer.undo(&ended.session).await;
    assert_eq!((peer.text(&uri).as_str(), world.read("closed.txt").as_str()), (FIXED, BUG));
    assert_eq!(peer.leave().await, 0);
}

#[tokio::test]
async fn a_commit_is_real_and_takes_the_unsaved_text() {
    if !overlays() {
        return;
    }
    let commit = "git -c user.name=T -c user.email=t@example.com commit -qam fix && git status --short";
    let world = world(commit, "auto").await;
    world.write("a.txt", BUG);
    git(&world, &["init", "-q"]);
    git(&world, &["add", "."]);
    git(&world, &["commit", "-qm", "begin"]);
    let peer = Peer::allowing(&world).await;
    type_unsaved(&world, &peer, "a.txt", FIXED);
    let (_, result) = run(&world, &peer).await;
    assert_eq!((&result["exitCode"], &result["stdout"]), (&json!(0), &json!("")), "{result}");
    assert_eq!(git(&world, &["log", "--format=%s"]), "fix\nbegin\n");
    assert_eq!(git(&world, &["show", "HEAD:a.txt"]), FIXED);
    assert_eq!((&result["changes"], world.read("a.txt").as_str()), (&Value::Null, BUG));
}

#[tokio::test]
async fn an_ignored_file_with_unsaved_text_is_the_users() {
    if !overlays() {
        return;
    }
    let world = world("sed -i 's/six/SIX/' .env", "auto").await;
    world.write(".gitignore", ".env\n");
    world.write(".env", BUG);
    let peer = Peer::allowing(&world).await;
    let uri = type_unsaved(&world, &peer, ".env", FIXED);
    let (_, result) = run(&world, &peer).await;
    assert_eq!(changes(&result), [change(".env", "update", 1, 1)], "{result}");
    assert_eq!((world.read(".env").as_str(), peer.text(&uri)), (BUG, FIXED.replace("six", "SIX")));
}

#[tokio::test]
async fn output_lands_in_the_real_ignored_folders() {
    if !overlays() {
        return;
    }
    let text = "echo old-folder > target/out && mkdir -p build/deep && printf 'new\\000folder' > build/deep/out && chmod 755 build/deep/out && ln -s deep/out build/link";
    let world = world(text, "auto").await;
    world.write(".gitignore", "/target\nbuild/\n");
    world.write("target/before", "");
    let peer = Peer::allowing(&world).await;
    let (_, result) = run(&world, &peer).await;
    assert_eq!(result["exitCode"], 0, "{result}");
    assert_eq!((&result["changes"], &result["notReversible"]), (&Value::Null, &Value::Null), "{result}");
    assert_eq!(
        (world.read("target/out").as_str(), world.read("build/deep/out").as_str()),
        ("old-folder\n", "new\0folder")
    );
    assert_eq!((mode(&world, "build/deep/out"), world.read("build/link").as_str()), (0o755, "new\0folder"));
}

#[tokio::test]
async fn the_borders_of_an_overlay_are_explained() {
    if !overlays() {
        return;
    }
    for (text, words) in [
        ("ln a.txt .git/a.txt", &["EXDEV", ".git is a mount", "Copy and delete instead"][..]),
        ("mv .git other", &["EBUSY", ".git is a mount", "Empty it instead"]),
        ("perl -e 'rename(\"target\", \"build\") or die $!'", &["EXDEV", "cannot be renamed in one step"]),
        ("echo Device or resource busy >&2; exit 1", &[]),
        ("rmdir target", &[]),
    ] {
        let world = world(text, "auto").await;
        world.write(".gitignore", "/target\n");
        world.write("target/before", "");
        world.write("a.txt", BUG);
        world.write(".git/x", "");
        let peer = Peer::allowing(&world).await;
        let (_, result) = run(&world, &peer).await;
        assert_ne!(result["exitCode"], 0, "{result}");
        let note = result["notes"][0].as_str().unwrap_or_default();
        assert!(
            words.iter().all(|word| note.contains(word)) && note.is_empty() == words.is_empty(),
            "{result}"
        );
    }
}

/// Everyday commands on ignored folders, and what is there afterwards; nothing of it is told.
#[rustfmt::skip]
const IGNORED: &[(&str, &str)] = &[
    ("true", "dist dist/a dist/sub dist/sub/b"),
    ("rm -rf dist && mkdir dist && echo x > dist/out", "dist dist/out"),
    ("rm -rf dist", ""),
    ("rm -rf dist/*", "dist"),
    ("mv dist dist.old", "dist.old dist.old/a dist.old/sub dist.old/sub/b"),
    ("rm -rf dist && mkdir -p dist/sub && echo b > dist/sub/b", "dist dist/sub dist/sub/b"),
    ("mv dist/sub dist/.sub-x && mkdir dist/sub && echo c > dist/sub/c && rm -rf dist/.sub-x", "dist dist/a dist/sub dist/sub/c"),
    ("mv dist/sub/b dist/b && rmdir dist/sub", "dist dist/a dist/b"),
    ("rm -rf dist && echo x > dist", "dist"),
    ("rm -rf dist && mkdir dist.new && ln -s dist.new dist && echo x > dist/out", "dist dist.new dist.new/out"),
    ("chmod -R a-w dist && chmod -R u+w dist && rm -r dist && mkdir -m 500 dist", "dist"),
    ("git clean -qfdx && mkdir dist", "dist"),
    ("mkfifo dist/pipe && rm dist/a && mv dist/pipe dist/a", "dist dist/a dist/sub dist/sub/b"),
];

#[tokio::test]
async fn ignored_folders_are_like_all_others() {
    if !overlays() {
        return;
    }
    for (text, expected) in IGNORED {
        let world = world(text, "auto").await;
        world.write(".gitignore", "dist*\n");
        world.write("dist/a", "a");
        world.write("dist/sub/b", "b\n");
        git(&world, &["init", "-q"]);
        git(&world, &["add", ".gitignore"]);
        let peer = Peer::allowing(&world).await;
        let (_, result) = run(&world, &peer).await;
        assert_eq!(result["exitCode"], 0, "{text}: {result}");
        for quiet in ["changes", "notes", "notReversible", "notApplied"] {
            assert_eq!(result[quiet], Value::Null, "{text}: {result}");
        }
        let found = shell(&world, "find dist* 2> /dev/null | sort");
        assert_eq!(found.split_whitespace().collect::<Vec<_>>().join(" "), *expected, "{text}");
    }
}

/// What a shell prints in the workspace, without the server.
fn shell(world: &World, text: &str) -> String {
    let output = Command::new("bash").args(["-c", text]).current_dir(world.workspace()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn what_is_not_in_git_and_cleaned_away_comes_back_by_undo() {
    if !overlays() {
        return;
    }
    let world = world("git clean -fdx", "auto").await;
    for (name, text) in
        [(".gitignore", "*.o\n"), ("a.o", "\0"), ("new/b.o", "\0"), ("new/mine.txt", "mine\n")]
    {
        world.write(name, text);
    }
    git(&world, &["init", "-q"]);
    git(&world, &["add", ".gitignore"]);
    let peer = Peer::allowing(&world).await;
    let (ended, result) = run(&world, &peer).await;
    assert_eq!(changes(&result), [change("new/mine.txt", "delete", 0, 1)], "{result}");
    assert!(!world.exists("new") && !world.exists("a.o"));
    peer.undo(&ended.session).await;
    assert_eq!(world.read("new/mine.txt"), "mine\n");
}

const MAKEFILE: &str = "out/all: out/a.o out/b.o out\n\tcat out/a.o out/b.o > $@\nout/%.o: src/%.c out\n\tcp $< $@\n\ttouch out/stamp\nout: list\n\tmkdir -p out && touch out\n";

#[tokio::test]
async fn what_is_built_stays_fresh() {
    if !overlays() {
        return;
    }
    let make = "make -s -j1 out/all && make -q out/all && sleep 0.05";
    let again = "make -q out/all; echo $?; touch src/a.c; make -q out/all; echo $?; touch -r list src/a.c";
    let source = format!(
        "const all = [];\nfor (const script of [{}, {}, {}]) all.push((await tools.exec({{ script }})).stdout);\nreturn all;",
        json!(make),
        json!("find out -printf '%p %T@\\n' | sort"),
        json!(again)
    );
    let world = World::new(script_and(&source)).await;
    // Folders count here as well, so only their last time does.
    for (name, text) in [(".gitignore", "/out\n"), ("list", ""), ("src/a.c", "a\n"), ("src/b.c", "b\n")] {
        world.write(name, text);
    }
    world.write("Makefile", MAKEFILE.replace(" out\n\tc", " | out\n\tc"));
    shell(&world, "touch -d '1 hour ago' list src/*");
    let peer = Peer::allowing(&world).await;
    let ended = peer.first_turn("Build").await;
    let results = results(&world, &ended);
    assert_eq!(results[0]["exitCode"], 0, "{results:#?}");
    assert_eq!(results[2]["stdout"], "0\n1\n", "{results:#?}");
    assert_eq!(results[1]["stdout"], shell(&world, "find out -printf '%p %T@\\n' | sort"));
    assert_eq!(shell(&world, "make -q out/all; echo $?"), "0\n");
    assert!(results.iter().all(|one| one["changes"].is_null() && one["notes"].is_null()), "{results:#?}");
}

#[tokio::test]
async fn what_is_built_of_changed_files_stays_fresh() {
    if !overlays() {
        return;
    }
    let source = format!(
        "await tools.exec({{ script: {} }});\nreturn await tools.exec({{ script: {} }});",
        json!("sed -i s/a/A/ src/a.c && make -s -j1 out/all gen.o"),
        json!("make -q out/all gen.o")
    );
    let world = World::new(script_and(&source)).await;
    for (name, text) in [(".gitignore", "/out\n"), ("list", ""), ("src/a.c", "a\n"), ("src/b.c", "b\n")] {
        world.write(name, text);
    }
    let generated = "gen.c: list\n\techo generated > $@\ngen.o: gen.c\n\tsleep 0.05; printf '\\000' > $@\n";
    world.write("Makefile", MAKEFILE.replace(" out\n\tc", " | out\n\tc") + generated);
    shell(&world, "touch -d '1 hour ago' list src/*");
    let peer = Peer::allowing(&world).await;
    let ended = peer.first_turn("Build").await;
    let results = results(&world, &ended);
    assert_eq!(results[1]["exitCode"], 0, "{results:#?}");
    assert_eq!(changes(&results[0]), [change("gen.c", "add", 1, 0), change("src/a.c", "update", 1, 1)]);
}

#[tokio::test]
async fn a_file_of_two_names_stays_one() {
    if !overlays() {
        return;
    }
    let text = "mkdir -p target/deps && echo 1 > target/deps/new && ln target/deps/new target/new && ln target/old target/older";
    let world = world(text, "auto").await;
    world.write(".gitignore", "/target\n");
    world.write("target/old", "x");
    std::fs::hard_link(world.path("target/old"), world.path("target/pair")).unwrap();
    let peer = Peer::allowing(&world).await;
    let (_, result) = run(&world, &peer).await;
    assert_eq!(result["exitCode"], 0, "{result}");
    let inode =
        |name: &str| std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(world.path(name)).unwrap());
    assert_eq!(inode("target/deps/new"), inode("target/new"));
    assert_eq!((inode("target/older"), inode("target/pair")), (inode("target/old"), inode("target/old")));
}

#[tokio::test]
async fn many_new_ignored_files_land_soon() {
    if !overlays() {
        return;
    }
    let text = "mkdir target && cd target && for i in $(seq 2000); do echo $i > $i; done";
    let world = world(text, "auto").await;
    world.write(".gitignore", "/target\n");
    let peer = Peer::allowing(&world).await;
    let (_, result) = run(&world, &peer).await;
    assert_eq!((&result["exitCode"], &result["notes"]), (&json!(0), &Value::Null), "{result}");
    assert_eq!(std::fs::read_dir(world.path("target")).unwrap().count(), 2000);
}

/// What commands on an overlay cost in a tree of 20,000 files. By hand; `GLOSSATOR_BIN` names another program.
#[tokio::test]
#[ignore = "a measurement"]
#[allow(clippy::print_stdout)]
async fn costs_of_overlays() {
    let make = "mkdir target && cd target && for i in $(seq 2000); do echo $i > $i; done";
    let runs = ["./true.sh", "./true.sh", make, "rm -r target", "./true.sh"];
    let source = format!("for (const script of {}) await tools.exec({{ script }});", json!(runs));
    let world = World::new(script_and(&source)).await;
    world.write(".gitignore", "/target\n");
    world.write("true.sh", "#!/bin/sh\n");
    let tree = "for d in $(seq 100); do mkdir -p s/$d; for i in $(seq 200); do echo > s/$d/$i; done; done";
    shell(&world, &format!("chmod +x true.sh; {tree}"));
    git(&world, &["init", "-q"]);
    git(&world, &["add", "."]);
    let peer = Peer::allowing(&world).await;
    let ended = peer.first_turn("Measure").await;
    ended.assert("done");
    let outputs = items(&world, &ended.session).into_iter().filter(|item| item["kind"] == "toolOutput");
    for (script, output) in runs.iter().zip(outputs) {
        let own = &output["outcome"]["Ok"]["value"]["durationMs"];
        println!("{} ms, of which the command itself {own} ms: {script}", output["millis"]);
    }
}

#[tokio::test]
async fn unsaved_text_in_an_ignored_folder_is_not_removed_unseen() {
    if !overlays() {
        return;
    }
    let world = world("rm -rf dist", "auto").await;
    world.write(".gitignore", "/dist\n");
    world.write("dist/sub/notes.txt", BUG);
    world.write("dist/sub/more/out", "");
    world.write("dist/out", "");
    let peer = Peer::allowing(&world).await;
    type_unsaved(&world, &peer, "dist/sub/notes.txt", FIXED);
    let (_, result) = run(&world, &peer).await;
    assert!(!world.exists("dist/out") && !world.exists("dist/sub/more"), "{result}");
    // It is the user's: a change that can be taken back, or none.
    // It is the user's, and this editor deletes no open files.
    assert_eq!(result["notApplied"][0]["path"], "dist/sub/notes.txt", "{result}");
    assert_eq!(world.read("dist/sub/notes.txt"), BUG);
}

#[tokio::test]
async fn a_commit_in_a_repository_deep_inside_is_real() {
    if !overlays() {
        return;
    }
    let commit = "cd a/b/c && git -c user.name=T -c user.email=t@example.com commit -qam deep && git gc -q && git status --short";
    let world = world(commit, "auto").await;
    world.write("a/b/c/x.txt", BUG);
    shell(&world, "cd a/b/c && git init -q && git add . ");
    let peer = Peer::allowing(&world).await;
    let (_, result) = run(&world, &peer).await;
    assert_eq!((&result["exitCode"], &result["stdout"]), (&json!(0), &json!("")), "{result}");
    assert_eq!((&result["changes"], &result["notes"]), (&Value::Null, &Value::Null), "{result}");
    let log = shell(&world, "cd a/b/c && git fsck --strict && git status --short && git log --format=%s");
    assert_eq!(log, "deep\n");
}

#[tokio::test]
async fn a_time_limit_keeps_what_was_built() {
    if !overlays() {
        return;
    }
    let source = "return await tools.exec({ script: \"rm -r target; mkdir target; echo half > target/out; sleep 60\", timeoutMs: 1000 });";
    let world = World::new(script_and(source)).await;
    world.write(".gitignore", "/target\n");
    world.write("target/old", "");
    let peer = Peer::allowing(&world).await;
    let (_, result) = run(&world, &peer).await;
    assert_eq!(result["exitCode"], 124, "{result}");
    assert_eq!((world.read("target/out").as_str(), world.exists("target/old")), ("half\n", false));
}

#[tokio::test]
async fn a_daemon_that_is_left_behind_is_ended() {
    if !overlays() {
        return;
    }
    let text = "(setsid sh -c 'echo started > early.txt; sleep 4; echo late > late.txt' >/dev/null 2>&1 &); while ! test -e early.txt; do sleep 0.05; done";
    let world = world(text, "auto").await;
    let peer = Peer::allowing(&world).await;
    let (_, result) = run(&world, &peer).await;
    assert_eq!(changes(&result), [change("early.txt", "add", 1, 0)], "{result}");
    tokio::time::sleep(Duration::from_millis(4500)).await;
    assert!(world.exists("early.txt") && !world.exists("late.txt"));
}

/// What a command creates, deletes, moves and rewrites is taken back by undo, in any mode.
async fn undone(buffers: &str) {
    let text = "rm gone.sh && mkdir -p new/deep && echo made > new/deep/made.txt && mv moved.txt to.txt && sed -i 's/six/SIX/' kept.txt && rm -r folder";
    let world = world(text, buffers).await;
    for (name, text) in [
        ("gone.sh", "#!/bin/sh\n"),
        ("moved.txt", "a text of its own\n"),
        ("kept.txt", BUG),
        ("committed.txt", BUG),
        ("folder/x.txt", "x\n"),
        ("folder/sub/y.txt", "y\n"),
        ("latin.txt", "placeholder"),
    ] {
        world.write(name, text);
    }
    std::fs::set_permissions(world.path("gone.sh"), std::fs::Permissions::from_mode(0o750)).unwrap();
    git(&world, &["init", "-q"]);
    git(&world, &["add", "gone.sh", "kept.txt", "committed.txt"]);
    git(&world, &["commit", "-qm", "begin"]);
    let peer = Peer::allowing(&world).await;
    let (ended, result) = run(&world, &peer).await;
    let expected = [
        change("folder/sub/y.txt", "delete", 0, 1),
        change("folder/x.txt", "delete", 0, 1),
        change("gone.sh", "delete", 0, 1),
        change("kept.txt", "update", 1, 1),
        change("to.txt", "move", 0, 0),
        change("new/deep/made.txt", "add", 1, 0),
    ];
    let mut found = changes(&result);
    found.sort();
    let mut expected = expected.to_vec();
    expected.sort();
    assert_eq!(found, expected, "{result}");
    assert_eq!((&result["notReversible"], &result["notApplied"]), (&Value::Null, &Value::Null), "{result}");
    assert!(!world.exists("gone.sh") && !world.exists("folder") && !world.exists("moved.txt"));
    assert_eq!(
        (world.read("new/deep/made.txt").as_str(), world.read("to.txt").as_str()),
        ("made\n", "a text of its own\n")
    );
    let undone = peer.undo(&ended.session).await;
    assert_eq!(undone["files"].as_array().unwrap().len(), 6, "{undone}");
    assert_eq!((mode(&world, "gone.sh"), world.read("gone.sh").as_str()), (0o750, "#!/bin/sh\n"));
    assert_eq!(
        (world.read("moved.txt").as_str(), world.read("kept.txt").as_str()),
        ("a text of its own\n", BUG)
    );
    assert_eq!(
        (world.read("folder/x.txt").as_str(), world.read("folder/sub/y.txt").as_str()),
        ("x\n", "y\n")
    );
    assert!(!world.exists("new") && !world.exists("to.txt"), "{undone}");
    assert_eq!(peer.leave().await, 0);
}

#[tokio::test]
async fn undo_takes_back_what_a_command_did_on_an_overlay() {
    if overlays() {
        undone("overlay").await;
    }
}

#[tokio::test]
async fn undo_takes_back_what_a_command_did_on_the_disk() {
    undone("disk").await;
}

/// What cannot be taken back is named, in any mode.
async fn named(buffers: &str) {
    let text = "printf 'a\\000c' > picture.bin && ln -sf a.txt link && sed -i 's/six/SIX/' a.txt";
    let world = world(text, buffers).await;
    world.write("a.txt", BUG);
    world.write("picture.bin", "a\0b");
    let peer = Peer::allowing(&world).await;
    let (_, result) = run(&world, &peer).await;
    assert_eq!(changes(&result), [change("a.txt", "update", 1, 1)], "{result}");
    let named = result["notReversible"].as_array().unwrap();
    let paths: Vec<&str> = named.iter().map(|one| one["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["link", "picture.bin"], "{result}");
    assert_eq!(world.read("picture.bin"), "a\0c");
    assert_eq!(std::fs::read_link(world.path("link")).unwrap().to_str(), Some("a.txt"));
}

#[tokio::test]
async fn what_cannot_be_taken_back_is_named_on_an_overlay() {
    if overlays() {
        named("overlay").await;
    }
}

#[tokio::test]
async fn what_cannot_be_taken_back_is_named_on_the_disk() {
    named("disk").await;
}

#[tokio::test]
async fn of_two_commands_that_change_the_same_lines_one_is_refused() {
    if !overlays() {
        return;
    }
    // Neither ends before both have written. They see nothing of each other but what is outside.
    let one = |word: &str, other: &str| {
        let wait = format!("while ! test -e ../{other}; do sleep 0.02; done");
        json!(format!("sed -i 's/four/{word}/' a.txt; touch ../{word}; {wait}"))
    };
    let source = format!(
        "const both = await Promise.all([{}, {}].map((script) => tools.exec({{ script }})));\nreturn both.map((one) => one.exitCode);",
        one("A", "B"),
        one("B", "A"),
    );
    let world = World::new(script_and(&source)).await;
    world.write("a.txt", BUG);
    let peer = Peer::allowing(&world).await;
    let ended = peer.first_turn("Run them").await;
    let results = results(&world, &ended);
    let (made, refused): (Vec<&Value>, Vec<&Value>) =
        results.iter().partition(|one| one["changes"].is_array());
    assert_eq!((made.len(), refused.len()), (1, 1), "{results:#?}");
    let refused = &refused[0]["notApplied"][0];
    assert_eq!(refused["path"], "a.txt", "{refused}");
    assert!(refused["why"].as_str().unwrap().contains("changed"), "{refused}");
    assert!(refused["fileKey"].is_string(), "its text is kept: {refused}");
    let text = world.read("a.txt");
    assert!([BUG.replace("four", "A"), BUG.replace("four", "B")].contains(&text), "{text}");
}

#[tokio::test]
async fn typing_while_a_command_runs_is_never_lost() {
    if !overlays() {
        return;
    }
    let text = "touch ../on; while ! test -e ../go; do sleep 0.02; done; sed -i 's/six/SIX/' a.txt; sed -i 's/four/FOUR/' b.txt";
    let world = world(text, "auto").await;
    for name in ["a.txt", "b.txt"] {
        world.write(name, BUG);
    }
    let peer = Peer::allowing(&world).await;
    let (a, b) = (world.uri("a.txt"), world.uri("b.txt"));
    peer.open(&a, BUG);
    peer.open(&b, BUG);
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Run it").await;
    until("the command runs", || world.root().join("on").exists()).await;
    // Elsewhere in one file, in the same line of the other.
    peer.type_over(&a, FIXED);
    peer.type_over(&b, &BUG.replace("four", "vier"));
    peer.alive().await;
    std::fs::write(world.root().join("go"), "").unwrap();
    let ended = peer.end(&session, &turn).await;
    let result = results(&world, &ended).remove(0);
    assert_eq!(changes(&result), [change("a.txt", "update", 1, 1)], "{result}");
    assert_eq!((peer.text(&a), peer.text(&b)), (FIXED.replace("six", "SIX"), BUG.replace("four", "vier")));
    let refused = &result["notApplied"][0];
    assert_eq!(refused["path"], "b.txt", "{result}");
    assert!(refused["why"].as_str().unwrap().contains("vier"), "{refused}");
}

#[tokio::test]
async fn protected_files_are_asked_for_and_else_dropped() {
    if !overlays() {
        return;
    }
    let world = world("mkdir .vscode && echo '{}' > .vscode/tasks.json && echo x > free.txt", "auto").await;
    let deny_edits = |asked: &Asked| {
        let kind = asked.params["ask"]["subject"]["kind"].as_str()?;
        let decision = if kind == "edit" { "deny" } else { "allow" };
        Some(Answer::Result(json!({ "decision": decision, "message": "not that" })))
    };
    let peer = Peer::with(&world, &Who::extension(), deny_edits).await;
    let (ended, result) = run(&world, &peer).await;
    assert_eq!(changes(&result), [change("free.txt", "add", 1, 0)], "{result}");
    let refused = &result["notApplied"][0];
    assert_eq!(refused["path"], ".vscode/tasks.json", "{result}");
    assert!(refused["why"].as_str().unwrap().contains("not that"), "{refused}");
    assert!(world.exists("free.txt") && !world.exists(".vscode/tasks.json"));
    let asked = ended.updates("ask");
    let edit = asked.iter().find(|one| one["ask"]["subject"]["kind"] == "edit").unwrap();
    assert_eq!(edit["ask"]["subject"]["hunks"][0]["proposed"], "{}\n");
    assert!(edit["ask"]["subject"]["diff"].as_str().unwrap().contains("+{}"), "{edit}");
}

#[tokio::test]
async fn review_before_asks_hunk_by_hunk() {
    if !overlays() {
        return;
    }
    let world = World::new(script_and(&exec("sed -i -e 's/two/TWO/' -e 's/six/SIX/' a.txt"))).await;
    world.settings("", "[edits]\nreview = \"before\"");
    world.write("a.txt", BUG);
    let second = |asked: &Asked| {
        let kind = asked.params["ask"]["subject"]["kind"].as_str()?;
        let answer = json!({ "decision": "allow" });
        let chosen = json!({ "decision": "allow", "hunks": [2] });
        Some(Answer::Result(if kind == "edit" { chosen } else { answer }))
    };
    let peer = Peer::with(&world, &Who::extension(), second).await;
    let (_, result) = run(&world, &peer).await;
    assert_eq!(world.read("a.txt"), BUG.replace("six", "SIX"));
    assert_eq!(changes(&result), [change("a.txt", "update", 1, 1)], "{result}");
    assert!(result["notApplied"][0]["why"].as_str().unwrap().contains("line 2"), "{result}");
}

#[tokio::test]
async fn what_a_command_did_unasked_waits_for_review() {
    let world = World::new(script_and(&exec("sed -i -e 's/two/TWO/' -e 's/six/SIX/' a.txt"))).await;
    world.settings("", "[edits]\nreview = \"before\"\n[exec]\nbuffers = \"disk\"");
    world.write("a.txt", BUG);
    let peer = Peer::allowing(&world).await;
    let (ended, result) = run(&world, &peer).await;
    assert_eq!(result["buffers"], "disk", "{result}");
    let params = json!({ "sessionId": ended.session, "all": true });
    let read = peer.ok("glossator/changeSet/read", params).await;
    let states: Vec<&Value> = read["hunks"].as_array().unwrap().iter().map(|hunk| &hunk["state"]).collect();
    assert_eq!(states, ["pending", "pending"], "{read}");
}

#[tokio::test]
async fn a_stopped_command_loses_nothing() {
    if !overlays() {
        return;
    }
    let world = world(
        "sed -i 's/six/SIX/' a.txt; rm target/x; echo half > target/out; touch ../on; sleep 60",
        "auto",
    )
    .await;
    world.write(".gitignore", "/target\n");
    world.write("target/x", "");
    world.write("a.txt", BUG);
    let peer = Peer::allowing(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Run it").await;
    until("the command runs", || world.root().join("on").exists()).await;
    peer.interrupt(&session).await;
    peer.end(&session, &turn).await.assert("interrupted");
    assert_eq!(world.read("a.txt"), BUG.replace("six", "SIX"));
    assert_eq!((world.read("target/out").as_str(), world.exists("target/x")), ("half\n", false));
    let stored = items(&world, &session);
    let output = stored.iter().find(|item| item["kind"] == "toolOutput").unwrap();
    let said = output["outcome"]["Err"]["message"].as_str().unwrap_or_else(|| panic!("{output}"));
    assert!(said.contains("a.txt") && said.contains("can be undone"), "{said}");
    peer.undo(&session).await;
    assert_eq!(world.read("a.txt"), BUG);
}

#[tokio::test]
async fn on_the_disk_the_files_that_are_older_are_named() {
    let world = world("cat a.txt; sed -i 's/six/SIX/' b.txt", "disk").await;
    world.write("a.txt", BUG);
    world.write("b.txt", BUG);
    let peer = Peer::allowing(&world).await;
    type_unsaved(&world, &peer, "a.txt", FIXED);
    let (ended, result) = run(&world, &peer).await;
    assert_eq!((&result["buffers"], &result["unsavedBuffers"]), (&json!("disk"), &json!(["a.txt"])));
    assert_eq!((&result["stdout"], &result["notes"]), (&json!(BUG), &Value::Null));
    assert_eq!(hunks(&world, &ended, &result), [("six\n".to_owned(), "SIX\n".to_owned())]);
}

#[tokio::test]
async fn a_waiting_command_starts_when_all_is_saved() {
    let world = world("sh show.sh", "wait").await;
    world.write("show.sh", "cat a.txt\n");
    world.settings("policy = \"full\"", "[exec]\nbuffers = \"wait\"");
    world.write("a.txt", BUG);
    let peer = Peer::start(&world).await;
    peer.ok("glossator/trust/set", json!({ "trusted": true })).await;
    let uri = type_unsaved(&world, &peer, "a.txt", FIXED);
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Run it").await;
    let asks = peer.asks(&session, &turn, 1).await;
    assert!(asks[0]["reason"].as_str().unwrap().contains("unsaved text of a.txt"), "{}", asks[0]);
    world.write("a.txt", FIXED);
    peer.client.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    let ended = peer.end(&session, &turn).await;
    let result = results(&world, &ended).remove(0);
    assert_eq!((&result["stdout"], &result["buffers"]), (&json!(FIXED), &json!("wait")), "{result}");
    assert_eq!(ended.updates("askResolved").len(), 1, "the question is closed");
}

#[tokio::test]
async fn one_question_names_both_and_an_allowed_command_runs_on_the_saved_text() {
    let world = world("sh show.sh", "wait").await;
    world.write("show.sh", "cat a.txt\n");
    world.write("a.txt", BUG);
    let peer = Peer::allowing(&world).await;
    type_unsaved(&world, &peer, "a.txt", FIXED);
    let (ended, result) = run(&world, &peer).await;
    let asks = ended.updates("ask");
    assert_eq!(asks.len(), 1, "{asks:#?}");
    assert!(asks[0]["ask"]["reason"].as_str().unwrap().contains("unsaved text of a.txt"), "{asks:#?}");
    assert_eq!((&result["stdout"], &result["buffers"]), (&json!(BUG), &json!("disk")), "{result}");
    assert_eq!(result["unsavedBuffers"], json!(["a.txt"]));
}

#[tokio::test]
async fn an_editor_that_saves_is_asked_to() {
    let edit = "*** Begin Patch\n*** Update File: a.txt\n@@\n-bug\n+fixed\n*** End Patch\n";
    let source = format!("await tools.applyPatch({{ patch: {} }});\n{}", json!(edit), exec("sh show.sh"));
    let world = World::new(vec![script(&source), Reply::Text("Done.".to_owned())]).await;
    world.settings("", "[exec]\nbuffers = \"save\"");
    world.write("a.txt", BUG);
    world.write("b.txt", "b\n");
    world.write("show.sh", "cat a.txt b.txt\n");
    let folder = world.workspace();
    let saving = move |asked: &Asked| match asked.method {
        "glossator/approval/ask" => Some(Answer::Result(json!({ "decision": "allow" }))),
        "glossator/buffers/save" => {
            let uris = asked.params["uris"].as_array().unwrap().clone();
            for uri in &uris {
                let uri = uri.as_str().unwrap();
                let name = uri.rsplit('/').next().unwrap();
                std::fs::write(folder.join(name), asked.buffers.lock().text(uri).unwrap()).unwrap();
                asked.client.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
            }
            Some(Answer::Result(json!({ "saved": uris })))
        }
        _ => None,
    };
    let peer = Peer::with(&world, &Who::extension(), saving).await;
    peer.open(&world.uri("a.txt"), BUG);
    // The user's own unsaved text is none of the agent's business.
    type_unsaved(&world, &peer, "b.txt", "user's\n");
    let ended = peer.first_turn("Run it").await;
    let result = results(&world, &ended).pop().unwrap();
    assert_eq!(
        (&result["buffers"], &result["unsavedBuffers"]),
        (&json!("save"), &json!(["b.txt"])),
        "{result}"
    );
    assert_eq!(
        (result["stdout"].as_str().unwrap(), world.read("a.txt").as_str()),
        (format!("{FIXED}b\n").as_str(), FIXED)
    );
    assert_eq!(world.read("b.txt"), "b\n");
}

#[tokio::test]
async fn an_editor_that_does_not_save_gives_the_next_mode() {
    let edit = "*** Begin Patch\n*** Update File: a.txt\n@@\n-bug\n+fixed\n*** End Patch\n";
    let source = format!("await tools.applyPatch({{ patch: {} }});\n{}", json!(edit), exec("sh show.sh"));
    let world = World::new(vec![script(&source), Reply::Text("Done.".to_owned())]).await;
    world.settings("", "[exec]\nbuffers = \"save\"");
    world.write("a.txt", BUG);
    world.write("show.sh", "cat a.txt\n");
    let peer = Peer::allowing(&world).await;
    peer.open(&world.uri("a.txt"), BUG);
    let ended = peer.first_turn("Run it").await;
    let result = results(&world, &ended).pop().unwrap();
    assert_eq!(
        (&result["buffers"], &result["unsavedBuffers"]),
        (&json!("disk"), &json!(["a.txt"])),
        "{result}"
    );
    assert!(result["notes"][0].as_str().unwrap().contains("Nothing was saved"), "{result}");
}

#[tokio::test]
async fn without_namespaces_a_notice_and_the_next_mode() {
    if !overlays() {
        return;
    }
    let world = world("sed -i 's/six/SIX/' b.txt; cat a.txt", "overlay").await.without_namespaces();
    world.write("a.txt", BUG);
    world.write("b.txt", BUG);
    let peer = Peer::allowing(&world).await;
    type_unsaved(&world, &peer, "a.txt", FIXED);
    let (_, result) = run(&world, &peer).await;
    assert_eq!(
        (&result["buffers"], &result["unsavedBuffers"]),
        (&json!("disk"), &json!(["a.txt"])),
        "{result}"
    );
    assert!(
        result["notes"][0].as_str().unwrap().starts_with("The command did not run on an overlay: "),
        "{result}"
    );
    assert_eq!(changes(&result), [change("b.txt", "update", 1, 1)]);
}

#[tokio::test]
async fn a_detached_command_runs_on_the_disk() {
    let source = "const run = tools.spawn.exec({ script: \"sed -i 's/six/SIX/' a.txt\" });\nreturn await tools.spawn.wait(run.id);";
    let world = World::new(script_and(source)).await;
    world.write("a.txt", BUG);
    let peer = Peer::allowing(&world).await;
    let ended = peer.first_turn("Run it").await;
    let result = results(&world, &ended).into_iter().find(|one| one["exitCode"] == 0).unwrap();
    assert_eq!(
        (&result["buffers"], changes(&result)),
        (&json!("disk"), vec![change("a.txt", "update", 1, 1)])
    );
    peer.undo(&ended.session).await;
    assert_eq!(world.read("a.txt"), BUG);
}
