//! A world that lives through many servers: what is open in the editor, which sessions there are, what is known of each.

use super::deeds::{self, COMMANDS, Deed, FILES};
use super::random::Random;
use super::state::{Texts, on_disk};
use crate::harness::{Answer, Asked, PATIENCE, Peer, Reply, Who, World, last_user_text};
use glossator_models::scripted::ScriptedServer;
use glossator_store::Store;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// A small window, so that history is compacted often.
const WINDOW: &str = "[models.\"scripted/scripted-model\"]\ncontext_window = 24000\nmax_output = 4000\n\n[context]\neditor = false\n";
/// Servers after which the model is a new one, as it remembers every request.
const MODEL_LIFE: u64 = 40;
/// The most sessions there are at a time.
const SESSIONS: usize = 6;

/// A session as it is known.
#[derive(Debug, Clone, Default)]
pub struct Known {
    pub id: String,
    /// The last item that was looked at.
    pub seen: u64,
}

/// What happened, in numbers.
#[derive(Debug, Default)]
pub struct Counts(pub BTreeMap<&'static str, u64>);

impl Counts {
    pub fn add(&mut self, what: &'static str, more: u64) {
        *self.0.entry(what).or_default() += more;
    }

    pub fn in_words(&self) -> String {
        self.0.iter().map(|(what, count)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
    }
}

/// What was done when the kill came, and what the client had been told by then.
pub struct Told {
    pub deed: Deed,
    /// The session it was done in, by its place.
    pub session: usize,
    /// The `params` of every `glossator/session/update`.
    pub updates: Vec<Value>,
    /// The answer to the deed's request, if one came.
    pub answer: Option<Result<Value, Value>>,
}

pub struct Lab {
    pub world: World,
    pub random: Random,
    pub cycle: u64,
    /// The first one is never deleted.
    pub sessions: Vec<Known>,
    /// The files as they were when everything was looked at last.
    pub texts: Texts,
    /// The files of edits that were begun and perhaps not finished, by session.
    pub named: BTreeSet<(String, PathBuf)>,
    /// The sessions that edited a file.
    pub writers: BTreeMap<PathBuf, BTreeSet<String>>,
    /// What was done in each cycle.
    pub history: Vec<String>,
    pub counts: Counts,
    pub store: Store,
    steps: Arc<Mutex<VecDeque<Reply>>>,
    /// Open documents, with the texts that the editor holds.
    open: BTreeMap<String, String>,
}

type Steps = Arc<Mutex<VecDeque<Reply>>>;

fn answer(steps: &Steps, body: &Value) -> Reply {
    if last_user_text(body).contains("Write the hand-over") {
        return deeds::hand_over();
    }
    steps.lock().pop_front().unwrap_or_else(|| Reply::Text("Done.".to_owned()))
}

impl Lab {
    pub async fn new(seed: u64, make: fn(World) -> World) -> Lab {
        let steps = Steps::default();
        let of_model = steps.clone();
        let world = make(World::answering(move |body| answer(&of_model, body)).await);
        world.settings("", WINDOW);
        (0..FILES).for_each(|file| world.write(&deeds::file_name(file), deeds::first_text(file)));
        world.write("big.txt", "a line of a file that is long enough\n".repeat(900));
        let store = Store::open(&world.state(), &world.workspace()).unwrap();
        let mut lab = Lab {
            world,
            random: Random::new(seed),
            cycle: 0,
            sessions: Vec::new(),
            texts: Texts::new(),
            named: BTreeSet::new(),
            writers: BTreeMap::new(),
            history: Vec::new(),
            counts: Counts::default(),
            store,
            steps,
            open: BTreeMap::new(),
        };
        lab.texts = lab.now();
        lab
    }

    /// The first turn of the first session, and trust.
    pub async fn begin(&mut self, peer: &Peer) {
        peer.ok("glossator/trust/set", json!({ "trusted": true })).await;
        let ended = peer.first_turn("Begin").await;
        ended.assert("done");
        self.sessions.push(Known { id: ended.session.clone(), seen: 0 });
        self.look_at_items(0, &[]);
    }

    /// An editor that allows everything, with some documents open.
    pub async fn editor(&mut self) -> Peer {
        let allow = |asked: &Asked| {
            (asked.method == "glossator/approval/ask").then(|| Answer::Result(json!({ "decision": "allow" })))
        };
        let peer = Peer::with(&self.world, &Who::extension(), allow).await;
        for (name, text) in &self.open {
            peer.open(&self.world.uri(name), text);
        }
        peer
    }

    /// The texts as the user sees them.
    pub fn now(&self) -> Texts {
        let mut texts = Texts::new();
        on_disk(&self.world.workspace(), &mut texts);
        texts.extend(self.open.iter().map(|(name, text)| (self.world.path(name), text.clone())));
        texts
    }

    /// The files whose texts need not be what the log says.
    pub fn loose(&self, commands: bool) -> BTreeSet<PathBuf> {
        if commands { BTreeSet::from([self.world.path(COMMANDS)]) } else { BTreeSet::new() }
    }

    pub fn fail(&self, peer: &Peer, why: &str) -> ! {
        let deeds = self.history.join("\n");
        peer.fail(&format!("seed {}, kill {}: {why}\n{deeds}", self.random.seed, self.cycle))
    }

    /// What the user does between turns: types, saves, opens another session.
    pub async fn prepare(&mut self, peer: &Peer) {
        self.cycle += 1;
        if self.cycle.is_multiple_of(MODEL_LIFE) {
            let steps = self.steps.clone();
            self.world.model = ScriptedServer::answering(move |body| answer(&steps, body)).await.unwrap();
            self.world.settings("", WINDOW);
        }
        let names: Vec<String> = self.open.keys().cloned().collect();
        for name in names {
            if self.random.one_in(4) {
                let text = format!("{}typed v0\n", self.open[&name]);
                peer.type_over(&self.world.uri(&name), &text);
                self.open.insert(name.clone(), text);
            }
            if self.random.one_in(4) {
                self.world.write(&name, &self.open[&name]);
                peer.client.notify(
                    "textDocument/didSave",
                    json!({ "textDocument": { "uri": self.world.uri(&name) } }),
                );
            }
        }
        self.texts = self.now();
        if self.sessions.len() < SESSIONS && self.random.one_in(20) {
            let id = peer.new_session().await;
            self.sessions.push(Known { id, seen: 0 });
        }
    }

    /// What is done next, and in which session.
    pub fn deed(&mut self) -> (Deed, usize) {
        let one = self.random.below(self.sessions.len() as u64 * 2) as usize;
        // A new one is used at once: it is nowhere but in the server.
        let new = self.sessions.iter().position(|known| known.seen == 0);
        let session = new.unwrap_or(if one < self.sessions.len() { one } else { 0 });
        let is_new = self.sessions[session].seen == 0;
        let deed = match self.random.below(28) {
            _ if is_new => Deed::Turn(String::new()),
            0 => Deed::Request("session/compact", json!({})),
            1 | 2 if self.sessions.len() < SESSIONS => Deed::Request("session/fork", json!({})),
            3 | 4 => Deed::Request("turn/undo", json!({})),
            5 => Deed::Request("turn/redo", json!({})),
            6 => Deed::Request("session/rename", json!({ "title": format!("Kill number {}", self.cycle) })),
            7 if session > 0 => Deed::Request("session/delete", json!({})),
            8 | 9 => Deed::Request("changeSet/resolve", json!({})),
            _ => Deed::Turn(String::new()),
        };
        match deed {
            Deed::Turn(_) => {
                let steps = deeds::answers(&mut self.random);
                *self.steps.lock() = steps.into();
                let word = self.word();
                (Deed::Turn(deeds::prompt(&mut self.random, &word)), session)
            }
            other => (other, session),
        }
    }

    /// The word of this cycle's prompt.
    pub fn word(&self) -> String {
        format!("walrus{}x{}", self.random.seed, self.cycle)
    }

    /// Does something, kills the server in the middle of it, and tells what the client knew.
    pub async fn act_until_the_kill(&mut self, peer: &mut Peer) -> Told {
        let (deed, session) = self.deed();
        let id = self.sessions[session].id.clone();
        let before = peer.messages().len();
        let (method, mut params) = match &deed {
            Deed::Turn(prompt) => ("turn/start", json!({ "input": [{ "kind": "text", "text": prompt }] })),
            Deed::Request("changeSet/resolve", _) => {
                ("changeSet/resolve", json!({ "decisions": self.decisions(peer, &id).await }))
            }
            Deed::Request(name, more) => (*name, more.clone()),
        };
        params["sessionId"] = json!(id);
        let mut answer = None;
        let (_, mut receiver) = peer.client.send_request(&format!("glossator/{method}"), params);
        match (&deed, self.random.one_in(2)) {
            (Deed::Turn(_), true) => {
                let wanted = 1 + self.random.below(30);
                answer = timeout(PATIENCE, &mut receiver).await.ok().and_then(Result::ok);
                if !matches!(answer, Some(Ok(_))) {
                    self.fail(peer, &format!("the turn does not start in {id}: {answer:?}"));
                }
                let (mut at, mut seen) = (0, 0);
                peer.wait("the moment of the kill", |one| {
                    at += 1;
                    if at <= before || one.method != "glossator/session/update" {
                        return None;
                    }
                    seen += 1;
                    let end = one.params["update"]["kind"] == "turnCompleted";
                    (end || seen >= wanted).then_some(())
                })
                .await;
                tokio::time::sleep(Duration::from_millis(self.random.below(4))).await;
            }
            (Deed::Turn(_), false) => {
                tokio::time::sleep(Duration::from_millis(self.random.below(180))).await;
            }
            (_, true) => {
                answer = timeout(PATIENCE, &mut receiver).await.ok().and_then(Result::ok);
                tokio::time::sleep(Duration::from_millis(self.random.below(60))).await;
            }
            (_, false) => tokio::time::sleep(Duration::from_millis(self.random.below(25))).await,
        }
        peer.kill().await;
        // What the server had written before its end is still on its way.
        tokio::task::yield_now().await;
        let answer = answer.or_else(|| receiver.try_recv().ok());
        self.steps.lock().clear();
        let updates = peer.messages().into_iter().filter(|one| one.method == "glossator/session/update");
        let updates: Vec<Value> = updates.map(|one| one.params).collect();
        self.take_texts(peer);
        self.counts.add("updates seen", updates.len() as u64);
        let told = answer.as_ref().map(|answer| answer.is_ok());
        let line = format!("{}: {deed:?} in {id}, answered: {told:?}", self.cycle);
        self.history.push(line.chars().take(160).collect());
        Told { deed, session, updates, answer }
    }

    /// The editor's texts after the kill. The next editor may have others open; what is closed is saved.
    fn take_texts(&mut self, peer: &Peer) {
        for (name, text) in &mut self.open {
            *text = peer.text(&self.world.uri(name));
        }
        let file = deeds::file_name(self.random.below(FILES));
        if let Some(text) = self.open.remove(&file) {
            self.world.write(&file, text);
        } else if self.open.len() < 3 {
            self.open.insert(file.clone(), self.world.read(&file));
        }
    }

    /// Decisions about some of the hunks that wait for one.
    async fn decisions(&mut self, peer: &Peer, id: &str) -> Vec<Value> {
        let read = peer.ok("glossator/changeSet/read", json!({ "sessionId": id })).await;
        let hunks = read["hunks"].as_array().cloned().unwrap_or_default();
        let mut decisions = Vec::new();
        for hunk in hunks {
            if self.random.one_in(2) {
                let resolution = self.random.of(&["keep", "reject"]);
                decisions.push(json!({ "hunk": hunk["id"], "resolution": resolution }));
            }
        }
        decisions
    }
}
