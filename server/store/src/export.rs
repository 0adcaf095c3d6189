//! Sessions out of the state folder and into it again: as lines of JSON that need nothing else, or as Markdown to read.

use crate::blobs::Blobs;
use crate::chain::{Chain, LOG, Segment};
use crate::folder::{exists, make_private, private_file, rename, step, sync_folder};
use crate::format::{FORMAT_VERSION, SessionHead};
use crate::lines::can_be;
use crate::lock::Tidy;
use crate::log::Books;
use crate::{KeptTexts, SessionMeta, Store, StoreError, codec, markdown};
use glossator_session::{FileKey, Item, SessionId};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, BufRead, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// What the first line of an export says it is.
const MAGIC: &str = "export";
/// Bytes of the longest line of an import.
const LINE_BYTES: u64 = 256 << 20;
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
struct Header {
    glossator: String,
    format: u32,
    head: SessionHead,
    #[serde(default)]
    meta: SessionMeta,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    kept: FileKey,
    text: String,
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

    /// Takes an export in as a new session of this workspace.
    ///
    /// # Errors
    /// Anything that is not a whole export, and whatever the disk says; nothing is left behind then.
    pub fn import(&self, from: &mut dyn BufRead) -> Result<SessionHead, StoreError> {
        let mut lines = ImportLines { from, number: 0 };
        let Some(header) = lines.next()? else {
            return Err(StoreError::Refused("there is nothing to import: it is empty".to_owned()));
        };
        let header = import_header(&header)?;
        let id = SessionId(uuid::Uuid::now_v7().to_string());
        let head = SessionHead { id: id.clone(), parent: None, ..header.head };
        self.make_sessions()?;
        let folder = self.sessions().join(&id.0);
        if exists(&folder) {
            return Err(StoreError::Exists { session: id.0 });
        }
        make_private(&folder, true)?;
        let _nothing_goes = Tidy::shared(self.folder())?;
        let filled = self.fill_import(&folder, &head, &mut lines).and_then(|()| {
            rename(&folder.join(PART), &folder.join(LOG))?;
            sync_folder(&folder);
            sync_folder(&self.sessions());
            match header.meta.title {
                title @ Some(_) => self.set_meta(&id, &SessionMeta { title, ..SessionMeta::default() }),
                None => Ok(()),
            }
        });
        if filled.is_err() {
            let _ = fs::remove_dir_all(&folder);
        }
        filled.map(|()| head)
    }

    fn fill_import(
        &self,
        folder: &Path,
        head: &SessionHead,
        lines: &mut ImportLines<'_>,
    ) -> Result<(), StoreError> {
        let path = folder.join(PART);
        let mut books = Books::new(Segment::new(&head.id, path.clone()), self.folder().to_owned());
        books.write_header(head)?;
        let failed = |error| StoreError::io("write", &path)(error);
        let file = private_file().append(true).open(&path).map_err(failed)?;
        let mut log = BufWriter::with_capacity(1 << 20, file);
        let texts = KeptTexts::of(folder);
        let mut last = 0;
        while let Some(line) = lines.next()? {
            if line.starts_with(b"{\"kept\":") {
                let kept: Kept = serde_json::from_slice(&line).map_err(|error| lines.refuse(&error))?;
                texts.put(&kept.kept, &kept.text)?;
                continue;
            }
            let item = Item::from_json(&line).map_err(|error| lines.refuse(&error))?;
            if !can_be(item.id, item.turn) {
                return Err(lines.refuse(&format!("there cannot be an item {} in {}", item.id.0, item.turn)));
            }
            if item.id.0 <= last {
                return Err(lines.refuse(&format!("item {} stands behind item {last}", item.id.0)));
            }
            last = item.id.0;
            let encoded = codec::encode(&item)?;
            // What is held is held by the whole import.
            drop(books.put_blobs(&encoded.blobs)?);
            step().and_then(|()| log.write_all(&encoded.line)).map_err(failed)?;
        }
        books.sync_blobs()?;
        let synced = log.flush().and_then(|()| step()).and_then(|()| log.get_ref().sync_data());
        synced.map_err(failed)
    }

    fn make_sessions(&self) -> Result<(), StoreError> {
        self.make_folder()?;
        make_private(&self.sessions(), true)
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

fn import_header(line: &[u8]) -> Result<Header, StoreError> {
    let refuse = |why: String| {
        StoreError::Refused(format!(
            "this cannot be imported: {why}. `glossator sessions export --format jsonl` writes what can be"
        ))
    };
    let header: Header = serde_json::from_slice(line)
        .map_err(|error| refuse(format!("its first line is not that of an export ({error})")))?;
    if header.glossator != MAGIC {
        let what = match header.glossator.as_str() {
            "session" => "it is the log of a session and not an export".to_owned(),
            other => format!("it is not an export but '{}'", other.chars().take(40).collect::<String>()),
        };
        return Err(refuse(what));
    }
    if header.format > FORMAT_VERSION {
        return Err(StoreError::Refused(format!(
            "this export is of format {}, and this version knows {FORMAT_VERSION}: update Glossator to import it",
            header.format
        )));
    }
    Ok(header)
}

/// The lines of an import, each whole.
struct ImportLines<'a> {
    from: &'a mut dyn BufRead,
    number: u64,
}

impl ImportLines<'_> {
    fn next(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        self.number += 1;
        let mut line = Vec::new();
        let read = (&mut *self.from).take(LINE_BYTES + 1).read_until(b'\n', &mut line);
        let read = read.map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => self.refuse(&error),
            _ => StoreError::io("read", &PathBuf::from("the import"))(error),
        })?;
        if read == 0 {
            return Ok(None);
        }
        if line.pop() != Some(b'\n') {
            let why = match line.len() as u64 >= LINE_BYTES {
                true => "it is longer than any line of an export",
                false => "it has no end: the export was cut short",
            };
            return Err(self.refuse(&why));
        }
        Ok(Some(line))
    }

    fn refuse(&self, why: &dyn std::fmt::Display) -> StoreError {
        StoreError::Refused(format!(
            "line {} of the import cannot be used: {why}. Nothing was imported; export the session again",
            self.number
        ))
    }
}
