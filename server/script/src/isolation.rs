//! What stands between a script and the machine, as data: what each worker says of its walls and what people read.
//! Builds no wall itself.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something a script could reach if the walls had a hole there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Door {
    /// Files can be opened.
    Files,
    /// Sockets can be made.
    Network,
    /// Processes can be forked or programs executed.
    Processes,
    /// Descriptors other than its own are open.
    Descriptors,
}

impl Door {
    /// What a worker with this door open could do, after "it could".
    fn deed(self) -> &'static str {
        match self {
            Door::Files => "open files",
            Door::Network => "open network sockets",
            Door::Processes => "start processes",
            Door::Descriptors => "use descriptors of the server",
        }
    }
}

/// How a worker comes to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Made {
    /// Forked by a locked process that has prepared everything once.
    Forked,
    /// A process of its own, started by `exec`.
    #[default]
    Executed,
}

/// What one worker found out about its own walls, by trying, before it read a script.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Walls {
    /// Which build of Glossator it is; the host takes only its own.
    pub build: String,
    /// Its process id.
    pub pid: u32,
    /// How it was made.
    pub made: Made,
    /// Landlock's version in the kernel; 0 when there is none.
    pub landlock: u32,
    /// What of Landlock the kernel holds: `full`, `partial` or `none`.
    pub landlock_holds: String,
    /// Whether the filter of system calls is on.
    pub seccomp: bool,
    /// Whether it can gain no privileges and no debugger of the same user can look into it.
    pub sealed: bool,
    /// Limits the system holds: name and amount.
    pub limits: Vec<(String, u64)>,
    /// What it could do and must not. Checked on Linux only; a worker with an open door runs no script.
    pub open: Vec<Door>,
    /// What could not be set up, in words.
    pub faults: Vec<String>,
}

impl Walls {
    /// What is wrong with a worker that must not work, as a sentence's end; none when it may.
    pub(crate) fn breach(&self) -> Option<String> {
        if self.open.is_empty() {
            return None;
        }
        let deeds: Vec<&str> = self.open.iter().map(|door| door.deed()).collect();
        let faults =
            if self.faults.is_empty() { String::new() } else { format!(" ({})", self.faults.join("; ")) };
        Some(format!("it could {}{faults}", deeds.join(", ")))
    }
}

/// How scripts are isolated on this machine. `Display` says it to people, a fact per line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Isolation {
    /// System and processor.
    pub platform: String,
    /// A worker's walls; none when no worker could be used.
    pub walls: Option<Walls>,
    /// Why no worker could be used.
    pub error: Option<String>,
    /// What a wall that should be there is missing, and what that means.
    pub missing: Vec<String>,
}

impl Isolation {
    /// The state of this machine as told by a worker, or why there is none.
    pub(crate) fn of(worker: Result<Walls, String>) -> Isolation {
        let platform = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
        match worker {
            Ok(walls) => {
                let missing = missing(&walls);
                Isolation { platform, walls: Some(walls), error: None, missing }
            }
            Err(error) => Isolation { platform, walls: None, error: Some(error), missing: Vec::new() },
        }
    }
}

fn missing(walls: &Walls) -> Vec<String> {
    let mut missing = Vec::new();
    if !cfg!(target_os = "linux") {
        missing.push(
            "no system sandbox for workers on this system: a script that breaks out of the engine has the rights of \
             the user; limits, an empty environment and descriptors that close on exec still hold"
                .to_owned(),
        );
        return missing;
    }
    if walls.landlock_holds != "full" {
        missing.push(format!(
            "Landlock holds {}: the filter of system calls alone keeps workers from files and network",
            if walls.landlock == 0 { "nothing" } else { "in part" }
        ));
    }
    if walls.made == Made::Executed {
        missing.push("no worker could be forked: each script costs some milliseconds more".to_owned());
    }
    if !walls.sealed {
        missing.push("a debugger of the same user could look into a worker".to_owned());
    }
    missing.extend(walls.faults.iter().cloned());
    missing
}

impl fmt::Display for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "platform: {}", self.platform)?;
        if let Some(error) = &self.error {
            return write!(f, "scripts: cannot run: {error}");
        }
        let Some(walls) = &self.walls else { return write!(f, "scripts: cannot run") };
        let made = match walls.made {
            Made::Forked => "forked from a locked process that is prepared once",
            Made::Executed => "one started process each",
        };
        writeln!(f, "workers: {made}")?;
        if cfg!(target_os = "linux") {
            writeln!(
                f,
                "files, network, new processes, foreign descriptors: closed (each worker tries before it works)"
            )?;
            let seccomp = if walls.seccomp { "on" } else { "off" };
            writeln!(f, "seccomp: {seccomp}")?;
            writeln!(f, "landlock: version {}, {}", walls.landlock, walls.landlock_holds)?;
        }
        let limits: Vec<String> =
            walls.limits.iter().map(|(name, amount)| format!("{name} {amount}")).collect();
        write!(f, "limits: {}", limits.join(", "))?;
        for gap in &self.missing {
            write!(f, "\nmissing: {gap}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Door, Isolation, Walls};

    #[test]
    fn an_open_door_is_a_breach_and_is_named() {
        let mut walls =
            Walls { landlock: 7, landlock_holds: "full".into(), seccomp: true, ..Walls::default() };
        assert_eq!(walls.breach(), None);
        walls.open = vec![Door::Files, Door::Network];
        walls.faults = vec!["seccomp: no".into()];
        assert_eq!(walls.breach().unwrap(), "it could open files, open network sockets (seccomp: no)");
    }

    #[test]
    fn people_read_what_holds_and_what_is_missing() {
        let walls = Walls { limits: vec![("open files".into(), 16)], sealed: true, ..Walls::default() };
        let told = Isolation::of(Ok(walls)).to_string();
        assert!(told.contains("limits: open files 16") && told.contains("\nmissing: "), "{told}");
        let told = Isolation::of(Err("no such file".into())).to_string();
        assert!(told.ends_with("cannot run: no such file"), "{told}");
    }
}
