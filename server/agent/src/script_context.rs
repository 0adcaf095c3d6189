//! What a script sees as `context`: facts of its session and turn, as plain JSON. Never a key, never a whole file.

use crate::config::ScriptConfig;
use crate::running::Running;
use glossator_script::Limits;
use glossator_session::{InputPart, Item, ItemBody, TurnId};
use glossator_tools::Mode;
use glossator_workspace::Workspace;
use serde_json::{Value, json};

/// What a script is told beside what its workspace shows.
pub struct ScriptFacts<'a> {
    /// The session's id, or a word where there is none.
    pub session: &'a str,
    /// The turn; 0 outside of any.
    pub turn: TurnId,
    /// What the user points at: `{ path, range, text }`, or null.
    pub selection: Value,
    /// Whether it acts.
    pub mode: Mode,
    /// The model's id.
    pub model: &'a str,
    /// The bounds that hold, as [`glossator_script::Engine::bounded`] gives them.
    pub limits: &'a Limits,
    /// Everything else that the settings say of scripts.
    pub script: &'a ScriptConfig,
}

/// What a script sees as `context`, but for `progress`, which its worker adds.
pub fn script_context(workspace: &Workspace, facts: ScriptFacts<'_>) -> Value {
    let roots = workspace.roots();
    let folders: Vec<String> = roots.folders().iter().map(|folder| folder.display().to_string()).collect();
    let buffers = workspace.overlay().all().into_iter().filter_map(|buffer| {
        let path = roots.display(buffer.path.as_deref()?);
        Some(json!({ "path": path, "language": buffer.language, "dirty": buffer.dirty }))
    });
    json!({
        "sessionId": facts.session,
        "turnId": facts.turn,
        "workspaceFolders": folders,
        "workingDirectory": folders.first(),
        "openBuffers": buffers.collect::<Vec<Value>>(),
        "selection": facts.selection,
        "mode": facts.mode,
        "model": facts.model,
        "limits": limits(facts.limits, facts.script.tasks),
        "env": facts.script.env,
    })
}

/// The context of the scripts of a turn as it is now.
pub(crate) fn context(running: &Running) -> Value {
    let workspace = &running.dispatcher.workspace();
    let script = &running.config.script;
    let selection = running.session.with_items(|items| selected(items, running.turn).cloned());
    let facts = ScriptFacts {
        session: &running.session.id().0,
        turn: running.turn,
        selection: selection.map_or(Value::Null, |part| selection_of(&part, workspace)),
        mode: running.dispatcher.mode,
        model: &running.config.request.model,
        limits: &running.shared.engine.bounded(&script.limits),
        script,
    };
    script_context(workspace, facts)
}

/// All limits that a script may want to plan by.
fn limits(limits: &Limits, tasks: usize) -> Value {
    json!({
        "sourceBytes": limits.source_bytes,
        "memoryBytes": limits.memory_bytes,
        "stackBytes": limits.stack_bytes,
        "wallMs": limits.wall.as_millis() as u64,
        "cpuMs": limits.cpu.as_millis() as u64,
        "calls": limits.calls,
        "concurrentCalls": limits.concurrent_calls,
        "resultBytes": limits.result_bytes,
        "consoleLines": limits.console_lines,
        "consolePerSecond": limits.console_per_second,
        "storeBytes": limits.store_bytes,
        "tasks": tasks,
    })
}

/// The part of a file that the user pointed at in this turn, the last one if there are several.
fn selected(items: &[Item], turn: TurnId) -> Option<&InputPart> {
    let of_turn = items.iter().rev().filter(|item| item.turn == turn);
    let mut inputs = of_turn.filter_map(|item| match &item.body {
        ItemBody::UserMessage { input, .. } => Some(input),
        _ => None,
    });
    inputs.find_map(|input| {
        input.iter().rev().find(|part| matches!(part, InputPart::Mention { range: Some(_), .. }))
    })
}

fn selection_of(part: &InputPart, workspace: &Workspace) -> Value {
    let InputPart::Mention { uri, range: Some(range), text } = part else {
        return Value::Null;
    };
    // Nothing can be selected but in a buffer; one that was closed since is still known by its URI.
    let path = workspace.overlay().by_uri(uri).and_then(|buffer| buffer.path);
    let path = path.map_or_else(|| uri.clone(), |path| workspace.roots().display(&path));
    json!({ "path": path, "range": range, "text": text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::ItemId;
    use glossator_text::{Position, Range};

    #[test]
    fn the_selection_is_the_last_range_of_the_turn() {
        let mention = |uri: &str, ranged: bool| InputPart::Mention {
            uri: uri.to_owned(),
            range: ranged.then(|| {
                let at = |line| Position { line, character: 0 };
                Range { start: at(1), end: at(2) }
            }),
            text: None,
        };
        let item = |turn: u32, input: Vec<InputPart>| Item {
            id: ItemId(1),
            turn: TurnId(turn),
            round: 0,
            at: 0,
            agent: None,
            body: ItemBody::UserMessage { input, to: Vec::new(), queued: None },
        };
        let items = [
            item(1, vec![mention("a", true), mention("b", true), mention("c", false)]),
            item(2, vec![mention("d", true)]),
            item(2, vec![mention("e", false)]),
            item(3, vec![InputPart::Text { text: "no".to_owned() }]),
        ];
        let check = |turn: u32, expected: Option<&str>| {
            let found = selected(&items, TurnId(turn)).map(|part| match part {
                InputPart::Mention { uri, .. } => uri.as_str(),
                _ => "text",
            });
            assert_eq!(found, expected, "turn {turn}");
        };
        check(1, Some("b"));
        check(2, Some("d"));
        check(3, None);
        check(4, None);
    }
}
