//! `glossator setup kakoune`: glossator.kak beside the user's kakrc, and a marked line in it.

use super::files::Files;
use super::marks::Marks;
use super::place::Place;
use super::plan::{Change, Plan};

const MARKS: Marks = Marks { comment: "#" };
const COMMANDS: &str = include_str!("../../../../editors/kakoune/glossator.kak");

/// What is to be written.
pub async fn plan(place: &Place, files: &Files, remove: bool) -> Result<Plan, String> {
    let folder = place.config.join("kak");
    let (kakrc, commands) = (folder.join("kakrc"), folder.join("glossator.kak"));
    let old = files.read(&kakrc).await?;
    let old_commands = files.read(&commands).await?;
    let clean = MARKS
        .without(&old.clone().unwrap_or_default())
        .map_err(|why| format!("{}: {why}", kakrc.display()))?;
    let mut plan = Plan::default();
    let (new, new_commands) = match remove {
        true => (clean, None),
        false => {
            let start = toml::Value::from(place.server()).to_string();
            let text = COMMANDS.replace("command = \"glossator\"", &format!("command = {start}"));
            (MARKS.block(&clean, "source \"%val{config}/glossator.kak\"\n"), Some(text))
        }
    };
    plan.changes.extend(Change::of_ours(commands, old_commands, new_commands));
    plan.changes.extend(Change::of_user(kakrc, old, new));
    if !remove {
        plan.notes.extend(place.server_note());
        if place.which("kak-lsp").is_none() {
            plan.notes
                .push("kak-lsp is not on PATH, and Glossator needs it: `cargo install kak-lsp`".to_owned());
        }
        plan.next.push(
            "Start Kakoune anew; Space (or your key of the user mode), then g, has the keys.".to_owned(),
        );
    }
    Ok(plan)
}
