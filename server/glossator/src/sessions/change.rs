//! `export`, `import`, `fork`, `rename`, `archive` and `reindex`.

use super::arguments::Format;
use super::paint::{count, size};
use super::{Desk, Done, Failure, turn};
use crate::assemble;
use crate::terminal::{complain, say};
use glossator_settings::turn_config;
use glossator_store::{ExportFormat, SessionHead, create_export, drop_export, open_import};
use serde_json::json;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::time::Instant;

/// Characters of a title.
const TITLE_CHARS: usize = 200;

impl Desk {
    pub fn export(&self, beginning: &str, format: Format, out: Option<&Path>) -> Done {
        let id = self.id(beginning)?;
        let format = match format {
            Format::Markdown => ExportFormat::Markdown,
            Format::Jsonl => ExportFormat::Jsonl,
        };
        let Some(path) = out else {
            return Ok(self.store.export(&id, format, &mut BufWriter::new(std::io::stdout().lock()))?);
        };
        let mut file = BufWriter::new(create_export(path)?);
        let written = self.store.export(&id, format, &mut file).map_err(Failure::from).and_then(|()| {
            let flushed = file.flush().and_then(|()| file.get_ref().sync_data());
            flushed.map_err(|error| Failure::Failed(format!("cannot write {}: {error}", path.display())))
        });
        match written {
            Ok(()) => {
                let bytes = file.get_ref().metadata().map_or(0, |meta| meta.len());
                complain!("session {id}: {} in {}", size(bytes), path.display());
                Ok(())
            }
            Err(failure) => {
                // Half an export would be taken for a whole one.
                drop_export(path);
                Err(failure)
            }
        }
    }

    pub fn import(&self, file: &Path) -> Done {
        let mut from: Box<dyn BufRead> = match file == Path::new("-") {
            true => Box::new(BufReader::new(std::io::stdin())),
            false => Box::new(open_import(file)?),
        };
        let config = turn_config(&self.all_settings(), &assemble::kit().environment);
        let head = self.store.import(&mut from, &*config.redact)?;
        self.store.indexed(&head.id);
        self.begun(&head, "imported as")
    }

    pub fn fork(&self, beginning: &str, asked: Option<&str>, title: Option<String>) -> Done {
        let id = self.id(beginning)?;
        let turn = asked.map(turn).transpose()?;
        let agent = (assemble::kit().agent)(&self.workspace);
        let title = title.map(|title| self.redacted(&title));
        let head = agent.fork(&id, turn, title).map_err(|error| Failure::Failed(error.to_string()))?;
        self.begun(&head, "forked as")
    }

    pub fn rename(&self, beginning: &str, title: &str) -> Done {
        let id = self.id(beginning)?;
        let title = self.redacted(title);
        let title: String = title.split_whitespace().collect::<Vec<_>>().join(" ");
        let title: String = title.chars().filter(|c| !c.is_control()).take(TITLE_CHARS).collect();
        let mut meta = self.store.meta(&id)?;
        meta.title = (!title.is_empty()).then_some(title);
        self.store.set_meta(&id, &meta)?;
        self.store.indexed(&id);
        let called = self.find(&id.0)?.title;
        match self.json {
            true => say!("{}", json!({ "id": id, "title": called })),
            false => complain!("session {id} is called '{called}' now"),
        }
        Ok(())
    }

    pub fn archive(&self, beginnings: &[String], archived: bool) -> Done {
        for session in self.find_all(beginnings)? {
            let mut meta = self.store.meta(&session.id)?;
            meta.archived = archived;
            self.store.set_meta(&session.id, &meta)?;
            self.store.indexed(&session.id);
            match self.json {
                true => say!("{}", json!({ "id": session.id, "archived": archived })),
                false => complain!("{} {}", if archived { "archived" } else { "took out" }, session.id),
            }
        }
        Ok(())
    }

    pub fn reindex(&self) -> Done {
        let began = Instant::now();
        let mut shown = Instant::now();
        let sessions = self.store.reindex(&mut |done, all| {
            if shown.elapsed().as_secs() >= 2 {
                shown = Instant::now();
                complain!("{done} of {}", count(all as u64, "session"));
            }
        })?;
        let millis = began.elapsed().as_millis();
        match self.json {
            true => say!("{}", json!({ "sessions": sessions, "millis": millis })),
            false => {
                complain!("the index of {} was made anew in {millis} ms", count(sessions as u64, "session"))
            }
        }
        Ok(())
    }

    /// A text without the keys that the settings of this workspace name.
    fn redacted(&self, text: &str) -> String {
        let config = turn_config(&self.all_settings(), &assemble::kit().environment);
        (config.redact)(text)
    }

    fn begun(&self, head: &SessionHead, how: &str) -> Done {
        match self.json {
            true => say!("{}", json!({ "id": head.id, "title": head.title, "parent": head.parent })),
            false => {
                complain!("{how}");
                say!("{}", head.id);
            }
        }
        Ok(())
    }
}
