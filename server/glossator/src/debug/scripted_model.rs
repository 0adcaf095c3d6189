//! `glossator debug scripted-model`: a scripted model on loopback, for editors under test.

use super::text;
use crate::terminal::say;
use glossator_models::scripted::{Reply, ScriptedServer};
use serde::Deserialize;
use std::io::Write;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    /// Texts that the model answers with, one a request.
    replies: Vec<String>,
}

/// Serves until standard input ends or the process is ended.
pub async fn run(file: &Path) -> Result<u8, String> {
    let script: Script =
        serde_json::from_str(&text(file)?).map_err(|error| format!("{}: {error}", file.display()))?;
    let server = ScriptedServer::start(script.replies.into_iter().map(Reply::Text).collect())
        .await
        .map_err(|error| format!("no loopback port: {error}"))?;
    say!("{}", server.base_url());
    std::io::stdout().flush().map_err(|error| error.to_string())?;
    std::future::pending::<()>().await;
    Ok(0)
}
