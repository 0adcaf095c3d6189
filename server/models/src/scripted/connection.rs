//! One connection of the scripted model: just enough HTTP/1.1 to serve one client honestly. Answers one request after the
//! other until the client leaves.

use super::script::Script;
use super::speech::{Speech, speech};
use super::{Recorded, Reply};
use serde_json::Value;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// Sizes of the pieces in which a stream is sent, over and over: they cut lines, names and characters.
const PIECES: &[usize] = &[7, 61, 1, 200, 23, 3, 509];
/// Longest request head and longest body in bytes.
const MAX_HEAD: usize = 64 << 10;
const MAX_BODY: usize = 64 << 20;

/// What is sent as the answer, and what happens at its end.
struct Answer {
    head: String,
    chunks: Vec<(Duration, Vec<u8>)>,
    end: End,
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    /// The answer is complete and the connection stays.
    Keep,
    /// The connection breaks.
    Break,
    /// Nothing more comes.
    Hang,
}

/// Serves `socket` to its end.
pub(super) async fn serve(socket: TcpStream, script: Arc<Script>) {
    // Small pieces are the point here.
    let _ = socket.set_nodelay(true);
    let (mut reader, mut writer) = socket.into_split();
    let mut buffer = Vec::new();
    while let Ok(Some(request)) = read_request(&mut reader, &mut buffer).await {
        let model = request.body["model"].as_str().unwrap_or("scripted").to_owned();
        let input_tokens = request.raw.len() / 4;
        let speech = speech(&request.path);
        let (number, reply) = script.answer(request);
        let answer = answer(reply, speech, (&model, input_tokens), number);
        let end = answer.end;
        // Whatever the client sends now is the next request; only its leaving matters.
        let sent = tokio::select! {
            biased;
            sent = send(&mut writer, answer) => sent.is_ok(),
            () = leaves(&mut reader, &mut buffer) => false,
        };
        if !sent {
            script.left();
            return;
        }
        if end == End::Break {
            return;
        }
    }
}

/// Ends when the client has left.
async fn leaves(reader: &mut OwnedReadHalf, buffer: &mut Vec<u8>) {
    while !matches!(reader.read_buf(buffer).await, Ok(0) | Err(_)) {}
}

async fn send(writer: &mut OwnedWriteHalf, answer: Answer) -> io::Result<()> {
    writer.write_all(answer.head.as_bytes()).await?;
    for (pause, chunk) in answer.chunks {
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        writer.write_all(&chunk).await?;
    }
    if answer.end == End::Hang {
        std::future::pending::<()>().await;
    }
    Ok(())
}

fn answer(reply: Reply, speech: Speech, said: (&str, usize), number: usize) -> Answer {
    if let Reply::Status { code, headers, body } = reply {
        return status(code, &headers, &body, number);
    }
    if matches!(reply, Reply::Hang) {
        return Answer { head: String::new(), chunks: Vec::new(), end: End::Hang };
    }
    let (mut chunks, end) = pieces(reply, speech, said);
    for (_, chunk) in &mut chunks {
        let mut framed = format!("{:x}\r\n", chunk.len()).into_bytes();
        framed.append(chunk);
        framed.extend_from_slice(b"\r\n");
        *chunk = framed;
    }
    if end == End::Keep {
        chunks.push((Duration::ZERO, b"0\r\n\r\n".to_vec()));
    }
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {}\r\ntransfer-encoding: chunked\r\nrequest-id: \
         req_scripted_{number}\r\n\r\n",
        speech.content_type
    );
    Answer { head, chunks, end }
}

fn status(code: u16, headers: &[(String, String)], body: &str, number: usize) -> Answer {
    let mut head = format!(
        "HTTP/1.1 {code} Scripted\r\ncontent-length: {}\r\nrequest-id: req_scripted_{number}\r\n",
        body.len()
    );
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        head.push_str("content-type: application/json\r\n");
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    Answer { head, chunks: vec![(Duration::ZERO, body.as_bytes().to_vec())], end: End::Keep }
}

/// The pieces of a stream; none of them is empty. `said`: the model and the tokens of the request.
fn pieces(reply: Reply, speech: Speech, said: (&str, usize)) -> (Vec<(Duration, Vec<u8>)>, End) {
    let blocks = match reply {
        Reply::Raw { chunks } => {
            return (chunks.into_iter().filter(|(_, chunk)| !chunk.is_empty()).collect(), End::Keep);
        }
        Reply::CutAfter { reply, bytes } => {
            return (cut(pieces(*reply, speech, said).0, bytes), End::Break);
        }
        Reply::HangAfter { reply, bytes } => {
            return (cut(pieces(*reply, speech, said).0, bytes), End::Hang);
        }
        Reply::Text(text) => vec![serde_json::json!({"type": "text", "text": text})],
        Reply::Blocks(blocks) => blocks,
        // Answered before a stream begins; within a cut there is nothing to send of them.
        Reply::Status { .. } | Reply::Hang | Reply::Function(_) => return (Vec::new(), End::Keep),
    };
    let calls = blocks.iter().any(|block| block["type"] == "tool_use");
    let (model, input_tokens) = said;
    let bytes = (speech.speaker)(model, &blocks, if calls { "tool_use" } else { "end_turn" }, input_tokens);
    let mut rest = bytes.as_slice();
    let mut chunks = Vec::new();
    for size in PIECES.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        chunks.push((Duration::ZERO, piece.to_vec()));
        rest = after;
    }
    (chunks, End::Keep)
}

/// The first `bytes` bytes of `chunks`.
fn cut(chunks: Vec<(Duration, Vec<u8>)>, mut bytes: usize) -> Vec<(Duration, Vec<u8>)> {
    let mut kept = Vec::new();
    for (pause, mut chunk) in chunks {
        chunk.truncate(bytes);
        if chunk.is_empty() {
            break;
        }
        bytes -= chunk.len();
        kept.push((pause, chunk));
    }
    kept
}

/// The next request, or `None` when the client has left in between. `buffer` holds what was read too much.
async fn read_request(reader: &mut OwnedReadHalf, buffer: &mut Vec<u8>) -> io::Result<Option<Recorded>> {
    let head_end = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        // A client that speaks TLS would wait for an answer to its greeting.
        let foreign = buffer.first().is_some_and(|byte| !byte.is_ascii_uppercase());
        if foreign || buffer.len() > MAX_HEAD {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if reader.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&buffer[..head_end]).into_owned();
    buffer.drain(..head_end + 4);
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ').map(ToOwned::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse::<usize>().ok()).unwrap_or(0);
    if length > MAX_BODY {
        return Err(io::ErrorKind::InvalidData.into());
    }
    while buffer.len() < length {
        if reader.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
    let raw: Vec<u8> = buffer.drain(..length).collect();
    let body = serde_json::from_slice(&raw).unwrap_or(Value::Null);
    Ok(Some(Recorded { method, path, headers, raw, body }))
}
