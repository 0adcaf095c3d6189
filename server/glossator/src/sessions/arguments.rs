//! The command line of `glossator sessions`, as data for clap. Help texts are the doc comments.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `glossator sessions`
#[derive(Args)]
pub struct Sessions {
    /// The workspace; the current folder if not given.
    #[arg(long, value_name = "DIR", global = true)]
    pub cwd: Option<PathBuf>,
    /// One thing a line, as JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// What.
    #[command(subcommand)]
    pub command: Command,
}

/// What is done with sessions. An ID may be shortened to a beginning that only one session has.
#[derive(Subcommand)]
pub enum Command {
    /// The sessions of this workspace, the last used first.
    List(List),
    /// Prints turns of a session.
    Show {
        /// The session.
        id: String,
        /// This turn alone: T-7.
        #[arg(long, value_name = "TURN", conflicts_with = "last")]
        turn: Option<String>,
        /// The last turns.
        #[arg(long, value_name = "N", default_value_t = 3)]
        last: usize,
    },
    /// Finds words: all must be in one text, the last may be a beginning. "A phrase", -without, model:NAME,
    /// in:prompt|answer|script|call|edit|notice|title, file:PART, after:2026-11-20, before:2026-12.
    Search(Search),
    /// Writes a session out.
    Export {
        /// The session.
        id: String,
        /// To be read by people, or to be imported again.
        #[arg(long, value_enum, default_value_t = Format::Markdown)]
        format: Format,
        /// A new file; standard output if not given.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Takes an export (JSONL) in as a new session of this workspace.
    Import {
        /// The export; `-` for standard input.
        file: PathBuf,
    },
    /// Begins a session that goes on behind a turn of another.
    Fork {
        /// The session.
        id: String,
        /// The last turn that both have: T-7; without one the last that has ended.
        #[arg(long, value_name = "TURN")]
        turn: Option<String>,
        /// What it is called.
        #[arg(long)]
        title: Option<String>,
    },
    /// Gives a session a title; without one it is called by its first prompt again.
    Rename {
        /// The session.
        id: String,
        /// The title.
        title: Vec<String>,
    },
    /// Puts sessions away: lists leave them out.
    Archive {
        /// The sessions.
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Takes archived sessions out again.
    Unarchive {
        /// The sessions.
        #[arg(required = true)]
        ids: Vec<String>,
    },
    /// Deletes sessions with all that is kept with them. Forks of them go on.
    Delete {
        /// The sessions.
        #[arg(required = true)]
        ids: Vec<String>,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Takes over the sessions of a folder that was moved or removed; without one, names such folders.
    Attach {
        /// Where the folder was.
        folder: Option<String>,
    },
    /// Shows what sessions take on the disk, and which archived ones are older than `sessions.keep_days`.
    Tidy {
        /// Delete those.
        #[arg(long)]
        yes: bool,
        /// Days, in place of the settings'.
        #[arg(long, value_name = "N")]
        days: Option<u32>,
    },
    /// Makes the index of lists and searches anew.
    Reindex,
}

/// `glossator sessions list`
#[derive(Args)]
pub struct List {
    /// Words in titles or prompts.
    pub text: Vec<String>,
    /// Also those of folders that contain this one or lie in it.
    #[arg(long)]
    pub all: bool,
    /// Only archived ones.
    #[arg(long)]
    pub archived: bool,
    /// Only those of models with this in their name.
    #[arg(long)]
    pub model: Option<String>,
    /// At most so many; 0: all.
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub limit: usize,
    /// Go on where a list before this one ended.
    #[arg(long, value_name = "PLACE")]
    pub before: Option<String>,
}

/// `glossator sessions search`
#[derive(Args)]
pub struct Search {
    /// What is looked for.
    #[arg(required = true)]
    pub words: Vec<String>,
    /// Also in folders that contain this one or lie in it.
    #[arg(long)]
    pub all: bool,
    /// Only in this session.
    #[arg(long, value_name = "ID")]
    pub session: Option<String>,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
}

/// What an export looks like.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Markdown,
    /// For `glossator sessions import`.
    Jsonl,
}
