//! Sessions out of the state folder: as lines of JSON that need nothing else, or as Markdown to read.

use crate::blobs::Blobs;
use crate::chain::Chain;
use crate::format::{FORMAT_VERSION, SessionHead};
use crate::{KeptTexts, SessionMeta, Store, StoreError, markdown};
use glossator_session::{FileKey, Item, SessionId};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::Path;

/// What the first line of an export says it is.
pub(crate) const MAGIC: &str = "export";
/// What a log is called while it is imported.
pub(crate) const PART: &str = "log.part";

/// How a session is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// Everything, one JSON value a line: what the session is, its kept texts, its items. [`Store::import`] reads it.
    Jsonl,
    /// To read.
    Markdown,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Header {
    pub glossator: String,
    pub format: u32,
    pub head: SessionHead,
    #[serde(default)]
    pub meta: SessionMeta,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Kept {
    pub kept: FileKey,
    pub text: String,
}

impl Store {
    /// Writes a session out, a fork with its beginning. Needs no lock; of a turn that runs what is there is written.
    ///
    /// # Errors
    /// A session that does not exist, and whatever the disk or `out` says.
    pub fn export(
        &self,
        id: &SessionId,
        format: ExportFormat,
        out: &mut dyn Write,
    ) -> Result<(), StoreError> {
        let chain = self.chain(id)?;
        let meta = self.meta(id)?;
        let head = SessionHead { parent: None, ..chain.head.clone() };
        let failed = |error| StoreError::io("write", Path::new("the export"))(error);
        let mut line =
            |bytes: Vec<u8>| out.write_all(&bytes).and_then(|()| out.write_all(b"\n")).map_err(failed);
        match format {
            ExportFormat::Markdown => line(markdown::heading(&head, meta.title.as_deref()).into_bytes())?,
            ExportFormat::Jsonl => {
                let header = Header { glossator: MAGIC.to_owned(), format: FORMAT_VERSION, head, meta };
                line(serde_json::to_vec(&header)?)?;
                let texts = KeptTexts::of(chain.own.folder());
                for key in texts.keys() {
                    match texts.read(&key) {
                        Ok(text) => line(serde_json::to_vec(&Kept { kept: key, text })?)?,
                        Err(error) => tracing::warn!(%key, %error, "a kept text was left out of an export"),
                    }
                }
            }
        }
        self.each_turn(&chain, &mut |items| match format {
            ExportFormat::Markdown => line(markdown::turn(items).into_bytes()),
            ExportFormat::Jsonl => items.iter().try_for_each(|item| line(serde_json::to_vec(item)?)),
        })?;
        out.flush().map_err(failed)
    }

    /// Gives the items of one turn after the other, so that a long session need not fit into memory.
    fn each_turn(
        &self,
        chain: &Chain,
        each: &mut dyn FnMut(&[Item]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let starts = self.turns(chain)?;
        for (at, start) in starts.iter().enumerate() {
            let from = if at == 0 { 1 } else { start.item };
            let upto = starts.get(at + 1).map_or(u64::MAX, |next| next.item - 1);
            each(&self.items(chain, from, upto)?)?;
        }
        Ok(())
    }

    /// The text of a blob.
    ///
    /// # Errors
    /// A blob that is missing or damaged.
    pub fn blob(&self, blob: &crate::BlobRef) -> Result<String, StoreError> {
        let blobs: Blobs = self.blobs();
        blobs
            .get(blob)
            .map_err(|why| StoreError::Refused(format!("a text of {} bytes is lost: {why}", blob.bytes)))
    }
}
