//! Owns signals to a process group. Holding a [`Group`] and dropping it kills what is left of the group.

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

/// The group of a started command: the command and all its descendants that did not leave the group.
#[derive(Debug)]
pub(crate) struct Group {
    leader: Option<Pid>,
    armed: bool,
}

impl Group {
    /// The group led by the process `id`, which is killed when this is dropped before [`Group::disarm`].
    pub(crate) fn new(id: Option<u32>) -> Group {
        let leader = id.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Group { leader, armed: true }
    }

    /// Asks all members to end.
    pub(crate) fn terminate(&self) {
        self.send(Signal::TERM);
    }

    /// Ends all members.
    pub(crate) fn kill(&self) {
        self.send(Signal::KILL);
    }

    /// Whether no member is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.leader.is_none_or(|leader| test_kill_process_group(leader).is_err())
    }

    /// From now on members are left alone: the command came to its own end.
    pub(crate) fn disarm(&mut self) {
        self.armed = false;
    }

    fn send(&self, signal: Signal) {
        if let Some(leader) = self.leader {
            // An error means that the group is gone, which is what was wanted.
            let _ = kill_process_group(leader, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.armed {
            self.kill();
        }
    }
}
