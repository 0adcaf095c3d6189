//! The record of a script's calls: each in a line, many that only looked together, failures and effects before all else.

use super::{CallLine, one_line};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Calls of one tool that only looked and went well: so many are listed, and the others counted.
const LISTED: usize = 5;
/// Bytes of the call and of its outcome: the longest with which all lines fit.
const WIDTHS: [usize; 3] = [400, 160, 60];
/// Bytes kept free for the lines that count what is not listed.
const COUNTS: usize = 2 * 1024;
/// Tools that such a line names.
const NAMED: usize = 20;

/// Writes the record into `text`, in about `room` bytes.
pub fn calls(text: &mut String, calls: &[CallLine], dry: bool, room: usize) {
    if calls.is_empty() {
        return;
    }
    text.push_str(if dry { "calls it would make:\n" } else { "calls:\n" });
    let (told, folded) = fold(calls);
    let room = room - COUNTS;
    let lines = |width| told.iter().map(|call| line(call, dry, width)).collect::<Vec<String>>();
    let length = |lines: &[String]| lines.iter().map(String::len).sum::<usize>();
    let widths = WIDTHS.into_iter().map(lines);
    let lines =
        widths.reduce(|wide, narrow| if length(&wide) <= room { wide } else { narrow }).unwrap_or_default();
    let shown = chosen(&told, &lines, room);
    for (line, _) in lines.iter().zip(&shown).filter(|(_, shown)| **shown) {
        text.push_str(line);
    }
    if !folded.is_empty() {
        let _ = writeln!(text, "  and {}, all ok", counted(&folded));
    }
    let hidden = || told.iter().zip(&shown).filter(|(_, shown)| !**shown).map(|(call, _)| *call);
    for (ok, how) in [(true, "ok"), (false, "failed")] {
        let some: Vec<&CallLine> = hidden().filter(|call| call.outcome.is_ok() == ok).collect();
        if !some.is_empty() {
            let _ = writeln!(text, "  (left out for length: {}, all {how})", counted(&some));
        }
    }
}

/// The calls that are told one by one, and those that are counted.
fn fold(calls: &[CallLine]) -> (Vec<&CallLine>, Vec<&CallLine>) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let quiet = |call: &&CallLine| call.looks && call.outcome.is_ok() && !call.orphaned;
    let all = calls.iter().filter(quiet).fold(BTreeMap::<&str, usize>::new(), |mut all, call| {
        *all.entry(&call.name).or_default() += 1;
        all
    });
    calls.iter().partition(|call| {
        // A count of one or two would save nothing.
        if !quiet(call) || all.get(call.name.as_str()).is_some_and(|all| *all <= LISTED + 2) {
            return true;
        }
        let seen = seen.entry(&call.name).or_default();
        *seen += 1;
        *seen <= LISTED
    })
}

/// Which lines there is room for: effects first, then failures, then the rest.
fn chosen(calls: &[&CallLine], lines: &[String], room: usize) -> Vec<bool> {
    let rank = |call: &CallLine| match (call.looks, call.outcome.is_ok()) {
        (false, _) => 0,
        (true, false) => 1,
        (true, true) => 2,
    };
    let mut order: Vec<usize> = (0..calls.len()).collect();
    order.sort_by_key(|at| rank(calls[*at]));
    let mut shown = vec![false; calls.len()];
    let mut left = room;
    for at in order {
        let Some(rest) = left.checked_sub(lines[at].len()) else { break };
        left = rest;
        shown[at] = true;
    }
    shown
}

fn line(call: &CallLine, dry: bool, width: usize) -> String {
    let said = match &call.outcome {
        Ok(would) if dry => one_line(would, width),
        Ok(summary) => format!("ok: {}", one_line(summary, width)),
        Err(error) => format!("failed: {}", one_line(error, width)),
    };
    let orphan = match (call.orphaned, call.name.as_str()) {
        (false, _) => "",
        // A wait says itself that the task goes on.
        (true, "spawn.wait") => "",
        (true, _) => "; still running when the script ended, and then cancelled",
    };
    format!("  {}. {} -> {said}{orphan} ({} ms)\n", call.number, one_line(&call.line, width), call.millis)
}

/// `35 more readFile, 2 more grepFiles`
fn counted(calls: &[&CallLine]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for call in calls {
        *counts.entry(&call.name).or_default() += 1;
    }
    let named = counts.iter().take(NAMED).map(|(name, count)| format!("{count} more {}", one_line(name, 60)));
    let mut named: Vec<String> = named.collect();
    if counts.len() > NAMED {
        let others: usize = counts.values().skip(NAMED).sum();
        named.push(format!("{others} more of {} other tools", counts.len() - NAMED));
    }
    named.join(", ")
}
