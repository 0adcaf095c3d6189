//! Scripts in real worker processes: this binary is the worker too, when it is called as one.
//! Brings its own small harness that cargo test and nextest both understand.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]
#![allow(clippy::disallowed_methods)] // Finds its own workers in /proc, to kill them.

mod cases;
mod support;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some(glossator_script::WORKER_ARGUMENT) => glossator_script::worker_main(),
        Some("hostile-worker") => support::hostile_worker(&args[1..]),
        _ => support::harness(&args, cases::CASES),
    }
}
