//! Items and headers as lines: long texts go to blobs, edits are written short, and both come back whole. Pure but for the
//! blobs that are read. A line that holds nothing of ours is read as any version wrote it.

use crate::blobs::{BlobRef, Blobs, MARK, blob_of, shown};
use crate::edit_line;
use crate::format::{self, Header, SessionHead};
use crate::lines::{as_written, can_be};
use crate::strings::{is_usual, rewrite};
use glossator_session::{ChangeState, ContextItem, InputPart, Item, ItemBody, ItemId, Raw, TurnId};
use memchr::memmem;
use serde::de::IgnoredAny;
use serde_json::value::{RawValue, to_raw_value};
use std::path::Path;

/// Bytes of a string above which it goes to a blob.
pub(crate) const LONG: usize = 16 << 10;
/// The same for texts that repeat from session to session and from compaction to compaction.
const REPEATED: usize = 1 << 10;

/// How blobs are read: their text, or why there is none.
pub(crate) type ReadBlob<'a> = &'a dyn Fn(&BlobRef) -> Result<String, String>;

/// A line, newline included, and the blobs that it refers to.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub line: Vec<u8>,
    pub blobs: Vec<(BlobRef, String)>,
}

/// The line of an item.
pub(crate) fn encode(item: &Item) -> Result<Encoded, serde_json::Error> {
    let over = match &item.body {
        ItemBody::Context(ContextItem::Compaction(_)) => REPEATED,
        _ => LONG,
    };
    let json = match edit_line::shorten(item) {
        Some(short) => short?,
        None => serde_json::to_vec(item)?,
    };
    Ok(put_aside(json, over))
}

/// The header line of a session.
pub(crate) fn encode_header(head: &SessionHead) -> Result<Encoded, serde_json::Error> {
    Ok(put_aside(format::header_json(head)?, REPEATED))
}

/// Puts strings of more than `over` bytes aside, and marks those that look like references and are none.
fn put_aside(mut json: Vec<u8>, over: usize) -> Encoded {
    let mut blobs = Vec::new();
    if json.len() > over || memmem::find(&json, MARK.as_bytes()).is_some() {
        let rewritten = rewrite(&json, |string| {
            if string.len() <= over && !looks_like_one(string) {
                return None;
            }
            let text: String = serde_json::from_slice(string).ok()?;
            if text.len() > over {
                let blob = BlobRef::to(&text);
                let reference = blob.reference(&text, over == LONG);
                blobs.push((blob, text));
                return Some(reference);
            }
            looks_like_one(text.as_bytes()).then(|| format!("\\{text}"))
        });
        json = rewritten.unwrap_or(json);
    }
    json.push(b'\n');
    Encoded { line: json, blobs }
}

/// Whether a string, with or without its quote, begins like a reference, behind any number of `\`.
fn looks_like_one(string: &[u8]) -> bool {
    let string = string.strip_prefix(b"\"").unwrap_or(string);
    let at = string.iter().take_while(|byte| **byte == b'\\').count();
    string[at..].starts_with(MARK.as_bytes())
}

/// Puts the texts of blobs back; says which are lost.
fn put_back<'a>(line: &'a [u8], blobs: ReadBlob<'_>) -> (std::borrow::Cow<'a, [u8]>, Vec<String>) {
    let mut lost = Vec::new();
    if memmem::find(line, MARK.as_bytes()).is_none() {
        return (line.into(), lost);
    }
    let rewritten = rewrite(line, |string| {
        if !looks_like_one(string) {
            return None;
        }
        let text: String = serde_json::from_slice(string).ok()?;
        match blob_of(&text) {
            Some(blob) => Some(blobs(&blob).unwrap_or_else(|why| {
                let rest = format!("[The rest of this text of {} bytes is lost: {why}.]", blob.bytes);
                lost.push(why);
                match shown(&text) {
                    "" => rest,
                    beginning => format!("{beginning}\n{rest}"),
                }
            })),
            None => text.strip_prefix('\\').map(str::to_owned),
        }
    });
    (rewritten.map_or(line.into(), Into::into), lost)
}

/// Reads an item's line and says which of its texts are lost; `Err` says why it is none.
pub(crate) fn decode(line: &[u8], blobs: ReadBlob<'_>) -> Result<(Item, Vec<String>), String> {
    let (line, lost) = put_back(line, blobs);
    let item = match edit_line::is_short(&line) {
        true if !lost.is_empty() => edit_line::lost(&line, unusable(&lost)),
        true => edit_line::lengthen(&line),
        false => None,
    };
    let item = match item {
        Some(item) => item,
        None => Item::from_json(&line).map_err(|error| error.to_string())?,
    };
    if !can_be(item.id, item.turn) {
        return Err(format!("there cannot be an item {} in a turn {}", item.id.0, item.turn));
    }
    Ok((if lost.is_empty() { item } else { without_lost(item, &lost) }, lost))
}

/// The JSON of an item's line, and which item it is; `None`: it is none. A line that is as we write it, and holds neither a
/// reference nor a short edit, is the item's JSON itself.
pub(crate) fn json(line: &[u8], blobs: ReadBlob<'_>) -> Option<(ItemId, TurnId, Box<RawValue>)> {
    if memmem::find(line, MARK.as_bytes()).is_none()
        && !edit_line::is_short(line)
        && is_usual(line)
        && let Some(found) = as_written(line)
        && let Ok(json) = serde_json::from_slice::<&RawValue>(line)
    {
        return can_be(found.id, found.turn).then(|| (found.id, found.turn, json.to_owned()));
    }
    let (item, _) = decode(line, blobs).ok()?;
    Some((item.id, item.turn, to_raw_value(&item).ok()?))
}

/// Reads a header line, frozen layers included, and says which of them are lost.
pub(crate) fn decode_header(line: &[u8], blobs: ReadBlob<'_>) -> Result<(Header, Vec<String>), String> {
    let (line, lost) = put_back(line, blobs);
    Ok((format::parse_header(&line)?, lost))
}

fn unusable(lost: &[String]) -> String {
    format!("the texts of this edit are lost ({}), so that it cannot be undone or reviewed", lost.join("; "))
}

/// An item some of whose texts are lost, so that nobody takes what is left for the whole: not the provider a block of its
/// own, not an undo what stood in a file.
fn without_lost(mut item: Item, lost: &[String]) -> Item {
    match &mut item.body {
        ItemBody::Answer { raw, .. } | ItemBody::Reasoning { raw, .. } => {
            let whole = |raw: &Raw| serde_json::from_str::<IgnoredAny>(&raw.json).is_ok();
            *raw = raw.take().filter(whole);
        }
        ItemBody::ChangeSet {
            state: state @ (ChangeState::Intended { .. } | ChangeState::Reviewed { .. }),
            ..
        } => {
            *state = ChangeState::Failed { message: unusable(lost) };
        }
        ItemBody::UserMessage { input, .. } => {
            for part in input {
                if let InputPart::Image { image, name } = part
                    && image.data.ends_with(".]")
                {
                    *part =
                        InputPart::Text { text: format!("[The image {name} is lost: {}.]", lost.join("; ")) };
                }
            }
        }
        _ => {}
    }
    item
}

/// The item of a line of a session whose workspace has its state in `folder`; lost texts are said to be lost.
pub(crate) fn item_of(line: &[u8], folder: &Path) -> Option<Item> {
    let blobs = Blobs::of(folder);
    decode(line, &|blob| blobs.get(blob)).ok().map(|(item, _)| item)
}
