//! The streams in `cases/<wire>/<name>`: `stream.txt` holds the bytes as they came, `expected.txt` what they come to. Each is
//! decoded whole, byte by byte, in uneven pieces, and cut at every byte. `GLOSSATOR_ACCEPT=1` writes what it comes to
//! now; read that before you believe it.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::disallowed_types)]

use glossator_models::{Decoded, ErrorKind, ModelEvent, decode_all, decode_chunks};
use std::path::{Path, PathBuf};

/// Fewest cases of a wire.
const ENOUGH: usize = 25;

#[test]
fn messages() {
    check("messages");
}

#[test]
fn responses() {
    check("responses");
}

#[test]
fn chat() {
    check("chat");
}

#[test]
fn ollama() {
    check("ollama");
}

/// All cases of `wire`; tells all that is wrong at once.
fn check(wire: &str) {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(wire);
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(&home).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() >= ENOUGH, "{} has {} cases, fewer than {ENOUGH}", home.display(), folders.len());
    let wrong: Vec<String> = folders
        .iter()
        .filter_map(|folder| {
            let name = folder.file_name().unwrap().to_string_lossy();
            one(wire, folder).err().map(|why| format!("{wire}/{name}: {why}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn one(wire: &str, folder: &Path) -> Result<(), String> {
    let bytes = std::fs::read(folder.join("stream.txt")).map_err(|error| format!("stream.txt: {error}"))?;
    let whole = decode_all(wire, &bytes)?;
    as_expected(folder, &whole.to_string())?;
    if decode_chunks(wire, bytes.chunks(1))? != whole {
        return Err("byte by byte it comes to something else".to_owned());
    }
    if decode_chunks(wire, uneven(&bytes))? != whole {
        return Err("in uneven pieces it comes to something else".to_owned());
    }
    let stops = whole.events.iter().filter(|event| matches!(event, ModelEvent::Stopped { .. })).count();
    if stops != usize::from(whole.error.is_none()) {
        return Err(format!("{stops} events say that it stopped, with the error {:?}", whole.error));
    }
    let mut cuts = 0..bytes.len();
    cuts.try_for_each(|cut| {
        let part = decode_all(wire, &bytes[..cut])?;
        is_honest(wire, &part, &whole).map_err(|why| format!("cut at byte {cut} of {}: {why}", bytes.len()))
    })
}

fn as_expected(folder: &Path, shown: &str) -> Result<(), String> {
    let path = folder.join("expected.txt");
    if std::env::var_os("GLOSSATOR_ACCEPT").is_some() {
        return std::fs::write(path, shown).map_err(|error| format!("expected.txt: {error}"));
    }
    let expected = std::fs::read_to_string(path).map_err(|error| format!("expected.txt: {error}"))?;
    let mut lines =
        (1..).zip(expected.lines().map(Some).chain([None]).zip(shown.lines().map(Some).chain([None])));
    match lines.find(|(_, (expected, shown))| expected != shown) {
        Some((number, (expected, shown))) => Err(format!(
            "line {number} differs\n  expected {}\n  came     {}",
            expected.unwrap_or("(no more)"),
            shown.unwrap_or("(no more)")
        )),
        None => Ok(()),
    }
}

/// Whether a cut stream tells no more than the truth: the same events so far and one error, or, when only what follows
/// the answer is missing, the same answer.
fn is_honest(wire: &str, part: &Decoded, whole: &Decoded) -> Result<(), String> {
    let Some(error) = &part.error else {
        let same = (&part.result.blocks, &part.result.stop) == (&whole.result.blocks, &whole.result.stop);
        // Chat Completions sends usage after the end of the answer; nobody else does.
        let counted = wire == "chat" || part.result == whole.result;
        return match whole.error.is_none() && same && counted {
            true => Ok(()),
            false => Err(format!("it passes for complete with {:?}", part.result)),
        };
    };
    if !whole.events.starts_with(&part.events) {
        return Err("its events are no beginning of the whole".to_owned());
    }
    let expected =
        error.kind == ErrorKind::Stream || whole.error.as_ref().is_some_and(|whole| whole.kind == error.kind);
    if !expected || error.message.is_empty() {
        return Err(format!("the error is {error:?}"));
    }
    Ok(())
}

/// The bytes in pieces of many sizes.
fn uneven(bytes: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut rest = bytes;
    for size in [3, 1, 17, 2, 64, 5].iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}
