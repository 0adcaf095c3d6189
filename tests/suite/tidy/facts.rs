//! What the rules need to know of one Rust file: the paths it names, its modules, and how large its items are.
//! Exact by `syn`, macro bodies by their tokens. Attributes and doc comments are not looked at.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Fields, ImplItem, Item, TraitItem, UseTree, Visibility};

/// Everything of one file.
#[derive(Default)]
pub struct Facts {
    pub mentions: Vec<Mention>,
    pub calls: Vec<MacroCall>,
    pub measures: Vec<Measure>,
    pub children: Vec<Child>,
    /// Items by the inline module they stand in.
    pub names: Vec<(Vec<String>, String)>,
}

/// A path such as `std::fs::read`, in code or in a `use`.
pub struct Mention {
    pub line: usize,
    /// Inline modules of this file around it.
    pub module: Vec<String>,
    pub path: Vec<String>,
    pub test: bool,
    pub import: Import,
}

/// Whether a path is a `use`, and what it brings in.
#[derive(Clone, PartialEq, Eq)]
pub enum Import {
    No,
    Name(String),
    Everything,
}

/// A macro's last path segment.
pub struct MacroCall {
    pub line: usize,
    pub name: String,
    pub test: bool,
}

/// The size of one item: lines of a `fn`, fields of a `struct`, variants of a public `enum`, `arguments` without self.
pub struct Measure {
    pub line: usize,
    pub kind: &'static str,
    pub name: String,
    pub size: usize,
}

/// `mod name;` or `mod name { ... }`.
pub struct Child {
    pub module: Vec<String>,
    pub name: String,
    pub path: Option<String>,
    pub test: bool,
    pub inline: bool,
}

/// Reads one file; the error names the line.
pub fn read(text: &str) -> Result<Facts, (usize, String)> {
    let file = syn::parse_file(text).map_err(|error| (error.span().start().line, error.to_string()))?;
    let mut reader = Reader { test: tests_only(&file.attrs), ..Reader::default() };
    reader.visit_file(&file);
    Ok(reader.facts)
}

#[derive(Default)]
struct Reader {
    facts: Facts,
    module: Vec<String>,
    owner: Option<String>,
    test: bool,
    foreign_trait: bool,
}

impl Reader {
    fn within(&mut self, attributes: &[Attribute], go: impl FnOnce(&mut Self)) {
        let before = self.test;
        self.test |= tests_only(attributes);
        go(self);
        self.test = before;
    }

    fn mention(&mut self, span: Span, path: Vec<String>, import: Import) {
        let (line, module, test) = (span.start().line, self.module.clone(), self.test);
        self.facts.mentions.push(Mention { line, module, path, test, import });
    }

    fn uses(&mut self, tree: &UseTree, before: &[String]) {
        let with = |ident: &syn::Ident| [before, &[ident.to_string()]].concat();
        match tree {
            UseTree::Path(part) => self.uses(&part.tree, &with(&part.ident)),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.uses(item, before)),
            UseTree::Glob(glob) => self.mention(glob.span(), before.to_vec(), Import::Everything),
            UseTree::Name(name) => self.used(&name.ident, &name.ident, before),
            UseTree::Rename(renamed) => self.used(&renamed.ident, &renamed.rename, before),
        }
    }

    fn used(&mut self, ident: &syn::Ident, alias: &syn::Ident, before: &[String]) {
        let mut path = before.to_vec();
        if ident != "self" || before.is_empty() {
            path.push(ident.to_string());
        }
        let alias =
            if alias == "self" { path.last().cloned().unwrap_or_default() } else { alias.to_string() };
        self.mention(ident.span(), path, Import::Name(alias));
    }

    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut start = Span::call_site();
        let (mut colons, mut after_dot) = (0, false);
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if !path.is_empty() && colons == 2 => path.push(ident.to_string()),
                TokenTree::Ident(ident) => {
                    self.token_path(&mut path, start);
                    if !after_dot {
                        start = ident.span();
                        path.push(ident.to_string());
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Punct(punct) => {
                    if let ('!', Some(name)) = (punct.as_char(), path.last().cloned()) {
                        let (line, test) = (start.start().line, self.test);
                        self.facts.calls.push(MacroCall { line, name, test });
                    }
                    self.token_path(&mut path, start);
                    (colons, after_dot) = (0, punct.as_char() == '.');
                    continue;
                }
                TokenTree::Group(group) => {
                    self.token_path(&mut path, start);
                    self.tokens(group.stream());
                }
                TokenTree::Literal(_) => self.token_path(&mut path, start),
            }
            (colons, after_dot) = (0, false);
        }
        self.token_path(&mut path, start);
    }

    fn token_path(&mut self, path: &mut Vec<String>, start: Span) {
        if !path.is_empty() {
            self.mention(start, std::mem::take(path), Import::No);
        }
    }

    fn measure(&mut self, span: Span, kind: &'static str, name: &str, size: usize) {
        let name = match (&self.owner, kind) {
            (Some(owner), "fn" | "arguments") => format!("{owner}::{name}"),
            _ => name.to_owned(),
        };
        self.facts.measures.push(Measure { line: span.start().line, kind, name, size });
    }

    fn function(&mut self, signature: &syn::Signature, block: Option<&syn::Block>) {
        let name = signature.ident.to_string();
        let start = signature.span();
        if !self.foreign_trait {
            let typed = signature.inputs.iter().filter(|input| matches!(input, syn::FnArg::Typed(_))).count();
            self.measure(start, "arguments", &name, typed);
        }
        if let Some(block) = block {
            let end = block.brace_token.span.close().end().line;
            self.measure(start, "fn", &name, end + 1 - start.start().line);
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.mention(path.span(), segments, Import::No);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        let name = call.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        self.facts.calls.push(MacroCall { line: call.span().start().line, name, test: self.test });
        self.tokens(call.tokens.clone());
    }

    fn visit_item(&mut self, item: &'ast Item) {
        let (attributes, name) = outline(item);
        self.within(attributes, |reader| {
            if let Some(name) = name {
                reader.facts.names.push((reader.module.clone(), name.to_string()));
            }
            visit::visit_item(reader, item);
        });
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.uses(&item.tree, &[]);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let (module, name, test) = (self.module.clone(), item.ident.to_string(), self.test);
        let path = item.attrs.iter().find_map(path_attribute);
        let inline = item.content.is_some();
        self.facts.children.push(Child { module, name: name.clone(), path, test, inline });
        self.module.push(name);
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        let owner = self.owner.take();
        self.function(&item.sig, Some(&item.block));
        visit::visit_item_fn(self, item);
        self.owner = owner;
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let owner = match &*item.self_ty {
            syn::Type::Path(named) => named.path.segments.last().map(|segment| segment.ident.to_string()),
            _ => None,
        };
        let before = (self.owner.replace(owner.unwrap_or_else(|| "impl".into())), self.foreign_trait);
        self.foreign_trait = item.trait_.is_some();
        visit::visit_item_impl(self, item);
        (self.owner, self.foreign_trait) = before;
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes = match item {
            ImplItem::Fn(function) => &function.attrs,
            ImplItem::Const(constant) => &constant.attrs,
            _ => &Vec::new(),
        };
        self.within(attributes, |reader| {
            if let ImplItem::Fn(function) = item {
                reader.function(&function.sig, Some(&function.block));
            }
            visit::visit_impl_item(reader, item);
        });
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        let before = self.owner.replace(item.ident.to_string());
        visit::visit_item_trait(self, item);
        self.owner = before;
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        if let TraitItem::Fn(function) = item {
            self.function(&function.sig, function.default.as_ref());
        }
        visit::visit_trait_item(self, item);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        if let Fields::Named(fields) = &item.fields {
            self.measure(item.ident.span(), "struct", &item.ident.to_string(), fields.named.len());
        }
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        if matches!(item.vis, Visibility::Public(_)) {
            self.measure(item.ident.span(), "enum", &item.ident.to_string(), item.variants.len());
        }
        visit::visit_item_enum(self, item);
    }
}

/// `#[cfg(test)]`, also among other conditions, or `#[test]` and its like.
fn tests_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            let words = list.tokens.to_string();
            let is =
                |word: &str| words.split(|c: char| !c.is_alphanumeric() && c != '_').any(|part| part == word);
            is("test") && !is("not") && !is("any")
        }
        meta => meta.path().segments.last().is_some_and(|last| last.ident == "test"),
    })
}

fn path_attribute(attribute: &Attribute) -> Option<String> {
    let syn::Meta::NameValue(pair) = &attribute.meta else { return None };
    match (&pair.value, pair.path.is_ident("path")) {
        (syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(path), .. }), true) => Some(path.value()),
        _ => None,
    }
}

fn outline(item: &Item) -> (&[Attribute], Option<&syn::Ident>) {
    match item {
        Item::Const(it) => (&it.attrs, Some(&it.ident)),
        Item::Enum(it) => (&it.attrs, Some(&it.ident)),
        Item::Fn(it) => (&it.attrs, Some(&it.sig.ident)),
        Item::Impl(it) => (&it.attrs, None),
        Item::Macro(it) => (&it.attrs, it.ident.as_ref()),
        Item::Mod(it) => (&it.attrs, None),
        Item::Static(it) => (&it.attrs, Some(&it.ident)),
        Item::Struct(it) => (&it.attrs, Some(&it.ident)),
        Item::Trait(it) => (&it.attrs, Some(&it.ident)),
        Item::Type(it) => (&it.attrs, Some(&it.ident)),
        Item::Union(it) => (&it.attrs, Some(&it.ident)),
        Item::Use(it) => (&it.attrs, None),
        _ => (&[], None),
    }
}
