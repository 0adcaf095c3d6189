//! Exact counts by OpenAI's own vocabularies. Each takes a third of a second and 40 MB when it is first used.

use super::Family;

/// The number of tokens, where the family's vocabulary is known.
pub(super) fn count(text: &str, family: Family) -> Option<u64> {
    let vocabulary = match family {
        Family::O200k => tiktoken_rs::o200k_base_singleton(),
        Family::Cl100k => tiktoken_rs::cl100k_base_singleton(),
        Family::Claude | Family::Claude5 | Family::Gemini | Family::Open => return None,
    };
    u64::try_from(vocabulary.encode_ordinary(text).len()).ok()
}
