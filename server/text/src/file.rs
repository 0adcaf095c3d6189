//! How a file's bytes become text and become bytes again without losing line endings, BOM, final newline or encoding.
//! Never touches a file: bytes in, bytes out.

use serde::{Deserialize, Serialize};

/// The encoding of a file's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileEncoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// UTF-16, little endian (only recognised by its BOM).
    Utf16Le,
    /// UTF-16, big endian (only recognised by its BOM).
    Utf16Be,
    /// ISO 8859-1; taken when the bytes are not valid UTF-8 and hold no NUL.
    Latin1,
}

/// The ending of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LineEnding {
    /// `\n`
    #[default]
    Lf,
    /// `\r\n`
    CrLf,
    /// `\r`
    Cr,
}

/// All that has to be known to write a text back as its file had it. The text itself keeps its own line endings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FileFormat {
    /// Encoding of the bytes.
    pub encoding: FileEncoding,
    /// Whether the bytes start with a byte order mark (not part of the text).
    pub bom: bool,
    /// The dominant line ending of the text; what new lines take.
    pub line_ending: LineEnding,
}

/// A decoded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileText {
    /// The text without BOM, line endings as they were (mixed endings stay mixed).
    pub text: String,
    /// How to write it back.
    pub format: FileFormat,
}

/// Why bytes are not text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeError {
    /// A NUL byte in something that is not UTF-16, or a NUL character in UTF-16: a binary file.
    Binary,
    /// Broken UTF-16 (odd length or unpaired surrogate).
    Utf16,
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            DecodeError::Binary => "it is a binary file (it holds a NUL character)",
            DecodeError::Utf16 => "it starts like UTF-16, but is not valid UTF-16",
        })
    }
}

impl std::error::Error for DecodeError {}

impl LineEnding {
    /// The characters of the ending.
    pub fn as_str(self) -> &'static str {
        match self {
            LineEnding::Lf => "\n",
            LineEnding::CrLf => "\r\n",
            LineEnding::Cr => "\r",
        }
    }

    /// The ending most lines of `text` have; LF when it has none, LF before CRLF before CR when they are even.
    pub fn dominant(text: &str) -> LineEnding {
        let (mut lf, mut crlf, mut cr) = (0_usize, 0_usize, 0_usize);
        for line in crate::lines(text) {
            match line.as_bytes() {
                [.., b'\r', b'\n'] => crlf += 1,
                [.., b'\n'] => lf += 1,
                [.., b'\r'] => cr += 1,
                _ => {}
            }
        }
        if lf >= crlf && lf >= cr {
            LineEnding::Lf
        } else if crlf >= cr {
            LineEnding::CrLf
        } else {
            LineEnding::Cr
        }
    }
}

impl FileText {
    /// Decodes a whole file: by its BOM, else as UTF-8, else as Latin-1.
    pub fn decode(bytes: &[u8]) -> Result<FileText, DecodeError> {
        if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
            return decode_utf16(rest, FileEncoding::Utf16Le, u16::from_le_bytes);
        }
        if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
            return decode_utf16(rest, FileEncoding::Utf16Be, u16::from_be_bytes);
        }
        if memchr::memchr(0, bytes).is_some() {
            return Err(DecodeError::Binary);
        }
        let (rest, bom) = match bytes.strip_prefix(UTF8_BOM) {
            Some(rest) => (rest, true),
            None => (bytes, false),
        };
        Ok(match std::str::from_utf8(rest) {
            Ok(text) => file_text(text.to_owned(), FileEncoding::Utf8, bom),
            Err(_) => {
                file_text(bytes.iter().map(|byte| char::from(*byte)).collect(), FileEncoding::Latin1, false)
            }
        })
    }
}

impl FileFormat {
    /// The bytes of `text` in this format. `Err` holds the first character that Latin-1 cannot express.
    pub fn encode(&self, text: &str) -> Result<Vec<u8>, char> {
        let utf16 = |bom: [u8; 2], bytes: fn(u16) -> [u8; 2]| {
            let bom = if self.bom { &bom[..] } else { &[] };
            bom.iter().copied().chain(text.encode_utf16().flat_map(bytes)).collect()
        };
        Ok(match self.encoding {
            FileEncoding::Utf8 if self.bom => [UTF8_BOM, text.as_bytes()].concat(),
            FileEncoding::Utf8 => text.as_bytes().to_vec(),
            FileEncoding::Utf16Le => utf16([0xff, 0xfe], u16::to_le_bytes),
            FileEncoding::Utf16Be => utf16([0xfe, 0xff], u16::to_be_bytes),
            FileEncoding::Latin1 => {
                text.chars().map(|char| u8::try_from(char).map_err(|_| char)).collect::<Result<_, _>>()?
            }
        })
    }

    /// The format of a text that is only known as text (an open buffer): UTF-8, no BOM, its dominant line ending.
    pub fn of_text(text: &str) -> FileFormat {
        FileFormat { encoding: FileEncoding::Utf8, bom: false, line_ending: LineEnding::dominant(text) }
    }
}

const UTF8_BOM: &[u8] = b"\xef\xbb\xbf";

fn file_text(text: String, encoding: FileEncoding, bom: bool) -> FileText {
    let line_ending = LineEnding::dominant(&text);
    FileText { text, format: FileFormat { encoding, bom, line_ending } }
}

fn decode_utf16(
    bytes: &[u8],
    encoding: FileEncoding,
    unit: fn([u8; 2]) -> u16,
) -> Result<FileText, DecodeError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(DecodeError::Utf16);
    }
    let text: String = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .collect::<Result<_, _>>()
        .map_err(|_| DecodeError::Utf16)?;
    if text.contains('\0') {
        return Err(DecodeError::Binary);
    }
    Ok(file_text(text, encoding, true))
}
