//! The kinds of texts that can be found.

/// What a text of a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextKind {
    /// The session's title.
    Title,
    /// What the user asked.
    Prompt,
    /// What the model said.
    Answer,
    /// A script of the model's.
    Script,
    /// A tool call and its outcome, in a line each.
    Call,
    /// The paths of edited files.
    Edit,
    /// Something that was told to the user.
    Notice,
}

impl TextKind {
    /// All kinds.
    pub const ALL: [TextKind; 7] = [
        TextKind::Title,
        TextKind::Prompt,
        TextKind::Answer,
        TextKind::Script,
        TextKind::Call,
        TextKind::Edit,
        TextKind::Notice,
    ];

    /// Its name in a search: `prompt`.
    pub fn name(self) -> &'static str {
        match self {
            TextKind::Title => "title",
            TextKind::Prompt => "prompt",
            TextKind::Answer => "answer",
            TextKind::Script => "script",
            TextKind::Call => "call",
            TextKind::Edit => "edit",
            TextKind::Notice => "notice",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<TextKind> {
        TextKind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub(crate) fn number(self) -> i64 {
        self as i64
    }

    pub(crate) fn numbered(number: i64) -> Option<TextKind> {
        TextKind::ALL.into_iter().find(|kind| kind.number() == number)
    }
}
