//! TypeScript to JavaScript by blanking types in place: every line and column stays that of the model's own text.
//! Pure. Deep nesting can overflow the parser's stack, so this runs in the worker, on a large one.

mod advice;
mod canvas;
mod classes;
mod eraser;
mod refusal;
#[cfg(test)]
mod tests;

use std::fmt;

use oxc_allocator::Allocator;
use oxc_ast_visit::Visit;
use oxc_diagnostics::{Diagnostics, OxcDiagnostic};
use oxc_parser::config::TokensParserConfig;
use oxc_parser::{ParseOptions, Parser};
use oxc_span::SourceType;

use self::canvas::Canvas;
use self::eraser::Eraser;
use crate::excerpt::{excerpt, place};

/// Why a text is not a script that can run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What to write instead, when that is known.
    pub hint: Option<String>,
    /// The line with a caret below the place.
    pub excerpt: Option<String>,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (line {}, column {})", self.message, self.line, self.column)
    }
}

impl std::error::Error for SyntaxError {}

impl SyntaxError {
    fn at(source: &str, offset: usize, message: impl Into<String>) -> SyntaxError {
        let (line, column) = place(source, offset);
        SyntaxError {
            line,
            column,
            message: message.into(),
            hint: None,
            excerpt: excerpt(source, line, column),
        }
    }
}

/// The script as JavaScript of the same length in bytes. Top-level `await` and `return` are allowed.
///
/// # Errors
/// The first syntax error, or the first thing that cannot be erased (enum, namespace, parameter property,
/// decorator, accessor field, import or export of values), with its plain equivalent as the hint.
pub fn erase(source: &str) -> Result<String, SyntaxError> {
    advice::refuse_fence(source)?;
    refuse_nul(source)?;
    check_typed(source)?;
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, source, typed())
        .with_options(options())
        .with_config(TokensParserConfig)
        .parse();
    advice::refuse_entities(source, &parsed.tokens)?;
    let mut eraser = Eraser::new(Canvas::new(source, &parsed.tokens));
    eraser.visit_program(&parsed.program);
    let erased = eraser.finish().map_err(|refusal| refusal.explain(source))?;
    check_plain(source, &erased)?;
    Ok(erased)
}

fn typed() -> SourceType {
    SourceType::ts().with_module(true)
}

/// Looks for errors without collecting tokens: the collector cannot take a text that ends in the middle of one.
fn check_typed(source: &str) -> Result<(), SyntaxError> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, source, typed()).with_options(options()).parse();
    first_error(&parsed.diagnostics, parsed.panicked).map_or(Ok(()), |error| Err(explain(source, &error)))
}

/// The parser takes it for the end of the text, and the engine cannot be given one.
fn refuse_nul(source: &str) -> Result<(), SyntaxError> {
    let found = source.find('\0').map(|at| {
        let mut error = SyntaxError::at(source, at, "The script holds a NUL character");
        error.hint = Some("Write it as \"\\0\" inside a string, or leave it out.".to_owned());
        error
    });
    found.map_or(Ok(()), Err)
}

fn options() -> ParseOptions {
    ParseOptions { allow_return_outside_function: true, ..ParseOptions::default() }
}

/// Parses the result as JavaScript: whatever the eraser overlooked is an error here, not a surprise at run time.
fn check_plain(source: &str, erased: &str) -> Result<(), SyntaxError> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, erased, SourceType::mjs()).with_options(options()).parse();
    match first_error(&parsed.diagnostics, parsed.panicked) {
        None => Ok(()),
        Some(error) => {
            let mut error = explain(source, &error);
            error.hint = Some(
                "TypeScript syntax here could not be removed: write this line in plain JavaScript.".into(),
            );
            Err(error)
        }
    }
}

fn first_error(diagnostics: &Diagnostics, panicked: bool) -> Option<OxcDiagnostic> {
    let first =
        diagnostics.errors().min_by_key(|error| error.labels.first().map_or(0, |label| label.offset()));
    first.cloned().or_else(|| panicked.then(|| OxcDiagnostic::error("The script cannot be parsed")))
}

fn explain(source: &str, error: &OxcDiagnostic) -> SyntaxError {
    let offset = error.labels.first().map_or(0, |label| label.offset() as usize);
    let mut message = error.message.to_string();
    if let Some(label) = error.labels.first().and_then(|label| label.label()) {
        message = format!("{message}: {label}");
    }
    let mut shown = SyntaxError::at(source, offset, message);
    let help = || error.help.as_ref().map(ToString::to_string);
    shown.hint = advice::advice(source, offset, &shown.message).or_else(help);
    shown
}
