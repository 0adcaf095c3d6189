//! The keys that this process has come to know, whoever brought them: every connection, every provider that is set up. All of
//! them are taken out of what is written. Never tells one, and never forgets one.

use crate::key::{SHORTEST_REDACTED, redact};
use secrecy::{ExposeSecret, SecretString};
use std::sync::{PoisonError, RwLock};

/// The longest first: one key may begin with another.
static KNOWN: RwLock<Vec<SecretString>> = RwLock::new(Vec::new());

/// Bytes below which a key without a digit is a word: `none`, `EMPTY` and the like, which local servers are given. To take
/// those out would spoil every text in which they stand.
const SHORTEST_OF_LETTERS: usize = 16;

/// From now on `key` is known, also one that is not fit to be sent; keys under four bytes are not, nor are those under 16
/// without a digit, as they could be words.
pub fn remember(key: &str) {
    for key in [key, key.trim()] {
        let is_known = |known: &SecretString| known.expose_secret() == key;
        if is_word(key.trim()) || read(|all| all.iter().any(is_known)) {
            continue;
        }
        let mut all = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
        if !all.iter().any(is_known) {
            let at = all.partition_point(|known| known.expose_secret().len() >= key.len());
            all.insert(at, SecretString::from(key.to_owned()));
        }
    }
}

/// `text` with every key that is known by now replaced by `[redacted]`. For everything that is written or shown.
pub fn without_keys(text: &str) -> String {
    read(|all| all.iter().fold(text.to_owned(), |text, key| redact(text, key.expose_secret())))
}

fn is_word(key: &str) -> bool {
    let is_short = key.len() < SHORTEST_OF_LETTERS && !key.contains(|c: char| c.is_ascii_digit());
    is_short || key.len() < SHORTEST_REDACTED
}

fn read<R>(look: impl FnOnce(&[SecretString]) -> R) -> R {
    look(&KNOWN.read().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_stand_for_a_key_stay() {
        let words = ["none", "EMPTY", "text", "user", "ollama", "not-needed", "sk", "a1"];
        words.into_iter().for_each(remember);
        let text = words.join(" and ");
        assert_eq!(without_keys(&text), text);
        remember("correct-horse-battery");
        assert_eq!(without_keys("x correct-horse-battery"), "x [redacted]");
    }

    #[test]
    fn a_key_is_taken_out_whoever_brought_it() {
        let check = |text: &str, expected: &str| assert_eq!(without_keys(text), expected);
        check("known-1 known-1-longer", "known-1 known-1-longer");
        remember("known-1");
        std::thread::spawn(|| remember("known-1-longer\n")).join().unwrap();
        remember("known-1");
        remember("kn");
        remember("  \n   ");
        remember(r#"known"2\3"#);
        check("known-1 known-1-longer known-", "[redacted] [redacted] known-");
        check("knockn   \n   ", "knockn   \n   ");
        check(r#"{ "a": "known\"2\\3 known"2\3" }"#, r#"{ "a": "[redacted] [redacted]" }"#);
        let nested = serde_json::json!(serde_json::json!({ "a": r#"known"2\3"# }).to_string()).to_string();
        check(&nested, r#""{\"a\":\"[redacted]\"}""#);
        assert!(read(|all| all.iter().all(|key| !format!("{key:?}").contains("known"))));
    }
}
