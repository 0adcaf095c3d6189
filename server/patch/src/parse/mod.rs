//! Patch text to patch. Three dialects: `*** Begin Patch`, unified diff, SEARCH/REPLACE blocks. All are read line by
//! line, so that a patch can be shown while it is written.

mod event;
mod native;
mod search;
mod stream;
mod unified;
mod wrap;

use crate::{Patch, Problem};

pub use event::Event;
pub use stream::Stream;

/// Parses a patch in any of the dialects; on failure all problems at once, in the order of the text.
pub fn parse(text: &str) -> Result<Patch, Vec<Problem>> {
    let mut stream = Stream::new();
    stream.push(text);
    stream.finish()
}

/// A line of the patch text.
#[derive(Debug, Clone, Copy)]
struct PatchLine<'a> {
    /// One-based.
    number: usize,
    /// Without its line break.
    text: &'a str,
    /// The two lines behind it, where they have to be known to read it: behind a line that starts with `--- `.
    next: [&'a str; 2],
}

/// What has been read so far.
#[derive(Debug, Default)]
struct Made {
    patch: Patch,
    problems: Vec<Problem>,
    /// What has not been told yet.
    events: Vec<Event>,
}

impl Made {
    /// A problem at a line of the patch text.
    fn problem(&mut self, file: Option<&str>, number: usize, message: &str) {
        let message = format!("line {number} of the patch: {message}");
        self.problems.push(Problem { file: file.map(str::to_owned), chunk: None, message });
    }
}

/// A line of the patch as a message quotes it.
fn shortened(text: &str) -> String {
    text.chars().take(120).collect()
}
