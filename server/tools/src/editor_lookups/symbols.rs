//! The tool `symbols`: what a file defines, or where in the workspace a name is defined.

use super::shown::{Place, Reader};
use super::{GIVEN, MOST, failed, file, keep};
use crate::arguments::{About, to_value};
use crate::keys::blocking;
use crate::{Action, Prepared, Tool, ToolCx};
use futures::future::BoxFuture;
use glossator_session::{Effect, FileKey, ToolError, ToolOutput, ToolSpec};
use glossator_workspace::{Answered, DocumentName, SymbolQuery, Symbols};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the model is told.
pub(crate) const ABOUT: About = About {
    name: "symbols",
    description: "Functions, types and the like, as the user's editor knows them: of a file (`path`), of the workspace by name \
                  (`query`), or both.",
    example: "await tools.symbols({ query: \"Parser\" })",
    plain: Some("query"),
    bare: false,
    effect: Effect::Read,
    freeform: None,
    brief: "",
    rare: &[],
};

/// What to use where no editor tells.
const INSTEAD: &str = "Search with grepFiles, or read the file, instead.";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Input {
    /// A file.
    #[serde(default)]
    path: Option<String>,
    /// A name or a part of one.
    #[serde(default)]
    query: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Output {
    symbols: Vec<Named>,
    /// How many there are in all.
    total: usize,
    /// Whether every language server has answered.
    complete: bool,
    /// The text was changed meanwhile: look at the lines.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stale: bool,
    /// All of them, where there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Named {
    name: String,
    /// `function`, `struct`, ...
    kind: String,
    path: String,
    /// From 1.
    line: usize,
    end_line: usize,
    /// What it is a part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<String>,
    /// The file is outside the workspace and cannot be read.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    outside: bool,
}

impl Named {
    fn line(&self) -> String {
        let within = self.container.as_ref().map(|name| format!(" in {name}")).unwrap_or_default();
        format!("{}:{} {} {}{within}", self.path, self.line, self.kind, self.name)
    }
}

/// The tool.
pub(crate) struct SymbolsTool {
    spec: ToolSpec,
}

impl SymbolsTool {
    pub fn new() -> Self {
        Self { spec: ABOUT.spec::<Input, Output>() }
    }
}

impl Tool for SymbolsTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn prepare<'a>(&'a self, _: &'a ToolCx, arguments: Value) -> BoxFuture<'a, Result<Prepared, ToolError>> {
        Box::pin(async move {
            let Input { path, query } = ABOUT.parse(&self.spec.input_schema, arguments)?;
            let query = query.map(|query| query.trim().to_owned()).filter(|query| !query.is_empty());
            if path.is_none() && query.is_none() {
                return Err(ABOUT.wrong("give `path` (a file), `query` (a name), or both."));
            }
            let words = [path.as_deref(), query.as_deref()].into_iter().flatten();
            let line = format!("symbols {}", words.collect::<Vec<_>>().join(" "));
            Ok(Prepared {
                line,
                action: Action::Look,
                run: Box::new(move |cx| Box::pin(look(path, query, cx))),
            })
        })
    }
}

/// Asks for the symbols of the file or of the workspace; once more if the file changes meanwhile.
async fn ask(cx: &ToolCx, path: Option<&str>, query: Option<&str>) -> Result<Answered<Symbols>, ToolError> {
    let path = path.map(|path| file(cx, ABOUT.name, path)).transpose()?;
    let query = |name: Option<DocumentName>, _| match name {
        Some(name) => SymbolQuery::Document(name),
        None => SymbolQuery::Workspace(query.unwrap_or_default().to_owned()),
    };
    let ask = || async {
        let answer = cx.workspace.symbols(path.as_deref().map(|path| (path, None)), query).await;
        answer.map_err(|error| failed(ABOUT.name, &error, INSTEAD))
    };
    let answer = ask().await?;
    if answer.stale { ask().await } else { Ok(answer) }
}

async fn look(path: Option<String>, query: Option<String>, cx: ToolCx) -> Result<ToolOutput, ToolError> {
    let answer = ask(&cx, path.as_deref(), query.as_deref()).await?;
    let (workspace, encoding, complete) = (cx.workspace.clone(), answer.encoding, answer.found.complete);
    let part = query.filter(|_| path.is_some()).map(|query| query.to_lowercase());
    let named = blocking(move || {
        let mut reader = Reader::new(workspace, encoding);
        let mut all = answer.found.symbols;
        all.retain(|one| part.as_ref().is_none_or(|part| one.name.to_lowercase().contains(part)));
        let total = all.len();
        let named = all.into_iter().take(MOST).map(|one| {
            let Place { path, line, end_line, outside, .. } = reader.place(&one.of, one.range);
            let (name, kind, container) = (one.name, one.kind, one.container);
            Named { name, kind, path, line, end_line, container, outside }
        });
        Ok((named.collect::<Vec<_>>(), total))
    });
    let (mut symbols, total) = named.await?;
    let (mut file_key, mut hint) = (None, None);
    if symbols.len() > GIVEN {
        let (key, how) = keep(&cx.turn, symbols.iter().map(Named::line).collect()).await;
        (file_key, hint) = (key.map(|FileKey(key)| key), Some(how));
        symbols.truncate(GIVEN);
    }
    let output = Output { symbols, total, complete, stale: answer.stale, file_key, hint };
    Ok(ToolOutput { value: to_value(&output)?, summary: format!("{total} symbols") })
}
