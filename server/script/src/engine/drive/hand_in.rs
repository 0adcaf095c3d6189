//! Owns how an answer becomes a frame for the worker: cut to what a script can take, and made where it holds up nobody.

use serde_json::{Value, value::RawValue};
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::fit::{fit, is_longer};
use crate::protocol::{MAX_RESULT, MAX_TRAFFIC, ToWorker, append};
use crate::{ErrorName, HostError};

/// Bytes of JSON that a result may always have, whatever the script was sent before.
const LEAST_RESULT: usize = 4 * 1024;
/// Bytes of JSON from which on writing takes so long that other work of the runtime should go on meanwhile.
const LONG: usize = 256 * 1024;

/// Does what is to be done with `value`; when that is long, so that the runtime can do other things meanwhile.
pub(super) fn apart<R>(value: &Value, work: impl FnOnce() -> R) -> R {
    let threads = |handle: Handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread;
    if is_longer(value, LONG) && Handle::try_current().is_ok_and(threads) {
        return tokio::task::block_in_place(work);
    }
    work()
}

/// Puts a value into a frame, cut where it is too long for a script; `sent` counts what the script got so far. A
/// script that has got nearly all it can take is still told the short facts of each result.
pub(super) fn hand_in(out: &mut Vec<u8>, id: u32, value: &Value, sent: &mut usize) {
    let limit = MAX_TRAFFIC.saturating_sub(*sent).clamp(LEAST_RESULT, MAX_RESULT);
    let start = out.len();
    // The frame around the value is small beside the least limit; it is counted with it.
    if !is_longer(value, limit)
        && let Ok(length) = append(out, &ToWorker::<(), _>::Value { id, json: value })
        && length <= limit
    {
        *sent = sent.saturating_add(length);
        return;
    }
    out.truncate(start);
    let text = fit(value, limit);
    *sent = sent.saturating_add(text.len());
    let sent = match serde_json::from_str::<&RawValue>(&text) {
        Ok(json) => append(out, &ToWorker::<(), _>::Value { id, json }),
        Err(error) => {
            let error = HostError::new(ErrorName::ToolFailed, error.to_string());
            append(out, &ToWorker::<(), ()>::Error { id, error })
        }
    };
    if let Err(error) = sent {
        tracing::error!(%error, "an answer to the script worker is too long");
    }
}

#[cfg(test)]
mod tests {
    use super::{LEAST_RESULT, MAX_RESULT, MAX_TRAFFIC, hand_in};
    use serde_json::json;

    #[test]
    fn results_are_cut_to_what_a_script_can_take() {
        let long = json!({ "exitCode": 0, "stdout": "\0".repeat(2_000_000) });
        let mut sent = 0;
        for _ in 0..12 {
            let mut out = b"before".to_vec();
            hand_in(&mut out, 7, &long, &mut sent);
            let text = String::from_utf8_lossy(&out[10..]);
            assert!(out.starts_with(b"before") && out.len() <= MAX_RESULT + 100);
            assert!(text.starts_with("{\"value\":{\"id\":7,\"json\":{") && text.contains("\"exitCode\":0"));
        }
        assert!(sent <= MAX_TRAFFIC + 12 * LEAST_RESULT, "{sent}");
        let mut out = Vec::new();
        hand_in(&mut out, 1, &json!({ "a": 1 }), &mut sent);
        assert_eq!(&out[4..], b"{\"value\":{\"id\":1,\"json\":{\"a\":1}}}");
    }
}
