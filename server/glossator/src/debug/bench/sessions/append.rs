//! What it costs to write an item down, under each policy of syncing.

use super::generate::{Plot, head};
use super::{Figures, millis, words};
use glossator_session::ItemBody;
use glossator_store::{Store, Sync};
use std::time::Instant;

/// Turns of a run, and items of each.
const TURNS: u32 = 20;
const ITEMS: u32 = 10;

/// Each policy as `[sessions] fsync` has it.
pub(super) fn measure(runs: usize, figures: &mut Figures) -> Result<(), String> {
    for policy in ["never", "turn", "item"] {
        for _ in 0..runs {
            let folder = tempfile::tempdir().map_err(words)?;
            let store = Store::open(&folder.path().join("state"), folder.path()).map_err(words)?;
            let mut log = store.create(&head("append")).map_err(words)?;
            let mut plot = Plot::default();
            let started = Instant::now();
            for turn in 0..TURNS {
                for item in 0..ITEMS {
                    let last = item + 1 == ITEMS;
                    let text = "An answer of some words, as models give them. ".repeat(8);
                    let item = plot.item(turn + 1, 1, ItemBody::Answer { text, raw: None });
                    let now = policy == "item" || policy == "turn" && last;
                    log.append(&item, if now { Sync::Now } else { Sync::No }).map_err(words)?;
                }
            }
            let each = millis(started.elapsed()) * 1e3 / f64::from(TURNS * ITEMS);
            figures.add(format!("append an item, fsync = {policy}"), "us", each);
        }
    }
    Ok(())
}
