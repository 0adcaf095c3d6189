//! Series of turns as they may come: whatever the agent did, its turns go back one by one and forth again, to the letter;
//! and what the user typed stays whatever is decided.

use super::bench::Bench;
use crate::Resolution::{Keep, Reject, Reopen};
use glossator_text::FileChange;
use std::collections::{BTreeMap, BTreeSet};

/// Numbers that only depend on where they began.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap()
    }
}

const NAMES: [&str; 5] = ["a", "b", "in/c", "in/deep/d", "e"];

fn texts(bench: &Bench) -> BTreeMap<&'static str, String> {
    let text = |name: &&'static str| {
        let path = bench.path(name);
        let buffer = bench.overlay.by_path(&path).map(|buffer| buffer.text.to_string());
        Some((*name, buffer.or_else(|| bench.disk(name))?))
    };
    NAMES.iter().filter_map(text).collect()
}

fn some_text(dice: &mut Dice) -> String {
    (0..3 + dice.below(9)).map(|_| format!("line {}\n", dice.below(1000))).collect()
}

/// A change of a file that no other change of the same edit touches. A move leads to a name that no file has had.
fn change(bench: &Bench, dice: &mut Dice, busy: &mut BTreeSet<&'static str>) -> Option<FileChange> {
    let name = NAMES[dice.below(NAMES.len())];
    let to = NAMES[dice.below(NAMES.len())];
    let there = texts(bench);
    if !busy.insert(name) {
        return None;
    }
    let Some(text) = there.get(name) else { return Some(bench.create(name, &some_text(dice))) };
    let kind = dice.below(8);
    if kind == 0 {
        return Some(bench.delete(name));
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut edits: Vec<(String, String)> = Vec::new();
    let mut seen = BTreeSet::new();
    for _ in 0..dice.below(4) {
        let line = lines.get(dice.below(lines.len().max(1))).copied().unwrap_or_default();
        if lines.iter().filter(|other| **other == line).count() == 1 && seen.insert(line) {
            let new: String = (0..dice.below(3)).map(|_| format!("new {}\n", dice.below(1000))).collect();
            edits.push((line.to_owned(), new));
        }
    }
    let edits: Vec<(&str, &str)> = edits.iter().map(|(old, new)| (old.as_str(), new.as_str())).collect();
    let update = bench.update(name, &edits);
    let fresh = !bench.log_in_short().contains(&format!("{}\"", bench.path(to).display()));
    match kind == 1 && fresh && !there.contains_key(to) && busy.insert(to) {
        true => Some(bench.moved(update, to)),
        false if edits.is_empty() => None,
        false => Some(update),
    }
}

async fn some_turn(bench: &Bench, dice: &mut Dice) -> bool {
    let turn = bench.turn();
    let mut made = false;
    for _ in 0..1 + dice.below(3) {
        let mut busy = BTreeSet::new();
        let files: Vec<FileChange> =
            (0..1 + dice.below(3)).filter_map(|_| change(bench, dice, &mut busy)).collect();
        made |= !files.is_empty() && bench.commit(turn, files).await.is_ok();
    }
    bench.end(turn);
    made
}

async fn start(dice: &mut Dice) -> Bench {
    let (a, b) = (some_text(dice), some_text(dice));
    let bench = Bench::new(&[("a", a.as_str()), ("in/c", b.as_str())]);
    if dice.below(2) == 0 {
        bench.open("a");
    }
    bench
}

#[tokio::test]
async fn turns_go_back_one_by_one_and_forth_again() {
    for seed in 1..=40_u64 {
        let mut dice = Dice(seed * 7919);
        let mut bench = start(&mut dice).await;
        let mut known = vec![texts(&bench)];
        for _ in 0..4 {
            some_turn(&bench, &mut dice).await;
            known.push(texts(&bench));
            if dice.below(4) == 0 {
                bench.restart();
            }
        }
        // A turn that came to nothing is no step that an undo goes back.
        if known.windows(2).any(|pair| pair[0] == pair[1]) {
            continue;
        }
        for at in (0..known.len() - 1).rev() {
            let undone = bench.undo().await;
            assert_eq!(
                texts(&bench),
                known[at],
                "seed {seed}, back to {at}: {undone:#?} {}",
                bench.log_in_short()
            );
        }
        for (at, after) in known.iter().enumerate().skip(1) {
            let redone = bench.agent().redo_edits(&bench.id, None, bench.front.clone()).await;
            assert_eq!(
                &texts(&bench),
                after,
                "seed {seed}, forth to {at}: {redone:#?} {}",
                bench.log_in_short()
            );
        }
    }
}

/// Rejecting all that is open gives back what was there before the agent, but for what the user typed elsewhere.
#[tokio::test]
async fn rejecting_everything_gives_back_what_was_there() {
    for seed in 1..=40_u64 {
        let mut dice = Dice(seed * 104_729);
        let bench = start(&mut dice).await;
        let before = texts(&bench);
        for _ in 0..4 {
            some_turn(&bench, &mut dice).await;
        }
        // Where a file that had moved was deleted, its move is only open again once the file is back.
        let mut done = Vec::new();
        while let open = bench.views(false).await
            && !open.is_empty()
            && done.len() < 3
        {
            let ids: Vec<String> = open.iter().map(|view| view.id.0.clone()).collect();
            let all: Vec<_> = ids.iter().map(|id| (id.as_str(), Reject)).collect();
            done.push(super::bench::told(&bench.resolve(&all).await));
        }
        assert_eq!(texts(&bench), before, "seed {seed}: {done:#?} {}", bench.log_in_short());
        assert_eq!(bench.views(false).await, [], "seed {seed}: {}", bench.log_in_short());
    }
}

/// What was kept stays until its turn is undone, and a line of the user's is never lost.
#[tokio::test]
async fn the_users_lines_stay_whatever_is_decided() {
    for seed in 1..=30_u64 {
        let mut dice = Dice(seed * 15_485_863);
        let bench = start(&mut dice).await;
        let mut mine = 0;
        for _ in 0..5 {
            some_turn(&bench, &mut dice).await;
            let names: Vec<&str> = texts(&bench).into_keys().collect();
            if let Some(name) = names.get(dice.below(names.len().max(1))) {
                let mut lines: Vec<String> =
                    texts(&bench)[name].split_inclusive('\n').map(str::to_owned).collect();
                lines.insert(dice.below(lines.len() + 1), format!("mine {mine}\n"));
                mine += 1;
                match bench.overlay.by_path(&bench.path(name)) {
                    Some(_) => bench.type_over(name, &lines.concat()),
                    None => bench.write(name, &lines.concat()),
                }
            }
            let typed = |bench: &Bench| -> BTreeSet<String> {
                let all: String = texts(bench).into_values().collect();
                all.split_inclusive('\n').filter(|line| line.starts_with("mine")).map(str::to_owned).collect()
            };
            let there = typed(&bench);
            let views = bench.views(false).await;
            let whole: Vec<_> = views.iter().filter(|view| view.text.is_some()).collect();
            if let Some(view) = whole.get(dice.below(whole.len().max(1))) {
                let inside = view.current.split_inclusive('\n').any(|line| line.starts_with("mine"));
                let id = view.id.0.clone();
                let what = if dice.below(2) == 0 || inside { Keep } else { Reject };
                bench.resolve(&[(&id, what)]).await;
                assert!(typed(&bench).is_superset(&there), "seed {seed}: {id}");
            }
            if dice.below(2) == 0 {
                let undone = bench.agent().undo_edits(&bench.id, None, bench.front.clone()).await;
                assert!(typed(&bench).is_superset(&there), "seed {seed}: {undone:#?}");
                if dice.below(2) == 0 && undone.is_ok_and(|report| !report.files.is_empty()) {
                    let before = texts(&bench);
                    // Nothing to redo where nothing could be undone.
                    let _ = bench.agent().redo_edits(&bench.id, None, bench.front.clone()).await;
                    let lost: Vec<_> = there.difference(&typed(&bench)).cloned().collect();
                    let after = texts(&bench);
                    assert!(
                        lost.is_empty(),
                        "seed {seed}: {lost:?} {before:#?} {after:#?} {}",
                        bench.log_in_short()
                    );
                }
            }
        }
    }
}

/// Rejecting all that is open and opening it again gives back what stood there, with what the user wrote into it.
#[tokio::test]
async fn what_was_rejected_comes_back() {
    for seed in 1..=60_u64 {
        let mut dice = Dice(seed * 32_452_843);
        let bench = start(&mut dice).await;
        for turn in 0..3 {
            some_turn(&bench, &mut dice).await;
            let names: Vec<&str> = texts(&bench).into_keys().collect();
            if let Some(name) = names.get(dice.below(names.len().max(1))) {
                let mut lines: Vec<String> =
                    texts(&bench)[name].split_inclusive('\n').map(str::to_owned).collect();
                lines.insert(dice.below(lines.len() + 1), format!("mine {turn}\n"));
                match bench.overlay.by_path(&bench.path(name)) {
                    Some(_) => bench.type_over(name, &lines.concat()),
                    None => bench.write(name, &lines.concat()),
                }
            }
        }
        let before = texts(&bench);
        let open = bench.views(false).await;
        let all = |what: &crate::Resolution| -> Vec<(String, crate::Resolution)> {
            open.iter().map(|view| (view.id.0.clone(), what.clone())).collect()
        };
        let resolve = async |all: Vec<(String, crate::Resolution)>| {
            let all: Vec<_> = all.iter().map(|(id, what)| (id.as_str(), what.clone())).collect();
            super::bench::told(&bench.resolve(&all).await)
        };
        let rejected = resolve(all(&Reject)).await;
        let again = resolve(all(&Reopen)).await;
        assert_eq!(texts(&bench), before, "seed {seed}: {rejected:#?} {again:#?} {}", bench.log_in_short());
    }
}
