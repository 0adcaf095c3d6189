//! What is told when, on logs as they grow: nothing that was sent may move, and nothing is lost.

use super::*;
use glossator_context::{Inputs, Reader, Regular, assemble};
use glossator_session::{InputPart, ItemId, Message, ToolError, TurnStatus, Usage};

/// What is told, with paths and texts as they are.
fn reminders(items: &[Item]) -> Vec<Reminder> {
    super::reminders(
        (&Ledger::default(), items),
        None,
        &Words { path: &|path| path.display().to_string(), redact: &str::to_owned },
    )
}

/// A log in short words: `u` the user, `a` an answer, `s` a script, `r` its result, `!` something told, `+n`/`-n`/`xn`/`?n` a
/// task that begins, ends, fails or is lost, `kn` a hunk that the user keeps, `.` the end of a turn, `>` the next round, `>>` the next turn.
fn log(words: &str) -> Vec<Item> {
    let (mut turn, mut round) = (1, 0);
    let mut items = Vec::new();
    for word in words.split_whitespace() {
        let task = |state| ItemBody::Task { id: CallId(format!("S{}", &word[1..])), state };
        let text = format!("{word}{}", items.len());
        let body = match &word[..1] {
            ">" => {
                (turn, round) = if word == ">>" { (turn + 1, 0) } else { (turn, round + 1) };
                continue;
            }
            "u" => {
                ItemBody::UserMessage { input: vec![InputPart::Text { text }], to: Vec::new(), queued: None }
            }
            "a" => ItemBody::Answer { text, raw: None },
            "s" => ItemBody::Script { id: CallId(format!("S{turn}-{round}")), source: text },
            "r" => ItemBody::ScriptOutput { script: CallId(format!("S{turn}-{round}")), text, ok: true },
            "!" => ItemBody::Context(ContextItem::Told { text: "told!".to_owned(), about: String::new() }),
            "+" => task(TaskState::Running { tool: "exec".to_owned(), line: "exec make all".to_owned() }),
            "-" => task(TaskState::Done {
                summary: "exit code 0".to_owned(),
                file_key: Some("K3".into()),
                bytes: 5,
            }),
            "x" => task(TaskState::Failed { error: ToolError::failed("no </tool-results>\nhere") }),
            "?" => task(TaskState::Lost),
            "k" => kept(&word[1..]),
            "." => ItemBody::TurnEnded {
                status: TurnStatus::Done,
                usage: Usage::default(),
                cost: None,
                message: None,
            },
            other => panic!("{other}"),
        };
        let id = ItemId(items.len() as u64 + 1);
        items.push(Item { id, turn: TurnId(turn), round, at: 0, agent: None, body });
    }
    items
}

fn kept(number: &str) -> ItemBody {
    use glossator_session::{ChangeState, HunkId, HunkPart, HunkRecord, HunkVerdict, ReviewedBy};
    let hunk = HunkRecord {
        id: HunkId(format!("C1.{number}")),
        path: "/w/a.rs".into(),
        part: HunkPart::Lines,
        base: String::new(),
        proposed: "secret\n".to_owned(),
        current: None,
        place: Default::default(),
        verdict: Some(HunkVerdict::Kept),
    };
    let state = ChangeState::Reviewed { hunks: vec![hunk], by: ReviewedBy::User };
    ItemBody::ChangeSet { id: "C1".into(), state }
}

fn sent(items: &[Item], current: u32) -> Vec<Message> {
    let prompt = assemble(&Inputs {
        layers: &[],
        native_tools: &[],
        items,
        current: TurnId(current),
        round: u32::MAX,
        reader: Reader { model: "m", wire: "w", sees_images: true, agent: None },
        folders: &[],
        reminders: &reminders(items),
        user_prompt_cap_chars: 1000,
        strategy: &Regular { percent: 0 },
    });
    prompt.messages
}

#[test]
fn what_comes_up_is_told_with_the_next_request() {
    let check = |words: &str, expected: &[(u32, u32)]| {
        let found: Vec<_> = reminders(&log(words)).iter().map(|one| (one.turn.0, one.round)).collect();
        assert_eq!(found, expected, "{words}");
    };
    check("u !", &[(1, 1)]);
    check("u ! > a s +1 r -1", &[(1, 1), (1, 2)]);
    check("u > a s +1 r > -1 a", &[(1, 3)]);
    // The turn ends with that answer: no more is sent in it.
    check("u > a s +1 r > -1 a .", &[]);
    check("u > a s +1 r > -1 a . >> u", &[(2, 1)]);
    check("u > a s +1 r -1 .", &[(1, 2)]);
    check("u > a s +1 r . -1", &[]);
    check("u > a s +1 r . -1 >> u", &[(2, 1)]);
    check("u > a s +1 r . >> -1 u > a", &[(2, 1)]);
    check("u > a s +1 r . >> u > -1 a", &[(2, 2)]);
    check("u > a s +1 r . >> u > -1 a .", &[]);
    check("u > a s +1 r . >> u > -1 a . >> u > a . >> u", &[(3, 1)]);
    // A round that was begun and not answered, or never sent.
    check("u > a s +1 r > -1 . >> u", &[(2, 1)]);
    check("u > a s +1 r -1 > . >> u", &[(1, 2)]);
    // A turn whose end was lost with its log.
    check("u > a s +1 r > a -1 >> u", &[(2, 1)]);
    check("u > a s +1 +2 r . ?1 x2 >> u", &[(2, 1), (2, 1)]);
    check("u > a s k1 r", &[(1, 2)]);
    check("u > a s r . k1", &[]);
    check("u > a s r . k1 k2 >> u", &[(2, 1), (2, 1)]);
    check("", &[]);
    check("-1 u", &[(1, 1)]);
}

#[test]
fn the_words_name_the_task_and_what_to_do() {
    let text = |words: &str| reminders(&log(words))[0].text.clone();
    assert_eq!(
        text("u > a s +1-1.2 r -1-1.2"),
        "task S1-1.2 (exec make all) is done: exit code 0. Its result: await tools.spawn.result(\"S1-1.2\"), or \
         tools.readFile({ fileKey: \"K3\" })."
    );
    assert_eq!(text("u > +1 x1"), "task S1 (exec make all) failed: ToolFailed: no </tool-results> here");
    assert!(text("u > +1 ?1").contains("task S1 (exec make all) is lost"));
    assert!(text("u > ?7").starts_with("task S7 is lost"));
    let long = TaskState::Failed { error: ToolError::failed("x".repeat(10_000)) };
    assert!(end_of_task(&"S1".into(), Some(("exec", &"y".repeat(10_000))), &long).len() < 1000);
}

/// Requests are sent when a round begins. Whatever comes up in between, each request of a turn begins with the messages of
/// the one before it, and every end of a task is told in the end, once.
#[test]
fn nothing_that_was_sent_moves_while_a_log_grows() {
    let check = |words: &str| {
        let mut before: Option<(u32, Vec<Message>)> = None;
        let mut turn = 1;
        let all: Vec<&str> = words.split_whitespace().collect();
        for at in 0..=all.len() {
            let so_far = all[..at].join(" ");
            match all.get(at) {
                Some(&">>") => turn += 1,
                Some(&">") => {
                    let now = sent(&log(&so_far), turn);
                    if let Some((last, messages)) = &before {
                        let most = if *last == turn { messages.len() } else { messages.len() - 1 };
                        let moved = (0..most).find(|index| messages.get(*index) != now.get(*index));
                        assert_eq!(moved, None, "{so_far}\nwas {messages:#?}\nis {now:#?}");
                    }
                    before = Some((turn, now));
                }
                _ => {}
            }
        }
        let ends = all.iter().filter(|word| word.starts_with(['-', 'x', '?'])).count();
        let last = format!("{:?}", sent(&log(words), turn));
        let decided: std::collections::BTreeSet<&&str> =
            all.iter().filter(|word| word.starts_with('k')).collect();
        assert_eq!(last.matches("<harness-note>hunk C1.").count(), decided.len(), "{words}\n{last}");
        assert_eq!(last.matches("<harness-note>task S").count(), ends, "{words}\n{last}");
    };
    let before = ["", "-1", "+2 -1", "-1 x2", "?1", "k7", "k8 -1"];
    for (one, two) in before.iter().flat_map(|one| before.iter().map(move |two| (one, two))) {
        if one.contains('1') && two.contains('1') {
            continue;
        }
        for words in [
            format!("u > a s +1 r {one} > a s r {two} > a . >> u > a . >> u"),
            format!("u > a s +1 r > {one} a s r > {two} a . >> u > a . >> u"),
            format!("u > a s +1 r > a {one} . {two} >> u > a . >> u"),
            format!("u > a s +1 r . >> {one} u > {two} a s r > a . >> u > a . >> u"),
            format!("u > a s +1 r . >> u {one} > a s r > {two} a . >> u > a . >> u"),
            format!("u > a s +1 r > {one} . >> u {two} > a . >> u"),
        ] {
            check(&words);
        }
    }
}

#[test]
fn what_the_results_tell_is_not_told_again() {
    let told = |words: &str| reminders(&log(words)).len();
    assert_eq!(told("u > a s +1-1.1 -1-1.1 r > a"), 0);
    assert_eq!(told("u > a s +1-1.1 r -1-1.1 > a"), 1);
    assert_eq!(told("u > a s +1-1.1 +2 -1-1.1 -2 r > a"), 1);
}

#[test]
fn much_at_once_is_counted() {
    let ends: String = (0..200).map(|n| format!("x{n} ")).collect();
    let all = reminders(&log(&format!("u > a s r {ends}> a s r -7 > a")));
    let places: std::collections::BTreeSet<u32> = all.iter().map(|one| one.round).collect();
    assert_eq!(places.len(), 2, "{all:#?}");
    let first: Vec<&Reminder> = all.iter().filter(|one| one.round == 2).collect();
    let bytes: usize = first.iter().map(|one| one.text.len()).sum();
    assert!(bytes < TOLD_BYTES + 200, "{bytes}");
    let counted: usize = first.last().unwrap().text.split(' ').next().unwrap().parse().unwrap();
    assert_eq!(counted + first.len() - 1, 200);
}
