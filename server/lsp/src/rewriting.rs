//! What has to be replaced in a document so that it holds another text. Long texts of which little changes cost little. Pure.

use glossator_text::{Replacement, line_replacements};
use ropey::Rope;

/// The replacements that turn `old` into `new`, in order and not overlapping; their bytes count in `old`.
pub fn replacements(old: &Rope, new: &str) -> Vec<Replacement> {
    let head = head(old, new);
    let tail = tail(old, new, head);
    let middle = old.byte_slice(head..old.len_bytes() - tail).to_string();
    let mut found = line_replacements(&middle, &new[head..new.len() - tail]);
    found.iter_mut().for_each(|edit| edit.start += head);
    found
}

/// Bytes at the beginning that are the same in both, in whole lines.
fn head(old: &Rope, new: &str) -> usize {
    let mut equal = 0;
    for chunk in old.chunks() {
        let rest = &new.as_bytes()[equal..];
        let same = chunk.bytes().zip(rest).take_while(|(one, other)| one == *other).count();
        equal += same;
        if same < chunk.len() {
            break;
        }
    }
    new.as_bytes()[..equal].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
}

/// Bytes at the end, behind the first `head`, that are the same in both, in whole lines.
fn tail(old: &Rope, new: &str, head: usize) -> usize {
    let most = (old.len_bytes() - head).min(new.len() - head);
    let (mut chunks, ..) = old.chunks_at_byte(old.len_bytes());
    let mut equal = 0;
    while let Some(chunk) = chunks.prev() {
        let rest = &new.as_bytes()[..new.len() - equal];
        let same =
            chunk.bytes().rev().zip(rest.iter().rev()).take_while(|(one, other)| one == *other).count();
        equal += same;
        if same < chunk.len() || equal >= most {
            break;
        }
    }
    let start = new.len() - equal.min(most);
    new.as_bytes()[start..].iter().position(|byte| *byte == b'\n').map_or(0, |at| new.len() - start - at - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn applied(old: &str, edits: &[Replacement]) -> String {
        let mut text = old.to_owned();
        for edit in edits.iter().rev() {
            assert_eq!(&old[edit.start..edit.start + edit.old.len()], edit.old);
            text.replace_range(edit.start..edit.start + edit.old.len(), &edit.new);
        }
        text
    }

    #[test]
    fn only_what_differs_is_replaced() {
        let found = replacements(&Rope::from_str("a\nb\nc\n"), "a\nb\nc\nd\n");
        assert_eq!(found, [Replacement { start: 6, old: String::new(), new: "d\n".to_owned() }]);
        let found = replacements(&Rope::from_str("a\nb\nc"), "a\nbé\nc");
        assert_eq!(found, [Replacement { start: 3, old: String::new(), new: "é".to_owned() }]);
        assert!(replacements(&Rope::from_str("a\n"), "a\n").is_empty());
        // A text of many chunks.
        let long: String = (0..5000).map(|line| format!("line {line} 😀\n")).collect();
        let new = long.replace("line 2500 ", "LINE 2500 ");
        let found = replacements(&Rope::from_str(&long), &new);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].old.as_str(), found[0].new.as_str()), ("line", "LINE"));
    }

    proptest! {
        #[test]
        fn the_other_text_comes_of_it(old in "[ab\né😀\r]{0,40}", new in "[ab\né😀\r]{0,40}", same in "[a\né]{0,60}") {
            for (old, new) in [(old.clone(), new.clone()), (format!("{same}{old}{same}"), format!("{same}{new}{same}"))] {
                let edits = replacements(&Rope::from_str(&old), &new);
                prop_assert_eq!(applied(&old, &edits), new);
            }
        }
    }
}
