//! Classes: heads, members and modifiers that are only types.

use oxc_ast::ast::*;
use oxc_span::{GetSpan, Span};

use super::eraser::Eraser;

/// Words before a member's name that mean nothing at run time.
const MODIFIERS: &[&str] = &["public", "private", "protected", "readonly", "abstract", "override", "declare"];

impl Eraser<'_> {
    /// Blanks `abstract` before and `implements …` behind.
    pub(super) fn blank_class_head(&mut self, it: &Class<'_>) {
        if it.r#abstract {
            self.canvas.blank_token(it.span.start, "abstract");
        }
        if it.implements.is_empty() {
            return;
        }
        let body = it.body.span.start;
        let mut from = it.span.start;
        from = from.max(it.id.as_ref().map_or(0, |id| id.span.end));
        from = from.max(it.type_parameters.as_ref().map_or(0, |types| types.span.end));
        if let Some(heritage) = &it.heritage {
            from = from.max(heritage.expression.span().end);
            from = from.max(heritage.type_arguments.as_ref().map_or(0, |types| types.span.end));
        }
        let word = self.canvas.tokens_in(from, body).find(|span| self.canvas.text(*span) == "implements");
        let end = self.canvas.token_before(body).map_or(body, |token| token.end);
        if let Some(word) = word {
            self.canvas.blank(word.start, end);
        }
    }

    /// Blanks a member that is all types and the modifiers of one that is not; true when nothing is left.
    pub(super) fn blank_member(&mut self, it: &ClassElement<'_>) -> bool {
        let types_only = match it {
            ClassElement::TSIndexSignature(_) => true,
            ClassElement::MethodDefinition(method) => {
                method.r#type == MethodDefinitionType::TSAbstractMethodDefinition
                    || method.value.body.is_none()
            }
            ClassElement::PropertyDefinition(field) => {
                field.declare || field.r#type == PropertyDefinitionType::TSAbstractPropertyDefinition
            }
            ClassElement::StaticBlock(_) | ClassElement::AccessorProperty(_) => false,
        };
        if types_only {
            self.canvas.blank_statement(it.span());
            return true;
        }
        match it {
            ClassElement::MethodDefinition(method) => {
                self.blank_modifiers(method.span.start, method.key.span());
                self.blank_after_key(method.key.span().end, method.value.span.start);
            }
            ClassElement::PropertyDefinition(field) => {
                self.blank_modifiers(field.span.start, field.key.span());
                let annotation = field.type_annotation.as_ref().map(|types| types.span.start);
                let value = field.value.as_ref().map(|value| value.span().start);
                let end = annotation.or(value).unwrap_or(field.span.end);
                self.blank_after_key(field.key.span().end, end);
                if let (Some(colon), None) = (annotation, value) {
                    // Without it, `get: T` before another member would become a getter.
                    self.canvas.mark(colon, ";");
                }
            }
            _ => {}
        }
        false
    }

    fn blank_modifiers(&mut self, start: u32, key: Span) {
        let words: Vec<Span> = self
            .canvas
            .tokens_in(start, key.start)
            .filter(|span| MODIFIERS.contains(&self.canvas.text(*span)))
            .collect();
        for word in words {
            self.canvas.blank(word.start, word.end);
            if word.start == start {
                // A member that now begins with `[` or `*` must not run into the field before it.
                self.canvas.mark(start, ";");
            }
        }
    }

    /// Blanks `?` or `!` between a member's name and what follows.
    fn blank_after_key(&mut self, from: u32, to: u32) {
        let marks: Vec<Span> = self
            .canvas
            .tokens_in(from, to)
            .take_while(|span| self.canvas.text(*span) != "=")
            .filter(|span| matches!(self.canvas.text(*span), "?" | "!"))
            .collect();
        for mark in marks {
            self.canvas.blank(mark.start, mark.end);
        }
    }
}
