//! Owns the list of commands that always have to be asked for. Data, no logic.

/// One row: programs that are dangerous always, or in some forms.
pub(crate) struct Danger {
    /// Names of programs; a path to one counts as well.
    pub(crate) names: &'static [&'static str],
    /// Words that follow each other among the first words that are no options (`stash drop`); empty for any.
    pub(crate) then: &'static [&'static str],
    /// Patterns (see `options.rs`) of which one must match a word; empty for always.
    pub(crate) with: &'static [&'static str],
    /// Why, as a clause for people.
    pub(crate) why: &'static str,
}

const fn row(
    names: &'static [&'static str],
    then: &'static [&'static str],
    with: &'static [&'static str],
    why: &'static str,
) -> Danger {
    Danger { names, then, with, why }
}

const HISTORY: &str = "it rewrites git history";
const LOSES: &str = "it throws away changes that git has no copy of";
const REMOTE: &str = "it overwrites or deletes something on the git server";
const PUBLISH: &str = "it publishes something for everybody, which cannot be taken back";
const REMOVES: &str = "it removes files recursively or by force";

/// The list.
pub(crate) const DANGERS: &[Danger] = &[
    row(&["rm", "grm"], &[], &["-r", "-R", "-f", "--recursive", "--force", "--no-preserve-root"], REMOVES),
    row(&["find", "gfind"], &[], &["-delete"], "it deletes the files it finds"),
    row(&["rsync"], &[], &["--delete*", "--remove-source-files"], REMOVES),
    row(&["shred", "srm", "wipe"], &[], &[], "it destroys files for good"),
    row(
        &[
            "dd",
            "fdisk",
            "sfdisk",
            "cfdisk",
            "sgdisk",
            "gdisk",
            "parted",
            "wipefs",
            "blkdiscard",
            "mkswap",
            "hdparm",
            "cryptsetup",
            "lvremove",
            "vgremove",
            "pvremove",
            "badblocks",
            "diskutil",
        ],
        &[],
        &[],
        "it can overwrite disks",
    ),
    row(
        &["chmod", "chown", "chgrp", "chattr", "setfacl"],
        &[],
        &["-R", "--recursive"],
        "it changes permissions of whole folders",
    ),
    row(
        &["chmod"],
        &[],
        &["777", "0777", "a+rwx", "u+s", "g+s", "+s"],
        "it gives more people rights than is safe",
    ),
    row(&["sudo", "doas", "su", "pkexec", "run0", "runuser"], &[], &[], "it runs with another user's rights"),
    row(
        &["shutdown", "reboot", "halt", "poweroff", "init", "telinit"],
        &[],
        &[],
        "it shuts the machine down",
    ),
    row(&["systemctl", "launchctl", "service"], &[], &[], "it controls services of the system"),
    row(&["killall", "pkill", "skill"], &[], &[], "it ends processes by name, also other people's"),
    row(
        &["useradd", "userdel", "usermod", "adduser", "deluser", "passwd", "chpasswd", "visudo", "groupadd"],
        &[],
        &[],
        "it changes users of the system",
    ),
    row(
        &["iptables", "ip6tables", "nft", "ufw", "firewall-cmd", "pfctl"],
        &[],
        &[],
        "it changes the firewall",
    ),
    row(
        &["mount", "umount", "insmod", "rmmod", "modprobe", "sysctl", "swapoff", "setenforce"],
        &[],
        &[],
        "it changes the running system",
    ),
    row(&["crontab"], &[], &["-r", "-e", "-"], "it changes scheduled jobs"),
    row(&["at", "batch"], &[], &[], "it makes something run later, unseen"),
    row(
        &["tar", "gtar", "bsdtar"],
        &[],
        &["--remove-files", "--checkpoint-action", "--to-command", "-P", "--absolute-names"],
        "it can remove or overwrite files outside, or run programs",
    ),
    // git, after its own options
    row(&["git"], &["reset"], &["--hard", "--merge"], LOSES),
    row(&["git"], &["checkout"], &["-f", "--force", "-B", "--", "."], LOSES),
    row(&["git"], &["switch"], &["-f", "--force", "--discard-changes", "-C"], LOSES),
    row(&["git"], &["stash", "drop"], &[], LOSES),
    row(&["git"], &["stash", "clear"], &[], LOSES),
    row(&["git"], &["rm"], &["-r", "-f", "--force"], REMOVES),
    row(&["git"], &["worktree", "remove"], &["-f", "--force"], LOSES),
    row(&["git"], &["submodule", "deinit"], &["-f", "--force"], LOSES),
    row(
        &["git"],
        &["push"],
        &["-f", "-d", "--force*", "--force", "--mirror", "--delete", "--prune", "+*", ":*"],
        REMOTE,
    ),
    row(&["git"], &["send-pack"], &[], REMOTE),
    row(&["git"], &["filter-branch"], &[], HISTORY),
    row(&["git"], &["filter-repo"], &[], HISTORY),
    row(&["git"], &["rebase"], &[], HISTORY),
    row(&["git"], &["commit"], &["--amend"], HISTORY),
    row(&["git"], &["replace"], &[], HISTORY),
    row(
        &["git"],
        &["branch"],
        &["-D", "-M", "-C", "-f", "--force"],
        "it deletes or moves a branch whatever is on it",
    ),
    row(&["git"], &["tag"], &["-d", "--delete", "-f", "--force"], "it deletes or moves a tag"),
    row(&["git"], &["update-ref"], &["-d", "--stdin"], HISTORY),
    row(&["git"], &["reflog", "expire"], &[], "it removes what lost work could be found by"),
    row(&["git"], &["reflog", "delete"], &[], "it removes what lost work could be found by"),
    row(&["git"], &["gc"], &["--prune*"], "it removes what lost work could be found by"),
    row(&["git"], &["prune"], &[], "it removes what lost work could be found by"),
    row(
        &["git"],
        &["config"],
        &[
            "--global",
            "--system",
            "alias.*",
            "core.hooks*",
            "core.ssh*",
            "core.fsmonitor*",
            "core.pager*",
            "core.editor*",
            "filter.*",
            "credential.*",
        ],
        "it changes git settings that run programs or hold for all repositories",
    ),
    // services and registries
    row(&["cargo", "npm", "pnpm", "yarn", "bun", "poetry", "uv", "hex"], &["publish"], &[], PUBLISH),
    row(&["npm", "cargo"], &["unpublish"], &[], PUBLISH),
    row(&["cargo"], &["yank"], &[], PUBLISH),
    row(&["gem"], &["push"], &[], PUBLISH),
    row(&["twine"], &["upload"], &[], PUBLISH),
    row(&["docker", "podman"], &["push"], &[], PUBLISH),
    row(&["docker", "podman"], &["prune"], &[], "it removes containers, images or volumes"),
    row(&["docker", "podman"], &["volume", "rm"], &[], "it removes containers, images or volumes"),
    row(
        &["docker", "podman"],
        &[],
        &["--privileged"],
        "it starts a container with full rights over the machine",
    ),
    row(&["kubectl", "oc"], &["delete"], &[], "it deletes things in a cluster"),
    row(&["helm"], &["uninstall"], &[], "it deletes things in a cluster"),
    row(&["terraform", "tofu", "pulumi"], &["destroy"], &[], "it destroys infrastructure"),
    row(&["terraform", "tofu"], &["apply"], &[], "it changes infrastructure"),
    row(&["gh", "glab"], &["delete"], &[], REMOTE),
    row(&["dropdb"], &[], &[], "it drops a database"),
    row(&["redis-cli"], &[], &["flushall", "flushdb", "FLUSHALL", "FLUSHDB"], "it empties a database"),
];

/// Programs that start the program named in their arguments.
pub(crate) struct Wrapper {
    pub(crate) name: &'static str,
    /// Letters of short options whose value is a word of its own.
    pub(crate) valued: &'static str,
    /// Words before the program that are no options (a duration, a lock file).
    pub(crate) operands: usize,
}

const fn wrapper(name: &'static str, valued: &'static str, operands: usize) -> Wrapper {
    Wrapper { name, valued, operands }
}

pub(crate) const WRAPPERS: &[Wrapper] = &[
    wrapper("command", "", 0),
    wrapper("builtin", "", 0),
    wrapper("exec", "a", 0),
    wrapper("noglob", "", 0),
    wrapper("nohup", "", 0),
    wrapper("setsid", "", 0),
    wrapper("time", "fo", 0),
    wrapper("nice", "n", 0),
    wrapper("ionice", "cnp", 0),
    wrapper("stdbuf", "ioe", 0),
    wrapper("unbuffer", "", 0),
    wrapper("timeout", "ks", 1),
    wrapper("gtimeout", "ks", 1),
    wrapper("env", "uCS", 0),
    wrapper("xargs", "InPLdEas", 0),
    wrapper("gxargs", "InPLdEas", 0),
    wrapper("parallel", "jIaNnS", 0),
    wrapper("watch", "n", 0),
    wrapper("entr", "", 0),
    wrapper("strace", "oeapEPsSu", 0),
    wrapper("ltrace", "oeapEPsSu", 0),
    wrapper("flock", "wE", 1),
    wrapper("chroot", "", 1),
    wrapper("unshare", "", 0),
    wrapper("nsenter", "tSG", 0),
    wrapper("busybox", "", 0),
    wrapper("toybox", "", 0),
    wrapper("caffeinate", "tw", 0),
    wrapper("chronic", "", 0),
    wrapper("systemd-run", "pu", 0),
    wrapper("taskset", "", 1),
    wrapper("firejail", "", 0),
    wrapper("ssh", "bcDEeFIiJLlmOopQRSWw", 1),
];

/// Shells: their `-c` text and what they read is looked into.
pub(crate) const SHELLS: &[&str] = &["sh", "bash", "zsh", "dash", "ksh", "mksh", "ash", "fish", "rbash"];

/// Interpreters that run what they read when they are given no file.
pub(crate) const INTERPRETERS: &[&str] = &[
    "python",
    "python2",
    "python3",
    "perl",
    "ruby",
    "node",
    "deno",
    "bun",
    "php",
    "lua",
    "tclsh",
    "osascript",
];

/// Programs that fetch something from elsewhere.
pub(crate) const DOWNLOADERS: &[&str] =
    &["curl", "wget", "fetch", "aria2c", "http", "https", "xh", "nc", "ncat", "netcat"];

/// Programs that write to the files named: all of them, or only the last.
pub(crate) const WRITERS: &[&str] =
    &["tee", "touch", "mkdir", "rmdir", "rm", "unlink", "truncate", "mv", "sponge"];
/// See [`WRITERS`].
pub(crate) const WRITERS_OF_LAST: &[&str] = &["cp", "install", "ln", "rsync", "gcp", "scp"];

/// Programs that start another one for every file they find or are told.
pub(crate) const LISTERS: &[&str] = &["xargs", "gxargs", "parallel", "find", "gfind", "fd", "fdfind"];
