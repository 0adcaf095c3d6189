//! Which known names look like an unknown one, for "did you mean". Pure.

/// Up to three of `known` that resemble `name`, nearest first.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = name.to_lowercase();
    let last = wanted.rsplit('.').next().unwrap_or_default().to_owned();
    let mut scored: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let tail = lower.rsplit('.').next().unwrap_or_default();
            let whole = distance(&wanted, &lower);
            let close = whole.min(distance(&last, tail) + 1);
            let inside = last.len() >= 3 && (tail.contains(&last) || last.contains(tail));
            let score = if inside { close.min(2) } else { close };
            (score <= 2.max(wanted.chars().count() / 3)).then_some((score, candidate))
        })
        .collect();
    scored.sort();
    scored.into_iter().take(3).map(|(_, candidate)| candidate).collect()
}

/// Edits (insert, delete, replace) between two names; names are cut at 64 characters.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(64).collect();
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, &left) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, &right) in b.iter().enumerate() {
            let replaced = corner + usize::from(left != right);
            corner = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn names_that_resemble_come_nearest_first() {
        let known = [
            "readFile",
            "listDir",
            "grepFiles",
            "applyPatch",
            "exec",
            "agents.launch",
            "agents.launch.async",
        ];
        for (name, wanted) in [
            ("readfile", vec!["readFile"]),
            ("readFiles", vec!["readFile", "grepFiles"]),
            ("read", vec!["readFile"]),
            ("patch", vec!["applyPatch"]),
            ("launch", vec!["agents.launch"]),
            ("agent.launch", vec!["agents.launch"]),
            ("exce", vec!["exec"]),
            ("somethingElse", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(nearest(name, known), wanted, "{name}");
        }
    }
}
