//! `glossator setup emacs`: glossator.el in a folder of its own, and a marked part of the user's init file.

use super::files::Files;
use super::marks::Marks;
use super::place::{Place, is_file, is_folder, shown};
use super::plan::{Change, Plan, parent};
use std::path::PathBuf;

const MARKS: Marks = Marks { comment: ";;" };
const COMMANDS: &str = include_str!("../../../../editors/emacs/glossator.el");

/// What is to be written.
pub async fn plan(place: &Place, files: &Files, remove: bool) -> Result<Plan, String> {
    let init = init_file(place);
    let folder = match init.file_name().is_some_and(|name| name == "init.el") {
        true => parent(&init).join("glossator"),
        false => place.home.join(".emacs.d/glossator"),
    };
    let commands = folder.join("glossator.el");
    let old = files.read(&init).await?;
    let clean = MARKS
        .without(&old.clone().unwrap_or_default())
        .map_err(|why| format!("{}: {why}", init.display()))?;
    let old_commands = files.read(&commands).await?;
    let mut plan = Plan::default();
    let (new, new_commands) = match remove {
        true => (clean, None),
        false => (MARKS.block(&clean, &block(place, &shown(&folder))), Some(COMMANDS.to_owned())),
    };
    plan.changes.extend(Change::of_ours(commands, old_commands, new_commands));
    plan.changes.extend(Change::of_user(init, old, new));
    if !remove {
        plan.notes.extend(place.server_note());
        plan.notes.push(
            "Eglot has one server for each buffer: where a mode has one already, a multiplexer puts Glossator beside it; \
             editors/emacs/README.md says how"
                .to_owned(),
        );
        plan.next.push(
            "Start Emacs anew (30.1 or newer), and `M-x eglot` in a file; C-c g has the keys.".to_owned(),
        );
    }
    Ok(plan)
}

/// The file that Emacs reads: the first of these that there is.
fn init_file(place: &Place) -> PathBuf {
    let of_home = [".emacs.el", ".emacs", ".emacs.d/init.el"].map(|name| place.home.join(name));
    let modern = place.config.join("emacs/init.el");
    of_home.into_iter().chain([modern.clone()]).find(|path| is_file(path)).unwrap_or_else(|| match is_folder(
        &place.home.join(".emacs.d"),
    ) {
        true => place.home.join(".emacs.d/init.el"),
        false => modern,
    })
}

fn block(place: &Place, folder: &str) -> String {
    format!(
        "(add-to-list 'load-path {})
(with-eval-after-load 'eglot
  (require 'glossator)
  (add-hook 'eglot-managed-mode-hook #'glossator-mode)
  (add-to-list 'eglot-server-programs
               '((text-mode markdown-mode diff-mode) . ({} \"lsp\"))))
",
        quoted(folder),
        quoted(&place.server())
    )
}

/// As a string of Emacs Lisp.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
