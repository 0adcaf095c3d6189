//! Merging layers key by key, so that one bad key costs only itself. Pure: texts in, settings and problems out.

use crate::Settings;
use serde_json::{Map, Value};
use std::fmt;

/// One source of settings, later layers win.
#[derive(Debug, Clone, PartialEq)]
pub enum Layer {
    /// A TOML file.
    Toml {
        /// The path, for messages.
        name: String,
        /// Its text.
        text: String,
    },
    /// What an editor or a command line gave.
    Json {
        /// Where it came from, for messages.
        name: String,
        /// An object.
        value: Value,
    },
}

/// A key that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, or what else the layer is called.
    pub layer: String,
    /// From 1, where it is known.
    pub line: Option<usize>,
    /// The key with its sections: `providers.anthropic.wire`; empty for the file as a whole.
    pub key: String,
    /// What is wrong and what was expected.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.map(|line| format!(":{line}")).unwrap_or_default();
        match self.key.is_empty() {
            true => write!(
                f,
                "{}{line}: {}. The whole file is left out until it is corrected.",
                self.layer, self.message
            ),
            false => write!(f, "{}{line}: `{}` is left out: {}.", self.layer, self.key, self.message),
        }
    }
}

/// The settings that `layers` come to over the built-in ones, and every key that was left out.
pub fn merge(layers: &[Layer]) -> (Settings, Vec<Problem>) {
    let mut merged = serde_json::to_value(Settings::default()).unwrap_or_default();
    let mut problems = Vec::new();
    for layer in layers {
        let (name, value, lines) = match read(layer) {
            Ok(read) => read,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        for (path, leaf) in leaves(&value) {
            match checked(&merged, &path, leaf) {
                Ok(better) => merged = better,
                Err(message) => {
                    let line = line_of(&lines, &path);
                    problems.push(Problem { layer: name.clone(), line, key: path.join("."), message });
                }
            }
        }
    }
    // `merged` began as valid settings and was only ever replaced by values that were checked.
    (serde_json::from_value(merged).unwrap_or_default(), problems)
}

/// `settings` with `leaf` at `path`, if the result is valid.
fn checked(settings: &Value, path: &[String], leaf: Value) -> Result<Value, String> {
    let mut changed = settings.clone();
    let mut at = &mut changed;
    for key in path {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        at = at.as_object_mut().ok_or("not a section")?.entry(key.clone()).or_insert(Value::Null);
    }
    *at = leaf;
    serde_json::from_value::<Settings>(changed.clone()).map_err(|error| error.to_string())?;
    Ok(changed)
}

type Lines = Vec<(Vec<String>, usize)>;

fn read(layer: &Layer) -> Result<(String, Value, Lines), Problem> {
    match layer {
        Layer::Json { name, value } => match value {
            Value::Object(_) => Ok((name.clone(), value.clone(), Vec::new())),
            Value::Null => Ok((name.clone(), Value::Object(Map::new()), Vec::new())),
            other => Err(Problem {
                layer: name.clone(),
                line: None,
                key: String::new(),
                message: format!("an object with settings was expected, not {other}"),
            }),
        },
        Layer::Toml { name, text } => {
            let broken = |error: &toml::de::Error| Problem {
                layer: name.clone(),
                line: error.span().map(|span| line_at(text, span.start)),
                key: String::new(),
                message: error.message().trim().to_owned(),
            };
            let spanned = toml::de::DeTable::parse(text).map_err(|error| broken(&error))?;
            let mut lines = Vec::new();
            collect_lines(spanned.get_ref(), text, &mut Vec::new(), &mut lines);
            let table: toml::Table = toml::from_str(text).map_err(|error| broken(&error))?;
            let value = serde_json::to_value(table).unwrap_or_default();
            Ok((name.clone(), value, lines))
        }
    }
}

/// Every value that is not itself a section, with its path. An empty section is a value too.
fn leaves(value: &Value) -> Vec<(Vec<String>, Value)> {
    let Value::Object(map) = value else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (key, value) in map {
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                found.extend(leaves(value).into_iter().map(|(mut path, leaf)| {
                    path.insert(0, key.clone());
                    (path, leaf)
                }));
            }
            other => found.push((vec![key.clone()], other.clone())),
        }
    }
    found
}

fn collect_lines(table: &toml::de::DeTable<'_>, text: &str, path: &mut Vec<String>, lines: &mut Lines) {
    for (key, value) in table {
        path.push(key.get_ref().to_string());
        lines.push((path.clone(), line_at(text, key.span().start)));
        if let toml::de::DeValue::Table(inner) = value.get_ref() {
            collect_lines(inner, text, path, lines);
        }
        path.pop();
    }
}

fn line_of(lines: &Lines, path: &[String]) -> Option<usize> {
    lines.iter().find(|(key, _)| key == path).map(|(_, line)| *line)
}

fn line_at(text: &str, byte: usize) -> usize {
    text.as_bytes()[..byte.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}
