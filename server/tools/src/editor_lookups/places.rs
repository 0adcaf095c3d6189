//! The tools `definition` and `references`: where something is defined, and where it is used.

use super::place::{self, Input};
use super::shown::{Place, Reader};
use super::{GIVEN, MOST, failed, keep};
use crate::arguments::{About, to_value};
use crate::keys::blocking;
use crate::{Action, Prepared, Tool, ToolCx};
use futures::future::BoxFuture;
use glossator_session::{Effect, FileKey, ToolError, ToolOutput, ToolSpec};
use glossator_workspace::{Answered, DocumentName, SymbolQuery, Symbols};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// What the model is told of `definition`.
pub(crate) const DEFINITION: About = About {
    name: "definition",
    description: "Where a name is defined, as the user's editor knows it.",
    example: "await tools.definition({ path: \"src/a.rs\", line: 12, symbol: \"parse\" })",
    plain: None,
    bare: false,
    effect: Effect::Read,
    freeform: None,
    brief: "",
    rare: &[],
};

/// What the model is told of `references`.
pub(crate) const REFERENCES: About = About {
    name: "references",
    description: "Where a name is used, its definition included, as the user's editor knows it.",
    example: "await tools.references({ path: \"src/a.rs\", line: 12, symbol: \"parse\" })",
    plain: None,
    bare: false,
    effect: Effect::Read,
    freeform: None,
    brief: "",
    rare: &[],
};

/// What to use where no editor tells.
const INSTEAD: &str = "Search for the name with grepFiles instead.";

/// Times that a question is asked whose text changes.
const TRIES: usize = 2;

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Output {
    places: Vec<Spot>,
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

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Spot {
    path: String,
    /// From 1.
    line: usize,
    /// From 1, in characters.
    column: usize,
    end_line: usize,
    /// The line.
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
    /// The file is outside the workspace and cannot be read.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    outside: bool,
}

impl From<Place> for Spot {
    fn from(place: Place) -> Spot {
        let Place { path, line, column, end_line, outside, text } = place;
        Spot { path, line, column, end_line, text, outside }
    }
}

/// The tool `definition`.
pub(crate) struct Definition {
    spec: ToolSpec,
}

/// The tool `references`.
pub(crate) struct References {
    spec: ToolSpec,
}

impl Definition {
    pub fn new() -> Self {
        Self { spec: DEFINITION.spec::<Input, Output>() }
    }
}

impl References {
    pub fn new() -> Self {
        Self { spec: REFERENCES.spec::<Input, Output>() }
    }
}

impl Tool for Definition {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn prepare<'a>(&'a self, _: &'a ToolCx, arguments: Value) -> BoxFuture<'a, Result<Prepared, ToolError>> {
        Box::pin(async move { prepare(&DEFINITION, &self.spec, arguments) })
    }
}

impl Tool for References {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn prepare<'a>(&'a self, _: &'a ToolCx, arguments: Value) -> BoxFuture<'a, Result<Prepared, ToolError>> {
        Box::pin(async move { prepare(&REFERENCES, &self.spec, arguments) })
    }
}

fn prepare(about: &'static About, spec: &ToolSpec, arguments: Value) -> Result<Prepared, ToolError> {
    let input: Input = about.parse(&spec.input_schema, arguments)?;
    Ok(Prepared {
        line: input.shown(about.name),
        action: Action::Look,
        run: Box::new(move |cx| Box::pin(look(about, input, cx))),
    })
}

/// Asks for what is at the place of `input`; once more if the text changes meanwhile.
async fn ask(about: &About, input: &Input, cx: &ToolCx) -> Result<Answered<Symbols>, ToolError> {
    let mut tries = 1;
    loop {
        let at = place::find(cx, about, input).await?;
        let query = |name: Option<DocumentName>, encoding| {
            let name = name.unwrap_or_else(|| DocumentName::File(at.path.clone()));
            match about.name == DEFINITION.name {
                true => SymbolQuery::Definition(name, at.position(encoding)),
                false => SymbolQuery::References(name, at.position(encoding)),
            }
        };
        let answer = cx.workspace.symbols(Some((&at.path, at.version)), query).await;
        let answer = answer.map_err(|error| failed(about.name, &error, INSTEAD))?;
        if !answer.stale || tries == TRIES {
            return Ok(answer);
        }
        tries += 1;
    }
}

async fn look(about: &'static About, input: Input, cx: ToolCx) -> Result<ToolOutput, ToolError> {
    let answer = ask(about, &input, &cx).await?;
    let (workspace, encoding, complete) = (cx.workspace.clone(), answer.encoding, answer.found.complete);
    let total = answer.found.symbols.len();
    let places = blocking(move || {
        let mut reader = Reader::new(workspace, encoding);
        let symbols = answer.found.symbols.iter().take(MOST);
        // Several servers may know the same place.
        let places: BTreeSet<Place> = symbols.map(|one| reader.place(&one.of, one.range)).collect();
        Ok(places)
    });
    let mut places: Vec<Place> = places.await?.into_iter().collect();
    let total = if total > MOST { total } else { places.len() };
    let files: BTreeSet<&String> = places.iter().map(|place| &place.path).collect();
    let summary = format!("{total} places in {} files", files.len());
    let (mut file_key, mut hint) = (None, None);
    if places.len() > GIVEN {
        let line = |at: &Place| format!("{}:{}:{} {}", at.path, at.line, at.column, at.text);
        let (key, how) = keep(&cx.turn, places.iter().map(line).collect()).await;
        (file_key, hint) = (key.map(|FileKey(key)| key), Some(how));
        places.truncate(GIVEN);
    }
    let places = places.into_iter().map(Spot::from).collect();
    let output = Output { places, total, complete, stale: answer.stale, file_key, hint };
    Ok(ToolOutput { value: to_value(&output)?, summary })
}
