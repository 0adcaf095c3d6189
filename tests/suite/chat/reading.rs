//! What editors ask about our documents: links, symbols, folds, hovers, code actions.

use super::{action, actions, ask, chat, line_of, on_disk, open, plain, run, saying, shows};
use crate::harness::{Peer, Reply, World, script_and};
use serde_json::{Value, json};
use url::Url;

/// A chat in which a file was changed, its transcript open.
async fn worked() -> (World, Peer, super::Chat) {
    let source = "await tools.readFile({ path: 'a b.txt' });\nawait tools.applyPatch({ patch: \"*** Begin Patch\\n*** Update File: a b.txt\\n@@\\n one\\n-two\\n+TWO\\n*** Add File: dir/new `x`.txt\\n+new\\n*** End Patch\\n\" });";
    let mut replies = script_and(source);
    replies.push(Reply::Text("As in T-1.".to_owned()));
    let world = World::new(replies).await;
    world.write("a b.txt", "one\ntwo\n");
    let (peer, _) = plain(&world, &["utf-16"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.transcript);
    ask(&peer, &chat, "Change 😀 it", "done").await;
    ask(&peer, &chat, "Explain T-1", "done").await;
    (world, peer, chat)
}

async fn links(peer: &Peer, uri: &str) -> Vec<Value> {
    let links = peer.ok("textDocument/documentLink", json!({ "textDocument": { "uri": uri } })).await;
    links.as_array().unwrap().clone()
}

/// The text that a range of an open document stands for, in UTF-16.
fn text_at(peer: &Peer, uri: &str, range: &Value) -> String {
    let line = range["start"]["line"].as_u64().unwrap() as usize;
    assert_eq!(range["start"]["line"], range["end"]["line"]);
    let text = peer.text(uri);
    let units: Vec<u16> = text.lines().nth(line).unwrap().encode_utf16().collect();
    let at = |side: &str| range[side]["character"].as_u64().unwrap() as usize;
    String::from_utf16(&units[at("start")..at("end")]).unwrap()
}

#[tokio::test]
async fn links_lead_to_outputs_files_reviews_and_contexts() {
    let (world, peer, chat) = worked().await;
    let links = links(&peer, &chat.transcript).await;
    let mut seen = Vec::new();
    for link in &links {
        let shown = text_at(&peer, &chat.transcript, &link["range"]);
        let resolved = peer.ok("documentLink/resolve", link.clone()).await;
        let target = Url::parse(resolved["target"].as_str().unwrap()).unwrap();
        let path = target.to_file_path().unwrap();
        assert!(path.is_file(), "{path:?} of {shown}");
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        seen.push((shown, name, target.fragment().map(str::to_owned), path));
    }
    let find = |shown: &str| {
        seen.iter().find(|(one, ..)| one == shown).unwrap_or_else(|| panic!("{shown}: {seen:?}"))
    };
    assert_eq!(find("S1-1-1").1, "T-1-S1-1-1.txt");
    let script = std::fs::read_to_string(&find("S1-1-1").3).unwrap();
    assert!(script.contains("tools.readFile") && script.contains("<tool-results"), "{script}");
    let output = std::fs::read_to_string(&find("S1-1-1.1").3).unwrap();
    assert!(output.contains("readFile") && output.contains("one\ntwo"), "{output}");
    assert_eq!(find("`a b.txt`").3, world.path("a b.txt"));
    assert_eq!(find("`a b.txt`").2.as_deref(), Some("L2"));
    assert_eq!(find("``dir/new `x`.txt``").3, world.path("dir/new `x`.txt"));
    assert_eq!(find("T-1.diff").1, "T-1.diff");
    assert_eq!(find("T-1-context.md").1, "T-1-context.md");
    assert_eq!(find("prompt.md").1, "prompt.md");
    // The prompt's mentions lead to their files.
    open(&peer, &chat.prompt);
    let prompt = format!("{}See @\"a b.txt\":2 😀 @\"a b.txt\" @none.txt\n", peer.text(&chat.prompt));
    peer.type_over(&chat.prompt, &prompt);
    let pointed = self::links(&peer, &chat.prompt).await;
    let shown: Vec<String> =
        pointed.iter().map(|link| text_at(&peer, &chat.prompt, &link["range"])).collect();
    assert_eq!(shown, ["@\"a b.txt\":2", "@\"a b.txt\"", "@none.txt"]);
    let resolved = peer.ok("documentLink/resolve", pointed[0].clone()).await;
    assert_eq!(resolved["target"], format!("{}#L2", world.uri("a b.txt")));
    let why = peer.refused("documentLink/resolve", pointed[2].clone()).await;
    assert!(why.contains("no file none.txt"), "{why}");
    // In the words of others only turns are links.
    assert_eq!(find("T-1").1, "chat.md");
    // No link leads anywhere on its own.
    let why =
        peer.refused("documentLink/resolve", json!({ "range": links[0]["range"], "data": { "x": 1 } })).await;
    assert!(why.contains("not one of Glossator's"), "{why}");
    let file = world.uri("a b.txt");
    peer.open(&file, "one T-1\n");
    assert!(peer.ok("textDocument/documentLink", json!({ "textDocument": { "uri": file } })).await.is_null());
}

#[tokio::test]
async fn symbols_and_folds_are_the_turns() {
    let (_world, peer, chat) = worked().await;
    let document = json!({ "textDocument": { "uri": chat.transcript } });
    let symbols = peer.ok("textDocument/documentSymbol", document.clone()).await;
    let turns = symbols.as_array().unwrap();
    assert_eq!(turns[0]["name"], "T-1 Change 😀 it");
    let parts: Vec<&str> =
        turns[0]["children"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(parts[..2], ["You: Change 😀 it", "Glossator"]);
    assert!(parts[2].starts_with("C1: `a b.txt` +1 −1"), "{parts:?}");
    assert!(turns[0]["detail"].as_str().unwrap().starts_with("done · "));
    let folds = peer.ok("textDocument/foldingRange", document).await;
    let starts: Vec<u64> =
        folds.as_array().unwrap().iter().map(|fold| fold["startLine"].as_u64().unwrap()).collect();
    let first = line_of(&peer, &chat.transcript, "## T-1") as u64;
    let script = line_of(&peer, &chat.transcript, "- ▸ script") as u64;
    assert!(starts.contains(&first) && starts.contains(&script), "{folds}");
    // A client that knows no nesting gets them flat.
    let world = saying(&["Hi."]).await;
    let flat = Peer::with(&world, &crate::harness::Who::recorded("hx-trixie"), |_| None).await;
    let one = super::chat(&flat, json!([])).await;
    open(&flat, &one.transcript);
    let document = json!({ "textDocument": { "uri": one.transcript } });
    assert_eq!(flat.ok("textDocument/documentSymbol", document).await, json!([]));
}

#[tokio::test]
async fn ids_are_explained() {
    let (_world, peer, chat) = worked().await;
    let hover = async |words: &str, within: &str| {
        let line = line_of(&peer, &chat.transcript, words);
        let text = peer.text(&chat.transcript);
        let before = text.lines().nth(line).unwrap().split(within).next().unwrap().encode_utf16().count();
        let at = json!({ "line": line, "character": before + 1 });
        let params = json!({ "textDocument": { "uri": chat.transcript }, "position": at });
        let found = peer.ok("textDocument/hover", params).await;
        found["contents"]["value"].as_str().unwrap_or_default().to_owned()
    };
    let turn = hover("> Explain T-1", "T-1").await;
    assert!(
        turn.contains("T-1 · done") && turn.contains("Change 😀 it") && turn.contains("edit C1"),
        "{turn}"
    );
    let call = hover("(S1-1-1.1)", "S1-1-1.1").await;
    assert!(call.contains("readFile") && call.contains("one"), "{call}");
    let change = hover("edit C1", "C1").await;
    assert!(change.contains("C1.1") && change.contains("pending"), "{change}");
    assert_eq!(hover("# ", "# ").await, "");
    // In the prompt, too.
    open(&peer, &chat.prompt);
    peer.type_over(&chat.prompt, &format!("{}Why C1.1 and not K9?\n", peer.text(&chat.prompt)));
    let line = line_of(&peer, &chat.prompt, "Why C1.1");
    let params = |character: u32| json!({ "textDocument": { "uri": chat.prompt }, "position": { "line": line, "character": character } });
    let hunk = peer.ok("textDocument/hover", params(5)).await;
    assert!(hunk["contents"]["value"].as_str().unwrap().contains("-two\n+TWO"), "{hunk}");
    assert!(peer.ok("textDocument/hover", params(18)).await.is_null());
    assert!(peer.ok("textDocument/hover", params(9999)).await.is_null());
}

#[tokio::test]
async fn actions_on_a_turn() {
    let (world, peer, chat) = worked().await;
    let line = line_of(&peer, &chat.transcript, "## T-1");
    let titles =
        |all: &[Value]| all.iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let here = titles(&actions(&peer, &chat.transcript, line).await);
    for title in [
        "Review T-1",
        "Keep all of T-1",
        "Reject all of T-1",
        "Undo T-1",
        "Redo T-1",
        "Show what was sent in T-1",
        "Fork here, behind T-1",
        "Write a prompt",
    ] {
        assert!(here.iter().any(|one| one == title), "no {title} among {here:?}");
    }
    let automatic = json!({
        "textDocument": { "uri": chat.transcript },
        "range": { "start": { "line": line, "character": 0 }, "end": { "line": line, "character": 0 } },
        "context": { "diagnostics": [], "triggerKind": 2 },
    });
    assert!(peer.ok("textDocument/codeAction", automatic).await.is_null(), "nothing is offered unasked");
    let second = titles(&actions(&peer, &chat.transcript, line_of(&peer, &chat.transcript, "## T-2")).await);
    assert!(!second.iter().any(|one| one.starts_with("Undo")), "{second:?}");
    let call = line_of(&peer, &chat.transcript, "(S1-1-1.1)");
    let show = action(&peer, &chat.transcript, call, "Show all of S1-1-1.1").await;
    let shown = run(&peer, &show).await.unwrap();
    assert!(on_disk(shown["uri"].as_str().unwrap()).contains("one\ntwo"));
    run(&peer, &action(&peer, &chat.transcript, line, "Undo T-1").await).await.unwrap();
    assert_eq!(world.read("a b.txt"), "one\ntwo\n");
    shows(&peer, &chat.transcript, "→ undone").await;
    run(&peer, &action(&peer, &chat.transcript, line, "Redo T-1").await).await.unwrap();
    assert_eq!(world.read("a b.txt"), "one\nTWO\n");
    let forked = run(&peer, &action(&peer, &chat.transcript, line, "Fork here").await).await.unwrap();
    let fork = forked["session"]["id"].as_str().unwrap();
    assert_ne!(fork, chat.session);
    let copy = super::chat(&peer, json!([{ "sessionId": fork, "show": false }])).await;
    let text = on_disk(&copy.transcript);
    assert!(text.contains("## T-1 · done") && !text.contains("## T-2"), "{text}");
}

#[tokio::test]
async fn links_of_answers_lead_into_the_workspace() {
    let answer = "See [a](src/a.rs#L2), [that](<./b c.txt>) and [nothing](none.rs:3).\n\n```text\n[code](src/a.rs)\n```\n";
    let world = saying(&[answer]).await;
    world.write("src/a.rs", "one\ntwo\n");
    world.write("b c.txt", "");
    let (peer, _) = plain(&world, &["utf-16"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.transcript);
    ask(&peer, &chat, "Where? [not mine](src/a.rs)", "done").await;
    let line = line_of(&peer, &chat.transcript, "See [a]");
    let all = links(&peer, &chat.transcript).await;
    let mut found = Vec::new();
    for link in all.iter().filter(|link| link["data"]["word"].as_str().unwrap().starts_with('@')) {
        assert_eq!(link["range"]["start"]["line"], line);
        let shown = text_at(&peer, &chat.transcript, &link["range"]);
        let target = peer.request("documentLink/resolve", link.clone()).await.ok();
        found.push((shown, target.map(|link| link["target"].as_str().unwrap().to_owned())));
    }
    let uri = |name: &str| Some(world.uri(name));
    assert_eq!(
        found,
        [
            ("src/a.rs#L2".to_owned(), uri("src/a.rs").map(|uri| format!("{uri}#L2"))),
            ("<./b c.txt>".to_owned(), uri("b c.txt")),
            ("none.rs:3".to_owned(), None),
        ]
    );
    // By the place of the cursor, and without one the first of the line.
    let place = |character: u64| json!([{ "uri": chat.transcript, "position": { "line": line, "character": character } }]);
    for (character, name) in [(9, "src/a.rs"), (40, "b c.txt"), (0, "src/a.rs")] {
        let opened = peer.command("glossator.open", place(character)).await.unwrap();
        assert_eq!(opened["uri"], world.uri(name), "{character}");
    }
    let why = peer.command("glossator.open", place(62)).await.unwrap_err();
    assert!(why["message"].as_str().unwrap().contains("no file"), "{why}");
}

#[tokio::test]
async fn a_very_long_prompt_is_shown_in_part_and_can_be_read_whole() {
    let world = saying(&["Read."]).await;
    let (peer, _) = plain(&world, &["utf-8"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.transcript);
    let prompt: String = (0..5000).map(|number| format!("line {number}\n")).collect();
    ask(&peer, &chat, &prompt, "done").await;
    let text = peer.text(&chat.transcript);
    assert!(text.contains("> line 59\n") && !text.contains("> line 60\n"), "{}", text.len());
    assert!(text.contains("### Glossator\n\nRead."), "{text}");
    let line = line_of(&peer, &chat.transcript, "more characters were said (#");
    let place = json!([{ "uri": chat.transcript, "position": { "line": line, "character": 0 } }]);
    let opened = peer.command("glossator.open", place).await.unwrap();
    assert_eq!(on_disk(opened["uri"].as_str().unwrap()), prompt);
}

#[tokio::test]
async fn bad_places_and_ids_are_told() {
    let world = saying(&["Hi."]).await;
    let (peer, _) = plain(&world, &["utf-8"]).await;
    let chat = chat(&peer, json!([])).await;
    open(&peer, &chat.transcript);
    ask(&peer, &chat, "Hello", "done").await;
    let place = |uri: &str, line: u64| json!([{ "uri": uri, "position": { "line": line, "character": 3 } }]);
    for (command, argument, words) in [
        ("glossator.open", json!([]), "takes an id"),
        ("glossator.open", json!(["what"]), "is no id"),
        ("glossator.open", json!([7]), "should be one of"),
        ("glossator.open", json!(["S9-1-1"]), "no such call"),
        ("glossator.open", json!(["K9"]), "no text"),
        ("glossator.open", json!(["C9.1"]), "no such hunk"),
        ("glossator.open", json!(["#3"]), "in its turn only"),
        ("glossator.open", place("file:///nowhere.md", 0), "no document of Glossator's"),
        ("glossator.open", place(&chat.transcript, 9999), "Nothing on this line"),
        ("glossator.forkHere", place(&chat.transcript, 0), "no turn at this place"),
        ("glossator.forkHere", json!(["T-9"]), "has not ended"),
        ("glossator.forkHere", place("nonsense", 0), "no transcript"),
        ("glossator.applyBlock", place(&chat.transcript, 0), "no code block"),
        ("glossator.applyBlock", place(&chat.prompt, 0), "no transcript"),
        ("glossator.applyBlock", json!([]), "has a code block"),
        ("glossator.applyBlock", json!([{ "text": " " }]), "is empty"),
        ("glossator.chat", json!(["../x"]), "there is no session"),
        ("glossator.chat", json!(["01997c5e-0000"]), "there is no session"),
        ("glossator.chat", json!([[]]), "should be one of"),
    ] {
        let why = peer.command(command, argument.clone()).await.unwrap_err();
        let message = why["message"].as_str().unwrap();
        assert!(message.contains(words), "{command} {argument}: {message}");
    }
}
