//! What is wrong with arguments, told by their schema: each problem with the field, what was expected and what came.
//! Pure. It explains; whether arguments are taken is decided by the types they are read into.

use crate::declare::type_of;
use crate::nearest::meant;
use glossator_exec::visible;
use serde_json::{Map, Value};

/// Problems that are told.
const TOLD: usize = 5;
/// Problems after which nothing more is looked at.
const LOOKED_AT: usize = 100;
/// Levels of nested values that are looked at.
const DEPTH: usize = 16;
/// Characters of a value that are shown.
const SHOWN: usize = 60;
/// Characters of a type that are shown.
const TYPE: usize = 200;

/// The problems of `value` as sentences; none where this schema finds nothing.
pub fn problems(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, value, "", &mut found);
    if found.len() > TOLD {
        let many = found.len() >= LOOKED_AT;
        let more = if many { "many".to_owned() } else { (found.len() - TOLD).to_string() };
        found.truncate(TOLD);
        found.push(format!("And {more} more problems."));
    }
    found
}

/// Names of the fields an object may have.
pub fn fields(schema: &Value) -> Vec<&str> {
    let all = schema.get("properties").and_then(Value::as_object);
    all.into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

fn check(schema: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
    if place.matches(['.', '[']).count() > DEPTH || found.len() >= LOOKED_AT {
        return;
    }
    if !fits(schema, value) {
        let name = if place.is_empty() { "the argument".to_owned() } else { format!("`{place}`") };
        found.push(format!("{name} must be {}, not {}.", expected(schema), shown(value)));
        return;
    }
    match value {
        Value::Object(map) => check_object(schema, map, place, found),
        Value::Array(items) => {
            let Some(item) = schema.get("items") else { return };
            for (at, value) in items.iter().enumerate() {
                check(item, value, &format!("{place}[{at}]"), found);
            }
        }
        _ => {}
    }
}

fn check_object(schema: &Value, map: &Map<String, Value>, place: &str, found: &mut Vec<String>) {
    let inner = |name: &str| match place {
        "" => visible(&cut(name, SHOWN)),
        place => format!("{place}.{}", visible(&cut(name, SHOWN))),
    };
    let properties = schema.get("properties").and_then(Value::as_object);
    let others = schema.get("additionalProperties");
    let known = fields(schema);
    let mut meant_names = Vec::new();
    for (name, value) in map {
        if found.len() >= LOOKED_AT {
            return;
        }
        match (properties.and_then(|all| all.get(name)), others) {
            (Some(property), _) => check(property, value, &inner(name), found),
            (None, Some(Value::Bool(false))) => {
                let free = known.iter().copied().filter(|known| !map.contains_key(*known));
                let guess = meant(name, free);
                meant_names.extend(guess);
                let hint = match guess {
                    Some(guess) => format!("; did you mean `{guess}`?"),
                    None => format!("; fields are {}.", cut(&known.join(", "), TYPE)),
                };
                found.push(format!("unknown field `{}`{hint}", inner(name)));
            }
            (None, Some(other)) => check(other, value, &inner(name), found),
            (None, None) => {}
        }
    }
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    for name in required.filter_map(Value::as_str) {
        if !map.contains_key(name) && !meant_names.contains(&name) {
            let property = properties.and_then(|all| all.get(name)).unwrap_or(&Value::Null);
            found.push(format!("`{}` is missing: {}.", inner(name), expected(property)));
        }
    }
}

/// Whether `value` is of the right kind, without a look into it.
fn fits(schema: &Value, value: &Value) -> bool {
    if let Some(constant) = schema.get("const") {
        return constant == value;
    }
    if let Some(Value::Array(values)) = schema.get("enum") {
        return values.contains(value);
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(Value::Array(options)) = schema.get(key) {
            return options.iter().any(|option| {
                let mut found = Vec::new();
                check(option, value, "", &mut found);
                found.is_empty()
            });
        }
    }
    match schema.get("type") {
        Some(Value::String(name)) => is(name, schema, value),
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).any(|name| is(name, schema, value))
        }
        _ => true,
    }
}

fn is(name: &str, schema: &Value, value: &Value) -> bool {
    match name {
        "integer" => (value.is_u64() || value.is_i64()) && within(schema, value),
        "number" => value.is_number() && within(schema, value),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => true,
    }
}

fn within(schema: &Value, value: &Value) -> bool {
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    let Some(number) = value.as_f64() else { return false };
    bound("minimum").is_none_or(|least| number >= least) && bound("maximum").is_none_or(|most| number <= most)
}

/// What a schema asks for, in words.
fn expected(schema: &Value) -> String {
    let name = match schema.get("type") {
        Some(Value::String(name)) => name.as_str(),
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or("")
        }
        _ => "",
    };
    let values = ["enum", "const", "oneOf", "anyOf"].iter().any(|key| schema.get(key).is_some());
    let bound = |name: &str| schema.get(name).filter(|bound| bound.is_number());
    let limits = match (bound("minimum"), bound("maximum")) {
        (Some(least), Some(most)) => format!(" from {least} to {most}"),
        (Some(least), None) => format!(" of {least} or more"),
        (None, Some(most)) => format!(" of {most} or less"),
        (None, None) => String::new(),
    };
    match name {
        _ if values => cut(&type_of(schema), TYPE),
        "integer" => format!("a whole number{limits}"),
        "number" => format!("a number{limits}"),
        "string" => "a string".to_owned(),
        "boolean" => "true or false".to_owned(),
        "array" => format!("a list ({})", cut(type_of(schema).trim_end_matches(" | null"), TYPE)),
        "object" => "an object".to_owned(),
        _ => cut(&type_of(schema), TYPE),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("the string {:?}", visible(&cut(text, SHOWN))),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        other => other.to_string(),
    }
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
