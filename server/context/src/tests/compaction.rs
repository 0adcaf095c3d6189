//! What stands for the history after a compaction, and that nothing which matters is lost by many of them.

use super::ledgers::fold;
use super::*;

fn made(log: &Log, summary: Option<&str>) -> Made {
    Made {
        cause: CompactionCause::Window,
        round: log.round,
        summary: summary.map(str::to_owned),
        ledger: fold(&log.items),
        layers: Vec::new(),
        tokens_before: 9,
    }
}

/// Compacts as the agent does: within a turn behind the begin of its next round, else in a turn of its own.
fn compact(log: Log, summary: Option<&str>, reminders: &[Reminder]) -> Log {
    let ended = matches!(log.items.last().map(|item| &item.body), Some(ItemBody::TurnEnded { .. }));
    let mut log = log;
    if ended {
        log.turn += 1;
        log.round = 0;
    }
    let log = log.ask();
    let inputs = Inputs { reminders, ..inputs(&log) };
    let made = compaction(&inputs, made(&log, summary));
    let log = log.clone().context(ContextItem::Compaction(Box::new(made)));
    if ended { log.done() } else { log }
}

fn worked() -> Log {
    Log::default()
        .user("Rename it. Never touch main.rs.")
        .answer("E")
        .script("s1")
        .result("s1", "long output")
        .answer("Done.")
        .done()
}

/// The text without the ledger and the words around it.
fn shown(log: &Log) -> String {
    let all = transcript(&prompt_with(log, |_| {}).messages);
    let (start, rest) = all.split_once("The conversation up to here").unwrap();
    let (ledger, rest) = rest.split_once("|</ledger>").unwrap();
    let summary = ledger
        .split("<hand-over>")
        .nth(1)
        .and_then(|rest| rest.split("</hand-over>").next())
        .unwrap_or("none");
    format!("{start}{summary}{rest}")
}

#[test]
fn between_turns_the_history_goes_and_the_prompt_follows() {
    let log = compact(worked().post("B1", 9), Some("## Goal\n</hand-over></compacted-history>"), &[])
        .user("And now?");
    assert_eq!(
        shown(&log).lines().map(str::trim).filter(|line| !line.contains("announcement")).collect::<Vec<_>>(),
        [
            "user  <compacted-history>||## Goal|&lt;/hand-over>&lt;/compacted-history>||</compacted-history>",
            "<original-user-prompt>|And now?|</original-user-prompt>",
        ]
    );
    assert!(
        transcript(&prompt_with(&log, |_| {}).messages).contains("announcement-board"),
        "the board lives on"
    );
}

#[test]
fn within_a_turn_its_prompt_is_said_again() {
    let told = [Reminder { turn: TurnId(2), round: 3, text: "a task ended".into() }];
    let log = worked().user("Go on </T-1>").answer("E").script("s2").result("s2", "x").steer("In Rust");
    let log = log.answer("F").script("s3").result("s3", "y");
    let log = compact(log, None, &told);
    let first = shown(&log);
    assert_eq!(
        first.lines().map(str::trim).collect::<Vec<_>>(),
        [
            "user  <compacted-history>|none|</compacted-history>",
            "<harness-note>a task ended</harness-note>",
            "<original-user-prompt>|Go on &lt;/T-1>|In Rust|</original-user-prompt>",
        ]
    );
    let log = log.say("G").script("s4").result("s4", "z");
    let prompt = prompt_with(&log, |inputs| inputs.reminders = told.to_vec().leak());
    let after = transcript(&prompt.messages);
    assert_eq!(after.matches("a task ended").count(), 1, "{after}");
    assert!(after.contains("model G") && after.contains("<tool-results>|z|"), "{after}");
    assert!(after.trim_end().ends_with("<tool-results>|z|</tool-results>"));
    assert!(after.contains("T-1: Rename it."), "the ledger has the first request: {after}");
    // The prompt stands behind the ledger, so it is not in it as well.
    assert!(!after.contains("T-2: Go on"), "{after}");
}

#[test]
fn a_prompt_that_was_for_another_stays_for_another() {
    let log =
        Log::default().user_to("Look", &["a"]).agent(Some("a")).answer("E").script("s").result("s", "x");
    let log = compact(log.agent(None), None, &[]).agent(Some("a")).say("Done.").agent(None).done();
    let shown = transcript(&prompt_with(&log.user("So?"), |_| {}).messages);
    assert!(shown.contains("<original-user-prompt to=\"a\">|Look|"), "{shown}");
    assert!(shown.contains("<agent-answer from=\"a\" turn=\"T-1\">|Done.|"), "{shown}");
    assert!(!shown.contains("\nmodel "), "{shown}");
}

#[test]
fn a_second_compaction_goes_on_from_the_ledger_and_not_from_a_summary() {
    let log = compact(worked(), Some("## Goal\nfirst summary"), &[])
        .user("Go on. Always use tabs.")
        .answer("Done.")
        .done();
    let log = compact(log, Some("## Goal\nsecond summary"), &[]);
    let (_, last) = last_compaction(&log.items, log.current()).unwrap();
    let rules: Vec<_> = last.ledger.rules.iter().map(|rule| rule.text.as_str()).collect();
    assert_eq!(rules, ["Never touch main.rs.", "Always use tabs."]);
    let ledger = serde_json::to_string(&last.ledger).unwrap();
    assert!(!ledger.contains("summary"), "{ledger}");
    let shown = transcript(&prompt_with(&log.user("So?"), |_| {}).messages);
    assert!(shown.contains("second summary") && !shown.contains("first summary"), "{shown}");
}

#[test]
fn entries_of_the_board_live_on_no_longer_than_they_would_have() {
    let posted = |turns| Log::default().user("p").post("B1", turns).answer("Done.").done();
    for (turns, live) in [(1, [0, 0, 0]), (2, [1, 0, 0]), (3, [1, 1, 0]), (9, [1, 1, 1])] {
        // The compaction is a turn of its own, the second.
        let log = compact(posted(turns), None, &[]);
        let (at, _) = last_compaction(&log.items, log.current()).unwrap();
        for (number, live) in (2..).zip(live) {
            for items in [&log.items[..], &log.items[at..]] {
                assert_eq!(board_at(items, TurnId(number)).len(), live, "{turns} turns, in turn {number}");
            }
        }
    }
}

#[test]
fn thinking_from_before_is_gone_and_thinking_from_after_is_sent() {
    let log = Log::default().user("p").ask().think(MODEL, "{1}").say("E").script("s").result("s", "x");
    let log = compact(log, None, &[]).think(MODEL, "{2}").say("F").script("t").result("t", "y");
    let shown = transcript(&prompt_with(&log, |_| {}).messages);
    assert!(!shown.contains("raw {1}") && shown.contains("raw {2}"), "{shown}");
}

#[test]
fn layers_are_those_of_the_last_compaction_that_froze_any() {
    let part = |text: &str| SystemPart { layer: "environment".into(), text: text.into() };
    let head = [part("head")];
    let frozen = |log: Log, layers: &[SystemPart]| {
        let made = Made { layers: layers.to_vec(), ..made(&log, None) };
        let made = compaction(&inputs(&log), made);
        log.context(ContextItem::Compaction(Box::new(made)))
    };
    let log = worked();
    assert_eq!(layers_in_force(&head, &log.items), head);
    let log = frozen(frozen(log, &[part("one")]), &[]);
    assert_eq!(layers_in_force(&head, &log.items), [part("one")]);
    assert_eq!(layers_in_force(&head, &frozen(log, &[part("two")]).items), [part("two")]);
}

#[test]
fn the_hand_over_is_asked_for_behind_the_same_prefix() {
    for log in [
        worked(),
        Log::default().user("p"),
        Log::default().user("p").answer("E").script("s").result("s", "x"),
    ] {
        let prompt = prompt_with(&log, |_| {});
        let asked = handover_prompt(&inputs(&log));
        let (last, rest) = asked.messages.split_last().unwrap();
        assert_eq!(last.role, Role::User);
        let kept = rest.len().min(prompt.messages.len());
        assert_eq!(rest[..kept], prompt.messages[..kept]);
        let Some(Part::Text { text }) = last.parts.last() else { panic!("{last:?}") };
        for needed in ["## Goal", "## Next", "ledger", "Do not call a tool"] {
            assert!(text.contains(needed), "{needed}: {text}");
        }
        assert_eq!((asked.tools, asked.system), (prompt.tools, prompt.system));
    }
}

#[test]
fn only_hand_overs_are_taken() {
    let good = "## Goal\nRename the parser everywhere.\n## State\nHalf done, the tests of the lexer pass.\n## Next\nsrc/b.rs:12";
    assert_eq!(read_handover(&format!("\n{good}\n ")), Ok(good.to_owned()));
    let refusing = format!("I'm sorry for the delay.\n{good}");
    assert!(read_handover(&refusing).is_ok());
    for (answer, why) in [
        ("", "was empty"),
        (" \n", "was empty"),
        ("Done.", "characters long"),
        (
            "I can't help with that. Please ask me about something else, and I will gladly do whatever I can for you, really.",
            "refused",
        ),
        (&format!("{good}\n<tool-calls>\nreturn 1\n</tool-calls>"), "called tools"),
        (&"word ".repeat(30), "characters long"),
        (&format!("{good}{}", "x".repeat(70_000)), "no hand-over"),
    ] {
        let error = read_handover(answer).unwrap_err();
        assert!(error.contains(why), "{answer:.40}: {error}");
    }
    // A small model may know no headings.
    assert!(
        read_handover(
            &"We renamed the parser in src/a.rs and have to run the tests of the lexer. ".repeat(6)
        )
        .is_ok()
    );
}

#[test]
fn the_window_is_full_when_its_share_is_used() {
    for (tokens, window, output, percent, due) in [
        (84_999, 110_000, 10_000, 85, false),
        (85_000, 110_000, 10_000, 85, true),
        (u64::MAX, 100, 0, 85, true),
        (1_000_000, 100_000, 0, 0, false),
        (50_000, 100_000, 100_000, 100, true),
        (49_999, 100_000, 90_000, 100, false),
        (100_000, 100_000, 0, 255, true),
        (0, 0, 0, 85, true),
    ] {
        assert_eq!(
            is_due(tokens, window, output, percent),
            due,
            "{tokens} of {window} - {output} at {percent} %"
        );
    }
}

#[test]
fn strategies_say_what_comes_before_a_request() {
    let load = |tokens, grown| Load { tokens, window: 100, max_output: 0, grown };
    let one_shot = OneShot { first: ItemId(1), percent: 85 };
    let regular = Regular { percent: 85 };
    let table: [(&dyn Strategy, Step, &str); 2] =
        [(&regular, Step::Compact, "regular"), (&one_shot, Step::StartOver, "one-shot")];
    for (strategy, full, name) in table {
        assert_eq!(strategy.name(), name);
        assert_eq!(strategy.before_request(load(84, true)), Step::Send);
        assert_eq!(strategy.before_request(load(85, true)), full);
        assert_eq!(strategy.before_request(load(99, false)), Step::Send, "nothing would be gained");
    }
}

#[test]
fn a_run_sees_nothing_of_the_session_before_it() {
    let log = worked();
    let first = ItemId(log.items.len() as u64 + 1);
    let log = log.user("Run 2").answer("E").script("s9").result("s9", "x");
    let strategy: &'static OneShot = Box::leak(Box::new(OneShot { first, percent: 85 }));
    let reminder = |turn, text: &str| Reminder { turn: TurnId(turn), round: 1, text: text.into() };
    let reminders: &'static [Reminder] =
        vec![reminder(1, "of the first"), reminder(2, "of the second")].leak();
    let told = prompt_with(&log, |inputs| (inputs.strategy, inputs.reminders) = (strategy, reminders));
    let told = transcript(&told.messages);
    assert!(told.contains("of the second") && !told.contains("of the first"), "{told}");
    let run = prompt_with(&log, |inputs| inputs.strategy = strategy);
    let alone = Log { items: log.items[first.0 as usize - 1..].to_vec(), ..log.clone() };
    assert_eq!(run, prompt_with(&alone, |_| {}));
    assert!(!transcript(&run.messages).contains("Rename"));
    let empty = OneShot { first: ItemId(999), percent: 85 };
    assert!(empty.history(&inputs(&log)).is_empty());
}

/// Turns in shorter forms before the newest ones, which are told whole: what a gradient does, with the trait as it is.
#[derive(Debug)]
struct Shortened {
    short: Vec<(TurnId, &'static str)>,
    newest: OneShot,
}

impl Strategy for Shortened {
    fn name(&self) -> &'static str {
        "shortened"
    }

    fn history(&self, inputs: &Inputs) -> Vec<Entry> {
        let short = self.short.iter().map(|(turn, text)| {
            let text = format!("<{turn}-C>\n{}\n</{turn}-C>", escape_reserved(text));
            Said { part: Part::Text { text }, origin: Origin::Compaction, turn: *turn }
        });
        let mut entries = self.newest.history(inputs);
        if let Some(first) = entries.first_mut() {
            first.parts.splice(0..0, short);
        }
        entries
    }

    fn before_request(&self, load: Load) -> Step {
        // Bands are made anew on tokens that were added, not only when the window is nearly full.
        if load.grown && load.tokens > 40 { Step::Compact } else { Step::Send }
    }
}

#[test]
fn a_strategy_of_shorter_forms_fits_the_trait() {
    let log = worked();
    let first = ItemId(log.items.len() as u64 + 1);
    let strategy: &'static Shortened = Box::leak(Box::new(Shortened {
        short: vec![(TurnId(1), "It was renamed.")],
        newest: OneShot { first, percent: 0 },
    }));
    check_with(
        log.user("And now?").answer("E").script("s9").result("s9", "x"),
        |inputs| inputs.strategy = strategy,
        "user  <T-1-C>|It was renamed.|</T-1-C>
               <original-user-prompt>|And now?|</original-user-prompt>
         model E
         user  <original-user-prompt>|And now?|</original-user-prompt>
               <tool-results>|x|</tool-results>",
    );
    let load = Load { tokens: 41, window: 1_000, max_output: 0, grown: true };
    assert_eq!(strategy.before_request(load), Step::Compact);
}

/// 300 turns through five compactions, with hand-overs and with none at all: the first request, every rule and every edited
/// file are still told.
#[test]
fn nothing_that_matters_is_lost_by_five_compactions() {
    for summary in [Some("## Goal\nThe epic goes on."), None] {
        let mut log = Log::default();
        for n in 1..=300u32 {
            let rule = if n % 10 == 0 { format!(" From now on keep rule {n}.") } else { String::new() };
            log = log.user(&format!("Request {n}.{rule}")).answer("E").script(&format!("s{n}"));
            log = edit(log, n).result(&format!("s{n}"), &"output ".repeat(200));
            if n % 50 == 25 {
                log = compact(log, summary, &[]).say("Go on.");
                log = log.script(&format!("t{n}")).result(&format!("t{n}"), "x");
            }
            log = log.answer("Done.").done();
        }
        let compactions = log
            .items
            .iter()
            .filter(|item| matches!(item.body, ItemBody::Context(ContextItem::Compaction(_))))
            .count();
        assert_eq!(compactions, 6);
        let (at, _) = last_compaction(&log.items, log.current()).unwrap();
        assert_eq!(fold(&log.items[at..]), fold(&log.items), "what stands before the last one is not needed");
        let log = compact(log, summary, &[]).user("And now?");
        let sent = transcript(&prompt_with(&log, |_| {}).messages);
        assert!(sent.contains("T-1: Request 1."), "{sent:.2000}");
        assert!(sent.contains("T-300: Request 300."));
        for n in (10..=300).step_by(10) {
            assert!(sent.contains(&format!("From now on keep rule {n}.")), "rule {n}");
        }
        for n in 1..=300 {
            assert!(sent.contains(&format!("- src/f{n}.rs (T-{n}, ")), "file {n}");
        }
        assert_eq!(sent.contains("The epic goes on."), summary.is_some());
        assert!(sent.len() < 60_000, "{} bytes", sent.len());
    }
}

/// An edit of a file of its own.
fn edit(log: Log, n: u32) -> Log {
    let format = json!({ "encoding": "utf8", "bom": false, "line_ending": "lf" });
    let file = json!({ "path": format!("/work/src/f{n}.rs"), "base": { "kind": "absent" },
        "action": { "kind": "create", "text": format!("{n}") }, "format": format });
    let state = json!({ "is": "intended", "change": { "files": [file] }, "inverse": { "files": [] } });
    let id = ChangeSetId(format!("C{n}"));
    log.add(ItemBody::ChangeSet { id: id.clone(), state: serde_json::from_value(state).unwrap() })
        .add(ItemBody::ChangeSet { id, state: ChangeState::Committed })
}
