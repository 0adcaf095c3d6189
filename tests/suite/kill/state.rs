//! The files as the user sees them, and what the change sets of the logs make of them.

use glossator_session::{ChangeSetId, ChangeState, Item, ItemBody};
use glossator_text::ChangeSet;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Texts by path.
pub type Texts = BTreeMap<PathBuf, String>;

/// All files below `folder`, but for what an interrupted write of ours left.
pub fn on_disk(folder: &Path, texts: &mut Texts) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            on_disk(&path, texts);
        } else if !entry.file_name().to_string_lossy().starts_with(".glossator-") {
            texts.insert(path.clone(), std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// The edits that the user was told of as begun and perhaps not finished.
pub fn named(items: &[Item]) -> BTreeSet<ChangeSetId> {
    let notices = items.iter().filter_map(|item| match &item.body {
        ItemBody::Notice { text, .. } => text.split_once("while it made the edit "),
        _ => None,
    });
    notices.filter_map(|(_, rest)| Some(rest.split_once('.')?.0.into())).collect()
}

/// The files of those edits.
pub fn files_named(items: &[Item]) -> BTreeSet<PathBuf> {
    let named = named(items);
    files(items, |id| named.contains(id))
}

/// The files of all edits.
pub fn files_changed(items: &[Item]) -> BTreeSet<PathBuf> {
    files(items, |_| true)
}

fn files(items: &[Item], wanted: impl Fn(&ChangeSetId) -> bool) -> BTreeSet<PathBuf> {
    let changes = items.iter().filter_map(|item| match &item.body {
        ItemBody::ChangeSet { id, state: ChangeState::Intended { change, .. } } => {
            wanted(id).then_some(change)
        }
        _ => None,
    });
    changes.flat_map(|change| change.files.iter().map(|file| file.path_after().to_owned())).collect()
}

/// What the edits in `items` make of `texts`. Of those that are `named` each file is as `now` says, if that is the text
/// before or after.
pub fn after(texts: &Texts, items: &[Item], now: &Texts) -> Result<Texts, String> {
    let (mut texts, named) = (texts.clone(), named(items));
    let mut intents: BTreeMap<&ChangeSetId, &ChangeSet> = BTreeMap::new();
    for item in items {
        let ItemBody::ChangeSet { id, state } = &item.body else { continue };
        match state {
            ChangeState::Intended { change, .. } => drop(intents.insert(id, change)),
            ChangeState::Committed => {
                // One of earlier was made again: the change set that does it is another.
                let Some(change) = intents.get(id) else { continue };
                let now = named.contains(id).then_some(now);
                apply(&mut texts, change, now).map_err(|why| format!("{id} of {}: {why}", item.turn))?;
            }
            ChangeState::Failed { .. } | ChangeState::Undone | ChangeState::Reviewed { .. } => {}
        }
    }
    Ok(texts)
}

fn apply(texts: &mut Texts, change: &ChangeSet, now: Option<&Texts>) -> Result<(), String> {
    for file in &change.files {
        let before = texts.get(&file.path).cloned();
        if now.is_some_and(|now| now.get(&file.path) == before.as_ref()) {
            continue;
        }
        let after = file.action.apply(before.as_deref())?;
        texts.remove(&file.path);
        if let Some(after) = after {
            texts.insert(file.path_after().to_owned(), after);
        }
    }
    Ok(())
}

/// The files that differ, but for `loose` ones.
pub fn differences(expected: &Texts, found: &Texts, loose: &BTreeSet<PathBuf>) -> Vec<String> {
    let all: BTreeSet<&PathBuf> = expected.keys().chain(found.keys()).collect();
    let differ = |path: &&PathBuf| !loose.contains(*path) && expected.get(*path) != found.get(*path);
    let words = |text: Option<&String>| text.map_or("no file".to_owned(), |text| lines_of(text));
    all.into_iter()
        .filter(differ)
        .map(|path| {
            format!(
                "{}: the log says {}, it is {}",
                path.display(),
                words(expected.get(path)),
                words(found.get(path))
            )
        })
        .collect()
}

/// The lines of a text that count.
fn lines_of(text: &str) -> String {
    let moved = text.lines().filter(|line| !line.ends_with("v0"));
    format!("{:?}", moved.collect::<Vec<_>>())
}
