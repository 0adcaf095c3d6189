//! What texts weigh, remembered by their hash: a history is weighed again with every request, and little of it is new. Forgets
//! all of it when it has grown large; nothing else depends on it.

use glossator_models::tokens::{self, Family};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Bytes of a text from which on finding it again is quicker than weighing it.
const LONG: usize = 200;
/// Texts that are remembered: about a megabyte.
const MOST: usize = 32_768;

static KNOWN: Mutex<Option<HashMap<u64, u64>>> = Mutex::new(None);

/// About how many tokens `text` has.
pub(crate) fn estimate(text: &str, family: Family) -> u64 {
    if text.len() < LONG {
        return tokens::estimate(text, family);
    }
    let mut hasher = DefaultHasher::new();
    (text, family).hash(&mut hasher);
    let key = hasher.finish();
    if let Some(known) = KNOWN.lock().as_ref().and_then(|known| known.get(&key)) {
        return *known;
    }
    let found = tokens::estimate(text, family);
    let mut known = KNOWN.lock();
    let known = known.get_or_insert_default();
    if known.len() >= MOST {
        known.clear();
    }
    known.insert(key, found);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn a_text_weighs_the_same_when_it_is_weighed_again() {
        let text = |at: usize| format!("{at} {}", "some words, and more of them; ".repeat(10));
        for at in 0..MOST + 10 {
            let text = text(at);
            assert_eq!(estimate(&text, Family::Claude), tokens::estimate(&text, Family::Claude));
        }
        assert!(KNOWN.lock().as_ref().is_some_and(|known| known.len() <= MOST));
        let text = text(1);
        for family in [Family::O200k, Family::Claude5, Family::Claude] {
            for text in [&text, &text[..LONG], &text[..LONG - 1], ""] {
                assert_eq!(estimate(text, family), tokens::estimate(text, family));
                assert_eq!(estimate(text, family), tokens::estimate(text, family));
            }
        }
    }

    #[test]
    fn what_is_known_is_not_weighed_again() {
        let text = "fn weigh(text: &str) -> u64 { text.len() }\n".repeat(50_000);
        let timed = || {
            let began = Instant::now();
            (estimate(&text, Family::O200k), began.elapsed())
        };
        let ((first, weighed), (second, found)) = (timed(), timed());
        assert_eq!(first, second);
        assert!(found * 3 < weighed, "{found:?} against {weighed:?}");
    }

    /// `cargo test --release -p glossator-agent -- --ignored --nocapture a_long_history`
    #[test]
    #[ignore = "figures"]
    #[allow(clippy::print_stdout)]
    fn a_long_history_is_weighed() {
        use crate::asking;
        use glossator_context::{Inputs, Reader, Regular, assemble};
        use glossator_session::{InputPart, Item, ItemBody, ItemId, TurnId};
        let mut items = Vec::new();
        for turn in 1..=1_000_u32 {
            let source = "return (await tools.readFile('patched.txt')).text.repeat(20);".to_owned();
            let text = format!("<tool-results>{turn} {}</tool-results>", "count 12345\n".repeat(100));
            let prompt = InputPart::Text { text: "Count on".to_owned() };
            let id: glossator_session::CallId = format!("S{turn}-1-1").as_str().into();
            let bodies = [
                (0, ItemBody::UserMessage { input: vec![prompt], to: Vec::new(), queued: None }),
                (1, ItemBody::Script { id: id.clone(), source }),
                (1, ItemBody::ScriptOutput { script: id, text, ok: true }),
                (2, ItemBody::Answer { text: "Done.".to_owned(), raw: None }),
            ];
            for (round, body) in bodies {
                let id = ItemId(items.len() as u64 + 1);
                items.push(Item { id, turn: TurnId(turn), round, at: 0, agent: None, body });
            }
        }
        let prompt = || {
            assemble(&Inputs {
                layers: &[],
                native_tools: &[],
                items: &items,
                current: TurnId(1_000),
                round: u32::MAX,
                reader: Reader { model: "m", wire: "w", sees_images: true, agent: None },
                folders: &[],
                reminders: &[],
                user_prompt_cap_chars: 1_000,
                strategy: &Regular { percent: 0 },
            })
        };
        for run in 0..3 {
            let began = Instant::now();
            let prompt = prompt();
            let made = began.elapsed();
            let began = Instant::now();
            let tokens = asking::estimate(&prompt, "m");
            println!("run {run}: made in {made:?}, {tokens} tokens weighed in {:?}", began.elapsed());
        }
    }
}
