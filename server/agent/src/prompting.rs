//! What a prompt is made of, from a session's items: the layers in force, what is told, and for whom. Records only what an
//! agent is told of its part and of a turn.

use crate::asking;
use crate::config::TurnConfig;
use crate::earlier::Earlier;
use crate::outcomes::Words;
use crate::run_strategy;
use crate::running::Running;
use crate::told::{self, ROLE};
use glossator_context::{
    Inputs, Reader, Regular, Strategy, USER_PROMPT_CAP_CHARS, assemble, layers_in_force, role,
};
use glossator_models::tokens::Calibration;
use glossator_session::{
    AgentId, ContextItem, Item, ItemBody, ItemId, Prompt, RequestRecord, SystemPart, ToolSpec, TurnId,
};
use glossator_workspace::Roots;
use std::sync::Arc;

/// Who reads a prompt, and what it holds beside the log.
pub(crate) struct View {
    /// Layers 1 and 2 as the session began with them.
    pub frozen: Vec<SystemPart>,
    /// What is known of everything before the items.
    pub before: Arc<Earlier>,
    pub native: Vec<ToolSpec>,
    pub agent: Option<AgentId>,
    /// The agent's part, where the log does not hold it yet.
    pub role: String,
    /// The request of the turn that is made.
    pub round: u32,
    pub model: String,
    pub wire: &'static str,
    pub sees_images: bool,
    pub strategy: Arc<dyn Strategy>,
    pub roots: Roots,
    pub redact: Arc<dyn Fn(&str) -> String + Send + std::marker::Sync>,
}

impl View {
    /// As the agent `agent` of a session sees it; `config` is that agent's.
    pub fn new(agent: Option<&AgentId>, config: &TurnConfig, (native, roots): (&[ToolSpec], Roots)) -> View {
        let asked = &config.request;
        View {
            frozen: Vec::new(),
            before: Arc::default(),
            native: native.to_vec(),
            agent: agent.cloned(),
            role: agent.and_then(|agent| part(agent, config)).unwrap_or_default(),
            round: u32::MAX,
            model: asked.model.clone(),
            wire: config.provider.as_ref().map_or("", |provider| provider.wire.name()),
            sees_images: asked.facts.images.unwrap_or(true),
            strategy: Arc::new(Regular { percent: config.context.compact_at }),
            roots,
            redact: config.redact.clone(),
        }
    }

    /// As the turn's agent sees it.
    pub fn of(running: &Running) -> View {
        let roots = running.dispatcher.workspace().roots();
        let (frozen, before) = (running.session.frozen().unwrap_or_default(), running.session.before());
        let history = run_strategy::of(&running.session);
        let place = (running.turn, running.config.context.compact_at);
        let strategy = running.session.with_items(|items| run_strategy::strategy(history, items, place));
        View {
            frozen,
            before,
            strategy,
            round: running.session.place().1,
            ..View::new(running.agent(), &running.config, (&running.toolset.native, roots))
        }
    }

    /// What `look` makes of the inputs over `items`, for the next request of turn `current`.
    pub fn inputs<R>(&self, items: &[Item], current: TurnId, look: impl FnOnce(&Inputs) -> R) -> R {
        let words = Words { path: &|path| self.roots.display(path), redact: &*self.redact };
        let reminders = told::reminders((&self.before.hunks, items), self.agent.as_ref(), &words);
        let mut layers = layers_in_force(&self.frozen, items);
        if self.agent.is_some() {
            let text =
                since_compaction(items).iter().find_map(|item| self.role_in(item)).unwrap_or(&self.role);
            layers.push(SystemPart { layer: ROLE.to_owned(), text: text.to_owned() });
        }
        look(&Inputs {
            layers: &layers,
            native_tools: &self.native,
            items,
            current,
            round: self.round,
            reader: Reader {
                model: &self.model,
                wire: self.wire,
                sees_images: self.sees_images,
                agent: self.agent.as_ref(),
            },
            // Paths are told whole: folders may come and go, and what was sent must not move.
            folders: &[],
            reminders: &reminders,
            user_prompt_cap_chars: USER_PROMPT_CAP_CHARS,
            strategy: &*self.strategy,
        })
    }

    fn role_in<'a>(&self, item: &'a Item) -> Option<&'a str> {
        match &item.body {
            ItemBody::Context(ContextItem::Told { text, about })
                if about == ROLE && item.agent == self.agent =>
            {
                Some(text)
            }
            _ => None,
        }
    }

    /// Whether this reader was the one who made a request.
    fn is_of(&self, item: &Item, record: &RequestRecord) -> bool {
        item.agent == self.agent && record.model.split_once('/').is_some_and(|(_, model)| model == self.model)
    }

    /// What the size of the prompt of `inputs` is reckoned from.
    pub fn weigh(&self, inputs: &Inputs) -> Weight {
        let mut weight = Weight {
            prompt: assemble(inputs),
            model: self.model.clone(),
            learned: Calibration::default(),
            last: None,
        };
        let compacted = inputs.items.len() - since_compaction(inputs.items).len();
        for (at, item) in inputs.items.iter().enumerate() {
            let ItemBody::Context(ContextItem::Request(record)) = &item.body else { continue };
            let usage = &record.usage;
            let input = usage.input + usage.cache_read + usage.cache_write;
            if record.error.is_some() || input == 0 || !self.is_of(item, record) {
                continue;
            }
            weight.learned.observe(record.estimated, input);
            if at >= compacted && !is_beside(record) {
                weight.last = Some((input, record.estimated));
            }
        }
        weight
    }
}

/// What the size of a prompt is reckoned from.
pub(crate) struct Weight {
    pub prompt: Prompt,
    model: String,
    learned: Calibration,
    /// Input tokens of this reader's last request, as reported and as they had been estimated.
    last: Option<(u64, u64)>,
}

impl Weight {
    /// Tokens that were estimated for the same reader, as its provider would count them.
    pub fn corrected(&self, estimated: u64) -> u64 {
        self.learned.correct(estimated)
    }

    /// About how many tokens it has, whatever its provider counts. Reads the whole prompt.
    pub fn estimated(&self) -> u64 {
        asking::estimate(&self.prompt, &self.model)
    }

    /// About how many input tokens it is: what the provider reported last and an estimate of what came since, or an
    /// estimate of all. Reads the whole prompt.
    pub fn tokens(&self) -> u64 {
        self.tokens_of(self.estimated())
    }

    /// As [`Weight::tokens`], where it is known what is `estimated`.
    pub fn tokens_of(&self, estimated: u64) -> u64 {
        match self.last {
            Some((input, then)) if estimated >= then => input + self.learned.correct(estimated - then),
            _ => self.learned.correct(estimated),
        }
    }
}

/// A prompt that was made to be weighed, and what it was made of.
pub(crate) struct Weighed {
    pub prompt: Prompt,
    /// About how many tokens it has.
    pub estimated: u64,
    pub of: Basis,
}

impl Weighed {
    /// The prompt and its estimate, if it would be made of the same now.
    pub fn still(self, of: Basis) -> Option<(Prompt, u64)> {
        (self.of == of).then_some((self.prompt, self.estimated))
    }
}

/// What the prompt of one agent is made of within a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Basis {
    round: u32,
    /// The last item.
    upto: Option<ItemId>,
    /// Items before this one went without thinking.
    bare: u64,
}

impl Basis {
    pub fn of(round: u32, items: &[Item], bare: u64) -> Basis {
        Basis { round, upto: items.last().map(|item| item.id), bare }
    }
}

/// Whether a request was none of the conversation: a hand-over, a title.
pub(crate) fn is_beside(record: &RequestRecord) -> bool {
    record.parameters.get("for").is_some()
}

/// The items behind the last compaction, that one left out.
pub(crate) fn since_compaction(items: &[Item]) -> &[Item] {
    let is_compaction = |item: &Item| matches!(&item.body, ItemBody::Context(ContextItem::Compaction(_)));
    let from = items.iter().rposition(is_compaction).map_or(0, |at| at + 1);
    items.get(from..).unwrap_or_default()
}

/// What `look` makes of the layers in force and the items since they were frozen.
pub(crate) fn since_frozen<R>(running: &Running, look: impl FnOnce(&[SystemPart], &[Item]) -> R) -> R {
    let frozen = running.session.frozen().unwrap_or_default();
    let history = run_strategy::of(&running.session);
    running.session.with_items(|items| {
        // What was told in another run is not known in this one.
        let since = run_strategy::seen(history, since_compaction(items), running.turn);
        look(&layers_in_force(&frozen, items), since)
    })
}

/// The layer that tells an agent of its part.
fn part(agent: &AgentId, config: &TurnConfig) -> Option<String> {
    let setup = config.agents.get(agent)?;
    let others = config.agents.keys().filter(|other| *other != agent).cloned();
    let own = AgentId::from(glossator_context::OWN_AGENT);
    let others: Vec<AgentId> = std::iter::once(own).chain(others).collect();
    Some((config.redact)(&role(agent, &setup.role, &others).text))
}

/// Records what the agent at work has to be told before its first request: its part, from now on frozen, and what holds of
/// its tools in this turn.
pub(crate) fn say_what_is_new(running: &Running) {
    let told = running.toolset.told.join("\n");
    if !told.is_empty() {
        running.record_context(ContextItem::Told { text: told, about: String::new() });
    }
    keep_part(running);
}

/// Records the part of the agent at work, unless the log holds it since the layers were frozen.
fn keep_part(running: &Running) {
    let view = View::of(running);
    if view.role.is_empty() {
        return;
    }
    let known = running
        .session
        .with_items(|items| since_compaction(items).iter().any(|item| view.role_in(item).is_some()));
    if !known {
        running.record_context(ContextItem::Told { text: view.role, about: ROLE.to_owned() });
    }
}
