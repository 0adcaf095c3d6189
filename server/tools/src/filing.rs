//! `saveToFC`, `fetchFromFC` and `listFC`: the file cabinet, whose documents outlive the sessions that put them there.
//! Documents never reach the model by themselves: it sees notes and keys, and what it fetches.

mod fetch;
mod list;
mod save;

pub use fetch::{FETCH, Fetch};
pub use list::{LIST, List};
pub use save::{SAVE, Save};

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds of a day.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// In how many days something goes that goes at `expires_at`, in milliseconds since the Unix epoch.
fn days_left(expires_at: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
    expires_at.saturating_sub(now).div_euclid(DAY).saturating_add(1).max(0)
}
