//! The document that says how to sign in, or what else is to be done before a prompt can be sent. Pure.

use crate::markdown::{code, quoted};
use crate::prose::{first_sentence, prose, wrapped};
use glossator_protocol_ext as ext;
use glossator_session::SessionId;
use std::fmt::Write;

/// Characters of a line that is not ours.
const LINE: usize = 1000;
/// What is said of a provider without a key, and of no model: the steps of the page say it better.
const SAID_BELOW: [&str; 2] = ["There is no API key for ", "No model is chosen."];
/// What stands before a note that is said nowhere else.
const NOTE: &str = "`glossator demo` needs no key.";

/// The document: of the workspace, as keys are of the user.
pub fn name() -> (Option<SessionId>, String) {
    (None, "sign-in.md".to_owned())
}

/// What became of a prompt that could not be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It stands in the prompt document.
    Written,
    /// This was said, and something else stands in the prompt document.
    Said(String),
}

/// What the page is about.
#[derive(Debug)]
pub struct Standing {
    /// How providers stand, and what is missing.
    pub status: ext::AuthStatusResult,
    /// The provider of the model that is asked; `None`: no model can be asked.
    pub asked: Option<String>,
    /// What the user sits at.
    pub editor: Editor,
}

/// What can be done from an editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Editor {
    /// Its own *Sign in* asks for a key.
    Asks,
    /// Commands are run from its command line, with arguments as JSON from 25.07 on.
    Helix,
    /// Commands are run somehow.
    Other,
}

/// The document.
pub fn render(standing: &Standing, kept: Option<&Kept>) -> String {
    let Standing { status, .. } = standing;
    let mut out = String::from("# Sign in\n\n");
    let _ = writeln!(out, "{}\n", prose(&headline(&status.message), (2 * LINE, 0)));
    match kept {
        Some(Kept::Written) => {
            let text = "Your prompt is kept in the prompt document, which glossator.chat opens: once this is done, \
                        glossator.send sends it. Nothing has to be restarted, but for the environment.";
            let _ = writeln!(out, "{}\n", wrapped(text, 0));
        }
        Some(Kept::Said(prompt)) => {
            let _ = writeln!(out, "Your prompt was not sent. It was:\n\n{}", quoted(prompt));
        }
        None => {}
    }
    out.push_str(if status.ready { "## What else can be done\n\n" } else { "## What to do\n\n" });
    for (number, step) in (1..).zip(steps(standing)) {
        let _ = writeln!(out, "{}", wrapped(&format!("{number}. {step}"), 3));
    }
    out.push_str("\n## Providers\n\n");
    let mut providers: Vec<&ext::AuthProvider> = status.providers.iter().collect();
    providers.sort_by_key(|one| (Some(&one.id) != standing.asked.as_ref(), !one.ready));
    for one in providers {
        let _ = writeln!(out, "{}", provider(one));
    }
    out
}

/// What is missing, without what the steps say.
fn headline(message: &str) -> String {
    if !SAID_BELOW.iter().any(|said| message.starts_with(said)) {
        return message.to_owned();
    }
    let first = first_sentence(message);
    let note = message.split_once(NOTE).map_or("", |(_, note)| note);
    format!("{first}{note}")
}

/// What can be done, what leads on soonest first.
fn steps(standing: &Standing) -> Vec<String> {
    let Standing { status, asked, editor } = standing;
    let of_asked = status.providers.iter().find(|one| Some(&one.id) == asked.as_ref());
    let there: Vec<String> =
        status.providers.iter().filter(|one| is_there(one)).map(|one| code(&one.id, LINE)).collect();
    let choose = format!("{}. For good: `model = \"provider/model id\"` in the settings.", lists(*editor));
    let silent = of_asked.filter(|one| !one.ready && !one.needs_key).and_then(|one| one.next.as_deref());
    let mut steps: Vec<String> = silent.map(|next| prose(next, (LINE, 0))).into_iter().collect();
    if asked.is_none() && !there.is_empty() {
        steps.push(format!("Choose a model of {}, where all is ready: {choose}", there.join(", ")));
    }
    steps.extend(keys(status, of_asked, *editor));
    if asked.is_none() && there.is_empty() {
        steps.push(format!("Then choose a model: {choose}"));
    }
    let ollama = "Without a key: a model of Ollama on this machine, or any server that needs none \
                  (`[providers.NAME]` in the settings).";
    if silent.is_none() {
        steps.push(ollama.to_owned());
    }
    if asked.is_some() {
        steps.push(format!("Another model: {choose}"));
    }
    steps.push("Just to see it: `glossator demo` in a terminal, offline.".to_owned());
    steps
}

/// Whether a provider can be asked, as far as is known: one without a key only where somebody has answered.
fn is_there(one: &ext::AuthProvider) -> bool {
    one.ready && (one.source.is_some() || one.next.is_some())
}

/// The ways to give the provider that is asked its key, or any that has none.
fn keys(status: &ext::AuthStatusResult, asked: Option<&ext::AuthProvider>, editor: Editor) -> Vec<String> {
    let missing: Vec<&ext::AuthProvider> = match asked.filter(|one| one.needs_key && !one.ready) {
        Some(asked) => vec![asked],
        None => status.providers.iter().filter(|one| one.needs_key && !one.ready).collect(),
    };
    let Some(first) = missing.first() else { return Vec::new() };
    let slug = one_word(&first.id);
    let others: Vec<String> = missing[1..].iter().map(|one| code(&one.id, LINE)).collect();
    let or = match others.is_empty() {
        true => String::new(),
        false => format!(" (or {})", others.join(", ")),
    };
    let typed = format!("`{{\"provider\": \"{slug}\", \"key\": \"...\"}}`");
    let terminal = format!(
        "In a terminal: `glossator login {slug}`{or} asks for the key without showing it, and stores it."
    );
    let mut ways = match editor {
        Editor::Asks => {
            let here = "Here: the command glossator.login asks for a key without showing it, and stores it.";
            vec![here.to_owned(), terminal]
        }
        Editor::Helix => vec![
            terminal,
            format!(
                "In Helix 25.07 or newer: `:lsp-workspace-command glossator.login` with {typed} behind it, which shows the key."
            ),
        ],
        Editor::Other => {
            vec![terminal, format!("In an editor that can pass an object: glossator.login with {typed}.")]
        }
    };
    let variables: Vec<String> =
        missing.iter().filter_map(|one| one.key_env.as_deref()).map(|name| code(name, LINE)).collect();
    if !variables.is_empty() {
        ways.push(format!(
            "In the environment that the editor is started with: {}. The editor has to be started anew.",
            variables.join(", ")
        ));
    }
    ways
}

fn lists(editor: Editor) -> &'static str {
    match editor {
        Editor::Helix => {
            "glossator.model (`Space l m`, or in the picker of `:lsp-workspace-command`) lists them, and a code action on a \
             line takes one"
        }
        Editor::Asks => "glossator.model lists them",
        Editor::Other => "glossator.model lists them, and a code action on a line takes one",
    }
}

/// A slug inside of code.
fn one_word(slug: &str) -> String {
    slug.replace(|c: char| c == '`' || c.is_whitespace() || c.is_control(), "_")
}

fn provider(one: &ext::AuthProvider) -> String {
    let state = match (one.ready, one.source, one.needs_key) {
        (true, Some(ext::KeySource::Environment), _) => "ready, key from the environment",
        (true, Some(ext::KeySource::Keyring), _) => "ready, key in the keyring of the system",
        (true, Some(ext::KeySource::Dotenv), _) => "ready, key from the workspace's .env",
        (true, Some(_), _) => "ready, stored key",
        (true, None, _) => "ready, needs no key",
        (false, _, true) => "not ready",
        (false, _, false) => "needs no key, not ready",
    };
    let head = format!("- {} at {}: **{state}**.", code(&one.id, LINE), code(&one.base_url, LINE));
    let next = match one.next.as_deref() {
        Some(next) if next.starts_with(SAID_BELOW[0]) => {
            let variable = one.key_env.as_deref().map(|name| format!(" or {}", code(name, LINE)));
            format!(
                "It wants a key: `glossator login {}`{}.",
                one_word(&one.id),
                variable.unwrap_or_default()
            )
        }
        Some(next) => prose(next, (LINE, 0)).replace('\n', " "),
        None => return wrapped(&head, 2),
    };
    format!("{}\n  {}", wrapped(&head, 2), wrapped(&next, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(id: &str, key: Option<(&str, bool)>, next: Option<&str>) -> ext::AuthProvider {
        ext::AuthProvider {
            id: id.to_owned(),
            base_url: "https://example.org".to_owned(),
            needs_key: key.is_some(),
            ready: key.is_none_or(|(_, ready)| ready),
            source: key.filter(|(_, ready)| *ready).map(|_| ext::KeySource::File),
            key_env: key.map(|(name, _)| name.to_owned()),
            next: next.map(str::to_owned),
            ..ext::AuthProvider::default()
        }
    }

    fn standing(asked: Option<&str>, editor: Editor, providers: Vec<ext::AuthProvider>) -> Standing {
        let message = "No model is chosen. First `do this`.".to_owned();
        let status = ext::AuthStatusResult { providers, ready: false, message };
        Standing { status, asked: asked.map(str::to_owned), editor }
    }

    fn missing(id: &str) -> ext::AuthProvider {
        provider(id, Some(("A_KEY", false)), Some("There is no API key for it. Store `one`."))
    }

    /// The steps of a page, without their numbers and breaks.
    fn told(standing: &Standing) -> Vec<String> {
        steps(standing).iter().map(|step| step.split(':').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn everything_that_can_be_done_stands_there_in_short_lines() {
        let other = provider("o", Some(("B_KEY", false)), Some("Do *this* with `a_b`."));
        let standing =
            standing(None, Editor::Other, vec![missing("anthropic"), other, provider("ollama", None, None)]);
        let page = render(&standing, Some(&Kept::Said("First\n# second".to_owned())));
        for part in [
            "# Sign in\n\nNo model is chosen.\n\n",
            "> First\n> # second\n",
            "1. In a terminal: `glossator login anthropic` (or `o`) asks",
            "`A_KEY`, `B_KEY`",
            "glossator demo",
            "- `anthropic` at `https://example.org`: **not ready**.\n  It wants a key: `glossator login anthropic` or `A_KEY`.",
            "- `o` at `https://example.org`: **not ready**.\n  Do \\*this\\* with `a_b`.",
            "- `ollama` at `https://example.org`: **ready, needs no key**.",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
        for editor in [Editor::Asks, Editor::Helix, Editor::Other] {
            let page = render(&Standing { editor, ..standing_of(&standing) }, Some(&Kept::Written));
            assert!(page.contains("kept in the prompt document"), "{page}");
            assert!(!page.contains("\\`"), "{page}");
            let longest = page.lines().max_by_key(|line| line.chars().count()).unwrap();
            assert!(longest.chars().count() <= 80, "{longest}");
        }
    }

    fn standing_of(one: &Standing) -> Standing {
        Standing { status: one.status.clone(), asked: one.asked.clone(), editor: one.editor }
    }

    #[test]
    fn what_leads_on_soonest_comes_first() {
        let check = |standing: Standing, first: &[&str]| {
            let steps = told(&standing);
            assert!(steps.iter().zip(first).all(|(step, first)| step.starts_with(first)), "{steps:#?}");
        };
        let of = standing;
        check(of(None, Editor::Other, vec![missing("a")]), &["In a terminal", "In an editor", "In the env"]);
        check(of(None, Editor::Asks, vec![missing("a")]), &["Here", "In a terminal", "In the env", "Then"]);
        check(of(None, Editor::Helix, vec![missing("a")]), &["In a terminal", "In Helix"]);
        let keyed = || provider("k", Some(("K", true)), None);
        check(of(None, Editor::Other, vec![missing("a"), keyed()]), &["Choose a model of `k`", "In a term"]);
        let here = provider("ollama", None, Some("It answers"));
        check(of(None, Editor::Helix, vec![missing("a"), here]), &["Choose a model of `ollama`"]);
        let mut silent = provider("ollama", None, Some("It does not answer: start it."));
        silent.ready = false;
        check(of(Some("ollama"), Editor::Other, vec![silent, missing("a")]), &["It does not answer"]);
        let asked = of(Some("b"), Editor::Other, vec![missing("a"), missing("b"), keyed()]);
        assert!(steps(&asked)[0].contains("`glossator login b` asks"), "{:#?}", steps(&asked));
        assert!(told(&asked).contains(&"Another model".to_owned()));
    }

    #[test]
    fn what_the_steps_do_not_say_stays() {
        for (message, shown) in [
            ("No model is chosen. First a key.", "No model is chosen."),
            (
                "There is no API key for a. Store it. `glossator demo` needs no key. The keyring is silent.",
                "There is no API key for a. The keyring is silent.",
            ),
            ("[providers.a] has no base_url; add one.", "[providers.a] has no base_url; add one."),
            ("", ""),
        ] {
            assert_eq!(headline(message), shown);
        }
    }
}
