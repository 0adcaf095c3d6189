//! What `glossator exec` prints of a turn: the answer on standard output, the rest on standard error; or all of it as JSON.

use crate::terminal::{complain, out};
use glossator_protocol_ext::{NoticeLevel, SessionUpdateParams, TurnStatus, Update, Usage};
use glossator_session::{Item, ItemBody, NoticeLevel as Level};
use serde_json::Value;

/// How a turn is printed.
pub struct Printer {
    json: bool,
    /// What the turn has spent up to now, in one line.
    spent: Option<String>,
}

impl Printer {
    pub fn new(json: bool) -> Printer {
        Printer { json, spent: None }
    }

    /// Prints one `glossator/session/update`, given as it came and as far as it is known. At the end of the turn: how it
    /// ended.
    pub fn update(&mut self, raw: &Value, known: Option<SessionUpdateParams>) -> Option<TurnStatus> {
        if self.json {
            out(&format!("{raw}\n"));
        }
        let known = known?;
        if !self.json {
            print(&known.update);
        }
        match known.update {
            Update::Usage { usage, cost } if total(&usage) > 0 => {
                let cost = cost.map(|cost| (cost.micro_usd, cost.prices_of));
                self.spent = Some(spent_line(&usage, cost));
            }
            Update::TurnCompleted { status, .. } => {
                if !self.json {
                    self.spent.take().into_iter().for_each(|line| complain!("{line}"));
                    complain!("session: {}", known.session_id);
                }
                return Some(status);
            }
            _ => {}
        }
        None
    }
}

fn total(usage: &Usage) -> u64 {
    usage.input + usage.cache_read + usage.cache_write + usage.output
}

/// What a turn has spent, in one line.
fn spent_line(usage: &Usage, cost: Option<(u64, String)>) -> String {
    let read = usage.input + usage.cache_read + usage.cache_write;
    let cost =
        cost.map(|(micro_usd, prices_of)| format!(", {:.4} USD ({prices_of})", micro_usd as f64 / 1e6));
    format!(
        "tokens: {read} in ({} from cache), {} out{}",
        usage.cache_read,
        usage.output,
        cost.unwrap_or_default()
    )
}

fn print(update: &Update) {
    match update {
        Update::ItemDelta { stream, text, .. } if stream == "answer" || stream.starts_with("answer@") => {
            out(text)
        }
        Update::ItemCompleted { item } => {
            if let Ok(item) = serde_json::from_value::<Item>(item.clone()) {
                print_item(&item.body);
            }
        }
        Update::ChangeSet { state, files, .. } => complain!("  {state}: {}", files.join(", ")),
        Update::Notice { level, text } => complain!("{}: {text}", level_name(*level)),
        Update::TurnCompleted { status, message } => {
            out("\n");
            if let Some(message) = message {
                let kind = if *status == TurnStatus::Failed { "error" } else { "note" };
                complain!("{kind}: {message}");
            }
        }
        _ => {}
    }
}

fn print_item(body: &ItemBody) {
    match body {
        ItemBody::ToolCall { call, .. } => complain!("> {}", call.name),
        ItemBody::ToolOutput { outcome, millis, .. } => match outcome {
            Ok(output) => complain!("  {} ({millis} ms)", output.summary),
            Err(error) => complain!("  {error}"),
        },
        ItemBody::Notice { level, text } => {
            let level = match level {
                Level::Info => NoticeLevel::Info,
                Level::Warning => NoticeLevel::Warning,
                Level::Error => NoticeLevel::Error,
            };
            complain!("{}: {text}", level_name(level));
        }
        _ => {}
    }
}

fn level_name(level: NoticeLevel) -> &'static str {
    match level {
        NoticeLevel::Info => "note",
        NoticeLevel::Warning => "warning",
        NoticeLevel::Error => "error",
    }
}

/// Prints a message to the user that belongs to no turn (`window/showMessage`).
pub fn message(params: &Value) {
    let kind = match params["type"].as_u64() {
        Some(1) => "error",
        Some(2) => "warning",
        _ => "note",
    };
    complain!("{kind}: {}", params["message"].as_str().unwrap_or_default());
}
