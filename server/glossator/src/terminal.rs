//! Printing for people. A reader that has gone (`| head`) is no fault of ours: what it no longer takes is dropped.

/// A line on standard output.
macro_rules! say {
    ($($text:tt)*) => { $crate::terminal::out(&format!("{}\n", format_args!($($text)*))) };
}

/// A line on standard error.
macro_rules! complain {
    ($($text:tt)*) => { $crate::terminal::err(&format!("{}\n", format_args!($($text)*))) };
}

pub(crate) use {complain, say};

use std::io::Write;

/// Text on standard output, at once.
pub fn out(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// Text on standard error.
pub fn err(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
