//! How long and under which name an editor is asked, and who stops the waiting.
//! Only values and the wait itself; asks nobody.

use crate::editor::Editor;
use crate::files::Workspace;
use crate::overlay::Overlay;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// The longest answer that is waited for; more would overflow a clock.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a commit waits for the editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For the answer to one request; at most a day. Longer where the editor may be waiting for its user: a dialog that is
    /// open holds back everything else in some editors. 30 s by default.
    pub answer: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience { answer: Duration::from_secs(30) }
    }
}

/// How the editor is asked.
#[derive(Debug, Clone)]
pub(crate) struct Asking {
    /// What the undo step is called.
    pub(crate) label: String,
    answer: Duration,
    cancel: CancellationToken,
}

impl Asking {
    pub(crate) fn new(label: String, patience: Patience, cancel: CancellationToken) -> Asking {
        Asking { label, answer: patience.answer.min(LONGEST), cancel }
    }

    /// Whether nobody waits any more.
    pub(crate) fn is_stopped(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Ends when nobody waits any more.
    pub(crate) async fn stopped(&self) {
        self.cancel.cancelled().await;
    }

    /// When the editor should have answered what it is asked now.
    pub(crate) fn deadline(&self) -> Instant {
        Instant::now() + self.answer
    }

    /// Ends when nobody waits any more, or the time for an answer is over.
    pub(crate) async fn over(&self) {
        tokio::select! {
            () = self.stopped() => {}
            () = sleep_until(self.deadline()) => {}
        }
    }

    /// Why there is no answer.
    pub(crate) fn no_answer(&self) -> String {
        match self.is_stopped() {
            true => "it was stopped before the editor answered, which may still make the edit".to_owned(),
            false => format!(
                "the editor did not answer within {} s (a dialog may be open in it); it may still make the edit",
                self.answer.as_secs_f32()
            ),
        }
    }
}

/// The two sides of an edit: the editor that is asked, and the buffers that tell whether it did.
#[derive(Clone)]
pub(crate) struct Port {
    pub(crate) overlay: Arc<Overlay>,
    pub(crate) editor: Arc<dyn Editor>,
    pub(crate) asking: Asking,
}

impl Port {
    /// `None` without an editor.
    pub(crate) fn of(workspace: &Workspace, asking: &Asking) -> Option<Port> {
        let editor = workspace.editor()?.clone();
        Some(Port { overlay: workspace.overlay().clone(), editor, asking: asking.clone() })
    }

    /// The same, for taking back what was done.
    pub(crate) fn taking_back(self) -> Port {
        let asking =
            Asking::new("Glossator: take back".to_owned(), Patience::default(), CancellationToken::new());
        Port { asking, ..self }
    }
}
