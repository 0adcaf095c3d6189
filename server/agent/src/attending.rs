//! How one turn sees the comings and goings of editors: through which workspace it works now, what waits while nobody is
//! there, and whether it rests. Never ends a turn itself but where `on_disconnect` says so.

use crate::config::{Front, OnDisconnect};
use crate::presence::{Rest, Resting, Seat};
use crate::session::Session;
use futures::future::BoxFuture;
use glossator_session::{Effect, ItemBody, NoticeLevel, TurnId};
use glossator_store::Sync;
use glossator_tools::Reach;
use glossator_workspace::Workspace;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A turn without its editor for less than this is not told about: editors restart their servers.
const UNNOTICED: Duration = Duration::from_millis(500);

/// One turn and its user.
pub(crate) struct Attending {
    seat: Seat,
    own: Workspace,
    on_disconnect: OnDisconnect,
    session: Arc<Session>,
    turn: TurnId,
    /// The calls of the turn that are under way.
    outstanding: TaskTracker,
    /// What waits for an editor now: calls, or the turn itself between rounds.
    waiting: AtomicUsize,
    /// The workspace that stands in, and the connection it goes through; 0: the disk.
    stand_in: Mutex<Option<(u64, Workspace)>>,
}

impl Attending {
    pub fn new(
        front: &Front,
        on_disconnect: OnDisconnect,
        (session, turn): (Arc<Session>, TurnId),
        outstanding: TaskTracker,
    ) -> Arc<Attending> {
        let seat = front.presence.clone();
        let at = (session.id().clone(), turn);
        let attending = Arc::new(Attending {
            seat,
            own: front.workspace.clone(),
            on_disconnect,
            session,
            turn,
            outstanding,
            waiting: AtomicUsize::new(0),
            stand_in: Mutex::default(),
        });
        if let Some(presence) = attending.seat.presence() {
            presence.enter(at, &attending);
        }
        attending
    }

    /// Waits before a request to the model until somebody is there, where the settings want that.
    pub async fn before_request(&self, cancel: &CancellationToken) {
        if self.on_disconnect == OnDisconnect::Pause {
            self.until_attended(cancel).await;
        }
    }

    /// Cancels the turn when its own editor goes, where the settings want that; never ends otherwise.
    pub async fn stop_when_left(&self, cancel: &CancellationToken) {
        let presence = self.seat.presence().filter(|_| self.on_disconnect == OnDisconnect::Stop);
        let Some(presence) = presence else { return std::future::pending().await };
        let mut changes = presence.changes();
        while self.seat.is_taken() {
            if changes.changed().await.is_err() {
                return;
            }
        }
        cancel.cancel();
    }

    /// Why the turn was interrupted, when it was not the user's wish.
    pub fn why_interrupted(&self) -> Option<String> {
        if self.on_disconnect == OnDisconnect::Stop && !self.seat.is_taken() {
            return Some(
                "The turn was stopped because its editor was closed (core.on_disconnect).".to_owned(),
            );
        }
        self.seat.presence()?.closing()
    }

    /// Whether the turn's own connection is there, or that of somebody else who can see to it.
    fn is_attended(&self) -> bool {
        self.seat.is_taken() || self.seat.presence().is_none_or(|presence| presence.latest().is_some())
    }

    async fn until_attended(&self, cancel: &CancellationToken) {
        let Some(presence) = self.seat.presence() else { return };
        let mut changes = presence.changes();
        if self.is_attended() {
            return;
        }
        let (_waits, since) = (Waits::new(&self.waiting), Instant::now());
        loop {
            while !self.is_attended() {
                tokio::select! {
                    () = cancel.cancelled() => return,
                    changed = changes.changed() => if changed.is_err() { return },
                }
            }
            let waited = since.elapsed();
            self.until_settled(cancel).await;
            if cancel.is_cancelled() {
                return;
            }
            if self.is_attended() {
                return self.tell(waited);
            }
        }
    }

    /// Waits until every editor that has just come has opened its documents: it may hold unsaved text of any file.
    async fn until_settled(&self, cancel: &CancellationToken) {
        let Some(presence) = self.seat.presence() else { return };
        let mut changes = presence.changes();
        while let Some(settled) = presence.settles(&self.seat) {
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep_until(settled) => {}
                // It may be ready now, or gone.
                changed = changes.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Says once for all that waited together that the turn goes on.
    fn tell(&self, waited: Duration) {
        if self.waiting.load(Ordering::Relaxed) > 1 || waited < UNNOTICED {
            return;
        }
        let text = format!("The editor was closed; the turn waited {} and goes on now.", shown(waited));
        let body = ItemBody::Notice { level: NoticeLevel::Info, text };
        // A log that cannot be written has been reported by `record`.
        let _ = self.session.record(self.turn, body, Sync::No);
    }
}

impl Resting for Attending {
    fn rest(&self) -> Rest {
        let asks = self.session.asks.pending(self.session.id()).len();
        let resting = self.waiting.load(Ordering::Relaxed) + asks;
        if self.is_attended() || resting == 0 || self.outstanding.len() > resting {
            return Rest::Working;
        }
        match self.on_disconnect {
            OnDisconnect::Pause => Rest::Paused,
            OnDisconnect::Finish | OnDisconnect::Stop => Rest::Parked,
        }
    }
}

impl Reach for Attending {
    fn workspace(&self) -> Workspace {
        if self.seat.is_taken() {
            return self.own.clone();
        }
        let latest = self.seat.presence().and_then(|presence| presence.latest());
        let number = latest.as_ref().map_or(0, |(number, _)| *number);
        let mut stand_in = self.stand_in.lock();
        match &*stand_in {
            Some((known, workspace)) if *known == number => workspace.clone(),
            _ => {
                let workspace = self.own.through(latest.as_ref().map(|(_, workspace)| workspace));
                *stand_in = Some((number, workspace.clone()));
                workspace
            }
        }
    }

    fn admit<'a>(&'a self, effect: Effect, cancel: &'a CancellationToken) -> BoxFuture<'a, ()> {
        let waits = match self.on_disconnect {
            OnDisconnect::Pause => effect != Effect::Read,
            OnDisconnect::Finish => effect == Effect::Write,
            OnDisconnect::Stop => false,
        };
        Box::pin(async move {
            if waits {
                self.until_attended(cancel).await;
            }
            if effect != Effect::Read {
                self.until_settled(cancel).await;
            }
        })
    }
}

/// Counts one that waits, for as long as it lives.
struct Waits<'a>(&'a AtomicUsize);

impl Waits<'_> {
    fn new(count: &AtomicUsize) -> Waits<'_> {
        count.fetch_add(1, Ordering::Relaxed);
        Waits(count)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn shown(waited: Duration) -> String {
    match waited.as_secs() {
        seconds @ ..120 => format!("{seconds} s"),
        seconds @ ..7_200 => format!("{} minutes", seconds / 60),
        seconds => format!("{} hours", seconds / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::earlier::Earlier;
    use crate::journal::Log;
    use crate::presence::Presence;
    use glossator_store::{Replay, SessionHead};
    use glossator_text::PositionEncoding;
    use glossator_workspace::{Overlay, Roots};
    use parking_lot::RwLock;

    fn workspace() -> Workspace {
        let roots = Arc::new(RwLock::new(Roots::default()));
        Workspace::new(roots, Arc::new(Overlay::new(PositionEncoding::Utf8)), None)
    }

    fn attending(presence: &Arc<Presence>, on_disconnect: OnDisconnect) -> (Seat, Arc<Attending>) {
        let head = SessionHead {
            id: "s".into(),
            title: String::new(),
            created_at: 0,
            model: String::new(),
            pack: String::new(),
            tools: Vec::new(),
            calling: String::new(),
            strategy: String::new(),
            parent: None,
            layers: Vec::new(),
        };
        let replay =
            Replay { head, items: Vec::new(), fold: None, next_id: 1, healed: None, notices: Vec::new() };
        let session = Session::new(Log::Unborn, Earlier::default(), replay);
        let seat = presence.join(&workspace(), true);
        let front = Front {
            workspace: workspace(),
            trusted: true,
            interactive: true,
            editor: None,
            presence: seat.clone(),
        };
        (seat, Attending::new(&front, on_disconnect, (session, TurnId(1)), TaskTracker::new()))
    }

    /// How long an effect waits at the gate.
    async fn waited(attending: &Attending, effect: Effect) -> Duration {
        let began = Instant::now();
        attending.admit(effect, &CancellationToken::new()).await;
        began.elapsed()
    }

    #[tokio::test]
    async fn nothing_is_done_while_an_editor_opens_its_documents() {
        const SOON: Duration = Duration::from_millis(100);
        for on_disconnect in [OnDisconnect::Finish, OnDisconnect::Pause] {
            let presence = Arc::new(Presence::default());
            let (own, attending) = attending(&presence, on_disconnect);
            assert!(waited(&attending, Effect::Write).await < SOON, "its own editor is not waited for");
            own.leave();
            let next = presence.join(&workspace(), true);
            assert!(waited(&attending, Effect::Read).await < SOON);
            let ready = tokio::spawn(async move {
                tokio::time::sleep(SOON).await;
                next.ready();
                next
            });
            let waited_for = waited(&attending, Effect::Write).await;
            assert!(waited_for > 4 * SOON && waited_for < 30 * SOON, "{waited_for:?}");
            assert!(waited(&attending, Effect::Write).await < SOON);
            ready.await.unwrap().leave();
        }
    }

    #[test]
    fn a_wait_is_told_in_words() {
        for (seconds, expected) in
            [(0, "0 s"), (119, "119 s"), (120, "2 minutes"), (7_199, "119 minutes"), (7_200, "2 hours")]
        {
            assert_eq!(shown(Duration::from_secs(seconds)), expected);
        }
    }
}
