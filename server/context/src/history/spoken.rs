//! What the reader itself said: its messages as it wrote them, provider's own blocks byte for byte or not at all.

use crate::round::Round;
use crate::{Inputs, Reader};
use glossator_session::{Item, ItemBody, ItemId, Part, Raw};

/// Which of the provider's own blocks can be sent back.
pub(super) struct Spoken {
    /// Blocks from this item on were made when something stood before them that is lost: some providers bind them to all
    /// earlier bytes, and refuse them without.
    unbound: Option<ItemId>,
}

impl Spoken {
    /// A log has no gaps in its ids; behind one a line was lost or left out.
    pub fn of(items: &[Item]) -> Spoken {
        let gap = items.windows(2).find(|pair| pair[1].id.0 > pair[0].id.0.saturating_add(1));
        Spoken { unbound: gap.map(|pair| pair[1].id) }
    }

    /// The reader's own parts of a round, in the order in which it wrote them.
    pub fn parts(&self, round: &Round, reader: &Reader) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        let mut sent = 0;
        let mut calls = round.native_calls().peekable();
        for item in &round.items {
            match &item.body {
                ItemBody::Answer { text, raw } => match self.own(item.id, raw, reader) {
                    Some(raw) => parts.push(Part::Raw { raw }),
                    None if text.trim().is_empty() => continue,
                    None => parts.push(Part::Text { text: text.clone() }),
                },
                ItemBody::Reasoning { raw, .. } => {
                    parts.extend(self.own(item.id, raw, reader).map(|raw| Part::Raw { raw }));
                    continue;
                }
                // A second call with the same id is not among them.
                ItemBody::ToolCall { call, script: None }
                    if calls.next_if(|next| std::ptr::eq(*next, call)).is_some() =>
                {
                    let (id, name, arguments) = (call.id.clone(), call.name.clone(), call.arguments.clone());
                    parts.push(Part::ToolCall { id, name, arguments });
                }
                _ => continue,
            }
            sent = parts.len();
        }
        // Thinking that led to nothing (the stream was stopped) may not be the last block of a message.
        parts.truncate(sent);
        parts
    }

    /// A raw block of the model that is asked, where all that stood before it still does; blocks of others mean nothing
    /// to it.
    fn own(&self, id: ItemId, raw: &Option<Raw>, reader: &Reader) -> Option<Raw> {
        let bound = self.unbound.is_none_or(|unbound| id < unbound);
        raw.as_ref().filter(|raw| bound && raw.model == reader.model && raw.wire == reader.wire).cloned()
    }
}

/// Whether the reader answered in a round.
pub(super) fn is_answered(round: &Round, reader: &Reader) -> bool {
    let mut own = round.items.iter().filter(|item| item.agent.as_ref() == reader.agent);
    own.any(|item| is_assistant(&item.body))
}

/// Whether the reader was, or is about to be, asked again in the turn of the first of `rounds`.
pub(super) fn goes_on(rounds: &[Round], inputs: &Inputs) -> bool {
    let Some((first, later)) = rounds.split_first() else {
        return false;
    };
    let mut of_turn = later.iter().take_while(|round| round.turn == first.turn);
    let ended = |round: &Round| round.bodies().any(|body| matches!(body, ItemBody::TurnEnded { .. }));
    of_turn.clone().any(|round| is_answered(round, &inputs.reader))
        || first.turn == inputs.current && !ended(first) && !of_turn.any(ended)
}

fn is_assistant(body: &ItemBody) -> bool {
    matches!(
        body,
        ItemBody::Answer { .. } | ItemBody::Reasoning { .. } | ItemBody::ToolCall { script: None, .. }
    )
}
