//! How many tokens a text has, without asking a provider: exactly for OpenAI's vocabularies with the feature `tokens`, else
//! by a fast estimate from the lengths of its pieces. [`Calibration`] corrects estimates by reported usage. Pure.

#[cfg(any(test, feature = "tokens"))]
mod exact;
mod pieces;
#[cfg(test)]
mod tests;

use pieces::{Kind, Pieces};

/// Whose vocabulary cuts a text into tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Family {
    /// OpenAI since GPT-4o; the nearest guess for a model that nobody knows.
    #[default]
    O200k,
    /// OpenAI's GPT-4 and GPT-3.5.
    Cl100k,
    /// Claude up to Opus 4.6 and Sonnet 4.6.
    Claude,
    /// Claude from Opus 4.7, Sonnet 5 and Haiku 5.5 on.
    Claude5,
    /// Gemini and Gemma.
    Gemini,
    /// Llama, Qwen, Mistral, DeepSeek and others that are run at home.
    Open,
}

/// What model ids begin with (after a gateway's `author/`), and their family; the first that fits counts.
const FAMILIES: &[(&str, Family)] = &[
    ("gpt-4o", Family::O200k),
    ("gpt-4.", Family::O200k),
    ("gpt-4", Family::Cl100k),
    ("gpt-3.5", Family::Cl100k),
    ("claude-opus-4-7", Family::Claude5),
    ("claude-opus-4.7", Family::Claude5),
    ("claude-opus-4-8", Family::Claude5),
    ("claude-opus-4.8", Family::Claude5),
    ("claude-opus-4", Family::Claude),
    ("claude-sonnet-4", Family::Claude),
    ("claude-haiku-4", Family::Claude),
    ("claude-3", Family::Claude),
    ("claude-2", Family::Claude),
    ("claude", Family::Claude5),
    ("gemini", Family::Gemini),
    ("gemma", Family::Gemini),
    ("llama", Family::Open),
    ("qwen", Family::Open),
    ("mistral", Family::Open),
    ("devstral", Family::Open),
    ("deepseek", Family::Open),
];

impl Family {
    /// The family of a model id.
    pub fn of(model: &str) -> Self {
        let name = model.rsplit('/').next().unwrap_or(model).to_ascii_lowercase();
        FAMILIES.iter().find(|(start, _)| name.starts_with(start)).map_or_else(Self::default, |row| row.1)
    }

    /// Hundredths of a token where OpenAI's newest vocabulary counts one. Those of OpenAI are measured; for the others no
    /// vocabulary is public or in reach, so these are starting points on the safe side.
    fn percent(self) -> u64 {
        match self {
            Self::O200k | Self::Cl100k => 100,
            Self::Claude => 120,
            Self::Claude5 => 150,
            Self::Gemini | Self::Open => 110,
        }
    }
}

/// The number of tokens of `text`: exact for OpenAI's families where the feature `tokens` is on, else [`estimate`]d.
pub fn count(text: &str, family: Family) -> u64 {
    #[cfg(feature = "tokens")]
    if let Some(exact) = exact::count(text, family) {
        return exact;
    }
    estimate(text, family)
}

/// About how many tokens `text` has, in one pass. For OpenAI's families within a twentieth on code; a test measures that on
/// the sources of this program.
pub fn estimate(text: &str, family: Family) -> u64 {
    let hundredths: u64 = Pieces::of(text).map(|(kind, piece)| u64::from(weight(kind, piece))).sum();
    (hundredths.saturating_mul(family.percent()) + 5000) / 10_000
}

/// Hundredths of a token by length, from 1 to 16 characters: averages of OpenAI's newest vocabulary over 22 MB of Rust,
/// Python and Markdown. Small words after a space, at a start, after another sign; then those of capitals alone.
const WORDS: [[u16; 16]; 6] = [
    [100, 100, 100, 101, 102, 105, 105, 108, 116, 122, 126, 135, 146, 147, 158, 190],
    [100, 101, 106, 107, 112, 116, 123, 142, 154, 174, 173, 202, 249, 273, 319, 355],
    [100, 102, 115, 117, 120, 129, 133, 141, 159, 182, 196, 211, 221, 255, 275, 300],
    [100, 100, 101, 116, 121, 165, 150, 180, 227, 223, 239, 312, 307, 340, 370, 400],
    [100, 100, 124, 151, 173, 183, 192, 238, 266, 285, 317, 371, 410, 440, 475, 510],
    [100, 124, 146, 148, 154, 176, 184, 207, 231, 262, 279, 300, 340, 370, 379, 404],
];
/// The same for signs.
const SIGNS: [u16; 16] = [100, 100, 104, 116, 144, 209, 287, 330, 350, 429, 470, 511, 600, 660, 720, 760];
/// What each character beyond 16 adds.
const BEYOND: u16 = 25;
/// The same where all characters are the same: a rule (`-----`) is few tokens.
const BEYOND_SAME: u16 = 3;

/// Hundredths of a token of one piece.
fn weight(kind: Kind, piece: &str) -> u32 {
    let length = piece.chars().count();
    let table = match kind {
        Kind::Space | Kind::Number => return 100,
        // Scripts with small letters have whole words among the tokens, others three tokens for five characters.
        Kind::Foreign if piece.contains(char::is_lowercase) => return 80 + 10 * capped(length),
        Kind::Foreign => return 50 + 60 * capped(length),
        Kind::Signs if !piece.is_ascii() => return 120 * capped(length),
        Kind::Signs => &SIGNS,
        Kind::Word => &WORDS[class(piece)],
    };
    if let Some(weight) = table.get(length - 1) {
        return u32::from(*weight);
    }
    let first = piece.as_bytes()[0];
    let same = piece.bytes().filter(|byte| *byte == first).count() * 10 > length * 9;
    let beyond = if same { BEYOND_SAME } else { BEYOND };
    let start = if same { 150 } else { u32::from(table[table.len() - 1]) };
    start + u32::from(beyond) * capped(length - table.len())
}

/// The row of [`WORDS`].
fn class(piece: &str) -> usize {
    let first = piece.as_bytes()[0];
    let letters = piece.trim_start_matches(|sign: char| !sign.is_ascii_alphabetic());
    let before = match first {
        b' ' => 0,
        _ if first.is_ascii_alphabetic() => 1,
        _ => 2,
    };
    let capitals = letters.bytes().all(|letter| letter.is_ascii_uppercase());
    before + if capitals { 3 } else { 0 }
}

fn capped(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX / 1000).min(u32::MAX / 1000)
}

/// What reported usage teaches about estimates for one model: the newest reports count most.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Calibration {
    estimated: f64,
    reported: f64,
}

impl Calibration {
    /// How much of what was learned before stays at each report.
    const MEMORY: f64 = 0.7;
    /// Reports that differ from the estimate by more than this factor are taken for another thing counted.
    const WIDEST: f64 = 4.0;

    /// Takes in that a request estimated at so many tokens was reported to have had so many.
    pub fn observe(&mut self, estimated: u64, reported: u64) {
        let (estimated, reported) = (estimated as f64, reported as f64);
        if estimated == 0.0 || !(1.0 / Self::WIDEST..=Self::WIDEST).contains(&(reported / estimated)) {
            return;
        }
        self.estimated = self.estimated * Self::MEMORY + estimated;
        self.reported = self.reported * Self::MEMORY + reported;
    }

    /// The estimate as corrected by what was learned; unchanged when that is nothing.
    pub fn correct(&self, estimated: u64) -> u64 {
        if self.estimated == 0.0 {
            return estimated;
        }
        (estimated as f64 * self.reported / self.estimated).round() as u64
    }
}
