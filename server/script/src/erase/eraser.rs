//! Walks a script's syntax tree and blanks what is TypeScript, minding the places where a blank would change the
//! meaning (automatic semicolons, arrows, statements that would begin with a brace).

use std::collections::HashSet;

use oxc_ast::ast::*;
use oxc_ast_visit::{Visit, walk};
use oxc_span::{GetSpan, Span};
use oxc_syntax::scope::ScopeFlags;

use super::canvas::Canvas;
use super::refusal::Refusal;

/// The visitor. One per script.
pub(super) struct Eraser<'s> {
    pub(super) canvas: Canvas<'s>,
    refusals: Vec<Refusal>,
    /// Where the innermost statement or class field ends: a type that ends there leaves a `;`.
    pub(super) end: u32,
    /// Where statements and arrow bodies begin: a `{` left there would become a block.
    statement_starts: HashSet<u32>,
    /// Where arguments of `return`, `throw` and `yield` begin: no line end may be left before them.
    argument_starts: HashSet<u32>,
}

impl<'s> Eraser<'s> {
    pub(super) fn new(canvas: Canvas<'s>) -> Eraser<'s> {
        Eraser {
            canvas,
            refusals: Vec::new(),
            end: u32::MAX,
            statement_starts: HashSet::new(),
            argument_starts: HashSet::new(),
        }
    }

    pub(super) fn refuse(&mut self, span: Span, message: &str, hint: &str) {
        self.refusals.push(Refusal::new(span, message, hint));
    }

    /// The JavaScript, or the first thing that stands in its way.
    pub(super) fn finish(self) -> Result<String, Refusal> {
        match self.refusals.into_iter().min_by_key(|refusal| refusal.span.start) {
            Some(refusal) => Err(refusal),
            None => Ok(self.canvas.finish()),
        }
    }

    /// Blanks what follows an expression up to `end` (`as T`, `satisfies T`, `<T>`).
    fn blank_suffix(&mut self, from: u32, end: u32) {
        self.canvas.blank(from, end);
        if end == self.end
            && let Some(token) = self.canvas.token_at(from)
        {
            self.canvas.mark(token.start, ";");
        }
    }

    /// Blanks a statement that is all types; true when it was one.
    fn blank_declaration(&mut self, it: &Statement<'_>) -> bool {
        let types_only = match it {
            Statement::TSTypeAliasDeclaration(_) | Statement::TSInterfaceDeclaration(_) => true,
            Statement::FunctionDeclaration(function) => function.declare || function.body.is_none(),
            Statement::ClassDeclaration(class) => class.declare,
            Statement::VariableDeclaration(variables) => variables.declare,
            Statement::TSEnumDeclaration(it) => it.declare,
            Statement::TSExternalModuleDeclaration(_) | Statement::TSGlobalDeclaration(_) => true,
            Statement::TSNamespaceDeclaration(it) => it.declare,
            Statement::ImportDeclaration(it) => it.import_kind.is_type() || imports_types(it),
            Statement::ExportNamedDeclaration(it) => {
                it.export_kind.is_type() || it.specifiers.iter().all(|each| each.export_kind.is_type())
            }
            Statement::ExportFromDeclaration(it) => it.export_kind.is_type(),
            Statement::ExportAllDeclaration(it) => it.export_kind.is_type(),
            Statement::ExportDeclaration(it) => {
                matches!(
                    it.declaration,
                    Declaration::TSTypeAliasDeclaration(_) | Declaration::TSInterfaceDeclaration(_)
                )
            }
            Statement::ExportDefaultDeclaration(it) => {
                matches!(it.declaration, ExportDefaultDeclarationKind::TSInterfaceDeclaration(_))
            }
            Statement::TSImportEqualsDeclaration(it) => it.import_kind.is_type(),
            _ => false,
        };
        if types_only {
            self.canvas.blank_statement(it.span());
        }
        types_only
    }

    /// A `<T>` before an expression. Where a mere blank would change the meaning, `0||` takes its place: it
    /// has the value of what follows and begins neither a block nor a new line.
    fn blank_assertion(&mut self, it: &TSTypeAssertion<'_>) {
        let start = it.span.start;
        let mut inner = &it.expression;
        while let Expression::TSTypeAssertion(next) = inner {
            inner = &next.expression;
        }
        let rest = inner.span().start;
        self.canvas.blank(start, it.expression.span().start);
        let word = self.canvas.token_at(rest).map_or("", |token| self.canvas.text(token));
        let argument = self.argument_starts.contains(&start) && self.canvas.has_line_end(start, rest);
        let block = self.statement_starts.contains(&start)
            && matches!(word, "{" | "function" | "class" | "async" | "let");
        if (argument || block) && self.canvas.has_line_end(start, start + 3) {
            let hint = "Write `x as T`, or the whole of `<T>x` on one line.";
            self.refuse(it.span, "A `<T>` that begins with a line end cannot be removed here", hint);
        } else if argument || block {
            self.canvas.mark(start, "0||");
        }
    }

    /// Keeps an arrow function in one piece: no line end may be left before its `(` or its `=>`.
    fn hold_arrow(&mut self, it: &ArrowFunctionExpression<'_>) {
        if let Some(types) = &it.type_parameters
            && self.canvas.has_line_end(types.span.start, it.params.span.start.max(types.span.end))
        {
            self.canvas.blank_token(types.span.end, "(");
            self.canvas.mark(types.span.start, "(");
        }
        if let Some(returns) = &it.return_type
            && let Some(paren) = self.canvas.token_before(returns.span.start)
            && self.canvas.text(paren) == ")"
            && self.canvas.has_line_end(paren.end, returns.span.end)
        {
            self.canvas.blank(paren.start, paren.end);
            let last = self.canvas.text(returns.span).chars().next_back().map_or(1, char::len_utf8);
            self.canvas.mark(returns.span.end - u32::try_from(last).unwrap_or(1), ")");
        }
    }
}

/// `import { type A, type B } from 'c'`: types by name, and at least one.
fn imports_types(it: &ImportDeclaration<'_>) -> bool {
    it.specifiers.as_ref().is_some_and(|all| {
        !all.is_empty()
            && all.iter().all(|each| match each {
                ImportDeclarationSpecifier::ImportSpecifier(one) => one.import_kind.is_type(),
                _ => false,
            })
    })
}

impl<'a> Visit<'a> for Eraser<'_> {
    fn visit_statement(&mut self, it: &Statement<'a>) {
        if self.blank_declaration(it) {
            return;
        }
        let outer = std::mem::replace(&mut self.end, it.span().end);
        match it {
            Statement::ExpressionStatement(it) => {
                self.statement_starts.insert(it.span.start);
            }
            Statement::ReturnStatement(it) => {
                self.argument_starts.extend(it.argument.iter().map(|argument| argument.span().start));
            }
            Statement::ThrowStatement(it) => {
                self.argument_starts.insert(it.argument.span().start);
            }
            _ => {}
        }
        walk::walk_statement(self, it);
        self.end = outer;
    }

    fn visit_yield_expression(&mut self, it: &YieldExpression<'a>) {
        self.argument_starts.extend(it.argument.iter().map(|argument| argument.span().start));
        walk::walk_yield_expression(self, it);
    }

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        if !matches!(it.body, ArrowFunctionBody::FunctionBody(_)) {
            self.statement_starts.insert(it.body.span().start);
        }
        walk::walk_arrow_function_expression(self, it);
        self.hold_arrow(it);
    }

    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        if it.definite {
            self.canvas.blank_token(it.id.span().end, "!");
        }
        walk::walk_variable_declarator(self, it);
    }

    fn visit_formal_parameter(&mut self, it: &FormalParameter<'a>) {
        if it.accessibility.is_some() || it.readonly || it.r#override {
            let refusal = Refusal::parameter_property(it, |span| self.canvas.text(span).to_owned());
            self.refusals.push(refusal);
        }
        if it.optional {
            self.canvas.blank_token(it.pattern.span().end, "?");
        }
        walk::walk_formal_parameter(self, it);
    }

    fn visit_ts_this_parameter(&mut self, it: &TSThisParameter<'a>) {
        let end = it.type_annotation.as_ref().map_or(it.span.end, |annotation| annotation.span.end);
        let end = end.max(it.span.end);
        self.canvas.blank(it.span.start, end);
        self.canvas.blank_token(end, ",");
    }

    fn visit_function(&mut self, it: &Function<'a>, flags: ScopeFlags) {
        walk::walk_function(self, it, flags);
    }

    fn visit_class(&mut self, it: &Class<'a>) {
        self.blank_class_head(it);
        walk::walk_class(self, it);
    }

    fn visit_ts_class_implements_list(&mut self, _it: &oxc_allocator::ArenaVec<'a, TSClassImplements<'a>>) {}

    fn visit_class_element(&mut self, it: &ClassElement<'a>) {
        let outer = std::mem::replace(&mut self.end, it.span().end);
        if !self.blank_member(it) {
            walk::walk_class_element(self, it);
        }
        self.end = outer;
    }

    fn visit_ts_type_annotation(&mut self, it: &TSTypeAnnotation<'a>) {
        self.canvas.blank(it.span.start, it.span.end);
    }

    fn visit_ts_type_parameter_declaration(&mut self, it: &TSTypeParameterDeclaration<'a>) {
        self.canvas.blank(it.span.start, it.span.end);
    }

    fn visit_ts_type_parameter_instantiation(&mut self, it: &TSTypeParameterInstantiation<'a>) {
        self.canvas.blank(it.span.start, it.span.end);
    }

    fn visit_ts_as_expression(&mut self, it: &TSAsExpression<'a>) {
        self.blank_suffix(it.expression.span().end, it.span.end);
        self.visit_expression(&it.expression);
    }

    fn visit_ts_satisfies_expression(&mut self, it: &TSSatisfiesExpression<'a>) {
        self.blank_suffix(it.expression.span().end, it.span.end);
        self.visit_expression(&it.expression);
    }

    fn visit_ts_instantiation_expression(&mut self, it: &TSInstantiationExpression<'a>) {
        self.blank_suffix(it.expression.span().end, it.span.end);
        self.visit_expression(&it.expression);
    }

    fn visit_ts_non_null_expression(&mut self, it: &TSNonNullExpression<'a>) {
        self.canvas.blank_token(it.expression.span().end, "!");
        self.visit_expression(&it.expression);
    }

    fn visit_ts_type_assertion(&mut self, it: &TSTypeAssertion<'a>) {
        self.blank_assertion(it);
        self.visit_expression(&it.expression);
    }

    fn visit_ts_enum_declaration(&mut self, it: &TSEnumDeclaration<'a>) {
        let refusal = Refusal::enumeration(it, |span| self.canvas.text(span).to_owned());
        self.refusals.push(refusal);
    }

    fn visit_ts_namespace_declaration(&mut self, it: &TSNamespaceDeclaration<'a>) {
        let refusal = Refusal::namespace(it, |span| self.canvas.text(span).to_owned());
        self.refusals.push(refusal);
    }

    fn visit_ts_import_equals_declaration(&mut self, it: &TSImportEqualsDeclaration<'a>) {
        self.refuse(it.span, "`import` is not supported in scripts", NO_MODULES);
    }

    fn visit_ts_export_assignment(&mut self, it: &TSExportAssignment<'a>) {
        self.refuse(it.span, "`export` is not supported in scripts", NO_EXPORTS);
    }

    fn visit_ts_namespace_export_declaration(&mut self, it: &TSNamespaceExportDeclaration<'a>) {
        self.refuse(it.span, "`export` is not supported in scripts", NO_EXPORTS);
    }

    fn visit_module_declaration(&mut self, it: &ModuleDeclaration<'a>) {
        match it {
            ModuleDeclaration::ImportDeclaration(_) => {
                self.refuse(it.span(), "`import` is not supported in scripts", NO_MODULES);
            }
            _ => self.refuse(it.span(), "`export` is not supported in scripts", NO_EXPORTS),
        }
    }

    fn visit_import_expression(&mut self, it: &ImportExpression<'a>) {
        self.refuse(it.span, "`import()` is not supported in scripts", NO_MODULES);
    }

    fn visit_import_meta(&mut self, it: &ImportMeta) {
        self.refuse(it.span, "`import.meta` is not supported in scripts", NO_MODULES);
    }

    fn visit_decorator(&mut self, it: &Decorator<'a>) {
        let refusal = Refusal::decorator(it, |span| self.canvas.text(span).to_owned());
        self.refusals.push(refusal);
    }

    fn visit_accessor_property(&mut self, it: &AccessorProperty<'a>) {
        let refusal = Refusal::accessor(it, |span| self.canvas.text(span).to_owned());
        self.refusals.push(refusal);
    }
}

const NO_MODULES: &str = "Scripts have no modules. Files, commands and searches are reached through `tools`, for example `await tools.readFile({ path })`.";
const NO_EXPORTS: &str = "Leave out `export`; hand a result back with `return` at the end of the script.";
