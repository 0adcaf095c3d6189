//! One model request: made of a prompt, sent, its answer folded and shown, and what has to be known of it later. Records
//! nothing itself.

use crate::config::{ModelSetup, RequestConfig};
use crate::estimates;
use crate::fold::{Answered, Fold};
use crate::shared::Shared;
use glossator_models::tokens::Family;
use glossator_models::{Encoded, ErrorKind, Facts, ModelError, ModelEvent, Provider, Request};
use glossator_session::{Cost, Part, Prompt, RequestRecord, SessionId};
use serde_json::{Map, Value, json};
use std::time::Instant;
use tokio_util::sync::CancellationToken;

/// Tokens that an image counts where nothing is known of it.
const IMAGE_TOKENS: u64 = 1_600;

/// A request that was answered, or failed.
pub(crate) struct Asked {
    /// The answer, or what of it came before it failed.
    pub answered: Answered,
    pub error: Option<ModelError>,
    pub record: RequestRecord,
}

impl Asked {
    /// What it cost, where a price is known.
    pub fn cost(&self) -> Option<&Cost> {
        self.record.cost.as_ref()
    }
}

/// The request that is made of `prompt` for `asked`.
pub(crate) fn request(asked: &RequestConfig, prompt: Prompt, session: &SessionId) -> Request {
    Request {
        model: asked.model.clone(),
        prompt,
        max_output: asked.max_output,
        thinking: asked.thinking,
        effort: asked.effort.clone(),
        temperature: asked.temperature,
        top_p: asked.top_p,
        stop: Vec::new(),
        output_schema: None,
        cache_key: Some(session.to_string()),
        facts: asked.facts.clone(),
    }
}

/// Sends `request` to the provider of `setup`; `show` is told each event with what it gives to be shown. `estimated`: what
/// [`estimate`] says of its prompt, where that is known.
pub(crate) async fn ask(
    shared: &Shared,
    setup: &ModelSetup,
    (request, estimated): (&Request, Option<u64>),
    (cancel, show): (&CancellationToken, &(dyn Fn(Shown<'_>) + Send + std::marker::Sync)),
) -> Asked {
    let started = Instant::now();
    let mut record = RequestRecord { model: request.model.clone(), ..RequestRecord::default() };
    let provider = match &setup.provider {
        Ok(provider) => provider,
        Err(why) => {
            record.error = Some(why.clone());
            let error = Some(ModelError::new(ErrorKind::Auth, why.clone()));
            return Asked { answered: Answered::default(), error, record };
        }
    };
    record.estimated = estimated.unwrap_or_else(|| estimate(&request.prompt, &request.model));
    let encoded = describe(&mut record, provider, request);
    let client = shared.client(&setup.request.http);
    let mut stream = client.stream_encoded(provider, (&request.model, encoded), cancel.child_token());
    let (mut fold, mut error) = (Fold::default(), None);
    while let Some(event) = stream.next().await {
        let event = match event {
            Ok(event) => event,
            Err(failed) => {
                error = Some(failed);
                break;
            }
        };
        let anew = fold.shown && matches!(event, ModelEvent::Started { .. });
        let fragments = fold.push(&event);
        show(Shown { event: &event, anew, fragments: &fragments });
        if fold.self_written {
            // Dropping the stream closes the connection: what the model makes up from here on is not read.
            break;
        }
    }
    drop(stream);
    let answered = fold.finish();
    let price = request.facts.price.as_ref();
    record.usage = answered.usage;
    record.cost =
        answered.cost.clone().or_else(|| price.map(|price| glossator_models::cost(&answered.usage, price)));
    record.millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    record.error = error.as_ref().map(|error| error.message.clone());
    Asked { answered, error, record }
}

/// Something that came while an answer is read.
pub(crate) struct Shown<'a> {
    pub event: &'a ModelEvent,
    /// The answer begins anew, and something of it had been shown.
    pub anew: bool,
    pub fragments: &'a [crate::fold::Fragment],
}

/// What can be said of a request before it is answered; gives it as it is sent.
fn describe(
    record: &mut RequestRecord,
    provider: &Provider,
    request: &Request,
) -> Result<Encoded, ModelError> {
    record.model = format!("{}/{}", provider.slug, request.model);
    record.wire = provider.wire.name().to_owned();
    // What cannot be encoded is not sent, and the error says so.
    let encoded = provider.wire.encode(request, &provider.dialect)?;
    record.bytes = encoded.body.len() as u64;
    record.hash = glossator_text::text_hash(&String::from_utf8_lossy(&encoded.body));
    Ok(encoded)
}

/// About how many tokens a prompt has for a model, before anything is learned of its provider's counting.
pub(crate) fn estimate(prompt: &Prompt, model: &str) -> u64 {
    let family = Family::of(model);
    let count = |text: &str| estimates::estimate(text, family);
    let system: u64 = prompt.system.iter().map(|part| count(&part.text)).sum();
    let tools: u64 = prompt
        .tools
        .iter()
        .map(|tool| count(&tool.description) + count(&tool.input_schema.to_string()))
        .sum();
    let part = |part: &Part| match part {
        Part::Text { text } => count(text),
        Part::Raw { raw } => count(&raw.json),
        Part::ToolCall { name, arguments, .. } => count(name) + count(&arguments.to_string()),
        Part::ToolOutput { text, images, .. } => count(text) + IMAGE_TOKENS * images.len() as u64,
        Part::Image { .. } => IMAGE_TOKENS,
    };
    let messages: u64 = prompt.messages.iter().flat_map(|message| &message.parts).map(part).sum();
    system + tools + messages
}

/// Everything of a request that is not made of the log.
pub(crate) fn parameters(asked: &RequestConfig) -> Map<String, Value> {
    let known = |facts: &Facts| {
        serde_json::to_value(facts).ok().and_then(|facts| facts.as_object().cloned()).unwrap_or_default()
    };
    let unknown = known(&Facts::default());
    let mut facts = known(&asked.facts);
    facts.retain(|name, value| name != "price" && unknown.get(name) != Some(value));
    let facts = if facts.is_empty() { Value::Null } else { Value::Object(facts) };
    let rows = [
        ("maxOutput", json!(asked.max_output)),
        ("thinking", thinking(asked.thinking)),
        ("effort", json!(asked.effort)),
        ("temperature", json!(asked.temperature)),
        ("topP", json!(asked.top_p)),
        ("facts", facts),
    ];
    let set = rows.into_iter().filter(|(_, value)| !value.is_null());
    set.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What [`parameters`] were made of; what they do not hold is as `asked` has it.
pub(crate) fn with_parameters(asked: &RequestConfig, parameters: &Map<String, Value>) -> RequestConfig {
    use glossator_models::Thinking;
    let number = |name: &str| parameters.get(name).and_then(Value::as_f64);
    let price = asked.facts.price.clone();
    let facts = parameters.get("facts").cloned().unwrap_or_default();
    RequestConfig {
        max_output: number("maxOutput").map(|most| most as u32),
        thinking: match parameters.get("thinking") {
            Some(Value::String(word)) if word == "off" => Thinking::Off,
            Some(Value::String(_)) => Thinking::Adaptive,
            Some(budget) => Thinking::Budget(budget.as_u64().unwrap_or_default() as u32),
            None => Thinking::Default,
        },
        effort: parameters.get("effort").and_then(Value::as_str).map(str::to_owned),
        temperature: number("temperature"),
        top_p: number("topP"),
        facts: Facts { price, ..serde_json::from_value(facts).unwrap_or_default() },
        ..asked.clone()
    }
}

fn thinking(thinking: glossator_models::Thinking) -> Value {
    use glossator_models::Thinking;
    match thinking {
        Thinking::Default => Value::Null,
        Thinking::Off => json!("off"),
        Thinking::Adaptive => json!("adaptive"),
        Thinking::Budget(tokens) => json!(tokens),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_models::Thinking;

    #[test]
    fn parameters_come_back_as_they_were() {
        let check = |asked: RequestConfig, bytes: usize| {
            let found = parameters(&asked);
            let length = Value::Object(found.clone()).to_string().len();
            assert!(length <= bytes, "{found:?}");
            let bare = RequestConfig { model: asked.model.clone(), ..RequestConfig::default() };
            assert_eq!(with_parameters(&bare, &found), asked, "{found:?}");
        };
        let plain = RequestConfig { model: "m".to_owned(), ..RequestConfig::default() };
        check(plain.clone(), 2);
        check(RequestConfig { thinking: Thinking::Off, max_output: Some(9), ..plain.clone() }, 70);
        check(
            RequestConfig { thinking: Thinking::Adaptive, effort: Some("high".to_owned()), ..plain.clone() },
            80,
        );
        let facts =
            Facts { context_window: Some(200_000), efforts: vec!["low".to_owned()], ..Facts::default() };
        let full = RequestConfig {
            thinking: Thinking::Budget(1024),
            temperature: Some(0.5),
            top_p: Some(1.0),
            facts,
            ..plain
        };
        check(full, 200);
    }
}
