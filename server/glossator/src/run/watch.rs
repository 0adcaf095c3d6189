//! The session of a run, seen through a client: begun, read, watched to the end of a turn. Decides nothing.

use crate::exec::Headless;
use crate::exec::print::{self, Printer};
use crate::run::happened::Happened;
use crate::run::tell::Spent;
use glossator_protocol_ext::{
    ReadSessionResult, ReadUsageResult, SessionUpdateParams, TurnStatus, Update, method,
};
use glossator_session::Item;
use serde_json::{Value, json};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a turn that still runs is waited for: its front is gone, so that it is being stopped.
const LAST_TURN: Duration = Duration::from_secs(40);
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// The last turn of a session.
pub struct Last {
    pub number: u32,
    pub happened: Happened,
}

/// Begins a session; gives its id.
pub async fn new_session(headless: &Headless, title: &str) -> Result<String, String> {
    let made = headless.request(method::SESSION_NEW, json!({ "title": title })).await?;
    Ok(text(&made["session"]["id"]))
}

/// The last turn of a session, when it has ended.
pub async fn last_turn(headless: &Headless, session: &str) -> Result<Last, String> {
    let mut waited = Duration::ZERO;
    loop {
        let params = json!({ "sessionId": session, "turns": 1 });
        let read = headless.request(method::SESSION_READ, params).await?;
        let read: ReadSessionResult = serde_json::from_value(read).map_err(|error| error.to_string())?;
        if let Some(why) = read.read_only {
            return Err(why);
        }
        if let Some(turn) = read.running {
            if waited >= LAST_TURN {
                return Err(format!(
                    "{turn} still runs in the session {session}; stop it, or wait until it ends"
                ));
            }
            tokio::time::sleep(LOOK_AGAIN).await;
            waited += LOOK_AGAIN;
            continue;
        }
        let items: Vec<Item> =
            read.items.into_iter().flatten().filter_map(|item| serde_json::from_value(item).ok()).collect();
        let number = items.iter().map(|item| item.turn.0).max().unwrap_or(0);
        let mut happened = Happened::default();
        items.into_iter().filter(|item| item.turn.0 == number).for_each(|item| happened.add(item));
        return Ok(Last { number, happened });
    }
}

/// What a session has spent.
pub async fn spent(headless: &Headless, session: &str) -> Result<Spent, String> {
    let read = headless.request(method::USAGE_READ, json!({ "sessionId": session })).await?;
    let read: ReadUsageResult = serde_json::from_value(read).map_err(|error| error.to_string())?;
    let Some(all) = read.session else { return Ok(Spent::default()) };
    let usage = all.usage;
    let tokens = usage.input + usage.cache_read + usage.cache_write + usage.output;
    Ok(Spent { tokens, micro_usd: all.cost.map(|cost| cost.micro_usd) })
}

/// Starts a turn; gives its id.
pub async fn start(headless: &Headless, session: &str, prompt: String) -> Result<String, String> {
    let params = json!({ "sessionId": session, "input": [{ "kind": "text", "text": prompt }] });
    Ok(text(&headless.request(method::TURN_START, params).await?["turnId"]))
}

/// Prints what happens until the turn has ended; `stop` interrupts it.
pub async fn follow(
    headless: &mut Headless,
    (session, turn): (&str, &str),
    stop: &CancellationToken,
    json: bool,
) -> Result<Happened, String> {
    let mut printer = Printer::new(json);
    let mut happened = Happened::default();
    let mut interrupted = false;
    loop {
        let next = tokio::select! {
            next = headless.notifications.recv() => next,
            () = stop.cancelled(), if !interrupted => {
                interrupted = true;
                let params = json!({ "sessionId": session, "turnId": turn });
                // A turn that has just ended needs no stop.
                drop(headless.client.send_request(method::TURN_INTERRUPT, params));
                continue;
            }
        };
        let Some((name, params)) = next else {
            return Err(format!("the core has ended under this run; what happened is stored in {session}"));
        };
        if name == "window/showMessage" {
            print::message(&params);
        }
        if name != method::SESSION_UPDATE || params["sessionId"] != session {
            continue;
        }
        let known = serde_json::from_value::<SessionUpdateParams>(params.clone()).ok();
        let known = known.filter(|known| known.turn_id.as_deref().is_none_or(|of| of == turn));
        if let Some(Update::ItemCompleted { item }) = known.as_ref().map(|known| &known.update)
            && let Ok(item) = serde_json::from_value::<Item>(item.clone())
        {
            happened.add(item);
        }
        if let Some(status) = printer.update(&params, known) {
            happened.end.get_or_insert_with(|| (status_of(status), None));
            return Ok(happened);
        }
    }
}

fn status_of(status: TurnStatus) -> glossator_session::TurnStatus {
    use glossator_session::TurnStatus as Own;
    match status {
        TurnStatus::Done => Own::Done,
        TurnStatus::Failed => Own::Failed,
        TurnStatus::Interrupted => Own::Interrupted,
        TurnStatus::Limited => Own::Limited,
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
