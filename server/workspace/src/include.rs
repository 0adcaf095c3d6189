//! The glob that narrows a search to some files. Names only.

use crate::roots::Roots;
use crate::walk::SearchError;
use globset::{GlobBuilder, GlobMatcher};
use std::path::Path;

/// Which files are searched.
pub(crate) struct Include {
    glob: GlobMatcher,
    /// On the whole path, not only on the name.
    whole_path: bool,
    /// Those that match are left out.
    inverted: bool,
}

impl Include {
    /// Reads a glob as it is written in a request.
    pub(crate) fn parse(written: &str) -> Result<Include, SearchError> {
        let (inverted, glob) = written.strip_prefix('!').map_or((false, written), |rest| (true, rest));
        let glob = glob.strip_prefix("./").unwrap_or(glob);
        let whole_path = glob.contains('/');
        let glob = glob.trim_start_matches('/');
        // A folder stands for what it holds.
        let glob = if glob.ends_with('/') { format!("{glob}**") } else { glob.to_owned() };
        let built = GlobBuilder::new(&glob).literal_separator(true).build();
        let glob = built.map_err(|error| SearchError::Glob {
            glob: written.to_owned(),
            reason: error.kind().to_string(),
        })?;
        Ok(Include { glob: glob.compile_matcher(), whole_path, inverted })
    }

    /// Whether `path` (resolved) is searched.
    pub(crate) fn takes(&self, path: &Path, roots: &Roots) -> bool {
        let matches = if !self.whole_path {
            path.file_name().is_some_and(|name| self.glob.is_match(name))
        } else {
            let inner = roots.root_of(path).and_then(|root| path.strip_prefix(&roots.folders()[root]).ok());
            inner.is_some_and(|inner| self.glob.is_match(inner)) || self.glob.is_match(roots.display(path))
        };
        matches != self.inverted
    }
}
