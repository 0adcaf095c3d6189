//! The patch language: reading, and planning over files that may or may not be there.
#![no_main]

use glossator_patch::{Current, Files, Found, Options, parse, plan};
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

libfuzzer_sys::fuzz_target!(|input: (&str, &str, bool)| {
    let (patch, text, overwrite) = input;
    match parse(patch) {
        Ok(patch) => {
            if let Err(problems) = plan(&patch, &Everywhere(text), &Options { overwrite }) {
                assert!(!problems.is_empty(), "a refusal has a reason");
            }
        }
        Err(problems) => assert!(!problems.is_empty(), "a refusal has a reason"),
    }
});
