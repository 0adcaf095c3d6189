//! `glossator login`, `logout` and `auth status`: keys of providers, stored and removed. A key is read from the terminal
//! without being shown, or from standard input; never from the arguments, where other programs could see it.

use crate::assemble;
use crate::terminal::{complain, err, say};
use glossator_auth::{KeySource, remember};
use glossator_settings::{Environment, ProviderKey, Settings, Source, key_stores, provider_keys};
use serde_json::{Value, json};
#[cfg(unix)]
use std::io::BufRead;
use std::io::{IsTerminal, Read};

/// Bytes that are read of a key.
const LONGEST: u64 = 64 << 10;
/// What Ctrl-C sends.
#[cfg(unix)]
const STOP: u8 = 3;

/// `glossator login`: exit code 0 stored, 1 not stored, 2 usage.
pub fn login(named: Option<&str>, stdin: bool) -> u8 {
    let (settings, environment) = set_up();
    let all = provider_keys(&settings, &environment);
    let Some(slug) = named else {
        all.iter().for_each(|one| show(one, false));
        complain!("error: name the provider: glossator login PROVIDER");
        return 2;
    };
    let Some(provider) = all.iter().find(|one| one.slug == slug) else {
        return no_provider(&settings, &environment);
    };
    let key = match read(slug, stdin) {
        Ok(key) => key,
        Err(why) => {
            complain!("error: {why}");
            return 1;
        }
    };
    // Whatever it is, it is nothing to be shown.
    remember(&key);
    let stored = match key_stores(&settings, &environment).store(slug, &key) {
        Ok(stored) => stored,
        Err(error) => {
            complain!("error: {error}");
            return 1;
        }
    };
    say!("{} Editors that run find it at their next prompt.", stored.message);
    if let (Ok(Some(KeySource::Environment)), Some(variable)) = (&provider.source, &provider.key_env) {
        say!("{variable} is set in the environment, and comes first where it is.");
    }
    if settings.model.is_none() {
        let file = environment.settings_file.display();
        say!(
            "No model is chosen yet: glossator.model in the editor, or  model = \"{slug}/<model id>\"  in {file}."
        );
        say!("`glossator models {slug}` lists what it offers.");
    }
    0
}

/// `glossator logout`: exit code 0 removed, 1 not removed, 2 usage.
pub fn logout(slug: &str) -> u8 {
    let (settings, environment) = set_up();
    let removed = match key_stores(&settings, &environment).remove(slug) {
        Ok(removed) => removed,
        Err(error) => {
            complain!("error: {error}");
            return 1;
        }
    };
    if !removed.removed && !settings.providers.contains_key(slug) {
        return no_provider(&settings, &environment);
    }
    say!("{}", removed.message);
    let left = provider_keys(&settings, &environment).into_iter().find(|one| one.slug == slug);
    let elsewhere =
        |one: &ProviderKey| matches!(one.source, Ok(Some(KeySource::Environment | KeySource::Dotenv)));
    if let Some(ProviderKey { key_env: Some(variable), .. }) = left.filter(elsewhere) {
        say!("One is still found in {variable}.");
    }
    0
}

/// `glossator auth status`: exit code 0 when a provider has a key, 1 when none has.
pub fn status(as_json: bool) -> u8 {
    let (settings, environment) = set_up();
    let all = provider_keys(&settings, &environment);
    all.iter().for_each(|one| show(one, as_json));
    if let Err(error) = key_stores(&settings, &environment).providers(&[]) {
        complain!("warning: {error}");
    }
    u8::from(!all.iter().any(|one| matches!(one.source, Ok(Some(_)))))
}

/// Where a key stands, for people.
pub fn place(one: &ProviderKey, source: KeySource) -> String {
    match source {
        KeySource::Environment => format!("key in {}", one.key_env.as_deref().unwrap_or("the environment")),
        KeySource::Keyring => "key in the keyring of the system".to_owned(),
        KeySource::File => "stored key".to_owned(),
        KeySource::Dotenv => "key in .env".to_owned(),
    }
}

fn show(one: &ProviderKey, as_json: bool) {
    if as_json {
        let source = one.source.as_ref().ok().copied().flatten().map(word);
        let next = one.source.as_ref().err();
        say!(
            "{}",
            json!({
                "provider": one.slug, "baseUrl": one.base_url, "needsKey": one.key_env.is_some(), "keyEnv": one.key_env,
                "source": source, "ready": next.is_none(), "next": next,
            })
        );
        return;
    }
    say!("{:<12} {} ({})", one.slug, one.base_url, state(one));
}

/// How a provider stands, for people.
pub fn state(one: &ProviderKey) -> String {
    match (&one.source, &one.key_env) {
        (Ok(Some(source)), _) => place(one, *source),
        (Ok(None), _) => "no key needed".to_owned(),
        (Err(_), Some(variable)) => format!("no usable key: `glossator login {}`, or {variable}", one.slug),
        (Err(why), None) => why.clone(),
    }
}

/// Where a key stands, in the word of the protocol.
pub fn word(source: KeySource) -> &'static str {
    match source {
        KeySource::Environment => "environment",
        KeySource::Keyring => "keyring",
        KeySource::File => "file",
        KeySource::Dotenv => "dotenv",
    }
}

/// What was typed is not repeated: it may be a key in the wrong place.
fn no_provider(settings: &Settings, environment: &Environment) -> u8 {
    let known: Vec<&str> = settings.providers.keys().map(String::as_str).collect();
    complain!(
        "error: there is no such provider; there are {}. Another one is set up as [providers.NAME] in {}",
        known.join(", "),
        environment.settings_file.display()
    );
    2
}

/// The user's own settings; those of a workspace name no providers here.
fn set_up() -> (Settings, Environment) {
    let kit = assemble::kit();
    let source = Source {
        folders: kit.folders.clone(),
        workspace: None,
        editor: Value::Null,
        command_line: Value::Null,
    };
    let loaded = source.load(false);
    loaded.problems.iter().for_each(|problem| complain!("warning: {problem}"));
    (loaded.settings, kit.environment)
}

/// The key, from the terminal without being shown, else from standard input.
fn read(slug: &str, stdin: bool) -> Result<String, String> {
    let input = std::io::stdin();
    if stdin {
        let mut key = String::new();
        input.take(LONGEST).read_to_string(&mut key).map_err(|error| format!("standard input: {error}"))?;
        return Ok(key);
    }
    if !input.is_terminal() {
        return Err("standard input is no terminal; give the key with --stdin: glossator login PROVIDER --stdin < FILE".to_owned());
    }
    err(&format!("Key of {slug} (not shown; from the provider's own web page): "));
    let key = unseen(&input);
    err("\n");
    key
}

/// A line of the terminal, which does not show it. No signal comes meanwhile, as it would leave the terminal silent.
#[cfg(unix)]
fn unseen(input: &std::io::Stdin) -> Result<String, String> {
    use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};
    let failed =
        |what: &str, error: &dyn std::fmt::Display| format!("the terminal {what} ({error}); use --stdin");
    let before = tcgetattr(input).map_err(|error| failed("cannot be asked", &error))?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
    silent.local_modes.insert(LocalModes::ICANON);
    silent.special_codes[SpecialCodeIndex::VEOL] = STOP;
    tcsetattr(input, OptionalActions::Flush, &silent)
        .map_err(|error| failed("cannot be kept silent", &error))?;
    let read = input.lock().fill_buf().map(|line| String::from_utf8_lossy(line).into_owned());
    // The terminal speaks again whatever happened.
    let _ = tcsetattr(input, OptionalActions::Flush, &before);
    let key = read.map_err(|error| failed("cannot be read", &error))?;
    match key.ends_with(char::from(STOP)) {
        true => Err("stopped; nothing was stored".to_owned()),
        false => Ok(key),
    }
}

#[cfg(not(unix))]
fn unseen(_: &std::io::Stdin) -> Result<String, String> {
    Err("this system's terminal cannot be kept silent here; use --stdin".to_owned())
}
