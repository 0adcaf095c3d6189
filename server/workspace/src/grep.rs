//! Searching file contents line by line with ripgrep's libraries; open buffers are searched as they are.
//! Results come sorted by path and do not depend on the number of threads. Blocks on the disk.

use crate::include::Include;
use crate::overlay::Buffer;
use crate::roots::Roots;
use crate::walk::{Scope, SearchError, files, threads};
use grep_matcher::{LineTerminator, Matcher};
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::{BinaryDetection, Searcher, SearcherBuilder, Sink, SinkContext, SinkMatch};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio_util::sync::CancellationToken;

/// Characters of a line that are shown.
const LINE_LIMIT: usize = 500;
/// Bytes a searcher may hold; a file with a longer line is passed over.
const HEAP_LIMIT: usize = 64 << 20;

/// What to search for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrepRequest {
    /// A regular expression in Rust's syntax, or plain text.
    pub pattern: String,
    /// Whether `pattern` is plain text.
    pub literal: bool,
    /// Whether case matters.
    pub case: GrepCase,
    /// Glob of the files searched: on the name, or on the path if it holds a `/`; with `!` in front, of those left out.
    pub include: Option<String>,
    /// Folder or file, as [`Roots::resolve`](crate::Roots::resolve) takes it; all folders if none. A file that is named is searched even
    /// if it is ignored.
    pub path: Option<String>,
    /// Lines given before and after each match.
    pub context: usize,
    /// Matching lines given at the most.
    pub limit: usize,
}

/// Whether case matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GrepCase {
    /// Only if the pattern has an upper-case letter.
    #[default]
    Smart,
    /// Yes.
    Sensitive,
    /// No.
    Insensitive,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GrepResult {
    /// Sorted by path and line.
    pub matches: Vec<Match>,
    /// The files that matched (as shown, sorted) and how many lines in each, also those beyond the limit.
    pub files: Vec<(String, usize)>,
    /// Whether there is or may be more than what is given.
    pub truncated: bool,
}

/// A matching line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// As [`Roots::display`](crate::Roots::display) shows it.
    pub path: String,
    /// From 1.
    pub line: usize,
    /// Of the first match in the line, from 1, in characters.
    pub column: usize,
    /// The line without its break. Of a line over 500 characters a part around the match, the cuts marked with `…`.
    pub text: String,
    /// The lines before, cut likewise.
    pub before: Vec<String>,
    /// The lines after, cut likewise.
    pub after: Vec<String>,
}

struct FileMatches {
    matches: Vec<Match>,
    count: usize,
}

/// Searches. Gives what it has when cancelled, marked as truncated.
pub(crate) fn grep(
    request: &GrepRequest,
    roots: &Roots,
    buffers: &[Buffer],
    cancel: &CancellationToken,
) -> Result<GrepResult, SearchError> {
    let matcher = matcher(request)?;
    let include = request.include.as_deref().map(Include::parse).transpose()?;
    let starts = match &request.path {
        None => roots.folders().to_vec(),
        Some(path) => {
            let start = roots.resolve(path)?;
            let open = buffers.iter().any(|buffer| buffer.path.as_deref() == Some(&start));
            if !open && !crate::disk::exists(&start) {
                return Err(SearchError::NotFound { path: path.clone() });
            }
            vec![start]
        }
    };
    let mut paths = files(&starts, Scope { hidden: false, ignored: false }, (roots, buffers), cancel);
    if let Some(include) = &include {
        paths.retain(|path| include.takes(path, roots));
    }
    let mut open: HashMap<&Path, &Buffer> = HashMap::new();
    for buffer in buffers {
        let Some(path) = buffer.path.as_deref() else {
            continue;
        };
        if buffer.dirty || !open.contains_key(path) {
            open.insert(path, buffer);
        }
    }
    let search = Search { request, matcher, roots, open, cancel };
    Ok(search.all(&paths))
}

struct Search<'a> {
    request: &'a GrepRequest,
    matcher: RegexMatcher,
    roots: &'a Roots,
    open: HashMap<&'a Path, &'a Buffer>,
    cancel: &'a CancellationToken,
}

impl Search<'_> {
    /// Searches the files in order on several threads, and stops when enough was found in all files before.
    fn all(&self, paths: &[PathBuf]) -> GrepResult {
        let next = AtomicUsize::new(0);
        let done =
            Mutex::new(Done { found: BTreeMap::new(), searched: 0, pending: HashMap::new(), lines: 0 });
        std::thread::scope(|scope| {
            for _ in 0..threads().min(paths.len()) {
                scope.spawn(|| {
                    let mut searcher = self.searcher();
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(path) = paths.get(index) else { return };
                        if self.cancel.is_cancelled() || done.lock().lines >= self.request.limit {
                            return;
                        }
                        let found = self.one(&mut searcher, path);
                        done.lock().add(index, found);
                    }
                });
            }
        });
        self.gather(&done.into_inner(), paths.len())
    }

    fn gather(&self, done: &Done, total: usize) -> GrepResult {
        let mut result = GrepResult { truncated: done.searched < total, ..GrepResult::default() };
        for found in done.found.range(..done.searched).map(|(_, found)| found) {
            let room = self.request.limit - result.matches.len();
            result.truncated |= found.count > room.min(found.matches.len());
            result.matches.extend(found.matches.iter().take(room).cloned());
            if let Some(first) = found.matches.first() {
                result.files.push((first.path.clone(), found.count));
            }
        }
        result
    }

    /// `None` where nothing matches or the file cannot be searched.
    fn one(&self, searcher: &mut Searcher, path: &Path) -> Option<FileMatches> {
        let mut lines = Lines::new(self, self.roots.display(path));
        let outcome = match self.open.get(path) {
            Some(buffer) => {
                searcher.search_slice(&self.matcher, buffer.text.to_string().as_bytes(), &mut lines)
            }
            None => searcher.search_path(&self.matcher, path, &mut lines),
        };
        if let Err(error) = outcome {
            tracing::debug!(%error, path = %path.display(), "not searched");
            return None;
        }
        (lines.count > 0 && !lines.binary)
            .then_some(FileMatches { matches: lines.matches, count: lines.count })
    }

    fn searcher(&self) -> Searcher {
        SearcherBuilder::new()
            .line_number(true)
            // The matcher's own, or nothing is searched.
            .line_terminator(LineTerminator::crlf())
            .before_context(self.request.context)
            .after_context(self.request.context)
            .binary_detection(BinaryDetection::quit(0))
            .heap_limit(Some(HEAP_LIMIT))
            .build()
    }
}

/// What was found so far, by the file's place in the order.
struct Done {
    found: BTreeMap<usize, FileMatches>,
    /// All files before this one are searched.
    searched: usize,
    /// Files searched behind `searched`, with their matching lines.
    pending: HashMap<usize, usize>,
    /// Matching lines in the files before `searched`.
    lines: usize,
}

impl Done {
    fn add(&mut self, index: usize, found: Option<FileMatches>) {
        self.pending.insert(index, found.as_ref().map_or(0, |found| found.count));
        if let Some(found) = found {
            self.found.insert(index, found);
        }
        while let Some(count) = self.pending.remove(&self.searched) {
            self.searched += 1;
            self.lines += count;
        }
    }
}

/// Gathers the lines of one file.
struct Lines<'a> {
    search: &'a Search<'a>,
    path: String,
    matches: Vec<Match>,
    count: usize,
    /// The last lines seen, for what stands before a match.
    last: VecDeque<(usize, String)>,
    binary: bool,
}

impl<'a> Lines<'a> {
    fn new(search: &'a Search<'a>, path: String) -> Self {
        Lines { search, path, matches: Vec::new(), count: 0, last: VecDeque::new(), binary: false }
    }

    /// A line that stands near earlier matches, and perhaps near later ones.
    fn near(&mut self, number: usize, text: &str) {
        let context = self.search.request.context;
        if context == 0 {
            return;
        }
        let shown = cut(text, 0);
        for one in self.matches.iter_mut().rev().take_while(|one| number - one.line <= context) {
            one.after.push(shown.clone());
        }
        self.last.push_back((number, shown));
        if self.last.len() > context {
            self.last.pop_front();
        }
    }
}

impl Sink for Lines<'_> {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> io::Result<bool> {
        if self.search.cancel.is_cancelled() {
            return Ok(false);
        }
        self.count += 1;
        let number = number(found.line_number());
        let text = line(found.bytes());
        if self.matches.len() < self.search.request.limit {
            let at = self.search.matcher.find(found.bytes()).ok().flatten().map_or(0, |place| place.start());
            let column = String::from_utf8_lossy(&found.bytes()[..at]).chars().count();
            let context = self.search.request.context;
            let before =
                self.last.iter().filter(|(line, _)| number - line <= context).map(|(_, text)| text.clone());
            let before = before.collect();
            // Before it becomes a match itself, the line follows the matches above it.
            self.near(number, &text);
            self.matches.push(Match {
                path: self.path.clone(),
                line: number,
                column: column + 1,
                text: cut(&text, column),
                before,
                after: Vec::new(),
            });
        } else {
            self.near(number, &text);
        }
        Ok(true)
    }

    fn context(&mut self, _: &Searcher, context: &SinkContext<'_>) -> io::Result<bool> {
        self.near(number(context.line_number()), &line(context.bytes()));
        Ok(true)
    }

    fn binary_data(&mut self, _: &Searcher, _: u64) -> io::Result<bool> {
        self.binary = true;
        Ok(false)
    }
}

fn number(line: Option<u64>) -> usize {
    line.and_then(|line| usize::try_from(line).ok()).unwrap_or(0)
}

fn line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    glossator_text::line_content(&text).to_owned()
}

/// At most [`LINE_LIMIT`] characters of `text`, such that character `column` is among them.
fn cut(text: &str, column: usize) -> String {
    let total = text.chars().count();
    if total <= LINE_LIMIT {
        return text.to_owned();
    }
    let start =
        if column < LINE_LIMIT * 4 / 5 { 0 } else { (column - LINE_LIMIT / 5).min(total - LINE_LIMIT) };
    let part: String = text.chars().skip(start).take(LINE_LIMIT).collect();
    let mark = |cut: bool| if cut { "…" } else { "" };
    format!("{}{part}{}", mark(start > 0), mark(start + LINE_LIMIT < total))
}

fn matcher(request: &GrepRequest) -> Result<RegexMatcher, SearchError> {
    let mut builder = RegexMatcherBuilder::new();
    builder
        .fixed_strings(request.literal)
        .case_smart(request.case == GrepCase::Smart)
        .case_insensitive(request.case == GrepCase::Insensitive)
        .multi_line(true)
        .crlf(true);
    builder.build(&request.pattern).map_err(|error| {
        let advice = match error.kind() {
            grep_regex::ErrorKind::NotAllowed(_) => "a match lies within one line, so search for one of the lines",
            _ if request.literal => "shorten it",
            _ => "write a regular expression in Rust's syntax (no look-around, no back-references), or set literal",
        };
        SearchError::Pattern { pattern: request.pattern.clone(), reason: format!("{error}; {advice}") }
    })
}
