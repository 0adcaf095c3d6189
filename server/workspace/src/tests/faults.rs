//! Effects on the disk, and requests to the editor, that fail when a test says so.

use parking_lot::Mutex;
use std::io;
use std::path::{Path, PathBuf};

/// Whether an effect fails: by its number from 1, and what it is and where.
type Fails = dyn Fn(usize, &str) -> bool + Send;

/// Which effects below a folder fail, and with which error.
struct Plan {
    root: PathBuf,
    fails: Box<Fails>,
    errno: i32,
    seen: Vec<String>,
}

/// One for each test that runs; found by the folder.
static PLANS: Mutex<Vec<Plan>> = Mutex::new(Vec::new());

/// What the door to the disk calls before each effect.
pub(crate) fn effect(what: &'static str, path: &Path) -> io::Result<()> {
    let mut plans = PLANS.lock();
    let Some(plan) = plans.iter_mut().find(|plan| path.starts_with(&plan.root)) else { return Ok(()) };
    let name = format!("{what}: {}", path.strip_prefix(&plan.root).unwrap().display());
    plan.seen.push(name.clone());
    match (plan.fails)(plan.seen.len(), &name) {
        true => Err(io::Error::from_raw_os_error(plan.errno)),
        false => Ok(()),
    }
}

/// Ends with the test's folder.
pub(super) struct Armed(PathBuf);

/// From now on effects below `root` are counted, and those that are to fail do so: by number from 1, and name and path.
pub(super) fn arm(root: &Path, errno: i32, fails: impl Fn(usize, &str) -> bool + Send + 'static) -> Armed {
    let (root, seen) = (root.to_path_buf(), Vec::new());
    PLANS.lock().push(Plan { root: root.clone(), fails: Box::new(fails), errno, seen });
    Armed(root)
}

impl Armed {
    /// What was tried so far, in order.
    pub(super) fn seen(&self) -> Vec<String> {
        PLANS.lock().iter().find(|plan| plan.root == self.0).unwrap().seen.clone()
    }
}

impl Drop for Armed {
    fn drop(&mut self) {
        PLANS.lock().retain(|plan| plan.root != self.0);
    }
}
