//! The worker's one loop: reads a script, runs it, carries calls out and answers in, reports, ends.

use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rquickjs::promise::PromiseState;
use rquickjs::{Ctx, Function, Promise};
use serde_json::value::{RawValue, to_raw_value};

use super::clock::{Trip, cpu_now};
use super::desk::{Desk, Finished, Texts};
use super::inbox::Inbox;
use super::lock_down;
use super::report::{self, Described};
use super::vm::{Answer, Api, Vm, compile};
use super::warm;
use crate::outcome::head_and_tail;
use crate::protocol::{self, FromWorker, MAX_RESULT, RunIn, ToWorker};
use crate::{ErrorName, ScriptError, erase};

/// How long jobs may go on once the script itself has ended.
const AFTERMATH: Duration = Duration::from_millis(50);
/// Whole seconds beyond the script's own CPU time before the system ends the process: one is never too early.
const CPU_GRACE: u64 = 1;
/// Exit codes: the host broke the protocol; it does not listen any more; the end of its socket.
const CONFUSED: i32 = 76;
const UNHEARD: i32 = 74;
const LEFT: i32 = 0;

/// What the host says, as it stands in the inbox.
type Heard<'a> = ToWorker<RunIn<'a>, &'a RawValue>;

/// What the script came to: the JSON of its value, or why there is none.
type Verdict = Result<String, ScriptError>;

/// Why the loop ends before the script has: an exit code.
type Left = i32;

/// Serves one script over `input`, in the engine that was made ahead; the exit code.
pub fn serve(vm: &Vm, input: UnixStream) -> i32 {
    warm::up(vm, &input);
    let input = Rc::new(input);
    let mut inbox = Inbox::new(Rc::clone(&input));
    let (desk, script) = loop {
        match inbox.frame().map(|body| body.map(protocol::decode::<Heard<'_>>)) {
            Ok(Some(Ok(ToWorker::Run(run)))) => {
                let texts = Texts::of(&run);
                let desk = Desk::new(Rc::clone(&input), run.limits, texts);
                break (Rc::new(desk), Script::new(run.source, run.erased, run.check_only));
            }
            Ok(None) => {}
            _ => return CONFUSED,
        }
        match inbox.wait(None) {
            Ok(true) => {}
            Ok(false) => return LEFT,
            Err(_) => return CONFUSED,
        }
    };
    lock_down::cpu_seconds((cpu_now() + desk.limits.cpu).as_secs() + CPU_GRACE);
    let verdict = match (Run { vm, desk: &desk, inbox, source: &script.source }).whole(&script) {
        Ok(verdict) => verdict,
        Err(code) => return code,
    };
    let (value, error) = match verdict {
        Ok(json) => (returned(json, desk.limits.result_bytes), None),
        Err(error) => (None, Some(Box::new(error))),
    };
    desk.send(&FromWorker::Done { value, error });
    if desk.clock.borrow_mut().check() == Some(Trip::Orphan) { UNHEARD } else { 0 }
}

/// The script's text, and what is known of it.
struct Script {
    source: String,
    erased: Option<String>,
    check_only: bool,
}

impl Script {
    fn new(source: String, erased: Option<String>, check_only: bool) -> Script {
        Script { source, erased, check_only }
    }
}

struct Run<'r> {
    vm: &'r Vm,
    desk: &'r Rc<Desk>,
    inbox: Inbox,
    source: &'r str,
}

impl Run<'_> {
    fn whole(mut self, script: &Script) -> Result<Verdict, Left> {
        let erased = match self.erased(script) {
            Ok(erased) => erased,
            Err(error) => return Ok(Err(error)),
        };
        let vm = self.vm;
        vm.bound(self.desk);
        let ran = vm.with(|ctx, api| {
            let Ok(main) = compile(ctx, &erased) else {
                return Ok(Err(self.uncompiled(ctx, api)));
            };
            if script.check_only {
                return Ok(Ok("null".to_owned()));
            }
            self.run(ctx, api, main)
        });
        let ran = ran.unwrap_or_else(|error| Ok(Err(ScriptError::plain(ErrorName::HarnessFailure, error))));
        match ran {
            // With a full heap not even a rejection can be made; then nothing settles any more.
            Ok(Err(error)) if error.name == ErrorName::ScriptStuck && vm.is_full() => {
                Ok(Err(report::out_of_memory(&self.desk.limits)))
            }
            ran => ran,
        }
    }

    /// The script without types: as the host knows it, or made here and told to the host before anything runs.
    fn erased(&self, script: &Script) -> Result<String, ScriptError> {
        if let Some(erased) = &script.erased {
            return Ok(erased.clone());
        }
        let erased = erase(self.source).map_err(report::syntax)?;
        let text = (erased != self.source).then(|| erased.clone());
        self.desk.send(&FromWorker::Erased { text });
        Ok(erased)
    }

    fn run<'js>(&mut self, ctx: &Ctx<'js>, api: &Api<'js>, main: Function<'js>) -> Result<Verdict, Left> {
        let Ok(promise) = api.start(main) else {
            return Ok(Err(self.failed(ctx, api)));
        };
        let verdict = self.pump(ctx, api, &promise)?;
        self.leftovers(api, &verdict);
        Ok(verdict)
    }

    /// Runs jobs, hands in answers and wakes sleepers until the script has come to its end.
    fn pump<'js>(&mut self, ctx: &Ctx<'js>, api: &Api<'js>, promise: &Promise<'js>) -> Result<Verdict, Left> {
        let mut verdict = None;
        loop {
            let trip = self.run_jobs(ctx, verdict.is_some());
            if trip == Some(Trip::Orphan) {
                return Err(UNHEARD);
            }
            if verdict.is_none()
                && let Some(finished) = self.desk.finished.take()
            {
                verdict = Some(self.judge(finished));
                if self.desk.waits_for_host() {
                    self.desk.send(&FromWorker::Settled);
                }
                continue;
            }
            let waits = self.desk.waits_for_host();
            match (&verdict, trip) {
                (Some(_), _) if !waits || trip.is_some() => break,
                (None, Some(trip)) => return Ok(Err(report::timeout(trip, &self.desk.limits))),
                (None, None) if promise.state() != PromiseState::Pending => {
                    return Ok(Err(report::out_of_memory(&self.desk.limits)));
                }
                (None, None) if !waits && self.desk.timers.borrow().next().is_none() => {
                    return Ok(Err(report::stuck()));
                }
                _ => {}
            }
            self.desk.flush();
            if self.wait(ctx, api, verdict.is_some())? {
                break;
            }
        }
        Ok(verdict.unwrap_or_else(|| Err(report::stuck())))
    }

    /// Runs what is queued; a trip of the clocks ends it. After the script's end it has only a moment.
    fn run_jobs(&self, ctx: &Ctx<'_>, ended: bool) -> Option<Trip> {
        let began = Instant::now();
        let mut count = 0_u32;
        while ctx.execute_pending_job() {
            count = count.wrapping_add(1);
            if count.is_multiple_of(256) {
                if self.desk.interrupt() {
                    return self.desk.clock.borrow_mut().check();
                }
                if (ended || self.desk.finished.borrow().is_some()) && began.elapsed() > AFTERMATH {
                    return None;
                }
            }
        }
        self.desk.clock.borrow_mut().check()
    }

    /// Waits for the host or a timer and hands in all that came; true when the host wants the report now.
    fn wait<'js>(&mut self, ctx: &Ctx<'js>, api: &Api<'js>, ended: bool) -> Result<bool, Left> {
        let timer = self.desk.timers.borrow().next().filter(|_| !ended);
        let timer = timer.map(|due| due.saturating_duration_since(Instant::now()));
        let wall = self.desk.clock.borrow().wall_left();
        let timeout = timer.into_iter().chain(wall).min();
        match self.inbox.wait(timeout) {
            Ok(true) => {}
            Ok(false) => return Err(LEFT),
            Err(_) => return Err(CONFUSED),
        }
        while let Some(body) = self.inbox.frame().map_err(|_| CONFUSED)? {
            match protocol::decode::<Heard<'_>>(body).map_err(|_| CONFUSED)? {
                ToWorker::Value { id, json } => settle(self.desk, api, id, &Ok(json.get())),
                ToWorker::Error { id, error } => {
                    let json = serde_json::json!(error).to_string();
                    settle(self.desk, api, id, &Err(json));
                }
                ToWorker::Finish if ended => return Ok(true),
                ToWorker::Finish | ToWorker::Run(_) => return Err(CONFUSED),
            }
        }
        loop {
            let due = self.desk.timers.borrow_mut().due();
            let Some(id) = due else { return Ok(false) };
            if api.wake(id).is_err() {
                ctx.catch();
            }
        }
    }

    fn judge(&self, finished: Finished) -> Verdict {
        match finished {
            Finished::Value(json) => Ok(json),
            Finished::Error(json) => {
                Err(report::thrown(&self.described(&json), self.source, &self.desk.limits))
            }
        }
    }

    /// The error behind a call into the engine that failed.
    fn failed<'js>(&self, ctx: &Ctx<'js>, api: &Api<'js>) -> ScriptError {
        if let Some(trip) = self.desk.clock.borrow_mut().check() {
            return report::timeout(trip, &self.desk.limits);
        }
        match api.describe_pending(ctx) {
            Ok(json) => report::thrown(&self.described(&json), self.source, &self.desk.limits),
            Err(_) => report::out_of_memory(&self.desk.limits),
        }
    }

    fn described(&self, json: &str) -> Described {
        let mut described: Described = serde_json::from_str(json).unwrap_or_else(|_| Described::unreadable());
        described.was_full = self.vm.was_full(self.desk.limits.memory_bytes);
        described
    }

    fn uncompiled<'js>(&self, ctx: &Ctx<'js>, api: &Api<'js>) -> ScriptError {
        match api.describe_pending(ctx) {
            Ok(json) => report::uncompiled(&self.described(&json), self.source, &self.desk.limits),
            Err(_) => report::out_of_memory(&self.desk.limits),
        }
    }

    /// Reports what would otherwise be lost: rejections nobody handled, lines that were too many.
    fn leftovers(&self, api: &Api<'_>, verdict: &Verdict) {
        // With a full heap everything that was under way rejects.
        let full = matches!(verdict, Err(error) if error.name == ErrorName::ScriptOutOfMemory);
        let listed = if full { None } else { api.unhandled().ok() };
        let listed = listed.and_then(|json| serde_json::from_str::<Vec<Described>>(&json).ok());
        for error in listed.unwrap_or_default() {
            let text = report::rejection(&error, self.source);
            self.desk.send(&FromWorker::Console { level: "error".to_owned(), text });
        }
        for text in self.desk.dropped() {
            self.desk.send(&FromWorker::Console { level: "warn".to_owned(), text });
        }
    }
}

/// Hands in the answer of a call.
fn settle(desk: &Desk, api: &Api<'_>, id: u32, answer: &Result<&str, String>) {
    if !desk.answered(id) {
        return;
    }
    let (json, parsed): (&str, fn(_) -> _) = match answer {
        Ok(json) => (json, Answer::Value),
        Err(json) => (json, Answer::Error),
    };
    let answer = match api.ctx.json_parse(json) {
        Ok(value) => parsed(value),
        // A heap too full for the answer: the script hears of that.
        Err(_) => Answer::Thrown(api.ctx.catch()),
    };
    if api.settle(id, answer).is_err() {
        api.ctx.catch();
    }
}

/// The returned value as it can be sent: whole, or its head and tail when not even the host can take it.
fn returned(json: String, most: usize) -> Option<Box<RawValue>> {
    if json.len() > MAX_RESULT {
        return to_raw_value(&head_and_tail(&json, most)).ok();
    }
    RawValue::from_string(json).ok()
}
