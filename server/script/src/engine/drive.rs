//! One run from the host's side: starts the script, answers its calls, watches the clock, gathers the outcome.

mod fit;

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::calls::{Answer, Calls};
use super::failed;
use super::link::{Death, Process, Reader, Worker, Writer};
use crate::protocol::{FromWorker, MAX_RESULT, MAX_TRAFFIC, RunScript, ToWorker, encode, too_deep};
use crate::{ConsoleLine, ErrorName, Host, HostCall, HostError, Job, Limits, Outcome, ScriptError, Status};
use fit::fit;

/// How much longer than the worker's own clock the host waits before it kills: native loops cannot be interrupted.
const KILL_GRACE: Duration = Duration::from_secs(1);
/// Console lines beyond the limit that a worker has reason to send: rejections and the count of dropped lines.
const SPARE_LINES: usize = 32;
/// Longest message and details of a tool's error, in bytes; longer messages are cut, longer details left out.
const MAX_MESSAGE: usize = 64 * 1024;
const MAX_DETAILS: usize = 256 * 1024;
/// Bytes of JSON that a result may always have, whatever the script was sent before.
const LEAST_RESULT: usize = 4 * 1024;
/// Progress lines beyond which a worker is not ours any more.
const MOST_PROGRESS: u32 = 64;

/// Why the run is over.
enum End {
    Done(Option<Value>, Option<Box<ScriptError>>),
    Cancelled,
    TimedOut,
    Closed,
    Breach(String),
}

/// Runs the job in the worker.
pub async fn drive(worker: Worker, job: &Job, host: Arc<dyn Host>, cancel: CancellationToken) -> Outcome {
    let run = RunScript {
        id: job.id.clone(),
        source: job.source.clone(),
        tools: job.tools.clone(),
        tasks: job.tasks.clone(),
        store: job.store.clone(),
        check_only: job.check_only,
        context: job.context.clone(),
        limits: job.limits.clone(),
    };
    let frame = match encode(&ToWorker::Run(run)) {
        Ok(frame) => frame,
        Err(error) => {
            let message = format!("The script's context cannot be handed over: {error}");
            return failed(ScriptError::plain(ErrorName::HarnessFailure, message));
        }
    };
    let (process, reader, writer) = worker.split();
    writer.send(frame);
    let calls = Calls::new(Arc::clone(&host), cancel.child_token(), &job.tools, job.limits.concurrent_calls);
    let mut drive = Drive {
        writer,
        calls,
        host,
        limits: &job.limits,
        console: Vec::new(),
        shown: (Instant::now(), 0),
        progress: 0,
        sent: 0,
        clock: HostClock { used: Duration::ZERO, since: Some(Instant::now()) },
        grace: None,
    };
    let end = drive.run(reader, &cancel).await;
    drive.finish(end, process).await
}

struct Drive<'j> {
    writer: Writer,
    calls: Calls,
    host: Arc<dyn Host>,
    limits: &'j Limits,
    console: Vec<ConsoleLine>,
    /// The second that lines are being counted in, and how many were shown live in it.
    shown: (Instant, u32),
    progress: u32,
    /// Bytes of results so far; once they reach the limit, further results are cut to a few facts.
    sent: usize,
    clock: HostClock,
    /// When calls that outlived the script are given up.
    grace: Option<Instant>,
}

/// The script's own running time as the host sees it; stands still while calls are pending.
struct HostClock {
    used: Duration,
    since: Option<Instant>,
}

impl HostClock {
    fn wait(&mut self, waiting: bool) {
        match (waiting, self.since) {
            (true, Some(since)) => {
                self.used += since.elapsed();
                self.since = None;
            }
            (false, None) => self.since = Some(Instant::now()),
            _ => {}
        }
    }

    /// When the time is up, if it runs.
    fn deadline(&self, limit: Duration) -> Option<Instant> {
        Some(self.since? + (limit + KILL_GRACE).saturating_sub(self.used))
    }
}

impl Drive<'_> {
    async fn run(&mut self, mut reader: Reader, cancel: &CancellationToken) -> End {
        loop {
            let deadline = self.clock.deadline(self.limits.wall);
            tokio::select! {
                biased;
                () = cancel.cancelled() => return End::Cancelled,
                () = until(deadline) => return End::TimedOut,
                () = until(self.grace) => {
                    self.grace = None;
                    self.calls.orphan();
                    self.clock.wait(false);
                    self.send(&ToWorker::Finish);
                }
                answer = self.calls.next() => self.answer(answer),
                frame = reader.next() => match frame {
                    Ok(Some(message)) => {
                        if let Some(end) = self.hear(message) {
                            return end;
                        }
                    }
                    Ok(None) => return End::Closed,
                    Err(error) => return End::Breach(error.to_string()),
                },
            }
        }
    }

    fn send(&self, message: &ToWorker) {
        match encode(message) {
            Ok(frame) => self.writer.send(frame),
            Err(error) => tracing::error!(%error, "a message to the script worker is too long"),
        }
    }

    /// Hands a call's answer to the script.
    fn answer(&mut self, (id, answer): Answer) {
        let answer = answer.and_then(|value| raw(&value, &mut self.sent));
        match answer {
            Ok(json) => self.send(&ToWorker::Value { id, json }),
            Err(error) => self.send(&ToWorker::Error { id, error: known(error) }),
        }
        self.clock.wait(self.calls.is_waiting());
    }

    /// Takes what the worker says; an end when there is one.
    fn hear(&mut self, message: FromWorker) -> Option<End> {
        match message {
            FromWorker::Call { id, name, args } => {
                let made = self.calls.made();
                if id as usize != made + 1 || id > self.limits.calls {
                    return Some(End::Breach(format!("call {id} after {made} calls")));
                }
                self.calls.add(HostCall { number: id, name, args });
                self.clock.wait(self.calls.is_waiting());
            }
            FromWorker::Console { level, text } => {
                if self.console.len() >= self.limits.console_lines as usize + SPARE_LINES {
                    return Some(End::Breach("too many console lines".to_owned()));
                }
                self.show(&level, &text);
                self.console.push(ConsoleLine { level, text });
            }
            FromWorker::Progress { text } => {
                self.progress += 1;
                if self.progress > MOST_PROGRESS {
                    return Some(End::Breach("too many lines of progress".to_owned()));
                }
                self.host.progress(&text);
            }
            FromWorker::Settled if self.grace.is_none() => {
                self.grace = Some(Instant::now() + self.limits.orphan_grace);
            }
            FromWorker::Settled => return Some(End::Breach("settled twice".to_owned())),
            FromWorker::Done { value, error } => return Some(End::Done(value, error)),
        }
        None
    }

    fn show(&mut self, level: &str, text: &str) {
        if self.shown.0.elapsed() >= Duration::from_secs(1) {
            self.shown = (Instant::now(), 0);
        }
        if self.shown.1 < self.limits.console_per_second {
            self.shown.1 += 1;
            self.host.console(level, text);
        }
    }

    async fn finish(self, end: End, mut process: Process) -> Outcome {
        let result = match end {
            End::Done(value, None) => {
                process.release();
                Ok(value.unwrap_or(Value::Null))
            }
            End::Done(_, Some(error)) => {
                process.release();
                Err(*error)
            }
            End::Cancelled => {
                process.kill();
                Err(cancelled())
            }
            End::TimedOut => {
                process.kill();
                Err(timed_out(self.limits))
            }
            End::Closed => {
                let death = process.death().await;
                process.kill();
                Err(died(death, self.limits))
            }
            End::Breach(what) => {
                process.kill();
                Err(ScriptError::plain(
                    ErrorName::HarnessFailure,
                    format!("The script worker did not keep to the protocol: {what}"),
                ))
            }
        };
        let calls = self.calls.end().await;
        let (status, value, error) = match result {
            Ok(value) => (Status::Done, Some(value), None),
            Err(error) => (Status::Failed, None, Some(error)),
        };
        Outcome { status, value, error, console: self.console, calls, millis: 0 }
    }
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant.into()).await,
        None => std::future::pending().await,
    }
}

/// A value as JSON text, cut where it is too long for a script; `sent` counts what the script got so far. A script
/// that has got nearly all it can take is still told the short facts of each result.
fn raw(value: &Value, sent: &mut usize) -> Result<Box<serde_json::value::RawValue>, HostError> {
    let limit = MAX_TRAFFIC.saturating_sub(*sent).clamp(LEAST_RESULT, MAX_RESULT);
    let text = fit(value, limit);
    *sent = sent.saturating_add(text.len());
    serde_json::value::RawValue::from_string(text)
        .map_err(|error| HostError::new(ErrorName::ToolFailed, error.to_string()))
}

/// The error with a name of the catalogue, and short and flat enough to be sent.
fn known(mut error: HostError) -> HostError {
    let listed = ErrorName::parse(&error.name).is_some() && error.name.starts_with("Tool");
    if !listed {
        error.name = ErrorName::ToolFailed.as_str().to_owned();
    }
    if error.message.len() > MAX_MESSAGE {
        error.message = error.message.chars().take(MAX_MESSAGE / 4).collect();
    }
    error.details =
        error.details.filter(|details| !too_deep(details) && details.to_string().len() <= MAX_DETAILS);
    error
}

/// The error of a script that was stopped from outside.
pub fn cancelled() -> ScriptError {
    ScriptError::plain(ErrorName::ScriptCancelled, "The script was cancelled")
}

fn timed_out(limits: &Limits) -> ScriptError {
    let message = format!(
        "The script used up its own running time ({} s) in an operation that cannot be interrupted",
        limits.wall.as_secs_f32()
    );
    ScriptError::plain(ErrorName::ScriptTimeout, message)
        .hint("Look for a huge array, string, sort or regular expression.")
}

fn died(death: Death, limits: &Limits) -> ScriptError {
    if death == Death::CpuTime {
        let message = format!("The script used up CPU time ({} s)", limits.cpu.as_secs_f32());
        return ScriptError::plain(ErrorName::ScriptTimeout, message)
            .hint("Look for a huge array, string, sort or regular expression.");
    }
    let how = match death {
        Death::Signal(signal) => format!("by signal {signal}"),
        Death::Code(code) => format!("with code {code}"),
        Death::CpuTime => String::new(),
    };
    ScriptError::plain(ErrorName::HarnessFailure, format!("The script worker ended unexpectedly, {how}"))
        .hint(
            "This is a fault of Glossator, not of the script. Calls listed here have happened all the same.",
        )
}

#[cfg(test)]
mod tests {
    use super::{LEAST_RESULT, MAX_RESULT, MAX_TRAFFIC, raw};
    use serde_json::json;

    #[test]
    fn results_are_cut_to_what_a_script_can_take() {
        let long = json!({ "exitCode": 0, "stdout": "\0".repeat(2_000_000) });
        let mut sent = 0;
        for _ in 0..12 {
            let text = raw(&long, &mut sent).unwrap();
            assert!(text.get().len() <= MAX_RESULT && text.get().contains("\"exitCode\":0"));
        }
        assert!(sent <= MAX_TRAFFIC + 12 * LEAST_RESULT, "{sent}");
        assert_eq!(raw(&json!({ "a": 1 }), &mut sent).unwrap().get(), "{\"a\":1}");
    }
}
