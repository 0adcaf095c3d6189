//! Which known names look like an unknown one, for "did you mean". Pure.

/// Characters of a name that are compared.
const COMPARED: usize = 64;

/// Up to three of `known`, nearest first; always three where there are three.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted: Vec<char> = chars(name);
    let mut scored: Vec<(usize, &str)> = known.map(|other| (score(&wanted, other), other)).collect();
    scored.sort();
    scored.into_iter().take(3).map(|(_, other)| other).collect()
}

/// The one of `known` that `name` was probably meant to be.
pub fn meant<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = chars(name);
    let near = 2.max(wanted.len() / 3);
    let best = known.map(|other| (score(&wanted, other), other)).min()?;
    (best.0 <= near && best.0 < wanted.len()).then_some(best.1)
}

/// `; did you mean …?`, or nothing.
pub fn hint<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    meant(name, known).map(|other| format!("; did you mean `{other}`?")).unwrap_or_default()
}

/// Edits between two names without their case; a name that holds the other counts as near.
fn score(wanted: &[char], other: &str) -> usize {
    let other = chars(other);
    let edits = distance(wanted, &other);
    let (short, long) = if wanted.len() < other.len() { (wanted, &other[..]) } else { (&other[..], wanted) };
    let inside = short.len() >= 3 && long.windows(short.len()).any(|part| part == short);
    if inside { edits.min(2) } else { edits }
}

fn chars(name: &str) -> Vec<char> {
    name.chars().take(COMPARED).flat_map(char::to_lowercase).collect()
}

/// Insertions, deletions and replacements that make one of the other.
pub fn distance(left: &[char], right: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let change = corner + usize::from(a != b);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(corner + 1);
        }
    }
    row[right.len()]
}
