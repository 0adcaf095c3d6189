//! What stands beside the conversation: what the user sees in the editor, and the results of tasks on the board.

use crate::harness::{Peer, Reply, World, last_user_text, script, until};

#[tokio::test]
async fn the_editor_is_told_with_a_prompt_and_only_while_it_changes() {
    let world = World::answering(|_| Reply::Text("Done.".to_owned())).await;
    world.write("a.txt", "one\n");
    world.write("b.txt", "two\n");
    std::fs::write(world.root().join("elsewhere.txt"), "three\n").unwrap();
    let peer = Peer::start(&world).await;
    peer.open(&world.uri("a.txt"), "one\n");
    peer.open(&world.uri("b.txt"), "two\n");
    peer.type_over(&world.uri("b.txt"), "two and more\n");
    let outside = url::Url::from_file_path(world.root().join("elsewhere.txt")).unwrap();
    peer.open(outside.as_str(), "three\n");
    let first = peer.first_turn("Hello").await;
    let told = last_user_text(&world.requests()[0].body);
    assert!(
        told.contains("<editor-state>") && told.contains("a.txt") && told.contains("b.txt (unsaved)"),
        "{told}"
    );
    assert!(!told.contains("elsewhere"), "{told}");
    peer.turn(&first.session, "And now?").await.assert("done");
    let told = last_user_text(&world.requests()[1].body);
    assert!(!told.contains("<editor-state>"), "it did not change: {told}");
    // It can be switched off.
    world.settings("", "[context]\neditor = false\n");
    peer.first_turn("Hello").await.assert("done");
    let told = last_user_text(&world.requests()[2].body);
    assert!(!told.contains("<editor-state>"), "{told}");
}

#[tokio::test]
async fn a_task_that_ended_is_told_and_stands_on_the_board_later() {
    let world = World::answering(|body| {
        match last_user_text(body).contains("Start it") && !body.to_string().contains("tool-results script") {
            true => script("return await tools.spawn.readFile({ path: 'long.txt' });"),
            false => Reply::Text("Done.".to_owned()),
        }
    })
    .await;
    world.write("long.txt", "a long line of text\n".repeat(400));
    let peer = Peer::start(&world).await;
    let first = peer.first_turn("Start it").await;
    first.assert("done");
    until("the task has ended", || {
        crate::harness::items(&world, &first.session)
            .iter()
            .any(|item| item["kind"] == "task" && item["state"]["is"] == "done")
    })
    .await;
    let second = peer.turn(&first.session, "And now?").await;
    let third = peer.turn(&first.session, "And later?").await;
    let posted: Vec<_> = [&first, &second, &third].iter().flat_map(|ended| ended.items("posted")).collect();
    assert_eq!(posted.len(), 1, "{posted:?}");
    assert_eq!(posted[0]["entry"]["source"], "task");
    let key = posted[0]["entry"]["key"].as_str().unwrap();
    let said: Vec<String> = world.requests().iter().map(|request| last_user_text(&request.body)).collect();
    let board = |text: &String| text.contains("<announcement-board>") && text.contains(key);
    assert!(board(&said[said.len() - 1]), "{}", said[said.len() - 1]);
    let told = said.iter().filter(|text| text.contains("is done: ")).count();
    assert!(told <= 2, "told once, or with the results of its script and then: {said:?}");
    assert!(
        said.iter().all(|text| !(board(text) && text.contains("harness-note>task "))),
        "never twice in one request"
    );
}
