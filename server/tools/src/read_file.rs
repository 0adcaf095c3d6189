//! `readFile`: a part of one file as the user sees it, unsaved text included.

use crate::arguments::{About, to_value};
use crate::{Action, Prepared, Tool, ToolCx};
use futures::future::BoxFuture;
use glossator_session::{Effect, ToolError, ToolOutput, ToolSpec};
use glossator_workspace::{Document, Source};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const ABOUT: About = About {
    name: "readFile",
    description: "Reads lines of a text file as the user sees it: unsaved text of an open buffer wins over the disk.",
    example: "await tools.readFile({ path: \"src/main.rs\", offset: 1, limit: 200 })",
    plain: Some("path"),
    effect: Effect::Read,
    freeform: None,
};

/// Lines given when no limit is named.
const DEFAULT_LIMIT: usize = 2000;
/// Characters of a line beyond which it is cut, with a mark.
const LINE_CAP: usize = 500;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Input {
    /// Relative to the workspace, or absolute inside it.
    path: String,
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
    /// Whether there are lines that were not given, or lines were cut at 500 characters.
    truncated: bool,
}

/// Where the text stands.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Origin {
    /// `buffer`: open in the editor; `disk`: not open.
    source: String,
    /// The editor's version, for a buffer.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
    /// Whether the buffer holds text that is not saved.
    unsaved: bool,
    /// Only when true: the file on disk was changed by something else while its open buffer has no unsaved changes, so
    /// `text` is not what is on disk.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    changed_on_disk: bool,
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
            let input: Input = ABOUT.parse(arguments)?;
            let path = cx
                .workspace
                .roots()
                .resolve(&input.path)
                .map_err(|error| ToolError::failed(error.to_string()))?;
            let line = match (input.offset, input.limit) {
                (None, None) => format!("readFile {}", input.path),
                (offset, limit) => {
                    let first = offset.unwrap_or(1);
                    format!(
                        "readFile {} from line {first}, {} lines",
                        input.path,
                        limit.unwrap_or(DEFAULT_LIMIT)
                    )
                }
            };
            Ok(Prepared {
                line,
                action: Action::Look,
                run: Box::new(move |cx| {
                    Box::pin(async move {
                        let document = cx
                            .workspace
                            .read(&path)
                            .await
                            .map_err(|error| ToolError::failed(error.to_string()))?;
                        let output = cut(&input, &document, cx.workspace.roots().display(&path));
                        let last = (output.start_line + output.text.lines().count()).saturating_sub(1);
                        let summary = format!(
                            "{} lines {}-{last} of {}{}",
                            output.path,
                            output.start_line,
                            output.total_lines,
                            if output.origin.unsaved { " (unsaved buffer)" } else { "" }
                        );
                        Ok(ToolOutput { value: to_value(&output)?, summary })
                    })
                }),
            })
        })
    }
}

fn cut(input: &Input, document: &Document, path: String) -> Output {
    let lines: Vec<&str> = split_lines(&document.text);
    let limit = input.limit.unwrap_or(DEFAULT_LIMIT).max(1);
    let offset = input.offset.unwrap_or(1).clamp(1, lines.len().max(1));
    let (first, last, headers) = match input.mode {
        Mode::Slice => (offset - 1, (offset - 1 + limit).min(lines.len()), Vec::new()),
        Mode::Indentation => {
            let (first, last) = block(&lines, offset - 1, limit, input.siblings);
            (first, last, parents(&lines, first, input.parents))
        }
    };
    let mut truncated = first > 0 || last < lines.len();
    let mut text = String::new();
    for line in &lines[first..last] {
        match line.char_indices().nth(LINE_CAP) {
            Some((end, _)) if line.trim_end_matches(['\r', '\n']).len() > end => {
                truncated = true;
                text.push_str(&line[..end]);
                text.push_str(&format!("… [{} more bytes in this line]\n", line.len() - end));
            }
            _ => text.push_str(line),
        }
    }
    let (source, version, unsaved) = match document.source {
        Source::Buffer { version, dirty } => ("buffer", Some(version), dirty),
        Source::Disk => ("disk", None, false),
    };
    let format = &document.format;
    Output {
        path,
        text,
        start_line: first + 1,
        total_lines: lines.len(),
        parents: headers
            .into_iter()
            .map(|at| Parent { line: at + 1, text: lines[at].trim_end().to_owned() })
            .collect(),
        origin: Origin {
            source: source.to_owned(),
            version,
            unsaved,
            changed_on_disk: document.changed_on_disk,
        },
        encoding: name_of(&format.encoding),
        line_ending: name_of(&format.line_ending),
        final_newline: document.text.ends_with(['\n', '\r']),
        truncated,
    }
}

fn name_of<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// First line, text and lines of the parents of what `arguments` ask of a file that holds `text`.
#[cfg(test)]
pub fn cut_text(arguments: Value, text: &str) -> Result<(usize, String, Vec<usize>), ToolError> {
    let input: Input = ABOUT.parse(arguments)?;
    let output = cut(&input, &document(text, false), String::new());
    Ok((output.start_line, output.text, output.parents.iter().map(|parent| parent.line).collect()))
}

/// The whole result for a file that holds `text`, changed behind the editor's back or not.
#[cfg(test)]
pub fn whole(text: &str, changed_on_disk: bool) -> Result<Value, ToolError> {
    let input: Input = ABOUT.parse(serde_json::json!({ "path": "a" }))?;
    to_value(&cut(&input, &document(text, changed_on_disk), "a".to_owned()))
}

#[cfg(test)]
fn document(text: &str, changed_on_disk: bool) -> Document {
    Document {
        path: std::path::PathBuf::new(),
        text: text.to_owned(),
        source: Source::Disk,
        format: glossator_text::FileFormat::of_text(text),
        hash: String::new(),
        changed_on_disk,
    }
}

/// Lines with their endings (LF, CRLF and CR).
fn split_lines(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut lines = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'\n' => at + 1,
            b'\r' if bytes.get(at + 1) == Some(&b'\n') => at + 2,
            b'\r' => at + 1,
            _ => {
                at += 1;
                continue;
            }
        };
        lines.push(&text[start..end]);
        start = end;
        at = end;
    }
    if start < text.len() {
        lines.push(&text[start..]);
    }
    lines
}

/// Columns of white space before the text (a tab counts 4); `None` for a blank line.
fn indent(line: &str) -> Option<usize> {
    let width = line.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { 4 } else { 1 }).sum();
    (!line.trim().is_empty()).then_some(width)
}

/// The block that line `at` opens (its header, what is indented deeper, the closing line), else the run of lines around it
/// that are indented at least as far; with `siblings` always the latter. As a range of line indexes, `limit` at the most.
fn block(lines: &[&str], at: usize, limit: usize, siblings: bool) -> (usize, usize) {
    let Some(depth) = lines.get(at).and_then(|line| indent(line)) else {
        return (at, (at + 1).min(lines.len()));
    };
    let deeper = |line: &&&str| indent(line).is_none_or(|width| width > depth);
    let as_deep = |line: &&&str| indent(line).is_none_or(|width| width >= depth);
    let inside = lines[at + 1..].iter().take_while(deeper).count();
    let opens = lines[at + 1..at + 1 + inside].iter().any(|line| indent(line).is_some());
    let (first, mut last) = match opens && !siblings {
        true => {
            let closing = lines.get(at + 1 + inside).is_some_and(|line| {
                indent(line) == Some(depth) && line.trim_start().starts_with(['}', ')', ']'])
            });
            (at, at + 1 + inside + usize::from(closing))
        }
        false => {
            let before = lines[..at].iter().rev().take_while(as_deep).count();
            (at - before.min(limit / 2), at + 1 + lines[at + 1..].iter().take_while(as_deep).count())
        }
    };
    while last > at + 1 && indent(lines[last - 1]).is_none() {
        last -= 1;
    }
    (first, last.min(first + limit))
}

/// The headers that enclose line `at`, outermost first.
fn parents(lines: &[&str], at: usize, most: Option<usize>) -> Vec<usize> {
    let Some(mut depth) = lines.get(at).and_then(|line| indent(line)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for candidate in (0..at).rev() {
        if depth == 0 || most.is_some_and(|most| found.len() >= most) {
            break;
        }
        if let Some(width) = indent(lines[candidate]).filter(|width| *width < depth) {
            depth = width;
            found.push(candidate);
        }
    }
    found.reverse();
    found
}
