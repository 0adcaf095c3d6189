//! `glossator.applyBlock`: a code block of an answer becomes a change of the file that it names, or of the one that the user is
//! in, to be reviewed as any edit. Plans and says what came of it; the change is the agent's.

use crate::arguments::argument;
use crate::blocking::with_agent;
use crate::chat::fragment::{is_patch, merged, named, with_path};
use crate::chat::lead;
use crate::chat::outline::{Block, Outline, code_of};
use crate::chat::turn::without_scripts;
use crate::connection::Connection;
use crate::convert;
use crate::language::language;
use crate::looking::At;
use crate::markdown::contained;
use crate::sessions::commands::session;
use glossator_patch::{Options, Problem};
use glossator_protocol_ext::{self as ext, command};
use glossator_session::{ItemBody, SessionId, TurnId};
use glossator_text::{
    Action, Base, ChangeSet, FileChange, FileFormat, LineEnding, PositionEncoding, Range, byte_range,
    line_replacements,
};
use glossator_tools::{WorkspaceFiles, is_protected};
use glossator_workspace::{ReadError, Workspace};
use ropey::Rope;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tower_lsp::lsp_types::MessageType;
use url::Url;

/// Turns in which the latest block is looked for.
const LOOKED_AT: usize = 10;

/// A block, and what is known of where it belongs.
struct Wanted {
    session: SessionId,
    turn: TurnId,
    text: String,
    info: String,
    /// The line above it.
    above: String,
    /// The file that the user named.
    target: Option<String>,
    range: Option<Range>,
}

/// Where a block goes.
enum Aim {
    /// Wherever the patch says.
    Patch,
    /// Into this file: over a part of it, or where it fits.
    File(PathBuf, Option<Range>),
}

/// `glossator.applyBlock`
pub async fn apply_block(connection: &Arc<Connection>, first: Option<Value>) -> Result<Value, String> {
    let wanted = match argument(first, command::APPLY_BLOCK)? {
        None => latest(connection).await?,
        Some(ext::BlockArgument::At { uri, position }) => at(connection, &uri, position).await?,
        Some(ext::BlockArgument::Text { text, info, session_id, target, range }) => {
            let id = session(connection, session_id).await?;
            let turn = last_turn(connection, &id).await?;
            let (info, range) = (info.unwrap_or_default(), range.map(convert::ext_range));
            Wanted { session: id, turn, text, info, above: String::new(), target, range }
        }
    };
    if wanted.text.trim().is_empty() {
        return Err("The block is empty.".to_owned());
    }
    let aim = aim(connection, &wanted)?;
    // Where the user has selected something, or named the file, it is meant; what a block says of itself is the model's word.
    let is_meant = wanted.target.is_some() || matches!(aim, Aim::File(_, Some(_)));
    let (workspace, encoding) = (connection.workspace.clone(), connection.workspace.overlay().encoding());
    let name = named(&wanted.info, &wanted.above).filter(|_| matches!(aim, Aim::Patch));
    let text = name.map_or_else(|| wanted.text.clone(), |name| with_path(&wanted.text, &name));
    let planned = tokio::task::spawn_blocking(move || planned(&workspace, encoding, (&text, aim))).await;
    let change = planned.map_err(|error| error.to_string())??;
    if !is_meant {
        refuse_protected(connection, &change)?;
    }
    let agent = connection.agent().ok_or("The server is not initialized.")?;
    let front = connection.front();
    let made = agent.apply(&wanted.session, (wanted.turn, change), front).await;
    let made = made.map_err(|error| error.to_string())?;
    connection.reviews.touch();
    let message =
        format!("Applied to {} as {}; its hunks wait for your review.", made.files.join(", "), made.id);
    connection.show(MessageType::INFO, format!("Glossator: {message}"));
    Ok(json!({
        "sessionId": wanted.session,
        "turnId": wanted.turn,
        "changeSet": made.id,
        "files": made.files,
        "message": message,
    }))
}

/// Files that edits of the model ask for are not changed because its block names them.
fn refuse_protected(connection: &Connection, change: &ChangeSet) -> Result<(), String> {
    let roots = connection.workspace.roots();
    let shown = change.files.iter().map(|file| roots.display(file.path_after()));
    match shown.into_iter().find(|path| is_protected(path)) {
        None => Ok(()),
        Some(path) => Err(format!(
            "The block names {path}, which is protected: it is not changed because a block says so. Open it, select what the block \
             is to replace (or put the block there by hand), and apply it again. Nothing was changed."
        )),
    }
}

/// The block at a place of a transcript.
async fn at(connection: &Arc<Connection>, uri: &str, position: ext::Position) -> Result<Wanted, String> {
    let ours = connection.prompts.folders.document(uri).filter(|ours| ours.has_turns());
    let ours = ours.ok_or("This is no transcript of Glossator's; name the text of the block instead.")?;
    let parsed = Url::parse(uri).map_err(|error| format!("'{uri}' is not a URI ({error})."))?;
    let text = lead::text(connection, &parsed).await.ok_or("The transcript cannot be read.")?;
    let outline = Outline::of(&text);
    let line = position.line as usize;
    let block = outline.block_at(line).ok_or("There is no code block at this place of the transcript.")?;
    let turn = outline.turn_at(line).ok_or("There is no turn at this place of the transcript.")?.id;
    Ok(wanted((ours.session, turn), &text, block))
}

/// The last block of the latest answer that has one.
async fn latest(connection: &Arc<Connection>) -> Result<Wanted, String> {
    let id = session(connection, None).await?;
    let of = id.clone();
    let page = with_agent(connection, move |agent| agent.page(&of, None, LOOKED_AT)).await;
    let page = page.map_err(|error| error.to_string())?;
    for item in page.items.iter().rev() {
        let ItemBody::Answer { text, .. } = &item.body else { continue };
        let text = contained(&without_scripts(text));
        let outline = Outline::of(&text);
        if let Some(block) = outline.blocks.last() {
            return Ok(wanted((id, item.turn), &text, block));
        }
    }
    Err("No answer of the latest turns has a code block.".to_owned())
}

fn wanted((session, turn): (SessionId, TurnId), text: &str, block: &Block) -> Wanted {
    let before: Vec<&str> = text.lines().take(block.line).collect();
    let above =
        before.iter().rev().find(|line| !line.trim().is_empty()).copied().unwrap_or_default().to_owned();
    Wanted {
        session,
        turn,
        text: code_of(text, block),
        info: block.info.clone(),
        above,
        target: None,
        range: None,
    }
}

async fn last_turn(connection: &Arc<Connection>, id: &SessionId) -> Result<TurnId, String> {
    let of = id.clone();
    let turns = with_agent(connection, move |agent| Ok(agent.usage(&of)?.turns)).await;
    match turns.map_err(|error| error.to_string())? {
        0 => Err("Nothing was said in this session yet.".to_owned()),
        turn => Ok(TurnId(turn)),
    }
}

fn aim(connection: &Connection, wanted: &Wanted) -> Result<Aim, String> {
    if wanted.target.is_none() && is_patch(&wanted.info, &wanted.text) {
        return Ok(Aim::Patch);
    }
    let looked_at = connection.looking.last();
    let name = wanted.target.clone().or_else(|| named(&wanted.info, &wanted.above));
    let Some(name) = name else {
        let At { uri, selection } = looked_at.ok_or(NOWHERE)?;
        let path = Url::parse(&uri).ok().as_ref().and_then(convert::path_of).ok_or(NOWHERE)?;
        let range = wanted.range.or(selection).ok_or(NOWHERE)?;
        // What the user has selected is meant, whatever it is.
        if range.start == range.end
            && let Some((block, file)) = unlike(&wanted.info, &path)
        {
            let shown = connection.workspace.roots().display(&path);
            return Err(format!(
                "The block is {block} and names no file, and you are in {shown}, which is {file}: put the cursor into the file \
                 that it is for, or select what it is to replace, and apply it again. Nothing was changed."
            ));
        }
        return Ok(Aim::File(path, Some(range)));
    };
    let path = file(connection, &name)?;
    let is_here =
        |at: &At| Url::parse(&at.uri).ok().as_ref().and_then(convert::path_of).as_ref() == Some(&path);
    // A cursor says nothing of a file that the block names by itself.
    let selected =
        looked_at.filter(is_here).and_then(|at| at.selection).filter(|range| range.start != range.end);
    Ok(Aim::File(path, wanted.range.or(selected)))
}

/// The language of a block and that of a file, where both are known and differ.
fn unlike(info: &str, path: &Path) -> Option<(&'static str, &'static str)> {
    let word = info.split_whitespace().next()?;
    let block = language(word, Some(Path::new(&format!("a.{word}"))))?.name();
    let file = language("", Some(path))?.name();
    (block != file).then_some((block, file))
}

const NOWHERE: &str = "The block names no file, and it is not known where you are: put the cursor into the file, or select what the \
                       block is to replace, ask there for code actions, and apply the block again.";

/// The file that a name means: of the workspace, else the one open document whose path ends with it.
fn file(connection: &Connection, name: &str) -> Result<PathBuf, String> {
    if let Some(path) = Url::parse(name).ok().as_ref().and_then(convert::path_of) {
        return Ok(path);
    }
    if name.starts_with('~') {
        return Err(format!("{name} is outside of the workspace; a block goes into its files only."));
    }
    let path = connection.workspace.roots().resolve(name).map_err(|error| error.to_string())?;
    if connection.workspace.read_blocking(&path).is_ok() {
        return Ok(path);
    }
    let open = connection.workspace.overlay().all();
    let mut ends = open.into_iter().filter_map(|buffer| buffer.path).filter(|path| path.ends_with(name));
    match (ends.next(), ends.next()) {
        (Some(only), None) => Ok(only),
        _ => Ok(path),
    }
}

/// What is to be changed. Blocks.
fn planned(
    workspace: &Workspace,
    encoding: PositionEncoding,
    (text, aim): (&str, Aim),
) -> Result<ChangeSet, String> {
    let block = whole_lines(text);
    let (path, range) = match aim {
        Aim::Patch => {
            let told = |problems: Vec<Problem>| {
                problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n\n")
            };
            let patch = glossator_patch::parse(text).map_err(told)?;
            let plan = glossator_patch::plan(&patch, &WorkspaceFiles(workspace), &Options::default());
            return plan.map(|plan| plan.change).map_err(told);
        }
        Aim::File(path, range) => (path, range),
    };
    let shown = workspace.roots().display(&path);
    let document = match workspace.read_blocking(&path) {
        Ok(document) => document,
        Err(ReadError::NotFound { .. }) if range.is_none() => {
            let action = Action::Create { text: block };
            return Ok(one(FileChange::new(path, Base::Absent, action, FileFormat::default())));
        }
        Err(error) => return Err(error.to_string()),
    };
    let ending = if document.format.line_ending == LineEnding::CrLf { "\r\n" } else { "\n" };
    let after = match range {
        Some(range) => replaced(&document.text, (range, encoding), &block.replace('\n', ending)),
        None => merged(&document.text, &block).map_err(|why| format!("{shown}: {why}."))?,
    };
    if after == document.text {
        return Err(format!("{shown} holds this block already."));
    }
    let edits = line_replacements(&document.text, &after);
    let action = Action::Update { edits, move_to: None };
    Ok(one(FileChange::new(path, document.base(), action, document.format)))
}

/// The lines of a block: clients send it with its last line break, or without, and with any line endings.
fn whole_lines(text: &str) -> String {
    let mut block = text.replace("\r\n", "\n");
    if !block.is_empty() && !block.ends_with('\n') {
        block.push('\n');
    }
    block
}

fn one(file: FileChange) -> ChangeSet {
    ChangeSet { files: vec![file] }
}

/// The text with `block` in the place of a selection; at a cursor it stands below its line, on an empty one above it.
fn replaced(text: &str, (range, encoding): (Range, PositionEncoding), block: &str) -> String {
    let rope = Rope::from_str(text);
    let bytes = byte_range(&rope, range, encoding);
    let end_of = |from: usize| text[from..].find('\n').map_or(text.len(), |at| from + at + 1);
    let bytes = match bytes.is_empty() {
        false => bytes,
        true => {
            let start = text[..bytes.start].rfind('\n').map_or(0, |at| at + 1);
            let end = end_of(start);
            if text[start..end].trim().is_empty() { start..start } else { end..end }
        }
    };
    let (head, tail) = (&text[..bytes.start], &text[bytes.end..]);
    // A selection within a line is replaced within it.
    let is_whole = tail.is_empty() || text[..bytes.end].ends_with('\n');
    let block = if is_whole { block } else { block.trim_end_matches(['\n', '\r']) };
    let gap = if !head.is_empty() && !head.ends_with('\n') && bytes.start == text.len() { "\n" } else { "" };
    format!("{head}{gap}{block}{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use glossator_text::Position;

    #[test]
    fn a_block_of_another_language_is_told_apart() {
        for (info, path, expected) in [
            ("rust", "a.py", Some(("rust", "python"))),
            ("rs src/x.rs", "a.py", Some(("rust", "python"))),
            ("py", "a.py", None),
            ("", "a.py", None),
            ("text", "a.py", None),
            ("rust", "Makefile", None),
        ] {
            assert_eq!(unlike(info, Path::new(path)), expected, "{info} {path}");
        }
    }

    #[test]
    fn selections_and_cursors() {
        let check = |text: &str, (from, to): ((u32, u32), (u32, u32)), block: &str, expected: &str| {
            let at = |(line, character)| Position { line, character };
            let range = Range { start: at(from), end: at(to) };
            assert_eq!(replaced(text, (range, PositionEncoding::Utf16), block), expected);
        };
        check("a\nb\nc\n", ((1, 0), (2, 0)), "x\ny\n", "a\nx\ny\nc\n");
        check("a\n😀bc\n", ((1, 2), (1, 3)), "x\n", "a\n😀xc\n");
        check("a\nb\n", ((0, 1), (0, 1)), "x\n", "a\nx\nb\n");
        check("a\n\nb\n", ((1, 0), (1, 0)), "x\n", "a\nx\n\nb\n");
        check("a\n  \nb\n", ((1, 1), (1, 1)), "x\n", "a\nx\n  \nb\n");
        check("a", ((0, 1), (0, 1)), "x\n", "a\nx\n");
        check("", ((0, 0), (0, 0)), "x\n", "x\n");
        check("a\nb", ((1, 0), (1, 1)), "x\n", "a\nx\n");
        check("a\n", ((9, 9), (9, 9)), "x\n", "a\nx\n");
    }
}
