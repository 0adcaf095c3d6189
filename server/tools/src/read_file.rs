//! `readFile`: a part of one file as the user sees it, unsaved text included, or of a text kept with the session.

mod lines;

use crate::arguments::{About, to_value};
use crate::keys::text_of;
use crate::{Action, Prepared, Tool, ToolCx};
use futures::future::BoxFuture;
use glossator_session::{Effect, FileKey, ToolError, ToolOutput, ToolSpec};
use glossator_text::FileFormat;
use glossator_workspace::{Document, Source};
use lines::{block, parents, split_lines};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::PathBuf;

/// What the model is told.
pub const ABOUT: About = About {
    name: "readFile",
    description: "Reads lines of a text file as the user sees it (unsaved text of an open buffer wins over the disk), or of \
                  a text that was kept under a file key.",
    example: "await tools.readFile({ path: \"src/main.rs\", offset: 1, limit: 200 })",
    plain: Some("path"),
    bare: false,
    effect: Effect::Read,
    freeform: None,
    brief: "Lines of a text file, unsaved text included, or of a kept text (`fileKey: \"K3\"`). `offset` counts from 1; `limit` is 2000 \
            if not given.",
    rare: &[
        "mode",
        "parents",
        "siblings",
        "source",
        "version",
        "changedOnDisk",
        "encoding",
        "lineEnding",
        "finalNewline",
        "hash",
        "hint",
    ],
};

/// Lines given when no limit is named.
const DEFAULT_LIMIT: usize = 2000;
/// Characters of a line beyond which it is cut, with a mark; lines of kept texts are not.
const LINE_CAP: usize = 500;
/// Bytes that one call gives at the most: whole lines, but for a kept text whose first one is longer.
const MOST_BYTES: usize = 4 * 1024 * 1024;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Input {
    /// Relative to the workspace, or absolute inside it. Give either `path` or `fileKey`.
    #[serde(default)]
    path: Option<String>,
    /// In place of `path`: the key of a kept text, like "K3", or of a document of the cabinet, like "F2".
    #[serde(default)]
    file_key: Option<String>,
    /// First line, from 1.
    #[serde(default)]
    offset: Option<usize>,
    /// How many lines; 2000 if not given. With `indentation` the most that are given.
    #[serde(default)]
    limit: Option<usize>,
    /// `slice` (default) takes lines; `indentation` takes the block that line `offset` opens or stands in, and names the headers around it.
    #[serde(default)]
    mode: Mode,
    /// With `indentation`: how many enclosing headers are named; all if not given.
    #[serde(default)]
    parents: Option<usize>,
    /// With `indentation`: also what stands beside it under the same header.
    #[serde(default)]
    siblings: bool,
}

#[derive(Deserialize, JsonSchema, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Mode {
    #[default]
    Slice,
    Indentation,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Output {
    /// The file; the key of a kept text.
    path: String,
    /// Raw text of the lines, without line numbers.
    text: String,
    /// The first line of `text`, from 1.
    start_line: usize,
    total_lines: usize,
    /// With `indentation`: the headers that enclose the block, outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parents: Vec<Parent>,
    #[serde(flatten)]
    origin: Origin,
    encoding: String,
    line_ending: String,
    final_newline: bool,
    /// Whether there are lines that were not given, or (not in kept texts) lines were cut at 500 characters.
    truncated: bool,
    /// How to go on behind what was given, where no `limit` was named or it was too much for one call.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// Of a file that was given whole: hex BLAKE3 of its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
}

/// Where the text stands.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Origin {
    /// `buffer`: open in the editor.
    source: Place,
    /// The editor's version, for a buffer.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
    /// Whether the buffer holds text that is not saved.
    unsaved: bool,
    /// Only when true: changed on disk behind the editor. Source `disk`: it shows older text; `buffer`: edits are refused.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    changed_on_disk: bool,
}

#[derive(Serialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Place {
    Buffer,
    Disk,
    Kept,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Parent {
    /// From 1.
    line: usize,
    text: String,
}

/// The tool.
pub struct ReadFile {
    spec: ToolSpec,
}

impl ReadFile {
    pub fn new() -> Self {
        Self { spec: ABOUT.spec::<Input, Output>() }
    }
}

impl Tool for ReadFile {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn prepare<'a>(&'a self, cx: &'a ToolCx, arguments: Value) -> BoxFuture<'a, Result<Prepared, ToolError>> {
        Box::pin(async move {
            let input: Input = ABOUT.parse(&self.spec.input_schema, arguments)?;
            let (from, name) = match (&input.path, &input.file_key) {
                (Some(path), None) => {
                    let resolved = cx.workspace.roots().resolve(path);
                    (From::File(resolved.map_err(|error| ToolError::failed(error.to_string()))?), path)
                }
                (None, Some(key)) => (From::Kept(key.clone()), key),
                (None, None) => return Err(ABOUT.wrong("give `path` (a file) or `fileKey` (a kept text).")),
                (Some(_), Some(_)) => return Err(ABOUT.wrong("give `path` or `fileKey`, not both.")),
            };
            let part = match (input.offset, input.limit) {
                (None, None) => String::new(),
                (offset, limit) => {
                    format!(" from line {}, {} lines", offset.unwrap_or(1), limit.unwrap_or(DEFAULT_LIMIT))
                }
            };
            Ok(Prepared {
                line: format!("readFile {name}{part}"),
                action: Action::Look,
                run: Box::new(move |cx| Box::pin(read(input, from, cx))),
            })
        })
    }
}

/// Where a text comes from.
enum From {
    File(PathBuf),
    Kept(String),
}

async fn read(input: Input, from: From, cx: ToolCx) -> Result<ToolOutput, ToolError> {
    let shown = match from {
        From::File(path) => {
            let document = cx.workspace.read(&path).await;
            let document = document.map_err(|error| ToolError::failed(error.to_string()))?;
            Shown::of_file(document, cx.workspace.roots().display(&path))
        }
        From::Kept(key) => {
            let found = text_of(cx.turn.clone(), &key).await?;
            Shown::of_kept(found.text, found.key)
        }
    };
    let output = cut(&input, shown);
    let last = (output.start_line + output.text.lines().count()).saturating_sub(1);
    let summary = format!(
        "{} lines {}-{last} of {}{}",
        output.path,
        output.start_line,
        output.total_lines,
        if output.origin.unsaved { " (unsaved buffer)" } else { "" }
    );
    Ok(ToolOutput { value: to_value(&output)?, summary })
}

/// A text and what is told of it.
struct Shown {
    path: String,
    text: String,
    format: FileFormat,
    origin: Origin,
    /// Of the text, where that is known.
    hash: Option<String>,
}

impl Shown {
    fn of_file(document: Document, path: String) -> Shown {
        let (source, version, unsaved) = match document.source {
            Source::Buffer { version, dirty } => (Place::Buffer, Some(version), dirty),
            Source::Disk => (Place::Disk, None, false),
        };
        let origin = Origin { source, version, unsaved, changed_on_disk: document.changed_on_disk };
        Shown { path, text: document.text, format: document.format, origin, hash: Some(document.hash) }
    }

    fn of_kept(text: String, key: FileKey) -> Shown {
        let origin = Origin { source: Place::Kept, version: None, unsaved: false, changed_on_disk: false };
        Shown { path: key.0, format: FileFormat::of_text(&text), text, origin, hash: None }
    }
}

fn cut(input: &Input, shown: Shown) -> Output {
    let lines: Vec<&str> = split_lines(&shown.text);
    let limit = input.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, lines.len().max(1));
    let offset = input.offset.unwrap_or(1).clamp(1, lines.len().max(1));
    let (first, last, headers) = match input.mode {
        Mode::Slice => (offset - 1, (offset - 1 + limit).min(lines.len()), Vec::new()),
        Mode::Indentation => {
            let (first, last) = block(&lines, offset - 1, limit, input.siblings);
            (first, last, parents(&lines, first, input.parents))
        }
    };
    let (text, all) = match shown.origin.source {
        Place::Kept => within(&lines[first..last], MOST_BYTES),
        _ => shortened(&lines[first..last], MOST_BYTES),
    };
    let parents = headers.into_iter();
    let given = split_lines(&text).len().max(1);
    let all_wanted = input.mode == Mode::Slice && input.limit.is_none();
    let goes_on = first + given < last || (all_wanted && last < lines.len());
    let next = || match shown.origin.source {
        Place::Kept => format!("fileKey: \"{}\", offset: {}", shown.path, first + given + 1),
        _ => format!("path: {}, offset: {}", Value::from(shown.path.as_str()), first + given + 1),
    };
    let hint = goes_on.then(|| format!("await tools.readFile({{ {} }})", next()));
    let truncated = !all || first > 0 || last < lines.len();
    Output {
        path: shown.path,
        text,
        start_line: first + 1,
        total_lines: lines.len(),
        parents: parents.map(|at| Parent { line: at + 1, text: lines[at].trim_end().to_owned() }).collect(),
        origin: shown.origin,
        encoding: name_of(&shown.format.encoding),
        line_ending: name_of(&shown.format.line_ending),
        final_newline: shown.text.ends_with(['\n', '\r']),
        truncated,
        hint,
        hash: shown.hash.filter(|_| !truncated),
    }
}

/// As many of the lines as fit into `most` bytes, long ones cut with a mark, and whether that is all of them.
fn shortened(lines: &[&str], most: usize) -> (String, bool) {
    let mut text = String::new();
    let mut all = true;
    for line in lines {
        if text.len() + line.len().min(4 * LINE_CAP) > most {
            return (text, false);
        }
        match line.char_indices().nth(LINE_CAP) {
            Some((end, _)) if line.trim_end_matches(['\r', '\n']).len() > end => {
                all = false;
                text.push_str(&line[..end]);
                text.push_str(&format!("… [{} more bytes in this line]\n", line.len() - end));
            }
            _ => text.push_str(line),
        }
    }
    (text, all)
}

/// As many of the lines as fit into `most` bytes, the first one cut if it has to be, and whether that is all of them.
fn within(lines: &[&str], most: usize) -> (String, bool) {
    let mut text = String::new();
    for line in lines {
        if text.len() + line.len() > most {
            if text.is_empty() {
                text.push_str(&line[..line.floor_char_boundary(most)]);
            }
            return (text, false);
        }
        text.push_str(line);
    }
    (text, true)
}

fn name_of<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The result of reading a file that holds `text`, changed behind the editor's back or not.
#[cfg(test)]
pub fn of_text(arguments: Value, text: &str, changed_on_disk: bool) -> Result<Value, ToolError> {
    let input: Input = ABOUT.parse(&ReadFile::new().spec.input_schema, arguments)?;
    let document = Document {
        path: PathBuf::new(),
        text: text.to_owned(),
        source: Source::Disk,
        format: FileFormat::of_text(text),
        hash: String::new(),
        changed_on_disk,
    };
    let shown = match &input.file_key {
        Some(key) => Shown::of_kept(text.to_owned(), FileKey(key.clone())),
        None => Shown::of_file(document, "a".to_owned()),
    };
    to_value(&cut(&input, shown))
}
