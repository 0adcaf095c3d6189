//! Exports taken in as new sessions. Nothing is believed that an export says: ids, order and sizes are checked, keys are taken
//! out, and what was spent elsewhere is not counted here.

use crate::chain::{LOG, Segment};
use crate::export::{Header, Kept, MAGIC, PART};
use crate::folder::{exists, make_private, private_file, rename, step, sync_folder};
use crate::format::{FORMAT_VERSION, SessionHead};
use crate::lines::can_be;
use crate::lock::Tidy;
use crate::log::Books;
use crate::{KeptTexts, SessionMeta, Store, StoreError, codec};
use glossator_session::{
    ContextItem, Cost, Item, ItemBody, ItemId, NoticeLevel, SessionId, TurnId, TurnStatus, Usage,
    change_texts,
};
use serde_json::Value;
use std::fs;
use std::io::{self, BufRead, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Bytes of the longest line of an import.
const LINE_BYTES: u64 = 256 << 20;

/// Takes known secrets out of a text.
pub type Clean<'a> = &'a dyn Fn(&str) -> String;

impl Store {
    /// Takes an export in as a new session of this workspace. `clean` takes the keys that are known here out of all its texts,
    /// but for thinking and edits, which are worth nothing changed. A turn that had not ended when it was exported is ended,
    /// as what it spent was counted where it ran.
    ///
    /// # Errors
    /// Anything that is not a whole export, and whatever the disk says; nothing is left behind then.
    pub fn import(&self, from: &mut dyn BufRead, clean: Clean<'_>) -> Result<SessionHead, StoreError> {
        let mut lines = ImportLines { from, number: 0 };
        let Some(header) = lines.next()? else {
            return Err(StoreError::Refused("there is nothing to import: it is empty".to_owned()));
        };
        let header = import_header(&header, clean)?;
        let id = SessionId(uuid::Uuid::now_v7().to_string());
        let head = SessionHead { id: id.clone(), parent: None, ..header.head };
        self.make_sessions()?;
        let folder = self.sessions().join(&id.0);
        if exists(&folder) {
            return Err(StoreError::Exists { session: id.0 });
        }
        make_private(&folder, true)?;
        let _nothing_goes = Tidy::shared(self.folder())?;
        let filled = self.fill_import(&folder, &head, (&mut lines, clean)).and_then(|()| {
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
        (lines, clean): (&mut ImportLines<'_>, Clean<'_>),
    ) -> Result<(), StoreError> {
        let path = folder.join(PART);
        let mut books = Books::new(Segment::new(&head.id, path.clone()), self.folder().to_owned());
        books.write_header(head)?;
        let failed = |error| StoreError::io("write", &path)(error);
        let file = private_file().append(true).open(&path).map_err(failed)?;
        let mut log = BufWriter::with_capacity(1 << 20, file);
        let texts = KeptTexts::of(folder);
        let mut add = |item: Item| {
            let encoded = codec::encode(&item)?;
            // What is held is held by the whole import.
            drop(books.put_blobs(&encoded.blobs)?);
            step().and_then(|()| log.write_all(&encoded.line)).map_err(failed)
        };
        let mut last = LastTurn::default();
        while let Some(line) = lines.next()? {
            if line.starts_with(b"{\"kept\":") {
                let kept: Kept = serde_json::from_slice(&line).map_err(|error| lines.refuse(&error))?;
                texts.put(&kept.kept, &clean(&kept.text))?;
                continue;
            }
            let item = Item::from_json(&line).map_err(|error| lines.refuse(&error))?;
            if !can_be(item.id, item.turn) {
                return Err(lines.refuse(&format!("there cannot be an item {} in {}", item.id.0, item.turn)));
            }
            if item.id.0 <= last.item {
                return Err(lines.refuse(&format!("item {} stands behind item {}", item.id.0, last.item)));
            }
            last.add(&item);
            add(without_secrets(item, &line, clean))?;
        }
        last.end().map_or(Ok(()), &mut add)?;
        books.sync_blobs()?;
        let synced = log.flush().and_then(|()| step()).and_then(|()| log.get_ref().sync_data());
        synced.map_err(failed)
    }

    fn make_sessions(&self) -> Result<(), StoreError> {
        self.make_folder()?;
        make_private(&self.sessions(), true)
    }
}

/// `item`, which stands in `line`, without secrets. One that cannot be read without them is left out.
fn without_secrets(item: Item, line: &[u8], clean: Clean<'_>) -> Item {
    if matches!(item.body, ItemBody::Reasoning { .. } | ItemBody::ChangeSet { .. }) {
        return item;
    }
    let Ok(mut value) = serde_json::from_slice::<Value>(line) else { return item };
    if !change_texts(&mut value, clean) {
        return item;
    }
    let same = |read: &Item| (read.id, read.turn) == (item.id, item.turn);
    Item::from_json(value.to_string().as_bytes()).ok().filter(same).unwrap_or_else(|| {
        let text = "An item held a key and was left out when this session was imported.".to_owned();
        Item { body: ItemBody::Notice { level: NoticeLevel::Warning, text }, ..item }
    })
}

/// What an import has of its last turn so far.
#[derive(Default)]
struct LastTurn {
    item: u64,
    at: i64,
    turn: u32,
    has_ended: bool,
    usage: Usage,
    cost: Option<Cost>,
}

impl LastTurn {
    fn add(&mut self, item: &Item) {
        (self.item, self.at) = (item.id.0, item.at);
        if item.turn.0 > self.turn {
            *self = LastTurn { item: item.id.0, at: item.at, turn: item.turn.0, ..LastTurn::default() };
        }
        match &item.body {
            ItemBody::TurnEnded { .. } if item.turn.0 == self.turn => self.has_ended = true,
            ItemBody::Context(ContextItem::Request(record)) if item.turn.0 == self.turn => {
                let (all, one) = (&mut self.usage, &record.usage);
                for (sum, more) in [
                    (&mut all.input, one.input),
                    (&mut all.cache_read, one.cache_read),
                    (&mut all.cache_write, one.cache_write),
                    (&mut all.output, one.output),
                    (&mut all.reasoning, one.reasoning),
                ] {
                    *sum = sum.saturating_add(more);
                }
                if let Some(cost) = &record.cost {
                    let all = self.cost.get_or_insert_default();
                    all.micro_usd = all.micro_usd.saturating_add(cost.micro_usd);
                    all.prices_of.clone_from(&cost.prices_of);
                }
            }
            _ => {}
        }
    }

    /// The end of a turn that has spent something and has none: who opens the session would count that once more.
    fn end(self) -> Option<Item> {
        let has_spent = self.usage != Usage::default() || self.cost.is_some();
        let (id, turn) = (ItemId(self.item.saturating_add(1)), TurnId(self.turn));
        if self.has_ended || !has_spent || !can_be(id, turn) {
            return None;
        }
        let message = Some("This turn was still running when the session was exported.".to_owned());
        let (status, usage, cost) = (TurnStatus::Interrupted, self.usage, self.cost);
        let body = ItemBody::TurnEnded { status, usage, cost, message };
        Some(Item { id, turn, round: 0, at: self.at, agent: None, body })
    }
}

fn import_header(line: &[u8], clean: Clean<'_>) -> Result<Header, StoreError> {
    let refuse = |why: String| {
        StoreError::Refused(format!(
            "this cannot be imported: {why}. `glossator sessions export --format jsonl` writes what can be"
        ))
    };
    let read = || {
        let mut value: Value = serde_json::from_slice(line)?;
        change_texts(&mut value, clean);
        serde_json::from_value::<Header>(value)
    };
    let header =
        read().map_err(|error| refuse(format!("its first line is not that of an export ({error})")))?;
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
