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

/// More of the language, feature by feature.
const FEATURES: &[&str] = &[
    // kinds of types
    "let a⟦: string[]⟧, b⟦: readonly T[]⟧, c⟦: [a: 1, b?: 2, ...c: 3[]]⟧ = d",
    "let a⟦: (x: number, ...y: T[]) => void⟧, b⟦: new (x: T) => U⟧, c⟦: abstract new () => T⟧;",
    "let a⟦: typeof b.c⟧, d⟦: keyof typeof e⟧, f⟦: T[\"k\"][number]⟧ = g",
    "let a⟦: `a-${string}-${number}`⟧ = `b-${c}`",
    "let a⟦: unique symbol⟧, b⟦: bigint⟧, c⟦: never⟧, d⟦: object⟧ = e",
    "let a⟦: A extends B ? C : D⟧ = e ? f : g",
    "let a⟦: { readonly [K in keyof T as `x${K}`]-?: T[K] }⟧ = b",
    "let a⟦: T | undefined | null | -1 | \"x\" | true⟧ = b | c",
    "let a⟦: A & { b(): void; get c(): D; set c(d: D); new (): E; <T>(x: T): T }⟧ = f & g",
    "let a⟦: import(\"a\").B<C>⟧ = d",
    "let a⟦: (A)⟧ = (b)",
    "let a⟦: A.B.C<D[]>⟧ = e",
    "let a⟦: asserts⟧, b⟦: is⟧, c⟦: readonly_⟧ = d",
    "let a⟦: Array<Map<string, Set<() => void>>>⟧ = b >>> c",
    // declarations of types
    "⟦type A = | B\n  | C→;⟧\nf()",
    "⟦type A<in out T, U extends V = W> = X→;⟧",
    "⟦type A = typeof import(\"b\");→;⟧",
    "⟦import type { A } from \"a\"→;⟧\nb",
    "⟦import type A from \"a\";→;⟧\n(b)",
    "⟦import type * as A from \"a\";→;⟧",
    "⟦import { type A, type B as C } from \"a\";→;⟧",
    "⟦import type A = require(\"a\");→;⟧",
    "⟦export type A = 1;→;⟧",
    "⟦export interface A { b: c }→;⟧",
    "⟦export type { A };→;⟧ type_",
    "⟦export type { A } from \"b\";→;⟧",
    "⟦export type * from \"b\";→;⟧",
    "⟦export {};→;⟧",
    "⟦interface A { readonly b?: C; d?(): E; [f: string]: G; new (): H; (): I; get j(): K }→;⟧",
    "⟦declare let a: b, c: d;→;⟧\nf()",
    "⟦declare const a: unique symbol→;⟧\n[b]",
    "⟦declare abstract class A { abstract b(): void }→;⟧",
    "⟦declare module \"a\" { export const b: c }→;⟧",
    "⟦declare module A.B { }→;⟧",
    "⟦abstract⟧ class A { }",
    "if (a) { ⟦type B = C→;⟧ } else { ⟦interface D {}→;⟧ }",
    "function f() { ⟦type A = B;→;⟧ return c⟦ as A→ ;⟧ }",
    "switch (a) { case 1: ⟦type B = C;→;⟧ d() }",
    "const f = () => { ⟦interface A { b: c }→;⟧ return d }",
    // words that are types' only sometimes
    "type = 1; interface_ = 2; declare(3); abstract = 4; namespace = 5; module = 6; is = 7",
    "let type = a, of = b, as = c, satisfies = d, keyof = e, async = f, get = g, set = h, using = i",
    "const { type, as: b, readonly } = c; ({ type, declare: d, abstract, get, set, async })",
    "a.type; a.as; a.satisfies; a?.enum; a.interface; a.namespace; a.declare()",
    "const o = { get: 1, set: 2, async: 3, static: 4, await: 5, async *x() {}, get y() { return 1 }, set y(v⟦: T⟧) {} }",
    "async (a⟦: T⟧) => {}; async(a); async\n(b)",
    "as\nas(b)",
    // assertions
    "const a = ⟦<T>⟧x",
    "const a = b⟦ as const⟧⟦ satisfies C→ ;⟧",
    "const a = [1, 2]⟦ as const⟧, b = { c: 1 }⟦ as const→ ;⟧",
    "const { a } = b⟦ as C⟧, [d] = e⟦ as F[]→ ;⟧",
    "a = (b⟦ as unknown⟧⟦ as C⟧)⟦!⟧.d",
    "(a⟦ as B⟧).c = (d⟦ satisfies E⟧)[f]",
    "a⟦!⟧++; --b⟦!⟧; c⟦!⟧ += d⟦!⟧; delete e⟦!⟧.f; typeof g⟦!⟧",
    "a⟦!⟧⟦!⟧.b; a⟦!⟧?.b; a?.b⟦!⟧.c; a[0]⟦!⟧(1)⟦!⟧`x`",
    "a⟦!⟧ == b; a⟦!⟧ != b; a⟦!⟧ !== b; !a⟦!⟧",
    "a⟦ as any⟧ < b⟦ as any→ ;⟧",
    "for (const a⟦: B⟧ of c⟦!⟧) {} for (const k in d⟦ as E⟧) {} for await (const x of y⟦ as Z⟧) {}",
    "while (a⟦ as B⟧) { break } do { } while (c⟦!⟧)",
    "throw a⟦ as Error⟧; ",
    "await (a⟦ as Promise<B>⟧); await a⟦ as B⟧; ",
    "[...(a⟦ as B[]⟧), ...c⟦!⟧]; f(...(d⟦ as E⟧)); ({ ...(g⟦ as H⟧), [i⟦ as string⟧]: j⟦ as K⟧ })",
    "a ? b⟦ as C⟧ : d⟦ as E⟧; ",
    "a ?? (b⟦ as C⟧); a || b⟦!⟧; a && (⟦<C>⟧b)",
    "`${a⟦!⟧}${b⟦ as C⟧}${`${d⟦ satisfies E⟧}`}`",
    "new (a⟦ as B⟧)(); new a⟦!⟧.b(); new Set⟦<T>⟧",
    "x = y⟦ as any⟧⟦ as T[]→ ;⟧",
    "return { a: b⟦ as C⟧ }⟦ satisfies D→ ;⟧",
    "yield_ = function* () { yield a⟦ as B⟧; yield* c⟦ as D⟧; }",
    "const a = (b, c⟦ as D⟧)",
    "let a = b⟦!⟧, c⟦!⟧⟦: D⟧, e⟦: F⟧",
    "var a⟦: B⟧ = (c)",
    "[a⟦!⟧, b⟦ as any⟧] = c; ({ d: e⟦!⟧ } = f)",
    // generics
    "f⟦<A, B<C>>⟧(d); new G⟦<H[]>⟧(i); j.k⟦<typeof l>⟧(); super_⟦<M>⟧()",
    "f⟦<string>⟧(x)(y)⟦!⟧; f⟦<{ a: 1 }>⟧({ a: 1 }); f⟦<[a: 1]>⟧([1])",
    "f⟦<() => void>⟧(() => {}); f⟦<`a${string}`>⟧(`a${b}`)",
    "a < b; c > d; e < f || g > h",
    "const f = async ⟦<T, U>⟧(a⟦: T⟧)⟦: Promise<U>⟧ => await g⟦<U>⟧(a)",
    "const f = ⟦<T extends keyof U>⟧(a⟦: T⟧, ...b⟦: U[]⟧)⟦: a is T⟧ => true",
    "const f = async ⟦<T,>⟧() => {}; const g = function* ⟦<T>⟧() {}; const h = async function ⟦<T>⟧() {}",
    "const o = { f⟦<T>⟧(a⟦: T⟧)⟦: T⟧ { return a }, async g⟦<T>⟧() {}, *h⟦<T>⟧() {}, [i]⟦<T>⟧() {} }",
    "a.map((b⟦: C⟧, i⟦?⟧⟦: number⟧)⟦: D⟧ => ({ b, i }))",
    "a.filter((b)⟦: b is C⟧ => !!b)",
    "a.reduce⟦<Record<string, number>>⟧((b, c) => ({ ...b, [c]: 1 }), {})",
    "const f = ({ a, b = 1 }⟦: { a: A; b?: B }⟧ = {}) => a",
    "const f = ([a, ...b]⟦: C[]⟧) => a",
    "function f(⟦this: A⟧⟦,⟧ b⟦?⟧⟦: C⟧) {}",
    "const f = (a⟦: A⟧)⟦: { b: C }⟧ => ({ b: a })",
    "const f = (a⟦: A⟧)⟦: asserts a⟧ => {}",
    "const f⟦: (a: A) => B⟧ = a => a",
    "const f⟦: <T>(a: T) => T⟧ = (a) => a",
    // functions and overloads
    "⟦function f(): void→;⟧\n⟦function f(a?: B): void→;⟧\nfunction f(a⟦?⟧⟦: B⟧) {}\nf()",
    "⟦declare function f(): void→;⟧\n(function () {})()",
    "async function f(a⟦: A⟧ = b⟦ as A⟧)⟦: Promise<void>⟧ {}",
    "function f({ a }⟦: B⟧, [c]⟦: D⟧, ...e⟦: F⟧)⟦: asserts a is B⟧ {}",
    // using, top level
    "const a = await b⟦ as C⟧; if (!a) return; for await (const x of y) {} return a⟦!⟧",
    "return",
    "return (a⟦ as B⟧)",
    "label: { break label }",
    "try { a() } catch { } finally { }",
    "a ||= b⟦!⟧; c &&= d⟦ as E⟧; f ??= g; h **= 2; i = 1_000n",
    "a?.[b⟦!⟧]?.(c⟦ as D⟧)",
    "class A { static { const a⟦: B⟧ = c⟦!⟧ } }",
    "import_ = 1; exports_ = 2; require_ = 3",
    "({ a: 1 }); ({ 'b': 2, 3: 4 })",
];

#[test]
fn types_are_blanked_in_place() {
    check(TYPES);
    check(FEATURES);
}

/// What is TypeScript in classes.
const CLASSES: &[&str] = &[
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
    "class A { ⟦constructor(a: B);→;⟧ ⟦constructor(a: C);→;⟧ constructor(a⟦: any⟧) {} }",
    "class A { ⟦protected→;⟧ static async f⟦<T>⟧(⟦this: A⟧⟦,⟧ a⟦?⟧⟦: B⟧)⟦: Promise<C>⟧ {} }",
    "class A { ⟦public→;⟧ get x()⟦: B⟧ { return c } ⟦public→;⟧ set x(v⟦: B⟧) {} }",
    "⟦abstract⟧ class A { ⟦abstract get x(): B;→;⟧ ⟦protected abstract y: C;→;⟧ ⟦abstract z?(): D;→;⟧ }",
    "class A { ⟦readonly→;⟧ [Symbol.iterator]⟦!⟧⟦: B→;⟧; static { this.x = 1 } }",
    "class A { ⟦static [k: string]: B;→;⟧ static ⟦readonly⟧ #x⟦: C⟧ = 1 }",
    "class A { f = async ⟦<T>⟧(a⟦: T⟧)⟦: Promise<T>⟧ => a; }",
    "class A { ⟦override→;⟧ async *f() {} }",
    "const A = class B⟦<T>⟧ extends C⟦<T>⟧ ⟦implements D, E⟧ { x⟦: T⟧ = y⟦!⟧ }",
    "⟦abstract⟧ class A⟦<in out T>⟧ extends b.C⟦<T>⟧(d).e {}",
    "new (class⟦<T>⟧ { a⟦: T⟧ = 1 })⟦<B>⟧()",
    "class A extends B { constructor() { super(a⟦ as C⟧); super.d⟦<E>⟧(f) } }",
    "class A { 'x'⟦?⟧⟦: B→;⟧; 1⟦: C→;⟧; [d]⟦: E⟧ = f; async⟦: G→;⟧; get⟦?⟧() {} }",
];

#[test]
fn classes_keep_what_runs() {
    check(CLASSES);
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

/// What is refused: source, line and column, and words of the message and the hint.
const REFUSED: &[(&str, u32, u32, &str, &str)] = &[
    ("enum A { B, C = 5, D }", 1, 1, "enum", "const A = Object.freeze({ B: 0, C: 5, D: 6 });"),
    ("let x = 1;\n  const enum A { 'b-c' }", 2, 3, "enum", "{ 'b-c': 0 }"),
    ("enum A { B = f(), C }", 1, 1, "enum", "B: f(), C: …"),
    ("namespace A { export const b = 1 }", 1, 1, "namespace", "const A = (() => { …; return { b }; })();"),
    ("class A { constructor(private x: number) {} }", 1, 23, "Parameter properties", "this.x = x"),
    ("class A { constructor(readonly x: number) {} }", 1, 23, "Parameter properties", "this.x = x"),
    ("enum A { B = 1 << 0, C = 'x', D = `y` }", 1, 1, "enum", "{ B: 1 << 0, C: 'x', D: `y` }"),
    ("export enum A { B }", 1, 1, "`export`", "return"),
    ("namespace A { }", 1, 1, "namespace", "const A = (() => { …; return { … }; })();"),
    (
        "namespace A { export const b = 1, c = 2; export function d() {} export class E {} const f = 1 }",
        1,
        1,
        "namespace",
        "return { b, c, d, E };",
    ),
    ("class A { constructor(public a: B, private c?: D) {} }", 1, 23, "Parameter", "this.a = a"),
    ("class A { constructor(a, protected override e = 1) {} }", 1, 26, "Parameter", "{ e; constructor(e)"),
    ("@dec class A {}", 1, 1, "Decorators", "= dec(class C"),
    ("@a.b(1) class A {}", 1, 1, "Decorators", "= a.b(1)(class C"),
    ("class A { @dec x = 1 }", 1, 11, "Decorators", "dec("),
    ("class A { f(@dec x) {} }", 1, 13, "Decorators", "dec("),
    ("class A { accessor x = 1 }", 1, 11, "accessor", "#_x = 1; get x() { return this.#_x; }"),
    ("class A { static accessor #x: number }", 1, 11, "accessor", "get #x()"),
    ("import x from 'y';\nreturn x", 1, 1, "`import`", "tools"),
    ("return <\nany\n>x", 1, 8, "line end", "x as T"),
    ("const a = 1;\0\nreturn a;", 1, 13, "NUL", "\\0"),
    ("import 'y'", 1, 1, "`import`", "tools"),
    ("import * as a from 'b'", 1, 1, "`import`", "tools"),
    ("type A = 1;\nexport { a }", 2, 1, "`export`", "return"),
    ("export * from 'a'", 1, 1, "`export`", "return"),
    ("export async function main() {}", 1, 1, "`export`", "return"),
    ("import fs from 'fs'", 1, 1, "`import`", "tools.readFile"),
    ("import { type A, b } from 'a'", 1, 1, "`import`", "tools.readFile"),
    ("import {} from 'a'", 1, 1, "`import`", "tools.readFile"),
    ("export { type A, b }", 1, 1, "`export`", "return"),
    ("const x = await import('fs')", 1, 17, "`import()`", "tools.readFile"),
    ("return import.meta.url", 1, 8, "import.meta", "tools.readFile"),
    ("import fs = require('fs')", 1, 1, "`import`", "tools.readFile"),
    ("export const a = 1", 1, 1, "`export`", "return"),
    ("\nexport default 1", 2, 1, "`export`", "return"),
    ("export = a", 1, 1, "`export`", "return"),
];

#[test]
fn what_cannot_be_erased_is_refused_with_its_equivalent() {
    for &(source, line, column, message, hint) in REFUSED {
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
        ("`", 1, 1),
        ("const a = 1;⟦", 1, 13),
        ("/* ---", 1, 1),
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

#[test]
fn usual_mistakes_get_advice() {
    let cases = [
        ("const a = b &lt; c;", 1, 13, "`<` in place of `&lt;`"),
        ("x(); a &gt; b;", 1, 8, "`>` in place of `&gt;`"),
        ("if (a &amp;&amp; b) c()", 1, 11, "`&` in place of `&amp;`"),
        ("if (a &lt; b) { c() }", 1, 10, "`<` in place of `&lt;`"),
        ("f(&quot;a&quot;)", 1, 3, "`\"` in place of `&quot;`"),
        ("const a = “x”;", 1, 11, "`\"` in place of `“`"),
        ("const a = 'x' + ‘y’;", 1, 17, "`'` in place of `‘`"),
        ("f(a，b)", 1, 4, "`,` in place of `，`"),
        ("x = a – b", 1, 6, "`-` in place of `–`"),
        ("return 1\n</tool-calls>\n", 2, 2, "stands inside the script"),
        ("<tool-calls>\nreturn 1", 1, 6, "stands inside the script"),
        ("return 1\n</tool-results>", 2, 2, "stands inside the script"),
        ("```ts\nreturn 1\n```", 1, 1, "Markdown fence"),
        ("\u{feff}\n ~~~\nreturn 1", 2, 2, "Markdown fence"),
        ("\u{feff}```\nreturn 1", 1, 2, "Markdown fence"),
        ("return 1\n```", 2, 3, "Markdown fence"),
        ("<![CDATA[\nreturn 1\n]]>", 2, 1, "Leave out `<![CDATA[`"),
        ("{\"name\": \"readFile\"}", 1, 8, "not a call as JSON"),
        ("<invoke name=\"x\">\n</invoke>", 1, 9, "not XML"),
        ("*** Begin Patch\n*** End Patch", 1, 1, "tools.applyPatch({ patch"),
        (
            "await tools.applyPatch({ patch: `*** Begin Patch\n*** Update File: a\n-`x`\n*** End Patch` })",
            3,
            3,
            "backtick",
        ),
        ("files.map(f => { await g(f) })", 1, 18, "async"),
        ("a.b(c, d", 1, 9, "not closed"),
        ("return `abc", 1, 8, "Close the string"),
        ("return 'abc\n'", 1, 8, "Close the string"),
        ("/* abc", 1, 1, "`*/`"),
        ("const a = <div>x</div>;", 1, 18, "write it as a string"),
    ];
    for (source, line, column, hint) in cases {
        let error = erase(source).expect_err(source);
        assert_eq!((error.line, error.column), (line, column), "{source}: {error:?}");
        assert!(error.hint.as_deref().unwrap_or_default().contains(hint), "{source}: {error:?}");
        assert!(error.excerpt.is_some(), "{source}");
    }
    // What only looks like a mistake is left alone.
    for source in [
        "const a = '&lt;' + `&amp;&amp;` + /&gt;/.source; // &lt;",
        "const lt = 1, a = 2; a & lt; a &lt",
        "const a = '“x”', b = \"it’s\", c = `… – ×`; // ‘y’",
        "const tag = '<' + '/tool-calls>'; `</tool-calls>`; // <tool-results>",
        "const patch = `*** Begin Patch\n*** End Patch`; return patch",
        "const fence = '```'; return '~~~'",
    ] {
        assert_eq!(erase(source).as_deref(), Ok(source));
    }
}

/// Everything that must erase, marks taken out.
fn sources() -> Vec<String> {
    TYPES.iter().chain(FEATURES).chain(CLASSES).map(|text| marked(text).0).collect()
}

#[test]
fn erasing_twice_is_erasing_once() {
    for source in sources() {
        let once = erase(&source).unwrap();
        assert_eq!(erase(&once).as_deref(), Ok(once.as_str()), "{source}");
    }
}

/// A small generator of numbers, so that a failure can be repeated.
fn random(state: &mut u64, below: usize) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from((*state >> 33) % below as u64).unwrap()
}

/// Sources one after the other, in functions, or cut: whatever comes out has the same bytes, lines and columns, parses as
/// JavaScript and holds nothing that was not in the source.
#[test]
fn random_scripts_keep_their_shape() {
    let sources = sources();
    let mut state = 7;
    let mut erased_some = 0;
    for round in 0..4000 {
        let mut text = String::new();
        for _ in 0..=random(&mut state, 3) {
            let source = &sources[random(&mut state, sources.len())];
            match random(&mut state, 4) {
                0 => text.push_str(&format!("{{\n{source}\n}}\n")),
                1 => text.push_str(&format!("(async function* () {{ {source}\n}});\r\n")),
                _ => text.push_str(&format!("{source}\n;\n")),
            }
        }
        if round % 4 == 0 {
            let mut at = random(&mut state, text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            text.truncate(at);
        }
        let Ok(erased) = erase(&text) else {
            continue;
        };
        erased_some += 1;
        assert_eq!(erased.len(), text.len(), "{text}");
        assert_eq!(erased.encode_utf16().count(), text.encode_utf16().count(), "{text}");
        let mut left = 0;
        for (from, to) in text.split_inclusive(['\n', '\r']).zip(erased.split_inclusive(['\n', '\r'])) {
            assert_eq!(from.len(), to.len(), "{text}\n{erased}");
            let same = from.bytes().zip(to.bytes());
            left += same.filter(|(from, to)| from != to && !b" ;()0|\xc2\xa0\xe3\x80".contains(to)).count();
        }
        assert_eq!(left, 0, "{text}\n{erased}");
        assert_eq!(erase(&erased).as_deref(), Ok(erased.as_str()), "{text}");
    }
    assert!(erased_some > 1000, "{erased_some}");
}
