//! Advice for texts that do not parse (or parse as something else) because of how models come to write them. Pure.
//! Guesses only what to say: whether a text is a script is the parser's word.

use oxc_parser::Token;

use super::SyntaxError;

const TAGS: &[&str] = &["<tool-calls", "</tool-calls", "<tool-results", "</tool-results"];
const ENTITIES: &[(&str, &str)] = &[
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&amp;", "&"),
    ("&quot;", "\""),
    ("&apos;", "'"),
    ("&#39;", "'"),
    ("&#34;", "\""),
    ("&nbsp;", " "),
];
/// Characters of prose in place of those of code.
const PROSE: &[(char, &str)] = &[
    ('“', "\""),
    ('”', "\""),
    ('„', "\""),
    ('«', "\""),
    ('»', "\""),
    ('＂', "\""),
    ('‘', "'"),
    ('’', "'"),
    ('‚', "'"),
    ('´', "'"),
    ('＇', "'"),
    ('–', "-"),
    ('—', "-"),
    ('−', "-"),
    ('…', "..."),
    ('→', "=>"),
    ('⇒', "=>"),
    ('≤', "<="),
    ('≥', ">="),
    ('≠', "!=="),
    ('×', "*"),
    ('（', "("),
    ('）', ")"),
    ('［', "["),
    ('］', "]"),
    ('｛', "{"),
    ('｝', "}"),
    ('，', ","),
    ('；', ";"),
    ('：', ":"),
    ('。', "."),
    ('＝', "="),
];

const FENCE: &str = "Write the script itself between the tags, without a Markdown fence around it.";

/// Refuses what would parse and mean something else: a Markdown fence is a chain of templates, or of operators.
pub(super) fn refuse_fence(source: &str) -> Result<(), SyntaxError> {
    let text = source.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if !text.starts_with("```") && !text.starts_with("~~~") {
        return Ok(());
    }
    let place = source.len() - text.len();
    let error = SyntaxError::at(source, place, "A Markdown fence is not part of a script");
    Err(SyntaxError { hint: Some(FENCE.to_owned()), ..error })
}

/// Refuses HTML entities in code: `a &lt; b` is `a & lt; b`.
pub(super) fn refuse_entities(source: &str, tokens: &[Token]) -> Result<(), SyntaxError> {
    let text = |token: &Token| source.get(token.start() as usize..token.end() as usize).unwrap_or_default();
    for three in tokens.windows(3) {
        let [and, name, end] = three else { continue };
        let adjacent = and.end() == name.start() && name.end() == end.start();
        if !adjacent || text(and) != "&" || text(end) != ";" {
            continue;
        }
        let whole = source.get(and.start() as usize..end.end() as usize).unwrap_or_default();
        if let Some((entity, plain)) = ENTITIES.iter().find(|(entity, _)| *entity == whole) {
            let error = SyntaxError::at(source, and.start() as usize, format!("`{entity}` is no operator"));
            return Err(SyntaxError { hint: Some(use_plain(entity, plain)), ..error });
        }
    }
    Ok(())
}

fn use_plain(written: &str, plain: &str) -> String {
    format!("Write the character itself: `{plain}` in place of `{written}`. A script is not HTML.")
}

/// By how the parser's message begins or what it holds.
const MESSAGES: &[(&str, &str)] = &[
    (
        "Unterminated string",
        "Close the string. In quotes it ends on its own line; a text of several lines stands between backticks.",
    ),
    ("Unterminated multiline comment", "Close the comment with `*/`."),
    (
        "Unterminated regular expression",
        "A regular expression ends with `/` on its own line. Markup is no code here: write it as a string.",
    ),
    (
        "found `EOF`",
        "The script ends too early: something that was opened with `(`, `[`, `{` or a backtick is not closed.",
    ),
];

/// What to say of a syntax error at `offset`, when its cause can be guessed.
pub(super) fn advice(source: &str, offset: usize, message: &str) -> Option<String> {
    let start = source.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let line = line_at(source, offset);
    whole_text(start)
        .or_else(|| tag(source, offset))
        .or_else(|| patch(source, offset))
        .or_else(|| characters(line))
        .or_else(|| line.trim_start().starts_with("```").then(|| FENCE.to_owned()))
        .or_else(|| {
            let said = MESSAGES.iter().find(|(part, _)| message.contains(part));
            said.map(|(_, advice)| (*advice).to_owned())
        })
}

/// A text that is another format from its first character on.
fn whole_text(start: &str) -> Option<String> {
    let call = "await tools.readFile({ path: \"src/main.rs\" })";
    if start.starts_with("*** Begin Patch") {
        return Some(
            "A patch is an argument: await tools.applyPatch({ patch: String.raw`*** Begin Patch …` })".into(),
        );
    }
    if start.starts_with("<![CDATA[") {
        return Some("Leave out `<![CDATA[` and `]]>`: the script stands between the tags as it is.".into());
    }
    if start.starts_with("{\"") || start.starts_with("[{\"") {
        return Some(format!("A block holds a script, not a call as JSON. Write it as code: {call}"));
    }
    let name = start.strip_prefix('<')?;
    let is_tag = name.starts_with(|c: char| c.is_ascii_alphabetic()) && !name.starts_with("tool-");
    is_tag.then(|| format!("A block holds a script, not XML. Write calls as code: {call}"))
}

/// One of our own tags at or behind the place of the error.
fn tag(source: &str, offset: usize) -> Option<String> {
    let rest = source.get(line_start(source, offset)..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    let tag = TAGS.iter().find(|tag| line.contains(*tag))?;
    Some(format!(
        "`{tag}>` stands inside the script. A block is one script, from `<tool-calls>` to the first `</tool-calls>` outside of \
         strings, templates and comments; to write a tag in a string, break it up: \"<\" + \"/tool-calls>\"."
    ))
}

/// A template that holds a patch, ended by a backtick in the patch.
fn patch(source: &str, offset: usize) -> Option<String> {
    let (before, behind) = (source.get(..offset)?, source.get(offset..)?);
    let begun = before.rfind("*** Begin Patch")?;
    let inside = !before[begun..].contains("*** End Patch") && behind.contains("*** End Patch");
    (inside && before[..begun].trim_end().ends_with('`')).then(|| {
        "A backtick or `${` in the patch ends its template. Write a backtick as ${\"`\"} and `${` as ${\"$\"}{.".to_owned()
    })
}

/// Entities and characters of prose on the line of the error.
fn characters(line: &str) -> Option<String> {
    if let Some((entity, plain)) = ENTITIES.iter().find(|(entity, _)| line.contains(entity)) {
        return Some(use_plain(entity, plain));
    }
    let code = outside_strings(line);
    let (prose, plain) = PROSE.iter().find(|(prose, _)| code.contains(*prose))?;
    Some(format!("Write `{plain}` in place of `{prose}`: code is written in ASCII."))
}

/// A line without what stands in straight quotes on it.
fn outside_strings(line: &str) -> String {
    let mut quote = None;
    let mut out = String::new();
    for c in line.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            ('"' | '\'' | '`', None) => quote = Some(c),
            _ => out.push(c),
        }
    }
    out
}

fn line_start(source: &str, offset: usize) -> usize {
    source.get(..offset).and_then(|before| before.rfind(['\n', '\r'])).map_or(0, |at| at + 1)
}

fn line_at(source: &str, offset: usize) -> &str {
    let rest = source.get(line_start(source, offset)..).unwrap_or_default();
    rest.split(['\n', '\r']).next().unwrap_or_default()
}
