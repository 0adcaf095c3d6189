//! One run from the host's side: starts the script, answers its calls, watches the clock, gathers the outcome.

mod hand_in;
mod talk;
mod verdict;

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use serde::Serialize;
use serde_json::{Value, value::RawValue};
use tokio_util::sync::CancellationToken;

use super::calls::{Answer, Asked, Calls};
use super::erased::Erased;
use super::failed;
use super::link::{Process, Reader, Worker, Writer};
use crate::ledger::Ledger;
use crate::protocol::{
    FrameError, FromWorker, MAX_ARGUMENTS, MAX_OPEN_PARTS, MAX_PARTS, MAX_TRAFFIC, RunOut, ToWorker, append,
    encode, parts,
};
use crate::{ErrorName, Host, Job, Outcome, ScriptError, Status};
use hand_in::{apart, hand_in};
use talk::Talk;
pub use verdict::cancelled;
use verdict::{breach, brief, died, known, reported, returned, timed_out};

/// How much longer than the worker's own clock the host waits before it kills: native loops cannot be interrupted.
const KILL_GRACE: Duration = Duration::from_secs(1);
/// Longest name of a tool or key that a worker may say, in bytes.
const MAX_NAME: usize = 64 * 1024;
/// Messages and answers that are dealt with together, the bytes they may make, and the time they may take.
const BURST: usize = 64;
const BURST_BYTES: usize = 256 * 1024;
const BURST_TIME: Duration = Duration::from_millis(1);

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

/// What came of a run.
pub struct Ran {
    pub outcome: Outcome,
    /// The script has done something that was seen or kept: it must not be run again by itself.
    pub acted: bool,
}

/// Runs the job in the worker.
pub async fn drive(worker: Worker, order: Order<'_>, cancel: CancellationToken) -> Ran {
    let Order { job, host, erased } = order;
    let known = erased.get(&job.source);
    let frame = match encode(&ToWorker::<_, ()>::Run(RunOut::new(job, known.as_deref()))) {
        Ok(frame) => frame,
        Err(error) => {
            let message = format!("The script's context cannot be handed over: {error}");
            let outcome = failed(ScriptError::plain(ErrorName::HarnessFailure, message));
            return Ran { outcome, acted: false };
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
        traffic: Traffic::default(),
        clock: HostClock { used: Duration::ZERO, since: Some(Instant::now()) },
        grace: None,
        erasing: known.is_none().then_some(erased),
        acted: false,
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
    traffic: Traffic,
    clock: HostClock,
    /// When calls that outlived the script are given up.
    grace: Option<Instant>,
    /// Where the script without types is kept, as long as the worker may report it.
    erasing: Option<&'j Erased>,
    acted: bool,
}

/// Bytes of JSON that went to and fro.
#[derive(Default)]
struct Traffic {
    /// Of results; once they reach the limit, further results are cut to a few facts.
    sent: usize,
    /// Of arguments.
    got: usize,
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
            let more = match self.burst(&mut reader, cancel) {
                Ok(more) => more,
                Err(end) => return end,
            };
            if !self.out.is_empty() {
                self.writer.send(std::mem::take(&mut self.out));
            }
            if more {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Deals with what is there already, so that its answers leave in one write; whether there may be more.
    fn burst(&mut self, reader: &mut Reader, cancel: &CancellationToken) -> Result<bool, End> {
        let began = Instant::now();
        for _ in 0..BURST {
            if cancel.is_cancelled() || self.out.len() > BURST_BYTES || began.elapsed() > BURST_TIME {
                return Ok(true);
            }
            if let Some(answer) = self.calls.ready() {
                self.answer(answer);
            } else if let Some(frame) = reader.next().now_or_never() {
                self.take(frame)?;
            } else {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn push(&mut self, message: &impl Serialize) {
        match append(&mut self.out, message) {
            Ok(length) => self.traffic.sent = self.traffic.sent.saturating_add(length),
            Err(error) => tracing::error!(%error, "a message to the script worker is too long"),
        }
    }

    /// Hands a call's answer to the script.
    fn answer(&mut self, (id, answer): Answer) {
        match answer {
            Ok(value) => apart(&value, || hand_in(&mut self.out, id, &value, &mut self.traffic.sent)),
            Err(error) => {
                let error = known(error);
                let error = if self.traffic.sent < MAX_TRAFFIC { error } else { brief(error) };
                self.push(&ToWorker::<(), ()>::Error { id, error });
            }
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
        self.acted |= !matches!(message, FromWorker::Erased { .. } | FromWorker::Settled);
        match message {
            FromWorker::Erased { text } => {
                let erased = erasing.ok_or("a script without types that nobody waits for")?;
                if !erased.put(&self.job.source, text.as_ref().unwrap_or(&self.job.source)) {
                    tracing::warn!("a script without types is not what it should be; it is not kept");
                }
            }
            FromWorker::Call { id, name, args } => self.call(id, name, args)?,
            FromWorker::Console { level, text } => self.talk.console(&level, &text, &self.job.limits)?,
            FromWorker::Progress { text } => self.talk.progress(&text)?,
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

    fn call(&mut self, id: u32, name: String, args: Box<RawValue>) -> Result<(), String> {
        let made = self.calls.made();
        if id as usize != made + 1 || id > self.job.limits.calls {
            return Err(format!("call {id} after {made} calls"));
        }
        let text = args.get();
        self.traffic.got = self.traffic.got.saturating_add(text.len());
        let short = name.len() <= MAX_NAME && text.len() <= MAX_ARGUMENTS && self.traffic.got <= MAX_TRAFFIC;
        // The worker counts alike, and hears of answers later: it never takes less for open than we do.
        let room = MAX_PARTS.min(MAX_OPEN_PARTS.saturating_sub(self.calls.open_parts()));
        let Some(parts) = parts(text).filter(|parts| short && *parts <= room) else {
            return Err(format!("call {id} with {} bytes of arguments", text.len()));
        };
        // A tool that is busy before its first await is busy right here: that is not the script's time.
        self.clock.wait(true);
        self.calls.add(Asked { number: id, name, args, parts });
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
        let value = value.map(|value| match parts(value.get()).is_some_and(|parts| parts <= MAX_PARTS) {
            false => Err("a stored value that nests too deeply or has too many parts".to_owned()),
            true => serde_json::from_str::<Value>(value.get()).map_err(|error| error.to_string()),
        });
        self.host.stored(key, value.transpose()?.as_ref());
        Ok(())
    }

    async fn finish(self, end: End, mut process: Process) -> Ran {
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
        let outcome = Outcome { status, value, error, console: self.talk.end(), calls, millis: 0 };
        Ran { outcome, acted: self.acted }
    }
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant.into()).await,
        None => std::future::pending().await,
    }
}
