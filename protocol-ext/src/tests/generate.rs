//! What is generated from the table: parts of `docs/protocol.md` and the whole of `typescript/protocol.ts`.

use crate::*;
use std::fmt::Write;
use ts_rs::{Config, TS};

/// Puts `body` between the markers `<!-- name -->` and `<!-- /name -->` of `page`.
pub fn between(page: &str, name: &str, body: &str) -> String {
    let (open, close) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let start = page.find(&open).unwrap_or_else(|| panic!("docs/protocol.md has no {open}")) + open.len();
    let end = page.find(&close).unwrap_or_else(|| panic!("docs/protocol.md has no {close}"));
    format!("{}\n{body}{}", &page[..start], &page[end..])
}

fn sender(direction: Direction) -> &'static str {
    match direction {
        Direction::ToServer => "client",
        Direction::ToClient => "server",
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Request => "request",
        Kind::Notification => "notification",
    }
}

/// The table of messages, then each with its examples.
pub fn messages() -> String {
    let mut out = String::from("| method | sent by | kind | for |\n|---|---|---|---|\n");
    for MessageRow { method, direction, kind: is, doc, .. } in MESSAGES {
        let _ = writeln!(out, "| `{method}` | {} | {} | {doc} |", sender(*direction), kind(*is));
    }
    for MessageRow { method, params, result, .. } in MESSAGES {
        let _ = write!(
            out,
            "\n### `{method}`\n\nParameters, `{}`:\n\n```json\n{}\n```\n",
            params.name,
            pretty(params.example)
        );
        if let Some(result) = result {
            let _ = write!(out, "\nResult, `{}`:\n\n```json\n{}\n```\n", result.name, pretty(result.example));
        }
    }
    out
}

fn pretty(json: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

/// The table of commands.
pub fn commands() -> String {
    let mut out = String::from("| command | does | arguments |\n|---|---|---|\n");
    for CommandRow { name, doc, examples, .. } in COMMANDS {
        let examples: Vec<String> = examples.iter().map(|example| format!("`{example}`")).collect();
        let _ = writeln!(out, "| `{name}` | {doc} | {} |", examples.join("<br>"));
    }
    out
}

/// The server's capability object.
pub fn capability() -> String {
    let own = serde_json::to_string(&serde_json::json!({ "glossator": Capability::server() })).unwrap();
    format!("```json\n{}\n```\n", pretty(&own))
}

const HEAD: &str = "\
// Types of the Glossator extension of LSP, for clients in TypeScript.
// Generated from the Rust types in protocol-ext; do not edit. To write it anew:
//     GLOSSATOR_ACCEPT=1 cargo test -p glossator-protocol-ext

/**
 * An item of a session's log. Which other fields there are depends on `kind`; skip kinds you do not know.
 */
export type Item = { id: number, turn: string, round: number, at: number, kind: string, [field: string]: unknown };
";

macro_rules! declarations {
    ($($type:ty),* $(,)?) => { [$(declaration::<$type>()),*] };
}

fn declaration<T: TS>() -> String {
    let config = Config::new().with_large_int("number");
    format!("\n{}{}", T::docs().unwrap_or_default(), indented(&format!("export {}", T::decl(&config))))
}

/// A declaration with its fields indented, comments of one line on one line, and no trailing blanks.
fn indented(declaration: &str) -> String {
    let mut out = String::new();
    let mut depth = 0;
    let flat = declaration.replace("/**\n * ", "/** ");
    for line in flat.lines().map(str::trim) {
        let is_end = line == "*/" && !out.ends_with("*/\n");
        let is_one_line = out.lines().last().is_some_and(|last| last.trim_start().starts_with("/**"));
        if is_end && is_one_line {
            out.pop();
            out += " */\n";
            continue;
        }
        let star = if line.starts_with('*') { " " } else { "" };
        let _ = writeln!(out, "{}{star}{line}", "  ".repeat(depth));
        if !line.starts_with(['/', '*']) {
            depth = (depth + line.matches('{').count()).saturating_sub(line.matches('}').count());
        }
    }
    out
}

/// The types of the script harness.
fn harness_types() -> impl IntoIterator<Item = String> {
    declarations![
        ScriptMode,
        CheckMode,
        CheckScriptParams,
        CheckScriptResult,
        ScriptError,
        ScriptCall,
        Task,
        TaskStatus,
        ListTasksParams,
        ListTasksResult,
        CancelTaskParams,
        CancelTaskResult,
        Pack,
        ListPacksParams,
        ListPacksResult,
        Effect,
        Tool,
        ListToolsParams,
        ListToolsResult,
    ]
}

/// The types of sessions and turns.
fn session_types() -> impl IntoIterator<Item = String> {
    declarations![
        Capability,
        Session,
        SessionParent,
        NewSessionParams,
        NewSessionResult,
        ListSessionsParams,
        ListSessionsResult,
        SearchSessionsParams,
        SearchSessionsResult,
        SessionHit,
        ReadSessionParams,
        ReadSessionResult,
        Writing,
        ResumeSessionParams,
        ResumeSessionResult,
        SessionLeft,
        ForkSessionParams,
        RenameSessionParams,
        RenameSessionResult,
        ArchiveSessionParams,
        ArchiveSessionResult,
        DeleteSessionParams,
        DeleteSessionResult,
        ExportFormat,
        ExportSessionParams,
        ExportSessionResult,
        ImportSessionParams,
        ConfigureSessionParams,
        ConfigureSessionResult,
        CompactSessionParams,
        CompactSessionResult,
        EditorStateParams,
        EditorState,
        ActiveDocument,
        Position,
        Range,
        Input,
        StartTurnParams,
        StartTurnResult,
        InterruptTurnParams,
        InterruptTurnResult,
        UndoTurnParams,
        UndoTurnResult,
        SessionSettings,
        SteerTurnParams,
        SteerTurnResult,
        QueuedPrompt,
        QueueTurnResult,
        ListQueuedParams,
        ListQueuedResult,
        UnqueueTurnParams,
        UnqueueTurnResult,
    ]
}

/// The types of context, spending, board and cabinet.
fn context_types() -> impl IntoIterator<Item = String> {
    declarations![
        ContextPiece,
        PreviewContextParams,
        PreviewContextResult,
        SentContextParams,
        SentContextResult,
        SentRequest,
        ReadUsageParams,
        ReadUsageResult,
        SessionUsage,
        DayUsage,
        Budget,
        BoardEntry,
        BoardSource,
        ReadBoardParams,
        ReadBoardResult,
        PostBoardParams,
        PostBoardResult,
        RemoveBoardParams,
        RemoveBoardResult,
        CabinetDocument,
        CabinetKeyParams,
        ListCabinetParams,
        ListCabinetResult,
        ReadCabinetResult,
        DeleteCabinetResult,
        SaveCabinetParams,
        SaveCabinetResult,
    ]
}

/// The types of review.
fn review_types() -> impl IntoIterator<Item = String> {
    declarations![
        HunkState,
        HunkPart,
        Hunk,
        HunkFile,
        HunkOutcome,
        ReadChangeSetParams,
        ReadChangeSetResult,
        Resolution,
        HunkDecision,
        ResolveChangeSetParams,
        ResolveChangeSetResult,
        ShownFile,
        ShowChangeSetParams,
        ShowChangeSetResult,
        SaveBuffersParams,
        SaveBuffersResult,
    ]
}

/// The types of lists, sign-in, completion and what is asked of the client.
fn list_types() -> impl IntoIterator<Item = String> {
    declarations![
        ListModelsParams,
        ListModelsResult,
        ModelInfo,
        ListGrantsParams,
        ListGrantsResult,
        GrantInfo,
        RevokeGrantsParams,
        RevokeGrantsResult,
        AuthStatusParams,
        AuthStatusResult,
        AuthProvider,
        Missing,
        RefusedData,
        KeySource,
        LoginParams,
        LoginResult,
        LogoutParams,
        LogoutResult,
        McpStatusParams,
        McpStatusResult,
        McpServer,
        CompletePromptParams,
        CompletePromptResult,
        PromptItem,
        PromptItemKind,
        AskInputParams,
        InputAnswer,
        ReadDiagnosticsParams,
        ReadDiagnosticsResult,
        DocumentDiagnostics,
        ReadSymbolsParams,
        SymbolsKind,
        ReadSymbolsResult,
        SymbolInfo,
    ]
}

/// The types of trust, asks, updates and commands.
fn other_types() -> impl IntoIterator<Item = String> {
    declarations![
        ReadTrustParams,
        SetTrustParams,
        TrustResult,
        FolderTrust,
        Decision,
        Grant,
        AskHunk,
        AskSubject,
        Ask,
        AskParams,
        Answer,
        TurnStatus,
        NoticeLevel,
        Usage,
        Cost,
        StartedItem,
        StartedKind,
        PlanStep,
        PlanStepStatus,
        Update,
        SessionUpdateParams,
        AskArgument,
        EditArgument,
        SendArgument,
        TurnArgument,
        AnswerArgument,
        TaskArgument,
        ReviewArgument,
        HunkArgument,
        PlaceArgument,
        FileArgument,
        SessionArgument,
        ChatArgument,
        StopArgument,
        CodeArgument,
        ForkHereArgument,
        OpenArgument,
        BlockArgument,
        ChoiceArgument,
        ProviderArgument,
        QuestionArgument,
    ]
}

/// The whole TypeScript file.
pub fn typescript() -> String {
    let mut out = HEAD.to_owned();
    out.extend(session_types());
    out.extend(context_types());
    out.extend(review_types());
    out.extend(harness_types());
    out.extend(list_types());
    out.extend(other_types());
    out += &methods("Requests the client sends.", "ClientRequests", Direction::ToServer, Kind::Request);
    out += &methods("Requests the server sends.", "ServerRequests", Direction::ToClient, Kind::Request);
    out += &methods(
        "Notifications the server sends.",
        "ServerNotifications",
        Direction::ToClient,
        Kind::Notification,
    );
    out
}

fn methods(doc: &str, name: &str, direction: Direction, kind: Kind) -> String {
    let mut out = format!("\n/**\n * {doc}\n */\nexport interface {name} {{\n");
    for row in MESSAGES.iter().filter(|row| row.direction == direction && row.kind == kind) {
        let _ = match row.result {
            Some(result) => writeln!(
                out,
                "  \"{}\": {{ params: {}, result: {} }},",
                row.method, row.params.name, result.name
            ),
            None => writeln!(out, "  \"{}\": {{ params: {} }},", row.method, row.params.name),
        };
    }
    out + "}\n"
}
