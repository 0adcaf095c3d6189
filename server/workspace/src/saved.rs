//! Whether an open buffer holds unsaved text, and how it stands to its file: told by comparing the two.
//! Only reads; blocks on the disk, and waits for a file that is just being written.

pub(crate) mod settling;

use crate::disk::{self, Stamp};
use crate::on_disk::{read_disk, same_lines};
use crate::read_error::ReadError;
use glossator_text::FileText;
use ropey::Rope;
use settling::{LOOKS, settles_in};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// How far the clock of a file system may lag, and a report of the editor be late: text that was reported no later than so
/// long after its file was written may be what was written.
const LAG: Duration = Duration::from_millis(20);

/// What the editor reported last of a buffer that was not compared with its file since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// It was opened, when its file was in this state.
    Opened(Option<Stamp>),
    /// Its text was changed.
    Changed,
    /// It was saved, which left its file in this state.
    Saved(Option<Stamp>),
}

/// The text that an editor last had in common with the file, and the state that the file was in.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) stamp: Option<Stamp>,
    pub(crate) text: Rope,
    /// The file was seen to hold the text, and in this state it holds no other.
    pub(crate) certain: bool,
}

impl Known {
    /// By the word of the editor, which may mean another text than its file holds.
    pub(crate) fn told(stamp: Option<Stamp>, text: Rope) -> Known {
        Known { stamp, text, certain: false }
    }

    /// Whether the file, which holds `text` in the state `stamp`, was changed since. Being touched does not count.
    fn is_past(&self, stamp: Option<Stamp>, text: &str) -> bool {
        self.stamp != stamp && !same_lines(text, &self.text.to_string())
    }
}

/// A buffer as far as its file matters.
pub(crate) struct Held<'a> {
    pub(crate) text: &'a Rope,
    /// It holds unsaved text, or may.
    pub(crate) dirty: bool,
    /// The file in this state reads otherwise only here.
    pub(crate) foreign: Option<Stamp>,
    pub(crate) known: Option<&'a Known>,
}

/// How a buffer stands to its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Its text counts: the file holds the same, or what it held before, or nothing that could be compared.
    Counts,
    /// It holds nothing unsaved, and its file newer text, which counts: as if it were not open.
    Behind,
    /// It holds unsaved text, and its file was changed too. The buffer is what the user sees; nothing is edited.
    Conflict,
    /// It holds nothing unsaved, and its file is gone. The buffer is all that is left; nothing is edited.
    Left,
}

impl Standing {
    /// Why a file whose buffer stands so is not edited.
    pub(crate) fn refusal(self) -> Option<&'static str> {
        match self {
            Standing::Counts | Standing::Behind => None,
            Standing::Conflict => Some(
                "it has unsaved changes in the editor, and its file was changed on disk too; which of them \
                 count is for the user to say: save or reload it there first",
            ),
            Standing::Left => Some(
                "it is gone from the disk, and the editor only still shows it; save it there to have it back, or \
                 close it there (what it shows can be read until then)",
            ),
        }
    }
}

impl Held<'_> {
    /// How it stands to the file at `path` now. One that is just being written is waited for: what stands in it until then
    /// was never its text.
    pub(crate) fn standing(&self, path: &Path) -> Standing {
        let mut looks = 0;
        loop {
            let (standing, wait) = self.standing_now(path);
            looks += 1;
            match wait {
                Some(wait) if looks < LOOKS => std::thread::sleep(wait),
                _ => return standing,
            }
        }
    }

    /// How it stands to what the file holds in this moment, and how long to wait before that can be taken for its text.
    fn standing_now(&self, path: &Path) -> (Standing, Option<Duration>) {
        // The state first: whatever is read afterwards is at least as new.
        let stamp = disk::stamp(path);
        let as_known = |known: &&Known| {
            known.stamp == stamp
                && stamp.is_some()
                && (self.dirty || known.certain && known.text.is_instance(self.text))
        };
        if self.known.is_some_and(|known| as_known(&known)) {
            return (Standing::Counts, None);
        }
        let file = read_disk(path);
        match self.standing_to(stamp, &file) {
            Standing::Counts => (Standing::Counts, None),
            other => (other, settles_in(path, file.is_ok_and(|file| file.text.is_empty()))),
        }
    }

    fn standing_to(&self, stamp: Option<Stamp>, file: &Result<FileText, ReadError>) -> Standing {
        let was_there = self.known.is_some_and(|known| known.stamp.is_some());
        match file {
            Ok(file) if same_lines(&file.text, &self.text.to_string()) => Standing::Counts,
            // A file that reads otherwise here, and is still as the editor saved it, did not change.
            Ok(_) if self.foreign.is_some() && self.foreign == stamp => Standing::Counts,
            Ok(_) if !self.dirty => Standing::Behind,
            Ok(file) if self.known.is_some_and(|known| known.is_past(stamp, &file.text)) => {
                Standing::Conflict
            }
            Err(ReadError::NotFound { .. }) if !self.dirty && was_there => Standing::Left,
            Ok(_) | Err(_) => Standing::Counts,
        }
    }
}

/// What a comparison found.
#[derive(Debug, Clone)]
pub(crate) struct Sight {
    /// The buffer holds text that its file does not.
    pub(crate) dirty: bool,
    /// The file in this state holds what the editor saved, although it reads otherwise here: in an encoding that only
    /// the editor knows.
    pub(crate) foreign: Option<Stamp>,
    /// Buffer and file hold the same.
    pub(crate) known: Option<Known>,
}

/// Compares the text of a buffer, changed last when its editor reported it, with its file at `path`.
pub(crate) fn compare(doubt: Doubt, path: &Path, (text, changed): (&Rope, Option<SystemTime>)) -> Sight {
    // The state first: whatever is read afterwards is at least as new.
    let stamp = disk::stamp(path);
    let certain = stamp.is_some_and(|stamp| stamp.is_settled());
    let same = match read_disk(path) {
        Ok(file) => same_lines(&file.text, &text.to_string()),
        Err(ReadError::NotFound { .. }) => text.len_bytes() == 0,
        // Nothing that could be compared: as the editor says.
        Err(_) => doubt != Doubt::Changed,
    };
    // Typed between the writing of the file and the report of it.
    let typed_on =
        |then: Option<Stamp>| then.zip(changed).is_some_and(|(then, changed)| changed > then.written() + LAG);
    let (dirty, foreign) = match doubt {
        _ if same => (false, None),
        Doubt::Changed => (true, None),
        // If the file changed since, the difference may be the file's.
        Doubt::Opened(then) => (then == stamp, None),
        Doubt::Saved(then) if typed_on(then) => (true, None),
        Doubt::Saved(then) => (false, stamp.filter(|_| then == stamp)),
    };
    Sight { dirty, foreign, known: same.then(|| Known { stamp, text: text.clone(), certain }) }
}
