//! Marked parts of a text: put in, and taken out exactly. Knows comments and line ends, nothing of what stands in them.

const END: &str = "<<< glossator setup";
/// Opens a part that stands at the end of a text, behind an empty line.
const BLOCK: &str = ">>> glossator setup: written anew each time, and taken out by `--remove`";
/// Opens a part that stands among the lines of the user's.
const LINES: &str = ">>> glossator setup";

/// How marks are written in one kind of file.
#[derive(Clone, Copy)]
pub struct Marks {
    /// What a comment begins with.
    pub comment: &'static str,
}

impl Marks {
    /// `text` with `body` (whole lines) in a marked part at its end.
    pub fn block(self, text: &str, body: &str) -> String {
        let end = line_end(text);
        let mut out = whole_lines(text);
        if !out.is_empty() {
            out.push_str(end);
        }
        out.push_str(&self.part(BLOCK, body, end));
        out
    }

    /// `text` with `body` (whole lines) in a marked part behind its line of this number.
    pub fn lines_behind(self, text: &str, line: usize, body: &str) -> String {
        let end = line_end(text);
        let text = whole_lines(text);
        let at: usize = text.split_inclusive('\n').take(line + 1).map(str::len).sum();
        format!("{}{}{}", &text[..at], self.part(LINES, body, end), &text[at..])
    }

    fn part(self, start: &str, body: &str, end: &str) -> String {
        let comment = self.comment;
        let body =
            if body.is_empty() || body.ends_with('\n') { body.to_owned() } else { format!("{body}\n") };
        format!("{comment} {start}\n{body}{comment} {END}\n").replace('\n', end)
    }

    /// `text` without its marked parts.
    ///
    /// # Errors
    /// A mark whose other end is not there.
    pub fn without(self, text: &str) -> Result<String, String> {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let mark =
            |line: &str| line.trim().strip_prefix(self.comment).map(|rest| rest.trim_start().to_owned());
        let mut out: Vec<&str> = Vec::new();
        let mut open = None;
        for (number, line) in lines.iter().enumerate() {
            let mark = mark(line).unwrap_or_default();
            let begins = mark == BLOCK || mark == LINES;
            match (open, begins, mark == END) {
                (None, true, _) => {
                    open = Some(number);
                    if mark == BLOCK && out.last().is_some_and(|line| line.trim().is_empty()) {
                        out.pop();
                    }
                }
                (Some(_), false, true) => open = None,
                (Some(_), true, _) | (None, _, true) => return Err(self.broken(number)),
                (None, ..) => out.push(line),
                (Some(_), ..) => {}
            }
        }
        match open {
            Some(number) => Err(self.broken(number)),
            None => Ok(out.concat()),
        }
    }

    /// The lines of all marked parts.
    pub fn within(self, text: &str) -> Vec<&str> {
        let is = |line: &str, words: &str| {
            line.trim().strip_prefix(self.comment).is_some_and(|rest| rest.trim_start() == words)
        };
        let mut inside = false;
        let mut found = Vec::new();
        for line in text.lines() {
            match (is(line, BLOCK) || is(line, LINES), is(line, END)) {
                (true, _) => inside = true,
                (_, true) => inside = false,
                _ if inside => found.push(line),
                _ => {}
            }
        }
        found
    }

    fn broken(self, number: usize) -> String {
        format!(
            "line {}: the mark of `glossator setup` has no other end (`{comment} {LINES}` ... `{comment} {END}`); delete \
             what stood between them, and the mark",
            number + 1,
            comment = self.comment
        )
    }
}

/// The line end of a text.
pub fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// `text` with an end of its last line.
pub fn whole_lines(text: &str) -> String {
    match text.is_empty() || text.ends_with('\n') {
        true => text.to_owned(),
        false => format!("{text}{}", line_end(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MARKS: Marks = Marks { comment: "#" };

    #[test]
    fn parts_are_put_in_and_taken_out() {
        let text = MARKS.block("a\r\nb", "x\ny");
        assert_eq!(text, format!("a\r\nb\r\n\r\n# {BLOCK}\r\nx\r\ny\r\n# {END}\r\n"));
        assert_eq!(MARKS.without(&text).unwrap(), "a\r\nb\r\n");
        assert_eq!(MARKS.within(&text), ["x", "y"]);
        let text = MARKS.lines_behind("a\nb\n", 0, "x");
        assert_eq!(text, format!("a\n# {LINES}\nx\n# {END}\nb\n"));
        assert_eq!(MARKS.without(&text).unwrap(), "a\nb\n");
    }

    #[test]
    fn broken_marks() {
        for text in
            [format!("# {LINES}\na\n"), format!("a\n# {END}\n"), format!("# {LINES}\n# {LINES}\n# {END}\n")]
        {
            assert!(MARKS.without(&text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_put_in_comes_out(text in "([a-z#= ]{0,6}\r?\n){0,5}[a-z]{0,3}", body in "([a-z ]{0,4}\n){0,3}", line in 0usize..6) {
            let whole = whole_lines(&text);
            prop_assert_eq!(MARKS.without(&MARKS.block(&text, &body)).unwrap(), whole.clone());
            let both = MARKS.block(&MARKS.lines_behind(&text, line, &body), &body);
            prop_assert_eq!(MARKS.without(&both).unwrap(), whole);
        }
    }
}
