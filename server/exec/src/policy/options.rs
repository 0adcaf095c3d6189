//! Owns the matching of one word against a pattern of the policy tables. Pure.
//!
//! Patterns: `-o` a letter anywhere in a cluster (`-rof`); `--output` that option, also shortened or with a value;
//! `-exec` (a longer single-dash word) and `drop` exactly that word; `+*` every word that starts so.

/// Whether `word` is what `pattern` describes.
pub(crate) fn matches(pattern: &str, word: &str) -> bool {
    if let Some(start) = pattern.strip_suffix('*') {
        return word.starts_with(start);
    }
    if pattern.len() > 2 && pattern.starts_with("--") {
        let name = word.split('=').next().unwrap_or(word);
        return name.len() > 2 && name.starts_with("--") && pattern.starts_with(name);
    }
    match (pattern.strip_prefix('-'), word.strip_prefix('-')) {
        (Some(letter), Some(cluster)) if letter.len() == 1 && letter != "-" => {
            !cluster.starts_with('-') && cluster.contains(letter)
        }
        _ => pattern == word,
    }
}

/// The first of `patterns` that any of `words` matches.
pub(crate) fn any_match<'p>(patterns: &[&'p str], words: &[&str]) -> Option<&'p str> {
    patterns.iter().find(|pattern| words.iter().any(|word| matches(pattern, word))).copied()
}

/// A word that is an option to most programs.
pub(crate) fn is_option(word: &str) -> bool {
    word.len() > 1 && word.starts_with('-')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        for (pattern, word, expected) in [
            ("-f", "-f", true),
            ("-f", "-rf", true),
            ("-f", "--f", false),
            ("-f", "f", false),
            ("-f", "-", false),
            ("--force", "--force", true),
            ("--force", "--for", true),
            ("--force", "--force=x", true),
            ("--force", "--force-with-lease", false),
            ("--force", "--", false),
            ("--force*", "--force-with-lease", true),
            ("--", "--", true),
            ("--", "--x", false),
            ("-exec", "-exec", true),
            ("-exec", "-execdir", false),
            ("drop", "drop", true),
            ("+*", "+main", true),
            (".", ".", true),
        ] {
            assert_eq!(matches(pattern, word), expected, "{pattern} {word}");
        }
    }
}
