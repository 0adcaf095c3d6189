//! Who watches a session, and in which order they are told. Of what it tells it keeps the latest, so that a client that was
//! away can be given what it missed.

use crate::merged::{Added, Merged};
use crate::writing::{Writing, Written};
use glossator_session::{AgentId, Event, EventKind, Item, ItemId, NoticeLevel, SessionId, TurnId};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::mpsc;

/// Events that are kept for clients that come back.
const KEPT: usize = 2000;

/// Bytes of fragments that may wait for one watcher. Who does not read them is given no more, and sees so by the numbers;
/// what they add up to comes as an item.
const WAITING: usize = 4 << 20;

/// What one watcher is told, in order.
pub struct Events {
    events: mpsc::UnboundedReceiver<Event>,
    /// Bytes of fragments among them.
    waiting: Arc<AtomicUsize>,
}

impl Events {
    /// The next event, waited for; `None`: the session was closed. Loses nothing when it is dropped while it waits.
    pub async fn recv(&mut self) -> Option<Event> {
        let event = self.events.recv().await?;
        Some(self.taken(event))
    }

    /// The next event, if one is there.
    pub fn try_next(&mut self) -> Option<Event> {
        let event = self.events.try_recv().ok()?;
        Some(self.taken(event))
    }

    fn taken(&self, event: Event) -> Event {
        self.waiting.fetch_sub(fragment(&event), Ordering::Relaxed);
        event
    }
}

/// What a client that was away has to know.
#[derive(Debug, Clone, PartialEq)]
pub struct Missed {
    /// The events that it missed, fragments left out.
    pub events: Vec<Event>,
    /// The number of the last event.
    pub seq: u64,
    /// What is being written: all fragments up to that event of what is no item yet.
    pub writing: Vec<Writing>,
}

/// The other end of [`Events`].
struct Watcher {
    events: mpsc::UnboundedSender<Event>,
    waiting: Arc<AtomicUsize>,
}

impl Watcher {
    /// Whether it is still there.
    fn tell(&self, event: &Event) -> bool {
        let bytes = fragment(event);
        if bytes > 0 && self.waiting.load(Ordering::Relaxed) > WAITING {
            return !self.events.is_closed();
        }
        self.waiting.fetch_add(bytes, Ordering::Relaxed);
        self.events.send(event.clone()).is_ok()
    }
}

/// Bytes of a fragment; 0 of anything else.
fn fragment(event: &Event) -> usize {
    match &event.kind {
        EventKind::ItemDelta { text, .. } => text.len(),
        _ => 0,
    }
}

pub(crate) struct Watchers {
    session: SessionId,
    /// The number of the last event.
    seq: u64,
    /// Gone when its receiver is gone.
    all: Vec<Watcher>,
    /// Fragments that wait to be shown together.
    merged: Merged,
    /// What happened before anybody watched and has to be known: shown before the first event that somebody sees.
    held: Vec<(TurnId, String)>,
    latest: Latest,
    written: Written,
}

/// The latest events but for fragments.
struct Latest {
    events: VecDeque<(u64, Option<TurnId>, Told)>,
    /// Everything behind this number is among them.
    after: u64,
}

/// An event without what the session holds anyway.
enum Told {
    Item(ItemId),
    Other(EventKind),
}

impl Latest {
    fn add(&mut self, seq: u64, turn: Option<TurnId>, kind: &EventKind) {
        let told = match kind {
            EventKind::ItemDelta { .. } | EventKind::ItemStarted { .. } => return,
            EventKind::ItemCompleted { item } => Told::Item(item.id),
            other => Told::Other(other.clone()),
        };
        if matches!(kind, EventKind::Queue { .. }) {
            // Each tells all prompts that wait.
            self.events.retain(|(.., told)| !matches!(told, Told::Other(EventKind::Queue { .. })));
        }
        self.events.push_back((seq, turn, told));
        if self.events.len() > KEPT {
            self.after = self.events.pop_front().map_or(self.after, |(seq, _, _)| seq);
        }
    }
}

impl Watchers {
    /// The watchers of a session whose next event has the number behind `seq`.
    pub fn of(session: SessionId, seq: u64) -> Watchers {
        let latest = Latest { events: VecDeque::new(), after: seq };
        Watchers {
            session,
            seq,
            all: Vec::new(),
            merged: Merged::default(),
            held: Vec::new(),
            latest,
            written: Written::default(),
        }
    }

    /// The number of the last event.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Whether anybody watches.
    pub fn any(&self) -> bool {
        self.all.iter().any(|watcher| !watcher.events.is_closed())
    }

    /// What was told behind number `seq`, fragments left out, with items as `item` gives them; `None`: not all of it is
    /// known, or no event had that number.
    pub fn since(&self, seq: u64, item: impl Fn(ItemId) -> Option<Item>) -> Option<Vec<Event>> {
        if seq < self.latest.after || seq > self.seq {
            return None;
        }
        let behind = self.latest.events.iter().filter(|(number, _, _)| *number > seq);
        let event = |(number, turn, told): &(u64, Option<TurnId>, Told)| {
            let kind = match told {
                Told::Item(id) => EventKind::ItemCompleted { item: Box::new(item(*id)?) },
                Told::Other(kind) => kind.clone(),
            };
            Some(Event { session: self.session.clone(), seq: *number, turn: *turn, kind })
        };
        behind.map(event).collect()
    }

    /// All of it for another that goes on with the same session.
    pub fn hand_over(&mut self) -> Watchers {
        let fresh = Watchers::of(self.session.clone(), self.seq);
        std::mem::replace(self, fresh)
    }

    /// Events from now on.
    pub fn watch(&mut self) -> Events {
        let (sender, events) = mpsc::unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        self.all.push(Watcher { events: sender, waiting: waiting.clone() });
        Events { events, waiting }
    }

    /// Holds a warning back until somebody watches.
    pub fn hold(&mut self, turn: TurnId, text: String) {
        self.held.push((turn, text));
    }

    /// Tells the watchers; fragments that still wait come first, so that the order is kept.
    pub fn emit(&mut self, turn: Option<TurnId>, kind: EventKind) {
        self.all.retain(|watcher| !watcher.events.is_closed());
        if !self.all.is_empty() {
            for (turn, text) in std::mem::take(&mut self.held) {
                self.send(Some(turn), EventKind::Notice { level: NoticeLevel::Warning, text });
            }
        }
        self.show_merged();
        self.send(turn, kind);
    }

    /// Takes a fragment in, to be shown soon; `true` when it is the first that waits.
    pub fn merge(&mut self, turn: TurnId, stream: &str, text: &str) -> bool {
        if self.all.is_empty() {
            // Who comes later is given it; what waited for those who are gone stands before it.
            self.show_merged();
            self.written.fragment(turn, stream, text);
            return false;
        }
        self.merged.add(turn, stream, text) == Added::First
    }

    /// What is being written, as it was shown up to the last event.
    pub fn writing(&self) -> Vec<Writing> {
        self.written.all()
    }

    /// What an agent was writing of an answer does not count.
    pub fn forget_answer(&mut self, agent: Option<&AgentId>) {
        self.show_merged();
        self.written.forget_answer(agent);
    }

    /// Shows the fragments that wait.
    pub fn show_merged(&mut self) {
        for (turn, kind) in self.merged.take() {
            self.send(turn, kind);
        }
    }

    fn send(&mut self, turn: Option<TurnId>, kind: EventKind) {
        self.seq += 1;
        self.written.take_in(turn, &kind);
        self.latest.add(self.seq, turn, &kind);
        let event = Event { session: self.session.clone(), seq: self.seq, turn, kind };
        self.all.retain(|watcher| watcher.tell(&event));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_saw_is_told_before_the_first_event_that_somebody_sees() {
        let mut watchers = Watchers::of("s".into(), 0);
        watchers.hold(TurnId(1), "a crash".to_owned());
        watchers.emit(None, EventKind::TurnStarted);
        // One that only looked whether it could watch has seen nothing.
        drop(watchers.watch());
        watchers.emit(None, EventKind::TurnStarted);
        let mut events = watchers.watch();
        watchers.emit(None, EventKind::TurnStarted);
        watchers.emit(None, EventKind::TurnStarted);
        let seen: Vec<Event> = std::iter::from_fn(|| events.try_next()).collect();
        let notices: Vec<bool> =
            seen.iter().map(|event| matches!(event.kind, EventKind::Notice { .. })).collect();
        assert_eq!(notices, [true, false, false]);
        assert!(seen.windows(2).all(|pair| pair[1].seq == pair[0].seq + 1));
    }

    #[test]
    fn who_does_not_read_is_spared_fragments_and_nothing_else() {
        let mut watchers = Watchers::of("s".into(), 0);
        let (mut slow, mut quick) = (watchers.watch(), watchers.watch());
        let fragment = "x".repeat(64 << 10);
        let turn = TurnId(1);
        let show = |watchers: &mut Watchers| {
            watchers.merge(turn, "answer", &fragment);
            watchers.show_merged();
        };
        let (mut seen, many) = (0, 10 * WAITING / fragment.len());
        for _ in 0..many {
            show(&mut watchers);
            seen += std::iter::from_fn(|| quick.try_next()).count();
        }
        watchers.emit(Some(turn), EventKind::TurnStarted);
        assert_eq!(seen, many);
        let late: Vec<Event> = std::iter::from_fn(|| slow.try_next()).collect();
        assert!(late.len() <= WAITING / fragment.len() + 2, "{} events waited", late.len());
        let last = late.last().unwrap();
        assert!(matches!(last.kind, EventKind::TurnStarted) && last.seq == many as u64 + 1);
        // Who reads again is given all again.
        show(&mut watchers);
        assert_eq!(slow.try_next().map(|event| event.seq), Some(many as u64 + 2));
    }

    #[test]
    fn who_was_away_is_given_what_it_missed() {
        let mut watchers = Watchers::of("s".into(), 100);
        let item = |id: u64| Item {
            id: ItemId(id),
            turn: TurnId(1),
            round: 0,
            at: 0,
            agent: None,
            body: glossator_session::ItemBody::Unknown(Default::default()),
        };
        watchers.emit(Some(TurnId(1)), EventKind::TurnStarted);
        let _events = watchers.watch();
        watchers.merge(TurnId(1), "answer", "words");
        watchers.emit(Some(TurnId(1)), EventKind::ItemCompleted { item: Box::new(item(7)) });
        let at_hand = |id: ItemId| Some(item(id.0));
        let seqs = |seq: u64| {
            let events = watchers.since(seq, at_hand)?;
            Some(events.into_iter().map(|event| event.seq).collect::<Vec<_>>())
        };
        assert_eq!(watchers.seq(), 103);
        for (seq, expected) in [
            (99, None),
            (100, Some(vec![101, 103])),
            (101, Some(vec![103])),
            (102, Some(vec![103])),
            (103, Some(vec![])),
            // Of another process.
            (104, None),
        ] {
            assert_eq!(seqs(seq), expected, "{seq}");
        }
        assert_eq!(watchers.since(100, |_| None), None);
        for _ in 0..KEPT {
            watchers.emit(None, EventKind::TurnStarted);
        }
        assert_eq!(watchers.since(102, at_hand), None);
        assert_eq!(watchers.since(103, at_hand).unwrap().len(), KEPT);
    }
}
