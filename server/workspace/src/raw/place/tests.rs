//! What a command left, put into a folder: as it was, whether it can be renamed or has to be copied.

use super::*;
use crate::{Neighbours, Opened, Overlay, Put};
use glossator_text::PositionEncoding;
use parking_lot::RwLock;
use std::os::unix::fs::FileTypeExt;
use std::sync::Arc;
use std::time::SystemTime;

/// A workspace beside a place from which products come.
struct Bench {
    _folder: tempfile::TempDir,
    root: PathBuf,
    from: PathBuf,
    workspace: Workspace,
}

fn shell(folder: &Path, script: &str) -> String {
    let done = std::process::Command::new("bash").args(["-ec", script]).current_dir(folder).output().unwrap();
    assert!(done.status.success(), "{script}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

impl Bench {
    /// With what two scripts make there.
    fn new(there: &str, here: &str) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        let (root, from) = (base.join("work"), base.join("from"));
        fs::create_dir(&root).unwrap();
        fs::create_dir(&from).unwrap();
        shell(&root, there);
        shell(&from, here);
        let roots = Arc::new(RwLock::new(Roots::new(vec![root.clone()])));
        let workspace = Workspace::new(roots, Arc::new(Overlay::new(PositionEncoding::Utf8)), None);
        Bench { _folder: folder, root, from, workspace }
    }

    fn gone(&self, name: &str) -> Product {
        Product { path: self.root.join(name), at: None, mode: None, same: false }
    }

    fn left(&self, name: &str) -> Product {
        Product { path: self.root.join(name), at: Some(self.from.join(name)), mode: None, same: false }
    }

    /// Everything in the place the products come from, the inner ones first.
    fn all(&self) -> Vec<Product> {
        let names = shell(&self.from, "find . -depth -mindepth 1 -printf '%P\\n'");
        names.lines().map(|name| self.left(name)).collect()
    }

    fn open(&self, overlay: &Overlay, name: &str, text: &str) {
        let uri = format!("file://{}", self.root.join(name).display());
        let opened = Opened {
            path: Some(self.root.join(name)),
            language: "plaintext".to_owned(),
            version: 1,
            text: text.to_owned(),
        };
        overlay.open(&uri, opened);
    }
}

const LOOK: &str = "find . -printf '%p %y %m %T@ %l ' -type f -exec sha1sum {} \\; -o -printf '\\n' | sort; find . -links +1 -type f | sort";

#[test]
fn everything_lands_as_it_was() {
    for across in [false, true] {
        let bench = Bench::new(
            "mkdir -p dist/sub old; echo old > dist/kept; echo old > dist/changed; echo x > old/x; ln -s /nowhere dist/link",
            "mkdir -p dist/sub/deep dist/empty; echo new > dist/changed; echo 1 > dist/sub/one; chmod 751 dist/sub/one;
            ln dist/sub/one dist/two; ln -s ../x dist/link; ln -s gone dist/dangling; echo c > dist/sub/deep/c; chmod 4755 dist/sub/deep/c;
            touch -hd 2001-02-03T04:05:06.789 dist/sub/one dist/link dist/changed dist/dangling;
            touch -d 2002-03-04 dist/empty dist/sub/deep dist/sub; chmod 555 dist/sub/deep dist/sub; touch -d 2003-04-05 dist",
        );
        let expected = shell(&bench.from, LOOK);
        let inode = fs::metadata(bench.from.join("dist/two")).unwrap().ino();
        let mark = bench.from.join("dist/changed");
        rustix::fs::setxattr(&mark, "user.overlay.origin", b"x", rustix::fs::XattrFlags::empty()).unwrap();
        let mut products = bench.all();
        products.push(bench.gone("old"));
        products.push(bench.gone("never"));
        assert_eq!(bench.workspace.place(&products, across), []);
        fs::remove_file(bench.root.join("dist/kept")).unwrap();
        shell(&bench.root, "touch -d 2003-04-05 dist; touch -r ../from .");
        let found = shell(&bench.root, LOOK);
        // All but the times of the two roots.
        let lines = |text: &str| -> Vec<String> {
            text.lines().filter(|line| !line.starts_with(". ")).map(str::to_owned).collect()
        };
        assert_eq!(lines(&found), lines(&expected), "across: {across}");
        let mark =
            rustix::fs::getxattr(bench.root.join("dist/changed"), "user.overlay.origin", &mut [0; 9][..]);
        assert!(mark.is_err(), "the overlay's own mark does not go over");
        let there = fs::metadata(bench.root.join("dist/two")).unwrap().ino();
        assert_eq!(there == inode, !across, "it is the same file, and not a copy, where that can be");
    }
}

#[test]
fn new_names_of_a_file_that_stays_are_names_of_that_file() {
    let there = "echo x > a; ln a b; echo y > c; touch -d 2001-02-03 a c";
    let here = "echo x > a; ln a new; touch -d 2001-02-03 a; echo y > c; ln c other";
    let bench = Bench::new(there, here);
    let same = |name: &str| Product { same: true, ..bench.left(name) };
    let built = fs::metadata(bench.from.join("c")).unwrap().ino();
    // `a` stays as it is, `c` has another time.
    assert_eq!(
        bench.workspace.place_blocking(&[bench.left("new"), same("a"), bench.left("other"), same("c")]),
        []
    );
    let inode = |name: &str| fs::metadata(bench.root.join(name)).unwrap().ino();
    assert!(inode("a") == inode("b") && inode("a") == inode("new"));
    assert_eq!((inode("c"), inode("other")), (built, built));
    assert_eq!(shell(&bench.root, "ls -A"), "a\nb\nc\nnew\nother\n");
    // Only touched: the file that stands there gets the time, with all its names.
    fs::remove_file(bench.from.join("a")).unwrap();
    shell(&bench.from, "echo x > a; touch -d 2004-05-06 a");
    assert_eq!(bench.workspace.place_blocking(&[same("a")]), []);
    assert_eq!((inode("a"), inode("new")), (inode("b"), inode("b")));
    assert_eq!(shell(&bench.root, "date -r b +%Y"), "2004\n");
    // A second name in place of a name that it has already.
    assert!(link_to(&bench.root.join("a"), &bench.root.join("b")).is_ok());
    assert_eq!(shell(&bench.root, "ls -A"), "a\nb\nc\nnew\nother\n");
}

#[test]
fn one_that_fails_is_named_and_the_rest_goes_on() {
    let bench = Bench::new(
        "mkdir -p ../outside/d folder; echo keep > ../outside/f; ln -s ../outside out; echo x > file",
        "mkdir -p out/d file; echo new > out/f; echo new > folder; echo y > file/in; echo z > last; mkfifo pipe",
    );
    for across in [false, true] {
        let mut products = bench.all();
        products.push(bench.gone("out/d"));
        let mut failed = bench.workspace.place(&products, across);
        failed.sort();
        let names: Vec<&str> =
            failed.iter().map(|one| one.0.strip_prefix(&bench.root).unwrap().to_str().unwrap()).collect();
        let pipe: &[&str] = if across { &["pipe"] } else { &[] };
        let out: &[&str] = &["out", "out/d", "out/d", "out/f"];
        assert_eq!(names, [&["file", "file/in", "folder"], out, pipe].concat(), "{failed:#?}");
        assert!(failed.iter().any(|one| one.1.contains("leads out of the workspace")));
        assert_eq!(shell(&bench.root, "cat last ../outside/f; ls ../outside"), "z\nkeep\nd\nf\n");
        if !across {
            assert!(fs::symlink_metadata(bench.root.join("pipe")).unwrap().file_type().is_fifo());
            shell(&bench.root, "mv last pipe ../from");
        }
    }
    // Once what stood there is gone, it can be made.
    let products = [
        bench.gone("file"),
        bench.gone("folder"),
        bench.left("folder"),
        bench.left("file"),
        bench.left("file/in"),
    ];
    assert_eq!(bench.workspace.place_blocking(&products), []);
    assert_eq!(shell(&bench.root, "cat folder file/in"), "new\ny\n");
}

#[test]
fn closed_folders_are_no_obstacle() {
    let script = "mkdir -p d/e; echo x > d/e/x; chmod 555 d/e; chmod 500 d";
    let bench = Bench::new(
        &format!("{script}; mkdir -p gone/in; echo x > gone/in/x; chmod 555 gone/in gone"),
        script,
    );
    assert_eq!(
        bench.workspace.place_blocking(&[
            bench.gone("gone"),
            bench.left("d"),
            bench.left("d/e"),
            bench.left("d/e/x")
        ]),
        []
    );
    assert_eq!(shell(&bench.root, "stat -c '%n %a' d d/e; ls"), "d 500\nd/e 555\nd\n");
}

/// Unsaved text, here or in another window, is never replaced or removed, however it is put.
#[test]
fn unsaved_text_is_in_the_way() {
    let bench = Bench::new(
        "mkdir dist; for f in a b c d; do echo $f > dist/$f; done",
        "mkdir dist; for f in a b c d; do echo new > dist/$f; done",
    );
    let neighbours = Arc::new(Neighbours::default());
    bench.workspace.join(&neighbours);
    let there = Arc::new(Overlay::new(PositionEncoding::Utf8));
    let roots = Arc::new(RwLock::new(Roots::new(vec![bench.root.clone()])));
    let other = Workspace::new(roots, there.clone(), None);
    other.join(&neighbours);
    bench.open(bench.workspace.overlay(), "dist/a", "typed");
    bench.open(&there, "dist/b", "typed");
    bench.open(bench.workspace.overlay(), "dist/c", "c\n");
    let future = SystemTime::now() + std::time::Duration::from_secs(60);
    for (name, word) in [("dist/a", "in the editor"), ("dist/b", "another editor window"), ("dist", "in it")]
    {
        for put in [
            Put::File { from: bench.from.join("dist/d"), mode: 0o644 },
            Put::Nothing,
            Put::Link { target: "x".into() },
        ] {
            let refused = bench.workspace.put_blocking(&bench.root.join(name), &put, future).unwrap_err();
            assert!(refused.contains("unsaved") && refused.contains(word), "{refused}");
        }
        let failed = bench.workspace.place_blocking(&[bench.gone(name)]);
        assert!(failed.len() == 1 && failed[0].1.contains(word), "{failed:?}");
    }
    let failed = bench
        .workspace
        .place_blocking(&["dist", "dist/a", "dist/b", "dist/c", "dist/d"].map(|name| bench.left(name)));
    assert_eq!(failed.len(), 2, "{failed:?}");
    assert_eq!(shell(&bench.root, "cat dist/*"), "a\nb\nnew\nnew\n");
    let mode = Put::Mode { mode: 0o600 };
    assert!(bench.workspace.put_blocking(&bench.root.join("dist/a"), &mode, future).is_ok());
}

#[test]
fn the_time_of_the_same_bytes_is_kept() {
    let write = "for f in same other open; do echo x > $f; done";
    let bench = Bench::new(write, &format!("{write}; echo y > other; touch -d 2001-02-03 *"));
    bench.open(bench.workspace.overlay(), "open", "x\n");
    for (name, is_kept) in [("same", true), ("other", false), ("open", false)] {
        bench.workspace.keep_time_blocking(&bench.root.join(name), &bench.from.join(name)).unwrap();
        let old = fs::metadata(bench.root.join(name)).unwrap().mtime() < 1_000_000_000;
        assert_eq!(old, is_kept, "{name}");
    }
}

/// What a process that was killed leaves beside, also of links, is found by its name.
#[test]
fn what_is_made_beside_is_named_as_all_temporary_files_are() {
    let bench = Bench::new("true", "true");
    let mut seen = Vec::new();
    super::beside(&bench.root.join("x"), |at| {
        seen.push(at.file_name().unwrap().to_str().unwrap().to_owned());
        symlink("nowhere", at)
    })
    .unwrap();
    assert!(seen[0].starts_with(".glossator-") && seen[0].ends_with(".tmp"), "{seen:?}");
    shell(&bench.root, &format!("ln -s nowhere {0}; touch -hd '5 minutes ago' {0}", seen[0]));
    crate::disk::remove_leftovers(&bench.root);
    assert_eq!(shell(&bench.root, "ls -A"), "x\n");
}
