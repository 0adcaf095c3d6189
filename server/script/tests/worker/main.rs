//! Scripts in real worker processes: this binary is the worker too, when it is called as one.
//! Brings its own small harness that cargo test and nextest both understand.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]
#![allow(clippy::disallowed_methods)] // Finds its own workers in /proc, to kill them.

mod bounds;
mod cases;
mod errors;
mod globals;
#[cfg(target_os = "linux")]
mod isolation;
mod promises;
mod support;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some(glossator_script::WORKER_ARGUMENT) => glossator_script::worker_main(),
        #[cfg(target_os = "linux")]
        Some("probe") => glossator_script::worker_main_with(isolation::probe),
        #[cfg(target_os = "linux")]
        Some("no-zygote" | "no-fork") => isolation::not_a_zygote(&args),
        #[cfg(target_os = "linux")]
        Some("host") => isolation::host(&args[1..]),
        #[cfg(target_os = "linux")]
        Some("leaky") => isolation::leaky(),
        #[cfg(target_os = "linux")]
        Some("replaced") => isolation::replaced(),
        Some("hostile-worker") => support::hostile_worker(&args[1..]),
        _ => support::harness(&args, &all()),
    }
}

fn all() -> Vec<support::Case> {
    let mut all = cases::CASES.to_vec();
    all.extend(bounds::CASES);
    all.extend(globals::CASES);
    all.extend(errors::CASES);
    all.extend(promises::CASES);
    #[cfg(target_os = "linux")]
    all.extend(isolation::CASES);
    all
}
