//! `glossator debug context`: what a model would be sent for a prompt, or was sent in a past round. Sends nothing.

use super::script::workspace_settings;
use crate::assemble;
use crate::exec::{folder, headless_workspace};
use crate::terminal::say;
use glossator_agent::{Agent, Front, Preview, Sent, SentPiece};
use glossator_session::{InputPart, SessionId, TurnId};
use glossator_settings::turn_config;
use serde_json::{Value, json};

/// What is asked for.
pub struct What {
    pub json: bool,
    pub session: Option<String>,
    pub turn: Option<String>,
    pub round: Option<u32>,
    pub prompt: String,
}

/// Prints it; exit code 0.
pub async fn run(what: What) -> Result<u8, String> {
    let folder = folder(None)?;
    let identity = glossator_workspace::identity(&folder);
    let kit = assemble::kit();
    let agent = (kit.agent)(&identity);
    let (settings, trusted) = workspace_settings(&kit, &identity, &agent);
    let config = turn_config(&settings, &kit.environment);
    let front = Front {
        workspace: headless_workspace(&folder),
        trusted,
        interactive: false,
        editor: None,
        presence: Default::default(),
    };
    let session = what.session.as_deref().map(SessionId::from);
    if what.turn.is_none() && what.round.is_some() {
        return Err("--round needs --turn: the rounds of a turn begin at 1".to_owned());
    }
    let Some(turn) = &what.turn else {
        let id = session.unwrap_or_else(|| agent.new_session("").id);
        let input = vec![InputPart::Text { text: what.prompt }];
        let preview = agent.preview(&id, input, config, front).await.map_err(|error| error.to_string())?;
        print_preview(&preview, what.json);
        return Ok(0);
    };
    let session = session.ok_or("--turn needs --session: `glossator sessions list` names them")?;
    let at = (Some(TurnId::try_from(turn.clone())?), what.round);
    let sent = past(agent, session, at, (config, front)).await?;
    print_sent(&sent, what.json);
    Ok(0)
}

/// Reads the whole log, so not on the runtime's threads.
async fn past(
    agent: Agent,
    session: SessionId,
    at: (Option<TurnId>, Option<u32>),
    (config, front): (glossator_agent::TurnConfig, Front),
) -> Result<Sent, String> {
    let read = tokio::task::spawn_blocking(move || agent.sent(&session, at, &config, &front));
    read.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

fn print_preview(preview: &Preview, json: bool) {
    if json {
        say!(
            "{}",
            json!({
                "model": preview.model,
                "tokens": preview.tokens,
                "window": preview.window,
                "cost": preview.cost,
                "pieces": pieces(&preview.pieces),
            })
        );
        return;
    }
    let window = preview.window.map_or_else(|| "not known".to_owned(), |window| format!("{window} tokens"));
    say!("model: {}\nabout {} tokens; window: {window}", preview.model, preview.tokens);
    if let Some(cost) = &preview.cost {
        say!("about {:.4} USD for its input (prices of {})", cost.micro_usd as f64 / 1e6, cost.prices_of);
    }
    print_pieces(&preview.pieces);
}

fn print_sent(sent: &Sent, json: bool) {
    if json {
        let body: Value = serde_json::from_str(&sent.body).unwrap_or(Value::Null);
        say!(
            "{}",
            json!({ "record": sent.record, "exact": sent.exact, "body": body, "pieces": pieces(&sent.pieces) })
        );
        return;
    }
    let record = &sent.record;
    say!("model: {}\nusage: {}", record.model, json!(record.usage));
    if let Some(cost) = &record.cost {
        say!("cost: {:.4} USD (prices of {})", cost.micro_usd as f64 / 1e6, cost.prices_of);
    }
    say!("{} bytes, {} ms", record.bytes, record.millis);
    if let Some(error) = &record.error {
        say!("error: {error}");
    }
    match sent.exact {
        true => say!("This is byte for byte what was sent."),
        false => say!(
            "This is made anew from the log and differs from what was sent: settings, prices or the program changed since."
        ),
    }
    print_pieces(&sent.pieces);
    say!("\n== body\n{}", sent.body);
}

fn print_pieces(pieces: &[SentPiece]) {
    for piece in pieces {
        say!("\n== {} / {}: about {} tokens\n{}", piece.layer, piece.origin, piece.tokens, piece.text);
    }
}

fn pieces(pieces: &[SentPiece]) -> Vec<Value> {
    let one = |piece: &SentPiece| json!({ "layer": piece.layer, "origin": piece.origin, "tokens": piece.tokens, "text": piece.text });
    pieces.iter().map(one).collect()
}
