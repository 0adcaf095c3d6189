//! Owns the end of a command and of all that it started: waits, asks, kills, until no descendant is left.
//! Relies on this process being the one that orphans fall to.

use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitOptions, getpid, kill_process, kill_process_group, pidfd_open,
    test_kill_process_group, wait,
};

use crate::overlay::wire::{self, KILL, TERMINATE};

/// How often orphans that have ended are looked for while the command runs.
const SWEEP: Duration = Duration::from_secs(1);
/// How often what is being ended is looked at.
const TICK: Duration = Duration::from_millis(2);
/// How long even SIGKILL may take (hung file systems) before the rest is left alone; less than the server waits.
const PATIENCE: Duration = Duration::from_millis(1500);
/// The status of a process that SIGKILL ended.
const KILLED: i32 = 9;

/// Waits for `command`, a child that leads a process group, and then for its descendants, which have `drain` to end by
/// themselves. The socket says when to end sooner; that it is closed means at once.
pub fn watch(command: Pid, control: &OwnedFd, drain: Duration) -> (i32, Vec<String>) {
    let mut watch = Watch { command, control, status: None, childless: false, asked: false, killing: None };
    let ended = pidfd_open(command, PidfdFlags::empty());
    while watch.status.is_none() && watch.killing.is_none() {
        // Without a descriptor to wait for, one looks more often.
        let pause = if ended.is_ok() { SWEEP } else { TICK };
        watch.listen(ended.as_ref().ok(), pause);
        watch.reap();
    }
    watch.the_rest(drain)
}

struct Watch<'a> {
    command: Pid,
    control: &'a OwnedFd,
    /// The command's own, as the system gives it.
    status: Option<i32>,
    childless: bool,
    /// The command was asked to end: its group has until it is killed.
    asked: bool,
    /// Since when everything is being killed.
    killing: Option<Instant>,
}

impl Watch<'_> {
    /// Waits until the server says something, the command ends, or for `pause`.
    fn listen(&mut self, ended: Option<&OwnedFd>, pause: Duration) {
        let mut fds = vec![PollFd::new(self.control, PollFlags::IN)];
        fds.extend(ended.map(|ended| PollFd::from_borrowed_fd(ended.as_fd(), PollFlags::IN)));
        let pause =
            Timespec { tv_sec: pause.as_secs().cast_signed(), tv_nsec: i64::from(pause.subsec_nanos()) };
        let _woken_for_nothing = poll(&mut fds, Some(&pause));
        if fds[0].revents().is_empty() {
            return;
        }
        match wire::receive(self.control) {
            Ok((bytes, _)) if bytes == [TERMINATE] => {
                self.asked = true;
                // An error means that the group is gone.
                let _ = kill_process_group(self.command, Signal::TERM);
            }
            Ok((bytes, _)) if bytes == [KILL] => self.kill(),
            // The server is gone.
            _ => self.kill(),
        }
    }

    fn kill(&mut self) {
        self.killing.get_or_insert_with(Instant::now);
    }

    /// Takes note of all children that have ended.
    fn reap(&mut self) {
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((id, status))) if id == self.command => self.status = Some(status.as_raw()),
                Ok(Some(_)) | Err(Errno::INTR) => {}
                Ok(None) => return,
                Err(_) => {
                    self.childless = true;
                    return;
                }
            }
        }
    }

    /// After the command: waits for the others, or ends them.
    fn the_rest(&mut self, drain: Duration) -> (i32, Vec<String>) {
        let began = Instant::now();
        loop {
            self.reap();
            if self.childless {
                return (self.status.unwrap_or(KILLED), Vec::new());
            }
            if !self.asked && began.elapsed() >= drain {
                self.kill();
            }
            if let Some(since) = self.killing {
                // Who is killed leaves his own children to us, to be killed next.
                let children = children();
                if since.elapsed() > PATIENCE {
                    let note = format!(
                        "{} processes that the command left behind could not be ended",
                        children.len()
                    );
                    return (self.status.unwrap_or(KILLED), vec![note]);
                }
                for child in children {
                    // An error means that it is gone.
                    let _ = kill_process(child, Signal::KILL);
                }
            }
            self.listen(None, TICK);
            if self.asked && self.killing.is_none() && group_is_gone(self.command) {
                self.kill();
            }
        }
    }
}

/// Whether the command's own group, the one that was asked to end, has done so.
fn group_is_gone(leader: Pid) -> bool {
    test_kill_process_group(leader).is_err()
}

/// Our children. Only we reap them, so their numbers are not given to others meanwhile.
fn children() -> Vec<Pid> {
    let own = getpid().as_raw_nonzero();
    let listed = fs::read_to_string(format!("/proc/self/task/{own}/children"));
    match listed {
        Ok(listed) => listed.split_whitespace().filter_map(id).collect(),
        // A kernel without that file: look at everybody.
        Err(_) => {
            let all = fs::read_dir("/proc").into_iter().flatten().flatten();
            let ids = all.filter_map(|entry| id(entry.file_name().to_str()?));
            ids.filter(|id| parent(*id) == Some(own.get())).collect()
        }
    }
}

fn id(text: &str) -> Option<Pid> {
    text.parse().ok().and_then(Pid::from_raw)
}

fn parent(id: Pid) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", id.as_raw_nonzero())).ok()?;
    // The name, in brackets, may hold anything.
    stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()
}
