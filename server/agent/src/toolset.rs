//! The tools of one turn: what dispatch accepts, what the prompt offers, and what the model has to be told of the
//! difference. Resolves packs; decides nothing about single calls.

use crate::AgentError;
use crate::config::{Calling, TurnConfig};
use glossator_context::{Occasion, reminder, reminder_of};
use glossator_session::ToolSpec;
use glossator_store::SessionHead;
use glossator_tools::{Mode, Registry};

/// A session keeps its pack by name, and the names of the tools that its prompt tells of. The prompt's reference stays as it
/// was frozen, byte for byte; dispatch goes by the pack as it is defined now. So a tool that the user takes out of a pack
/// stops working at once in every session, one that is added works without a new session, and the model is told of both.
#[derive(Clone)]
pub(crate) struct Toolset {
    /// The session's pack as it is now.
    pub session: Registry,
    /// What dispatch accepts in this turn.
    pub registry: Registry,
    /// What is offered for native calls, as it was when the session began.
    pub native: Vec<ToolSpec>,
    /// How the session's pack differs now from what its prompt tells, for the model; empty: not at all.
    pub changed: String,
    /// What the model is told of this turn alone.
    pub told: Vec<String>,
}

impl Toolset {
    /// The tools of a turn under `config`, in a session that began with `begun`; an error says which pack is wrong.
    pub fn of(begun: Option<&SessionHead>, config: &TurnConfig) -> Result<Toolset, AgentError> {
        let resolve = |slug: &str| {
            Registry::resolve(slug, &config.packs).map_err(|error| AgentError::Pack(error.to_string()))
        };
        let session = match begun {
            None => resolve(&config.pack)?,
            Some(head) => resolve(&head.pack).map_err(|error| {
                let text = format!(
                    "{error}. This session began with that pack: define it again, or begin a new session \
                     (glossator.newSession)"
                );
                AgentError::Pack(text)
            })?,
        };
        let listed = begun.map(|head| head.tools.as_slice()).unwrap_or_default();
        let registry = match &config.wishes.pack {
            None => session.clone(),
            Some(slug) => session.narrowed(&resolve(slug)?),
        };
        let native = native(listed, config.request.calling, || session.specs().cloned().collect());
        let changed = changed(listed, &session.names());
        let mut told = Vec::new();
        if config.wishes.pack.is_some() && registry.names() != session.names() {
            told.push(only(&registry.names()));
        }
        told.extend(mode_note(config.turn_mode(), config.request.calling).map(str::to_owned));
        Ok(Toolset { session, registry, native, changed, told })
    }

    /// The same for an agent whose tools `pack` bounds.
    pub fn bounded(&self, pack: &str, config: &TurnConfig) -> Result<Toolset, AgentError> {
        let bound =
            Registry::resolve(pack, &config.packs).map_err(|error| AgentError::Pack(error.to_string()))?;
        let registry = self.registry.narrowed(&bound);
        let (session, native) = (self.session.clone(), self.native.clone());
        let mut told = self.told.clone();
        if registry.names() != self.registry.names() {
            told.push(only(&registry.names()));
        }
        Ok(Toolset { session, registry, native, changed: self.changed.clone(), told })
    }
}

/// What is offered natively in a session whose prompt lists these tools; of older logs, which list none, what `pack` gives.
pub(crate) fn native(
    listed: &[String],
    calling: Calling,
    pack: impl FnOnce() -> Vec<ToolSpec>,
) -> Vec<ToolSpec> {
    match calling {
        Calling::Script => Vec::new(),
        Calling::Native | Calling::Both if listed.is_empty() => pack(),
        Calling::Native | Calling::Both => {
            let all = Registry::built_in();
            all.specs().filter(|spec| listed.contains(&spec.name)).cloned().collect()
        }
    }
}

/// What the model is told where only `names` work.
fn only(names: &[String]) -> String {
    match names {
        [] => reminder(Occasion::NoTools).to_owned(),
        names => reminder_of(Occasion::OnlyTheseTools, &[("names", &names.join(", "))]),
    }
}

/// What the tools of a session are now, against those that its prompt lists.
fn changed(listed: &[String], now: &[String]) -> String {
    if listed.is_empty() {
        return String::new();
    }
    let not_in = |all: &[String], other: &[String]| -> Vec<String> {
        all.iter().filter(|name| !other.contains(name)).cloned().collect()
    };
    let (gone, new) = (not_in(listed, now), not_in(now, listed));
    let lines =
        [("From now on these tools do not work", gone), ("From now on there are also these tools", new)];
    let lines = lines.into_iter().filter(|(_, names)| !names.is_empty());
    lines.map(|(what, names)| format!("{what}: {}.", names.join(", "))).collect::<Vec<_>>().join(" ")
}

/// What the model has to know where scripts do not simply run.
fn mode_note(mode: Mode, calling: Calling) -> Option<&'static str> {
    let occasion = match (mode, calling) {
        (Mode::Enabled, _) | (Mode::Disabled, Calling::Native) => return None,
        (Mode::Disabled, Calling::Script) => Occasion::NoScripts,
        (Mode::Disabled, Calling::Both) => Occasion::NativeOnly,
        (Mode::DryRun, _) => Occasion::DryRun,
    };
    Some(reminder(occasion))
}

#[cfg(test)]
mod tests;
