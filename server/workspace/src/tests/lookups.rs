//! Asking editors what they know of code: which of them, in which order, and answers about older texts.

use super::support::{Folder, folder, opening, uri};
use crate::{
    Diagnostic, DocumentName, Editor, EditorEdit, EditorRefusal, Located, Lookup, LookupError, Neighbours,
    Opened, Overlay, Reported, Severity, SymbolQuery, Symbols, Workspace,
};
use futures::future::BoxFuture;
use glossator_text::{Position, PositionEncoding, Range};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// One answer of an editor: the version that it is of, if it says so, or why there is none.
type Said = Result<Option<i32>, LookupError>;

/// An editor that answers as it is told to; without more answers never.
struct Told {
    tells: bool,
    answers: Mutex<VecDeque<Said>>,
    asked: Mutex<Vec<Option<DocumentName>>>,
    /// What is typed while it is asked: each time another version.
    types: Option<Arc<Overlay>>,
}

impl Editor for Told {
    fn apply(&self, _: EditorEdit) -> BoxFuture<'_, Result<(), EditorRefusal>> {
        Box::pin(std::future::pending())
    }

    fn looks_up(&self, _: Lookup) -> bool {
        self.tells
    }

    fn diagnostics(&self, of: Option<DocumentName>) -> BoxFuture<'_, Result<Vec<Reported>, LookupError>> {
        self.asked.lock().push(of.clone());
        let said = self.answers.lock().pop_front();
        Box::pin(async move {
            let Some(said) = said else { return std::future::pending().await };
            let uri = match of {
                Some(DocumentName::Open(uri)) => uri,
                _ => "file:///elsewhere".to_owned(),
            };
            let at = Position { line: 0, character: 0 };
            let diagnostic = Diagnostic {
                range: Range { start: at, end: at },
                severity: Severity::Error,
                message: "wrong".to_owned(),
                source: None,
                code: None,
            };
            said.map(|version| {
                vec![Reported { of: Located { uri, path: None }, version, diagnostics: vec![diagnostic] }]
            })
        })
    }

    fn symbols(&self, query: SymbolQuery) -> BoxFuture<'_, Result<Symbols, LookupError>> {
        let SymbolQuery::Definition(name, _) = query else { panic!("{query:?}") };
        self.asked.lock().push(Some(name.clone()));
        if let (Some(overlay), DocumentName::Open(uri)) = (&self.types, &name) {
            let version = overlay.by_uri(uri).unwrap().version + 1;
            let typed = crate::Change { range: None, text: "typed\n".to_owned() };
            overlay.change(uri, version, &[typed]).unwrap();
        }
        Box::pin(async { Ok(Symbols { symbols: Vec::new(), complete: true }) })
    }
}

/// A connection to the folder whose editor gives these answers; `None`: it tells nothing.
fn connection(
    folder: &Folder,
    neighbours: &Arc<Neighbours>,
    answers: Option<&[Said]>,
) -> (Workspace, Arc<Overlay>, Arc<Told>) {
    let overlay = Arc::new(Overlay::new(PositionEncoding::Utf8));
    let told = Arc::new(Told {
        tells: answers.is_some(),
        answers: Mutex::new(answers.unwrap_or_default().to_vec().into()),
        asked: Mutex::default(),
        types: None,
    });
    let roots = Arc::new(parking_lot::RwLock::new(folder.workspace.roots()));
    let workspace = Workspace::new(roots, overlay.clone(), Some(told.clone()));
    workspace.join(neighbours);
    (workspace, overlay, told)
}

fn show(overlay: &Overlay, folder: &Folder, version: i32) {
    let path = folder.path("a");
    overlay.open(&uri(&path), Opened { path: Some(path.clone()), ..opening(None, version, "text\n") });
}

#[tokio::test(start_paused = true)]
async fn an_answer_about_an_older_text_is_asked_for_again_once() {
    for (answers, stale, times) in [
        (vec![Ok(Some(3))], false, 1),
        (vec![Ok(None)], false, 1),
        (vec![Ok(Some(2)), Ok(Some(3))], false, 2),
        (vec![Ok(Some(2)), Ok(Some(2))], true, 2),
    ] {
        let folder = folder(&[("a", "text\n")]);
        let (workspace, overlay, told) = connection(&folder, &Arc::default(), Some(&answers));
        show(&overlay, &folder, 3);
        let found = workspace.diagnostics(Some(&folder.path("a"))).await.unwrap();
        assert_eq!(
            (found.stale, told.asked.lock().len(), found.found.len()),
            (stale, times, 1),
            "{answers:?}"
        );
        assert_eq!(told.asked.lock()[0], Some(DocumentName::Open(uri(&folder.path("a")))));
    }
}

#[tokio::test(start_paused = true)]
async fn others_are_asked_where_the_own_editor_cannot_tell() {
    let failed = || Err(LookupError::Failed("no".to_owned()));
    // What the own editor says, what another one says, whether that has the file open, and who was asked.
    for (own, other, open, expected) in [
        (Some(vec![Ok(None)]), Some(vec![Ok(None)]), true, Ok([1, 0])),
        (None, Some(vec![Ok(None)]), true, Ok([0, 1])),
        (None, Some(vec![Ok(None)]), false, Err(LookupError::Unavailable)),
        (None, None, true, Err(LookupError::Unavailable)),
        (Some(vec![failed()]), Some(vec![Ok(None)]), true, Ok([1, 1])),
        (Some(vec![failed()]), None, true, Err(LookupError::Failed("no".to_owned()))),
        // It never answers.
        (Some(vec![]), Some(vec![Ok(None)]), true, Ok([1, 1])),
        (
            Some(vec![]),
            None,
            true,
            Err(LookupError::Failed("the editor did not answer within 5 s".to_owned())),
        ),
    ] {
        let folder = folder(&[("a", "text\n")]);
        let neighbours = Arc::new(Neighbours::default());
        let (workspace, _, here) = connection(&folder, &neighbours, own.as_deref());
        let (_there, overlay, there) = connection(&folder, &neighbours, other.as_deref());
        if open {
            show(&overlay, &folder, 1);
        }
        let found = workspace.diagnostics(Some(&folder.path("a"))).await;
        let asked = [here.asked.lock().len(), there.asked.lock().len()];
        assert_eq!(found.map(|_| asked), expected, "{own:?} {other:?} {open}");
    }
}

#[tokio::test]
async fn all_files_are_asked_of_whoever_tells() {
    let folder = folder(&[("a", "text\n")]);
    let neighbours = Arc::new(Neighbours::default());
    let (workspace, ..) = connection(&folder, &neighbours, None);
    let (there, _, told) = connection(&folder, &neighbours, Some(&[Ok(None)]));
    assert!(workspace.looks_up(Lookup::Diagnostics));
    workspace.diagnostics(None).await.unwrap();
    assert_eq!(*told.asked.lock(), [None]);
    there.leave();
    assert!(!workspace.looks_up(Lookup::Diagnostics));
}

#[tokio::test]
async fn symbols_of_a_text_that_changed_are_stale() {
    for (types, made_of, stale) in
        [(false, Some(3), false), (false, None, false), (false, Some(2), true), (true, Some(3), true)]
    {
        let folder = folder(&[("a", "text\n")]);
        let overlay = Arc::new(Overlay::new(PositionEncoding::Utf16));
        let told = Told {
            tells: true,
            answers: Mutex::default(),
            asked: Mutex::default(),
            types: types.then(|| overlay.clone()),
        };
        let roots = Arc::new(parking_lot::RwLock::new(folder.workspace.roots()));
        let workspace = Workspace::new(roots, overlay.clone(), Some(Arc::new(told)));
        show(&overlay, &folder, 3);
        let path = folder.path("a");
        let query = |name: Option<DocumentName>, encoding| {
            assert_eq!(encoding, PositionEncoding::Utf16);
            SymbolQuery::Definition(name.unwrap(), Position { line: 0, character: 0 })
        };
        let found = workspace.symbols(Some((&path, made_of)), query).await.unwrap();
        assert_eq!((found.stale, found.found.complete), (stale, true), "{types} {made_of:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_reported_of_an_edit_is_not_waited_for() {
    let folder = folder(&[("a", "text\n")]);
    let (workspace, overlay, told) = connection(&folder, &Arc::default(), Some(&[Ok(None)]));
    let paths = [folder.path("a")];
    let limit = Duration::from_millis(200);
    assert!(
        workspace.reported(&paths, limit).await.is_empty() && told.asked.lock().is_empty(),
        "it is not open"
    );
    show(&overlay, &folder, 1);
    assert_eq!(workspace.reported(&paths, limit).await.len(), 1);
    let began = tokio::time::Instant::now();
    assert!(workspace.reported(&paths, limit).await.is_empty());
    assert_eq!(began.elapsed(), limit);
}
