//! Tests with real processes: limits, signals, pipes, groups, environment. They use `sh` and the basic tools.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::{CommandLine, Config, ExecError, Outcome, Request, Stream, Verdict, classify, harden, run};

fn shell(text: &str) -> Request {
    Request::new(CommandLine::Shell(text.to_owned()), "/")
}

fn argv(words: &[&str]) -> Request {
    Request::new(CommandLine::Argv(words.iter().map(|word| (*word).to_owned()).collect()), "/")
}

async fn run_with(request: &Request, config: &Config) -> Result<Outcome, ExecError> {
    run(request, config, &CancellationToken::new(), &|_, _| {}).await
}

async fn outcome(request: Request) -> Outcome {
    run_with(&request, &Config::default()).await.unwrap()
}

/// Whether the process whose number is in `file` is still there (and no zombie).
fn alive(file: &Path) -> bool {
    let id = std::fs::read_to_string(file).unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", id.trim())).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

async fn gone_soon(file: &Path) -> bool {
    for _ in 0..100 {
        if !alive(file) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

async fn wait_for(file: &Path) {
    for _ in 0..500 {
        if std::fs::read_to_string(file).is_ok_and(|text| text.ends_with('\n')) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} was not written", file.display());
}

#[tokio::test]
async fn output_exit_code_and_order() {
    let seen = Mutex::new(Vec::new());
    let note = |stream: Stream, text: &str| seen.lock().unwrap().push((stream, text.to_owned()));
    let request = shell("printf a; sleep 0.1; printf b >&2; sleep 0.1; printf c; exit 3");
    let outcome = run(&request, &Config::default(), &CancellationToken::new(), &note).await.unwrap();
    assert_eq!((outcome.exit_code, outcome.signal), (3, None));
    assert_eq!(
        (outcome.stdout.as_str(), outcome.stderr.as_str(), outcome.aggregated.as_str()),
        ("ac", "b", "abc")
    );
    assert!(!outcome.timed_out && !outcome.cancelled && !outcome.truncated && outcome.millis >= 200);
    let expected = [(Stream::Stdout, "a"), (Stream::Stderr, "b"), (Stream::Stdout, "c")];
    assert_eq!(*seen.lock().unwrap(), expected.map(|(stream, text)| (stream, text.to_owned())));
}

#[tokio::test]
async fn a_signal_gives_128_and_its_number() {
    let outcome = outcome(shell("kill -TERM $$")).await;
    assert_eq!((outcome.exit_code, outcome.signal), (143, Some(15)));
}

#[tokio::test]
async fn a_timeout_ends_grandchildren_too() {
    let folder = tempfile::tempdir().unwrap();
    let text = "sh -c 'sh -c \"trap : TERM; echo \\$\\$ > id; while :; do sleep 0.05; done\"; :'; :";
    let mut request = shell(text);
    request.cwd = folder.path().to_owned();
    request.timeout = Duration::from_millis(300);
    let started = Instant::now();
    let outcome = outcome(request).await;
    assert_eq!((outcome.exit_code, outcome.timed_out), (124, true));
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    assert!(gone_soon(&folder.path().join("id")).await);
}

#[tokio::test]
async fn a_command_may_clean_up_when_it_is_stopped() {
    let mut request = shell("trap 'echo bye; exit 5' TERM; echo hi; while :; do sleep 0.02; done");
    request.timeout = Duration::from_millis(200);
    let outcome = outcome(request).await;
    assert_eq!((outcome.exit_code, outcome.stdout.as_str()), (124, "hi\nbye\n"));
    assert!(outcome.millis < 600, "{}", outcome.millis);
}

#[tokio::test]
async fn cancelling_ends_it() {
    let cancel = CancellationToken::new();
    let request = shell("sleep 30");
    let later = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        cancel.cancel();
    };
    let config = Config::default();
    let (outcome, ()) = tokio::join!(run(&request, &config, &cancel, &|_, _| {}), later);
    let outcome = outcome.unwrap();
    assert!(outcome.cancelled && !outcome.timed_out && outcome.millis < 1000);
    assert_eq!((outcome.exit_code, outcome.signal), (143, Some(15)));
    let error = run(&request, &config, &cancel, &|_, _| {}).await.unwrap_err();
    assert!(matches!(error, ExecError::Cancelled));
}

#[tokio::test]
async fn dropping_the_call_ends_the_group() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("id");
    let mut request = shell("sh -c 'echo $$ > id; sleep 30; :'; :");
    request.cwd = folder.path().to_owned();
    let task = tokio::spawn(async move { outcome(request).await });
    wait_for(&file).await;
    assert!(alive(&file));
    task.abort();
    assert!(gone_soon(&file).await);
}

#[tokio::test]
async fn much_output_keeps_head_and_tail() {
    let request = shell("echo first; head -c 10000000 /dev/zero | tr '\\0' x; echo; echo last");
    let outcome = outcome(request).await;
    assert!(outcome.truncated);
    assert!(outcome.stdout.starts_with("first\nxxx") && outcome.stdout.ends_with("xxx\nlast\n"));
    assert!(outcome.stdout.contains("bytes left out"));
    assert!((1_048_500..1_048_700).contains(&outcome.stdout.len()), "{}", outcome.stdout.len());
    assert_eq!(outcome.whole.map(|whole| whole.len()), Some(6 + 10_000_000 + 1 + 5));
}

#[tokio::test]
async fn even_the_whole_output_has_an_end() {
    let outcome = outcome(shell("echo first; head -c 30000000 /dev/zero | tr '\\0' x; echo last")).await;
    let whole = outcome.whole.unwrap();
    assert!(whole.starts_with("first\nx") && whole.ends_with("xlast\n") && whole.contains("bytes left out"));
    assert!((16_777_000..16_777_300).contains(&whole.len()), "{}", whole.len());
}

#[tokio::test]
async fn control_characters_count_as_the_bytes_they_take_in_json() {
    let outcome = outcome(shell("head -c 900000 /dev/zero; printf '\\377\\033end'")).await;
    for text in [&outcome.stdout, &outcome.aggregated] {
        let escaped: usize = text.chars().map(|c| if c.is_control() { 6 } else { c.len_utf8() }).sum();
        assert!((1_000_000..1_048_800).contains(&escaped), "{escaped}");
        assert!(text.ends_with("\u{fffd}\u{1b}end") && text.contains("bytes left out"));
    }
    assert_eq!((outcome.exit_code, outcome.truncated), (0, true));
}

#[tokio::test]
async fn endless_output_can_be_stopped() {
    let mut request = argv(&["yes"]);
    request.timeout = Duration::from_millis(200);
    let outcome = outcome(request).await;
    assert!(outcome.timed_out && outcome.truncated && outcome.millis < 2000);
}

#[tokio::test]
async fn invalid_utf8_is_replaced_and_characters_are_put_together() {
    let outcome = outcome(shell("printf '\\303'; sleep 0.1; printf '\\251 \\377 \\342\\202'")).await;
    assert_eq!(outcome.stdout, "é \u{fffd} \u{fffd}");
}

#[tokio::test]
async fn standard_input() {
    let mut request = argv(&["cat"]);
    request.stdin = Some("a\né".to_owned());
    assert_eq!(outcome(request).await.stdout, "a\né");
    assert_eq!(outcome(argv(&["cat"])).await.stdout, "");
    // More than a pipe holds, both ways at once, and a program that reads none of it.
    let mut request = argv(&["cat"]);
    request.stdin = Some("x".repeat(900_000));
    assert_eq!(outcome(request.clone()).await.stdout.len(), 900_000);
    request.command = CommandLine::Argv(vec!["true".to_owned()]);
    assert_eq!(outcome(request).await.exit_code, 0);
}

#[tokio::test]
async fn a_background_process_does_not_hold_the_call() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("id");
    let mut request =
        shell("sh -c 'echo $$ > id; exec sleep 300' & while ! test -s id; do sleep 0.01; done; echo up");
    request.cwd = folder.path().to_owned();
    let started = Instant::now();
    let outcome = outcome(request).await;
    assert_eq!((outcome.exit_code, outcome.stdout.as_str()), (0, "up\n"));
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    assert!(alive(&file), "a background process is left running");
    outcome_of_kill(&file).await;
}

async fn outcome_of_kill(file: &Path) {
    let id = std::fs::read_to_string(file).unwrap();
    assert_eq!(outcome(argv(&["kill", id.trim()])).await.exit_code, 0);
}

#[tokio::test]
async fn environment() {
    // PATH and HOME stand for a variable that is inherited; sh gets along without HOME.
    let mut request = argv(&["/bin/sh", "-c", "echo \"$HOME|$A|$GIT_PAGER|$GIT_TERMINAL_PROMPT\""]);
    request.env = vec![("A".to_owned(), "1".to_owned()), ("A".to_owned(), "2 =3".to_owned())];
    let config = Config { removed_env: vec!["HOME".to_owned(), "NOT_SET".to_owned()], ..Config::default() };
    let hidden = run_with(&request, &config).await.unwrap();
    assert_eq!(hidden.stdout, "|2 =3|cat|0\n");
    let shown = outcome(request).await;
    assert_ne!(shown.stdout, hidden.stdout);
}

#[tokio::test]
async fn an_environment_that_is_not_this_process() {
    let odd = OsString::from_vec(b"\xff".to_vec());
    let pair = |name: &str, value: &str| (OsString::from(name), OsString::from(value));
    let all =
        vec![pair("PATH", "/usr/bin:/bin"), pair("KEY", "k"), pair("GIT_PAGER", "less"), ("ODD".into(), odd)];
    let config =
        Config { inherited: Some(Arc::new(all)), removed_env: vec!["KEY".to_owned()], ..Config::default() };
    let mut request =
        argv(&["sh", "-c", "printf %s \"$ODD\" | od -An -tx1; echo \"$HOME|$KEY|$GIT_PAGER|$A\""]);
    request.env = vec![("A".to_owned(), "1".to_owned())];
    assert_eq!(run_with(&request, &config).await.unwrap().stdout, " ff\n||cat|1\n");
    // Programs are looked for on its PATH.
    let config = Config { inherited: Some(Arc::new(vec![pair("PATH", "/nowhere")])), ..config };
    let refused = run_with(&argv(&["od"]), &config).await.unwrap_err().to_string();
    assert!(refused.contains("`od` was not found"), "{refused}");
}

#[tokio::test]
async fn the_name_a_program_sees() {
    let mut request = argv(&["sh", "-c", "echo $0"]);
    request.arg0 = Some("other".to_owned());
    assert_eq!(outcome(request).await.stdout.trim(), "other");
}

#[tokio::test]
async fn what_cannot_start_says_why() {
    let missing_folder = Request { cwd: PathBuf::from("/no/such/folder"), ..argv(&["ls"]) };
    let file_as_folder = Request { cwd: PathBuf::from("/etc/passwd"), ..shell("ls") };
    let bad_name = Request { env: vec![("A=B".to_owned(), String::new())], ..argv(&["ls"]) };
    let odd_name = Request { env: vec![("A \n\u{1b}[2J".to_owned(), String::new())], ..argv(&["ls"]) };
    let bad_value = Request { env: vec![("A".to_owned(), "\0".to_owned())], ..argv(&["ls"]) };
    for (request, part) in [
        (argv(&["no-such-program-here", "x"]), "`no-such-program-here` was not found"),
        (argv(&["./no-such-program-here"]), "was not found"),
        (argv(&["/etc/passwd"]), "may not be run"),
        (argv(&["/etc"]), "may not be run"),
        (argv(&[]), "empty"),
        (argv(&[""]), "empty"),
        (argv(&["ls", "a\0b"]), "could not be started"),
        (argv(&["echo", &"x".repeat(200_000)]), "too long"),
        (missing_folder, "/no/such/folder does not exist"),
        (file_as_folder, "is not a folder"),
        (bad_name, "\"A=B\" cannot be set"),
        (odd_name, "\"A \\n\\u{1b}[2J\" cannot be set"),
        (bad_value, "cannot be set"),
    ] {
        let error = run_with(&request, &Config::default()).await.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once() {
    let started = Instant::now();
    let tasks: Vec<_> =
        (0..40).map(|n| tokio::spawn(outcome(shell(&format!("sleep 2; echo {n}"))))).collect();
    for (n, task) in tasks.into_iter().enumerate() {
        assert_eq!(task.await.unwrap().stdout, format!("{n}\n"));
    }
    // One after the other they would take 80 s.
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

/// Where shells and parsers may differ.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "echo ", "evil", "\nevil\n", ";evil", " ", "\n", "'", "\"", "\\", "\\'", "\\\n", "#", " #", "$", "$'",
    "`", ";", "|", "&&", "&", "(", ")", "{", "*", "[", "]", "[ a ]", "!", "=", "2>&1", " 2>/dev/null",
    "<<E", "\nE\n", "'a'", "\"b\"", "\t", "-",
];

/// What is called safe runs no program off the list, whatever the quoting: the shell itself is the judge. Texts are
/// put together from pieces where shells and parsers may differ; the program `evil` leaves a file when it runs.
#[tokio::test]
async fn what_is_called_safe_runs_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let set_up =
        "mkdir bin work && printf '#!/bin/sh\n: > \"%s/ran\"\n' \"$PWD\" > bin/evil && chmod +x bin/evil";
    let mut request = shell(set_up);
    request.cwd = folder.path().to_owned();
    assert_eq!(outcome(request).await.exit_code, 0);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    };
    let mut safe = 0;
    for _ in 0..6_000 {
        let text: String =
            std::iter::once("echo ").chain((0..2 + below(9)).map(|_| PIECES[below(PIECES.len())])).collect();
        if !text.contains("evil") || classify(&CommandLine::Shell(text.clone())) != Verdict::Safe {
            continue;
        }
        safe += 1;
        let mut request = shell(&text);
        request.cwd = folder.path().join("work");
        request.env = vec![("PATH".to_owned(), format!("{}/bin:/usr/bin:/bin", folder.path().display()))];
        outcome(request).await;
        let made = std::fs::read_dir(folder.path().join("work")).unwrap().count();
        assert!(!folder.path().join("ran").exists() && made == 0, "{text:?}");
    }
    assert!(safe > 50, "{safe}");
}

/// A repository that would run a program at every chance, looked at by commands that are known to be safe.
#[tokio::test]
async fn a_safe_git_command_runs_nothing_of_the_repository() {
    let folder = tempfile::tempdir().unwrap();
    let set_up = "export HOME=$PWD GIT_CONFIG_NOSYSTEM=1; git init -q . && git config user.name n && git config user.email e@x &&
        echo a > a.x && echo '*.x diff=d' > .gitattributes && git add . && git commit -qm one && echo b > a.x &&
        printf '#!/bin/sh\\necho ran >> \"$PWD/ran\"\\n' > evil && chmod +x evil && mkdir hooks && cp evil hooks/post-index-change &&
        for key in core.fsmonitor diff.external diff.d.command diff.d.textconv gpg.program core.pager; do
            git config $key \"$PWD/evil\"; done && git config core.hooksPath hooks && git config log.showSignature true";
    let mut request = shell(set_up);
    request.cwd = folder.path().to_owned();
    let done = outcome(request).await;
    assert_eq!(done.exit_code, 0, "{}", done.aggregated);
    let looks = [
        "git status",
        "git diff",
        "git log -p",
        "git show HEAD",
        "git blame a.x",
        "cd hooks && git diff | cat; git status -s",
    ];
    for text in looks {
        assert_eq!(classify(&CommandLine::Shell(text.to_owned())), Verdict::Safe, "{text}");
        let mut request = shell(text);
        request.cwd = folder.path().to_owned();
        harden(&mut request);
        let done = outcome(request).await;
        assert_eq!((done.exit_code, done.stderr.as_str()), (0, ""), "{text}");
        assert!(!folder.path().join("ran").exists() && !folder.path().join("hooks/ran").exists(), "{text}");
    }
    let mut request = shell("git diff");
    request.cwd = folder.path().to_owned();
    let _ = outcome(request).await;
    assert!(folder.path().join("ran").exists(), "without the switches the repository does run its programs");
}
