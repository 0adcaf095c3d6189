//! TypeScript declarations from JSON schemas: what the model reads of a tool. Pure.
//! Schemas come from the Rust types of the tools, or from servers nobody vouches for, so nothing in them is trusted.

#[cfg(test)]
mod tests;
mod text;
mod types;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;
use text::comment;
pub use text::property;
pub use types::type_of;

/// Characters of a tool's description.
const DESCRIPTION: usize = 2_000;
/// Characters of a description in one line.
const SUMMARY: usize = 160;

/// The JSON schema of the arguments `T` as they are read, every definition inlined.
pub fn schema<T: JsonSchema>() -> Value {
    inlined::<T>(SchemaSettings::draft2020_12())
}

/// The JSON schema of the result `T` as it is written: fields that may be left out are not required.
pub fn output_schema<T: JsonSchema>() -> Value {
    inlined::<T>(SchemaSettings::draft2020_12().for_serialize())
}

fn inlined<T: JsonSchema>(settings: SchemaSettings) -> Value {
    let settings = settings.with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.remove("title");
    schema.to_value()
}

/// A schema without descriptions, and without the properties called `rare` at any level.
pub fn bare(schema: &Value, rare: &[&str]) -> Value {
    match schema {
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, value)| *key != "description" || !value.is_string());
            let part = |(key, value): (&String, &Value)| {
                let value = match (key.as_str(), value) {
                    ("properties", Value::Object(all)) => {
                        let all = all.iter().filter(|(name, _)| !rare.contains(&name.as_str()));
                        all.map(|(name, value)| (name.clone(), bare(value, rare))).collect()
                    }
                    _ => bare(value, rare),
                };
                (key.clone(), value)
            };
            kept.map(part).collect()
        }
        Value::Array(items) => items.iter().map(|item| bare(item, rare)).collect(),
        plain => plain.clone(),
    }
}

/// What a declaration is made of.
pub struct Declared<'a> {
    /// Name, dots are namespaces.
    pub name: &'a str,
    /// For the model.
    pub doc: &'a str,
    /// Schema of the arguments.
    pub input: &'a Value,
    /// Schema of the result.
    pub output: &'a Value,
    /// The argument that may be given without an object around it.
    pub plain: Option<&'a str>,
    /// Whether a call without arguments makes sense.
    pub bare: bool,
}

impl Declared<'_> {
    /// `/** doc */\nname(args: {...}): Promise<{...}>;`, in `space: { … };` for each namespace of the name.
    pub fn text(&self) -> String {
        let (before, last, after) = around(self.name);
        let mut args = type_of(self.input);
        let plain = self.plain.and_then(|name| self.input.get("properties")?.get(name));
        if let Some(plain) = plain {
            args = format!("{} | {args}", without_null(&type_of(plain)));
        }
        let mark = if self.bare { "?" } else { "" };
        let (doc, output) = (comment(self.doc, DESCRIPTION), type_of(self.output));
        format!("{before}/** {doc} */\n{last}(args{mark}: {args}): Promise<{output}>;{after}")
    }
}

/// The declaration of a tool that is described by schemas alone. Schemas and texts may come from anywhere.
pub fn declaration(name: &str, doc: &str, input: &Value, output: &Value) -> String {
    let required = input.get("required").and_then(Value::as_array);
    let bare = required.is_none_or(Vec::is_empty);
    Declared { name, doc, input, output, plain: None, bare }.text()
}

/// The doc comment and what follows the name (`(args: …): Promise<…>;`) of a declaration made here for `name`.
pub fn taken_apart<'a>(name: &str, declaration: &'a str) -> Option<(&'a str, &'a str)> {
    let (before, last, after) = around(name);
    let inner = declaration.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?;
    let (doc, member) = inner.split_once('\n')?;
    Some((doc, member.strip_prefix(last.as_str())?))
}

/// The first sentence of a description, in one line.
pub fn summary(description: &str) -> String {
    let line = comment(description, SUMMARY);
    let end = line.find(". ").map_or(line.len(), |at| at + 1);
    line[..end].to_owned()
}

/// What stands before and after the member that declares `name`, and the name of that member.
fn around(name: &str) -> (String, String, String) {
    let (spaces, last) = name.rsplit_once('.').unwrap_or(("", name));
    let spaces: Vec<&str> = spaces.split('.').filter(|space| !space.is_empty()).collect();
    let before: Vec<String> = spaces.iter().map(|space| format!("{}: {{", property(space))).collect();
    let break_after = |text: String| if text.is_empty() { text } else { text + "\n" };
    let after =
        if spaces.is_empty() { String::new() } else { format!("\n{}", vec!["};"; spaces.len()].join(" ")) };
    (break_after(before.join(" ")), property(last), after)
}

fn without_null(kind: &str) -> &str {
    kind.strip_suffix(" | null").unwrap_or(kind)
}
