//! `glossator demo`: the main job, offline and without a key. A scripted model, plainly called so, works on a sample
//! project through the real server over LSP; a scripted editor holds an unsaved buffer, applies the edits and saves.

use crate::terminal::{complain, say};
mod project;
mod story;

use crate::assemble;
use glossator_lsp::client::{Behaviour, Editor, Turn};
use glossator_lsp::serve;
use glossator_lsp::transport::Options;
use glossator_models::scripted::{Reply, ScriptedServer};
use glossator_settings::Folders;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use url::Url;

/// Runs the demo; exit code 0 only if everything went as it should.
pub async fn run(keep: Option<PathBuf>) -> u8 {
    match play(keep).await {
        Ok(()) => {
            say!("\nThe demo went as it should.");
            0
        }
        Err(message) => {
            complain!("\nerror: the demo failed: {message}");
            1
        }
    }
}

async fn play(keep: Option<PathBuf>) -> Result<(), String> {
    let temporary = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let folder = match keep {
        Some(folder) => {
            std::path::absolute(&folder).map_err(|error| format!("{}: {error}", folder.display()))?
        }
        None => temporary.path().join("project"),
    };
    project::write(&folder)?;
    say!("A sample project with a failing test, in {}", folder.display());
    let model =
        ScriptedServer::start(story::REPLIES.iter().map(|text| Reply::Text((*text).to_owned())).collect())
            .await
            .map_err(|error| format!("no loopback port: {error}"))?;
    say!("A scripted model (no real one is asked) answers on {}", model.base_url());
    let mut editor = start(temporary.path(), &folder, &model.base_url()).await?;
    let uri =
        Url::from_file_path(folder.join(project::SOURCE)).map_err(|()| "the folder has no URI")?.to_string();
    editor.open(&uri, "shellscript", project::ON_DISK);
    editor.type_over(&uri, project::UNSAVED);
    say!("{} is open in the editor, with a line that is not saved.\n", project::SOURCE);
    say!("you: {}\n", story::PROMPT);
    let session = editor.new_session().await.map_err(|error| error.to_string())?;
    let turn =
        editor.turn(&session, story::PROMPT, &mut story::tell).await.map_err(|error| error.to_string())?;
    check(&turn, editor.text(&uri).as_deref(), &folder)?;
    say!("\nWhat it came to (against the unsaved buffer):\n");
    crate::terminal::out(&glossator_text::unified_diff(
        project::SOURCE,
        Some(project::UNSAVED),
        editor.text(&uri).as_deref(),
    ));
    undo(&mut editor, &session, &uri).await?;
    editor.leave().await.map_err(|error| error.to_string())
}

/// Starts the real server in this process, with folders of its own, and connects the editor.
async fn start(temporary: &Path, folder: &Path, model: &str) -> Result<Editor, String> {
    let folders = Folders {
        config: temporary.join("config"),
        state: temporary.join("state"),
        cache: temporary.join("cache"),
        runtime: temporary.join("run"),
    };
    project::write_settings(&folders.config, model)?;
    let (client_end, server_end) = tokio::io::duplex(1 << 16);
    let (server_input, server_output) = tokio::io::split(server_end);
    tokio::spawn(serve(server_input, server_output, assemble::kit_in(folders), Options::default()));
    let (input, output) = tokio::io::split(client_end);
    let behaviour = Behaviour {
        answer: Box::new(|params| {
            say!("  asked: {} -> allowed", params["ask"]["title"].as_str().unwrap_or_default());
            json!({ "decision": "allow", "grant": "session" })
        }),
        applied: Box::new(project::save),
    };
    let mut editor = Editor::connect(input, output, behaviour);
    editor.initialize(folder).await.map_err(|error: Value| error.to_string())?;
    Ok(editor)
}

/// Whether the turn did what the story tells.
fn check(turn: &Turn, buffer: Option<&str>, folder: &Path) -> Result<(), String> {
    if turn.status != "done" {
        return Err(format!(
            "the turn ended as '{}': {}",
            turn.status,
            turn.message.clone().unwrap_or_default()
        ));
    }
    if let Some(output) = turn.items("scriptOutput").iter().find(|output| output["ok"] != true) {
        return Err(format!("a script failed: {}", output["text"].as_str().unwrap_or_default()));
    }
    let buffer = buffer.unwrap_or_default();
    if buffer != project::FIXED {
        return Err(format!("the buffer does not hold the fix:\n{buffer}"));
    }
    if project::read(&folder.join(project::SOURCE))? != project::FIXED {
        return Err("the editor saved something else".to_owned());
    }
    let tests = turn
        .items("toolOutput")
        .into_iter()
        .rev()
        .find_map(|item| item["outcome"]["Ok"]["value"]["exitCode"].as_i64());
    match tests {
        Some(0) => Ok(()),
        other => Err(format!("the last test run ended with {other:?}")),
    }
}

/// Takes the turn back, and the undo with it is shown to work.
async fn undo(editor: &mut Editor, session: &str, uri: &str) -> Result<(), String> {
    let params = json!({ "sessionId": session });
    let answer =
        editor.client.request("glossator/turn/undo", params).await.map_err(|error| error.to_string())?;
    say!("\nundo: {}", answer["message"].as_str().unwrap_or_default());
    match editor.text(uri).as_deref() {
        Some(project::UNSAVED) => Ok(()),
        other => Err(format!("undo left the buffer as {other:?}")),
    }
}
