//! Landlock: no file, no port, no socket or signal to processes outside, as far as the kernel knows these rules.

use landlock::{
    ABI, Access, AccessFs, AccessNet, LandlockStatus, Ruleset, RulesetAttr, RulesetError, RulesetStatus,
    Scope,
};

use crate::Walls;

/// The newest set of rules that is asked for; an older kernel holds what it knows.
const NEWEST: ABI = ABI::V9;
/// The first version that knows rules for files, network, and sockets and signals beyond the worker.
const COMPLETE: u32 = 6;

/// Restricts the calling thread and all that it will start.
pub fn apply(walls: &mut Walls) {
    walls.landlock_holds = "none".to_owned();
    match restrict() {
        Ok((version, holds)) => {
            walls.landlock = version;
            walls.landlock_holds = holds.to_owned();
        }
        Err(error) => walls.faults.push(format!("landlock: {error}")),
    }
}

/// The kernel's version, and what holds.
fn restrict() -> Result<(u32, &'static str), RulesetError> {
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?
        .restrict_self()?;
    let version = match status.landlock {
        LandlockStatus::Available { effective_abi, kernel_abi } => {
            kernel_abi.unwrap_or(effective_abi as i32).unsigned_abs()
        }
        LandlockStatus::NotEnabled | LandlockStatus::NotImplemented => 0,
    };
    let holds = match status.ruleset {
        RulesetStatus::NotEnforced => "none",
        RulesetStatus::PartiallyEnforced if version < COMPLETE => "partial",
        RulesetStatus::PartiallyEnforced | RulesetStatus::FullyEnforced => "full",
    };
    Ok((version, holds))
}
