//! Between LSP's types and ours, in one place. Pure.

mod asks;

pub use asks::{answer, ask, grant};

use asks::ext_answer;
use glossator_agent::{Check, CheckReport, Resolution};
use glossator_protocol_ext as ext;
use glossator_session::{
    Cost, Effect, Event, EventKind, HunkState, InputPart, PlanStep, QueuedPrompt, Started, StepStatus,
    ToolSpec, Usage,
};
use glossator_text::{Position, PositionEncoding, Range};
use glossator_tools::Mode;
use serde_json::Value;
use std::path::PathBuf;
use tower_lsp::lsp_types as lsp;
use url::Url;

/// The last line and character that a position can have: the protocol's `uinteger` ends there. Some clients name the end of a
/// document by a larger one.
const LAST: u32 = i32::MAX as u32;

/// The path of a `file:` URI; other schemes have none.
pub fn path_of(uri: &Url) -> Option<PathBuf> {
    (uri.scheme() == "file").then(|| uri.to_file_path().ok()).flatten()
}

pub fn range(range: lsp::Range) -> Range {
    Range { start: position(range.start), end: position(range.end) }
}

pub fn position(position: lsp::Position) -> Position {
    Position { line: position.line.min(LAST), character: position.character.min(LAST) }
}

pub fn lsp_range(range: Range) -> lsp::Range {
    let position = |at: Position| lsp::Position { line: at.line, character: at.character };
    lsp::Range { start: position(range.start), end: position(range.end) }
}

pub fn ext_range(range: ext::Range) -> Range {
    let position =
        |at: ext::Position| Position { line: at.line.min(LAST), character: at.character.min(LAST) };
    Range { start: position(range.start), end: position(range.end) }
}

/// The encoding to speak: UTF-8 where the client offers it, else the client's first choice that is known, else UTF-16.
pub fn choose_encoding(offered: Option<&[lsp::PositionEncodingKind]>) -> PositionEncoding {
    let known = |kind: &lsp::PositionEncodingKind| match kind.as_str() {
        "utf-8" => Some(PositionEncoding::Utf8),
        "utf-16" => Some(PositionEncoding::Utf16),
        "utf-32" => Some(PositionEncoding::Utf32),
        _ => None,
    };
    let offered: Vec<PositionEncoding> = offered.unwrap_or_default().iter().filter_map(known).collect();
    match offered.contains(&PositionEncoding::Utf8) {
        true => PositionEncoding::Utf8,
        false => offered.first().copied().unwrap_or_default(),
    }
}

pub fn encoding_kind(encoding: PositionEncoding) -> lsp::PositionEncodingKind {
    match encoding {
        PositionEncoding::Utf8 => lsp::PositionEncodingKind::UTF8,
        PositionEncoding::Utf16 => lsp::PositionEncodingKind::UTF16,
        PositionEncoding::Utf32 => lsp::PositionEncodingKind::UTF32,
    }
}

/// Whether a client asks for diagnostics and can be told to ask again, by its `capabilities` as they came: Helix says so in
/// `workspace.diagnostic`, the others in `workspace.diagnostics`.
pub fn pulls_diagnostics(capabilities: &Value) -> bool {
    let refreshes = |key: &str| capabilities["workspace"][key]["refreshSupport"] == true;
    capabilities["textDocument"]["diagnostic"].is_object()
        && (refreshes("diagnostics") || refreshes("diagnostic"))
}

/// Whether a client shows Markdown in hovers; one that does not say is taken to.
pub fn shows_markdown(capabilities: Option<&lsp::ClientCapabilities>) -> bool {
    let documents = capabilities.and_then(|all| all.text_document.as_ref());
    let formats = documents.and_then(|documents| documents.hover.as_ref()?.content_format.as_ref());
    formats.is_none_or(|formats| formats.contains(&lsp::MarkupKind::Markdown))
}

/// An event as clients with the extension are told.
pub fn update(event: &Event) -> ext::SessionUpdateParams {
    ext::SessionUpdateParams {
        session_id: event.session.0.clone(),
        turn_id: event.turn.map(|turn| turn.to_string()),
        seq: event.seq,
        update: update_kind(&event.kind),
    }
}

fn update_kind(kind: &EventKind) -> ext::Update {
    match kind {
        EventKind::TurnStarted => ext::Update::TurnStarted,
        EventKind::ItemStarted { item, stream, title, agent } => ext::Update::ItemStarted {
            item: ext::StartedItem {
                kind: match item {
                    Started::ToolCall => ext::StartedKind::ToolCall,
                    Started::Script => ext::StartedKind::Script,
                    Started::Reasoning => ext::StartedKind::Reasoning,
                    Started::Answer => ext::StartedKind::Answer,
                },
                id: stream.clone(),
                title: title.clone(),
                agent: agent.as_ref().map(|agent| agent.0.clone()),
            },
        },
        EventKind::Plan { steps } => ext::Update::Plan { plan: steps.iter().map(plan_step).collect() },
        EventKind::Queue { prompts, waits } => {
            ext::Update::Queue { prompts: prompts.iter().map(queued).collect(), waits: waits.clone() }
        }
        EventKind::ItemDelta { stream, text } => {
            // A stream of another agent is named after it.
            let (stream, agent) = match stream.split_once('@') {
                Some((stream, agent)) => (stream, Some(agent.to_owned())),
                None => (stream.as_str(), None),
            };
            ext::Update::ItemDelta { stream: stream.to_owned(), text: text.clone(), agent }
        }
        EventKind::ItemCompleted { item } => {
            ext::Update::ItemCompleted { item: serde_json::to_value(item).unwrap_or(Value::Null) }
        }
        EventKind::Ask { ask: asked } => ext::Update::Ask { ask: ask(asked) },
        EventKind::AskResolved { id, answer } => {
            ext::Update::AskResolved { id: id.0.clone(), answer: ext_answer(answer) }
        }
        EventKind::ChangeSet { id, state, files } => {
            ext::Update::ChangeSet { id: id.0.clone(), state: state.clone(), files: files.clone() }
        }
        EventKind::Usage { usage: spent, cost: sum } => {
            ext::Update::Usage { cost: sum.as_ref().map(cost), usage: usage(spent) }
        }
        EventKind::RateLimits { limits } => ext::Update::RateLimits { limits: limits.clone() },
        EventKind::Notice { level, text } => {
            ext::Update::Notice { level: same(level, ext::NoticeLevel::Info), text: text.clone() }
        }
        EventKind::SessionChanged { title, archived } => {
            ext::Update::Session { title: title.clone(), archived: *archived, settings: None }
        }
        EventKind::TurnCompleted { status, message } => ext::Update::TurnCompleted {
            status: same(status, ext::TurnStatus::Failed),
            message: message.clone(),
        },
    }
}

pub fn cost(cost: &Cost) -> ext::Cost {
    ext::Cost { micro_usd: cost.micro_usd, prices_of: cost.prices_of.clone() }
}

pub fn usage(usage: &Usage) -> ext::Usage {
    ext::Usage {
        input: usage.input,
        cache_read: usage.cache_read,
        cache_write: usage.cache_write,
        output: usage.output,
        reasoning: usage.reasoning,
    }
}

/// Between two enums that are written the same way on the wire. `other` never comes to be: a test walks all variants.
fn same<A: serde::Serialize, B: serde::de::DeserializeOwned>(value: &A, other: B) -> B {
    serde_json::to_value(value).ok().and_then(|value| serde_json::from_value(value).ok()).unwrap_or(other)
}

pub fn mode(mode: ext::ScriptMode) -> Mode {
    match mode {
        ext::ScriptMode::Enabled => Mode::Enabled,
        ext::ScriptMode::DryRun => Mode::DryRun,
        ext::ScriptMode::Disabled => Mode::Disabled,
    }
}

/// What a check of a script found; calls are known after a dry run only.
pub fn checked(report: CheckReport, check: Check) -> ext::CheckScriptResult {
    let calls = report.calls.into_iter().map(|call| ext::ScriptCall {
        name: call.name,
        line: call.line,
        verdict: call.verdict,
    });
    let calls: Vec<ext::ScriptCall> = calls.collect();
    ext::CheckScriptResult {
        ok: report.ok,
        error: report.error.map(|error| ext::ScriptError {
            name: error.name,
            message: error.message,
            line: error.line,
            column: error.column,
            excerpt: error.excerpt,
            hint: error.hint,
        }),
        calls: (check == Check::DryRun).then_some(calls),
        text: report.text,
    }
}

/// A tool as clients are told of it.
pub fn tool(spec: &ToolSpec) -> ext::Tool {
    ext::Tool {
        name: spec.name.clone(),
        summary: summary(&spec.description),
        description: spec.description.clone(),
        effect: match spec.effect {
            Effect::Read => ext::Effect::Read,
            Effect::Write => ext::Effect::Write,
            Effect::Run => ext::Effect::Run,
            Effect::Network => ext::Effect::Network,
            Effect::Agent => ext::Effect::Agent,
        },
        declaration: spec.declaration.clone(),
    }
}

/// The first sentence of a text.
fn summary(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    line.split_inclusive(". ").next().unwrap_or_default().trim_end().to_owned()
}

pub fn hunk_state(state: HunkState) -> ext::HunkState {
    match state {
        HunkState::Pending => ext::HunkState::Pending,
        HunkState::Amended => ext::HunkState::Amended,
        HunkState::Undone => ext::HunkState::Undone,
        HunkState::Kept => ext::HunkState::Kept,
        HunkState::Rejected => ext::HunkState::Rejected,
    }
}

fn plan_step(step: &PlanStep) -> ext::PlanStep {
    let status = match step.status {
        StepStatus::Pending => ext::PlanStepStatus::Pending,
        StepStatus::InProgress => ext::PlanStepStatus::InProgress,
        StepStatus::Done => ext::PlanStepStatus::Done,
    };
    ext::PlanStep { text: step.text.clone(), status }
}

/// A prompt that waits, as clients are told of it.
pub fn queued(prompt: &QueuedPrompt) -> ext::QueuedPrompt {
    ext::QueuedPrompt {
        id: prompt.id.clone(),
        input: prompt.input.iter().map(input).collect(),
        at: prompt.at,
    }
}

/// A part of a prompt as a client would send it; what stood in a mentioned range is not among it.
pub fn input(part: &InputPart) -> ext::Input {
    match part {
        InputPart::Text { text } => ext::Input::Text { text: text.clone() },
        InputPart::Mention { uri, range, .. } => {
            ext::Input::Mention { uri: uri.clone(), range: range.map(to_ext_range) }
        }
        InputPart::Image { image, name } => ext::Input::Image {
            media_type: image.media_type.clone(),
            data: image.data.clone(),
            name: Some(name.clone()).filter(|name| !name.is_empty()),
        },
    }
}

fn to_ext_range(range: Range) -> ext::Range {
    let position = |at: Position| ext::Position { line: at.line, character: at.character };
    ext::Range { start: position(range.start), end: position(range.end) }
}

pub fn resolution(resolution: ext::Resolution) -> Resolution {
    match resolution {
        ext::Resolution::Keep => Resolution::Keep,
        ext::Resolution::Reject => Resolution::Reject,
        ext::Resolution::Reopen => Resolution::Reopen,
        ext::Resolution::Edit(text) => Resolution::Edit(text),
    }
}

/// What the user pointed at: the URI, the part, and the text that stands there now.
pub fn mention(uri: String, range: Option<Range>, text: Option<String>) -> InputPart {
    InputPart::Mention { uri, range, text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::{Grant, NoticeLevel, TurnStatus};
    use serde_json::json;

    #[test]
    fn enums_that_travel_are_written_alike() {
        for level in [NoticeLevel::Info, NoticeLevel::Warning, NoticeLevel::Error] {
            assert_eq!(format!("{level:?}"), format!("{:?}", same(&level, ext::NoticeLevel::Info)));
        }
        for status in [TurnStatus::Done, TurnStatus::Failed, TurnStatus::Interrupted, TurnStatus::Limited] {
            assert_eq!(format!("{status:?}"), format!("{:?}", same(&status, ext::TurnStatus::Failed)));
        }
        for one in [Grant::Once, Grant::Session, Grant::Exact, Grant::Prefix, Grant::Directory, Grant::Always]
        {
            assert_eq!(serde_json::json!(one), one.name());
            let there = same(&one, ext::Grant::Once);
            assert_eq!(format!("{one:?}"), format!("{there:?}"));
            assert_eq!(one, grant(there));
        }
    }

    #[test]
    fn who_pulls_diagnostics() {
        let check = |capabilities: Value, expected| {
            assert_eq!(pulls_diagnostics(&capabilities), expected, "{capabilities}")
        };
        let pull = json!({ "dynamicRegistration": true });
        let refresh = json!({ "refreshSupport": true });
        check(
            json!({ "textDocument": { "diagnostic": pull }, "workspace": { "diagnostics": refresh } }),
            true,
        );
        check(
            json!({ "textDocument": { "diagnostic": pull }, "workspace": { "diagnostic": refresh } }),
            true,
        );
        check(json!({ "textDocument": { "diagnostic": pull } }), false);
        check(json!({ "workspace": { "diagnostics": refresh } }), false);
        check(
            json!({ "textDocument": { "diagnostic": null }, "workspace": { "diagnostics": refresh } }),
            false,
        );
        check(json!([]), false);
        check(Value::Null, false);
    }

    #[test]
    fn encodings() {
        let check = |offered: &[&str], expected| {
            let offered: Vec<_> =
                offered.iter().map(|name| lsp::PositionEncodingKind::from(name.to_string())).collect();
            assert_eq!(choose_encoding(Some(&offered)), expected, "{offered:?}");
        };
        check(&["utf-8", "utf-32", "utf-16"], PositionEncoding::Utf8);
        check(&["utf-32", "utf-8", "utf-16"], PositionEncoding::Utf8);
        check(&["utf-16"], PositionEncoding::Utf16);
        check(&["utf-32"], PositionEncoding::Utf32);
        check(&["utf-7"], PositionEncoding::Utf16);
        check(&[], PositionEncoding::Utf16);
        assert_eq!(choose_encoding(None), PositionEncoding::Utf16);
    }
}
