//! The guidance files of the user and of the project: which there are, and their texts as the user sees them. Nothing of an
//! untrusted folder is taken, and nothing from outside the workspace; what is made of them is `context`'s work.

use crate::config::{ContextConfig, Front};
use glossator_context::{Guidance, GuidanceFile, Imported, guidance};
use glossator_workspace::{ReadError, Roots, identity};
use std::path::{Path, PathBuf};

/// Rounds of imports: files that are imported by files that are imported, and so on.
const DEPTH: usize = 8;
/// Bytes that are read of an import at the most, whatever the cap of all is.
const IMPORT_BYTES: usize = 1 << 20;

/// The guidance that holds now, the user's own first, then from the top of the workspace down to each folder, with what
/// the user has to know of it.
pub async fn gather(front: &Front, config: &ContextConfig) -> Guidance {
    let mut files = Vec::new();
    let mut notices = Vec::new();
    if let Some(path) = &config.user_guidance {
        let shown = path.display().to_string();
        match front.workspace.read(path).await {
            Ok(document) => {
                files.push(GuidanceFile { path: shown, text: document.text, may_import: false });
            }
            Err(ReadError::NotFound { .. }) => {}
            Err(error) => notices.push(format!("{shown} is not followed: {error}.")),
        }
    }
    let places = Places::of(front.workspace.roots());
    for folder in &places.folders {
        for name in &config.guidance {
            match read(front, &places, &folder.join(name)).await {
                Found::File(file) => files.push(file),
                Found::Refused(why) => notices.push(why),
                Found::Nothing => continue,
            }
            // The first name that a folder has counts, also when it is not followed.
            break;
        }
    }
    let mut imported = Imported::new();
    let mut found = guidance(&files, &imported, config.guidance_bytes);
    for _ in 0..DEPTH {
        if found.wanted.is_empty() {
            break;
        }
        for path in std::mem::take(&mut found.wanted) {
            let text = import(front, &places, &path).await;
            imported.insert(path, text);
        }
        found = guidance(&files, &imported, config.guidance_bytes);
    }
    notices.append(&mut found.notices);
    Guidance { notices, ..found }
}

/// Where guidance may stand.
struct Places {
    roots: Roots,
    /// The tops of the workspace: what lies in none of them is outside.
    tops: Vec<PathBuf>,
    /// From each top down to each working folder, each once.
    folders: Vec<PathBuf>,
}

impl Places {
    fn of(roots: Roots) -> Places {
        let (mut tops, mut folders): (Vec<PathBuf>, Vec<PathBuf>) = Default::default();
        for root in roots.folders() {
            let top = identity(root);
            let mut chain: Vec<&Path> =
                root.ancestors().take_while(|folder| folder.starts_with(&top)).collect();
            chain.reverse();
            for folder in chain {
                if !folders.iter().any(|known| known == folder) {
                    folders.push(folder.to_path_buf());
                }
            }
            tops.push(top);
        }
        Places { roots, tops, folders }
    }

    /// Where `path` really leads, if that is in the workspace and not for us alone.
    fn inside(&self, path: &str) -> Option<PathBuf> {
        let (resolved, in_folder) = self.roots.resolve_any(path).ok()?;
        let allowed = match in_folder {
            true => self.roots.resolve(path).is_ok(),
            false => self.tops.iter().any(|top| resolved.starts_with(top)),
        };
        allowed.then_some(resolved)
    }
}

/// What there is at a place.
enum Found {
    Nothing,
    File(GuidanceFile),
    /// A file that is not followed, and why.
    Refused(String),
}

async fn read(front: &Front, places: &Places, path: &Path) -> Found {
    let shown = places.roots.display(path);
    let Some(resolved) = places.inside(&path.to_string_lossy()) else {
        let text = format!("{shown} is not followed, because it leads out of the workspace.");
        return Found::Refused(text);
    };
    let document = match front.workspace.read(&resolved).await {
        Ok(document) => document,
        Err(ReadError::NotFound { .. }) => return Found::Nothing,
        Err(error) => return Found::Refused(format!("{shown} is not followed: {error}.")),
    };
    if !front.trusted {
        return Found::Refused(format!(
            "{shown} is not followed, because this folder is not trusted. Look at it, then run glossator.trust."
        ));
    }
    Found::File(GuidanceFile { path: shown, text: document.text, may_import: true })
}

/// The text of a file that guidance of a trusted folder imports.
async fn import(front: &Front, places: &Places, path: &str) -> Result<String, String> {
    let resolved = places.inside(path).ok_or("it leads out of the workspace")?;
    let document = front.workspace.read(&resolved).await.map_err(|error| match error {
        // A name or a package, more likely than a file that somebody forgot.
        ReadError::NotFound { .. } if !path.ends_with(".md") => String::new(),
        ReadError::NotFound { .. } => "there is no such file".to_owned(),
        error => error.to_string(),
    })?;
    let mut text = document.text;
    text.truncate(text.floor_char_boundary(IMPORT_BYTES));
    Ok(text)
}
