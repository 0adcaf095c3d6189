//! What is asked, in our words, for any wire.

use crate::Facts;
use glossator_session::Prompt;
use serde_json::Value;

/// How the model is asked to think. What a model accepts differs; a wrong choice comes back as the provider's error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Thinking {
    /// Say nothing: the model's own default.
    #[default]
    Default,
    /// Do not think.
    Off,
    /// As much as the model finds right.
    Adaptive,
    /// At most this many tokens (older models; at least 1024).
    Budget(u32),
}

/// One request to a model.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request {
    /// The model id, sent verbatim.
    pub model: String,
    /// What is said.
    pub prompt: Prompt,
    /// Output limit in tokens; `None` for the wire's default.
    pub max_output: Option<u32>,
    /// How to think.
    pub thinking: Thinking,
    /// How hard to try, in the provider's own words (`low` ... `max`).
    pub effort: Option<String>,
    /// Sampling temperature; newer models refuse any, so only when the user asked.
    pub temperature: Option<f64>,
    /// Nucleus sampling; as `temperature`.
    pub top_p: Option<f64>,
    /// Texts that end the answer; those of white space only are left out.
    pub stop: Vec<String>,
    /// JSON schema that the answer has to fit, where the wire can ask for that.
    pub output_schema: Option<Value>,
    /// Groups requests of one conversation for the provider's prompt cache (the session's id).
    pub cache_key: Option<String>,
    /// What is known of the model.
    pub facts: Facts,
}
