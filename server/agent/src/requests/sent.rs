//! A past request, made again from the log: the items up to it, the layers that were in force, the parameters it was sent
//! with. Whether that is what was sent is told by the hash of its body.

use super::Sent;
use super::preview::pieces;
use crate::AgentError;
use crate::asking;
use crate::config::{Calling, Front, History, ModelSetup, RequestConfig, TurnConfig};
use crate::prompting::{View, is_beside};
use crate::record::{AS, BARE, FOR, UPTO, known};
use crate::run_strategy;
use crate::toolset::{self, Toolset};
use glossator_context::{assemble, handover_prompt};
use glossator_models::{Dialect, Wire, known_dialect};
use glossator_session::{ContextItem, Item, ItemBody, ItemId, RequestRecord, SessionId, TurnId};
use glossator_store::SessionHead;
use serde_json::Value;

/// The request of a round, made again.
pub(super) fn sent(
    (head, items): (&SessionHead, &[Item]),
    wanted: (Option<TurnId>, Option<u32>),
    config: &TurnConfig,
    front: &Front,
) -> Result<Sent, AgentError> {
    let (at, record) = find(items, wanted).ok_or_else(|| AgentError::NotSent(not_sent(items, wanted)))?;
    let item = &items[at];
    let (turn, round) = (item.turn, item.round);
    let number = |name: &str| record.parameters.get(name).and_then(Value::as_u64);
    let upto = number(UPTO).map_or(at, |id| items.partition_point(|item| item.id <= ItemId(id)));
    let bare = number(BARE).unwrap_or(0);
    let seen = items[..upto].iter();
    let seen: Vec<Item> =
        seen.map(|item| if item.id.0 < bare { item.without_raw() } else { item.clone() }).collect();
    let mut config = config.clone();
    let setup = asked_then(record, &config);
    (config.provider, config.request) = (setup.provider, setup.request);
    let beside = record.parameters.get(AS).and_then(Value::as_object).filter(|_| is_beside(record));
    if let Some(parameters) = beside.or_else(|| known(&items[..=at], item.agent.as_ref())) {
        config.request = asking::with_parameters(&config.request, parameters);
    }
    config.request.calling = Calling::named(&head.calling).unwrap_or(config.request.calling);
    // The pack may be gone; what was offered stands in the head.
    let pack = || Toolset::of(Some(head), &config).map(|toolset| toolset.native).unwrap_or_default();
    let native = toolset::native(&head.tools, config.request.calling, pack);
    let mut view = View::new(item.agent.as_ref(), &config, (&native, front.workspace.roots()));
    view.frozen.clone_from(&head.layers);
    view.round = round;
    let history = History::named(&head.strategy);
    view.strategy = run_strategy::strategy(history, &seen, (turn, config.context.compact_at));
    let (wire, dialect) = wire_of(record, &config)?;
    view.wire = wire.name();
    let (prompt, pieces) = view.inputs(&seen, turn, |inputs| {
        let prompt = if beside.is_some() { handover_prompt(inputs) } else { assemble(inputs) };
        (prompt, pieces(&view, inputs))
    });
    let request = asking::request(&config.request, prompt, session_then(head, turn));
    let encoded = wire.encode(&request, &dialect).map_err(|error| AgentError::NotSent(error.message))?;
    let body = String::from_utf8_lossy(&encoded.body).into_owned();
    let exact = glossator_text::text_hash(&body) == record.hash;
    Ok(Sent { turn, round, record: record.clone(), body, exact, pieces })
}

/// The record of a request and its place: the latest that is wanted; of one round the last that was answered, else the last.
fn find(items: &[Item], (turn, round): (Option<TurnId>, Option<u32>)) -> Option<(usize, &RequestRecord)> {
    let records = items.iter().enumerate().filter_map(|(at, item)| match &item.body {
        ItemBody::Context(ContextItem::Request(record)) => Some((at, item, &**record)),
        _ => None,
    });
    // A title is made of other things than the log.
    let records = records.filter(|(_, item, record)| {
        turn.is_none_or(|turn| item.turn == turn)
            && round.is_none_or(|round| item.round == round)
            && record.parameters.get(FOR).is_none_or(|what| what != "title")
    });
    let found = records.max_by_key(|(at, item, record)| {
        ((item.turn, item.round), !is_beside(record), record.error.is_none(), *at)
    });
    found.map(|(at, _, record)| (at, record))
}

fn not_sent(items: &[Item], (turn, round): (Option<TurnId>, Option<u32>)) -> String {
    let Some(turn) = turn else {
        return "nothing is known of a request of this session: it sent none, or is older than such records"
            .to_owned();
    };
    let is_request = |item: &&Item| matches!(&item.body, ItemBody::Context(ContextItem::Request(_)));
    let of_turn = items.iter().filter(|item| item.turn == turn).filter(is_request);
    let rounds: Vec<String> = of_turn.map(|item| item.round.to_string()).collect();
    match (rounds.as_slice(), round) {
        ([], _) | (_, None) => {
            format!("nothing is known of a request of {turn}: it sent none, or it is older than such records")
        }
        (rounds, Some(round)) => {
            format!("{turn} sent no request in round {round}; it has {}", rounds.join(", "))
        }
    }
}

/// How the model of a record is asked now, if the settings still know it.
fn asked_then(record: &RequestRecord, config: &TurnConfig) -> ModelSetup {
    let (slug, model) = record.model.split_once('/').unwrap_or(("", &record.model));
    let own = ModelSetup { provider: config.provider.clone(), request: config.request.clone() };
    let agents = config.agents.values().map(|agent| &agent.model);
    let mut all = std::iter::once(&own).chain(agents).chain(&config.context.compact_with);
    let serves = |setup: &&ModelSetup| setup.provider.as_ref().is_ok_and(|provider| provider.slug == slug);
    let found =
        all.clone().find(|setup| serves(setup) && setup.request.model == model).or_else(|| all.find(serves));
    let provider = found.map_or_else(
        || Err(format!("the provider '{slug}' is not set up any more")),
        |setup| setup.provider.clone(),
    );
    let request = found.map(|setup| setup.request.clone()).unwrap_or_default();
    ModelSetup { provider, request: RequestConfig { model: model.to_owned(), ..request } }
}

fn wire_of(record: &RequestRecord, config: &TurnConfig) -> Result<(Wire, Dialect), AgentError> {
    let wire = Wire::named(&record.wire).map_err(AgentError::NotSent)?;
    let slug = record.model.split_once('/').map_or("", |(slug, _)| slug);
    let dialect = config.provider.as_ref().map_or_else(|_| known_dialect(slug), |provider| provider.dialect);
    Ok((wire, dialect))
}

/// The session that a turn was sent in: a fork shares the turns up to it with its parent.
fn session_then(head: &SessionHead, turn: TurnId) -> &SessionId {
    let parent = head.parent.as_ref().filter(|parent| turn <= parent.turn);
    parent.map_or(&head.id, |parent| &parent.session)
}
