//! The program run from a shell.

use super::{PATIENCE, World};
use std::process::Stdio;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

/// What a run came to.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn assert(&self, code: i32) -> &Ran {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }
}

/// Runs the program in the workspace with `stdin`.
pub async fn run(world: &World, arguments: &[&str], stdin: &str) -> Ran {
    let mut child = world.program(arguments).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    // A program that does not read may have ended by now.
    let _ = input.write_all(stdin.as_bytes()).await;
    drop(input);
    let output = timeout(PATIENCE, child.wait_with_output()).await;
    let output = output.unwrap_or_else(|_| panic!("glossator {arguments:?} does not end")).unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
