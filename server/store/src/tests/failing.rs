//! Writes that fail: whatever the disk does, the log holds exactly the items whose append succeeded.

use super::{Bench, head, item};
use crate::chain::Segment;
use crate::lines::Place;
use crate::log::Books;
use crate::log::{self, Backing};
use crate::replay::{self, Part, Tail};
use crate::table::Table;
use crate::{SessionLog, StoreError, Sync, codec};
use proptest::prelude::*;
use std::fs::File;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

/// What the next calls to the disk do.
#[derive(Debug, Clone, Copy)]
enum Fault {
    None,
    /// The write takes so many bytes, the rest fails.
    Full(usize),
    /// As `Full`, and cutting back fails once as well.
    Stuck(usize),
    /// The write is interrupted by a signal first.
    Interrupted,
    /// The write succeeds in two parts.
    Short,
    /// The write succeeds, bringing it to the disk fails.
    NoSync,
}

struct Disk {
    bytes: Arc<Mutex<Vec<u8>>>,
    fault: Arc<Mutex<Fault>>,
}

impl Disk {
    fn set(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
    }
}

impl Write for Disk {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let fault = *self.fault.lock().unwrap();
        let take = match fault {
            Fault::None | Fault::NoSync => buf.len(),
            Fault::Full(0) | Fault::Stuck(0) => return Err(io::ErrorKind::StorageFull.into()),
            Fault::Full(bytes) => {
                self.set(Fault::Full(0));
                bytes.min(buf.len() - 1)
            }
            Fault::Stuck(bytes) => {
                self.set(Fault::Stuck(0));
                bytes.min(buf.len() - 1)
            }
            Fault::Interrupted => {
                self.set(Fault::None);
                return Err(io::ErrorKind::Interrupted.into());
            }
            Fault::Short => {
                self.set(Fault::None);
                buf.len() / 2
            }
        };
        self.bytes.lock().unwrap().extend(&buf[..take]);
        Ok(take)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Backing for Disk {
    fn cut(&mut self, len: u64) -> io::Result<()> {
        if matches!(*self.fault.lock().unwrap(), Fault::Stuck(_)) {
            return Err(io::ErrorKind::Other.into());
        }
        self.bytes.lock().unwrap().truncate(len as usize);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        match *self.fault.lock().unwrap() {
            Fault::NoSync => Err(io::ErrorKind::Other.into()),
            _ => Ok(()),
        }
    }
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::None),
        (0..200usize).prop_map(Fault::Full),
        (0..200usize).prop_map(Fault::Stuck),
        Just(Fault::Interrupted),
        Just(Fault::Short),
        Just(Fault::NoSync),
    ]
}

fn header() -> Vec<u8> {
    codec::encode_header(&head("s")).unwrap().line
}

/// A log that is written to `backing`, behind a header.
fn over(backing: Box<dyn Backing>) -> SessionLog {
    let segment = Segment::new(&"s".into(), "/nowhere/log.jsonl".into());
    let books = Books::new(segment, "/nowhere".into());
    SessionLog::over("s".into(), 1, log::Disk::new(backing, books, header().len() as u64, None))
}

fn read(log: &[u8]) -> Part {
    let at = header().len();
    let place = Place { at: at as u64, lines: 1, last: 0 };
    let none = |_: &crate::BlobRef| Err("no blobs".to_owned());
    replay::read_part(&log[at..], (place, u64::MAX), &none, &mut Table::new(place.at, 0, 0)).unwrap()
}

proptest! {
    #[test]
    fn the_log_holds_exactly_what_was_acknowledged(faults in prop::collection::vec(fault(), 1..12)) {
        let bytes = Arc::new(Mutex::new(header()));
        let fault = Arc::new(Mutex::new(Fault::None));
        let disk = Disk { bytes: bytes.clone(), fault: fault.clone() };
        let mut log = over(Box::new(disk));
        let mut stored = Vec::new();
        for now in faults {
            *fault.lock().unwrap() = now;
            let next = item(log.next_id());
            let result = log.append(&next, Sync::Now);
            prop_assert_eq!(result.is_ok(), matches!(now, Fault::None | Fault::Interrupted | Fault::Short), "{:?}", now);
            if result.is_ok() {
                stored.push(next);
            }
            // A process that dies here leaves this, torn tail included.
            let part = read(&bytes.lock().unwrap());
            // An item whose sync failed and that could not be cut off may still be seen, never a part of one.
            prop_assert_eq!(&part.items[..stored.len()], &stored[..]);
            prop_assert!(part.notices.is_empty(), "{:?}", part.notices);
        }
        *fault.lock().unwrap() = Fault::None;
        let last = item(log.next_id());
        log.append(&last, Sync::No).unwrap();
        stored.push(last);
        let part = read(&bytes.lock().unwrap());
        prop_assert_eq!(part.items, stored);
        prop_assert_eq!(part.tail, Tail::None);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_that_says_what_to_do() {
    let full = File::options().append(true).open("/dev/full").unwrap();
    let mut log = over(Box::new(full));
    for _ in 0..2 {
        let error = log.append(&item(1), Sync::No).unwrap_err();
        assert!(matches!(error, StoreError::Io { .. }));
    }
    let full = File::options().append(true).open("/dev/full").unwrap();
    let mut log = over(Box::new(full));
    let error = log.append(&item(1), Sync::No).unwrap_err().to_string();
    assert!(error.contains("disk is full") && error.contains("not stored"), "{error}");
    assert_eq!(log.next_id(), 1, "the item was not stored, its id is still free");
}

/// A process that is killed in mid-write leaves a prefix of what it was writing; here at every byte of a long item.
#[test]
fn a_killed_writer_loses_at_most_its_last_item() {
    let bench = Bench::new();
    let items = bench.session("s-1", 3);
    let whole = std::fs::read(bench.log_path("s-1")).unwrap();
    let line = codec::encode(&item(4)).unwrap().line;
    for written in 0..line.len() - 1 {
        std::fs::write(bench.log_path("s-1"), [&whole[..], &line[..written]].concat()).unwrap();
        assert_eq!(bench.store.read(&"s-1".into()).unwrap().items, items);
    }
}
