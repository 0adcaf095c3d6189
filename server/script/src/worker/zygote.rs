//! The zygote: a locked process with one prepared engine, which forks a worker for each socket it is sent.
//! Runs no script itself and never outlives its host; a child it has lost sight of dies with it.

use std::io::{IoSlice, IoSliceMut};
use std::mem::{ManuallyDrop, MaybeUninit};
use std::os::fd::{AsFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendFlags, recvmsg, sendmsg,
};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, getpid, getppid, pidfd_open, pidfd_send_signal,
    set_parent_process_death_signal, waitid,
};
use rustix::stdio::{dup2_stdin, stdin};

use super::lock_down::{self, MOST_CHILDREN, Role, Tight};
use super::vm::Vm;
use super::{Code, ServeBy, hello, serve_on_stdin};
use crate::Walls;
use crate::control::{FromZygote, LONGEST, ToZygote};

struct Zygote<'z> {
    /// Never freed, here and in the children.
    vm: ManuallyDrop<Vm>,
    tight: Tight,
    walls: Walls,
    serve: &'z ServeBy,
    children: Vec<Child>,
}

struct Child {
    id: u64,
    handle: OwnedFd,
}

/// Why the zygote is done.
struct Over(i32);

/// Locks down, prepares, and forks until the host is gone; the exit code.
pub fn run(mut walls: Walls, serve: &ServeBy) -> i32 {
    let Ok(tight) = Tight::compile() else { return Code::NO_FORK };
    lock_down::finish(Role::Zygote, &mut walls);
    // An old kernel may lack what a fork needs here; workers are then started one by one.
    if !lock_down::close_others() || pidfd_open(getpid(), PidfdFlags::empty()).is_err() {
        return Code::NO_FORK;
    }
    let Ok(vm) = Vm::prepare().map(ManuallyDrop::new) else { return Code::NO_ENGINE };
    let Ok(json) = serde_json::to_vec(&walls) else { return Code::NO_HELLO };
    if say(&FromZygote::Ready(json)).is_err() {
        return Code::NO_HELLO;
    }
    if walls.breach().is_some() {
        return Code::UNLOCKED;
    }
    let mut zygote = Zygote { vm, tight, walls, serve, children: Vec::new() };
    loop {
        if let Err(Over(code)) = zygote.turn() {
            return code;
        }
    }
}

impl Zygote<'_> {
    /// Waits, reaps, obeys.
    fn turn(&mut self) -> Result<(), Over> {
        let handles = self.children.iter().map(|child| PollFd::new(&child.handle, PollFlags::IN));
        let mut wanted: Vec<PollFd<'_>> =
            std::iter::once(PollFd::from_borrowed_fd(stdin(), PollFlags::IN)).chain(handles).collect();
        match poll(&mut wanted, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return Err(Over(Code::NO_SOCKET)),
        }
        let ready: Vec<bool> = wanted.iter().map(|place| !place.revents().is_empty()).collect();
        // Last first, so that the places of the others stay.
        for place in (1..ready.len()).rev().filter(|place| ready[*place]) {
            self.reap(place - 1)?;
        }
        if ready[0] {
            self.obey()?;
        }
        Ok(())
    }

    fn reap(&mut self, place: usize) -> Result<(), Over> {
        let child = &self.children[place];
        let id = child.id;
        let status =
            waitid(WaitId::PidFd(child.handle.as_fd()), WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
        let told = match status {
            Ok(None) => return Ok(()),
            Ok(Some(status)) => match status.terminating_signal() {
                Some(signal) => FromZygote::Killed { id, signal },
                None => FromZygote::Exited { id, code: status.exit_status().unwrap_or(-1) },
            },
            Err(_) => FromZygote::Exited { id, code: -1 },
        };
        self.children.swap_remove(place);
        say(&told)
    }

    /// Takes one message of the host.
    fn obey(&mut self) -> Result<(), Over> {
        let mut bytes = [0; LONGEST];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut extra = RecvAncillaryBuffer::new(&mut space);
        let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
        let got = match recvmsg(stdin(), &mut [IoSliceMut::new(&mut bytes)], &mut extra, flags) {
            Ok(got) if got.bytes == 0 => return Err(Over(0)),
            Ok(got) => got.bytes,
            Err(Errno::AGAIN | Errno::INTR) => return Ok(()),
            Err(_) => return Err(Over(0)),
        };
        let socket = extra.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut sockets) => sockets.next(),
            _ => None,
        });
        match (ToZygote::parse(&bytes[..got]), socket) {
            (Some(ToZygote::Fork { id }), Some(socket)) => self.fork(id, socket),
            (Some(ToZygote::Fork { id }), None) => refuse(id, Errno::MFILE),
            (Some(ToZygote::Kill { id }), _) => {
                let child = self.children.iter().find(|child| child.id == id);
                if let Some(child) = child {
                    let _gone = pidfd_send_signal(&child.handle, Signal::KILL);
                }
                Ok(())
            }
            (None, _) => Err(Over(Code::NOT_A_MESSAGE)),
        }
    }

    fn fork(&mut self, id: u64, socket: OwnedFd) -> Result<(), Over> {
        if self.children.len() >= MOST_CHILDREN {
            return refuse(id, Errno::AGAIN);
        }
        let zygote = getpid();
        // SAFETY: of this process's two threads the other one only waits for this one to end and holds no lock, so
        // the child may go on as a full process. It never returns from `child`.
        let forked = unsafe { libc::fork() };
        if forked == 0 {
            self.child(zygote, socket);
        }
        let Some(child) = Pid::from_raw(forked).filter(|_| forked > 0) else {
            let why = std::io::Error::last_os_error();
            return refuse(id, Errno::from_io_error(&why).unwrap_or(Errno::AGAIN));
        };
        // Without a handle it could be neither watched nor killed: leaving ends it, and all others.
        let handle = pidfd_open(child, PidfdFlags::empty()).map_err(|_| Over(Code::NO_FORK))?;
        self.children.push(Child { id, handle });
        drop(socket);
        Ok(())
    }

    /// What the forked process does, to its end.
    fn child(&mut self, zygote: Pid, socket: OwnedFd) -> ! {
        let code = catch_unwind(AssertUnwindSafe(|| self.work(zygote, socket))).unwrap_or(Code::PANIC);
        // SAFETY: ends this process; nothing of the zygote is to be cleaned up here.
        unsafe { libc::_exit(code) }
    }

    fn work(&mut self, zygote: Pid, socket: OwnedFd) -> i32 {
        // The forking thread lives as long as the zygote does.
        let bound = set_parent_process_death_signal(Some(Signal::KILL));
        if bound.is_err() || getppid() != Some(zygote) || dup2_stdin(&socket).is_err() {
            return Code::NO_SOCKET;
        }
        // Owners of descriptors that are closed behind their back.
        std::mem::forget(socket);
        std::mem::forget(std::mem::take(&mut self.children));
        if !lock_down::close_others() {
            return Code::NO_FORK;
        }
        let mut walls = std::mem::take(&mut self.walls);
        lock_down::tighten(&self.tight, &mut walls);
        match hello(&walls) {
            Ok(()) => serve_on_stdin(&self.vm, self.serve),
            Err(code) => code,
        }
    }
}

fn refuse(id: u64, why: Errno) -> Result<(), Over> {
    say(&FromZygote::Refused { id, errno: why.raw_os_error() })
}

/// Tells the host; waits while its ear is full.
fn say(message: &FromZygote) -> Result<(), Over> {
    let bytes = message.bytes();
    let mut nothing = SendAncillaryBuffer::default();
    loop {
        match sendmsg(stdin(), &[IoSlice::new(&bytes)], &mut nothing, SendFlags::NOSIGNAL) {
            Ok(_) => return Ok(()),
            Err(Errno::INTR) => {}
            Err(_) => return Err(Over(0)),
        }
    }
}
