//! Cases of the eraser. In the marked text `⟦…⟧` is what must be blanked, `⟦…→x⟧` what must be blanked with `x`
//! left at its start; all else must stay byte for byte.

use super::erase;

/// Splits a marked text into the source and what must come out.
fn marked(text: &str) -> (String, String) {
    let (mut source, mut wanted) = (String::new(), String::new());
    for (index, part) in text.split(['⟦', '⟧']).enumerate() {
        if index % 2 == 0 {
            source.push_str(part);
            wanted.push_str(part);
            continue;
        }
        let (erased, mark) = part.split_once('→').unwrap_or((part, ""));
        source.push_str(erased);
        wanted.push_str(mark);
        for c in erased.chars().skip(mark.chars().count()) {
            wanted.push_str(match (c, c.len_utf8()) {
                ('\n', _) => "\n",
                ('\r', _) => "\r",
                (_, 1) => " ",
                (_, 2) => "\u{a0}",
                (_, 3) => "\u{3000}",
                _ => "\u{a0}\u{a0}",
            });
        }
    }
    (source, wanted)
}

fn check(texts: &[&str]) {
    let wrong: Vec<String> = texts.iter().filter_map(|text| wrong(text)).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), texts.len(), wrong.join("\n"));
}

fn wrong(text: &str) -> Option<String> {
    let (source, wanted) = marked(text);
    match erase(&source) {
        Ok(erased) if erased == wanted && erased.len() == source.len() => None,
        Ok(erased) => Some(format!("source: {source:?}\nwanted: {wanted:?}\ngot:    {erased:?}\n")),
        Err(error) => Some(format!("source: {source:?}\nerror:  {error:?}\n")),
    }
}

/// What is TypeScript in ordinary statements and expressions.
const TYPES: &[&str] = &[
    // nothing to do
    "const a = 1;\nreturn a;",
    "await x; return 1",
    "return",
    "",
    "for (const a of b) { c(a) }",
    "const a = b < c && d > e;",
    "const o = { type: 1, as: 2, declare: 3, readonly: 4 };",
    "const type = 1; type\nX = 2",
    "let as = 1; return as",
    "x = a ? (b) : c => d",
    "label: for (;;) break label",
    "const re = /a: number/g; `t: ${x}`",
    // variables and parameters
    "const x⟦: number⟧ = 1",
    "let x⟦: string | undefined⟧;",
    "let x⟦!⟧⟦: Foo⟧; x = y",
    "const { a, b }⟦: { a: number; b: string }⟧ = o",
    "const [a]⟦: [number]⟧ = o",
    "function f(a⟦: number⟧, b⟦?⟧⟦: string⟧)⟦: void⟧ {}",
    "function f(⟦this⟧⟦: Foo⟧⟦,⟧ a) {}",
    "function f(⟦this: Foo⟧) {}",
    "function f(...a⟦: T[]⟧) {}",
    "function f({ a }⟦: { a: number }⟧ = {}) {}",
    "function f(a⟦: number⟧ = 1) {}",
    "try {} catch (e⟦: unknown⟧) {}",
    "for (const x⟦: T⟧ of y⟦ as T[]⟧) {}",
    "for (let i⟦: number⟧ = 0⟦ as number⟧; i < 1; i++) {}",
    "function f(x⟦: unknown⟧)⟦: x is string⟧ { return true }",
    "function f(x⟦: unknown⟧)⟦: asserts x is string⟧ {}",
    "const f = async (a⟦: T⟧)⟦: Promise<void>⟧ => {}",
    "const f = (a⟦?⟧⟦: T⟧) => a",
    // generics
    "function f⟦<T>⟧(a⟦: T⟧) {}",
    "const f = ⟦<T,>⟧(a⟦: T⟧) => a",
    "const f = async ⟦<T>⟧(a⟦: T⟧) => a",
    "const f = function⟦<T extends object = {}>⟧(a) {}",
    "f⟦<number>⟧(1)",
    "a.b⟦<T>⟧(1)",
    "a?.b⟦<T>⟧(1)",
    "a?.⟦<T>⟧(1)",
    "new Map⟦<string, Array<Set<number>>>⟧()",
    "new Map⟦<string, T>⟧;",
    "f⟦<T>⟧`x`",
    "const g = f⟦<T>⟧;",
    "const g = f⟦<T>→;⟧",
    "x = a⟦<Array<Array<T>>>⟧(b) >> 2",
    // assertions
    "const a = b⟦ as unknown⟧⟦ as T⟧;",
    "const a = b⟦ as const⟧;",
    "const a = { b: 1 }⟦ satisfies T⟧;",
    "const a = (b⟦ as any⟧).c",
    "f(a⟦ as T⟧, b⟦!⟧)",
    "a⟦!⟧.b⟦!⟧[0]⟦!⟧()",
    "(a⟦ as any⟧) = 1",
    "(⟦<any>⟧a).b = 1",
    "const a = ⟦<T>⟧b",
    "const a = ⟦<T>⟧⟦<U>⟧b",
    "`${a⟦ as T⟧}`",
    "const f = () => x⟦ as T⟧;",
    "g(() => x⟦ as T⟧)",
    "return x⟦ as T⟧;",
    "const a = b⟦ /* why */ as T⟧;",
    "if (a⟦ as T⟧) b()",
    // declarations
    "⟦type A = { b: string };→;⟧",
    "⟦interface A { b: string }→;⟧\nreturn 1",
    "⟦interface A<T> extends B, C { (x: number): void; new (): A; [k: string]: any }→;⟧",
    "⟦type A<T> = T extends infer U ? U : never;→;⟧",
    "⟦declare const a: number;→;⟧",
    "⟦declare function f(): void;→;⟧",
    "⟦declare class A { b: string }→;⟧",
    "⟦declare enum A { B }→;⟧",
    "⟦declare namespace A { const b: number }→;⟧",
    "⟦declare global { var x: number }→;⟧",
    "⟦function f(a: string): void;→;⟧\n⟦function f(a: number): void;→;⟧\nfunction f(a⟦: any⟧) {}",
    "{ ⟦type A = 1→;⟧ }",
    // other scripts: bytes and columns stay
    "⟦type É = \"日本😀\";→;⟧ return 1",
    "const é = \"日本\"⟦ as \"日本\"⟧; return é",
    "let x⟦: {\n  a: 1,\r\n  b: 2\n}⟧ = y",
];

#[test]
fn types_are_blanked_in_place() {
    check(TYPES);
}

#[test]
fn classes_keep_what_runs() {
    check(&[
        "class A⟦<T>⟧ extends B⟦<T>⟧ ⟦implements C, D<T>⟧ { }",
        "class A ⟦implements B⟧ {}",
        "const A = class ⟦implements B⟧ {}",
        "⟦abstract⟧ class A { ⟦abstract f(): void;→;⟧ ⟦abstract x: number;→;⟧ g() {} }",
        "class A { x⟦: number→;⟧; }",
        "class A { x⟦: number⟧ = 1; }",
        "class A { x⟦?⟧⟦: number→;⟧; y⟦!⟧⟦: T→;⟧; }",
        "class A { ⟦private→;⟧ x = 1 }",
        "class A { ⟦public→;⟧ static ⟦readonly⟧ x = 1 }",
        "class A { ⟦private→;⟧ static ⟦override⟧ ⟦readonly⟧ x⟦: T⟧ = 1 }",
        "class A { ⟦protected→;⟧ async *f⟦<T>⟧(a⟦: T⟧)⟦: any⟧ {} }",
        "class A { ⟦override→;⟧ f() {} }",
        "class A { f⟦?⟧() {} }",
        "class A { ⟦[k: string]: any;→;⟧ }",
        "class A { ⟦declare x: number;→;⟧ }",
        "class A { ⟦f(a: string): void;→;⟧ f(a⟦: any⟧) {} }",
        "class A { constructor(a⟦: T⟧) { this.a = a } }",
        "class A { get x()⟦: T⟧ { return 1 } set x(v⟦: T⟧) {} }",
        "class A { readonly; private = 1; static static = 2 }",
        "class A { get⟦: number→;⟧\n x() {} }",
        "class A { static⟦: T→;⟧\n x() {} }",
        "class A { a = 1\n ⟦private→;⟧ [b] = 2 }",
        "class A { a = b⟦ as T→ ;⟧\n [c] = 2 }",
        "class A { #a⟦?⟧⟦: T→;⟧ }",
        "class A { ['x']⟦?⟧⟦: T⟧ = 1 }",
        "class A extends (b⟦ as any⟧) {}",
    ]);
}

#[test]
fn a_blank_never_changes_the_meaning() {
    check(&[
        // the line before must not run into the next
        "const a = b\n⟦type X = 1→;⟧\n(c)",
        "a⟦ as T→ ;⟧\n(b)",
        "a⟦ as T→ ;⟧\n[0].x",
        "a⟦ satisfies T→ ;⟧\n`x`",
        "const f = () => x⟦ as T→ ;⟧\n(b)",
        "if (a) b⟦ as T→ ;⟧\nelse c",
        "do a⟦ as T→ ;⟧\nwhile (b)",
        "let a⟦: T⟧\n(b)",
        "return a⟦ as\nT→ ;⟧",
        // arrows across lines
        "const f = async ⟦<\n  T\n>→(⟧⟦(⟧a) => a",
        "return ⟦<\nT>→(⟧⟦(⟧a) => a",
    ]);
    let plain = [
        ("const f = (a): {\n  b: 1\n} => a", "const f = (a    \n      \n) => a"),
        ("const f = (a):\n  É => a", "const f = (a  \n  )  => a"),
        ("() => <T>{ a: 1 }", "() => 0||{ a: 1 }"),
        ("() => <A><B>{ a: 1 }", "() => 0||   { a: 1 }"),
        ("() => <T>x", "() =>    x"),
        ("<any>function () {}()", "0||  function () {}()"),
        ("return <T>\nx", "return 0||\nx"),
        ("return <T>x", "return    x"),
        ("throw <T>\nx", "throw 0||\nx"),
        ("function* f() { yield <T>\nx }", "function* f() { yield 0||\nx }"),
    ];
    for (source, wanted) in plain {
        let erased = erase(source).unwrap();
        assert_eq!(erased, wanted, "\nsource:\n{source}");
    }
}

#[test]
fn what_cannot_be_erased_is_refused_with_its_equivalent() {
    let cases = [
        ("enum A { B, C = 5, D }", 1, 1, "enum", "const A = Object.freeze({ B: 0, C: 5, D: 6 });"),
        ("let x = 1;\n  const enum A { 'b-c' }", 2, 3, "enum", "{ 'b-c': 0 }"),
        ("enum A { B = f(), C }", 1, 1, "enum", "B: f(), C: …"),
        ("namespace A { export const b = 1 }", 1, 1, "namespace", "const A = {"),
        ("class A { constructor(private x: number) {} }", 1, 23, "Parameter properties", "this.x = x"),
        ("class A { constructor(readonly x: number) {} }", 1, 23, "Parameter properties", "this.x = x"),
        ("@dec class A {}", 1, 1, "Decorators", "decorate("),
        ("class A { @dec x = 1 }", 1, 11, "Decorators", "decorate("),
        ("class A { accessor x = 1 }", 1, 11, "accessor", "getter"),
        ("import fs from 'fs'", 1, 1, "`import`", "tools.readFile"),
        ("import type { A } from 'a'", 1, 1, "`import`", "tools.readFile"),
        ("const x = await import('fs')", 1, 17, "`import()`", "tools.readFile"),
        ("return import.meta.url", 1, 8, "import.meta", "tools.readFile"),
        ("import fs = require('fs')", 1, 1, "`import`", "tools.readFile"),
        ("export const a = 1", 1, 1, "`export`", "return"),
        ("\nexport default 1", 2, 1, "`export`", "return"),
        ("export type A = 1", 1, 1, "`export`", "return"),
        ("export = a", 1, 1, "`export`", "return"),
    ];
    for (source, line, column, message, hint) in cases {
        let error = erase(source).expect_err(source);
        assert_eq!((error.line, error.column), (line, column), "{source}: {error:?}");
        assert!(error.message.contains(message), "{source}: {error:?}");
        assert!(error.hint.as_deref().unwrap_or_default().contains(hint), "{source}: {error:?}");
    }
}

#[test]
fn syntax_errors_have_a_place_and_a_caret() {
    let cases = [
        ("const a = ;", 1, 11),
        ("let x = 1;\nlet y = (2;\n", 2, 11),
        ("return }", 1, 8),
        ("const s = 'abc\nreturn s", 1, 11),
        ("const é = '日本', b = ;", 1, 21),
        ("a\r\nb\r\n  c d", 3, 4),
    ];
    for (source, line, column) in cases {
        let error = erase(source).expect_err(source);
        assert_eq!((error.line, error.column), (line, column), "{source}: {error:?}");
        let shown = error.excerpt.clone().unwrap();
        let caret = shown.lines().nth(1).unwrap().chars().position(|c| c == '^').unwrap();
        assert_eq!(caret, column as usize + 3, "{shown}");
    }
    let fenced = erase("```ts\nconst a = 1\n```").expect_err("a fence is no script");
    assert!(fenced.hint.unwrap().contains("Markdown"));
    // A script must not be able to close the function it is wrapped in.
    assert!(erase("}); evil(); (async () => {").is_err());
    assert!(erase("return 1; } function f() {").is_err());
}
