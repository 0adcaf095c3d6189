//! Commands: their end when the program is asked to end, and output that grows when it is written down.

use super::{unasked, unasked_in};
use crate::harness::{PATIENCE, World, items, log_file, only_log, until};
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::time::Duration;
use tokio::time::timeout;

const SLEEP: &str = "await tools.exec({ script: 'echo $$ > pid; exec sleep 300' });";

/// The most that a command may outlive the program's being asked to end.
const SOON: Duration = Duration::from_secs(30);

fn ask_to_end(process: Option<u32>) {
    let process = process.expect("it runs").to_string();
    assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
}

/// Whether a process runs. One that only waits to be reaped does not.
fn runs(process: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

async fn started(world: &World) -> String {
    until("the command runs", || world.read("pid").ends_with('\n')).await;
    let process = world.read("pid").trim().to_owned();
    assert!(runs(&process));
    process
}

async fn assert_gone(process: &str) {
    let gone = timeout(SOON, until("the command is gone", || !runs(process)));
    assert!(gone.await.is_ok(), "the command outlives the program");
}

fn assert_interrupted(last: &Value) {
    assert_eq!((&last["kind"], &last["status"]), (&json!("turnEnded"), &json!("interrupted")), "{last}");
}

#[tokio::test]
async fn a_server_that_is_asked_to_end_takes_its_commands_along() {
    let (world, mut peer) = unasked_in(World::obedient().await.in_process()).await;
    let session = peer.new_session().await;
    peer.start_turn(&session, SLEEP).await;
    let process = started(&world).await;
    ask_to_end(peer.child.id());
    assert_gone(&process).await;
    peer.exit_code().await;
    assert_interrupted(items(&world, &session).last().unwrap());
}

#[tokio::test]
async fn exec_that_is_asked_to_end_takes_its_commands_along() {
    let world = World::obedient().await;
    world.settings("", "[exec]\nbuffers = \"disk\"");
    let arguments = ["exec", "--json", "--policy", "full", SLEEP];
    let child = world.program(&arguments).stderr(Stdio::null()).spawn().unwrap();
    let process = started(&world).await;
    ask_to_end(child.id());
    assert_gone(&process).await;
    let output = timeout(PATIENCE, child.wait_with_output()).await.expect("it ends").unwrap();
    assert_eq!(output.status.code(), Some(130));
    let log = std::fs::read_to_string(only_log(&world)).unwrap();
    assert_interrupted(&serde_json::from_str(log.lines().last().unwrap()).unwrap());
}

#[tokio::test]
async fn output_that_grows_sixfold_as_json_is_cut_and_the_log_stays_small() {
    let (world, peer) = unasked().await;
    let source = "const run = await tools.exec({ command: ['head', '-c', '900000', '/dev/zero'] });\n\
                  return [run.exitCode, run.truncated, run.fileKey];";
    let ended = peer.first_turn(source).await;
    let told = ended.assert("done").result();
    assert!(told.contains("[0,true,\"K1\"]"), "{told}");
    let log = log_file(&world, &ended.session);
    let lines = std::fs::read_to_string(&log).unwrap();
    let longest = lines.lines().map(str::len).max().unwrap();
    assert!(longest < 100_000, "a line of the log has {longest} bytes");
    let kept = std::fs::read(log.with_file_name("kept").join("K1")).unwrap();
    assert!(kept.len() >= 900_000, "of the output {} bytes are kept", kept.len());
}
