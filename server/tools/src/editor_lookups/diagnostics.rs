//! The tool `diagnostics`: errors and warnings as the editor shows them.

use super::shown::{Place, Reader};
use super::{GIVEN, MOST, failed, file, keep};
use crate::arguments::{About, to_value};
use crate::keys::blocking;
use crate::{Action, Prepared, Tool, ToolCx};
use futures::future::BoxFuture;
use glossator_session::{Effect, FileKey, ToolError, ToolOutput, ToolSpec};
use glossator_text::PositionEncoding;
use glossator_workspace::{Reported, Severity, Workspace};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the model is told.
pub(crate) const ABOUT: About = About {
    name: "diagnostics",
    description: "Errors and warnings that the user's editor shows, of one file or of all, for unsaved text too. None is no \
                  proof: run the compiler or the tests for that.",
    example: "await tools.diagnostics({ path: \"src/a.rs\" })",
    plain: Some("path"),
    bare: true,
    effect: Effect::Read,
    freeform: None,
    brief: "",
    rare: &[],
};

/// What to use where no editor tells.
const INSTEAD: &str = "Run the compiler, the linter or the tests with exec instead.";

/// Characters of a message.
const MESSAGE: usize = 1_000;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Input {
    /// A file; all files if not given.
    #[serde(default)]
    path: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Output {
    diagnostics: Vec<Finding>,
    /// How many there are in all.
    total: usize,
    /// They may be of an older text than the editor shows now.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stale: bool,
    /// All of them, where there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// One thing that is reported.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Finding {
    pub severity: Level,
    pub path: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub end_line: usize,
    pub message: String,
    /// Who says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The file is outside the workspace.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub outside: bool,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Level {
    Error,
    Warning,
    Info,
    Hint,
}

impl From<Severity> for Level {
    fn from(severity: Severity) -> Level {
        match severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
            Severity::Information => Level::Info,
            Severity::Hint => Level::Hint,
        }
    }
}

impl Finding {
    /// In one line.
    pub fn line(&self) -> String {
        let level = format!("{:?}", self.severity).to_lowercase();
        let source = self.source.as_ref().map(|source| format!(" ({source})")).unwrap_or_default();
        let message = self.message.split_whitespace().collect::<Vec<_>>().join(" ");
        format!("{}:{}:{} {level}: {message}{source}", self.path, self.line, self.column)
    }
}

/// What was reported, errors first, then by file and line. Blocks.
pub(super) fn findings(workspace: Workspace, encoding: PositionEncoding, all: Vec<Reported>) -> Vec<Finding> {
    let mut reader = Reader::new(workspace, encoding);
    let mut found: Vec<Finding> = Vec::new();
    for reported in &all {
        for one in &reported.diagnostics {
            let Place { path, line, column, end_line, outside, .. } = reader.place(&reported.of, one.range);
            found.push(Finding {
                severity: one.severity.into(),
                path,
                line,
                column,
                end_line,
                message: one.message.chars().take(MESSAGE).collect(),
                source: one.source.clone(),
                code: one.code.clone(),
                outside,
            });
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The tool.
pub(crate) struct Diagnostics {
    spec: ToolSpec,
}

impl Diagnostics {
    pub fn new() -> Self {
        Self { spec: ABOUT.spec::<Input, Output>() }
    }
}

impl Tool for Diagnostics {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn prepare<'a>(&'a self, _: &'a ToolCx, arguments: Value) -> BoxFuture<'a, Result<Prepared, ToolError>> {
        Box::pin(async move {
            let input: Input = ABOUT.parse(&self.spec.input_schema, arguments)?;
            let line = format!("diagnostics {}", input.path.as_deref().unwrap_or_default());
            Ok(Prepared {
                line: line.trim_end().to_owned(),
                action: Action::Look,
                run: Box::new(move |cx| Box::pin(look(input.path, cx))),
            })
        })
    }
}

async fn look(path: Option<String>, cx: ToolCx) -> Result<ToolOutput, ToolError> {
    let path = path.map(|path| file(&cx, ABOUT.name, &path)).transpose()?;
    let answer = cx.workspace.diagnostics(path.as_deref()).await;
    let answer = answer.map_err(|error| failed(ABOUT.name, &error, INSTEAD))?;
    let (workspace, encoding) = (cx.workspace.clone(), answer.encoding);
    let mut found = blocking(move || Ok(findings(workspace, encoding, answer.found))).await?;
    let total = found.len();
    found.truncate(MOST);
    let (mut file_key, mut hint) = (None, None);
    if found.len() > GIVEN {
        let (key, how) = keep(&cx.turn, found.iter().map(Finding::line).collect()).await;
        (file_key, hint) = (key.map(|FileKey(key)| key), Some(how));
        found.truncate(GIVEN);
    }
    let errors = found.iter().filter(|one| one.severity == Level::Error).count();
    let summary = match (total, errors) {
        (0, _) => "nothing is reported".to_owned(),
        (total, errors) => format!("{total} reported, {errors} of them errors"),
    };
    let output = Output { diagnostics: found, total, stale: answer.stale, file_key, hint };
    Ok(ToolOutput { value: to_value(&output)?, summary })
}
