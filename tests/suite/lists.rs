//! Lists for pickers (models, tools, grants, MCP), what a session is run with, and updates about what is under way: plan,
//! things that begin, choices.

use crate::harness::{Answer, Asked, KEY, PATIENCE, Peer, Reply, Who, World, items, script};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

fn done() -> Reply {
    Reply::Text("Done.".to_owned())
}

async fn world() -> World {
    World::answering(|_| done()).await
}

fn names(list: &Value, key: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one[key].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn models_come_from_settings_catalogue_and_providers() {
    let world = world().await;
    world.settings(
        "",
        "[models.\"scripted/scripted-model\"]\ncontext_window = 32768\nprice = { input = 3.0, output = 15.0, as_of = \"2026-11-20\" }\n\
         [models.fast]\nid = \"scripted/other\"\n",
    );
    let peer = Peer::start(&world).await;
    let all = peer.ok("glossator/models/list", json!({})).await;
    let first = &all["models"][0];
    assert_eq!(
        *first,
        json!({ "id": "scripted/scripted-model", "provider": "scripted", "contextWindow": 32768, "inputPrice": 3.0,
                "outputPrice": 15.0, "current": true, "usable": true })
    );
    let ids = names(&all["models"], "id");
    assert!(ids.contains(&"scripted/other".to_owned()), "{ids:?}");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "each once");
    // Of a provider without a key the catalogue is shown, and what is missing.
    let other = all["models"].as_array().unwrap().iter().find(|one| one["provider"] == "anthropic").unwrap();
    assert_eq!((&other["usable"], &other["current"]), (&json!(false), &json!(false)));
    assert!(other["note"].as_str().unwrap().contains("ANTHROPIC_API_KEY"), "{other}");
    // The scripted model keeps no list, and that is said.
    let notices = all["notices"].to_string();
    assert!(notices.contains("scripted did not list its models"), "{notices}");
    assert!(!all.to_string().contains(KEY));
    let some = peer.ok("glossator/models/list", json!({ "provider": "scripted" })).await;
    assert!(some["models"].as_array().unwrap().iter().all(|one| one["provider"] == "scripted"), "{some}");
    let why = peer.refused("glossator/models/list", json!({ "provider": "nobody" })).await;
    assert!(why.contains("nobody") && why.contains("scripted"), "{why}");
    for bad in [json!({ "provider": 7 }), json!([7]), json!({ "sessionId": {} })] {
        peer.refused("glossator/models/list", bad).await;
    }
    // What was chosen for a session is its current one.
    let session = peer.new_session().await;
    peer.ok("glossator/session/configure", json!({ "sessionId": session, "model": "scripted/other" })).await;
    let list =
        peer.ok("glossator/models/list", json!({ "sessionId": session, "provider": "scripted" })).await;
    assert_eq!(
        (&list["models"][0]["id"], &list["models"][0]["current"]),
        (&json!("scripted/other"), &json!(true))
    );
}

#[tokio::test]
async fn a_provider_lists_its_models_and_one_that_is_silent_is_waited_for_shortly() {
    let world = world().await;
    let listing = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let base = world.model.base_url();
    world.settings_text(&format!(
        "model = \"scripted/scripted-model\"\n[providers.scripted]\nwire = \"messages\"\nbase_url = \"{base}\"\nkey_env = \"SCRIPTED_KEY\"\n\
         [providers.house]\nwire = \"chat\"\nbase_url = \"http://{}\"\n[providers.silent]\nwire = \"chat\"\nbase_url = \"http://{}\"\n\
         [providers.closed]\nwire = \"chat\"\nbase_url = \"http://127.0.0.1:9\"\n",
        listing.local_addr().unwrap(),
        silent.local_addr().unwrap()
    ));
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut socket, _) = listing.accept().await.unwrap();
        let mut asked = [0; 4096];
        assert!(socket.read(&mut asked).await.unwrap() > 0);
        let body = json!({ "data": [{ "id": "big/one", "name": "The Big One", "context_length": 1000,
            "pricing": { "prompt": "0.000001", "completion": "0.000002" } }, { "id": "</x> `b`" }] });
        let body = body.to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        socket.write_all((head + &body).as_bytes()).await.unwrap();
    });
    let peer = Peer::start(&world).await;
    let began = Instant::now();
    let all = peer.ok("glossator/models/list", json!({})).await;
    let took = began.elapsed();
    assert!(took > Duration::from_secs(2) && took < PATIENCE / 2, "{took:?}");
    let of_house: Vec<&Value> =
        all["models"].as_array().unwrap().iter().filter(|one| one["provider"] == "house").collect();
    assert_eq!(
        *of_house[0],
        json!({ "id": "house/big/one", "provider": "house", "name": "The Big One", "contextWindow": 1000,
                "inputPrice": 1.0, "outputPrice": 2.0, "current": false, "usable": true })
    );
    assert_eq!(of_house[1]["id"], "house/</x> `b`", "an id is the provider's word");
    let notices = all["notices"].to_string();
    assert!(notices.contains("silent did not answer within 3 s"), "{notices}");
    assert!(notices.contains("closed did not list its models"), "{notices}");
    drop(silent);
}

#[tokio::test]
async fn tools_of_packs_and_sessions() {
    let world = world().await;
    world.settings("", "[packs.mine]\nextends = \"read-only\"\nwithout = [\"grepFiles\"]\n");
    let peer = Peer::start(&world).await;
    let all = peer.ok("glossator/tools/list", Value::Null).await;
    assert_eq!(all["pack"], "core");
    assert!(names(&all["tools"], "name").contains(&"applyPatch".to_owned()));
    for tool in all["tools"].as_array().unwrap() {
        let (summary, whole) = (tool["summary"].as_str().unwrap(), tool["description"].as_str().unwrap());
        assert!(!summary.is_empty() && !summary.contains('\n') && whole.starts_with(summary), "{tool}");
        assert!(tool["declaration"].as_str().unwrap().contains("Promise"), "{tool}");
        assert!(
            ["read", "write", "run", "network", "agent"].contains(&tool["effect"].as_str().unwrap()),
            "{tool}"
        );
    }
    let some = peer.ok("glossator/tools/list", json!({ "pack": "read-only" })).await;
    assert_eq!(some["pack"], "read-only");
    assert!(!names(&some["tools"], "name").contains(&"applyPatch".to_owned()));
    let session = peer.ok("glossator/session/new", json!({ "pack": "mine" })).await["session"]["id"].clone();
    let id = session.as_str().unwrap();
    peer.turn(id, "Begin").await.assert("done");
    let of_session = peer.ok("glossator/tools/list", json!({ "sessionId": id })).await;
    let own = names(&of_session["tools"], "name");
    assert_eq!(of_session["pack"], "mine");
    assert!(own.contains(&"readFile".to_owned()) && !own.contains(&"grepFiles".to_owned()), "{own:?}");
    // It keeps what it began with.
    world.settings("", "[packs.mine]\nextends = \"read-only\"\nwith = [\"exec\"]\n");
    let later = names(&peer.ok("glossator/tools/list", json!({ "sessionId": id })).await["tools"], "name");
    assert_eq!(later, own);
    for (bad, words) in [
        (json!({ "pack": "nope" }), "nope"),
        (json!({ "pack": 7 }), ""),
        (json!({ "sessionId": "nobody" }), "no session"),
    ] {
        let why = peer.refused("glossator/tools/list", bad).await;
        assert!(why.contains(words), "{why}");
    }
}

#[tokio::test]
async fn what_was_allowed_is_listed_and_taken_back_at_once() {
    let run =
        "for (const name of ['a', 'a', 'a']) await tools.exec({ command: ['touch', name] });\nreturn 1;";
    let one = "await tools.exec({ command: ['touch', 'a'] });\nreturn 2;";
    let world = World::new(vec![script(run), done(), script(one), done()]).await;
    let for_session = |asked: &Asked| {
        (asked.method == "glossator/approval/ask")
            .then(|| Answer::Result(json!({ "decision": "allow", "grant": "session" })))
    };
    let peer = Peer::with(&world, &Who::extension(), for_session).await;
    let session = peer.new_session().await;
    let none = peer.ok("glossator/grants/list", json!({ "sessionId": session })).await;
    assert_eq!(none["grants"], json!([]));
    let ended = peer.turn(&session, "Touch").await;
    ended.assert("done");
    assert_eq!(ended.updates("ask").len(), 1, "it is asked once");
    let grants = peer.ok("glossator/grants/list", json!({})).await;
    let grant = &grants["grants"][0];
    assert_eq!(
        (&grant["id"], &grant["sessionId"], grants["grants"].as_array().unwrap().len()),
        (&json!("G1"), &json!(session), 1)
    );
    assert!(grant["what"].as_str().unwrap().contains("touch a"), "{grant}");
    assert!(grant["at"].as_i64().unwrap() > 1_600_000_000_000, "{grant}");
    let revoked = peer.ok("glossator/grants/revoke", json!({ "sessionId": session, "id": "G1" })).await;
    assert_eq!(revoked["revoked"], 1);
    let ended = peer.turn(&session, "Again").await;
    ended.assert("done");
    assert_eq!(ended.updates("ask").len(), 1, "it is asked again");
    let revoked = peer.ok("glossator/grants/revoke", json!({ "sessionId": session })).await;
    assert_eq!(revoked["revoked"], 1);
    assert_eq!(peer.ok("glossator/grants/revoke", json!({ "sessionId": session })).await["revoked"], 0);
    for (method, bad, words) in [
        ("revoke", json!({ "sessionId": session, "id": "G1" }), "nothing was allowed as G1"),
        ("revoke", json!({}), "name a session"),
        ("revoke", json!({ "sessionId": "nobody" }), "no session"),
        ("revoke", json!({ "sessionId": session, "id": 1 }), ""),
        ("list", json!({ "sessionId": "nobody" }), "no session"),
        ("list", json!({ "sessionId": [] }), ""),
    ] {
        let why = peer.refused(&format!("glossator/grants/{method}"), bad.clone()).await;
        assert!(why.contains(words), "{bad}: {why}");
    }
}

#[tokio::test]
async fn taken_back_in_mid_turn_the_next_call_is_asked_about() {
    let run =
        "for (const name of ['a', 'b', 'a']) await tools.exec({ command: ['touch', name] });\nreturn 1;";
    let world = World::new(vec![script(run), done()]).await;
    let all_but_b = |asked: &Asked| {
        let is_ask = asked.method == "glossator/approval/ask";
        let of_b = asked.params["ask"]["subject"]["command"] == "touch b";
        (is_ask && !of_b).then(|| Answer::Result(json!({ "decision": "allow", "grant": "session" })))
    };
    let peer = Peer::with(&world, &Who::extension(), all_but_b).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Touch").await;
    peer.asks(&session, &turn, 2).await;
    assert_eq!(peer.ok("glossator/grants/revoke", json!({ "sessionId": session })).await["revoked"], 1);
    peer.command("glossator.approve", json!([])).await.unwrap();
    let ended = peer.end(&session, &turn).await;
    ended.assert("done");
    assert_eq!(ended.updates("ask").len(), 3);
}

#[tokio::test]
async fn mcp_says_that_it_is_not_there() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let status = peer.ok("glossator/mcp/status", json!({})).await;
    assert_eq!(status["servers"], json!([]));
    assert!(status["message"].as_str().unwrap().contains("does not use MCP servers yet"), "{status}");
}

#[tokio::test]
async fn what_begins_and_the_plan_are_told() {
    let plan = "await tools.updatePlan({ steps: [{ text: 'Look', status: 'done' }, { text: 'Write', status: 'inProgress' }, { text: 'Test', status: 'pending' }] });\nreturn 1;";
    let world = World::new(vec![
        Reply::Blocks(vec![
            json!({ "type": "thinking", "thinking": "Hm.", "signature": "c2ln" }),
            json!({ "type": "text", "text": format!("I plan.\n\n<tool-calls>\n{plan}\n</tool-calls>\n") }),
        ]),
        done(),
    ])
    .await;
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Plan it").await;
    ended.assert("done");
    let begun: Vec<(String, String)> = ended
        .updates("itemStarted")
        .iter()
        .map(|one| {
            (one["item"]["kind"].as_str().unwrap().to_owned(), one["item"]["id"].as_str().unwrap().to_owned())
        })
        .collect();
    let expected =
        [("reasoning", "reasoning"), ("answer", "answer"), ("script", "script"), ("answer", "answer")];
    assert_eq!(begun, expected.map(|(kind, id)| (kind.to_owned(), id.to_owned())));
    // Each comes before the first fragment of its stream.
    let kinds: Vec<&str> = ended.updates.iter().filter_map(|one| one["kind"].as_str()).collect();
    let first = |kind: &str| kinds.iter().position(|one| *one == kind).unwrap();
    assert!(first("itemStarted") < first("itemDelta"));
    let steps = json!([{ "text": "Look", "status": "done" }, { "text": "Write", "status": "inProgress" }, { "text": "Test", "status": "pending" }]);
    let plans = ended.updates("plan");
    assert_eq!(plans.len(), 1);
    assert_eq!(plans[0]["plan"], steps);
    assert_eq!(items(&world, &ended.session).iter().filter(|item| item["kind"] == "plan").count(), 1);
}

#[tokio::test]
async fn native_calls_are_told_when_they_are_begun() {
    let call = Reply::tool_call("c1", "readFile", json!({ "path": "a.txt" }));
    let world = World::new(vec![call, done()]).await;
    world.settings("", "[tools]\ncalling = \"native\"");
    world.write("a.txt", "a\n");
    let peer = Peer::start(&world).await;
    let ended = peer.first_turn("Read").await;
    ended.assert("done");
    let begun = &ended.updates("itemStarted")[0]["item"];
    assert_eq!(*begun, json!({ "kind": "toolCall", "id": "c1", "title": "readFile" }));
}

#[tokio::test]
async fn what_a_session_is_run_with_is_told_when_it_is_chosen_and_read() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    peer.turn(&session, "Begin").await.assert("done");
    let read = peer.ok("glossator/session/read", json!({ "sessionId": session })).await;
    assert_eq!(
        read["settings"],
        json!({ "model": "scripted/scripted-model", "pack": "core", "policy": "ask" })
    );
    peer.ok(
        "glossator/session/configure",
        json!({ "sessionId": session, "model": "scripted/other", "policy": "auto-edit" }),
    )
    .await;
    let told = peer
        .wait("the choice", |message| {
            let update = &message.params["update"];
            (update["kind"] == "session" && update["settings"]["model"] == "scripted/other")
                .then(|| update.clone())
        })
        .await;
    assert_eq!(told["settings"]["policy"], "auto-edit");
    assert_eq!((&told["title"], &told["archived"]), (&json!("Begin"), &json!(false)));
    let resumed = peer.ok("glossator/session/resume", json!({ "sessionId": session })).await;
    assert_eq!(resumed["read"]["settings"], told["settings"]);
}

#[tokio::test]
async fn every_client_is_told_what_a_session_is_called_after_its_first_prompt() {
    let world = world().await.with_core();
    let (one, two) = (Peer::start(&world).await, Peer::start(&world).await);
    let session = one.new_session().await;
    two.ok("glossator/session/read", json!({ "sessionId": session })).await;
    one.turn(&session, "Rename the parser. Then test it.").await.assert("done");
    one.turn(&session, "And now something else").await.assert("done");
    for peer in [&one, &two] {
        peer.end(&session, "T-2").await;
        let updates = peer.messages().into_iter().filter(|one| one.params["sessionId"] == session);
        let told: Vec<(String, Value)> = updates
            .map(|one| {
                let update = &one.params["update"];
                (update["kind"].as_str().unwrap_or_default().to_owned(), update["title"].clone())
            })
            .filter(|(kind, _)| kind == "session" || kind == "turnStarted")
            .collect();
        let kinds: Vec<&str> = told.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, ["session", "turnStarted", "turnStarted"], "{told:?}");
        assert_eq!(told[0].1, "Rename the parser");
    }
    let read = two.ok("glossator/session/read", json!({ "sessionId": session })).await;
    assert_eq!(read["session"]["title"], "Rename the parser");
}

#[tokio::test]
async fn the_server_says_what_it_offers() {
    let world = world().await;
    let peer = Peer::start(&world).await;
    let offered = names_of(&peer.server["capabilities"]["experimental"]["glossator"]["features"]);
    for feature in
        ["steer", "queue", "models", "tools", "grants", "auth", "complete", "input", "diagnostics", "symbols"]
    {
        assert!(offered.contains(&feature.to_owned()), "{feature}: {offered:?}");
    }
}

fn names_of(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}
