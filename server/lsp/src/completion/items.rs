//! Offers as LSP and as the extension tell them. Pure.

use super::{Offer, Offers};
use crate::convert;
use glossator_protocol_ext as ext;
use glossator_text::{PositionEncoding, Range, position_at};
use ropey::Rope;
use serde_json::json;
use tower_lsp::lsp_types::{
    CompletionItem, CompletionItemKind, CompletionList, CompletionTextEdit, TextEdit,
};

/// The range that offers replace in `text`.
fn range(text: &Rope, offers: &Offers, encoding: PositionEncoding) -> Range {
    Range {
        start: position_at(text, offers.range.start, encoding),
        end: position_at(text, offers.range.end, encoding),
    }
}

/// For LSP's completion.
pub fn list(text: &Rope, offers: Offers, encoding: PositionEncoding) -> CompletionList {
    let range = convert::lsp_range(range(text, &offers, encoding));
    let item = |(at, offer): (usize, Offer)| CompletionItem {
        label: offer.label,
        kind: Some(kind(offer.kind)),
        detail: offer.detail,
        // In our order, whatever the client thinks of the letters.
        sort_text: Some(format!("{at:04}")),
        filter_text: Some(offer.filter),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text: offer.insert })),
        data: offer.about.map(|about| json!(about)),
        ..CompletionItem::default()
    };
    CompletionList {
        is_incomplete: offers.incomplete,
        items: offers.offers.into_iter().enumerate().map(item).collect(),
    }
}

/// For `glossator/prompt/complete`.
pub fn prompt_items(text: &Rope, offers: Offers, encoding: PositionEncoding) -> ext::CompletePromptResult {
    let Range { start, end } = range(text, &offers, encoding);
    let point = |at: glossator_text::Position| ext::Position { line: at.line, character: at.character };
    let range = ext::Range { start: point(start), end: point(end) };
    let item = |offer: Offer| ext::PromptItem {
        label: offer.label,
        kind: offer.kind,
        detail: offer.detail,
        insert_text: offer.insert,
        range,
    };
    ext::CompletePromptResult {
        items: offers.offers.into_iter().map(item).collect(),
        incomplete: offers.incomplete,
    }
}

fn kind(kind: ext::PromptItemKind) -> CompletionItemKind {
    match kind {
        ext::PromptItemKind::File | ext::PromptItemKind::Buffer => CompletionItemKind::FILE,
        ext::PromptItemKind::Folder => CompletionItemKind::FOLDER,
        ext::PromptItemKind::Symbol => CompletionItemKind::REFERENCE,
        ext::PromptItemKind::Diagnostics => CompletionItemKind::EVENT,
        ext::PromptItemKind::Session => CompletionItemKind::MODULE,
        ext::PromptItemKind::Agent => CompletionItemKind::VALUE,
        ext::PromptItemKind::Command => CompletionItemKind::KEYWORD,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_counted_in_the_encoding_of_the_client() {
        let text = "a\né\u{1F600} @wa";
        let offer = Offer {
            label: "walk.rs".to_owned(),
            kind: ext::PromptItemKind::File,
            detail: None,
            insert: "@walk.rs".to_owned(),
            filter: "@walk.rs".to_owned(),
            about: None,
        };
        for (encoding, from, to) in [
            (PositionEncoding::Utf8, 7, 10),
            (PositionEncoding::Utf16, 4, 7),
            (PositionEncoding::Utf32, 3, 6),
        ] {
            let offers = Offers { range: 9..12, offers: vec![offer.clone()], incomplete: true };
            let rope = Rope::from_str(text);
            let told = prompt_items(&rope, offers.clone(), encoding);
            let range = &told.items[0].range;
            assert_eq!(
                (range.start.line, range.start.character, range.end.character),
                (1, from, to),
                "{encoding:?}"
            );
            let list = list(&rope, offers, encoding);
            let Some(CompletionTextEdit::Edit(edit)) = &list.items[0].text_edit else { panic!("{list:?}") };
            assert_eq!((edit.range.start.character, edit.range.end.character), (from, to));
            assert!(list.is_incomplete);
        }
    }
}
