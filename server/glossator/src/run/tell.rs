//! What `glossator run` prints of its runs beside what their turns print: a line each, and how it all ended.

use crate::run::course::{Seen, Stop};
use crate::run::entries::Moved;
use crate::run::happened::Happened;
use crate::run::status::{Said, Status};
use crate::terminal::{complain, out};
use glossator_session::TurnStatus;
use serde_json::{Value, json};

/// What all runs have spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    pub tokens: u64,
    /// Millionths of a US dollar; `None`: no price is known.
    pub micro_usd: Option<u64>,
}

impl Spent {
    fn words(self) -> String {
        let money = self.micro_usd.map(|micro| format!(", {:.4} USD", micro as f64 / 1e6));
        format!("{} tokens{}", self.tokens, money.unwrap_or_default())
    }
}

/// Files that are named.
const NAMED: usize = 5;

/// Tells of one run.
pub fn run(json: bool, seen: &Seen, happened: &Happened) {
    let micro_usd = happened.cost.as_ref().map(|cost| cost.micro_usd);
    let spent = Spent { tokens: happened.usage.total(), micro_usd };
    if json {
        return line(&json!({ "run": {
            "number": seen.number,
            "status": status(seen),
            "message": seen.end.1,
            "files": seen.files,
            "logLines": seen.log.as_ref().map(|log| log.new_part().lines().count()),
            "logLinesLost": match &seen.log { Some(Moved::Lost { lines, .. }) => *lines, _ => 0 },
            "tasks": { "done": seen.tasks.done, "all": seen.tasks.all },
            "refused": seen.refused,
            "tokens": spent.tokens,
            "microUsd": spent.micro_usd,
        } }));
    }
    let files = match seen.files.len() {
        0 => "no file changed".to_owned(),
        count => {
            let named = seen.files.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
            let more = if count > NAMED { ", ..." } else { "" };
            format!("{count} file(s) changed ({named}{more})")
        }
    };
    let log = seen.log.as_ref().map_or(0, |log| log.new_part().lines().count());
    let (done, all) = (seen.tasks.done, seen.tasks.all);
    complain!(
        "run {}: {}; {files}; log +{log} lines; {done} of {all} tasks done; {}",
        seen.number,
        status(seen),
        spent.words()
    );
    if let Some(Moved::Lost { lines, .. }) = &seen.log {
        complain!("warning: it took {lines} lines out of the log; they were put back");
    }
    if seen.tasks_gone {
        complain!("warning: it left no task list; the list was put back");
    }
    if seen.epic_changed {
        complain!("warning: the epic was changed during this run");
    }
    if let (count @ 1.., first) = &happened.refused {
        complain!(
            "note: {count} call(s) were refused, since nobody is here to allow them; the first: {first}"
        );
    }
}

fn status(seen: &Seen) -> &'static str {
    match (seen.end.0, &seen.said) {
        (TurnStatus::Failed, _) => "failed",
        (TurnStatus::Interrupted, _) => "interrupted",
        (TurnStatus::Limited, _) => "limited",
        (TurnStatus::Done, Said::Status(Status::Continue)) => "continue",
        (TurnStatus::Done, Said::Status(Status::Done)) => "done",
        (TurnStatus::Done, Said::Status(Status::Question(_))) => "question",
        (TurnStatus::Done, Said::Nothing) => "no status",
        (TurnStatus::Done, Said::Unclear(_)) => "unclear status",
    }
}

/// Tells how it all ended: why, after how many runs, in which session, at what expense. `epic` is how the user named it.
pub fn end(json: bool, stop: &Stop, (runs, session, spent): (u32, &str, Spent), epic: &str) {
    let message = words(stop, epic);
    if json {
        return line(&json!({ "end": {
            "status": stop.name(),
            "message": message,
            "exitCode": stop.code(),
            "runs": runs,
            "session": session,
            "tokens": spent.tokens,
            "microUsd": spent.micro_usd,
        } }));
    }
    complain!("{message}");
    if runs > 0 {
        complain!("{runs} run(s), {}; session: {session}", spent.words());
    }
}

fn words(stop: &Stop, epic: &str) -> String {
    let goes_on = format!("`glossator run {epic}` goes on");
    match stop {
        Stop::Done(0) => "done".to_owned(),
        Stop::Done(open) => format!("done, says the model twice, though {open} task(s) are open"),
        Stop::Question(question) => {
            format!("question: {question}\nanswer it with: glossator run {epic} --resume --answer \"...\"")
        }
        Stop::Budget(why) => format!("stopped: {why} With a larger one {goes_on}."),
        Stop::Idle => format!(
            "stopped: three runs in a row changed neither the task list nor the workspace. Look at the log, make the epic or the \
             task list clearer; then {goes_on}."
        ),
        Stop::Interrupted => format!("interrupted; {goes_on}"),
        Stop::Failed(why) => {
            format!("error: {why}. When that is mended, {goes_on}.", why = why.trim_end_matches('.'))
        }
        Stop::Usage(why) => format!("error: {why}"),
    }
}

fn line(value: &Value) {
    out(&format!("{value}\n"));
}
