//! Questions of the model's to its user (`askUser`): every road to an answer, answers that are none, and where nobody can be
//! asked.

use crate::harness::{
    Answer, Asked, Ended, Message, Peer, Reply, Who, World, calls, items, last_user_text, run, script_and,
    soon,
};
use serde_json::{Value, json};

/// A script with one question.
const WHICH: &str = "const said = await tools.askUser({ question: 'Which name?', options: ['walk', 'visit'] });\nreturn JSON.stringify(said);";
const BLANK: &str = "return JSON.stringify(await tools.askUser('What is it for?').catch((error) => `${error.name}: ${error.message}`));";
const WITH_DEFAULT: &str =
    "return JSON.stringify(await tools.askUser({ question: 'Which name?', default: 'walk' }));";

/// A client with the extension that takes questions.
fn with_input() -> Who {
    Who::extension().with_features(&["sessions", "turns", "updates", "approvals", "input"])
}

/// A plain client without dialogs, and one with them.
fn plain() -> Who {
    Who::recorded("hx-trixie")
}

fn with_dialogs() -> Who {
    Who::recorded("nvim-forky")
}

fn is_question(message: &Message) -> Option<Value> {
    (message.method == "glossator/input/ask").then(|| message.params.clone())
}

/// A turn of a client whose answers to `glossator/input/ask` are `answer`.
async fn answered(source: &str, answer: impl Fn() -> Answer + Send + Sync + 'static) -> (World, Peer, Ended) {
    let world = World::new(script_and(source)).await;
    let peer = Peer::with(&world, &with_input(), move |asked: &Asked| {
        (asked.method == "glossator/input/ask").then(&answer)
    })
    .await;
    let ended = peer.first_turn("Name it").await;
    (world, peer, ended)
}

#[tokio::test]
async fn a_client_that_takes_questions_is_asked_in_its_own_way() {
    let (world, peer, ended) =
        answered(WHICH, || Answer::Result(json!({ "answer": " none of them " }))).await;
    assert!(ended.assert("done").result().contains(r#"{\"answer\":\"none of them\"}"#), "{}", ended.result());
    let asked = peer.wait("the question", is_question).await;
    let id = asked["askId"].as_str().unwrap();
    let expected = json!({
        "sessionId": ended.session, "turnId": "T-1", "askId": id, "question": "Which name?", "options": ["walk", "visit"],
    });
    assert_eq!(asked, expected);
    assert!(!peer.messages().iter().any(|one| one.method == "glossator/approval/ask"), "it is no approval");
    let subject = json!({ "kind": "question", "question": "Which name?", "options": ["walk", "visit"] });
    assert_eq!(
        (&ended.updates("ask")[0]["ask"]["subject"], ended.updates("askResolved").len()),
        (&subject, 1)
    );
    let stored = items(&world, &ended.session).into_iter().find(|item| item["kind"] == "approval").unwrap();
    assert_eq!((&stored["ask"]["subject"], &stored["ask"]["title"]), (&subject, &json!("Which name?")));
    assert_eq!(stored["answer"]["message"], " none of them ");
}

/// Starts a turn in a plain client, and waits until its question is open; gives its whole id.
async fn open_question(peer: &Peer, uri: &str) -> String {
    peer.command("glossator.ask", json!(["Name it"])).await.unwrap();
    let action = soon("the question", async || action(peer, uri, "Glossator: Write an answer").await).await;
    action["arguments"][0]["askId"].as_str().unwrap().to_owned()
}

/// The command of the first action with such a title.
async fn action(peer: &Peer, uri: &str, title: &str) -> Option<Value> {
    let all = peer.actions(uri).await;
    all.into_iter()
        .find(|one| one["title"].as_str().unwrap().starts_with(title))
        .map(|one| one["command"].clone())
}

/// What the script of the turn came to.
fn told(world: &World) -> String {
    last_user_text(&world.requests()[1].body)
}

/// One road to an answer in a plain client, and the answer that arrives.
async fn check_road(road: &str, expected: &str) {
    let world = World::new(script_and(WHICH)).await;
    let peer = Peer::with(&world, &plain(), |_| None).await;
    let uri = world.uri("a.txt");
    peer.open(&uri, "");
    let found = peer.command("glossator.chat", json!([{ "show": false }])).await.unwrap();
    let prompt = found["prompt"].as_str().unwrap().to_owned();
    let id = open_question(&peer, &uri).await;
    let short = id.split('-').next().unwrap();
    let run = async |name: &str, arguments: Value| peer.command(name, arguments).await.unwrap();
    match road {
        "plain" => drop(run("glossator.answer", json!(["visit"])).await),
        "named" => drop(run("glossator.answer", json!([{ "askId": id, "answer": "visit" }])).await),
        "action" => {
            let one = action(&peer, &uri, "Glossator: Answer visit — Which name?").await.unwrap();
            peer.ok("workspace/executeCommand", one).await;
        }
        "deny" => drop(run("glossator.deny", json!([{ "askId": id, "message": "you choose" }])).await),
        "line" => {
            peer.open(&prompt, &format!("answer {short}: visit\n"));
            run("glossator.send", json!([{ "uri": prompt }])).await;
        }
        "line without argument" => {
            peer.open(&prompt, &format!("answer {short}: visit\n"));
            run("glossator.answer", json!([])).await;
        }
        "words" => {
            peer.open(&prompt, "visit\n");
            run("glossator.answer", json!([])).await;
            soon("an empty prompt", async || (!peer.text(&prompt).contains("visit")).then_some(())).await;
        }
        other => panic!("{other}"),
    }
    peer.shown(&["Glossator: Done."]).await;
    assert!(told(&world).contains(expected), "{road}: {}", told(&world));
}

#[tokio::test]
async fn commands() {
    check_road("plain", r#"{\"answer\":\"visit\"}"#).await;
    check_road("named", r#"{\"answer\":\"visit\"}"#).await;
    check_road("deny", "the user did not answer the question and said: you choose").await;
}

#[tokio::test]
async fn code_actions() {
    check_road("action", r#"{\"answer\":\"visit\"}"#).await;
}

#[tokio::test]
async fn the_prompt_document() {
    check_road("line", r#"{\"answer\":\"visit\"}"#).await;
    check_road("line without argument", r#"{\"answer\":\"visit\"}"#).await;
    check_road("words", r#"{\"answer\":\"visit\"}"#).await;
}

#[tokio::test]
async fn what_is_no_answer_leaves_the_question_open() {
    let world = World::new(script_and(WHICH)).await;
    let peer = Peer::with(&world, &plain(), |_| None).await;
    let uri = world.uri("a.txt");
    peer.open(&uri, "");
    let id = open_question(&peer, &uri).await;
    for (name, arguments, words) in [
        ("glossator.answer", json!([" "]), "wants an answer in words, or one of its options"),
        ("glossator.answer", json!([{ "askId": "A99", "answer": "visit" }]), "A99"),
        ("glossator.answer", json!([5]), "should be one of"),
        ("glossator.answer", json!([{ "askId": id, "answer": 5 }]), "should be one of"),
        ("glossator.approve", json!([]), "wants an answer in words"),
        ("glossator.approve", json!([{ "askId": id, "hunk": 1 }]), "has no hunk 1"),
    ] {
        let error = peer.command(name, arguments.clone()).await.unwrap_err();
        assert!(error["message"].as_str().unwrap().contains(words), "{name} {arguments}: {error}");
    }
    let found = peer.command("glossator.answer", json!([{ "askId": id }])).await.unwrap();
    assert!(found["uri"].as_str().unwrap().ends_with("prompt.md"), "{found}");
    peer.command("glossator.answer", json!(["visit"])).await.unwrap();
    peer.shown(&["Glossator: Done."]).await;
    let late =
        peer.command("glossator.answer", json!([{ "askId": id, "answer": "walk" }])).await.unwrap_err();
    assert!(late["message"].as_str().unwrap().contains(&id), "{late}");
    let none = peer.command("glossator.answer", json!(["walk"])).await.unwrap_err();
    assert_eq!(none["message"], "No question waits for an answer.");
    assert!(told(&world).contains(r#"{\"answer\":\"visit\"}"#));
}

#[tokio::test]
async fn a_question_is_shown_with_its_options() {
    let world = World::new(script_and(WHICH)).await;
    let peer = Peer::with(&world, &plain(), |_| None).await;
    let uri = world.uri("a.txt");
    peer.open(&uri, "");
    let found = peer.command("glossator.chat", json!([{ "show": false }])).await.unwrap();
    let (chat, prompt) = (found["transcript"].as_str().unwrap(), found["prompt"].as_str().unwrap());
    peer.open(prompt, "");
    peer.open(chat, "");
    let id = open_question(&peer, &uri).await;
    let short = id.split('-').next().unwrap();
    let lines = [
        format!("<!-- answer {short}: walk -->"),
        format!("<!-- answer {short}: visit -->"),
        format!("<!-- answer {short}: -->"),
        format!("<!-- deny {short}: -->"),
    ];
    soon("the lines of the prompt document", async || {
        let text = peer.text(prompt);
        lines.iter().all(|line| text.contains(line)).then_some(())
    })
    .await;
    soon("its line in the transcript", async || {
        peer.text(chat)
            .contains(&format!("{short} asks: Which name? (the agent asks you) **waits**"))
            .then_some(())
    })
    .await;
    peer.shown(&["Glossator asks: Which name?", "glossator.answer"]).await;
    let show = action(&peer, &uri, "Glossator: Show — Which name?").await.unwrap();
    peer.ok("workspace/executeCommand", show).await;
    peer.command("glossator.answer", json!(["visit"])).await.unwrap();
    soon("its answer in the transcript", async || {
        peer.text(chat).contains("→ answered: visit").then_some(())
    })
    .await;
    soon("no question in the prompt document", async || {
        (!peer.text(prompt).contains("answer")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn dialogs_have_the_options_as_buttons() {
    for (choice, expected) in
        [("visit", r#"{\"answer\":\"visit\"}"#), ("Do Not Answer", "the user did not answer the question")]
    {
        let world = World::new(script_and(WHICH)).await;
        let peer = Peer::with(&world, &with_dialogs(), move |asked: &Asked| {
            if asked.method != "window/showMessageRequest" {
                return None;
            }
            let titles: Vec<_> =
                asked.params["actions"].as_array().unwrap().iter().map(|one| &one["title"]).collect();
            assert_eq!(titles, ["walk", "visit", "Write an Answer…", "Show", "Do Not Answer"]);
            Some(Answer::Result(json!({ "title": choice })))
        })
        .await;
        peer.command("glossator.ask", json!(["Name it"])).await.unwrap();
        peer.shown(&["Glossator: Done."]).await;
        assert!(told(&world).contains(expected), "{}", told(&world));
    }
}

/// Answers of a client that are none: the question is open afterwards, and is answered by another road.
#[tokio::test]
async fn wrong_answers_of_a_client_are_none() {
    let answers: [fn() -> Answer; 6] = [
        || Answer::Result(Value::Null),
        || Answer::Result(json!({ "answer": "" })),
        || Answer::Result(json!({ "answer": ["walk"] })),
        || Answer::Result(json!("walk")),
        || Answer::Error(-32603, "broken".to_owned()),
        || Answer::Silence,
    ];
    for answer in answers {
        let world = World::new(script_and(WHICH)).await;
        let peer = Peer::with(&world, &with_input(), move |asked: &Asked| {
            (asked.method == "glossator/input/ask").then(answer)
        })
        .await;
        let session = peer.new_session().await;
        let turn = peer.start_turn(&session, "Name it").await;
        peer.asks(&session, &turn, 1).await;
        peer.wait("the question", is_question).await;
        peer.alive().await;
        peer.command("glossator.answer", json!(["visit"])).await.unwrap_or_else(|error| panic!("{error}"));
        let ended = peer.end(&session, &turn).await;
        assert!(ended.result().contains(r#"{\"answer\":\"visit\"}"#), "{}", ended.result());
    }
}

#[tokio::test]
async fn a_client_that_has_not_named_the_feature_is_not_asked_by_it() {
    let world = World::new(script_and(WHICH)).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Name it").await;
    peer.asks(&session, &turn, 1).await;
    peer.shown(&["Glossator asks: Which name?"]).await;
    peer.command("glossator.answer", json!(["walk"])).await.unwrap();
    peer.end(&session, &turn).await.assert("done");
    let asked = |one: &Message| one.method == "glossator/input/ask" || one.method == "glossator/approval/ask";
    assert!(!peer.messages().iter().any(asked));
}

#[tokio::test]
async fn a_question_ends_with_its_turn_and_a_late_answer_does_nothing() {
    let world = World::new(script_and(WHICH)).await;
    let peer = Peer::with(&world, &with_input(), |asked: &Asked| {
        (asked.method == "glossator/input/ask").then_some(Answer::Silence)
    })
    .await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Name it").await;
    peer.asks(&session, &turn, 1).await;
    let id =
        peer.wait("the request", |one| (one.method == "glossator/input/ask").then(|| one.id.clone())).await;
    peer.interrupt(&session).await;
    peer.end(&session, &turn).await.assert("interrupted");
    peer.client.respond(&id, json!({ "answer": "walk" }));
    peer.alive().await;
    let error = peer.command("glossator.answer", json!(["walk"])).await.unwrap_err();
    assert_eq!(error["message"], "No question waits for an answer.");
}

#[tokio::test]
async fn a_question_that_nobody_answers_in_time_has_its_default() {
    for (source, expected) in [
        (WITH_DEFAULT, r#"{\"answer\":\"walk\",\"byDefault\":true}"#),
        (BLANK, "ToolDenied: the user did not answer the question and said: (nobody answered in time)"),
    ] {
        let world = World::new(script_and(source)).await;
        world.settings("", "[ask]\ntimeout_s = 1");
        let peer = Peer::start(&world).await;
        let ended = peer.first_turn("Name it").await;
        assert!(ended.assert("done").result().contains(expected), "{}", ended.result());
    }
}

#[tokio::test]
async fn a_yes_without_words_is_the_default() {
    let world = World::new(script_and(WITH_DEFAULT)).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Name it").await;
    peer.asks(&session, &turn, 1).await;
    peer.command("glossator.approve", json!([])).await.unwrap();
    let ended = peer.end(&session, &turn).await;
    assert!(ended.result().contains(r#"\"byDefault\":true"#), "{}", ended.result());
}

#[tokio::test]
async fn several_at_once_each_have_their_own_answer() {
    let source = "const all = await Promise.all(['a', 'b', 'c'].map((name) => tools.askUser(`What is ${name}?`)));\nreturn all.map((one) => one.answer).join(' ');";
    let world = World::new(script_and(source)).await;
    let peer = Peer::with(&world, &with_input(), |asked: &Asked| {
        let said = asked.params["question"].as_str().map(|question| format!("<{question}>"));
        (asked.method == "glossator/input/ask").then(|| Answer::Result(json!({ "answer": said })))
    })
    .await;
    let ended = peer.first_turn("Ask").await;
    let result = ended.assert("done").result();
    let expected = ["What is a?", "What is b?", "What is c?"];
    let places: Vec<_> = expected.iter().map(|one| result.find(one)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{result}");
}

#[tokio::test]
async fn native_calls_and_every_policy_ask_alike() {
    for policy in ["read-only", "full"] {
        let call = calls(&[("toolu_1", "askUser", json!({ "question": "Which name?" }))]);
        let world = World::new(vec![call, Reply::Text("Done.".to_owned())]).await;
        world.settings(&format!("policy = \"{policy}\""), "[tools]\ncalling = \"native\"");
        let peer = Peer::with(&world, &with_input(), |asked: &Asked| {
            (asked.method == "glossator/input/ask").then(|| Answer::Result(json!({ "answer": "visit" })))
        })
        .await;
        peer.first_turn("Name it").await.assert("done");
        let body = world.requests()[1].body["messages"].to_string();
        assert!(body.contains(r#"{\"answer\":\"visit\"}"#), "{policy}: {body}");
    }
}

#[tokio::test]
async fn a_dry_run_asks_nobody() {
    let world = World::obedient().await;
    let peer = Peer::start(&world).await;
    let params = json!({ "source": WHICH, "mode": "dry-run" });
    let checked = peer.ok("glossator/script/check", params).await;
    let call = &checked["calls"][0];
    assert_eq!(
        (&call["name"], &call["verdict"]),
        (&json!("askUser"), &json!("would ask: the agent asks you"))
    );
    assert!(!peer.messages().iter().any(|one| one.method.ends_with("/ask")));
}

#[tokio::test]
async fn where_nobody_can_be_asked_it_fails_at_once_with_what_to_do() {
    let world = World::new(script_and(
        "return await tools.askUser({ question: 'Which?', default: 'walk' }).catch((error) => `${error.name}: ${error.message}`);",
    ))
    .await;
    run(&world, &["exec", "Name it"], "").await.assert(0);
    let told = told(&world);
    for words in [
        "ToolDenied: nobody can be asked here",
        "(your default was: walk)",
        "say in your answer what you assumed",
    ] {
        assert!(told.contains(words), "{told}");
    }
}

#[tokio::test]
async fn questions_that_are_none_are_said_to_be() {
    let world = World::obedient().await;
    let peer = Peer::start(&world).await;
    for (call, words) in [
        ("{ question: '' }", "`question` is empty"),
        ("{}", "`question` is missing"),
        ("{ question: 'x', options: ['a', 'a'] }", "stands there twice"),
        ("{ question: 'x', options: 'a' }", "`options` must be a list"),
        ("{ question: 'x', choices: ['a'] }", "unknown field `choices`"),
    ] {
        let source = format!("return await tools.askUser({call}).catch((error) => error.message);");
        let ended = peer.first_turn(&source).await;
        assert!(ended.result().contains(words), "{call}: {}", ended.result());
    }
    assert!(!peer.messages().iter().any(|one| one.method.ends_with("/ask")));
}

#[tokio::test]
async fn calls_that_ask_together_ask_in_their_order() {
    let source = "await Promise.all([1, 2, 3, 4, 5, 6].map((n) => tools.exec({ command: ['sh', '-c', `echo ${n} > made${n}`] })));";
    let world = World::new(script_and(source)).await;
    let peer = Peer::start(&world).await;
    let session = peer.new_session().await;
    let turn = peer.start_turn(&session, "Make them").await;
    let asks = peer.asks(&session, &turn, 6).await;
    let asked: Vec<_> =
        asks.iter().map(|ask| ask["subject"]["command"].as_str().unwrap().to_owned()).collect();
    for (command, number) in asked.iter().zip(1..) {
        assert!(command.contains(&format!("made{number}")), "{asked:?}");
    }
    let numbers: Vec<_> =
        asks.iter().map(|ask| ask["id"].as_str().unwrap().split('-').next().unwrap()).collect();
    assert_eq!(numbers, ["A1", "A2", "A3", "A4", "A5", "A6"]);
    peer.interrupt(&session).await;
    peer.end(&session, &turn).await;
}

#[tokio::test]
async fn nobody_is_asked_about_a_command_that_cannot_run() {
    let world = World::obedient().await;
    world.write("a.txt", "text\n");
    let peer = Peer::start(&world).await;
    for cwd in ["missing", "a.txt"] {
        let source = format!(
            "return await tools.exec({{ command: ['touch', 'made'], cwd: '{cwd}' }}).catch((error) => error.message);"
        );
        let result = peer.first_turn(&source).await.assert("done").result();
        assert!(result.contains("does not exist or is not a folder"), "{result}");
    }
    assert!(!peer.messages().iter().any(|one| one.method.ends_with("/ask")));
}
