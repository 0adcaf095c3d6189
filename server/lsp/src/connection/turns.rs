//! How a turn of one connection is run: settings as they are now, with what was chosen for its session, and what it works for.

use super::{Connection, not_started};
use crate::choices;
use crate::convert;
use glossator_agent::{AgentError, EditorState, Front, TurnConfig, Wishes};
use glossator_protocol_ext as ext;
use glossator_session::{AgentId, Image, InputPart, SessionId, TurnId};
use glossator_settings::{Environment, ProviderModels, Settings, Source, model_list, turn_config};
use glossator_text::{Range, byte_range};
use serde_json::{Map, Value};
use std::path::Path;
use std::sync::Arc;
use tower_lsp::lsp_types::MessageType;

/// What an image may be, and how long its base64 may be.
const MEDIA_TYPES: &[&str] = &["image/png", "image/jpeg", "image/gif", "image/webp"];
const IMAGE_BYTES: usize = 5 << 20;

impl Connection {
    /// The settings as they are now, and what is needed beside them. Reads files.
    pub fn set_up(&self) -> (Settings, Environment) {
        let identity = self.started.get().map(|started| started.identity.clone()).unwrap_or_default();
        let trusted = self.trusted();
        let source = self.source(&identity, Map::new());
        (self.with_model(source.load(trusted).settings, None), self.environment(&source, trusted))
    }

    /// As [`Connection::set_up`], for who only lists: nobody waits for the system's keyring then.
    pub fn listed(&self) -> (Settings, Environment) {
        let (settings, environment) = self.set_up();
        (settings, Environment { is_hurried: true, ..environment })
    }

    /// Settings that name no model ask that of the session, else the one that was chosen last.
    fn with_model(&self, settings: Settings, last: Option<String>) -> Settings {
        let model = settings.model.clone().or(last).or_else(|| self.remembered_model());
        Settings { model, ..settings }
    }

    fn environment(&self, source: &Source, trusted: bool) -> Environment {
        Environment { dotenv: source.dotenv(trusted), ..self.kit.environment.clone() }
    }

    /// The models of all providers, or of one. Asks nobody.
    pub fn model_list(&self, provider: Option<&str>) -> Result<Vec<ProviderModels>, String> {
        let (settings, environment) = self.listed();
        model_list(&settings, &environment, provider)
    }

    /// The model that the settings say: `provider/model`; empty where that is none.
    pub fn model(&self) -> String {
        let (config, _) = self.loaded(self.trusted(), Map::new(), None);
        config
            .provider
            .map_or_else(|_| String::new(), |provider| format!("{}/{}", provider.slug, config.request.model))
    }

    /// Whether a person sits at the client.
    pub fn is_interactive(&self) -> bool {
        self.kit.interactive
    }

    pub fn front(&self) -> Front {
        self.front_if(self.trusted())
    }

    pub fn front_if(&self, trusted: bool) -> Front {
        // `full` on the command line is the user's word for this folder and this run; other policies say nothing of trust.
        let full = self.kit.command_line["policy"] == "full";
        Front {
            workspace: self.workspace.clone(),
            trusted: trusted || full,
            interactive: self.kit.interactive,
            editor: None,
            presence: self.started.get().map(|started| started.seat.clone()).unwrap_or_default(),
        }
    }

    /// How a turn would be run now; problems with settings are shown, and cost nothing else.
    pub fn config(&self, trusted: bool) -> TurnConfig {
        self.config_of(trusted, Map::new(), None)
    }

    /// A text without known secrets.
    pub fn redacted(&self, text: &str) -> String {
        (self.config(self.trusted()).redact)(text)
    }

    /// As [`Connection::redacted`], off the message loop: settings are files, and keys may lie in a keyring.
    pub async fn cleaned(self: &Arc<Self>, text: String) -> String {
        let worker = self.clone();
        let cleaned = tokio::task::spawn_blocking(move || worker.redacted(&text)).await;
        cleaned.unwrap_or_else(|_| "[a text that may have held a secret]".to_owned())
    }

    /// As [`Connection::config`] of the workspace as it is trusted now, off the message loop.
    pub async fn config_now(self: &Arc<Self>) -> Result<TurnConfig, AgentError> {
        let worker = self.clone();
        let read = tokio::task::spawn_blocking(move || worker.config(worker.trusted())).await;
        read.map_err(|_| AgentError::Store("reading the settings broke down".to_owned()))
    }

    fn config_of(&self, trusted: bool, layer: Map<String, Value>, last: Option<String>) -> TurnConfig {
        let (config, problems) = self.loaded(trusted, layer, last);
        for problem in problems {
            if self.settings.lock().told.insert(problem.clone()) {
                self.show(MessageType::WARNING, problem);
            }
        }
        config
    }

    /// How a turn would be run with a layer of settings over all others, and what was left out of the settings.
    pub fn config_over(&self, layer: &Map<String, Value>) -> (TurnConfig, Vec<String>) {
        self.loaded(self.trusted(), layer.clone(), None)
    }

    /// `last`: the model of the session, where no setting names one.
    fn loaded(
        &self,
        trusted: bool,
        layer: Map<String, Value>,
        last: Option<String>,
    ) -> (TurnConfig, Vec<String>) {
        let identity = self.started.get().map(|started| started.identity.clone()).unwrap_or_default();
        let source = self.source(&identity, layer);
        let loaded = source.load(trusted);
        let (settings, problems) = (self.with_model(loaded.settings, last), loaded.problems);
        let config = turn_config(&settings, &self.environment(&source, trusted));
        let problems = problems.iter().map(ToString::to_string).chain(source.untrusted(trusted));
        (config, problems.collect())
    }

    /// What a turn of a session needs now. Blocks where the session is not open yet.
    pub fn turn_for(&self, id: &SessionId) -> Result<(TurnConfig, Front), AgentError> {
        // Asked once, so that settings and guidance of one turn are under the same verdict.
        let trusted = self.trusted();
        let agent = self.agent().ok_or_else(not_started)?;
        let (layer, agents) = choices::split(agent.session_settings(id)?);
        let model = agent.begun(id)?.map(|head| head.model);
        // One that was asked without a provider is none.
        let last = model.filter(|model| {
            model.split_once('/').is_some_and(|(slug, id)| !slug.is_empty() && !id.is_empty())
        });
        let mut config = self.config_of(trusted, layer, last);
        // Of a session that has begun, the agent takes the pack that it began with.
        if let Some(pack) = self.sessions.lock().packs.get(id) {
            config.pack = pack.clone();
        }
        config.wishes.agents = agents;
        Ok((config, self.front_if(trusted)))
    }

    /// Starts a turn.
    pub fn start_turn(
        &self,
        id: &SessionId,
        input: Vec<InputPart>,
        wishes: Wishes,
        editor: EditorState,
    ) -> Result<TurnId, AgentError> {
        let agent = self.agent().ok_or_else(not_started)?;
        let (config, front) = self.setup(id, &input, (wishes, editor))?;
        agent.start_turn(id, input, config, front)
    }

    /// What a turn of a session with this prompt is run with now. Blocks where the session is not open yet.
    pub fn setup(
        &self,
        id: &SessionId,
        input: &[InputPart],
        (wishes, editor): (Wishes, EditorState),
    ) -> Result<(TurnConfig, Front), AgentError> {
        let (mut config, mut front) = self.turn_for(id)?;
        // Those whom the prompt names go before those whom the session was configured to.
        let usual = std::mem::take(&mut config.wishes.agents);
        config.wishes = wishes;
        let is_known = |name: &str| config.agents.contains_key(&AgentId::from(name));
        if config.wishes.agents.is_empty() && !choices::names_agent(input, is_known) {
            config.wishes.agents = usual;
            // Nothing is recorded of a turn that could not begin; agents have models of their own.
            if config.wishes.agents.is_empty() {
                ready(&config).map_err(AgentError::Refused)?;
            }
        }
        front.editor = Some(editor);
        Ok((config, front))
    }

    /// A mention with the text that stands there now.
    pub fn mention(&self, uri: &str, range: Option<Range>) -> InputPart {
        let text = range.and_then(|range| {
            // Of a buffer whose changes could not be followed, nothing is quoted.
            let buffer = self.workspace.overlay().by_uri(uri).filter(|buffer| !buffer.out_of_step)?;
            let bytes = byte_range(&buffer.text, range, self.workspace.overlay().encoding());
            buffer.text.get_byte_slice(bytes).map(|slice| slice.to_string())
        });
        convert::mention(uri.to_owned(), range, text)
    }

    /// What a client sends; the error says what of it cannot be taken.
    pub fn input(&self, input: Vec<ext::Input>) -> Result<Vec<InputPart>, String> {
        let part = |part| match part {
            ext::Input::Text { text } => Ok(InputPart::Text { text }),
            ext::Input::Mention { uri, range } => Ok(self.mention(&uri, range.map(convert::ext_range))),
            ext::Input::Image { media_type, data, name } => image(media_type, data, name),
        };
        input.into_iter().map(part).collect()
    }

    pub(super) fn source(&self, identity: &Path, mut layer: Map<String, Value>) -> Source {
        // What is said on the command line holds for this run, whatever was chosen for a session.
        layer.extend(self.kit.command_line.as_object().cloned().unwrap_or_default());
        Source {
            folders: self.kit.folders.clone(),
            workspace: Some(identity.to_owned()),
            editor: self.settings.lock().own.clone(),
            command_line: if layer.is_empty() { Value::Null } else { Value::Object(layer) },
        }
    }
}

/// Whether the model of a turn can be asked, or what is missing: a model, a provider, a key. Reads the file of keys.
pub fn ready(config: &TurnConfig) -> Result<(), String> {
    let provider = config.provider.as_ref().map_err(Clone::clone)?;
    (provider.auth)().map(drop)
}

fn image(media_type: String, data: String, name: Option<String>) -> Result<InputPart, String> {
    if !MEDIA_TYPES.contains(&media_type.as_str()) {
        return Err(format!(
            "'{media_type}' is no kind of image that can be sent: {}",
            MEDIA_TYPES.join(", ")
        ));
    }
    if data.len() > IMAGE_BYTES {
        return Err(format!("the image is too large: {} bytes of base64, at most {IMAGE_BYTES}", data.len()));
    }
    let digits = data.trim_end_matches('=');
    let is_digit = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '/';
    let padded = data.len().is_multiple_of(4) && data.len() - digits.len() <= 2;
    if digits.is_empty() || !padded || !digits.chars().all(is_digit) {
        return Err("the `data` of the image is not base64 (standard alphabet, padded)".to_owned());
    }
    Ok(InputPart::Image { image: Image { media_type, data }, name: name.unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_looked_at() {
        let check = |media_type: &str, data: &str, wanted: Option<&str>| {
            let made = image(media_type.to_owned(), data.to_owned(), None);
            match (made, wanted) {
                (Ok(_), None) => {}
                (Err(why), Some(words)) => assert!(why.contains(words), "{why}"),
                (made, _) => panic!("{made:?} for {media_type} {data:?}"),
            }
        };
        check("image/png", "iVBORw0KGgo=", None);
        check("image/webp", "QUJD", None);
        check("image/svg+xml", "QUJD", Some("no kind of image"));
        check("image/png", "", Some("not base64"));
        check("image/png", "====", Some("not base64"));
        check("image/png", "QUJ", Some("not base64"));
        check("image/png", "QU=D", Some("not base64"));
        check("image/png", "QU C", Some("not base64"));
        check("image/png", &"A".repeat(IMAGE_BYTES + 4), Some("too large"));
    }
}
