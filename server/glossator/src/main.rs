//! The `glossator` program: reads the command line, assembles the crates and hands over. The only place that names all.

use crate::terminal::complain;
mod assemble;
mod cli;
mod debug;
mod demo;
mod doctor;
mod exec;
mod language_server;
mod logging;
mod models;
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
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            complain!("error: the system gave no threads ({error}); close other programs and try again");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(run(arguments.command.unwrap_or(cli::Command::Lsp)));
    // A reader of standard input may still be blocked: the process does not wait for it.
    runtime.shutdown_background();
    ExitCode::from(code)
}

async fn run(command: cli::Command) -> u8 {
    match command {
        cli::Command::Lsp => language_server::run().await,
        cli::Command::Exec(arguments) => exec::run(arguments).await,
        cli::Command::Demo { keep } => demo::run(keep).await,
        cli::Command::Models { provider, pull, json } => models::run(provider, pull, json).await,
        cli::Command::Doctor { cwd, json } => doctor::run(cwd, json).await,
        cli::Command::Debug { command } => debug::run(command).await,
    }
}
