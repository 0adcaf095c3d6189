//! The worker's one loop: reads a script, runs it, carries calls out and answers in, reports, ends.

use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rquickjs::promise::PromiseState;
use rquickjs::{Ctx, Promise};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::{Value, json};

use super::clock::{Trip, cpu_now};
use super::desk::{Desk, Finished};
use super::lock_down;
use super::report::{self, Described};
use super::vm::{Api, Vm, compile};
use crate::protocol::{self, FromWorker, RunScript, ToWorker};
use crate::{ErrorName, Limits, ScriptError, erase};

/// How long jobs may go on once the script itself has ended.
const AFTERMATH: Duration = Duration::from_millis(50);
/// Seconds of CPU time beyond the script's own before the system ends the process.
const CPU_GRACE: u64 = 2;

/// What the script came to.
type Verdict = Result<Value, ScriptError>;

/// Serves one script over `input`, in the engine that was made ahead; the exit code.
pub fn serve(vm: &Vm, mut input: UnixStream) -> i32 {
    let Ok(output) = input.try_clone() else { return 73 };
    let run = match protocol::read::<ToWorker>(&mut input) {
        Ok(Some(ToWorker::Run(run))) => run,
        Ok(None) => return 0,
        Ok(Some(_)) | Err(_) => return 76,
    };
    let RunScript { source, tools, context, limits, .. } = run;
    let seconds = (cpu_now() + limits.cpu).as_secs() + CPU_GRACE;
    lock_down::cpu_seconds(seconds);
    let desk = Rc::new(Desk::new(output, limits.clone(), tools.clone()));
    let run = Run { vm, desk: &desk, input, source: &source, limits: &limits };
    let verdict = run.whole(&tools, &context);
    let (value, error) = match verdict {
        Ok(value) => (Some(value), None),
        Err(error) => (None, Some(Box::new(error))),
    };
    desk.send(&FromWorker::Done { value, error });
    0
}

struct Run<'r> {
    vm: &'r Vm,
    desk: &'r Rc<Desk>,
    input: UnixStream,
    source: &'r str,
    limits: &'r Limits,
}

impl Run<'_> {
    fn whole(mut self, tools: &[String], context: &Value) -> Verdict {
        let erased = erase(self.source).map_err(report::syntax)?;
        let vm = self.vm;
        vm.bound(self.desk, self.limits);
        let (tools, context) = (json!(tools).to_string(), seen_context(context).to_string());
        let ran = vm.with(|ctx, api| {
            if api.equip(tools, context).is_err() {
                return Err(self.failed(ctx, api));
            }
            let Ok(main) = compile(ctx, &erased) else {
                return Err(self.uncompiled(ctx, api));
            };
            let Ok(promise) = api.start(main) else {
                return Err(self.failed(ctx, api));
            };
            let verdict = self.pump(ctx, api, &promise);
            self.leftovers(api, &verdict);
            verdict
        });
        ran.unwrap_or_else(|error| Err(ScriptError::plain(ErrorName::HarnessFailure, error)))
    }

    /// Runs jobs, hands in answers and wakes sleepers until the script has come to its end.
    fn pump<'js>(&mut self, ctx: &Ctx<'js>, api: &Api<'js>, promise: &Promise<'js>) -> Verdict {
        let mut verdict = None;
        loop {
            let trip = self.run_jobs(ctx, verdict.is_some());
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
                (None, Some(trip)) => return Err(report::timeout(trip, self.limits)),
                (None, None) if promise.state() != PromiseState::Pending => {
                    return Err(report::out_of_memory(self.limits));
                }
                (None, None) if !waits && self.desk.next_timer().is_none() => return Err(report::stuck()),
                _ => {}
            }
            if self.wait(ctx, api, verdict.is_some()) {
                break;
            }
        }
        verdict.unwrap_or_else(|| Err(report::stuck()))
    }

    /// Runs what is queued; a trip of the clocks ends it. After the script's end it has only a moment.
    fn run_jobs(&self, ctx: &Ctx<'_>, ended: bool) -> Option<Trip> {
        let began = Instant::now();
        let mut count = 0_u32;
        while ctx.execute_pending_job() {
            count = count.wrapping_add(1);
            if count.is_multiple_of(256) {
                if let Some(trip) = self.desk.clock.borrow_mut().check() {
                    return Some(trip);
                }
                if (ended || self.desk.finished.borrow().is_some()) && began.elapsed() > AFTERMATH {
                    return None;
                }
            }
        }
        self.desk.clock.borrow_mut().check()
    }

    /// Waits for the host or a timer and hands in what came; true when the host wants the report now.
    fn wait<'js>(&mut self, ctx: &Ctx<'js>, api: &Api<'js>, ended: bool) -> bool {
        let now = Instant::now();
        let timer = self.desk.next_timer().filter(|_| !ended).map(|due| due.saturating_duration_since(now));
        let wall = self.desk.clock.borrow().wall_left();
        let timeout = match (timer, wall) {
            (Some(timer), Some(wall)) => Some(timer.min(wall)),
            (timer, wall) => timer.or(wall),
        };
        if readable(&self.input, timeout) {
            match protocol::read::<ToWorker>(&mut self.input) {
                Ok(Some(ToWorker::Value { id, json })) => self.settle(ctx, api, id, Ok(json.get())),
                Ok(Some(ToWorker::Error { id, error })) => {
                    self.settle(ctx, api, id, Err(json!(error).to_string()));
                }
                Ok(Some(ToWorker::Finish)) if ended => return true,
                Ok(None) => std::process::exit(0),
                Ok(Some(_)) | Err(_) => std::process::exit(76),
            }
        }
        while let Some(id) = self.desk.due_timer() {
            if api.wake(id).is_err() {
                ctx.catch();
            }
        }
        false
    }

    fn settle<'js>(&self, ctx: &Ctx<'js>, api: &Api<'js>, id: u32, answer: Result<&str, String>) {
        if !self.desk.answered(id) {
            return;
        }
        let handed_in = match answer {
            Ok(value) => api.settle(id, true, value),
            Err(error) => api.settle(id, false, &error),
        };
        if handed_in.is_err() {
            ctx.catch();
        }
    }

    fn judge(&self, finished: Finished) -> Verdict {
        match finished {
            Finished::Value(json) => Ok(capped(&json, self.limits.result_bytes)),
            Finished::Error(json) => Err(report::thrown(described(&json), self.source, self.limits)),
        }
    }

    /// The error behind a call into the engine that failed.
    fn failed<'js>(&self, ctx: &Ctx<'js>, api: &Api<'js>) -> ScriptError {
        if let Some(trip) = self.desk.clock.borrow_mut().check() {
            return report::timeout(trip, self.limits);
        }
        match api.describe_pending(ctx) {
            Ok(json) => report::thrown(described(&json), self.source, self.limits),
            Err(_) => report::out_of_memory(self.limits),
        }
    }

    fn uncompiled<'js>(&self, ctx: &Ctx<'js>, api: &Api<'js>) -> ScriptError {
        match api.describe_pending(ctx) {
            Ok(json) => report::uncompiled(described(&json), self.source, self.limits),
            Err(_) => report::out_of_memory(self.limits),
        }
    }

    /// Reports what would otherwise be lost: rejections nobody handled, console lines that were too many.
    fn leftovers(&self, api: &Api<'_>, verdict: &Verdict) {
        // With a full heap everything that was under way rejects.
        let full = matches!(verdict, Err(error) if error.name == ErrorName::ScriptOutOfMemory);
        let listed = if full { None } else { api.unhandled().ok() };
        let listed = listed.and_then(|json| serde_json::from_str::<Vec<Described>>(&json).ok());
        for error in listed.unwrap_or_default() {
            let text = report::rejection(&error, self.source);
            self.desk.send(&FromWorker::Console { level: "error".to_owned(), text });
        }
        let dropped = self.desk.dropped_lines();
        if dropped > 0 {
            let most = self.limits.console_lines;
            let text =
                format!("{dropped} more console lines were dropped (at most {most} are kept per script)");
            self.desk.send(&FromWorker::Console { level: "warn".to_owned(), text });
        }
    }
}

/// The context must be an object: `progress` is put into it.
fn seen_context(context: &Value) -> Value {
    if context.is_object() { context.clone() } else { json!({}) }
}

fn described(json: &str) -> Described {
    serde_json::from_str(json).unwrap_or_default()
}

/// The returned value, or its head and tail when it is too long.
fn capped(json: &str, most: usize) -> Value {
    if json.len() <= most {
        return serde_json::from_str(json).unwrap_or(Value::Null);
    }
    let (head, tail) = (most / 4, most / 16);
    let head = (0..=head).rev().find(|at| json.is_char_boundary(*at)).unwrap_or(0);
    let tail = (json.len() - tail..=json.len()).find(|at| json.is_char_boundary(*at)).unwrap_or(json.len());
    json!({
        "truncated": true,
        "bytes": json.len(),
        "head": &json[..head],
        "tail": &json[tail..],
        "hint": format!("The result was longer than {most} bytes of JSON. Return less: filter, count or summarise."),
    })
}

/// Waits until the socket has something to read, or the time is over.
fn readable(socket: &UnixStream, timeout: Option<Duration>) -> bool {
    // Rounded up to the next millisecond's part, so that a wait never ends just before its timer.
    let timeout = timeout.map(|timeout| timeout + Duration::from_micros(50));
    let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
    let mut wanted = [PollFd::new(socket, PollFlags::IN)];
    poll(&mut wanted, timeout.as_ref()).is_ok_and(|ready| ready > 0)
}
