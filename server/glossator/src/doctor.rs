//! `glossator doctor`: looks at settings, key, state folder, script workers, shell and editors, and says what to do. Asks no
//! provider and changes nothing.
#![allow(clippy::disallowed_methods)] // Looks for programs on PATH and at folders of ours, from outside.

use crate::assemble;
use crate::login::place;
use crate::sessions::{count, size};
use crate::terminal::say;
use glossator_agent::TurnConfig;
use glossator_settings::{Environment, Loaded, Settings, Source, key_stores, provider_keys, turn_config};
use glossator_store::{IndexHealth, ListQuery, Store, can_write};
use glossator_tools::{BuffersMode, Mode, Registry};
use serde::Serialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Bytes of room on the disk below which it is said.
const LITTLE: u64 = 200 << 20;

/// How a matter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Standing {
    Good,
    /// Works, with something to know.
    Note,
    /// Has to be mended before the agent can work as it should.
    Problem,
}

#[derive(Debug, Serialize)]
struct Finding {
    about: &'static str,
    standing: Standing,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    todo: Option<String>,
}

impl Finding {
    fn good(about: &'static str, text: impl Into<String>) -> Finding {
        Finding { about, standing: Standing::Good, text: text.into(), todo: None }
    }

    fn note(about: &'static str, text: impl Into<String>) -> Finding {
        Finding { about, standing: Standing::Note, text: text.into(), todo: None }
    }

    fn problem(about: &'static str, text: impl Into<String>, todo: impl Into<String>) -> Finding {
        Finding { about, standing: Standing::Problem, text: text.into(), todo: Some(todo.into()) }
    }
}

/// Looks and tells; exit code 1 when something has to be mended, 2 for a folder that is none.
pub async fn run(cwd: Option<PathBuf>, as_json: bool) -> u8 {
    let folder = match crate::exec::folder(cwd.as_deref()) {
        Ok(folder) => folder,
        Err(message) => {
            crate::terminal::complain!("error: {message}");
            return 2;
        }
    };
    let findings = look(&folder).await;
    for finding in &findings {
        match as_json {
            true => say!("{}", json!(finding)),
            false => show(finding),
        }
    }
    u8::from(findings.iter().any(|finding| finding.standing == Standing::Problem))
}

fn show(finding: &Finding) {
    let mark = match finding.standing {
        Standing::Good => "ok     ",
        Standing::Note => "note   ",
        Standing::Problem => "PROBLEM",
    };
    let mut lines = finding.text.lines();
    say!("{mark} {:<9} {}", finding.about, lines.next().unwrap_or_default());
    lines.for_each(|line| say!("{:18}{line}", ""));
    finding.todo.iter().for_each(|todo| say!("{:18}-> {todo}", ""));
}

async fn look(folder: &Path) -> Vec<Finding> {
    let kit = assemble::kit();
    let identity = glossator_workspace::identity(folder);
    let source = Source {
        folders: kit.folders.clone(),
        workspace: Some(identity.clone()),
        editor: Value::Null,
        command_line: Value::Null,
    };
    let agent = (kit.agent)(&identity);
    let trusted = agent.trusted(&identity, source.workspace_text().as_deref());
    let Loaded { settings, problems } = source.load(trusted);
    let mut found = vec![Finding::good(
        "program",
        format!(
            "glossator {} on {} {}",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH
        ),
    )];
    found.push(settings_file(&kit.folders.config));
    found.extend(problems.iter().map(|problem| {
        Finding::problem(
            "settings",
            problem.to_string(),
            "mend or delete the key; the rest of the file holds",
        )
    }));
    found.push(packs(&settings));
    found.push(trust(&identity, trusted, source.untrusted(trusted)));
    let environment = Environment { dotenv: source.dotenv(trusted), ..kit.environment };
    let config = turn_config(&settings, &environment);
    found.push(model(&settings, &environment, &config));
    found.push(keys(&settings, &environment));
    found.extend(state(&kit.folders.state, &identity));
    found.push(scripts(config.acts.mode).await);
    found.push(commands(config.acts.exec.buffers).await);
    found.push(editors());
    found
}

fn settings_file(config: &Path) -> Finding {
    let file = config.join("settings.toml");
    match file.is_file() {
        true => Finding::good("settings", file.display().to_string()),
        false => {
            Finding::note("settings", format!("{} is not there: what is built in holds", file.display()))
        }
    }
}

fn packs(settings: &Settings) -> Finding {
    let views = glossator_tools::packs(&settings.packs);
    let broken: Vec<String> = views.iter().filter_map(|pack| pack.problem.clone()).collect();
    let chosen = Registry::resolve(&settings.pack, &settings.packs).map_err(|error| error.to_string());
    match (chosen, broken.is_empty()) {
        (Err(why), _) => Finding::problem(
            "packs",
            why,
            "mend [packs] or `pack` in the settings: until then every prompt is refused",
        ),
        (Ok(_), false) => Finding::note("packs", broken.join("\n")),
        (Ok(registry), true) => {
            Finding::good("packs", format!("`{}`, {} tools", settings.pack, registry.names().len()))
        }
    }
}

fn trust(identity: &Path, trusted: bool, left_out: Option<String>) -> Finding {
    let folder = identity.display();
    match (trusted, left_out) {
        (true, _) => Finding::good("trust", format!("{folder} is trusted")),
        (false, Some(what)) => Finding::note("trust", what),
        (false, None) => Finding::note(
            "trust",
            format!("{folder} is not trusted: its AGENTS.md and .glossator/settings.toml are not followed"),
        ),
    }
}

fn model(settings: &Settings, environment: &Environment, config: &TurnConfig) -> Finding {
    let provider = match &config.provider {
        Ok(provider) => provider,
        Err(why) => {
            return Finding::problem(
                "model",
                why.clone(),
                "choose a model; `glossator models` lists providers",
            );
        }
    };
    let name = format!("{}/{} at {}", provider.slug, config.request.model, provider.base_url);
    let keys = provider_keys(settings, environment);
    match keys.iter().find(|one| one.slug == provider.slug).map(|one| (one, &one.source)) {
        None | Some((_, Ok(None))) => Finding::good("model", format!("{name}, without a key")),
        Some((one, Ok(Some(source)))) => Finding::good("model", format!("{name}, {}", place(one, *source))),
        Some((_, Err(why))) => {
            Finding::problem("model", format!("{name}: {why}"), "`glossator login` stores a key")
        }
    }
}

fn keys(settings: &Settings, environment: &Environment) -> Finding {
    let stores = key_stores(settings, environment);
    let keyring = match stores.keyring.as_ref().map(|keyring| keyring.answers()) {
        None => "the keyring is not used (auth.store)".to_owned(),
        Some(Ok(())) => "the keyring of the system answers, and takes new keys".to_owned(),
        Some(Err(fault)) => format!("no keyring of the system: {fault}"),
    };
    let Some(file) = stores.file else { return Finding::good("keys", keyring) };
    let path = file.path().display();
    match file.providers() {
        Ok(stored) if stored.is_empty() => {
            Finding::good("keys", format!("none is stored in a file (`glossator login`)\n{keyring}"))
        }
        Ok(stored) => {
            Finding::good("keys", format!("{path}, not encrypted: {}\n{keyring}", stored.join(", ")))
        }
        Err(error) => Finding::problem("keys", error.to_string(), "until then stored keys are not used"),
    }
}

fn state(folder: &Path, identity: &Path) -> Vec<Finding> {
    let todo = "sessions live in memory only until this is mended; GLOSSATOR_STATE_DIR names another folder";
    let listed = can_write(folder)
        .and_then(|()| Store::open(folder, identity))
        .and_then(|store| Ok((store.list(&ListQuery::default())?, store)));
    let (page, store) = match listed {
        Ok(listed) => listed,
        Err(error) => return vec![Finding::problem("state", error.to_string(), todo)],
    };
    let (bytes, free) = store.state_usage();
    let text = format!(
        "{}, {}, {} of this workspace{}",
        folder.display(),
        size(bytes),
        count(page.sessions.len() as u64, "session"),
        free.map(|free| format!(", {} free", size(free))).unwrap_or_default()
    );
    let kept = match free {
        Some(free) if free < LITTLE => {
            Finding::problem("state", text, "free some space: sessions soon cannot be stored")
        }
        _ => Finding::good("state", text),
    };
    let mut found = vec![kept];
    found.extend(page.notices.into_iter().map(|notice| Finding::note("state", notice)));
    found.push(index(&store.index_health()));
    found
}

fn index(health: &IndexHealth) -> Finding {
    let text = format!("{}, {}", count(health.sessions as u64, "session"), size(health.bytes));
    match (&health.problem, health.behind) {
        (Some(why), _) => Finding::problem(
            "index",
            format!("{text}: {why}"),
            "lists and searches read the logs until `glossator sessions reindex` makes it anew",
        ),
        (None, 0) => Finding::good("index", text),
        (None, behind) => Finding::note(
            "index",
            format!("{text}, {behind} still to be read: the next search does, or `reindex`"),
        ),
    }
}

async fn scripts(mode: Mode) -> Finding {
    let isolation = assemble::engine().isolation().await;
    let text = format!("mode: {}\n{isolation}", mode.name());
    match (isolation.error.is_some(), isolation.missing.is_empty()) {
        (true, _) => Finding::problem(
            "scripts",
            text,
            "until this is mended use native tool calls: tools.calling = \"native\" in the settings",
        ),
        (false, false) => Finding::note("scripts", text),
        (false, true) => Finding::good("scripts", text),
    }
}

async fn commands(buffers: BuffersMode) -> Finding {
    let shell = if on_path("bash") { "bash" } else { "sh" };
    let git = if on_path("git") { "git is there" } else { "git is not on PATH" };
    let support = tokio::task::spawn_blocking(glossator_exec::overlay_support).await;
    let support = support.unwrap_or_else(|_| Err("looking for it broke down".to_owned()));
    let overlay = match (buffers, support) {
        (BuffersMode::Auto | BuffersMode::Overlay, Ok(())) => {
            "unsaved text: commands run on an overlay and see it; what they change comes back for review"
                .to_owned()
        }
        (BuffersMode::Auto | BuffersMode::Overlay, Err(why)) => {
            format!(
                "unsaved text: no overlay here ({why}); commands wait for you to save, or see the disk's text"
            )
        }
        (mode, _) => format!("unsaved text: exec.buffers is {mode:?}").to_lowercase(),
    };
    let text = format!(
        "run by {shell}, as you: no sandbox yet, so all but known safe commands ask ({git})\n{overlay}"
    );
    Finding::note("commands", text)
}

fn editors() -> Finding {
    let known = [
        ("nvim", "Neovim"),
        ("hx", "Helix"),
        ("helix", "Helix"),
        ("code", "VS Code"),
        ("codium", "VSCodium"),
    ];
    let found: Vec<&str> =
        known.iter().filter(|(program, _)| on_path(program)).map(|(_, name)| *name).collect();
    match found.is_empty() {
        true => Finding::note("editors", "none of nvim, hx and code is on PATH"),
        false => Finding::good("editors", found.join(", ")),
    }
}

fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
