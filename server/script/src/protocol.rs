//! What host and worker say to each other: frames of a little-endian `u32` length and JSON, with a cap.
//! Never trusts a length or a text that came over the socket.

use std::io::{self, Read};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, value::RawValue};

use crate::{HostError, Limits, ScriptError};

/// Longest frame in bytes, both ways: room for a large file as a call's argument or result.
pub const MAX_FRAME: usize = 16 * 1024 * 1024;

/// Longest JSON text of one call's arguments, in bytes.
pub const MAX_ARGUMENTS: usize = 4 * 1024 * 1024;

/// Longest JSON text of one call's result, in bytes.
pub const MAX_RESULT: usize = 8 * 1024 * 1024;

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

/// Host to worker.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ToWorker {
    /// The one script of this worker. Must be the first frame, once.
    Run(RunScript),
    /// A call was answered with a value (a JSON text, handed to the engine's own parser unread).
    Value { id: u32, json: Box<RawValue> },
    /// A call was answered with an error.
    Error { id: u32, error: HostError },
    /// The grace after the script's end is over: report and go.
    Finish,
}

/// The script and what belongs to it.
#[derive(Debug, Serialize, Deserialize)]
pub struct RunScript {
    pub id: String,
    pub source: String,
    pub tools: Vec<String>,
    pub tasks: Vec<String>,
    pub store: Map<String, Value>,
    pub check_only: bool,
    pub context: Value,
    pub limits: Limits,
}

/// Worker to host.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FromWorker {
    /// The script calls a tool. `id` counts from 1 without gaps.
    Call { id: u32, name: String, args: Value },
    /// A console line that is to be kept.
    Console { level: String, text: String },
    /// A line of progress.
    Progress { text: String },
    /// The main promise settled while calls are pending: their grace begins.
    Settled,
    /// The end. Nothing follows.
    Done { value: Option<Value>, error: Option<Box<ScriptError>> },
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
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, message)?;
    let length = bytes.len() - 4;
    if length > MAX_FRAME {
        return Err(FrameError::TooLong(length));
    }
    let length = u32::try_from(length).map_err(|_| FrameError::TooLong(length))?;
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    Ok(bytes)
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
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, FrameError> {
    Ok(serde_json::from_slice(body)?)
}

/// Reads one message, waiting for it; `None` when the other side has closed between two frames.
///
/// # Errors
/// Any [`FrameError`]; an end inside a frame is `Io`.
pub fn read<T: DeserializeOwned>(source: &mut impl Read) -> Result<Option<T>, FrameError> {
    let mut header = [0; 4];
    loop {
        match source.read(&mut header[..1]) {
            Ok(0) => return Ok(None),
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    source.read_exact(&mut header[1..])?;
    let length = length(header)?;
    // Grown as bytes arrive: a length alone must not make us reserve memory.
    let mut body = Vec::new();
    source.take(length as u64).read_to_end(&mut body)?;
    if body.len() < length {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    decode(&body).map(Some)
}

#[cfg(test)]
mod tests {
    use super::{FrameError, FromWorker, MAX_FRAME, encode, read};

    fn check(bytes: &[u8]) -> Result<Option<FromWorker>, FrameError> {
        read(&mut &bytes[..])
    }

    #[test]
    fn frames_survive_the_way_and_bad_ones_are_errors() {
        let frame = encode(&FromWorker::Progress { text: "é".repeat(1000) }).unwrap();
        assert!(matches!(check(&frame), Ok(Some(FromWorker::Progress { text })) if text.len() == 2000));
        assert!(matches!(check(&[]), Ok(None)));
        for at in 1..frame.len() {
            assert!(matches!(check(&frame[..at]), Err(FrameError::Io(_))), "cut at {at}");
        }
        assert!(matches!(check(&u32::MAX.to_le_bytes()), Err(FrameError::TooLong(_))));
        assert!(matches!(check(&[2, 0, 0, 0, b'{', b'}']), Err(FrameError::Invalid(_))));
        assert!(matches!(check(&[1, 0, 0, 0, 0xff]), Err(FrameError::Invalid(_))));
        assert!(matches!(check(&[0, 0, 0, 0]), Err(FrameError::Invalid(_))));
        let long = FromWorker::Progress { text: "x".repeat(MAX_FRAME) };
        assert!(matches!(encode(&long), Err(FrameError::TooLong(_))));
    }
}
