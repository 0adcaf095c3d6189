//! Finding hunks again in a text that nobody saw change: by their own lines and those around them. Never guesses: what
//! stands in several places, or nowhere, is not found.

use crate::border::{ends_lines, line_end, starts_line};
use glossator_session::HunkPlace;
use glossator_text::{line_content, lines};
use memchr::memmem;
use std::ops::Range;

/// Places of one text that are looked at.
const MAX_PLACES: usize = 2_000;
/// Signs, white space aside, with which a text tells its place together with lines on one side only: a `return 0` and the
/// brace below it stand in many functions.
const TELLING: usize = 12;
/// The same without any line around it.
const UNMISTAKABLE: usize = 24;
/// Lines that may have come in between the lines above and below a hunk.
const MAX_GROWTH: usize = 20;

/// What is looked for.
#[derive(Debug)]
pub(crate) struct Want<'a> {
    /// The texts that it may be, the likeliest first.
    pub texts: Vec<&'a str>,
    pub place: &'a HunkPlace,
}

/// A place, and how many lines around it told it.
struct Found {
    range: Range<usize>,
    context: usize,
}

/// Whether two places overlap. Those that only touch do not.
pub(crate) fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// The places of `wants` in `text`, none of them overlapping another or one of `taken`.
pub(crate) fn locate_all(
    text: &str,
    wants: &[Want<'_>],
    taken: &[Range<usize>],
) -> Vec<Option<Range<usize>>> {
    let mut search = Search { text, taken: taken.to_vec(), places: vec![None; wants.len()] };
    search.pass(wants, |_, want| want.find(text, &(0..text.len())));
    search.pass(wants, |places, want| want.find(text, &window(text, wants, places, want)));
    search.pass(wants, |_, want| want.between(text).map(|range| Found { range, context: 0 }));
    search.places
}

struct Search<'a> {
    text: &'a str,
    taken: Vec<Range<usize>>,
    places: Vec<Option<Range<usize>>>,
}

impl Search<'_> {
    /// Tries all that have no place yet; those with more lines around them go first.
    fn pass<'w>(
        &mut self,
        wants: &[Want<'w>],
        find: impl Fn(&[Option<Range<usize>>], &Want<'w>) -> Option<Found>,
    ) {
        let mut found: Vec<(usize, Found)> = wants
            .iter()
            .enumerate()
            .filter(|(index, _)| self.places[*index].is_none())
            .filter_map(|(index, want)| Some((index, find(&self.places, want)?)))
            .collect();
        found.sort_by_key(|(_, found)| std::cmp::Reverse(found.context));
        for (index, Found { range, .. }) in found {
            debug_assert!(self.text.get(range.clone()).is_some(), "a place is whole lines");
            if !self.taken.iter().any(|taken| overlap(taken, &range)) {
                self.taken.push(range.clone());
                self.places[index] = Some(range);
            }
        }
    }
}

/// The part of the text between those that stood above and below in the same text and were found.
fn window(text: &str, wants: &[Want<'_>], places: &[Option<Range<usize>>], want: &Want<'_>) -> Range<usize> {
    let mut window = 0..text.len();
    for (other, place) in wants.iter().zip(places) {
        let Some(place) = place.as_ref().filter(|_| other.place.text == want.place.text) else { continue };
        if other.place.start < want.place.start {
            window.start = window.start.max(place.end);
        } else if other.place.start > want.place.start {
            window.end = window.end.min(place.start);
        }
    }
    if window.start <= window.end { window } else { 0..text.len() }
}

impl Want<'_> {
    /// The one place in `window`, told with as many of the lines around as can be.
    fn find(&self, text: &str, window: &Range<usize>) -> Option<Found> {
        let above: Vec<&str> = lines(&self.place.above).collect();
        let below: Vec<&str> = lines(&self.place.below).collect();
        let seen: Vec<Vec<Seen>> = self
            .texts
            .iter()
            .map(|wanted| {
                let near =
                    (above.last().copied().unwrap_or_default(), below.first().copied().unwrap_or_default());
                let places = places(text, wanted, near).into_iter();
                let inside = places.filter(|place| window.start <= place.start && place.end <= window.end);
                inside.map(|place| Seen::at(text, place, (&above, &below))).collect()
            })
            .collect();
        let mut sizes: Vec<(usize, usize)> =
            (0..=above.len()).flat_map(|a| (0..=below.len()).map(move |b| (a, b))).collect();
        sizes.sort_by_key(|(a, b)| std::cmp::Reverse((a + b, *a.min(b))));
        for (a, b) in sizes {
            for (wanted, seen) in self.texts.iter().zip(&seen) {
                let mut fitting = seen.iter().filter(|seen| seen.above >= a && seen.below >= b);
                let (Some(one), None) = (fitting.next(), fitting.next()) else { continue };
                let told = (
                    is_told(&above[above.len() - a..]) || (above.is_empty() && one.place.start == 0),
                    is_told(&below[..b]) || (below.is_empty() && one.place.end == text.len()),
                );
                let around = [above[above.len() - a..].concat(), below[..b].concat()].concat();
                if tells(wanted, &around, told) {
                    return Some(Found { range: one.place.clone(), context: a + b });
                }
            }
        }
        None
    }

    /// What stands between the lines above and below, each of which stand in one place.
    fn between(&self, text: &str) -> Option<Range<usize>> {
        let above: Vec<&str> = lines(&self.place.above).collect();
        let below: Vec<&str> = lines(&self.place.below).collect();
        let start = match above[..] {
            [] => Some(0),
            _ => (0..above.len()).find_map(|from| only(text, &above[from..]).map(|place| place.end)),
        }?;
        let end = match below[..] {
            [] => Some(text.len()),
            _ => (1..=below.len()).rev().find_map(|to| only(text, &below[..to]).map(|place| place.start)),
        }?;
        let whole =
            start <= end && (start == text.len() || starts_line(text, start)) && ends_lines(text, end);
        let between = whole.then(|| &text[start..end])?;
        let most = self.texts.iter().map(|text| lines(text).count()).max().unwrap_or_default() + MAX_GROWTH;
        (lines(between).count() <= most).then_some(start..end)
    }
}

/// Lines that stand in one place and tell it.
fn only(text: &str, wanted: &[&str]) -> Option<Range<usize>> {
    let wanted = Some(wanted).filter(|wanted| is_told(wanted))?.concat();
    let mut places = memmem::find_iter(text.as_bytes(), wanted.as_bytes());
    let start = places.next()?;
    places.next().is_none().then(|| start..start + wanted.len())
}

/// A place, and how many lines above and below are as they were.
struct Seen {
    place: Range<usize>,
    above: usize,
    below: usize,
}

impl Seen {
    fn at(text: &str, place: Range<usize>, (above, below): (&[&str], &[&str])) -> Seen {
        let (mut before, mut after) = (&text[..place.start], &text[place.end..]);
        let same_above = above.iter().rev().take_while(|line| match before.strip_suffix(**line) {
            Some(rest) => {
                before = rest;
                true
            }
            None => false,
        });
        let same_above = same_above.count();
        let same_below = below.iter().take_while(|line| match after.strip_prefix(**line) {
            Some(rest) => {
                after = rest;
                true
            }
            None => false,
        });
        Seen { above: same_above, below: same_below.count(), place }
    }
}

/// Where `wanted` stands as whole lines, the break at its end aside. `near` are the lines right above and below: nothing
/// is looked for between them, and what stands in very many places with the line above it.
fn places(text: &str, wanted: &str, near: (&str, &str)) -> Vec<Range<usize>> {
    let last = lines(wanted).last().unwrap_or_default();
    let bare = &wanted[..wanted.len() - (last.len() - line_content(last).len())];
    if bare.is_empty() && !wanted.is_empty() {
        return search(text, &[near.0, wanted].concat(), near.0.len()).unwrap_or_default();
    }
    if wanted.is_empty() {
        let border = |place: Range<usize>| place.start..place.start;
        let joined = [near.0, near.1].concat();
        return match near {
            ("", "") => Some(0..0).filter(|_| text.is_empty()).into_iter().collect(),
            ("", _) => Some(0..0).filter(|_| text.starts_with(near.1)).into_iter().collect(),
            _ => search(text, &joined, near.0.len()).unwrap_or_default().into_iter().map(border).collect(),
        };
    }
    let found = search(text, bare, 0).or_else(|| search(text, &[near.0, bare].concat(), near.0.len()));
    let whole = |place: Range<usize>| {
        let end = match text[place.end..].starts_with(['\n', '\r']) {
            _ if ends_lines(text, place.end) => place.end,
            true => line_end(text, place.end)?,
            false => return None,
        };
        Some(place.start..end)
    };
    found.unwrap_or_default().into_iter().filter_map(whole).collect()
}

/// The places of `needle`, without the `skip` bytes at its start, that begin a line; `None`: too many.
fn search(text: &str, needle: &str, skip: usize) -> Option<Vec<Range<usize>>> {
    let places: Vec<Range<usize>> = memmem::find_iter(text.as_bytes(), needle.as_bytes())
        .map(|at| at + skip..at + needle.len())
        .filter(|place| place.start == text.len() || starts_line(text, place.start))
        .take(MAX_PLACES + 1)
        .collect();
    (places.len() <= MAX_PLACES).then_some(places)
}

/// Whether a text tells its place, with the lines around it; of those above and below it is said whether there are any.
fn tells(wanted: &str, around: &str, (above, below): (bool, bool)) -> bool {
    let signs = |text: &str| text.chars().filter(|c| !c.is_whitespace()).take(UNMISTAKABLE).count();
    let has_word = |text: &str| text.contains(char::is_alphanumeric);
    match (above, below) {
        (true, true) => true,
        (false, false) => has_word(wanted) && signs(wanted) >= UNMISTAKABLE,
        _ => has_word(wanted) && has_word(around) && signs(wanted) >= TELLING,
    }
}

fn is_told(lines: &[&str]) -> bool {
    lines.iter().any(|line| !line.trim().is_empty())
}
