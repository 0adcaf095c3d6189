//! Editors that answer when nobody waits any more: the outcome is unknown, and what becomes of it is told later.

use super::support::{Folder, Manner, folder, moved};
use crate::{Outcome, Patience, Report};
use glossator_text::FileChange;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const TEXT: &str = "one\ntwo\nthree\n";
const SOON: Patience = Patience { answer: Duration::from_millis(50) };

fn opened() -> Folder {
    let folder = folder(&[("a", TEXT), ("b", "b\n"), ("c", "c\n")]);
    folder.open("a");
    folder
}

async fn commit(folder: &Folder, files: Vec<FileChange>, manners: &[Manner]) -> Report {
    folder.editor.will(manners);
    folder.check(files).await.unwrap().commit_with("test", SOON, &CancellationToken::new()).await
}

fn unknown(report: &Report, file: usize) -> &str {
    match &report.files[file].outcome {
        Outcome::Unknown(why) => why,
        _ => panic!("{report}"),
    }
}

async fn stands(report: Report) -> bool {
    assert!(!report.ok && report.unknown(), "{report}");
    let late = report.late.expect("an unknown outcome is watched");
    tokio::time::timeout(Duration::from_secs(10), late).await.unwrap().unwrap()
}

/// Commits `two` -> `2` in an editor with this manner, while the user does `meanwhile`; whether it stands in the end.
async fn check(manner: Manner, meanwhile: impl FnOnce(&Folder), expected: bool) {
    let folder = opened();
    let report = commit(&folder, vec![folder.update("a", "two", "2")], &[manner]).await;
    assert!(unknown(&report, 0).contains("did not answer within 0.05 s"), "{report}");
    assert!(report.to_string().contains("a: not known whether it is changed"), "{report}");
    assert_eq!(folder.buffer("a"), TEXT);
    meanwhile(&folder);
    assert_eq!(stands(report).await, expected);
    let now = folder.overlay.by_path(&folder.path("a")).map(|buffer| buffer.text.to_string());
    assert_eq!(now.is_some_and(|now| now.contains("\n2\n")), expected);
}

#[tokio::test(start_paused = true)]
async fn late_answers() {
    check(Manner::Late(300), |_| {}, true).await;
    check(Manner::LateRefuse(200), |_| {}, false).await;
    // The user types: the edit is stale when its turn comes.
    check(Manner::Late(300), |folder| folder.type_whole("a", "typed\n"), false).await;
    let close = |folder: &Folder| folder.overlay.close(&super::support::uri(&folder.path("a")));
    check(Manner::LateRefuse(1500), close, false).await;
}

#[tokio::test(start_paused = true)]
async fn patience_is_the_callers() {
    let folder = opened();
    folder.editor.will(&[Manner::Late(300)]);
    let checked = folder.check(vec![folder.update("a", "two", "2")]).await.unwrap();
    let patience = Patience { answer: Duration::MAX };
    let report = checked.commit_with("test", patience, &CancellationToken::new()).await;
    assert!(report.ok && !report.unknown() && report.late.is_none(), "{report}");
}

#[tokio::test(start_paused = true)]
async fn a_stopped_commit_ends_at_once() {
    for (manner, stands_later) in [(Manner::Late(400), true), (Manner::LateRefuse(400), false)] {
        let folder = opened();
        folder.editor.will(&[manner]);
        let checked =
            folder.check(vec![folder.update("b", "b", "B"), folder.update("a", "two", "2")]).await.unwrap();
        let cancel = CancellationToken::new();
        let stop = cancel.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            stop.cancel();
        });
        let started = Instant::now();
        let report = checked.commit_with("test", Patience::default(), &cancel).await;
        assert!(started.elapsed() < Duration::from_millis(350), "{:?}", started.elapsed());
        assert!(unknown(&report, 1).contains("stopped before the editor answered"), "{report}");
        assert_eq!((&report.files[0].outcome, folder.disk("b")), (&Outcome::TakenBack, "b\n".to_owned()));
        assert_eq!(stands(report).await, stands_later);
    }
    let folder = opened();
    let checked = folder.check(vec![folder.update("b", "b", "B")]).await.unwrap();
    let cancel = CancellationToken::new();
    cancel.cancel();
    let report = checked.commit_with("test", Patience::default(), &cancel).await;
    assert!(matches!(&report.files[0].outcome, Outcome::Failed(why) if why.contains("stopped")), "{report}");
    assert_eq!(folder.disk("b"), "b\n");
}

#[tokio::test(start_paused = true)]
async fn an_editor_that_hangs_may_not_take_back_either() {
    let folder = opened();
    folder.open("b");
    let files =
        vec![folder.update("a", "two", "2"), folder.update("b", "b", "B"), folder.update("c", "c", "C")];
    let hangs = [Manner::Honest, Manner::LateRefuse(400), Manner::Late(400)];
    let report = commit(&folder, files, &hangs).await;
    assert!(unknown(&report, 0).contains("it was to be changed back"), "{report}");
    unknown(&report, 1);
    assert_eq!(report.files[2].outcome, Outcome::NotReached);
    // The first file may stand whatever becomes of the second.
    assert!(stands(report).await);
}

#[tokio::test(start_paused = true)]
async fn late_moves_and_deletions() {
    let moving = |folder: &Folder| vec![moved(folder.update("a", "two", "2"), folder.path("new/a"))];
    let folder = opened();
    let report = commit(&folder, moving(&folder), &[Manner::Honest, Manner::Late(300)]).await;
    assert!(unknown(&report, 0).contains("its text is edited already"), "{report}");
    assert!(stands(report).await && folder.buffer("new/a").contains("\n2\n"));

    // The rename is refused at last, or the edit comes without its rename: nothing stands.
    for manners in [[Manner::Honest, Manner::LateRefuse(300)], [Manner::Late(300), Manner::Honest]] {
        let folder = opened();
        let report = commit(&folder, moving(&folder), &manners).await;
        assert!(!stands(report).await);
        assert_eq!(folder.buffer("a"), TEXT);
        assert!(folder.path("a").exists() && !folder.path("new").exists());
    }

    for (manner, gone) in [(Manner::Late(300), true), (Manner::LateRefuse(300), false)] {
        let folder = opened();
        let report = commit(&folder, vec![folder.delete("a")], &[manner]).await;
        assert_eq!(stands(report).await, gone);
        assert_eq!(folder.path("a").exists(), !gone);
    }
}

#[tokio::test(start_paused = true)]
async fn an_edit_whose_report_is_lost() {
    let folder = opened();
    let files = vec![folder.update("a", "two", "2")];
    let patience = Patience { answer: Duration::from_secs(5) };
    folder.editor.will(&[Manner::Garbled]);
    let checked = folder.check(files).await.unwrap();
    let report = checked.commit_with("test", patience, &CancellationToken::new()).await;
    assert!(unknown(&report, 0).contains("could not be followed"), "{report}");
    // The editor sends the whole text at last.
    folder.type_whole("a", "one\n2\nthree\n");
    assert!(stands(report).await);
}
