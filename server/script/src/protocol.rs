//! What host and worker say to each other: frames of a little-endian `u32` length and JSON, with a cap.
//! Never trusts a length or a text that came over the socket.

use std::io;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};

use crate::{HostError, Job, Limits, ScriptError};

/// Longest frame in bytes, both ways: room for a large file as a call's argument or result.
pub const MAX_FRAME: usize = 16 * 1024 * 1024;

/// Longest JSON text of one call's arguments, in bytes.
pub const MAX_ARGUMENTS: usize = 4 * 1024 * 1024;

/// Longest JSON text of one call's result, and of a script's own, in bytes.
pub const MAX_RESULT: usize = 8 * 1024 * 1024;

/// Most values in one call's arguments, names of fields counted too: a value takes far more memory than its text.
pub const MAX_PARTS: usize = 200_000;

/// The same for all calls of one script together that have no answer yet.
pub const MAX_OPEN_PARTS: usize = 1_000_000;

/// All arguments, and all results, of one script together, in bytes of JSON. A script that starts many calls at
/// once must not fill the host's memory with what waits.
pub const MAX_TRAFFIC: usize = 64 * 1024 * 1024;

/// Deepest nesting of a value in a frame: the JSON parser stops at 128, and the frame has levels of its own.
pub const MAX_DEPTH: usize = 110;

/// Whether a value nests more than [`MAX_DEPTH`] levels.
pub fn too_deep(value: &Value) -> bool {
    fn deeper(value: &Value, left: usize) -> bool {
        match value {
            Value::Array(items) => left == 0 || items.iter().any(|item| deeper(item, left - 1)),
            Value::Object(fields) => left == 0 || fields.values().any(|field| deeper(field, left - 1)),
            _ => false,
        }
    }
    deeper(value, MAX_DEPTH)
}

/// The same for a JSON text, without parsing it.
pub fn text_too_deep(json: &str) -> bool {
    parts(json).is_none()
}

/// How many values a JSON text holds, names of fields counted too, without parsing it; `None` when it nests more than
/// [`MAX_DEPTH`] levels.
pub fn parts(json: &str) -> Option<usize> {
    let (mut depth, mut text, mut escaped) = (0_usize, false, false);
    let mut parts = 1_usize;
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if text => escaped = true,
            b'"' => text = !text,
            b'[' | b'{' if !text => {
                depth += 1;
                parts += 1;
                if depth > MAX_DEPTH {
                    return None;
                }
            }
            b']' | b'}' if !text => depth = depth.saturating_sub(1),
            b',' | b':' if !text => parts += 1,
            _ => {}
        }
    }
    Some(parts)
}

/// Host to worker. `R` is the run as either side has it, `J` a JSON text or what becomes one.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ToWorker<R, J> {
    /// The one script of this worker. Must be the first frame, once.
    Run(R),
    /// A call was answered with a value, handed to the engine's own parser unread.
    Value { id: u32, json: J },
    /// A call was answered with an error.
    Error { id: u32, error: HostError },
    /// The grace after the script's end is over: report and go.
    Finish,
}

/// The script and what belongs to it, as the host sends it.
#[derive(Debug, Serialize)]
pub struct RunOut<'a> {
    id: &'a str,
    source: &'a str,
    erased: Option<&'a str>,
    tools: &'a [String],
    tasks: &'a [String],
    store: &'a Map<String, Value>,
    check_only: bool,
    context: &'a Value,
    limits: &'a Limits,
}

impl<'a> RunOut<'a> {
    /// The job, with its text without types when that is known.
    pub fn new(job: &'a Job, erased: Option<&'a str>) -> RunOut<'a> {
        RunOut {
            id: &job.id,
            source: &job.source,
            erased,
            tools: &job.tools,
            tasks: &job.tasks,
            store: &job.store,
            check_only: job.check_only,
            context: &job.context,
            limits: &job.limits,
        }
    }
}

/// The same as the worker gets it: what only some scripts look at stays a text.
#[derive(Debug, Deserialize)]
pub struct RunIn<'a> {
    pub id: String,
    pub source: String,
    pub erased: Option<String>,
    #[serde(borrow)]
    pub tools: &'a RawValue,
    #[serde(borrow)]
    pub tasks: &'a RawValue,
    #[serde(borrow)]
    pub store: &'a RawValue,
    pub check_only: bool,
    #[serde(borrow)]
    pub context: &'a RawValue,
    pub limits: Limits,
}

/// Worker to host.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FromWorker {
    /// The script without its types; `None` when it had none. Only as the first frame, before the script runs.
    Erased { text: Option<String> },
    /// The script calls a tool. `id` counts from 1 without gaps.
    Call { id: u32, name: String, args: Box<RawValue> },
    /// A console line that is to be kept.
    Console { level: String, text: String },
    /// A line of progress.
    Progress { text: String },
    /// `store.set`.
    Stored { key: String, value: Box<RawValue> },
    /// `store.delete`.
    Deleted { key: String },
    /// The main promise settled while calls are pending: their grace begins.
    Settled,
    /// The end. Nothing follows.
    Done { value: Option<Box<RawValue>>, error: Option<Box<ScriptError>> },
}

/// Why a frame cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    #[error("a frame of {0} bytes is longer than the {MAX_FRAME} allowed")]
    TooLong(usize),
    #[error("a frame is not the message it should be: {0}")]
    Invalid(#[from] serde_json::Error),
    #[error("the connection failed: {0}")]
    Io(#[from] io::Error),
}

/// One message as bytes, length first.
///
/// # Errors
/// `TooLong` when the message exceeds [`MAX_FRAME`].
pub fn encode(message: &impl Serialize) -> Result<Vec<u8>, FrameError> {
    let mut bytes = Vec::new();
    append(&mut bytes, message)?;
    Ok(bytes)
}

/// Puts one message behind others; the length of its body in bytes.
///
/// # Errors
/// `TooLong` when the message exceeds [`MAX_FRAME`]; `bytes` are then as they were.
pub fn append(bytes: &mut Vec<u8>, message: &impl Serialize) -> Result<usize, FrameError> {
    let start = bytes.len();
    bytes.extend_from_slice(&[0; 4]);
    let written = serde_json::to_writer(&mut *bytes, message).map_err(FrameError::from);
    let length = bytes.len() - start - 4;
    let written = written.and(if length > MAX_FRAME { Err(FrameError::TooLong(length)) } else { Ok(()) });
    match (written, u32::try_from(length)) {
        (Ok(()), Ok(header)) => {
            bytes[start..start + 4].copy_from_slice(&header.to_le_bytes());
            Ok(length)
        }
        (written, _) => {
            bytes.truncate(start);
            Err(written.err().unwrap_or(FrameError::TooLong(length)))
        }
    }
}

/// The length a header announces.
///
/// # Errors
/// `TooLong` when it exceeds [`MAX_FRAME`].
pub fn length(header: [u8; 4]) -> Result<usize, FrameError> {
    let length = u32::from_le_bytes(header) as usize;
    if length > MAX_FRAME { Err(FrameError::TooLong(length)) } else { Ok(length) }
}

/// The message in a frame's body.
///
/// # Errors
/// `Invalid` when it is not JSON of this shape.
pub fn decode<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, FrameError> {
    Ok(serde_json::from_slice(body)?)
}

#[cfg(test)]
mod tests {
    use super::{
        FrameError, FromWorker, MAX_DEPTH, MAX_FRAME, RunIn, RunOut, ToWorker, append, decode, encode,
        length, text_too_deep, too_deep,
    };
    use crate::{Job, Limits};
    use serde_json::{Value, json, value::RawValue};

    #[test]
    fn frames_survive_the_way_and_bad_ones_are_errors() {
        let frame = encode(&FromWorker::Progress { text: "é".repeat(1000) }).unwrap();
        assert_eq!(length(*frame.first_chunk().unwrap()).unwrap(), frame.len() - 4);
        assert!(matches!(decode(&frame[4..]), Ok(FromWorker::Progress { text }) if text.len() == 2000));
        assert!(matches!(length(u32::MAX.to_le_bytes()), Err(FrameError::TooLong(_))));
        for body in
            [&b"{}"[..], b"", b"\xff", b"{\"call\":{\"id\":-1,\"name\":\"x\",\"args\":{}}}", b"\"settled\" x"]
        {
            assert!(matches!(decode::<FromWorker>(body), Err(FrameError::Invalid(_))), "{body:?}");
        }
        let mut bytes = frame.clone();
        let long = FromWorker::Progress { text: "x".repeat(MAX_FRAME) };
        assert!(matches!(append(&mut bytes, &long), Err(FrameError::TooLong(_))));
        assert_eq!(bytes, frame);
    }

    #[test]
    fn a_job_arrives_as_it_was_sent() {
        let job = Job {
            id: "S1".into(),
            source: "a\u{2028}\"".into(),
            tools: vec!["a.b".into()],
            tasks: Vec::new(),
            store: json!({ "k": [1] }).as_object().cloned().unwrap(),
            check_only: true,
            context: json!({ "a": null }),
            limits: Limits::default(),
        };
        let frame = encode(&ToWorker::<_, ()>::Run(RunOut::new(&job, Some("x")))).unwrap();
        let Ok(ToWorker::Run(run)) = serde_json::from_slice::<ToWorker<RunIn<'_>, &RawValue>>(&frame[4..])
        else {
            panic!("not a run");
        };
        assert_eq!((run.id, run.source, run.erased.as_deref()), (job.id, job.source, Some("x")));
        assert_eq!((run.tools.get(), run.tasks.get()), ("[\"a.b\"]", "[]"));
        assert_eq!((run.store.get(), run.context.get()), ("{\"k\":[1]}", "{\"a\":null}"));
        assert!(run.check_only && run.limits == job.limits);
    }

    #[test]
    fn depth_of_a_text_is_that_of_its_value() {
        let nested = |levels: usize| (0..levels).fold(json!("]}\\\"[{"), |inner, _| json!({ "[[": inner }));
        for levels in [0, 1, MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1, MAX_DEPTH + 20] {
            let value: Value = nested(levels);
            assert_eq!(too_deep(&value), levels > MAX_DEPTH, "{levels}");
            assert_eq!(text_too_deep(&value.to_string()), levels > MAX_DEPTH, "{levels}");
        }
        assert!(!text_too_deep(&json!(vec![json!([]); 500]).to_string()));
    }
}
