//! What cannot be erased, and how to say the same in plain JavaScript.

use oxc_ast::ast::{Expression, TSEnumDeclaration, TSEnumMemberName};
use oxc_span::Span;

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
                    text(oxc_span::GetSpan::span(other))
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
}
