//! Requests, board, cabinet and spending as clients with the extension are told of them. Pure.

use crate::convert;
use glossator_agent::{CabinetEntry, Preview, Sent, SentPiece};
use glossator_protocol_ext as ext;
use glossator_session::{BoardEntry, BoardSource};

fn pieces(pieces: Vec<SentPiece>) -> Vec<ext::ContextPiece> {
    let piece = |piece: SentPiece| ext::ContextPiece {
        layer: piece.layer,
        origin: piece.origin,
        text: piece.text,
        tokens: piece.tokens,
    };
    pieces.into_iter().map(piece).collect()
}

/// What would be sent.
pub fn preview(preview: Preview) -> ext::PreviewContextResult {
    ext::PreviewContextResult {
        model: preview.model,
        pieces: pieces(preview.pieces),
        tokens: preview.tokens,
        window: preview.window,
        estimated_cost: preview.cost.as_ref().map(convert::cost),
    }
}

/// What was sent.
pub fn sent(sent: Sent) -> ext::SentContextResult {
    let record = sent.record;
    ext::SentContextResult {
        turn_id: sent.turn.to_string(),
        round: sent.round,
        request: ext::SentRequest {
            model: record.model,
            wire: record.wire,
            parameters: record.parameters,
            usage: convert::usage(&record.usage),
            cost: record.cost.as_ref().map(convert::cost),
            millis: record.millis,
            bytes: record.bytes,
            estimated: record.estimated,
            error: record.error,
        },
        body: sent.body,
        exact: sent.exact,
        pieces: pieces(sent.pieces),
    }
}

/// An entry of the board.
pub fn entry(entry: BoardEntry) -> ext::BoardEntry {
    ext::BoardEntry {
        id: entry.id,
        source: match entry.source {
            BoardSource::Page => ext::BoardSource::Page,
            BoardSource::Turn => ext::BoardSource::Turn,
            BoardSource::Task => ext::BoardSource::Task,
            BoardSource::Cabinet => ext::BoardSource::Cabinet,
            BoardSource::Note => ext::BoardSource::Note,
        },
        title: entry.title,
        text: entry.text,
        key: entry.key.map(|key| key.0),
        bytes: entry.bytes,
        turns: entry.turns,
    }
}

/// A document of the cabinet.
pub fn document(entry: CabinetEntry) -> ext::CabinetDocument {
    ext::CabinetDocument {
        key: entry.key.0,
        note: entry.note,
        bytes: entry.bytes,
        saved_at: entry.saved_at,
        expires_at: entry.expires_at,
    }
}
