//! The numbers behind `Math.random`. The engine seeds its own once, when it is made, so that all workers that are forked
//! from it would draw the same; these are seeded by the system at the first draw. Not for secrets.

use std::cell::Cell;

use rustix::rand::{GetRandomFlags, getrandom};

/// One worker's numbers.
#[derive(Default)]
pub struct Numbers {
    state: Cell<Option<u64>>,
}

impl Numbers {
    /// The next number, from 0 to just below 1: the splitmix64 generator.
    pub fn next(&self) -> f64 {
        let state = self.state.get().unwrap_or_else(seed).wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.state.set(Some(state));
        let mut bits = state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        // 53 bits are what the fraction of a double holds.
        (bits >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn seed() -> u64 {
    let mut bytes = [0; 8];
    match getrandom(&mut bytes, GetRandomFlags::NONBLOCK) {
        Ok(got) if got == bytes.len() => u64::from_ne_bytes(bytes),
        // So early after the start of the system the process id tells workers apart.
        _ => u64::from(std::process::id()),
    }
}

#[cfg(test)]
mod tests {
    use super::Numbers;

    #[test]
    fn numbers_differ_and_stay_in_range() {
        let (one, other) = (Numbers::default(), Numbers::default());
        let draw = |numbers: &Numbers| (0..1000).map(|_| numbers.next()).collect::<Vec<_>>();
        let (one, other) = (draw(&one), draw(&other));
        assert_ne!(one, other);
        assert!(one.iter().all(|number| (0.0..1.0).contains(number)));
        let mean = one.iter().sum::<f64>() / 1000.0;
        assert!((0.4..0.6).contains(&mean), "{mean}");
    }
}
