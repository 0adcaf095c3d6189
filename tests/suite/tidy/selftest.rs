//! The rules are tried on small texts of their own, so that a rule that sees nothing is noticed.

use super::layers::Member;
use super::ratchet::Over;
use super::report::Problem;
use super::sources::Source;
use super::{dependencies, facts, forgotten, headers, layers, links, ratchet, siblings, sizes, walls, words};

#[test]
fn layers_see_a_dependency_that_points_down() {
    let member = |name: &str, needs: &[&str]| Member {
        name: name.into(),
        folder: name.into(),
        needs: needs.iter().map(|need| (*need).into()).collect(),
    };
    let check = |members: &[Member]| layers::order(members).len();
    assert_eq!(check(&[member("a", &[]), member("b", &["a"])]), 0);
    assert_eq!(check(&[member("a", &["b"]), member("b", &["a"])]), 1);
    assert_eq!(check(&[member("a", &["a"])]), 1);
}

#[test]
fn headers_see_their_lack_and_excess() {
    let check = |path: &str, text: &str, fine: bool| {
        assert_eq!(headers::check(path, text).is_none(), fine, "{path} {text}")
    };
    check("a.rs", "//! What it owns.\n\nuse a;\n", true);
    check("a.rs", "//! 1\n//! 2\n//! 3\n//! 4\n//! 5\n", true);
    check("a.rs", "//! 1\n//! 2\n//! 3\n//! 4\n//! 5\n//! 6\n", false);
    check("a.rs", "// no\n", false);
    check("a.rs", "", false);
    check("a.sh", "#!/bin/sh\n# What it does.\n", true);
    check("a.sh", "#!/bin/sh\nset -e\n", false);
    check("run", "#!/bin/sh\nset -e\n", false);
    check("a.lua", "-- What it does.\n", true);
    check("a.lua", "local M = {}\n", false);
    check("x/cases/a/a.lua", "local M = {}\n", true);
    check("a.toml", "x = 1\n", true);
}

#[test]
fn sizes_are_exact() {
    let lines = "    let a = 1;\n".repeat(59);
    let text = format!(
        "struct S {{ {} }}\npub enum E {{ {} }}\nenum Private {{ {} }}\n\
         impl S {{\n    fn long(&self) {{\n{lines}    }}\n    fn many(&self, a: u8, b: u8, c: u8, d: u8, e: u8) {{}}\n\
         fn four(self, a: u8, b: u8, c: u8, d: u8) {{}} }}\n\
         impl T for S {{ fn theirs(a: u8, b: u8, c: u8, d: u8, e: u8) {{}} }}\n",
        fields(13),
        variants(16),
        variants(16),
    );
    let facts = facts::read(&text).unwrap();
    let found: Vec<(String, usize)> =
        sizes::items("a.rs", &facts).into_iter().map(|over| (over.key, over.size)).collect();
    let expected =
        [("a.rs struct S", 13), ("a.rs enum E", 16), ("a.rs fn S::long", 61), ("a.rs arguments S::many", 5)];
    assert_eq!(found, expected.map(|(key, size)| (key.to_owned(), size)));
}

fn fields(count: usize) -> String {
    (0..count).map(|number| format!("f{number}: u8, ")).collect()
}

fn variants(count: usize) -> String {
    (0..count).map(|number| format!("V{number}, ")).collect()
}

#[test]
fn walls_see_every_way_round() {
    let check = |path: &str, text: &str, lines: &[usize]| {
        let problems = walls::check(path, &facts::read(text).unwrap());
        let found: Vec<String> = problems.into_iter().map(|problem| problem.place).collect();
        let expected: Vec<String> = lines.iter().map(|line| format!("{path}:{line}")).collect();
        assert_eq!(found, expected, "{path}: {text}");
    };
    let agent = "server/agent/src/a.rs";
    check(agent, "fn f() { std::fs::read(p); }", &[1]);
    check(agent, "fn f() { ::std::fs::read(p); }", &[1]);
    check(agent, "use std::{\n    io,\n    fs::{self, File as F},\n};", &[3, 3]);
    check(agent, "use std::process::{Command as Go, ExitCode};", &[1]);
    check(agent, "use std::process;\nfn f() { process::exit(1); process::Command::new(p); }", &[2]);
    check(agent, "use std::env as e;\nfn f() { e::var(n); e::current_exe(); }", &[2]);
    check(agent, "use std::process::*;", &[1]);
    check(agent, "fn f() { select! { _ = tokio::fs::read(p) => a.println() } }", &[1]);
    check(agent, "fn f() {\n    vec![g(&[println!()])];\n    eprint!();\n}", &[2, 3]);
    check(agent, "fn f() -> tower_lsp::jsonrpc::Result<()> {}", &[1]);
    check(
        agent,
        "#[cfg(test)]\nmod tests { use std::fs; }\n#[cfg(all(test, unix))]\nuse std::fs;\n#[cfg(unix)]\nuse std::fs;",
        &[6],
    );
    check(agent, "#[cfg(not(test))]\nuse std::fs;", &[2]);
    check(agent, "impl A { #[cfg(test)] fn f() { std::fs::read(p); } }", &[]);
    check(agent, "// std::fs\n/// `std::fs`\nfn f() { \"std::fs\"; }", &[]);
    check(agent, "use std::time::Instant;\nuse std::net::IpAddr;", &[]);
    check("server/workspace/src/a.rs", "use std::fs;", &[]);
    check("server/models/src/a.rs", "use reqwest::Client;", &[]);
    check("server/lsp/src/a.rs", "use reqwest::Client;\nuse tower_lsp::lsp_types::Url;", &[1]);
    check("server/glossator/src/a.rs", "fn f() { println!(); }", &[]);
    check("server/text/src/a.rs", "use std::time::{Duration, Instant};", &[1]);
    check("server/context/src/a.rs", "fn f() { tokio::spawn(a); std::thread::spawn(b) }", &[1, 1]);
}

#[test]
fn siblings_are_followed_through_imports() {
    let check = |files: &[(&str, &str)], expected: &[&str]| {
        let sources: Vec<Source> = files.iter().map(|(module, text)| source(module, text)).collect();
        let found = siblings::two_way("lib.rs", &sources.iter().collect::<Vec<_>>());
        assert_eq!(found.into_iter().map(|over| over.key).collect::<Vec<_>>(), expected);
    };
    let root = ("", "mod a; mod b; pub use b::Other as B;");
    check(&[root, ("a", "use crate::b::f;"), ("b", "pub fn f() {} pub struct Other;")], &[]);
    check(&[root, ("a", "use crate::b::f;"), ("b", "pub fn f() { crate::a::g() }")], &["lib.rs a b"]);
    check(&[root, ("a", "use super::b;"), ("b", "use super::a;")], &["lib.rs a b"]);
    check(&[root, ("a", "use crate::B;"), ("b", "use crate::a::x; pub struct Other;")], &["lib.rs a b"]);
    check(
        &[root, ("a", "use crate::*; fn f(_: B) {}"), ("b", "use crate::a::x; pub struct Other;")],
        &["lib.rs a b"],
    );
    check(
        &[
            root,
            ("a", "mod c; fn f() { m!(self::c::x) }"),
            ("a::c", "use super::f; use crate::b;"),
            ("b", ""),
        ],
        &[],
    );
    check(&[root, ("a", "mod c;"), ("a::c", "use crate::b;"), ("b", "use crate::a::c::x;")], &["lib.rs a b"]);
    check(
        &[root, ("a", "mod c; mod d;"), ("a::c", "use super::d;"), ("a::d", "use super::c;")],
        &["lib.rs a::c a::d"],
    );
    check(&[root, ("a", "use crate::b;"), ("b", "#[cfg(test)] mod tests { use crate::a; }")], &[]);
}

fn source(module: &str, text: &str) -> Source {
    Source {
        path: format!("{module}.rs"),
        target: "lib.rs".into(),
        module: module.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        test: false,
        facts: facts::read(text).unwrap(),
    }
}

#[test]
fn cases_are_named_by_a_string() {
    assert!(forgotten::names_cases("let folder = root.join(\"cases\");"));
    assert!(forgotten::names_cases("concat!(x, \"/cases/deep\")"));
    assert!(!forgotten::names_cases("//! Reads `cases/`.\nlet cases = [1];\n// \"cases\""));
}

#[test]
fn words_are_seen_whole() {
    let check = |path: &str, text: &str, count: usize| {
        assert_eq!(words::check(path, text).len(), count, "{path}: {text}")
    };
    check("a.rs", "// TODO: later", 1);
    check("a.rs", "mktemp TODOS xFIXME", 0);
    check("a.rs", "todo!()", 1);
    check("server/x/cases/1/input", "TODO", 0);
    check("a.md", "file:///work/a.rs and /home/me/x", 2);
    check("a.rs", "strip_prefix(\"/root/\") ~/work/a /usr/work/a", 0);
    check("a.rs", "#[cfg(test)]\nmod tests { \"/work/a.rs\" }", 0);
    check("tests/a.rs", "\"/work/a.rs\" \"/work/main\"", 1);
    check("a.sh", "curl https://static.crates.io/x; echo crates.io", 1);
}

#[test]
fn links_are_found_in_prose_only() {
    let text = "[a](b.md#c) and [d](../e) `[f](g)` [h](https://i) [j](#k)\n```\n[l](m)\n```\n[n]: o.md\n";
    let found: Vec<String> =
        links::links(text).into_iter().map(|(line, link)| format!("{line} {link}")).collect();
    assert_eq!(found, ["1 b.md", "1 ../e", "5 o.md"]);
}

#[test]
fn licences_are_read_as_expressions() {
    let check =
        |text: &str, fine: bool| assert_eq!(dependencies::accepted(text, "nucleo-matcher"), fine, "{text}");
    check("MIT", true);
    check("MIT/GPL-3.0", true);
    check("GPL-3.0", false);
    check("MIT AND GPL-3.0", false);
    check("(MIT OR GPL-3.0) AND Unicode-3.0", true);
    check("MIT OR GPL-3.0 AND Foo", true);
    check("Apache-2.0 WITH LLVM-exception", true);
    check("Apache-2.0 WITH Other", false);
    check("MPL-2.0", true);
    check("CDLA-Permissive-2.0", false);
    check("", false);
    check("MIT)", false);
}

#[test]
fn lists_of_exceptions_only_shrink() {
    let check = |list: &str, found: &[(&str, usize)], shrunk: &str, problems: &[&str]| {
        let found = found.iter().map(|(key, size)| Over {
            key: (*key).into(),
            size: *size,
            problem: Problem::new("code", *key),
        });
        let (text, told) = ratchet::shrink("list", list, found.collect());
        assert_eq!(text, shrunk);
        assert_eq!(told.into_iter().map(|problem| problem.place).collect::<Vec<_>>(), problems);
    };
    check("# why\na fn x 70\n", &[("a fn x", 70)], "# why\na fn x 70\n", &[]);
    check("# why\na fn x 70\n", &[("a fn x", 65)], "# why\na fn x 65\n", &["list:2"]);
    check("# why\na fn x 70\n", &[("a fn x", 71)], "# why\na fn x 70\n", &["code"]);
    check("# why\na fn x 70\n", &[], "# why\n", &["list:2"]);
    check("", &[("a fn x", 61)], "", &["code"]);
    check("a b c\n", &[("a b c", 1)], "a b c\n", &[]);
    check("a 2\n", &[("a", 3), ("a", 2)], "a 2\n", &["code"]);
}
