//! The `glossator` program: reads the command line, assembles the crates and hands over. The only place that names all.

use crate::terminal::complain;
mod assemble;
mod cli;
#[cfg(unix)]
mod core;
mod debug;
mod demo;
mod doctor;
mod exec;
mod language_server;
mod logging;
mod login;
mod models;
#[cfg(unix)]
mod pump;
mod run;
mod sessions;
mod setup;
mod signals;
mod terminal;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Workers and helpers are told by their first argument, before anything else of this process exists.
    match std::env::args_os().nth(1) {
        Some(argument) if argument == glossator_script::WORKER_ARGUMENT => glossator_script::worker_main(),
        Some(argument) if argument == glossator_exec::OVERLAY_ARGUMENT => glossator_exec::overlay_main(),
        _ => {}
    }
    let arguments = match cli::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            // Nothing can be said where the terminal is gone.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let command = arguments.command.unwrap_or(cli::Command::Lsp { in_process: false, stdio: true });
    let mut work = Work::Command(command);
    #[cfg(unix)]
    if let Work::Command(cli::Command::Lsp { in_process: false, .. }) = work {
        work = match pump::run(assemble::folders()) {
            pump::Pumped::Ended(code) => return ExitCode::from(code),
            pump::Pumped::Core(listening) => Work::Core(listening),
            pump::Pumped::Alone { read, notices } => Work::Serve { read, notices },
        };
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            complain!("error: the system gave no threads ({error}); close other programs and try again");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(run(work));
    // A reader of standard input may still be blocked: the process does not wait for it.
    runtime.shutdown_background();
    ExitCode::from(code)
}

/// What is left to do when it is known which process this is.
enum Work {
    Command(cli::Command),
    /// An editor is served here, of which this was read already.
    #[cfg(unix)]
    Serve {
        read: Vec<u8>,
        notices: Vec<String>,
    },
    #[cfg(unix)]
    Core(Box<core::Listening>),
}

async fn run(work: Work) -> u8 {
    let command = match work {
        Work::Command(command) => command,
        #[cfg(unix)]
        Work::Serve { read, notices } => return language_server::run(read, notices).await,
        #[cfg(unix)]
        Work::Core(listening) => {
            return core::run(*listening).await.unwrap_or_else(|error| {
                tracing::error!(%error, "the core could not go on");
                1
            });
        }
    };
    match command {
        cli::Command::Lsp { .. } => language_server::run(Vec::new(), Vec::new()).await,
        cli::Command::Exec(arguments) => exec::run(arguments).await,
        cli::Command::Run(arguments) => run::run(arguments).await,
        cli::Command::Demo { keep } => demo::run(keep).await,
        cli::Command::Sessions(arguments) => sessions::run(arguments).await,
        cli::Command::Models { provider, pull, json } => models::run(provider, pull, json).await,
        cli::Command::Login { provider, stdin } => login::login(provider.as_deref(), stdin),
        cli::Command::Logout { provider } => login::logout(&provider),
        cli::Command::Auth { command: cli::Auth::Status { json } } => login::status(json),
        cli::Command::Doctor { cwd, json } => doctor::run(cwd, json).await,
        cli::Command::Setup(arguments) => setup::run(arguments).await,
        cli::Command::Debug { command } => debug::run(command).await,
    }
}
