//! The file in which the prompts of a session wait: what is in it, and what of them it lacks. One whose number stands in the
//! log has begun, whatever the file says; one that the log does not hold yet stays in the file.

use super::{Session, Waiting, Waits};
use glossator_session::{EventKind, NoticeLevel};
use glossator_store::{PromptQueue, Store};
use std::collections::BTreeSet;

/// What is known of the file.
#[derive(Default)]
pub(super) struct QueueFile {
    /// The prompts in it.
    holds: BTreeSet<u64>,
    /// It has to be written again, as something changed that it does not say.
    stale: bool,
    /// It was there and could not be read: it is not written before it is.
    unread: bool,
    /// The user was told that it cannot be written.
    told: bool,
}

impl QueueFile {
    /// Whether a prompt is in it.
    pub fn holds(&self, number: u64) -> bool {
        self.holds.contains(&number)
    }

    fn is(&mut self, queue: &PromptQueue) {
        self.holds = queue.prompts.iter().map(|one| one.number).collect();
    }
}

impl Session {
    /// Takes in what lay beside the log when the session was opened. What began before does not wait any more.
    pub fn queue_found(&self, store: &Store, queue: PromptQueue) {
        let mut waiting = self.course.waiting.lock();
        self.take_in_found(&mut waiting, queue);
        if waiting.file.stale || self.begun().is_none() {
            self.save(Some(store), &mut waiting);
        }
    }

    /// What lies beside the log cannot be read now, for this reason. It is read before anything is written there.
    pub fn queue_unread(&self, why: &str) {
        self.course.waiting.lock().file.unread = true;
        let text =
            format!("The queue of this session cannot be read: {why} What waits in it is left as it is.");
        self.warn_later(self.place().0, text);
    }

    fn take_in_found(&self, waiting: &mut Waiting, mut found: PromptQueue) {
        let before = found.clone();
        {
            let begun = &self.state.lock().now.begun;
            found.prompts.retain(|one| !begun.holds(one.number));
            found.last = found.last.max(begun.last());
        }
        waiting.file = QueueFile { stale: found != before, ..QueueFile::default() };
        waiting.file.is(&before);
        let waits = || Waits::ForTheUser("Glossator was started anew".to_owned());
        waiting.waits = (!found.prompts.is_empty()).then(waits);
        waiting.queue = found;
    }

    /// Reads the file where that could not be done before.
    pub(super) fn read_again(&self, store: Option<&Store>, waiting: &mut Waiting) -> Result<(), String> {
        let Some(store) = store.filter(|_| waiting.file.unread) else { return Ok(()) };
        let found = store.queue(&self.id).map_err(|error| error.to_string())?;
        self.take_in_found(waiting, found);
        Ok(())
    }

    /// Stores the queue where something of it is not stored yet: the log is there now, or there may be room again.
    pub fn store_queue(&self, store: Option<&Store>) {
        let mut waiting = self.course.waiting.lock();
        if waiting.file.stale || !waiting.begun.is_empty() {
            self.save(store, &mut waiting);
        }
    }

    /// Stores the queue. Where that cannot be done and a prompt is nowhere but in memory, the user is told once.
    pub(super) fn save(&self, store: Option<&Store>, waiting: &mut Waiting) {
        let Err(why) = self.try_save(store, waiting) else { return };
        tracing::warn!(%why, session = %self.id, "the queue could not be stored");
        let unsafe_ones: Vec<String> = waiting
            .prompts()
            .filter(|one| !waiting.file.holds(one.number))
            .map(|one| format!("Q{}", one.number))
            .collect();
        if unsafe_ones.is_empty() || std::mem::replace(&mut waiting.file.told, true) {
            return;
        }
        let text = format!(
            "The queue of this session cannot be stored: {why} {} in memory, and would be lost with the process. It is tried \
             again with the next change and after the next turn.",
            match unsafe_ones.as_slice() {
                [one] => format!("{one} waits"),
                several => format!("{} wait", several.join(", ")),
            }
        );
        self.emit(None, EventKind::Notice { level: NoticeLevel::Error, text });
    }

    /// As [`Session::save`], and says only why it could not be done. The queue of a session without a log lies elsewhere until
    /// there is one.
    pub(super) fn try_save(&self, store: Option<&Store>, waiting: &mut Waiting) -> Result<(), String> {
        waiting.file.stale = true;
        let Some(store) = store else { return Ok(()) };
        if self.begun().is_none() {
            store.set_unborn_queue(&self.id, &waiting.queue).map_err(|error| error.to_string())?;
            let queue = std::mem::take(&mut waiting.queue);
            waiting.file.is(&queue);
            waiting.queue = queue;
            return Ok(());
        }
        self.read_again(Some(store), waiting)?;
        let mut queue = waiting.queue.clone();
        let told_of = self.is_written();
        if told_of {
            queue.prompts.retain(|one| !waiting.begun.contains(&one.number));
        }
        store.set_queue(&self.id, &queue).map_err(|error| error.to_string())?;
        if told_of {
            waiting.begun.clear();
        }
        waiting.file.is(&queue);
        waiting.queue = queue;
        (waiting.file.stale, waiting.file.told) = (false, false);
        Ok(())
    }
}
