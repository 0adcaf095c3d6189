//! A run with a context of its own, of which that is nearly full: the model is told to write down how far it is and to stop.
//! Decides nothing of the runs that follow.

use crate::compact;
use crate::config::History;
use crate::run_strategy;
use crate::running::{Ended, Running};
use glossator_context::Step;
use glossator_session::{ContextItem, TurnStatus};

/// What the model is told.
const NEARLY_FULL: &str = include_str!("run_full.md");
/// Requests that it has to do so.
const LAST_ROUNDS: u32 = 6;
/// What the user is told when it does not.
const NOT_STOPPED: &str = "The context of this run was nearly full, and the model did not stop when it was told to. The next run \
                           begins with a fresh context.";

/// Whether a run was told, and how many requests ago.
#[derive(Default)]
pub(crate) struct Filling {
    told: Option<u32>,
}

impl Filling {
    /// To be called before each round; `Some`: the turn ends.
    pub fn before_round(&mut self, running: &Running) -> Option<Ended> {
        if run_strategy::of(&running.session) != History::OneShot {
            return None;
        }
        if let Some(rounds) = &mut self.told {
            *rounds += 1;
            return (*rounds >= LAST_ROUNDS).then(|| (TurnStatus::Limited, Some(NOT_STOPPED.to_owned())));
        }
        if compact::look(running).0 == Step::StartOver {
            running.record_context(ContextItem::Told {
                text: NEARLY_FULL.trim_end().to_owned(),
                about: String::new(),
            });
            self.told = Some(0);
        }
        None
    }
}
