//! The command line, as data for clap. Help texts are the doc comments.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// A coding agent for every editor that speaks LSP.
#[derive(Parser)]
#[command(version, about)]
pub struct Arguments {
    /// What to do; `lsp` if nothing is named.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// The language server on standard input and output.
    Lsp {
        /// Serve in this process alone: turns end with the editor, and another editor of this workspace has a server of its
        /// own.
        #[arg(long)]
        in_process: bool,
        /// Standard input and output, as always: for clients that say so.
        #[arg(long)]
        stdio: bool,
    },
    /// One turn without an editor: the answer on standard output, progress on standard error.
    Exec(Exec),
    /// Works through an epic in several runs, each with a context of its own: exit code 0 done, 1 failed, 2 usage,
    /// 3 question, 4 budget, 5 no progress, 130 interrupted.
    Run(crate::run::Run),
    /// Shows the main job offline and without a key: a turn of a scripted model in a sample project.
    Demo {
        /// Make the sample project in this folder and keep it.
        #[arg(long, value_name = "DIR")]
        keep: Option<PathBuf>,
    },
    /// The sessions of this workspace: list, show, search, export, delete and more.
    Sessions(crate::sessions::Sessions),
    /// What models a provider offers; without a provider, which providers are set up.
    Models {
        /// The provider's slug.
        provider: Option<String>,
        /// Have Ollama fetch this model, showing progress.
        #[arg(long, value_name = "MODEL")]
        pull: Option<String>,
        /// One model a line, as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Stores the key of a provider, read from the terminal without showing it: exit code 0 stored, 1 not stored, 2 usage.
    Login {
        /// The provider's slug; without one the providers are listed.
        provider: Option<String>,
        /// Read the key from standard input.
        #[arg(long)]
        stdin: bool,
    },
    /// Removes the stored key of a provider.
    Logout {
        /// The provider's slug.
        provider: String,
    },
    /// Which providers have a key, and from where.
    Auth {
        /// What of it.
        #[command(subcommand)]
        command: Auth,
    },
    /// Checks settings, keys, state and what scripts and commands are kept from, and says what to do.
    Doctor {
        /// The workspace; the current folder if not given.
        #[arg(long, value_name = "DIR")]
        cwd: Option<PathBuf>,
        /// One finding a line, as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Writes what an editor needs into its configuration, after showing it and asking: exit code 0 done or nothing to do,
    /// 1 nothing written, 2 usage.
    Setup(crate::setup::Setup),
    /// The engines from a shell.
    Debug {
        /// Which.
        #[command(subcommand)]
        command: Debug,
    },
}

/// `glossator auth`
#[derive(Subcommand)]
pub enum Auth {
    /// Lists the providers with the places of their keys: exit code 0 when one has a key, 1 when none has.
    Status {
        /// One provider a line, as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// `glossator exec`
#[derive(Args)]
pub struct Exec {
    /// One event a line, as JSON.
    #[arg(long)]
    pub json: bool,
    /// `provider/model id`.
    #[arg(long)]
    pub model: Option<String>,
    /// The tools: core, files, read-only, all or a pack of the settings.
    #[arg(long)]
    pub pack: Option<String>,
    /// What may be done without asking: read-only, ask, auto-edit or full. What would ask is refused.
    #[arg(long)]
    pub policy: Option<String>,
    /// Go on with this session.
    #[arg(long, value_name = "ID")]
    pub session: Option<String>,
    /// The workspace; the current folder if not given.
    #[arg(long, value_name = "DIR")]
    pub cwd: Option<PathBuf>,
    /// What should be done; `-` reads it from standard input.
    pub prompt: String,
}

/// `glossator debug`
#[derive(Subcommand)]
pub enum Debug {
    /// Applies a patch from standard input to the current folder: exit code 0 done, 1 refused, 2 usage.
    Patch {
        /// Check and print the diff, write nothing.
        #[arg(long)]
        dry_run: bool,
        /// Print the result as JSON.
        #[arg(long)]
        json: bool,
        /// Let `*** Add File` replace a file that exists.
        #[arg(long)]
        overwrite: bool,
    },
    /// Runs one script file in the current folder and prints what the model would see.
    Script {
        /// The script; `-` for standard input.
        file: PathBuf,
        /// The tools: core, files, read-only or all.
        #[arg(long, default_value = "core")]
        pack: String,
        /// What may be done; what would ask is refused.
        #[arg(long, default_value = "ask")]
        policy: String,
        /// enabled, or dry-run: calls are checked and listed, and nothing has an effect.
        #[arg(long, default_value = "enabled")]
        mode: String,
        /// Print the outcome as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Shows what a model would be sent for a prompt, or what it was sent in a past round. Sends nothing.
    Context {
        /// Print it as JSON.
        #[arg(long)]
        json: bool,
        /// The session; without one, a new session.
        #[arg(long, value_name = "ID")]
        session: Option<String>,
        /// A past turn of the session: T-3.
        #[arg(long, value_name = "TURN")]
        turn: Option<String>,
        /// The request within that turn; without one the latest.
        #[arg(long)]
        round: Option<u32>,
        /// The prompt that would be sent.
        #[arg(default_value = "(your prompt)")]
        prompt: String,
    },
    /// Decodes a recorded stream from standard input: one event a line, the assembled result last.
    Decode {
        /// The protocol: messages, responses, chat or ollama.
        #[arg(long)]
        wire: String,
    },
    /// Prints the JSON schema of the settings.
    Schema,
    /// Measures this very program: start, memory, typing and turns, or one part of it.
    Bench {
        /// What is measured: all (without the parts), buffers, core, latency, patch, script or sessions.
        #[arg(default_value = "all")]
        what: String,
        /// Runs of each measurement.
        #[arg(long, default_value_t = 20)]
        runs: usize,
        /// Print the figures as JSON (buffers, patch and sessions).
        #[arg(long)]
        json: bool,
    },
    /// Serves a scripted model on loopback and prints its address: `{ "replies": ["text", ...] }`.
    ScriptedModel {
        /// The script; `-` for standard input.
        file: PathBuf,
    },
}
