//! From a patch to a change set: carries the operations out on texts in memory, in the order they were written, then
//! states the net change of every file. Nothing is ever written here.

use std::collections::HashMap;
use std::path::PathBuf;

use glossator_text::{ChangeSet, FileChange, FileEncoding, FileFormat, LineEnding, lines};

use crate::assemble::assemble;
use crate::lines::BOM;
use crate::net::{Body, Held, Slot, Slots};
use crate::{Chunk, Current, FilePatch, FileSummary, Files, Operation, Patch, Problem, write};

/// What a patch may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Whether `*** Add File:` may replace a file that exists.
    pub overwrite: bool,
}

/// A patch that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a plan does nothing until its change set is committed"]
pub struct Plan {
    /// What is to be done. Files that stay as they are are not in it.
    pub change: ChangeSet,
    /// The same, in numbers; a file that moves is one entry.
    pub files: Vec<FileSummary>,
    /// What the reader should know although everything fits.
    pub warnings: Vec<String>,
}

/// Plans a patch over the files as they are now. Fails with every problem at once.
pub fn plan(patch: &Patch, files: &dyn Files, options: &Options) -> Result<Plan, Vec<Problem>> {
    let mut planner = Planner {
        files,
        options,
        slots: Slots::default(),
        by_path: HashMap::new(),
        report: Report::default(),
    };
    for file in &patch.files {
        if let Err(problem) = planner.operation(file) {
            planner.report.problems.push(problem);
        }
    }
    planner.finish()
}

#[derive(Default)]
struct Report {
    problems: Vec<Problem>,
    warnings: Vec<String>,
}

struct Planner<'a> {
    files: &'a dyn Files,
    options: &'a Options,
    slots: Slots,
    by_path: HashMap<PathBuf, usize>,
    report: Report,
}

impl Planner<'_> {
    /// The slot of a path, whether or not a file stands there.
    fn slot(&mut self, name: &str) -> Result<usize, Problem> {
        let found = self.files.find(name).map_err(|message| Problem::of_file(name, message))?;
        if let Some(slot) = self.by_path.get(&found.path) {
            return Ok(*slot);
        }
        let slot = self.slots.0.len();
        let held = |current: &Current| Held {
            body: Body::Edited(Vec::new()),
            format: current.format,
            from: Some(slot),
        };
        let now = found.current.as_ref().map(held);
        self.by_path.insert(found.path.clone(), slot);
        self.slots.0.push(Slot { path: found.path, name: name.to_owned(), before: found.current, now });
        Ok(slot)
    }

    /// The slot of a file that must be there, and its path; `a/` and `b/` before the path as written may be a diff's.
    fn existing<'n>(&mut self, name: &'n str) -> Result<(usize, &'n str), Problem> {
        let slot = self.slot(name);
        if let Ok(slot) = slot
            && self.slots.0[slot].now.is_some()
        {
            return Ok((slot, name));
        }
        if let Some(bare) = name.strip_prefix("a/").or_else(|| name.strip_prefix("b/"))
            && let Ok(slot) = self.slot(bare)
            && self.slots.0[slot].now.is_some()
        {
            return Ok((slot, bare));
        }
        slot?;
        Err(Problem::of_file(
            name,
            "there is no such file. Check the path, or use `*** Add File:` to create it.",
        ))
    }

    fn operation(&mut self, file: &FilePatch) -> Result<(), Problem> {
        match &file.operation {
            Operation::Add { text } => self.add(&file.path, text),
            Operation::Delete { holds } => {
                let (slot, name) = self.existing(&file.path)?;
                self.no_link(name, "deleted")?;
                self.holds_only(slot, name, holds);
                self.slots.0[slot].now = None;
                Ok(())
            }
            Operation::Update { move_to, chunks, create } => {
                let create = *create && chunks.iter().all(|chunk| chunk.old_lines().is_empty());
                let (slot, name) = match create {
                    true => (self.slot(&file.path)?, file.path.as_str()),
                    false => self.existing(&file.path)?,
                };
                self.update(slot, name, chunks);
                let Some(to) = move_to else { return Ok(()) };
                self.no_link(name, "moved")?;
                self.move_file(slot, name, to)
            }
        }
    }

    fn add(&mut self, name: &str, text: &str) -> Result<(), Problem> {
        let at = self.slot(name)?;
        if self.slots.0[at].now.is_some() && !self.options.overwrite {
            let now = self.slots.text(at);
            let (count, size) = (lines(&now).count(), now.len());
            let message = format!(
                "the file exists already ({count} lines, {size} bytes). Use `*** Update File:` to change it, or ask for it to be overwritten."
            );
            return Err(Problem::of_file(name, message));
        }
        let slot = &mut self.slots.0[at];
        // A file that is replaced keeps its encoding and line endings.
        let mut format = slot.before.as_ref().map(|current| current.format).unwrap_or_default();
        // A byte order mark is no part of a text.
        let bare = text.strip_prefix(BOM);
        format.bom |= bare.is_some();
        let text = bare.unwrap_or(text);
        let text = match format.line_ending {
            LineEnding::Lf => text.to_owned(),
            ending => lines(text).map(|line| line.replace('\n', ending.as_str())).collect(),
        };
        name.clone_into(&mut slot.name);
        slot.now = Some(Held { body: Body::Whole(text), format, from: None });
        Ok(())
    }

    fn update(&mut self, slot: usize, name: &str, chunks: &[Chunk]) {
        let new = || Held { body: Body::Whole(String::new()), format: FileFormat::default(), from: None };
        let ending = self.slots.0[slot].now.get_or_insert_with(new).format.line_ending;
        let assembled = assemble(name, &self.slots.text(slot), ending, chunks);
        self.slots.edit(slot, assembled.hunks);
        self.report.problems.extend(assembled.problems);
        self.report.warnings.extend(assembled.warnings);
    }

    /// Refuses to delete a file that holds other lines than the diff which deletes it.
    fn holds_only(&mut self, slot: usize, name: &str, holds: &[Chunk]) {
        if holds.is_empty() {
            return;
        }
        let text = self.slots.text(slot);
        let assembled = assemble(name, &text, self.slots.0[slot].format().line_ending, holds);
        let left = write::applied(&text, &assembled.hunks);
        self.report.warnings.extend(assembled.warnings);
        if assembled.problems.is_empty() && !left.is_empty() {
            let message = format!(
                "the diff deletes this file, but {} of its lines are not in the diff. Read it again; \
                 `*** Delete File:` deletes a file whatever it holds.",
                lines(&left).count()
            );
            self.report.problems.push(Problem::of_file(name, message));
        }
        self.report.problems.extend(assembled.problems);
    }

    /// Refuses what would be done to the file behind a link.
    fn no_link(&self, name: &str, what: &str) -> Result<(), Problem> {
        let Some(target) = self.files.link(name) else { return Ok(()) };
        let message = format!(
            "it is a link to {target} and is not {what}: that would take the file behind it away. Name {target} itself, or \
             change the link with a command."
        );
        Err(Problem::of_file(name, message))
    }

    fn move_file(&mut self, from: usize, name: &str, to: &str) -> Result<(), Problem> {
        let slot = self.slot(to)?;
        if slot == from {
            return Ok(());
        }
        if self.slots.0[slot].now.is_some() {
            let message =
                format!("it cannot move to {to}: a file stands there. Delete that file first in the patch.");
            return Err(Problem::of_file(name, message));
        }
        self.slots.0[slot].now = self.slots.0[from].now.take();
        to.clone_into(&mut self.slots.0[slot].name);
        Ok(())
    }

    fn finish(mut self) -> Result<Plan, Vec<Problem>> {
        self.check_encodings();
        self.check_folders();
        if !self.report.problems.is_empty() {
            return Err(self.report.problems);
        }
        let mut plan =
            Plan { change: ChangeSet::default(), files: Vec::new(), warnings: self.report.warnings };
        let moves = self.slots.moves();
        for (at, slot) in self.slots.0.iter().enumerate() {
            let change = self.slots.change(at, &moves).map(|change| FileChange {
                mode: self.slots.origin(at).and_then(|origin| self.files.mode(origin)),
                ..change
            });
            plan.change.files.extend(change);
            plan.files.extend(self.slots.summary(at));
            if slot.before.is_some() && slot.now.is_some() && !self.slots.changed(at) {
                plan.warnings.push(format!("{}: the patch leaves this file as it is", slot.name));
            }
        }
        Ok(plan)
    }

    /// Refuses texts that would not come back from their file: characters Latin-1 does not have, and NUL.
    fn check_encodings(&mut self) {
        for (at, slot) in self.slots.0.iter().enumerate() {
            if slot.now.is_none() || !self.slots.changed(at) {
                continue;
            }
            let message = match self.slots.unwritable(at) {
                Some('\0') => {
                    "the new text holds a NUL character, which would make it a binary file".to_owned()
                }
                Some(char) => format!(
                    "the file is Latin-1, which has no {char:?} (U+{:04X}). Write it without that character, or convert the file to UTF-8 first.",
                    u32::from(char)
                ),
                None if slot.format().encoding == FileEncoding::Latin1 => {
                    self.report.warnings.push(format!("{}: the file is Latin-1 and stays so", slot.name));
                    continue;
                }
                None => continue,
            };
            self.report.problems.push(Problem::of_file(&slot.name, message));
        }
    }

    /// A new file may not stand below a path that is a file itself.
    fn check_folders(&mut self) {
        for slot in self.slots.0.iter().filter(|slot| slot.before.is_none() && slot.now.is_some()) {
            let above = slot.path.ancestors().skip(1).filter_map(|path| self.by_path.get(path));
            for above in above.map(|at| &self.slots.0[*at]).filter(|above| above.now.is_some()) {
                let message = format!("it cannot be created: {} is a file, not a folder", above.name);
                self.report.problems.push(Problem::of_file(&slot.name, message));
            }
        }
    }
}
