//! The prompts of a session that wait for their turn, in memory and in the file beside its log: what is there, which is next,
//! which is being started. Starts none of them.

mod stored;

use super::{Session, now};
use crate::AgentError;
use crate::config::{Front, TurnConfig, Wishes};
use crate::secrets::without_secrets;
use futures::future::BoxFuture;
use glossator_session::{EventKind, InputPart, ItemBody, QueuedPrompt, SessionId};
use glossator_store::{PromptQueue, Store, StoredPrompt};
use glossator_tools::Mode;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Bytes of a text that are told of a prompt that waits.
const TOLD: usize = 4 << 10;

/// What a turn is run with.
pub type Setup = (TurnConfig, Front);

/// Makes what a prompt that waited is run with when its turn comes.
#[derive(Clone)]
pub struct Starter {
    /// Who it is: the same one is asked once.
    pub of: usize,
    /// Makes it for a prompt of a session, with what was wished for it; `None`: whoever would make it is gone.
    pub make: Make,
    /// Whether it could be made now: there is a model, and a key. Asked again and again while a prompt waits for that.
    pub ready: Ready,
}

/// See [`Starter`].
pub type Make =
    Arc<dyn Fn(Due) -> BoxFuture<'static, Option<Result<Setup, AgentError>>> + Send + std::marker::Sync>;

/// See [`Starter`].
pub type Ready = Arc<dyn Fn(Due) -> BoxFuture<'static, bool> + Send + std::marker::Sync>;

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
    /// Why they wait, if they do.
    waits: Option<Waits>,
    /// The one that is being started.
    starting: Option<u64>,
    /// Those that were started, and of which the log does not tell yet as it cannot be written.
    begun: BTreeSet<u64>,
    starters: Vec<Starter>,
    /// Who queued which of them.
    by: HashMap<u64, usize>,
    file: stored::QueueFile,
}

/// Why prompts wait though nothing runs; for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Waits {
    /// The user has to say something first.
    ForTheUser(String),
    /// The first of them cannot be started: there is no model, no key. It goes on by itself once that is otherwise.
    ToBeReady(String),
}

impl Waits {
    fn why(&self) -> &str {
        match self {
            Waits::ForTheUser(why) | Waits::ToBeReady(why) => why,
        }
    }
}

impl Waiting {
    /// Those that wait, but for the one that is being started.
    fn prompts(&self) -> impl Iterator<Item = &StoredPrompt> {
        let gone = |number: u64| Some(number) == self.starting || self.begun.contains(&number);
        self.queue.prompts.iter().filter(move |one| !gone(one.number))
    }

    /// The place behind those that go before the others.
    fn behind_front(&self) -> usize {
        let first = self.queue.prompts.iter();
        let gone = |number: u64| Some(number) == self.starting || self.begun.contains(&number);
        first.take_while(|one| one.front || gone(one.number)).count()
    }

    /// The first of those that have not begun.
    fn first(&self) -> Option<&StoredPrompt> {
        self.queue.prompts.iter().find(|one| !self.begun.contains(&one.number))
    }

    fn told(&self) -> (Vec<QueuedPrompt>, Option<String>) {
        let prompts: Vec<QueuedPrompt> = self.prompts().map(told).collect();
        let waits = self.waits.as_ref().map(|waits| waits.why().to_owned()).filter(|_| !prompts.is_empty());
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

    /// Puts a prompt at the end of the queue, or before it, behind others that were put to its `front`; gives its number. That is
    /// the user's word for the queue to go on. One that cannot be stored waits in memory, and the user is told.
    ///
    /// # Errors
    /// Nothing is left of it without the keys that it holds, and a queue on the disk that cannot be read: then it is not
    /// queued.
    pub fn enqueue(
        &self,
        store: Option<&Store>,
        (input, wishes): (Vec<InputPart>, Wishes),
        by: Starter,
        front: bool,
    ) -> Result<u64, AgentError> {
        let (redact, begun) = {
            let state = self.state.lock();
            (state.manner.redact.clone(), state.now.begun.last())
        };
        let body = without_secrets(ItemBody::UserMessage { input, to: Vec::new(), queued: None }, &*redact);
        let ItemBody::UserMessage { input, .. } = body else {
            return Err(AgentError::Refused("the prompt holds a key and was not queued".to_owned()));
        };
        let mut waiting = self.course.waiting.lock();
        self.read_again(store, &mut waiting).map_err(AgentError::Store)?;
        // A number that stands in the log is given to no other, even where the file is lost.
        let number = waiting.queue.last.max(begun) + 1;
        let prompt = StoredPrompt {
            number,
            input,
            at: now(),
            pack: wishes.pack,
            mode: wishes.mode.map(|mode| mode.name().to_owned()),
            agents: wishes.agents,
            front,
        };
        let at = if front { waiting.behind_front() } else { waiting.queue.prompts.len() };
        waiting.queue.prompts.insert(at, prompt);
        waiting.queue.last = number;
        waiting.waits = None;
        waiting.by.insert(number, by.of);
        add(&mut waiting.starters, by);
        self.save(store, &mut waiting);
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
        let before = waiting.queue.clone();
        let at = before.prompts.iter().position(|one| one.number == number);
        let taken = at.map(|at| waiting.queue.prompts.remove(at).input);
        let saved = self.try_save(store, &mut waiting);
        if let Some(why) = saved.err().filter(|_| waiting.file.holds(number)) {
            waiting.queue = before;
            return Err(AgentError::Store(why));
        }
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
            waiting.waits = Some(Waits::ForTheUser(why));
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

    /// The queue goes on by itself, if it waited only for a model or a key.
    pub fn release_ready(&self) {
        let mut waiting = self.course.waiting.lock();
        if waiting.waits.take_if(|waits| matches!(waits, Waits::ToBeReady(_))).is_some() {
            self.tell_queue(&waiting);
        }
    }

    /// The prompt that waits for a model or a key, if one does.
    pub fn unready(&self) -> Option<Due> {
        let waiting = self.course.waiting.lock();
        let waits = matches!(waiting.waits, Some(Waits::ToBeReady(_)));
        waiting.first().filter(|_| waits).map(|one| self.due(one))
    }

    /// The prompt that is to be started now, which does not wait any more; `None`: there is none, the queue waits for the
    /// user, or something runs.
    pub fn next_prompt(&self) -> Option<Due> {
        let mut waiting = self.course.waiting.lock();
        if waiting.waits.is_some() || waiting.starting.is_some() || self.state.lock().running.is_some() {
            return None;
        }
        let due = self.due(waiting.first()?);
        waiting.starting = Some(due.number);
        self.tell_queue(&waiting);
        Some(due)
    }

    fn due(&self, one: &StoredPrompt) -> Due {
        let (pack, agents) = (one.pack.clone(), one.agents.clone());
        Due {
            session: self.id.clone(),
            input: one.input.clone(),
            wishes: Wishes { pack, mode: mode(one.mode.as_deref()), agents },
            number: one.number,
        }
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

    /// The prompt that was to be started was not: it waits as before, for this reason if there is one. Says nothing of one
    /// that was started.
    pub fn put_back(&self, number: u64, why: Option<Waits>) {
        let mut waiting = self.course.waiting.lock();
        if waiting.starting.take_if(|starting| *starting == number).is_none() {
            return;
        }
        if why.is_some() {
            waiting.waits = why;
        }
        self.tell_queue(&waiting);
    }

    /// A prompt is recorded: it is no longer in the queue. In the file it stays until the log tells of it.
    pub fn has_started(&self, store: Option<&Store>, number: u64) {
        let mut waiting = self.course.waiting.lock();
        waiting.begun.insert(number);
        waiting.starting.take_if(|starting| *starting == number);
        waiting.by.remove(&number);
        self.save(store, &mut waiting);
        self.tell_queue(&waiting);
    }

    fn tell_queue(&self, waiting: &Waiting) {
        let (mut prompts, waits) = waiting.told();
        // Each change tells all of them to all clients; whoever wants one whole asks for it.
        prompts.iter_mut().flat_map(|prompt| &mut prompt.input).for_each(shorten);
        self.emit(None, EventKind::Queue { prompts, waits });
    }
}

/// Leaves of a part what shows what it is.
fn shorten(part: &mut InputPart) {
    match part {
        InputPart::Image { image, .. } => image.data = String::new(),
        InputPart::Text { text } | InputPart::Mention { text: Some(text), .. } if text.len() > TOLD => {
            text.truncate(text.floor_char_boundary(TOLD));
            text.push('…');
        }
        _ => {}
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
