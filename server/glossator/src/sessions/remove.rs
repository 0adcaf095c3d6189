//! `delete`, `tidy` and `attach`: nothing goes without a yes of the user's.

use super::listing::line;
use super::paint::{count, plain, size, time};
use super::{Desk, Done, Failure};
use crate::assemble;
use crate::terminal::{complain, err, say};
use glossator_agent::Agent;
use glossator_settings::{Settings, Source};
use glossator_store::{Deleted, ListQuery, SessionSummary};
use serde_json::{Value, json};
use std::io::{BufRead, IsTerminal};
use std::time::{SystemTime, UNIX_EPOCH};

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

impl Desk {
    pub fn delete(&self, beginnings: &[String], yes: bool) -> Done {
        let sessions = self.find_all(beginnings)?;
        sessions.iter().filter(|_| !yes || !self.json).for_each(|session| complain!("{}", line(session)));
        if !yes && !agreed(&count(sessions.len() as u64, "session"))? {
            complain!("nothing was deleted");
            return Ok(());
        }
        self.delete_each(&sessions)
    }

    pub fn tidy(&self, yes: bool, days: Option<u32>) -> Done {
        let settings = self.all_settings().sessions;
        let usage = self.store.disk_usage();
        let days = days.unwrap_or(settings.keep_days);
        let old = if days == 0 { Vec::new() } else { self.older_than(days)? };
        if !self.json {
            say!(
                "{}: sessions {}, long texts {}, cabinet {}, index {}",
                size(usage.all),
                size(usage.sessions),
                size(usage.blobs),
                size(usage.cabinet),
                size(usage.index)
            );
            let most = settings.max_mb << 20;
            if most > 0 && usage.all > most {
                say!("more than the {} of sessions.max_mb: archive what is done, and tidy", size(most));
            }
            match days {
                0 => say!(
                    "sessions.keep_days is 0: archived sessions are kept for ever; --days N asks for other ones"
                ),
                _ => say!("{} archived and not used for {days} days", count(old.len() as u64, "session")),
            }
            old.iter().for_each(|session| say!("{}", line(session)));
        }
        if yes {
            self.delete_each(&old)?;
            let swept = self.store.collect()?;
            return self.tell_swept(&swept);
        }
        match self.json {
            true => say!(
                "{}",
                json!({ "bytes": usage.all, "days": days, "sessions": old.iter().map(|one| &one.id).collect::<Vec<_>>() })
            ),
            false if old.is_empty() => {}
            false => complain!("nothing was deleted; `glossator sessions tidy --yes` deletes them"),
        }
        Ok(())
    }

    pub fn attach(&self, folder: Option<&str>) -> Done {
        let Some(folder) = folder else {
            let detached = self.store.detached();
            for one in &detached {
                let facts = (&one.path, one.sessions, time(one.updated_at));
                match self.json {
                    true => say!(
                        "{}",
                        json!({ "path": facts.0, "name": one.name, "sessions": facts.1, "updatedAt": one.updated_at, "bytes": one.bytes })
                    ),
                    false => say!(
                        "{}  {}, {}, last used {}",
                        plain(&facts.0.to_string_lossy()),
                        count(facts.1 as u64, "session"),
                        size(one.bytes),
                        facts.2
                    ),
                }
            }
            if !self.json {
                match detached.is_empty() {
                    true => complain!("every folder with sessions is where it was"),
                    false => complain!("`glossator sessions attach FOLDER` takes those of one over"),
                }
            }
            return Ok(());
        };
        let attached = self.store.attach(folder).map_err(|error| Failure::Failed(error.to_string()))?;
        match self.json {
            true => say!("{}", json!({ "sessions": attached.sessions, "from": attached.from })),
            false => complain!(
                "{} of {} are those of {} now",
                count(attached.sessions as u64, "session"),
                attached.from.display(),
                self.workspace.display()
            ),
        }
        Ok(())
    }

    /// Deletes one after the other; what cannot be deleted does not keep the others.
    fn delete_each(&self, sessions: &[SessionSummary]) -> Done {
        let mut failed = Vec::new();
        for session in sessions {
            match self.store.delete(&session.id) {
                Ok(deleted) => self.tell_deleted(session, &deleted),
                Err(error) => failed.push(error.to_string()),
            }
        }
        match failed.is_empty() {
            true => Ok(()),
            false => Err(Failure::Failed(format!("not deleted: {}", failed.join("\nerror: not deleted: ")))),
        }
    }

    fn tell_deleted(&self, session: &SessionSummary, deleted: &Deleted) {
        match self.json {
            true => say!("{}", json!({ "id": session.id, "blobs": deleted.blobs, "bytes": deleted.bytes })),
            false => complain!(
                "deleted {} with {}: {}",
                session.id,
                count(deleted.blobs, "long text"),
                size(deleted.bytes)
            ),
        }
    }

    fn tell_swept(&self, swept: &Deleted) -> Done {
        match self.json {
            true => say!("{}", json!({ "blobs": swept.blobs, "bytes": swept.bytes })),
            false if swept.blobs > 0 => {
                complain!(
                    "deleted {} that no session needs: {}",
                    count(swept.blobs, "long text"),
                    size(swept.bytes)
                );
            }
            false => {}
        }
        Ok(())
    }

    /// Archived sessions that were not used for so many days. A clock that stands before their last use deletes nothing.
    fn older_than(&self, days: u32) -> Result<Vec<SessionSummary>, Failure> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_millis());
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        let limit = now.saturating_sub(i64::from(days).saturating_mul(DAY_MILLIS));
        let mut sessions =
            self.store.list(&ListQuery { archived: Some(true), ..ListQuery::default() })?.sessions;
        sessions.retain(|session| session.updated_at < limit);
        Ok(sessions)
    }

    /// What is set for this workspace.
    pub(super) fn all_settings(&self) -> Settings {
        let kit = assemble::kit();
        let source = Source {
            folders: kit.folders.clone(),
            workspace: Some(self.workspace.clone()),
            editor: Value::Null,
            command_line: Value::Null,
        };
        let agent: Agent = (kit.agent)(&self.workspace);
        let trusted = agent.trusted(&self.workspace, source.workspace_text().as_deref());
        source.load(trusted).settings
    }
}

/// Asks at a terminal; elsewhere nobody can answer.
fn agreed(what: &str) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        let why = format!("to delete {what} nobody can be asked here; --yes deletes without asking");
        return Err(Failure::Usage(why));
    }
    err(&format!("Delete {what} for good? [y/N] "));
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    Ok(read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
