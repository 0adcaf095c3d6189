//! Owns what a started command is to the rest of this crate: its pipes, its end, and two ways to bring that about.
//! Knows nothing of time limits and output.

use std::future::Future;
use std::io;
use std::process::ExitStatus;

use process_wrap::tokio::ChildWrapper;
use tokio::io::AsyncWrite;
use tokio::process::{ChildStderr, ChildStdout};

use crate::group::Group;

/// The ends of a command's pipes that are ours.
pub(crate) struct Pipes {
    pub(crate) stdin: Option<Box<dyn AsyncWrite + Send + Unpin>>,
    pub(crate) stdout: Option<ChildStdout>,
    pub(crate) stderr: Option<ChildStderr>,
}

/// A command that was started, with all that it starts itself. Dropping it kills what is left, unless it was released.
pub(crate) trait Process: Send {
    /// Its pipes; they can be taken once.
    fn pipes(&mut self) -> Pipes;

    /// Waits for the end of the command itself. May be dropped while it waits, and called again.
    fn ended(&mut self) -> impl Future<Output = io::Result<ExitStatus>> + Send;

    /// Asks all of it to end.
    fn terminate(&self);

    /// Ends all of it.
    fn kill(&self);

    /// Whether nothing is left of it but perhaps the command itself.
    fn is_gone(&self) -> bool;

    /// From now on what is left of it is left alone: the command came to its own end.
    fn release(&mut self);
}

/// A command that leads its own process group.
pub(crate) struct Own {
    child: Box<dyn ChildWrapper>,
    group: Group,
}

impl Own {
    pub(crate) fn new(child: Box<dyn ChildWrapper>) -> Own {
        let group = Group::new(child.id());
        Own { child, group }
    }
}

impl Process for Own {
    fn pipes(&mut self) -> Pipes {
        let stdin = self.child.stdin().take();
        Pipes {
            stdin: stdin.map(|pipe| Box::new(pipe) as Box<_>),
            stdout: self.child.stdout().take(),
            stderr: self.child.stderr().take(),
        }
    }

    /// Waits for the leader alone. The group wrapper's own `wait` would also wait for orphans of the group when this
    /// process is their new parent (process 1 of a container), so a daemon would hold it for ever.
    async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.child.inner_mut().wait().await
    }

    fn terminate(&self) {
        self.group.terminate();
    }

    fn kill(&self) {
        self.group.kill();
    }

    fn is_gone(&self) -> bool {
        self.group.is_empty()
    }

    fn release(&mut self) {
        self.group.disarm();
    }
}
