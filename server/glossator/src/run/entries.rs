//! What became of a log during a run: whether it only grew, and how it is put back where it did not. Pure.

use glossator_text::{diff_lines, lines};
use std::ops::Range;

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moved {
    /// Nothing.
    Not,
    /// It holds more, and all that it held.
    Grown {
        /// What is new.
        new: String,
        /// Whether that stands behind all else.
        at_end: bool,
    },
    /// Some of what it held is gone.
    Lost {
        /// How many lines.
        lines: usize,
        /// What is new.
        new: String,
        /// All that it held, then what is new.
        restored: String,
    },
}

/// What became of a log that held `before`; `None`: it is gone.
pub fn moved(before: &str, after: Option<&str>) -> Moved {
    let after = after.unwrap_or_default();
    if after == before {
        return Moved::Not;
    }
    // White space at the end is no entry.
    let kept = before.trim_end();
    if let Some(rest) = after.strip_prefix(kept) {
        let new = rest.trim().to_owned();
        return if new.is_empty() { Moved::Not } else { Moved::Grown { new, at_end: true } };
    }
    let (old_lines, new_lines): (Vec<&str>, Vec<&str>) = (lines(before).collect(), lines(after).collect());
    let hunks = diff_lines(before, after);
    let of = |all: &[&str], range: Range<usize>| all.get(range).unwrap_or_default().concat();
    let lost: String = hunks.iter().map(|hunk| of(&old_lines, hunk.old.clone())).collect();
    let lost = lost.lines().filter(|line| !line.trim().is_empty()).count();
    let new: String = hunks.iter().map(|hunk| of(&new_lines, hunk.new.clone())).collect();
    let new = new.trim().to_owned();
    if lost == 0 {
        return if new.is_empty() { Moved::Not } else { Moved::Grown { new, at_end: false } };
    }
    let restored = if new.is_empty() { before.to_owned() } else { format!("{kept}\n\n{new}\n") };
    Moved::Lost { lines: lost, new, restored }
}

impl Moved {
    /// What is new; empty: nothing.
    pub fn new_part(&self) -> &str {
        match self {
            Self::Not => "",
            Self::Grown { new, .. } | Self::Lost { new, .. } => new,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LOG: &str = "# Log\n\n## Run 1\n\n- made a\n";

    #[test]
    fn logs_grow_or_are_put_back() {
        let grown = |new: &str, at_end: bool| Moved::Grown { new: new.to_owned(), at_end };
        let lost = |lines: usize, new: &str, restored: &str| Moved::Lost {
            lines,
            new: new.to_owned(),
            restored: restored.to_owned(),
        };
        let check =
            |after: Option<&str>, expected: Moved| assert_eq!(moved(LOG, after), expected, "{after:?}");
        check(Some(LOG), Moved::Not);
        check(Some(LOG.trim_end()), Moved::Not);
        check(Some(&format!("{LOG}\n\n")), Moved::Not);
        check(Some(&format!("{LOG}\n## Run 2\n\n- made b\n")), grown("## Run 2\n\n- made b", true));
        check(Some(&LOG.replace("## Run 1", "## Run 2\n\n## Run 1")), grown("## Run 2", false));
        check(None, lost(3, "", LOG));
        check(Some("# Log\n"), lost(2, "", LOG));
        check(
            Some("# Log\n\n## Run 2\n"),
            lost(2, "## Run 2", "# Log\n\n## Run 1\n\n- made a\n\n## Run 2\n"),
        );
        assert_eq!(moved("", None), Moved::Not);
        assert_eq!(moved("", Some("x\n")), grown("x", true));
    }

    proptest! {
        /// Whatever was made of a log: every line that it held, and every line that is new, stands in what is kept.
        #[test]
        fn no_line_is_lost(
            before in proptest::collection::vec("[ab ]{0,3}", 0..8),
            after in proptest::collection::vec("[abc ]{0,3}", 0..8),
        ) {
            let (before, after) = (before.join("\n"), after.join("\n"));
            let kept = match moved(&before, Some(&after)) {
                Moved::Not => before.clone(),
                Moved::Grown { .. } => after.clone(),
                Moved::Lost { restored, .. } => restored,
            };
            for line in before.lines().chain(after.lines()).map(str::trim).filter(|line| !line.is_empty()) {
                prop_assert!(kept.lines().any(|one| one.contains(line)), "{line:?} of {before:?} {after:?} in {kept:?}");
            }
        }
    }
}
