//! Hunks of several sessions in one file: no line has two that wait, what was settled stays settled, and rejecting all of
//! them, newest first, gives the text that stood before them.

use crate::harness::{Peer, World, patch};
use serde_json::{Value, json};

const PRICE: &str = "# Prices.\n\nRATE = 7\n\n\ndef with_tax(cents):\n    cents = cents * (100 + RATE) / 100\n    return cents\n";

fn story() -> String {
    PRICE.replace("RATE = 7\n", "RATE = 19\n").replace(
        "    return cents\n",
        "    # Rounded, not cut.\n    rounded = round(cents)\n    assert rounded > 0\n    return rounded\n",
    )
}

async fn turn(peer: &Peer, session: &str, script: &str) {
    peer.turn(session, script).await.assert("done");
}

/// A script that turns the lines of one text into those of another.
fn rewriting(file: &str, before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    patch(file, &old, &new)
}

/// The hunks of a session that wait, or all of them.
async fn hunks(peer: &Peer, session: &str, all: bool) -> Vec<Value> {
    let read = peer.ok("glossator/changeSet/read", json!({ "sessionId": session, "all": all })).await;
    read["hunks"].as_array().unwrap().clone()
}

fn lines_of(hunk: &Value) -> (u64, u64) {
    let line = |side: &str| hunk["range"][side]["line"].as_u64().unwrap();
    (line("start"), line("end"))
}

/// Open hunks of these sessions, as `session number: id lines state`.
async fn open(peer: &Peer, sessions: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for (number, session) in sessions.iter().enumerate() {
        for hunk in hunks(peer, session, false).await {
            let (start, end) = lines_of(&hunk);
            found.push(format!(
                "{}: {} {}-{} {} {:?}",
                number + 1,
                hunk["id"].as_str().unwrap(),
                start + 1,
                end,
                hunk["state"].as_str().unwrap(),
                hunk["base"].as_str().unwrap(),
            ));
        }
    }
    found
}

async fn decide(peer: &Peer, session: &str, hunk: &str, how: &str) -> Value {
    let decisions = json!([{ "hunk": hunk, "resolution": how }]);
    peer.ok("glossator/changeSet/resolve", json!({ "sessionId": session, "decisions": decisions })).await
}

#[tokio::test]
async fn hunks_of_an_older_session_do_not_come_back_from_the_dead() {
    let world = World::obedient().await;
    world.write("price.py", PRICE);
    let peer = Peer::start(&world).await;
    let uri = world.uri("price.py");
    peer.open(&uri, PRICE);
    let first = peer.first_turn(&rewriting("price.py", PRICE, &story())).await.session;
    let of_first = hunks(&peer, &first, false).await;
    assert_eq!(of_first.len(), 2, "{of_first:#?}");
    decide(&peer, &first, "C1.1", "reject").await;
    peer.type_over(&uri, PRICE);
    world.write("price.py", PRICE);
    peer.client.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    assert_eq!(open(&peer, std::slice::from_ref(&first)).await, [""; 0]);
    let second = peer.new_session().await;
    turn(&peer, &second, &rewriting("price.py", PRICE, &story())).await;
    let both = [first, second];
    let expected = open(&peer, &both).await;
    assert_eq!(expected.len(), 2, "{expected:#?}");
    assert!(expected.iter().all(|one| one.starts_with("2: ") && one.contains("pending")), "{expected:#?}");
    // The editor's undo, and its redo.
    peer.type_over(&uri, PRICE);
    assert_eq!(open(&peer, &both).await, [""; 0]);
    peer.type_over(&uri, &story());
    assert_eq!(open(&peer, &both).await, expected);
}

/// The code actions for lines (from 1).
async fn actions(peer: &Peer, uri: &str, (first, last): (u32, u32)) -> Vec<Value> {
    let params = json!({
        "textDocument": { "uri": uri },
        "range": {
            "start": { "line": first - 1, "character": 0 },
            "end": { "line": last - 1, "character": 1 },
        },
        "context": { "diagnostics": [], "triggerKind": 2 },
    });
    peer.ok("textDocument/codeAction", params).await.as_array().cloned().unwrap_or_default()
}

fn titles(actions: &[Value]) -> Vec<&str> {
    actions.iter().map(|one| one["title"].as_str().unwrap()).collect()
}

/// Does what the code action of this title does; gives the answer's message.
async fn act(peer: &Peer, actions: &[Value], title: &str) -> String {
    let Some(action) = actions.iter().find(|one| one["title"] == title) else {
        peer.fail(&format!("no action {title:?} in {:?}", titles(actions)));
    };
    let command = &action["command"];
    let params = json!({ "command": command["command"], "arguments": command["arguments"] });
    peer.ok("workspace/executeCommand", params).await["message"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn actions_for_hunks_of_several_sessions_are_told_apart() {
    let world = World::obedient().await;
    world.write("price.py", PRICE);
    let peer = Peer::start(&world).await;
    let uri = world.uri("price.py");
    peer.open(&uri, PRICE);
    let first = peer.first_turn(&patch("price.py", &["RATE = 7"], &["RATE = 19"])).await.session;
    let second = peer.new_session().await;
    turn(&peer, &second, &patch("price.py", &["# Prices."], &["# All prices."])).await;
    let offered = actions(&peer, &uri, (1, 3)).await;
    let found = titles(&offered);
    for deed in
        ["Keep hunk of", "Reject hunk of", "Keep all of T-1 of", "Reject all of T-1 of", "Open review T-1 of"]
    {
        for whose in ["this session", "another session"] {
            let title = format!("{deed} {whose}");
            assert_eq!(found.iter().filter(|one| **one == title).count(), 1, "{title} in {found:?}");
        }
    }
    // On the lines of one of them nothing has to be told apart.
    let one = actions(&peer, &uri, (3, 3)).await;
    assert!(
        titles(&one).contains(&"Keep hunk") && titles(&one).contains(&"Reject all of T-1"),
        "{:?}",
        titles(&one)
    );
    act(&peer, &offered, "Reject hunk of another session").await;
    act(&peer, &offered, "Keep hunk of this session").await;
    assert_eq!(open(&peer, &[first, second]).await, [""; 0]);
    let now = peer.text(&uri);
    let either = [PRICE.replace("RATE = 7", "RATE = 19"), PRICE.replace("# Prices.", "# All prices.")];
    assert!(either.contains(&now), "{now}");
}

#[tokio::test]
async fn a_hunk_that_took_an_older_one_over_says_what_goes_with_it() {
    let world = World::obedient().await;
    world.write("price.py", PRICE);
    let peer = Peer::start(&world).await;
    let uri = world.uri("price.py");
    peer.open(&uri, PRICE);
    let session = peer.first_turn(&patch("price.py", &["RATE = 7"], &["RATE = 19"])).await.session;
    turn(&peer, &session, &patch("price.py", &["RATE = 19"], &["RATE = 21"])).await;
    let offered = actions(&peer, &uri, (3, 3)).await;
    let hover = json!({ "textDocument": { "uri": uri }, "position": { "line": 2, "character": 0 } });
    let hover = peer.ok("textDocument/hover", hover).await.to_string();
    assert!(hover.contains("took over what T-1 had changed here"), "{hover}");
    let said = act(&peer, &offered, "Reject hunk with T-1").await;
    assert!(said.contains("With C2.1 went what T-1 had changed there."), "{said}");
    assert_eq!(peer.text(&uri), PRICE);
}

#[tokio::test]
async fn a_fork_takes_no_hunk_of_its_parent_away() {
    let world = World::obedient().await;
    world.write("price.py", PRICE);
    let peer = Peer::start(&world).await;
    let uri = world.uri("price.py");
    peer.open(&uri, PRICE);
    let parent = peer.first_turn(&rewriting("price.py", PRICE, &story())).await.session;
    let expected = open(&peer, std::slice::from_ref(&parent)).await;
    assert_eq!(expected.len(), 2, "{expected:#?}");
    let mut last = parent.clone();
    for _ in 0..2 {
        let forked = peer.ok("glossator/session/fork", json!({ "sessionId": last })).await;
        last = forked["session"]["id"].as_str().unwrap().to_owned();
        for session in [&last, &parent] {
            peer.ok("glossator/session/resume", json!({ "sessionId": session })).await;
            assert_eq!(open(&peer, std::slice::from_ref(&parent)).await, expected);
            assert_eq!(open(&peer, std::slice::from_ref(&last)).await, [""; 0]);
        }
    }
    peer.undo(&parent).await;
    assert_eq!(peer.text(&uri), PRICE);
}

/// Waits until hints for `uri` are sent, behind the `count` first messages, or none any more.
async fn hints(peer: &Peer, count: usize, uri: &str, some: bool) {
    let mut at = 0;
    peer.wait("hints", |one| {
        at += 1;
        let of_file = one.method == "textDocument/publishDiagnostics" && one.params["uri"] == uri;
        let any = one.params["diagnostics"].as_array().is_some_and(|all| !all.is_empty());
        (at > count && of_file && any == some).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_is_opened_with_text_that_was_not_saved_is_marked_again() {
    let world = World::obedient().await;
    world.write("price.py", PRICE);
    let mut peer = Peer::start(&world).await;
    let uri = world.uri("price.py");
    peer.open(&uri, PRICE);
    let session = peer.first_turn(&rewriting("price.py", PRICE, &story())).await.session;
    hints(&peer, 0, &uri, true).await;
    // Closed unsaved, and opened again with the text as it was.
    let count = peer.messages().len();
    peer.client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    hints(&peer, count, &uri, false).await;
    // Long enough for a watch to end that thinks there is nothing left to see.
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    let count = peer.messages().len();
    peer.open(&uri, &story());
    hints(&peer, count, &uri, true).await;
    // The same after a restart in which the session was read first.
    peer.kill().await;
    let peer = Peer::start(&world).await;
    assert_eq!(open(&peer, std::slice::from_ref(&session)).await, [""; 0]);
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    let count = peer.messages().len();
    peer.open(&uri, &story());
    hints(&peer, count, &uri, true).await;
    assert_eq!(open(&peer, &[session]).await.len(), 2);
}

/// Numbers that are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % count
    }
}

/// One file, two sessions, an editor with an undo stack, and what happened so far.
struct Play {
    peer: Peer,
    uri: String,
    sessions: Vec<String>,
    /// Texts of the editor, for its undo and redo, and the one that it shows.
    texts: Vec<String>,
    at: usize,
    told: Vec<String>,
}

impl Play {
    async fn begin(world: &World) -> Play {
        let text: String = (1..=9).map(|number| format!("line {number}\n")).collect();
        world.write("a.txt", &text);
        let peer = Peer::start(world).await;
        let uri = world.uri("a.txt");
        peer.open(&uri, &text);
        let sessions = vec![peer.new_session().await, peer.new_session().await];
        Play { peer, uri, sessions, texts: vec![text], at: 0, told: Vec::new() }
    }

    /// What the editor shows is the newest step of its undo stack.
    fn step(&mut self) {
        let now = self.peer.text(&self.uri);
        if now != self.texts[self.at] {
            self.texts.truncate(self.at + 1);
            self.texts.push(now);
            self.at += 1;
        }
    }

    /// A turn of a session that rewrites a line or two; what it writes is seldom new. Lines come and go, and touch,
    /// unless the session is given.
    async fn edit(&mut self, dice: &mut Dice, given: Option<usize>) {
        let (session, plain) = (given.unwrap_or_else(|| dice.below(2)), given.is_some());
        let before = self.peer.text(&self.uri);
        let mut lines: Vec<String> = before.lines().map(str::to_owned).collect();
        for _ in 0..=dice.below(2) {
            // What stands apart is never joined.
            let at = if plain { 1 + 2 * dice.below(4) } else { 1 + dice.below(lines.len() - 2) };
            match dice.below(5) {
                0 if lines.len() > 6 && !plain => drop(lines.remove(at)),
                1 if !plain => lines.insert(at, format!("new {}", dice.below(3))),
                _ => lines[at] = format!("{} {}", ["LINE", "Line"][dice.below(2)], at + 1),
            }
        }
        let after: String = lines.iter().map(|line| format!("{line}\n")).collect();
        if after != before {
            self.told.push(format!("session {} edits: {lines:?}", session + 1));
            turn(&self.peer, &self.sessions[session], &rewriting("a.txt", &before, &after)).await;
            self.step();
        }
    }

    /// The editor's undo or redo, of one step or more; hunks are looked at behind each.
    async fn walk(&mut self, dice: &mut Dice) {
        let to = dice.below(self.texts.len());
        while to != self.at {
            let at = if to < self.at { self.at - 1 } else { self.at + 1 };
            self.told.push(format!("the editor goes from {} to {at}", self.at));
            self.at = at;
            self.peer.type_over(&self.uri, &self.texts[at]);
            self.check().await;
        }
    }

    /// All hunks that wait: session, hunk.
    async fn open(&self) -> Vec<(usize, Value)> {
        let mut found = Vec::new();
        for (number, session) in self.sessions.iter().enumerate() {
            found.extend(hunks(&self.peer, session, false).await.into_iter().map(|hunk| (number, hunk)));
        }
        found
    }

    async fn decide_one(&mut self, dice: &mut Dice) {
        let open = self.open().await;
        if open.is_empty() {
            return;
        }
        let (session, hunk) = &open[dice.below(open.len())];
        let how = ["keep", "reject", "reject"][dice.below(3)];
        let id = hunk["id"].as_str().unwrap();
        self.told.push(format!("{how} {id} of session {}", session + 1));
        let done = decide(&self.peer, &self.sessions[*session], id, how).await;
        assert!(done["hunks"][0]["error"].is_null(), "{done}\n{}", self.told.join("\n"));
        self.step();
    }

    /// No line has two hunks that wait, and each of them stands where it says.
    async fn check(&self) {
        let open = self.open().await;
        let text = self.peer.text(&self.uri);
        let lines: Vec<&str> = text.lines().collect();
        let placed: Vec<(u64, u64, &Value)> = open
            .iter()
            .filter(|(_, hunk)| !hunk["range"].is_null())
            .map(|(_, hunk)| {
                let (start, end) = lines_of(hunk);
                (start, end, hunk)
            })
            .collect();
        for (index, (start, end, hunk)) in placed.iter().enumerate() {
            for (other_start, other_end, other) in &placed[index + 1..] {
                let apart = end <= other_start || other_end <= start;
                assert!(
                    apart && (start, end) != (other_start, other_end),
                    "two hunks on one line: {hunk} and {other}\nin {lines:?}\n{}",
                    self.told.join("\n")
                );
            }
            let there: String =
                lines[*start as usize..*end as usize].iter().map(|line| format!("{line}\n")).collect();
            let current = hunk["current"].as_str().or(hunk["proposed"].as_str());
            assert_eq!(Some(there.as_str()), current, "{hunk}\n{}", self.told.join("\n"));
        }
    }
}

/// Agents of two sessions edit, the user decides, and the editor undoes and redoes.
#[tokio::test]
async fn no_line_has_two_hunks_that_wait() {
    for seed in 0..12 {
        let world = World::obedient().await;
        let mut play = Play::begin(&world).await;
        let mut dice = Dice(seed);
        for _ in 0..14 {
            match dice.below(5) {
                0 | 1 => play.edit(&mut dice, None).await,
                2 => play.decide_one(&mut dice).await,
                _ => play.walk(&mut dice).await,
            }
            play.check().await;
        }
    }
}

/// The editor is killed at any moment with edits that it had not saved: its file holds none of them, and marks nothing.
#[tokio::test]
async fn in_the_file_of_a_killed_editor_nothing_waits() {
    for seed in 200..208 {
        let world = World::obedient().await;
        let mut play = Play::begin(&world).await;
        let mut dice = Dice(seed);
        for _ in 0..dice.below(4) {
            play.edit(&mut dice, None).await;
            if dice.below(2) == 0 {
                play.check().await;
            }
        }
        let before = play.peer.text(&play.uri);
        let script = rewriting("a.txt", &before, &before.replace("line 5", "LAST 5"));
        play.peer.start_turn(&play.sessions[dice.below(2)], &script).await;
        tokio::time::sleep(std::time::Duration::from_millis(dice.below(60) as u64)).await;
        play.peer.kill().await;
        play.peer = Peer::start(&world).await;
        assert_eq!(world.read("a.txt"), play.texts[0]);
        play.peer.open(&play.uri, &play.texts[0]);
        for session in &play.sessions {
            // One that was never used is not known any more.
            let read = json!({ "sessionId": session });
            let Ok(read) = play.peer.request("glossator/changeSet/read", read).await else { continue };
            // One of which nothing is found is named in the review document, and marks nothing.
            let marked: Vec<&Value> =
                read["hunks"].as_array().unwrap().iter().filter(|hunk| !hunk["range"].is_null()).collect();
            assert!(marked.is_empty(), "seed {seed}: {marked:?}\n{}", play.told.join("\n"));
        }
    }
}

/// The agent of one session edits, then that of another the same lines; then all is rejected, what lies on top first.
#[tokio::test]
async fn rejecting_all_gives_the_text_before_them() {
    for seed in 100..112 {
        let world = World::obedient().await;
        let mut play = Play::begin(&world).await;
        let mut dice = Dice(seed);
        for round in 0..8 {
            play.edit(&mut dice, Some(round / 4)).await;
        }
        let mut rounds = 0;
        loop {
            let open = play.open().await;
            let Some((session, hunk)) = open.last() else { break };
            let id = hunk["id"].as_str().unwrap();
            play.told.push(format!("reject {id} of session {}: {hunk}", session + 1));
            let done = decide(&play.peer, &play.sessions[*session], id, "reject").await;
            assert!(done["hunks"][0]["error"].is_null(), "{done}\n{}", play.told.join("\n"));
            play.check().await;
            rounds += 1;
            assert!(rounds < 100, "{}", play.told.join("\n"));
        }
        assert_eq!(play.peer.text(&play.uri), play.texts[0], "{}", play.told.join("\n"));
    }
}
