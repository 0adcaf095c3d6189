//! The scripts of an answer: one after another, each asked for where it may not be the model's own wish, and what the model
//! is told of those that were not run.

use crate::quoted;
use crate::running::Running;
use crate::script_context::context;
use glossator_session::{Ask, AskSubject, CallId, Decision, Grant, Item, ItemBody};
use glossator_store::Sync;
use glossator_tools::{Mode, ScriptBlock, Turn, run_script};
use std::collections::VecDeque;

/// Runs the scripts of round `number` in order; after one that failed the others are not run. `true` when there was any,
/// and so something that the model has to read.
pub(crate) async fn run_all(running: &Running, number: u32, scripts: Vec<String>) -> bool {
    if scripts.is_empty() {
        return false;
    }
    if running.config.turn_mode() == Mode::Disabled {
        let text = "ToolDenied: scripts are disabled in this turn, so yours was not run. Go on without them, or tell the user \
                    that this needs scripts (`script.mode` in the settings, or the mode of the turn).";
        tell(running, number, "disabled", text);
        return true;
    }
    let mut scripts = VecDeque::from(scripts);
    let mut at = 0;
    while let Some(source) = scripts.pop_front() {
        at += 1;
        let id = CallId(format!("S{}-{number}-{at}", running.turn.0));
        if !run(running, id, source).await && !scripts.is_empty() {
            let text = format!(
                "{} later block(s) of this answer were not run, because this one failed.",
                scripts.len()
            );
            tell(running, number, "skipped", &text);
            break;
        }
    }
    true
}

/// Runs one script; whether it ended well.
async fn run(running: &Running, id: CallId, source: String) -> bool {
    record(running, ItemBody::Script { id: id.clone(), source: source.clone() });
    if let Err(why) = consent(running, &id, &source).await {
        refuse(running, id, &format!("ToolDenied: {why}"));
        return false;
    }
    let block = ScriptBlock {
        id: id.clone(),
        source,
        context: context(running),
        limits: running.config.script.limits.clone(),
    };
    let cancel = running.cancel.child_token();
    let report = run_script(running.dispatcher.clone(), &running.shared.engine, block, cancel).await;
    let text = (running.config.redact)(&report.text);
    record(running, ItemBody::ScriptOutput { script: id, text, ok: report.ok });
    report.ok
}

/// Text that the model was shown may hold a script, and a model may repeat it: that is the wish of whoever wrote the text,
/// so the user is asked, whatever the policy allows. A dry run has no effect and needs no consent.
async fn consent(running: &Running, id: &CallId, source: &str) -> Result<(), String> {
    if running.config.turn_mode() != Mode::Enabled {
        return Ok(());
    }
    let of_turn = |items: &[Item]| items.iter().filter(|item| item.turn == running.turn).cloned().collect();
    let items: Vec<Item> = running.session.with_items(of_turn);
    let (recorder, turn, text) = (running.recorder.clone(), running.turn, source.to_owned());
    // Up to some megabytes are read: that is no work for the thread that serves the editor.
    let looked = tokio::task::spawn_blocking(move || {
        quoted::is_quoted(&text, &items, turn) || recorder.given.lock().hold(&text)
    });
    // A look that breaks down found nothing out, so the user is asked.
    if !looked.await.unwrap_or(true) {
        return Ok(());
    }
    let what = "this script repeats text that you were shown (a file, a page, the output of a command)";
    let recorder = &running.recorder;
    if !recorder.can_ask() {
        return Err(format!(
            "{what}. It runs only with the user's consent, and nobody can be asked here. It was not run; if you want the same \
             done, write your own script for it."
        ));
    }
    let ask = Ask {
        id: recorder.fresh_ask_id(),
        call: id.clone(),
        title: "Run a script that repeats text the model was shown?".to_owned(),
        reason: "the same code stood in a file, a page or an output that the model read in this turn, so it may be the wish of \
                 whoever wrote that and not the model's own"
            .to_owned(),
        subject: AskSubject::Script { source: source.to_owned() },
        grants: vec![Grant::Once],
    };
    let answer = recorder.ask(ask.clone(), &[], &running.cancel).await;
    record(running, ItemBody::Approval { ask, answer: answer.clone() });
    match answer.decision {
        Decision::Allow => Ok(()),
        Decision::Deny => {
            let said = answer.message.map(|text| format!(" and said: {text}")).unwrap_or_default();
            Err(format!("{what}, and the user did not allow it{said}. It was not run."))
        }
    }
}

/// Tells the model something about its answer, in the place where it expects results.
pub(crate) fn tell(running: &Running, number: u32, what: &str, text: &str) {
    refuse(running, CallId(format!("S{}-{number}-{what}", running.turn.0)), text);
}

fn refuse(running: &Running, id: CallId, text: &str) {
    let text = format!("<tool-results script=\"{id}\" status=\"failed\">\nerror: {text}\n</tool-results>");
    record(running, ItemBody::ScriptOutput { script: id, text, ok: false });
}

fn record(running: &Running, body: ItemBody) {
    // A log that cannot be written has been reported by `store`.
    let _ = running.recorder.store(body, Sync::No);
}
