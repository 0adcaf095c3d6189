//! Copies sessions out and in. Blocks: called off the message loop.

use glossator_agent::{Agent, AgentError, ExportFormat, SessionHead};
use glossator_protocol_ext as ext;
use glossator_session::SessionId;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The longest export that is given as a text, in bytes; a longer one is given as a file.
const TEXT: usize = 1 << 20;

/// The name of the file of an export.
pub fn file_name(format: ext::ExportFormat) -> &'static str {
    match format {
        ext::ExportFormat::Markdown => "export.md",
        ext::ExportFormat::Jsonl => "export.jsonl",
    }
}

fn format_of(format: ext::ExportFormat) -> ExportFormat {
    match format {
        ext::ExportFormat::Markdown => ExportFormat::Markdown,
        ext::ExportFormat::Jsonl => ExportFormat::Jsonl,
    }
}

/// An export as a text, or as a file if it is long.
pub fn export(
    agent: &Agent,
    id: &SessionId,
    format: ext::ExportFormat,
) -> Result<ext::ExportSessionResult, AgentError> {
    let mut short = Short { text: Vec::new(), is_over: false };
    match agent.export(id, format_of(format), &mut short) {
        Ok(()) => {
            let bytes = short.text.len() as u64;
            let text = String::from_utf8_lossy(&short.text).into_owned();
            Ok(ext::ExportSessionResult { text: Some(text), path: None, bytes })
        }
        Err(_) if short.is_over => {
            let (path, bytes) = to_file(agent, id, format)?;
            let path = Some(path.display().to_string());
            Ok(ext::ExportSessionResult { text: None, path, bytes })
        }
        Err(error) => Err(error),
    }
}

/// An export as a file in the folder of its session; gives its length.
pub fn to_file(
    agent: &Agent,
    id: &SessionId,
    format: ext::ExportFormat,
) -> Result<(PathBuf, u64), AgentError> {
    // First, so that a session that is none, or has nothing yet, gets no folder.
    agent.can_export(id)?;
    let (path, file) = agent.create_document(Some(id), file_name(format))?;
    let mut counted = Counted { inner: io::BufWriter::new(file), bytes: 0 };
    agent.export(id, format_of(format), &mut counted)?;
    counted
        .flush()
        .map_err(|error| AgentError::Store(format!("{} cannot be written ({error})", path.display())))?;
    Ok((path, counted.bytes))
}

/// Takes an export in; `clean` takes known secrets out of its texts.
pub fn import(
    agent: &Agent,
    (text, path): (Option<String>, Option<&Path>),
    clean: &dyn Fn(&str) -> String,
) -> Result<SessionHead, AgentError> {
    match (text, path) {
        (Some(text), _) => agent.import(&mut text.as_bytes(), clean),
        (None, Some(path)) => agent.import(&mut agent.open_import(path)?, clean),
        (None, None) => Err(AgentError::Store("there is nothing to import".to_owned())),
    }
}

/// Takes a text up to a length.
struct Short {
    text: Vec<u8>,
    is_over: bool,
}

impl Write for Short {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.text.len() + bytes.len() > TEXT {
            self.is_over = true;
            return Err(io::Error::other("too long for an answer"));
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Counted<W> {
    inner: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_not_held() {
        let mut short = Short { text: Vec::new(), is_over: false };
        assert!(short.write_all(&vec![b'a'; TEXT]).is_ok() && !short.is_over);
        assert!(short.write_all(b"a").is_err() && short.is_over);
        assert_eq!(short.text.len(), TEXT);
    }
}
