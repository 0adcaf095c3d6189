//! Carries over what a command wrote on its overlay: texts as one change set through the door of all edits, the rest as
//! bytes. What does not fit what the user has now is kept beside and named; other files still go over.

use super::ask::{Answered, Question, ask};
use super::collect::{Collected, collect};
use super::given::Given;
use super::pairs::{Made, plan};
use super::{Effects, Named, NotApplied};
use crate::policy::is_protected;
use crate::{Door, ReviewMode, ToolCx};
use glossator_exec::OverlayOutcome;
use glossator_text::ChangeSet;
use glossator_workspace::{Product, Put};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use tokio_util::sync::CancellationToken;

/// Files of one change set.
const MOST_FILES: usize = 2_000;
/// Bytes of texts, before and after, in one change set.
const MOST_BYTES: usize = 32 << 20;
/// Ignored paths that are named where they could not be put in place.
const MOST_UNPLACED: usize = 10;
/// Characters of a command that editors show as the name of an undo step.
const LABEL: usize = 60;

/// Carries over what the command `line` wrote. The upper layers that `ran` keeps are read and then given up.
pub(crate) async fn apply(cx: ToolCx, line: String, (given, ran): (Given, OverlayOutcome)) -> Effects {
    let ran = Arc::new(ran);
    let work = Work { cx, line, since: given.since, effects: Effects::default() };
    let (workspace, outcome) = (work.cx.workspace.clone(), ran.clone());
    let collected = tokio::task::spawn_blocking(move || collect(&workspace, &given, &outcome.written)).await;
    let mut effects = match collected {
        Ok(collected) => work.carry_over(collected).await,
        Err(_) => Effects {
            notes: vec!["What the command changed could not be looked through and is lost.".to_owned()],
            ..Effects::default()
        },
    };
    effects.notes.extend(ran.notes.iter().cloned());
    effects
}

struct Work {
    cx: ToolCx,
    line: String,
    since: SystemTime,
    effects: Effects,
}

/// Something that goes over as bytes, with what it is.
type Odd = (PathBuf, Put, String);

impl Work {
    async fn carry_over(mut self, mut collected: Collected) -> Effects {
        let planned = plan(std::mem::take(&mut collected.pairs));
        for (path, why, text) in collected.refused {
            self.not_applied(&path, why, text);
        }
        self.place(std::mem::take(&mut collected.products)).await;
        let mut odd = collected.odd;
        let with_put =
            |(path, why): (PathBuf, String)| Some((path.clone(), collected.puts.remove(&path)?, why));
        odd.extend(planned.others.into_iter().filter_map(with_put));
        let made = self.bounded(planned.made);
        let made = self.that_fit(made).await;
        let (made, odd) = self.allowed(made, odd).await;
        let from = |one: &Made| match collected.puts.remove(one.change.path_after()) {
            Some(Put::File { from, .. }) => Some((one.change.path_after().to_path_buf(), from)),
            _ => None,
        };
        let times = made.iter().filter_map(from).collect();
        let failed = self.commit(made).await;
        self.keep_times(times).await;
        let modes = planned.modes.into_iter().filter(|(path, _)| !failed.contains(path));
        self.put_odd(odd, modes.collect(), collected.emptied).await;
        self.effects
    }

    fn display(&self, path: &Path) -> String {
        self.cx.workspace.roots().display(path)
    }

    /// Names a change that is not carried over, and keeps the text that the command wrote.
    fn not_applied(&mut self, path: &Path, why: String, text: Option<Arc<str>>) {
        let key = text.and_then(|text| self.cx.turn.keep(&text).ok()).map(|key| key.0);
        let path = self.display(path);
        self.effects.not_applied.push(NotApplied { path, why, file_key: key });
    }

    /// What is ignored or git's own is none of the user's files: it is put in place and not told, but for what could not.
    async fn place(&mut self, products: Vec<Product>) {
        if products.is_empty() {
            return;
        }
        let workspace = self.cx.workspace.clone();
        let placed = tokio::task::spawn_blocking(move || workspace.place_blocking(&products)).await;
        let Ok(failed) = placed else {
            let lost = "What the command left at ignored paths could not be put in place.";
            return self.effects.notes.push(lost.to_owned());
        };
        let named = failed.iter().take(MOST_UNPLACED);
        let named = named.map(|(path, why)| {
            format!(
                "{} is ignored by git, and could not be made what the command made it: {why}.",
                self.display(path)
            )
        });
        let mut notes: Vec<String> = named.collect();
        if let Some(more) = failed.len().checked_sub(MOST_UNPLACED).filter(|more| *more > 0) {
            notes.push(format!("So it is with {more} more ignored paths."));
        }
        self.effects.notes.extend(notes);
    }

    /// Puts bytes in place; gives what could not be, and why.
    async fn put(&self, all: Vec<(PathBuf, Put)>, since: SystemTime) -> Vec<(PathBuf, String)> {
        let workspace = self.cx.workspace.clone();
        let work = move || -> Vec<(PathBuf, String)> {
            let put = |(path, put): (PathBuf, Put)| {
                let failed = workspace.put_blocking(&path, &put, since).err();
                failed.map(|why| (path, why))
            };
            all.into_iter().filter_map(put).collect()
        };
        tokio::task::spawn_blocking(work).await.unwrap_or_default()
    }

    /// As many changes as one change set holds; the others are named.
    fn bounded(&mut self, made: Vec<Made>) -> Vec<Made> {
        let (mut bytes, mut kept) = (0, Vec::new());
        for one in made {
            bytes += one.size();
            if kept.len() < MOST_FILES && bytes <= MOST_BYTES {
                kept.push(one);
            } else {
                let why = "the command changed more than one change set holds".to_owned();
                self.not_applied(one.change.path_after(), why, one.after);
            }
        }
        kept
    }

    /// Those of the changes that fit what the user has now.
    async fn that_fit(&mut self, made: Vec<Made>) -> Vec<Made> {
        let set = |made: &[Made]| ChangeSet { files: made.iter().map(|one| one.change.clone()).collect() };
        let workspace = self.cx.workspace.clone();
        if made.is_empty() || workspace.check(set(&made)).await.is_ok() {
            return made;
        }
        let mut fit = Vec::new();
        for one in made {
            match workspace.check(set(std::slice::from_ref(&one))).await {
                Ok(_) => fit.push(one),
                Err(problems) => {
                    self.not_applied(one.change.path_after(), problems.join("\n"), one.after);
                }
            }
        }
        fit
    }

    /// What of it may go over: the user is asked for protected files, and for all with `edits.review = "before"`.
    async fn allowed(&mut self, made: Vec<Made>, odd: Vec<Odd>) -> (Vec<Made>, Vec<Odd>) {
        let all = self.cx.review == ReviewMode::Before;
        let roots = self.cx.workspace.roots();
        let asks = |path: &Path| all || is_protected(&roots.display(path));
        let asks_made = |one: &Made| asks(&one.change.path) || asks(one.change.path_after());
        let (asked, mut free): (Vec<Made>, Vec<Made>) = made.into_iter().partition(asks_made);
        let (asked_odd, mut free_odd): (Vec<Odd>, Vec<Odd>) = odd.into_iter().partition(|one| asks(&one.0));
        if asked.is_empty() && asked_odd.is_empty() {
            return (free, free_odd);
        }
        let texts = kept_texts(&asked);
        let shown = |one: &Odd| (one.0.clone(), one.2.clone());
        let reason = match all {
            true => "the command changed these files; edits are accepted before they are made".to_owned(),
            false => {
                let odd = asked_odd.iter().map(|one| one.0.as_path());
                let paths = asked.iter().map(|one| one.change.path_after()).chain(odd);
                let paths: Vec<String> = paths.map(|path| roots.display(path)).take(5).collect();
                format!("{} can change what programs execute", paths.join(", "))
            }
        };
        let others = asked_odd.iter().map(shown).collect();
        let question = Question { line: &self.line, reason, made: asked, others };
        let Answered { made, others, refused } = ask(&self.cx, question).await;
        free.extend(made);
        if others {
            free_odd.extend(asked_odd);
        }
        for one in refused {
            let path = texts.keys().find(|path| roots.display(path) == one.path).cloned();
            let text = path.as_ref().and_then(|path| texts.get(path).cloned());
            let key = text.and_then(|text| self.cx.turn.keep(&text).ok()).map(|key| key.0);
            self.effects.not_applied.push(NotApplied { file_key: key, ..one });
        }
        (free, free_odd)
    }

    /// Makes the changes; gives the files whose changes were not made. An editor that does not go along costs the changes
    /// of open files alone.
    async fn commit(&mut self, made: Vec<Made>) -> Vec<PathBuf> {
        let Err(why) = self.make(&made).await else { return Vec::new() };
        let overlay = self.cx.workspace.overlay().clone();
        let open = tokio::task::spawn_blocking(move || overlay.all()).await.unwrap_or_default();
        let open: Vec<PathBuf> = open.into_iter().filter_map(|buffer| buffer.path).collect();
        let (opened, closed): (Vec<Made>, Vec<Made>) =
            made.into_iter().partition(|one| open.contains(&one.change.path));
        let mut failed: Vec<(Made, String)> = opened.into_iter().map(|one| (one, why.clone())).collect();
        // Without open files among them, the second try would be the first.
        let again = if failed.is_empty() { Err(why) } else { self.make(&closed).await };
        if let Err(why) = again {
            failed.extend(closed.into_iter().map(|one| (one, why.clone())));
        }
        let paths = failed.iter().map(|(one, _)| one.change.path.clone()).collect();
        for (one, why) in failed {
            self.not_applied(one.change.path_after(), why, one.after);
        }
        paths
    }

    /// What the command built of these files after it had changed them stays newer than they are.
    async fn keep_times(&self, times: Vec<(PathBuf, PathBuf)>) {
        let workspace = self.cx.workspace.clone();
        let keep = move || {
            for (path, from) in times {
                // Without, it is built once more.
                let _ = workspace.keep_time_blocking(&path, &from);
            }
        };
        let _ = tokio::task::spawn_blocking(keep).await;
    }

    async fn make(&mut self, made: &[Made]) -> Result<(), String> {
        if made.is_empty() {
            return Ok(());
        }
        let change = ChangeSet { files: made.iter().map(|one| one.change.clone()).collect() };
        let door = Door {
            workspace: self.cx.workspace.clone(),
            journal: self.cx.journal.clone(),
            lock: self.cx.commit_lock.clone(),
            // What a cancelled command has changed is carried over all the same.
            cancel: CancellationToken::new(),
        };
        let label: String = self.line.chars().take(LABEL).collect();
        let committed = door.commit(change, &format!("Glossator: {label}"), None).await?;
        let roots = self.cx.workspace.roots();
        self.effects.change_set = Some(committed.id);
        self.effects.changes = made.iter().map(|one| one.told(&|path| roots.display(path))).collect();
        Ok(())
    }

    /// Puts what is no text in place, then permissions, and removes folders that the command emptied.
    async fn put_odd(&mut self, odd: Vec<Odd>, modes: Vec<(PathBuf, u32)>, emptied: Vec<PathBuf>) {
        let puts = odd.iter().map(|(path, put, _)| (path.clone(), put.clone())).collect();
        let failed: HashMap<PathBuf, String> = self.put(puts, self.since).await.into_iter().collect();
        for (path, _, why) in odd {
            match failed.get(&path) {
                Some(failed) => self.not_applied(&path, failed.clone(), None),
                None => self.effects.not_reversible.push(Named { path: self.display(&path), why }),
            }
        }
        // The door has just written some of these.
        let now = SystemTime::now();
        let put_modes = modes.iter().map(|(path, mode)| (path.clone(), Put::Mode { mode: *mode })).collect();
        let failed: HashMap<PathBuf, String> = self.put(put_modes, now).await.into_iter().collect();
        for (path, _) in modes.into_iter().filter(|(path, _)| !failed.contains_key(path)) {
            let why = "its permissions changed".to_owned();
            self.effects.not_reversible.push(Named { path: self.display(&path), why });
        }
        let workspace = self.cx.workspace.clone();
        let remove = move || {
            for folder in emptied.iter().filter(|folder| workspace.below_blocking(folder).is_empty()) {
                // A folder that stays is no loss.
                let _ = workspace.put_blocking(folder, &Put::Nothing, now);
            }
        };
        let _ = tokio::task::spawn_blocking(remove).await;
    }
}

/// The texts that a command wrote, by path.
fn kept_texts(made: &[Made]) -> HashMap<PathBuf, Arc<str>> {
    let text = |one: &Made| Some((one.change.path_after().to_path_buf(), one.after.clone()?));
    made.iter().filter_map(text).collect()
}
