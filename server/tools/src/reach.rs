//! The port through which a turn reaches the files of its user: which connection serves it now, and whether it may go on.
//! Asked anew at each call, since an editor can be closed in the middle of a turn.

use futures::future::BoxFuture;
use glossator_session::Effect;
use glossator_workspace::Workspace;
use tokio_util::sync::CancellationToken;

/// How a turn reaches the files of its user.
pub trait Reach: Send + Sync {
    /// Files as the user sees them now.
    fn workspace(&self) -> Workspace;

    /// Waits until something with this effect may happen; a cancel ends the wait.
    fn admit<'a>(&'a self, _effect: Effect, _cancel: &'a CancellationToken) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// A user who is always there.
impl Reach for Workspace {
    fn workspace(&self) -> Workspace {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Seen, call, dispatcher, script};
    use crate::{Dispatcher, ExecSetup, Mode, Policy, Tasks};
    use parking_lot::Mutex;
    use serde_json::json;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::sync::Notify;

    /// A user who is away until told otherwise.
    struct Away {
        here: Workspace,
        admitted: Mutex<Vec<Effect>>,
        back: Notify,
    }

    impl Reach for Away {
        fn workspace(&self) -> Workspace {
            self.here.clone()
        }

        fn admit<'a>(&'a self, effect: Effect, cancel: &'a CancellationToken) -> BoxFuture<'a, ()> {
            self.admitted.lock().push(effect);
            Box::pin(async move {
                tokio::select! {
                    () = cancel.cancelled() => {}
                    () = self.back.notified() => {}
                }
            })
        }
    }

    fn away() -> (Arc<Seen>, Arc<Away>, Dispatcher) {
        let seen = Arc::new(Seen::default());
        let usual = dispatcher(&seen, Mode::Enabled, Tasks::new(Vec::new()));
        let (admitted, back) = Default::default();
        let away = Arc::new(Away { here: usual.workspace(), admitted, back });
        (seen, away.clone(), Dispatcher { reach: away, policy: Policy::Full, ..(*usual).clone() })
    }

    #[tokio::test]
    async fn a_call_waits_until_it_is_admitted_and_ends_when_it_is_cancelled() {
        let (seen, away, dispatcher) = away();
        let cancel = CancellationToken::new();
        let begin = || {
            let (dispatcher, cancel) = (dispatcher.clone(), cancel.clone());
            let call = call(1, "run", json!({ "line": "make" }));
            tokio::spawn(async move { dispatcher.call(call, Some(script()), cancel).await.outcome })
        };
        let first = begin();
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert!(!first.is_finished() && seen.ran.lock().is_empty());
        assert_eq!(*away.admitted.lock(), [Effect::Run]);
        away.back.notify_one();
        assert!(first.await.unwrap().is_ok());
        assert_eq!(seen.ran.lock().len(), 1);
        let second = begin();
        tokio::time::sleep(Duration::from_millis(30)).await;
        cancel.cancel();
        assert!(second.await.unwrap().unwrap_err().message.contains("cancelled"));
        assert_eq!(seen.ran.lock().len(), 1, "what was cancelled while it waited does not run");
    }

    #[tokio::test]
    async fn a_task_goes_on_without_its_user() {
        let (seen, away, dispatcher) = away();
        let exec = Arc::new(ExecSetup { detached: true, ..(*dispatcher.exec).clone() });
        let dispatcher = Dispatcher { exec, ..dispatcher };
        let call = call(1, "run", json!({ "line": "make" }));
        dispatcher.call(call, Some(script()), CancellationToken::new()).await.outcome.unwrap();
        assert_eq!((seen.ran.lock().len(), away.admitted.lock().len()), (1, 0));
    }
}
