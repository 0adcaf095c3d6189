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
use std::collections::VecDeque;

/// Lets the agents that the prompt is meant for answer, in their order, and then those to whom the user said something more
/// in the meantime. What goes wrong with one does not stop the next; the user stops all.
pub(crate) async fn answer(running: &Running, to: &[AgentId], spent: &mut Spent) -> Ended {
    let several = to.len() > 1;
    let mut whole = Whole::default();
    let mut to: VecDeque<Option<AgentId>> = match to.is_empty() {
        true => VecDeque::from([None]),
        false => to.iter().map(|agent| Some(agent.clone()).filter(|agent| agent.0 != OWN)).collect(),
    };
    while let Some(agent) = to.pop_front() {
        let ended = one(running, agent.as_ref(), (whole.has(&agent), spent)).await;
        if ended.0 == TurnStatus::Interrupted {
            return ended;
        }
        if ended.0 != TurnStatus::Done {
            whole.deaf.push(agent.clone());
        }
        let named = several || !whole.parts.is_empty();
        if let (true, Some(text)) = (named, whole.add(agent.clone(), ended)) {
            running.notice(NoticeLevel::Warning, text);
        }
        if to.is_empty() {
            to.extend(running.session.last_word(agent.as_ref(), &whole.deaf));
        }
    }
    whole.ended()
}

/// How a turn stands of which some agents have done their part.
#[derive(Default)]
struct Whole {
    /// Each agent that was asked, and how that ended the last time.
    parts: Vec<(Option<AgentId>, Ended)>,
    /// Those who cannot be spoken to any more.
    deaf: Vec<Option<AgentId>>,
}

impl Whole {
    fn has(&self, agent: &Option<AgentId>) -> bool {
        self.parts.iter().any(|(other, _)| other == agent)
    }

    /// Adds how the part of an agent ended; gives what is to be told of it where it did not end well.
    fn add(&mut self, agent: Option<AgentId>, ended: Ended) -> Option<String> {
        self.parts.retain(|(other, _)| *other != agent);
        let text = (ended.0 != TurnStatus::Done).then(|| failure(agent.as_ref(), &ended));
        self.parts.push((agent, ended));
        text
    }

    fn ended(self) -> Ended {
        if let [(None, ended)] = self.parts.as_slice() {
            return ended.clone();
        }
        let failed: Vec<_> =
            self.parts.iter().filter(|(_, (status, _))| *status != TurnStatus::Done).collect();
        let Some((_, (status, _))) = failed.first() else { return (TurnStatus::Done, None) };
        let texts: Vec<String> = failed.iter().map(|(agent, ended)| failure(agent.as_ref(), ended)).collect();
        (*status, Some(texts.join(" ")))
    }
}

/// What went wrong with the part of an agent.
fn failure(agent: Option<&AgentId>, (_, message): &Ended) -> String {
    let name = agent.map_or(OWN, |agent| agent.0.as_str());
    format!("@{name}: {}", message.as_deref().unwrap_or("it could not go on."))
}

/// The part of one agent; `again`: it had one before in this turn.
async fn one(running: &Running, agent: Option<&AgentId>, (again, spent): (bool, &mut Spent)) -> Ended {
    let Some(agent) = agent else { return part(running, again, spent).await };
    let Some(setup) = running.config.agents.get(agent) else {
        return (TurnStatus::Failed, Some("it is no longer in the settings.".to_owned()));
    };
    match running.with(agent, setup) {
        Ok(its) => part(&its, again, spent).await,
        Err(error) => (TurnStatus::Failed, Some(error.to_string())),
    }
}

/// Rounds until one is the last, and again as long as the user said something that was not read.
async fn part(running: &Running, again: bool, spent: &mut Spent) -> Ended {
    if !again {
        prompting::say_what_is_new(running);
    }
    loop {
        let unread = running.session.unread_by(running.agent());
        let ended = rounds(running, spent).await;
        let left = running.session.unread_by(running.agent());
        // A limit may stop it before it can read what was said.
        let goes_on = matches!(ended.0, TurnStatus::Done | TurnStatus::Limited) && left > 0;
        if !goes_on || ended.0 == TurnStatus::Limited && left >= unread && unread > 0 {
            return ended;
        }
    }
}

/// The rounds of one agent, until one of them is the last.
async fn rounds(running: &Running, spent: &mut Spent) -> Ended {
    let limits = &running.config.limits;
    let mut repeats = Repeats::default();
    let (mut asked, mut refused) = (0, Refused::Never);
    let mut filling = Filling::default();
    loop {
        if let Some(end) = before_round(running, &mut filling).await {
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
            Refused::Now => {
                compact::compact(running, CompactionCause::Refused, spent).await.map_or(Ok(None), Err)
            }
            _ => compact::before_request(running, spent).await.map(Some),
        };
        let weighed = match made_room {
            Ok(weighed) => weighed,
            Err(end) => return end,
        };
        // A hand-over may have used the budget up.
        if let Some(end) = days::may_ask(running, spent).await {
            return end;
        }
        if refused == Refused::Now {
            refused = Refused::Before;
        }
        let done = round::run(running, number, (weighed, spent)).await;
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

/// What the request of the next round tells the model of has to come before that begins; `Some`: the turn ends.
async fn before_round(running: &Running, filling: &mut Filling) -> Option<Ended> {
    running.attending.before_request(&running.cancel).await;
    // What became of its edits.
    let (at, workspace) = ((&*running.shared, &*running.session), running.dispatcher.workspace());
    looks::look(at, &workspace, running.recorder.keeps.then_some(running.turn)).await;
    filling.before_round(running)
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
