//! One worker process as the host holds it: started by us or forked by a zygote, killed when dropped.
//! Knows nothing of what is said to it.

use std::time::Duration;

use super::spawn::{Death, Started};
#[cfg(target_os = "linux")]
use super::zygote::Forked;

/// How long a worker that has said its last word may take to end.
const EXIT_GRACE: Duration = Duration::from_secs(1);

/// The process of a run. Dropping it kills it.
pub struct Process(Life);

enum Life {
    Started(Started),
    #[cfg(target_os = "linux")]
    Forked(Forked),
}

impl From<Started> for Process {
    fn from(started: Started) -> Process {
        Process(Life::Started(started))
    }
}

#[cfg(target_os = "linux")]
impl From<Forked> for Process {
    fn from(forked: Forked) -> Process {
        Process(Life::Forked(forked))
    }
}

impl Process {
    /// Waits for the end of a worker that has closed its socket, and says how it ended.
    pub async fn death(&mut self) -> Death {
        tokio::time::timeout(EXIT_GRACE, self.ended()).await.unwrap_or(Death::Code(-1))
    }

    async fn ended(&mut self) -> Death {
        match &mut self.0 {
            Life::Started(started) => started.ended().await,
            #[cfg(target_os = "linux")]
            Life::Forked(forked) => forked.ended().await,
        }
    }

    /// Kills the process now. The runtime, or the zygote, takes care of what is left of it.
    pub fn kill(self) {
        drop(self);
    }

    /// Lets a worker that has reported end by itself, for a moment.
    pub fn release(mut self) {
        tokio::spawn(async move {
            // Dropping the process after the time kills it.
            let _ended = tokio::time::timeout(EXIT_GRACE, self.ended()).await;
        });
    }
}
