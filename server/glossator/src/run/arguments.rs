//! The command line of `glossator run`, as data for clap, and the layer of settings that it is.

use clap::Args;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// `glossator run`
#[derive(Args)]
pub struct Run {
    /// What is wanted: a text file of the workspace.
    pub epic: PathBuf,
    /// The task list; EPIC.tasks.md beside the epic if not given. Made if it is not there.
    #[arg(long, value_name = "FILE")]
    pub tasks: Option<PathBuf>,
    /// The log; EPIC.log.md beside the epic if not given. Made if it is not there.
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    #[command(flatten)]
    pub limits: Limits,
    /// `provider/model id`.
    #[arg(long)]
    pub model: Option<String>,
    /// The tools: core, files, all or a pack of the settings.
    #[arg(long)]
    pub pack: Option<String>,
    /// What may be done without asking: ask, auto-edit or full. What would ask is refused.
    #[arg(long)]
    pub policy: Option<String>,
    /// The workspace; the current folder if not given. The other paths are relative to it.
    #[arg(long, value_name = "DIR")]
    pub cwd: Option<PathBuf>,
    /// One event a line, as JSON.
    #[arg(long)]
    pub json: bool,
    /// Go on with the unfinished run of this epic, and fail if there is none. Without it too an unfinished run is gone on with.
    #[arg(long)]
    pub resume: bool,
    /// The answer to the question that the last run ended with.
    #[arg(long, value_name = "TEXT")]
    pub answer: Option<String>,
    /// Begin anew, with a session of its own, whatever was there before.
    #[arg(long, conflicts_with_all = ["resume", "answer"])]
    pub new: bool,
}

/// What all runs of an epic may come to.
#[derive(Args)]
pub struct Limits {
    /// Runs at the most, those before a --resume counted.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_runs: u32,
    /// Tokens that all runs together may cost.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub budget_tokens: Option<u64>,
    /// US dollars that all runs together may cost.
    #[arg(long, value_name = "X", value_parser = dollars)]
    pub budget_usd: Option<f64>,
}

fn dollars(text: &str) -> Result<f64, String> {
    let amount = text.parse::<f64>().ok().filter(|amount| amount.is_finite() && *amount >= 1e-6);
    amount.ok_or_else(|| "it should be an amount of US dollars above 0, like 2.50".to_owned())
}

impl Run {
    /// The layer of settings that the command line is. A run that nobody watches any more is stopped.
    pub fn settings(&self) -> Value {
        let named = [("model", &self.model), ("pack", &self.pack), ("policy", &self.policy)];
        let named =
            named.into_iter().filter_map(|(key, value)| Some((key.to_owned(), json!(value.as_ref()?))));
        let mut all: Map<String, Value> = named.collect();
        all.insert("core".to_owned(), json!({ "on_disconnect": "stop" }));
        all.insert("context".to_owned(), json!({ "strategy": "one-shot" }));
        let budget = [
            ("session_tokens", self.limits.budget_tokens.map(|tokens| json!(tokens))),
            ("session_usd", self.limits.budget_usd.map(|usd| json!(usd))),
        ];
        let budget: Map<String, Value> =
            budget.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
        if !budget.is_empty() {
            all.insert("budget".to_owned(), Value::Object(budget));
        }
        Value::Object(all)
    }
}
