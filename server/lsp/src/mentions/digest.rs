//! Another session in few words, for a prompt that mentions it: its latest prompts and answers. Pure.

use crate::words::cut;
use glossator_agent::Page;
use glossator_session::{InputPart, Item, ItemBody};
use std::fmt::Write;

/// Characters of a prompt and of an answer that are told.
const PROMPT: usize = 1000;
const ANSWER: usize = 2000;

/// The turns of `page`, oldest first: what was asked, and what was answered last.
pub fn session(page: &Page) -> String {
    let mut out = format!("Session {}: {}\n", page.head.id, page.head.title);
    if page.more {
        out.push_str("(earlier turns are left out)\n");
    }
    for items in page.items.chunk_by(|one, other| one.turn == other.turn) {
        let prompt = items.iter().find_map(prompt);
        let answer = items.iter().rev().find_map(answer);
        let (Some(turn), true) = (items.first().map(|item| item.turn), prompt.is_some() || answer.is_some())
        else {
            continue;
        };
        if let Some(prompt) = prompt {
            let _ = writeln!(out, "\n{turn} user: {}", cut(prompt.trim(), PROMPT));
        }
        if let Some(answer) = answer {
            let _ = writeln!(out, "\n{turn} answer: {}", cut(answer.trim(), ANSWER));
        }
    }
    out
}

fn prompt(item: &Item) -> Option<String> {
    let ItemBody::UserMessage { input, .. } = &item.body else { return None };
    let words = input.iter().filter_map(|part| match part {
        InputPart::Text { text } => Some(text.as_str()),
        _ => None,
    });
    Some(words.collect::<Vec<_>>().join("\n"))
}

fn answer(item: &Item) -> Option<&str> {
    match &item.body {
        ItemBody::Answer { text, .. } if !text.trim().is_empty() => Some(text),
        _ => None,
    }
}
