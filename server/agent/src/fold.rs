//! From the events of one model request to items, scripts and native calls. Pure: shows nothing, stores nothing.

#[cfg(test)]
mod tests;

use glossator_models::{Assembled, FinishedBlock, ModelEvent, StopReason};
use glossator_script::{Piece, Scanner};
use glossator_session::{Cost, ItemBody, ToolCall, Usage};
use serde_json::Value;
use std::collections::BTreeMap;

/// A fragment to show while the answer is written.
#[derive(Debug, PartialEq)]
pub struct Fragment {
    /// `answer`, `reasoning` or `script`.
    pub stream: &'static str,
    pub text: String,
}

/// The answer as far as it has come.
#[derive(Default)]
pub struct Fold {
    assembled: Assembled,
    /// The text blocks that are being written, by index: scanner and text.
    open: BTreeMap<usize, (Scanner, String)>,
    /// Something was given out to be shown since the answer began.
    pub shown: bool,
    /// The model began to write results of its own; nothing after that counts.
    pub self_written: bool,
}

/// A finished answer.
#[derive(Debug, Default, PartialEq)]
pub struct Answered {
    /// Its items, in order.
    pub bodies: Vec<ItemBody>,
    /// The scripts in it, in order.
    pub scripts: Vec<String>,
    /// Native calls; an error holds arguments that are not JSON.
    pub calls: Vec<(ToolCall, Option<String>)>,
    /// A `<tool-calls>` block was opened and not closed.
    pub unclosed: bool,
    /// A whole block stands where it is only shown: in a Markdown fence, say.
    pub shown_block: bool,
    /// The model began to write results of its own.
    pub self_written: bool,
    /// Why the model stopped; `None` when the answer was cut.
    pub stop: Option<StopReason>,
    pub usage: Usage,
    /// What the provider itself said it cost.
    pub cost: Option<Cost>,
}

impl Fold {
    /// Takes one event in; gives what there is to show.
    pub fn push(&mut self, event: &ModelEvent) -> Vec<Fragment> {
        self.assembled.push(event);
        let fragments = match event {
            ModelEvent::Started { .. } => {
                self.open.clear();
                self.shown = false;
                Vec::new()
            }
            ModelEvent::Text { block, delta } => self.text(*block, delta),
            ModelEvent::Reasoning { delta, .. } => {
                vec![Fragment { stream: "reasoning", text: delta.clone() }]
            }
            ModelEvent::Block { block, finished: FinishedBlock::Text { .. } } => self.close(*block),
            _ => Vec::new(),
        };
        self.shown |= !fragments.is_empty();
        fragments
    }

    fn text(&mut self, block: usize, delta: &str) -> Vec<Fragment> {
        let (scanner, text) = self.open.entry(block).or_insert_with(|| (Scanner::new(), String::new()));
        let pieces = scanner.push(delta);
        text.push_str(delta);
        self.self_written |= pieces.contains(&Piece::SelfWrittenResults);
        show(&pieces)
    }

    fn close(&mut self, block: usize) -> Vec<Fragment> {
        let Some((scanner, _)) = self.open.remove(&block) else {
            return Vec::new();
        };
        let (pieces, _) = scanner.finish();
        self.self_written |= pieces.contains(&Piece::SelfWrittenResults);
        show(&pieces)
    }

    /// The answer as it stands: whole, or cut where the stream ended.
    pub fn finish(self) -> Answered {
        let mut answered = Answered {
            stop: self.assembled.stop,
            usage: self.assembled.usage,
            cost: self.assembled.cost,
            ..Answered::default()
        };
        for block in self.assembled.blocks {
            answered.take(block);
        }
        for (_, text) in self.open.into_values() {
            answered.take(FinishedBlock::Text { text, raw: None });
        }
        answered
    }
}

impl Answered {
    fn take(&mut self, block: FinishedBlock) {
        if self.self_written {
            return;
        }
        match block {
            FinishedBlock::Text { text, raw } => self.take_text(text, raw),
            FinishedBlock::Reasoning { text, raw } => self.bodies.push(ItemBody::Reasoning { text, raw }),
            FinishedBlock::Opaque { raw } => {
                self.bodies.push(ItemBody::Reasoning { text: String::new(), raw: Some(raw) });
            }
            FinishedBlock::ToolCall { id, name, arguments } => {
                let (arguments, broken) = match arguments {
                    Ok(value) => (value, None),
                    Err(text) => (Value::Object(serde_json::Map::new()), Some(text)),
                };
                self.calls.push((ToolCall { id, name, arguments }, broken));
                let call = self.calls[self.calls.len() - 1].0.clone();
                self.bodies.push(ItemBody::ToolCall { call, script: None });
            }
        }
    }

    fn take_text(&mut self, text: String, raw: Option<glossator_session::Raw>) {
        let mut scanner = Scanner::new();
        let mut pieces = scanner.push(&text);
        let (rest, unclosed) = scanner.finish();
        pieces.extend(rest);
        self.unclosed |= unclosed.is_some();
        let mut kept = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(part) | Piece::ScriptText(part) => kept.push_str(&part),
                Piece::ScriptStart => kept.push_str("<tool-calls>"),
                Piece::ScriptEnd { source } => {
                    kept.push_str("</tool-calls>");
                    // Lines are counted from the first line of code, not from that of the tag.
                    let code = source.strip_prefix("\r\n").or_else(|| source.strip_prefix('\n'));
                    self.scripts.push(code.unwrap_or(&source).to_owned());
                }
                Piece::SelfWrittenResults => {
                    self.self_written = true;
                    break;
                }
            }
        }
        self.shown_block |= self.scripts.is_empty() && shows_block(&kept);
        let (text, raw) = if self.self_written { (kept, None) } else { (text, raw) };
        if !text.trim().is_empty() || raw.is_some() {
            self.bodies.push(ItemBody::Answer { text, raw });
        }
    }
}

/// Whether both tags stand on lines of their own, be it behind the mark of a quotation.
fn shows_block(text: &str) -> bool {
    let mut tags = text.lines().map(|line| line.trim_start_matches(['>', ' ', '\t']).trim_end());
    tags.any(|line| line.eq_ignore_ascii_case("<tool-calls>"))
        && tags.any(|line| line.eq_ignore_ascii_case("</tool-calls>"))
}

fn show(pieces: &[Piece]) -> Vec<Fragment> {
    let mut fragments = Vec::new();
    for piece in pieces {
        let (stream, text) = match piece {
            Piece::Text(text) => ("answer", text.clone()),
            Piece::ScriptText(text) => ("script", text.clone()),
            _ => continue,
        };
        if !text.is_empty() {
            fragments.push(Fragment { stream, text });
        }
    }
    fragments
}
