//! What is being written in a session and is no item yet: the fragments that were shown, kept for whoever comes later. Pure.

use glossator_session::{AgentId, EventKind, Item, ItemBody, Started, TaskState, TurnId};
use std::collections::BTreeSet;

/// Bytes of fragments that are kept, those of all streams together.
const KEPT: usize = 256 << 10;
/// What is left of them when they are more, so that not every fragment moves all of them.
const LEFT: usize = KEPT / 4 * 3;

/// Something that is being written: a stream whose item is still to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writing {
    /// The turn that it is of.
    pub turn: TurnId,
    /// The name of its stream, as events have it.
    pub stream: String,
    /// What it will be; `None`: output of a call, which is an item already.
    pub item: Option<Started>,
    /// What it is about, where that is known: the name of a tool.
    pub title: Option<String>,
    /// The agent that it is of; `None`: the session's own.
    pub agent: Option<AgentId>,
    /// What was shown of it up to now; of very much the end.
    pub text: String,
    /// Whether its beginning is left out.
    pub cut: bool,
}

/// All that is being written in one session.
#[derive(Default)]
pub(crate) struct Written {
    streams: Vec<Writing>,
    /// Calls that go on without their turn.
    tasks: BTreeSet<String>,
}

impl Written {
    /// All of it, in the order in which it began.
    pub fn all(&self) -> Vec<Writing> {
        self.streams.clone()
    }

    /// Takes in what is told.
    pub fn take_in(&mut self, turn: Option<TurnId>, kind: &EventKind) {
        match kind {
            EventKind::ItemStarted { item, stream, title, agent } => {
                let turn = turn.unwrap_or(TurnId(0));
                self.end(stream);
                self.streams.push(Writing {
                    item: Some(*item),
                    title: title.clone(),
                    agent: agent.clone(),
                    ..begun(turn, stream)
                });
            }
            EventKind::ItemDelta { stream, text } => self.fragment(turn.unwrap_or(TurnId(0)), stream, text),
            EventKind::ItemCompleted { item } => self.item(item),
            EventKind::TurnCompleted { .. } => {
                let tasks = &self.tasks;
                self.streams.retain(|one| Some(one.turn) != turn || tasks.contains(&one.stream));
            }
            _ => {}
        }
    }

    /// More of a stream.
    pub fn fragment(&mut self, turn: TurnId, stream: &str, text: &str) {
        match self.streams.iter_mut().find(|one| one.stream == stream) {
            Some(one) => one.text.push_str(text),
            None => self.streams.push(Writing { text: text.to_owned(), ..begun(turn, stream) }),
        }
        let mut all: usize = self.streams.iter().map(|one| one.text.len()).sum();
        while all > KEPT {
            let Some(longest) = self.streams.iter_mut().max_by_key(|one| one.text.len()) else { return };
            let most = longest.text.len();
            let from = longest.text.ceil_char_boundary(most.min(all - LEFT));
            longest.text.drain(..from);
            longest.cut = true;
            all -= from;
        }
    }

    /// What an agent was writing of an answer does not count, or is an item now.
    pub fn forget_answer(&mut self, agent: Option<&AgentId>) {
        self.streams.retain(|one| one.item.is_none() || one.agent.as_ref() != agent);
    }

    fn item(&mut self, item: &Item) {
        match &item.body {
            ItemBody::Answer { .. } | ItemBody::Reasoning { .. } => self.forget_answer(item.agent.as_ref()),
            ItemBody::ToolCall { script: None, .. } => self.forget_answer(item.agent.as_ref()),
            ItemBody::ToolOutput { call, .. } => self.end(&call.0),
            ItemBody::ScriptOutput { script, .. } => self.end(&script.0),
            ItemBody::Task { id, state: TaskState::Running { .. } } => drop(self.tasks.insert(id.0.clone())),
            ItemBody::Task { id, .. } => {
                self.tasks.remove(&id.0);
                self.end(&id.0);
            }
            _ => {}
        }
    }

    fn end(&mut self, stream: &str) {
        self.streams.retain(|one| one.stream != stream);
    }
}

/// A stream of which nothing was shown yet.
fn begun(turn: TurnId, stream: &str) -> Writing {
    let stream = stream.to_owned();
    Writing { turn, stream, item: None, title: None, agent: None, text: String::new(), cut: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_session::{ItemId, ToolCall, ToolError, TurnStatus};
    use proptest::prelude::*;

    const TURN: TurnId = TurnId(1);

    fn started(item: Started, stream: &str, agent: Option<&str>) -> EventKind {
        let agent = agent.map(AgentId::from);
        EventKind::ItemStarted { item, stream: stream.to_owned(), title: None, agent }
    }

    fn delta(stream: &str, text: &str) -> EventKind {
        EventKind::ItemDelta { stream: stream.to_owned(), text: text.to_owned() }
    }

    fn done(agent: Option<&str>, body: ItemBody) -> EventKind {
        let agent = agent.map(AgentId::from);
        let item = Item { id: ItemId(1), turn: TURN, round: 1, at: 0, agent, body };
        EventKind::ItemCompleted { item: Box::new(item) }
    }

    fn answer() -> ItemBody {
        ItemBody::Answer { text: "an answer".to_owned(), raw: None }
    }

    fn output(call: &str) -> ItemBody {
        let outcome = Err(ToolError::failed("no"));
        ItemBody::ToolOutput { call: call.into(), outcome, millis: 1 }
    }

    fn task(state: TaskState) -> ItemBody {
        ItemBody::Task { id: "S1.1".into(), state }
    }

    /// Streams with their texts.
    fn after(events: &[EventKind]) -> Vec<(String, String)> {
        let mut written = Written::default();
        events.iter().for_each(|kind| written.take_in(Some(TURN), kind));
        written.all().into_iter().map(|one| (one.stream, one.text)).collect()
    }

    #[test]
    fn what_is_written_stands_until_its_item_is_told() {
        let check = |events: &[EventKind], expected: &[(&str, &str)]| {
            let expected: Vec<_> = expected.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
            assert_eq!(after(events), expected, "{events:?}");
        };
        let call = ToolCall { id: "c1".into(), name: "exec".to_owned(), arguments: Default::default() };
        let call = |script: Option<&str>| ItemBody::ToolCall {
            call: call.clone(),
            script: script.map(glossator_session::CallId::from),
        };
        let running = TaskState::Running { tool: "exec".to_owned(), line: "make".to_owned() };
        let end = EventKind::TurnCompleted { status: TurnStatus::Done, message: None };
        let said = [
            started(Started::Reasoning, "reasoning", None),
            delta("reasoning", "hm"),
            started(Started::Answer, "answer", None),
            delta("answer", "one "),
            delta("answer", "two"),
        ];
        let with = |more: &[EventKind]| [&said[..], more].concat();
        check(&said, &[("reasoning", "hm"), ("answer", "one two")]);
        check(&with(&[started(Started::Answer, "answer", None)]), &[("reasoning", "hm"), ("answer", "")]);
        for body in [answer(), ItemBody::Reasoning { text: String::new(), raw: None }, call(None)] {
            check(&with(&[done(None, body)]), &[]);
        }
        // Another agent's, a script's call, a message of the user's: none of it ends what is written.
        for (agent, body) in [
            (Some("ann"), answer()),
            (None, call(Some("S1"))),
            (None, ItemBody::UserMessage { input: Vec::new(), to: Vec::new(), queued: None }),
            (None, output("c1")),
        ] {
            check(&with(&[done(agent, body)]), &[("reasoning", "hm"), ("answer", "one two")]);
        }
        check(&with(std::slice::from_ref(&end)), &[]);
        // The output of calls ends with them; that of a task outlives its turn.
        check(&[delta("c1", "a"), delta("c2", "b"), done(None, output("c1"))], &[("c2", "b")]);
        check(&[delta("c1", "a"), end.clone()], &[]);
        let task_runs = [done(None, task(running)), delta("S1.1", "a"), end, delta("S1.1", "b")];
        check(&task_runs, &[("S1.1", "ab")]);
        check(&[&task_runs[..], &[done(None, task(TaskState::Lost))]].concat(), &[]);
    }

    #[test]
    fn an_answer_that_begins_anew_is_one_agents() {
        let mut written = Written::default();
        for kind in [
            started(Started::Answer, "answer", None),
            delta("answer", "own"),
            started(Started::Answer, "answer@ann", Some("ann")),
            delta("answer@ann", "hers"),
            delta("c1", "output"),
        ] {
            written.take_in(Some(TURN), &kind);
        }
        written.forget_answer(Some(&"ann".into()));
        let left: Vec<String> = written.all().into_iter().map(|one| one.stream).collect();
        assert_eq!(left, ["answer", "c1"]);
    }

    proptest! {
        #[test]
        fn of_very_much_the_end_is_kept(
            parts in proptest::collection::vec((0_usize..3, 1_usize..60_000, "[a-zäß日🦀]{1,3}"), 1..40),
        ) {
            let mut written = Written::default();
            let mut all = [const { String::new() }; 3];
            for (stream, length, text) in parts {
                let text = text.repeat(length / text.len() + 1);
                written.take_in(Some(TURN), &delta(&stream.to_string(), &text));
                all[stream].push_str(&text);
                let streams = written.all();
                prop_assert!(streams.iter().map(|one| one.text.len()).sum::<usize>() <= KEPT);
                for one in streams {
                    let whole = &all[one.stream.parse::<usize>().unwrap()];
                    prop_assert!(whole.ends_with(&one.text));
                    prop_assert_eq!(one.cut, one.text.len() < whole.len());
                }
            }
        }
    }
}
