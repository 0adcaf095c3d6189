//! What the user of one connection sees with a prompt: as the client says, where it was asked or says it by itself, else as
//! far as LSP tells.

use crate::connection::Connection;
use crate::convert;
use crate::looking::At;
use glossator_agent::{ActiveDocument, EditorState, OpenDocument};
use glossator_protocol_ext as ext;
use std::path::PathBuf;
use std::time::Duration;
use tower_lsp::lsp_types::request::Request;
use url::Url;

/// `glossator/editor/state`.
enum AskEditorState {}

impl Request for AskEditorState {
    type Params = ext::EditorStateParams;
    type Result = Option<ext::EditorState>;
    const METHOD: &'static str = ext::method::EDITOR_STATE;
}

/// How long a client may take to say what its user sees: a prompt waits for it.
const PATIENCE: Duration = Duration::from_millis(300);

/// What the user sees, with what the client `said` of it, if it said something. Documents of ours are left out.
pub async fn state(connection: &Connection, said: Option<ext::EditorState>) -> EditorState {
    let asked = match said {
        None if connection.names("editor") => ask(connection).await,
        said => said,
    };
    let said = asked.unwrap_or_default();
    let known = match said.active {
        Some(active) => Some(At { uri: active.uri, selection: active.selection.map(convert::ext_range) }),
        None => connection.looking.last(),
    };
    let mut open: Vec<OpenDocument> = connection
        .workspace
        .overlay()
        .all()
        .into_iter()
        .filter_map(|buffer| {
            let ours = connection.is_ours(buffer.path.as_deref());
            (!ours).then_some(OpenDocument { uri: buffer.uri, path: buffer.path, unsaved: buffer.dirty })
        })
        .collect();
    if let Some(order) = said.open {
        // What only the client knows (a tab that was never loaded) is named as well.
        open = order
            .into_iter()
            .map(|uri| named(&open, uri))
            .filter(|one| !connection.is_ours(one.path.as_deref()))
            .collect();
    }
    let active = known.map(|at| {
        let path = path_of(&open, &at.uri);
        ActiveDocument { uri: at.uri, path, selection: at.selection }
    });
    EditorState { open, active: active.filter(|one| !connection.is_ours(one.path.as_deref())) }
}

async fn ask(connection: &Connection) -> Option<ext::EditorState> {
    let client = connection.client.clone();
    // A task of its own: an answer that comes too late needs somebody who takes it.
    let params = ext::EditorStateParams {};
    let asked = tokio::spawn(async move { client.send_request::<AskEditorState>(params).await });
    tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()?.ok()?
}

fn named(open: &[OpenDocument], uri: String) -> OpenDocument {
    match open.iter().find(|one| one.uri == uri) {
        Some(one) => one.clone(),
        None => OpenDocument { path: path_of(&[], &uri), uri, unsaved: false },
    }
}

fn path_of(open: &[OpenDocument], uri: &str) -> Option<PathBuf> {
    match open.iter().find(|one| one.uri == uri) {
        Some(one) => one.path.clone(),
        None => Url::parse(uri).ok().as_ref().and_then(convert::path_of),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_that_only_the_client_knows_are_named() {
        let open = [OpenDocument { uri: "file:///a".to_owned(), path: Some("/a".into()), unsaved: true }];
        assert!(named(&open, "file:///a".to_owned()).unsaved);
        let other = named(&open, "file:///b".to_owned());
        assert_eq!((other.path, other.unsaved), (Some(PathBuf::from("/b")), false));
        assert_eq!(named(&open, "untitled:1".to_owned()).path, None);
    }
}
