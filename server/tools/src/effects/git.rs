//! What git holds of the user's files: which are as they were committed or staged, and their texts.
//! Asks git alone, with everything turned off that a repository could make it run; never changes anything.

use glossator_exec::{CommandLine, Config, Request, harden, run};
use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long git may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes of git's answers, as they stand in base 64.
const MOST: usize = 128 << 20;

/// The files below a folder that are as git's index has them, with the ids of their texts.
pub(super) async fn clean(config: &Config, root: &Path) -> HashMap<PathBuf, String> {
    let script = "git ls-files -s -z | base64 && echo . && git diff-files --name-only --relative -z | base64 && echo .";
    let Some(answer) = ask(config, root, (script, None)).await else { return HashMap::new() };
    // Cut off anywhere, it says nothing of what is changed.
    let [listed, changed, _] = answer.split(".\n").collect::<Vec<_>>()[..] else { return HashMap::new() };
    let (Some(listed), Some(changed)) = (decode(listed), decode(changed)) else { return HashMap::new() };
    let changed: HashSet<&[u8]> = changed.split(|byte| *byte == 0).collect();
    let entry = |entry: &[u8]| {
        let tab = entry.iter().position(|byte| *byte == b'\t')?;
        let (facts, name) = (str::from_utf8(&entry[..tab]).ok()?, &entry[tab + 1..]);
        let [mode, id, "0"] = facts.split(' ').collect::<Vec<_>>()[..] else { return None };
        // Regular files alone: the rest are links and other repositories.
        (mode.starts_with("100") && !changed.contains(name))
            .then(|| (root.join(OsStr::from_bytes(name)), id.to_owned()))
    };
    listed.split(|byte| *byte == 0).filter_map(entry).collect()
}

/// The bytes of these texts of the repository at `root`, by path; left out where git stores a file in another way than it
/// stands on disk.
pub(super) async fn texts(
    config: &Config,
    root: &Path,
    wanted: &[(PathBuf, String)],
) -> HashMap<PathBuf, Vec<u8>> {
    let mut names = String::new();
    let mut ids = String::new();
    let mut asked = Vec::new();
    for (path, id) in wanted {
        let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str) else { continue };
        names.push_str(name);
        names.push('\0');
        ids.push_str(id);
        ids.push('\n');
        asked.push(path);
    }
    let attributes = "git check-attr -z --stdin filter working-tree-encoding ident | base64";
    let (attributes, objects) = tokio::join!(
        ask(config, root, (attributes, Some(names))),
        ask(config, root, ("git cat-file --batch --buffer | base64", Some(ids))),
    );
    let (Some(attributes), Some(objects)) = (attributes, objects) else { return HashMap::new() };
    let (Some(attributes), Some(objects)) = (decode(&attributes), decode(&objects)) else {
        return HashMap::new();
    };
    let converted = converted(root, &attributes);
    let texts = asked.into_iter().zip(objects_of(&objects));
    texts
        .filter_map(|(path, text)| Some((path.clone(), text.filter(|_| !converted.contains(path))?)))
        .collect()
}

/// The paths in an answer of `check-attr` whose files are converted.
fn converted(root: &Path, answer: &[u8]) -> HashSet<PathBuf> {
    let fields: Vec<&[u8]> = answer.split(|byte| *byte == 0).collect();
    let plain = [&b"unspecified"[..], b"unset"];
    let converted = fields.chunks_exact(3).filter(|field| !plain.contains(&field[2]));
    converted.map(|field| root.join(std::ffi::OsString::from_vec(field[0].to_vec()))).collect()
}

/// The texts in an answer of `cat-file --batch`, in order; `None` for one that is not there.
fn objects_of(answer: &[u8]) -> Vec<Option<Vec<u8>>> {
    let mut rest = answer;
    let mut found = Vec::new();
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let head = String::from_utf8_lossy(&rest[..end]).into_owned();
        rest = &rest[end + 1..];
        let size = match head.split(' ').collect::<Vec<_>>()[..] {
            [_, "blob", size] => size.parse::<usize>().ok(),
            _ => None,
        };
        let text = size.and_then(|size| rest.get(..size));
        if let Some(text) = text {
            rest = rest.get(text.len() + 1..).unwrap_or_default();
        }
        found.push(text.map(<[u8]>::to_vec));
    }
    found
}

/// Runs shell text of git commands; `None` if it could not be run to its end.
async fn ask(config: &Config, root: &Path, (script, input): (&str, Option<String>)) -> Option<String> {
    let mut request = Request::new(CommandLine::Shell(format!("set -o pipefail; {script}")), root);
    request.timeout = PATIENCE;
    request.stdin = input;
    harden(&mut request);
    let config = Config { output_cap: MOST, whole_cap: 0, ..config.clone() };
    let outcome = run(&request, &config, &CancellationToken::new(), &|_, _| {}).await.ok()?;
    (outcome.exit_code == 0 && !outcome.truncated).then_some(outcome.stdout)
}

/// Bytes of base 64; `None` if it is none.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_64_is_read() {
        for (text, bytes) in [
            ("", &b""[..]),
            ("Zg==\n", b"f"),
            ("Zm8=", b"fo"),
            ("Zm9v\nYmFy\n", b"foobar"),
            ("AP8Q/w==", b"\0\xff\x10\xff"),
        ] {
            assert_eq!(decode(text).as_deref(), Some(bytes), "{text}");
        }
        assert_eq!(decode("Zm9v!"), None);
    }

    #[test]
    fn objects_are_read() {
        let answer = b"aa blob 3\na\nb\ncc missing\ndd blob 0\n\n";
        assert_eq!(objects_of(answer), [Some(b"a\nb".to_vec()), None, Some(Vec::new())]);
        assert_eq!(objects_of(b"aa blob 30\ncut off"), [None]);
    }
}
