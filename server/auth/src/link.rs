//! The thread that talks to a keyring: one, since it may wait for ever, and none of an async runtime, in which the Linux one
//! would panic. Knows nothing of keys.

use crate::vault::{Fault, FaultKind, Vault};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

/// Reaches a keyring.
pub type Open = Arc<dyn Fn() -> Result<Box<dyn Vault>, Fault> + Send + Sync>;

/// What is done on the thread.
pub type Job = Box<dyn FnOnce(&mut Link) + Send>;

/// The way to a keyring, kept while it holds.
pub struct Link {
    open: Open,
    vault: Option<Box<dyn Vault>>,
}

impl Link {
    /// Has `work` done, if `goes_on` still once the keyring was reached. A way that broke since it was last used is made anew.
    pub fn with<T>(
        &mut self,
        goes_on: impl FnOnce() -> bool,
        work: impl Fn(&dyn Vault) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let kept = self.vault.take();
        let was_kept = kept.is_some();
        let vault = match kept {
            Some(vault) => vault,
            None => (self.open)()?,
        };
        if !goes_on() {
            self.vault = Some(vault);
            return Err(Fault::silent());
        }
        let mut done = work(&*vault);
        if was_kept && matches!(&done, Err(fault) if fault.kind() == FaultKind::Broken) {
            let vault = (self.open)()?;
            done = work(&*vault);
            self.vault = Some(vault);
        } else {
            self.vault = Some(vault);
        }
        if matches!(&done, Err(fault) if fault.kind() == FaultKind::Broken) {
            self.vault = None;
        }
        done
    }
}

/// Starts the thread, which lives as long as somebody may send it jobs; a job that panics ends neither it nor anybody else.
pub fn start(open: Open) -> std::io::Result<Sender<Job>> {
    let (sender, jobs) = channel::<Job>();
    std::thread::Builder::new().name("keyring".to_owned()).spawn(move || {
        let mut link = Link { open, vault: None };
        for job in jobs {
            if catch_unwind(AssertUnwindSafe(|| job(&mut link))).is_err() {
                link.vault = None;
            }
        }
    })?;
    Ok(sender)
}
