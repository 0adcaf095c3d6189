//! The documents that show a request, the board and the cabinet. Pure.

use crate::context::usage::usd;
use glossator_protocol_ext as ext;
use serde::de::IgnoredAny;
use serde_json::Value;
use std::fmt::Write;

/// What was sent, for people: its figures, its pieces with their tokens, and the body.
pub fn sent(sent: &ext::SentContextResult) -> String {
    let request = &sent.request;
    let usage = &request.usage;
    let mut out = format!("# {} round {}: what {} was sent\n\n", sent.turn_id, sent.round, request.model);
    let cost = request.cost.as_ref().map(|cost| format!(", {}", usd(cost.micro_usd))).unwrap_or_default();
    let _ = writeln!(
        out,
        "{} bytes over `{}`, {} tokens estimated; counted by the provider: {} in, {} from its cache, {} into it, {} \
         out{cost}; {:.1} s.\n",
        request.bytes,
        request.wire,
        request.estimated,
        usage.input,
        usage.cache_read,
        usage.cache_write,
        usage.output,
        request.millis as f64 / 1000.0
    );
    if let Some(error) = &request.error {
        let _ = writeln!(out, "It failed: {error}\n");
    }
    let parameters = beside(&request.parameters);
    if !parameters.is_empty() {
        let _ = writeln!(out, "Beside the prompt: {}.\n", parameters.join(", "));
    }
    pieces(&mut out, &sent.pieces);
    let exact = match sent.exact {
        true => "This is byte for byte what was sent, but for line breaks and blanks between its parts.",
        false => "It could not be made again byte for byte; this is close to it.",
    };
    let _ = writeln!(out, "# The body\n\n{exact}\n");
    fenced(&mut out, "json", &readable(&sent.body));
    out
}

/// What a request said beside its prompt: each parameter and its value. Other members say how it was made.
fn beside(parameters: &Value) -> Vec<String> {
    let given = parameters["as"].as_object().into_iter().flatten();
    given.map(|(name, value)| format!("{name} `{}`", value.to_string().replace('`', "'"))).collect()
}

/// JSON with line breaks and blanks between its parts, and not a byte otherwise changed; what is none, as it is.
fn readable(body: &str) -> String {
    if serde_json::from_str::<IgnoredAny>(body).is_err() {
        return body.to_owned();
    }
    let (mut out, mut depth, mut in_text, mut escaped) = (String::new(), 0, false, false);
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    for c in body.chars() {
        if in_text {
            out.push(c);
            in_text = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        if matches!(c, '}' | ']') {
            depth = usize::saturating_sub(depth, 1);
            line(&mut out, depth);
        }
        out.push(c);
        match c {
            '{' | '[' => {
                depth += 1;
                line(&mut out, depth);
            }
            ',' => line(&mut out, depth),
            '"' => in_text = true,
            _ => {}
        }
    }
    out
}

/// What would be sent.
pub fn preview(preview: &ext::PreviewContextResult) -> String {
    let mut out = format!("# What {} would be sent\n\n", preview.model);
    let window = preview.window.map(|window| format!(" of a window of {window}")).unwrap_or_default();
    let cost = preview.estimated_cost.as_ref();
    let cost = cost.map(|cost| format!(", {} without a cache", usd(cost.micro_usd))).unwrap_or_default();
    let _ = writeln!(
        out,
        "No request was sent yet in this session. The next one, without its prompt: about {} tokens{window}{cost}.\n",
        preview.tokens
    );
    pieces(&mut out, &preview.pieces);
    out
}

fn pieces(out: &mut String, pieces: &[ext::ContextPiece]) {
    out.push_str("| | layer | origin | tokens | bytes |\n|---|---|---|---|---|\n");
    for (number, piece) in (1..).zip(pieces) {
        let _ = writeln!(
            out,
            "| {number} | {} | {} | {} | {} |",
            piece.layer,
            if piece.origin == piece.layer { "" } else { &piece.origin },
            piece.tokens,
            piece.text.len()
        );
    }
    out.push('\n');
    for (number, piece) in (1..).zip(pieces) {
        let origin = if piece.origin == piece.layer { String::new() } else { format!("{}, ", piece.origin) };
        let _ = writeln!(out, "## {number}. {} ({origin}{} tokens)\n", piece.layer, piece.tokens);
        fenced(out, "", &piece.text);
    }
}

/// A block whose fence is longer than any in the text.
fn fenced(out: &mut String, language: &str, text: &str) {
    let longest = text.split(|it| it != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let _ = writeln!(out, "{fence}{language}\n{text}{end}{fence}\n");
}

/// The board.
pub fn board(entries: &[ext::BoardEntry]) -> String {
    let mut out = String::from(
        "# Announcement board\n\nWhat the model is shown for some turns: pages, finished tasks, documents of the cabinet, \
         notes.\n\n",
    );
    if entries.is_empty() {
        out.push_str("It is empty. The model posts on it (`tools.board.post`), and so do finished tasks.\n");
    }
    for entry in entries {
        let source = serde_json::to_value(entry.source).unwrap_or_default();
        let source = source.as_str().unwrap_or_default();
        let turns = if entry.turns == 1 { "1 turn" } else { &format!("{} turns", entry.turns) };
        let key = match &entry.key {
            Some(key) => format!(", all of it ({} bytes) under `{key}`", entry.bytes),
            None => String::new(),
        };
        let title = entry.title.replace('\n', " ");
        let _ = writeln!(out, "## {} {title}\n\nFrom: {source}, for {turns}{key}.\n", entry.id);
        fenced(&mut out, "", &entry.text);
    }
    out
}

/// The cabinet; `ago` says how long ago something was.
pub fn cabinet(list: &ext::ListCabinetResult, ago: impl Fn(i64) -> String) -> String {
    let mut out = String::from(
        "# Filing cabinet\n\nDocuments of this workspace, kept for 30 days. The model reads one with \
         `tools.fetchFromFC({ fileKey: \"F1\" })`.\n\n",
    );
    if list.documents.is_empty() {
        out.push_str("It is empty. The model saves in it with `tools.saveToFC`.\n");
    } else {
        out.push_str("| key | note | bytes | saved |\n|---|---|---|---|\n");
    }
    for one in &list.documents {
        let note = one.note.replace(['\n', '|'], " ");
        let _ = writeln!(out, "| {} | {note} | {} | {} |", one.key, one.bytes, ago(one.saved_at));
    }
    for problem in &list.problems {
        let _ = writeln!(out, "\n> {}", problem.replace('\n', " "));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_text_never_breaks_its_fence() {
        for text in ["a", "a\n", "```\nb\n````", "`", ""] {
            let mut out = String::new();
            fenced(&mut out, "json", text);
            let fence = out.lines().next().unwrap().trim_end_matches("json").to_owned();
            assert!(!text.contains(&fence), "{out}");
            assert_eq!(out.matches(&fence).count(), 2, "{out}");
        }
    }

    #[test]
    fn only_blanks_are_put_into_a_body() {
        for body in [
            r#"{"b":1,"a":[1.50,2e3,{}],"a":"x, y: {\\\"]}"}"#,
            r#"["\\","[",null]"#,
            "{}",
            r#""plain""#,
            "no json {",
        ] {
            let shown = readable(body);
            let mut left = shown.replace('\n', "");
            while left.contains("  ") {
                left = left.replace("  ", "");
            }
            assert_eq!(left, body, "{shown}");
        }
        assert_eq!(readable(r#"{"z":[1,2]}"#), "{\n  \"z\":[\n    1,\n    2\n  ]\n}");
    }

    #[test]
    fn pieces_and_body_are_shown() {
        let row = example();
        let page = sent(&row);
        assert!(page.starts_with("# T-1 round 1: what a/b was sent\n"), "{page}");
        assert!(page.contains("| 1 | instructions |  | 6 | 3 |\n"), "{page}");
        assert!(page.contains("## 1. instructions (6 tokens)\n"), "{page}");
        assert!(page.contains("Beside the prompt: max_tokens `4096`, thinking `{\"on\":true}`.\n"), "{page}");
        assert!(page.contains("{\n  \"a\":1\n}"), "{page}");
        assert!(page.contains("byte for byte what was sent, but"), "{page}");
        let page = sent(&ext::SentContextResult { exact: false, body: "no json".to_owned(), ..row });
        assert!(page.contains("could not be made again") && page.contains("no json"), "{page}");
    }

    fn example() -> ext::SentContextResult {
        let piece = |layer: &str, text: &str| ext::ContextPiece {
            layer: layer.to_owned(),
            origin: layer.to_owned(),
            text: text.to_owned(),
            tokens: 6,
        };
        ext::SentContextResult {
            turn_id: "T-1".to_owned(),
            round: 1,
            request: ext::SentRequest {
                model: "a/b".to_owned(),
                wire: "messages".to_owned(),
                parameters: json!({ "upto": 3, "as": { "max_tokens": 4096, "thinking": { "on": true } } }),
                usage: ext::Usage::default(),
                cost: None,
                millis: 1200,
                bytes: 9,
                estimated: 6,
                error: None,
            },
            body: "{\"a\":1}".to_owned(),
            exact: true,
            pieces: vec![piece("instructions", "```")],
        }
    }

    #[test]
    fn board_and_cabinet_say_when_they_are_empty() {
        assert!(board(&[]).contains("It is empty"));
        assert!(cabinet(&ext::ListCabinetResult::default(), |_| String::new()).contains("It is empty"));
        let entry = ext::BoardEntry {
            id: "B1".to_owned(),
            source: ext::BoardSource::Note,
            title: "Freeze\n# x".to_owned(),
            text: "Do not touch".to_owned(),
            key: None,
            bytes: 0,
            turns: 1,
        };
        assert!(board(&[entry]).contains("## B1 Freeze # x\n\nFrom: note, for 1 turn.\n"));
    }
}
