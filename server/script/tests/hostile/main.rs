//! Hostile scripts, killed workers and the soak, in real worker processes: this binary is the worker too.
//! Brings its own small harness that cargo test and nextest both understand.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]
#![allow(clippy::disallowed_methods)] // Reads its cases, /proc and two variables of its own.

mod case;
mod corpus;
mod host;
mod kill;
mod processes;
mod soak;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::time::Duration;

type Test = (&'static str, fn() -> Pin<Box<dyn Future<Output = ()>>>);

const TESTS: &[Test] = &[
    ("corpus", || Box::pin(corpus::every_script_is_contained())),
    ("cases_are_well_written", || Box::pin(corpus::cases_are_well_written())),
    ("killed_in_mid_call", || Box::pin(kill::killed_in_mid_call())),
    ("killed_before_any_call", || Box::pin(kill::killed_before_any_call())),
    ("killed_while_idle", || Box::pin(kill::killed_while_idle())),
    ("stopped_is_killed_at_the_deadline", || Box::pin(kill::stopped_is_killed_at_the_deadline())),
    ("stopped_while_idle_holds_up_nobody", || Box::pin(kill::stopped_while_idle_holds_up_nobody())),
    ("everything_killed_in_mid_call", || Box::pin(kill::everything_killed_in_mid_call())),
    ("killed_again_and_again", || Box::pin(kill::killed_again_and_again())),
    ("dropped_engine_leaves_nothing", || Box::pin(kill::dropped_engine_leaves_nothing())),
    ("soak", || Box::pin(soak::soak())),
];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().is_some_and(|arg| arg == glossator_script::WORKER_ARGUMENT) {
        glossator_script::worker_main();
    }
    harness(&args);
}

/// Runs the tests like libtest would, as far as cargo test and nextest need it.
fn harness(args: &[String]) {
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    if has("--list") {
        if !has("--ignored") {
            TESTS.iter().for_each(|(name, _)| println!("{name}: test"));
        }
        return;
    }
    let filters: Vec<&String> = args.iter().filter(|arg| !arg.starts_with("--")).collect();
    let fits = |name: &str, filter: &str| if has("--exact") { name == filter } else { name.contains(filter) };
    let chosen = TESTS
        .iter()
        .filter(|(name, _)| filters.is_empty() || filters.iter().any(|filter| fits(name, filter)));
    let (mut passed, mut failed) = (0, 0);
    for (name, test) in chosen {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let ok = catch_unwind(AssertUnwindSafe(|| runtime.block_on(test()))).is_ok();
        runtime.shutdown_timeout(Duration::from_millis(200));
        println!("test {name} ... {}", if ok { "ok" } else { "FAILED" });
        if ok { passed += 1 } else { failed += 1 }
    }
    println!("\ntest result: {passed} passed, {failed} failed");
    std::process::exit(i32::from(failed > 0));
}
