//! Within a turn requests only grow at their end, whatever happens in it; and every prompt is one a wire accepts.

use super::*;
use proptest::prelude::*;
use proptest::strategy::Strategy;

/// One round as the model might make it.
#[derive(Debug, Clone)]
struct RoundPlan {
    thinking: Option<bool>,
    answer: String,
    native: u8,
    missing: bool,
    scripts: u8,
    unreported: bool,
    undo: bool,
    steer: bool,
    retries: bool,
}

fn round_plan() -> impl Strategy<Value = RoundPlan> {
    let bits = any::<[bool; 5]>();
    (prop::option::of(any::<bool>()), "[ a<]{0,3}", 0..3u8, 0..3u8, bits).prop_map(
        |(thinking, answer, native, scripts, bits)| {
            let [missing, unreported, undo, steer, retries] = bits;
            RoundPlan { thinking, answer, native, missing, scripts, unreported, undo, steer, retries }
        },
    )
}

fn play(mut log: Log, plan: &RoundPlan, name: &str) -> Log {
    log = log.ask();
    if plan.retries {
        log = log.notice();
    }
    if let Some(own) = plan.thinking {
        log = log.think(if own { MODEL } else { "other" }, "{}");
    }
    log = log.say(&plan.answer);
    for n in 0..plan.native {
        log = log.call(&format!("{name}-n{n}"), None);
    }
    for n in 0..plan.scripts {
        let id = format!("{name}-s{n}");
        log = log.script(&id).call(&format!("{id}.1"), Some(&id)).output(&format!("{id}.1"), json!(1));
        if !plan.unreported {
            log = log.result(&id, "<tool-results>x</tool-results>");
        }
    }
    if plan.undo {
        log = log.undone("c");
    }
    for n in (0..plan.native).skip(plan.missing.into()) {
        log = log.output(&format!("{name}-n{n}"), json!({ "n": n }));
    }
    if plan.steer { log.steer("steer") } else { log }
}

fn turns() -> impl Strategy<Value = Vec<(Vec<RoundPlan>, u8)>> {
    prop::collection::vec((prop::collection::vec(round_plan(), 0..5), 0..4u8), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn requests_grow_only_at_their_end(turns in turns()) {
        let mut log = Log::default();
        for (at, (rounds, end)) in turns.iter().enumerate() {
            log = log.user(&format!("prompt {at}"));
            let mut before = prompt_with(&log, |_| {}).messages;
            check_valid(&before)?;
            for (number, plan) in rounds.iter().enumerate() {
                log = play(log, plan, &format!("{at}-{number}"));
                let now = prompt_with(&log, |_| {}).messages;
                check_valid(&now)?;
                prop_assert!(now.len() > before.len());
                prop_assert_eq!(&now[..before.len()], &before[..]);
                let newest = now.last().map(|message| transcript(std::slice::from_ref(message)));
                let told = format!("<original-user-prompt>|prompt {at}");
                prop_assert!(newest.unwrap_or_default().contains(&told), "no prompt in the newest message");
                before = now;
            }
            log = match end {
                0 => log.answer("Done.").done(),
                1 => log.end(TurnStatus::Interrupted, None),
                2 => log.end(TurnStatus::Failed, Some("no")),
                _ => log,
            };
        }
    }
}

/// What every wire wants: the user first, speakers in turn, each call answered in the next message, no empty text.
pub(super) fn check_valid(messages: &[Message]) -> Result<(), TestCaseError> {
    let mut open: Vec<CallId> = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        prop_assert_eq!(message.role, if at % 2 == 0 { Role::User } else { Role::Assistant });
        prop_assert!(!message.parts.is_empty());
        let mut answered = Vec::new();
        for (place, part) in message.parts.iter().enumerate() {
            match part {
                Part::Text { text } => prop_assert!(!text.trim().is_empty()),
                Part::Image { .. } => assert_eq!(message.role, Role::User),
                Part::ToolOutput { id, .. } => {
                    prop_assert_eq!(place, answered.len(), "outputs come first");
                    answered.push(id.clone());
                }
                Part::ToolCall { .. } | Part::Raw { .. } => {}
            }
        }
        prop_assert_eq!(&answered, &open);
        open = message
            .parts
            .iter()
            .filter_map(|part| match part {
                Part::ToolCall { id, .. } => Some(id.clone()),
                _ => None,
            })
            .collect();
        let ends_raw =
            message.role == Role::Assistant && matches!(message.parts.last(), Some(Part::Raw { .. }));
        prop_assert!(!ends_raw);
    }
    prop_assert!(open.is_empty());
    prop_assert_eq!(messages.last().map(|message| message.role), Some(Role::User));
    Ok(())
}

#[test]
fn most_of_each_request_is_a_prefix_of_the_next() {
    let mut log = Log::default().user("Rename the parser");
    let mut before = String::new();
    for round in 1..=10 {
        let id = format!("s{round}");
        let text = format!("<tool-results>{}</tool-results>", "line\n".repeat(200));
        log = log.answer("<tool-calls>\nreturn 1\n</tool-calls>").script(&id).result(&id, &text);
        let now = serde_json::to_string(&prompt_with(&log, |_| {}).messages).unwrap();
        let common = before.bytes().zip(now.bytes()).take_while(|(a, b)| a == b).count();
        assert!(common * 100 >= before.len() * 99, "round {round}: {common} of {} bytes", before.len());
        before = now;
    }
}

#[test]
fn the_same_inputs_make_the_same_prompt() {
    let log =
        Log::default().user("Why?").answer("E").call("c", None).output("c", json!({ "b": 1, "a": [2] }));
    assert_eq!(prompt_with(&log, |_| {}), prompt_with(&log, |_| {}));
}
