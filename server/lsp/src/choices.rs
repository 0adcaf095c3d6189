//! What was chosen for a session over all settings: a layer of settings, and the agents that its prompts go to. Pure.

use glossator_session::{AgentId, InputPart};
use serde_json::{Map, Value, json};

/// The name of the agents among the choices; no setting has it.
const AGENTS: &str = "to";

/// The layer of settings, and the agents.
pub fn split(mut choices: Map<String, Value>) -> (Map<String, Value>, Vec<AgentId>) {
    let agents = choices.remove(AGENTS).unwrap_or_default();
    let slugs = agents.as_array().into_iter().flatten().filter_map(Value::as_str);
    let agents = slugs.map(AgentId::from).collect();
    (choices, agents)
}

/// Whether a prompt begins with an agent (`@reviewer ...`); the session's own is one of them.
pub fn names_agent(input: &[InputPart], is_known: impl Fn(&str) -> bool) -> bool {
    let first = input.iter().find_map(|part| match part {
        InputPart::Text { text } => text.split_whitespace().next(),
        _ => None,
    });
    let named =
        first.and_then(|word| word.strip_prefix('@')).map(|word| word.trim_end_matches([',', ':', ';']));
    named.is_some_and(|name| name == "session" || name == "main" || is_known(name))
}

/// Chooses a value for a setting; an empty one takes the choice back, none leaves it.
pub fn choose(choices: &mut Map<String, Value>, key: &str, wanted: Option<&str>) {
    match wanted.map(str::trim) {
        None => {}
        Some("") => drop(choices.remove(key)),
        Some(text) => drop(choices.insert(key.to_owned(), json!(text))),
    }
}

/// Chooses the agents; none named takes the choice back.
pub fn choose_agents(choices: &mut Map<String, Value>, agents: &[String]) {
    match agents.is_empty() {
        true => drop(choices.remove(AGENTS)),
        false => drop(choices.insert(AGENTS.to_owned(), json!(agents))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_settings_but_for_the_agents() {
        let mut choices = json!({ "model": "a/b", "to": ["old", 7] }).as_object().cloned().unwrap();
        assert_eq!(split(choices.clone()).1, [AgentId::from("old")]);
        choose_agents(&mut choices, &["reviewer".to_owned()]);
        let (layer, agents) = split(choices.clone());
        assert_eq!(Value::Object(layer), json!({ "model": "a/b" }));
        assert_eq!(agents, [AgentId::from("reviewer")]);
        choose_agents(&mut choices, &[]);
        assert_eq!(Value::Object(choices), json!({ "model": "a/b" }));
    }

    #[test]
    fn prompts_that_name_an_agent() {
        for (text, named) in [
            ("@reviewer look", true),
            ("  @reviewer: look", true),
            ("@main look", true),
            ("@nobody look", false),
            ("look, @reviewer", false),
            ("", false),
        ] {
            let input = [InputPart::Text { text: " ".to_owned() }, InputPart::Text { text: text.to_owned() }];
            assert_eq!(names_agent(&input, |name| name == "reviewer"), named, "{text}");
        }
    }

    #[test]
    fn an_empty_text_takes_a_choice_back() {
        let mut choices = Map::new();
        choose(&mut choices, "model", Some(" a/b "));
        choose(&mut choices, "policy", None);
        assert_eq!(Value::Object(choices.clone()), json!({ "model": "a/b" }));
        choose(&mut choices, "model", Some(" "));
        assert!(choices.is_empty());
    }
}
