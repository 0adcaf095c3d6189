//! Waits until unsaved text is saved, or the user lets a command run without it.

use super::job::{Job, Unsaved};
use crate::ToolCx;
use glossator_exec::visible;
use glossator_session::{Ask, AskSubject, Decision, Grant, ItemBody, ToolError, ToolErrorKind};

/// Files that are named.
const NAMED: usize = 5;

/// Why a command starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Started {
    /// All was saved.
    Saved,
    /// The user wants it so.
    Allowed,
}

/// Why a command would wait, as a clause.
pub(super) fn reason(shown: &[String]) -> String {
    let more = shown.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let named = shown.iter().take(NAMED).map(|path| visible(path)).collect::<Vec<_>>().join(", ");
    format!(
        "the command would not see the unsaved text of {named}{more}: save first, or allow it to run on the saved text"
    )
}

/// Waits; `Err` is the user's no, or the end of the call. If the user was asked about this call already, that was the
/// answer.
pub(super) async fn wait(job: &Job, cx: &ToolCx, unsaved: &Unsaved) -> Result<Started, ToolError> {
    if cx.asked {
        return Ok(Started::Allowed);
    }
    let ask = Ask {
        id: cx.turn.fresh_ask_id(),
        call: cx.call.clone(),
        title: format!("Run {} on the saved text?", visible(&job.line)),
        reason: format!("{}; it starts by itself once all of it is saved", reason(&unsaved.shown)),
        subject: AskSubject::Command {
            command: visible(&job.line),
            cwd: visible(&job.request.cwd.display().to_string()),
            begins: None,
        },
        grants: vec![Grant::Once],
    };
    let open = cx.cancel.child_token();
    let mut asked = cx.turn.ask(ask.clone(), &[], &open);
    let saved = cx.workspace.until_saved(&unsaved.paths);
    let answer = tokio::select! {
        biased;
        answer = &mut asked => answer,
        () = saved => {
            // Closes the question wherever it is shown.
            open.cancel();
            asked.await;
            return Ok(Started::Saved);
        }
    };
    if let Err(why) = cx.turn.record(ItemBody::Approval { ask, answer: answer.clone() }) {
        tracing::warn!(%why, "an answer could not be stored");
    }
    match answer.decision {
        Decision::Allow => Ok(Started::Allowed),
        Decision::Deny if cx.cancel.is_cancelled() => Err(ToolError::new(
            ToolErrorKind::ToolCancelled,
            "the command was cancelled while it waited for unsaved text to be saved; it did not run",
        )),
        Decision::Deny => {
            let said = answer.message.map(|text| format!(" and said: {text}")).unwrap_or_default();
            let message = format!("the user did not allow {} on the saved text{said}", job.line);
            Err(ToolError::new(ToolErrorKind::ToolDenied, message))
        }
    }
}
