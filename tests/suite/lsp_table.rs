//! Standard LSP as a table: what the server offers each real editor has a handler, what has a handler is offered to some
//! editor, and each of them has a road to every flow.

use crate::harness::{Answer, Asked, Peer, Reply, Who, World, last_user_text, patch, script_and, soon};
use serde_json::{Value, json};

/// The editors whose `initialize` was recorded.
const CLIENTS: &[&str] =
    &["emacs", "hx-2507", "hx-forky", "hx-trixie", "nvim-forky", "nvim-trixie", "vscode"];

/// Requests of LSP 3.17, where the server says that it answers them, and parameters beside a document.
const REQUESTS: &[(&str, &str, &str)] = &[
    ("textDocument/completion", "/completionProvider", r#"{"position":{"line":0,"character":0}}"#),
    ("completionItem/resolve", "/completionProvider/resolveProvider", r#"{"label":"a"}"#),
    ("textDocument/hover", "/hoverProvider", r#"{"position":{"line":0,"character":0}}"#),
    ("textDocument/signatureHelp", "/signatureHelpProvider", r#"{"position":{"line":0,"character":0}}"#),
    ("textDocument/declaration", "/declarationProvider", r#"{"position":{"line":0,"character":0}}"#),
    ("textDocument/definition", "/definitionProvider", r#"{"position":{"line":0,"character":0}}"#),
    ("textDocument/typeDefinition", "/typeDefinitionProvider", r#"{"position":{"line":0,"character":0}}"#),
    ("textDocument/implementation", "/implementationProvider", r#"{"position":{"line":0,"character":0}}"#),
    (
        "textDocument/references",
        "/referencesProvider",
        r#"{"position":{"line":0,"character":0},"context":{"includeDeclaration":true}}"#,
    ),
    (
        "textDocument/documentHighlight",
        "/documentHighlightProvider",
        r#"{"position":{"line":0,"character":0}}"#,
    ),
    ("textDocument/documentSymbol", "/documentSymbolProvider", r#"{}"#),
    (
        "textDocument/codeAction",
        "/codeActionProvider",
        r#"{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":1}},"context":{"diagnostics":[]}}"#,
    ),
    ("codeAction/resolve", "/codeActionProvider/resolveProvider", r#"{"title":"a"}"#),
    ("textDocument/codeLens", "/codeLensProvider", r#"{}"#),
    (
        "codeLens/resolve",
        "/codeLensProvider/resolveProvider",
        r#"{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":1}}}"#,
    ),
    ("textDocument/documentLink", "/documentLinkProvider", r#"{}"#),
    (
        "documentLink/resolve",
        "/documentLinkProvider/resolveProvider",
        r#"{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":1}}}"#,
    ),
    ("textDocument/documentColor", "/colorProvider", r#"{}"#),
    (
        "textDocument/formatting",
        "/documentFormattingProvider",
        r#"{"options":{"tabSize":4,"insertSpaces":true}}"#,
    ),
    ("textDocument/rename", "/renameProvider", r#"{"position":{"line":0,"character":0},"newName":"b"}"#),
    ("textDocument/foldingRange", "/foldingRangeProvider", r#"{}"#),
    ("textDocument/selectionRange", "/selectionRangeProvider", r#"{"positions":[{"line":0,"character":0}]}"#),
    (
        "textDocument/prepareCallHierarchy",
        "/callHierarchyProvider",
        r#"{"position":{"line":0,"character":0}}"#,
    ),
    ("textDocument/semanticTokens/full", "/semanticTokensProvider/full", r#"{}"#),
    ("textDocument/moniker", "/monikerProvider", r#"{"position":{"line":0,"character":0}}"#),
    (
        "textDocument/inlayHint",
        "/inlayHintProvider",
        r#"{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":1}}}"#,
    ),
    (
        "textDocument/inlineValue",
        "/inlineValueProvider",
        r#"{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":1}},"context":{"frameId":1,"stoppedLocation":{"start":{"line":0,"character":0},"end":{"line":0,"character":1}}}}"#,
    ),
    ("textDocument/diagnostic", "/diagnosticProvider", r#"{}"#),
    ("workspace/diagnostic", "/diagnosticProvider/workspaceDiagnostics", r#"{"previousResultIds":[]}"#),
    ("workspace/symbol", "/workspaceSymbolProvider", r#"{"query":"a"}"#),
    (
        "workspace/executeCommand",
        "/executeCommandProvider",
        r#"{"command":"glossator.tasks","arguments":[]}"#,
    ),
    (
        "workspace/willCreateFiles",
        "/workspace/fileOperations/willCreate",
        r#"{"files":[{"uri":"file:///a"}]}"#,
    ),
    (
        "workspace/willRenameFiles",
        "/workspace/fileOperations/willRename",
        r#"{"files":[{"oldUri":"file:///a","newUri":"file:///b"}]}"#,
    ),
    (
        "workspace/willDeleteFiles",
        "/workspace/fileOperations/willDelete",
        r#"{"files":[{"uri":"file:///a"}]}"#,
    ),
];

async fn is_handled(peer: &Peer, uri: &str, method: &str, mut params: Value) -> bool {
    params["textDocument"] = json!({ "uri": uri });
    match peer.request(method, params).await {
        Ok(_) => true,
        Err(error) => {
            let code = error["code"].as_i64().unwrap();
            assert!(code == -32601 || code == -32803, "{method}: {error}");
            code != -32601
        }
    }
}

#[tokio::test]
async fn what_is_offered_is_answered_and_what_is_answered_is_offered() {
    let mut handled = vec![false; REQUESTS.len()];
    let mut offered = vec![false; REQUESTS.len()];
    for client in CLIENTS {
        let world = World::new(vec![]).await;
        let uri = world.uri("a.rs");
        let peer = Peer::with(&world, &Who::recorded(client), |_| None).await;
        peer.open(&uri, "fn a() {}\n");
        for (at, (method, pointer, params)) in REQUESTS.iter().enumerate() {
            let says = peer.server["capabilities"].pointer(pointer);
            let says = says.is_some_and(|value| !value.is_null() && *value != json!(false));
            let does = is_handled(&peer, &uri, method, serde_json::from_str(params).unwrap()).await;
            assert!(does || !says, "{client} is offered {method}, which has no handler");
            handled[at] |= does;
            offered[at] |= says;
        }
    }
    let silent: Vec<&str> =
        (0..REQUESTS.len()).filter(|at| handled[*at] && !offered[*at]).map(|at| REQUESTS[at].0).collect();
    assert!(silent.is_empty(), "answered, but offered to nobody: {silent:?}");
}

#[tokio::test]
async fn each_editor_is_offered_what_it_can_use() {
    for client in CLIENTS {
        let world = World::new(vec![]).await;
        let who = Who::recorded(client);
        let peer = Peer::with(&world, &who, |_| None).await;
        let server = &peer.server["capabilities"];
        let said = who.params(&world.workspace());
        let said = &said["capabilities"];
        for (offer, needs) in [
            ("/codeLensProvider", "/textDocument/codeLens"),
            ("/workspace/fileOperations/didRename", "/workspace/fileOperations/didRename"),
            ("/workspace/fileOperations/willRename", "/workspace/fileOperations/willRename"),
            ("/workspace/fileOperations/didDelete", "/workspace/fileOperations/didDelete"),
        ] {
            let can = said.pointer(needs).is_some_and(|value| *value != json!(false));
            assert_eq!(server.pointer(offer).is_some_and(|value| !value.is_null()), can, "{client} {offer}");
        }
        // Some clients take an empty object for nothing.
        assert_eq!(server["codeActionProvider"]["resolveProvider"], true, "{client}");
        assert!(server["codeActionProvider"]["codeActionKinds"].as_array().is_some_and(|all| all.len() > 2));
        assert!(server["completionProvider"]["triggerCharacters"].as_array().unwrap().contains(&json!("@")));
        let pattern = &server["workspace"]["fileOperations"]["didRename"]["filters"][0];
        assert!(pattern.is_null() || pattern["pattern"]["glob"] == "**/*", "{client} {pattern}");
    }
}

#[tokio::test]
async fn files_are_watched_only_where_the_editor_can_be_asked_to() {
    for client in CLIENTS {
        let world = World::new(vec![]).await;
        let who = Who::recorded(client);
        let peer = Peer::with(&world, &who, |_| None).await;
        let uri = world.uri("a [1].rs");
        peer.open(&uri, "");
        let said = who.params(&world.workspace());
        let watches = &said["capabilities"]["workspace"]["didChangeWatchedFiles"];
        if watches["dynamicRegistration"] != true {
            peer.alive().await;
            let asked = peer.messages().into_iter().any(|one| one.method == "client/registerCapability");
            assert!(!asked, "{client} cannot be asked");
            continue;
        }
        let registered = |id: &'static str| {
            peer.wait(id, move |one| {
                let registration = &one.params["registrations"][0];
                let is_it = one.method == "client/registerCapability" && registration["id"] == id;
                is_it.then(|| registration.clone())
            })
        };
        let fixed = registered("glossator-files").await;
        assert_eq!(fixed["method"], "workspace/didChangeWatchedFiles");
        let patterns = fixed["registerOptions"]["watchers"].to_string();
        assert!(
            patterns.contains("**/AGENTS.md") && patterns.contains("**/.glossator/settings.toml"),
            "{patterns}"
        );
        assert_eq!(
            patterns.contains("baseUri"),
            watches["relativePatternSupport"] == true,
            "{client} {patterns}"
        );
        let open = registered("glossator-open-files").await["registerOptions"]["watchers"].to_string();
        assert!(open.contains("a ?1?.rs"), "{client} {open}");
        // Whatever is told is survived.
        let changes = json!([{ "uri": uri, "type": 2 }, { "uri": "untitled:x", "type": 3 }]);
        peer.client.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
        peer.alive().await;
    }
}

/// The command of an action, completed where the editor has to ask for it.
async fn chosen(peer: &Peer, actions: &[Value], title: &str) -> Value {
    let action = actions.iter().find(|one| one["title"].as_str().unwrap().starts_with(title));
    let action = action.unwrap_or_else(|| panic!("no {title} in {actions:#?}"));
    let action = match action["command"].is_null() {
        true => peer.ok("codeAction/resolve", action.clone()).await,
        false => action.clone(),
    };
    assert!(action["command"].is_object(), "{action}");
    peer.ok("workspace/executeCommand", action["command"].clone()).await
}

/// Start, ask, hunk and prompt document with nothing but what this editor said of itself.
async fn check_flows(client: &'static str) {
    let steps = vec![
        Reply::Text("It does nothing.".to_owned()),
        script_and("return (await tools.exec({ command: ['touch', 'made'] })).exitCode;").remove(0),
        Reply::Text("Made.".to_owned()),
        script_and(&patch("a.rs", &["fn a() {}"], &["fn b() {}"])).remove(0),
        Reply::Text("Changed.".to_owned()),
    ];
    let world = World::new(steps).await;
    world.write("a.rs", "fn a() {}\n");
    let peer = Peer::with(&world, &Who::recorded(client), |_| None).await;
    let uri = world.uri("a.rs");
    peer.open(&uri, "fn a() {}\n");
    // A selection is explained by a code action.
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 9 } });
    let params = json!({ "textDocument": { "uri": uri }, "range": range, "context": { "diagnostics": [], "triggerKind": 1 } });
    let actions = peer.ok("textDocument/codeAction", params.clone()).await;
    chosen(&peer, actions.as_array().unwrap(), "Explain with Glossator").await;
    peer.shown(&["Glossator: It does nothing."]).await;
    // A question is answered by one.
    peer.command("glossator.ask", json!(["Make it"])).await.unwrap();
    let open = async || Some(peer.actions(&uri).await).filter(|actions| !actions.is_empty());
    let actions = soon("the question", open).await;
    chosen(&peer, &actions, "Glossator: Allow —").await;
    peer.shown(&["Glossator: Made."]).await;
    assert!(world.exists("made"), "{client}");
    // A prompt is written in the prompt document, and its edit is kept by a code action.
    let opened = peer.command("glossator.edit", json!([])).await.unwrap();
    let prompt = opened["uri"].as_str().unwrap().to_owned();
    peer.wait("the prompt document", |one| {
        (one.method == "window/showDocument" && one.params["uri"] == prompt).then_some(())
    })
    .await;
    peer.open(&prompt, "Rename @a.rs\n");
    peer.command("glossator.send", json!([])).await.unwrap();
    peer.shown(&["Glossator: Changed."]).await;
    assert_eq!(peer.text(&uri), "fn b() {}\n", "{client}");
    let actions = peer.ok("textDocument/codeAction", params).await;
    chosen(&peer, actions.as_array().unwrap(), "Keep hunk").await;
    let mention = format!("<mention path=\"{}\"/>", world.path("a.rs").display());
    let asked = world.requests().into_iter().map(|one| last_user_text(&one.body));
    assert!(asked.into_iter().any(|text| text.contains(&mention)), "{client}");
    check_asked(client, &peer, &Who::recorded(client).params(&world.workspace())["capabilities"]);
}

/// Nothing was asked of the editor that it did not say it can do, but to show a document: some can and do not say so.
fn check_asked(client: &str, peer: &Peer, said: &Value) {
    let needs = |method: &str| match method {
        "workspace/applyEdit" => Some("/workspace/applyEdit"),
        "window/workDoneProgress/create" => Some("/window/workDoneProgress"),
        "window/showMessageRequest" => Some("/window/showMessage"),
        "workspace/codeLens/refresh" => Some("/workspace/codeLens/refreshSupport"),
        "workspace/diagnostic/refresh" => Some(match said.pointer("/workspace/diagnostic") {
            Some(_) => "/workspace/diagnostic/refreshSupport",
            None => "/workspace/diagnostics/refreshSupport",
        }),
        "client/registerCapability" => Some("/workspace/didChangeWatchedFiles/dynamicRegistration"),
        "window/showDocument" => None,
        other => panic!("{client} was asked for {other}"),
    };
    for message in peer.messages().into_iter().filter(|one| !one.id.is_null()) {
        if let Some(pointer) = needs(&message.method) {
            let can = said.pointer(pointer).is_some_and(|value| !value.is_null() && *value != json!(false));
            assert!(can, "{client} was asked for {}", message.method);
        }
    }
}

#[tokio::test]
async fn every_editor_has_a_road_to_every_flow() {
    for client in CLIENTS {
        check_flows(client).await;
    }
}

#[tokio::test]
async fn a_request_that_is_cancelled_is_answered_as_cancelled() {
    let world = World::new(vec![]).await;
    let never = |asked: &Asked| (asked.method == "glossator/diagnostics/read").then_some(Answer::Silence);
    let who =
        Who::plain(json!({ "experimental": { "glossator": { "version": 1, "features": ["diagnostics"] } } }));
    let peer = Peer::with(&world, &who, never).await;
    peer.open(&world.uri("a.rs"), "fn a() {}\n");
    // It waits for what the editor reports, for a moment.
    let params = json!({ "command": "glossator.fix", "arguments": ["a.rs:1"] });
    let (id, answer) = peer.client.send_request("workspace/executeCommand", params);
    peer.client.notify("$/cancelRequest", json!({ "id": id }));
    assert_eq!(answer.await.unwrap().unwrap_err()["code"], -32800);
    peer.alive().await;
}
