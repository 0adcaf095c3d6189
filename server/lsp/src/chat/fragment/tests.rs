//! Tests of blocks and files: what a block names, whether it is a patch, and what becomes of the file.

use super::*;
use proptest::prelude::*;

#[test]
fn files_that_blocks_name() {
    for (info, above, name) in [
        ("rust src/a.rs", "", Some("src/a.rs")),
        ("rust:src/a.rs", "", Some("src/a.rs")),
        ("src/a.rs", "", Some("src/a.rs")),
        ("js title=\"web/a b.js\"", "", Some("web/a b.js")),
        ("js file='web/a.js'", "", Some("web/a.js")),
        ("rust", "", None),
        ("c++", "", None),
        ("", "`src/a.rs`:", Some("src/a.rs")),
        ("toml", "**Cargo.toml**", Some("Cargo.toml")),
        ("", "###### src/a.rs", Some("src/a.rs")),
        ("", "In `src/a.rs` change this:", Some("src/a.rs")),
        ("", "As src/a.rs shows, it is slow.", None),
        ("", "Compare `a.rs` with `b.rs`:", None),
        ("", "See https://example.org/a.rs:", None),
        ("", "Version 1.2:", None),
        ("", "", None),
    ] {
        assert_eq!(named(info, above).as_deref(), name, "{info:?} {above:?}");
    }
}

#[test]
fn patches_are_known() {
    assert!(is_patch("", "*** Begin Patch\n*** Update File: a\n"));
    assert!(is_patch("diff", "@@ -1 +1 @@\n-a\n+b\n"));
    assert!(is_patch("", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n"));
    assert!(is_patch("", "x.rs\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n"));
    assert!(!is_patch("rust", "let a = 1;\n"));
    assert!(!is_patch("diff", "just words\n"));
    let block = "<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n";
    assert_eq!(with_path(block, "x.rs"), format!("x.rs\n{block}"));
    let named = format!("y.rs\n{block}");
    assert_eq!(with_path(&named, "x.rs"), named);
}

#[test]
fn a_part_is_put_in_its_place() {
    let file = "//! Doc\n\nfn a() {\n    one();\n}\n\nfn b() {\n    two();\n}\n";
    let check = |block: &str, expected: Result<&str, &str>| match (merged(file, block), expected) {
        (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{block}"),
        (Err(why), Err(words)) => assert!(why.contains(words), "{why}"),
        (found, _) => panic!("{found:?} for {block}"),
    };
    check(
        "fn b() {\n    three();\n}\n",
        Ok("//! Doc\n\nfn a() {\n    one();\n}\n\nfn b() {\n    three();\n}\n"),
    );
    check(
        "fn a(x: u8) {\n    one();\n    more();\n}\n",
        Ok("//! Doc\n\nfn a(x: u8) {\n    one();\n    more();\n}\n\nfn b() {\n    two();\n}\n"),
    );
    check(
        "use x;\n\nfn a() {\n",
        Ok("//! Doc\nuse x;\n\nfn a() {\n    one();\n}\n\nfn b() {\n    two();\n}\n"),
    );
    check(
        "fn a() {\n    // ...\n}\n\nfn b() {\n    2;\n}\n",
        Ok("//! Doc\n\nfn a() {\n    one();\n}\n\nfn b() {\n    2;\n}\n"),
    );
    check(
        "fn a() {\n    // ... existing code ...\n    more();\n}\n\nfn b() {\n",
        Ok("//! Doc\n\nfn a() {\n    one();\n    more();\n}\n\nfn b() {\n    two();\n}\n"),
    );
    check(
        "//! Doc\n// ...\nfn b() {\n    3;\n}\n",
        Ok("//! Doc\n\nfn a() {\n    one();\n}\n\nfn b() {\n    3;\n}\n"),
    );
    check(
        "fn b() {\n    3;\n}\n\nfn c() {}\n",
        Ok("//! Doc\n\nfn a() {\n    one();\n}\n\nfn b() {\n    3;\n}\n\nfn c() {}\n"),
    );
    check("nothing of it\n", Err("nowhere"));
    let whole = file.replace("two();", "22;");
    check(&whole, Ok(&whole));
    check("}\n", Err("several places"));
    check(file, Ok(file));
}

#[test]
fn short_functions_are_told_apart() {
    let file = "fn a() {\n    1\n}\n\nfn b() {\n    2\n}\n";
    for (block, expected) in [
        ("fn b() {\n    3\n}\n", file.replace('2', "3")),
        ("fn a() {\n    3\n}\n", file.replace('1', "3")),
        ("fn b() {\n    3\n}\n\nfn c() {}\n", format!("{}\nfn c() {{}}\n", file.replace('2', "3"))),
        (
            "fn b() {\n    3\n}\n\nfn c() {\n    4\n}\n",
            format!("{}\nfn c() {{\n    4\n}}\n", file.replace('2', "3")),
        ),
        ("fn a() {\n    1\n}\n\nfn b() {\n    22\n}\n", file.replace('2', "22")),
    ] {
        assert_eq!(merged(file, block).as_deref(), Ok(expected.as_str()), "{block}");
    }
}

/// A new definition comes behind the one that was changed, and takes no neighbour away.
#[test]
fn neighbours_stay() {
    let rust =
        |load: &str, more: &str| format!("fn load() -> Result<()> {{\n    {load}?;\n    Ok(())\n}}\n{more}");
    let save = "\nfn save() -> Result<()> {\n    write()?;\n    Ok(())\n}\n";
    let check = "\nfn check() -> Result<()> {\n    look()?;\n    Ok(())\n}\n";
    let python = |load: &str, more: &str| {
        format!(
            "class A:\n    def load(self):\n        return {load}\n{more}\n    def save(self):\n        write()\n        return 0\n"
        )
    };
    let new = "\n    def check(self):\n        look()\n        return 0\n";
    for (file, block, expected) in [
        (rust("read()", save), rust("read_all()", check), rust("read_all()", &format!("{check}{save}"))),
        (
            "[a]\nx = 1\n\n[b]\nx = 1\n".to_owned(),
            "[a]\nx = 1\n\n[c]\nx = 1\n".to_owned(),
            "[a]\nx = 1\n\n[c]\nx = 1\n\n[b]\nx = 1\n".to_owned(),
        ),
        (python("1", ""), format!("    def load(self):\n        return 11\n{new}"), python("11", new)),
    ] {
        assert_eq!(merged(&file, &block).as_deref(), Ok(expected.as_str()), "{block}");
    }
}

#[test]
fn heads_of_definitions() {
    for (line, name) in [
        ("pub(crate) async fn load(x: u8) {", Some("load")),
        ("    def save(self):", Some("save")),
        ("export default class A {", Some("A")),
        ("[package]", Some("[package]")),
        ("let fnord = 1;", None),
        ("const MOST: usize = 1;", None),
        ("define x", None),
        ("fn", None),
        ("", None),
    ] {
        assert_eq!(head(line), name, "{line}");
    }
}

#[test]
fn line_endings_stay() {
    assert_eq!(
        merged("one();\r\ntwo();\r\nthree();\r\n", "one();\n2();\nthree();\n").unwrap(),
        "one();\r\n2();\r\nthree();\r\n"
    );
    assert_eq!(merged("one();\ntwo();", "two();\nthree();\n").unwrap(), "one();\ntwo();\nthree();\n");
    assert_eq!(merged("", "a\n").unwrap(), "a\n");
}

proptest! {
    #[test]
    fn nothing_but_the_shown_part_is_touched(head in "[a-c\n]{0,20}", part in "[d-f]{3,6}\n[d-f]{3,6}\n", tail in "[g-i\n]{0,20}") {
        let file = format!("{head}\n{part}{tail}");
        prop_assert_eq!(merged(&file, &part), Ok(file.clone()));
        let block = format!("{part}new line\n");
        if let Ok(found) = merged(&file, &block) {
            prop_assert!(found.starts_with(&head) && found.contains("new line\n"), "{:?}", found);
        }
    }
}
