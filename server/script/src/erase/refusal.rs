//! What cannot be erased, and how to say the same in plain JavaScript.

use oxc_ast::ast::*;
use oxc_span::{GetSpan, Span};

use super::SyntaxError;

/// Something in the script that has no JavaScript left when its types are gone.
pub(super) struct Refusal {
    pub span: Span,
    message: String,
    hint: String,
}

impl Refusal {
    pub(super) fn new(span: Span, message: impl Into<String>, hint: impl Into<String>) -> Refusal {
        Refusal { span, message: message.into(), hint: hint.into() }
    }

    pub(super) fn explain(self, source: &str) -> SyntaxError {
        let mut error = SyntaxError::at(source, self.span.start as usize, self.message);
        error.hint = Some(self.hint);
        error
    }

    pub(super) fn enumeration(it: &TSEnumDeclaration<'_>, text: impl Fn(Span) -> String) -> Refusal {
        let mut next = Some(0_i64);
        let mut members = Vec::new();
        for member in it.body.members.iter().take(8) {
            let name = match &member.id {
                TSEnumMemberName::Identifier(name) => name.name.to_string(),
                TSEnumMemberName::String(name) | TSEnumMemberName::ComputedString(name) => text(name.span),
                TSEnumMemberName::ComputedTemplateString(name) => format!("[{}]", text(name.span)),
            };
            let value = match &member.initializer {
                Some(Expression::NumericLiteral(number)) => {
                    #[expect(clippy::cast_possible_truncation, reason = "only the hint's numbering")]
                    let value = number.value as i64;
                    next = value.checked_add(1);
                    text(number.span)
                }
                Some(other) => {
                    next = None;
                    text(other.span())
                }
                None => {
                    let value = next.map_or_else(|| "…".to_owned(), |value| value.to_string());
                    next = next.and_then(|value| value.checked_add(1));
                    value
                }
            };
            members.push(format!("{name}: {value}"));
        }
        if it.body.members.len() > members.len() {
            members.push("…".to_owned());
        }
        let hint = format!("Write: const {} = Object.freeze({{ {} }});", it.id.name, members.join(", "));
        Refusal::new(it.span, "`enum` is not supported in scripts", hint)
    }

    /// A namespace, as the object its exports would make up.
    pub(super) fn namespace(it: &TSNamespaceDeclaration<'_>, text: impl Fn(Span) -> String) -> Refusal {
        let body = match &it.body {
            TSNamespaceDeclarationBody::TSModuleBlock(block) => block.body.as_slice(),
            TSNamespaceDeclarationBody::TSNamespaceDeclaration(_) => &[],
        };
        let exports = body.iter().filter_map(|statement| match statement {
            Statement::ExportDeclaration(export) => Some(&export.declaration),
            _ => None,
        });
        let names: Vec<String> = exports.flat_map(declared).collect();
        let name = text(it.id.span());
        let names = if names.is_empty() { "…".to_owned() } else { names.join(", ") };
        let hint = format!(
            "Write: const {name} = (() => {{ …; return {{ {names} }}; }})(); without `export` inside."
        );
        Refusal::new(it.span, "`namespace` is not supported in scripts", hint)
    }

    /// `constructor(private x: number)`.
    pub(super) fn parameter_property(it: &FormalParameter<'_>, text: impl Fn(Span) -> String) -> Refusal {
        let name = text(it.pattern.span());
        let hint = format!(
            "Declare the field and assign it: class … {{ {name}; constructor({name}) {{ this.{name} = {name}; }} }}"
        );
        Refusal::new(it.span, "Parameter properties are not supported in scripts", hint)
    }

    /// `@dec class C {}`, or a decorated member.
    pub(super) fn decorator(it: &Decorator<'_>, text: impl Fn(Span) -> String) -> Refusal {
        let function = text(it.expression.span());
        let hint = format!("Call the function yourself, for a class: const C = {function}(class C {{ … }});");
        Refusal::new(it.span, "Decorators are not supported in scripts", hint)
    }

    /// `accessor x = 1`.
    pub(super) fn accessor(it: &AccessorProperty<'_>, text: impl Fn(Span) -> String) -> Refusal {
        let name = text(it.key.span());
        let private = name.trim_start_matches('#');
        let value = it.value.as_ref().map(|value| format!(" = {}", text(value.span()))).unwrap_or_default();
        let hint = format!(
            "Write a getter and a setter: #_{private}{value}; get {name}() {{ return this.#_{private}; }} \
             set {name}(value) {{ this.#_{private} = value; }}"
        );
        Refusal::new(it.span, "`accessor` fields are not supported in scripts", hint)
    }
}

/// The names that a declaration makes.
fn declared(it: &Declaration<'_>) -> Vec<String> {
    match it {
        Declaration::VariableDeclaration(variables) => variables
            .declarations
            .iter()
            .filter_map(|variable| variable.id.get_binding_identifier())
            .map(|id| id.name.to_string())
            .collect(),
        Declaration::FunctionDeclaration(function) => {
            function.id.iter().map(|id| id.name.to_string()).collect()
        }
        Declaration::ClassDeclaration(class) => class.id.iter().map(|id| id.name.to_string()).collect(),
        _ => Vec::new(),
    }
}
