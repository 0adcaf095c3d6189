//! What the client tells of code by `glossator/diagnostics/read` and `glossator/symbols/read`: the requests, and their answers
//! in the words of the workspace. What of an answer cannot be understood is left out.

use crate::convert;
use glossator_protocol_ext as ext;
use glossator_text::Position;
use glossator_workspace::{
    Diagnostic, DocumentName, Located, LookupError, Reported, Severity, Symbol, SymbolQuery, Symbols,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower_lsp::Client;
use tower_lsp::lsp_types as lsp;
use tower_lsp::lsp_types::request::Request;
use url::Url;

/// `glossator/diagnostics/read`.
pub enum ReadDiagnostics {}

impl Request for ReadDiagnostics {
    type Params = ext::ReadDiagnosticsParams;
    type Result = Option<ext::ReadDiagnosticsResult>;
    const METHOD: &'static str = ext::method::DIAGNOSTICS_READ;
}

/// `glossator/symbols/read`.
pub enum ReadSymbols {}

impl Request for ReadSymbols {
    type Params = ext::ReadSymbolsParams;
    type Result = Option<ext::ReadSymbolsResult>;
    const METHOD: &'static str = ext::method::SYMBOLS_READ;
}

/// What other servers report of a document, or of all.
pub async fn diagnostics(client: &Client, of: Option<DocumentName>) -> Result<Vec<Reported>, LookupError> {
    let uri = of.map(uri_of).transpose()?;
    let found = ask::<ReadDiagnostics, _>(client, ext::ReadDiagnosticsParams { uri: uri.clone() }).await?;
    let all = found.documents.into_iter().map(reported);
    let wanted = uri.map(located);
    // A client may write the same URI in another way.
    let is_of = |one: &Reported| {
        wanted.as_ref().is_none_or(|of| one.of == *of || (of.path.is_some() && one.of.path == of.path))
    };
    Ok(all.filter(is_of).collect())
}

/// Definitions, references or symbols.
pub async fn symbols(client: &Client, query: SymbolQuery) -> Result<Symbols, LookupError> {
    let found = ask::<ReadSymbols, _>(client, params(query)?).await?;
    let symbols = found.symbols.into_iter().map(|one| Symbol {
        name: one.name,
        kind: one.kind,
        of: located(one.uri),
        range: convert::ext_range(one.range),
        container: one.container,
    });
    Ok(Symbols { symbols: symbols.collect(), complete: found.complete })
}

/// Asks the client. A task of its own: an answer that comes when nobody waits any more needs somebody who takes it.
async fn ask<R, A>(client: &Client, params: R::Params) -> Result<A, LookupError>
where
    R: Request<Result = Option<A>> + 'static,
    R::Params: Send,
    A: Send + DeserializeOwned + serde::Serialize + 'static,
{
    let client = client.clone();
    let asked = tokio::spawn(async move { client.send_request::<R>(params).await });
    let failed = |why: &str| LookupError::Failed(format!("the editor could not tell: {why}"));
    match asked.await {
        Ok(Ok(Some(answer))) => Ok(answer),
        Ok(Ok(None)) => Err(failed("it gave an empty answer")),
        Ok(Err(error)) => Err(failed(&error.message)),
        Err(_) => Err(failed("the connection broke")),
    }
}

fn params(query: SymbolQuery) -> Result<ext::ReadSymbolsParams, LookupError> {
    use ext::SymbolsKind as Kind;
    let at = |at: Position| ext::Position { line: at.line, character: at.character };
    let (kind, of, position, query) = match query {
        SymbolQuery::Definition(of, place) => (Kind::Definition, Some(of), Some(at(place)), None),
        SymbolQuery::References(of, place) => (Kind::References, Some(of), Some(at(place)), None),
        SymbolQuery::Document(of) => (Kind::Document, Some(of), None, None),
        SymbolQuery::Workspace(query) => (Kind::Workspace, None, None, Some(query)),
    };
    Ok(ext::ReadSymbolsParams { kind, uri: of.map(uri_of).transpose()?, position, query })
}

fn uri_of(name: DocumentName) -> Result<String, LookupError> {
    match name {
        DocumentName::Open(uri) => Ok(uri),
        DocumentName::File(path) => Url::from_file_path(&path)
            .map(String::from)
            .map_err(|()| LookupError::Failed(format!("{} cannot be written as a URI", path.display()))),
    }
}

fn located(uri: String) -> Located {
    let path = Url::parse(&uri).ok().as_ref().and_then(convert::path_of);
    Located { uri, path }
}

fn reported(one: ext::DocumentDiagnostics) -> Reported {
    let diagnostics = one.diagnostics.iter().filter_map(diagnostic).collect();
    Reported { of: located(one.uri), version: one.version, diagnostics }
}

/// A diagnostic as LSP has it; of one that other servers made up, what can be understood.
fn diagnostic(value: &Value) -> Option<Diagnostic> {
    let range: lsp::Range = serde_json::from_value(value["range"].clone()).ok()?;
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let code = &value["code"];
    Some(Diagnostic {
        range: convert::range(range),
        severity: match value["severity"].as_u64() {
            Some(2) => Severity::Warning,
            Some(3) => Severity::Information,
            Some(4) => Severity::Hint,
            _ => Severity::Error,
        },
        message: text(&value["message"]).or_else(|| text(&value["message"]["value"]))?,
        source: text(&value["source"]),
        code: text(code).or_else(|| code.as_i64().map(|code| code.to_string())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_text::Range;
    use serde_json::json;

    #[test]
    fn what_cannot_be_understood_is_left_out() {
        let range = json!({ "start": { "line": 1, "character": 2 }, "end": { "line": 1, "character": 5 } });
        let at = |line, character| Position { line, character };
        let plain = Diagnostic {
            range: Range { start: at(1, 2), end: at(1, 5) },
            severity: Severity::Error,
            message: "m".to_owned(),
            source: None,
            code: None,
        };
        let check =
            |value: Value, expected: Option<Diagnostic>| assert_eq!(diagnostic(&value), expected, "{value}");
        check(json!({ "range": range, "message": "m" }), Some(plain.clone()));
        check(
            json!({ "range": range, "message": { "value": "m" }, "severity": 2, "source": "rustc", "code": 308 }),
            Some(Diagnostic {
                severity: Severity::Warning,
                source: Some("rustc".to_owned()),
                code: Some("308".to_owned()),
                ..plain.clone()
            }),
        );
        check(json!({ "range": range, "message": "m", "severity": 99, "code": [] }), Some(plain));
        for odd in [
            json!(null),
            json!({ "message": "m" }),
            json!({ "range": range }),
            json!({ "range": range, "message": 3 }),
        ] {
            check(odd, None);
        }
    }

    #[test]
    fn queries_as_requests() {
        let at = Position { line: 3, character: 4 };
        let name = || DocumentName::Open("file:///a%20b.rs".to_owned());
        let check = |query, expected: Value| {
            assert_eq!(serde_json::to_value(params(query).unwrap()).unwrap(), expected)
        };
        check(
            SymbolQuery::Definition(name(), at),
            json!({ "kind": "definition", "uri": "file:///a%20b.rs", "position": { "line": 3, "character": 4 } }),
        );
        check(
            SymbolQuery::Document(DocumentName::File("/a b.rs".into())),
            json!({ "kind": "document", "uri": "file:///a%20b.rs" }),
        );
        check(SymbolQuery::Workspace("q".to_owned()), json!({ "kind": "workspace", "query": "q" }));
        assert!(params(SymbolQuery::Document(DocumentName::File("a".into()))).is_err());
        assert_eq!(located("untitled:x".to_owned()).path, None);
    }
}
