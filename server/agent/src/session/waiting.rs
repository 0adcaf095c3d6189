//! The prompts of a session that wait for their turn, in memory and in the file beside its log: what is there, which is next,
//! which is being started. Starts none of them.

use super::{Session, now};
use crate::AgentError;
use crate::config::{Front, TurnConfig, Wishes};
use crate::secrets::without_secrets;
use futures::future::BoxFuture;
use glossator_session::{EventKind, Image, InputPart, ItemBody, QueuedPrompt, SessionId, TurnId};
use glossator_store::{PromptQueue, Store, StoredPrompt};
use glossator_tools::Mode;
use std::collections::HashMap;
use std::sync::Arc;

/// What a turn is run with.
pub type Setup = (TurnConfig, Front);

/// Makes what a prompt that waited is run with when its turn comes.
#[derive(Clone)]
pub struct Starter {
    /// Who it is: the same one is asked once.
    pub of: usize,
    /// Makes it for a prompt of a session, with what was wished for it; `None`: whoever would make it is gone.
    pub make: Make,
}

/// See [`Starter`].
pub type Make =
    Arc<dyn Fn(Due) -> BoxFuture<'static, Option<Result<Setup, AgentError>>> + Send + std::marker::Sync>;

/// A prompt whose turn has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    /// Its session.
    pub session: SessionId,
    /// What the user wrote.
    pub input: Vec<InputPart>,
    /// What was wished for its turn.
    pub wishes: Wishes,
    /// Its number in the queue.
    pub number: u64,
}

/// The prompts that wait.
#[derive(Default)]
pub(crate) struct Waiting {
    queue: PromptQueue,
    /// Why they wait for the user, if they do.
    waits: Option<String>,
    /// The one that is being started.
    starting: Option<u64>,
    starters: Vec<Starter>,
    /// Who queued which of them.
    by: HashMap<u64, usize>,
}

impl Waiting {
    /// Those that wait, but for the one that is being started.
    fn prompts(&self) -> impl Iterator<Item = &StoredPrompt> {
        self.queue.prompts.iter().filter(|one| Some(one.number) != self.starting)
    }

    fn told(&self) -> (Vec<QueuedPrompt>, Option<String>) {
        let prompts: Vec<QueuedPrompt> = self.prompts().map(told).collect();
        let waits = self.waits.clone().filter(|_| !prompts.is_empty());
        (prompts, waits)
    }
}

/// A prompt of the queue as it is told of.
pub(crate) fn told(one: &StoredPrompt) -> QueuedPrompt {
    QueuedPrompt { id: format!("Q{}", one.number), input: one.input.clone(), at: one.at }
}

impl Session {
    /// The prompts that wait, and why they wait for the user, if they do.
    pub fn queued(&self) -> (Vec<QueuedPrompt>, Option<String>) {
        self.course.waiting.lock().told()
    }

    /// Takes in what lay beside the log when the session was opened. What was being started when the process ended and came
    /// into the log does not wait any more.
    pub fn queue_found(&self, store: &Store, mut queue: PromptQueue) {
        let begun = |one: &StoredPrompt| one.starts.is_some_and(|turn| self.begins_with(turn, &one.input));
        let before = queue.clone();
        queue.prompts.retain(|one| !begun(one));
        queue.prompts.iter_mut().for_each(|one| one.starts = None);
        let mut waiting = self.course.waiting.lock();
        waiting.waits = (!queue.prompts.is_empty()).then(|| "Glossator was started anew".to_owned());
        waiting.queue = queue;
        if waiting.queue != before {
            self.write(Some(store), &waiting.queue);
        }
    }

    /// Whether the first message of `turn` is this.
    fn begins_with(&self, turn: TurnId, input: &[InputPart]) -> bool {
        let items = self.of_turn(turn).unwrap_or_default();
        let first = items.iter().find_map(|item| match &item.body {
            ItemBody::UserMessage { input, .. } => Some(input),
            _ => None,
        });
        first.is_some_and(|first| first == input)
    }

    /// Puts a prompt at the end of the queue, or at its `front`; gives its number. That is the user's word for the queue to
    /// go on.
    ///
    /// # Errors
    /// It cannot be stored; then it is not queued.
    pub fn enqueue(
        &self,
        store: Option<&Store>,
        (input, wishes): (Vec<InputPart>, Wishes),
        by: Starter,
        front: bool,
    ) -> Result<u64, AgentError> {
        let redact = self.state.lock().manner.redact.clone();
        let body = without_secrets(ItemBody::UserMessage { input, to: Vec::new() }, &*redact);
        let ItemBody::UserMessage { input, .. } = body else {
            return Err(AgentError::Refused("the prompt holds a key and was not queued".to_owned()));
        };
        let mut waiting = self.course.waiting.lock();
        let mut queue = waiting.queue.clone();
        queue.last += 1;
        let number = queue.last;
        let prompt = StoredPrompt {
            number,
            input,
            at: now(),
            pack: wishes.pack,
            mode: wishes.mode.map(|mode| mode.name().to_owned()),
            agents: wishes.agents,
            starts: None,
        };
        let at = if front { 0 } else { queue.prompts.len() };
        queue.prompts.insert(at, prompt);
        self.try_write(store, &queue)?;
        waiting.queue = queue;
        waiting.waits = None;
        waiting.by.insert(number, by.of);
        add(&mut waiting.starters, by);
        self.tell_queue(&waiting);
        Ok(number)
    }

    /// The place of a prompt in the queue, from 1; 0: it does not wait.
    pub fn place_in_queue(&self, number: u64) -> usize {
        let waiting = self.course.waiting.lock();
        waiting.prompts().position(|one| one.number == number).map_or(0, |at| at + 1)
    }

    /// Takes a prompt out of the queue; `None`: it does not wait.
    ///
    /// # Errors
    /// That cannot be stored; then it is still there.
    pub fn take_out(&self, store: Option<&Store>, number: u64) -> Result<Option<Vec<InputPart>>, AgentError> {
        let mut waiting = self.course.waiting.lock();
        if !waiting.prompts().any(|one| one.number == number) {
            return Ok(None);
        }
        let mut queue = waiting.queue.clone();
        let at = queue.prompts.iter().position(|one| one.number == number);
        let taken = at.map(|at| queue.prompts.remove(at).input);
        self.try_write(store, &queue)?;
        waiting.queue = queue;
        self.tell_queue(&waiting);
        Ok(taken)
    }

    /// Who may be asked to start what waits.
    pub fn serve_queue(&self, by: Starter) {
        add(&mut self.course.waiting.lock().starters, by);
    }

    /// The queue waits for the user from now on, unless it is empty.
    pub fn hold_queue(&self, why: String) {
        let mut waiting = self.course.waiting.lock();
        if waiting.prompts().next().is_some() {
            waiting.waits = Some(why);
            self.tell_queue(&waiting);
        }
    }

    /// The queue goes on by itself.
    pub fn release_queue(&self) {
        let mut waiting = self.course.waiting.lock();
        if waiting.waits.take().is_some() {
            self.tell_queue(&waiting);
        }
    }

    /// The prompt that is to be started now, which does not wait any more; `None`: there is none, the queue waits for the
    /// user, or something runs.
    pub fn next_prompt(&self) -> Option<Due> {
        let mut waiting = self.course.waiting.lock();
        if waiting.waits.is_some() || waiting.starting.is_some() || self.state.lock().running.is_some() {
            return None;
        }
        let one = waiting.queue.prompts.first()?;
        let due = Due {
            session: self.id.clone(),
            input: one.input.clone(),
            wishes: Wishes {
                pack: one.pack.clone(),
                mode: mode(one.mode.as_deref()),
                agents: one.agents.clone(),
            },
            number: one.number,
        };
        waiting.starting = Some(due.number);
        self.tell_queue(&waiting);
        Some(due)
    }

    /// Who may start a prompt, the best first: who queued it, then who came last.
    pub fn starters(&self, number: u64) -> Vec<Starter> {
        let waiting = self.course.waiting.lock();
        let by = waiting.by.get(&number);
        let (own, others): (Vec<_>, Vec<_>) =
            waiting.starters.iter().rev().cloned().partition(|one| Some(&one.of) == by);
        own.into_iter().chain(others).collect()
    }

    /// One who starts prompts is gone.
    pub fn lose_starter(&self, of: usize) {
        self.course.waiting.lock().starters.retain(|one| one.of != of);
    }

    /// The prompt that was to be started was not: it waits as before, for this reason for the user. Says nothing of one that
    /// was started.
    pub fn put_back(&self, number: u64, why: Option<String>) {
        let mut waiting = self.course.waiting.lock();
        if waiting.starting.take_if(|starting| *starting == number).is_none() {
            return;
        }
        if why.is_some() {
            waiting.waits = why;
        }
        self.tell_queue(&waiting);
    }

    /// A prompt is about to be recorded as that of `turn`.
    pub fn starts_as(&self, store: Option<&Store>, number: u64, turn: TurnId) {
        let mut waiting = self.course.waiting.lock();
        if let Some(one) = waiting.queue.prompts.iter_mut().find(|one| one.number == number) {
            one.starts = Some(turn);
        }
        self.write(store, &waiting.queue);
    }

    /// A prompt is recorded: it is no longer in the queue.
    pub fn has_started(&self, store: Option<&Store>, number: u64) {
        let mut waiting = self.course.waiting.lock();
        waiting.queue.prompts.retain(|one| one.number != number);
        waiting.starting.take_if(|starting| *starting == number);
        waiting.by.remove(&number);
        self.write(store, &waiting.queue);
        self.tell_queue(&waiting);
    }

    /// The log is there now: what was queued before is stored beside it.
    pub fn store_queue(&self, store: Option<&Store>) {
        let waiting = self.course.waiting.lock();
        if !waiting.queue.prompts.is_empty() {
            self.write(store, &waiting.queue);
        }
    }

    fn tell_queue(&self, waiting: &Waiting) {
        let (mut prompts, waits) = waiting.told();
        // Events are kept for clients that come back, and images may be large.
        for part in prompts.iter_mut().flat_map(|prompt| &mut prompt.input) {
            if let InputPart::Image { image, .. } = part {
                *image = Image { data: String::new(), ..image.clone() };
            }
        }
        self.emit(None, EventKind::Queue { prompts, waits });
    }

    /// Stores the queue; a session without a log has it in memory until it has one.
    fn try_write(&self, store: Option<&Store>, queue: &PromptQueue) -> Result<(), AgentError> {
        match store.filter(|_| self.begun().is_some()) {
            Some(store) => {
                store.set_queue(&self.id, queue).map_err(|error| AgentError::Store(error.to_string()))
            }
            None => Ok(()),
        }
    }

    fn write(&self, store: Option<&Store>, queue: &PromptQueue) {
        if let Err(error) = self.try_write(store, queue) {
            tracing::warn!(%error, session = %self.id, "the queue could not be stored");
        }
    }
}

fn add(starters: &mut Vec<Starter>, one: Starter) {
    starters.retain(|other| other.of != one.of);
    starters.push(one);
}

fn mode(name: Option<&str>) -> Option<Mode> {
    [Mode::Disabled, Mode::DryRun, Mode::Enabled].into_iter().find(|mode| Some(mode.name()) == name)
}

#[cfg(test)]
mod tests;
