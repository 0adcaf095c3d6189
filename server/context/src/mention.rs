//! What the user sent, as the model reads it: words, and files or selections pointed at.

use crate::escape::{attribute, escape_also, escape_reserved};
use glossator_session::{FileKey, Image, InputPart};
use glossator_text::Range;

/// The input as it is first sent: everything, in the order in which it was given. Images are named; they follow the words
/// where the reader sees them, else it is said that they do not.
pub(crate) fn whole(input: &[InputPart], folders: &[String], sees_images: bool) -> String {
    join(input, !sees_images, |uri, range, text| match text {
        Some(text) if !text.is_empty() => {
            // A selection that holds our closing tag must not end the element.
            let body = escape_also(text, &["selection"]);
            let body = body.strip_suffix('\n').unwrap_or(&body);
            format!("<selection {}>\n{body}\n</selection>", place(uri, range, folders))
        }
        _ => format!("<mention {}/>", place(uri, range, folders)),
    })
}

/// The input as it is repeated: selections are named, not shown again; cut in the middle to `cap` characters, where it is
/// said under which key the whole of it can be read, if it can.
pub(crate) fn brief(
    input: &[InputPart],
    folders: &[String],
    (cap, key): (usize, Option<&FileKey>),
) -> String {
    let text = join(input, false, |uri, range, _| format!("<mention {}/>", place(uri, range, folders)));
    let where_whole = match key {
        None => "the whole prompt stands at the start of this turn".to_owned(),
        Some(key) => {
            format!("the whole prompt: await tools.readFile({{ fileKey: \"{}\" }})", attribute(&key.0))
        }
    };
    cut_middle(&text, cap, &where_whole)
}

fn join(
    input: &[InputPart],
    blind: bool,
    mention: impl Fn(&str, Option<Range>, Option<&str>) -> String,
) -> String {
    let parts = input.iter().map(|part| match part {
        InputPart::Text { text } => escape_reserved(text.trim_end()).into_owned(),
        InputPart::Mention { uri, range, text } => mention(uri, *range, text.as_deref()),
        InputPart::Image { name, image } => image_element(name, image, blind),
    });
    let joined = parts.filter(|part| !part.trim().is_empty()).collect::<Vec<_>>().join("\n");
    // The end of one part and the start of the next may make up a tag.
    escape_reserved(&joined).into_owned()
}

/// An image in words; for a reader that does not see it, what is known of it.
fn image_element(name: &str, image: &Image, blind: bool) -> String {
    let name = attribute(name);
    if !blind {
        return format!("<image name=\"{name}\"/>");
    }
    let padding = image.data.bytes().rev().take_while(|byte| *byte == b'=').count();
    let bytes = (image.data.len() / 4 * 3).saturating_sub(padding);
    let kind = attribute(&image.media_type);
    format!("<image name=\"{name}\" type=\"{kind}\" bytes=\"{bytes}\" shown=\"no: you cannot see images\"/>")
}

fn place(uri: &str, range: Option<Range>, folders: &[String]) -> String {
    let path = attribute(&path(uri, folders));
    match range {
        None => format!("path=\"{path}\""),
        Some(Range { start, end }) => {
            let first = start.line.saturating_add(1);
            // A selection that ends before the first character of a line does not reach into that line.
            let last = if end.character == 0 { end.line } else { end.line.saturating_add(1) }.max(first);
            format!("path=\"{path}\" lines=\"{first}-{last}\"")
        }
    }
}

/// The path of a `file:` URI, relative to the workspace folder it lies in; other URIs as they are.
fn path(uri: &str, folders: &[String]) -> String {
    let Some(rest) = uri.strip_prefix("file://") else {
        return uri.to_owned();
    };
    let path = percent_decode(&rest[rest.find('/').unwrap_or(0)..]);
    // `/C:/x` is how a URI writes a Windows path.
    let is_drive =
        path.get(1..3).is_some_and(|drive| drive.ends_with(':') && drive.as_bytes()[0].is_ascii_alphabetic());
    let path = if is_drive { &path[1..] } else { &path };
    relative(path, folders).to_owned()
}

/// A path as seen from the innermost workspace folder that holds it; others stay as they are.
pub(crate) fn relative<'a>(path: &'a str, folders: &[String]) -> &'a str {
    let inside = folders.iter().filter_map(|folder| {
        let rest = path.strip_prefix(folder.trim_end_matches(['/', '\\']))?;
        rest.strip_prefix(['/', '\\']).filter(|rest| !rest.is_empty())
    });
    inside.min_by_key(|rest| rest.len()).unwrap_or(path)
}

fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match pair.filter(|pair| pair.bytes().all(|b| b.is_ascii_hexdigit())) {
            Some(pair) => {
                out.push(u8::from_str_radix(pair, 16).unwrap_or(b'%'));
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Cuts `text` in its middle to about `cap` characters and says how many are missing, and `where_whole` there is all of it.
pub(crate) fn cut_middle(text: &str, cap: usize, where_whole: &str) -> String {
    let count = text.chars().count();
    if count <= cap {
        return text.to_owned();
    }
    let (head, tail) = (cap - cap / 2, cap / 2);
    let at = |index: usize| text.char_indices().nth(index).map_or(text.len(), |(at, _)| at);
    format!(
        "{}\n[... {} characters left out here; {where_whole} ...]\n{}",
        &text[..at(head)],
        count - head - tail,
        &text[at(count - tail)..]
    )
}
