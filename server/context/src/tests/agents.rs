//! What each of several agents is sent.

use super::*;

/// A session in which the own agent and `a` and `b` take part.
fn talk() -> Log {
    let log = Log::default().user("Why?").answer("Own.").done().agent(Some("a"));
    let log = log.user_to("Look", &["a", "b"]).agent(Some("a")).ask().think(MODEL, "{a}");
    let log = log.say("I look.\n<tool-calls>\nreturn 1\n</tool-calls>").script("s1").call("s1.1", Some("s1"));
    let log = log.output("s1.1", json!("A")).result("s1", "secret of a").answer("It is </agent-answer> A.");
    log.agent(Some("b")).answer("B sees.").call("n1", None).output("n1", json!("x")).answer("It is B.")
}

fn as_seen_by(agent: Option<&'static str>) -> impl Fn(&mut Inputs) {
    let agent: Option<&'static AgentId> = agent.map(|agent| &*Box::leak(Box::new(AgentId::from(agent))));
    move |inputs: &mut Inputs| inputs.reader.agent = agent
}

#[test]
fn the_second_of_two_hears_the_first() {
    let log = Log { items: talk().items[..11].to_vec(), turn: 2, round: 2, agent: None };
    check_with(
        log,
        as_seen_by(Some("b")),
        r#"
        user  <original-user-prompt to="session">|Why?|</original-user-prompt>
              <agent-answer from="session" turn="T-1">|Own.|</agent-answer>
              <original-user-prompt to="a, b">|Look|</original-user-prompt>
              <agent-answer from="a" turn="T-2">|I look.|- readFile({"path":"a"}) -> done: read a|It is &lt;/agent-answer> A.|</agent-answer>"#,
    );
}

#[test]
fn an_agent_has_its_own_words_as_its_own() {
    check_with(
        talk(),
        as_seen_by(Some("b")),
        r#"
        user  <original-user-prompt to="session">|Why?|</original-user-prompt>
              <agent-answer from="session" turn="T-1">|Own.|</agent-answer>
              <original-user-prompt to="a, b">|Look|</original-user-prompt>
              <agent-answer from="a" turn="T-2">|I look.|- readFile({"path":"a"}) -> done: read a|It is &lt;/agent-answer> A.|</agent-answer>
        model B sees.
              call n1 readFile {"path":"a"}
        user  output n1: x
              <original-user-prompt to="a, b">|Look|</original-user-prompt>
        model It is B.
        user  <original-user-prompt to="a, b">|Look|</original-user-prompt>
              <harness-note>Your last message held no call and the turn is not over. Go on, or answer without a call to end it.</harness-note>"#,
    );
    let shown = transcript(&prompt_with(&talk(), as_seen_by(Some("a"))).messages);
    assert!(shown.contains("model raw {a}") && shown.contains("return 1"), "{shown}");
}

#[test]
fn who_was_not_addressed_hears_of_it_when_asked_next() {
    check_with(
        talk().agent(None).done().user("And you?"),
        |_| {},
        r#"
        user  <original-user-prompt>|Why?|</original-user-prompt>
        model Own.
        user  <original-user-prompt to="a, b">|Look|</original-user-prompt>
              <agent-answer from="a" turn="T-2">|I look.|- readFile({"path":"a"}) -> done: read a|It is &lt;/agent-answer> A.|</agent-answer>
              <agent-answer from="b" turn="T-2">|B sees.|- readFile({"path":"a"}) -> done: read a|It is B.|</agent-answer>
              <original-user-prompt>|And you?|</original-user-prompt>"#,
    );
}

#[test]
fn thinking_scripts_and_results_of_others_stay_theirs() {
    for reader in [None, Some("b"), Some("c")] {
        let shown = transcript(&prompt_with(&talk(), as_seen_by(reader)).messages);
        for theirs in ["raw {a}", "return 1", "secret of a"] {
            assert!(!shown.contains(theirs), "{reader:?} {theirs}: {shown}");
        }
    }
}

#[test]
fn many_calls_of_another_are_counted() {
    let mut log = Log::default().user_to("Look", &["a"]).agent(Some("a")).answer("So.").script("s");
    for n in 0..50 {
        log = log.call(&format!("s.{n}"), Some("s"));
    }
    let shown = transcript(&prompt_with(&log.agent(None).done().user("And?"), |_| {}).messages);
    assert_eq!(shown.matches("- readFile").count(), 20, "{shown}");
    assert!(shown.contains("(30 more calls)"), "{shown}");
}

#[test]
fn what_is_said_to_a_running_turn_is_for_those_in_it() {
    let log =
        Log::default().user_to("Look", &["a"]).agent(Some("a")).answer("E").script("s").result("s", "x");
    let shown = transcript(&prompt_with(&log.steer("In Rust"), as_seen_by(Some("a"))).messages);
    assert!(shown.contains("<original-user-prompt added=\"now\">|In Rust|"), "{shown}");
    assert!(!shown.contains("to=\""), "{shown}");
}

#[test]
fn what_names_another_agent_is_for_it_as_well() {
    let log = Log::default().user("Look").answer("E").script("s").result("s", "x");
    let log = log.prompt("@a In Rust", &["a"]).answer("F").script("t").result("t", "y");
    let own = transcript(&prompt_with(&log, |_| {}).messages);
    assert!(own.contains("<original-user-prompt added=\"now\" to=\"a\">|@a In Rust|"), "{own}");
    assert!(own.contains("<original-user-prompt to=\"session, a\">|Look|@a In Rust|"), "{own}");
    let other = transcript(&prompt_with(&log.done(), as_seen_by(Some("a"))).messages);
    assert!(other.contains("<original-user-prompt added=\"now\">|@a In Rust|"), "{other}");
}

#[test]
fn prompts_are_for_those_they_name() {
    for (to, agent, expected) in [
        (&[][..], None, true),
        (&[], Some("a"), false),
        (&["a"], None, false),
        (&["a"], Some("a"), true),
        (&["a", "session"], None, true),
        (&["main"], None, true),
        (&["b", "a"], Some("a"), true),
        (&["session"], Some("a"), false),
    ] {
        let to: Vec<AgentId> = to.iter().map(|id| AgentId::from(*id)).collect();
        let agent = agent.map(AgentId::from);
        assert_eq!(addresses(&to, agent.as_ref()), expected, "{to:?} {agent:?}");
    }
}

#[test]
fn a_role_tells_who_it_is() {
    let part = role(&"re`viewer\n".into(), " Find faults. <tool-calls>", &["coder".into()]);
    assert_eq!(part.layer, "role");
    assert!(part.text.contains("the agent `re'viewer `"), "{}", part.text);
    assert!(
        part.text.contains("The others: `coder`.") && part.text.ends_with("Find faults. &lt;tool-calls>")
    );
}
