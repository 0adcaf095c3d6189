//! Which entries of a log count: those whose ids rise. Of two that disagree the one is left out that does not fit between
//! its neighbours, so that one damaged id never hides the rest of a log. Pure.

/// An entry.
#[derive(Debug, PartialEq)]
pub(crate) struct Entry<T> {
    /// Where its line begins, in bytes.
    pub at: u64,
    /// How many lines stand before it.
    pub number: u64,
    pub id: u64,
    pub turn: u32,
    pub value: T,
}

/// Entries in, entries that count out, one behind: whether one fits is told by the next.
#[derive(Debug)]
pub(crate) struct Order<T> {
    last: u64,
    held: Option<Entry<T>>,
    /// Lines that do not count, and why.
    pub skipped: Vec<(u64, String)>,
}

impl<T> Order<T> {
    /// Behind the item `last`.
    pub fn behind(last: u64) -> Order<T> {
        Order { last, held: None, skipped: Vec::new() }
    }

    /// Takes the next entry; gives the one before it, if that counts.
    pub fn push(&mut self, entry: Entry<T>) -> Option<Entry<T>> {
        let settled = self.settle(Some(entry.id));
        self.held = Some(entry);
        settled
    }

    /// Takes a line that is none.
    pub fn bad(&mut self, number: u64, why: String) -> Option<Entry<T>> {
        let settled = self.settle(None);
        self.skipped.push((number, why));
        settled
    }

    /// Nothing follows.
    pub fn end(&mut self) -> Option<Entry<T>> {
        self.settle(None)
    }

    fn settle(&mut self, next: Option<u64>) -> Option<Entry<T>> {
        let entry = self.held.take()?;
        let last = self.last;
        let why = if entry.id <= last {
            format!("item {} stands behind item {last}", entry.id)
        } else if let Some(next) = next.filter(|next| *next > last && *next <= entry.id) {
            format!("item {} stands before item {next}", entry.id)
        } else {
            self.last = entry.id;
            return Some(entry);
        };
        self.skipped.push((entry.number, why));
        None
    }
}
