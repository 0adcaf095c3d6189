//! What files settings and guidance of one connection come from, and a look at them when one changed.

use super::Connection;
use std::path::PathBuf;

impl Connection {
    /// The user's own settings file; it need not exist.
    pub fn settings_file(&self) -> PathBuf {
        self.kit.folders.config.join("settings.toml")
    }

    /// The settings files, as the user knows them, and what becomes of each. Reads them.
    pub fn settings_files(&self, trusted: bool) -> Vec<(String, &'static str)> {
        let identity = self.started.get().map(|started| started.identity.clone()).unwrap_or_default();
        let source = self.source(&identity, serde_json::Map::new());
        let own = self.settings_file();
        let mut found =
            vec![(own.display().to_string(), if source.has_user_file() { "read" } else { "not there" })];
        if let Some(file) = source.workspace_file() {
            let state = match (source.workspace_text(), trusted) {
                (None, _) => "not there",
                (Some(_), true) => "read",
                (Some(_), false) => "left out: the folder is not trusted",
            };
            found.push((file.display().to_string(), state));
        }
        if !source.editor.is_null() {
            found.push(("the editor's own settings".to_owned(), "read"));
        }
        found
    }

    /// The names of guidance files. Reads the settings.
    pub fn guidance_names(&self) -> Vec<String> {
        self.config_over(&serde_json::Map::new()).0.context.guidance
    }

    /// The settings files as they are now, and whether the workspace is trusted, so that a change can be told. Reads them.
    pub fn settings_texts(&self) -> ([Option<String>; 2], bool) {
        let identity = self.started.get().map(|started| started.identity.clone()).unwrap_or_default();
        (self.source(&identity, serde_json::Map::new()).texts(), self.trusted())
    }
}
