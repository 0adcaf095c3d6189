//! A prompt piece by piece, for people: the very same assembly, with the layer, the origin and the tokens of each text.

use crate::entry::{Origin, Said};
use crate::{Inputs, native};
use glossator_session::{Part, ToolSpec, TurnId};

/// Tokens that an image is counted with: models charge by its size, which is not known here.
const IMAGE_TOKENS: u64 = 1_500;

/// A piece of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The layer of the system text by its name, `tools` for those offered natively, else the turn: `T-3`.
    pub layer: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Its text as it is sent; a call and a provider's own block as JSON, an image in words.
    pub text: String,
    /// Its tokens as they were counted; what wires add around a piece is not among them.
    pub tokens: u64,
}

/// The pieces of [`assemble`](crate::assemble)'s prompt for the same inputs, in its order: their texts one after the other
/// are its texts.
pub fn explain(inputs: &Inputs, count: &dyn Fn(&str) -> u64) -> Vec<Piece> {
    let piece =
        |layer: String, origin: Origin, text: String| Piece { tokens: count(&text), layer, origin, text };
    let layers = inputs.layers.iter();
    let mut pieces: Vec<Piece> = layers
        .map(|part| piece(part.layer.clone(), Origin::of_layer(&part.layer), part.text.clone()))
        .collect();
    let tools = inputs.native_tools.iter().map(native::offered);
    pieces.extend(tools.map(|tool| piece("tools".to_owned(), Origin::ToolReference, tool_text(&tool))));
    for entry in inputs.strategy.history(inputs) {
        for said in entry.parts {
            pieces.push(part_piece(&said, count));
        }
    }
    pieces
}

fn part_piece(said: &Said, count: &dyn Fn(&str) -> u64) -> Piece {
    let text = part_text(&said.part);
    let images = match &said.part {
        Part::Image { .. } => 1,
        Part::ToolOutput { images, .. } => images.len() as u64,
        _ => 0,
    };
    let tokens = count(&text) + images * IMAGE_TOKENS;
    Piece { layer: layer_of(said.turn), origin: said.origin, text, tokens }
}

fn layer_of(turn: TurnId) -> String {
    turn.to_string()
}

fn tool_text(tool: &ToolSpec) -> String {
    format!("{}: {} {}", tool.name, tool.description, tool.input_schema)
}

fn part_text(part: &Part) -> String {
    match part {
        Part::Text { text } | Part::ToolOutput { text, .. } => text.clone(),
        Part::Raw { raw } => raw.json.clone(),
        Part::ToolCall { name, arguments, .. } => format!("{name}({arguments})"),
        Part::Image { image } => format!("[{}, {} bytes in base64]", image.media_type, image.data.len()),
    }
}
