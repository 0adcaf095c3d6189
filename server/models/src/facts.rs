//! What is known of a model, as data. Facts shape requests and prices; they never change which model id is sent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Facts about one model. The default is what is safe for a model that nobody knows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Facts {
    /// Tokens that prompt and answer may have together.
    pub context_window: Option<u64>,
    /// The most tokens of an answer.
    pub max_output: Option<u64>,
    /// Whether it sees images; `None`: not known, so they are sent.
    pub images: Option<bool>,
    /// How its thinking is asked for.
    pub thinking: ThinkingStyle,
    /// The effort levels it takes, least first; empty: not known, so the user's word is sent; only `none`: it takes
    /// no effort at all.
    pub efforts: Vec<String>,
    /// Whether it takes temperature and top_p; `None`: not known, so what the user set is sent.
    pub sampling: Option<bool>,
    /// Whether it calls tools natively; `None`: not known.
    pub native_tools: Option<bool>,
    /// What it costs.
    pub price: Option<Price>,
}

/// How the thinking of a model is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ThinkingStyle {
    /// Not known: what the user set is sent as it is.
    #[default]
    Unknown,
    /// It does not think.
    None,
    /// By a budget of tokens.
    Budget,
    /// By itself, and it can be switched off.
    Adaptive,
    /// By itself, and it cannot be switched off.
    Always,
    /// By an effort level, of which the least is `none`.
    Effort,
    /// By an effort level; it cannot be switched off.
    EffortAlways,
}

/// What a model costs, in US dollars per million tokens.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Price {
    /// Input that is neither read from nor written to a cache.
    pub input: f64,
    /// Input read from a cache; not set: as other input.
    pub cache_read: Option<f64>,
    /// Input written to a cache; not set: as other input.
    pub cache_write: Option<f64>,
    /// Output, reasoning included.
    pub output: f64,
    /// The day these prices are of: `2026-11-20`.
    pub as_of: String,
    /// What long prompts cost, where that differs.
    pub long: Option<LongPrice>,
}

/// Prices of a request whose whole input, caches included, is longer than `above`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LongPrice {
    /// Input tokens up to which the plain prices hold.
    pub above: u64,
    /// As in [`Price`].
    pub input: f64,
    /// As in [`Price`].
    pub cache_read: Option<f64>,
    /// As in [`Price`].
    pub cache_write: Option<f64>,
    /// As in [`Price`].
    pub output: f64,
}

/// Efforts of all providers, least first.
pub(crate) const EFFORTS: &[&str] = &["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/// The word for no effort, and so for no thinking.
const NONE: &str = "none";
/// The least effort of a model that always thinks, where its levels are not known.
const LEAST: &str = "low";

impl Facts {
    /// The effort to send for the one asked for: itself where nothing speaks against it, else the nearest below that
    /// the model takes, else its least; for `none` the lowest at which a model thinks that cannot do without. `None` when
    /// the model is known to take no effort at all.
    pub fn effort<'a>(&'a self, asked: &'a str) -> Option<&'a str> {
        let rank = |effort: &str| EFFORTS.iter().position(|known| *known == effort);
        if self.efforts == [NONE] {
            return None;
        }
        let always = matches!(self.thinking, ThinkingStyle::Always | ThinkingStyle::EffortAlways);
        if asked == NONE && always {
            return Some(self.efforts.iter().find(|effort| *effort != NONE).map_or(LEAST, String::as_str));
        }
        let (Some(least), Some(wanted)) = (self.least_effort(), rank(asked)) else {
            return Some(asked);
        };
        let below = self.efforts.iter().rev().find(|effort| rank(effort).is_some_and(|rank| rank <= wanted));
        Some(below.map_or(least, String::as_str))
    }

    /// The least effort it takes, where known.
    pub fn least_effort(&self) -> Option<&str> {
        self.efforts.first().map(String::as_str)
    }
}
