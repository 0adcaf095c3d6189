//! Searching contents and names.

use super::support::{Folder, folder, opening};
use crate::{GrepCase, GrepRequest, GrepResult, ListRequest, Roots, SearchError, Workspace};
use parking_lot::RwLock;
use std::fs;
use std::sync::Arc;

fn request(pattern: &str) -> GrepRequest {
    GrepRequest {
        pattern: pattern.to_owned(),
        literal: false,
        case: GrepCase::Smart,
        include: None,
        path: None,
        context: 0,
        limit: 100,
    }
}

async fn grep(folder: &Folder, request: GrepRequest) -> GrepResult {
    folder.workspace.grep(request).await.unwrap()
}

fn lines(result: &GrepResult) -> Vec<String> {
    result
        .matches
        .iter()
        .map(|one| format!("{}:{}:{} {}", one.path, one.line, one.column, one.text))
        .collect()
}

fn sample() -> Folder {
    let folder = folder(&[
        ("b.rs", "fn one() {}\r\nlet Word = 1;\r\n"),
        ("a/c.rs", "ä word\nword word\n"),
        ("notes.md", "word\n"),
        ("target/gen.rs", "word\n"),
        (".gitignore", "target\n"),
        (".hidden.rs", "word\n"),
    ]);
    fs::write(folder.path("binary.rs"), b"word\n\0word\n").unwrap();
    fs::write(folder.path("latin.txt"), b"word caf\xe9\n").unwrap();
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("x\nword".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    fs::write(folder.path("wide.txt"), utf16).unwrap();
    folder
}

#[tokio::test]
async fn matches_are_sorted_and_ignores_are_kept() {
    let folder = sample();
    let found = grep(&folder, request("word")).await;
    let expected = [
        "a/c.rs:1:3 ä word",
        "a/c.rs:2:1 word word",
        "b.rs:2:5 let Word = 1;",
        "latin.txt:1:1 word caf\u{fffd}",
        "notes.md:1:1 word",
        "wide.txt:2:1 word",
    ];
    assert_eq!(lines(&found), expected);
    assert_eq!(found.files[0], ("a/c.rs".to_owned(), 2));
    assert!(!found.truncated);
}

#[tokio::test]
async fn options() {
    let folder = sample();
    let count = async |request: GrepRequest| lines(&grep(&folder, request).await).len();
    assert_eq!(count(request("Word")).await, 1);
    assert_eq!(count(GrepRequest { case: GrepCase::Sensitive, ..request("word") }).await, 5);
    assert_eq!(count(GrepRequest { case: GrepCase::Insensitive, ..request("WORD") }).await, 6);
    assert_eq!(count(request("one()")).await, 1);
    assert_eq!(count(GrepRequest { literal: true, ..request("one() {}") }).await, 1);
    assert_eq!(count(request(r"\}$")).await, 1);
    assert_eq!(count(GrepRequest { include: Some("*.rs".into()), ..request("word") }).await, 3);
    assert_eq!(count(GrepRequest { include: Some("a/**".into()), ..request("word") }).await, 2);
    assert_eq!(count(GrepRequest { include: Some("a/".into()), ..request("word") }).await, 2);
    assert_eq!(count(GrepRequest { include: Some("*.{md,txt}".into()), ..request("word") }).await, 3);
    assert_eq!(count(GrepRequest { include: Some("!*.rs".into()), ..request("word") }).await, 3);
    assert_eq!(count(GrepRequest { path: Some("a".into()), ..request("word") }).await, 2);
    assert_eq!(count(GrepRequest { path: Some("target/gen.rs".into()), ..request("word") }).await, 1);
    assert_eq!(count(GrepRequest { path: Some("target".into()), ..request("word") }).await, 1);
    assert_eq!(count(request("nowhere to be found")).await, 0);
}

#[tokio::test]
async fn limits_are_exact_and_told() {
    let folder = sample();
    for limit in 1..=6 {
        let found = grep(&folder, GrepRequest { limit, ..request("word") }).await;
        assert_eq!(found.matches.len(), limit);
        assert_eq!(found.matches[0].path, "a/c.rs");
        assert!(found.truncated || limit == 6);
    }
    let many = folder.path("many.txt");
    fs::write(many, "word\n".repeat(1000)).unwrap();
    let found =
        grep(&folder, GrepRequest { path: Some("many.txt".into()), limit: 10, ..request("word") }).await;
    assert_eq!((found.matches.len(), found.files[0].1, found.truncated), (10, 1000, true));
}

#[tokio::test]
async fn context_lines() {
    let folder = folder(&[("f", "1\n2\nhit 3\n4\nhit 5\n6\n7\n8\n9\nhit 10")]);
    let found = grep(&folder, GrepRequest { context: 2, ..request("hit") }).await;
    let shown: Vec<(Vec<&str>, Vec<&str>)> = found
        .matches
        .iter()
        .map(|one| {
            (one.before.iter().map(String::as_str).collect(), one.after.iter().map(String::as_str).collect())
        })
        .collect();
    let expected = [
        (vec!["1", "2"], vec!["4", "hit 5"]),
        (vec!["hit 3", "4"], vec!["6", "7"]),
        (vec!["8", "9"], vec![]),
    ];
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn buffers_are_searched_as_they_are() {
    let folder = sample();
    folder.open("notes.md");
    folder.type_whole("notes.md", "nothing here\nbut a sentence\n");
    folder.overlay.open("u", opening(Some(folder.path("new.rs")), 0, "only in memory: sentence\n"));
    let found = grep(&folder, request("sentence")).await;
    assert_eq!(lines(&found), ["new.rs:1:17 only in memory: sentence", "notes.md:2:7 but a sentence"]);
    let found = grep(&folder, GrepRequest { include: Some("*.md".into()), ..request("word") }).await;
    assert_eq!(lines(&found), [""; 0]);
    let found = grep(&folder, GrepRequest { path: Some("new.rs".into()), ..request("sentence") }).await;
    assert_eq!(found.matches.len(), 1);
}

#[tokio::test]
async fn long_lines_are_cut_around_the_match() {
    let far = format!("{}needle{}", "ä".repeat(3000), "b".repeat(3000));
    let folder = folder(&[("long.txt", far.as_str()), ("near.txt", &format!("needle{}", "x".repeat(3000)))]);
    let found = grep(&folder, request("needle")).await;
    assert_eq!(found.matches[0].column, 3001);
    for one in &found.matches {
        assert!(one.text.contains("needle") && one.text.ends_with('…'), "{}", one.text);
        assert!(one.text.chars().count() <= 502);
    }
}

#[tokio::test]
async fn what_cannot_be_searched_says_why() {
    let folder = sample();
    let error = async |request: GrepRequest| folder.workspace.grep(request).await.unwrap_err();
    let broken = error(request("fn (")).await;
    assert!(
        matches!(broken, SearchError::Pattern { .. }) && broken.to_string().contains("set literal"),
        "{broken}"
    );
    let lines = error(request(r"a\nb")).await;
    assert!(lines.to_string().contains("within one line"), "{lines}");
    let literal = error(GrepRequest { literal: true, ..request("a\nb") }).await;
    assert!(literal.to_string().contains("within one line"), "{literal}");
    let huge = error(request("(((a{1000}){1000}){1000})")).await;
    assert!(matches!(huge, SearchError::Pattern { .. }), "{huge}");
    let glob = error(GrepRequest { include: Some("[".into()), ..request("a") }).await;
    assert!(matches!(glob, SearchError::Glob { .. }), "{glob}");
    assert!(matches!(
        error(GrepRequest { path: Some("../".into()), ..request("a") }).await,
        SearchError::Path(_)
    ));
    let missing = error(GrepRequest { path: Some("nope".into()), ..request("a") }).await;
    assert!(matches!(missing, SearchError::NotFound { .. }));
}

#[tokio::test]
async fn a_symlink_out_of_the_workspace_is_not_searched() {
    let folder = sample();
    fs::create_dir(folder.temp.path().join("secret")).unwrap();
    fs::write(folder.temp.path().join("secret/key"), "top secret\n").unwrap();
    std::os::unix::fs::symlink(folder.temp.path().join("secret"), folder.path("out")).unwrap();
    std::os::unix::fs::symlink(folder.temp.path().join("secret/key"), folder.path("key")).unwrap();
    assert!(grep(&folder, request("top secret")).await.matches.is_empty());
    assert!(folder.workspace.find("key", 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn own_state_is_not_searched() {
    let folder = folder(&[("state/log.jsonl", "secret word\n"), ("states/x", "word\n")]);
    let all = ListRequest { path: ".".into(), depth: 5, offset: 0, limit: 100, hidden: true, ignored: true };
    for (roots, found) in [
        (vec![folder.root.clone()], vec!["states/x"]),
        // The user opened it as a folder.
        (vec![folder.root.clone(), folder.path("state")], vec!["work/states/x"]),
    ] {
        let roots = Roots::new(roots).without(&folder.path("state"));
        let workspace = Workspace::new(Arc::new(RwLock::new(roots)), folder.overlay.clone(), None);
        let result = workspace.grep(request("word")).await.unwrap();
        assert_eq!(result.matches.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(), found);
        let paths = workspace.find("", 10).await.unwrap();
        assert_eq!(paths.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(), found);
        let listed = workspace.list(all.clone()).await.unwrap();
        assert_eq!(listed.total, 2, "{listed:?}");
        for path in ["state", "work/state"] {
            let inside = ListRequest { path: path.into(), ..all.clone() };
            assert!(workspace.list(inside).await.is_err(), "{path}");
        }
    }
}

#[tokio::test]
async fn finding_is_fuzzy() {
    let folder = sample();
    let found = folder.workspace.find("acrs", 10).await.unwrap();
    assert_eq!((found[0].path.as_str(), found[0].indices.as_slice()), ("a/c.rs", &[0, 2, 4, 5][..]));
    assert_eq!(folder.workspace.find("gen", 10).await.unwrap(), []);
    assert_eq!(folder.workspace.find(".hidden", 10).await.unwrap().len(), 1);
    assert_eq!(folder.workspace.find("rs", 1).await.unwrap().len(), 1);
    assert_eq!(folder.workspace.find("", 3).await.unwrap().len(), 3);
    folder.overlay.open("u", opening(Some(folder.path("fresh.rs")), 0, ""));
    assert_eq!(folder.workspace.find("fresh", 10).await.unwrap()[0].path, "fresh.rs");
}

#[tokio::test]
async fn dropped_searches_leave_the_workspace_usable() {
    let folder = folder(&[("a", "word\n")]);
    for _ in 0..20 {
        let mut search = Box::pin(folder.workspace.grep(request("word")));
        // Begun, and dropped whether or not it is ready by then.
        let _ = futures::poll!(&mut search);
    }
    assert_eq!(grep(&folder, request("word")).await.matches.len(), 1);
}
