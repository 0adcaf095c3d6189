//! What must hold after each kill.

use super::deeds::Deed;
use super::lab::{Known, Lab, Told};
use super::state::{Texts, after, differences, files_changed, files_named, named};
use crate::harness::{Peer, run};
use glossator_session::{ContextItem, Item, ItemBody, ItemId, TaskState, TurnId};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Restarts after which whole logs are read, by the program's commands, too.
const WHOLE: u64 = 25;

impl Lab {
    /// Looks at the session that the deed was done in, and at what was promised.
    pub async fn look(&mut self, peer: &Peer, told: Told) {
        let id = self.sessions[told.session].id.clone();
        let read = match peer.request("glossator/session/read", json!({ "sessionId": id, "turns": 3 })).await
        {
            Ok(read) => read,
            Err(error) => return self.gone(peer, &told, &error).await,
        };
        self.check_answer(peer, &told).await;
        self.check_read(peer, &read);
        let items = self.look_at_items(told.session, &of_session(&told.updates, &id));
        self.check_end(peer, &told, &items);
        self.check_files(peer, &items);
        self.named.extend(files_named(&items).into_iter().map(|path| (id.clone(), path)));
        for path in files_changed(&items) {
            self.writers.entry(path).or_default().insert(id.clone());
        }
        self.check_hunks(peer, &id, &items).await;
        self.check_index(peer, &told, &items).await;
        if self.cycle.is_multiple_of(WHOLE) {
            self.look_at_everything(peer).await;
        }
    }

    /// A session that is not there: it was to be deleted, or nobody was told of an item of it.
    async fn gone(&mut self, peer: &Peer, told: &Told, error: &Value) {
        let id = self.sessions[told.session].id.clone();
        let deleted = matches!(&told.deed, Deed::Request("session/delete", _));
        // A turn is told to have begun before there is a log.
        let items =
            of_session(&told.updates, &id).iter().any(|params| params["update"].get("item").is_some());
        if !deleted && (self.sessions[told.session].seen > 0 || items) {
            self.fail(peer, &format!("session {id} cannot be read after {:?}: {error}", told.deed));
        }
        self.counts.add(if deleted { "deleted" } else { "unborn" }, 1);
        self.sessions.remove(told.session);
        self.check_files(peer, &[]);
    }

    /// What was answered before the kill holds.
    async fn check_answer(&mut self, peer: &Peer, told: &Told) {
        let id = &self.sessions[told.session].id;
        let Some(Ok(answer)) = &told.answer else { return };
        match &told.deed {
            Deed::Request("session/fork", _) => {
                let fork = answer["session"]["id"].as_str().unwrap().to_owned();
                let item = answer["session"]["parent"]["turnId"].clone();
                let read = peer.ok("glossator/session/read", json!({ "sessionId": fork, "turns": 3 })).await;
                assert_eq!(read["session"]["parent"]["turnId"], item);
                let upto = self.store.read(&fork.as_str().into()).unwrap().head.parent.unwrap().item.0;
                self.sessions.push(Known { id: fork, seen: upto });
                self.look_at_items(self.sessions.len() - 1, &[]);
                self.counts.add("forks", 1);
            }
            Deed::Request("session/delete", _) => self.fail(peer, "a deleted session is there"),
            Deed::Request("session/rename", more) => {
                let listed = peer.ok("glossator/session/list", json!({})).await;
                let one = listed["sessions"].as_array().unwrap().iter().find(|one| one["id"] == json!(id));
                assert_eq!(
                    one.unwrap_or_else(|| self.fail(peer, "it is not listed"))["title"],
                    more["title"]
                );
            }
            _ => {}
        }
    }

    fn check_read(&self, peer: &Peer, read: &Value) {
        let quiet = read["running"].is_null() && read["asks"] == json!([]) && read.get("readOnly").is_none();
        if !quiet {
            self.fail(peer, &format!("nothing can run or wait: {read}"));
        }
    }

    /// Everything that is new in a log: gapless, whole, as it was told.
    pub fn look_at_items(&mut self, session: usize, told: &[&Value]) -> Vec<Item> {
        let (seed, cycle, known) = (self.random.seed, self.cycle, &mut self.sessions[session]);
        let items = self.store.follow(&known.id.as_str().into(), ItemId(known.seen)).unwrap();
        for (at, item) in items.iter().enumerate() {
            assert_eq!(
                item.id.0,
                known.seen + 1 + at as u64,
                "seed {seed}, kill {cycle}: a gap in {}",
                known.id
            );
        }
        let by_id: BTreeMap<u64, &Item> = items.iter().map(|item| (item.id.0, item)).collect();
        for params in told {
            let item = &params["update"]["item"];
            let Some(number) = item["id"].as_u64().filter(|number| *number > known.seen) else { continue };
            let stored = by_id.get(&number).map(|item| serde_json::to_value(item).unwrap());
            assert_eq!(
                stored.as_ref(),
                Some(item),
                "seed {seed}, kill {cycle}: item {number} was told and is not there, or not the same"
            );
        }
        known.seen += items.len() as u64;
        self.counts.add("items", items.len() as u64);
        let compactions =
            items.iter().filter(|item| matches!(item.body, ItemBody::Context(ContextItem::Compaction(_))));
        self.counts.add("compactions", compactions.count() as u64);
        items
    }

    /// The turn that ran is told to be stopped, and every task has an end.
    fn check_end(&mut self, peer: &Peer, told: &Told, items: &[Item]) {
        let mut ends: BTreeMap<TurnId, Vec<Value>> = BTreeMap::new();
        let mut tasks: BTreeMap<String, bool> = BTreeMap::new();
        for item in items {
            let turn = ends.entry(item.turn).or_default();
            match &item.body {
                ItemBody::TurnEnded { status, .. } => turn.push(json!(status)),
                ItemBody::Task { id, state } => {
                    tasks.insert(id.0.clone(), !matches!(state, TaskState::Running { .. }));
                }
                _ => {}
            }
        }
        if let Some((open, _)) = tasks.iter().find(|(_, ended)| !**ended) {
            self.fail(peer, &format!("task {open} has no end: {items:?}"));
        }
        if !matches!(told.deed, Deed::Turn(_)) {
            return;
        }
        let id = &self.sessions[told.session].id;
        for params in of_session(&told.updates, id) {
            let (update, turn) = (&params["update"], &params["turnId"]);
            if update["kind"] == "turnCompleted" {
                let turn = TurnId::try_from(turn.as_str().unwrap().to_owned()).unwrap();
                let kept = ends.get(&turn).is_none_or(|ends| ends.contains(&update["status"]));
                assert!(kept, "{turn} had ended as {}: {ends:?}", update["status"]);
            }
        }
        // Undo, decisions and what becomes of hunks are written to a turn before, which has its end already.
        let whole = self.store.read(&id.as_str().into()).unwrap().items;
        let has_ended = |turn: &TurnId| {
            let mut ends = whole.iter().filter(|item| matches!(item.body, ItemBody::TurnEnded { .. }));
            ends.any(|item| item.turn == *turn)
        };
        let wrong = ends.iter().find(|(turn, ends)| ends.len() > 1 || !has_ended(turn));
        if let Some((turn, found)) = wrong {
            self.fail(peer, &format!("{turn} has the ends {found:?}"));
        }
        let stopped = ends.values().flatten().any(|status| status == "interrupted");
        self.counts
            .add(if stopped { "stopped turns" } else { "turns not stopped" }, u64::from(!ends.is_empty()));
    }

    /// Files are what the change sets of the log make of the files before.
    fn check_files(&mut self, peer: &Peer, items: &[Item]) {
        let now = self.now();
        let expected: Result<Texts, String> = after(&self.texts, items, &now);
        let expected = expected.unwrap_or_else(|why| self.fail(peer, &why));
        // A command whose end was not written down may have changed its file.
        let wrong = differences(&expected, &now, &self.loose(has_open_command(items)));
        if !wrong.is_empty() {
            let edits = edits(items);
            self.fail(peer, &format!("files and log differ:\n{}\n{edits}", wrong.join("\n")));
        }
        self.counts.add("edits named", named(items).len() as u64);
        let sets = items.iter().filter(|item| matches!(item.body, ItemBody::ChangeSet { .. }));
        self.counts.add("records of edits", sets.count() as u64);
        self.texts = now;
    }

    /// Each hunk that waits for a decision stands where it is said to stand.
    async fn check_hunks(&mut self, peer: &Peer, id: &str, items: &[Item]) {
        let read = peer.ok("glossator/changeSet/read", json!({ "sessionId": id })).await;
        for hunk in read["hunks"].as_array().unwrap() {
            let uri = url::Url::parse(hunk["uri"].as_str().unwrap()).unwrap();
            let path = uri.to_file_path().unwrap();
            let text = self.texts.get(&path);
            let wanted = hunk["current"].as_str().or(hunk["proposed"].as_str()).unwrap();
            let stands = match (hunk["part"]["kind"].as_str().unwrap_or("lines"), text) {
                ("lines", Some(text)) => lines(text, &hunk["range"]) == Some(wanted.to_owned()),
                ("create", Some(text)) => text == wanted,
                ("delete", None) => true,
                _ => false,
            };
            // An edit that was begun and not made claims the places of others, and one of another session takes them: what
            // was there is not found then, and shown to have been changed.
            let others = self.writers.get(&path).is_some_and(|all| all.len() > 1);
            let overrun = others || self.named.contains(&(id.to_owned(), path.clone()));
            let lost = overrun && hunk.get("range").is_none() && hunk["state"] == "amended";
            self.counts.add("hunks overrun", u64::from(lost && !stands));
            if !stands && !lost {
                let edits = edits(items);
                self.fail(peer, &format!("the hunk does not stand: {hunk}\nin {text:?}\nafter {edits}"));
            }
            self.counts.add("hunks found", 1);
        }
    }

    /// Lists and searches know what the log holds.
    async fn check_index(&mut self, peer: &Peer, told: &Told, items: &[Item]) {
        let listed = peer.ok("glossator/session/list", json!({})).await;
        for known in self.sessions.iter().filter(|known| known.seen > 0) {
            let found = listed["sessions"].as_array().unwrap().iter().any(|one| one["id"] == json!(known.id));
            if !found {
                self.fail(peer, &format!("{} is not listed: {listed}", known.id));
            }
        }
        let asked = items.iter().any(|item| matches!(item.body, ItemBody::UserMessage { .. }));
        if matches!(told.deed, Deed::Turn(_)) && asked {
            let found = peer.ok("glossator/session/search", json!({ "text": self.word() })).await;
            let id = json!(self.sessions[told.session].id);
            if !found["hits"].as_array().unwrap().iter().any(|hit| hit["sessionId"] == id) {
                self.fail(peer, &format!("the prompt is not found: {found}"));
            }
        }
    }

    /// A new turn works.
    pub async fn go_on(&mut self, peer: &Peer) {
        let session = self.random.below(self.sessions.len() as u64) as usize;
        let known = self.sessions[session].clone();
        if known.seen == 0 {
            return;
        }
        let ended = peer.turn(&known.id, "And now?").await;
        if ended.status != "done" {
            self.fail(peer, &format!("a new turn ends as {}: {}", ended.status, ended.message));
        }
        let told: Vec<Value> = ended.updates.iter().map(|update| json!({ "update": update })).collect();
        let items = self.look_at_items(session, &told.iter().collect::<Vec<_>>());
        self.check_files(peer, &items);
    }

    /// Every log from its first to its last item, through the store and through the program.
    pub async fn look_at_everything(&mut self, peer: &Peer) {
        for known in &self.sessions {
            let Ok(replay) = self.store.read(&known.id.as_str().into()) else {
                assert_eq!(known.seen, 0);
                continue;
            };
            assert_eq!(
                (replay.notices.as_slice(), &replay.healed),
                (&[] as &[String], &None),
                "{}",
                known.id
            );
            let ids: Vec<u64> = replay.items.iter().map(|item| item.id.0).collect();
            assert_eq!(ids, (1..=ids.len() as u64).collect::<Vec<_>>(), "{}", known.id);
            let shown = run(&self.world, &["sessions", "show", &known.id], "").await;
            if shown.code != 0 {
                self.fail(peer, &format!("sessions show: {shown:?}"));
            }
        }
        self.counts.add("whole reads", 1);
    }
}

/// What a log says of edits, for the eye.
fn edits(items: &[Item]) -> String {
    let told = items.iter().filter(|item| {
        matches!(item.body, ItemBody::ChangeSet { .. } | ItemBody::Notice { .. } | ItemBody::TurnEnded { .. })
    });
    told.map(|item| serde_json::to_string(item).unwrap()).collect::<Vec<_>>().join("\n")
}

/// The updates of one session.
fn of_session<'a>(updates: &'a [Value], id: &str) -> Vec<&'a Value> {
    updates.iter().filter(|params| params["sessionId"] == id).collect()
}

/// Whether a command has no result in the log.
fn has_open_command(items: &[Item]) -> bool {
    let ended = |id: &glossator_session::CallId| {
        items.iter().any(|item| matches!(&item.body, ItemBody::ToolOutput { call, .. } if call == id))
    };
    let open = |item: &Item| matches!(&item.body, ItemBody::ToolCall { call, .. } if call.name == "exec" && !ended(&call.id));
    items.iter().any(open)
}

/// The whole lines of a range.
fn lines(text: &str, range: &Value) -> Option<String> {
    let line = |side: &str| Some(range[side]["line"].as_u64()? as usize);
    let (start, end) = (line("start")?, line("end")?);
    Some(text.split_inclusive('\n').skip(start).take(end - start).collect())
}
