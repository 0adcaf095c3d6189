//! Who may not touch what: forbidden paths outside their door. `clippy.toml` holds the same walls by type;
//! this one also sees code of other platforms, macro bodies, and imports that nothing uses.

use super::facts::{Facts, Import, Mention};
use super::report::{Problem, holds};
use super::sources::Sources;
use super::tree;
use std::collections::BTreeMap;

/// Paths that only code below `doors` may name; with `only`, the wall stands only around those places.
struct Wall {
    paths: &'static [&'static str],
    only: &'static [&'static str],
    doors: &'static [&'static str],
    instead: &'static str,
}

const PURE: &[&str] = &[
    "protocol-ext/",
    "server/session/",
    "server/text/",
    "server/patch/",
    "server/context/",
    "server/review/",
];

const WALLS: &[Wall] = &[
    Wall {
        paths: &["std::fs", "tokio::fs", "rustix::fs", "tempfile"],
        only: &[],
        // The demo makes a sample project of its own; `glossator debug` reads the file a person names to it.
        doors: &[
            // The overlay's upper layers lie in a folder of ours; files of the user are never touched there.
            "server/exec/src/overlay",
            "server/workspace/",
            "server/store/",
            "server/settings/src/source.rs",
            // Whether a folder is this user's own.
            "server/settings/src/folders.rs",
            // The file of keys: only this crate reads a secret.
            "server/auth/src/files.rs",
            // The folder of sockets and locks, `/dev/null`, and which program this is.
            "server/glossator/src/core/",
            "server/glossator/src/demo/",
            "server/glossator/src/debug/",
        ],
        instead: "files of the user go through glossator-workspace, state through glossator-store",
    },
    Wall {
        paths: &[
            "std::process::Command",
            "tokio::process",
            "process_wrap",
            "std::os::unix::process::CommandExt",
        ],
        only: &[],
        // The benchmark starts the program from outside, as an editor does.
        doors: &["server/exec/", "server/script/", "server/glossator/src/debug/bench"],
        instead: "processes are started by glossator-exec",
    },
    Wall {
        paths: &[
            "std::env::var",
            "std::env::var_os",
            "std::env::vars",
            "std::env::vars_os",
            "std::env::set_var",
            "std::env::remove_var",
        ],
        only: &[],
        doors: &["server/auth/", "server/settings/", "server/glossator/"],
        instead: "take the value from the Config of your crate; settings, auth and the binary read the environment",
    },
    Wall {
        paths: &[
            "std::net::TcpStream",
            "std::net::TcpListener",
            "std::net::UdpSocket",
            "tokio::net::TcpStream",
            "tokio::net::TcpListener",
            "tokio::net::TcpSocket",
            "tokio::net::UdpSocket",
            "reqwest",
            "hyper",
        ],
        only: &[],
        doors: &["server/models/"],
        instead: "sockets are opened by glossator-models",
    },
    Wall {
        paths: &[
            "std::os::unix::net",
            "tokio::net::UnixStream",
            "tokio::net::UnixListener",
            "tokio::net::UnixDatagram",
            "rustix::net",
            "libc::fork",
        ],
        only: &[],
        // Helpers and workers talk over pairs of sockets; only cores listen, and only the pump makes one.
        doors: &[
            "server/exec/",
            "server/script/",
            "server/glossator/src/core/",
            "server/glossator/src/pump.rs",
        ],
        instead: "a core is found and started by server/glossator/src/core; other processes by their own crate",
    },
    Wall {
        paths: &["tower_lsp", "lsp_types"],
        only: &[],
        doors: &["server/lsp/"],
        instead: "types of LSP end in glossator-lsp; pass plain data on",
    },
    Wall {
        paths: &[
            "std::time::SystemTime",
            "std::time::Instant",
            "std::env",
            "std::fs",
            "std::net",
            "std::process",
            "std::thread",
            "tokio",
            "jiff::Timestamp::now",
            "jiff::Zoned::now",
        ],
        only: PURE,
        doors: &[],
        instead: "vocabulary and engines are functions of data: take the time, the text or the setting as an argument",
    },
];

/// Macros that write to the standard streams; only the binary speaks there.
const PRINTS: &[&str] = &["print", "println", "eprint", "eprintln"];

#[test]
fn effects_go_through_their_door() {
    let sources = Sources::all();
    let mut problems = sources.problems.clone();
    for source in sources.files.iter().filter(|source| !source.test && !tree::is_test(&source.path)) {
        problems.extend(check(&source.path, &source.facts));
    }
    holds(
        "one door per effect: files, processes, environment, sockets, LSP types and output each have their crate",
        "call the door instead, or let the caller pass in what is needed",
        problems,
    );
}

/// What one file names and may not.
pub fn check(path: &str, facts: &Facts) -> Vec<Problem> {
    let aliases: BTreeMap<&str, &[String]> = facts.mentions.iter().filter_map(alias).collect();
    let mut problems = Vec::new();
    for mention in facts.mentions.iter().filter(|mention| !mention.test) {
        let mut full = mention.path.clone();
        if let Some(start) =
            full.first().and_then(|first| aliases.get(first.as_str())).filter(|_| full.len() > 1)
        {
            full.splice(..1, start.iter().cloned());
        }
        let walls = WALLS.iter().filter(|wall| stands(wall, path));
        for wall in walls.filter(|wall| wall.paths.iter().any(|barred| meets(&full, barred, &mention.import)))
        {
            problems.push(Problem::at(
                path,
                mention.line,
                format!("`{}`: {}", full.join("::"), wall.instead),
            ));
        }
    }
    let calls = facts.calls.iter().filter(|call| !call.test && PRINTS.contains(&call.name.as_str()));
    for call in calls.filter(|_| !path.starts_with("server/glossator/")) {
        let what = format!("`{}!`: only the binary prints; use `tracing` or return the text", call.name);
        problems.push(Problem::at(path, call.line, what));
    }
    problems.sort();
    problems.dedup();
    problems
}

fn alias(mention: &Mention) -> Option<(&str, &[String])> {
    match &mention.import {
        Import::Name(name) if mention.path.len() > 1 => Some((name, &mention.path)),
        _ => None,
    }
}

fn stands(wall: &Wall, path: &str) -> bool {
    let among = |places: &[&str]| places.iter().any(|place| path.starts_with(place));
    (wall.only.is_empty() || among(wall.only)) && !among(wall.doors)
}

/// Whether a path lies behind a barred one; a glob import just above it counts too.
fn meets(path: &[String], barred: &str, import: &Import) -> bool {
    let barred: Vec<&str> = barred.split("::").collect();
    let same = |count: usize| path.iter().take(count).eq(barred.iter().take(count));
    let behind = path.len() >= barred.len() && same(barred.len());
    behind || (*import == Import::Everything && path.len() + 1 == barred.len() && same(path.len()))
}
