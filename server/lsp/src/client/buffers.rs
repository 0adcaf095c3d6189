//! Open buffers as an honest editor keeps them: versions, `workspace/applyEdit` checked whole before anything changes.

use crate::convert;
use glossator_text::{PositionEncoding, byte_range};
use ropey::Rope;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tower_lsp::lsp_types::{
    ApplyWorkspaceEditParams, DocumentChangeOperation, DocumentChanges, OneOf, TextDocumentEdit,
};

/// The buffers of one editor.
pub struct Buffers {
    encoding: PositionEncoding,
    open: BTreeMap<String, (i32, String)>,
}

impl Buffers {
    /// No buffers; positions are counted as negotiated.
    pub fn new(encoding: PositionEncoding) -> Buffers {
        Buffers { encoding, open: BTreeMap::new() }
    }

    /// Opens a buffer and gives the parameters of `textDocument/didOpen`.
    pub fn open(&mut self, uri: &str, language: &str, text: &str) -> Value {
        self.open.insert(uri.to_owned(), (0, text.to_owned()));
        json!({ "textDocument": { "uri": uri, "languageId": language, "version": 0, "text": text } })
    }

    /// The text of a buffer.
    pub fn text(&self, uri: &str) -> Option<&str> {
        self.open.get(uri).map(|(_, text)| text.as_str())
    }

    /// Sets the whole text of a buffer, as typing would, and gives the parameters of `textDocument/didChange`.
    pub fn set(&mut self, uri: &str, text: &str) -> Option<Value> {
        let (version, old) = self.open.get_mut(uri)?;
        *version += 1;
        text.clone_into(old);
        Some(
            json!({ "textDocument": { "uri": uri, "version": *version }, "contentChanges": [{ "text": text }] }),
        )
    }

    /// Does what `workspace/applyEdit` asks, or nothing; gives the result and the `didChange` parameters to send before it.
    pub fn apply(&mut self, params: &Value) -> (Value, Vec<Value>) {
        match self.checked(params) {
            Ok(changed) => {
                let changes = changed.into_iter().filter_map(|(uri, text)| self.set(&uri, &text)).collect();
                (json!({ "applied": true }), changes)
            }
            Err(reason) => (json!({ "applied": false, "failureReason": reason }), Vec::new()),
        }
    }

    fn checked(&self, params: &Value) -> Result<Vec<(String, String)>, String> {
        let params: ApplyWorkspaceEditParams =
            serde_json::from_value(params.clone()).map_err(|error| error.to_string())?;
        let edits = match params.edit.document_changes {
            Some(DocumentChanges::Edits(edits)) => edits,
            Some(DocumentChanges::Operations(operations)) => operations
                .into_iter()
                .map(|one| match one {
                    DocumentChangeOperation::Edit(edit) => Ok(edit),
                    DocumentChangeOperation::Op(_) => Err("this editor does not rename or delete".to_owned()),
                })
                .collect::<Result<_, _>>()?,
            None => return Err("no documentChanges".to_owned()),
        };
        edits.into_iter().map(|edit| self.edited(edit)).collect()
    }

    fn edited(&self, edit: TextDocumentEdit) -> Result<(String, String), String> {
        let uri = edit.text_document.uri.to_string();
        let (version, text) = self.open.get(&uri).ok_or_else(|| format!("{uri} is not open"))?;
        if edit.text_document.version.is_some_and(|wanted| wanted != *version) {
            return Err("document has changed".to_owned());
        }
        let rope = Rope::from_str(text);
        let mut replaced: Vec<_> = edit
            .edits
            .into_iter()
            .map(|edit| match edit {
                OneOf::Left(edit) => edit,
                OneOf::Right(annotated) => annotated.text_edit,
            })
            .map(|edit| (byte_range(&rope, convert::range(edit.range), self.encoding), edit.new_text))
            .collect();
        replaced.sort_by_key(|(range, _)| range.start);
        let mut text = text.clone();
        for (range, new) in replaced.into_iter().rev() {
            text.replace_range(range, &new);
        }
        Ok((uri, text))
    }
}
