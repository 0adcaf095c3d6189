//! Cases of the scanner: the answer, and its blocks as they must be found, however the text is cut.

use super::{Piece, Scanner, Unclosed};

/// What a scan amounts to: neighbouring texts are joined.
type Result = (Vec<Piece>, Option<Unclosed>);

fn scan<'a>(parts: impl IntoIterator<Item = &'a str>) -> Result {
    let mut scanner = Scanner::new();
    let mut pieces = Vec::new();
    for part in parts {
        pieces.extend(scanner.push(part));
    }
    let (last, unclosed) = scanner.finish();
    pieces.extend(last);
    (joined(pieces), unclosed)
}

fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut joined: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (joined.last_mut(), piece) {
            (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
            (Some(Piece::ScriptText(before)), Piece::ScriptText(text)) => before.push_str(&text),
            (_, piece) => joined.push(piece),
        }
    }
    joined
}

/// The pieces on one line: text as it is, `«script»` for a block, `«script` for an open one, `!` for the stop.
fn shown((pieces, unclosed): &Result) -> String {
    let mut text = String::new();
    let mut script = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(part) => text.push_str(part),
            Piece::ScriptStart => {
                script.clear();
                text.push('«');
            }
            Piece::ScriptText(part) => {
                script.push_str(part);
                text.push_str(part);
            }
            Piece::ScriptEnd { source } => {
                assert_eq!(source, &script, "the source is what was streamed");
                text.push('»');
            }
            Piece::SelfWrittenResults => text.push('!'),
        }
    }
    if let Some(unclosed) = unclosed {
        assert_eq!(unclosed.source, script, "the open source is what was streamed");
    }
    text
}

/// Every answer with what must be found in it: `«` and `»` stand for the tags that count.
const CASES: &[(&str, &str)] = &[
    // no block
    ("", ""),
    ("plain text", "plain text"),
    (
        "a < b and <tool and <tool-call> and </tool-calls>",
        "a < b and <tool and <tool-call> and </tool-calls>",
    ),
    ("<tool-call", "<tool-call"),
    ("<tool-callsx>\n", "<tool-callsx>\n"),
    ("<TOOL-CALLS>\n", "<TOOL-CALLS>\n"),
    ("<tool-calls >\n", "<tool-calls >\n"),
    // where an opening tag counts
    ("<tool-calls>return 1</tool-calls>", "«return 1»"),
    ("<tool-calls>\nreturn 1\n</tool-calls>", "«\nreturn 1\n»"),
    ("Look:\n<tool-calls>\n1\n</tool-calls>\nDone.", "Look:\n«\n1\n»\nDone."),
    ("  \t<tool-calls>\n1\n</tool-calls>", "  \t«\n1\n»"),
    ("Look: <tool-calls>\n1\n</tool-calls>", "Look: «\n1\n»"),
    ("Look: <tool-calls>  \r\n1\r\n</tool-calls>", "Look: «  \r\n1\r\n»"),
    ("Look: <tool-calls>", "Look: «"),
    ("The <tool-calls> element", "The <tool-calls> element"),
    ("The <tool-calls> element\n<tool-calls>1</tool-calls>", "The <tool-calls> element\n«1»"),
    ("<<tool-calls>\n1</tool-calls>", "<«\n1»"),
    ("a <tool-<tool-calls>\n1</tool-calls>", "a <tool-«\n1»"),
    ("<tool-calls>1</tool-calls><tool-calls>2</tool-calls>", "«1»«2»"),
    ("<tool-calls>1</tool-calls> <tool-calls>2</tool-calls>", "«1» «2»"),
    ("<tool-calls>1</tool-calls>\nand\n<tool-calls>2</tool-calls>", "«1»\nand\n«2»"),
    ("<tool-calls></tool-calls>", "«»"),
    // inline code
    ("Use `<tool-calls>`\n", "Use `<tool-calls>`\n"),
    ("Use `<tool-calls>\n", "Use `<tool-calls>\n"),
    ("Use ``a`<tool-calls>\n", "Use ``a`<tool-calls>\n"),
    ("Use `a` <tool-calls>\n1</tool-calls>", "Use `a` «\n1»"),
    ("A stray ` here: <tool-calls>\n1</tool-calls>", "A stray ` here: «\n1»"),
    ("Use `foo\nbar` and then: <tool-calls>\n1</tool-calls>", "Use `foo\nbar` and then: «\n1»"),
    ("Say `a <tool-calls> b` or so\n", "Say `a <tool-calls> b` or so\n"),
    ("Say `a <tool-calls>`\n", "Say `a <tool-calls>`\n"),
    ("A stray ` here\n<tool-calls>1</tool-calls>", "A stray ` here\n«1»"),
    ("`<tool-results>`\nmore", "`<tool-results>`\nmore"),
    // fences
    ("```\n<tool-calls>\n1\n</tool-calls>\n```\n", "```\n<tool-calls>\n1\n</tool-calls>\n```\n"),
    ("```xml\n<tool-calls>\n```\n<tool-calls>1</tool-calls>", "```xml\n<tool-calls>\n```\n«1»"),
    (
        "~~~\n<tool-calls>\n```\n<tool-calls>\n~~~\n<tool-calls>1</tool-calls>",
        "~~~\n<tool-calls>\n```\n<tool-calls>\n~~~\n«1»",
    ),
    ("````\n```\n<tool-calls>\n````  \n<tool-calls>1</tool-calls>", "````\n```\n<tool-calls>\n````  \n«1»"),
    ("```\n``` x\n<tool-calls>\n", "```\n``` x\n<tool-calls>\n"),
    (
        "- item\n  ```\n  <tool-calls>\n  ```\n<tool-calls>1</tool-calls>",
        "- item\n  ```\n  <tool-calls>\n  ```\n«1»",
    ),
    ("```a``` b\n<tool-calls>1</tool-calls>", "```a``` b\n«1»"),
    ("``\n<tool-calls>1</tool-calls>", "``\n«1»"),
    ("~~~ <tool-calls>\n<tool-calls>\n", "~~~ <tool-calls>\n<tool-calls>\n"),
    ("```\n<tool-results>\n```\nx", "```\n<tool-results>\n```\nx"),
    // where a closing tag counts
    ("<tool-calls>const a = '</tool-calls>'</tool-calls>", "«const a = '</tool-calls>'»"),
    ("<tool-calls>\"\\\"</tool-calls>\"</tool-calls>x", "«\"\\\"</tool-calls>\"»x"),
    ("<tool-calls>'a\\\nb</tool-calls>'</tool-calls>", "«'a\\\nb</tool-calls>'»"),
    ("<tool-calls>`\n</tool-calls>\n`\n</tool-calls>\nx", "«`\n</tool-calls>\n`\n»\nx"),
    ("<tool-calls>`${f(`</tool-calls>`)}`</tool-calls>x", "«`${f(`</tool-calls>`)}`»x"),
    ("<tool-calls>`\\`</tool-calls>`</tool-calls>x", "«`\\`</tool-calls>`»x"),
    ("<tool-calls>// </tool-calls>\n1</tool-calls>", "«// </tool-calls>\n1»"),
    ("<tool-calls>/* \n</tool-calls> **/1</tool-calls>", "«/* \n</tool-calls> **/1»"),
    ("<tool-calls>/['\"`]/.test(a)</tool-calls>x", "«/['\"`]/.test(a)»x"),
    ("<tool-calls>a / b; '/'</tool-calls>x", "«a / b; '/'»x"),
    ("<tool-calls>if (a) /'/.test(b)</tool-calls>x", "«if (a) /'/.test(b)»x"),
    ("<tool-calls>f(a) / 2 + '/'</tool-calls>x", "«f(a) / 2 + '/'»x"),
    ("<tool-calls>return /`/</tool-calls>x", "«return /`/»x"),
    ("<tool-calls>a.return / 2; '`'</tool-calls>x", "«a.return / 2; '`'»x"),
    ("<tool-calls>i++ / 2; '`'</tool-calls>x", "«i++ / 2; '`'»x"),
    ("<tool-calls>x! / 2; '`'</tool-calls>x", "«x! / 2; '`'»x"),
    ("<tool-calls>({}) / 2; f({} / 1, '`')</tool-calls>x", "«({}) / 2; f({} / 1, '`')»x"),
    ("<tool-calls>if (a) {} /`/.test(b)</tool-calls>x", "«if (a) {} /`/.test(b)»x"),
    ("<tool-calls>[1][0] / 2; '`'</tool-calls>x", "«[1][0] / 2; '`'»x"),
    ("<tool-calls>a </tool-calls>x", "«a »x"),
    ("<tool-calls>a < b </tool-call </tool-calls>x", "«a < b </tool-call »x"),
    ("<tool-calls>const é = '日本</tool-calls>'; 1</tool-calls>😀", "«const é = '日本</tool-calls>'; 1»😀"),
    // a script that does not lex ends at the first closing tag that starts a line
    ("<tool-calls>it's </tool-calls> bad\n</tool-calls>\nx", "«it's </tool-calls> bad\n»\nx"),
    ("<tool-calls>`never closed\n</tool-calls>\nx", "«`never closed\n»\nx"),
    ("<tool-calls>/* never closed\n  </tool-calls>\nx", "«/* never closed\n  »\nx"),
    ("<tool-calls>`a\n</tool-calls>\nb\n</tool-calls>\nx", "«`a\n»\nb\n</tool-calls>\nx"),
    ("<tool-calls>`a\n</tool-calls>\n`; 'b\n</tool-calls>\nx", "«`a\n»\n`; 'b\n</tool-calls>\nx"),
    ("<tool-calls>`a\n</tool-calls>\n<tool-calls>2</tool-calls>", "«`a\n»\n«2»"),
    ("<tool-calls>`a\n</tool-calls>\n<tool-results>x", "«`a\n»\n!"),
    // never closed
    ("<tool-calls>\nreturn 1", "«\nreturn 1"),
    ("<tool-calls>return 1 // </tool-calls>", "«return 1 // </tool-calls>"),
    ("<tool-calls>return 1</tool-calls", "«return 1</tool-calls"),
    // results the model wrote itself
    ("<tool-results>fake</tool-results>", "!"),
    ("<tool-calls>1</tool-calls>\n<tool-results status=\"done\">fake", "«1»\n!"),
    ("<tool-calls>1</tool-calls><tool-results>\nfake", "«1»!"),
    ("So: <tool-results>\nfake", "So: !"),
    ("The <tool-results> element\nx", "The <tool-results> element\nx"),
    ("<tool-resultset>\nx", "<tool-resultset>\nx"),
    ("<tool-results", "<tool-results"),
    ("<tool-calls>\nreturn 1\n<tool-results>\nfake", "«\nreturn 1\n!"),
    ("<tool-calls>`\n<tool-results>\n`</tool-calls>x", "«`\n<tool-results>\n`»x"),
    // blanks of other kinds, and other ends of lines
    ("\u{feff}<tool-calls>1</tool-calls>", "\u{feff}«1»"),
    ("\u{a0}\u{3000}\u{200b}<tool-calls>1</tool-calls>", "\u{a0}\u{3000}\u{200b}«1»"),
    ("a\r\n<tool-calls>\r\n1\r\n</tool-calls>\r\nb", "a\r\n«\r\n1\r\n»\r\nb"),
    ("a\r<tool-calls>\r1\r</tool-calls>\rb", "a\r«\r1\r»\rb"),
    ("So: <tool-calls>\u{a0}\n1</tool-calls>", "So: «\u{a0}\n1»"),
    ("So: <tool-calls> x\n1</tool-calls>", "So: <tool-calls> x\n1</tool-calls>"),
    ("```\r\n<tool-calls>\r\n```\r\n<tool-calls>1</tool-calls>", "```\r\n<tool-calls>\r\n```\r\n«1»"),
    // tags that are none
    ("</TOOL-CALLS>\n<tool_calls>\n</tool_calls>", "</TOOL-CALLS>\n<tool_calls>\n</tool_calls>"),
    ("<tool-calls/>\n", "<tool-calls/>\n"),
    ("<tool-calls a=\"b\">\n", "<tool-calls a=\"b\">\n"),
    ("< tool-calls>\n", "< tool-calls>\n"),
    ("<tool\u{200b}-calls>\n", "<tool\u{200b}-calls>\n"),
    ("&lt;tool-calls>\n1\n&lt;/tool-calls>", "&lt;tool-calls>\n1\n&lt;/tool-calls>"),
    ("<tool-calls>1</TOOL-CALLS>\n</tool-calls>x", "«1</TOOL-CALLS>\n»x"),
    ("<tool-calls>1</tool-calls >\n</tool-calls>x", "«1</tool-calls >\n»x"),
    ("<tool-calls>1< /tool-calls>\n</tool-calls>x", "«1< /tool-calls>\n»x"),
    ("<tool-calls><tool-calls>1</tool-calls>x", "«<tool-calls>1»x"),
    // fences in lists and quotes, and those that end with them
    ("> ```\n> <tool-calls>\n> ```\n<tool-calls>1</tool-calls>", "> ```\n> <tool-calls>\n> ```\n«1»"),
    ("> ```\n> <tool-calls>\n\n<tool-calls>1</tool-calls>", "> ```\n> <tool-calls>\n\n«1»"),
    ("> ```\n<tool-calls>1</tool-calls>", "> ```\n«1»"),
    (">> ~~~\n>> <tool-calls>\n>> ~~~\n<tool-calls>1</tool-calls>", ">> ~~~\n>> <tool-calls>\n>> ~~~\n«1»"),
    ("> see <tool-calls>\n> 1\n", "> see <tool-calls>\n> 1\n"),
    ("> <tool-results>\n> fake\n", "> <tool-results>\n> fake\n"),
    ("a > b <tool-calls>\n1</tool-calls>", "a > b «\n1»"),
    ("- ```\n  <tool-calls>\n  ```\n<tool-calls>1</tool-calls>", "- ```\n  <tool-calls>\n  ```\n«1»"),
    ("- ```\n  <tool-calls>\n<tool-calls>1</tool-calls>", "- ```\n  <tool-calls>\n«1»"),
    ("- ```\n\n  <tool-calls>\n", "- ```\n\n  <tool-calls>\n"),
    ("1. ~~~\n   <tool-calls>\n   ~~~\n<tool-calls>1</tool-calls>", "1. ~~~\n   <tool-calls>\n   ~~~\n«1»"),
    (
        "12) ```\n    <tool-calls>\n    ```\nok <tool-calls>\n1</tool-calls>",
        "12) ```\n    <tool-calls>\n    ```\nok «\n1»",
    ),
    (
        "* - ```\n    <tool-calls>\n    ```\n<tool-calls>1</tool-calls>",
        "* - ```\n    <tool-calls>\n    ```\n«1»",
    ),
    ("- a\n- ```\n  <tool-calls>\n- <tool-calls>\n1</tool-calls>", "- a\n- ```\n  <tool-calls>\n- «\n1»"),
    ("-```\n<tool-calls>1</tool-calls>", "-```\n«1»"),
    ("1.```\n<tool-calls>1</tool-calls>", "1.```\n«1»"),
    ("2024 ```\n<tool-calls>1</tool-calls>", "2024 ```\n«1»"),
    ("---\n<tool-calls>1</tool-calls>", "---\n«1»"),
    ("- Do it: <tool-calls>\n1</tool-calls>", "- Do it: «\n1»"),
    ("```\n> ```\n<tool-calls>\n", "```\n> ```\n<tool-calls>\n"),
    ("```\n- ```\n<tool-calls>\n", "```\n- ```\n<tool-calls>\n"),
    ("```\n  ```\n<tool-calls>1</tool-calls>", "```\n  ```\n«1»"),
    ("```\n``````  \t\n<tool-calls>1</tool-calls>", "```\n``````  \t\n«1»"),
    ("````\n```\n<tool-calls>\n", "````\n```\n<tool-calls>\n"),
    ("```\n~~~\n<tool-calls>\n", "```\n~~~\n<tool-calls>\n"),
    ("~~\n<tool-calls>1</tool-calls>", "~~\n«1»"),
    ("~~~a`b\n<tool-calls>\n", "~~~a`b\n<tool-calls>\n"),
    ("~~~\n~~~ x\n<tool-calls>\n", "~~~\n~~~ x\n<tool-calls>\n"),
    ("text ```\n<tool-calls>1</tool-calls>", "text ```\n«1»"),
    (
        "<tool-calls>1</tool-calls>\n```\n<tool-calls>\n```\n<tool-calls>2</tool-calls>",
        "«1»\n```\n<tool-calls>\n```\n«2»",
    ),
    ("<tool-calls>`\n\\`\\`\\`\n`</tool-calls>\n<tool-calls>2</tool-calls>", "«`\n\\`\\`\\`\n`»\n«2»"),
    // inline code, by the length of its runs; a backslash takes a backtick's meaning outside it
    ("``a ` <tool-calls> ` b``\n", "``a ` <tool-calls> ` b``\n"),
    ("`` ` `` <tool-calls>\n1</tool-calls>", "`` ` `` «\n1»"),
    ("```a``` <tool-calls>\n1</tool-calls>", "```a``` «\n1»"),
    ("a \\` <tool-calls>\n1</tool-calls>", "a \\` «\n1»"),
    ("a \\\\` <tool-calls>\n", "a \\\\` <tool-calls>\n"),
    ("`a\\` <tool-calls>\n1</tool-calls>", "`a\\` «\n1»"),
    ("`a\n<tool-calls>1</tool-calls>`", "`a\n«1»`"),
    ("`<tool-calls>", "`<tool-calls>"),
    // closing tags in the script's own texts
    (
        "<tool-calls>f(\"</tool-calls>\", '</tool-calls>')</tool-calls>x",
        "«f(\"</tool-calls>\", '</tool-calls>')»x",
    ),
    ("<tool-calls>`${ {a: '}'}.a }</tool-calls>`</tool-calls>x", "«`${ {a: '}'}.a }</tool-calls>`»x"),
    ("<tool-calls>`${a ? `${b}</tool-calls>` : '`'}`</tool-calls>x", "«`${a ? `${b}</tool-calls>` : '`'}`»x"),
    ("<tool-calls>`$</tool-calls>${1}$`</tool-calls>x", "«`$</tool-calls>${1}$`»x"),
    ("<tool-calls>`\\${</tool-calls>`</tool-calls>x", "«`\\${</tool-calls>`»x"),
    ("<tool-calls>f(() => { return `}` })</tool-calls>x", "«f(() => { return `}` })»x"),
    ("<tool-calls>/<\\/tool-calls>/.test(a)</tool-calls>x", "«/<\\/tool-calls>/.test(a)»x"),
    ("<tool-calls>a.replace(/[`'\"/]/g, '')</tool-calls>x", "«a.replace(/[`'\"/]/g, '')»x"),
    ("<tool-calls>[/'/, /`/]</tool-calls>x", "«[/'/, /`/]»x"),
    ("<tool-calls>x => /'/</tool-calls>x", "«x => /'/»x"),
    ("<tool-calls>a ? /'/ : /`/</tool-calls>x", "«a ? /'/ : /`/»x"),
    ("<tool-calls>a ?? /'/; !/`/.test(b)</tool-calls>x", "«a ?? /'/; !/`/.test(b)»x"),
    ("<tool-calls>await x / 2; '/'</tool-calls>x", "«await x / 2; '/'»x"),
    ("<tool-calls>a[0] / b[1]; '/'</tool-calls>x", "«a[0] / b[1]; '/'»x"),
    ("<tool-calls>1 / 2; .5 / .2; '/'</tool-calls>x", "«1 / 2; .5 / .2; '/'»x"),
    ("<tool-calls>`a` / 2; '/'</tool-calls>x", "«`a` / 2; '/'»x"),
    ("<tool-calls>else_ / 2; '`'</tool-calls>x", "«else_ / 2; '`'»x"),
    ("<tool-calls>// it's\n/* don't\n` */ 1</tool-calls>x", "«// it's\n/* don't\n` */ 1»x"),
    ("<tool-calls>// a\r</tool-calls>x", "«// a\r»x"),
    ("<tool-calls>// a\rb</tool-calls>x", "«// a\rb»x"),
    ("<tool-calls>// a\u{2028}b</tool-calls>x", "«// a\u{2028}b»x"),
    ("<tool-calls>'a\rb'</tool-calls>\n</tool-calls>x", "«'a\rb'</tool-calls>\n»x"),
    ("<tool-calls>x = /a\rb/</tool-calls>\n</tool-calls>x", "«x = /a\rb/</tool-calls>\n»x"),
    ("<tool-calls>/**/1/***/</tool-calls>x", "«/**/1/***/»x"),
    (
        "<tool-calls>const a: Array<'x' | \"y\"> = b as C<'z'></tool-calls>x",
        "«const a: Array<'x' | \"y\"> = b as C<'z'>»x",
    ),
    ("<tool-calls>a<b></tool-calls>x", "«a<b>»x"),
    ("<tool-calls>#!x\n1</tool-calls>x", "«#!x\n1»x"),
    // text that is no JavaScript: the closing tag that starts a line
    ("<tool-calls>return <p>it's</p></tool-calls>\n</tool-calls>x", "«return <p>it's</p></tool-calls>\n»x"),
    ("<tool-calls>\nDon't do it.\n</tool-calls>\nx", "«\nDon't do it.\n»\nx"),
    ("<tool-calls>\nIt's \"so\r\n \t</tool-calls>\nx", "«\nIt's \"so\r\n \t»\nx"),
    ("<tool-calls>\n```ts\nreturn 1\n```\n</tool-calls>\nx", "«\n```ts\nreturn 1\n```\n»\nx"),
    ("<tool-calls>\n<![CDATA[\nreturn 1\n]]>\n</tool-calls>x", "«\n<![CDATA[\nreturn 1\n]]>\n»x"),
    ("<tool-calls>`${a</tool-calls>\n</tool-calls>\nx", "«`${a</tool-calls>\n»\nx"),
    ("<tool-calls>'a'</tool-calls>'", "«'a'»'"),
    // several blocks, one of them broken
    ("<tool-calls>'a\n</tool-calls>\n<tool-calls>2</tool-calls>", "«'a\n»\n«2»"),
    ("<tool-calls>1</tool-calls>\n<tool-calls>2", "«1»\n«2"),
    // never closed
    ("<tool-calls>", "«"),
    ("<tool-calls>'</tool-calls>'", "«'</tool-calls>'"),
    ("<tool-calls>`</tool-calls>", "«`</tool-calls>"),
    ("a\n<tool-calls>\n1</tool-calls", "a\n«\n1</tool-calls"),
    // results the model wrote itself
    ("<tool-results/>x", "!"),
    ("<tool-results\n>x", "!"),
    ("  <tool-results>x", "  !"),
    ("</tool-results>\nx", "</tool-results>\nx"),
    ("`x` <tool-results>\nx", "`x` !"),
    ("a <tool-results> b\nx", "a <tool-results> b\nx"),
    ("<tool-calls>a\n  <tool-results status='done'>", "«a\n  !"),
    ("<tool-calls>// \n// <tool-results>\n1</tool-calls>x", "«// \n// <tool-results>\n1»x"),
    ("<tool-calls>f(<tool-results>)</tool-calls>x", "«f(<tool-results>)»x"),
];

#[test]
fn blocks_are_found() {
    let wrong: Vec<String> = CASES
        .iter()
        .map(|(answer, wanted)| (answer, wanted, shown(&scan([*answer]))))
        .filter(|(_, wanted, found)| found != *wanted)
        .map(|(answer, wanted, found)| format!("answer: {answer:?}\nwanted: {wanted:?}\nfound:  {found:?}\n"))
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_cut_does_not_matter() {
    for (answer, _) in CASES {
        let whole = scan([*answer]);
        let chars: Vec<String> = answer.chars().map(String::from).collect();
        assert_eq!(scan(chars.iter().map(String::as_str)), whole, "{answer:?} by characters");
        for (at, _) in answer.char_indices() {
            assert_eq!(scan([&answer[..at], &answer[at..]]), whole, "{answer:?} cut at {at}");
        }
    }
}

/// A small generator of numbers, so that a failure can be repeated.
fn random(state: &mut u64, below: usize) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from((*state >> 33) % below as u64).unwrap()
}

/// What random answers are made of.
const PARTS: &[&str] = &[
    "<tool-calls>",
    "</tool-calls>",
    "<tool-results>",
    "\n",
    "\n",
    " ",
    "`",
    "```",
    "~~~",
    "'",
    "\"",
    "/",
    "//",
    "/*",
    "*/",
    "${",
    "{",
    "}",
    "(",
    ")",
    "a",
    "return",
    "\\",
    "é",
    "😀",
    "<",
    "</tool",
    "=",
    "+",
    "\r\n",
    "\r",
    "> ",
    "- ",
    "1. ",
    "\u{feff}",
    "<tool-calls>\n",
    "\n</tool-calls>\n",
];

#[test]
fn random_answers_scan_alike_however_cut_and_give_back_their_text() {
    let mut state = 42;
    for _ in 0..20_000 {
        let answer: String =
            (0..random(&mut state, 24)).map(|_| PARTS[random(&mut state, PARTS.len())]).collect();
        let whole = scan([answer.as_str()]);
        let mut parts = Vec::new();
        let mut rest = answer.as_str();
        while !rest.is_empty() {
            let mut at = 1 + random(&mut state, rest.len());
            while !rest.is_char_boundary(at) {
                at += 1;
            }
            parts.push(&rest[..at]);
            rest = &rest[at..];
        }
        assert_eq!(scan(parts.iter().copied()), whole, "{answer:?} as {parts:?}");
        let text = shown(&whole).replace('«', "<tool-calls>").replace('»', "</tool-calls>");
        match text.strip_suffix('!') {
            Some(read) => assert!(answer[read.len()..].starts_with("<tool-results"), "{answer:?}"),
            None => assert_eq!(text, answer),
        }
    }
}

#[test]
fn little_is_held_back() {
    let mut scanner = Scanner::new();
    assert_eq!(scanner.push("a < b"), [Piece::Text("a < b".into())]);
    assert_eq!(scanner.push(" <too"), [Piece::Text(" ".into())]);
    assert_eq!(scanner.push("th>"), [Piece::Text("<tooth>".into())]);
    assert_eq!(
        scanner.push("\n<tool-calls>ret"),
        [Piece::Text("\n".into()), Piece::ScriptStart, Piece::ScriptText("ret".into())]
    );
    assert_eq!(scanner.push("urn 1</tool-"), [Piece::ScriptText("urn 1".into())]);
    assert_eq!(
        scanner.push("calls>ok"),
        [Piece::ScriptEnd { source: "return 1".into() }, Piece::Text("ok".into())]
    );
    assert_eq!(scanner.push("\n<tool-results>"), [Piece::Text("\n".into()), Piece::SelfWrittenResults]);
    assert_eq!(scanner.push("all of this is ignored"), []);
    assert_eq!(scanner.finish(), (Vec::new(), None));
}

/// The most characters that were pushed and not yet given out, pushing one at a time.
fn most_held_back(answer: &str) -> usize {
    let mut scanner = Scanner::new();
    let (mut pushed, mut given, mut most) = (0, 0, 0);
    for c in answer.chars() {
        pushed += 1;
        for piece in scanner.push(c.encode_utf8(&mut [0; 4])) {
            given += match piece {
                Piece::Text(text) | Piece::ScriptText(text) => text.chars().count(),
                Piece::ScriptStart => super::OPEN.len(),
                Piece::ScriptEnd { .. } => super::CLOSE.len(),
                Piece::SelfWrittenResults => return most,
            };
        }
        most = most.max(pushed - given);
    }
    most
}

#[test]
fn no_more_is_held_back_than_could_be_a_tag() {
    let mut seen = 0;
    for (answer, found) in CASES {
        let most = most_held_back(answer);
        // Behind a closing tag inside a string or comment nobody can know yet whether it counts.
        let undecided = found.contains(super::CLOSE) || answer.contains('`') || answer.contains("/*");
        // A tag that may end its line is held with the blanks behind it.
        let blanks = answer.split(|c| !super::is_blank(c)).map(str::len).max();
        let allowed = super::RESULTS.len() + 1 + blanks.unwrap_or(0);
        if !undecided {
            assert!(most <= allowed, "{answer:?} held back {most}, allowed {allowed}");
            seen += 1;
        }
    }
    assert!(seen > 80, "{seen}");
    for (answer, most) in [
        ("plain words, a < b, <div>, `code` and\n```\nfences\n```\n", 1),
        ("<tool-calls>\nconst a = '<b>' + `</div>` // </x>\n", 11),
        ("<tool-calls>\nreturn a < b / c;\n</tool-calls>\n", 12),
        ("<too <tool-call <tool-results", 13),
    ] {
        assert_eq!(most_held_back(answer), most, "{answer:?}");
    }
}

#[test]
fn long_answers_take_linear_time() {
    let started = std::time::Instant::now();
    let mut scanner = Scanner::new();
    scanner.push("<tool-calls>`\n</tool-calls>\n");
    for _ in 0..100_000 {
        scanner.push("a < b  ");
    }
    scanner.finish();
    assert!(started.elapsed().as_secs() < 60);
}
