//! What a model is sent over a whole session: guidance, compaction, several agents, budgets, what was sent and what would
//! be, and that earlier bytes stay as they were.

mod agents;
mod compaction;
mod desk;
mod guidance;
mod prefix;
mod requests;
mod spending;

use crate::harness::{Reply, last_user_text, messages};
use serde_json::Value;

/// A hand-over as a model would write it.
const HAND_OVER: &str = "## Goal\nThe user wants the numbers to be right in all files.\n\n## State\nThe first files were read \
    and edited; nothing failed until now.\n\n## Findings\nNumbers stand in src/numbers.txt:1.\n\n## Agreements\nTabs.\n\n\
    ## Next\nGo on with the next file.";

/// Whether a request asks for a hand-over.
fn asks_hand_over(body: &Value) -> bool {
    last_user_text(body).contains("Write the hand-over")
}

/// What `otherwise` says, but for hand-overs.
fn handing_over(
    otherwise: impl Fn(&Value) -> Reply + Send + Sync + 'static,
) -> impl Fn(&Value) -> Reply + Send + Sync + 'static {
    move |body| if asks_hand_over(body) { Reply::Text(HAND_OVER.to_owned()) } else { otherwise(body) }
}

/// All messages of a request, as one text.
fn said(body: &Value) -> String {
    messages(body).iter().map(Value::to_string).collect()
}

/// All system text and messages of a request, as one text.
fn all_text(body: &Value) -> String {
    body["system"].to_string() + &said(body)
}

/// A request or a part of it without marks of the cache.
fn unmarked(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let kept = object.iter().filter(|(name, _)| *name != "cache_control");
            kept.map(|(name, value)| (name.clone(), unmarked(value))).collect()
        }
        Value::Array(all) => all.iter().map(unmarked).collect(),
        other => other.clone(),
    }
}
