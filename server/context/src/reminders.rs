//! The one table of reminders that stand in prompts: where a model sees data it sees how to act on it, in one short example.
//! Texts only; when each is due is decided where the data is shown. Results of tools bring their own hints.

/// Where a reminder belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Occasion {
    /// The board, when there is something on it.
    Board,
    /// The board, when its last entry was taken off within a turn.
    EmptyBoard,
    /// A plan that has open steps and did not change for many rounds.
    Plan,
    /// A history that was compacted.
    Compacted,
}

/// Each reminder once.
pub(crate) const REMINDERS: &[(Occasion, &str)] = &[
    (
        Occasion::Board,
        "Entries go after the turn in `until`. Read the whole of one: await tools.readFile({ fileKey: \"K3\" }); keep one for \
         longer: await tools.saveToFC({ fileKey: \"K3\", note: \"what it is\" }).",
    ),
    (
        Occasion::EmptyBoard,
        "The board is empty now. Post a note: await tools.board.post({ title: \"...\", text: \"...\" }).",
    ),
    (
        Occasion::Plan,
        "Your plan has open steps and has not changed for a while. Bring it up to date: await tools.updatePlan({ steps: [{ text: \
         \"...\", status: \"done\" }] }).",
    ),
    (
        Occasion::Compacted,
        "What is written here is all that is left of the conversation before it. Read files again before you edit them: await \
         tools.readFile({ path: \"...\" }).",
    ),
];

/// The reminder for an occasion.
pub(crate) fn reminder(occasion: Occasion) -> &'static str {
    REMINDERS.iter().find(|(at, _)| *at == occasion).map_or("", |(_, text)| text)
}
