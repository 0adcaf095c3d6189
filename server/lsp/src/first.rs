//! The first message of a client, looked at before anybody serves it: which folders it wants to work in.
//! Answers nothing; whoever serves the connection reads the same bytes again.

use crate::convert;
use crate::transport::{FrameDecoder, FrameEvent};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::path::{Path, PathBuf};
use url::Url;

/// What a client begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum First {
    /// Not a whole message yet.
    Partial,
    /// A request `initialize` for these folders; at least one.
    Initialize(Vec<PathBuf>),
    /// Anything else: another message, or no message at all.
    Other,
}

/// The bytes from a client up to the end of its first message.
#[derive(Debug)]
pub struct Beginning {
    decoder: FrameDecoder,
    bytes: Vec<u8>,
}

impl Beginning {
    /// Nothing yet. A message above `max_frame` bytes is none.
    pub fn new(max_frame: usize) -> Beginning {
        Beginning { decoder: FrameDecoder::new(max_frame), bytes: Vec::new() }
    }

    /// Takes `read` in. A client that names no folder works in `cwd`.
    pub fn take(&mut self, read: &[u8], cwd: &Path) -> First {
        self.bytes.extend_from_slice(read);
        match self.decoder.next(&mut &*read) {
            None => First::Partial,
            Some(FrameEvent::Body(body)) => match serde_json::from_slice::<Message>(&body) {
                Ok(Message { id: Some(_), method, params: Some(params) }) if method == "initialize" => {
                    First::Initialize(params.folders(cwd))
                }
                _ => First::Other,
            },
            Some(_) => First::Other,
        }
    }

    /// All that was read.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// As much of a message as matters here.
#[derive(Deserialize)]
struct Message {
    id: Option<IgnoredAny>,
    method: String,
    params: Option<Params>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Params {
    workspace_folders: Option<Vec<Folder>>,
    root_uri: Option<Url>,
    root_path: Option<String>,
}

#[derive(Deserialize)]
struct Folder {
    uri: Url,
}

impl Params {
    fn folders(&self, cwd: &Path) -> Vec<PathBuf> {
        let named = self.workspace_folders.iter().flatten().map(|folder| &folder.uri);
        folders(named, (self.root_uri.as_ref(), self.root_path.as_deref()), cwd)
    }
}

/// The folders of a window; at least one. New and old ways to name them, then the working folder.
pub fn folders<'a>(
    named: impl Iterator<Item = &'a Url>,
    (root_uri, root_path): (Option<&Url>, Option<&str>),
    cwd: &Path,
) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = named.filter_map(convert::path_of).collect();
    if folders.is_empty() {
        folders.extend(root_uri.and_then(convert::path_of));
    }
    if folders.is_empty() {
        folders.extend(root_path.filter(|path| !path.is_empty()).map(PathBuf::from));
    }
    if folders.is_empty() {
        folders.push(cwd.to_owned());
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(body: &str) -> Vec<u8> {
        format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    }

    fn check(bytes: &[u8], expected: &First) {
        let cwd = Path::new("/cwd");
        let mut whole = Beginning::new(1 << 20);
        assert_eq!(whole.take(bytes, cwd), *expected, "{:?}", String::from_utf8_lossy(bytes));
        let mut pieces = Beginning::new(1 << 20);
        let mut found = First::Partial;
        for byte in bytes {
            if found == First::Partial {
                found = pieces.take(&[*byte], cwd);
            }
        }
        assert_eq!(found, *expected, "in pieces: {:?}", String::from_utf8_lossy(bytes));
        assert!(bytes.starts_with(&pieces.into_bytes()));
    }

    #[test]
    fn folders_of_initialize() {
        let initialize =
            |params: &str| frame(&format!(r#"{{"id":1,"method":"initialize","params":{params}}}"#));
        let found = |folders: &[&str]| First::Initialize(folders.iter().map(PathBuf::from).collect());
        let cases: &[(&str, &[&str])] = &[
            (
                r#"{"workspaceFolders":[{"uri":"file:///a","name":"a"},{"uri":"file:///b","name":"b"}],"rootUri":"file:///c"}"#,
                &["/a", "/b"],
            ),
            (r#"{"workspaceFolders":null,"rootUri":"file:///c","rootPath":"/d"}"#, &["/c"]),
            (r#"{"workspaceFolders":[],"rootUri":null,"rootPath":"/d","capabilities":{"x":[1]}}"#, &["/d"]),
            (r#"{"rootPath":""}"#, &["/cwd"]),
            (r#"{"workspaceFolders":[{"uri":"untitled:a","name":""}]}"#, &["/cwd"]),
        ];
        for (params, expected) in cases {
            check(&initialize(params), &found(expected));
        }
        check(&initialize(r#"{"workspaceFolders":7}"#), &First::Other);
        check(&initialize("[]"), &First::Other);
    }

    #[test]
    fn anything_else() {
        check(b"", &First::Partial);
        check(b"Content-Length: 20\r\n\r\n{\"id\":1", &First::Partial);
        check(&frame(r#"{"method":"initialize","params":{}}"#), &First::Other);
        check(&frame(r#"{"id":1,"method":"shutdown"}"#), &First::Other);
        check(&frame(r#"{"id":1,"method":"initialize"}"#), &First::Other);
        check(&frame("no json"), &First::Other);
        check(b"GET / HTTP/1.1\r\n\r\n", &First::Other);
        check(b"Content-Length: 99999999999\r\n\r\n", &First::Other);
        check(b"\x00", &First::Other);
    }
}
