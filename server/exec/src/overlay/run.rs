//! Owns a run on an overlay from its first file to what came of it: lays out, starts, follows, collects, cleans up.
//! What each of these is stands in its own module.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use super::collect::{Upper, collect};
use super::host::{Helped, Mounted, probe as ask_a_helper};
use super::lay::{Laid, lay};
use super::scratch::RunFolder;
use super::wire::{Place, Spec, SpecLayer};
use super::{Layer, OverlayError, OverlayOutcome, View, Written};
use crate::request::{Config, ExecError, Io, Request};
use crate::run::follow;

/// What programs say when an overlay without root is to take over a file whose group the user namespace does not know.
const OVERFLOW: &str = "Value too large for defined data type";
const STRANGER: &str = "files with another owner or group than the user's own cannot be written on an overlay without root \
     (\"Value too large for defined data type\"): change their group, or run the command without an overlay";

/// What an outcome keeps alive.
#[derive(Debug)]
pub(crate) struct Held {
    _folder: RunFolder,
    _memory: Option<OwnedFd>,
}

/// The upper layers before the command starts.
struct Ready {
    folder: RunFolder,
    laid: Vec<Laid>,
    layers: Vec<Layer>,
    notes: Vec<String>,
}

pub(super) async fn run(
    request: &Request,
    config: &Config,
    view: &View,
    (cancel, on_output): Io<'_>,
) -> Result<OverlayOutcome, OverlayError> {
    if cancel.is_cancelled() {
        return Err(ExecError::Cancelled.into());
    }
    request.check_env()?;
    let (layers, scratch) = (view.layers.clone(), view.scratch.clone());
    let mut ready = blocking(move || get_ready(layers, &scratch)).await?.map_err(|error| {
        let reason =
            format!("what the command is to see could not be put into {}: {error}", view.scratch.display());
        OverlayError::Unsupported(reason)
    })?;
    let start = Helped::start(ready.spec(request, config), request.stdin.is_some());
    let (mut helped, mounted) = tokio::select! {
        started = start => started?,
        () = cancel.cancelled() => return Err(ExecError::Cancelled.into()),
    };
    let outcome = follow(&mut helped, request, config, (cancel, on_output)).await?;
    ready.notes.extend(mounted.notes.iter().cloned());
    ready.notes.extend(helped.leave().await);
    if mounted.places.iter().any(|place| place.user_marks) && outcome.aggregated.contains(OVERFLOW) {
        ready.notes.push(STRANGER.to_owned());
    }
    blocking(move || {
        let (written, through) = (ready.written(&mounted), ready.through(&mounted));
        let _held = Held { _folder: ready.folder, _memory: mounted.memory };
        OverlayOutcome { outcome, written, through, notes: ready.notes, _held }
    })
    .await
}

pub(super) fn probe() -> Result<(), String> {
    ask_a_helper()
}

pub(super) fn helper() -> i32 {
    super::helper::serve()
}

fn get_ready(layers: Vec<Layer>, scratch: &Path) -> io::Result<Ready> {
    let folder = RunFolder::new(scratch)?;
    let mut notes = Vec::new();
    let laid = lay(&layers, folder.path(), &mut notes)?;
    Ok(Ready { folder, laid, layers, notes })
}

impl Ready {
    /// What the helper is to do.
    fn spec(&self, request: &Request, config: &Config) -> Spec {
        let layers = self.layers.iter().zip(&self.laid).map(|(layer, laid)| {
            // An unsaved text goes before the file that it will be.
            let without = |paths: &Vec<PathBuf>| {
                paths.iter().filter(|path| !laid.texts.contains_key(*path)).cloned().collect()
            };
            SpecLayer {
                root: layer.root.clone(),
                through: without(&layer.through),
                through_in_memory: layer.through_in_memory.as_ref().map(without),
            }
        });
        Spec {
            request: Request { stdin: None, ..request.clone() },
            inherited: config.inherited.clone(),
            removed_env: config.removed_env.clone(),
            drain: config.drain,
            run: self.folder.path().to_owned(),
            layers: layers.collect(),
        }
    }

    /// What went through, by where the upper layers were.
    fn through(&self, mounted: &Mounted) -> Vec<PathBuf> {
        let of_layer = |(layer, place): (&Layer, &Place)| {
            let more = layer.through_in_memory.iter().flatten().filter(|_| place.in_memory);
            layer.through.iter().chain(more).map(|path| layer.root.join(path)).collect::<Vec<_>>()
        };
        self.layers.iter().zip(&mounted.places).flat_map(of_layer).collect()
    }

    fn written(&self, mounted: &Mounted) -> Vec<Written> {
        let mut written = Vec::new();
        for (number, laid) in self.laid.iter().enumerate() {
            let Some(place) = mounted.places.get(number) else { continue };
            let base = match &mounted.memory {
                Some(memory) if place.in_memory => {
                    PathBuf::from(format!("/proc/self/fd/{}", memory.as_raw_fd()))
                }
                _ => self.folder.path().to_owned(),
            };
            let path = base.join(number.to_string()).join("upper");
            let upper = Upper { layers: &self.layers, number, laid, path, user_marks: place.user_marks };
            written.extend(collect(&upper));
        }
        written
    }
}

/// Does on another thread what reads and writes files.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, OverlayError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| OverlayError::Unsupported(format!("the program is ending ({error})")))
}
