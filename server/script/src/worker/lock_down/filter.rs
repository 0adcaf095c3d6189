//! Seccomp: the system calls a worker may make. What it might try answers "not permitted", all else kills it.
//! The kernel takes the strictest of all filters, so that each can stay a plain list.

use std::collections::BTreeMap;

use seccompiler::SeccompCmpArgLen::{Dword, Qword};
use seccompiler::SeccompCmpOp::{MaskedEq, Ne};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
    apply_filter, apply_filter_all_threads,
};

/// Calls that are allowed whatever their arguments.
const ALLOWED: &[i64] = &[
    // the socket
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_recvfrom,
    libc::SYS_sendto,
    libc::SYS_recvmsg,
    libc::SYS_sendmsg,
    libc::SYS_ppoll,
    libc::SYS_shutdown,
    libc::SYS_close,
    libc::SYS_close_range,
    libc::SYS_dup,
    libc::SYS_dup3,
    // memory
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    // threads and their end
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
    // signals
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigaction,
    libc::SYS_sigaltstack,
    // clocks, chance, who am I
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_getrandom,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_getppid,
    // children of a zygote
    libc::SYS_waitid,
    libc::SYS_wait4,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_send_signal,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_poll,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_dup2,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_time,
];

/// Calls that fail, so that a library which tries them goes on without, and a worker can see that they do.
const REFUSED: &[i64] = &[
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_fstat,
    libc::SYS_faccessat,
    libc::SYS_readlinkat,
    libc::SYS_getcwd,
    libc::SYS_getdents64,
    libc::SYS_unlinkat,
    libc::SYS_renameat2,
    libc::SYS_mkdirat,
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept4,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_clone3,
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_tgkill,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_open,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_creat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_stat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lstat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_access,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_readlink,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_unlink,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_fork,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_vfork,
];

/// What a zygote needs and a worker does not.
const ZYGOTE_ONLY: &[i64] = &[
    libc::SYS_clone,
    libc::SYS_waitid,
    libc::SYS_wait4,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_send_signal,
    libc::SYS_recvmsg,
    libc::SYS_sendmsg,
    libc::SYS_close_range,
    libc::SYS_prctl,
    libc::SYS_seccomp,
];

/// Flags with which not even a zygote may clone: threads and namespaces.
const NO_CLONE: i32 = libc::CLONE_VM
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWCGROUP;

/// Calls that are allowed when none of the bits is set in the argument of that number; else they end the process.
const ALLOWED_WITHOUT: &[(i64, u8, i32)] = &[
    (libc::SYS_mmap, 2, libc::PROT_EXEC),
    (libc::SYS_mprotect, 2, libc::PROT_EXEC),
    (libc::SYS_clone, 0, NO_CLONE),
];

/// Calls that are allowed when the argument of that number is one of the values; else they are refused.
const ALLOWED_WITH: &[(i64, u8, &[i32])] = &[
    // Its own limits only, and those can only shrink.
    (libc::SYS_prlimit64, 0, &[0]),
    (libc::SYS_fcntl, 1, &[libc::F_DUPFD_CLOEXEC, libc::F_GETFD, libc::F_GETFL, libc::F_SETFL]),
    (libc::SYS_ioctl, 1, &[FIONBIO]),
    (libc::SYS_seccomp, 0, &[libc::SECCOMP_SET_MODE_FILTER.cast_signed()]),
    (libc::SYS_prctl, 0, &[libc::PR_SET_NO_NEW_PRIVS, libc::PR_SET_PDEATHSIG]),
];

/// Whether a descriptor blocks.
const FIONBIO: i32 = 0x5421;

/// Lets all threads make only the calls above.
///
/// # Errors
/// Why the filter is not on.
pub fn base() -> Result<(), String> {
    let (open, refused) = compile_base()?;
    apply_filter_all_threads(&refused).map_err(|error| error.to_string())?;
    apply_filter_all_threads(&open).map_err(|error| error.to_string())
}

fn compile_base() -> Result<(BpfProgram, BpfProgram), String> {
    let mut open = plain(&[ALLOWED, REFUSED]);
    for (call, argument, bits) in ALLOWED_WITHOUT {
        let none_set = MaskedEq(u64::from(bits.unsigned_abs()));
        open.push((*call, vec![SeccompCondition::new(*argument, Qword, none_set, 0)]));
    }
    let mut refused = plain(&[REFUSED]);
    for (call, argument, values) in ALLOWED_WITH {
        open.push((*call, Vec::new()));
        let others = values
            .iter()
            .map(|value| SeccompCondition::new(*argument, Dword, Ne, u64::from(value.unsigned_abs())));
        refused.push((*call, others.collect()));
    }
    let open = compile(open, SeccompAction::Allow, SeccompAction::KillProcess)?;
    Ok((open, compile(refused, NOT_PERMITTED, SeccompAction::Allow)?))
}

/// What a refused call answers.
const NOT_PERMITTED: SeccompAction = SeccompAction::Errno(libc::EPERM.unsigned_abs());

/// A system call and what must be so of its arguments, all of it.
type Rule = (i64, Vec<Result<SeccompCondition, BackendError>>);

fn plain(lists: &[&[i64]]) -> Vec<Rule> {
    lists.concat().into_iter().map(|call| (call, Vec::new())).collect()
}

/// The filter that makes a worker of a zygote's child; compiled ahead of the fork.
pub struct Tight(BpfProgram);

impl Tight {
    /// # Errors
    /// When this processor is not known to the compiler.
    pub fn compile() -> Result<Tight, String> {
        compile(plain(&[ZYGOTE_ONLY]), NOT_PERMITTED, SeccompAction::Allow).map(Tight)
    }

    /// Puts it over the calling thread, the only one of a child.
    ///
    /// # Errors
    /// Why the filter is not on.
    pub fn apply(&self) -> Result<(), String> {
        apply_filter(&self.0).map_err(|error| error.to_string())
    }

    /// Puts it over all threads.
    ///
    /// # Errors
    /// Why the filter is not on.
    pub fn apply_to_all(&self) -> Result<(), String> {
        apply_filter_all_threads(&self.0).map_err(|error| error.to_string())
    }
}

fn compile(rules: Vec<Rule>, listed: SeccompAction, other: SeccompAction) -> Result<BpfProgram, String> {
    let program = || {
        let mut by_call = BTreeMap::<i64, Vec<SeccompRule>>::new();
        for (call, conditions) in rules {
            let rules = by_call.entry(call).or_default();
            if !conditions.is_empty() {
                rules.push(SeccompRule::new(conditions.into_iter().collect::<Result<_, _>>()?)?);
            }
        }
        let arch = TargetArch::try_from(std::env::consts::ARCH)?;
        SeccompFilter::new(by_call, other, listed, arch)?.try_into()
    };
    program().map_err(|error: BackendError| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::{ALLOWED, ALLOWED_WITH, ALLOWED_WITHOUT, REFUSED, ZYGOTE_ONLY, compile_base};

    #[test]
    fn the_lists_compile_and_do_not_contradict_each_other() {
        let (open, refused) = compile_base().unwrap();
        assert!(open.len() > refused.len());
        let bound: Vec<i64> =
            ALLOWED_WITH.iter().map(|rule| rule.0).chain(ALLOWED_WITHOUT.iter().map(|rule| rule.0)).collect();
        // Listed twice, a call would lose its conditions.
        let mut all = [ALLOWED, REFUSED, &bound].concat();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        for call in ZYGOTE_ONLY {
            assert!(all.contains(call) && !REFUSED.contains(call), "{call}");
        }
    }
}
