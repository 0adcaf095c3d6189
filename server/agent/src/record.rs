//! What is stored of each model request: enough to make its body again from the log, and no more.

use crate::asking::{self, Asked};
use crate::config::RequestConfig;
use crate::days;
use crate::prompting::{self, View};
use crate::running::Running;
use crate::spent::Spent;
use glossator_session::{AgentId, ContextItem, Item, ItemBody, RequestRecord};
use serde_json::{Map, Value, json};

/// The last item that the prompt was made of.
pub(crate) const UPTO: &str = "upto";
/// Items before this one went without thinking; not there: all went whole.
pub(crate) const BARE: &str = "bare";
/// What the request was for, where it was none of the conversation.
pub(crate) const FOR: &str = "for";
/// What a request is made of beside the log; not there: as with the request before of the same agent.
pub(crate) const AS: &str = "as";

/// What is known of a request before it is sent.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    parameters: Map<String, Value>,
}

impl Draft {
    /// Of the next request of `view`, made of `items`.
    pub fn of(view: &View, asked: &RequestConfig, items: &[Item]) -> Draft {
        let upto = items.last().map_or(0, |item| item.id.0);
        let parameters = asking::parameters(asked);
        let mut draft = Draft { parameters: Map::from_iter([(UPTO.to_owned(), json!(upto))]) };
        if known(items, view.agent.as_ref()) != Some(&parameters) {
            draft.parameters.insert(AS.to_owned(), Value::Object(parameters));
        }
        draft
    }

    /// The same for something beside the conversation, which is asked for as `asked` says.
    pub fn beside(mut self, what: &str, asked: &RequestConfig) -> Draft {
        self.parameters.insert(AS.to_owned(), Value::Object(asking::parameters(asked)));
        self.parameters.insert(FOR.to_owned(), json!(what));
        self
    }

    /// Items before `from` are sent without thinking; 0: none.
    pub fn bare(mut self, from: u64) -> Draft {
        if from > 0 {
            self.parameters.insert(BARE.to_owned(), json!(from));
        }
        self
    }
}

/// The parameters of an agent's last request.
pub(crate) fn known<'a>(items: &'a [Item], agent: Option<&AgentId>) -> Option<&'a Map<String, Value>> {
    items.iter().rev().find_map(|item| match &item.body {
        ItemBody::Context(ContextItem::Request(record)) if item.agent.as_ref() == agent => {
            record.parameters.get(AS)?.as_object().filter(|_| !prompting::is_beside(record))
        }
        _ => None,
    })
}

/// Stores what a request was, and counts what it spent: for its turn, and for the day.
pub(crate) async fn keep(running: &Running, draft: Draft, asked: &Asked, spent: &mut Spent) {
    let record = RequestRecord { parameters: Value::Object(draft.parameters), ..asked.record.clone() };
    let mut alone = Spent::default();
    alone.add(record.usage, record.cost.as_ref());
    spent.add(record.usage, record.cost.as_ref());
    // Nothing was sent to a provider that there is not.
    if !record.wire.is_empty() {
        running.record_context(ContextItem::Request(Box::new(record)));
    }
    // Behind the log: what is only there is found when the session is opened.
    days::add(&running.shared, Some((running.session.id(), running.turn)), &alone).await;
}
