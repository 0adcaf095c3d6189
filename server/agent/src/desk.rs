//! What fronts need of the store beside sessions: documents of ours, the filing cabinet, a day's spending. Decides nothing.

use crate::session::now;
use crate::{Agent, AgentError};
use glossator_session::{FileKey, SessionId};
use glossator_store::{CabinetEntry, CabinetList, DaySpent, Store, day_of, open_import};
use std::fmt::Display;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

impl Agent {
    /// Where the document `name` of a session is, or one of the workspace; it need not be there yet.
    ///
    /// # Errors
    /// A state folder that cannot be used.
    pub fn document(&self, session: Option<&SessionId>, name: &str) -> Result<PathBuf, AgentError> {
        self.stored()?.document(session, name).map_err(store_error)
    }

    /// Writes a document whole; gives its path. Blocks.
    ///
    /// # Errors
    /// A state folder that cannot be written.
    pub fn write_document(
        &self,
        session: Option<&SessionId>,
        document: (&str, &str),
    ) -> Result<PathBuf, AgentError> {
        self.stored()?.write_document(session, document).map_err(store_error)
    }

    /// A long document, to be written bit by bit. Blocks.
    ///
    /// # Errors
    /// A state folder that cannot be written.
    pub fn create_document(
        &self,
        session: Option<&SessionId>,
        name: &str,
    ) -> Result<(PathBuf, impl Write + use<>), AgentError> {
        self.stored()?.create_document(session, name).map_err(store_error)
    }

    /// A file that the user wants to be imported. Blocks.
    ///
    /// # Errors
    /// Where it cannot be opened, or is no file.
    pub fn open_import(&self, path: &Path) -> Result<impl BufRead + use<>, AgentError> {
        open_import(path).map_err(store_error)
    }

    /// The filing cabinet of the workspace. Blocks.
    ///
    /// # Errors
    /// A state folder that cannot be read.
    pub fn filed(&self) -> Result<CabinetList, AgentError> {
        self.stored()?.cabinet().list(now()).map_err(store_error)
    }

    /// A document of the cabinet and its text. Blocks.
    ///
    /// # Errors
    /// A key that is not known, or no more.
    pub fn filed_text(&self, key: &FileKey) -> Result<(CabinetEntry, String), AgentError> {
        self.stored()?.cabinet().get(key, now()).map_err(store_error)
    }

    /// A text that a session keeps under a key (`K3`). Blocks.
    ///
    /// # Errors
    /// No such session, and a key that names nothing there.
    pub fn kept_text(&self, id: &SessionId, key: &FileKey) -> Result<String, AgentError> {
        self.session(id)?.kept.read(key).map_err(AgentError::Refused)
    }

    /// Puts a text into the cabinet. Blocks.
    ///
    /// # Errors
    /// A text that is too long, and a state folder that cannot be written.
    pub fn file_away(&self, text: &str, note: &str) -> Result<CabinetEntry, AgentError> {
        self.stored()?.cabinet().put(text, note, "user", now()).map_err(store_error)
    }

    /// Takes a document out of the cabinet; `false`: it was not there. Blocks.
    ///
    /// # Errors
    /// A state folder that cannot be written.
    pub fn unfile(&self, key: &FileKey) -> Result<bool, AgentError> {
        self.stored()?.cabinet().delete(key).map_err(store_error)
    }

    /// What was spent on `day` (`2026-11-20`), or today; and which day that is. Blocks.
    ///
    /// # Errors
    /// A day that is none.
    pub fn spent_on(&self, day: Option<&str>) -> Result<(String, DaySpent), AgentError> {
        let day = day.map_or_else(|| day_of(now()), str::to_owned);
        let spent = self.stored()?.spent_on(&day).map_err(store_error)?;
        Ok((day, spent))
    }

    fn stored(&self) -> Result<&Store, AgentError> {
        self.shared().store.as_ref().map_err(store_error)
    }
}

fn store_error(error: impl Display) -> AgentError {
    AgentError::Store(error.to_string())
}
