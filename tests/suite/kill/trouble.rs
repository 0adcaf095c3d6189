//! What happens to the state folder while a server runs: full, read-only, index damaged or held, removed, written in the
//! future. The server goes on, says what was not kept, makes no edit that it could not take back, and recovers.

use crate::harness::{Ended, Peer, World, items, log_file, patch, until};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

/// Longer than anything here should take, on a machine that has other work.
const LONG: Duration = Duration::from_secs(20);
/// Ten years, in milliseconds.
const YEARS: i64 = 10 * 365 * 24 * 3600 * 1000;

/// A small file system at the place of the state folder, while it lives.
struct Small(PathBuf);

impl Small {
    /// `None` where this user may not mount.
    fn mount(world: &World) -> Option<Small> {
        let path = world.state();
        std::fs::create_dir(&path).unwrap();
        let small = Small(path);
        small.run("mount", &["-t", "tmpfs", "-o", "size=700k,mode=0700", "tmpfs"]).then_some(small)
    }

    fn run(&self, program: &str, arguments: &[&str]) -> bool {
        let done = Command::new(program).args(arguments).arg(&self.0).output();
        done.is_ok_and(|done| done.status.success())
    }

    fn fill(&self) {
        assert!(std::fs::write(self.0.join("filler"), vec![b'x'; 1 << 20]).is_err(), "the disk is full now");
    }

    fn make_room(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        self.run("umount", &["-l"]);
    }
}

/// The script that counts the number in `a.txt` up.
fn count(from: u32) -> String {
    // Longer than the page in which the log ends: that one is the log's already.
    let words = "x".repeat(9_000);
    format!("{}\n// {words}", patch("a.txt", &[&format!("count {from}")], &[&format!("count {}", from + 1)]))
}

fn notices(ended: &Ended) -> Vec<&str> {
    ended.updates("notice").iter().filter_map(|notice| notice["text"].as_str()).collect()
}

/// The log has no gap, and everything in it is read by a new server, too.
async fn assert_whole(world: &World, session: &str) {
    let ids: Vec<u64> = items(world, session).iter().map(|item| item["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, (1..=ids.len() as u64).collect::<Vec<_>>());
    let peer = Peer::start(world).await;
    let read = peer.ok("glossator/session/read", json!({ "sessionId": session })).await;
    assert!(read["running"].is_null() && !read["items"].as_array().unwrap().is_empty(), "{read}");
    peer.turn(session, "return 'still there';").await.assert("done");
}

async fn found(peer: &Peer, text: &str) -> usize {
    let began = Instant::now();
    let found = peer.ok("glossator/session/search", json!({ "text": text })).await;
    assert!(began.elapsed() < LONG, "a search took {:?}", began.elapsed());
    found["hits"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_disk_that_is_full_again_and_again() {
    let world = World::obedient().await.in_process();
    // Only where this user may mount a file system.
    let Some(disk) = Small::mount(&world) else { return };
    world.write("a.txt", "count 0\n");
    let peer = Peer::start(&world).await;
    let first = peer.first_turn("return 1;").await;
    let session = first.assert("done").session.clone();
    let (mut count_now, mut refusals) = (0, 0);
    for _ in 0..3 {
        disk.fill();
        let ended = peer.turn(&session, &count(count_now)).await;
        // The index can give pages back in the meantime; then it is made.
        if ended.assert("done").result().contains("could not be written down") {
            assert!(notices(&ended).iter().any(|text| text.contains("not being saved")), "{ended:#?}");
            refusals += 1;
        } else {
            count_now += 1;
        }
        assert_eq!(
            world.read("a.txt"),
            format!("count {count_now}\n"),
            "no edit that could not be taken back"
        );
        peer.ok("glossator/session/list", json!({})).await;
        disk.make_room();
        peer.turn(&session, &count(count_now)).await.assert("done");
        count_now += 1;
        assert_eq!(world.read("a.txt"), format!("count {count_now}\n"));
    }
    assert!(refusals > 0);
    until("all is written", || {
        items(&world, &session).iter().filter(|item| item["kind"] == "turnEnded").count() == 7
    })
    .await;
    assert_eq!(peer.leave().await, 0);
    assert_whole(&world, &session).await;
}

#[tokio::test]
async fn a_folder_that_is_read_only_and_then_is_not() {
    let world = World::obedient().await.in_process();
    // Only where this user may mount a file system.
    let Some(disk) = Small::mount(&world) else { return };
    world.write("a.txt", "count 0\n");
    let peer = Peer::start(&world).await;
    let session = peer.first_turn("return 'walrus';").await.session;
    assert_eq!(peer.leave().await, 0);
    assert!(disk.run("mount", &["-o", "remount,ro"]));
    let peer = Peer::start(&world).await;
    assert_eq!(found(&peer, "walrus").await.min(1), 1, "what is there can be looked for");
    let read = peer.ok("glossator/session/read", json!({ "sessionId": session })).await;
    assert!(read["items"].as_array().unwrap().iter().any(|item| item["kind"] == "userMessage"), "{read}");
    let other = peer.first_turn(&count(0)).await;
    other.assert("done");
    assert!(notices(&other).iter().any(|text| text.contains("not being saved")), "{other:#?}");
    assert_eq!(world.read("a.txt"), "count 0\n");
    assert_eq!(peer.leave().await, 0);
    assert!(disk.run("mount", &["-o", "remount,rw"]));
    let peer = Peer::start(&world).await;
    peer.turn(&session, &count(0)).await.assert("done");
    assert_eq!(world.read("a.txt"), "count 1\n");
    assert_eq!(peer.leave().await, 0);
    assert_whole(&world, &session).await;
}

/// The index of the only workspace.
fn index(world: &World) -> PathBuf {
    let mut folders = std::fs::read_dir(world.state().join("workspaces")).unwrap();
    folders.next().unwrap().unwrap().path().join("index.db")
}

#[tokio::test]
async fn an_index_that_is_deleted_damaged_or_held() {
    let world = World::obedient().await.in_process();
    let peer = Peer::start(&world).await;
    let session = peer.first_turn("return 'walrus one';").await.session;
    assert!(found(&peer, "walrus").await > 0);
    let path = index(&world);
    let with = |ending: &str| PathBuf::from(format!("{}{ending}", path.display()));
    for ending in ["", "-wal", "-shm"] {
        // Some are there only while it is open.
        let _ = std::fs::remove_file(with(ending));
    }
    assert!(found(&peer, "walrus").await > 0, "it is made again");
    peer.turn(&session, "return 'lighthouse';").await.assert("done");
    assert!(found(&peer, "lighthouse").await > 0);
    let _ = std::fs::remove_file(with("-wal"));
    std::fs::write(&path, "this is no database\n".repeat(400)).unwrap();
    peer.turn(&session, "return 'harbour';").await.assert("done");
    let listed = peer.ok("glossator/session/list", json!({})).await;
    assert_eq!(listed["sessions"].as_array().unwrap().len(), 1, "{listed}");
    assert!(found(&peer, "harbour").await > 0 && found(&peer, "lighthouse").await > 0);
    assert_eq!(peer.leave().await, 0);
    hold(&world, &session, &path).await;
}

/// Another process holds the index for writing.
async fn hold(world: &World, session: &str, path: &Path) {
    let holder = rusqlite::Connection::open(path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let peer = Peer::start(world).await;
    peer.turn(session, "return 'quay';").await.assert("done");
    assert!(found(&peer, "harbour").await > 0, "what is indexed is found");
    let began = Instant::now();
    let listed = peer.ok("glossator/session/list", json!({})).await;
    assert!(began.elapsed() < LONG && listed["sessions"].as_array().unwrap().len() == 1, "{listed}");
    holder.execute_batch("ROLLBACK").unwrap();
    drop(holder);
    peer.turn(session, "return 'pier';").await.assert("done");
    assert!(found(&peer, "quay").await > 0 && found(&peer, "pier").await > 0);
    assert_eq!(peer.leave().await, 0);
    assert_whole(world, session).await;
}

#[tokio::test]
async fn a_folder_that_is_removed_while_the_server_runs() {
    let world = World::obedient().await.in_process();
    world.write("a.txt", "count 0\n");
    let peer = Peer::start(&world).await;
    let session = peer.first_turn("return 1;").await.session;
    // What goes on behind a turn may write while it is removed.
    until("it is removed", || std::fs::remove_dir_all(world.state()).is_ok()).await;
    let ended = peer.turn(&session, &count(0)).await;
    ended.assert("done");
    assert!(notices(&ended).iter().any(|text| text.contains("not being saved")), "{ended:#?}");
    assert_eq!(world.read("a.txt"), "count 0\n", "no edit that could not be taken back");
    peer.ok("glossator/session/list", json!({})).await;
    // A new session is written again.
    let new = peer.first_turn(&count(0)).await;
    new.assert("done");
    assert_eq!(world.read("a.txt"), "count 1\n");
    assert!(notices(&new).is_empty(), "{new:#?}");
    assert_eq!(peer.leave().await, 0);
    assert_whole(&world, &new.session).await;
}

#[tokio::test]
async fn a_clock_that_was_set_back() {
    let world = World::obedient().await.in_process();
    let peer = Peer::start(&world).await;
    let session = peer.first_turn("return 'walrus';").await.session;
    assert_eq!(peer.leave().await, 0);
    let path = log_file(&world, &session);
    let later = |line: &str| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        if let Some(at) = line["at"].as_i64() {
            line["at"] = json!(at + YEARS);
        }
        format!("{line}\n")
    };
    let text: String = std::fs::read_to_string(&path).unwrap().lines().map(later).collect();
    std::fs::write(&path, text).unwrap();
    let future = SystemTime::now() + Duration::from_millis(YEARS as u64);
    for file in std::fs::read_dir(path.parent().unwrap()).unwrap().flatten() {
        std::fs::File::options().write(true).open(file.path()).unwrap().set_modified(future).unwrap();
    }
    let peer = Peer::start(&world).await;
    let read = peer.ok("glossator/session/read", json!({ "sessionId": session })).await;
    assert!(read["items"].as_array().unwrap().iter().any(|item| item["kind"] == "userMessage"), "{read}");
    peer.turn(&session, "return 'lighthouse';").await.assert("done");
    let other = peer.first_turn("return 'harbour';").await.session;
    let listed = peer.ok("glossator/session/list", json!({})).await;
    let ids: Vec<&Value> = listed["sessions"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert!(ids.contains(&&json!(session)) && ids.contains(&&json!(other)), "{listed}");
    for word in ["walrus", "lighthouse", "harbour"] {
        assert!(found(&peer, word).await > 0, "{word}");
    }
    assert_eq!(peer.leave().await, 0);
    assert_whole(&world, &session).await;
}
