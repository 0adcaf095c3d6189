//! The core at work: takes clients in, serves each with its own environment and the agents of all, and ends when it is not
//! needed any more or is asked to. Knows nothing of what clients say after their hello.

use super::hello::build;
use super::kit::kit;
use super::place::Lock;
use super::{END_MARK, Hello, Place, Welcome};
use crate::assemble::Agents;
use crate::logging;
use crate::signals::asked_to_end;
use glossator_agent::Rest;
use glossator_lsp::serve;
use glossator_lsp::transport::{End, Options};
use glossator_settings::{Folders, Source};
use serde_json::Value;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixListener as StdListener, UnixStream as StdStream};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a client may take for its hello, and how long that may be in bytes.
const HELLO: (Duration, u64) = (Duration::from_secs(10), 8 << 20);
/// How often a core without clients looks whether it is needed.
const LOOK: Duration = Duration::from_millis(200);
/// How long turns that wait for an editor and are to be kept keep the core.
const PARKED: Duration = Duration::from_secs(24 * 3_600);
/// How long turns and tasks may take to end in order, and connections after them.
const FAREWELL: Duration = Duration::from_secs(4);
const LAST_CLIENTS: Duration = Duration::from_secs(1);

const ASKED: &str = "Glossator's core process was asked to end while this turn was running.";
const LEFT: &str =
    "The editor was closed and none came back, so the turn was ended. Say 'go on' to let it continue.";

/// A core that was made and has yet to serve.
pub struct Listening {
    pub place: Place,
    pub listener: StdListener,
    pub lock: Lock,
    pub folders: Folders,
    pub identity: PathBuf,
}

struct Core {
    folders: Folders,
    identity: PathBuf,
    build: String,
    agents: Arc<Agents>,
    stop: CancellationToken,
    clients: TaskTracker,
    /// How many clients there are, and that one has left.
    here: watch::Sender<usize>,
    /// A client of another build came: the next core should be of that one.
    outdated: AtomicBool,
}

/// Serves until nobody needs it; the exit code is 0.
pub async fn run(mut listening: Listening) -> io::Result<u8> {
    logging::start(&listening.folders.state, logging::filter().as_deref());
    listening.lock.sign();
    let core = Arc::new(Core {
        agents: Agents::in_state(&listening.folders.state),
        folders: listening.folders,
        identity: listening.identity,
        build: build(),
        stop: CancellationToken::new(),
        clients: TaskTracker::new(),
        here: watch::Sender::new(0),
        outdated: AtomicBool::new(false),
    });
    let mut listener = asynchronous(listening.listener)?;
    let mut asked = pin!(asked_to_end());
    let (mut alone, mut here) = (Alone::default(), core.here.subscribe());
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => core.take(stream),
                Err(error) => {
                    tracing::warn!(%error, "a client could not be taken in");
                    tokio::time::sleep(LOOK).await;
                }
            },
            () = &mut asked => {
                // Who comes from here on waits for the lock, and then starts the next core.
                listening.place.close(&listening.lock);
                core.end(ASKED).await;
                return Ok(0);
            }
            // Without clients it looks again and again, with them only when one leaves.
            _ = here.changed() => {}
            () = tokio::time::sleep(LOOK), if *core.here.borrow() == 0 => {}
        }
        if *core.here.borrow() > 0 {
            alone = Alone::default();
        } else if alone.long_enough(&core) {
            listening.place.close(&listening.lock);
            // Who came before the socket was taken away is served; who comes now starts another core.
            match tokio::time::timeout(Duration::ZERO, listener.accept()).await {
                Ok(Ok((stream, _))) => {
                    core.take(stream);
                    if listening.place.is_held(&listening.lock) {
                        let again = listening.place.listen(&listening.lock).map_err(io::Error::other)?;
                        listener = asynchronous(again)?;
                    }
                }
                _ => {
                    core.end(LEFT).await;
                    return Ok(0);
                }
            }
        }
    }
}

fn asynchronous(listener: StdListener) -> io::Result<UnixListener> {
    listener.set_nonblocking(true)?;
    UnixListener::from_std(listener)
}

/// How long a core has been without clients.
#[derive(Default)]
struct Alone {
    /// Since the last client.
    since: Option<Instant>,
    /// Since something was at work.
    at_rest: Option<Instant>,
    linger: Option<Duration>,
}

impl Alone {
    /// Whether the core may leave now.
    fn long_enough(&mut self, core: &Core) -> bool {
        let since = *self.since.get_or_insert_with(Instant::now);
        let linger = *self.linger.get_or_insert_with(|| core.linger());
        let rest = core.agents.all().iter().map(glossator_agent::Agent::rest).max().unwrap_or(Rest::Idle);
        match rest {
            Rest::Working => {
                self.at_rest = None;
                false
            }
            Rest::Parked => since.elapsed() > PARKED,
            Rest::Idle if core.outdated.load(Ordering::Relaxed) => true,
            Rest::Idle | Rest::Paused => self.at_rest.get_or_insert_with(Instant::now).elapsed() >= linger,
        }
    }
}

impl Core {
    /// How long the settings let it stay.
    fn linger(&self) -> Duration {
        let source = Source {
            folders: self.folders.clone(),
            workspace: Some(self.identity.clone()),
            editor: Value::Null,
            command_line: Value::Null,
        };
        let agent = self.agents.of(&self.identity);
        let trusted = agent.trusted(&self.identity, source.workspace_text().as_deref());
        Duration::from_secs(source.load(trusted).settings.core.linger_s)
    }

    fn take(self: &Arc<Self>, stream: UnixStream) {
        let guest = Guest::of(self.clone());
        self.clients.spawn(async move {
            if let Err(error) = guest.0.client(stream).await {
                tracing::info!(%error, "a client was not served to its end");
            }
        });
    }

    async fn client(&self, stream: UnixStream) -> io::Result<()> {
        let user = stream.peer_cred()?.uid();
        if user != rustix::process::getuid().as_raw() {
            return Err(io::Error::other(format!("user {user} is not the one this core is for")));
        }
        // The end is said when the rest of the connection is gone already.
        let last = stream.as_fd().try_clone_to_owned()?;
        let (input, mut output) = tokio::io::split(stream);
        let mut input = BufReader::new(input);
        let hello = match hello(&mut input).await {
            Ok(hello) => hello,
            Err(why) => {
                output.write_all(&Welcome::ours(Some(why.clone())).line()).await?;
                return Err(io::Error::other(why));
            }
        };
        if hello.build != self.build {
            self.outdated.store(true, Ordering::Relaxed);
            tracing::info!(version = hello.version, build = hello.build, "a client of another build");
        }
        output.write_all(&Welcome::ours(None).line()).await?;
        let kit = kit(&hello, &self.folders, &self.agents, self.stop.clone());
        let end = serve(input, output, kit, Options::default()).await;
        let code = u8::from(end != End::Exit { after_shutdown: true });
        say_end(last, code).await
    }

    /// Ends turns and tasks in order, and then connections.
    async fn end(&self, why: &str) {
        let agents = self.agents.all();
        agents.iter().for_each(|agent| agent.presence().close(why));
        futures::future::join_all(agents.iter().map(|agent| agent.close(FAREWELL))).await;
        self.stop.cancel();
        self.clients.close();
        if timeout(LAST_CLIENTS, self.clients.wait()).await.is_err() {
            tracing::debug!("a client was still there at the end");
        }
    }
}

/// A client, counted for as long as this lives.
struct Guest(Arc<Core>);

impl Guest {
    fn of(core: Arc<Core>) -> Guest {
        core.here.send_modify(|here| *here += 1);
        Guest(core)
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.0.here.send_modify(|here| *here -= 1);
    }
}

/// The hello of a client.
async fn hello(input: &mut (impl AsyncBufRead + Unpin)) -> Result<Hello, String> {
    let (limit, longest) = HELLO;
    let mut line = Vec::new();
    match timeout(limit, input.take(longest).read_until(b'\n', &mut line)).await {
        Ok(Ok(_)) if line.ends_with(b"\n") => Hello::parse(&line),
        Ok(Ok(_)) => Err("its hello has no end".to_owned()),
        Ok(Err(error)) => Err(format!("its hello could not be read: {error}")),
        Err(_) => Err(format!("it said no hello within {} s", limit.as_secs())),
    }
}

/// Tells the client how its connection ended: with what its own process ends.
async fn say_end(last: OwnedFd, code: u8) -> io::Result<()> {
    let mut last = UnixStream::from_std(StdStream::from(last))?;
    match timeout(LAST_CLIENTS, last.write_all(&[END_MARK, code])).await {
        Ok(written) => written,
        Err(_) => Ok(()),
    }
}
