//! Messages with what each of their parts is and where it comes from. Origins are fields, never found out from texts.

use glossator_session::{Message, Part, Role, TurnId};

/// A message before it loses its origins.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Who speaks.
    pub role: Role,
    /// What is said; not empty.
    pub parts: Vec<Said>,
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// As it is sent.
    pub part: Part,
    /// Where it comes from.
    pub origin: Origin,
    /// The turn with which it came.
    pub turn: TurnId,
}

/// Where something that a model is sent comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// What the model is told of itself, and of its part among several agents.
    Instructions,
    /// The tools and their types.
    ToolReference,
    /// The project's guidance files.
    Project,
    /// The user's own instructions.
    UserInstructions,
    /// Where the work happens.
    Environment,
    /// What stands for the history before a compaction.
    Compaction,
    /// What the user sent.
    UserPrompt,
    /// The latest prompt again, with results.
    OriginalPrompt,
    /// The user's editor: open documents, the selection.
    Editor,
    /// The announcement board.
    Board,
    /// What the harness tells.
    Reminder,
    /// The outcome of a native call.
    ToolResults,
    /// The outcome of a script.
    ScriptResults,
    /// What the model itself said and called.
    Model,
    /// What another agent of the session said.
    OtherAgent,
}

impl Origin {
    /// In a word, as protocols and people read it.
    pub fn name(self) -> &'static str {
        match self {
            Origin::Instructions => "instructions",
            Origin::ToolReference => "toolReference",
            Origin::Project => "project",
            Origin::UserInstructions => "userInstructions",
            Origin::Environment => "environment",
            Origin::Compaction => "compaction",
            Origin::UserPrompt => "userPrompt",
            Origin::OriginalPrompt => "originalPrompt",
            Origin::Editor => "editor",
            Origin::Board => "board",
            Origin::Reminder => "reminder",
            Origin::ToolResults => "toolResults",
            Origin::ScriptResults => "scriptResults",
            Origin::Model => "model",
            Origin::OtherAgent => "otherAgent",
        }
    }

    /// The origin of a layer of the system text, by the layer's name.
    pub fn of_layer(layer: &str) -> Origin {
        let known = [Origin::ToolReference, Origin::Project, Origin::UserInstructions, Origin::Environment];
        known.into_iter().find(|origin| origin.name() == layer).unwrap_or(Origin::Instructions)
    }
}

impl Entry {
    /// The message without its origins.
    pub fn message(self) -> Message {
        Message { role: self.role, parts: self.parts.into_iter().map(|said| said.part).collect() }
    }
}
