//! Edits that reach farther than others, told by those and the texts around them. Pure.

use glossator_text::Replacement;

/// The texts around `narrow` edits in each of the `wide` ones.
pub(super) fn around(narrow: &[Replacement], wide: &[Replacement]) -> Option<Vec<Vec<String>>> {
    let mut narrow = narrow.iter().peekable();
    let mut all = Vec::with_capacity(wide.len());
    for wide in wide {
        let end = wide.start.checked_add(wide.old.len())?;
        let (mut texts, mut at) = (Vec::new(), wide.start);
        while let Some(edit) = narrow.next_if(|edit| edit.start + edit.old.len() <= end) {
            texts.push(
                wide.old.get(at.checked_sub(wide.start)?..edit.start.checked_sub(wide.start)?)?.to_owned(),
            );
            at = edit.start + edit.old.len();
        }
        texts.push(wide.old.get(at.checked_sub(wide.start)?..)?.to_owned());
        all.push(texts);
    }
    narrow.peek().is_none().then_some(all)
}

/// The wide edits that have these texts around `narrow` ones.
pub(super) fn widened(narrow: &[Replacement], around: &[Vec<String>]) -> Option<Vec<Replacement>> {
    let mut narrow = narrow.iter();
    let mut wide = Vec::with_capacity(around.len());
    for texts in around {
        let (first, rest) = texts.split_first()?;
        let mut one = Replacement { start: 0, old: first.clone(), new: first.clone() };
        for (number, text) in rest.iter().enumerate() {
            let edit = narrow.next()?;
            if number == 0 {
                one.start = edit.start.checked_sub(first.len())?;
            }
            for (side, part) in [(&mut one.old, &edit.old), (&mut one.new, &edit.new)] {
                side.push_str(part);
                side.push_str(text);
            }
        }
        wide.push(one);
    }
    narrow.next().is_none().then_some(wide)
}
