//! A state folder that cannot be used: turns still answer, edits are refused because they could not be undone, and
//! the user is told once.

use crate::chat::{chat, on_disk, path, plain, saying};
use crate::harness::{Ended, Peer, World, items, kinds, log_file, until};
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

const EDIT: &str =
    "await tools.applyPatch({ patch: '*** Begin Patch\\n*** Add File: b.txt\\n+made\\n*** End Patch' });";

/// The turn answered, was told that nothing is saved, and made no edit.
fn assert_refused(world: &World, ended: &Ended) {
    ended.assert("done");
    let notices = ended.updates("notice");
    assert_eq!(notices.len(), 1, "{notices:?}");
    let text = notices[0]["text"].as_str().unwrap();
    assert!(text.contains("not being saved") && notices[0]["level"] == "error", "{text}");
    assert!(ended.result().contains("could not be written down"), "{}", ended.result());
    assert!(!world.exists("b.txt"));
}

#[tokio::test]
async fn a_file_in_the_place_of_the_folder() {
    let world = World::obedient().await;
    std::fs::write(world.state(), "not a folder").unwrap();
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn(EDIT).await;
    assert_refused(&world, &ended);
    let error = peer.request("glossator/session/list", json!({})).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("state"), "{error}");
    let error = peer.command("glossator.trust", json!([])).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("state"), "{error}");
    assert_eq!(std::fs::read_to_string(world.state()).unwrap(), "not a folder");
}

#[tokio::test]
async fn a_link_in_the_place_of_the_folder() {
    let world = World::obedient().await;
    let elsewhere = world.root().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, world.state()).unwrap();
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn(EDIT).await;
    assert_refused(&world, &ended);
    assert!(ended.updates("notice")[0]["text"].as_str().unwrap().contains("symbolic link"));
}

/// A small file system at `path`, while it lives.
struct Tmpfs(PathBuf);

impl Tmpfs {
    /// `None` where this user may not mount.
    fn mount(path: &Path) -> Option<Tmpfs> {
        std::fs::create_dir(path).unwrap();
        let mut mount = Command::new("mount");
        let mount = mount.args(["-t", "tmpfs", "-o", "size=256k,mode=0700", "tmpfs"]).arg(path).output();
        mount.is_ok_and(|done| done.status.success()).then(|| Tmpfs(path.to_owned()))
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        // A busy one is let go as soon as its last user ends.
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

/// Whether nothing lies beside the index of a workspace that goes with its last user.
fn is_put_away(workspace: &Path) -> bool {
    !workspace.join("index.db-wal").exists() && !workspace.join("index.db-shm").exists()
}

/// Fills a disk, also with what others let go of meanwhile.
async fn fill(filler: &Path) {
    let mut file = std::fs::File::create(filler).unwrap();
    for _ in 0..20 {
        while file.write_all(&[b'x'; 512]).is_ok() {}
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_full_disk_and_then_room_again() {
    let world = World::obedient().await;
    // Only where this user may mount a file system.
    let Some(_disk) = Tmpfs::mount(&world.state()) else { return };
    let peer = Peer::start(&world).await;
    let first = peer.first_turn("return 1;").await;
    first.assert("done");
    let filler = world.state().join("filler");
    until("the index is put away", || {
        log_file(&world, &first.session).ancestors().nth(3).is_some_and(is_put_away)
    })
    .await;
    fill(&filler).await;
    // Longer than the page in which the log ends: that one is the log's already.
    let long = format!("{EDIT}\n// {}", "x".repeat(9_000));
    let second = peer.turn(&first.session, &long).await;
    assert_refused(&world, &second);
    std::fs::remove_file(&filler).unwrap();
    let third = peer.turn(&first.session, EDIT).await;
    third.assert("done");
    assert_eq!(world.read("b.txt"), "made\n");
    until("all is written", || {
        items(&world, &first.session).last().is_some_and(|item| item["turn"] == "T-3")
    })
    .await;
    let ends = kinds(&world, &first.session).iter().filter(|kind| *kind == "turnEnded").count();
    assert_eq!(ends, 3, "what could not be written was written later");
}

#[tokio::test]
async fn a_full_disk_from_the_start() {
    let world = World::obedient().await;
    // Only where this user may mount a file system.
    let Some(_disk) = Tmpfs::mount(&world.state()) else { return };
    assert!(std::fs::write(world.state().join("filler"), vec![b'x'; 1 << 20]).is_err());
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn(EDIT).await;
    assert_refused(&world, &ended);
}

#[tokio::test]
async fn folders_of_sessions_in_which_nothing_was_said_go() {
    let world = saying(&["Hi."]).await;
    let mut folders = Vec::new();
    for written in ["", "", "\nHalf a thought\n"] {
        let (mut peer, _) = plain(&world, &["utf-8"]).await;
        peer.command("glossator.newSession", json!([])).await.unwrap();
        let documents = chat(&peer, json!([])).await;
        std::fs::write(path(&documents.prompt), on_disk(&documents.prompt) + written).unwrap();
        peer.kill().await;
        folders.push(path(&documents.prompt).parent().unwrap().to_owned());
    }
    let [old, new, mine] = &folders[..] else { unreachable!("three were made") };
    for folder in [old, mine] {
        let an_hour_ago = SystemTime::now() - Duration::from_hours(1);
        std::fs::File::open(folder).unwrap().set_modified(an_hour_ago).unwrap();
    }
    assert!(
        folders.iter().all(|folder| folder.join("prompt.md").exists() && !folder.join("log.jsonl").exists())
    );
    // A fork looks at what others have left.
    let peer = Peer::start(&world).await;
    let session = peer.first_turn("Hello").await.assert("done").session.clone();
    peer.ok("glossator/session/fork", json!({ "sessionId": session, "turnId": "T-1" })).await;
    until("the folder is gone", || !old.exists()).await;
    assert!(new.exists(), "somebody may be at it");
    assert!(std::fs::read_to_string(mine.join("prompt.md")).unwrap().contains("Half a thought"));
}
