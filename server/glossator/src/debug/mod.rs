//! `glossator debug`: each engine's work, from a shell.

use crate::terminal::{complain, say};
mod bench;
mod context;
mod decode;
mod patch;
mod script;
mod scripted_model;

use crate::cli::Debug;
use std::io::Read;
use std::path::Path;

/// Runs one of them.
pub async fn run(command: Debug) -> u8 {
    let result = match command {
        Debug::Patch { dry_run, json, overwrite } => {
            patch::run(patch::How { dry_run, json, overwrite }).await
        }
        Debug::Script { file, pack, policy, mode, json } => {
            script::run(&file, script::How { pack, policy, mode, json }).await
        }
        Debug::Context { json, session, turn, round, prompt } => {
            context::run(context::What { json, session, turn, round, prompt }).await
        }
        Debug::Decode { wire } => decode::run(&wire),
        Debug::Schema => {
            say!("{:#}", glossator_settings::json_schema());
            Ok(0)
        }
        Debug::Bench { what, runs, json } => bench::run(&what, runs, json).await,
        Debug::ScriptedModel { file } => scripted_model::run(&file).await,
    };
    result.unwrap_or_else(|message| {
        complain!("error: {message}");
        2
    })
}

/// The bytes of a file, or of standard input for `-`.
fn input(file: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = match file == Path::new("-") {
        true => std::io::stdin().read_to_end(&mut bytes),
        // A file that the user names on the command line is not a file of the workspace.
        #[allow(clippy::disallowed_methods, clippy::disallowed_types)]
        false => std::fs::File::open(file).and_then(|mut opened| opened.read_to_end(&mut bytes)),
    };
    read.map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(bytes)
}

fn text(file: &Path) -> Result<String, String> {
    String::from_utf8(input(file)?).map_err(|_| format!("{} is not UTF-8 text", file.display()))
}
