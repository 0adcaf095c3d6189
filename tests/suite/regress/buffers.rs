//! Buffers that the server knows wrongly, or that differ from their files: said, and never edited by guess.

use super::{WENT_THROUGH, attempts, unasked};
use crate::harness::{Peer, World, patch};
use serde_json::{Value, json};

const READ: &str = "await tools.readFile({ path: 'a.txt' });";

/// Types, with the change reported as `range` and `text`.
fn type_as(peer: &Peer, uri: &str, now: &str, (range, text): (Value, &str)) {
    let mut change = peer.buffers.lock().set(uri, now).unwrap();
    change["contentChanges"] = json!([{ "range": range, "text": text }]);
    peer.client.notify("textDocument/didChange", change);
}

fn place(line: i64, character: i64) -> Value {
    let position = json!({ "line": line, "character": character });
    json!({ "start": position, "end": position })
}

/// What a script that reads and patches `file` returns of each of the two.
async fn read_and_patch(peer: &Peer, file: &str) -> String {
    let read = READ.replace("a.txt", file);
    let ended = peer.first_turn(&attempts(&[&read, &patch(file, &["one"], &["ONE"])])).await;
    let told = ended.assert("done").result();
    told.lines().find(|line| line.starts_with("returned: ")).expect("it returns").to_owned()
}

async fn assert_unknown(peer: &Peer, file: &str) {
    let told = read_and_patch(peer, file).await;
    assert_eq!(told.matches("could not be followed").count(), 2, "{told}");
    assert!(told.contains(file) && told.contains("reopen") && !told.contains(WENT_THROUGH), "{told}");
    let edit = peer.messages().into_iter().find(|one| one.method == "workspace/applyEdit");
    assert!(edit.is_none(), "the editor was sent {edit:?}");
}

async fn assert_known(peer: &Peer, world: &World, file: &str) {
    let uri = world.uri(file);
    peer.type_over(&uri, "zero\none\nand more\n");
    let told = read_and_patch(peer, file).await;
    assert_eq!(told.matches(WENT_THROUGH).count(), 2, "{told}");
    assert_eq!(peer.text(&uri), "zero\nONE\nand more\n");
}

#[tokio::test]
async fn a_change_that_cannot_be_read_puts_its_buffer_out_of_step_until_the_whole_text_comes() {
    let world = World::obedient().await;
    world.write("a.txt", "one\ntwo\n");
    let peer = Peer::start(&world).await;
    let (a, b) = (world.uri("a.txt"), world.uri("b.txt"));
    [&a, &b].into_iter().for_each(|uri| peer.open(uri, "one\ntwo\n"));
    type_as(&peer, &a, "one\nXtwo\n", (place(-1, 0), "X"));
    type_as(&peer, &a, "zero\none\nXtwo\n", (place(0, 0), "zero\n"));
    assert_unknown(&peer, "a.txt").await;
    assert_eq!((peer.text(&a).as_str(), world.read("a.txt").as_str()), ("zero\none\nXtwo\n", "one\ntwo\n"));
    let told = peer.first_turn("return (await tools.readFile({ path: 'b.txt' })).text;").await.result();
    assert!(told.contains("one\\ntwo\\n"), "the other buffer is as it was: {told}");
    assert_known(&peer, &world, "a.txt").await;
}

#[tokio::test]
async fn a_frame_that_cannot_be_read_may_have_been_a_change_of_any_buffer() {
    for frame in ["Content-Length: 7\r\n\r\n{\"json\"", "Content-Length: seven\r\n\r\n"] {
        let world = World::obedient().await;
        let peer = Peer::start(&world).await;
        let names = ["a.txt", "b.txt"];
        names.iter().for_each(|name| peer.open(&world.uri(name), "one\ntwo\n"));
        peer.client.send_bytes(frame.as_bytes().to_vec());
        type_as(&peer, &world.uri("a.txt"), "zero\none\ntwo\n", (place(0, 0), "zero\n"));
        for name in names {
            assert_unknown(&peer, name).await;
        }
        assert_known(&peer, &world, "a.txt").await;
        let told = read_and_patch(&peer, "b.txt").await;
        assert!(!told.contains(WENT_THROUGH), "only the buffer that came whole is known again: {told}");
    }
}

#[tokio::test]
async fn a_late_change_of_a_closed_buffer_is_not_applied_to_its_next_opening() {
    for version in [0, 1] {
        let world = World::obedient().await;
        let peer = Peer::start(&world).await;
        let uri = world.uri("a.txt");
        peer.open(&uri, "old\n");
        let change = |version: i32, text: &str| {
            json!({
                "textDocument": { "uri": uri, "version": version },
                "contentChanges": [{ "range": place(0, 0), "text": text }],
            })
        };
        peer.client.notify("textDocument/didChange", change(1, "in time "));
        peer.client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
        peer.client.notify("textDocument/didChange", change(2, "late "));
        let mut opened = peer.buffers.lock().open(&uri, "plaintext", "one\ntwo\n");
        opened["textDocument"]["version"] = json!(version);
        peer.client.notify("textDocument/didOpen", opened);
        let told = peer.first_turn("return await tools.readFile({ path: 'a.txt' });").await.result();
        assert!(told.contains("\"one\\ntwo\\n\""), "{told}");
        assert!(told.contains(&format!("\"version\":{version},")), "{told}");
    }
}

/// What is told of `a.txt`, and what comes of a patch of it, once a command has changed it.
async fn changed_by_a_command(peer: &Peer, command: &str, patch: &str) -> String {
    let source = format!(
        "await tools.exec({{ script: \"{command}\" }});\nconst file = await tools.readFile({{ path: 'a.txt' }});\n\
         const hits = await tools.grepFiles({{ pattern: 'new' }});\nlet why = '{WENT_THROUGH}';\n\
         try {{ {patch} }} catch (error) {{ why = error.message; }}\n\
         return [file.text, file.source, file.unsaved, file.changedOnDisk ?? false, hits.matches.length, why];"
    );
    peer.first_turn(&source).await.assert("done").result()
}

#[tokio::test]
async fn a_file_that_changes_under_a_clean_buffer_is_read_and_patched_as_it_is_on_disk() {
    let (world, peer) = unasked().await;
    let uri = world.uri("a.txt");
    world.write("a.txt", "one\nold\n");
    peer.open(&uri, "one\nold\n");
    let edit = patch("a.txt", &["one"], &["ONE"]);
    let told = changed_by_a_command(&peer, "sed -i 's/old/new/' a.txt", &edit).await;
    let expected = json!(["one\nnew\n", "disk", false, true, 1, WENT_THROUGH]).to_string();
    assert!(told.contains(&expected), "the disk's text counts while the editor shows older text: {told}");
    assert_eq!(world.read("a.txt"), "ONE\nnew\n", "the patch joins what the command wrote");
    assert_eq!(peer.text(&uri), "one\nold\n", "what the editor shows is the editor's to reload");
    // Reloaded, it is a buffer like any other.
    peer.type_over(&uri, "ONE\nnew\n");
    let told = changed_by_a_command(&peer, "true", &patch("a.txt", &["ONE"], &["1"])).await;
    let expected = json!(["ONE\nnew\n", "buffer", false, false, 1, WENT_THROUGH]).to_string();
    assert!(told.contains(&expected), "{told}");
    assert_eq!((peer.text(&uri).as_str(), world.read("a.txt").as_str()), ("1\nnew\n", "ONE\nnew\n"));
}

#[tokio::test]
async fn a_file_that_changes_under_unsaved_text_is_a_conflict_and_stays_as_it_is() {
    let (world, peer) = unasked().await;
    let uri = world.uri("a.txt");
    world.write("a.txt", "one\nold\n");
    peer.open(&uri, "one\nold\n");
    peer.type_over(&uri, "one\ntyped\n");
    // Looked at while the file is as it was, and then changed behind Glossator's back too.
    peer.first_turn("return await tools.readFile({ path: 'a.txt' });").await.assert("done");
    world.write("a.txt", "one\nnewer\n");
    let told = changed_by_a_command(&peer, "true", &patch("a.txt", &["one"], &["ONE"])).await;
    for words in ["one\\ntyped\\n\",\"buffer\",true,true,0", "save or reload it there first"] {
        assert!(told.contains(words), "no {words} in {told}");
    }
    assert_eq!((peer.text(&uri).as_str(), world.read("a.txt").as_str()), ("one\ntyped\n", "one\nnewer\n"));
}

#[tokio::test]
async fn a_file_that_is_deleted_under_a_clean_buffer_is_read_from_it_and_not_patched() {
    let (world, peer) = unasked().await;
    let uri = world.uri("a.txt");
    world.write("a.txt", "one\nold\n");
    peer.open(&uri, "one\nold\n");
    let told = changed_by_a_command(&peer, "rm a.txt", &patch("a.txt", &["one"], &["ONE"])).await;
    for words in
        ["one\\nold\\n\",\"buffer\",false,true,0", "gone from the disk", "save it there to have it back"]
    {
        assert!(told.contains(words), "no {words} in {told}");
    }
    assert_eq!(peer.text(&uri), "one\nold\n", "what is left of it stays");
    assert!(!world.path("a.txt").exists(), "and nothing brings it back but its user");
}

#[tokio::test]
async fn a_turn_right_after_a_save_edits_the_buffer() {
    let (world, peer) = unasked().await;
    let uri = world.uri("a.txt");
    world.write("a.txt", "one\nold\n");
    peer.open(&uri, "one\nold\n");
    peer.first_turn("return await tools.readFile({ path: 'a.txt' });").await.assert("done");
    // Formatted, written, reported, and asked at once.
    peer.type_over(&uri, "one\n  typed\n");
    peer.type_over(&uri, "one\ntyped new\n");
    world.write("a.txt", "one\ntyped new\n");
    peer.client.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    let told = changed_by_a_command(&peer, "true", &patch("a.txt", &["one"], &["ONE"])).await;
    let expected = json!(["one\ntyped new\n", "buffer", false, false, 1, WENT_THROUGH]).to_string();
    assert!(told.contains(&expected), "{told}");
    assert_eq!(peer.text(&uri), "ONE\ntyped new\n");
}

#[tokio::test]
async fn a_buffer_that_is_opened_with_other_text_than_its_file_is_unsaved() {
    let (world, peer) = unasked().await;
    for name in ["a.txt", "b.txt"] {
        world.write(name, "disk\n");
    }
    peer.open(&world.uri("a.txt"), "restored\n");
    peer.open(&world.uri("b.txt"), "disk\n");
    let source = "const [a, b] = [await tools.readFile('a.txt'), await tools.readFile('b.txt')];\n\
                  const run = await tools.exec({ command: ['cat', 'a.txt'] });\n\
                  return [a.text, a.unsaved, b.text, b.unsaved, run.stdout, run.unsavedBuffers];";
    let told = peer.first_turn(source).await.assert("done").result();
    let expected = json!(["restored\n", true, "disk\n", false, "disk\n", ["a.txt"]]).to_string();
    assert!(told.contains(&expected), "{told}");
}
