//! Which build of Glossator this is: host and worker must be the same one, for what they say to each other has no versions.

/// What decides how the two understand each other.
const SPOKEN: [&str; 7] = [
    include_str!("protocol.rs"),
    include_str!("control.rs"),
    include_str!("isolation.rs"),
    include_str!("limits.rs"),
    include_str!("outcome.rs"),
    include_str!("host.rs"),
    include_str!("ledger.rs"),
];

const HASH: u64 = hash();

/// FNV-1a.
const fn hash() -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut text = 0;
    while text < SPOKEN.len() {
        let bytes = SPOKEN[text].as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01b3);
            at += 1;
        }
        text += 1;
    }
    hash
}

/// Version and protocol, as a worker says them before anything else.
#[doc(hidden)]
pub fn build_id() -> String {
    format!("{}-{HASH:016x}", env!("CARGO_PKG_VERSION"))
}
