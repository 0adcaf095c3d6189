//! The prompt documents of one connection: which are open, what each is about, what was sent from it. Their texts are the
//! editor's, and what those mean is `prompt_document`'s.

use crate::ours::{Folders, Kind, Ours};
use crate::prompt_document::About;
use glossator_session::{SessionId, TurnId};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

/// The prompt documents of one connection, and the transcripts that are kept up to date.
#[derive(Default)]
pub struct Prompts {
    /// Where our documents are.
    pub folders: Folders,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// With the names that the editor has for them.
    open: BTreeMap<String, (String, Opened)>,
    /// How often one was opened.
    openings: u64,
    about: HashMap<String, About>,
    /// What was sent from each last, until its turn is known to have begun well.
    sent: HashMap<String, Sent>,
    /// What waits to be stored as a draft: since when, and when it was changed last.
    drafts: HashMap<String, (Instant, Instant)>,
    followed: HashSet<String>,
    /// The session whose draft lies with the workspace, as it has not begun.
    drafted: Option<SessionId>,
    /// What was sent of each and still stands there, and what of that stays.
    going: HashMap<String, (String, String)>,
    /// Held while what is written in one is sent and taken out of it.
    leaving: HashMap<String, Leaving>,
}

/// Held by whoever sends what is written in a prompt document, until it stands there no more.
pub type Leaving = Arc<tokio::sync::Mutex<()>>;

/// A prompt document that the editor has opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// The version that it was opened with: with another one, somebody has changed it since.
    pub version: i32,
    /// Tells this opening from those before it.
    pub opening: u64,
}

/// A prompt that was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub turn: TurnId,
    pub text: String,
    pub about: Option<About>,
}

impl Prompts {
    /// Those whose documents lie in `folders`.
    pub fn new(folders: Folders) -> Prompts {
        Prompts { folders, state: Mutex::default() }
    }

    /// What stands for a document of ours here, however its URI is written.
    fn key(&self, uri: &str) -> String {
        match self.folders.document(uri) {
            Some(ours) => format!("{}/{}", ours.session, ours.name),
            None => uri.to_owned(),
        }
    }

    /// The prompt document `uri`, if it is one.
    pub fn document(&self, uri: &str) -> Option<Ours> {
        self.folders.document(uri).filter(|ours| ours.kind == Kind::Prompt)
    }

    pub fn is_prompt(&self, uri: &str) -> bool {
        self.document(uri).is_some()
    }

    /// The editor has opened a prompt document, with this version.
    pub fn opened(&self, uri: &str, version: i32) {
        let mut state = self.state.lock();
        state.openings += 1;
        let opening = state.openings;
        state.open.insert(self.key(uri), (uri.to_owned(), Opened { version, opening }));
    }

    /// How it was opened last; `None`: it is not open.
    pub fn opening(&self, uri: &str) -> Option<Opened> {
        self.state.lock().open.get(&self.key(uri)).map(|(_, opened)| *opened)
    }

    /// The editor has closed a document.
    pub fn closed(&self, uri: &str) {
        self.state.lock().open.remove(&self.key(uri));
    }

    /// The prompt documents that are open.
    pub fn open(&self) -> Vec<String> {
        self.state.lock().open.values().map(|(uri, _)| uri.clone()).collect()
    }

    /// A prompt document is about something from now on, or about nothing.
    pub fn set_about(&self, uri: &str, about: Option<About>) {
        let mut state = self.state.lock();
        match about {
            Some(about) => state.about.insert(self.key(uri), about),
            None => state.about.remove(&self.key(uri)),
        };
    }

    /// What the prompt at `uri` is about.
    pub fn about(&self, uri: &str) -> Option<About> {
        self.state.lock().about.get(&self.key(uri)).cloned()
    }

    /// What whoever sends what is written in the prompt document `uri` has to hold.
    pub fn leaving(&self, uri: &str) -> Leaving {
        self.state.lock().leaving.entry(self.key(uri)).or_default().clone()
    }

    /// What stands in a prompt document was sent, and is taken out of it now; `left` of it stays.
    pub fn goes(&self, uri: &str, (sent, left): (String, String)) {
        self.state.lock().going.insert(self.key(uri), (sent, left));
    }

    /// It is out.
    pub fn gone(&self, uri: &str) {
        self.state.lock().going.remove(&self.key(uri));
    }

    /// What of `written` was not sent.
    pub fn staying(&self, uri: &str, written: String) -> String {
        let state = self.state.lock();
        let Some((sent, left)) = state.going.get(&self.key(uri)) else { return written };
        match written.strip_prefix(sent.as_str()) {
            Some(rest) => [left, rest.trim()].join("\n\n").trim().to_owned(),
            None => written,
        }
    }

    /// What was sent from a prompt document last.
    pub fn sent(&self, uri: &str, sent: Sent) {
        self.state.lock().sent.insert(self.key(uri), sent);
    }

    /// What was sent from it with this turn; once.
    pub fn take_sent(&self, uri: &str, turn: TurnId) -> Option<Sent> {
        let key = self.key(uri);
        let mut state = self.state.lock();
        state.sent.get(&key).filter(|sent| sent.turn == turn)?;
        state.sent.remove(&key)
    }

    /// A prompt document was changed: `true` the first time since its draft was stored.
    pub fn touch(&self, uri: &str) -> bool {
        let now = Instant::now();
        let mut is_first = false;
        let mut state = self.state.lock();
        let times = state.drafts.entry(self.key(uri)).or_insert_with(|| {
            is_first = true;
            (now, now)
        });
        times.1 = now;
        is_first
    }

    /// Since when a draft waits to be stored, and when it was changed last.
    pub fn touched(&self, uri: &str) -> Option<(Instant, Instant)> {
        self.state.lock().drafts.get(&self.key(uri)).copied()
    }

    /// A draft is being stored: what is changed from now on is stored anew.
    pub fn untouch(&self, uri: &str) -> bool {
        self.state.lock().drafts.remove(&self.key(uri)).is_some()
    }

    /// The draft of the workspace is that of this session.
    pub fn set_drafted(&self, session: &SessionId) {
        self.state.lock().drafted = Some(session.clone());
    }

    /// `true` once if the draft of the workspace is that of this session.
    pub fn take_drafted(&self, session: &SessionId) -> bool {
        self.state.lock().drafted.take_if(|drafted| drafted == session).is_some()
    }

    /// `true` for the first: a document of ours that is kept up to date, by whoever asks.
    pub fn follow(&self, uri: &str) -> bool {
        self.state.lock().followed.insert(self.key(uri))
    }

    /// It is not any more.
    pub fn unfollow(&self, uri: &str) {
        self.state.lock().followed.remove(&self.key(uri));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_that_was_sent_comes_back_once_and_only_with_its_turn() {
        let prompts = Prompts::default();
        let sent = Sent { turn: TurnId(3), text: "x".to_owned(), about: None };
        prompts.sent("u", sent.clone());
        assert_eq!(prompts.take_sent("u", TurnId(2)), None);
        assert_eq!(prompts.take_sent("u", TurnId(3)), Some(sent));
        assert_eq!(prompts.take_sent("u", TurnId(3)), None);
        assert!(prompts.touch("u") && !prompts.touch("u") && prompts.untouch("u") && prompts.touch("u"));
        assert!(prompts.follow("c") && !prompts.follow("c"));
        prompts.opened("u", 7);
        let first = prompts.opening("u").unwrap();
        assert_eq!((first.version, prompts.open()), (7, vec!["u".to_owned()]));
        prompts.opened("u", 7);
        assert_ne!(prompts.opening("u"), Some(first));
        prompts.closed("u");
        assert_eq!(prompts.opening("u"), None);
        let staying = |written: &str| prompts.staying("u", written.to_owned());
        assert_eq!(staying("do it"), "do it");
        prompts.goes("u", ("do it".to_owned(), String::new()));
        assert_eq!(
            (staying("do it"), staying("do it\nmore"), staying("do")),
            (String::new(), "more".to_owned(), "do".to_owned())
        );
        prompts.goes("u", ("allow A1\ndo it".to_owned(), "do it".to_owned()));
        assert_eq!(staying("allow A1\ndo it"), "do it");
        prompts.gone("u");
        assert_eq!(staying("do it"), "do it");
    }
}
