//! Long values: kept whole with the session, shown by their head and tail.

use crate::Turn;
use glossator_session::FileKey;
use serde_json::{Value, json};

/// Bytes that are shown of a script's own long value.
const SCRIPT: Ends = Ends { head: 2 * 1024, tail: 1024 };
/// Bytes of JSON that a model is sent of one native call's result; of a longer one, the ends of its long texts, or its own.
const NATIVE: usize = 128 * 1024;
const NATIVE_TEXT: Ends = Ends { head: 16 * 1024, tail: 8 * 1024 };
const NATIVE_ALL: Ends = Ends { head: 48 * 1024, tail: 16 * 1024 };

/// How much is shown of a text's begin and end, in bytes.
#[derive(Clone, Copy)]
struct Ends {
    head: usize,
    tail: usize,
}

/// Keeps a value as JSON that can be read by lines, or closer set where that is too long; its key and length in bytes.
pub(crate) fn keep_value(turn: &dyn Turn, value: &Value) -> Result<(FileKey, usize), String> {
    let close = value.to_string();
    let (key, kept) = keep(turn, &format!("{value:#}"), &close)?;
    Ok((key, kept.len()))
}

/// What stands for a script's long value `json`: `{ fileKey, bytes, head, tail, hint }`, without `fileKey` where it cannot
/// be kept.
pub(crate) fn stand_in(turn: &dyn Turn, json: &str) -> Value {
    shown_by(SCRIPT, turn, json)
}

/// A native call's result as it is sent to the model: what scripts get is for them to choose from, this is not.
pub(crate) fn for_model(turn: &dyn Turn, mut value: Value) -> Value {
    if value.to_string().len() <= NATIVE {
        return value;
    }
    for text in value.as_object_mut().into_iter().flat_map(|map| map.values_mut()) {
        if let Value::String(text) = text {
            shorten(turn, text);
        }
    }
    let json = value.to_string();
    if json.len() <= NATIVE { value } else { shown_by(NATIVE_ALL, turn, &json) }
}

/// Leaves the ends of a long text and says where all of it is.
fn shorten(turn: &dyn Turn, text: &mut String) {
    let Ends { head, tail } = NATIVE_TEXT;
    if text.len() <= head + tail {
        return;
    }
    let (kept, whole) = match keep(turn, text, text) {
        Ok((key, kept)) => (kept, hint(&key)),
        Err(why) => (text.clone(), format!("it could not be kept: {why}")),
    };
    let left_out = kept.len().saturating_sub(head + tail);
    let (head, tail) = (NATIVE_TEXT.head(&kept), NATIVE_TEXT.tail(&kept));
    *text = format!("{head}\n… [about {left_out} bytes left out; {whole}] …\n{tail}");
}

/// A value that is one text is kept as that text.
fn shown_by(ends: Ends, turn: &dyn Turn, json: &str) -> Value {
    let text = match serde_json::from_str(json) {
        Ok(Value::String(text)) => text,
        Ok(value) => format!("{value:#}"),
        Err(_) => json.to_owned(),
    };
    match keep(turn, &text, json) {
        Ok((key, kept)) => {
            let (head, tail) = (ends.head(&kept), ends.tail(&kept));
            json!({ "fileKey": key, "bytes": kept.len(), "head": head, "tail": tail, "hint": hint(&key) })
        }
        Err(why) => {
            let hint =
                format!("the rest is lost, it could not be kept: {why}; return less, or write it to a file");
            json!({ "bytes": text.len(), "head": ends.head(&text), "tail": ends.tail(&text), "hint": hint })
        }
    }
}

fn hint(key: &FileKey) -> String {
    format!("await tools.readFile({{ fileKey: \"{key}\", offset: 1, limit: 200 }})")
}

/// Keeps `text`, or `close`, which says the same in fewer bytes; gives the key and the text as it was kept.
fn keep(turn: &dyn Turn, text: &str, close: &str) -> Result<(FileKey, String), String> {
    let (key, text) = match turn.keep(text) {
        Ok(key) => (key, text),
        Err(why) if close.len() < text.len() => (turn.keep(close).map_err(|_| why)?, close),
        Err(why) => return Err(why),
    };
    // Secrets are taken out of what is kept; what is shown is cut from that, so that no half of one is left.
    let kept = turn.kept(&key).unwrap_or_else(|_| text.to_owned());
    Ok((key, kept))
}

impl Ends {
    fn head(self, text: &str) -> &str {
        &text[..text.floor_char_boundary(self.head)]
    }

    fn tail(self, text: &str) -> &str {
        &text[text.ceil_char_boundary(text.len().saturating_sub(self.tail))..]
    }
}
