//! Owns the life of one process: feeds it, reads it, stops it in time, and tells how it ended.
//! Never judges a command, never keeps more of its output than the limit.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::process::{ChildStderr, ChildStdout};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::capture::{HeadTail, Utf8Decoder};
use crate::launch::launch;
use crate::process::{Own, Process};
use crate::request::{Config, ExecError, Io, Outcome, Request, Stream};

/// Bytes read at once; as much as a Linux pipe holds.
const CHUNK: usize = 64 * 1024;

/// How often a command that is being stopped is looked at.
const STOP_TICK: Duration = Duration::from_millis(10);

/// After SIGKILL, how long to wait for a process that even that cannot end at once (hung file systems).
const KILL_PATIENCE: Duration = Duration::from_secs(2);

/// The exit code after a timeout, as `timeout(1)` has it.
const TIMEOUT_EXIT_CODE: i32 = 124;

/// Runs `request` to its end and gives back what it printed; `on_output` sees every piece of it at once.
///
/// The command leads its own process group. When its time is up, or `cancel` fires, the whole group is asked to end
/// and after [`Config::stop_grace`] killed; dropping the future kills it at once. A background child that outlives
/// the command is left running, but its output is no longer read after [`Config::drain`].
///
/// # Errors
/// [`ExecError`] when nothing could be started. A command that fails, times out or is cancelled is an [`Outcome`].
pub async fn run(
    request: &Request,
    config: &Config,
    cancel: &CancellationToken,
    on_output: &(dyn Fn(Stream, &str) + Send + Sync),
) -> Result<Outcome, ExecError> {
    if cancel.is_cancelled() {
        return Err(ExecError::Cancelled);
    }
    let mut process = Own::new(launch(request, config)?);
    follow(&mut process, request, config, (cancel, on_output)).await
}

/// Feeds, reads and limits `process`, which `request` has just started, to its end.
///
/// # Errors
/// [`ExecError::Wait`].
pub(crate) async fn follow<P: Process>(
    process: &mut P,
    request: &Request,
    config: &Config,
    (cancel, on_output): Io<'_>,
) -> Result<Outcome, ExecError> {
    let started = Instant::now();
    let pipes = process.pipes();
    let cap = config.output_cap;
    let mut running = Running {
        process,
        config,
        stdout: Pipe::new(pipes.stdout, cap),
        stderr: Pipe::new(pipes.stderr, cap),
        aggregated: HeadTail::new(cap),
        whole: HeadTail::new(config.whole_cap),
        on_output,
    };
    let feed = feed(pipes.stdin, request.stdin.as_deref());
    let end = running.until_the_end(feed, request.timeout, cancel).await?;
    Ok(running.outcome(end, started))
}

/// Why a command is being stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    TimedOut,
    Cancelled,
}

/// How the process ended; no status when it could not even be killed in time.
#[derive(Debug, Clone, Copy)]
struct End {
    status: Option<ExitStatus>,
    stop: Option<Stop>,
}

/// One output pipe: open until its end was seen.
struct Pipe<R> {
    reader: Option<R>,
    buffer: Vec<u8>,
    decoder: Utf8Decoder,
    kept: HeadTail,
}

impl<R: AsyncRead + Unpin> Pipe<R> {
    fn new(reader: Option<R>, cap: usize) -> Pipe<R> {
        Pipe { reader, buffer: vec![0; CHUNK], decoder: Utf8Decoder::default(), kept: HeadTail::new(cap) }
    }

    fn is_open(&self) -> bool {
        self.reader.is_some()
    }

    /// The next piece of text, also an empty one. Never ends while another branch is to be waited for instead.
    async fn next(&mut self) -> String {
        let Some(reader) = &mut self.reader else {
            return std::future::pending().await;
        };
        // A read error ends the stream like its end does: there is nothing more to be had.
        let count = reader.read(&mut self.buffer).await.unwrap_or(0);
        if count == 0 {
            self.reader = None;
            return self.decoder.finish();
        }
        self.decoder.push(&self.buffer[..count])
    }
}

/// A started process with all that is kept of it.
struct Running<'a, P> {
    process: &'a mut P,
    config: &'a Config,
    stdout: Pipe<ChildStdout>,
    stderr: Pipe<ChildStderr>,
    aggregated: HeadTail,
    whole: HeadTail,
    on_output: &'a (dyn Fn(Stream, &str) + Send + Sync),
}

impl<P: Process> Running<'_, P> {
    async fn until_the_end(
        &mut self,
        feed: impl Future<Output = ()> + Send,
        limit: Duration,
        cancel: &CancellationToken,
    ) -> Result<End, ExecError> {
        tokio::pin!(feed);
        let mut fed = false;
        let time_up = time_limit(limit);
        tokio::pin!(time_up);
        let mut status = None;
        let stop = loop {
            tokio::select! {
                () = &mut feed, if !fed => fed = true,
                text = self.stdout.next() => self.keep(Stream::Stdout, &text),
                text = self.stderr.next() => self.keep(Stream::Stderr, &text),
                exit = self.process.ended() => {
                    status = Some(exit.map_err(ExecError::Wait)?);
                    break None;
                }
                () = &mut time_up => break Some(Stop::TimedOut),
                () = cancel.cancelled() => break Some(Stop::Cancelled),
            }
        };
        match stop {
            None => {
                self.process.release();
                self.drain(self.config.drain).await;
            }
            Some(_) => status = self.stop().await?,
        }
        Ok(End { status, stop })
    }

    /// Reads what is still in the pipes, until they end or `limit` is over.
    async fn drain(&mut self, limit: Duration) {
        let over = sleep(limit);
        tokio::pin!(over);
        while self.stdout.is_open() || self.stderr.is_open() {
            tokio::select! {
                text = self.stdout.next() => self.keep(Stream::Stdout, &text),
                text = self.stderr.next() => self.keep(Stream::Stderr, &text),
                () = &mut over => return,
            }
        }
    }

    /// Asks the group to end, kills it after the grace time, and reads its last words.
    async fn stop(&mut self) -> Result<Option<ExitStatus>, ExecError> {
        self.process.terminate();
        let mut status = self.watch(None, self.config.stop_grace).await?;
        self.process.kill();
        if status.is_none() {
            status = self.watch(None, KILL_PATIENCE).await?;
        }
        if status.is_some() {
            self.process.release();
        }
        self.drain(self.config.drain).await;
        Ok(status)
    }

    /// Reads and waits until the whole group is gone, or `limit` is over.
    async fn watch(
        &mut self,
        mut status: Option<ExitStatus>,
        limit: Duration,
    ) -> Result<Option<ExitStatus>, ExecError> {
        let over = sleep(limit);
        tokio::pin!(over);
        loop {
            if status.is_some() && self.process.is_gone() {
                return Ok(status);
            }
            tokio::select! {
                text = self.stdout.next() => self.keep(Stream::Stdout, &text),
                text = self.stderr.next() => self.keep(Stream::Stderr, &text),
                exit = self.process.ended(), if status.is_none() => {
                    status = Some(exit.map_err(ExecError::Wait)?);
                }
                () = sleep(STOP_TICK) => {}
                () = &mut over => return Ok(status),
            }
        }
    }

    fn keep(&mut self, stream: Stream, text: &str) {
        if text.is_empty() {
            return;
        }
        match stream {
            Stream::Stdout => self.stdout.kept.push(text),
            Stream::Stderr => self.stderr.kept.push(text),
        }
        self.aggregated.push(text);
        self.whole.push(text);
        (self.on_output)(stream, text);
    }

    fn outcome(self, end: End, started: Instant) -> Outcome {
        let (stdout, stdout_cut) = self.stdout.kept.finish();
        let (stderr, stderr_cut) = self.stderr.kept.finish();
        let (aggregated, aggregated_cut) = self.aggregated.finish();
        let truncated = stdout_cut || stderr_cut || aggregated_cut;
        let signal = end.status.and_then(|status| status.signal());
        let timed_out = end.stop == Some(Stop::TimedOut);
        Outcome {
            exit_code: if timed_out { TIMEOUT_EXIT_CODE } else { exit_code(end.status) },
            signal,
            timed_out,
            cancelled: end.stop == Some(Stop::Cancelled),
            stdout,
            stderr,
            aggregated,
            truncated,
            whole: truncated.then(|| self.whole.finish().0),
            millis: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// The process's own exit code, or 128 + signal. A process that survived SIGKILL so far counts as killed.
fn exit_code(status: Option<ExitStatus>) -> i32 {
    const KILLED: i32 = 128 + 9;
    let Some(status) = status else { return KILLED };
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(KILLED)
}

/// Writes all of `text` and closes the pipe. A program that does not read its input is no error.
async fn feed(pipe: Option<Box<dyn AsyncWrite + Send + Unpin>>, text: Option<&str>) {
    if let (Some(mut pipe), Some(text)) = (pipe, text) {
        let _ = pipe.write_all(text.as_bytes()).await;
    }
}

/// Ends when `limit` is over; never, for a limit of zero.
async fn time_limit(limit: Duration) {
    if limit.is_zero() { std::future::pending().await } else { sleep(limit).await }
}
