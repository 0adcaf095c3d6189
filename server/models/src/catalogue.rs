//! What is known of models, as data (`catalogue/models.toml`). Looks ids up; never changes one, never asks a provider.

use crate::Facts;
use serde::Deserialize;
use std::sync::LazyLock;

const DATA: &str = include_str!("catalogue/models.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    models: Vec<Row>,
}

/// One row of the data: several ids that have the same facts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    provider: String,
    ids: Vec<String>,
    #[serde(default)]
    prefixes: Vec<String>,
    #[serde(default)]
    note: Option<String>,
    facts: Facts,
}

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| toml::from_str(DATA).expect("the data is part of the program and a test reads it"));

/// What is known of `model` at the provider with that slug. A model that nobody knows gets safe defaults.
pub fn facts(provider: &str, model: &str) -> Facts {
    row(provider, model).map(|row| row.facts.clone()).unwrap_or_default()
}

/// What people should know of `model` before they wonder about its answers.
pub fn note(provider: &str, model: &str) -> Option<&'static str> {
    row(provider, model)?.note.as_deref()
}

/// The ids that are known of a provider, in the order of the data.
pub fn known(provider: &str) -> impl Iterator<Item = &'static str> {
    let rows = CATALOGUE.models.iter().filter(move |row| row.provider == provider);
    rows.flat_map(|row| row.ids.iter().map(String::as_str))
}

/// The row with the very id, else the one with the longest prefix of it.
fn row(provider: &str, model: &str) -> Option<&'static Row> {
    let rows = || CATALOGUE.models.iter().filter(|row| row.provider == provider);
    rows().find(|row| row.ids.iter().any(|id| id == model)).or_else(|| {
        let by_prefix = rows().filter_map(|row| {
            let prefixes = row.prefixes.iter().filter(|prefix| model.starts_with(prefix.as_str()));
            prefixes.map(String::len).max().map(|length| (length, row))
        });
        by_prefix.max_by_key(|(length, _)| *length).map(|(_, row)| row)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ThinkingStyle;
    use std::collections::HashSet;

    #[test]
    fn the_data_is_sound() {
        let mut seen = HashSet::new();
        for row in &CATALOGUE.models {
            assert!(matches!(row.provider.as_str(), "anthropic" | "openai" | "openrouter"), "{row:?}");
            for name in row.ids.iter().chain(&row.prefixes) {
                assert!(seen.insert((&row.provider, name)), "{name} is there twice");
            }
            let facts = &row.facts;
            assert!(facts.context_window >= facts.max_output && facts.max_output > Some(1000), "{row:?}");
            let efforts: Vec<&str> = facts.efforts.iter().map(String::as_str).collect();
            assert!(
                efforts.is_sorted_by_key(|effort| crate::facts::EFFORTS.iter().position(|e| e == effort))
            );
            match facts.thinking {
                ThinkingStyle::Effort => assert_eq!(efforts[0], "none", "{row:?}"),
                ThinkingStyle::EffortAlways | ThinkingStyle::Always => {
                    assert!(efforts[0] != "none", "{row:?}")
                }
                _ => {}
            }
            if let Some(price) = &facts.price {
                assert!(price.input > 0.0 && price.output > price.input, "{row:?}");
                assert!(price.cache_read.is_none_or(|read| read < price.input), "{row:?}");
                assert!(price.cache_write.is_none_or(|write| write > price.input), "{row:?}");
                assert!(price.as_of.parse::<jiff::civil::Date>().is_ok(), "{row:?}");
            }
        }
    }

    #[test]
    fn ids_find_their_facts() {
        let rows = [
            ("anthropic", "claude-opus-5", Some(1_000_000), Some(5.0)),
            ("anthropic", "claude-opus-5-5", Some(1_000_000), Some(4.0)),
            ("anthropic", "claude-opus-5-20260612", Some(1_000_000), Some(5.0)),
            ("anthropic", "claude-haiku-4-5-20251001", Some(200_000), Some(1.0)),
            ("anthropic", "claude-opus-5-9", None, None),
            ("anthropic", "Claude-Opus-5", None, None),
            ("anthropic", "claude-opus-5 ", None, None),
            ("anthropic", "gpt-5-nano", None, None),
            ("openai", "gpt-5-nano", Some(400_000), Some(0.05)),
            ("openai", "gpt-5-nano-2025-08-07", Some(400_000), Some(0.05)),
            ("openai", "gpt-5-2025-08-07", Some(400_000), Some(1.25)),
            ("openai", "gpt-5.2-2025-12-11", Some(400_000), None),
            ("openai", "gpt-5-chat-latest", None, None),
            ("openrouter", "openai/gpt-5-nano", Some(400_000), Some(0.05)),
            ("openrouter", "anthropic/claude-haiku-4.5", Some(200_000), Some(1.0)),
            ("openrouter", "google/gemini-2.0-flash-001", Some(1_048_576), None),
            ("openrouter", "anthropic/claude-haiku-4.5:free", None, None),
            ("mine", "gpt-5", None, None),
            ("", "", None, None),
        ];
        for (provider, model, window, price) in rows {
            let facts = facts(provider, model);
            let found = (facts.context_window, facts.price.as_ref().map(|price| price.input));
            assert_eq!(found, (window, price), "{provider}/{model}");
            if window.is_none() {
                assert_eq!(facts, Facts::default());
            }
        }
    }

    #[test]
    fn the_test_models() {
        let styles = [
            ("openai/gpt-5-nano", ThinkingStyle::EffortAlways, Some("minimal"), Some(false)),
            ("anthropic/claude-haiku-4.5", ThinkingStyle::Budget, None, Some(true)),
            ("google/gemini-2.0-flash-001", ThinkingStyle::None, Some("none"), Some(true)),
        ];
        for (model, thinking, least, sampling) in styles {
            let facts = facts("openrouter", model);
            assert_eq!((facts.thinking, facts.least_effort(), facts.sampling), (thinking, least, sampling));
            assert!(known("openrouter").any(|id| id == model));
        }
        let gone = note("openrouter", "google/gemini-2.0-flash-001").unwrap();
        assert!(gone.contains("2026-06-01"), "{gone}");
        assert_eq!(note("openrouter", "anthropic/claude-haiku-4.5"), None);
    }

    #[test]
    fn efforts_are_brought_into_range() {
        let facts = |efforts: &[&str]| Facts {
            efforts: efforts.iter().map(|effort| (*effort).to_owned()).collect(),
            ..Facts::default()
        };
        let rows: &[(&[&str], &str, Option<&str>)] = &[
            (&[], "anything", Some("anything")),
            (&["none"], "high", None),
            (&["low", "high"], "high", Some("high")),
            (&["low", "high"], "medium", Some("low")),
            (&["low", "high"], "max", Some("high")),
            (&["low", "high"], "none", Some("low")),
            (&["minimal", "low"], "none", Some("minimal")),
            (&["none", "low"], "none", Some("none")),
            (&["low", "high"], "ultra", Some("ultra")),
            (&["low", "odd"], "max", Some("low")),
        ];
        for (efforts, asked, want) in rows {
            assert_eq!(facts(efforts).effort(asked), *want, "{efforts:?} {asked}");
        }
    }
}
