//! The patch language: reading, whole and in pieces, and planning over files that may or may not be there.
#![no_main]

use glossator_patch::{Current, Files, Found, Options, Patch, Problem, Stream, parse, plan};
use glossator_text::{Base, FileFormat};
use std::path::PathBuf;

/// A file of this text at every path but those that end with `new`; none may be touched that names a parent.
struct Everywhere<'a>(&'a str);

impl Files for Everywhere<'_> {
    fn find(&self, path: &str) -> Result<Found, String> {
        if path.contains("..") {
            return Err("outside of the workspace".to_owned());
        }
        let current = (!path.ends_with("new")).then(|| Current {
            text: self.0.to_owned(),
            base: Base::Disk { hash: String::new() },
            format: FileFormat::default(),
        });
        Ok(Found { path: PathBuf::from("/project").join(path), current })
    }
}

/// The patch read in pieces of about `step` bytes.
fn streamed(patch: &str, step: u8) -> Result<Patch, Vec<Problem>> {
    let mut stream = Stream::new();
    let mut rest = patch;
    while !rest.is_empty() {
        let mut end = (usize::from(step) + 1).min(rest.len());
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        stream.push(&rest[..end]);
        rest = &rest[end..];
    }
    stream.finish()
}

libfuzzer_sys::fuzz_target!(|input: (&str, &str, bool, u8)| {
    let (patch, text, overwrite, step) = input;
    assert_eq!(parse(patch), streamed(patch, step), "the pieces make no difference");
    match parse(patch) {
        Ok(patch) => {
            if let Err(problems) = plan(&patch, &Everywhere(text), &Options { overwrite }) {
                assert!(!problems.is_empty(), "a refusal has a reason");
            }
        }
        Err(problems) => assert!(!problems.is_empty(), "a refusal has a reason"),
    }
});
