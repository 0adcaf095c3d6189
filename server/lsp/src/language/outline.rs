//! The definitions of a text, found line by line with the patterns of its language. Pure.

use super::{Ends, Language};

/// Bytes of a text that is looked through.
const MOST_BYTES: usize = 2 << 20;
/// Bytes of a line that is looked at: longer ones are generated.
const MOST_LINE: usize = 400;
/// Definitions of a text.
const MOST: usize = 5000;

/// A definition. Lines count from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// What it is, in a word: `function`, `struct`.
    pub kind: String,
    /// The definition that it stands in.
    pub container: Option<String>,
    /// Its first line.
    pub first: usize,
    /// Its last line.
    pub last: usize,
}

/// The definitions of `text`, in their order.
pub fn outline(text: &str, language: &Language) -> Vec<Definition> {
    if text.len() > MOST_BYTES || language.definitions.is_empty() {
        return Vec::new();
    }
    let lines: Vec<&str> = text.lines().collect();
    let mut found: Vec<Definition> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut fence: Option<&str> = None;
    for (at, line) in lines.iter().enumerate() {
        if language.ends == Ends::Heading && in_fence(&mut fence, line) {
            continue;
        }
        let Some((name, kind)) = begins(line, language) else { continue };
        open.retain(|index| found[*index].last >= at);
        let last = end(&lines, at, language);
        let container = open.last().map(|index| found[*index].name.clone());
        open.push(found.len());
        found.push(Definition { name, kind, container, first: at, last });
        if found.len() == MOST {
            break;
        }
    }
    found
}

/// Whether a line of Markdown is of a code block, its fences included.
fn in_fence<'a>(fence: &mut Option<&'a str>, line: &'a str) -> bool {
    let trimmed = line.trim_start();
    let mark = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark));
    match (*fence, mark) {
        (Some(open), Some(mark)) if open.starts_with(mark) => *fence = None,
        (None, Some(_)) => *fence = Some(trimmed),
        _ => return fence.is_some(),
    }
    true
}

fn begins(line: &str, language: &Language) -> Option<(String, String)> {
    if line.len() > MOST_LINE || is_comment(line, language) {
        return None;
    }
    language.definitions.iter().find_map(|pattern| {
        let name = pattern.regex()?.captures(line)?.get(1)?.as_str();
        let is_name = !language.keywords.iter().any(|word| word == name);
        is_name.then(|| (name.to_owned(), pattern.kind.clone()))
    })
}

fn is_comment(line: &str, language: &Language) -> bool {
    let line = line.trim_start();
    language.line.iter().any(|mark| line.starts_with(mark.as_str()))
        || language.block.iter().any(|(open, _)| line.starts_with(open.as_str()))
        || (line.starts_with("* ") && language.block.iter().any(|(open, _)| open == "/*"))
}

/// The last line of what begins at line `at`.
fn end(lines: &[&str], at: usize, language: &Language) -> usize {
    if language.ends == Ends::Heading {
        return section_end(lines, at);
    }
    let indent = indent_of(lines[at]);
    let mut last = at;
    for (index, line) in lines.iter().enumerate().skip(at + 1) {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            continue;
        }
        if indent_of(line) > indent {
            last = index;
            continue;
        }
        if indent_of(line) < indent {
            break;
        }
        // Its own brackets and clauses stand below its first line.
        if ["{", "where"].contains(&trimmed) {
            last = index;
            continue;
        }
        let closes = trimmed.starts_with(['}', ')', ']']) || is_end_word(trimmed);
        if !closes {
            break;
        }
        last = index;
        // Behind its parameters more of it may follow.
        if !trimmed.starts_with([')', ']']) && !trimmed.ends_with(['{', '(', '[', ':', '=']) {
            break;
        }
    }
    last
}

fn is_end_word(trimmed: &str) -> bool {
    let word = trimmed.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    ["end", "endfunction", "endfunc", "fi", "done", "esac"].contains(&word)
}

fn section_end(lines: &[&str], at: usize) -> usize {
    let level = |line: &str| line.chars().take_while(|c| *c == '#').count();
    let own = level(lines[at]);
    let mut fence = None;
    for (index, line) in lines.iter().enumerate().skip(at + 1) {
        if in_fence(&mut fence, line) {
            continue;
        }
        let here = level(line);
        if (1..=own).contains(&here) && line[here..].starts_with(' ') {
            return index - 1;
        }
    }
    lines.len() - 1
}

/// How deep a line is indented; a tab counts as eight blanks.
fn indent_of(line: &str) -> usize {
    let blanks = line.chars().take_while(|c| *c == ' ' || *c == '\t');
    blanks.fold(0, |sum, c| if c == '\t' { sum / 8 * 8 + 8 } else { sum + 1 })
}

/// The innermost definition that holds line `line`; a blank line behind one is not of it.
pub fn around(definitions: &[Definition], line: usize) -> Option<&Definition> {
    let holds = |one: &&Definition| (one.first..=one.last).contains(&line);
    definitions.iter().filter(holds).max_by_key(|one| one.first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::language;
    use proptest::prelude::*;

    fn check(id: &str, text: &str, expected: &[(&str, &str, usize, usize, &str)]) {
        let found = outline(text, language(id, None).unwrap());
        let found: Vec<_> = found
            .iter()
            .map(|one| {
                let container = one.container.as_deref().unwrap_or_default();
                (one.name.as_str(), one.kind.as_str(), one.first, one.last, container)
            })
            .collect();
        assert_eq!(found, expected, "{id}");
    }

    #[test]
    fn rust() {
        let text = "/// fn no(\npub(crate) async fn walk<T>(\n    from: T,\n) -> Vec<T>\nwhere\n    T: Copy,\n{\n    vec![]\n}\n\nimpl<T> Iterator for Walk<T> {\n    fn next(&mut self) {\n    }\n\n    pub const fn len(&self) -> usize { 0 }\n}\nconst X: u32 = 1;\n";
        check(
            "rust",
            text,
            &[
                ("walk", "function", 1, 8, ""),
                ("Walk", "class", 10, 15, ""),
                ("next", "function", 11, 12, "Walk"),
                ("len", "function", 14, 14, "Walk"),
                ("X", "constant", 16, 16, ""),
            ],
        );
    }

    #[test]
    fn other_languages() {
        check(
            "python",
            "class A:\n    def run(self):\n        pass\n\n    x = 1\n\n\ndef f():\n    return 1\n",
            &[("A", "class", 0, 4, ""), ("run", "function", 1, 2, "A"), ("f", "function", 7, 8, "")],
        );
        check(
            "typescript",
            "export class A {\n  async run(a: B): Promise<void> {\n    if (a) {\n    }\n  }\n}\nexport const f = async (x: number) => {\n};\ninterface I {}\n",
            &[
                ("A", "class", 0, 5, ""),
                ("run", "method", 1, 4, "A"),
                ("f", "function", 6, 7, ""),
                ("I", "interface", 8, 8, ""),
            ],
        );
        check(
            "go",
            "func (w *Walk) Next() error {\n\treturn nil\n}\n\ntype Walk struct {\n\ta int\n}\n",
            &[("Next", "function", 0, 2, ""), ("Walk", "struct", 4, 6, "")],
        );
        check(
            "c",
            "static int walk(int a,\n                int b)\n{\n    if (a) {\n    }\n}\n#define MAX 3\nint x;\nstruct A {\n};\n",
            &[("walk", "function", 0, 5, ""), ("MAX", "constant", 6, 6, ""), ("A", "struct", 8, 9, "")],
        );
        check(
            "java",
            "public final class A {\n    @Override\n    public String run(int a) throws E {\n        return \"\";\n    }\n}\n",
            &[("A", "class", 0, 5, ""), ("run", "method", 2, 4, "A")],
        );
        check("lua", "local function f()\n  return 1\nend\n", &[("f", "function", 0, 2, "")]);
        check(
            "markdown",
            "# One\ntext\n```sh\n# no\n```\n## Two\n# Three\n",
            &[("One", "section", 0, 5, ""), ("Two", "section", 5, 5, "One"), ("Three", "section", 6, 6, "")],
        );
    }

    #[test]
    fn definitions_are_found_by_line() {
        let text =
            "struct A {\n}\n\nimpl A {\n    fn new() {\n    }\n}\n\nimpl B {\n    fn new() {\n    }\n}\n";
        let all = outline(text, language("rust", None).unwrap());
        let at = |line| around(&all, line).map(|one| (one.name.as_str(), one.first));
        assert_eq!(at(5), Some(("new", 4)));
        assert_eq!(at(3), Some(("A", 3)));
        assert_eq!(at(2), None);
        assert_eq!(at(9), Some(("new", 9)));
    }

    proptest! {
        #[test]
        fn any_text_has_an_outline_inside_itself(text in "([ \t]{0,5}(fn a|class B|# c|\\}|\\{|```|é\u{1F600}|x = 1)?\r?\n){0,30}", which in 0usize..6) {
            let id = ["rust", "python", "markdown", "c", "typescript", "java"][which];
            let count = text.lines().count();
            for one in outline(&text, language(id, None).unwrap()) {
                prop_assert!(one.first <= one.last && one.last < count, "{one:?}");
            }
        }
    }
}
