//! Answers that a handler has written as JSON itself: a long one is not made a tree first, as tower-lsp does with all others.
//! What travels through tower-lsp in its place is a ticket. Decides nothing.

use parking_lot::Mutex;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::Write;
use tower_lsp::jsonrpc::{Id, Response};

/// The only member of a ticket.
const TICKET: &str = "glossator/ready";
/// Bytes before a result in which the beginning of its message finds room; what is left of them stays blank.
const ROOM: usize = 128;

/// The answers of one connection that are ready and not sent yet.
#[derive(Debug, Default)]
pub struct Ready {
    waiting: Mutex<(u64, HashMap<u64, Vec<u8>>)>,
}

/// A result as it goes out.
#[derive(Debug)]
pub struct Written(Vec<u8>);

impl Written {
    /// Writes a result.
    ///
    /// # Errors
    /// What cannot be written as JSON.
    pub fn of(result: &impl Serialize) -> Result<Written, serde_json::Error> {
        let mut body = vec![b' '; ROOM];
        serde_json::to_writer(&mut body, result)?;
        body.push(b'}');
        Ok(Written(body))
    }
}

impl Ready {
    /// Keeps a result until the handler's answer goes out, and gives what the handler returns in its place.
    pub fn put(&self, result: Written) -> Value {
        let mut waiting = self.waiting.lock();
        waiting.0 += 1;
        let number = waiting.0;
        waiting.1.insert(number, result.0);
        json!({ TICKET: number })
    }

    /// The whole body of an answer whose result is a ticket.
    pub(super) fn body(&self, response: &Response) -> Option<Vec<u8>> {
        let number = response.result()?.get(TICKET)?.as_u64()?;
        let body = self.waiting.lock().1.remove(&number)?;
        Some(begun(response.id(), body))
    }
}

/// `body` with the beginning of its message.
fn begun(id: &Id, mut body: Vec<u8>) -> Vec<u8> {
    let start = format!("{{\"jsonrpc\":\"2.0\",\"id\":{},\"result\":", json!(id));
    // Only a client's own, very long id does not fit.
    match body.get_mut(..ROOM).map(|mut room| room.write_all(start.as_bytes())) {
        Some(Ok(())) => body,
        _ => [start.as_bytes(), body.get(ROOM..).unwrap_or_default()].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: Id) {
        let ready = Ready::default();
        let result = json!({ "text": "ä\n\"", "list": [1, null] });
        let ticket = ready.put(Written::of(&result).unwrap());
        let answer = Response::from_ok(id.clone(), ticket);
        let body: Value = serde_json::from_slice(&ready.body(&answer).unwrap()).unwrap();
        assert_eq!(body, json!({ "jsonrpc": "2.0", "id": id, "result": result }));
        assert_eq!(ready.body(&answer), None, "sent once");
        assert!(ready.waiting.lock().1.is_empty());
    }

    #[test]
    fn a_ticket_becomes_its_answer() {
        check(Id::Number(7));
        check(Id::String("a\"b".to_owned()));
        check(Id::String("x".repeat(500)));
    }

    #[test]
    fn other_answers_are_left_alone() {
        let ready = Ready::default();
        for result in [Value::Null, json!({}), json!({ TICKET: 1 }), json!({ TICKET: "x" }), json!([TICKET])]
        {
            assert_eq!(ready.body(&Response::from_ok(Id::Number(1), result)), None);
        }
        assert_eq!(
            ready.body(&Response::from_error(Id::Number(1), tower_lsp::jsonrpc::Error::internal_error())),
            None
        );
    }
}
