//! What a log may hold that no wire takes, and what becomes of it.

use super::*;

fn log() -> Log {
    Log::default().user("Why?").answer("E")
}

fn image(data: &str) -> InputPart {
    let image = Image { media_type: "image/png".into(), data: data.into() };
    InputPart::Image { image, name: "shot \"1\".png".into() }
}

const PROMPT: &str = "<original-user-prompt>|Why?|</original-user-prompt>";

#[test]
fn pairs_are_made_whole() {
    for (what, log, expected) in [
        (
            "a call without an output",
            log().call("c", None),
            "model E\ncall c readFile {\"path\":\"a\"}\nuser error c: aborted: the turn was stopped before this call ended. It \
             may have taken effect in part.\n",
        ),
        (
            "an output without a call",
            log().output("x", json!("x")).script("s").result("s", "y"),
            "model E\nuser ",
        ),
        (
            "two calls with one id",
            log().call("c", None).call("c", None).output("c", json!("x")),
            "model E\ncall c readFile {\"path\":\"a\"}\nuser output c: x\n",
        ),
        (
            "two outputs of one call",
            log().call("c", None).output("c", json!("x")).output("c", json!("y")),
            "model E\ncall c readFile {\"path\":\"a\"}\nuser output c: x\n",
        ),
        (
            "an output of a call that a script made",
            log().script("s").call("s.1", Some("s")).output("s.1", json!("x")).result("s", "y"),
            "model E\nuser ",
        ),
    ] {
        let shown = transcript(&prompt_with(&log, |_| {}).messages);
        let shown: Vec<String> =
            shown.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        let results = "<tool-results>|y|</tool-results>\n";
        let tail =
            if expected.ends_with("user ") { format!("{PROMPT}\n{results}") } else { format!("{PROMPT}\n") };
        assert_eq!(format!("{}\n", shown.join("\n")), format!("user {PROMPT}\n{expected}{tail}"), "{what}");
    }
}

#[test]
fn results_of_scripts_come_once_each() {
    let results = |log: Log| {
        transcript(&prompt_with(&log, |_| {}).messages)
            .lines()
            .filter(|line| line.contains("<tool-results"))
            .count()
    };
    assert_eq!(results(log().script("s").result("s", "x").result("s", "y")), 1);
    assert_eq!(results(log().script("s").script("s").result("s", "x")), 1);
    // What the harness says of an answer in the place of results has no script.
    assert_eq!(results(log().result("unclosed", "x")), 1);
    assert_eq!(results(log().script("s").script("t").result("t", "x")), 2);
}

#[test]
fn images_are_shown_to_those_who_see_and_described_to_others() {
    let log = Log::default().input(vec![InputPart::Text { text: "Look".into() }, image("QUJDRA==")]);
    let log = log.answer("E").script("s").result("s", "x");
    let seen = transcript(&prompt_with(&log, |_| {}).messages);
    let first: Vec<&str> = seen.lines().take(2).map(str::trim).collect();
    assert_eq!(
        first,
        [
            "user  <original-user-prompt>|Look|<image name=\"shot &quot;1&quot;.png\"/>|</original-user-prompt>",
            "image image/png"
        ]
    );
    assert_eq!(seen.matches("image image/png").count(), 1, "once, not with each round: {seen}");
    let blind = transcript(&prompt_with(&log, |inputs| inputs.reader.sees_images = false).messages);
    assert!(!blind.contains("image image/png"), "{blind}");
    assert!(
        blind.contains("<image name=\"shot &quot;1&quot;.png\" type=\"image/png\" bytes=\"4\" shown=\"no: you cannot see images\"/>"),
        "{blind}"
    );
    let only = Log::default().input(vec![image("")]);
    assert!(transcript(&prompt_with(&only, |_| {}).messages).contains("image image/png"));
}

/// Some providers bind a block of thinking to all bytes before it.
#[test]
fn thinking_behind_a_lost_line_is_not_sent() {
    let raws = |log: &Log, change: &dyn Fn(&mut Inputs)| -> Vec<String> {
        let parts = prompt_with(log, change).messages.into_iter().flat_map(|message| message.parts);
        parts.filter_map(|part| if let Part::Raw { raw } = part { Some(raw.json) } else { None }).collect()
    };
    let turn = |log: Log, n: u32| {
        let log = log.user("p").ask().think(MODEL, &format!("{{{n}}}")).think("m-2", "{x}").say("See.");
        log.call(&format!("c{n}"), None).output(&format!("c{n}"), json!(1)).answer("So.").done()
    };
    let log = turn(turn(turn(Log::default(), 1), 2), 3);
    let same = |_: &mut Inputs| {};
    assert_eq!(raws(&log, &same), ["{1}", "{2}", "{3}"]);
    let other = |inputs: &mut Inputs| inputs.reader.model = "m-2";
    assert_eq!(raws(&log, &other), ["{x}", "{x}", "{x}"], "another model's blocks are its own");
    for (lost, expected) in [(0, 3), (1, 0), (9, 1), (10, 2), (15, 2), (23, 3)] {
        let mut log = log.clone();
        log.items.remove(lost);
        assert_eq!(raws(&log, &same).len(), expected, "without item {lost}");
    }
}

#[test]
fn a_long_prompt_names_the_key_under_which_it_is_kept() {
    let long = "x".repeat(100);
    let told =
        |log: Log| transcript(&prompt_with(&log.answer("E").script("s").result("s", "y"), |_| {}).messages);
    let log = Log::default().user(&long);
    assert!(told(log.clone()).contains("the whole prompt stands at the start of this turn"));
    assert!(
        told(log.clone().kept("K4", true))
            .contains("the whole prompt: await tools.readFile({ fileKey: \"K4\" })")
    );
    assert!(told(log.kept("K4", false)).contains("stands at the start of this turn"));
}
