//! Owns the list of programs that only read: what is allowed of each. Data, no logic.
//! A program belongs here only if no option outside `forbidden` can write, run another program, or ask a network.

/// How many words that are no options a program may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operands {
    /// As many as you like.
    Any,
    /// At most this many; the next one would mean something else (an output file).
    AtMost(usize),
}

/// One row: programs with the same rules.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) names: &'static [&'static str],
    /// Options (patterns of `options.rs`) that make it unsafe.
    pub(crate) forbidden: &'static [&'static str],
    pub(crate) operands: Operands,
    /// Whether its words can name files, so that they have to stay inside the folder.
    pub(crate) files: bool,
}

const fn files(names: &'static [&'static str], forbidden: &'static [&'static str]) -> Reader {
    Reader { names, forbidden, operands: Operands::Any, files: true }
}

const fn words(names: &'static [&'static str], forbidden: &'static [&'static str]) -> Reader {
    Reader { names, forbidden, operands: Operands::Any, files: false }
}

const fn limited(names: &'static [&'static str], most: usize, forbidden: &'static [&'static str]) -> Reader {
    Reader { names, forbidden, operands: Operands::AtMost(most), files: true }
}

/// The list. Programs with rules of their own (git, sed, date, test, ...) are in `safe.rs` and `safe_git.rs`.
pub(crate) const READERS: &[Reader] = &[
    files(
        &[
            "ls",
            "cat",
            "head",
            "tail",
            "wc",
            "cut",
            "tac",
            "nl",
            "rev",
            "comm",
            "cmp",
            "join",
            "paste",
            "fold",
            "fmt",
            "expand",
            "unexpand",
            "column",
            "od",
            "hexdump",
            "strings",
            "stat",
            "du",
            "df",
            "readlink",
            "realpath",
            "md5sum",
            "sha1sum",
            "sha224sum",
            "sha256sum",
            "sha384sum",
            "sha512sum",
            "b2sum",
            "cksum",
            "sum",
            "grep",
            "egrep",
            "fgrep",
        ],
        &[],
    ),
    // GNU base64 and its kin only decode and encode; BSD base64 has an output option.
    files(&["base64", "base32"], &["-o", "--output"]),
    // -l sends the output through pr.
    files(&["diff"], &["-l", "--paginate"]),
    // --pre and --hostname-bin run a program, -z runs the decompressors.
    files(&["rg"], &["--pre", "--hostname-bin", "--search-zip", "-z"]),
    files(&["find"], &["-exec*", "-ok*", "-delete", "-fprint*", "-fls", "-files0-from"]),
    files(&["fd", "fdfind"], &["-x", "-X", "--exec", "--exec-batch", "-l", "--list-details"]),
    // --compress-program runs a program.
    files(
        &["sort"],
        &["-o", "--output", "-T", "--temporary-directory", "--compress-program", "--files0-from"],
    ),
    files(&["shuf"], &["-o", "--output"]),
    // -R writes 00Tree.html files.
    files(&["tree"], &["-o", "-R", "--output"]),
    // -C compiles, -z and -Z run decompressors, -S drops the program's own sandbox.
    files(
        &["file"],
        &["-C", "--compile", "-m", "--magic-file", "-z", "-Z", "--uncompress*", "-S", "--no-sandbox"],
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
        forbidden: &["-F", "--file", "-b", "--boot"],
        operands: Operands::AtMost(0),
        files: false,
    },
];

/// Programs that may be asked for their version, with `--version` and nothing else. Those whose launcher reads
/// project files first to pick another program (cargo, npm, go) are left out.
pub(crate) const VERSION_ONLY: &[&str] = &[
    "bash", "clang", "clang++", "cmake", "curl", "g++", "gcc", "git", "gpg", "java", "jq", "ld", "make",
    "node", "perl", "php", "psql", "python", "python3", "rg", "sqlite3", "tar", "wget", "zsh",
];
