//! Owns the list of programs that only read: what is allowed of each. Data, no logic.
//! A program belongs here only if no option outside `forbidden` can write, run another program, ask a network, follow
//! links that are not among its words, or take names of files from anywhere but its words.

/// How many words that are no options a program may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operands {
    /// As many as you like.
    Any,
    /// At most this many; the next one would mean something else (an output file).
    AtMost(usize),
}

const WRITES: &str = "can write or run something";
const STRAYS: &str = "can follow links or lists of names outside the workspace";

/// One row: programs with the same rules.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) names: &'static [&'static str],
    /// Options (patterns of `options.rs`) that make it unsafe.
    pub(crate) forbidden: &'static [&'static str],
    /// What they could make it do.
    pub(crate) because: &'static str,
    pub(crate) operands: Operands,
    /// Whether its words can name files, so that they have to stay inside the folder.
    pub(crate) files: bool,
}

const fn files(names: &'static [&'static str], forbidden: &'static [&'static str]) -> Reader {
    Reader { names, forbidden, because: WRITES, operands: Operands::Any, files: true }
}

const fn straying(names: &'static [&'static str], forbidden: &'static [&'static str]) -> Reader {
    Reader { because: STRAYS, ..files(names, forbidden) }
}

const fn words(names: &'static [&'static str], forbidden: &'static [&'static str]) -> Reader {
    Reader { files: false, ..files(names, forbidden) }
}

const fn limited(names: &'static [&'static str], most: usize, forbidden: &'static [&'static str]) -> Reader {
    Reader { operands: Operands::AtMost(most), ..files(names, forbidden) }
}

/// The list. Programs with rules of their own (git, sed, date, test, ...) are in `safe.rs` and `safe_git.rs`.
pub(crate) const READERS: &[Reader] = &[
    files(
        &[
            "cat", "head", "cut", "tac", "nl", "rev", "comm", "cmp", "join", "paste", "fold", "fmt",
            "expand", "unexpand", "column", "od", "hexdump", "stat", "df", "readlink", "realpath", "sum",
        ],
        &[],
    ),
    straying(&["ls"], &["-L", "--dereference"]),
    straying(&["grep", "egrep", "fgrep"], &["-R", "--dereference-recursive"]),
    straying(&["wc"], &["--files0-from"]),
    straying(&["du"], &["-L", "--dereference", "--files0-from"]),
    straying(
        &["md5sum", "sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "b2sum", "cksum"],
        &["-c", "--check"],
    ),
    // It reads more options, and names, from @FILE.
    straying(&["strings"], &["@*"]),
    Reader { because: "does not end by itself", ..files(&["tail"], &["-f", "-F", "--follow", "--retry"]) },
    // GNU base64 and its kin only decode and encode; BSD base64 has an output option.
    files(&["base64", "base32"], &["-o", "--output"]),
    // -l sends the output through pr; a walk through folders follows every link.
    files(&["diff"], &["-l", "--paginate", "-r", "--recursive", "--from-file", "--to-file"]),
    // --pre and --hostname-bin run a program, -z runs the decompressors.
    files(&["rg"], &["--pre", "--hostname-bin", "--search-zip", "-z", "-L", "--follow"]),
    files(&["find"], &["-exec*", "-ok*", "-delete", "-fprint*", "-fls", "-files0-from", "-L", "-follow"]),
    files(
        &["fd", "fdfind"],
        &[
            "-x",
            "-X",
            "--exec",
            "--exec-batch",
            "-l",
            "--list-details",
            "-L",
            "--follow",
            "-C",
            "--base-directory",
        ],
    ),
    // --compress-program runs a program.
    files(
        &["sort"],
        &["-o", "--output", "-T", "--temporary-directory", "--compress-program", "--files0-from"],
    ),
    files(&["shuf"], &["-o", "--output"]),
    // -R writes 00Tree.html files, -l follows links.
    files(&["tree"], &["-o", "-R", "--output", "-l"]),
    // -C compiles, -z and -Z run decompressors, -S drops the program's own sandbox, -f reads names.
    files(
        &["file"],
        &[
            "-C",
            "--compile",
            "-m",
            "--magic-file",
            "-z",
            "-Z",
            "--uncompress*",
            "-S",
            "--no-sandbox",
            "-f",
            "--files-from",
        ],
    ),
    // Modules and program files can read the environment, which is looked for in the words.
    files(&["jq"], &["-f", "--from-file", "-L", "--library-path"]),
    // The second operand is the output.
    limited(&["uniq"], 1, &[]),
    limited(&["xxd"], 1, &["-r", "-revert"]),
    words(
        &[
            "echo", "true", "false", ":", "basename", "dirname", "tr", "seq", "sleep", "pwd", "uname",
            "whoami", "id", "groups", "arch", "nproc", "uptime", "which", "type", "tty", "getconf",
        ],
        &[],
    ),
    Reader {
        names: &["hostname"],
        operands: Operands::AtMost(0),
        ..words(&[], &["-F", "--file", "-b", "--boot"])
    },
];

/// Programs that may be asked for their version, with `--version` and nothing else. Those whose launcher reads
/// project files first to pick another program (cargo, npm, go) are left out.
pub(crate) const VERSION_ONLY: &[&str] = &[
    "bash", "clang", "clang++", "cmake", "curl", "g++", "gcc", "git", "gpg", "java", "jq", "ld", "make",
    "node", "perl", "php", "psql", "python", "python3", "rg", "sqlite3", "tar", "wget", "zsh",
];
