//! `glossator setup helix`: Helix has no wildcard, and a language's list of servers replaces the one it comes with. So Helix is
//! asked what it knows, each language gets its servers and glossator behind them, and Helix is asked again whether that is so.

mod ask;
mod health;
mod keys;
mod languages;
mod servers;

use super::files::Files;
use super::marks::Marks;
use super::place::Place;
use super::plan::{Change, Plan};
use crate::terminal::complain;
use ask::{Helix, Known};
use languages::Language;

/// How marks are written in TOML.
const MARKS: Marks = Marks { comment: "#" };
/// The keys that the guide has.
const KEYS: &str = include_str!("../../../../../editors/helix/config.toml");
/// Languages that are looked at again when nothing was guessed.
const ENOUGH: usize = 16;
/// Since this version commands take arguments.
const ARGUMENTS: (u32, u32) = (25, 7);

/// What is to be written into `languages.toml` and `config.toml`.
pub async fn plan(place: &Place, files: &Files, remove: bool) -> Result<Plan, String> {
    let folder = place.config.join("helix");
    let (languages, config) = (folder.join("languages.toml"), folder.join("config.toml"));
    let old_languages = files.read(&languages).await?;
    let old_config = files.read(&config).await?;
    let of_languages = |why: String| format!("{}: {why}", languages.display());
    let of_config = |why: String| format!("{}: {why}", config.display());
    let clean_languages = languages::clean(&text(&old_languages)).map_err(of_languages)?;
    let clean_config = keys::clean(&text(&old_config)).map_err(of_config)?;
    let mut plan = Plan::default();
    let (new_languages, new_config) = match remove {
        true => (clean_languages, clean_config),
        false => {
            let helix = Helix::find(place).await?;
            complain!("Asking Helix {} which servers its languages have ...", helix.shown());
            let merged = merge(&helix, place, files, &clean_languages).await.map_err(of_languages)?;
            plan.notes.extend(merged.notes);
            let keys = keys::added(&clean_config, KEYS, helix.version >= ARGUMENTS).map_err(of_config)?;
            plan.notes.extend(keys.notes);
            plan.notes.extend(place.server_note());
            plan.next = next(&helix);
            (merged.text, keys.text)
        }
    };
    plan.changes.extend(Change::of_user(languages, old_languages, new_languages));
    plan.changes.extend(Change::of_user(config, old_config, new_config));
    Ok(plan)
}

fn text(read: &Option<String>) -> String {
    read.clone().unwrap_or_default()
}

fn next(helix: &Helix) -> Vec<String> {
    let program = helix.program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    vec![
        format!(
            "Start Helix anew: `{program} --health rust` lists glossator, and Space a shows what it offers."
        ),
        "After an update of Helix, or when you change the servers of a language, run this again.".to_owned(),
        "Where machines share these files, run it with the oldest Helix of them: one that does not know a language that is \
         named there reads none of your languages."
            .to_owned(),
    ]
}

/// A text with glossator in it, and what to know of it.
struct Merged {
    text: String,
    notes: Vec<String>,
}

/// Adds glossator to every language that Helix knows, and has Helix confirm it.
async fn merge(helix: &Helix, place: &Place, files: &Files, clean: &str) -> Result<Merged, String> {
    let before = helix.languages(files, clean, None).await?;
    let user = languages::read(clean)?;
    let command = place.server();
    let mut wanted = wanted(&before, &user, helix.version);
    let text = languages::added(clean, &wanted, &command)?;
    // Where Helix tells names, a few show whether it takes the file; where names were found by commands, each is looked at.
    let looked_at = if before.by_command() { wanted.len() } else { wanted.len().min(ENOUGH) };
    let names = wanted[..looked_at].iter().map(|language| language.name.clone()).collect();
    let after = helix.languages(files, &text, Some(names)).await?;
    let ours = |name: &str| {
        let users = user.commands.get(name).map(String::as_str);
        [Some(name), users].contains(&Some("glossator")) || name == command
    };
    let odd: Vec<String> = wanted[..looked_at]
        .iter()
        .filter(|language| !ends_with(&before, &after, &language.name, ours))
        .map(|language| language.name.clone())
        .collect();
    if odd.is_empty() {
        return Ok(Merged { text, notes: Vec::new() });
    }
    if odd.len() == looked_at {
        return Err(format!(
            "Helix does not take what would be written there; `{} --health rust` may say why (it read {} languages)",
            helix.program.display(),
            after.languages.len()
        ));
    }
    wanted.retain(|language| !odd.contains(&language.name));
    let note = format!(
        "left out, since this Helix tells their servers by other names: {}. Add \"glossator\" to their `language-servers` by hand",
        odd.join(", ")
    );
    Ok(Merged { text: languages::added(clean, &wanted, &command)?, notes: vec![note] })
}

/// The servers of each language as they are to be written; where the user's own file lists some, that list is added to.
fn wanted(known: &Known, user: &languages::User, version: (u32, u32)) -> Vec<Language> {
    let by_command = known.by_command();
    let names = |language: &str, shown: &str| match by_command {
        true => servers::named(language, shown, &user.commands),
        false => shown.to_owned(),
    };
    let mut wanted: Vec<Language> = known
        .languages
        .iter()
        .filter(|(name, _)| !user.listed.contains(*name) && !servers::GONE.contains(&name.as_str()))
        .map(|(name, servers)| Language {
            name: name.clone(),
            servers: servers
                .iter()
                .map(|one| servers::written(name, &names(name, &one.name), version))
                .collect(),
            new: false,
        })
        .collect();
    if !known.languages.contains_key("text") && !user.named.contains("text") {
        wanted.push(Language { name: "text".to_owned(), servers: Vec::new(), new: true });
    }
    wanted
}

/// Whether a language has the servers that it had, and ours behind them.
fn ends_with(before: &Known, after: &Known, language: &str, ours: impl Fn(&str) -> bool) -> bool {
    let names = |known: &Known| -> Vec<String> {
        let servers = known.languages.get(language);
        servers.into_iter().flatten().map(|server| server.name.clone()).collect()
    };
    let (before, mut after) = (names(before), names(after));
    after.pop().is_some_and(|last| ours(&last)) && before == after
}
