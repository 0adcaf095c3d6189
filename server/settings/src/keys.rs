//! Where the keys of providers are looked for, and how each provider stands: whether it wants a key, has one, and what to do.
//! Never holds a key.

use crate::auth::StoreSetting;
use crate::model::{ProviderSettings, Settings, WireName};
use glossator_auth::{Credentials, EnvLookup, KeyFile, KeySource, KeyStores, Keyring, Places};
use std::path::PathBuf;

/// What lies outside the settings and is needed beside them.
#[derive(Clone)]
pub struct Environment {
    /// Looks up environment variables.
    pub variables: EnvLookup,
    /// The user's settings file, named in messages.
    pub settings_file: PathBuf,
    /// The environment that commands begin with; `None`: that of this process.
    pub inherited: Option<glossator_exec::Inherited>,
    /// The `.env` file of the workspace, if the user trusts that; only keys are looked up in it.
    pub dotenv: Option<PathBuf>,
    /// Whether nobody waits for the keyring of the system for more than 200 ms: for who only lists how things stand.
    pub is_hurried: bool,
}

/// How one provider stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderKey {
    /// Its slug.
    pub slug: String,
    /// The protocol that is spoken with it.
    pub wire: WireName,
    /// Where it is asked.
    pub base_url: String,
    /// The environment variable that its key may stand in; `None`: it needs no key.
    pub key_env: Option<String>,
    /// Where its key is found (`None`: there is none, and none is needed), or what has to be done.
    pub source: Result<Option<KeySource>, String>,
}

/// The file of stored keys, in the user's config folder.
pub fn key_file(environment: &Environment) -> KeyFile {
    KeyFile::in_folder(environment.settings_file.parent().unwrap_or(&environment.settings_file))
}

/// Where keys are stored, and looked for behind the environment.
pub fn key_stores(settings: &Settings, environment: &Environment) -> KeyStores {
    let store = settings.auth.store;
    KeyStores {
        keyring: (store != StoreSetting::File).then(|| keyring(environment)),
        file: (store != StoreSetting::Keyring).then(|| key_file(environment)),
    }
}

fn keyring(environment: &Environment) -> Keyring {
    let keyring = Keyring::of_system(&environment.variables);
    if environment.is_hurried { keyring.hurried() } else { keyring }
}

/// All providers that are set up, by slug. Asks nobody but the system's keyring, which may take 2 s to be given up, and 200 ms
/// for who is in a hurry.
pub fn provider_keys(settings: &Settings, environment: &Environment) -> Vec<ProviderKey> {
    let stores = key_stores(settings, environment);
    let of = |(slug, one): (&String, &ProviderSettings)| {
        let found =
            credentials((slug, one), (&stores, environment)).source().map_err(|error| error.to_string());
        let place = || {
            format!("[providers.{slug}] has no base_url; add one in {}.", environment.settings_file.display())
        };
        ProviderKey {
            slug: slug.clone(),
            wire: one.wire,
            base_url: one.base_url.clone(),
            key_env: one.key_env.clone(),
            source: if one.base_url.is_empty() { Err(place()) } else { found },
        }
    };
    settings.providers.iter().map(of).collect()
}

/// What to do where no model is chosen, in one or two sentences.
pub(crate) fn first_steps(settings: &Settings, environment: &Environment) -> String {
    let file = environment.settings_file.display();
    let choose = format!(
        "choose one with the command glossator.model, or put a line like  model = \"anthropic/<model id>\"  into {file}: the \
         next prompt finds it."
    );
    // It is only told: nobody waits for that.
    let all = provider_keys(settings, &Environment { is_hurried: true, ..environment.clone() });
    let ready: Vec<&str> =
        all.iter().filter(|one| matches!(one.source, Ok(Some(_)))).map(|one| one.slug.as_str()).collect();
    match ready.is_empty() {
        false => format!("There is a key for {}: {choose}", ready.join(", ")),
        true => format!(
            "First store a key with the command glossator.login or `glossator login PROVIDER`, or set one in the environment the \
             editor is started with (ANTHROPIC_API_KEY, OPENAI_API_KEY or OPENROUTER_API_KEY); a model of Ollama on this \
             machine needs none. Then {choose}"
        ),
    }
}

/// The credentials of a provider.
pub(crate) fn credentials(
    (slug, provider): (&String, &ProviderSettings),
    (stores, environment): (&KeyStores, &Environment),
) -> Credentials {
    let places = Places {
        env: environment.variables.clone(),
        stores: stores.clone(),
        dotenv: environment.dotenv.clone(),
    };
    Credentials::new(slug, provider.key_env.as_deref(), places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::sync::Arc;

    fn environment(folder: &Path, key: Option<&'static str>) -> Environment {
        Environment {
            variables: Arc::new(move |name| key.filter(|_| name == "OPENAI_API_KEY").map(str::to_owned)),
            settings_file: folder.join("settings.toml"),
            inherited: None,
            dotenv: None,
            is_hurried: false,
        }
    }

    #[test]
    fn how_providers_stand() {
        let folder = tempfile::tempdir().unwrap();
        let environment = environment(folder.path(), Some("sk-1234"));
        key_file(&environment).store("openrouter", "sk-or-1234").unwrap();
        let settings: Settings = toml::from_str("[providers.half]\nkey_env = 'HALF_KEY'\n").unwrap();
        let mut settings = Settings { providers: settings.providers, ..Settings::default() };
        settings.providers.extend(Settings::default().providers);
        let found = provider_keys(&settings, &environment);
        let of = |slug: &str| &found.iter().find(|one| one.slug == slug).unwrap().source;
        assert_eq!(*of("openai"), Ok(Some(KeySource::Environment)));
        assert_eq!(*of("openrouter"), Ok(Some(KeySource::File)));
        assert_eq!(*of("ollama"), Ok(None));
        assert!(of("anthropic").as_ref().unwrap_err().contains("glossator login anthropic"));
        assert!(of("half").as_ref().unwrap_err().contains("no base_url"));
    }

    #[test]
    fn first_steps_depend_on_what_there_is() {
        let folder = tempfile::tempdir().unwrap();
        let check = |key: Option<&'static str>, words: &[&str]| {
            let steps = first_steps(&Settings::default(), &environment(folder.path(), key));
            assert!(words.iter().all(|word| steps.contains(word)), "{steps}");
        };
        check(None, &["glossator.login", "ANTHROPIC_API_KEY", "Ollama", "glossator.model", "settings.toml"]);
        check(Some("sk-1234"), &["There is a key for openai:", "glossator.model", "settings.toml"]);
    }
}
