//! `glossator setup vscode`: installs the extension by VS Code's own command, if its package lies beside this program; else
//! says how to get one. Downloads nothing.

use super::place::{Place, is_file, shown};
use super::plan::{Plan, parent};
use std::path::PathBuf;

/// Programs that take `--install-extension`.
const EDITORS: &[&str] = &["code", "code-insiders", "codium", "code-server"];
/// Publisher and name of the extension.
const EXTENSION: &str = "glossator.glossator";
/// How the package is made.
const BUILD: &str = "in the sources, in editors/vscode: `npm ci && npm run package`, then `code --install-extension \
    glossator-<version>.vsix`; or `Extensions: Install from VSIX...` in VS Code";

/// What is to be run.
pub fn plan(place: &Place, remove: bool) -> Result<Plan, String> {
    let editors: Vec<PathBuf> = EDITORS.iter().filter_map(|name| place.which(name)).collect();
    if editors.is_empty() {
        return Err(format!(
            "none of {} is on PATH. In VS Code run `Shell Command: Install 'code' command in PATH`; or install by hand: {BUILD}",
            EDITORS.join(", ")
        ));
    }
    let arguments = match remove {
        true => ["--uninstall-extension".to_owned(), EXTENSION.to_owned()],
        false => ["--install-extension".to_owned(), shown(&package(place)?)],
    };
    let run = |editor: &PathBuf| std::iter::once(shown(editor)).chain(arguments.clone()).collect();
    let next = match remove {
        true => Vec::new(),
        false => vec![
            "Reload the window of VS Code; the walkthrough `Glossator: Get Started` leads on.".to_owned(),
        ],
    };
    Ok(Plan { commands: editors.iter().map(run).collect(), next, ..Plan::default() })
}

/// The package beside this program: that of this version, for this platform or for all.
fn package(place: &Place) -> Result<PathBuf, String> {
    let folder = parent(&place.program);
    let version = env!("CARGO_PKG_VERSION");
    let platform = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let machine = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let names =
        [format!("glossator-{version}-{platform}-{machine}.vsix"), format!("glossator-{version}.vsix")];
    let found = names.iter().map(|name| folder.join(name)).find(|path| is_file(path));
    found.ok_or_else(|| {
        format!("{} does not lie beside this program, in {}. It is made {BUILD}", names[1], folder.display())
    })
}
