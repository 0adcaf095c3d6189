//! Several at one file: a user who types all the time, two sessions, two servers, a `kill -9`, a disk that is full. Nobody's
//! text is lost, and whatever was not done is told.

use crate::harness::{Ended, PATIENCE, Peer, Reply, World, last_user_text, patch, run, script, script_and};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::{interval, sleep, timeout};

/// Lines of the file that is typed into; each is patched once.
const LINES: usize = 12;

/// Keys of a typist can be told from all others.
fn key(number: usize) -> String {
    format!("‹{number}›")
}

fn line_text(number: usize) -> String {
    format!("line {number}: some wörds")
}

/// A text without its keys, and the keys.
fn without_keys(text: &str) -> (String, Vec<usize>) {
    let (mut plain, mut keys) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('‹') {
        let (number, behind) = after.split_once('›').unwrap();
        plain.push_str(before);
        keys.push(number.parse().unwrap());
        rest = behind;
    }
    keys.sort_unstable();
    (plain + rest, keys)
}

/// Types a key somewhere, as a small change.
fn type_key(peer: &Peer, uri: &str, number: usize) {
    let mut buffers = peer.buffers.lock();
    let text = buffers.text(uri).unwrap().to_owned();
    let line = number * 7 % LINES;
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let column = if number.is_multiple_of(3) { 0 } else { "line".len() };
    let mut now = text;
    now.insert_str(start + column, &key(number));
    let mut change = buffers.set(uri, &now).unwrap();
    let place = json!({ "line": line, "character": column });
    change["contentChanges"] = json!([{ "range": { "start": place, "end": place }, "text": key(number) }]);
    peer.client.notify("textDocument/didChange", change);
}

#[tokio::test]
async fn patches_while_the_user_types_200_keys_a_second() {
    let source = format!(
        r#"
const results = [];
for (let n = 0; n < {LINES}; n++) {{
  const {{ text }} = await tools.readFile({{ path: 'a.txt' }});
  const line = text.split('\n').find((line) => line.includes(`line ${{n}}:`) || line.endsWith(` ${{n}}: some wörds`));
  const patch = `*** Begin Patch\n*** Update File: a.txt\n@@\n-${{line}}\n+${{line}}, patched\n*** End Patch\n`;
  try {{ await tools.applyPatch({{ patch }}); results.push('made'); }}
  catch (error) {{ results.push(String(error.message)); }}
}}
return results.map((result, n) => `${{n}} => ${{result}}`).join('\n');"#
    );
    // `line` and its number stay together: keys are typed before or inside the first word.
    let world = World::new(script_and(&source.replace("line.includes(`line ${n}:`) || ", ""))).await;
    let peer = Peer::start(&world).await;
    let before: String = (0..LINES).map(|line| line_text(line) + "\n").collect();
    world.write("a.txt", &before);
    let uri = world.uri("a.txt");
    peer.open(&uri, &before);
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Patch").await;
    let mut typed = 0;
    let typing = async {
        let mut clock = interval(Duration::from_millis(5));
        loop {
            clock.tick().await;
            type_key(&peer, &uri, typed);
            typed += 1;
        }
    };
    let ended = tokio::select! {
        () = typing => unreachable!(),
        ended = peer.end(&session, &turn) => ended,
    };
    let result = ended.assert("done").result();
    let (plain, keys) = without_keys(&peer.text(&uri));
    assert_eq!(keys, (0..typed).collect::<Vec<_>>(), "keys are lost");
    let mut made = 0;
    for (line, now) in plain.lines().enumerate() {
        let told = result.split(&format!("{line} => ")).nth(1).unwrap_or_else(|| panic!("{result}"));
        if now == line_text(line) {
            let clear = [
                "these lines are not in the file",
                "it changed after it was read",
                "kept changing while it was edited",
            ];
            assert!(clear.iter().any(|why| told.contains(why)), "line {line}: {result}");
        } else {
            assert_eq!(now, format!("{}, patched", line_text(line)), "{result}");
            assert!(told.starts_with("made"), "line {line}: {result}");
            made += 1;
        }
    }
    assert!(made > 0 && typed > 20, "{made} made, {typed} typed: {result}");
    assert_eq!(world.read("a.txt"), before);
}

/// Counts up in `count.txt` so many times, reading and patching, whatever others do meanwhile.
fn counting(times: usize) -> String {
    format!(
        r#"
let made = 0, tries = 0;
while (made < {times} && tries++ < 300) {{
  const {{ text }} = await tools.readFile({{ path: 'count.txt' }});
  const n = Number(text.match(/count: (\d+)/)[1]);
  const patch = `*** Begin Patch\n*** Update File: count.txt\n@@\n-count: ${{n}}\n+count: ${{n + 1}}\n*** End Patch\n`;
  try {{ await tools.applyPatch({{ patch }}); made++; }}
  catch (error) {{
    const clear = /these lines are not in the file|changed after it was read|kept changing/;
    if (!clear.test(error.message)) throw error;
  }}
}}
return `made ${{made}}`;"#
    )
}

fn counts(times: usize) -> impl Fn(&Value) -> Reply + Send + Sync {
    move |body| match last_user_text(body).contains("<tool-results") {
        true => Reply::Text("Done.".to_owned()),
        false => script(&counting(times)),
    }
}

const TIMES: usize = 8;

fn assert_counted(ended: &Ended) {
    assert!(ended.assert("done").result().contains(&format!("made {TIMES}")), "{ended:#?}");
}

#[tokio::test]
async fn two_sessions_at_one_file_lose_none_of_their_edits() {
    for open in [false, true] {
        let world = World::answering(counts(TIMES)).await;
        world.write("count.txt", "head\ncount: 0\ntail\n");
        let peer = Peer::allowing(&world).await;
        if open {
            peer.open(&world.uri("count.txt"), "head\ncount: 0\ntail\n");
        }
        let (one, two) = (peer.new_session().await, peer.new_session().await);
        let first = peer.start_turn(&one, "Count").await;
        let second = peer.start_turn(&two, "Count").await;
        assert_counted(&peer.end(&one, &first).await);
        assert_counted(&peer.end(&two, &second).await);
        let text = if open { peer.text(&world.uri("count.txt")) } else { world.read("count.txt") };
        assert_eq!(text, format!("head\ncount: {}\ntail\n", 2 * TIMES), "open: {open}");
    }
}

#[tokio::test]
async fn two_servers_at_one_file_lose_none_of_their_edits() {
    let world = World::answering(counts(TIMES)).await;
    world.write("count.txt", "head\ncount: 0\ntail\n");
    let (here, there) = (Peer::allowing(&world).await, Peer::allowing(&world).await);
    let (one, two) = tokio::join!(here.first_turn("Count"), there.first_turn("Count"));
    assert_counted(&one);
    assert_counted(&two);
    assert_eq!(world.read("count.txt"), format!("head\ncount: {}\ntail\n", 2 * TIMES));
}

#[tokio::test]
async fn two_servers_with_other_unsaved_text_each_edit_their_own() {
    const SAVED: &str = "one\ntwo\nthree\n";
    let again = patch("a.txt", &["three"], &["THREE"]);
    let mut steps = Vec::new();
    for _ in 0..2 {
        steps.extend(script_and(&patch("a.txt", &["two"], &["TWO"])));
    }
    steps.extend(script_and(&format!("try {{ {again} }} catch (error) {{ return error.message; }}")));
    let world = World::new(steps).await.in_process();
    world.write("a.txt", SAVED);
    let uri = world.uri("a.txt");
    let (here, there) = (Peer::start(&world).await, Peer::start(&world).await);
    for (peer, word) in [(&here, "here"), (&there, "there")] {
        peer.open(&uri, SAVED);
        peer.type_over(&uri, &format!("{word}\n{SAVED}"));
        peer.first_turn("Patch").await.assert("done");
    }
    assert_eq!(here.text(&uri), "here\none\nTWO\nthree\n");
    assert_eq!(there.text(&uri), "there\none\nTWO\nthree\n");
    assert_eq!(world.read("a.txt"), SAVED);
    // One of them saves: under the other's unsaved text that is a conflict, and only its user can say what counts.
    world.write("a.txt", there.text(&uri));
    there.client.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    there.alive().await;
    let ended = here.first_turn("Patch again").await;
    assert!(ended.assert("done").result().contains("changed on disk too"), "{}", ended.result());
    assert_eq!(here.text(&uri), "here\none\nTWO\nthree\n");
    assert_eq!(world.read("a.txt"), "there\none\nTWO\nthree\n");
}

/// Files of a patch that is killed.
const FILES: usize = 40;

fn text_of(file: usize, state: &str) -> String {
    format!("file {file}\n{}state: {state}\n", "a line of it\n".repeat(200))
}

/// A patch of every kind: updates, creations, deletions, moves with and without a change.
fn large_patch() -> String {
    let mut text = String::from("*** Begin Patch\n");
    for file in 0..FILES {
        text.push_str(&match file % 5 {
            0 | 1 => format!("*** Update File: dir/{file}\n@@\n-state: old\n+state: new\n"),
            2 => format!("*** Update File: dir/{file}\n*** Move to: to/{file}/moved\n"),
            3 => {
                format!("*** Update File: dir/{file}\n*** Move to: to/{file}\n@@\n-state: old\n+state: new\n")
            }
            _ => format!("*** Delete File: dir/{file}\n*** Add File: made/{file}\n+made\n"),
        });
    }
    text + "*** End Patch\n"
}

/// Everything below a folder: its text, and who may do what.
fn files(folder: &Path) -> BTreeMap<String, (String, u32)> {
    let mut found = BTreeMap::new();
    let mut left = vec![folder.to_path_buf()];
    while let Some(next) = left.pop() {
        for entry in std::fs::read_dir(next).unwrap().map(Result::unwrap) {
            let data = entry.metadata().unwrap();
            if data.is_dir() {
                left.push(entry.path());
                continue;
            }
            let name = entry.path().strip_prefix(folder).unwrap().display().to_string();
            found.insert(
                name,
                (std::fs::read_to_string(entry.path()).unwrap(), data.permissions().mode() & 0o777),
            );
        }
    }
    found
}

/// Each file is as it was or as it is to be, and never nothing or half of it.
fn assert_whole(world: &World) -> usize {
    let files = files(&world.workspace());
    let mut changed = 0;
    for file in 0..FILES {
        let get = |name: String| files.get(&name).map(|(text, mode)| (text.clone(), *mode));
        let (old, new) = (Some((text_of(file, "old"), 0o640)), Some((text_of(file, "new"), 0o640)));
        let from = get(format!("dir/{file}"));
        changed += usize::from(from != old);
        match file % 5 {
            0 | 1 => assert!(from == old || from == new, "{file}: {from:?}"),
            // A moved file is here or there; one that also changes may be both for a moment.
            2 => assert!(
                from.is_some() != get(format!("to/{file}/moved")).is_some()
                    && (from == old || get(format!("to/{file}/moved")) == old),
                "{file}: {from:?}"
            ),
            3 => assert!(from == old || get(format!("to/{file}")) == new, "{file}: {from:?}"),
            _ => {
                let made = get(format!("made/{file}"));
                assert!(from.is_none() || from == old, "{file}: {from:?}");
                assert!(made.is_none() || made.is_some_and(|(text, _)| text == "made\n"), "{file}");
            }
        }
    }
    changed
}

#[tokio::test]
async fn kill_9_leaves_every_file_whole() {
    let (mut none, mut all, mut part) = (0, 0, 0);
    let mut delay = Duration::from_millis(20);
    for _ in 0..24 {
        let world = World::new(Vec::new()).await;
        for file in 0..FILES {
            world.write(&format!("dir/{file}"), text_of(file, "old"));
            let path = world.path(&format!("dir/{file}"));
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o640)).unwrap();
        }
        let mut child = world.program(&["debug", "patch"]).stderr(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(large_patch().as_bytes()).await.unwrap();
        sleep(delay).await;
        let _ = child.kill().await;
        // Looked for where it hurts: in the middle of the work.
        match assert_whole(&world) {
            0 => (none, delay) = (none + 1, delay * 3 / 2),
            FILES => (all, delay) = (all + 1, delay * 2 / 3),
            _ => part += 1,
        }
        // What it left beside the files goes with the next patch there, once it is old.
        let leftover = |world: &World| {
            let names = std::fs::read_dir(world.path("dir")).unwrap().map(|one| one.unwrap());
            names
                .filter(|one| one.file_name().to_string_lossy().starts_with(".glossator-"))
                .collect::<Vec<_>>()
        };
        let old = std::time::SystemTime::now() - Duration::from_secs(120);
        for file in leftover(&world) {
            std::fs::File::options().append(true).open(file.path()).unwrap().set_modified(old).unwrap();
        }
        world.write("dir/other", "one\n");
        let ran = run(
            &world,
            &["debug", "patch"],
            "*** Begin Patch\n*** Update File: dir/other\n@@\n-one\n+1\n*** End Patch\n",
        );
        ran.await.assert(0);
        assert!(leftover(&world).is_empty());
        assert_whole(&world);
    }
    assert!(part > 0, "never killed in the middle: {none} before, {all} after");
}

/// Runs a shell script in the workspace whose `$0` is `glossator`; `None` if this machine does not allow the means.
async fn shell(world: &World, before: &[&str], script: &str) -> Option<String> {
    let program = world.program(&[]).as_std().get_program().to_owned();
    let envs: Vec<_> = world
        .program(&[])
        .as_std()
        .get_envs()
        .map(|(k, v)| (k.to_owned(), v.map(ToOwned::to_owned)))
        .collect();
    let mut command = match before {
        [] => Command::new("bash"),
        [first, rest @ ..] => {
            let mut command = Command::new(first);
            command.args(rest).arg("bash");
            command
        }
    };
    command.arg("-c").arg(script).arg(program).current_dir(world.workspace()).kill_on_drop(true);
    command.env_clear();
    for (name, value) in envs {
        command.env(name, value.unwrap_or_default());
    }
    let output = timeout(PATIENCE, command.stdin(Stdio::null()).output()).await.unwrap().ok()?;
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    text.contains("READY").then_some(text)
}

/// Says that this machine lets nobody mount a file system of their own.
#[allow(clippy::print_stderr)]
fn not_tested() {
    eprintln!("not tested: no mount in a user namespace");
}

/// A small change, and a file of 100 kB.
const BIG_PATCH: &str = r#"patch() { printf '*** Begin Patch\n*** Update File: full/a\n@@\n-one\n+1\n*** Add File: full/new/big\n'; for n in $(seq 2000); do echo "+a line of fifty characters, which is not much, $n"; done; printf '*** End Patch\n'; }
patch > patch.txt
"#;

#[tokio::test]
async fn a_full_disk_takes_nothing_away() {
    let world = World::new(Vec::new()).await;
    std::fs::create_dir(world.path("full")).unwrap();
    let script = format!(
        "{BIG_PATCH}mount -t tmpfs -o size=64k none full && echo READY || exit\necho one > full/a; chmod 640 full/a\n\
         \"$0\" debug patch < patch.txt; echo \"code $?\"; cat full/a; stat -c %a full/a; ls -A full"
    );
    let Some(told) = shell(&world, &["unshare", "-rm"], &script).await else {
        return not_tested();
    };
    assert!(told.contains("code 1\none\n640\na\n"), "{told}");
    assert!(told.contains("No space left on device"), "{told}");
}

#[tokio::test]
async fn a_disk_that_is_read_only_is_told() {
    let world = World::new(Vec::new()).await;
    world.write("full/a", "one\n");
    let script = format!(
        "{BIG_PATCH}mount --bind full full && mount -o remount,ro,bind full && echo READY || exit\n\
         \"$0\" debug patch < patch.txt; echo \"code $?\"; cat full/a; ls -A full"
    );
    let Some(told) = shell(&world, &["unshare", "-rm"], &script).await else {
        return not_tested();
    };
    assert!(told.contains("code 1\none\na\n"), "{told}");
}

#[tokio::test]
async fn a_file_that_may_not_grow_takes_nothing_away() {
    let world = World::new(Vec::new()).await;
    world.write("full/a", "one\n");
    let script = format!(
        "{BIG_PATCH}echo READY; trap '' XFSZ; ulimit -f 16\n\"$0\" debug patch < patch.txt; echo \"code $?\"; cat full/a; ls -A full"
    );
    let told = shell(&world, &[], &script).await.expect("there is a bash");
    assert!(told.contains("code 1\none\na\n") && told.contains("File too large"), "{told}");
}
