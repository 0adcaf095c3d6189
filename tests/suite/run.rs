//! `glossator run`: an epic in several runs, each with a context of its own, to whatever ends it.

use crate::harness::{
    Ran, Reply, World, items, last_user_text, messages, patch, run, script, text_of, until,
};
use serde_json::{Value, json};
use std::process::Stdio;

/// The last lines of a task list and a log that were just made.
const TASKS_END: &str = "you may change it at any time.";
const LOG_END: &str = "nothing that stands here is changed.";

fn text(words: &str) -> Reply {
    Reply::Text(words.to_owned())
}

/// Statements that put lines behind the last line of a file, of which the end is known.
fn append(file: &str, last: &str, new: &[&str]) -> String {
    let patch = |line: &str| {
        let all: Vec<&str> = std::iter::once(line).chain(new.iter().copied()).collect();
        patch(file, &[line], &all)
    };
    match last {
        TASKS_END => patch(
            "The work that follows from EPIC.md, one task a line: `- [ ]` open, `- [x]` done. The agent keeps this list from run to run; you may change it at any time.",
        ),
        LOG_END => patch(
            "What happened in the runs of EPIC.md, oldest first. Each run appends an entry; nothing that stands here is changed.",
        ),
        other => patch(other),
    }
}

/// A statement that adds a file.
fn add(file: &str, line: &str) -> String {
    let text = format!("*** Begin Patch\n*** Add File: {file}\n+{line}\n*** End Patch\n");
    format!("await tools.applyPatch({{ patch: {} }});", json!(text))
}

fn all(statements: &[String]) -> Reply {
    script(&statements.join("\n"))
}

async fn epic(steps: Vec<Reply>) -> World {
    let world = World::new(steps).await;
    world.write("EPIC.md", "# The epic\n\nMake one and two.\n");
    world
}

/// The requests that began a run.
fn firsts(world: &World) -> Vec<Value> {
    let bodies = world.requests().into_iter().map(|request| request.body);
    bodies.filter(|body| messages(body).len() == 1).collect()
}

fn json_lines(ran: &Ran) -> Vec<Value> {
    ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The last line of a run with `--json`.
fn the_end(ran: &Ran) -> Value {
    json_lines(ran).pop().unwrap()["end"].clone()
}

fn three_runs() -> Vec<Reply> {
    let (one, two) = ("- [ ] one", "- [ ] two");
    vec![
        all(&[
            append("EPIC.tasks.md", TASKS_END, &["", one, two]),
            append("EPIC.log.md", LOG_END, &["", "## Run 1: made the list"]),
        ]),
        text("I made the list.\n\nSTATUS: continue"),
        all(&[
            add("one.txt", "1"),
            patch("EPIC.tasks.md", &[one], &["- [x] one"]),
            append("EPIC.log.md", "## Run 1: made the list", &["## Run 2: made one"]),
        ]),
        text("I made one.txt.\n\n**STATUS: continue**"),
        all(&[
            add("two.txt", "2"),
            patch("EPIC.tasks.md", &[two], &["- [x] two"]),
            append("EPIC.log.md", "## Run 2: made one", &["## Run 3: made two"]),
        ]),
        text("All is done.\n\nSTATUS: done"),
    ]
}

#[tokio::test]
async fn three_runs_to_the_end() {
    let world = epic(three_runs()).await;
    let ran = run(&world, &["run", "EPIC.md"], "").await;
    ran.assert(0);
    assert!(world.exists("one.txt") && world.exists("two.txt"));
    assert!(world.read("EPIC.log.md").ends_with("## Run 3: made two\n"), "{}", world.read("EPIC.log.md"));
    for words in [
        "made EPIC.tasks.md",
        "run 1: continue",
        "run 2: continue; 1 file(s) changed (one.txt)",
        "1 of 2 tasks",
        "run 3: done",
        "3 run(s)",
    ] {
        assert!(ran.err.contains(words), "no {words:?} in {}", ran.err);
    }
    assert!(ran.out.contains("I made one.txt."), "{ran:#?}");
    // Finished is finished; the same command would begin anew.
    assert!(
        run(&world, &["run", "EPIC.md", "--resume"], "").await.assert(2).err.contains("no unfinished run")
    );
}

#[tokio::test]
async fn each_run_begins_fresh_behind_the_same_prefix() {
    let world = epic(three_runs()).await;
    run(&world, &["run", "EPIC.md"], "").await.assert(0);
    let (requests, firsts) = (world.requests(), firsts(&world));
    assert_eq!((requests.len(), firsts.len()), (6, 3));
    for (at, body) in firsts.iter().enumerate() {
        let asked = last_user_text(body);
        assert!(
            asked.contains("Make one and two.") && asked.contains(&format!("This is run {}", at + 1)),
            "{asked}"
        );
        for old in ["tool-results", "I made the list", "I made one.txt", "I will do it"] {
            assert!(!asked.contains(old), "run {} sees {old:?} of another: {asked}", at + 1);
        }
        assert_eq!(asked.contains("## Run 1: made the list"), at > 0);
        assert_eq!(asked.contains("## Run 2: made one"), at > 1);
    }
    assert!(last_user_text(&firsts[2]).contains("1 of 2 tasks are done"));
    // Within a run the history is whole.
    assert_eq!(messages(&requests[3].body).len(), 3);
    let prefix = |body: &Value| {
        let mut body = body.clone();
        unmark(&mut body);
        format!("{}{}", body["system"], text_of(&messages(&body)[0]))
    };
    for pair in firsts.windows(2) {
        let (one, two) = (prefix(&pair[0]), prefix(&pair[1]));
        assert_eq!(pair[0]["tools"], pair[1]["tools"]);
        let same = one.bytes().zip(two.bytes()).take_while(|(a, b)| a == b).count();
        let epic = one.find("Make one and two.").unwrap();
        assert!(same > epic, "only {same} bytes of {} are shared, and the epic stands at {epic}", one.len());
    }
}

/// Takes the cache marks out, which move.
fn unmark(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.remove("cache_control");
            map.values_mut().for_each(unmark);
        }
        Value::Array(all) => all.iter_mut().for_each(unmark),
        _ => {}
    }
}

#[tokio::test]
async fn a_change_of_the_surroundings_is_told_to_every_run() {
    let world = epic(vec![
        all(&[add("one.txt", "1"), add("AGENTS.md", "unused")]),
        text("STATUS: continue"),
        text("STATUS: continue"),
        text("STATUS: done"),
    ])
    .await;
    world.write(".git/HEAD", "ref: refs/heads/first\n");
    world.settings("policy = \"full\"", "");
    run(&world, &["run", "EPIC.md", "--max-runs", "1"], "").await.assert(4);
    world.write(".git/HEAD", "ref: refs/heads/second\n");
    run(&world, &["run", "EPIC.md"], "").await.assert(0);
    let told: Vec<bool> = firsts(&world).iter().map(|body| last_user_text(body).contains("second")).collect();
    assert_eq!(told, [false, true, true]);
}

#[tokio::test]
async fn a_question_and_its_answer() {
    let world = epic(vec![
        text("I cannot know that.\n\nSTATUS: question: Which port?"),
        text("It is 8080.\n\nSTATUS: done"),
    ])
    .await;
    let ran = run(&world, &["run", "EPIC.md"], "").await;
    assert!(ran.assert(3).err.contains("question: Which port?") && ran.err.contains("--answer"), "{ran:#?}");
    // Without an answer it is asked again, and nobody is paid for it.
    let ran = run(&world, &["run", "EPIC.md"], "").await;
    assert!(ran.assert(3).err.contains("question: Which port?"), "{ran:#?}");
    assert_eq!(world.requests().len(), 1);
    let ran = run(&world, &["run", "EPIC.md", "--resume", "--answer", "8080, of course"], "").await;
    assert!(ran.assert(0).err.contains("run 2: done"), "{ran:#?}");
    let asked = last_user_text(&firsts(&world)[1]);
    assert!(asked.contains("Which port?") && asked.contains("8080, of course"), "{asked}");
}

#[tokio::test]
async fn a_status_in_the_log_counts_where_the_answer_has_none() {
    let world = epic(vec![
        all(&[append("EPIC.log.md", LOG_END, &["## Run 1", "STATUS: done"])]),
        text("I have written it into the log."),
    ])
    .await;
    run(&world, &["run", "EPIC.md"], "").await.assert(0);
}

#[tokio::test]
async fn budgets() {
    let steps = || vec![all(&[add("one.txt", "1")]), text("STATUS: continue"), text("STATUS: done")];
    // Used up within a run: its next request is not sent.
    let world = epic(steps()).await;
    let ran = run(&world, &["run", "EPIC.md", "--json", "--budget-tokens", "100"], "").await;
    let end = the_end(ran.assert(4));
    assert_eq!((&end["status"], &end["runs"]), (&json!("budget"), &json!(1)));
    assert_eq!(world.requests().len(), 1);
    // And what was spent is known to the same command, whose budget is no larger.
    let ran = run(&world, &["run", "EPIC.md", "--budget-tokens", "100"], "").await;
    assert!(ran.assert(4).err.contains("are used up"), "{ran:#?}");
    assert_eq!(world.requests().len(), 1);
    run(&world, &["run", "EPIC.md", "--budget-tokens", "1000000"], "").await;
    assert!(world.requests().len() > 1);
    // So many runs and no more; a larger number goes on.
    let world = epic(steps()).await;
    let ran = run(&world, &["run", "EPIC.md", "--max-runs", "1"], "").await;
    assert!(ran.assert(4).err.contains("--max-runs is 1"), "{ran:#?}");
    run(&world, &["run", "EPIC.md", "--max-runs", "2"], "").await.assert(0);
}

#[tokio::test]
async fn three_runs_without_progress() {
    let idle = [
        all(&[append("EPIC.log.md", LOG_END, &["", "I wait."])]),
        text("STATUS: continue"),
        text("No status at all."),
        text("STATUS: perhaps"),
    ];
    let world = epic(idle.into()).await;
    let ran = run(&world, &["run", "EPIC.md"], "").await;
    assert!(ran.assert(5).err.contains("three runs in a row"), "{ran:#?}");
    let told: Vec<String> = firsts(&world).iter().map(last_user_text).collect();
    assert_eq!(told.len(), 3);
    assert!(told[1].contains("changed neither the task list"), "{}", told[1]);
    assert!(told[2].contains("without a status line") && told[2].contains("The last 2 runs"), "{}", told[2]);
    assert!(told[2].contains("It wrote nothing to the log"), "{}", told[2]);
}

#[tokio::test]
async fn done_with_open_tasks_is_believed_the_second_time() {
    let world = epic(vec![
        all(&[append("EPIC.tasks.md", TASKS_END, &["", "- [ ] one"])]),
        text("STATUS: done"),
        text("STATUS: done"),
    ])
    .await;
    let ran = run(&world, &["run", "EPIC.md"], "").await;
    assert!(ran.assert(0).err.contains("1 task(s) are open"), "{ran:#?}");
    assert!(last_user_text(&firsts(&world)[1]).contains("1 of 1 tasks are open"));
}

#[tokio::test]
async fn the_same_error_twice() {
    let error = || Reply::error(400, "invalid_request_error", "this model is not for you");
    let world = epic(vec![error(), error(), text("STATUS: done")]).await;
    let ran = run(&world, &["run", "EPIC.md"], "").await;
    assert!(ran.assert(1).err.contains("two runs failed in the same way"), "{ran:#?}");
    assert!(ran.err.contains("this model is not for you"), "{ran:#?}");
    // And it is gone on with when that is mended.
    run(&world, &["run", "EPIC.md", "--resume"], "").await.assert(0);
}

#[tokio::test]
async fn what_a_run_takes_out_of_the_log_is_put_back() {
    let delete = |file: &str| {
        let text = format!("*** Begin Patch\n*** Delete File: {file}\n*** End Patch\n");
        format!("await tools.applyPatch({{ patch: {} }});", json!(text))
    };
    let world = epic(vec![
        all(&[
            append("EPIC.log.md", LOG_END, &["", "## Run 1", "", "The key is under the mat."]),
            append("EPIC.tasks.md", TASKS_END, &["", "- [x] one"]),
        ]),
        text("STATUS: continue"),
        all(&[
            patch("EPIC.log.md", &["The key is under the mat."], &["## Run 2", "", "Tidied up."]),
            add("one.txt", "1"),
        ]),
        text("STATUS: continue"),
        all(&[delete("EPIC.log.md"), delete("EPIC.tasks.md")]),
        text("STATUS: continue"),
        text("STATUS: done"),
    ])
    .await;
    let ran = run(&world, &["run", "EPIC.md"], "").await;
    assert!(ran.assert(0).err.contains("took 1 lines out of the log; they were put back"), "{ran:#?}");
    let log = world.read("EPIC.log.md");
    assert!(
        log.starts_with("# Log\n") && log.contains("The key is under the mat.\n\n## Run 2\n\nTidied up."),
        "{log}"
    );
    assert!(world.read("EPIC.tasks.md").contains("- [x] one"));
    let told: Vec<String> = firsts(&world).iter().map(last_user_text).collect();
    assert!(
        told[2].contains("took 1 lines out of the log") && told[2].contains("under the mat"),
        "{}",
        told[2]
    );
    assert!(told[3].contains("left no task list") && told[3].contains("under the mat"), "{}", told[3]);
}

#[tokio::test]
async fn what_cannot_be_run() {
    let world = epic(vec![]).await;
    std::fs::create_dir(world.path("folder.md")).unwrap();
    world.write("latin.md", b"Mach es f\xfcr mich.\n");
    world.write("binary.md", b"a\0b");
    world.write("empty.md", " \n");
    world.write("huge.md", "Do this and that as well.\n".repeat(20_000));
    let wrong: [(&[&str], &str); 14] = [
        (&["none.md"], "none.md does not exist"),
        (&["folder.md"], "is a folder"),
        (&["latin.md"], "not UTF-8"),
        (&["binary.md"], "binary"),
        (&["empty.md"], "is empty"),
        (&["huge.md"], "too long for a run"),
        (&["../EPIC.md"], "outside the workspace"),
        (&["EPIC.md", "--log", "EPIC.md"], "three files"),
        (&["EPIC.md", "--resume"], "no unfinished run"),
        (&["EPIC.md", "--answer", "yes"], "no unfinished run"),
        (&["EPIC.md", "--policy", "read-only"], "--policy ask"),
        (&["EPIC.md", "--policy", "sometimes"], "read-only"),
        (&["EPIC.md", "--budget-usd", "1"], "no price is known"),
        (&["EPIC.md", "--budget-usd=-1"], "above 0"),
    ];
    for (arguments, words) in wrong {
        let arguments: Vec<&str> = std::iter::once("run").chain(arguments.iter().copied()).collect();
        let ran = run(&world, &arguments, "").await;
        assert!(ran.assert(2).err.contains(words), "{arguments:?}: {ran:#?}");
    }
    assert!(world.requests().is_empty() && !world.exists("EPIC.log.md"));
    // A log that is none.
    std::fs::create_dir(world.path("EPIC.log.md")).unwrap();
    assert!(run(&world, &["run", "EPIC.md"], "").await.assert(1).err.contains("is a folder"));
}

#[tokio::test]
async fn killed_in_the_middle_and_gone_on_with() {
    let world = epic(vec![
        all(&[
            append("EPIC.tasks.md", TASKS_END, &["", "- [ ] one"]),
            append("EPIC.log.md", LOG_END, &["## Run 1: made the list"]),
        ]),
        text("STATUS: continue"),
        all(&[add("one.txt", "1"), patch("EPIC.log.md", &["## Run 1: made the list"], &["(tidied)"])]),
        Reply::Hang,
        all(&[patch("EPIC.tasks.md", &["- [ ] one"], &["- [x] one"])]),
        text("STATUS: done"),
    ])
    .await;
    let mut child = world.program(&["run", "EPIC.md"]).stderr(Stdio::null()).spawn().unwrap();
    until("the second run is under way", || world.model.requests().len() == 4).await;
    // Never two at once.
    let ran = run(&world, &["run", "EPIC.md"], "").await;
    assert!(ran.assert(1).err.contains("another `glossator run` of"), "{ran:#?}");
    child.start_kill().unwrap();
    child.wait().await.unwrap();
    let ran = run(&world, &["run", "EPIC.md", "--resume", "--json"], "").await;
    let end = the_end(ran.assert(0));
    assert_eq!((&end["runs"], &end["status"]), (&json!(3), &json!("done")));
    let told = last_user_text(firsts(&world).last().unwrap());
    assert!(told.contains("This is run 3") && told.contains("run 2, was broken off"), "{told}");
    assert!(told.contains("one.txt") && told.contains("took 1 lines out of the log"), "{told}");
    assert!(world.read("EPIC.log.md").contains("## Run 1: made the list\n\n(tidied)"));
    // What the killed run had spent is counted.
    let requests = items(&world, end["session"].as_str().unwrap());
    let requests = requests.iter().filter(|item| item["kind"] == "request");
    let usage = |request: &Value, name: &str| request["usage"][name].as_u64().unwrap_or(0);
    let tokens: u64 = requests
        .map(|one| {
            ["input", "cacheRead", "cacheWrite", "output", "cache_read", "cache_write"]
                .iter()
                .map(|name| usage(one, name))
                .sum::<u64>()
        })
        .sum();
    assert_eq!(end["tokens"], tokens);
}

#[tokio::test]
async fn interrupted_by_a_signal() {
    let world = epic(vec![Reply::Hang, text("STATUS: done")]).await;
    let child = world.program(&["run", "EPIC.md", "--json"]).stderr(Stdio::null()).spawn().unwrap();
    until("the model is asked", || !world.model.requests().is_empty()).await;
    crate::harness::signal(child.id().unwrap(), "INT");
    let output = child.wait_with_output().await.unwrap();
    assert_eq!(output.status.code(), Some(130));
    let out = String::from_utf8(output.stdout).unwrap();
    let last: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!((&last["end"]["status"], &last["end"]["exitCode"]), (&json!("interrupted"), &json!(130)));
    run(&world, &["run", "EPIC.md"], "").await.assert(0);
}

/// A window of which the instructions fill a good part.
const SMALL: &str = "[models.\"scripted/scripted-model\"]\ncontext_window = 24000\nmax_output = 4000\n";

fn long_look(number: usize) -> Reply {
    script(&format!("return 'look {number} ' + 'word '.repeat(5000);"))
}

#[tokio::test]
async fn a_run_whose_window_fills_writes_its_log_and_the_next_begins_fresh() {
    let mut steps: Vec<Reply> = (0..3).map(long_look).collect();
    steps.extend([
        all(&[append("EPIC.log.md", LOG_END, &["## Run 1: looked three times"])]),
        text("STATUS: continue"),
        text("STATUS: done"),
    ]);
    let world = epic(steps).await;
    world.settings("", SMALL);
    run(&world, &["run", "EPIC.md"], "").await.assert(0);
    let told: Vec<bool> = world
        .requests()
        .iter()
        .map(|one| last_user_text(&one.body).contains("context is nearly full"))
        .collect();
    // Told once, with the first request that is nearly too large.
    assert_eq!(told.iter().filter(|told| **told).count(), 1, "{told:?}");
    assert!(told[3], "{told:?}");
    let last = last_user_text(firsts(&world).last().unwrap());
    assert!(last.contains("looked three times") && !last.contains("word word"), "{last}");
    assert!(last.len() < 12_000, "a fresh context is small: {} bytes", last.len());
}

#[tokio::test]
async fn a_run_that_does_not_stop_is_ended() {
    let mut steps: Vec<Reply> = (0..3).map(long_look).collect();
    steps.extend((0..6).map(|number| script(&format!("return {number};"))));
    steps.push(text("STATUS: done"));
    let world = epic(steps).await;
    world.settings("", SMALL);
    let ran = run(&world, &["run", "EPIC.md"], "").await;
    assert!(ran.assert(0).err.contains("run 1: limited") && ran.err.contains("run 2: done"), "{ran:#?}");
    assert!(last_user_text(firsts(&world).last().unwrap()).contains("did not stop when it was told to"));
}

#[tokio::test]
async fn a_refused_request_ends_the_run_and_not_the_epic() {
    let too_long =
        || Reply::error(400, "invalid_request_error", "prompt is too long: 250000 tokens > 200000 maximum");
    let world = epic(vec![all(&[add("one.txt", "1")]), too_long(), text("STATUS: done")]).await;
    let ran = run(&world, &["run", "EPIC.md"], "").await;
    assert!(ran.assert(0).err.contains("run 1: limited"), "{ran:#?}");
    assert_eq!(firsts(&world).len(), 2);
}

#[tokio::test]
async fn what_would_ask_is_refused_and_said() {
    let world =
        epic(vec![script("await tools.exec({ command: ['touch', 'made'] });"), text("STATUS: done")]).await;
    let ran = run(&world, &["run", "EPIC.md"], "").await;
    assert!(ran.assert(0).err.contains("1 call(s) were refused") && !world.exists("made"), "{ran:#?}");
}

#[tokio::test]
async fn through_a_core() {
    let world = epic(three_runs()).await.with_core();
    let peer = crate::harness::Peer::start(&world).await;
    run(&world, &["run", "EPIC.md"], "").await.assert(0);
    assert_eq!(firsts(&world).len(), 3);
    peer.leave().await;
}

#[tokio::test]
async fn killed_beside_a_core() {
    let world = epic(vec![Reply::Hang, text("STATUS: done")]).await.with_core();
    let peer = crate::harness::Peer::start(&world).await;
    let mut child = world.program(&["run", "EPIC.md"]).stderr(Stdio::null()).spawn().unwrap();
    until("the model is asked", || !world.model.requests().is_empty()).await;
    child.start_kill().unwrap();
    child.wait().await.unwrap();
    // Its turn is stopped by the core, and only then gone on behind.
    let ran = run(&world, &["run", "EPIC.md"], "").await;
    assert!(ran.assert(0).err.contains("run 2: done"), "{ran:#?}");
    peer.leave().await;
}

#[tokio::test]
async fn what_was_sent_can_be_made_again() {
    let world = epic(three_runs()).await;
    let ran = run(&world, &["run", "EPIC.md", "--json"], "").await;
    let end = the_end(ran.assert(0));
    let session = end["session"].as_str().unwrap();
    for turn in ["T-1", "T-3"] {
        let ran =
            run(&world, &["debug", "context", "--json", "--session", session, "--turn", turn], "").await;
        let shown: Value = serde_json::from_str(&ran.assert(0).out).unwrap();
        assert_eq!(shown["exact"], true, "{turn}: {shown}");
    }
}

#[tokio::test]
async fn dollars_and_what_commands_change() {
    let step = || script("await tools.exec({ command: ['sh', '-c', 'echo hi > made.txt'] });");
    let world = epic(vec![step(), text("STATUS: continue"), text("STATUS: done")]).await;
    let price = "[models.\"scripted/scripted-model\"]\nprice = { input = 3.0, output = 15.0 }\n";
    world.settings("", price);
    let ran = run(&world, &["run", "EPIC.md", "--max-runs", "1", "--policy", "full"], "").await;
    assert!(ran.assert(4).err.contains("1 file(s) changed (made.txt)"), "{ran:#?}");
    assert!(ran.err.contains(" USD; session"), "{ran:#?}");
    let ran = run(&world, &["run", "EPIC.md", "--budget-usd", "0.001"], "").await;
    assert!(ran.assert(4).err.contains("USD of 0.0010 USD are used up"), "{ran:#?}");
    run(&world, &["run", "EPIC.md", "--budget-usd", "10"], "").await.assert(0);
}

#[tokio::test]
async fn what_is_kept_beside_it_is_lost_or_spoilt() {
    let world = epic((0..4).map(|_| text("STATUS: question: Why?")).collect()).await;
    let ran = run(&world, &["run", "EPIC.md", "--json"], "").await;
    let session = the_end(ran.assert(3))["session"].as_str().unwrap().to_owned();
    // A session that was deleted is told of, and nothing begins in its place unasked.
    run(&world, &["sessions", "delete", &session, "--yes"], "").await.assert(0);
    let ran = run(&world, &["run", "EPIC.md"], "").await;
    assert!(ran.assert(1).err.contains("--new begins anew"), "{ran:#?}");
    run(&world, &["run", "EPIC.md", "--new"], "").await.assert(3);
    let workspace = std::fs::read_dir(world.state().join("workspaces")).unwrap().next().unwrap().unwrap();
    let runs = std::fs::read_dir(workspace.path().join("runs")).unwrap().next().unwrap().unwrap();
    std::fs::write(runs.path().join("run.json"), "nonsense").unwrap();
    let ran = run(&world, &["run", "EPIC.md"], "").await;
    assert!(ran.assert(1).err.contains("cannot be understood"), "{ran:#?}");
    std::fs::remove_dir_all(runs.path()).unwrap();
    run(&world, &["run", "EPIC.md"], "").await.assert(3);
    assert_eq!(world.requests().len(), 3);
}

/// Tasks of an epic whose runs are killed.
const TASKS: usize = 16;

/// A model that does what is open: makes the list, then one task a run, until all are done.
fn worker(body: &Value) -> Reply {
    let first = text_of(&messages(body)[0]);
    let part = |name: &str| {
        let (_, rest) = first.split_once(&format!("<{name} path")).unwrap();
        let (_, rest) = rest.split_once(">\n").unwrap();
        rest.split_once(&format!("\n</{name}>")).unwrap().0.to_owned()
    };
    let (tasks, log) = (part("task-list"), part("log"));
    let open: Vec<&str> = tasks.lines().filter(|line| line.starts_with("- [ ] ")).collect();
    let made = tasks.lines().any(|line| line.starts_with("- ["));
    if messages(body).len() > 1 {
        return text(if made && open.len() <= 1 { "STATUS: done" } else { "STATUS: continue" });
    }
    let (_, number) = first.rsplit_once("# This is run ").unwrap();
    let number: u32 = number.lines().next().unwrap().parse().unwrap();
    let last = |text: &str| text.lines().last().unwrap().to_owned();
    let Some(task) = open.first().filter(|_| made) else {
        let list: Vec<String> = (1..=TASKS).map(|number| format!("- [ ] t{number}")).collect();
        let list: Vec<&str> = std::iter::once("").chain(list.iter().map(String::as_str)).collect();
        return if made {
            text("STATUS: done")
        } else {
            all(&[append("EPIC.tasks.md", &last(&tasks), &list)])
        };
    };
    let name = task.trim_start_matches("- [ ] ");
    all(&[
        format!(
            "try {{ {} }} catch (error) {{ console.log(`${{error}}`); }}",
            add(&format!("{name}.txt"), "made")
        ),
        append("EPIC.log.md", &last(&log), &[&format!("## Run {number}: did {name}")]),
        patch("EPIC.tasks.md", &[task], &[&format!("- [x] {name}")]),
    ])
}

/// Killed again and again, at whatever it was doing: it is gone on with each time, and in the end all is there.
#[tokio::test]
async fn killed_at_any_moment() {
    let world = World::answering(worker).await;
    world.write("EPIC.md", "Make the files.\n");
    let command = ["run", "EPIC.md", "--max-runs", "1000"];
    let mut dice = 0x9e37_79b9_7f4a_7c15_u64;
    let (mut finished, mut killed) = (false, 0);
    for _ in 0..80 {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut child = world.program(&command).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(10 + (dice >> 33) % 90)).await;
        finished |= child.try_wait().unwrap().is_some_and(|status| status.success());
        if finished {
            break;
        }
        killed += 1;
        child.start_kill().unwrap();
        child.wait().await.unwrap();
    }
    assert!(killed > 5, "it was hardly ever killed: {killed}");
    if !finished {
        run(&world, &command, "").await.assert(0);
    }
    let (tasks, log) = (world.read("EPIC.tasks.md"), world.read("EPIC.log.md"));
    for number in 1..=TASKS {
        assert_eq!(world.read(&format!("t{number}.txt")), "made\n");
        assert!(tasks.contains(&format!("- [x] t{number}\n")), "{tasks}");
        // One that was killed before it had ticked its task is done again.
        assert!(log.contains(&format!(": did t{number}\n")), "{log}");
    }
    assert!(log.starts_with("# Log\n\nWhat happened in the runs of EPIC.md"), "{log}");
    // What is in the log of the session is in the order of the runs.
    let runs: Vec<u32> = log
        .lines()
        .filter_map(|line| line.strip_prefix("## Run ")?.split(':').next()?.parse().ok())
        .collect();
    assert!(runs.is_sorted(), "{runs:?}");
}
