//! The one table of reminders that stand in prompts: where a model sees data it sees how to act on it, in one short example.
//! Texts only; when each is due is decided where the data is shown. Results of tools bring their own hints.

/// Where a reminder belongs. In its text `{name}` stands for what is known only then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Occasion {
    /// The board, when there is something on it.
    Board,
    /// The board, when its last entry was taken off within a turn.
    EmptyBoard,
    /// A plan that has open steps and did not change for many rounds.
    Plan,
    /// A history that was compacted.
    Compacted,
    /// An answer that held no call in a turn that goes on.
    GoOn,
    /// A task that has ended: its `id`, `what` it was, a `summary`.
    TaskDone,
    /// The same, with a result that is kept under `key`.
    TaskKept,
    /// A task that failed: `id`, `what`, `error`.
    TaskFailed,
    /// A task of which nobody knows the end: `id`, `what`.
    TaskLost,
    /// What is too much to be told with one request: the `count` of the rest.
    More,
    /// A turn with fewer tools than its session: their `names`.
    OnlyTheseTools,
    /// A turn without tools.
    NoTools,
    /// A turn without scripts.
    NoScripts,
    /// A turn without scripts, where there are native calls.
    NativeOnly,
    /// A turn whose calls have no effect.
    DryRun,
}

/// Each reminder once.
pub const REMINDERS: &[(Occasion, &str)] = &[
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
    (
        Occasion::GoOn,
        "Your last message held no call and the turn is not over. Go on, or answer without a call to end it.",
    ),
    (
        Occasion::TaskDone,
        "task {id}{what} is done: {summary}. Its result: await tools.spawn.result(\"{id}\").",
    ),
    (
        Occasion::TaskKept,
        "task {id}{what} is done: {summary}. Its result: await tools.spawn.result(\"{id}\"), or tools.readFile({ fileKey: \
         \"{key}\" }).",
    ),
    (Occasion::TaskFailed, "task {id}{what} failed: {error}"),
    (
        Occasion::TaskLost,
        "task {id}{what} is lost: Glossator was stopped while it ran. What it did until then stands, a command of it may still \
         run, and its result is gone; look at what it left before you start it again.",
    ),
    (
        Occasion::More,
        "{count} more things are to be told: what became of tasks (await tools.spawn.list()) or of edits of yours (read those \
         files again)",
    ),
    (Occasion::OnlyTheseTools, "In this turn only these tools work: {names}."),
    (Occasion::NoTools, "In this turn no tool works."),
    (Occasion::NoScripts, "Scripts are not run in this turn: write none, answer in words."),
    (Occasion::NativeOnly, "Scripts are not run in this turn: write none, use your native tool calls."),
    (
        Occasion::DryRun,
        "This turn is a dry run: calls are checked and listed and answered with placeholders, and nothing has an effect. Do not \
         take a placeholder for a fact.",
    ),
];

/// The reminder for an occasion, as it stands in the table.
pub fn reminder(occasion: Occasion) -> &'static str {
    REMINDERS.iter().find(|(at, _)| *at == occasion).map_or("", |(_, text)| text)
}

/// The reminder for an occasion with `values` in place of their names.
pub fn reminder_of(occasion: Occasion, values: &[(&str, &str)]) -> String {
    let mut rest = reminder(occasion);
    let mut text = String::with_capacity(rest.len());
    while let Some((before, behind)) = rest.split_once('{') {
        text.push_str(before);
        let known = values.iter().find_map(|(name, value)| {
            let after = behind.strip_prefix(name)?.strip_prefix('}')?;
            Some((value, after))
        });
        match known {
            Some((value, after)) => {
                text.push_str(value);
                rest = after;
            }
            None => {
                text.push('{');
                rest = behind;
            }
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_as_they_are() {
        let values = [("id", "S1"), ("what", " ({id} {key})"), ("summary", "{"), ("key", "K{what}")];
        assert_eq!(
            reminder_of(Occasion::TaskKept, &values),
            "task S1 ({id} {key}) is done: {. Its result: await tools.spawn.result(\"S1\"), or tools.readFile({ fileKey: \
             \"K{what}\" })."
        );
        assert_eq!(reminder_of(Occasion::Plan, &values), reminder(Occasion::Plan));
        assert_eq!(reminder_of(Occasion::More, &[("count", "7")])[..17], *"7 more things are");
    }
}
