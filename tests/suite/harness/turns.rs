//! Turns of a client with the extension: started, waited for, looked at.

use super::Peer;
use serde_json::{Value, json};

/// A turn that has ended.
#[derive(Debug)]
pub struct Ended {
    pub session: String,
    /// `done`, `failed`, `interrupted` or `limited`.
    pub status: String,
    /// Empty if there is none.
    pub message: String,
    /// The `update` of each `glossator/session/update` of the turn.
    pub updates: Vec<Value>,
}

impl Ended {
    /// The stored items of one kind.
    pub fn items(&self, kind: &str) -> Vec<Value> {
        let items = self.updates.iter().filter(|update| update["kind"] == "itemCompleted");
        items.map(|update| update["item"].clone()).filter(|item| item["kind"] == kind).collect()
    }

    /// The updates of one kind.
    pub fn updates(&self, kind: &str) -> Vec<&Value> {
        self.updates.iter().filter(|update| update["kind"] == kind).collect()
    }

    /// What the scripts came to, as the model was told.
    pub fn results(&self) -> Vec<String> {
        self.items("scriptOutput")
            .iter()
            .map(|item| item["text"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// The result of the only script.
    pub fn result(&self) -> String {
        let results = self.results();
        assert_eq!(results.len(), 1, "one script was expected: {self:#?}");
        results[0].clone()
    }

    pub fn assert(&self, status: &str) -> &Ended {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }
}

impl Peer {
    pub async fn new_session(&self) -> String {
        let answer = self.ok("glossator/session/new", json!({})).await;
        answer["session"]["id"].as_str().unwrap().to_owned()
    }

    /// Starts a turn; gives its id.
    pub async fn start_turn(&self, session: &str, prompt: &str) -> String {
        let params = json!({ "sessionId": session, "input": [{ "kind": "text", "text": prompt }] });
        self.ok("glossator/turn/start", params).await["turnId"].as_str().unwrap().to_owned()
    }

    /// The end of a turn, waited for.
    pub async fn end(&self, session: &str, turn: &str) -> Ended {
        let end = self.update(session, turn, "its end", |update| {
            (update["kind"] == "turnCompleted").then(|| update.clone())
        });
        let end = end.await;
        let text = |key: &str| end[key].as_str().unwrap_or_default().to_owned();
        self.assert_no_gaps(session);
        Ended {
            session: session.to_owned(),
            status: text("status"),
            message: text("message"),
            updates: self
                .updates(session)
                .into_iter()
                .filter(|one| one["turnId"] == turn)
                .map(|one| one["update"].clone())
                .collect(),
        }
    }

    /// A whole turn.
    pub async fn turn(&self, session: &str, prompt: &str) -> Ended {
        let turn = self.start_turn(session, prompt).await;
        self.end(session, &turn).await
    }

    /// A whole turn in a new session.
    pub async fn first_turn(&self, prompt: &str) -> Ended {
        let session = self.new_session().await;
        let ended = self.turn(&session, prompt).await;
        assert_eq!(self.updates(&session)[0]["seq"], 1);
        ended
    }

    /// The first update of a turn that `find` knows, waited for.
    pub async fn update<T>(
        &self,
        session: &str,
        turn: &str,
        what: &str,
        mut find: impl FnMut(&Value) -> Option<T>,
    ) -> T {
        self.wait(&format!("{what} of {turn}"), |message| {
            let params = &message.params;
            let of_turn = message.method == "glossator/session/update"
                && params["sessionId"] == session
                && params["turnId"] == turn;
            if of_turn { find(&params["update"]) } else { None }
        })
        .await
    }

    /// The first item of a kind in a turn, waited for.
    pub async fn item(&self, session: &str, turn: &str, kind: &str) -> Value {
        self.update(session, turn, kind, |update| {
            (update["item"]["kind"] == kind).then(|| update["item"].clone())
        })
        .await
    }

    /// Waits for `count` open asks of a turn; gives them.
    pub async fn asks(&self, session: &str, turn: &str, count: usize) -> Vec<Value> {
        let mut asks = Vec::new();
        self.update(session, turn, "asks", |update| {
            if update["kind"] == "ask" {
                asks.push(update["ask"].clone());
            }
            (asks.len() == count).then_some(())
        })
        .await;
        asks
    }

    pub async fn undo(&self, session: &str) -> Value {
        self.ok("glossator/turn/undo", json!({ "sessionId": session })).await
    }

    pub async fn interrupt(&self, session: &str) {
        let answer = self.ok("glossator/turn/interrupt", json!({ "sessionId": session })).await;
        assert_eq!(answer["interrupted"], true);
    }

    fn updates(&self, session: &str) -> Vec<Value> {
        let all = self.messages().into_iter().filter(|one| one.method == "glossator/session/update");
        all.map(|one| one.params).filter(|params| params["sessionId"] == session).collect()
    }

    /// `seq` has no gap. It begins at 1 for a session that this client made.
    pub fn assert_no_gaps(&self, session: &str) {
        let seqs: Vec<u64> = self.updates(session).iter().map(|one| one["seq"].as_u64().unwrap()).collect();
        let first = seqs.first().copied().unwrap_or(1);
        let expected: Vec<u64> = (first..).take(seqs.len()).collect();
        assert_eq!(seqs, expected);
    }
}
