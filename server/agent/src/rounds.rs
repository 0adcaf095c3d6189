//! Who answers in a turn, one after the other, and the rounds of each until one of them is the last. Ends nothing but by
//! saying how the turn ended.

use crate::compact;
use crate::days;
use crate::looks;
use crate::prompting;
use crate::round::{self, Next};
use crate::routing::OWN;
use crate::run_full::Filling;
use crate::running::{Ended, Running};
use crate::spent::Spent;
use glossator_session::{AgentId, CompactionCause, EventKind, NoticeLevel, TurnStatus};

/// Lets the agents that the prompt is meant for answer, in their order. What goes wrong with one does not stop the next;
/// the user stops all.
pub(crate) async fn answer(running: &Running, to: &[AgentId], spent: &mut Spent) -> Ended {
    if to.is_empty() {
        return rounds(running, spent).await;
    }
    let mut failed = Vec::new();
    for agent in to {
        let (status, message) = one(running, agent, spent).await;
        match status {
            TurnStatus::Done => {}
            TurnStatus::Interrupted => return (status, message),
            TurnStatus::Failed | TurnStatus::Limited => {
                let text =
                    format!("@{agent}: {}", message.unwrap_or_else(|| "it could not go on.".to_owned()));
                if to.len() > 1 {
                    running.notice(NoticeLevel::Warning, text.clone());
                }
                failed.push((status, text));
            }
        }
    }
    let Some((status, _)) = failed.first() else { return (TurnStatus::Done, None) };
    let texts: Vec<&str> = failed.iter().map(|(_, text)| text.as_str()).collect();
    (*status, Some(texts.join(" ")))
}

/// The part of one agent.
async fn one(running: &Running, agent: &AgentId, spent: &mut Spent) -> Ended {
    if agent.0 == OWN {
        return rounds(running, spent).await;
    }
    let Some(setup) = running.config.agents.get(agent) else {
        return (TurnStatus::Failed, Some("it is no longer in the settings.".to_owned()));
    };
    match running.with(agent, setup) {
        Ok(its) => rounds(&its, spent).await,
        Err(error) => (TurnStatus::Failed, Some(error.to_string())),
    }
}

/// The rounds of one agent, until one of them is the last.
async fn rounds(running: &Running, spent: &mut Spent) -> Ended {
    let limits = &running.config.limits;
    let mut repeats = Repeats::default();
    let (mut asked, mut refused) = (0, Refused::Never);
    let mut filling = Filling::default();
    prompting::say_what_is_new(running);
    loop {
        running.attending.before_request(&running.cancel).await;
        // Before the round begins, so that its request tells the model what became of its edits.
        let (at, workspace) = ((&*running.shared, &*running.session), running.dispatcher.workspace());
        looks::look(at, &workspace, running.recorder.keeps.then_some(running.turn)).await;
        // Before it as well, so that its request tells the model.
        if let Some(end) = filling.before_round(running) {
            return end;
        }
        let number = running.session.begin_round();
        asked += 1;
        if asked > limits.rounds {
            let message = format!(
                "The turn was stopped after {} rounds. Say 'go on' to let it continue.",
                limits.rounds
            );
            return (TurnStatus::Limited, Some(message));
        }
        if let Some(end) = days::may_ask(running, spent).await {
            return end;
        }
        let made_room = match refused {
            Refused::Now => compact::compact(running, CompactionCause::Refused, spent).await,
            _ => compact::before_request(running, spent).await,
        };
        if let Some(end) = made_room {
            return end;
        }
        // A hand-over may have used the budget up.
        if let Some(end) = days::may_ask(running, spent).await {
            return end;
        }
        if refused == Refused::Now {
            refused = Refused::Before;
        }
        let done = round::run(running, number, spent).await;
        running.recorder.emit(EventKind::Usage { usage: spent.usage, cost: spent.cost.clone() });
        match done {
            Next::End(status, message) => return (status, message),
            Next::TooLong(_) if refused == Refused::Never && compact::can_make_room(running) => {
                refused = Refused::Now;
            }
            Next::TooLong(why) => return compact::too_long(running, &why),
            Next::Again { fingerprint } if repeats.count(&fingerprint) >= limits.repeats => {
                let message = format!(
                    "The turn was paused: the model made the same calls {} times in a row. Say how to go on.",
                    limits.repeats
                );
                return (TurnStatus::Limited, Some(message));
            }
            Next::Again { .. } => {}
        }
    }
}

/// Whether a request of the turn was refused as too long.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refused {
    Never,
    /// The last one was: the history is compacted before the next.
    Now,
    Before,
}

/// Counts rounds in a row that did the same.
#[derive(Default)]
struct Repeats {
    last: String,
    count: u32,
}

impl Repeats {
    fn count(&mut self, fingerprint: &str) -> u32 {
        self.count = if self.last == fingerprint && !fingerprint.is_empty() { self.count + 1 } else { 1 };
        fingerprint.clone_into(&mut self.last);
        self.count
    }
}
