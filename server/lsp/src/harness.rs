//! The `glossator/...` requests about the script harness: tasks, packs, tools, checks of scripts.

use crate::blocking::with_agent;
use crate::connection::not_started;
use crate::convert;
use crate::server::Server;
use crate::tasks;
use crate::words::failed;
use glossator_agent::{AgentError, Check, TurnConfig};
use glossator_protocol_ext as ext;
use glossator_session::{CallId, SessionId};
use glossator_tools::{Registry, packs};
use tower_lsp::jsonrpc::{Error, Result};

impl Server {
    /// `glossator/tasks/list`
    pub async fn tasks_list(&self, params: Option<ext::ListTasksParams>) -> Result<ext::ListTasksResult> {
        let connection = self.connection.clone();
        let of = params.and_then(|params| params.session_id).map(SessionId);
        // A session of an earlier day is read from its log first.
        let read = tokio::task::spawn_blocking(move || {
            let agent = connection.agent().ok_or_else(not_started)?;
            let sessions = of.map_or_else(|| connection.known_sessions(), |session| vec![session]);
            let mut told = Vec::new();
            for session in sessions {
                told.extend(agent.tasks(&session)?.iter().map(|task| tasks::told(&session, task)));
            }
            Ok::<_, AgentError>(told)
        });
        let tasks = read.await.map_err(|_| failed("reading the tasks broke down"))?.map_err(failed)?;
        Ok(ext::ListTasksResult { tasks })
    }

    /// `glossator/tasks/cancel`
    pub async fn tasks_cancel(&self, params: ext::CancelTaskParams) -> Result<ext::CancelTaskResult> {
        let agent = self.connection.agent().ok_or_else(|| failed(not_started()))?;
        let (session, id) = (SessionId(params.session_id), CallId(params.id));
        let cancelled = tasks::cancel(agent, &session, &id).map_err(failed)?;
        Ok(ext::CancelTaskResult { cancelled })
    }

    /// `glossator/packs/list`
    pub async fn packs_list(&self, _: Option<ext::ListPacksParams>) -> Result<ext::ListPacksResult> {
        let config = self.connection.config_now().await.map_err(failed)?;
        let packs = packs(&config.packs).into_iter().map(|pack| ext::Pack {
            slug: pack.slug,
            tools: pack.tools,
            built_in: pack.built_in,
            problem: pack.problem,
        });
        Ok(ext::ListPacksResult { packs: packs.collect() })
    }

    /// `glossator/tools/list`
    pub async fn tools_list(&self, params: Option<ext::ListToolsParams>) -> Result<ext::ListToolsResult> {
        let params = params.unwrap_or_default();
        let (session, wanted) = (named(params.session_id).map(SessionId), named(params.pack));
        let begun = match session.filter(|_| wanted.is_none()) {
            Some(id) => with_agent(&self.connection, move |agent| agent.begun(&id)).await.map_err(failed)?,
            None => None,
        };
        let config = self.connection.config_now().await.map_err(failed)?;
        let pack =
            wanted.or(begun.as_ref().map(|head| head.pack.clone())).unwrap_or_else(|| config.pack.clone());
        let registry = registry(&config, Some(pack.clone()))?;
        // A session keeps the tools that it began with, whatever its pack has become.
        let keeps = |name: &str| begun.as_ref().is_none_or(|head| head.tools.iter().any(|tool| tool == name));
        let tools = registry.specs().filter(|spec| keeps(&spec.name)).map(convert::tool).collect();
        Ok(ext::ListToolsResult { pack, tools })
    }

    /// `glossator/mcp/status`
    pub async fn mcp_status(&self, _: Option<ext::McpStatusParams>) -> Result<ext::McpStatusResult> {
        let message = "Glossator does not use MCP servers yet, so there are none to show.".to_owned();
        Ok(ext::McpStatusResult { servers: Vec::new(), message })
    }

    /// `glossator/script/check`
    pub async fn script_check(&self, params: ext::CheckScriptParams) -> Result<ext::CheckScriptResult> {
        let connection = &self.connection;
        let agent = connection.agent().ok_or_else(|| failed(not_started()))?;
        let asked = connection.clone();
        let trusted = tokio::task::spawn_blocking(move || asked.trusted()).await.unwrap_or_default();
        let mut config = connection.config_now().await.map_err(failed)?;
        config.pack = named(params.pack).unwrap_or(config.pack);
        let check = match params.mode {
            ext::CheckMode::Check => Check::Syntax,
            ext::CheckMode::DryRun => Check::DryRun,
        };
        let report = agent.check_script(params.source, check, &config, connection.front_if(trusted)).await;
        let report = report.map_err(|error| match error {
            AgentError::Pack(why) => Error::invalid_params(why),
            other => failed(other),
        })?;
        Ok(convert::checked(report, check))
    }

    /// The tools of `pack`, as the settings are now; of the pack in the settings, if none is named.
    pub async fn registry(&self, pack: Option<String>) -> Result<Registry> {
        registry(&self.connection.config_now().await.map_err(failed)?, pack)
    }
}

fn registry(config: &TurnConfig, pack: Option<String>) -> Result<Registry> {
    let chosen = pack.is_some();
    let pack = pack.unwrap_or_else(|| config.pack.clone());
    Registry::resolve(&pack, &config.packs).map_err(|error| match chosen {
        true => Error::invalid_params(error.to_string()),
        false => failed(error),
    })
}

/// A pack that a client named; an empty name is none.
pub fn named(pack: Option<String>) -> Option<String> {
    pack.filter(|pack| !pack.trim().is_empty())
}
