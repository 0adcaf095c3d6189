//! From settings to the small configs of the crates that use them: who is asked, with which key, within which limits.

use crate::keys::{Environment, credentials, first_steps, key_stores};
use crate::model::{ThinkingMode, ThinkingSetting};
use crate::{AgentSettings, FsyncSetting, ModelSettings, ProviderSettings, Settings, WireName};
use glossator_agent::{
    Acts, AgentSetup, Budget, ContextConfig, Fsync, Keeping, ModelSetup, RequestConfig, ScriptConfig,
    TurnConfig, TurnLimits, Wishes,
};
use glossator_auth::{HeaderStyle, KeyStores};
use glossator_models::{Auth, Dialect, Facts, Provider, SecretHeader, Thinking, Wire};
use glossator_script::Limits;
use glossator_tools::ExecSetup;
use std::sync::Arc;
use std::time::Duration;

/// How a turn is run under `settings`.
pub fn turn_config(settings: &Settings, environment: &Environment) -> TurnConfig {
    let ModelSetup { provider, request } = model_setup(settings, environment, settings.model.as_deref());
    let own_mode = provider.as_ref().ok().and_then(|provider| settings.providers.get(&provider.slug)?.script);
    let mode = own_mode.unwrap_or(settings.script.mode);
    let agent =
        |(slug, agent): (&String, _)| (slug.as_str().into(), agent_setup(settings, environment, agent));
    TurnConfig {
        provider,
        request,
        pack: settings.pack.clone(),
        packs: settings.packs.clone(),
        wishes: Wishes::default(),
        acts: Acts {
            mode,
            policy: settings.policy,
            review: settings.edits.review,
            exec: Arc::new(ExecSetup {
                config: Arc::new(exec_config(settings, environment)),
                buffers: settings.exec.buffers,
                ..ExecSetup::default()
            }),
        },
        limits: limits(settings),
        script: script_config(settings, environment),
        context: context_config(settings, environment),
        agents: settings.agents.iter().map(agent).collect(),
        keeping: Keeping {
            fsync: match settings.sessions.fsync {
                FsyncSetting::Turn => Fsync::Turn,
                FsyncSetting::Item => Fsync::Item,
                FsyncSetting::Never => Fsync::Never,
            },
            on_disconnect: settings.core.on_disconnect,
        },
        redact: redact(settings, environment),
    }
}

/// How the model that settings call `named` is asked.
fn model_setup(settings: &Settings, environment: &Environment, named: Option<&str>) -> ModelSetup {
    let chosen = choose(settings, environment, named);
    let wishes = chosen.as_ref().map(|chosen| chosen.wishes.clone()).unwrap_or_default();
    let (provider, model, facts) = match chosen {
        Ok(chosen) => (Ok(Arc::new(chosen.provider)), chosen.model, chosen.facts),
        Err(why) => (Err(why), String::new(), Facts::default()),
    };
    let request = RequestConfig {
        model,
        calling: settings.tools.calling,
        http: http_config(settings),
        max_output: wishes.max_output,
        thinking: match wishes.thinking {
            None => Thinking::Default,
            Some(ThinkingSetting::Mode(ThinkingMode::Off)) => Thinking::Off,
            Some(ThinkingSetting::Mode(ThinkingMode::Adaptive)) => Thinking::Adaptive,
            Some(ThinkingSetting::Budget(tokens)) => Thinking::Budget(tokens),
        },
        effort: wishes.effort,
        temperature: wishes.temperature,
        top_p: wishes.top_p,
        facts,
    };
    ModelSetup { provider, request }
}

/// An agent that prompts can be routed to. One without a model of its own speaks with the session's.
fn agent_setup(settings: &Settings, environment: &Environment, agent: &AgentSettings) -> AgentSetup {
    let own = Some(agent.model.as_str()).filter(|model| !model.trim().is_empty());
    let model = model_setup(settings, environment, own.or(settings.model.as_deref()));
    AgentSetup { model, role: agent.role.trim().to_owned(), pack: agent.pack.clone() }
}

fn context_config(settings: &Settings, environment: &Environment) -> ContextConfig {
    let context = &settings.context;
    ContextConfig {
        strategy: context.strategy,
        compact_at: context.compact_at.min(100),
        guidance: context.guidance.clone(),
        guidance_bytes: bytes(context.guidance_kb, 10),
        instructions: context.instructions.clone(),
        user_guidance: environment.settings_file.parent().map(|folder| folder.join("AGENTS.md")),
        board_turns: context.board_turns.max(1),
        editor: context.editor,
        compact_with: helper(settings, environment, context.compact_model.as_deref()),
        title_with: helper(settings, environment, settings.sessions.title_model.as_deref()),
    }
}

/// A model for work beside the conversation; `None`: none is set.
fn helper(settings: &Settings, environment: &Environment, named: Option<&str>) -> Option<ModelSetup> {
    let named = named.map(str::trim).filter(|named| !named.is_empty())?;
    Some(model_setup(settings, environment, Some(named)))
}

fn limits(settings: &Settings) -> TurnLimits {
    let micro = |usd: Option<f64>| usd.filter(|usd| *usd > 0.0).map(|usd| (usd * 1e6).round() as u64);
    TurnLimits {
        rounds: settings.turn.max_rounds,
        repeats: settings.turn.max_repeats.max(2),
        ask: settings.ask.timeout_s.map(Duration::from_secs),
        stored_mb: settings.sessions.max_mb,
        budget: Budget {
            turn_tokens: settings.budget.turn_tokens.filter(|most| *most > 0),
            session_tokens: settings.budget.session_tokens.filter(|most| *most > 0),
            turn_micro_usd: micro(settings.budget.turn_usd),
            session_micro_usd: micro(settings.budget.session_usd),
            day_tokens: settings.budget.day_tokens.filter(|most| *most > 0),
            day_micro_usd: micro(settings.budget.day_usd),
        },
    }
}

fn exec_config(settings: &Settings, environment: &Environment) -> glossator_exec::Config {
    glossator_exec::Config {
        inherited: environment.inherited.clone(),
        removed_env: settings.providers.values().filter_map(|provider| provider.key_env.clone()).collect(),
        ..glossator_exec::Config::default()
    }
}

/// What scripts see of the environment: how to talk to the user and to the shell, and nothing that could be a secret.
const SCRIPT_ENV: &[&str] = &["LANG", "LC_ALL", "TZ", "SHELL"];
/// Detached tasks of one session at once, whatever the settings say: each may be a process.
const MOST_TASKS: usize = 256;
/// Bytes of such a variable; a longer one is no plain fact.
const SCRIPT_ENV_BYTES: usize = 256;

fn script_config(settings: &Settings, environment: &Environment) -> ScriptConfig {
    let script = &settings.script;
    let is_key = |name: &str| settings.providers.values().any(|one| one.key_env.as_deref() == Some(name));
    let seen = SCRIPT_ENV.iter().filter(|name| !is_key(name)).filter_map(|name| {
        let value = (environment.variables)(name).filter(|value| value.len() <= SCRIPT_ENV_BYTES)?;
        Some(((*name).to_owned(), value))
    });
    ScriptConfig {
        limits: Limits {
            source_bytes: bytes(script.source_kb, 10),
            memory_bytes: bytes(script.memory_mb, 20),
            stack_bytes: bytes(script.stack_kb, 10),
            wall: Duration::from_secs(script.wall_s),
            cpu: Duration::from_secs(script.cpu_s),
            calls: script.max_calls,
            concurrent_calls: script.max_concurrent_calls.max(1),
            result_bytes: bytes(script.result_kb, 10),
            console_lines: script.console.lines,
            console_per_second: script.console.per_second,
            store_bytes: bytes(script.store_kb, 10),
            ..Limits::default()
        },
        tasks: script.max_tasks.min(MOST_TASKS),
        env: seen.collect(),
    }
}

/// `units` of 2^`shift` bytes; what no machine has counts as the most there is.
fn bytes(units: usize, shift: u32) -> usize {
    units.saturating_mul(1 << shift)
}

/// Takes out the keys of all providers that are set up, and those that other connections brought.
fn redact(settings: &Settings, environment: &Environment) -> Arc<dyn Fn(&str) -> String + Send + Sync> {
    let stores = key_stores(settings, environment);
    stores.remember(&settings.providers.keys().map(String::as_str).collect::<Vec<_>>());
    settings.providers.iter().for_each(|one| credentials(one, (&stores, environment)).remember());
    Arc::new(glossator_auth::without_keys)
}

/// How providers are reached under `settings`.
pub fn http_config(settings: &Settings) -> glossator_models::Config {
    glossator_models::Config {
        connect_timeout: Duration::from_secs(settings.http.connect_timeout_s),
        idle_timeout: Duration::from_secs(settings.http.idle_timeout_s),
        max_retries: settings.http.max_retries,
        proxy: settings.http.proxy.clone(),
        no_proxy: settings.http.no_proxy.clone(),
        ca_file: settings.http.ca_file.clone(),
        ..glossator_models::Config::default()
    }
}

/// The model that is asked.
struct Chosen {
    provider: Provider,
    /// Its id, exactly as the user wrote it.
    model: String,
    wishes: ModelSettings,
    facts: Facts,
}

/// The provider and the model's id, or what has to be done before there is one.
fn choose(settings: &Settings, environment: &Environment, named: Option<&str>) -> Result<Chosen, String> {
    let file = environment.settings_file.display();
    let Some(named) = named.map(str::trim).filter(|name| !name.is_empty()) else {
        return Err(format!(
            "No model is chosen. {} `glossator demo` shows a turn without a key.",
            first_steps(settings, environment)
        ));
    };
    let section = settings.models.get(named);
    let name = section.and_then(|section| section.id.as_deref()).unwrap_or(named);
    // Everything after the first slash is the model's id, and is sent exactly so.
    let Some((slug, model)) = name.split_once('/').filter(|(_, model)| !model.is_empty()) else {
        return Err(format!(
            "`model` is '{name}', but should be provider/model id, as in anthropic/<model id>, or the slug of a \
             [models.slug] section with an id; see {file}."
        ));
    };
    let wishes = section.or_else(|| settings.models.get(name)).cloned().unwrap_or_default();
    let facts = facts(glossator_models::catalogue::facts(slug, model), &wishes);
    Ok(Chosen { provider: provider(settings, environment, slug)?, model: model.to_owned(), wishes, facts })
}

/// What is known of a model, with the user's word over the catalogue's.
pub(crate) fn facts(known: Facts, wishes: &ModelSettings) -> Facts {
    let wishes = wishes.clone();
    Facts {
        context_window: wishes.context_window.or(known.context_window),
        images: wishes.images.or(known.images),
        thinking: wishes.thinking_style.unwrap_or(known.thinking),
        efforts: wishes.efforts.unwrap_or(known.efforts),
        price: wishes.price.map_or(known.price.clone(), |wished| wished.over(known.price)),
        ..known
    }
}

/// The provider called `slug`, or what has to be done before there is one.
pub fn provider(settings: &Settings, environment: &Environment, slug: &str) -> Result<Provider, String> {
    let file = environment.settings_file.display();
    let Some((name, provider)) = settings.providers.get_key_value(slug) else {
        let known = settings.providers.keys().cloned().collect::<Vec<_>>().join(", ");
        return Err(format!(
            "The provider '{slug}' is not set up (there are: {known}). Add [providers.{slug}] to {file}."
        ));
    };
    if provider.base_url.is_empty() {
        return Err(format!("[providers.{slug}] has no base_url; add one in {file}."));
    }
    Ok(Provider {
        slug: slug.to_owned(),
        wire: match provider.wire {
            WireName::Messages => Wire::Messages,
            WireName::Responses => Wire::Responses,
            WireName::Chat => Wire::Chat,
            WireName::Ollama => Wire::Ollama,
        },
        base_url: provider.base_url.clone(),
        headers: provider.headers.clone().into_iter().collect(),
        query: provider.query.clone().into_iter().collect(),
        dialect: dialect(provider, slug),
        auth: auth((name, provider), (&key_stores(settings, environment), environment)),
    })
}

/// The user's word, else what is known of the address, else of the slug.
fn dialect(provider: &ProviderSettings, slug: &str) -> Dialect {
    let known = match glossator_models::known_dialect(&provider.base_url) {
        plain if plain == Dialect::default() => glossator_models::known_dialect(slug),
        found => found,
    };
    provider.dialect.over(known)
}

/// The key is looked up at each request: one that is set later is found.
fn auth(
    (slug, provider): (&String, &ProviderSettings),
    (stores, environment): (&KeyStores, &Environment),
) -> Auth {
    let credentials = credentials((slug, provider), (stores, environment));
    let style = match provider.wire {
        WireName::Messages => HeaderStyle::XApiKey,
        WireName::Responses | WireName::Chat | WireName::Ollama => HeaderStyle::Bearer,
    };
    Arc::new(move || {
        let header = credentials.header(style).map_err(|error| error.to_string())?;
        let Some(header) = header else {
            return Ok(Vec::new());
        };
        Ok(vec![(header.name.to_owned(), SecretHeader::new(header.expose_value())?)])
    })
}
