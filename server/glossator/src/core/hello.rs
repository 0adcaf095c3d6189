//! The first line that each side of a core's socket says, before the messages of the editor protocol. Data only.
#![allow(clippy::disallowed_methods)] // A client hands its environment to its core.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// The version of what is said here; only equal ones understand each other.
pub const VERSION: u32 = 1;

/// What a client says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    /// [`VERSION`].
    pub hello: u32,
    /// The program's.
    pub version: String,
    /// Which build of it.
    pub build: String,
    cwd: Text,
    environment: Vec<(Text, Text)>,
    /// Whether a person sits there.
    pub interactive: bool,
    /// Its layer of settings above all others; null: none.
    #[serde(default)]
    pub command_line: Value,
}

/// What a core answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    /// [`VERSION`].
    pub core: u32,
    /// The program's.
    pub version: String,
    /// Which build of it.
    pub build: String,
    /// The core's process.
    pub pid: u32,
    /// Why it does not serve this client; it then closes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// A text of the system's, which need not be Unicode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Text {
    Unicode(String),
    Bytes(Vec<u8>),
}

impl From<&OsStr> for Text {
    fn from(text: &OsStr) -> Text {
        text.to_str()
            .map_or_else(|| Text::Bytes(text.as_bytes().to_vec()), |text| Text::Unicode(text.to_owned()))
    }
}

impl From<Text> for OsString {
    fn from(text: Text) -> OsString {
        match text {
            Text::Unicode(text) => text.into(),
            Text::Bytes(bytes) => OsString::from_vec(bytes),
        }
    }
}

impl Hello {
    /// Of this process.
    pub fn ours(interactive: bool, command_line: Value) -> Hello {
        let environment = std::env::vars_os();
        Hello {
            hello: VERSION,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            build: build(),
            cwd: super::working_folder().as_os_str().into(),
            environment: environment
                .map(|(name, value)| (name.as_os_str().into(), value.as_os_str().into()))
                .collect(),
            interactive,
            command_line,
        }
    }

    /// As it is sent.
    pub fn line(&self) -> Vec<u8> {
        line(self)
    }

    /// What a client said, or why that cannot be understood.
    pub fn parse(line: &[u8]) -> Result<Hello, String> {
        let said: Value =
            serde_json::from_slice(line).map_err(|error| format!("the first line is no hello: {error}"))?;
        if said["hello"] != VERSION {
            return Err(format!(
                "it speaks version {VERSION} of the hello, and this client {}; end it (glossator of version {}) to have the \
                 new one started",
                said["hello"],
                env!("CARGO_PKG_VERSION")
            ));
        }
        serde_json::from_value(said).map_err(|error| format!("the hello cannot be understood: {error}"))
    }

    /// Where it was started.
    pub fn cwd(&self) -> PathBuf {
        OsString::from(self.cwd.clone()).into()
    }

    /// Its environment.
    pub fn environment(&self) -> Vec<(OsString, OsString)> {
        let all = self.environment.iter().cloned();
        let all = all.map(|(name, value)| (OsString::from(name), OsString::from(value)));
        // What no environment can hold would keep every command from starting.
        let fits = |(name, value): &(OsString, OsString)| {
            let name = name.as_bytes();
            !name.is_empty()
                && !name[1..].contains(&b'=')
                && !name.contains(&0)
                && !value.as_bytes().contains(&0)
        };
        all.filter(fits).collect()
    }
}

impl Welcome {
    /// Of this process.
    pub fn ours(refused: Option<String>) -> Welcome {
        Welcome {
            core: VERSION,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            build: build(),
            pid: std::process::id(),
            refused,
        }
    }

    /// As it is sent.
    pub fn line(&self) -> Vec<u8> {
        line(self)
    }
}

fn line(said: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(said).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Which build this process is: of two, the older core leaves when it is idle.
pub fn build() -> String {
    // For tests, which have but one program.
    if let Some(build) = std::env::var_os("GLOSSATOR_TEST_BUILD") {
        return build.to_string_lossy().into_owned();
    }
    #[cfg(target_os = "linux")]
    // Our own program, also when another file has its name by now.
    let program = rustix::fs::stat("/proc/self/exe").ok();
    #[cfg(not(target_os = "linux"))]
    let program = std::env::current_exe().ok().and_then(|path| rustix::fs::stat(path).ok());
    program.map_or_else(String::new, |stat| {
        format!("{:x}-{:x}-{:x}", stat.st_size, stat.st_mtime, stat.st_mtime_nsec)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_hello_comes_back_as_it_was() {
        let mut hello = Hello::ours(true, json!({ "policy": "full" }));
        let odd = OsString::from_vec(b"a\xff\n\"b".to_vec());
        hello.environment = vec![(Text::from(OsStr::new("ODD")), Text::from(odd.as_os_str()))];
        let line = hello.line();
        assert_eq!(line.iter().filter(|&&byte| byte == b'\n').count(), 1);
        let read = Hello::parse(&line).unwrap();
        assert_eq!(read, hello);
        assert_eq!(read.environment(), [("ODD".into(), odd)]);
        assert!(read.cwd().is_absolute());
    }

    #[test]
    fn what_no_environment_can_hold_is_left_out() {
        let mut hello = Hello::ours(true, Value::Null);
        let pair =
            |name: &str, value: &str| (Text::Unicode(name.to_owned()), Text::Unicode(value.to_owned()));
        hello.environment = vec![
            pair("", "a"),
            pair("A=B", "a"),
            pair("A\0", "a"),
            pair("A", "\0"),
            pair("=C:", "a"),
            pair("A", "a"),
        ];
        assert_eq!(hello.environment(), [("=C:".into(), "a".into()), ("A".into(), "a".into())]);
    }

    #[test]
    fn other_hellos_are_refused_in_words() {
        let check = |line: &str, words: &str| {
            let refused = Hello::parse(line.as_bytes()).unwrap_err();
            assert!(refused.contains(words), "{line}: {refused}");
        };
        check("", "no hello");
        check("Content-Length: 20\r", "no hello");
        check("[]", "version 1");
        check("{\"hello\":2,\"new\":true}", "this client 2");
        check("{\"hello\":1}", "cannot be understood");
        check("{\"hello\":\"1\"}", "version 1");
    }
}
