//! The desk of a session over the real server: file cabinet, announcement board, plan, and whole files from keys.

use crate::harness::{KEY, Peer, Reply, World, items, last_user_text, script, script_and};
use serde_json::json;

const LONG: &str = "return Array.from({ length: 20000 }, (_, n) => `line ${n}`).join('\\n');";

fn done() -> Reply {
    Reply::Text("Done.".to_owned())
}

#[tokio::test]
async fn a_document_outlives_its_session() {
    let save = "return await tools.saveToFC('K1', 'many lines');";
    let fetch = "const { documents } = await tools.fetchFromFc(['F1', 'F2']);\nreturn documents.map((one) => [one.note, one.bytes > 1000, one.hint ?? one.text]);";
    let read = "const part = await tools.readFile({ fileKey: 'F1', offset: 19999, limit: 1 });\nreturn [part.text, part.totalLines];";
    let short =
        "return await tools.saveToFc({ text: 'short and KEY', note: 'a short one' });".replace("KEY", KEY);
    let steps =
        vec![script(LONG), script(save), script(&short), done(), script(fetch), script(read), done(), done()];
    let world = World::new(steps).await;
    let peer = Peer::start(&world).await;
    let first = peer.first_turn("Make and keep much").await;
    let results = first.assert("done").results();
    assert!(results[1].contains("\"fileKey\":\"F1\"") && results[1].contains("many lines"), "{}", results[1]);
    assert!(results[2].contains("\"fileKey\":\"F2\""), "{}", results[2]);
    assert_eq!(peer.leave().await, 0);
    // Another session, after a restart.
    let peer = Peer::start(&world).await;
    let second = peer.first_turn("Fetch it").await;
    let results = second.assert("done").results();
    assert!(results[0].contains("[\"many lines\",true,\"await tools.readFile({ fileKey: "), "{}", results[0]);
    assert!(results[0].contains("short and ") && !results[0].contains(KEY), "{}", results[0]);
    assert!(results[1].contains("line 19998") && results[1].contains("20000"), "{}", results[1]);
    assert_eq!(second.items("posted").len(), 2);
    // The board is in the newest message of the next round, and of the next turn.
    peer.turn(&second.session, "And now?").await.assert("done");
    let requests = world.requests();
    for at in [5, 7] {
        let newest = last_user_text(&requests[at].body);
        let board = newest.split_once("<announcement-board").map(|(_, board)| board).unwrap_or_default();
        for words in ["many lines", "F1", "line 0", "a short one"] {
            assert!(board.contains(words), "no {words} in request {at}: {newest}");
        }
        assert!(!board.contains("line 19999"), "the board holds only the begin of a long document");
    }
}

#[tokio::test]
async fn entries_of_the_board_go_after_their_turns() {
    let post = "const a = await tools.board.post({ title: 'Brief', text: 'for two turns', turns: 2 });\nconst b = await tools.board.post('stays for five');\nconst c = await tools.board.post('taken away');\nawait tools.board.remove({ id: c.id });\nreturn [a.id, b.id, c.id];";
    let again = "return (await tools.board.post('another')).id;";
    let world = World::new(vec![script(post), done(), done(), done(), script(again), done()]).await;
    let peer = Peer::start(&world).await;
    let first = peer.first_turn("Post").await;
    assert!(first.assert("done").result().contains("[\"B1\",\"B2\",\"B3\"]"), "{}", first.result());
    for prompt in ["Two", "Three"] {
        peer.turn(&first.session, prompt).await.assert("done");
    }
    let requests = world.requests();
    for (at, brief) in [(1, true), (2, true), (3, false)] {
        let newest = last_user_text(&requests[at].body);
        let board = newest.split_once("<announcement-board").map(|(_, board)| board).unwrap_or_default();
        let board = board.split_once("</announcement-board>").map(|(board, _)| board).unwrap_or_default();
        assert_eq!(board.contains("for two turns"), brief, "request {at}: {newest}");
        assert!(board.contains("stays for five") && !board.contains("taken away"), "request {at}: {newest}");
    }
    // Ids are not given away again, not even after a restart.
    assert_eq!(peer.leave().await, 0);
    let peer = Peer::start(&world).await;
    let last = peer.turn(&first.session, "Once more").await;
    assert!(last.assert("done").result().contains("B4"), "{}", last.result());
}

#[tokio::test]
async fn a_file_is_written_from_a_key_as_hunks_that_can_be_undone() {
    let write = "const made = await tools.writeFile({ path: 'out/all.txt', fileKey: 'K1' });\nconst twice = await tools.writeFile({ path: 'out/all.txt', content: 'x' }).catch((error) => error.message);\nconst over = await tools.writeFile({ path: 'old.txt', content: 'one\\nnew\\n', overwrite: true });\nreturn [made.review, twice, over.review];";
    let world = World::new(vec![script(LONG), script(write), done()]).await;
    world.write("old.txt", "one\r\ntwo\r\n");
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Write").await;
    let results = ended.assert("done").results();
    assert!(
        results[1].contains("[\"pending\",\"nothing was changed. out/all.txt exists already"),
        "{}",
        results[1]
    );
    assert!(results[1].contains("overwrite: true"), "{}", results[1]);
    let text = world.read("out/all.txt");
    assert!(text.starts_with("line 0\nline 1\n") && text.ends_with("line 19999"), "{} bytes", text.len());
    assert_eq!(world.read("old.txt"), "one\r\nnew\r\n");
    // The text went past the model: no request has it.
    assert!(world.requests().iter().all(|request| !request.body.to_string().contains("line 10000")));
    let hunks: usize = ended
        .items("changeSet")
        .iter()
        .map(|item| item["state"]["hunks"].as_array().map_or(0, Vec::len))
        .sum();
    assert_eq!(hunks, 2);
    peer.undo(&ended.session).await;
    assert!(!world.exists("out/all.txt"));
    assert_eq!(world.read("old.txt"), "one\r\ntwo\r\n");
}

#[tokio::test]
async fn the_plan_is_an_item_each_time_that_it_changes() {
    let plan = "const plan = (a, b) => tools.updatePlan({ steps: [{ text: 'Look', status: a }, { text: 'Fix', status: b }], explanation: 'why' });\nawait plan('inProgress', 'pending');\nawait plan('inProgress', 'pending');\nconst two = await plan('inProgress', 'inProgress').catch((error) => [error.name, error.message]);\nawait plan('done', 'inProgress');\nreturn two;";
    let again = "return await tools.updatePlan({ steps: [{ text: 'Look', status: 'done' }, { text: 'Fix', status: 'inProgress' }] });";
    let world = World::new([script_and(plan), script_and(again)].into_iter().flatten().collect()).await;
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Plan").await;
    let result = ended.assert("done").result();
    assert!(result.contains("ToolArguments") && result.contains("at most one can be"), "{result}");
    let plans = ended.items("plan");
    assert_eq!(plans.len(), 2, "{plans:#?}");
    assert_eq!(
        plans[1]["steps"],
        json!([{ "text": "Look", "status": "done" }, { "text": "Fix", "status": "inProgress" }])
    );
    assert_eq!(plans[0]["explanation"], "why");
    // An equal plan is no news after a restart either.
    assert_eq!(peer.leave().await, 0);
    let logged = items(&world, &ended.session).iter().filter(|item| item["kind"] == "plan").count();
    assert_eq!(logged, 2);
    let peer = Peer::start(&world).await;
    let next = peer.turn(&ended.session, "Again").await;
    assert!(next.assert("done").result().contains("\"changed\":false"), "{}", next.result());
}

#[tokio::test]
async fn a_pack_that_only_looks_has_the_desk_and_no_pen() {
    let source = "const kept = await tools.saveToFC({ text: 'x' });\nconst said = [];\ntry { await tools.writeFile({ path: 'a.txt', content: 'x' }); } catch (error) { said.push(error.message); }\nawait tools.updatePlan({ steps: [{ text: 'Look', status: 'done' }] });\nreturn [kept.fileKey, said];";
    let world = World::new(script_and(source)).await;
    world.settings("pack = \"read-only\"\npolicy = \"read-only\"", "");
    let peer = Peer::start(&world).await;
    let result = peer.first_turn("Try").await.assert("done").result();
    assert!(result.contains("\"F1\"") && result.contains("writeFile"), "{result}");
    assert!(!world.exists("a.txt"));
    // With the tool at hand the policy refuses it.
    let world = World::new(script_and("return await tools.writeFile({ path: 'a.txt', content: 'x' }).catch((error) => [error.name, error.message]);")).await;
    world.settings("policy = \"read-only\"", "");
    let peer = Peer::start(&world).await;
    let result = peer.first_turn("Try").await.assert("done").result();
    assert!(result.contains("ToolDenied") && result.contains("read-only"), "{result}");
    assert!(!world.exists("a.txt"));
}

#[tokio::test]
async fn keys_that_are_not_there_are_told_with_what_is() {
    let source = "const says = (call) => call.then(() => 'nothing', (error) => error.message);\nconst empty = await says(tools.fetchFromFC('F1'));\nawait tools.saveToFC({ text: 'x', note: 'parser notes' });\nreturn [empty, await says(tools.fetchFromFC(['F1', 'F7'])), await says(tools.fetchFromFC('the parser notes')), await says(tools.saveToFC('K9')), await tools.listFC()];";
    let world = World::new(script_and(source)).await;
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Try").await;
    let result = ended.assert("done").result();
    for words in [
        "no document F1. The cabinet is empty",
        "no document F7. There are F1",
        "did you mean F1",
        "no text under the key",
        "\"total\":1",
    ] {
        assert!(result.contains(words), "no {words:?} in {result}");
    }
    assert!(ended.items("posted").is_empty());
}

#[tokio::test]
async fn the_whole_output_of_a_command_is_kept() {
    let source = "const ran = await tools.exec({ script: 'seq 400000' });\nconst part = await tools.readFile({ fileKey: ran.fileKey, offset: 200000, limit: 1 });\nreturn [ran.truncated, ran.stdout.includes('200000\\n'), part.text];";
    let world = World::new(script_and(source)).await;
    world.settings("policy = \"full\"", "");
    let peer = Peer::start(&world).await;
    peer.command("glossator.trust", json!([])).await.unwrap();
    let ended = peer.first_turn("Count").await;
    let result = ended.assert("done").result();
    assert!(result.contains("[true,false,\"200000\\n\"]"), "{result}");
    let longest = items(&world, &ended.session).iter().map(|item| item.to_string().len()).max().unwrap();
    assert!(longest < 20 * 1024, "an item of {longest} bytes");
}
