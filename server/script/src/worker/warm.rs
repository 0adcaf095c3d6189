//! What an idle worker does before its script comes: the first steps of any script, on a sample, so that the pages of memory
//! they need are the worker's own by then. Runs no code in the engine and leaves nothing behind but warm memory.

use std::os::unix::net::UnixStream;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::vm::{Vm, compile};
use crate::erase;

/// A bit of everything that scripts do.
const SAMPLE: &str = "const found: { n: number }[] = [1, 2].map((n: number) => ({ n }));\n\
    const all = await Promise.all(found.map(async one => one.n));\n\
    return { found, text: `${all} ${JSON.stringify(found)}` };";
/// Memory that scripts take from the allocator at once: blocks, and bytes of each.
const BLOCKS: usize = 28;
const BLOCK: usize = 4000;

/// Warms the worker up, unless its script is there already.
pub fn up(vm: &Vm, input: &UnixStream) {
    if has_come(input) {
        return;
    }
    let erased = erase(SAMPLE).unwrap_or_default();
    // What is compiled here is never called; a heap too small for it will be told of by the script's own.
    let _ = vm.with(|ctx, _| compile(ctx, &erased).is_ok());
    let blocks: Vec<Vec<u8>> = (0..BLOCKS).map(|_| vec![1; BLOCK]).collect();
    std::hint::black_box(&blocks);
}

fn has_come(input: &UnixStream) -> bool {
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut [PollFd::new(input, PollFlags::IN)], Some(&now)).is_ok_and(|ready| ready > 0)
}
