//! The next request of a session, made and not sent.

use super::{Preview, SentPiece};
use crate::AgentError;
use crate::config::{Calling, Front, History, RequestConfig, TurnConfig};
use crate::prompting::{View, since_compaction};
use crate::routing::{self, OWN};
use crate::run_strategy;
use crate::secrets::without_secrets;
use crate::session::Session;
use crate::toolset::Toolset;
use crate::{editor_seen, environment};
use glossator_context::{Inputs, explain, layers_in_force};
use glossator_models::tokens::{self, Family};
use glossator_session::{AgentId, ContextItem, InputPart, Item, ItemBody, ItemId, TurnId, Usage};
use glossator_tools::Mode;

/// What the next request of `session` would be with this input.
pub(super) async fn preview(
    session: &Session,
    input: Vec<InputPart>,
    mut config: TurnConfig,
    front: Front,
) -> Result<Preview, AgentError> {
    let begun = session.begun();
    let without_scripts = config.acts.mode == Mode::Disabled && config.request.calling == Calling::Script;
    let wished = if without_scripts { Calling::Native } else { config.request.calling };
    config.request.calling = session.calling().unwrap_or(wished);
    let known: Vec<&AgentId> = config.agents.keys().collect();
    let to = routing::route(&config.wishes.agents, &input, &known)?;
    let mut toolset = Toolset::of(begun.as_ref(), &config)?;
    let agent = to.first().filter(|agent| agent.0 != OWN).cloned();
    if let Some(setup) = agent.as_ref().and_then(|agent| config.agents.get(agent).cloned()) {
        if let Some(pack) = &setup.pack {
            toolset = toolset.bounded(pack, &config)?;
        }
        let calling = config.request.calling;
        config.provider = setup.model.provider;
        config.request = RequestConfig { calling, ..setup.model.request };
    }
    let facts = environment::gather(&front, &toolset.session, &config).await;
    let seen = editor_seen::seen(&front, &config, &input).await;
    let mut view = View::new(agent.as_ref(), &config, (&toolset.native, front.workspace.roots()));
    view.before = session.before();
    let mut items = session.with_sendable(<[Item]>::to_vec);
    let turn = TurnId(session.place().0.0.saturating_add(1));
    let history = begun.as_ref().map_or(config.context.strategy, |head| History::named(&head.strategy));
    let mut coming = vec![ItemBody::UserMessage { input, to, queued: None }];
    coming.extend(seen.map(|seen| ItemBody::Context(ContextItem::Editor(seen))));
    match session.frozen() {
        None => view.frozen = facts.layers,
        Some(frozen) => {
            let layers = layers_in_force(&frozen, &items);
            let since = run_strategy::seen(history, since_compaction(&items), turn);
            let changes = environment::changes(&layers, since, &facts, &toolset.changed);
            coming.extend(changes.into_iter().map(ItemBody::Context));
            view.frozen = frozen;
        }
    }
    for body in coming {
        let id = ItemId(items.last().map_or(0, |item| item.id.0) + 1);
        let body = without_secrets(body, &*config.redact);
        items.push(Item { id, turn, round: 0, at: 0, agent: None, body });
    }
    if !toolset.told.is_empty() {
        let told = ContextItem::Told { text: toolset.told.join("\n"), about: String::new() };
        let id = ItemId(items.last().map_or(0, |item| item.id.0) + 1);
        items.push(Item { id, turn, round: 0, at: 0, agent, body: ItemBody::Context(told) });
    }
    view.strategy = run_strategy::strategy(history, &items, (turn, config.context.compact_at));
    Ok(view.inputs(&items, turn, |inputs| of(&view, inputs, &config)))
}

fn of(view: &View, inputs: &Inputs, config: &TurnConfig) -> Preview {
    let tokens = view.weigh(inputs).tokens();
    let facts = &config.request.facts;
    let usage = Usage { input: tokens, ..Usage::default() };
    Preview {
        model: format!("{}/{}", config.provider_slug(), config.request.model),
        pieces: pieces(view, inputs),
        tokens,
        window: facts.context_window,
        cost: facts.price.as_ref().map(|price| glossator_models::cost(&usage, price)),
    }
}

/// The pieces of a prompt, with their tokens as estimated.
pub(super) fn pieces(view: &View, inputs: &Inputs) -> Vec<SentPiece> {
    let family = Family::of(&view.model);
    let pieces = explain(inputs, &|text| tokens::estimate(text, family));
    let piece = |piece: glossator_context::Piece| SentPiece {
        layer: piece.layer,
        origin: piece.origin.name().to_owned(),
        text: piece.text,
        tokens: piece.tokens,
    };
    pieces.into_iter().map(piece).collect()
}
