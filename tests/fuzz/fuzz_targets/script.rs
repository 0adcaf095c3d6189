//! Finding scripts in an answer, and erasing their types. Run it with `--release`: a debug assertion of the parser (oxc 0.146)
//! does not hold for a source that begins with a broken token.
#![no_main]

use glossator_script::{Piece, Scanner, Unclosed, erase};

/// What the scanner finds, with neighbouring fragments joined.
fn scan<'a>(deltas: impl Iterator<Item = &'a str>) -> (Vec<Piece>, Option<Unclosed>) {
    let mut scanner = Scanner::new();
    let mut pieces: Vec<Piece> = deltas.flat_map(|delta| scanner.push(delta)).collect();
    let (rest, unclosed) = scanner.finish();
    pieces.extend(rest);
    let mut joined: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (joined.last_mut(), piece) {
            (Some(Piece::Text(have)), Piece::Text(more)) => have.push_str(&more),
            (Some(Piece::ScriptText(have)), Piece::ScriptText(more)) => have.push_str(&more),
            (_, piece) => joined.push(piece),
        }
    }
    (joined, unclosed)
}

libfuzzer_sys::fuzz_target!(|input: &str| {
    let whole = scan(std::iter::once(input));
    assert_eq!(scan(input.split_inclusive(|c: char| !c.is_alphanumeric())), whole, "any cut finds the same");
    if let Ok(erased) = erase(input) {
        assert_eq!(erased.len(), input.len(), "nothing moves");
        let lines = |text: &str| text.match_indices('\n').map(|(at, _)| at).collect::<Vec<_>>();
        assert_eq!(lines(&erased), lines(input), "lines stay where they are");
    }
});
