//! What counts as a patch that a command carries: a table, the shell itself as the judge, cuts and random texts.

use super::{Carried, carried_patch};
use crate::CommandLine;
use proptest::prelude::*;
use std::process::{Command, Stdio};

/// Stands for [`PATCH`] in the table; a line of its own each.
const MARK: &str = "P\n";
const PATCH: &str = "*** Begin Patch\n*** Update File: src/a.rs\n@@ fn área\n-    let x = 1; // it's\n+    let y = (2 << 3);\n*** End Patch\n";
/// The same, where nothing of it ends a quotation.
const TAME: &str = "*** Begin Patch\n*** Update File: src/a.rs\n@@\n-old\n+new\n*** End Patch\n";

/// Text, and the folder of the patch that it carries; `None`: it carries none.
const HEREDOCS: &[(&str, Option<&str>)] = &[
    ("apply_patch <<'EOF'\nP\nEOF\n", Some("")),
    ("apply_patch <<'EOF'\nP\nEOF", Some("")),
    ("applypatch <<'EOF'\nP\nEOF\n", Some("")),
    ("apply_patch << 'EOF'\nP\nEOF\n", Some("")),
    ("apply_patch<<'EOF'\nP\nEOF\n", Some("")),
    ("apply_patch <<\"EOF\"\nP\nEOF\n", Some("")),
    ("apply_patch <<\\EOF\nP\nEOF\n", Some("")),
    ("apply_patch <<EOF\nP\nEOF\n", Some("")),
    ("apply_patch <<'PATCH_9'\nP\nPATCH_9\n", Some("")),
    ("apply_patch <<'end of it'\nP\nend of it\n", Some("")),
    ("apply_patch <<E'O'F\nP\nEOF\n", Some("")),
    ("apply_patch <<-'EOF'\nP\n\tEOF\n", Some("")),
    ("apply_patch <<-EOF\nP\nEOF\n", Some("")),
    ("\n  apply_patch <<'EOF'  \nP\nEOF\n\n \n", Some("")),
    ("'apply_patch' <<'EOF'\nP\nEOF\n", Some("")),
    ("\"apply_patch\"<<'EOF'\nP\nEOF\n", Some("")),
    ("apply_patch <<'EOF'\nP\n EOF\nEOF\n", Some("")),
    ("apply_patch <<'EOF'\nP\nEOF2\nEOF\n", Some("")),
    ("apply_patch <<'EOF'\nP\n$x `y` $(z) \\\nEOF\n", Some("")),
    ("cd src && apply_patch <<'EOF'\nP\nEOF\n", Some("src")),
    ("cd 'my src' && apply_patch <<'EOF'\nP\nEOF\n", Some("my src")),
    ("cd \"my src\" && apply_patch <<'EOF'\nP\nEOF\n", Some("my src")),
    ("cd my\\ src && apply_patch <<'EOF'\nP\nEOF\n", Some("my src")),
    ("cd src/deep&&apply_patch <<'EOF'\nP\nEOF\n", Some("src/deep")),
    ("cd src &&\n  apply_patch <<'EOF'\nP\nEOF\n", Some("src")),
    ("cd ../work && apply_patch <<'EOF'\nP\nEOF\n", Some("../work")),
    ("cd ./src && apply_patch << EOF\nP\nEOF\n", Some("./src")),
    ("cd 1 && apply_patch <<'EOF'\nP\nEOF\n", Some("1")),
    // With more to it.
    ("apply_patch <<'EOF' && echo done\nP\nEOF\n", None),
    ("apply_patch <<'EOF'; echo done\nP\nEOF\n", None),
    ("apply_patch <<'EOF' | cat\nP\nEOF\n", None),
    ("apply_patch <<'EOF' > log\nP\nEOF\n", None),
    ("apply_patch <<'EOF' 2>&1\nP\nEOF\n", None),
    ("apply_patch <<'EOF' &\nP\nEOF\n", None),
    ("apply_patch > log <<'EOF'\nP\nEOF\n", None),
    ("apply_patch <<'EOF'\nP\nEOF\necho done\n", None),
    ("apply_patch <<'EOF'\nP\nEOF\n# done\n", None),
    ("apply_patch <<'EOF'\nP\nEOF\napply_patch <<'EOF'\nP\nEOF\n", None),
    ("apply_patch <<'A' <<'B'\nP\nA\nP\nB\n", None),
    ("apply_patch -p1 <<'EOF'\nP\nEOF\n", None),
    ("apply_patch \\<<'EOF'\nP\nEOF\n", None),
    ("apply_patch\n<<'EOF'\nP\nEOF\n", None),
    ("apply_patch \\\n<<'EOF'\nP\nEOF\n", None),
    ("apply_patch 3<<'EOF'\nP\nEOF\n", None),
    ("X=1 apply_patch <<'EOF'\nP\nEOF\n", None),
    ("sudo apply_patch <<'EOF'\nP\nEOF\n", None),
    ("! apply_patch <<'EOF'\nP\nEOF\n", None),
    ("(apply_patch <<'EOF'\nP\nEOF\n)", None),
    ("{ apply_patch <<'EOF'\nP\nEOF\n}", None),
    ("if true; then apply_patch <<'EOF'\nP\nEOF\nfi", None),
    ("echo hi; apply_patch <<'EOF'\nP\nEOF\n", None),
    ("echo hi\napply_patch <<'EOF'\nP\nEOF\n", None),
    ("set -e\napply_patch <<'EOF'\nP\nEOF\n", None),
    ("cat <<'EOF' | apply_patch\nP\nEOF\n", None),
    ("cat <<'EOF'\nP\nEOF\n", None),
    ("patch <<'EOF'\nP\nEOF\n", None),
    ("./apply_patch <<'EOF'\nP\nEOF\n", None),
    ("apply_patch2 <<'EOF'\nP\nEOF\n", None),
    ("my_apply_patch <<'EOF'\nP\nEOF\n", None),
    ("$apply_patch <<'EOF'\nP\nEOF\n", None),
    ("# apply_patch <<'EOF'\nP\nEOF\n", None),
    ("apply_patch # <<'EOF'\nP\nEOF\n", None),
    ("'apply_patch <<'EOF'\nP\nEOF\n", None),
    ("cd src; apply_patch <<'EOF'\nP\nEOF\n", None),
    ("cd src\napply_patch <<'EOF'\nP\nEOF\n", None),
    ("cd src || apply_patch <<'EOF'\nP\nEOF\n", None),
    ("cd src & apply_patch <<'EOF'\nP\nEOF\n", None),
    ("cd a && cd b && apply_patch <<'EOF'\nP\nEOF\n", None),
    ("cd && apply_patch <<'EOF'\nP\nEOF\n", None),
    ("cd a b && apply_patch <<'EOF'\nP\nEOF\n", None),
    ("cd -P src && apply_patch <<'EOF'\nP\nEOF\n", None),
    ("cd - && apply_patch <<'EOF'\nP\nEOF\n", None),
    ("cd '' && apply_patch <<'EOF'\nP\nEOF\n", None),
    ("cd ~ && apply_patch <<'EOF'\nP\nEOF\n", None),
    ("cd ~/src && apply_patch <<'EOF'\nP\nEOF\n", None),
    ("cd $HOME && apply_patch <<'EOF'\nP\nEOF\n", None),
    ("cd \"$HOME\" && apply_patch <<'EOF'\nP\nEOF\n", None),
    ("cd s* && apply_patch <<'EOF'\nP\nEOF\n", None),
    ("cd {a,b} && apply_patch <<'EOF'\nP\nEOF\n", None),
    ("cd `pwd` && apply_patch <<'EOF'\nP\nEOF\n", None),
    ("cd src && sudo apply_patch <<'EOF'\nP\nEOF\n", None),
    ("mkdir src && apply_patch <<'EOF'\nP\nEOF\n", None),
    ("cd src > x && apply_patch <<'EOF'\nP\nEOF\n", None),
    // Without an end, or with one that is none.
    ("apply_patch <<'EOF'\nP\n", None),
    ("apply_patch <<'EOF'\nP\nEOF \n", None),
    ("apply_patch <<'EOF'\nP\n\tEOF\n", None),
    ("apply_patch <<'EOF'\nP\nEND\n", None),
    ("apply_patch <<'EOF'\nP\n+\0\nEOF\n", None),
    ("apply_patch <<\nP\nEOF\n", None),
    ("apply_patch <<''\nP\n\n", None),
    ("apply_patch <<EOF;\nP\nEOF;\n", None),
    ("apply_patch <<$E\nP\n$E\n", None),
    ("apply_patch <<'EOF", None),
    ("apply_patch", None),
    ("", None),
    // Where the shell changes the text.
    ("apply_patch <<EOF\nP\n+$HOME\nEOF\n", None),
    ("apply_patch <<EOF\nP\n+${x}\nEOF\n", None),
    ("apply_patch <<EOF\nP\n+$(ls)\nEOF\n", None),
    ("apply_patch <<EOF\nP\n+`ls`\nEOF\n", None),
    ("apply_patch <<EOF\nP\n+$1\nEOF\n", None),
    ("apply_patch <<EOF\nP\n+\\$x\nEOF\n", None),
    ("apply_patch <<EOF\nP\n+a\\\\b\nEOF\n", None),
    ("apply_patch <<EOF\nP\n+joined\\\nEOF\nEOF\n", None),
    ("apply_patch <<EOF\nP\n+a\\nb costs 5 $ or $, no more\nEOF\n", Some("")),
    // By way of `cat`.
    ("apply_patch \"$(cat <<'EOF'\nP\nEOF\n)\"", Some("")),
    ("apply_patch \"$( cat <<EOF\nP\nEOF\n)\"\n", Some("")),
    ("cd src && apply_patch \"$(cat <<'EOF'\nP\nEOF\n)\"\n", Some("src")),
    ("apply_patch \"$(cat -n <<'EOF'\nP\nEOF\n)\"", None),
    ("apply_patch $(cat <<'EOF'\nP\nEOF\n)", None),
    ("apply_patch\"$(cat <<'EOF'\nP\nEOF\n)\"", None),
    ("apply_patch {fd}<<'EOF'\nP\nEOF\n", None),
    ("apply_patch \"x$(cat <<'EOF'\nP\nEOF\n)\"", None),
    ("apply_patch x\"$(cat <<'EOF'\nP\nEOF\n)\"", None),
    ("apply_patch \"$(cat <<'EOF'\nP\nEOF\n)x\"", None),
    ("apply_patch \"$(cat <<'EOF'\nP\nEOF\n)\" x", None),
    ("apply_patch \"$(cat <<'EOF'\nP\nEOF\ndate)\"", None),
    ("apply_patch\n\"$(cat <<'EOF'\nP\nEOF\n)\"", None),
    ("apply_patch \"$(cat\n<<'EOF'\nP\nEOF\n)\"", None),
    ("apply_patch \"$(tac <<'EOF'\nP\nEOF\n)\"", None),
    ("apply_patch -p \"$(cat <<'EOF'\nP\nEOF\n)\"", None),
];

/// The same, with a patch that can stand in quotation marks.
const QUOTED: &[(&str, Option<&str>)] = &[
    ("apply_patch 'P\n'", Some("")),
    ("apply_patch \"P\n\"", Some("")),
    ("applypatch 'P\n'\n", Some("")),
    ("cd src && apply_patch 'P\n'", Some("src")),
    ("apply_patch '''P\n'\"\"", Some("")),
    ("apply_patch <<< 'P\n'", Some("")),
    ("apply_patch <<<\"P\n\"", Some("")),
    ("cd 'a b' && apply_patch <<< 'P\n'", Some("a b")),
    ("apply_patch 'P\n' x", None),
    ("apply_patch -v 'P\n'", None),
    ("apply_patch 'P\n' 'P\n'", None),
    ("apply_patch 'P\n' > log", None),
    ("apply_patch 'P\n' | tee log", None),
    ("apply_patch 'P\n'; ls", None),
    ("apply_patch 'P\n'\nls", None),
    ("apply_patch 'P\n' # done", None),
    ("apply_patch 'P\n", None),
    ("apply_patch \"P\n$x\"", None),
    ("apply_patch \"P\n`x`\"", None),
    ("apply_patch $'P\n'", None),
    ("apply_patch 'P\n'*", None),
    ("apply_patch 'P\n'$x", None),
    ("apply_patch <<< 'P\n' x", None),
    ("apply_patch <<< 'P\n' && ls", None),
    ("apply_patch <<< \"P\n$x\"", None),
    ("apply_patch x <<< 'P\n'", None),
    ("apply_patch <<<\n'P\n'", None),
    ("apply_patch\n<<< 'P\n'", None),
    ("apply_patch\n'P\n'", None),
    ("echo <<< 'P\n'", None),
    ("ls && apply_patch 'P\n'", None),
    ("apply_patch", None),
    ("apply_patch --help", None),
    ("apply_patch fix.diff", None),
    ("apply_patch 'fix it.diff'", None),
    ("apply_patch < fix.diff", None),
    ("apply_patch <<< fix", None),
];

fn shell(text: &str) -> Option<Carried> {
    carried_patch(&CommandLine::Shell(text.to_owned()))
}

fn argv(words: &[&str]) -> Option<Carried> {
    carried_patch(&CommandLine::Argv(words.iter().map(|word| (*word).to_owned()).collect()))
}

/// Every text of the table with its patch put in, and the folder.
fn rows() -> Vec<(String, Option<&'static str>)> {
    let of = |rows: &'static [(&str, Option<&'static str>)], patch: &'static str| {
        rows.iter().map(move |(text, folder)| (text.replace(MARK, patch), *folder))
    };
    of(HEREDOCS, PATCH).chain(of(QUOTED, TAME)).collect()
}

/// What a patch program is given by `text` in a real shell: folder, and the text on its input or as its argument.
fn in_bash(text: &str, found: &Carried) -> (String, String) {
    let program = "mkdir -p work; cd work; mkdir -p -- \"$folder\"; folder=
        cd() { builtin cd \"$@\" && folder=$1; }
        apply_patch() { printf '%s\\001' \"$folder\"; if [ $# -gt 0 ]; then printf '%s' \"$1\"; else cat; fi; }
        applypatch() { apply_patch \"$@\"; }\n";
    let home = tempfile::tempdir().unwrap();
    let output = Command::new("bash")
        .args(["-c", &format!("{program}{text}")])
        .current_dir(&home)
        .env_remove("BASH_ENV")
        .env("folder", found.cwd.as_deref().unwrap_or("."))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let (folder, patch) = said.split_once('\u{1}').unwrap_or_else(|| panic!("{text:?} gave {said:?}"));
    (folder.to_owned(), patch.to_owned())
}

/// Without the line ends that a shell adds or takes away at the end of a text.
fn bare(patch: &str) -> &str {
    patch.trim_end_matches('\n')
}

#[test]
fn the_table_holds_in_every_wrapping() {
    let rows = rows();
    assert!(rows.len() >= 80);
    for (text, folder) in rows {
        let found = shell(&text);
        assert_eq!(found.as_ref().map(|found| found.cwd.as_deref().unwrap_or_default()), folder, "{text:?}");
        for head in [["bash", "-lc"], ["bash", "-c"], ["sh", "-c"], ["zsh", "-lc"], ["/bin/bash", "-lc"]] {
            assert_eq!(argv(&[head[0], head[1], &text]), found, "{head:?} {text:?}");
        }
        assert_eq!(argv(&["bash", "-c", &text, "x"]), None, "{text:?}");
        assert_eq!(argv(&["python", "-c", &text]), None, "{text:?}");
        assert_eq!(argv(&[&text]), None);
    }
}

#[test]
fn a_shell_reads_the_same_patch() {
    for (text, _) in rows() {
        let Some(found) = shell(&text) else { continue };
        let (folder, patch) = in_bash(&text, &found);
        assert_eq!(bare(&found.patch), bare(&patch), "{text:?}");
        assert_eq!(found.cwd.unwrap_or_default(), folder, "{text:?}");
    }
}

#[test]
fn program_and_argument_without_a_shell() {
    let patch = |text: &str| Some(Carried { patch: text.to_owned(), cwd: None });
    assert_eq!(argv(&["apply_patch", PATCH]), patch(PATCH));
    assert_eq!(argv(&["applypatch", "$x\r\n`y`"]), patch("$x\r\n`y`"));
    for words in
        [&["apply_patch"][..], &["apply_patch", "-h"], &["apply_patch", PATCH, "x"], &["patch", PATCH], &[]]
    {
        assert_eq!(argv(words), None, "{words:?}");
    }
}

#[test]
fn line_ends_of_another_system() {
    let text = "cd src && apply_patch <<'EOF'\r\n*** Begin Patch\r\n+x\r\nEOF\r\n";
    let found = shell(text).unwrap();
    assert_eq!((found.patch.as_str(), found.cwd.as_deref()), ("*** Begin Patch\n+x\n", Some("src")));
    let found = shell("apply_patch <<'EOF'\n+x\r\nEOF\n").unwrap();
    assert_eq!(found.patch, "+x\r\n", "only where all lines end so");
    assert_eq!(shell("apply_patch <<'EOF'\r\n+x\nEOF\r\n"), None);
}

#[test]
fn a_long_patch_is_no_less_a_patch() {
    let lines = "+a line of some length that says nothing\n".repeat(100_000);
    let started = std::time::Instant::now();
    assert_eq!(shell(&format!("apply_patch <<'EOF'\n{lines}EOF\n")).unwrap().patch, lines);
    assert!(started.elapsed().as_secs() < 60);
}

#[test]
fn a_cut_text_carries_the_whole_patch_or_none() {
    for (text, folder) in rows() {
        for (at, _) in text.char_indices() {
            let found = shell(&text[..at]).map(|found| found.patch);
            // Some rows are a call with something behind it, and those without a patch say nothing here.
            if let (Some(found), Some(_)) = (found, folder) {
                let whole = [PATCH, TAME].iter().any(|patch| found.starts_with(bare(patch)));
                assert!(whole, "{text:?} up to {at}: {found:?}");
            }
            // The other end: a text that begins later.
            if let Some(found) = shell(&text[at..]) {
                assert!(text.contains(bare(&found.patch)), "{text:?} from {at}");
            }
        }
    }
}

/// Parts of which texts are made that are nearly calls.
const PARTS: &[&str] = &[
    "apply_patch",
    "applypatch",
    " ",
    "\n",
    "\t",
    "<<",
    "<<<",
    "<<-",
    "'EOF'",
    "EOF",
    "\"EOF\"",
    "\nEOF\n",
    "\\",
    "'",
    "\"",
    "$x",
    "$(",
    ")",
    "`",
    "cat ",
    "cd ",
    "src",
    " && ",
    ";",
    "|",
    "&",
    ">",
    "#",
    "*",
    "{a,b}",
    "~",
    "é",
    "\r\n",
    "*** Begin Patch\n",
    "+x\n",
    "\"$(cat <<'EOF'\n",
    "\nEOF\n)\"",
    "\0",
    "-",
    "$",
    "!",
    "1",
    "(",
    "\u{a0}",
];

proptest! {
    #[test]
    fn no_text_breaks_it(text in any::<String>(), parts in prop::collection::vec(prop::sample::select(PARTS), 0..24)) {
        let _ = (shell(&text), argv(&["bash", "-lc", &text]), shell(&parts.concat()));
    }

    /// Whatever is put into a call that is none of the body's own text, an expansion is never passed over.
    #[test]
    fn an_expansion_is_never_a_patch(
        head in "(cd [a-z$`*~{},]{1,6} && )?",
        body in "[+ a-z$`\\\\{}()'\"]{1,12}",
        end in prop::sample::select(vec!["EOF", "'EOF'", "\"EOF\"", "\\EOF"]),
    ) {
        let text = format!("{head}apply_patch <<{end}\n{body}\nEOF\n");
        if let Some(found) = shell(&text) {
            let changed = |text: &str| ["$", "`", "\\$", "\\`", "\\\\"].iter().any(|part| text.contains(part));
            prop_assert!(!changed(&head) && !head.contains(['*', '~', '{']), "{text:?}");
            prop_assert_eq!(bare(&found.patch), bare(&body));
            if end == "EOF" && body.contains(['$', '`', '\\']) {
                let (_, read) = in_bash(&text, &found);
                prop_assert_eq!(bare(&read), bare(&body), "{:?}", text);
            }
        }
    }

    /// Texts that are nearly calls: where a patch is seen, a shell sees the same.
    #[test]
    fn near_calls_are_read_as_a_shell_reads_them(
        before in prop::collection::vec(prop::sample::select(PARTS), 0..3),
        middle in prop::collection::vec(prop::sample::select(PARTS), 0..4),
        behind in prop::collection::vec(prop::sample::select(PARTS), 0..3),
    ) {
        let (before, middle, behind) = (before.concat(), middle.concat(), behind.concat());
        let text = format!("{before}apply_patch {middle}<<'EOF'\n+x\n{behind}\nEOF\n");
        if let Some(found) = shell(&text) {
            let folder = found.cwd.clone().unwrap_or_default();
            let (cwd, patch) = in_bash(&text, &found);
            prop_assert_eq!((bare(&patch), cwd), (bare(&found.patch), folder), "{:?}", text);
        }
    }
}
