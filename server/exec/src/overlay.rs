//! Owns commands on an overlay: what the command is shown instead of the disk, and what it wrote, for others to apply.
//! Linux only; elsewhere everything answers that it is not supported. Never changes a file of the user.

#[cfg(target_os = "linux")]
mod collect;
#[cfg(target_os = "linux")]
mod helper;
#[cfg(target_os = "linux")]
mod host;
#[cfg(target_os = "linux")]
mod lay;
#[cfg(not(target_os = "linux"))]
mod none;
#[cfg(target_os = "linux")]
mod run;
#[cfg(target_os = "linux")]
mod scratch;
#[cfg(all(test, target_os = "linux"))]
mod tests;
#[cfg(target_os = "linux")]
mod wire;

use std::path::PathBuf;
use std::sync::OnceLock;

#[cfg(not(target_os = "linux"))]
use none as run;

use crate::request::{Config, ExecError, Io, Outcome, Request};

/// What a command is to see.
#[derive(Debug, Clone)]
pub struct View {
    /// The folders that are replaced. One may lie in another. Empty: nothing is replaced, but processes that outlive the
    /// command are ended all the same.
    pub layers: Vec<Layer>,
    /// An existing private folder on disk where the upper layers live until the outcome is dropped. It may be used by many
    /// runs and processes at once and should lie outside of all roots.
    pub scratch: PathBuf,
}

/// One folder of the user, as the command sees it.
#[derive(Debug, Clone)]
pub struct Layer {
    /// The folder: absolute, without links in its path.
    pub root: PathBuf,
    /// Unsaved text, laid over the files on disk; the command sees it with the time of the start as its time.
    pub dirty: Vec<Dirty>,
    /// Existing files and folders, relative to `root`, that are the real ones: `.git`. What is written there is written at
    /// once and is not reported. Nothing can be renamed or linked across their border (EXDEV), and they cannot be removed
    /// or renamed themselves (EBUSY; `rm -r` empties such a folder, on disk, and then fails). What is a link, or not there,
    /// is passed over. A dirty file of the same path goes before.
    pub through: Vec<PathBuf>,
    /// More of these for the case that the upper layer can be in memory alone, which what is built would fill. `None`: not
    /// known; nothing is run in that case, and [`OverlayError::InMemory`] asks for them.
    pub through_in_memory: Option<Vec<PathBuf>>,
}

impl Layer {
    /// All paths that may be the real ones.
    pub(crate) fn real(&self) -> impl Iterator<Item = &PathBuf> {
        self.through.iter().chain(self.through_in_memory.iter().flatten())
    }
}

/// An unsaved text.
#[derive(Debug, Clone)]
pub struct Dirty {
    /// Relative to the root of its layer; need not exist on disk.
    pub path: PathBuf,
    /// The file's bytes as they would be saved.
    pub bytes: Vec<u8>,
}

/// One path that a command left other than it found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Absolute, in the user's tree.
    pub path: PathBuf,
    /// Where it is, for this process, until the outcome is dropped; of no meaning for what is gone. It may be moved away
    /// from there. What was closed to its owner may be open here.
    pub at: PathBuf,
    /// What is there now in the command's eyes.
    pub what: What,
}

/// What a command made of a path. Where the kind changes (a folder gave way to a file, a file to a link), there is a
/// `Removed` of the same path too.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// A file, new or with other bytes than the command found there.
    File {
        /// Its permission bits (`0o7777`).
        mode: u32,
    },
    /// What was there is gone; a folder with all that is in it on disk, and only itself is named. Also an unsaved text that
    /// is not on disk, or a folder that is there only for such texts.
    Removed,
    /// A symbolic link, new or with another target.
    Link {
        /// Where it points to, as written in it.
        target: PathBuf,
    },
    /// A folder that was not there; what is in it is named by itself.
    Folder {
        /// Its permission bits.
        mode: u32,
    },
    /// A file or folder as it was but for its permissions, and perhaps its time.
    Mode {
        /// Its permission bits now.
        mode: u32,
    },
    /// A file or folder as it was, but with another time, or a file that may have other names now (hard links).
    Touched {
        /// Its permission bits.
        mode: u32,
    },
    /// Something that cannot be put into the user's tree: a pipe, a socket, a device, what could not be read.
    Other {
        /// What it is, for people and models.
        why: String,
    },
}

/// What came of a command on an overlay.
#[derive(Debug)]
pub struct OverlayOutcome {
    /// As [`run`](crate::run) gives it.
    pub outcome: Outcome,
    /// What the command changed below the roots, apart from what goes through: layer by layer, in the order in which it can
    /// be made true: first all that is gone, then the rest, a folder before what is in it. (A new folder may be closed.)
    /// Unsaved texts that it did not change are not in it. Files that have the bytes and permissions of the disk are at
    /// most [`What::Touched`].
    pub written: Vec<Written>,
    /// What went through: absolute, also what is not there.
    pub through: Vec<PathBuf>,
    /// What people and models should know of this run: mounts that were not overlaid, texts that could not be shown,
    /// processes that could not be ended. One sentence each.
    pub notes: Vec<String>,
    /// The upper layers, for as long as this lives.
    pub(crate) _held: run::Held,
}

/// Why a command did not run on an overlay.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OverlayError {
    /// There can be no overlay here; nothing was run, and the caller may run the command otherwise. The reason.
    #[error("the command cannot be run on an overlay: {0}")]
    Unsupported(String),
    /// The upper layer can be in memory alone, and it is not known what is to go through then; nothing was run.
    #[error("the command's changes can be kept in memory alone")]
    InMemory,
    /// As [`run`](crate::run) says it.
    #[error(transparent)]
    Exec(#[from] ExecError),
}

/// As [`run`](crate::run), on an overlay: each root of `view` is replaced by one, for the command and its descendants
/// alone. What they write there stays in `view.scratch`, or in memory where that cannot hold an upper layer. All of them
/// are ended before this returns, also those that left the command's process group: what outlives the command has
/// [`Config::drain`] to end by itself. The paths, the processes and the user are the same as outside.
///
/// What differs: a folder that is on disk cannot be renamed in one step (EXDEV; `mv` copies it); of a file with several
/// names (hard links) only the one that is written changes; without root, no set-user-id program gains rights and no file
/// of another owner or group can be written (EOVERFLOW; where such a file lies directly in a root, it is `Unsupported`).
/// What a process from before does for the command (a build server, a container engine) is done on the disk.
///
/// # Errors
/// [`OverlayError::Unsupported`] when nothing was run because there can be no overlay, [`OverlayError::InMemory`] when a
/// layer does not say what goes through in memory and has to be there, [`OverlayError::Exec`] as `run`.
pub async fn run_on_overlay(
    request: &Request,
    config: &Config,
    view: &View,
    io: Io<'_>,
) -> Result<OverlayOutcome, OverlayError> {
    run::run(request, config, view, io).await
}

/// Whether this system can run commands on an overlay at all. Asked of the system once, which blocks for some
/// milliseconds; a folder may still turn out not to be fit for it.
///
/// # Errors
/// The reason, in plain words.
pub fn overlay_support() -> Result<(), String> {
    static SUPPORT: OnceLock<Result<(), String>> = OnceLock::new();
    SUPPORT.get_or_init(run::probe).clone()
}

/// The first argument of a helper. A program that calls [`run_on_overlay`] must begin with [`overlay_main`] when that is
/// its own first argument: the helper is the same program, started anew.
pub const OVERLAY_ARGUMENT: &str = "overlay-run";

/// The whole life of a helper; its orders come over its standard input. To be called before there is a second thread.
///
/// A test without a `main` of its own gets there by a function in the section `.init_array` that looks at the
/// arguments, as the tests of this module do.
pub fn overlay_main() -> ! {
    std::process::exit(run::helper())
}
