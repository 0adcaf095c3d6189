//! Gathers how things stand. Reads settings and the session; asks nobody.

use super::page::{Facts, Place, Run, Session};
use crate::approvals::summary;
use crate::blocking::with_agent;
use crate::chosen::model_of;
use crate::connection::{Connection, not_started};
use crate::context::usage;
use crate::review::hunks::hunks;
use crate::tasks;
use glossator_agent::HunkQuery;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How things stand now.
pub async fn gather(connection: &Arc<Connection>) -> Result<Facts, String> {
    let agent = connection.agent().ok_or_else(|| not_started().to_string())?;
    let session = session(connection).await?;
    let running = tasks::running(connection).map_err(|error| error.to_string())?;
    let asks = agent.pending().into_iter().map(|one| (one.ask.id.0.clone(), summary(&one.ask)));
    let asks = asks.collect();
    let mut waiting: BTreeMap<String, usize> = BTreeMap::new();
    for hunk in hunks(connection, HunkQuery::default()).await {
        *waiting.entry(hunk.view.shown).or_default() += 1;
    }
    let spent = usage::read(connection, (connection.peek_session(), None)).await;
    let asked = connection.clone();
    let run = tokio::task::spawn_blocking(move || run_with(&asked)).await;
    let run = run.map_err(|_| "Reading the settings broke down.".to_owned())?;
    Ok(Facts {
        version: env!("CARGO_PKG_VERSION"),
        place: Place {
            core: connection.outlived(),
            folders: connection
                .workspace
                .roots()
                .folders()
                .iter()
                .map(|one| one.display().to_string())
                .collect(),
            trusted: connection.trusted(),
        },
        session,
        run,
        tasks: running.iter().map(|(_, task)| format!("{} {}", task.id, task.line)).collect(),
        asks,
        hunks: waiting.into_iter().collect(),
        usage: spent.map(|spent| usage::in_words(&spent)).unwrap_or_default(),
    })
}

async fn session(connection: &Arc<Connection>) -> Result<Option<Session>, String> {
    let Some(id) = connection.peek_session() else { return Ok(None) };
    let read = with_agent(connection, move |agent| Ok((agent.read(&id)?, agent.queued(&id)?)));
    let (read, queue) = read.await.map_err(|error| error.to_string())?;
    Ok(Some(Session {
        id: read.head.id.0,
        title: read.head.title,
        running: read.running.map(|turn| turn.to_string()),
        last: read.items.last().map(|item| item.at),
        queued: queue.prompts.len(),
        read_only: read.read_only,
    }))
}

/// How the next turn would be run, and what the settings say. Blocks.
fn run_with(connection: &Connection) -> Run {
    let trusted = connection.trusted();
    let of_session = connection.peek_session().and_then(|id| connection.turn_for(&id).ok());
    let (plain, problems) = connection.config_over(&serde_json::Map::new());
    let config = of_session.map_or(plain, |(config, _)| config);
    let model = match &config.provider {
        Ok(_) => Ok(model_of(&config)),
        Err(why) => Err(why.clone()),
    };
    Run {
        model,
        pack: config.pack,
        policy: config.acts.policy.name(),
        settings: connection.settings_files(trusted),
        problems,
    }
}
