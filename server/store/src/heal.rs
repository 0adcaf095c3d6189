//! The end of a log that a crash left half written, and the header of an older one: put right before anything is added.

use crate::format::FORMAT_VERSION;
use crate::replay::{Part, Tail};
use crate::{StoreError, folder};
use memchr::memmem;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Puts the end of a log right. Bytes that are cut off are saved first.
pub(crate) fn heal(path: &Path, file: &mut File, part: &Part) -> Result<(u64, Option<String>), StoreError> {
    match part.tail {
        Tail::None => Ok((part.end.at, None)),
        Tail::NoNewline => {
            let written = folder::step().and_then(|()| file.write_all(b"\n"));
            written.map_err(StoreError::io("write to", path))?;
            let len = file.metadata().map_err(StoreError::io("look at", path))?.len();
            Ok((len, None))
        }
        Tail::Torn(bytes) => {
            let torn = save_tail(path, part.end.at)?;
            let cut = folder::step().and_then(|()| file.set_len(part.end.at));
            cut.map_err(StoreError::io("write to", path))?;
            let healed = format!(
                "The last {bytes} bytes of this session's log were only half written (the program or the machine stopped \
                 in mid-write). They were cut off and kept in {}; everything before them is intact.",
                torn.display()
            );
            Ok((part.end.at, Some(healed)))
        }
    }
}

fn save_tail(path: &Path, good_len: u64) -> Result<PathBuf, StoreError> {
    let mut tail = Vec::new();
    let read = File::open(path).and_then(|mut log| {
        log.seek(SeekFrom::Start(good_len))?;
        log.read_to_end(&mut tail)
    });
    read.map_err(StoreError::io("read", path))?;
    let mut number = 1;
    loop {
        let torn = path.with_file_name(format!("log.torn-{number}"));
        let opened =
            folder::step().and_then(|()| folder::private_file().write(true).create_new(true).open(&torn));
        match opened {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(StoreError::io("create", &torn)(error)),
            Ok(mut file) => {
                let begun = folder::step().and_then(|()| file.write_all(&tail));
                let saved = begun.and_then(|()| file.sync_data());
                saved.map_err(StoreError::io("write", &torn))?;
                return Ok(torn);
            }
        }
    }
}

/// Says in the header of an older log, which ends at `end`, that it goes on in this version's format.
pub(crate) fn upgrade(path: &Path, end: u64) -> Result<(), StoreError> {
    const OLD: &[u8] = b"\"format\":1,";
    let change = || -> io::Result<()> {
        let mut file = folder::private_file().read(true).write(true).open(path)?;
        let mut header = vec![0; usize::try_from(end.min(128)).unwrap_or(128)];
        file.read_exact(&mut header)?;
        // Elsewhere only in a header that somebody wrote by hand.
        let Some(at) = memmem::find(&header, OLD) else { return Ok(()) };
        file.seek(SeekFrom::Start((at + OLD.len() - 2) as u64))?;
        folder::step()?;
        file.write_all(FORMAT_VERSION.to_string().as_bytes())?;
        file.sync_data()
    };
    change().map_err(StoreError::io("write to", path))
}
