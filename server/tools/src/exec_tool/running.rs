//! Runs a command on the road that fits the unsaved text, and gathers what it changed.
//! Decides nothing about whether it may run.

use super::job::{Job, Unsaved};
use super::live::Live;
use super::road::{Case, Road, choose};
use super::wait::{Started, wait};
use crate::effects::{Effects, Given, Tracked, apply, remember_memory};
use crate::{BuffersMode, ToolCx};
use glossator_exec::{
    ExecError, Outcome, OverlayError, OverlayOutcome, Stream, View, overlay_support, run, run_on_overlay,
};
use glossator_session::ToolError;
use std::path::PathBuf;
use std::time::Duration;

/// How long an editor may take to save.
const SAVING: Duration = Duration::from_secs(5);

/// What came of it.
pub(super) struct Ran {
    pub(super) outcome: Outcome,
    pub(super) effects: Effects,
    /// How it saw unsaved text, in a word of the settings.
    pub(super) buffers: &'static str,
    /// Files of which it saw older text than the user's.
    pub(super) older: Vec<String>,
}

/// What decides about the road of a command.
pub(super) async fn case(cx: &ToolCx, safe: bool, dirty: bool) -> Case {
    let setup = &cx.exec;
    let wants_overlay = matches!(setup.buffers, BuffersMode::Auto | BuffersMode::Overlay) && !setup.detached;
    let no_overlay = match &setup.scratch {
        None => Some("there is no folder for it".to_owned()),
        Some(_) if !wants_overlay || (safe && !dirty) => None,
        // Asked of the system, which blocks.
        Some(_) => tokio::task::spawn_blocking(overlay_support).await.ok().and_then(Result::err),
    };
    let no_save = (!cx.workspace.saves()).then(|| "this editor saves nothing for others".to_owned());
    let (asked, detached) = (setup.buffers, setup.detached);
    Case { asked, safe, dirty, detached, no_overlay, no_save, user: cx.turn.can_ask() }
}

/// Runs `job` to its end, and carries over or writes down what it changed.
pub(super) async fn run_job(job: Job, cx: &ToolCx) -> Result<Ran, ToolError> {
    let mut unsaved = Unsaved::of(cx).await;
    let mut case = case(cx, job.safe, !unsaved.paths.is_empty()).await;
    let mut notes = Vec::new();
    loop {
        let (road, note) = choose(&case);
        notes.extend(note);
        let ran = match road {
            Road::Plain => plain(&job, cx, unsaved.shown).await,
            Road::Disk => on_disk(&job, cx, ("disk", unsaved)).await,
            Road::Wait => match wait(&job, cx, &unsaved).await? {
                Started::Saved => on_disk(&job, cx, ("wait", Unsaved::of(cx).await)).await,
                Started::Allowed => on_disk(&job, cx, ("disk", Unsaved::of(cx).await)).await,
            },
            Road::Overlay => match on_overlay(&job, cx).await {
                // Nothing was run; once it is known, what is real is looked for.
                Err(OverlayError::InMemory) => {
                    remember_memory();
                    continue;
                }
                Err(OverlayError::Unsupported(why)) => {
                    case.no_overlay = Some(why.trim_end_matches('.').to_owned());
                    continue;
                }
                Err(OverlayError::Exec(error)) => Err(failed(&error)),
                Err(other) => Err(ToolError::failed(other.to_string())),
                Ok(ran) => Ok(ran),
            },
            Road::Save => match save(cx, &unsaved).await {
                Ok(()) => on_disk(&job, cx, ("save", Unsaved::of(cx).await)).await,
                Err(why) => {
                    case.no_save = Some(why);
                    unsaved = Unsaved::of(cx).await;
                    continue;
                }
            },
        };
        return ran.map(|mut ran| {
            notes.append(&mut ran.effects.notes);
            ran.effects.notes = notes;
            ran
        });
    }
}

fn failed(error: &ExecError) -> ToolError {
    ToolError::failed(error.to_string())
}

/// Has the editor save what the agent touched; other unsaved text is the user's business.
async fn save(cx: &ToolCx, unsaved: &Unsaved) -> Result<(), String> {
    let touched = cx.turn.touched();
    let of_agent: Vec<PathBuf> =
        unsaved.paths.iter().filter(|path| touched.contains(path)).cloned().collect();
    if of_agent.is_empty() {
        return Ok(());
    }
    cx.workspace.save(&of_agent, SAVING).await
}

async fn plain(job: &Job, cx: &ToolCx, older: Vec<String>) -> Result<Ran, ToolError> {
    let live = Live::new(cx.turn.clone(), cx.call.to_string());
    let show = |_: Stream, text: &str| live.show(text);
    let outcome =
        run(&job.request, &cx.exec.config, &cx.cancel, &show).await.map_err(|error| failed(&error))?;
    Ok(Ran { outcome, effects: Effects::default(), buffers: "disk", older })
}

async fn on_disk(
    job: &Job,
    cx: &ToolCx,
    (buffers, unsaved): (&'static str, Unsaved),
) -> Result<Ran, ToolError> {
    if job.safe {
        let ran = plain(job, cx, unsaved.shown).await?;
        return Ok(Ran { buffers, ..ran });
    }
    let tracked = Tracked::begin(cx).await;
    let ran = plain(job, cx, unsaved.shown).await?;
    let effects = match tracked {
        Err(why) => Effects { notes: vec![why], ..Effects::default() },
        Ok(tracked) => {
            let (cx, unsaved) = (cx.clone(), unsaved.paths.into_iter().collect());
            carried_through(async move { tracked.end(&cx, &unsaved).await }).await
        }
    };
    Ok(Ran { effects, buffers, ..ran })
}

async fn on_overlay(job: &Job, cx: &ToolCx) -> Result<Ran, OverlayError> {
    let scratch = cx.exec.scratch.clone().unwrap_or_default();
    let (given, view) = Given::of(cx, scratch).await.map_err(OverlayError::Unsupported)?;
    let older = given.older.clone();
    let mut ran = shown(job, cx, &view).await?;
    let (whole, border) = (ran.outcome.whole.take(), border_note(&ran));
    let outcome = Outcome { whole, ..ran.outcome.clone() };
    let (cx, line) = (cx.clone(), job.line.clone());
    let mut effects = carried_through(apply(cx, line, (given, ran))).await;
    effects.notes.extend(border);
    Ok(Ran { outcome, effects, buffers: "overlay", older })
}

async fn shown(job: &Job, cx: &ToolCx, view: &View) -> Result<OverlayOutcome, OverlayError> {
    let live = Live::new(cx.turn.clone(), cx.call.to_string());
    let show = |_: Stream, text: &str| live.show(text);
    run_on_overlay(&job.request, &cx.exec.config, view, (&cx.cancel, &show)).await
}

/// What a command has changed is seen to even if nobody waits for it any more.
async fn carried_through(work: impl Future<Output = Effects> + Send + 'static) -> Effects {
    let lost = || Effects {
        notes: vec!["What the command changed could not be gathered; look at the files.".to_owned()],
        ..Effects::default()
    };
    tokio::spawn(work).await.unwrap_or_else(|_| lost())
}

/// Words of programs that could not rename or link, and of those that could not remove.
const ACROSS: &[&str] = &["cross-device link", "os error 18", "EXDEV"];
const BUSY: &[&str] = &["resource busy", "os error 16", "EBUSY"];

/// What to do about a border that the command met: of a path that is the real one, or of the overlay itself.
fn border_note(ran: &OverlayOutcome) -> Option<String> {
    let outcome = &ran.outcome;
    let said = |word: &str| outcome.stderr.contains(word) || outcome.stdout.contains(word);
    let (across, busy) = (ACROSS.iter().any(|word| said(word)), BUSY.iter().any(|word| said(word)));
    if outcome.exit_code == 0 || !(across || busy) {
        return None;
    }
    let name = |path: &PathBuf| Some(path.file_name()?.to_str()?.to_owned());
    let real = ran.through.iter().filter_map(name).find(|name| said(name));
    match real {
        Some(name) if across => Some(format!(
            "The command ran on an overlay of the workspace in which {name} is a mount of its own: a rename or hard link \
             between it and other files fails with EXDEV (cross-device link). Copy and delete instead."
        )),
        Some(name) => Some(format!(
            "The command ran on an overlay of the workspace in which {name} is a mount of its own: it cannot be removed or \
             renamed itself (EBUSY), what is in it can. Empty it instead."
        )),
        None if across => Some(
            "The command ran on an overlay of the workspace, in which a folder from before the command cannot be renamed in \
             one step (EXDEV, cross-device link). Copy and delete it instead; `mv` does that by itself."
                .to_owned(),
        ),
        None => None,
    }
}
