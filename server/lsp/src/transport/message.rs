//! From a frame's body to a JSON-RPC message, or to the error to answer with. Pure: it reads bytes and decides nothing else.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use tower_lsp::jsonrpc::{Error, ErrorCode, Id, Request, Response};

/// A message from the client.
#[derive(Debug)]
pub(crate) enum Message {
    Request(Request),
    Response(Response),
}

/// What a refused body seems to have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A request or a notification, or nothing that can be told.
    Request,
    /// The client's answer to a request of ours.
    Answer,
    /// Only an id: an answer whose result was left out, or a request without a method.
    Bare,
}

/// Why a body is no message.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The id in it, as far as one could be found; else null.
    pub(crate) id: Id,
    pub(crate) kind: Kind,
    pub(crate) code: ErrorCode,
    /// For people: what is wrong and what to do.
    pub(crate) text: Box<str>,
}

impl Refusal {
    /// The error to answer with.
    pub(crate) fn response(self) -> Response {
        let error = Error { code: self.code, message: self.text.into_string().into(), data: None };
        Response::from_error(self.id, error)
    }
}

#[derive(serde::Deserialize)]
struct Envelope {
    #[serde(default)]
    jsonrpc: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    id: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    method: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    params: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    result: Option<Value>,
    #[serde(default)]
    error: Option<Value>,
}

/// Keeps `null` apart from a missing field.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Reads one body.
pub(crate) fn parse(body: &[u8]) -> Result<Message, Refusal> {
    let refuse = |code, text: String| {
        let (id, kind) = peek(body);
        refusal(id, kind, code, text)
    };
    let text = std::str::from_utf8(body).map_err(|e| {
        let text = format!("The message is not valid UTF-8 at byte {}.", e.valid_up_to());
        refuse(ErrorCode::ParseError, text)
    })?;
    if text.trim_start().starts_with('[') {
        let text = "Batches (JSON arrays) are not part of LSP. Send each message in a frame of its own.";
        return Err(refusal(Id::Null, Kind::Request, ErrorCode::InvalidRequest, text));
    }
    let envelope = serde_json::from_str(text).or_else(|error| match whole_surrogates(text) {
        Cow::Borrowed(_) => Err(error),
        Cow::Owned(repaired) => serde_json::from_str(&repaired),
    });
    envelope
        .map_err(|e| {
            if e.is_data() {
                refuse(ErrorCode::InvalidRequest, format!("The message is not a JSON-RPC object: {e}."))
            } else {
                refuse(ErrorCode::ParseError, format!("The message is not valid JSON: {e}."))
            }
        })
        .and_then(read)
}

/// The refusal of a frame above the limit, from the `start` of its body.
pub(crate) fn too_long(length: usize, limit: usize, start: &[u8]) -> Refusal {
    let (id, kind) = peek(start);
    let text = format!(
        "The message has {length} bytes; at most {limit} are taken. It was skipped, send less at once."
    );
    refusal(id, kind, ErrorCode::InvalidRequest, text)
}

/// The refusal of bytes that are no frame.
pub(crate) fn bad_header(why: &str) -> Refusal {
    let text = format!(
        "The bytes are not a frame: {why}. Expected `Content-Length: <bytes>`, a blank line and the body. \
         Everything up to the next Content-Length line was skipped."
    );
    refusal(Id::Null, Kind::Request, ErrorCode::ParseError, text)
}

/// What is said of a method that is not known.
pub(crate) fn no_method(method: &str) -> String {
    format!(
        "There is no method `{method}` here. Glossator speaks LSP 3.17 and the messages of docs/protocol.md."
    )
}

/// The same answer, with an error of a word or two told so that a person can act on it.
pub(crate) fn in_words(response: Response, method: &str) -> Response {
    let (id, result) = response.into_parts();
    let Err(mut error) = result else { return Response::from_parts(id, result) };
    let text = match error.code {
        ErrorCode::MethodNotFound => no_method(method),
        ErrorCode::InvalidRequest if error.message == "Invalid request" => format!(
            "`{method}` cannot be answered now: it is a notification, comes twice, or comes after `shutdown`."
        ),
        ErrorCode::ServerError(-32002) => {
            format!("`{method}` came before `initialize`; send that first.")
        }
        // What serde says; words of our own end as sentences do.
        ErrorCode::InvalidParams if !error.message.ends_with('.') => {
            format!("The parameters of `{method}` are not right: {}.", error.message)
        }
        ErrorCode::RequestCancelled => format!("`{method}` was cancelled by the client."),
        _ => return Response::from_parts(id, Err(error)),
    };
    error.message = text.into();
    Response::from_parts(id, Err(error))
}

fn refusal(id: Id, kind: Kind, code: ErrorCode, text: impl Into<Box<str>>) -> Refusal {
    Refusal { id, kind, code, text: text.into() }
}

fn read(envelope: Envelope) -> Result<Message, Refusal> {
    let Envelope { jsonrpc, id, method, params, result, error } = envelope;
    let refuse = |id: &Option<Id>, kind, text: &str| {
        Err(refusal(id.clone().unwrap_or(Id::Null), kind, ErrorCode::InvalidRequest, text))
    };
    let parsed = id.as_ref().map(|id| Id::deserialize(id).ok());
    if parsed == Some(None) {
        return refuse(&None, Kind::Request, "The id must be an integer or a string.");
    }
    let id = parsed.flatten();
    let Some(method) = method else {
        return match (id, error, result) {
            (Some(id), Some(error), _) => Ok(Message::Response(Response::from_error(id, error_of(error)))),
            (Some(id), None, Some(result)) => Ok(Message::Response(Response::from_ok(id, result))),
            (id, ..) => {
                refuse(&id, Kind::Bare, "The message has no method, and no result or error with an id.")
            }
        };
    };
    let Value::String(method) = method else {
        return refuse(&id, Kind::Request, "The method must be a string.");
    };
    if jsonrpc.as_ref().and_then(Value::as_str) != Some("2.0") {
        return refuse(&id, Kind::Request, "The message must say \"jsonrpc\": \"2.0\".");
    }
    // `shutdown` takes nothing; clients send it `null`, `{}` or `[]` all the same.
    let params = params.filter(|_| method != "shutdown");
    let mut request = Request::build(method);
    if let Some(params) = params {
        request = request.params(params);
    }
    if let Some(id) = id {
        request = request.id(id);
    }
    Ok(Message::Request(request.finish()))
}

/// A client's error object, however it is shaped.
fn error_of(value: Value) -> Error {
    let code = value.get("code").and_then(Value::as_i64).map_or(ErrorCode::InternalError, ErrorCode::from);
    let message = value.get("message").and_then(Value::as_str);
    let message = message.map_or_else(|| value.to_string(), str::to_owned);
    Error { code, message: message.into(), data: value.get("data").cloned() }
}

/// Finds the id and the kind of a body that could not be read, from the fields before the place where it breaks.
fn peek(body: &[u8]) -> (Id, Kind) {
    let mut seen = Seen { id: Id::Null, kind: None };
    // An error is expected here: what was seen before it is what is wanted.
    let _ = serde::Deserializer::deserialize_map(&mut serde_json::Deserializer::from_slice(body), &mut seen);
    (seen.id, seen.kind.unwrap_or(Kind::Request))
}

struct Seen {
    id: Id,
    kind: Option<Kind>,
}

impl<'de> Visitor<'de> for &mut Seen {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON-RPC object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "id" => {
                    self.id = map.next_value()?;
                    continue;
                }
                "method" => self.kind = Some(Kind::Request),
                "result" | "error" => self.kind = self.kind.or(Some(Kind::Answer)),
                _ => {}
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// Replaces escapes of half a surrogate pair (legal in JavaScript strings, not in Unicode) by U+FFFD, which has the
/// same length in UTF-16, so that such an edit is not lost and every position stays right.
fn whole_surrogates(text: &str) -> Cow<'_, str> {
    let unit = |at: usize| -> Option<u32> {
        let digits = text.as_bytes().get(at..at + 6)?.strip_prefix(b"\\u")?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let (mut out, mut copied, mut at) = (String::new(), 0, 0);
    while let Some(found) = text[at..].find('\\') {
        at += found;
        match (unit(at), unit(at + 6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => at += 12,
            (Some(0xD800..=0xDFFF), _) => {
                out.push_str(&text[copied..at]);
                out.push_str("\\ufffd");
                at += 6;
                copied = at;
            }
            // The escaped character may be any; it is stepped over only when it is ASCII, as a backslash must be.
            _ => at += 1 + usize::from(text.as_bytes().get(at + 1).is_some_and(u8::is_ascii)),
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}
