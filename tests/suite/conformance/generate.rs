//! Messages made of the tables: an example, changed in a way that is known to be wrong, or in one that may be.

use crate::harness::World;
use glossator_protocol_ext::{Direction, Kind, MESSAGES};
use serde_json::{Map, Value, json};

/// What has to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Nothing: it is a notification.
    Silence,
    /// A result, or an error about what was asked for.
    Answer,
    /// Any answer but that there is no such method.
    Anything,
    /// That there is no such method.
    NoMethod,
    /// Any answer: the server did not announce this method in `initialize`.
    NotHandled,
    /// That the parameters are wrong.
    BadParams,
    /// That it is no request.
    BadRequest,
}

/// One message.
pub struct Case {
    /// The body.
    pub text: String,
    /// The id that the answer has to have.
    pub id: Value,
    /// What has to come back.
    pub expected: Expected,
}

/// A row of the tables.
struct Row {
    method: String,
    is_request: bool,
    /// Whether the server said that it handles this.
    is_handled: bool,
    params: Value,
    /// Paths of fields without which the parameters are wrong.
    required: Vec<String>,
}

/// Makes messages, the same ones for the same seed.
pub struct Generator {
    rows: Vec<Row>,
    random: Random,
    next: i64,
}

/// A small generator of numbers (xorshift), so that a seed gives the same run everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

impl Generator {
    /// For a world, and a server that can do this.
    pub fn new(seed: u64, world: &World, capabilities: &Value) -> Generator {
        let mut rows = standard(world, capabilities);
        rows.extend(extension());
        Generator { rows, random: Random(seed | 1), next: 0 }
    }

    /// The next message.
    pub fn next(&mut self) -> Case {
        self.next += 1;
        let row = self.random.below(self.rows.len());
        let id = self.id();
        match self.random.below(10) {
            0 => self.as_it_is(row, id),
            1 => self.without_a_field(row, id),
            2 => self.wrong_params(row, id),
            3 => self.unknown_method(id),
            4 => self.wrong_envelope(row),
            5 => self.turned_round(row, id),
            _ => self.changed(row, id),
        }
    }

    /// An id that is not used twice, of every kind that is allowed.
    fn id(&mut self) -> Value {
        let number = self.next;
        match self.random.below(6) {
            0 => json!(format!("id-{number}")),
            1 => json!(format!("{number} {}", "ü€😀".repeat(50))),
            2 => json!(-number),
            3 => json!(i64::MAX - number),
            _ => json!(number),
        }
    }

    fn message(&self, row: usize, id: Value, params: Option<Value>, expected: Expected) -> Case {
        let row = &self.rows[row];
        let mut message = json!({ "jsonrpc": "2.0", "method": row.method });
        if let Some(params) = params {
            message["params"] = params;
        }
        if !row.is_request {
            return Case { text: message.to_string(), id: Value::Null, expected: Expected::Silence };
        }
        message["id"] = id.clone();
        let expected = match row.is_handled {
            true => expected,
            false => Expected::NotHandled,
        };
        Case { text: message.to_string(), id, expected }
    }

    fn as_it_is(&self, row: usize, id: Value) -> Case {
        self.message(row, id, Some(self.rows[row].params.clone()), Expected::Answer)
    }

    fn without_a_field(&mut self, row: usize, id: Value) -> Case {
        let required = self.rows[row].required.clone();
        if required.is_empty() {
            return self.changed(row, id);
        }
        let path = self.random.pick(&required).clone();
        let mut params = self.rows[row].params.clone();
        let (parent, name) = path.rsplit_once('.').unwrap_or(("", &path));
        let pointer =
            if parent.is_empty() { String::new() } else { format!("/{}", parent.replace('.', "/")) };
        if let Some(Value::Object(map)) = params.pointer_mut(&pointer) {
            map.remove(name);
        }
        self.message(row, id, Some(params), Expected::BadParams)
    }

    /// Parameters of a kind that no message takes.
    fn wrong_params(&mut self, row: usize, id: Value) -> Case {
        let wrong = [json!("text"), json!(7), json!(true), json!([1, "a", {}]), json!(0.5)];
        let params = self.random.pick(&wrong).clone();
        self.message(row, id, Some(params), Expected::BadParams)
    }

    fn unknown_method(&mut self, id: Value) -> Case {
        let methods = [
            "glossator/nobody/knows",
            "textDocument/nonsense",
            "",
            " ",
            "TEXTDOCUMENT/HOVER",
            "$/unknownRequest",
            "textDocument/hover\u{0}",
            "../../etc/passwd",
            "рукопись/😀",
        ];
        let method = *self.random.pick(&methods);
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": {} });
        Case { text: message.to_string(), id, expected: Expected::NoMethod }
    }

    /// Something about the message itself is wrong. Where the id can be read, the answer has it.
    fn wrong_envelope(&mut self, row: usize) -> Case {
        let id = json!(self.next);
        let row = &self.rows[row];
        let mut message = json!({ "jsonrpc": "2.0", "id": id, "method": row.method, "params": row.params });
        let is_known = match self.random.below(7) {
            0 => (message["jsonrpc"] = json!("1.0"), true).1,
            1 => (message["jsonrpc"] = Value::Null, true).1,
            2 => (message["method"] = json!(7), true).1,
            3 => (message["method"] = json!(["a"]), true).1,
            4 => (message["id"] = json!(1.5), false).1,
            5 => (message["id"] = json!({ "a": 1 }), false).1,
            _ => (message["id"] = json!(true), false).1,
        };
        let id = if is_known { id } else { Value::Null };
        Case { text: message.to_string(), id, expected: Expected::BadRequest }
    }

    /// A notification as a request, or a request as a notification.
    fn turned_round(&mut self, row: usize, id: Value) -> Case {
        let row = &self.rows[row];
        let mut message = json!({ "jsonrpc": "2.0", "method": row.method, "params": row.params });
        if row.is_request {
            return Case { text: message.to_string(), id: Value::Null, expected: Expected::Silence };
        }
        message["id"] = id.clone();
        // What it means is not said anywhere; it must be answered.
        Case { text: message.to_string(), id, expected: Expected::NotHandled }
    }

    /// One value somewhere in it is another.
    fn changed(&mut self, row: usize, id: Value) -> Case {
        let mut params = self.rows[row].params.clone();
        for _ in 0..=self.random.below(2) {
            let mut places = Vec::new();
            pointers(&params, "", &mut places);
            let place = self.random.pick(&places).clone();
            let with = self.strange();
            if let Some(value) = params.pointer_mut(&place) {
                *value = with;
            }
        }
        if let (0, Value::Object(map)) = (self.random.below(3), &mut params) {
            map.insert("unknown field 😀".to_owned(), json!([1, { "a": null }]));
        }
        let mut case = self.message(row, id, Some(params), Expected::Anything);
        // Written by hand, since no value holds it: a field twice, half a surrogate pair, a number that is none.
        if self.random.below(12) == 0 {
            let odd = [r#"{"twice":1,"twice":2,"#, r#"{"half":"\ud83d","#, r#"{"big":1e999,"#];
            let odd: &str = odd[self.random.below(odd.len())];
            let text = case.text.replacen('{', odd, 1);
            // Whether such a body can be read at all is the parser's to say.
            if serde_json::from_str::<Value>(&text).is_ok() {
                case.text = text;
            }
        }
        case
    }

    fn strange(&mut self) -> Value {
        let mut deep = json!(1);
        for _ in 0..60 {
            deep = json!([deep]);
        }
        let values = [
            Value::Null,
            json!(true),
            json!(0),
            json!(-1),
            json!(1.5),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(4_294_967_295_u64),
            json!(1e300),
            json!(""),
            json!("x".repeat(70_000)),
            json!("a\u{0}b\r\n\u{202e}😀\u{ffff}"),
            json!("../../../../etc/passwd"),
            json!("file:///no/such/file.txt"),
            json!("untitled:Untitled-1"),
            json!("T-1"),
            json!([]),
            json!({}),
            json!([null, [null]]),
            Value::Object(Map::from_iter([("".to_owned(), json!(""))])),
            deep,
        ];
        self.random.pick(&values).clone()
    }
}

/// Every place in a value, as JSON pointers.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                pointers(value, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                pointers(value, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// The messages of LSP 3.17 that a client sends.
fn standard(world: &World, capabilities: &Value) -> Vec<Row> {
    let root = url::Url::from_file_path(world.workspace()).unwrap();
    let text = include_str!("../../cases/lsp/messages.json").replace("file:///WORK", root.as_str());
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    let has = |path: &str| {
        let found = capabilities.pointer(&format!("/{}", path.replace('.', "/")));
        found.is_some_and(|value| !value.is_null() && value != false)
    };
    let row = |row: &Value| Row {
        method: row["method"].as_str().unwrap().to_owned(),
        is_request: row["kind"] == "request",
        is_handled: row["capability"].as_str().is_none_or(has),
        params: row["params"].clone(),
        required: row["required"]
            .as_array()
            .unwrap()
            .iter()
            .map(|path| path.as_str().unwrap().to_owned())
            .collect(),
    };
    rows.iter().map(row).collect()
}

/// The messages of the extension that a client sends.
fn extension() -> Vec<Row> {
    let sent = MESSAGES.iter().filter(|row| row.direction == Direction::ToServer);
    let row = |row: &glossator_protocol_ext::MessageRow| Row {
        method: row.method.to_owned(),
        is_request: row.kind == Kind::Request,
        is_handled: true,
        params: serde_json::from_str(row.params.example).unwrap(),
        required: Vec::new(),
    };
    sent.map(row).collect()
}
