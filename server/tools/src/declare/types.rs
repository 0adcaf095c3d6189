//! JSON schemas as TypeScript types. Schemas may come from anywhere: depth, length and references are bounded.

use super::text::{comment, literal, property};
use serde_json::{Map, Value};

/// Levels below which a type is `unknown`.
const DEPTH: usize = 12;
/// Types, values and fields of one declaration; what is beyond is `unknown`.
const PARTS: usize = 400;
/// Characters of all comments of one declaration.
const COMMENTS: usize = 12_000;
/// Characters of one comment.
const COMMENT: usize = 600;
/// Values of one enumeration.
const VALUES: usize = 30;
/// Bytes of a field's name; longer ones are only counted.
const NAME: usize = 200;

/// What only objects have.
const OBJECT: [&str; 3] = ["properties", "additionalProperties", "patternProperties"];

/// The TypeScript type of a JSON schema. What cannot be expressed is `unknown`.
pub fn type_of(schema: &Value) -> String {
    let mut writer = Writer { root: schema, parts: PARTS, comments: COMMENTS, open: Vec::new() };
    writer.write(schema, 0).text()
}

/// The alternatives of a type.
#[derive(Clone)]
struct Type {
    options: Vec<String>,
    /// Whether the one option is an intersection.
    both: bool,
}

impl Type {
    fn one(text: impl Into<String>) -> Type {
        Type { options: vec![text.into()], both: false }
    }

    fn unknown() -> Type {
        Type::one("unknown")
    }

    fn is_unknown(&self) -> bool {
        self.options.iter().any(|option| option == "unknown")
    }

    fn text(&self) -> String {
        if self.options.is_empty() { "never".to_owned() } else { self.options.join(" | ") }
    }

    /// As it stands before `[]`, `?` or beside `&`.
    fn atom(&self) -> String {
        if self.options.len() > 1 || self.both { format!("({})", self.text()) } else { self.text() }
    }

    fn union(all: impl IntoIterator<Item = Type>) -> Type {
        let mut union = Type { options: Vec::new(), both: false };
        for one in all {
            union.both |= one.both;
            for option in one.options {
                if !union.options.contains(&option) {
                    union.options.push(option);
                }
            }
        }
        if union.is_unknown() { Type::unknown() } else { union }
    }

    fn intersection(mut all: Vec<Type>) -> Type {
        all.retain(|one| !one.is_unknown());
        match all.len() {
            0 => Type::unknown(),
            1 => all.remove(0),
            _ => {
                let atoms: Vec<String> = all.iter().map(Type::atom).collect();
                Type { options: vec![atoms.join(" & ")], both: true }
            }
        }
    }
}

struct Writer<'a> {
    root: &'a Value,
    parts: usize,
    comments: usize,
    /// The references that are being written.
    open: Vec<&'a str>,
}

impl<'a> Writer<'a> {
    fn write(&mut self, schema: &'a Value, depth: usize) -> Type {
        let map = match schema {
            Value::Bool(false) => return Type { options: Vec::new(), both: false },
            Value::Object(map) if depth < DEPTH && self.parts > 0 => map,
            _ => return Type::unknown(),
        };
        self.parts -= 1;
        let mut all = Vec::new();
        if let Some(Value::String(target)) = map.get("$ref") {
            all.push(self.reference(target, depth));
        }
        if let Some(Value::Array(parts)) = map.get("allOf") {
            all.extend(parts.iter().take(VALUES).map(|part| self.write(part, depth + 1)));
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(Value::Array(options)) = map.get(key) {
                all.push(self.options(options, depth));
            }
        }
        let values = self.values(map);
        let narrow = values.is_some();
        all.extend(values);
        all.retain(|one| !one.is_unknown());
        if !narrow && (all.is_empty() || has_details(map)) {
            all.push(self.own(map, depth));
        }
        let null = map.get("nullable") == Some(&Value::Bool(true));
        Type::union([Type::intersection(all)].into_iter().chain(null.then(|| Type::one("null"))))
    }

    fn reference(&mut self, target: &'a str, depth: usize) -> Type {
        let found = target.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
        let Some(found) = found.filter(|_| !self.open.contains(&target)) else { return Type::unknown() };
        self.open.push(target);
        let written = self.write(found, depth + 1);
        self.open.pop();
        written
    }

    fn options(&mut self, options: &'a [Value], depth: usize) -> Type {
        let mut all: Vec<Type> =
            options.iter().take(VALUES).map(|option| self.write(option, depth + 1)).collect();
        if let Some(more) = options.len().checked_sub(VALUES).filter(|more| *more > 0) {
            all.push(Type::one(format!("unknown /* or one of {more} more */")));
        }
        Type::union(all)
    }

    /// `const` and `enum`.
    fn values(&mut self, map: &Map<String, Value>) -> Option<Type> {
        if let Some(constant) = map.get("const") {
            return Some(Type::one(literal(constant)));
        }
        let Some(Value::Array(values)) = map.get("enum") else { return None };
        let shown = values.len().min(VALUES).min(self.parts.max(1));
        self.parts -= shown.min(self.parts);
        let (shown, more) = values.split_at(shown);
        let mut all: Vec<Type> = shown.iter().map(|value| Type::one(literal(value))).collect();
        if !more.is_empty() {
            let base = if more.iter().all(Value::is_string) { "string" } else { "unknown" };
            all.push(Type::one(format!("{base} /* and {} more values */", more.len())));
        }
        Some(Type::union(all))
    }

    /// What `type` and its companions say.
    fn own(&mut self, map: &'a Map<String, Value>, depth: usize) -> Type {
        match map.get("type") {
            Some(Value::Array(names)) => {
                let names = names.iter().take(8).map(|name| name.as_str().unwrap_or_default());
                Type::union(names.map(|name| self.named(name, map, depth)).collect::<Vec<_>>())
            }
            Some(Value::String(name)) => self.named(name, map, depth),
            _ if map.contains_key("items") || map.contains_key("prefixItems") => self.array(map, depth),
            _ if OBJECT.iter().any(|key| map.contains_key(*key)) => self.object(map, depth),
            _ => Type::unknown(),
        }
    }

    fn named(&mut self, name: &str, map: &'a Map<String, Value>, depth: usize) -> Type {
        match name {
            "integer" | "number" => Type::one("number"),
            "string" | "boolean" | "null" => Type::one(name),
            "array" => self.array(map, depth),
            "object" => self.object(map, depth),
            _ => Type::unknown(),
        }
    }

    fn array(&mut self, map: &'a Map<String, Value>, depth: usize) -> Type {
        let (first, rest) = match (map.get("prefixItems"), map.get("items")) {
            (Some(Value::Array(first)), rest) => (first, rest),
            (_, Some(Value::Array(first))) => (first, map.get("additionalItems")),
            (_, Some(item)) => return Type::one(format!("{}[]", self.write(item, depth + 1).atom())),
            _ => return Type::one("unknown[]"),
        };
        let least = map.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        let mut items: Vec<String> = Vec::new();
        for (at, item) in (0..).zip(first.iter().take(VALUES)) {
            let item = self.write(item, depth + 1).atom();
            items.push(if at < least { item } else { format!("{item}?") });
        }
        let open = rest != Some(&Value::Bool(false)) && map.get("maxItems").is_none();
        if open || first.len() > VALUES {
            let rest = rest.map_or_else(Type::unknown, |rest| self.write(rest, depth + 1));
            items.push(format!("...{}[]", rest.atom()));
        }
        Type::one(format!("[{}]", items.join(", ")))
    }

    fn object(&mut self, map: &'a Map<String, Value>, depth: usize) -> Type {
        let inner = |key: &str| map.get(key).and_then(Value::as_object);
        let required = map.get("required").and_then(Value::as_array).into_iter().flatten();
        let required: Vec<&str> = required.filter_map(Value::as_str).collect();
        let mut fields = Vec::new();
        let mut left_out = 0;
        for (name, schema) in inner("properties").into_iter().flatten() {
            if self.parts == 0 || name.len() > NAME {
                left_out += 1;
                continue;
            }
            fields.push(self.field((name, schema), required.contains(&name.as_str()), depth));
        }
        let rest = map.get("additionalProperties");
        let patterns = inner("patternProperties").into_iter().flatten().map(|(_, schema)| schema);
        let others: Vec<&'a Value> =
            patterns.take(VALUES).chain(rest.filter(|rest| !matches!(rest, Value::Bool(false)))).collect();
        let any = Type::union(others.into_iter().map(|one| self.write(one, depth + 1)).collect::<Vec<_>>());
        if left_out > 0 {
            fields.push(format!("/** And {left_out} more fields. */ [name: string]: unknown"));
        } else if fields.is_empty() && !any.options.is_empty() {
            return Type::one(format!("Record<string, {}>", any.text()));
        } else if !any.options.is_empty() {
            fields.push(format!("[name: string]: {}", any.text()));
        } else if fields.is_empty() && inner("properties").is_none() && rest.is_none() {
            return Type::one("Record<string, unknown>");
        }
        match fields.is_empty() {
            true => Type::one("{}"),
            false => Type::one(format!("{{ {} }}", fields.join("; "))),
        }
    }

    fn field(&mut self, (name, schema): (&str, &'a Value), required: bool, depth: usize) -> String {
        let doc = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        let doc = comment(doc, COMMENT.min(self.comments));
        self.comments -= doc.chars().count().min(self.comments);
        let doc = if doc.is_empty() || self.comments == 0 { String::new() } else { format!("/** {doc} */ ") };
        let mut kind = self.write(schema, depth + 1);
        // An optional field is written `name?: T`; that it may also be null says nothing more.
        if !required && kind.options.len() > 1 {
            kind.options.retain(|option| option != "null");
        }
        format!("{doc}{}{}: {}", property(name), if required { "" } else { "?" }, kind.text())
    }
}

/// Whether a schema says more than its `type` does.
fn has_details(map: &Map<String, Value>) -> bool {
    let filled = |key: &str| map.get(key).and_then(Value::as_object).is_some_and(|inner| !inner.is_empty());
    OBJECT.iter().any(|key| filled(key)) || map.contains_key("items") || map.contains_key("prefixItems")
}
