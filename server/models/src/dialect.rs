//! How a provider's Chat Completions differs from the plain one, as data. Other wires have no dialects.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The manners of one server. The default is what most servers understand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Dialect {
    /// What the output limit is called.
    pub limit: LimitField,
    /// How reasoning is asked for, and sent back.
    pub reasoning: ReasoningField,
    /// Whether instructions are sent with the role `developer` instead of `system` (to models that reason).
    pub developer_role: bool,
    /// Whether parts may carry `cache_control` marks; they are set for models of Anthropic.
    pub cache_marks: bool,
    /// Whether `prompt_cache_key` is understood.
    pub cache_key: bool,
    /// Leaves out `stream_options`, by which usage is asked for, for servers that refuse the field.
    pub no_stream_options: bool,
    /// Whether tool messages may hold images.
    pub tool_images: bool,
    /// Whether tools may be free text (`custom`); used with models whose reasoning goes by effort.
    pub custom_tools: bool,
    /// Leaves out `stop` unless the model is known not to think, for servers whose reasoning models refuse it.
    pub no_stop: bool,
    /// Sends `""` instead of `null` as the text of a message that only calls tools, for servers that want it.
    pub empty_content: bool,
}

/// What the output limit is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitField {
    /// `max_tokens`
    #[default]
    MaxTokens,
    /// `max_completion_tokens`
    MaxCompletionTokens,
}

/// How reasoning is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasoningField {
    /// `reasoning_effort: "low"`; what came is not sent back.
    #[default]
    ReasoningEffort,
    /// `reasoning: { effort, max_tokens, enabled }`; `reasoning_details` are sent back unchanged.
    Reasoning,
    /// Nothing is asked; `reasoning_content` is sent back with the messages that call tools.
    ReasoningContent,
    /// `chat_template_kwargs: { enable_thinking }` and `reasoning_effort`; what came is not sent back.
    ChatTemplate,
    /// Nothing is asked and nothing is sent back.
    None,
}

/// What every row below begins with.
const PLAIN: Dialect = Dialect {
    limit: LimitField::MaxTokens,
    reasoning: ReasoningField::ReasoningEffort,
    developer_role: false,
    cache_marks: false,
    cache_key: false,
    no_stream_options: false,
    tool_images: false,
    custom_tools: false,
    no_stop: false,
    empty_content: false,
};

const OPENAI: Dialect = Dialect {
    limit: LimitField::MaxCompletionTokens,
    developer_role: true,
    cache_key: true,
    custom_tools: true,
    ..PLAIN
};
const OPENROUTER: Dialect =
    Dialect { reasoning: ReasoningField::Reasoning, cache_marks: true, cache_key: true, ..PLAIN };
const DEEPSEEK: Dialect = Dialect { reasoning: ReasoningField::ReasoningContent, ..PLAIN };
const XAI: Dialect = Dialect { no_stop: true, ..PLAIN };
const AZURE: Dialect = Dialect { limit: LimitField::MaxCompletionTokens, ..PLAIN };
const VLLM: Dialect = Dialect { reasoning: ReasoningField::ChatTemplate, ..PLAIN };
const LLAMA_CPP: Dialect = Dialect { reasoning: ReasoningField::ChatTemplate, tool_images: true, ..PLAIN };

/// Slugs and hosts (with all below them) -> dialect. Facts from `wire-formats.md` sections 5.4 and 6.
const KNOWN: &[(&[&str], Dialect)] = &[
    (&["openai", "api.openai.com"], OPENAI),
    (&["openrouter", "openrouter.ai"], OPENROUTER),
    (&["deepseek", "api.deepseek.com"], DEEPSEEK),
    (&["xai", "grok", "x.ai"], XAI),
    (&["azure", "openai.azure.com", "services.ai.azure.com"], AZURE),
    (&["vllm"], VLLM),
    (&["llama.cpp", "llamacpp", "llama-cpp"], LLAMA_CPP),
    // These speak the plain one; they are named so that nobody looks for them elsewhere.
    (&["gemini", "google", "generativelanguage.googleapis.com"], PLAIN),
    (&["groq", "api.groq.com"], PLAIN),
    (&["lmstudio", "lm-studio"], PLAIN),
    (&["mistral", "api.mistral.ai"], PLAIN),
    (&["ollama"], PLAIN),
    (&["together", "api.together.xyz", "api.together.ai"], PLAIN),
];

/// The dialect of a provider by its slug in the settings, its host or its address; the plain one where none is known.
pub fn known(slug_or_host: &str) -> Dialect {
    let name = slug_or_host.trim().to_ascii_lowercase();
    let name = name.split_once("://").map_or(name.as_str(), |(_, rest)| rest);
    let name = name.split(['/', ':']).next().unwrap_or_default();
    let fits = |known: &&str| {
        let head = name.strip_suffix(*known);
        // Below a host, but not below a slug: `my.vllm` is a name of its own.
        head.is_some_and(|head| head.is_empty() || (head.ends_with('.') && known.contains('.')))
    };
    let row = KNOWN.iter().find(|(names, _)| names.iter().any(fits));
    row.map_or(PLAIN, |(_, dialect)| *dialect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialects_are_found_by_slug_host_and_address() {
        let rows = [
            ("openai", OPENAI),
            ("OpenRouter", OPENROUTER),
            ("https://openrouter.ai/api/v1", OPENROUTER),
            ("api.deepseek.com", DEEPSEEK),
            ("https://eu.api.x.ai:443/v1", XAI),
            ("me.openai.azure.com", AZURE),
            ("vllm", VLLM),
            ("llama.cpp", LLAMA_CPP),
            ("groq", PLAIN),
            ("notopenrouter.ai", PLAIN),
            ("http://localhost:11434/v1", PLAIN),
            ("", PLAIN),
        ];
        for (name, want) in rows {
            assert_eq!(known(name), want, "{name}");
        }
        assert_eq!(PLAIN, Dialect::default());
        for (names, dialect) in KNOWN {
            assert!(names.iter().all(|name| known(name) == *dialect), "{names:?}");
        }
    }
}
