//! Tests of the pure parts: the policy table, declarations, the reference, reading by blocks.

mod arguments;
mod desk;

use crate::policy::is_protected;
use crate::{Action, Judgement, Policy, Registry, ReviewMode, Situation, judge};
use glossator_exec::Verdict;
use glossator_session::{AskHunk, AskSubject, Grant};

const POLICIES: [Policy; 4] = [Policy::ReadOnly, Policy::Ask, Policy::AutoEdit, Policy::Full];

fn command(verdict: Verdict) -> Action {
    let (line, exact) = ("x".to_owned(), "[\"x\"]".to_owned());
    Action::Command { line, exact, cwd: "/w".to_owned(), verdict, escalation: None, begins: None }
}

fn edit(protected: &[&str]) -> Action {
    let protected: Vec<String> = protected.iter().map(|path| (*path).to_owned()).collect();
    Action::Edit { files: vec!["a".to_owned()], protected, diff: String::new(), hunks: Vec::new() }
}

/// The verdicts of the four policies as letters (allow, ask, refuse), for edits that are reviewed when they are made.
fn check(action: &Action, trusted: bool, granted: bool, expected: &str) {
    check_reviewed(action, (trusted, granted, ReviewMode::After), expected);
    // Nothing but an edit is judged in another way before it is made.
    if !matches!(action, Action::Edit { .. }) {
        check_reviewed(action, (trusted, granted, ReviewMode::Before), expected);
    }
}

fn check_reviewed(action: &Action, (trusted, granted, review): (bool, bool, ReviewMode), expected: &str) {
    let letters: String = POLICIES
        .into_iter()
        .map(|policy| match judge(action, Situation { policy, trusted, granted, review }) {
            Judgement::Allow => 'a',
            Judgement::Ask(_) => '?',
            Judgement::Refuse(_) => 'r',
        })
        .collect();
    assert_eq!(letters, expected, "{action:?} trusted={trusted} granted={granted} {review:?}");
}

#[test]
fn the_policy_table() {
    let unknown = || command(Verdict::Unknown("why".to_owned()));
    let dangerous = || command(Verdict::Dangerous("why".to_owned()));
    let escalated = Action::Command {
        line: "x".to_owned(),
        exact: "x".to_owned(),
        cwd: "/w".to_owned(),
        verdict: Verdict::Safe,
        escalation: Some("why".to_owned()),
        begins: None,
    };
    //                                     read-only, ask, auto-edit, full
    check(&Action::Look, false, false, "aaaa");
    let (question, options) = ("Which?".to_owned(), Vec::new());
    check(&Action::Question { question, options, default: None }, true, true, "????");
    check(&edit(&[]), false, false, "raaa");
    check(&edit(&[".envrc"]), true, false, "r???");
    check(&edit(&[".envrc"]), true, true, "r???");
    for (trusted, granted) in [(false, false), (true, false), (true, true)] {
        check_reviewed(&edit(&[]), (trusted, granted, ReviewMode::Before), "r???");
        check_reviewed(&edit(&[".envrc"]), (trusted, granted, ReviewMode::Before), "r???");
    }
    let (protected, hunks) = Default::default();
    let nothing = Action::Edit { files: Vec::new(), protected, diff: String::new(), hunks };
    check_reviewed(&nothing, (true, false, ReviewMode::Before), "raaa");
    check(&command(Verdict::Safe), false, false, "aaaa");
    check(&unknown(), true, false, "r??a");
    check(&unknown(), false, false, "r???");
    check(&unknown(), false, true, "raaa");
    check(&dangerous(), true, false, "r???");
    check(&dangerous(), true, true, "r???");
    check(&escalated, true, true, "r???");
}

#[test]
fn only_what_may_be_granted_is_offered() {
    use Grant::{Exact, Once, Prefix, Session};
    let check = |action: &Action, untrusted: &[Grant], trusted: &[Grant]| {
        assert_eq!((&*action.grants(false), &*action.grants(true)), (untrusted, trusted), "{action:?}");
        for (grant, at) in [(Session, 0), (Exact, 0), (Prefix, 1)] {
            let key = action.covered(grant, "x").map(|(key, _)| key);
            assert_eq!(key, action.grant_keys().get(at).cloned(), "{grant:?}");
        }
        assert_eq!(action.covered(Once, "x"), None);
    };
    let beginning = |verdict| {
        let mut action = command(verdict);
        if let Action::Command { begins, .. } = &mut action {
            *begins = Some("cargo test".to_owned());
        }
        action
    };
    let unknown = || Verdict::Unknown(String::new());
    check(&command(unknown()), &[Once, Session], &[Once, Session, Exact]);
    check(&beginning(unknown()), &[Once, Session], &[Once, Session, Exact, Prefix]);
    let (_, what) = beginning(unknown()).covered(Prefix, "exec cargo test -p a").unwrap();
    assert_eq!(what, "commands that begin with `cargo test`");
    for verdict in [Verdict::Dangerous(String::new()), Verdict::Safe] {
        check(&beginning(verdict), &[Once], &[Once]);
    }
    check(&edit(&["AGENTS.md"]), &[Once], &[Once]);
}

#[test]
fn an_ask_hides_nothing() {
    let hostile = "a\u{1b}[2J\u{202e}b\r\u{200b}\nc";
    let shown = "a\\x1b[2J\\u{202e}b\\r\\u{200b}";
    let review = ReviewMode::After;
    let situation = Situation { policy: Policy::Ask, trusted: true, granted: false, review };
    let reason = |action: &Action| match judge(action, situation) {
        Judgement::Ask(reason) => reason,
        other => panic!("{other:?}"),
    };
    for verdict in [Verdict::Unknown(hostile.to_owned()), Verdict::Dangerous(hostile.to_owned())] {
        assert_eq!(reason(&command(verdict)), format!("{shown}\\nc"));
    }
    let mut escalated = command(Verdict::Safe);
    if let Action::Command { escalation, cwd, .. } = &mut escalated {
        *escalation = Some(format!("{hostile}{}", "x".repeat(10_000)));
        *cwd = hostile.to_owned();
    }
    assert!(reason(&escalated).contains(shown) && reason(&escalated).contains("bytes left out"));
    let Some(AskSubject::Command { cwd, .. }) = escalated.subject() else { panic!() };
    assert_eq!(cwd, format!("{shown}\\nc"));
    let mut edit = edit(&[".envrc"]);
    if let Action::Edit { files, protected, diff, hunks } = &mut edit {
        (*files, *diff) = (vec![hostile.to_owned()], format!("+{hostile}\r\n"));
        protected.push(hostile.to_owned());
        let (base, proposed) = (format!("{hostile}\n"), format!("\t{hostile}\r\n"));
        hunks.push(AskHunk { path: hostile.to_owned(), line: 7, base, proposed });
    }
    assert!(reason(&edit).contains(shown));
    let Some(AskSubject::Edit { files, diff, hunks }) = edit.subject() else { panic!() };
    assert_eq!((files[0].as_str(), diff), (&*format!("{shown}\\nc"), format!("+{shown}\nc\r\n")));
    assert_eq!((hunks[0].path.as_str(), hunks[0].line), (&*format!("{shown}\\nc"), 7));
    assert_eq!(
        (&hunks[0].base, &hunks[0].proposed),
        (&format!("{shown}\nc\n"), &format!("\t{shown}\nc\r\n"))
    );
}

#[test]
fn protected_files() {
    for path in [
        ".git/hooks/pre-commit",
        "a/.vscode/tasks.json",
        ".cargo/config.toml",
        "sub/AGENTS.md",
        "CLAUDE.md",
        ".ENVRC",
    ] {
        assert!(is_protected(path), "{path}");
    }
    for path in ["src/main.rs", "git/x", "notes.envrc.md", "docs/AGENTS.md.txt", "vscode/x"] {
        assert!(!is_protected(path), "{path}");
    }
}

#[test]
fn declarations_are_typescript_a_reader_expects() {
    let registry = Registry::of_pack("core").unwrap();
    let find = |name: &str| registry.specs().find(|spec| spec.name == name).unwrap().declaration.clone();
    let search = find("fileSearch");
    assert!(
        search.contains("fileSearch(args: string | { /** Letters of the path, in order. */ query: string; "),
        "{search}"
    );
    assert!(search.contains("limit?: number }): Promise<{ files: { path: string; "), "{search}");
    let read = find("readFile");
    assert!(read.contains("mode?: \"slice\" | \"indentation\""), "{read}");
    assert!(
        read.contains("source: \"buffer\" | \"disk\" | \"kept\"; ") && read.contains("changedOnDisk"),
        "{read}"
    );
    assert!(read.contains("readFile(args: string | { "), "{read}");
    // What a result may leave out is marked, and only that.
    for (name, fields) in [
        ("readFile", "parents version changedOnDisk hint hash"),
        ("listDir", "size target"),
        ("grepFiles", "before after"),
        ("applyPatch", "movedFrom rejected message warnings diagnostics"),
        (
            "exec",
            "signal aggregated fileKey hint buffers unsavedBuffers notes changes movedFrom changeSet notReversible notApplied fileKey",
        ),
    ] {
        let (_, result) =
            find(name).split_once("Promise<").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let marked: Vec<&str> = result
            .match_indices("?: ")
            .map(|(at, _)| result[..at].rsplit(|c: char| !c.is_alphanumeric()).next().unwrap())
            .collect();
        assert_eq!(marked.join(" "), fields, "{name}");
    }
    for name in ["listDir", "grepFiles", "applyPatch", "exec"] {
        let mark = if name == "listDir" { "?" } else { "" };
        assert!(find(name).contains(&format!("{name}(args{mark}: string | {{ ")), "{}", find(name));
    }
}

#[test]
fn wrong_names_get_the_nearest() {
    let registry = Registry::of_pack("core").unwrap();
    assert_eq!(registry.nearest("readfile")[0], "readFile");
    assert_eq!(registry.nearest("grep_files")[0], "grepFiles");
    assert_eq!(registry.nearest("patch").len(), 3);
}

mod reading {
    use crate::read_file::of_text;
    use serde_json::{Value, json};

    const CODE: &str = "mod a {\n    fn one() {\n        let x = 1;\n        let y = 2;\n    }\n\n    fn two() {\n        call();\n    }\n}\n";

    /// `arguments` beside the path: the first line, the text and the lines of the parents.
    fn check(mut arguments: Value, first: usize, expected: &str, parents: &[usize]) {
        for (from, named) in [("path", "a"), ("fileKey", "K1")] {
            arguments.as_object_mut().unwrap().retain(|name, _| name != "path");
            arguments[from] = named.into();
            let read = of_text(arguments.clone(), CODE, false).unwrap();
            let lines: Vec<Value> = parents.iter().map(|line| json!(line)).collect();
            let named: Vec<Value> = read["parents"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|parent| parent["line"].clone())
                .collect();
            assert_eq!((&read["startLine"], &read["text"]), (&json!(first), &json!(expected)), "{arguments}");
            assert_eq!(named, lines, "{arguments}");
        }
    }

    #[test]
    fn slices() {
        check(json!({ "offset": 2, "limit": 1 }), 2, "    fn one() {\n", &[]);
        check(json!({ "offset": 99 }), 10, "}\n", &[]);
        check(json!({ "offset": 0, "limit": 1 }), 1, "mod a {\n", &[]);
        check(json!({ "offset": 9, "limit": u64::MAX }), 9, "    }\n}\n", &[]);
        check(json!({ "offset": u64::MAX, "limit": u64::MAX }), 10, "}\n", &[]);
        check(json!({ "offset": 9, "limit": 0 }), 9, "    }\n", &[]);
    }

    #[test]
    fn a_file_changed_behind_the_editors_back_says_so() {
        assert_eq!(of_text(json!("a"), "x\n", true).unwrap()["changedOnDisk"], true);
        assert_eq!(of_text(json!("a"), "x\n", false).unwrap().get("changedOnDisk"), None);
    }

    #[test]
    fn how_to_go_on_is_told_where_nobody_chose_an_end() {
        let text = "0123456789\n".repeat(5_000);
        let hint = |arguments: Value, text: &str| {
            let read = of_text(arguments, text, false).unwrap();
            read.get("hint").map(|hint| hint.as_str().unwrap().to_owned())
        };
        let go_on = |arguments: &str| Some(format!("await tools.readFile({{ {arguments} }})"));
        assert_eq!(hint(json!({ "path": "a" }), &text), go_on("path: \"a\", offset: 2001"));
        assert_eq!(hint(json!({ "path": "a", "offset": 2001 }), &text), go_on("path: \"a\", offset: 4001"));
        assert_eq!(hint(json!({ "path": "a", "offset": 4001 }), &text), None);
        assert_eq!(hint(json!({ "path": "a", "limit": 3 }), &text), None);
        assert_eq!(hint(json!({ "path": "a", "mode": "indentation" }), &text), None);
        assert_eq!(hint(json!({ "path": "a" }), ""), None);
        assert_eq!(hint(json!({ "fileKey": "K3" }), &text), go_on("fileKey: \"K3\", offset: 2001"));
        let long = format!("{}\n", "x".repeat(3 << 20)).repeat(3);
        assert_eq!(hint(json!({ "fileKey": "K3", "limit": 3 }), &long), go_on("fileKey: \"K3\", offset: 2"));
    }

    #[test]
    fn long_lines_are_cut_in_files_only() {
        let text = format!("{}\nshort\n", "ä".repeat(600));
        let file = of_text(json!({ "path": "a" }), &text, false).unwrap();
        assert!(
            file["text"].as_str().unwrap().contains("… [201 more bytes in this line]\nshort\n"),
            "{file}"
        );
        assert_eq!((&file["truncated"], &file["source"]), (&json!(true), &json!("disk")));
        let kept = of_text(json!({ "fileKey": "K3" }), &text, false).unwrap();
        assert_eq!((&kept["text"], &kept["truncated"]), (&json!(text), &json!(false)));
        assert_eq!(
            (&kept["source"], &kept["path"], &kept["totalLines"]),
            (&json!("kept"), &json!("K3"), &json!(2))
        );
    }

    #[test]
    fn a_kept_text_is_given_in_parts_that_can_be_held() {
        let line = "é".repeat(1_500_000);
        let text = format!("{line}\n{line}\n");
        let first = of_text(json!({ "fileKey": "K3" }), &text, false).unwrap();
        assert_eq!((first["text"].as_str().unwrap().len(), &first["truncated"]), (3_000_001, &json!(true)));
        let one = of_text(json!({ "fileKey": "K3" }), &format!("x{}", line.repeat(2)), false).unwrap();
        assert_eq!(
            (one["text"].as_str().unwrap().len(), &one["truncated"]),
            (4 * 1024 * 1024 - 1, &json!(true))
        );
        let none = of_text(json!({ "fileKey": "K3" }), "", false).unwrap();
        assert_eq!(
            (&none["text"], &none["totalLines"], &none["truncated"]),
            (&json!(""), &json!(0), &json!(false))
        );
    }

    #[test]
    fn blocks_by_indentation() {
        let body = "        let x = 1;\n        let y = 2;\n";
        let one = format!("    fn one() {{\n{body}    }}\n");
        let two = "    fn two() {\n        call();\n    }\n";
        let mode = "indentation";
        check(json!({ "offset": 3, "mode": mode }), 3, body, &[1, 2]);
        check(json!({ "offset": 4, "mode": mode, "parents": 1 }), 3, body, &[2]);
        check(json!({ "offset": 2, "mode": mode }), 2, &one, &[1]);
        check(json!({ "offset": 7, "mode": mode, "parents": 0 }), 7, two, &[]);
        check(json!({ "offset": 7, "mode": mode, "siblings": true }), 2, &format!("{one}\n{two}"), &[1]);
        check(json!({ "offset": 1, "mode": mode }), 1, CODE, &[]);
        check(json!({ "offset": 6, "mode": mode }), 6, "\n", &[]);
        check(json!({ "offset": 1, "mode": mode, "limit": 2 }), 1, "mod a {\n    fn one() {\n", &[]);
    }
}
