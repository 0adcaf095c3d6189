//! Commands on real overlays: this test program is its own helper. They use `sh`, the basic tools and git.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::overlay::{
    Dirty, Layer, OVERLAY_ARGUMENT, OverlayError, OverlayOutcome, View, What, Written, overlay_main,
    overlay_support, run_on_overlay,
};
use crate::{CommandLine, Config, ExecError, Outcome, Request};

/// Runs before the test harness does, and takes its place when this program was started as a helper.
#[used]
#[unsafe(link_section = ".init_array")]
static HELPER: extern "C" fn() = {
    extern "C" fn helper() {
        if std::env::args_os().nth(1).is_some_and(|argument| argument == OVERLAY_ARGUMENT) {
            overlay_main();
        }
    }
    helper
};

/// A user's folder and where runs are kept.
struct Place {
    root: PathBuf,
    scratch: PathBuf,
    _folder: tempfile::TempDir,
}

impl Drop for Place {
    /// Runs are removed by a thread, which the end of this process would cut short.
    fn drop(&mut self) {
        let is_empty = || fs::read_dir(&self.scratch).is_ok_and(|mut entries| entries.next().is_none());
        let until = Instant::now() + Duration::from_secs(5);
        while !is_empty() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Place {
    /// A folder made by a shell script, which is its working folder.
    fn new(script: &str) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        let (root, scratch) = (base.join("user's, own:folder\\"), base.join("scratch"));
        fs::create_dir(&root).unwrap();
        fs::create_dir(&scratch).unwrap();
        let place = Place { root, scratch, _folder: folder };
        place.on_disk(script);
        place
    }

    /// What a script prints without an overlay.
    fn on_disk(&self, script: &str) -> String {
        let done = std::process::Command::new("bash")
            .args(["-ec", script])
            .current_dir(&self.root)
            .output()
            .unwrap();
        assert!(done.status.success(), "{script}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    }

    fn view(&self, dirty: &[(&str, &str)], through: &[&str]) -> View {
        let layers = vec![layer(self.root.clone(), dirty, through)];
        View { layers, scratch: self.scratch.clone() }
    }

    fn request(&self, script: &str) -> Request {
        Request::new(CommandLine::Shell(script.to_owned()), &self.root)
    }

    async fn run(&self, script: &str, view: &View) -> OverlayOutcome {
        run(&self.request(script), view).await.unwrap()
    }

    /// All that is on disk, as text, to see that nothing changed.
    fn shot(&self) -> String {
        self.on_disk("find . -printf '%p %y %m %l ' -type f -exec sha1sum {} \\; -o -printf '\\n' | sort")
    }
}

fn layer(root: PathBuf, dirty: &[(&str, &str)], through: &[&str]) -> Layer {
    Layer {
        root,
        dirty: dirty.iter().map(|(path, text)| Dirty { path: path.into(), bytes: (*text).into() }).collect(),
        through: through.iter().map(PathBuf::from).collect(),
        through_in_memory: Some(Vec::new()),
    }
}

async fn run(request: &Request, view: &View) -> Result<OverlayOutcome, OverlayError> {
    run_on_overlay(request, &Config::default(), view, (&CancellationToken::new(), &|_, _| {})).await
}

/// What was written, one line each; paths below `root`.
fn told(done: &OverlayOutcome, root: &Path) -> Vec<String> {
    let line = |Written { path, at, what }: &Written| {
        let path = path.strip_prefix(root).unwrap().as_os_str().as_bytes().escape_ascii().to_string();
        Some(match what {
            What::File { mode } => {
                assert!(fs::symlink_metadata(at).unwrap().is_file());
                format!("{path} {mode:o} {:?}", String::from_utf8_lossy(&fs::read(at).unwrap()))
            }
            What::Removed => format!("{path} gone"),
            What::Link { target } => format!("{path} -> {}", target.display()),
            What::Folder { mode } => format!("{path}/ {mode:o}"),
            What::Mode { mode } => format!("{path} mode {mode:o}"),
            What::Touched { .. } => return None,
            What::Other { why } => format!("{path} {why}"),
        })
    };
    done.written.iter().filter_map(line).collect()
}

#[track_caller]
fn check_good(outcome: &Outcome, script: &str) {
    assert_eq!((outcome.exit_code, outcome.stderr.as_str()), (0, ""), "{script}");
}

/// Whether there can be an overlay here; says so if not. `tests/run` looks the same way, and counts what is left out.
#[allow(clippy::print_stderr)]
fn overlays() -> bool {
    let possible = |arguments: &[&str]| {
        let mut command = std::process::Command::new("unshare");
        command.args(arguments).arg("true").stderr(std::process::Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let possible = possible(&["-m"]) || possible(&["-U", "-r", "-m"]);
    if !possible {
        eprintln!("SKIPPED: there are no namespaces here, so no overlays");
    }
    possible
}

#[test]
fn this_system_has_overlays() {
    if !overlays() {
        return;
    }
    assert_eq!(overlay_support(), Ok(()));
}

const SET_UP: &str = "umask 022; printf 'old\\n' > a; printf 'b\\n' > b; chmod 755 b; mkdir -p d/e; printf 1 > d/1; printf 2 > d/2;
    printf 3 > d/e/3; ln -s a link; ln b hard; touch -d '2001-02-03' d/1 d; chmod 750 d; printf '' > none";

/// A command, and what it is said to have written, with the unsaved text "new\n" in `a` and "n" in `new/deep/file`.
#[rustfmt::skip]
const WRITES: &[(&str, &[&str])] = &[
    ("true", &[]),
    ("cat a new/deep/file d/e/3 > /dev/null; ls -laR > /dev/null", &[]),
    ("sed -i s/w/W/ a", &["a 644 \"neW\\n\""]),
    ("printf x >> a; printf y >> d/1", &["a 644 \"new\\nx\"", "d/1 644 \"1y\""]),
    ("printf x > d/e/new", &["d/e/new 644 \"x\""]),
    ("mv a c", &["a gone", "c 644 \"new\\n\""]),
    ("mv b a", &["a 755 \"b\\n\"", "b gone"]),
    ("rm a d/1", &["a gone", "d/1 gone"]),
    ("rm -r d", &["d gone"]),
    ("rm new/deep/file", &["new/deep/file gone"]),
    ("rm -r new", &["new gone"]),
    ("mv new n2", &["n2/ 755", "n2/deep/ 755", "n2/deep/file 644 \"n\"", "new gone"]),
    ("mkdir m m/n", &["m/ 755", "m/n/ 755"]),
    ("mkdir -m 700 d/m", &["d/m/ 700"]),
    ("ln -s nowhere d/l; ln -sf b link", &["d/l -> nowhere", "link -> b"]),
    ("chmod 600 a; chmod 700 d/e; chmod +x d/1", &["a mode 600", "d/1 mode 755", "d/e mode 700"]),
    ("chmod 700 .", &[" mode 700"]),
    ("touch a b d d/1 link; chmod 755 b", &[]),
    ("cp a b; printf 'b\\n' > b", &[]),
    ("rm b; printf 'b\\n' > b; chmod 755 b", &[]),
    ("rm b; printf 'c\\n' > b", &["b 644 \"c\\n\""]),
    ("rm -r d; mkdir -m 750 d; printf 1 > d/1", &["d/2 gone", "d/e gone"]),
    ("rm -r d/e; mkdir d/e; printf 3 > d/e/3", &[]),
    ("rm -r d; mkdir -m 750 -p d d/e; chmod 755 d/e", &["d/1 gone", "d/2 gone", "d/e/3 gone"]),
    ("rm -r d; mkdir d", &["d mode 755", "d/1 gone", "d/2 gone", "d/e gone"]),
    ("mv d f", &["d gone", "f/ 750", "f/1 644 \"1\"", "f/2 644 \"2\"", "f/e/ 755", "f/e/3 644 \"3\""]),
    ("mv d/e d/f; mv d/f d/e", &[]),
    ("rm -r d; printf x > d", &["d gone", "d 644 \"x\""]),
    ("rm a; mkdir a; printf x > a/b", &["a gone", "a/ 755", "a/b 644 \"x\""]),
    ("rm b; ln -s a b", &["b gone", "b -> a"]),
    ("rm link; printf x > link", &["link gone", "link 644 \"x\""]),
    ("rm -r new; ln -s d new; ls new/ > /dev/null", &["new -> d", "new gone"]),
    ("rm -r new/deep; mkdir new/deep", &["new/deep/file gone"]),
    ("ln d/1 d/same; printf x >> d/same", &["d/1 644 \"1x\"", "d/same 644 \"1x\""]),
    ("printf x >> hard", &["hard 755 \"b\\nx\""]),
    ("mkfifo p", &["p it is a named pipe, which is not kept"]),
    (
        "printf x > closed; chmod 0 closed; mkdir -p no/in; printf y > no/in/f; chmod 0 no/in no",
        &["closed 0 \"x\"", "no/ 0", "no/in/ 0", "no/in/f 644 \"y\""],
    ),
    (
        "printf x > $'a\\nb'; printf y > $'\\xff\\xfe'; rm none",
        &["\\xff\\xfe 644 \"y\"", "a\\nb 644 \"x\"", "none gone"],
    ),
    ("truncate -s 3 none; cmp -s none <(head -c 3 /dev/zero)", &["none 644 \"\\0\\0\\0\""]),
    ("ln -s /etc/passwd p; ln -s .. q; cat p > /dev/null", &["p -> /etc/passwd", "q -> .."]),
];

#[tokio::test]
async fn what_is_written_is_told() {
    if !overlays() {
        return;
    }
    let place = Place::new(SET_UP);
    let view = place.view(&[("a", "new\n"), ("new/deep/file", "n")], &[]);
    let before = place.shot();
    for (script, expected) in WRITES {
        let done = place.run(&format!("set -e; umask 022; {script}"), &view).await;
        check_good(&done.outcome, script);
        let mut expected: Vec<String> = expected.iter().map(|line| (*line).to_owned()).collect();
        let mut lines = told(&done, &place.root);
        // Folders hold others, names do not sort like text: what matters is that what is gone comes first.
        lines.sort();
        expected.sort();
        assert_eq!(lines, expected, "{script}");
        assert_eq!(done.notes, Vec::<String>::new(), "{script}");
    }
    assert_eq!(place.shot(), before, "nothing of the user's is changed");
}

#[tokio::test]
async fn the_command_sees_the_unsaved_text_and_the_disk_does_not() {
    if !overlays() {
        return;
    }
    let place = Place::new(
        "printf old > a; mkdir d; printf 'exit 1' > d/test; chmod 755 d/test; touch -d 2001-02-03 a d/test d .; chmod 640 a",
    );
    let view = place.view(&[("a", "unsaved"), ("d/test", "#!/bin/sh\nexit 0")], &[]);
    let look = "stat -c '%n %F %U %G %a' . a d d/test; stat -c '%n %Y' . d; pwd; realpath a";
    let done = place.run(&format!("./d/test && cat a && {look}"), &view).await;
    check_good(&done.outcome, look);
    assert_eq!(done.outcome.stdout, format!("unsaved{}", place.on_disk(look)));
    assert_eq!(place.on_disk("cat a"), "old");
    let done = place
        .run("[ a -nt old ] && echo newer; find . -newermt '10 seconds ago' -type f | sort", &view)
        .await;
    assert_eq!(done.outcome.stdout, "newer\n./a\n./d/test\n", "build tools see that it changed");
    let mut request = place.request("pwd; cat test; ls ..");
    request.cwd = place.root.join("d");
    let done = run(&request, &view).await.unwrap();
    assert_eq!(done.outcome.stdout, format!("{}/d\n#!/bin/sh\nexit 0a\nd\n", place.root.display()));
}

#[tokio::test]
async fn a_commit_is_real() {
    if !overlays() {
        return;
    }
    let git = "git -c user.name=n -c user.email=e@x";
    let place = Place::new("git init -q -b main .; printf old > a; git add a");
    let view = place.view(&[("a", "unsaved\n")], &[".git"]);
    let done = place
        .run(&format!("git status --short && git add . && {git} commit -qm one && git rev-parse HEAD"), &view)
        .await;
    check_good(&done.outcome, "commit");
    assert!(done.outcome.stdout.starts_with("AM a\n"), "{}", done.outcome.stdout);
    assert!(done.outcome.stdout.ends_with(&place.on_disk("git rev-parse HEAD")));
    assert_eq!(place.on_disk("git show HEAD:a; cat a; git status --short"), "unsaved\nold M a\n");
    assert_eq!(told(&done, &place.root), Vec::<String>::new());
    // A worktree, whose `.git` is a file.
    place.on_disk("git worktree add -q ../tree; git reset -q --hard");
    let root = place.root.parent().unwrap().join("tree");
    let layer = layer(root.clone(), &[], &[".git"]);
    let view = View { layers: vec![layer], scratch: place.scratch.clone() };
    let request =
        Request::new(CommandLine::Shell(format!("printf 2 > b && git add . && {git} commit -qm two")), &root);
    let done = run(&request, &view).await.unwrap();
    check_good(&done.outcome, "worktree");
    assert_eq!(told(&done, &root), ["b 644 \"2\""]);
    assert_eq!(place.on_disk("git show tree:b; ls ../tree"), "2a\n");
}

#[tokio::test]
async fn what_goes_through_is_real_both_ways() {
    if !overlays() {
        return;
    }
    let place = Place::new(
        "mkdir -p target/deep src; printf 1 > target/deep/o; printf 2 > .env; printf 3 > src/a; ln -s target link; mkdir away; touch target/f",
    );
    let through = ["target", ".env", "missing", "link", "src/a/b", "away/../target", "src/.cache"];
    let view = place.view(&[(".env", "unsaved"), ("target/deep/o", "unsaved")], &through);
    let script = "cat target/deep/o .env; printf new > target/n; rm target/deep/o; printf 4 >> src/a; printf 5 > link/five";
    let done = place.run(script, &view).await;
    check_good(&done.outcome, script);
    assert_eq!(done.outcome.stdout, "1unsaved");
    assert_eq!(told(&done, &place.root), ["src/a 644 \"34\""]);
    assert_eq!(place.on_disk("cat target/n target/five .env src/a; ls target/deep"), "new523");
    let path = place.root.join("target/deep/o");
    let note = format!("the command did not see the unsaved text of {}: it is in a folder", path.display());
    assert!(done.notes[0].starts_with(&note) && done.notes.len() == 1, "{:?}", done.notes);
    for (script, said) in [
        ("ln target/n n", "Invalid cross-device link"),
        ("ln src/a target/a", "Invalid cross-device link"),
        ("perl -e 'rename(\"target/n\", \"n\") or die $!'", "Invalid cross-device link"),
        ("perl -e 'rename(\"src\", \"source\") or die $!'", "Invalid cross-device link"),
        ("rmdir target", "busy"),
        ("mv target other", "busy"),
    ] {
        let done = place.run(script, &view).await;
        assert!(
            done.outcome.exit_code != 0 && done.outcome.stderr.contains(said),
            "{script}: {}",
            done.outcome.stderr
        );
    }
    let done = place.run("mv target/n n && mv src source", &view).await;
    check_good(&done.outcome, "mv copies where it cannot rename");
    assert_eq!(told(&done, &place.root), ["src gone", "n 644 \"new\"", "source/ 755", "source/a 644 \"3\""]);
}

#[tokio::test]
async fn times_and_names_are_told() {
    if !overlays() {
        return;
    }
    let place = Place::new(
        "mkdir -p d/e f; printf 1 > d/a; printf 2 > d/e/b; printf 3 > c; printf 4 > f/g; touch -d 2001-02-03 d/a d/e/b d/e d c f",
    );
    let touched = |done: &OverlayOutcome| -> Vec<String> {
        let found = done.written.iter().filter(|one| matches!(one.what, What::Touched { .. }));
        found.map(|one| one.path.strip_prefix(&place.root).unwrap().display().to_string()).collect()
    };
    let view = place.view(&[("f/g", "unsaved")], &[]);
    for (script, expected) in [
        ("true", &[][..]),
        ("printf 1 > d/a", &["d/a"]),
        ("touch d/a d", &["d", "d/a"]),
        ("chmod 700 d; chmod 755 d", &[]),
        ("printf x > d/n", &["d"]),
        ("rm d/e/b", &["d/e"]),
        ("touch -r f/g d/a; touch -d 2001-02-03 d/a d", &[]),
        // Another name, and so it is the same file that was there.
        ("ln d/a d/z; touch -d 2001-02-03 d", &["d/a"]),
    ] {
        let done = place.run(&format!("umask 022; {script}"), &view).await;
        check_good(&done.outcome, script);
        assert_eq!(
            touched(&done).into_iter().filter(|path| !path.is_empty()).collect::<Vec<_>>(),
            expected,
            "{script}"
        );
        for one in done.written.iter().filter(|one| matches!(one.what, What::Touched { .. })) {
            assert!(fs::symlink_metadata(&one.at).is_ok(), "{script}: {one:?}");
        }
    }
}

/// Where the upper layer is in memory, more is real, and nothing is run before it is known what.
#[tokio::test]
async fn in_memory_more_goes_through() {
    if !overlays() {
        return;
    }
    let place = Place::new("mkdir target; printf x > target/old");
    let mut view = place.view(&[], &[]);
    view.layers[0].through_in_memory = None;
    let request = place.request("rm -r target; mkdir -p other; printf y > other/new");
    let first = run(&request, &view).await;
    let in_memory = matches!(first, Err(OverlayError::InMemory));
    assert!(in_memory || first.is_ok(), "{first:?}");
    if std::env::var_os("OVERLAY_TEST_IN_MEMORY").is_some() {
        assert!(in_memory, "{first:?}");
    }
    view.layers[0].through_in_memory = Some(vec!["target".into()]);
    let done = run(&request, &view).await.unwrap();
    assert_eq!(place.on_disk("ls").trim(), "target");
    assert_eq!(place.on_disk("ls target").is_empty(), in_memory, "it is emptied for real");
    assert_eq!(done.outcome.stderr.contains("busy"), in_memory, "{}", done.outcome.stderr);
    let through: &[PathBuf] = if in_memory { &[place.root.join("target")] } else { &[] };
    assert_eq!(done.through, through);
    let gone = done.written.iter().any(|one| one.what == What::Removed);
    assert_eq!(gone, !in_memory);
}

#[tokio::test]
async fn folders_in_folders() {
    if !overlays() {
        return;
    }
    let place = Place::new("mkdir -p in/ner in/target; printf 1 > a; printf 2 > in/a; printf 3 > in/ner/a");
    let layers = vec![
        layer(place.root.join("in"), &[("a", "two")], &["target"]),
        layer(place.root.clone(), &[("a", "one"), ("in/ner/a", "three")], &[]),
    ];
    let view = View { layers, scratch: place.scratch.clone() };
    let done = place
        .run("cat a in/a in/ner/a; printf x > in/n; printf y > n; printf z > in/target/z; rm in/a", &view)
        .await;
    assert_eq!(done.outcome.stdout, "onetwothree");
    assert_eq!(told(&done, &place.root), ["in/a gone", "in/n 644 \"x\"", "n 644 \"y\""]);
    assert_eq!(place.on_disk("cat a in/a in/ner/a in/target/z; ls in"), "123za\nner\ntarget\n");
}

#[tokio::test]
async fn texts_that_cannot_be_shown_are_named() {
    if !overlays() {
        return;
    }
    let place = Place::new("printf 1 > a; ln -s a link; mkdir d; ln -s d to");
    let dirty = [
        ("link", "x"),
        ("d", "x"),
        ("to/f", "x"),
        ("a/b", "x"),
        ("../out", "x"),
        ("/etc/passwd", "x"),
        ("", "x"),
        ("a", "y"),
    ];
    let view = place.view(&dirty, &[]);
    let done = place.run("cat a; ls -R", &view).await;
    assert_eq!((done.outcome.stdout.as_str(), done.notes.len()), ("y.:\na\nd\nlink\nto\n\n./d:\n", 7));
    assert_eq!(told(&done, &place.root), Vec::<String>::new());
}

/// The process whose number is in that file, in the folder that goes through, is gone.
fn is_gone(place: &Place, file: &str) -> bool {
    let id = fs::read_to_string(place.root.join(file)).unwrap();
    let stat = fs::read_to_string(format!("/proc/{}/stat", id.trim())).unwrap_or_default();
    stat.is_empty() || stat.contains(") Z ")
}

const DAEMON: &str = "(setsid sh -c 'sh -c \"echo \\$\\$ > real/id; trap : TERM HUP; while :; do sleep 0.02; echo x >> late; done\" &' &) > /dev/null 2>&1 < /dev/null;
    while ! test -s late; do sleep 0.01; done;";

#[tokio::test]
async fn a_daemon_is_ended_before_anything_is_collected() {
    if !overlays() {
        return;
    }
    let place = Place::new("mkdir real");
    let view = place.view(&[], &["real"]);
    let started = Instant::now();
    let done = place.run(&format!("{DAEMON} exit 7"), &view).await;
    assert_eq!(done.outcome.exit_code, 7);
    assert!(is_gone(&place, "real/id"), "it has a session of its own and lost its parent");
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    let late = done.written.iter().find(|one| matches!(one.what, What::File { .. })).unwrap();
    let size = fs::metadata(&late.at).unwrap().len();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(fs::metadata(&late.at).unwrap().len(), size);
    assert_eq!(done.notes, Vec::<String>::new());
    // Also where nothing is overlaid.
    fs::remove_file(place.root.join("real/id")).unwrap();
    let nothing = View { layers: vec![], scratch: place.scratch.clone() };
    let done = place.run(&format!("{DAEMON} rm late; exit 7"), &nothing).await;
    assert_eq!((done.outcome.exit_code, done.written.len()), (7, 0));
    assert!(is_gone(&place, "real/id"));
    // What soon ends by itself may write its last words.
    let done = place.run("(sleep 0.02; echo late) & exit 0", &view).await;
    assert_eq!(done.outcome.stdout, "late\n");
}

#[tokio::test]
async fn a_timeout_ends_everything() {
    if !overlays() {
        return;
    }
    let place = Place::new("mkdir real");
    let view = place.view(&[("a", "x")], &["real"]);
    let mut request = place.request(&format!("{DAEMON} printf y > a; echo up; while :; do sleep 0.02; done"));
    request.timeout = Duration::from_millis(1500);
    let done = run(&request, &view).await.unwrap();
    assert_eq!(
        (done.outcome.exit_code, done.outcome.timed_out, done.outcome.stdout.as_str()),
        (124, true, "up\n")
    );
    assert!(is_gone(&place, "real/id"));
    assert_eq!(told(&done, &place.root)[0], "a 644 \"y\"", "what it wrote until then is told");
    // It may clean up, also when it is stubborn.
    let mut request = place.request("trap 'echo bye; exit 5' TERM; while :; do sleep 0.02; done");
    request.timeout = Duration::from_millis(200);
    let done = run(&request, &view).await.unwrap();
    assert_eq!((done.outcome.exit_code, done.outcome.stdout.as_str()), (124, "bye\n"));
    let mut request = place.request("trap '' TERM; while :; do sleep 0.02; done");
    request.timeout = Duration::from_millis(200);
    let done = run(&request, &view).await.unwrap();
    assert_eq!((done.outcome.exit_code, done.outcome.signal), (124, Some(9)));
    assert!((650..4000).contains(&done.outcome.millis), "{}", done.outcome.millis);
}

#[tokio::test]
async fn cancelling_and_dropping_end_everything() {
    if !overlays() {
        return;
    }
    let place = Place::new("mkdir real");
    let view = place.view(&[], &["real"]);
    let request = place.request(&format!("{DAEMON} echo up; sleep 30"));
    let cancel = CancellationToken::new();
    let stop = |_, text: &str| {
        if text.contains("up") {
            cancel.cancel()
        }
    };
    let done = run_on_overlay(&request, &Config::default(), &view, (&cancel, &stop)).await.unwrap();
    assert!(done.outcome.cancelled && done.outcome.millis < 10_000, "{:?}", done.outcome);
    assert!(is_gone(&place, "real/id"));
    let error = run_on_overlay(&request, &Config::default(), &view, (&cancel, &stop)).await.unwrap_err();
    assert!(matches!(error, OverlayError::Exec(ExecError::Cancelled)));
    drop(done);

    fs::remove_file(place.root.join("real/id")).unwrap();
    let dropped = view.clone();
    let task = tokio::spawn(async move { run(&request, &dropped).await.map(drop) });
    for _ in 0..500 {
        if fs::read_to_string(place.root.join("real/id")).is_ok_and(|text| text.ends_with('\n')) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(!is_gone(&place, "real/id"));
    task.abort();
    soon(|| is_gone(&place, "real/id")).await;
    soon(|| fs::read_dir(&place.scratch).unwrap().next().is_none()).await;
}

async fn soon(holds: impl Fn() -> bool) {
    for _ in 0..400 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not come to hold");
}

#[tokio::test]
async fn everything_else_is_as_without_an_overlay() {
    if !overlays() {
        return;
    }
    let place = Place::new("mkdir d; printf x > plain");
    let view = place.view(&[("a", "x")], &[]);
    let all = |text: &str| place.request(text);
    let with = |text: &str, change: &dyn Fn(&mut Request)| {
        let mut request = place.request(text);
        change(&mut request);
        request
    };
    let argv = |words: &[&str]| {
        Request::new(CommandLine::Argv(words.iter().map(|word| (*word).to_owned()).collect()), &place.root)
    };
    for request in [
        all("printf out; sleep 0.1; printf err >&2; exit 3"),
        all("kill -TERM $$"),
        all("kill -KILL $$"),
        all("exit 255"),
        all(
            "trap -p; ulimit -a; umask; id -u; id -g; tty; cat /proc/self/cgroup; env | sort | grep -v SHLVL",
        ),
        all(
            "grep -E 'Sig(Blk|Ign|Cgt)|NoNewPrivs|Groups' /proc/self/status; ls /proc/self/fd; head -c 300000 /dev/zero",
        ),
        all("head -c 3000000 /dev/zero | tr '\\0' x"),
        all("[ $(ps -o pgid= -p $$) = $$ ] && echo leader; readlink /proc/self/exe"),
        with("cat", &|request| request.stdin = Some("x".repeat(500_000))),
        with("true", &|request| request.stdin = Some("x".repeat(500_000))),
        with("readlink /proc/self/fd/0 | cut -c 1-5", &|request| request.stdin = Some("x".to_owned())),
        with("echo \"$A|$HOME\"; pwd", &|request| {
            request.env = vec![("A".to_owned(), "1".to_owned()), ("A".to_owned(), " 2=\n".to_owned())];
            request.cwd.push("d");
        }),
        with("echo $0", &|request| request.arg0 = Some("other".to_owned())),
        argv(&["no-such-program-here"]),
        argv(&["./plain"]),
        argv(&["/etc"]),
        argv(&[]),
        argv(&[""]),
        argv(&["ls", "a\0b"]),
        argv(&["echo", &"x".repeat(200_000)]),
        with("ls", &|request| request.cwd = "/no/such/folder".into()),
        with("ls", &|request| request.cwd = "/etc/passwd".into()),
        with("ls", &|request| request.env = vec![("A=B".to_owned(), String::new())]),
    ] {
        let config = Config { removed_env: vec!["HOME".to_owned()], ..Config::default() };
        let cancel = CancellationToken::new();
        let plain = crate::run(&request, &config, &cancel, &|_, _| {}).await;
        let overlaid = run_on_overlay(&request, &config, &view, (&cancel, &|_, _| {})).await;
        let plain = plain.map(|outcome| Outcome { millis: 0, ..outcome }).map_err(|error| error.to_string());
        let overlaid =
            overlaid.map(|done| Outcome { millis: 0, ..done.outcome }).map_err(|error| error.to_string());
        let same = |outcome: &Result<Outcome, String>| format!("{outcome:?}").replace("aggregated", "\n");
        assert!(same(&plain) == same(&overlaid), "{request:?}\n{plain:?}\n{overlaid:?}");
    }
}

#[tokio::test]
async fn an_environment_that_is_not_this_process() {
    if !overlays() {
        return;
    }
    let place = Place::new("mkdir d");
    let pair = |name: &str, value: &str| (name.into(), value.into());
    let inherited = vec![pair("PATH", "/usr/bin:/bin"), pair("KEY", "k"), pair("A", "inherited")];
    let inherited = Some(Arc::new(inherited));
    let config = Config { inherited, removed_env: vec!["KEY".to_owned()], ..Config::default() };
    let request = place.request("echo \"$A|$KEY|$HOME\"");
    let io = (&CancellationToken::new(), &|_, _: &str| {});
    let done =
        run_on_overlay(&request, &config, &place.view(&[("a", "x")], &[]), (io.0, io.1)).await.unwrap();
    assert_eq!(done.outcome.stdout, "inherited||\n");
}

#[tokio::test]
async fn many_files_and_deep_folders() {
    if !overlays() {
        return;
    }
    let place = Place::new("mkdir d; for i in {1..1000}; do printf $i > d/$i; done");
    let view = place.view(&[("d/1", "one")], &[]);
    let started = Instant::now();
    let done =
        place.run("sed -i s/1/x/ d/*; rm d/5*; for i in {1..1000}; do printf $i > n$i; done", &view).await;
    check_good(&done.outcome, "many");
    let gone = done.written.iter().filter(|written| written.what == What::Removed).count();
    let files = || done.written.iter().filter(|one| !matches!(one.what, What::Touched { .. }));
    let new = files().filter(|written| written.path.parent() == Some(&place.root)).count();
    // Those with a 1 in them, without those that begin with a 5, and the unsaved one without.
    let with_one =
        (2..=1000).filter(|i| i.to_string().contains('1') && !i.to_string().starts_with('5')).count();
    assert_eq!((gone, new, files().count()), (111, 1000, 111 + 1000 + with_one));
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());

    let deep =
        "n=$(printf %0100d 0); for i in {1..60}; do mkdir $n && cd -P $n && printf x > f || exit 1; done";
    let done = place.run(deep, &view).await;
    check_good(&done.outcome, deep);
    let others = done.written.iter().filter(|written| matches!(written.what, What::Other { .. })).count();
    assert!(others >= 1 && done.written.len() > 60, "{others} of {}", done.written.len());
}

#[tokio::test]
async fn mounts_inside_are_seen_and_named() {
    if !overlays() {
        return;
    }
    let place = Place::new("mkdir -p 'm nt/x' lower");
    let done = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "none"])
        .arg(place.root.join("m nt"))
        .output()
        .unwrap();
    if !done.status.success() {
        // Only root can mount.
        return;
    }
    fs::write(place.root.join("m nt/inner"), "real").unwrap();
    let done = place
        .run("cat 'm nt/inner'; printf y > 'm nt/new'; printf z > z", &place.view(&[("a", "x")], &[]))
        .await;
    let new = fs::read_to_string(place.root.join("m nt/new"));
    let unmounted = std::process::Command::new("umount").arg(place.root.join("m nt")).status().unwrap();
    assert!(unmounted.success());
    check_good(&done.outcome, "mounts");
    assert_eq!((done.outcome.stdout.as_str(), new.unwrap().as_str()), ("real", "y"));
    assert_eq!(told(&done, &place.root), ["z 644 \"z\""]);
    assert!(
        done.notes.len() == 1 && done.notes[0].contains("m nt is a mount of its own"),
        "{:?}",
        done.notes
    );
    assert_eq!(
        fs::read_to_string("/proc/mounts").unwrap().matches("overlay-").count(),
        0,
        "nobody else sees a mount"
    );
}

#[tokio::test]
async fn a_folder_that_cannot_be_overlaid_runs_nothing() {
    if !overlays() {
        return;
    }
    let place = Place::new("true");
    let mut view = place.view(&[], &[]);
    view.layers[0].root = "/no/such/folder".into();
    let error = run(&place.request("touch ran"), &view).await.unwrap_err();
    assert!(matches!(&error, OverlayError::Unsupported(_)), "{error}");
    view = place.view(&[], &[]);
    view.layers[0].root = "/proc/self".into();
    view.scratch = "/no/such/folder".into();
    let error = run(&place.request("touch ran"), &view).await.unwrap_err().to_string();
    assert!(error.contains("/no/such/folder"), "{error}");
    assert_eq!(place.on_disk("ls"), "");
    // The scratch folder in the folder itself.
    view = place.view(&[("a", "x")], &[]);
    view.scratch = place.root.clone();
    let done = place.run("cat a; printf y > b", &view).await;
    assert_eq!(
        (done.outcome.stdout.as_str(), told(&done, &place.root)),
        ("x", vec!["b 644 \"y\"".to_owned()])
    );
}

/// A server that is killed while a command runs, for the test below.
#[tokio::test]
#[ignore = "ends by being killed"]
async fn a_server_to_kill() {
    let root = PathBuf::from(std::env::var_os("OVERLAY_TEST_ROOT").unwrap());
    let scratch = root.parent().unwrap().join("scratch");
    let request = Request::new(CommandLine::Shell(format!("{DAEMON} sleep 30")), &root);
    let layer = layer(root, &[], &["real"]);
    let _ = run(&request, &View { layers: vec![layer], scratch }).await;
}

#[tokio::test]
async fn a_killed_server_takes_its_commands_along() {
    if !overlays() {
        return;
    }
    let place = Place::new("mkdir real");
    let mut server = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "overlay::tests::a_server_to_kill"])
        .env("OVERLAY_TEST_ROOT", &place.root)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    soon(|| fs::read_to_string(place.root.join("real/id")).is_ok_and(|text| text.ends_with('\n'))).await;
    assert!(!is_gone(&place, "real/id"));
    let left: Vec<_> = fs::read_dir(&place.scratch).unwrap().map(|entry| entry.unwrap().path()).collect();
    server.kill().unwrap();
    server.wait().unwrap();
    soon(|| is_gone(&place, "real/id")).await;
    assert!(left.len() == 1 && left[0].exists());
    let done = place.run("true", &place.view(&[], &[])).await;
    soon(|| !left[0].exists()).await;
    assert_eq!(done.outcome.exit_code, 0);
}

#[tokio::test]
async fn a_killed_helper_is_an_error_and_leaves_no_group() {
    if !overlays() {
        return;
    }
    let place = Place::new("mkdir real");
    let view = place.view(&[], &["real"]);
    let request = place.request("echo $$ > real/id; sleep 0.3; kill -9 $PPID; while :; do sleep 0.02; done");
    let error = run(&request, &view).await.unwrap_err();
    assert!(matches!(error, OverlayError::Exec(ExecError::Wait(_))), "{error}");
    soon(|| is_gone(&place, "real/id")).await;
    // The signals that others send do nothing to it.
    let done = place
        .run("for s in TERM HUP INT QUIT USR1 PIPE; do kill -$s $PPID; done; sleep 0.1; echo up", &view)
        .await;
    assert_eq!(done.outcome.stdout, "up\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once() {
    if !overlays() {
        return;
    }
    let place = std::sync::Arc::new(Place::new("printf old > a"));
    let one = |n: usize| {
        let place = std::sync::Arc::clone(&place);
        async move {
            let view = place.view(&[("a", &n.to_string())], &[]);
            let done = place.run("sleep 0.1; cat a; printf x >> a", &view).await;
            assert_eq!(done.outcome.stdout, n.to_string());
            assert_eq!(told(&done, &place.root), [format!("a 644 \"{n}x\"")]);
        }
    };
    let tasks: Vec<_> = (0..20).map(|n| tokio::spawn(one(n))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    soon(|| fs::read_dir(&place.scratch).unwrap().next().is_none()).await;
}

/// Puts what was written into a copy of the user's folder.
fn apply(done: &OverlayOutcome, root: &Path, to: &Path) {
    let mode = |path: &Path, mode: u32| {
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    };
    for written in &done.written {
        let path = to.join(written.path.strip_prefix(root).unwrap());
        match &written.what {
            What::File { mode: bits } => {
                fs::write(&path, fs::read(&written.at).unwrap()).unwrap();
                mode(&path, *bits);
            }
            What::Removed => match fs::symlink_metadata(&path) {
                Ok(found) if found.is_dir() => fs::remove_dir_all(&path).unwrap(),
                Ok(_) => fs::remove_file(&path).unwrap(),
                Err(error) => panic!("{}: {error} of {:#?}", path.display(), done.written),
            },
            What::Link { target } => {
                let _ = fs::remove_file(&path);
                std::os::unix::fs::symlink(target, &path).unwrap();
            }
            What::Folder { mode: bits } => {
                fs::create_dir_all(&path).unwrap();
                mode(&path, *bits);
            }
            What::Mode { mode: bits } => mode(&path, *bits),
            What::Touched { .. } => {}
            What::Other { why } => panic!("{}: {why}", path.display()),
        }
    }
}

const NAMES: &[&str] = &["a", "b", "d", "d/a", "d/b", "d/e", "d/e/a", "new", "new/a", "new/d", "l"];

/// Commands put together from small steps, some of which fail: what is told, put into a copy, is what the same command
/// makes of another copy without an overlay.
#[tokio::test]
async fn what_is_told_makes_the_same_tree() {
    if !overlays() {
        return;
    }
    let mut state = 0x1234_79b9_7f4a_7c15_u64;
    let mut below = |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    };
    let dirty = [("a", "unsaved"), ("d/e/a", "deep"), ("new/a", "nowhere yet")];
    let place = Place::new(SET_UP);
    // An overlay takes the names of one file apart when one of them is written.
    place.on_disk("rm hard");
    let view = place.view(&dirty, &[]);
    let mut changes = 0;
    for round in 0..60 {
        let mut script = "umask 022".to_owned();
        for step in 0..=below(8) {
            let (x, y) = (NAMES[below(NAMES.len())], NAMES[below(NAMES.len())]);
            script += &match below(10) {
                0 => format!("; printf {step} > {x}"),
                1 => format!("; printf {step} >> {x}"),
                2 => format!("; rm -rf {x}"),
                3 => format!("; mkdir -p {x}"),
                4 | 5 => format!("; mv -T {x} {y}"),
                // What is copied into itself depends on the order of names on disk.
                6 if !y.starts_with(x) => format!("; cp -r {x} {y}"),
                7 => format!("; ln -sf {y} {x}"),
                8 => format!("; chmod {} {x}", ["700", "755", "750", "711"][below(4)]),
                _ => format!("; sed -i 's/e/E/' {x}"),
            };
        }
        let (expected, applied) = (format!("../expected-{round}"), format!("../applied-{round}"));
        for copy in [&expected, &applied] {
            place.on_disk(&format!(
                "cp -a . {copy}; cd {copy}; printf unsaved > a; printf deep > d/e/a; mkdir new; printf 'nowhere yet' > new/a"
            ));
        }
        // The script's own errors are the same ones, but for the words of `mv` where it copies.
        place.on_disk(&format!("cd {expected}; ({script}) > /dev/null 2>&1 || true"));
        let done = place.run(&script, &view).await;
        changes += done.written.len();
        apply(&done, &place.root, &place.root.join(&applied));
        let look = |copy: &str| {
            place.on_disk(&format!("cd {copy}; find . -printf '%p %y %m %l ' -type f -exec sha1sum {{}} \\; -o -printf '\\n' | sort"))
        };
        assert_eq!(look(&applied), look(&expected), "{script}\n{:#?}", done.written);
        place.on_disk(&format!("rm -rf {applied} {expected}"));
    }
    assert!(changes > 100, "{changes}");
}

/// The cost of an overlay. Run by hand: `cargo test -p glossator-exec --release -- --ignored --nocapture cost`.
#[tokio::test]
#[ignore = "a measurement"]
#[allow(clippy::print_stdout)]
async fn cost() {
    let place = Place::new("mkdir d .git; for i in 1 2 3 4 5; do printf $i > d/$i; done");
    let view = place.view(&[("d/1", "unsaved"), ("d/2", "unsaved")], &[".git"]);
    let request = Request::new(CommandLine::Argv(vec!["true".to_owned()]), &place.root);
    let (mut plain, mut overlaid) = (Vec::new(), Vec::new());
    for _ in 0..31 {
        let began = Instant::now();
        crate::run(&request, &Config::default(), &CancellationToken::new(), &|_, _| {}).await.unwrap();
        plain.push(began.elapsed());
        let began = Instant::now();
        let done = run(&request, &view).await.unwrap();
        overlaid.push(began.elapsed());
        drop(done);
    }
    plain.sort();
    overlaid.sort();
    println!("median of 31: `true` {:?}, on an overlay {:?}", plain[15], overlaid[15]);
}

/// What the user may write and an overlay cannot take over, since its group is not in the user namespace.
#[tokio::test]
async fn files_of_others() {
    if !overlays() {
        return;
    }
    let place = Place::new("mkdir d");
    if is_root() {
        // Looked at by nobody, who may write his own files of any group.
        place.on_disk("printf 1 > a; printf 2 > d/a; chown 65534 . .. ../scratch a d d/a; chgrp 65534 d; chgrp 100 a d/a");
        let folder = place.root.display().to_string();
        let script = format!("{NOBODY} env OVERLAY_TEST_ROOT={folder:?} \"$@\"");
        again(&["sh", "-ec", &script, "sh"], &["--ignored", "overlay::tests::strangers_are_refused"]);
    }
}

#[tokio::test]
#[ignore = "looks at a folder that another test has made"]
async fn strangers_are_refused() {
    let root = PathBuf::from(std::env::var_os("OVERLAY_TEST_ROOT").unwrap());
    let scratch = root.parent().unwrap().join("scratch");
    let view = |root: PathBuf, through: &[&str]| View {
        layers: vec![layer(root, &[], through)],
        scratch: scratch.clone(),
    };
    let request = Request::new(CommandLine::Shell("printf x > d/new; printf x >> d/a".to_owned()), &root);
    let error = run(&request, &view(root.clone(), &[])).await.unwrap_err().to_string();
    assert!(error.contains("/a has another owner or group"), "{error}");
    let done = run(&request, &view(root.clone(), &["a"])).await.unwrap();
    assert_eq!(told(&done, &root), ["d/new 644 \"x\""]);
    assert!(done.notes[0].contains("another owner or group"), "{:?} {}", done.notes, done.outcome.stderr);
    drop(done);
    soon(|| fs::read_dir(&scratch).unwrap().next().is_none()).await;
}

/// All of these tests once more in another place: after `words`, this program and its arguments follow.
fn again(words: &[&str], tests: &[&str]) {
    let own = std::env::current_exe().unwrap();
    let done = std::process::Command::new(words[0])
        .args(&words[1..])
        .arg(own)
        .args(tests)
        .args(["--skip", "again_", "--test-threads", "2"])
        .env("HOME", "/nonexistent")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(
        done.status.success() && said.contains(" passed") && !said.contains(" 0 passed"),
        "{said}{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

const NOBODY: &str = "setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs";

#[test]
fn again_as_nobody() {
    if !overlays() {
        return;
    }
    if is_root() {
        let words: Vec<&str> = NOBODY.split(' ').collect();
        again(&words, &["overlay::tests"]);
    }
}

/// As in a container, where all is on an overlay: the upper layers go into memory.
#[test]
fn again_on_an_overlay() {
    if !overlays() {
        return;
    }
    if is_root() {
        for user in ["", NOBODY] {
            let folder = tempfile::tempdir().unwrap();
            let script = format!(
                "cd {}; mkdir lower upper work merged; chmod 1777 lower upper; chmod 755 .;
                mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged; cd merged; export OVERLAY_TEST_IN_MEMORY=1; TMPDIR=$PWD exec {user} \"$@\"",
                folder.path().display()
            );
            again(
                &["unshare", "-m", "sh", "-ec", &script, "sh"],
                &["overlay::tests", "--skip", "same_tree", "--skip", "many_files"],
            );
        }
    }
}

#[test]
fn again_in_memory() {
    if !overlays() {
        return;
    }
    if is_root() {
        for user in ["", NOBODY] {
            let script =
                format!("mount -t tmpfs none /mnt && chmod 1777 /mnt && TMPDIR=/mnt exec {user} \"$@\"");
            again(
                &["unshare", "-m", "sh", "-ec", &script, "sh"],
                &["overlay::tests", "--skip", "same_tree", "--skip", "many_files"],
            );
        }
    }
}

#[test]
fn again_without_namespaces() {
    if !overlays() {
        return;
    }
    if is_root() {
        let script =
            "echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-sys_admin \"$@\"";
        again(
            &["unshare", "-Ur", "sh", "-ec", script, "sh"],
            &["--ignored", "overlay::tests::nothing_is_run"],
        );
    }
}

#[tokio::test]
#[ignore = "for a place without namespaces"]
async fn nothing_is_run() {
    let place = Place::new("printf old > a");
    let error =
        run(&place.request("touch ran"), &place.view(&[("a", "x")], &[])).await.unwrap_err().to_string();
    assert!(error.contains("this system gives no user namespaces (No space left on device"), "{error}");
    assert_eq!(
        Err(error.trim_start_matches("the command cannot be run on an overlay: ").to_owned()),
        overlay_support()
    );
    assert_eq!(place.on_disk("ls"), "a\n");
}
