//! `glossator setup neovim`: the plugin that this program carries, as a package of Neovim. `init.lua` is not touched.

use super::files::Files;
use super::place::{Place, shown};
use super::plan::{Change, Plan};
use glossator_workspace::physical;
use std::path::{Path, PathBuf};

macro_rules! carried {
    ($($path:literal)*) => {
        /// The files of the plugin; a test compares them with the folder.
        const FILES: &[(&str, &str)] =
            &[$(($path, include_str!(concat!("../../../../editors/neovim/", $path)))),*];
    };
}

carried! {
    "doc/glossator.txt"
    "plugin/glossator.lua"
    "lua/glossator/asks.lua"
    "lua/glossator/chat.lua"
    "lua/glossator/client.lua"
    "lua/glossator/command.lua"
    "lua/glossator/completion.lua"
    "lua/glossator/documents.lua"
    "lua/glossator/edit.lua"
    "lua/glossator/float.lua"
    "lua/glossator/follow.lua"
    "lua/glossator/health.lua"
    "lua/glossator/init.lua"
    "lua/glossator/keys.lua"
    "lua/glossator/lookups.lua"
    "lua/glossator/messages.lua"
    "lua/glossator/pick.lua"
    "lua/glossator/position.lua"
    "lua/glossator/preview.lua"
    "lua/glossator/prompt.lua"
    "lua/glossator/prompting.lua"
    "lua/glossator/review.lua"
    "lua/glossator/scratch.lua"
    "lua/glossator/server.lua"
    "lua/glossator/session.lua"
    "lua/glossator/signin.lua"
    "lua/glossator/symbols.lua"
    "lua/glossator/windows.lua"
}

/// Starts the plugin, unless `init.lua` has done so; `CMD` is what `setup` is called with.
const START: &str =
    "-- Written by `glossator setup neovim`: starts the plugin, unless init.lua has called its setup.
if vim.fn.has('nvim-0.10') == 1 and not pcall(vim.api.nvim_get_autocmds, { group = 'glossator' }) then
  require('glossator').setup(CMD)
end
";

/// The package, or what of it is to go.
pub async fn plan(place: &Place, files: &Files, remove: bool) -> Result<Plan, String> {
    let app = Place::variable("NVIM_APPNAME").unwrap_or_else(|| "nvim".to_owned());
    let folder = place.data.join(app).join("site/pack/glossator/start/glossator");
    let real = |path: &Path| physical(path).map_err(|error| format!("{}: {error}", path.display()));
    let expected = folder.parent().map(real).transpose()?.map(|parent| parent.join("glossator"));
    if Some(real(&folder)?) != expected {
        return Err(format!(
            "{} is a link of yours; remove it first, or keep it: the plugin works from there",
            folder.display()
        ));
    }
    let mut plan = Plan::default();
    let wanted = if remove { Vec::new() } else { wanted(place) };
    let tags = PathBuf::from("doc/tags");
    for path in files.below(&folder) {
        let inside = path.strip_prefix(&folder).unwrap_or(&path);
        let stays = wanted.iter().any(|(name, _)| Path::new(name) == inside) || (!remove && inside == tags);
        if !stays {
            let before = files.read(&path).await?;
            plan.changes.extend(Change::of_ours(path, before, None));
        }
    }
    for (name, text) in wanted {
        let path = folder.join(name);
        let before = files.read(&path).await?;
        plan.changes.extend(Change::of_ours(path, before, Some(text)));
    }
    if !remove && !plan.changes.is_empty() {
        finish(&mut plan, place, &folder);
    }
    Ok(plan)
}

fn wanted(place: &Place) -> Vec<(&'static str, String)> {
    let command = match place.server().as_str() {
        "glossator" => String::new(),
        program => format!("{{ cmd = {{ {}, 'lsp' }} }}", quoted(program)),
    };
    let start = ("plugin/glossator_start.lua", START.replace("CMD", &command));
    FILES.iter().map(|(name, text)| (*name, (*text).to_owned())).chain([start]).collect()
}

/// As a string of Lua.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n"))
}

fn finish(plan: &mut Plan, place: &Place, folder: &Path) {
    plan.notes.extend(place.server_note());
    plan.notes.push(
        "init.lua is not touched. Options: require('glossator').setup{ ... } there. lazy.nvim leaves packages out: with it, add \
         { dir = '<the folder above>' } to its plugins"
            .to_owned(),
    );
    match place.which("nvim") {
        Some(nvim) => {
            let tags = format!("helptags {}", shown(&folder.join("doc")).replace(' ', "\\ "));
            let words = ["--clean", "--headless", "-c", &tags, "-c", "quitall!"];
            let program = std::iter::once(shown(&nvim));
            plan.commands.push(program.chain(words.map(str::to_owned)).collect());
        }
        None => plan.notes.push("`nvim` is not on PATH; it has to be 0.10 or newer".to_owned()),
    }
    plan.next.push("Start Neovim anew: `:checkhealth glossator` says whether all is well, `:help glossator` all the rest.".to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    #[allow(clippy::disallowed_methods)] // Reads the folder that is carried.
    fn every_file_of_the_plugin_is_carried() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../editors/neovim");
        let mut left = vec![root.clone()];
        let mut found = BTreeSet::new();
        while let Some(folder) = left.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    left.push(path);
                } else {
                    found.insert(path.strip_prefix(&root).unwrap().to_string_lossy().into_owned());
                }
            }
        }
        found.remove("doc/tags");
        let carried: BTreeSet<String> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(carried, found, "the list in this file has to name what lies in editors/neovim");
    }

    #[test]
    fn a_path_as_lua() {
        assert_eq!(quoted("/a b/it's\\"), "'/a b/it\\'s\\\\'");
    }
}
