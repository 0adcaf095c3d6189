//! Texts of models, users and files inside our own Markdown: none of them can look like a heading or a line of ours, or
//! swallow what follows. Pure.

use std::borrow::Cow;

/// What lines of ours begin with, behind their list marker.
pub const MARK: char = '▸';
/// What stands for it in texts that are not ours.
const NOT_MARK: &str = "▹";
/// Levels by which headings of others go down: those above are ours.
const DOWN: usize = 3;
/// Beginnings of HTML that would swallow what follows, or hide it.
const SWALLOWS: [&str; 12] = [
    "<!",
    "<?",
    "<script",
    "<pre",
    "<style",
    "<textarea",
    "<details",
    "</details",
    "<summary",
    "</summary",
    "<iframe",
    "<template",
];

/// One line of text that means nothing to Markdown, of at most `cap` characters.
pub fn plain(text: &str, cap: usize) -> String {
    let text = one_line(text, cap);
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        // Some editors show the marks, so none is set without need.
        let is_markup = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '#' | '|' | '~' | '&' => true,
            '_' => !is_word(before) || !is_word(rest.peek().copied()),
            '>' => before.is_none(),
            _ => false,
        };
        if is_markup {
            out.push('\\');
        }
        out.push(c);
        before = Some(c);
    }
    out
}

/// One line of text as code, of at most `cap` characters; empty for a blank one.
pub fn code(text: &str, cap: usize) -> String {
    let text = one_line(text, cap);
    if text.is_empty() {
        return String::new();
    }
    let ticks = "`".repeat(longest_run(&text) + 1);
    let blank = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{blank}{text}{blank}{ticks}")
}

/// The words of a text in one line, as they are, of at most `cap` characters.
pub fn one_line(text: &str, cap: usize) -> String {
    let mut out = String::new();
    let mut count = 0;
    let is_blank = |c: char| c.is_whitespace() || c.is_control() || turns_writing(c);
    for word in text.split(is_blank).filter(|word| !word.is_empty()) {
        if count > 0 {
            out.push(' ');
            count += 1;
        }
        for c in word.chars() {
            if count >= cap {
                return format!("{}…", out.trim_end());
            }
            match c {
                MARK => out.push_str(NOT_MARK),
                c => out.push(c),
            }
            count += 1;
        }
    }
    out
}

/// Characters that turn the direction of writing round, and so can hide what a line says.
fn turns_writing(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// What a user said, as a quotation; every line of it begins with `>`.
pub fn quoted(text: &str) -> String {
    let text = normal(text);
    let text = text.trim_matches('\n');
    let mut out = String::with_capacity(text.len() + 64);
    for line in text.split('\n') {
        out.push('>');
        if !line.is_empty() {
            out.push(' ');
            out.push_str(&line.replace(MARK, NOT_MARK));
        }
        out.push('\n');
    }
    out
}

/// A block whose fence no line of it closes.
pub fn fenced(language: &str, text: &str) -> String {
    let text = normal(text);
    let fence = "`".repeat(longest_run(&text).max(2) + 1);
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{language}\n{text}{end}{fence}\n")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Lines end with LF and nothing else does; no other control characters than tabs.
fn normal(text: &str) -> Cow<'_, str> {
    let is_odd =
        |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{2028}' | '\u{2029}');
    if !text.contains(is_odd) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n");
    let kept = text.chars().filter_map(|c| match c {
        '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        c if is_odd(c) => None,
        c => Some(c),
    });
    Cow::Owned(kept.collect())
}

/// A fence that was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence {
    mark: char,
    run: usize,
}

/// Which lines of a document are inside of code fences.
#[derive(Debug, Default)]
pub struct Fences {
    open: Option<Fence>,
}

/// What a line is as to fences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// Text.
    Outside,
    /// The fence that opens a block, with what follows it.
    Opens(&'a str),
    /// Code.
    Inside,
    /// The fence that closes it.
    Closes,
}

impl Fences {
    /// Takes the next line in.
    pub fn line<'a>(&mut self, line: &'a str) -> Place<'a> {
        let found = fence(line);
        match (self.open, found) {
            (Some(open), Some((it, info)))
                if it.mark == open.mark && it.run >= open.run && info.is_empty() =>
            {
                self.open = None;
                Place::Closes
            }
            (Some(_), _) => Place::Inside,
            (None, Some((it, info))) if it.run >= 3 && !(it.mark == '`' && info.contains('`')) => {
                self.open = Some(it);
                Place::Opens(info)
            }
            (None, _) => Place::Outside,
        }
    }

    /// What would close the fence that is open, if one is.
    pub fn close(&self) -> Option<String> {
        self.open.map(|fence| fence.mark.to_string().repeat(fence.run))
    }
}

/// The run of fence marks that a line begins with, and what follows it.
fn fence(line: &str) -> Option<(Fence, &str)> {
    let start = line.trim_start_matches(' ');
    if line.len() - start.len() > 3 {
        return None;
    }
    let mark = start.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let rest = start.trim_start_matches(mark);
    Some((Fence { mark, run: start.len() - rest.len() }, rest.trim()))
}

/// Markdown of somebody else that ends what it begins: its headings are below ours, its fences are closed, and HTML that would
/// swallow the rest is text. Code is left as it is. Ends with a line break, unless there is nothing.
pub fn contained(text: &str) -> String {
    let text = normal(text);
    let text = text.trim_matches('\n').trim_end();
    let mut out = String::with_capacity(text.len() + 64);
    let mut fences = Fences::default();
    // Whether the line before is text that an underline would make a heading of.
    let mut above = false;
    for line in text.split('\n').filter(|_| !text.is_empty()) {
        match fences.line(line) {
            Place::Outside => above = outside(&mut out, line, above),
            _ => {
                out.push_str(line);
                above = false;
            }
        }
        out.push('\n');
    }
    if let Some(close) = fences.close() {
        out.push_str(&close);
        out.push('\n');
    }
    out
}

/// A line that is no code; gives whether an underline below would make it a heading.
fn outside(out: &mut String, line: &str, above: bool) -> bool {
    // Some editors take a heading behind a tab for one.
    let start = line.trim_start_matches([' ', '\t']);
    let indent = line.len() - start.len();
    let is_text = !start.trim().is_empty();
    // Four blanks make code of it for all of them.
    if !line.starts_with("    ") {
        let level = start.len() - start.trim_start_matches('#').len();
        let rest = start.get(level..).unwrap_or_default();
        if (1..=6).contains(&level) && (rest.trim().is_empty() || rest.starts_with([' ', '\t'])) {
            out.push_str(&line[..indent]);
            out.push_str(&"#".repeat((level + DOWN).min(6)));
            out.push_str(&harmless(rest));
            return false;
        }
        if above && is_text {
            let underline = start.trim_end();
            if underline.chars().all(|c| c == '=') {
                out.push('\\');
            } else if underline.chars().all(|c| c == '-') {
                // As a line across the page it stays one.
                out.push('\n');
            }
        }
    }
    out.push_str(&harmless(line));
    is_text
}

fn harmless(line: &str) -> Cow<'_, str> {
    let mut line = Cow::Borrowed(line);
    if line.contains(MARK) {
        line = Cow::Owned(line.replace(MARK, NOT_MARK));
    }
    if line.contains('<') {
        let lower = line.to_ascii_lowercase();
        if SWALLOWS.iter().any(|html| lower.contains(html)) {
            line = Cow::Owned(line.replace('<', "&lt;"));
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_of_others_cannot_be_taken_for_ours() {
        for (text, shown) in [
            ("plain\ntext", "plain\ntext\n"),
            ("", ""),
            ("\n\n  \n", ""),
            ("# A\n## B\n#### D\n#not\n#", "#### A\n##### B\n###### D\n#not\n####\n"),
            ("## T-9 · done", "##### T-9 · done\n"),
            ("  ## T-9", "  ##### T-9\n"),
            ("    ## code", "    ## code\n"),
            ("Title\n===\nOther\n---\nx", "Title\n\\===\nOther\n\n---\nx\n"),
            ("a\n\n---\nb", "a\n\n---\nb\n"),
            ("- ▸ exec rm → ok (S1.1)", "- ▹ exec rm → ok (S1.1)\n"),
            ("```sh\n# x ▸\n## T-9\n```", "```sh\n# x ▸\n## T-9\n```\n"),
            ("```sh\n# x", "```sh\n# x\n```\n"),
            ("~~~~\n```\n~~~", "~~~~\n```\n~~~\n~~~~\n"),
            ("``` a`b\n# x", "``` a`b\n#### x\n"),
            ("see <!-- no\n# x", "see &lt;!-- no\n#### x\n"),
            ("<B>bold</B> <details>", "&lt;B>bold&lt;/B> &lt;details>\n"),
            ("a\r\nb\rc\u{2028}d\u{1b}[31m\u{0}", "a\nb\nc\nd[31m\n"),
        ] {
            assert_eq!(contained(text), shown, "{text:?}");
        }
    }

    #[test]
    fn what_users_said_stays_a_quotation() {
        assert_eq!(quoted("one\n\n## T-3\n```\r\n- ▸ x"), "> one\n>\n> ## T-3\n> ```\n> - ▹ x\n");
        assert_eq!(quoted(""), ">\n");
    }

    #[test]
    fn one_line_of_anything() {
        assert_eq!(plain("a\n# `b` *c*\t[d](e) <f>", 99), "a \\# \\`b\\` \\*c\\* \\[d\\](e) \\<f>");
        assert_eq!(plain("> a_b _c_ > d", 99), "\\> a_b \\_c\\_ > d");
        assert_eq!(plain("\u{202e}abc ▸", 99), "abc ▹");
        assert_eq!(one_line("abcdef", 3), "abc…");
        assert_eq!(one_line("abc def", 4), "abc…");
        assert_eq!(code("a `b` c", 99), "``a `b` c``");
        assert_eq!(code("`", 99), "`` ` ``");
        assert_eq!(code("  ", 9), "");
        assert_eq!(fenced("x", "a\n````\nb"), "`````x\na\n````\nb\n`````\n");
    }

    fn odd() -> impl Strategy<Value = String> {
        let parts = [
            "#", "## T-1", "\n", "\n\n", " ", "    ", "```", "````", "~~~", "-", "---", "===", "=", "▸",
            "- ▸ x", "<!--", "-->", "<script", "> ", "*", "\r", "\r\n", "\u{2028}", "text", "😀", "ä", "\t",
            "`", "1. ",
        ];
        prop::collection::vec(prop::sample::select(parts.to_vec()), 0..40).prop_map(|parts| parts.concat())
    }

    /// The lines outside of fences that could be ours, and whether a fence is left open.
    fn forged(text: &str) -> (Vec<String>, bool) {
        let mut fences = Fences::default();
        let mut found = Vec::new();
        for line in text.lines() {
            let ours = ["# ", "## ", "### ", "- ▸", "  - ▸"]
                .iter()
                .any(|start| line.trim_start().starts_with(start));
            let bare = ["#", "##", "###"].contains(&line.trim());
            if fences.line(line) == Place::Outside && (ours || bare) && !line.starts_with("    ") {
                found.push(line.to_owned());
            }
        }
        (found, fences.close().is_some())
    }

    proptest! {
        #[test]
        fn nothing_is_forged_and_nothing_left_open(text in odd()) {
            let shown = contained(&text);
            prop_assert_eq!(forged(&shown), (vec![], false), "{:?}", shown);
            prop_assert!(!shown.contains('\r'));
            prop_assert!(shown.is_empty() || shown.ends_with('\n'));
            let all_quoted = quoted(&text).lines().all(|line| line.starts_with('>'));
            prop_assert!(all_quoted);
            prop_assert!(!plain(&text, 50).contains(['\n', '\r', MARK]));
        }
    }
}
