//! A code block of an answer and the file that it is for: what the block names, whether it is a patch, and what becomes of a
//! file of which it shows a part. Pure.

mod heads;

use glossator_text::lines;
use heads::{head, places};

/// Characters of a line above a block that may name its file.
const NAMING: usize = 160;
/// Of two lines that are one line changed, at least this part is equal at their ends.
const ALIKE: f64 = 0.4;
/// What a line of the file costs that the block has not, and one that was changed.
const GONE: i32 = 1;
/// What it costs where that begins another definition: blocks take none away that they do not show.
const HEAD_GONE: i32 = 25;
const CHANGED: i32 = 1;
/// Lines of a file times lines of a block.
const MOST: usize = 4_000_000;

/// What the name of a file may stand behind.
const KEYS: [&str; 4] = ["filename=", "file=", "path=", "title="];

/// The file that a block names: behind its language, or in the line above.
pub fn named(info: &str, above: &str) -> Option<String> {
    if let Some(path) = KEYS.iter().find_map(|key| in_quotes(info, key)).filter(|path| is_path(path)) {
        return Some(path.to_owned());
    }
    let mut words = info.split([' ', '\t', ',', ':', '{', '}']).map(unquoted).filter(|word| !word.is_empty());
    let in_info = words.find_map(|word| {
        let path = KEYS.iter().find_map(|key| word.strip_prefix(key)).map(unquoted);
        path.or(Some(word)).filter(|path| is_path(path))
    });
    in_info.map(str::to_owned).or_else(|| above_names(above))
}

/// What stands in quotes behind `key`.
fn in_quotes<'a>(info: &'a str, key: &str) -> Option<&'a str> {
    let rest = info.split_once(key)?.1;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest[1..].split_once(quote).map(|(path, _)| path)
}

fn above_names(above: &str) -> Option<String> {
    let above = above.trim();
    if above.is_empty() || above.chars().count() > NAMING {
        return None;
    }
    let bare = above.trim_start_matches(['#', '-', '*', '>', ' ']).trim_end_matches([':', '*', ' ']);
    let words = |text: &str| -> Vec<String> {
        let parts =
            text.split(|c: char| c.is_whitespace() || matches!(c, '`' | '*' | '(' | ')' | '"' | '\''));
        let found =
            parts.map(|word| word.trim_end_matches([':', ',', ';', '.'])).filter(|word| is_path(word));
        found.map(str::to_owned).collect()
    };
    let found = words(bare);
    // A sentence that only mentions a file does not name it, but for one in code that ends with a colon.
    let is_alone = bare.split_whitespace().count() <= 2;
    match found.as_slice() {
        [one] if is_alone || above.ends_with(':') || above.ends_with("**") => Some(one.clone()),
        _ => None,
    }
}

fn unquoted(word: &str) -> &str {
    word.trim_matches(['"', '\'', '`'])
}

/// Whether a word looks like the path of a file.
fn is_path(word: &str) -> bool {
    let name = word.rsplit(['/', '\\']).next().unwrap_or_default();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let has_ending = !ending.is_empty()
        && ending.len() <= 10
        && ending.chars().all(|c| c.is_ascii_alphanumeric())
        && ending.chars().any(|c| c.is_ascii_alphabetic());
    let odd = |c: char| c.is_control() || matches!(c, '<' | '>' | '|' | '?' | '*' | '=' | '{' | '}');
    let is_folder = name.is_empty();
    !is_folder
        && !word.contains(odd)
        && !word.contains("://")
        && (word.contains('/') || (has_ending && !stem.is_empty()))
}

/// Whether a block is a patch and no part of a file.
pub fn is_patch(info: &str, text: &str) -> bool {
    let language = info.split_whitespace().next().unwrap_or_default();
    let start = text.trim_start();
    let begins = |mark: &str| start.starts_with(mark);
    let has_line = |mark: &str| text.lines().any(|line| line.starts_with(mark));
    begins("*** Begin Patch")
        || begins("diff --git ")
        || (has_line("--- ") && has_line("+++ ") && has_line("@@"))
        || (has_line("<<<<<<< SEARCH") && has_line(">>>>>>> REPLACE"))
        || (matches!(language, "diff" | "patch") && (has_line("@@") || has_line("*** ")))
}

/// Blocks of SEARCH and REPLACE that name no file, with the name of the one that they are for above each.
pub fn with_path(text: &str, name: &str) -> String {
    const SEARCH: &str = "<<<<<<< SEARCH";
    if !text.trim_start().starts_with(SEARCH) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + name.len() + 1);
    for line in lines(text) {
        if line.starts_with(SEARCH) {
            out.push_str(name);
            out.push('\n');
        }
        out.push_str(line);
    }
    out
}

/// The text of a file after the part of it that `block` shows is as the block has it. What stands before and behind that part
/// stays.
pub fn merged(file: &str, block: &str) -> Result<String, String> {
    if file.is_empty() || file.ends_with('\n') {
        return part_in(file, block);
    }
    // Compared as if the last line had an end; what stays the last line has none afterwards.
    let found = part_in(&format!("{file}\n"), block)?;
    let last = lines(file).last().unwrap_or_default();
    let bare = found.strip_suffix('\n').map(|found| found.strip_suffix('\r').unwrap_or(found));
    Ok(match bare.filter(|bare| lines(bare).last() == Some(last)) {
        Some(bare) => bare.to_owned(),
        None => found,
    })
}

fn part_in(file: &str, block: &str) -> Result<String, String> {
    let block = match file.contains("\r\n") {
        true => block.replace("\r\n", "\n").replace('\n', "\r\n"),
        false => block.to_owned(),
    };
    let (old, new): (Vec<&str>, Vec<&str>) = (lines(file).collect(), lines(&block).collect());
    if old.is_empty() {
        return Ok(block);
    }
    if old.len().saturating_mul(new.len()) > MOST {
        return Err(TOO_LONG.to_owned());
    }
    let table = Table::of(&old, &new);
    let (end, worth, several) = table.end();
    let Traced { start, mut part, gone, common } = table.traced(end, (&old, &new));
    match (common, several) {
        (_, true) if worth > 0 => return Err(SEVERAL.to_owned()),
        (false, _) => return Err(NOWHERE.to_owned()),
        (true, true) => return Err(SEVERAL.to_owned()),
        (true, false) => {}
    }
    let stays = |name: &str| part.iter().any(|line| head(line) == Some(name));
    if gone.iter().filter_map(|line| head(line)).any(|name| !stays(name)) {
        return Err(NOWHERE.to_owned());
    }
    // The blank lines between definitions are no part of a block that ends before them.
    let is_blank = |line: &&str| line.trim().is_empty();
    let blanks = old[start..end].iter().rev().take_while(|line| is_blank(line)).count();
    if old.get(end).is_some_and(|line| !is_blank(line)) && part.last().is_some_and(|line| !is_blank(line)) {
        part.extend(&old[end - blanks..end]);
    }
    let mut out = String::with_capacity(file.len() + block.len());
    let rest = &old[end..];
    [&old[..start], &part, rest].iter().for_each(|lines| out.extend(lines.iter().copied()));
    Ok(out)
}

const NOWHERE: &str = "the block fits nowhere in the file for certain; select in the file what it is to replace, and apply it again";
const SEVERAL: &str =
    "the block fits in several places of the file; select the one that it is to replace, and apply it again";
const TOO_LONG: &str =
    "file and block are too long to find its place; select what it is to replace, and apply it again";

/// What a line of the block is to the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The beginning of the part that is shown.
    Start,
    /// The same line.
    Same,
    /// A line that was changed.
    Changed,
    /// A line of the file that goes.
    Gone,
    /// A line that comes.
    New,
    /// A line of the file that the block leaves out, and that stays.
    LeftOut,
    /// The line that stands for lines that are left out.
    Elision,
}

/// How a block fits best into a file: for each line of the file and of the block the best way there. Lines of the file before
/// and behind the part that is shown cost nothing.
struct Table {
    width: usize,
    steps: Vec<Step>,
    /// What the whole block is worth when it ends before each line of the file.
    ends: Vec<i32>,
}

impl Table {
    fn of(old: &[&str], new: &[&str]) -> Table {
        let width = new.len() + 1;
        let (places_old, places_new) = (places(old), places(new));
        let elisions: Vec<bool> = new.iter().map(|line| is_elision(line)).collect();
        let mut steps = vec![Step::Start; width * (old.len() + 1)];
        let mut ends = Vec::with_capacity(old.len() + 1);
        let mut above = vec![0_i32; width];
        for row in 0..=old.len() {
            let mut here = vec![0_i32; width];
            for column in 1..width {
                let line = new[column - 1];
                let (mut best, mut step) = match elisions[column - 1] {
                    true => (here[column - 1], Step::Elision),
                    false => (here[column - 1] - novelty(line), Step::New),
                };
                let mut try_it = |worth: i32, way: Step| {
                    if worth > best {
                        (best, step) = (worth, way);
                    }
                };
                if row > 0 {
                    let other = old[row - 1];
                    if elisions[column - 1] {
                        try_it(above[column], Step::LeftOut);
                    } else {
                        let cost = if head(other).is_some() { HEAD_GONE } else { GONE };
                        try_it(above[column] - cost, Step::Gone);
                        // What stands in one definition is no line of another.
                        let place = places_new[column - 1];
                        let fits = place.is_none() || place == places_old[row - 1];
                        if fits && line == other {
                            try_it(above[column - 1] + worth(line), Step::Same);
                        } else if fits && alike(line, other) {
                            try_it(above[column - 1] - CHANGED, Step::Changed);
                        }
                    }
                }
                here[column] = best;
                steps[row * width + column] = step;
            }
            ends.push(here[width - 1]);
            above = here;
        }
        Table { width, steps, ends }
    }

    /// The line of the file before which the block ends, what the block is worth there, and whether it is worth as much
    /// elsewhere.
    fn end(&self) -> (usize, i32, bool) {
        let best = self.ends.iter().copied().max().unwrap_or_default();
        let mut found = self.ends.iter().enumerate().filter(|(_, worth)| **worth == best).map(|(row, _)| row);
        let (first, last) = (found.next().unwrap_or_default(), found.next_back());
        // With an elision at its end the same part ends anywhere behind; then it ends first.
        let is_other = |last: usize| self.steps[last * self.width + self.width - 1] != Step::LeftOut;
        (first, best, last.is_some_and(is_other))
    }

    /// What becomes of the part of the file that the block shows, which ends before the line `end`.
    fn traced<'a>(&self, end: usize, (old, new): (&[&'a str], &[&'a str])) -> Traced<'a> {
        let (mut row, mut column) = (end, self.width - 1);
        let (mut part, mut gone, mut common) = (Vec::new(), Vec::new(), false);
        while column > 0 {
            match self.steps[row * self.width + column] {
                Step::Start => break,
                Step::Same => {
                    (row, column) = (row - 1, column - 1);
                    part.push(old[row]);
                    common |= worth(old[row]) > 1;
                }
                Step::Changed => {
                    (row, column) = (row - 1, column - 1);
                    gone.push(old[row]);
                    part.push(new[column]);
                }
                Step::Gone => {
                    row -= 1;
                    gone.push(old[row]);
                }
                Step::New => {
                    column -= 1;
                    part.push(new[column]);
                }
                Step::LeftOut => {
                    row -= 1;
                    part.push(old[row]);
                }
                Step::Elision => column -= 1,
            }
        }
        part.reverse();
        Traced { start: row, part, gone, common }
    }
}

/// A part of a file as a block has it.
struct Traced<'a> {
    /// The line of the file that it begins with.
    start: usize,
    /// What stands there afterwards.
    part: Vec<&'a str>,
    /// The lines that stand there no more.
    gone: Vec<&'a str>,
    /// Whether a line that says something is in both.
    common: bool,
}

/// How much it says that a line is in both: one of a bracket alone says little.
fn worth(line: &str) -> i32 {
    if line.trim().len() > 2 { 4 } else { 1 }
}

/// What a line of the block costs that is not in the file: less than what goes for it and was there, since blocks bring a function
/// behind the one that they change; and a bracket alone says little here, too.
fn novelty(line: &str) -> i32 {
    if line.trim().len() > 2 { 2 } else { 1 }
}

/// Whether two lines are one line that was changed: most of what they say is the same at their ends.
fn alike(one: &str, other: &str) -> bool {
    let words = |text: &str| -> Vec<char> {
        text.trim_matches(|c: char| !c.is_alphanumeric()).chars().filter(|c| !c.is_whitespace()).collect()
    };
    let (one, other) = (words(one), words(other));
    let longest = one.len().max(other.len());
    let head = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let tail =
        one.iter().rev().zip(other.iter().rev()).take(longest - head).take_while(|(a, b)| a == b).count();
    let shortest = one.len().min(other.len());
    // `fn a() {` and `fn a(x: u8) {`: all that the one says is in the other.
    let is_part = shortest > 2 && head + tail >= shortest;
    longest > 0 && (is_part || (head + tail) as f64 / longest as f64 >= ALIKE)
}

/// Whether a line stands for lines that are left out: `// ...`, `# … existing code …`.
fn is_elision(line: &str) -> bool {
    let line = line.trim();
    let bare = line.trim_start_matches(['/', '#', '-', '*', ';', '<', '!', '{', '%', '"', ' ']);
    let is_marked = bare.starts_with("...") || bare.starts_with('…');
    is_marked && bare.len() < 80 && (bare.len() < line.len() || bare.trim_matches(['.', '…']).is_empty())
}

#[cfg(test)]
mod tests;
