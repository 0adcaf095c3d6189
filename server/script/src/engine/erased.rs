//! Scripts without their types, kept by the hash of their text, so that a script that comes again is not parsed again.
//! Takes no worker's word: what differs from the source in more than the eraser may blank is not kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use blake3::Hash;

/// All kept texts together, in bytes, and how many.
const MOST_BYTES: usize = 1024 * 1024;
const MOST: usize = 256;
/// What the eraser writes over ASCII: blanks, and marks that keep the meaning (see `erase`).
const MARKS: &[u8] = b" ;()0|";

/// The texts used last. Cheap to make.
#[derive(Default)]
pub struct Erased {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// The one used last at the end.
    texts: VecDeque<(Hash, Arc<str>)>,
    bytes: usize,
}

impl Erased {
    /// The script without its types, when it was kept.
    pub fn get(&self, source: &str) -> Option<Arc<str>> {
        let hash = blake3::hash(source.as_bytes());
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let place = kept.texts.iter().rposition(|(known, _)| *known == hash)?;
        let found = kept.texts.remove(place)?;
        let text = Arc::clone(&found.1);
        kept.texts.push_back(found);
        Some(text)
    }

    /// Keeps `erased` as the text of `source` without types; false, and nothing is kept, when it cannot be that.
    pub fn put(&self, source: &str, erased: &str) -> bool {
        if !is_erasure(source, erased) {
            return false;
        }
        let hash = blake3::hash(source.as_bytes());
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if !kept.texts.iter().any(|(known, _)| *known == hash) {
            kept.bytes += erased.len();
            kept.texts.push_back((hash, erased.into()));
        }
        while kept.bytes > MOST_BYTES || kept.texts.len() > MOST {
            let Some((_, oldest)) = kept.texts.pop_front() else { break };
            kept.bytes -= oldest.len();
        }
        true
    }
}

/// Whether `erased` is `source` with nothing but blanks and the eraser's marks in place of some characters: the same
/// length, lines and columns.
fn is_erasure(source: &str, erased: &str) -> bool {
    let new = erased.as_bytes();
    source.len() == erased.len()
        && source.char_indices().all(|(at, old)| {
            let bytes = &new[at..at + old.len_utf8()];
            let same = &source.as_bytes()[at..at + old.len_utf8()] == bytes;
            same || (!matches!(old, '\n' | '\r' | '\u{2028}' | '\u{2029}') && is_blank(bytes))
        })
}

fn is_blank(bytes: &[u8]) -> bool {
    let wide = ["\u{a0}", "\u{3000}", "\u{a0}\u{a0}"];
    bytes.iter().all(|byte| MARKS.contains(byte)) || wide.iter().any(|blank| blank.as_bytes() == bytes)
}

#[cfg(test)]
mod tests {
    use super::{Erased, MOST, MOST_BYTES, is_erasure};

    #[test]
    fn what_the_eraser_makes_is_an_erasure() {
        for source in [
            "interface A { é: '日本' }\nconst f = <T,\n>(x: T): T => x as T;\nreturn f<A>({ b: 2 } satisfies A)!",
            "const a = 1 as\nconst\ntype É = '😀';\n[1].map((x: number): number => x)",
            "class C<T> { private readonly x?: number = 1; declare y: string;\n [k: string]: any;\n z!: T }",
            "<any>{ a: 1 }; return <any\n>1",
            "function g(this: Window, a?: string): asserts a is string;\nfunction g(a) {}",
            "declare function h(): void; abstract class B { abstract m(): void }",
            "const g = async <T>(\nx: T)\n: Promise<\nT> => x",
        ] {
            let erased = crate::erase(source).unwrap();
            assert_ne!(erased, source);
            assert!(is_erasure(source, &erased), "{source}\n{erased}");
        }
        assert!(is_erasure("a é 😀", "a é 😀"));
    }

    #[test]
    fn anything_else_is_not() {
        for (source, erased) in [
            ("a", "b"),
            ("a", ""),
            ("a", "a "),
            ("", " "),
            ("a\nb", "a b"),
            ("a\u{2028}b", "a\u{3000}b"),
            ("éa", "aé"),
            ("ab", "é"),
            ("日", "é "),
            ("a b", "a;c"),
        ] {
            assert!(!is_erasure(source, erased), "{source:?} {erased:?}");
            let cache = Erased::default();
            assert!(!cache.put(source, erased));
            assert!(cache.get(source).is_none());
        }
    }

    #[test]
    fn the_texts_used_last_are_kept() {
        let cache = Erased::default();
        assert!(cache.put("let a: b", "let a   ") && cache.put("let a: b", "let a   "));
        for n in 0..MOST * 2 {
            let text = format!("{n}");
            assert!(cache.put(&text, &text));
            assert_eq!(cache.get("let a: b").as_deref(), Some("let a   "));
        }
        assert!(cache.get("0").is_none());
        let long = |n: usize| format!("{n:060000}");
        for n in 0..40 {
            assert!(cache.put(&long(n), &long(n)));
            let kept = cache.kept.lock().unwrap();
            assert!(kept.bytes <= MOST_BYTES);
            assert_eq!(kept.bytes, kept.texts.iter().map(|(_, text)| text.len()).sum::<usize>());
        }
        assert!(cache.get(&long(39)).is_some() && cache.get(&long(0)).is_none());
        let huge = "x".repeat(MOST_BYTES + 1);
        assert!(cache.put(&huge, &huge));
        assert!(cache.get(&huge).is_none());
    }
}
