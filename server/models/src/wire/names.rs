//! Names as a wire allows them: short, letters, digits, `_` and `-`. Deterministic, and back again.

use std::collections::HashMap;

/// Longest name that every provider takes.
const LONGEST: usize = 64;

/// A two-way map between our names (`agents.launch.sync`) and those of a wire (`agents__launch__sync`).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WireNames {
    ours: HashMap<String, String>,
    wires: HashMap<String, String>,
}

impl WireNames {
    /// The wire's name for `ours`, unlike every other given out; the same each time it is asked for.
    pub(crate) fn add(&mut self, ours: &str) -> String {
        match self.ours.get(ours) {
            Some(wire) => wire.clone(),
            None => self.add_another(ours),
        }
    }

    /// A new name for another thing that is also called `ours`.
    pub(crate) fn add_another(&mut self, ours: &str) -> String {
        let plain = sanitize(ours);
        let mut wire = plain.clone();
        let mut number = 1_usize;
        while self.wires.contains_key(&wire) {
            number += 1;
            let tail = format!("_{number}");
            wire = format!("{}{tail}", &plain[..plain.len().min(LONGEST - tail.len())]);
        }
        self.ours.insert(ours.to_owned(), wire.clone());
        self.wires.insert(wire.clone(), ours.to_owned());
        wire
    }

    /// Our name for what a model called `wire`; a name that was never given out stays as it is.
    pub(crate) fn ours(&self, wire: &str) -> String {
        self.wires.get(wire).map_or(wire, String::as_str).to_owned()
    }

    /// The wire's name for `ours`, also where it was never given out (a tool of an earlier turn that is gone).
    pub(crate) fn wire(&self, ours: &str) -> String {
        self.ours.get(ours).cloned().unwrap_or_else(|| sanitize(ours))
    }
}

/// ASCII only, so that it may be cut at any byte.
fn sanitize(name: &str) -> String {
    let mut wire = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' => wire.push(character),
            '.' => wire.push_str("__"),
            _ => wire.push('_'),
        }
    }
    wire.truncate(LONGEST);
    if wire.is_empty() { "_".to_owned() } else { wire }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_stay_apart_and_come_back() {
        let long = "x".repeat(80);
        let rows = [
            ("readFile", "readFile"),
            ("agents.launch.sync", "agents__launch__sync"),
            ("agents__launch.sync", "agents__launch__sync_2"),
            ("größe", "gr__e"),
            ("", "_"),
            (long.as_str(), &long[..64]),
            (&long[..79], &format!("{}_2", &long[..62])),
        ];
        let mut names = WireNames::default();
        for (ours, wire) in rows {
            assert_eq!(names.add(ours), wire);
            assert_eq!(names.add(ours), wire, "asked twice");
            assert_eq!(names.ours(wire), ours);
            assert_eq!(names.wire(ours), wire);
        }
        assert_eq!(names.ours("neverGiven"), "neverGiven");
        assert_eq!(names.wire("gone.tool"), "gone__tool");
    }

    #[test]
    fn the_same_name_may_stand_for_two_things() {
        let mut ids = WireNames::default();
        assert_eq!(ids.add_another("call_0"), "call_0");
        assert_eq!(ids.add_another("call_0"), "call_0_2");
        assert_eq!(ids.wire("call_0"), "call_0_2");
    }
}
