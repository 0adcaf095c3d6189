//! `glossator setup`: writes what an editor needs into its configuration, after showing it; takes it out again. Each editor
//! makes a [`Plan`] of whole files; what is written goes through one place ([`files`]). Never writes without a yes.

mod emacs;
mod files;
mod helix;
mod kakoune;
mod marks;
mod neovim;
mod place;
mod plan;
mod programs;
mod show;
mod vscode;

use crate::terminal::{complain, err, say};
use clap::{Args, ValueEnum};
use files::Files;
use place::Place;
use plan::Plan;
use std::io::{BufRead, IsTerminal};

/// Exit codes: written, or nothing to write; not written.
const DONE: u8 = 0;
const FAILED: u8 = 1;

/// `glossator setup`
#[derive(Args)]
pub struct Setup {
    /// Which editor.
    #[arg(value_enum)]
    pub editor: Editor,
    /// Write without asking.
    #[arg(long)]
    pub yes: bool,
    /// Show what would be written, and write nothing.
    #[arg(long, conflicts_with = "yes")]
    pub print: bool,
    /// Take out what setup has put in.
    #[arg(long)]
    pub remove: bool,
}

/// The editors that can be set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Editor {
    /// `languages.toml` and `config.toml`.
    #[value(alias = "hx")]
    Helix,
    /// A package, started by itself.
    #[value(alias = "nvim")]
    Neovim,
    /// The extension, if it lies beside the program.
    #[value(alias = "code")]
    Vscode,
    /// A part of `init.el`.
    Emacs,
    /// A part of `kakrc`.
    #[value(alias = "kak")]
    Kakoune,
}

impl Editor {
    fn name(self) -> &'static str {
        match self {
            Editor::Helix => "helix",
            Editor::Neovim => "neovim",
            Editor::Vscode => "vscode",
            Editor::Emacs => "emacs",
            Editor::Kakoune => "kakoune",
        }
    }
}

/// Sets an editor up: exit code 0 done or nothing to do, 1 nothing written.
pub async fn run(arguments: Setup) -> u8 {
    match carry_out(&arguments).await {
        Ok(code) => code,
        Err(why) => {
            complain!("error: {why}");
            complain!("Nothing was written.");
            FAILED
        }
    }
}

async fn carry_out(arguments: &Setup) -> Result<u8, String> {
    let place = Place::find()?;
    let files = Files::new();
    let remove = arguments.remove;
    let plan = match arguments.editor {
        Editor::Helix => helix::plan(&place, &files, remove).await?,
        Editor::Neovim => neovim::plan(&place, &files, remove).await?,
        Editor::Vscode => vscode::plan(&place, remove)?,
        Editor::Emacs => emacs::plan(&place, &files, remove).await?,
        Editor::Kakoune => kakoune::plan(&place, &files, remove).await?,
    };
    if plan.changes.is_empty() && plan.commands.is_empty() {
        say!("{}", if remove { "There is nothing to take out." } else { "There is nothing to change." });
        show::notes(&plan);
        return Ok(DONE);
    }
    show::plan(&plan);
    if arguments.print {
        return Ok(DONE);
    }
    if !arguments.yes && !agreed(arguments)? {
        complain!("Nothing was written.");
        return Ok(FAILED);
    }
    write(&files, plan).await
}

async fn write(files: &Files, plan: Plan) -> Result<u8, String> {
    files.commit(&plan.changes).await?;
    plan.changes.iter().for_each(|change| say!("{}", change.told()));
    for command in &plan.commands {
        let ran = programs::output(command, &[]).await.and_then(programs::Ran::well);
        if let Err(why) = ran {
            complain!("error: `{}` did not do it: {why}", command.join(" "));
            return Ok(FAILED);
        }
        say!("ran {}", command.join(" "));
    }
    plan.next.iter().for_each(|line| say!("{line}"));
    Ok(DONE)
}

/// Asks at a terminal; elsewhere says how to go on.
fn agreed(arguments: &Setup) -> Result<bool, String> {
    if !std::io::stdin().is_terminal() {
        complain!(
            "Nobody can be asked here: `glossator setup {}{} --yes` does it.",
            arguments.editor.name(),
            if arguments.remove { " --remove" } else { "" }
        );
        return Ok(false);
    }
    err("Do this? [y/N] ");
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    Ok(read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
