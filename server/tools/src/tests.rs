//! Tests of the pure parts: the policy table, declarations, the reference, reading by blocks.

use crate::policy::is_protected;
use crate::{Action, Judgement, Policy, Registry, Situation, judge, registry, tool_reference};
use glossator_exec::Verdict;
use glossator_session::{AskSubject, Grant};

const POLICIES: [Policy; 4] = [Policy::ReadOnly, Policy::Ask, Policy::AutoEdit, Policy::Full];

fn command(verdict: Verdict) -> Action {
    let (line, exact) = ("x".to_owned(), "[\"x\"]".to_owned());
    Action::Command { line, exact, cwd: "/w".to_owned(), verdict, escalation: None }
}

fn edit(protected: &[&str]) -> Action {
    let protected: Vec<String> = protected.iter().map(|path| (*path).to_owned()).collect();
    Action::Edit { files: vec!["a".to_owned()], protected, diff: String::new() }
}

/// The verdicts of the four policies as letters: allow, ask, refuse.
fn check(action: &Action, trusted: bool, granted: bool, expected: &str) {
    let letters: String = POLICIES
        .into_iter()
        .map(|policy| match judge(action, Situation { policy, trusted, granted }) {
            Judgement::Allow => 'a',
            Judgement::Ask(_) => '?',
            Judgement::Refuse(_) => 'r',
        })
        .collect();
    assert_eq!(letters, expected, "{action:?} trusted={trusted} granted={granted}");
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
    };
    //                                     read-only, ask, auto-edit, full
    check(&Action::Look, false, false, "aaaa");
    check(&edit(&[]), false, false, "raaa");
    check(&edit(&[".envrc"]), true, false, "r???");
    check(&edit(&[".envrc"]), true, true, "r???");
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
    assert_eq!(command(Verdict::Unknown(String::new())).grants(), [Grant::Once, Grant::Session]);
    assert_eq!(command(Verdict::Dangerous(String::new())).grants(), [Grant::Once]);
    assert_eq!(edit(&["AGENTS.md"]).grants(), [Grant::Once]);
}

#[test]
fn an_ask_hides_nothing() {
    let hostile = "a\u{1b}[2J\u{202e}b\r\u{200b}\nc";
    let shown = "a\\x1b[2J\\u{202e}b\\r\\u{200b}";
    let situation = Situation { policy: Policy::Ask, trusted: true, granted: false };
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
    if let Action::Edit { files, protected, diff } = &mut edit {
        (*files, *diff) = (vec![hostile.to_owned()], format!("+{hostile}\r\n"));
        protected.push(hostile.to_owned());
    }
    assert!(reason(&edit).contains(shown));
    let Some(AskSubject::Edit { files, diff }) = edit.subject() else { panic!() };
    assert_eq!((files[0].as_str(), diff), (&*format!("{shown}\\nc"), format!("+{shown}\nc\r\n")));
}

#[test]
fn protected_files() {
    for path in
        [".git/hooks/pre-commit", "a/.vscode/tasks.json", ".cargo/config.toml", "sub/AGENTS.md", ".ENVRC"]
    {
        assert!(is_protected(path), "{path}");
    }
    for path in ["src/main.rs", "git/x", "notes.envrc.md", "docs/AGENTS.md.txt", "vscode/x"] {
        assert!(!is_protected(path), "{path}");
    }
}

#[test]
fn prompt_names_and_dispatch_agree_for_every_pack() {
    for pack in registry::PACKS {
        let registry = Registry::of_pack(pack.slug).unwrap();
        let reference = tool_reference(&registry);
        assert_eq!(registry.names().len(), pack.tools.len(), "{}", pack.slug);
        for name in pack.tools {
            assert!(registry.get(name).is_some(), "{name}");
            assert!(reference.contains(&format!("\n  {name}(args")), "{name} in {reference}");
        }
        let declared =
            reference.lines().filter(|line| line.contains("): Promise<{") && line.starts_with("  ")).count();
        assert_eq!(declared, pack.tools.len(), "{reference}");
    }
    assert!(Registry::of_pack("cores").is_err());
}

#[test]
fn declarations_are_typescript_a_reader_expects() {
    let registry = Registry::of_pack("core").unwrap();
    let find = |name: &str| registry.specs().find(|spec| spec.name == name).unwrap().declaration.clone();
    let search = find("fileSearch");
    assert!(
        search.contains("fileSearch(args: { /** Letters of the path, in order. */ query: string; "),
        "{search}"
    );
    assert!(search.contains("limit?: number }): Promise<{ files: { path: string; "), "{search}");
    let read = find("readFile");
    assert!(read.contains("mode?: \"slice\" | \"indentation\""), "{read}");
    assert!(read.contains("source: string; ") && read.contains("changedOnDisk"), "{read}");
    assert!(find("listDir").contains("listDir(args?: {"), "{}", find("listDir"));
}

#[test]
fn wrong_names_get_the_nearest() {
    let registry = Registry::of_pack("core").unwrap();
    assert_eq!(registry.nearest("readfile")[0], "readFile");
    assert_eq!(registry.nearest("grep_files")[0], "grepFiles");
    assert_eq!(registry.nearest("patch").len(), 3);
}

mod reading {
    use crate::read_file::{cut_text, whole};
    use serde_json::json;

    const CODE: &str = "mod a {\n    fn one() {\n        let x = 1;\n        let y = 2;\n    }\n\n    fn two() {\n        call();\n    }\n}\n";

    /// `arguments` beside the path: the first line, the text and the lines of the parents.
    fn check(mut arguments: serde_json::Value, first: usize, expected: &str, parents: &[usize]) {
        arguments["path"] = "a".into();
        let (start, text, named) = cut_text(arguments.clone(), CODE).unwrap();
        assert_eq!((start, text.as_str(), named.as_slice()), (first, expected, parents), "{arguments}");
    }

    #[test]
    fn slices() {
        check(json!({ "offset": 2, "limit": 1 }), 2, "    fn one() {\n", &[]);
        check(json!({ "offset": 99 }), 10, "}\n", &[]);
        check(json!({ "offset": 0, "limit": 1 }), 1, "mod a {\n", &[]);
    }

    #[test]
    fn a_file_changed_behind_the_editors_back_says_so() {
        assert_eq!(whole("x\n", true).unwrap()["changedOnDisk"], true);
        assert_eq!(whole("x\n", false).unwrap().get("changedOnDisk"), None);
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
