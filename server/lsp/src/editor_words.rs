//! What the editor's other language servers know, for prompts that mention it: asked of clients that pass it on, and not
//! waited for long, since a prompt waits for it.

use crate::connection::Connection;
use crate::lookups::{ReadDiagnostics, ReadSymbols};
use glossator_protocol_ext as ext;
use serde_json::Value;
use std::fmt::Write;
use std::time::Duration;
use tower_lsp::lsp_types::Diagnostic;
use tower_lsp::lsp_types::request::Request;
use url::Url;

/// How long a client may take.
const PATIENCE: Duration = Duration::from_millis(300);

/// Diagnostics that are told, and characters of each.
const TOLD: usize = 100;
const MESSAGE: usize = 500;

/// The diagnostics of a document, or of all, as a text with one line each; `None`: the client tells none.
pub async fn diagnostics(connection: &Connection, uri: Option<&str>) -> Option<String> {
    if !connection.names("diagnostics") {
        return None;
    }
    let params = ext::ReadDiagnosticsParams { uri: uri.map(str::to_owned) };
    let found = asked::<ReadDiagnostics, _>(connection, params).await?;
    let roots = connection.workspace.roots();
    let shown = |uri: &str| {
        let path = Url::parse(uri).ok().as_ref().and_then(crate::convert::path_of);
        path.map_or_else(|| uri.to_owned(), |path| roots.display(&path))
    };
    Some(as_text(&found, shown))
}

/// What other servers report of a document, as LSP has it; empty: nothing, or the client does not tell.
pub async fn reported(connection: &Connection, uri: &str) -> Vec<Value> {
    if !connection.names("diagnostics") {
        return Vec::new();
    }
    let params = ext::ReadDiagnosticsParams { uri: Some(uri.to_owned()) };
    let found = asked::<ReadDiagnostics, _>(connection, params).await.unwrap_or_default();
    found.documents.into_iter().filter(|one| one.uri == uri).flat_map(|one| one.diagnostics).collect()
}

/// The symbols of a document; empty: the client tells none.
pub async fn symbols(connection: &Connection, uri: &str) -> Vec<ext::SymbolInfo> {
    let uri = Some(uri.to_owned());
    ask_symbols(
        connection,
        ext::ReadSymbolsParams { kind: ext::SymbolsKind::Document, uri, position: None, query: None },
    )
    .await
}

/// The symbols of the workspace whose names match; empty: the client tells none.
pub async fn workspace_symbols(connection: &Connection, query: &str) -> Vec<ext::SymbolInfo> {
    let query = Some(query.to_owned());
    ask_symbols(
        connection,
        ext::ReadSymbolsParams { kind: ext::SymbolsKind::Workspace, uri: None, position: None, query },
    )
    .await
}

async fn ask_symbols(connection: &Connection, params: ext::ReadSymbolsParams) -> Vec<ext::SymbolInfo> {
    if !connection.names("symbols") {
        return Vec::new();
    }
    let found = asked::<ReadSymbols, _>(connection, params).await;
    found.map(|found| found.symbols).unwrap_or_default()
}

async fn asked<R, A>(connection: &Connection, params: R::Params) -> Option<A>
where
    R: Request<Result = Option<A>> + 'static,
    R::Params: Send,
    A: Send + serde::de::DeserializeOwned + serde::Serialize + 'static,
{
    let client = connection.client.clone();
    // A task of its own: an answer that comes too late needs somebody who takes it.
    let asked = tokio::spawn(async move { client.send_request::<R>(params).await });
    tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()?.ok()?
}

fn as_text(found: &ext::ReadDiagnosticsResult, shown: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut count = 0;
    for document in &found.documents {
        for value in &document.diagnostics {
            let Some(line) = line(value) else { continue };
            count += 1;
            if count <= TOLD {
                let _ = writeln!(out, "{}:{line}", shown(&document.uri));
            }
        }
    }
    match count {
        0 => "No diagnostics are reported.".to_owned(),
        count if count > TOLD => format!("{out}({} more)\n", count - TOLD),
        _ => out,
    }
}

/// `12:5 error: cannot find function (rustc)`.
fn line(value: &Value) -> Option<String> {
    let one: Diagnostic = serde_json::from_value(value.clone()).ok()?;
    let severity = match value["severity"].as_u64() {
        Some(1) | None => "error",
        Some(2) => "warning",
        Some(3) => "info",
        _ => "hint",
    };
    let source = one.source.map(|source| format!(" ({source})")).unwrap_or_default();
    let message = crate::words::cut(&one.message.replace('\n', " "), MESSAGE);
    let start = one.range.start;
    Some(format!(
        "{}:{} {severity}: {message}{source}",
        start.line.saturating_add(1),
        start.character.saturating_add(1)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn diagnostics_as_lines() {
        let at = |line: u32| json!({ "start": { "line": line, "character": 4 }, "end": { "line": line, "character": 8 } });
        let documents = vec![ext::DocumentDiagnostics {
            uri: "file:///a.rs".to_owned(),
            version: None,
            diagnostics: vec![
                json!({ "range": at(11), "severity": 1, "source": "rustc", "message": "cannot find\nfunction" }),
                json!({ "range": at(2), "severity": 2, "message": "unused" }),
                json!({ "no": "diagnostic" }),
            ],
        }];
        let text = as_text(&ext::ReadDiagnosticsResult { documents }, |_| "a.rs".to_owned());
        assert_eq!(text, "a.rs:12:5 error: cannot find function (rustc)\na.rs:3:5 warning: unused\n");
        assert_eq!(
            as_text(&ext::ReadDiagnosticsResult::default(), str::to_owned),
            "No diagnostics are reported."
        );
        let many = vec![json!({ "range": at(0), "message": "m" }); 120];
        let documents =
            vec![ext::DocumentDiagnostics { uri: "u".to_owned(), version: None, diagnostics: many }];
        let text = as_text(&ext::ReadDiagnosticsResult { documents }, str::to_owned);
        assert_eq!((text.lines().count(), text.ends_with("(20 more)\n")), (101, true));
    }
}
