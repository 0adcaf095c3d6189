//! A value that fits a JSON schema, for calls that only seem to happen. Pure; bounded in depth and size, since schemas can
//! come from outside.

use serde_json::{Map, Value};
use std::cell::Cell;

/// What stands where a call would give text.
pub(crate) const WORD: &str = "(dry run)";
/// Levels of a schema that are followed.
const DEPTH: usize = 64;
/// References that are followed on one way down: beyond, lists are empty and choices take what ends.
const REFERENCES: usize = 3;
/// Values that are made in all.
const VALUES: usize = 2_000;

/// The smallest telling value that fits `schema`: required fields only, one item in a list, the first of a choice. `null`
/// where nothing fits or the schema is too deep.
pub(crate) fn placeholder(schema: &Value) -> Value {
    Maker { root: schema, left: Cell::new(VALUES) }.value(schema, At::default())
}

/// Where in the schema.
#[derive(Clone, Copy, Default)]
struct At {
    depth: usize,
    references: usize,
}

impl At {
    fn below(self) -> At {
        At { depth: self.depth + 1, ..self }
    }
}

struct Maker<'a> {
    root: &'a Value,
    left: Cell<usize>,
}

impl Maker<'_> {
    fn value(&self, schema: &Value, at: At) -> Value {
        let Some(left) = self.left.get().checked_sub(1) else { return Value::Null };
        self.left.set(left);
        let map = match schema {
            Value::Object(map) if at.depth < DEPTH => map,
            Value::Bool(true) => return Value::from(WORD),
            _ => return Value::Null,
        };
        if let Some(constant) = map.get("const") {
            return constant.clone();
        }
        if let Some(first) = map.get("enum").and_then(|values| values.get(0)) {
            return first.clone();
        }
        let mut parts: Vec<Value> = self.parts(map, at);
        if parts.is_empty() || map.contains_key("type") || map.contains_key("properties") {
            parts.push(self.plain(map, at));
        }
        joined(parts)
    }

    /// What `$ref`, `allOf`, `oneOf` and `anyOf` say.
    fn parts(&self, map: &Map<String, Value>, at: At) -> Vec<Value> {
        let mut parts = Vec::new();
        if let Some(pointer) = map.get("$ref").and_then(Value::as_str)
            && let Some(target) = pointer.strip_prefix('#').and_then(|path| self.root.pointer(path))
        {
            parts.push(self.value(target, At { depth: at.depth + 1, references: at.references + 1 }));
        }
        for part in list(map, "allOf") {
            parts.push(self.value(part, at.below()));
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(option) = self.option(list(map, key), at) {
                parts.push(self.value(option, at.below()));
            }
        }
        parts
    }

    /// The first that is not `null`; deep in references, the first that ends.
    fn option<'s>(&self, options: &'s [Value], at: At) -> Option<&'s Value> {
        let ends = |option: &&Value| option.get("$ref").is_none();
        let telling = |option: &&Value| option.get("type") != Some(&Value::from("null"));
        let found = match at.references >= REFERENCES {
            true => options.iter().find(ends),
            false => options.iter().find(telling),
        };
        found.or(options.first())
    }

    fn plain(&self, map: &Map<String, Value>, at: At) -> Value {
        match kind(map) {
            "object" => self.object(map, at),
            "array" => self.array(map, at),
            "string" => text(map),
            "boolean" => Value::Bool(false),
            kind @ ("integer" | "number") => number(map, kind == "integer"),
            "null" => Value::Null,
            _ => Value::from(WORD),
        }
    }

    fn object(&self, map: &Map<String, Value>, at: At) -> Value {
        let anything = Value::Bool(true);
        let field = |name: &str| {
            let own = map.get("properties").and_then(|all| all.get(name));
            let schema = own.or_else(|| map.get("additionalProperties")).unwrap_or(&anything);
            (name.to_owned(), self.value(schema, at.below()))
        };
        list(map, "required").iter().filter_map(Value::as_str).map(field).collect()
    }

    fn array(&self, map: &Map<String, Value>, at: At) -> Value {
        let mut items: Vec<Value> =
            list(map, "prefixItems").iter().map(|item| self.value(item, at.below())).collect();
        let bound =
            |key: &str| map.get(key).and_then(Value::as_u64).map(|n| usize::try_from(n).unwrap_or(VALUES));
        let usual = usize::from(items.is_empty() && at.references < REFERENCES);
        let wanted = bound("minItems").unwrap_or(0).max(usual).min(bound("maxItems").unwrap_or(VALUES));
        let anything = Value::Bool(true);
        let schema = map.get("items").unwrap_or(&anything);
        while items.len() < wanted && self.left.get() > 0 {
            items.push(self.value(schema, at.below()));
        }
        Value::Array(items)
    }
}

/// One value of several that all hold: objects are merged, of others the last one counts.
fn joined(parts: Vec<Value>) -> Value {
    let mut all = Map::new();
    let mut other = None;
    for part in parts {
        match part {
            Value::Object(map) => all.extend(map),
            value => other = Some(value),
        }
    }
    match other {
        Some(value) if all.is_empty() => value,
        _ => Value::Object(all),
    }
}

/// The type that is named, or the one that the other words are about.
fn kind(map: &Map<String, Value>) -> &str {
    let named = match map.get("type") {
        Some(Value::String(one)) => Some(one.as_str()),
        Some(Value::Array(several)) => {
            let names = || several.iter().filter_map(Value::as_str);
            names().find(|name| *name != "null").or_else(|| names().next())
        }
        _ => None,
    };
    let has = |key: &str| map.contains_key(key);
    let implied = match () {
        () if has("properties") || has("required") || has("additionalProperties") => "object",
        () if has("items") || has("prefixItems") => "array",
        () if has("minimum") || has("maximum") => "number",
        () => "",
    };
    named.unwrap_or(implied)
}

fn text(map: &Map<String, Value>) -> Value {
    let bound = |key: &str| map.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let most = bound("maxLength").unwrap_or(usize::MAX);
    let least = bound("minLength").unwrap_or(0).min(VALUES);
    let filler = std::iter::repeat_n('.', least.saturating_sub(WORD.len()));
    Value::String(WORD.chars().chain(filler).take(most).collect())
}

/// 0, or what is nearest to it within the bounds.
fn number(map: &Map<String, Value>, whole: bool) -> Value {
    let bound = |key: &str| map.get(key).and_then(Value::as_f64);
    let step = if whole { 1.0 } else { 0.5 };
    let least = bound("minimum").or_else(|| bound("exclusiveMinimum").map(|n| n + step));
    let most = bound("maximum").or_else(|| bound("exclusiveMaximum").map(|n| n - step));
    let near = least.unwrap_or(0.0).max(0.0).min(most.unwrap_or(f64::MAX));
    #[allow(clippy::cast_possible_truncation, reason = "checked to be a whole number that fits")]
    match near.fract() == 0.0 && near.abs() < 9e15 {
        true => Value::from(near as i64),
        false => Value::from(if whole { near.ceil() } else { near }),
    }
}

fn list<'s>(map: &'s Map<String, Value>, key: &str) -> &'s [Value] {
    map.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests;
