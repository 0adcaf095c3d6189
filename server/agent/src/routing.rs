//! Who answers a prompt: the agents that a client names, or those whom the prompt begins with. Pure.

use crate::AgentError;
use glossator_session::{AgentId, InputPart};

/// The session's own agent among those that a prompt is meant for.
pub(crate) const OWN: &str = "session";
/// What a user may call it, too.
const OWN_TOO: &str = "main";

/// The agents that `input` is meant for, in the order in which they answer; empty: the session's own alone. `wished` holds
/// those that the client named and wins over `@words`, `known` those of the settings.
///
/// # Errors
/// A wished agent that there is not.
pub(crate) fn route(
    wished: &[AgentId],
    input: &[InputPart],
    known: &[&AgentId],
) -> Result<Vec<AgentId>, AgentError> {
    let found = |word: &str| match word {
        OWN | OWN_TOO => Some(AgentId::from(OWN)),
        word => known.iter().find(|agent| agent.0 == word).map(|agent| (*agent).clone()),
    };
    let mut to = Vec::new();
    for agent in wished {
        let agent = found(agent.0.trim_start_matches('@')).ok_or_else(|| unknown(agent, known))?;
        to.push(agent);
    }
    if wished.is_empty() {
        to = mentioned(input).map_while(found).collect();
    }
    let mut seen = std::collections::HashSet::new();
    to.retain(|agent| seen.insert(agent.clone()));
    let own_alone = to.len() == 1 && to[0].0 == OWN;
    Ok(if own_alone { Vec::new() } else { to })
}

/// The `@words` that the prompt begins with, without their `@` and a comma or colon behind them.
fn mentioned(input: &[InputPart]) -> impl Iterator<Item = &str> {
    let first = input.iter().find_map(|part| match part {
        InputPart::Text { text } if !text.trim().is_empty() => Some(text.as_str()),
        _ => None,
    });
    let words = first.unwrap_or_default().split_whitespace();
    words.map_while(|word| word.strip_prefix('@')).map(|word| word.trim_end_matches([',', ':', ';']))
}

fn unknown(agent: &AgentId, known: &[&AgentId]) -> AgentError {
    let known: Vec<&str> = known.iter().map(|agent| agent.0.as_str()).chain([OWN]).collect();
    AgentError::NoAgent(format!(
        "there is no agent '{agent}'; there are {}. Add [agents.{agent}] to the settings, or name another",
        known.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_goes_to_those_it_begins_with() {
        let (ann, bob) = (AgentId::from("ann"), AgentId::from("bob"));
        let known = [&ann, &bob];
        let check = |wished: &[&str], text: &str, expected: &[&str]| {
            let wished: Vec<AgentId> = wished.iter().map(|slug| AgentId::from(*slug)).collect();
            let input =
                [InputPart::Text { text: " \n".to_owned() }, InputPart::Text { text: text.to_owned() }];
            let found = route(&wished, &input, &known).unwrap();
            assert_eq!(found.iter().map(|agent| agent.0.as_str()).collect::<Vec<_>>(), expected, "{text}");
        };
        check(&[], "do it", &[]);
        check(&[], "@ann do it", &["ann"]);
        check(&[], "@ann, @bob: do it", &["ann", "bob"]);
        check(&[], "  @bob @ann @bob do it", &["bob", "ann"]);
        check(&[], "do it, @ann", &[]);
        check(&[], "@carl do it", &[]);
        check(&[], "@ann @carl @bob do it", &["ann"]);
        check(&[], "@session do it", &[]);
        check(&[], "@main @ann do it", &["session", "ann"]);
        check(&[], "@Ann do it", &[]);
        check(&[], "@", &[]);
        check(&["bob"], "@ann do it", &["bob"]);
        check(&["session"], "@ann do it", &[]);
        check(&["@ann", "main"], "", &["ann", "session"]);
        let error = route(&["carl".into()], &[], &known).unwrap_err().to_string();
        assert!(error.contains("'carl'") && error.contains("ann, bob, session"), "{error}");
    }
}
