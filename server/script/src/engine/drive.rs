//! One run from the host's side: starts the script, answers its calls, watches the clock, gathers the outcome.

mod fit;
mod talk;
mod verdict;

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use serde::Serialize;
use serde_json::{Value, value::RawValue};
use tokio_util::sync::CancellationToken;

use super::calls::{Answer, Calls};
use super::erased::Erased;
use super::failed;
use super::link::{Process, Reader, Worker, Writer};
use crate::ledger::Ledger;
use crate::protocol::{
    FrameError, FromWorker, MAX_ARGUMENTS, MAX_RESULT, MAX_TRAFFIC, RunOut, ToWorker, append, encode,
    text_too_deep,
};
use crate::{ErrorName, Host, HostCall, HostError, Job, Outcome, ScriptError, Status};
use fit::fit;
use talk::Talk;
pub use verdict::cancelled;
use verdict::{breach, died, known, reported, returned, timed_out};

/// How much longer than the worker's own clock the host waits before it kills: native loops cannot be interrupted.
const KILL_GRACE: Duration = Duration::from_secs(1);
/// Bytes of JSON that a result may always have, whatever the script was sent before.
const LEAST_RESULT: usize = 4 * 1024;
/// Longest name of a tool or key that a worker may say, in bytes.
const MAX_NAME: usize = 64 * 1024;
/// Messages and answers dealt with before the next look at clock and cancel.
const BURST: usize = 64;

/// Why the run is over.
enum End {
    Done(Option<Box<RawValue>>, Option<Box<ScriptError>>),
    Cancelled,
    TimedOut,
    Closed,
    Breach(String),
}

/// What is to be run, against what, with what is known.
pub struct Order<'j> {
    pub job: &'j Job,
    pub host: Arc<dyn Host>,
    pub erased: &'j Erased,
}

/// Runs the job in the worker.
pub async fn drive(worker: Worker, order: Order<'_>, cancel: CancellationToken) -> Outcome {
    let Order { job, host, erased } = order;
    let known = erased.get(&job.source);
    let frame = match encode(&ToWorker::<_, ()>::Run(RunOut::new(job, known.as_deref()))) {
        Ok(frame) => frame,
        Err(error) => {
            let message = format!("The script's context cannot be handed over: {error}");
            return failed(ScriptError::plain(ErrorName::HarnessFailure, message));
        }
    };
    let (process, reader, writer) = worker.split();
    writer.send(frame);
    let mut drive = Drive {
        job,
        writer,
        out: Vec::new(),
        calls: Calls::new(Arc::clone(&host), cancel.child_token(), job),
        talk: Talk::new(Arc::clone(&host)),
        host,
        ledger: None,
        sent: 0,
        got: 0,
        clock: HostClock { used: Duration::ZERO, since: Some(Instant::now()) },
        grace: None,
        erasing: known.is_none().then_some(erased),
    };
    let end = drive.run(reader, &cancel).await;
    drive.finish(end, process).await
}

struct Drive<'j> {
    job: &'j Job,
    writer: Writer,
    /// Frames for the worker that leave in one write.
    out: Vec<u8>,
    calls: Calls,
    talk: Talk,
    host: Arc<dyn Host>,
    /// What is stored, once the script changes it.
    ledger: Option<Ledger>,
    /// Bytes of results so far; once they reach the limit, further results are cut to a few facts.
    sent: usize,
    /// Bytes of arguments so far.
    got: usize,
    clock: HostClock,
    /// When calls that outlived the script are given up.
    grace: Option<Instant>,
    /// Where the script without types is kept, as long as the worker may report it.
    erasing: Option<&'j Erased>,
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
            let deadline = self.clock.deadline(self.job.limits.wall);
            tokio::select! {
                biased;
                () = cancel.cancelled() => return End::Cancelled,
                () = until(deadline) => return End::TimedOut,
                () = until(self.grace) => {
                    self.grace = None;
                    self.calls.orphan();
                    self.clock.wait(false);
                    self.push(&ToWorker::<(), ()>::Finish);
                }
                answer = self.calls.next() => self.answer(answer),
                frame = reader.next() => {
                    if let Err(end) = self.take(frame) {
                        return end;
                    }
                }
            }
            if let Err(end) = self.burst(&mut reader) {
                return end;
            }
            if !self.out.is_empty() {
                self.writer.send(std::mem::take(&mut self.out));
            }
        }
    }

    /// Deals with what is there already, so that its answers leave in one write.
    fn burst(&mut self, reader: &mut Reader) -> Result<(), End> {
        for _ in 0..BURST {
            if let Some(answer) = self.calls.ready() {
                self.answer(answer);
            } else if let Some(frame) = reader.next().now_or_never() {
                self.take(frame)?;
            } else {
                break;
            }
        }
        Ok(())
    }

    fn push(&mut self, message: &impl Serialize) {
        if let Err(error) = append(&mut self.out, message) {
            tracing::error!(%error, "a message to the script worker is too long");
        }
    }

    /// Hands a call's answer to the script.
    fn answer(&mut self, (id, answer): Answer) {
        match answer {
            Ok(value) => hand_in(&mut self.out, id, &value, &mut self.sent),
            Err(error) => self.push(&ToWorker::<(), ()>::Error { id, error: known(error) }),
        }
        self.clock.wait(self.calls.is_waiting());
    }

    fn take(&mut self, frame: Result<Option<FromWorker>, FrameError>) -> Result<(), End> {
        match frame {
            Ok(Some(FromWorker::Done { value, error })) => Err(End::Done(value, error)),
            Ok(Some(message)) => self.hear(message).map_err(End::Breach),
            // A connection that breaks is a worker that is gone.
            Ok(None) | Err(FrameError::Io(_)) => Err(End::Closed),
            Err(error) => Err(End::Breach(error.to_string())),
        }
    }

    /// Takes what the worker says; an error when a worker of ours would not have said it.
    fn hear(&mut self, message: FromWorker) -> Result<(), String> {
        // Only before the script runs: after that, what the worker says may be the script's doing.
        let erasing = self.erasing.take();
        match message {
            FromWorker::Erased { text } => {
                let erased = erasing.ok_or("a script without types that nobody waits for")?;
                if !erased.put(&self.job.source, text.as_ref().unwrap_or(&self.job.source)) {
                    tracing::warn!("a script without types is not what it should be; it is not kept");
                }
            }
            FromWorker::Call { id, name, args } => self.call(id, name, &args)?,
            FromWorker::Console { level, text } => self.talk.console(&level, text, &self.job.limits)?,
            FromWorker::Progress { text } => self.talk.progress(text)?,
            FromWorker::Stored { key, value } => self.store(&key, Some(&value))?,
            FromWorker::Deleted { key } => self.store(&key, None)?,
            FromWorker::Settled if self.grace.is_none() => {
                self.grace = Some(Instant::now() + self.job.limits.orphan_grace);
            }
            FromWorker::Settled => return Err("settled twice".to_owned()),
            // Taken before it comes here.
            FromWorker::Done { .. } => {}
        }
        Ok(())
    }

    fn call(&mut self, id: u32, name: String, args: &RawValue) -> Result<(), String> {
        let made = self.calls.made();
        if id as usize != made + 1 || id > self.job.limits.calls {
            return Err(format!("call {id} after {made} calls"));
        }
        let text = args.get();
        self.got = self.got.saturating_add(text.len());
        if name.len() > MAX_NAME
            || text.len() > MAX_ARGUMENTS
            || self.got > MAX_TRAFFIC
            || text_too_deep(text)
        {
            return Err(format!("call {id} with {} bytes of arguments", text.len()));
        }
        let args = serde_json::from_str(text).map_err(|error| error.to_string())?;
        // A tool that is busy before its first await is busy right here: that is not the script's time.
        self.clock.wait(true);
        self.calls.add(HostCall { number: id, name, args });
        self.clock.wait(self.calls.is_waiting());
        Ok(())
    }

    fn store(&mut self, key: &str, value: Option<&RawValue>) -> Result<(), String> {
        let job = self.job;
        let ledger = self.ledger.get_or_insert_with(|| {
            Ledger::new(job.store.iter().map(|(key, value)| (key.as_str(), value.to_string().len())))
        });
        if key.len() > MAX_NAME {
            return Err("a key of store that is too long".to_owned());
        }
        ledger.change(key, value.map(|value| value.get().len()), &job.limits)?;
        let value = value.map(|value| match text_too_deep(value.get()) {
            true => Err("a stored value that nests too deeply".to_owned()),
            false => serde_json::from_str::<Value>(value.get()).map_err(|error| error.to_string()),
        });
        self.host.stored(key, value.transpose()?.as_ref());
        Ok(())
    }

    async fn finish(self, end: End, mut process: Process) -> Outcome {
        let result = match end {
            End::Done(value, error) => {
                process.release();
                match (value, error) {
                    (_, Some(error)) => Err(reported(*error)),
                    (None, None) => Ok(Value::Null),
                    (Some(value), None) => {
                        returned(&value, &self.job.limits, self.host.as_ref()).map_err(|what| breach(&what))
                    }
                }
            }
            End::Cancelled => {
                process.kill();
                Err(cancelled())
            }
            End::TimedOut => {
                process.kill();
                Err(timed_out(&self.job.limits))
            }
            End::Closed => {
                let death = process.death().await;
                process.kill();
                Err(died(death, &self.job.limits))
            }
            End::Breach(what) => {
                process.kill();
                Err(breach(&what))
            }
        };
        let calls = self.calls.end().await;
        let (status, value, error) = match result {
            Ok(value) => (Status::Done, Some(value), None),
            Err(error) => (Status::Failed, None, Some(error)),
        };
        Outcome { status, value, error, console: self.talk.end(), calls, millis: 0 }
    }
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant.into()).await,
        None => std::future::pending().await,
    }
}

/// Puts a value into a frame, cut where it is too long for a script; `sent` counts what the script got so far. A
/// script that has got nearly all it can take is still told the short facts of each result.
fn hand_in(out: &mut Vec<u8>, id: u32, value: &Value, sent: &mut usize) {
    let limit = MAX_TRAFFIC.saturating_sub(*sent).clamp(LEAST_RESULT, MAX_RESULT);
    let start = out.len();
    // The frame around the value is small beside the least limit; it is counted with it.
    if let Ok(length) = append(out, &ToWorker::<(), _>::Value { id, json: value })
        && length <= limit
    {
        *sent = sent.saturating_add(length);
        return;
    }
    out.truncate(start);
    let text = fit(value, limit);
    *sent = sent.saturating_add(text.len());
    let sent = match serde_json::from_str::<&RawValue>(&text) {
        Ok(json) => append(out, &ToWorker::<(), _>::Value { id, json }),
        Err(error) => {
            let error = HostError::new(ErrorName::ToolFailed, error.to_string());
            append(out, &ToWorker::<(), ()>::Error { id, error })
        }
    };
    if let Err(error) = sent {
        tracing::error!(%error, "an answer to the script worker is too long");
    }
}

#[cfg(test)]
mod tests {
    use super::{LEAST_RESULT, MAX_RESULT, MAX_TRAFFIC, hand_in};
    use serde_json::json;

    #[test]
    fn results_are_cut_to_what_a_script_can_take() {
        let long = json!({ "exitCode": 0, "stdout": "\0".repeat(2_000_000) });
        let mut sent = 0;
        for _ in 0..12 {
            let mut out = b"before".to_vec();
            hand_in(&mut out, 7, &long, &mut sent);
            let text = String::from_utf8_lossy(&out[10..]);
            assert!(out.starts_with(b"before") && out.len() <= MAX_RESULT + 100);
            assert!(text.starts_with("{\"value\":{\"id\":7,\"json\":{") && text.contains("\"exitCode\":0"));
        }
        assert!(sent <= MAX_TRAFFIC + 12 * LEAST_RESULT, "{sent}");
        let mut out = Vec::new();
        hand_in(&mut out, 1, &json!({ "a": 1 }), &mut sent);
        assert_eq!(&out[4..], b"{\"value\":{\"id\":1,\"json\":{\"a\":1}}}");
    }
}
