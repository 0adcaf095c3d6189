//! Asks the user's Helix: its version, its languages, the servers of each with a given `languages.toml`. What it prints is
//! read by [`health`](super::health).

use super::health::{self, Server};
use crate::assemble;
use crate::setup::files::Files;
use crate::setup::place::{Place, shown};
use crate::setup::plan::Change;
use crate::setup::programs::output;
use futures::stream::{self, StreamExt, TryStreamExt};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Helix programs that are asked at the same time.
const AT_ONCE: usize = 4;

/// The user's Helix.
pub struct Helix {
    pub program: PathBuf,
    /// `25.07` as (25, 7).
    pub version: (u32, u32),
}

/// Languages by name, with their servers in order.
pub struct Known {
    pub languages: BTreeMap<String, Vec<Server>>,
}

impl Known {
    /// Whether servers are shown by their commands instead of their names, as 25.01 does.
    pub fn by_command(&self) -> bool {
        // A command may be written as a path.
        let differs = |server: &Server| {
            let shown = server.name.rsplit('/').next().unwrap_or_default();
            server.command.as_ref().is_some_and(|command| command.rsplit('/').next() != Some(shown))
        };
        !self.languages.values().flatten().any(differs)
    }
}

impl Helix {
    /// The one on `PATH`; in some systems its program is called `helix`.
    pub async fn find(place: &Place) -> Result<Helix, String> {
        let program = place.which("hx").or_else(|| place.which("helix")).ok_or(
            "Helix is not on PATH (neither `hx` nor `helix`): what it knows can only be learnt from it. Install it, or put its \
             folder on PATH, and run this again; or do by hand what editors/helix/README.md says",
        )?;
        let said = output(&[shown(&program), "--version".to_owned()], &[]).await?;
        let version = health::version(&said.stdout).ok_or_else(|| {
            format!(
                "{} does not look like Helix: `--version` says {:?}",
                program.display(),
                said.stdout.trim()
            )
        })?;
        Ok(Helix { program, version })
    }

    /// Its version, as people write it.
    pub fn shown(&self) -> String {
        format!("{}.{:02}", self.version.0, self.version.1)
    }

    /// What Helix makes of its own languages and this `languages.toml`; of `names` alone, where they are known.
    pub async fn languages(
        &self,
        files: &Files,
        languages_toml: &str,
        names: Option<Vec<String>>,
    ) -> Result<Known, String> {
        let folder = assemble::folders().state.join(format!("glossator/setup-{}", std::process::id()));
        let file = folder.join("helix/languages.toml");
        let put = |before: Option<&str>, after: Option<&str>| {
            let (before, after) = (before.map(str::to_owned), after.map(str::to_owned));
            Change::of_ours(file.clone(), before, after)
        };
        let made: Vec<Change> = put(None, Some(languages_toml)).into_iter().collect();
        files.commit(&made).await?;
        let known = self.ask(&shown(&folder), names).await;
        let gone: Vec<Change> = put(Some(languages_toml), None).into_iter().collect();
        files.commit(&gone).await?;
        known
    }

    async fn ask(&self, config: &str, names: Option<Vec<String>>) -> Result<Known, String> {
        let names = match names {
            Some(names) => names,
            None => self.names(config).await?,
        };
        let each = names.into_iter().map(|name| async move {
            let text = self.health(config, name.clone()).await?;
            Ok::<_, String>(health::servers(&text).map(|servers| (name, servers)))
        });
        let languages: Vec<_> = stream::iter(each).buffered(AT_ONCE).try_collect().await?;
        let languages: BTreeMap<_, _> = languages.into_iter().flatten().collect();
        match languages.is_empty() {
            true => Err(self.strange()),
            false => Ok(Known { languages }),
        }
    }

    /// The names of all languages.
    async fn names(&self, config: &str) -> Result<Vec<String>, String> {
        // A name that no language has makes Helix list those with the same first character, in full.
        let firsts = ('a'..='z').chain('A'..='Z').chain('0'..='9');
        let lists = firsts.map(|first| async move {
            let text = self.health(config, format!("{first}?")).await?;
            Ok::<_, String>(health::suggested(&text))
        });
        let lists: Vec<Vec<String>> = stream::iter(lists).buffered(AT_ONCE).try_collect().await?;
        Ok(lists.concat())
    }

    async fn health(&self, config: &str, language: String) -> Result<String, String> {
        let words = [shown(&self.program), "--health".to_owned(), language];
        let variables = [("XDG_CONFIG_HOME".to_owned(), config.to_owned())];
        Ok(output(&words, &variables).await?.stdout)
    }

    fn strange(&self) -> String {
        format!(
            "`{} --health` answers in a way that is not known here (Helix {}); do by hand what editors/helix/README.md says",
            self.program.display(),
            self.shown()
        )
    }
}
