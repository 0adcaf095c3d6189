//! Guidance files: what is imported, what is not, and where long ones are cut.

use super::*;

fn file(path: &str, text: &str) -> GuidanceFile {
    GuidanceFile { path: path.into(), text: text.into(), may_import: true }
}

/// Reads what is wanted from `disk` until nothing is, as a caller would.
fn gather(
    files: &[GuidanceFile],
    disk: &[(&str, Result<&str, &str>)],
    cap: usize,
) -> (Guidance, Vec<String>) {
    let mut imported = Imported::new();
    let mut asked = Vec::new();
    for _ in 0..100 {
        let found = guidance(files, &imported, cap);
        if found.wanted.is_empty() {
            return (found, asked);
        }
        for path in &found.wanted {
            asked.push(path.clone());
            let there = disk.iter().find(|(known, _)| known == path);
            let text =
                there.map_or(Err(String::new()), |(_, text)| text.map(str::to_owned).map_err(str::to_owned));
            assert!(imported.insert(path.clone(), text).is_none(), "{path} was asked for twice");
        }
    }
    panic!("it never ends");
}

#[test]
fn imports_are_paths_outside_of_code() {
    for (text, expected) in [
        ("See @docs/style.md.", "docs/style.md"),
        ("@a.md and (@b.md), \"@c.md\"!", "a.md b.md c.md"),
        ("@./x/../y.md @../up.md", "../up.md y.md"),
        ("@/abs/a.md", "/abs/a.md"),
        ("`@no.md` ``@no.md ` x`` @yes.md `open @also.md", "also.md yes.md"),
        ("```\n@no.md\n```\n~~~\n```\n@no.md\n~~~\n@yes.md", "yes.md"),
        ("    ```js\n@no.md", ""),
        ("me@example.com @alice @ @~/secret @dir/ @param", ""),
        ("- @x.md", "x.md"),
        ("@x.md @x.md @./x.md", "x.md"),
        ("@AGENTS.md", ""),
    ] {
        let found = guidance(&[file("AGENTS.md", text)], &Imported::new(), 1000);
        let expected: Vec<&str> = expected.split(' ').filter(|word| !word.is_empty()).collect();
        assert_eq!(found.wanted, expected, "{text}");
    }
}

#[test]
fn imports_stand_before_what_imports_them() {
    let files = [file("AGENTS.md", "top @docs/a.md"), file("sub/AGENTS.md", "sub @b.md @../docs/a.md")];
    let disk = [("docs/a.md", Ok("A @c.md")), ("docs/c.md", Ok("C")), ("sub/b.md", Ok("B"))];
    let (found, asked) = gather(&files, &disk, 1000);
    let paths: Vec<_> = found.docs.iter().map(|doc| doc.path.as_str()).collect();
    assert_eq!(paths, ["docs/c.md", "docs/a.md", "AGENTS.md", "sub/b.md", "sub/AGENTS.md"]);
    assert_eq!(asked.len(), 3);
    assert!(found.notices.is_empty());
}

#[test]
fn cycles_end_and_depth_is_bounded() {
    let (found, _) = gather(
        &[file("AGENTS.md", "@a.md")],
        &[("a.md", Ok("@b.md")), ("b.md", Ok("@a.md @AGENTS.md"))],
        1000,
    );
    assert_eq!(found.docs.len(), 3);
    let deep: Vec<(String, String)> =
        (1..20).map(|n| (format!("{n}.md"), format!("@{}.md", n + 1))).collect();
    let disk: Vec<(&str, Result<&str, &str>)> =
        deep.iter().map(|(path, text)| (path.as_str(), Ok(text.as_str()))).collect();
    let (found, _) = gather(&[file("AGENTS.md", "@1.md")], &disk, 1000);
    assert_eq!(found.docs.len(), 6);
    assert_eq!(found.notices, ["5.md imports 6.md, which is left out: imports go 5 deep."]);
    let many: String = (0..80).map(|n| format!("@f{n}.md ")).collect();
    let names: Vec<String> = (0..80).map(|n| format!("f{n}.md")).collect();
    let disk: Vec<(&str, Result<&str, &str>)> = names.iter().map(|name| (name.as_str(), Ok("x"))).collect();
    assert_eq!(gather(&[file("AGENTS.md", &many)], &disk, 1000).0.docs.len(), 51);
}

#[test]
fn what_cannot_be_had_is_said_unless_it_was_no_file() {
    let disk = [("../out.md", Err("it lies outside the workspace"))];
    let (found, _) = gather(&[file("AGENTS.md", "@../out.md @types/node")], &disk, 1000);
    assert_eq!(found.docs.len(), 1);
    assert_eq!(
        found.notices,
        ["AGENTS.md imports ../out.md, which is left out: it lies outside the workspace."]
    );
    let own = GuidanceFile { may_import: false, ..file("~/.config/glossator/AGENTS.md", "@x.md") };
    assert!(guidance(&[own], &Imported::new(), 1000).wanted.is_empty());
}

#[test]
fn the_longest_are_cut_and_say_so() {
    let lines = "a line of text\n".repeat(1000);
    let files = [
        file("AGENTS.md", "short"),
        file("sub/AGENTS.md", &lines),
        file("sub/x/AGENTS.md", &"ü".repeat(3000)),
    ];
    let found = guidance(&files, &Imported::new(), 4005);
    let texts: Vec<&str> = found.docs.iter().map(|doc| doc.text.as_str()).collect();
    assert_eq!(texts[0], "short");
    assert!(
        texts[1].contains("a line of text\n[... cut here: 1994 of 15000 bytes are shown; read sub/AGENTS.md"),
        "{}",
        &texts[1][1900..]
    );
    assert!(
        texts[2].contains("ü\n[... cut here: 2000 of 6000 bytes are shown; read sub/x/AGENTS.md"),
        "{}",
        &texts[2][1900..]
    );
    assert_eq!(found.notices.len(), 2);
    assert!(guidance(&files, &Imported::new(), 30_000).notices.is_empty());
    let none = guidance(&files, &Imported::new(), 0);
    assert!(none.docs.iter().all(|doc| doc.text.starts_with("\n[... cut here: 0 of")), "{:?}", none.docs);
}
