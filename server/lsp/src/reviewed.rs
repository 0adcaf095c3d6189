//! What one connection remembers of hunks under review: whether its client asks for diagnostics itself, and the review
//! documents that were opened. The hunks themselves are the agent's; nothing here is durable.

use crate::convert;
use glossator_review::document::Page;
use glossator_session::{SessionId, TurnId};
use glossator_text::text_hash;
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;
use url::Url;

/// A review document as it was written last.
#[derive(Clone)]
pub struct Written {
    pub session: SessionId,
    pub turn: TurnId,
    /// What it was made of.
    pub page: Page,
    pub text: String,
}

/// The review of one connection.
#[derive(Default)]
pub struct Reviews {
    touched: Arc<Notify>,
    pulls: AtomicBool,
    documents: Mutex<BTreeMap<String, Written>>,
    /// The hashes of all that was ever written to each: a file can hold any of it.
    rendered: Mutex<HashSet<(String, String)>>,
}

impl Reviews {
    /// Hunks came, changed or were decided: what is shown of them is looked at anew. Costs nothing.
    pub fn touch(&self) {
        self.touched.notify_one();
    }

    /// Told by [`Reviews::touch`].
    pub fn touched(&self) -> Arc<Notify> {
        self.touched.clone()
    }

    /// Whether the client asks for diagnostics and is told when to ask again; else they are sent to it.
    pub fn pulls(&self) -> bool {
        self.pulls.load(Ordering::Relaxed)
    }

    pub fn set_pulls(&self, pulls: bool) {
        self.pulls.store(pulls, Ordering::Relaxed);
    }

    /// Remembers what was written to the review document `uri`.
    pub fn wrote(&self, uri: &str, written: Written) {
        let uri = as_ours(uri);
        self.rendered.lock().insert((uri.clone(), text_hash(&written.text)));
        self.documents.lock().insert(uri, written);
    }

    /// Whether `text` is something that was written to the review document `uri`, now or before.
    pub fn is_ours(&self, uri: &str, text: &str) -> bool {
        self.rendered.lock().contains(&(as_ours(uri), text_hash(text)))
    }

    /// The review document `uri` as it was written last; `None` if it is none.
    pub fn document(&self, uri: &str) -> Option<Written> {
        self.documents.lock().get(&as_ours(uri)).cloned()
    }

    /// All review documents.
    pub fn documents(&self) -> Vec<(String, Written)> {
        self.documents.lock().iter().map(|(uri, written)| (uri.clone(), written.clone())).collect()
    }
}

/// The URI of a file as we write it: editors escape more or fewer of its characters.
fn as_ours(uri: &str) -> String {
    let path = Url::parse(uri).ok().as_ref().and_then(convert::path_of);
    path.and_then(|path| Url::from_file_path(path).ok()).map_or_else(|| uri.to_owned(), String::from)
}
