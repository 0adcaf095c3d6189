//! Transcripts grown by items and events, as text.

use super::*;
use glossator_session::ContextItem;
use glossator_session::{
    Answer, AskSubject, Decision, Grant, NoticeLevel, PlanStep, StepStatus, TaskState, TurnStatus, Usage,
};
use proptest::prelude::*;

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn head() -> SessionHead {
    SessionHead {
        id: "s-1".into(),
        title: "Fix *it*".to_owned(),
        created_at: 0,
        model: "a/b".to_owned(),
        pack: String::new(),
        tools: Vec::new(),
        calling: String::new(),
        strategy: String::new(),
        parent: None,
        layers: Vec::new(),
    }
}

fn empty() -> Transcript {
    let page = Page { head: head(), items: Vec::new(), first: TurnId(0), more: false };
    Transcript::of(&page, None, &shown)
}

fn item(id: u64, turn: u32, body: ItemBody) -> Item {
    Item { id: ItemId(id), turn: TurnId(turn), round: 1, at: 1_790_000_000_000, agent: None, body }
}

fn prompt(text: &str) -> ItemBody {
    ItemBody::UserMessage {
        input: vec![InputPart::Text { text: text.to_owned() }],
        to: Vec::new(),
        queued: None,
    }
}

fn answer(text: &str) -> ItemBody {
    ItemBody::Answer { text: text.to_owned(), raw: None }
}

fn end() -> ItemBody {
    let usage = Usage { input: 1200, output: 30, ..Usage::default() };
    ItemBody::TurnEnded { status: TurnStatus::Done, usage, cost: None, message: None }
}

impl Transcript {
    fn tell(&mut self, turn: u32, kind: EventKind) {
        let event = Event { session: "s-1".into(), seq: 1, turn: Some(TurnId(turn)), kind };
        self.event(&event, 1_790_000_000_000, &shown);
    }

    fn put(&mut self, id: u64, turn: u32, body: ItemBody) {
        self.tell(turn, EventKind::ItemCompleted { item: Box::new(item(id, turn, body)) });
    }

    fn says(&mut self, stream: &str, text: &str) {
        self.tell(1, EventKind::ItemDelta { stream: stream.to_owned(), text: text.to_owned() });
    }
}

/// Without the head and the heading of the turn, whose time is of the machine's zone.
fn body(transcript: &mut Transcript) -> String {
    let text = transcript.markdown();
    let (_, rest) = text.split_once("\n## ").unwrap();
    rest.split_once('\n').unwrap().1.to_owned()
}

#[test]
fn a_turn_grows_by_its_events() {
    let mut chat = empty();
    assert!(chat.markdown().starts_with(
        "# Fix \\*it\\*\n\nsession `s-1` · `a/b` · write in prompt.md\n\nNothing was said yet.\n"
    ));
    chat.tell(1, EventKind::TurnStarted);
    chat.put(1, 1, prompt("Do\n\nit"));
    assert_eq!(body(&mut chat), "\n### You\n\n> Do\n>\n> it\n");
    chat.says("reasoning", "Hm");
    assert!(body(&mut chat).ends_with("\n### Glossator\n\n- ▸ thinks, 2 characters …\n"));
    chat.says("answer", "First\n# wo");
    chat.says("answer", "rds");
    chat.says("script", "a();");
    chat.says("S1-1-1.1", "output of a call");
    assert!(
        body(&mut chat).ends_with("\nFirst\n#### words\n\n- ▸ writes a script, 4 characters …\n"),
        "{}",
        body(&mut chat)
    );
    // A try that does not count leaves nothing.
    chat.tell(1, EventKind::Notice { level: NoticeLevel::Warning, text: "Retrying\n2/5".to_owned() });
    assert!(body(&mut chat).ends_with("> it\n\n- ▸ Retrying 2/5\n"), "{}", body(&mut chat));
    chat.says("answer", "Whole");
    chat.put(2, 1, answer("Whole.\n\n<tool-calls>\na();\n</tool-calls>\n"));
    chat.put(2, 1, answer("told twice"));
    chat.put(3, 1, prompt("And this"));
    chat.put(4, 1, end());
    let text = chat.markdown();
    assert!(text.contains("## T-1 · done · ") && text.contains(" · 0.0 s · 1.2k in, 30 out\n"), "{text}");
    assert!(text.contains("### Glossator\n\nWhole.\n\n### You · "), "{text}");
    assert!(!text.contains("told twice") && !text.contains("a();"), "{text}");
}

#[test]
fn questions_that_are_answered_in_words() {
    for (decision, message, expected) in [
        (Decision::Allow, Some("blue"), "→ answered: blue\n"),
        (Decision::Allow, None, "→ left open\n"),
        (Decision::Deny, Some("later"), "→ not answered: later\n"),
    ] {
        let mut chat = empty();
        chat.put(1, 1, prompt("Go"));
        let (question, options) = ("Which?".to_owned(), Vec::new());
        let ask = Ask {
            id: "A1-ff".into(),
            call: "S1.1".into(),
            title: question.clone(),
            reason: "the agent asks you".to_owned(),
            subject: AskSubject::Question { question, options, default: None },
            grants: Vec::new(),
        };
        chat.asks(TurnId(1), &ask);
        assert!(body(&mut chat).contains(
            "- ▸ A1 asks: Which? (the agent asks you) **waits**\n- ▸ answer by the code actions *Answer* ("
        ));
        let message = message.map(str::to_owned);
        let answer = Answer { decision, grant: Grant::Once, message, hunks: None };
        chat.put(2, 1, ItemBody::Approval { ask, answer });
        assert!(body(&mut chat).contains(expected), "{}", body(&mut chat));
    }
}

#[test]
fn questions_plans_and_tasks_have_their_lines() {
    let mut chat = empty();
    chat.put(1, 1, prompt("Go"));
    let ask = Ask {
        id: "A1-ff".into(),
        call: "S1.1".into(),
        title: "Run it?".to_owned(),
        reason: "policy".to_owned(),
        subject: AskSubject::Script { source: String::new() },
        grants: Vec::new(),
    };
    chat.asks(TurnId(1), &ask);
    chat.tell(1, EventKind::Ask { ask: Box::new(ask.clone()) });
    assert_eq!(body(&mut chat).matches("A1 asks").count(), 1);
    assert!(body(&mut chat).contains("**waits**"));
    let other = Ask { id: "A2-ff".into(), ..ask.clone() };
    chat.asks(TurnId(1), &other);
    assert_eq!(body(&mut chat).matches("▸ answer by the code actions *Allow*").count(), 1);
    let no = Answer { decision: Decision::Deny, grant: Grant::Once, message: None, hunks: None };
    chat.tell(1, EventKind::AskResolved { id: other.id.clone(), answer: no });
    let answer = Answer { decision: Decision::Allow, grant: Grant::Session, message: None, hunks: None };
    chat.tell(1, EventKind::AskResolved { id: ask.id.clone(), answer: answer.clone() });
    chat.put(2, 1, ItemBody::Approval { ask, answer });
    assert!(body(&mut chat).contains("- ▸ A1 asks: Run it? (policy) → allowed for this session\n"));
    assert!(!body(&mut chat).contains("answer by the code actions"));
    let step = |text: &str, status| PlanStep { text: text.to_owned(), status };
    let plan =
        |steps: Vec<PlanStep>| ItemBody::Context(ContextItem::Plan { steps, explanation: String::new() });
    chat.put(3, 1, plan(vec![step("one", StepStatus::Pending)]));
    chat.put(4, 1, plan(vec![step("one", StepStatus::Done), step("two [x]", StepStatus::InProgress)]));
    assert!(
        body(&mut chat).contains("- ▸ plan\n  - [x] one\n  - [ ] **two \\[x\\]**\n"),
        "{}",
        body(&mut chat)
    );
    assert_eq!(body(&mut chat).matches("plan").count(), 1);
    let task = |state| ItemBody::Task { id: "S1-1-1.3".into(), state };
    chat.put(5, 1, task(TaskState::Running { tool: "exec".to_owned(), line: "exec make".to_owned() }));
    chat.put(6, 1, end());
    chat.put(7, 2, prompt("Next"));
    // It ends in another turn, and its one line says so.
    chat.put(
        8,
        2,
        task(TaskState::Done { summary: "exit code 0".to_owned(), file_key: Some("K1".into()), bytes: 2 }),
    );
    let text = chat.markdown();
    assert_eq!(text.matches("task S1-1-1.3").count(), 1, "{text}");
    assert!(text.contains("- ▸ task S1-1-1.3 `exec make` → exit code 0 (K1)\n"), "{text}");
}

#[test]
fn only_the_latest_turns_are_shown() {
    let mut chat = empty();
    for turn in 1..=45 {
        chat.put(u64::from(turn) * 2, turn, prompt("x"));
        chat.put(u64::from(turn) * 2 + 1, turn, end());
    }
    let text = chat.markdown();
    assert!(
        text.contains("earlier turns: chat-1.md") && text.contains("## T-16 ") && !text.contains("## T-15 "),
        "{text}"
    );
    assert_eq!(text.matches("\n## T-").count(), TURNS);
    // What happens to one that is not shown changes nothing.
    chat.put(999, 3, prompt("late"));
    assert_eq!(chat.markdown(), text);
}

#[test]
fn what_waits_stands_at_the_end() {
    let mut chat = empty();
    chat.put(1, 1, prompt("x"));
    let before = chat.markdown();
    let input = vec![InputPart::Text { text: "Then\nthis".to_owned() }];
    let prompts = vec![QueuedPrompt { id: "Q1".to_owned(), input, at: 0 }];
    chat.tell(1, EventKind::Queue { prompts, waits: Some("T-1 was stopped.".to_owned()) });
    let text = chat.markdown();
    let rest = text.strip_prefix(&before).unwrap();
    assert_eq!(
        rest,
        "\n- ▸ Q1 waits: Then this\n- ▸ the queue waits for you: T-1 was stopped. glossator.queue lets it go on\n"
    );
    chat.tell(1, EventKind::Queue { prompts: Vec::new(), waits: None });
    assert_eq!(chat.markdown(), before);
}

proptest! {
    #[test]
    fn whatever_is_said_the_parts_stay_apart(
        texts in prop::collection::vec("([#>`~ \n*-]|T-1|## |▸|<!--|\\PC){0,30}", 1..5)
    ) {
        let mut chat = empty();
        let mut id = 0;
        for (at, text) in texts.iter().enumerate() {
            let turn = u32::try_from(at).unwrap() + 1;
            for body in [prompt(text), answer(text), end()] {
                id += 1;
                chat.put(id, turn, body);
            }
        }
        let text = chat.markdown();
        let outline = crate::chat::outline::Outline::of(&text);
        let turns: Vec<u32> = outline.turns.iter().map(|turn| turn.id.0).collect();
        prop_assert_eq!(turns, (1..=u32::try_from(texts.len()).unwrap()).collect::<Vec<_>>(), "{}", text);
        for turn in &outline.turns {
            let users = turn.speakers.iter().filter(|speaker| speaker.is_user()).count();
            prop_assert!(users == 1 && turn.speakers.len() <= 2, "{}", text);
        }
        prop_assert!(outline.runs.is_empty(), "{}", text);
    }
}
