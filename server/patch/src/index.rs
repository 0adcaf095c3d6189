//! Where the lines of a text stand, by their fingerprints. Lines with equal fingerprints may be equal; whoever asks looks.

use crate::lines::fingerprint;

/// The end of a chain.
const NONE: u32 = u32::MAX;

/// The lines of a text by fingerprint. Lines from 2^32 - 1 on are not in it.
pub(crate) struct Index {
    marks: Vec<u64>,
    /// The first line of each bucket; as many as a power of two.
    first: Vec<u32>,
    /// For each line the next one of its bucket.
    next: Vec<u32>,
}

impl Index {
    pub(crate) fn new<'a>(lines: impl Iterator<Item = &'a str>) -> Index {
        let marks: Vec<u64> = lines.take(NONE as usize).map(fingerprint).collect();
        let mut index = Index {
            first: vec![NONE; (marks.len() * 2).next_power_of_two()],
            next: vec![NONE; marks.len()],
            marks,
        };
        // From the end, so that chains are in order.
        for line in (0..index.marks.len()).rev() {
            let bucket = index.bucket(index.marks[line]);
            index.next[line] = std::mem::replace(&mut index.first[bucket], line as u32);
        }
        index
    }

    fn bucket(&self, mark: u64) -> usize {
        mark as usize & (self.first.len() - 1)
    }

    /// The lines with a fingerprint, in order.
    fn with(&self, mark: u64) -> impl Iterator<Item = usize> {
        let line = |at: u32| (at != NONE).then_some(at as usize);
        let chain =
            std::iter::successors(line(self.first[self.bucket(mark)]), move |at| line(self.next[*at]));
        chain.filter(move |at| self.marks[*at] == mark)
    }

    /// The lines with a fingerprint, in order; `None` when there are more than `most`.
    pub(crate) fn places(&self, mark: u64, most: usize) -> Option<Vec<usize>> {
        let places: Vec<usize> = self.with(mark).take(most + 1).collect();
        (places.len() <= most).then_some(places)
    }

    /// Which of `marks` stands at the fewest places, and these; `None` when each stands at more than `most`.
    pub(crate) fn rarest(&self, marks: &[u64], most: usize) -> Option<(usize, Vec<usize>)> {
        let mut best = None;
        let mut least = most + 1;
        for (offset, mark) in marks.iter().enumerate() {
            let count = self.with(*mark).take(least).count();
            if count < least {
                (best, least) = (Some(offset), count);
            }
            if least == 0 {
                break;
            }
        }
        best.map(|offset| (offset, self.with(marks[offset]).collect()))
    }

    /// Whether these fingerprints stand one after another from line `start` on.
    pub(crate) fn stands_at(&self, start: usize, marks: &[u64]) -> bool {
        self.marks.get(start..start + marks.len()) == Some(marks)
    }

    /// The fingerprint of each line.
    pub(crate) fn marks(&self) -> &[u64] {
        &self.marks
    }
}

/// Knuth, Morris, Pratt: all (also overlapping) occurrences in linear time, whatever the input.
pub(crate) fn find_all<T: PartialEq>(lines: &[T], wanted: &[T]) -> Vec<usize> {
    let Some(last) = wanted.len().checked_sub(1) else {
        return Vec::new();
    };
    let mut back = vec![0; wanted.len()];
    let mut len = 0;
    for at in 1..wanted.len() {
        while len > 0 && wanted[at] != wanted[len] {
            len = back[len - 1];
        }
        len += usize::from(wanted[at] == wanted[len]);
        back[at] = len;
    }
    let (mut found, mut len) = (Vec::new(), 0);
    for (at, line) in lines.iter().enumerate() {
        while len > 0 && *line != wanted[len] {
            len = back[len - 1];
        }
        len += usize::from(*line == wanted[len]);
        if len == wanted.len() {
            found.push(at - last);
            len = back[len - 1];
        }
    }
    found
}
