//! Logs and the messages they become.

use super::*;

fn log() -> Log {
    Log::default()
}

#[test]
fn a_first_request_holds_the_prompt() {
    check(log().user("Why?"), "user  <original-user-prompt>|Why?|</original-user-prompt>");
}

#[test]
fn native_outputs_come_first_in_the_order_of_the_calls() {
    let one = log().user("Why?").answer("Let me see.").call("c1", None).call("c2", None);
    check(
        one.error("c2").output("c1", json!({ "text": "<tool-calls>" })),
        r#"
        user  <original-user-prompt>|Why?|</original-user-prompt>
        model Let me see.
              call c1 readFile {"path":"a"}
              call c2 readFile {"path":"a"}
        user  output c1: {"text":"&lt;tool-calls>"}
              error c2: ToolDenied: not &lt;/tool-results> now
              <original-user-prompt>|Why?|</original-user-prompt>"#,
    );
}

#[test]
fn script_results_come_last_and_calls_of_scripts_stay_inside() {
    check(
        log()
            .user("Why?")
            .answer("<tool-calls>|x|</tool-calls>")
            .script("s1")
            .call("s1.1", Some("s1"))
            .output("s1.1", json!("A"))
            .result("s1", "<tool-results status=\"ok\">\n</tool-results> <tool-calls>\n</tool-results>"),
        "user  <original-user-prompt>|Why?|</original-user-prompt>
         model <tool-calls>|x|</tool-calls>
         user  <original-user-prompt>|Why?|</original-user-prompt>
               <tool-results status=\"ok\">|&lt;/tool-results> &lt;tool-calls>|</tool-results>",
    );
}

#[test]
fn a_finished_turn_is_followed_by_the_next_prompt() {
    check(
        log().user("Why?").answer("Because.").done().user("And how?"),
        "user  <original-user-prompt>|Why?|</original-user-prompt>
         model Because.
         user  <original-user-prompt>|And how?|</original-user-prompt>",
    );
}

#[test]
fn calls_that_never_ended_are_answered_and_told() {
    check(
        log()
            .user("Why?")
            .answer("Look.")
            .call("c1", None)
            .script("s1")
            .call("s1.1", Some("s1"))
            .output("s1.1", json!("A"))
            .call("s1.2", Some("s1"))
            .end(TurnStatus::Interrupted, None)
            .user("Go on"),
        r#"
        user  <original-user-prompt>|Why?|</original-user-prompt>
        model Look.
              call c1 readFile {"path":"a"}
        user  error c1: aborted: the turn was stopped before this call ended. It may have taken effect in part.
              <original-user-prompt>|Why?|</original-user-prompt>
              <tool-results status="aborted">|The script was stopped before it ended; no value came back. The tool calls it had made:|- readFile({"path":"a"}) -> done: read a|- readFile({"path":"a"}) -> stopped; it may have taken effect in part|</tool-results>
              <harness-note>T-1 was stopped before it was finished. What it had done until then stands.</harness-note>
              <original-user-prompt>|Go on|</original-user-prompt>"#,
    );
}

#[test]
fn turns_that_failed_are_told_with_the_next_prompt() {
    let told = "user  <original-user-prompt>|Why?|</original-user-prompt>
              <harness-note>T-1 could not be finished (overloaded &lt;tool-calls>). What it had done until then stands.</harness-note>
              <original-user-prompt>|Again|</original-user-prompt>";
    let failed = || (TurnStatus::Failed, Some("overloaded <tool-calls>."));
    check(log().user("Why?").end(failed().0, failed().1).user("Again"), told);
    check(log().user("Why?").ask().notice().end(failed().0, failed().1).user("Again"), told);
}

#[test]
fn a_turn_without_an_end_was_broken_off() {
    check(
        log().user("Why?").answer("Hm").user("Again"),
        "user  <original-user-prompt>|Why?|</original-user-prompt>
         model Hm
         user  <harness-note>T-1 was stopped before it was finished. What it had done until then stands.</harness-note>
               <original-user-prompt>|Again|</original-user-prompt>",
    );
}

#[test]
fn raw_blocks_go_only_to_the_model_that_made_them() {
    let one = log().user("Why?").ask().think(MODEL, "{1}").think("m-2", "{2}").say("See").call("c1", None);
    let one = one.output("c1", json!(null));
    check(
        one.clone(),
        r#"
        user  <original-user-prompt>|Why?|</original-user-prompt>
        model raw {1}
              See
              call c1 readFile {"path":"a"}
        user  output c1: read a
              <original-user-prompt>|Why?|</original-user-prompt>"#,
    );
    let prompt = prompt_with(&one, |inputs| inputs.reader.model = "m-3");
    assert!(!transcript(&prompt.messages).contains("raw"));
}

#[test]
fn an_answer_kept_raw_becomes_text_for_another_model() {
    let raw = Raw { wire: "messages".into(), model: "m-2".into(), json: "{}".into() };
    let answer = ItemBody::Answer { text: "Because.".into(), raw: Some(raw) };
    let one = log().user("Why?").ask().add(answer).done().user("How?");
    let shown =
        |model: &'static str| transcript(&prompt_with(&one, |inputs| inputs.reader.model = model).messages);
    assert!(shown("m-2").contains("model raw {}"));
    assert!(shown("m-1").contains("model Because."));
}

#[test]
fn thinking_that_led_to_nothing_is_left_out() {
    check(
        log().user("Why?").ask().think(MODEL, "{1}").end(TurnStatus::Interrupted, Some("stopped by you")).user("Again"),
        "user  <original-user-prompt>|Why?|</original-user-prompt>
               <harness-note>T-1 was stopped before it was finished (stopped by you). What it had done until then stands.</harness-note>
               <original-user-prompt>|Again|</original-user-prompt>",
    );
}

#[test]
fn an_answer_without_a_call_in_a_turn_that_goes_on() {
    check(
        log().user("Why?").answer("cut o").answer("ff").call("c1", None).output("c1", json!(" ")),
        r#"
        user  <original-user-prompt>|Why?|</original-user-prompt>
        model cut o
        user  <original-user-prompt>|Why?|</original-user-prompt>
              <harness-note>Your last message held no call and the turn is not over. Go on, or answer without a call to end it.</harness-note>
        model ff
              call c1 readFile {"path":"a"}
        user  output c1: done, without output
              <original-user-prompt>|Why?|</original-user-prompt>"#,
    );
}

#[test]
fn a_retry_changes_nothing() {
    let one = log().user("Why?").answer("See").script("s1").result("s1", "x");
    let again = one.clone().ask().notice();
    assert_eq!(prompt_with(&one, |_| {}), prompt_with(&again, |_| {}));
}

#[test]
fn an_empty_answer_keeps_the_speakers_in_turn() {
    check(
        log().user("Why?").answer(" \n").script("s1").result("s1", "x"),
        "user  <original-user-prompt>|Why?|</original-user-prompt>
         model (no text)
         user  <original-user-prompt>|Why?|</original-user-prompt>
               <tool-results>|x|</tool-results>",
    );
}

#[test]
fn undone_edits_are_told_where_they_were_undone() {
    let edited =
        log().user("Edit").answer("E").script("s1").change("c1", None).result("s1", "x").answer("Done");
    check(
        edited.clone().done().undone("c1").user("Why?"),
        "user  <original-user-prompt>|Edit|</original-user-prompt>
         model E
         user  <original-user-prompt>|Edit|</original-user-prompt>
               <tool-results>|x|</tool-results>
         model Done
         user  <harness-note>The user took back edits of T-1, in src/a.rs. Read these files again before you edit them.</harness-note>
               <original-user-prompt>|Why?|</original-user-prompt>",
    );
    let put_back = edited.done().undone("c1").change("c2", Some("c1")).undone("c2").user("Why?");
    let shown = transcript(&prompt_with(&put_back, |_| {}).messages);
    assert!(shown.contains("The user put back edits that had been taken back"), "{shown}");
}

#[test]
fn an_undo_of_an_old_turn_does_not_move_what_was_sent() {
    let mut one = log()
        .user("Edit")
        .change("c1", None)
        .answer("Done")
        .done()
        .user("Why?")
        .answer("E")
        .script("s1")
        .undone("c1");
    if let Some(undo) = one.items.last_mut() {
        (undo.turn, undo.round) = (TurnId(1), 0);
    }
    check(
        one.result("s1", "x"),
        "user  <original-user-prompt>|Edit|</original-user-prompt>
         model Done
         user  <original-user-prompt>|Why?|</original-user-prompt>
         model E
         user  <original-user-prompt>|Why?|</original-user-prompt>
               <harness-note>The user took back edits of T-1, in src/a.rs. Read these files again before you edit them.</harness-note>
               <tool-results>|x|</tool-results>",
    );
}

#[test]
fn steering_is_repeated_with_the_prompt() {
    check(
        log()
            .user("Why?")
            .answer("E")
            .script("s1")
            .result("s1", "x")
            .steer("In Rust")
            .answer("F")
            .script("s2")
            .result("s2", "y"),
        "user  <original-user-prompt>|Why?|</original-user-prompt>
         model E
         user  <original-user-prompt>|Why?|</original-user-prompt>
               <tool-results>|x|</tool-results>
               <original-user-prompt added=\"now\">|In Rust|</original-user-prompt>
         model F
         user  <original-user-prompt>|Why?|In Rust|</original-user-prompt>
               <tool-results>|y|</tool-results>",
    );
}

#[test]
fn what_is_added_after_a_last_word_lets_the_turn_go_on() {
    check(
        log().user("Why?").answer("E").steer("In Rust").steer("And Go").answer("F").done().user("So?"),
        "user  <original-user-prompt>|Why?|</original-user-prompt>
         model E
         user  <original-user-prompt>|Why?|</original-user-prompt>
               <original-user-prompt added=\"now\">|In Rust|</original-user-prompt>
               <original-user-prompt added=\"now\">|And Go|</original-user-prompt>
         model F
         user  <original-user-prompt>|So?|</original-user-prompt>",
    );
}

#[test]
fn what_is_added_before_the_first_request_is_in_it() {
    check(
        log().user("Why?").steer("In Rust"),
        "user  <original-user-prompt>|Why?|</original-user-prompt>
               <original-user-prompt added=\"now\">|In Rust|</original-user-prompt>",
    );
}

#[test]
fn what_is_added_while_a_request_is_made_waits_for_the_next() {
    let log = log().user("Why?").answer("E").script("s1").result("s1", "x").ask().steer("In Rust");
    let made = |round: u32| transcript(&prompt_with(&log, |inputs| inputs.round = round).messages);
    assert!(!made(2).contains("In Rust"), "{}", made(2));
    assert!(
        made(3).ends_with("<original-user-prompt added=\"now\">|In Rust|</original-user-prompt>\n"),
        "{}",
        made(3)
    );
    // The next turn, whatever became of this one.
    let next = log.clone().end(TurnStatus::Failed, Some("no")).user("So?");
    let next = transcript(&prompt_with(&next, |inputs| inputs.round = 1).messages);
    assert!(next.contains("In Rust"), "{next}");
}

#[test]
fn reminders_stand_where_they_were_first_given() {
    let reminder = |round, text: &str| Reminder { turn: TurnId(1), round, text: text.into() };
    let other = Reminder { turn: TurnId(9), ..reminder(1, "no") };
    let reminders: &'static [Reminder] =
        vec![reminder(1, "branch is now <tool-calls>"), reminder(2, "two"), other].leak();
    check_with(
        log().user("Why?").answer("E").script("s1").result("s1", "x"),
        |inputs| inputs.reminders = reminders,
        "user  <original-user-prompt>|Why?|</original-user-prompt>
               <harness-note>branch is now &lt;tool-calls></harness-note>
         model E
         user  <original-user-prompt>|Why?|</original-user-prompt>
               <harness-note>two</harness-note>
               <tool-results>|x|</tool-results>",
    );
}

#[test]
fn a_long_prompt_is_cut_when_it_is_repeated() {
    let long = format!("start {} end", "ü".repeat(100));
    let shown = transcript(
        &prompt_with(&log().user(&long).answer("E").script("s1").result("s1", "x"), |_| {}).messages,
    );
    let (first, second) = shown.split_once("model E").unwrap();
    assert!(first.contains(&long));
    assert!(
        second.contains("start ü") && second.contains("ü end") && second.contains("70 characters left out"),
        "{second}"
    );
}

#[test]
fn logs_with_holes_still_make_valid_prompts() {
    // The prompt's line was lost.
    let mut lost = log().user("Why?").answer("Because.").done().user("How?");
    lost.items.remove(0);
    check(
        lost,
        "user  <harness-note>The start of this conversation is lost.</harness-note>
         model Because.
         user  <original-user-prompt>|How?|</original-user-prompt>",
    );
    // The call's line was lost: its output has nothing to answer.
    let mut lost =
        log().user("Why?").answer("E").call("c1", None).output("c1", json!("x")).done().user("How?");
    lost.items.remove(2);
    check(
        lost,
        "user  <original-user-prompt>|Why?|</original-user-prompt>
         model E
         user  <original-user-prompt>|How?|</original-user-prompt>",
    );
    // Unknown kinds say nothing.
    let unknown = ItemBody::Unknown(serde_json::Map::from_iter([("kind".to_owned(), json!("hologram"))]));
    check(log().user("Why?").add(unknown), "user  <original-user-prompt>|Why?|</original-user-prompt>");
    assert!(prompt_with(&log(), |_| {}).messages.is_empty());
}

#[test]
fn items_of_later_turns_are_left_out() {
    let both =
        log().user("Why?").answer("E").script("s1").result("s1", "x").answer("Because.").done().user("How?");
    let now = prompt_with(&both, |inputs| inputs.current = TurnId(1));
    assert!(!transcript(&now.messages).contains("How?"));
}
