//! Runs an editor's program for what it says or does. Knows nothing of editors.

use glossator_exec::{CommandLine, Config, Request};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a program printed.
pub struct Ran {
    pub exit_code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// The same, if the program ended well; else what it said.
    pub fn well(self) -> Result<Ran, String> {
        match self.exit_code {
            0 => Ok(self),
            code => {
                let said = if self.stderr.trim().is_empty() { &self.stdout } else { &self.stderr };
                Err(format!("exit code {code}: {}", said.trim()))
            }
        }
    }
}

/// Runs a program with its arguments and these variables, in the topmost folder: editors look for settings of a project.
pub async fn output(words: &[String], variables: &[(String, String)]) -> Result<Ran, String> {
    let request = Request {
        env: variables.to_vec(),
        timeout: PATIENCE,
        ..Request::new(CommandLine::Argv(words.to_vec()), "/")
    };
    let ran = glossator_exec::run(&request, &Config::default(), &CancellationToken::new(), &|_, _| {}).await;
    let ran = ran.map_err(|error| error.to_string())?;
    match ran.timed_out {
        true => Err(format!("`{}` did not end in {} s", words.join(" "), PATIENCE.as_secs())),
        false => Ok(Ran { exit_code: ran.exit_code, stdout: ran.stdout, stderr: ran.stderr }),
    }
}
