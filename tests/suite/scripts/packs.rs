//! Packs: what the prompt lists, what scripts see and what dispatch runs is one list; a turn may narrow it.

use crate::harness::{Peer, World, last_user_text, run, script_and};
use serde_json::{Value, json};

/// The names of all tools that the script can reach, spawned ones included.
const NAMES: &str = "const names = (place) => Object.keys(place).filter((name) => typeof place[name] === 'function').sort();\nreturn { tools: names(tools), tasks: names(tools.spawn) };";

const SIX: [&str; 6] = ["applyPatch", "exec", "fileSearch", "grepFiles", "listDir", "readFile"];

fn system(body: &Value) -> String {
    body["system"].to_string()
}

/// A session of `pack`: exactly `tools` are listed in the prompt, seen by the script and can be spawned.
async fn check(pack: &str, sections: &str, tools: &[&str]) {
    let world = World::new(script_and(NAMES)).await;
    world.settings(&format!("pack = \"{pack}\""), sections);
    let peer = Peer::start(&world).await;
    let result = peer.first_turn("Look").await.assert("done").result();
    let (seen, spawned) = result.split_once("\"tasks\"").unwrap();
    for name in SIX {
        let has = tools.contains(&name);
        let quoted = format!("\"{name}\"");
        assert_eq!(seen.contains(&quoted), has, "{pack}: {name} in {result}");
        assert_eq!(spawned.contains(&quoted), has, "{pack}: {name} to spawn in {result}");
        let declared = system(&world.requests()[0].body).contains(&format!("{name}(args"));
        assert_eq!(declared, has, "{pack}: {name} in the prompt");
    }
}

#[tokio::test]
async fn built_in_packs() {
    check("core", "", &SIX).await;
    check("all", "", &SIX).await;
    check("files", "", &["applyPatch", "fileSearch", "grepFiles", "listDir", "readFile"]).await;
    check("read-only", "", &["fileSearch", "grepFiles", "listDir", "readFile"]).await;
}

#[tokio::test]
async fn packs_of_the_user() {
    check(
        "mine",
        "[packs.mine]\nextends = \"core\"\nwithout = [\"exec\"]",
        &SIX.iter().copied().filter(|name| *name != "exec").collect::<Vec<_>>(),
    )
    .await;
    check(
        "two",
        "[packs.one]\nextends = \"read-only\"\nwithout = [\"listDir\"]\n[packs.two]\nextends = \"one\"\nwith = [\"exec\"]",
        &["exec", "fileSearch", "grepFiles", "readFile"],
    )
    .await;
}

/// A turn under these settings is refused with a message that holds `words`.
async fn refused(keys: &str, sections: &str, words: &[&str]) {
    let world = World::new(vec![]).await;
    world.settings(keys, sections);
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let params = json!({ "sessionId": session, "input": [{ "kind": "text", "text": "Go" }] });
    let why = peer.refused("glossator/turn/start", params).await;
    for word in words {
        assert!(why.contains(word), "no {word} in {why}");
    }
}

#[tokio::test]
async fn packs_that_cannot_be_are_told_with_what_to_do() {
    refused("pack = \"cores\"", "", &["cores", "core"]).await;
    refused("pack = \"a\"", "[packs.a]\nextends = \"b\"\n[packs.b]\nextends = \"a\"", &["a", "b"]).await;
    refused("pack = \"a\"", "[packs.a]\nextends = \"core\"\nwithout = [\"exce\"]", &["exce", "exec"]).await;
    refused("pack = \"core\"", "[packs.core]\nextends = \"files\"", &["core"]).await;
}

#[tokio::test]
async fn a_turn_may_narrow_its_session() {
    let source = "const gone = (() => { try { return typeof tools.exec; } catch (error) { return error.name; } })();\nconst read = (await tools.readFile('a.txt')).text;\nreturn { gone, read };";
    let world = World::new(
        script_and(source)
            .into_iter()
            .chain(script_and("return (await tools.exec({ command: ['true'] })).exitCode;"))
            .collect(),
    )
    .await;
    world.write("a.txt", "text\n");
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let params =
        json!({ "sessionId": session, "pack": "read-only", "input": [{ "kind": "text", "text": "Look" }] });
    let turn = peer.ok("glossator/turn/start", params).await["turnId"].as_str().unwrap().to_owned();
    let ended = peer.end(&session, &turn).await;
    let result = ended.assert("done").result();
    assert!(result.contains("ToolNotFound") && result.contains("text"), "{result}");
    let first = &world.requests()[0].body;
    assert!(last_user_text(first).contains("only these tools"), "{}", last_user_text(first));
    assert!(system(first).contains("exec(args"), "the frozen prefix stays as it is");
    // The next turn has all of them again.
    let next = peer.turn(&session, "Again").await;
    assert!(next.assert("done").result().contains("returned: 0"), "{}", next.result());
}

#[tokio::test]
async fn search_finds_tools_and_lists_are_for_fronts() {
    let world = World::new(vec![]).await;
    let source = "const found = await tools.search('read a file');\nreturn { first: found[0].name, declared: found[0].declaration.includes('readFile(') };";
    let ran = run(&world, &["debug", "script", "--json", "-"], source).await;
    let line: Value = serde_json::from_str(ran.assert(0).out.lines().last().unwrap()).unwrap();
    assert_eq!(line["value"], json!({ "first": "readFile", "declared": true }), "{line}");
    world.settings("", "[packs.mine]\nextends = \"read-only\"");
    let peer = Peer::start(&world).await;
    let packs = peer.ok("glossator/packs/list", json!({})).await;
    let slugs: Vec<&str> =
        packs["packs"].as_array().unwrap().iter().map(|pack| pack["slug"].as_str().unwrap()).collect();
    for slug in ["core", "files", "read-only", "all", "mine"] {
        assert!(slugs.contains(&slug), "{slugs:?}");
    }
    let tools = peer.ok("glossator/tools/list", json!({ "pack": "read-only" })).await;
    // The four that look, the four that ask the editor, the one that asks the user, and the session's own desk.
    assert_eq!(tools["tools"].as_array().unwrap().len(), 4 + 4 + 1 + 6, "{tools}");
}
