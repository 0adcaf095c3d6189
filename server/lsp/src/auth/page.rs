//! The document that says how to sign in. Pure.

use crate::markdown::{code, plain, quoted};
use glossator_protocol_ext as ext;
use glossator_session::SessionId;
use std::fmt::Write;

/// Characters of a line that is not ours.
const LINE: usize = 1000;

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

/// The document.
pub fn render(status: &ext::AuthStatusResult, kept: Option<&Kept>) -> String {
    let mut out = String::from("# Sign in\n\n");
    let _ = writeln!(out, "{}\n", plain(&status.message, 2 * LINE));
    match kept {
        Some(Kept::Written) => out.push_str(
            "Your prompt is kept in the prompt document: glossator.chat or glossator.edit opens it, glossator.send sends it \
             once there is a model.\n\n",
        ),
        Some(Kept::Said(prompt)) => {
            let _ = writeln!(out, "Your prompt was not sent. It was:\n\n{}\n", quoted(prompt));
        }
        None => {}
    }
    out.push_str("## Ways to go on\n\nNone of them but the third needs a restart.\n\n");
    let missing = status.providers.iter().filter(|one| one.needs_key && !one.ready);
    let slugs: Vec<&str> = missing.clone().map(|one| one.id.as_str()).collect();
    let slug = slugs.first().copied().unwrap_or("anthropic");
    let variables: Vec<String> =
        missing.filter_map(|one| one.key_env.as_deref()).map(|name| code(name, LINE)).collect();
    let _ = writeln!(
        out,
        "1. In a terminal: `glossator login {slug}` asks for the key without showing it, and stores it."
    );
    let _ = writeln!(
        out,
        "2. In an editor that can pass an object: glossator.login with `{{\"provider\": \"{slug}\", \"key\": \"...\"}}`."
    );
    let _ = match variables.is_empty() {
        true => writeln!(out, "3. A key in the environment that the editor is started with."),
        false => {
            writeln!(out, "3. In the environment that the editor is started with: {}.", variables.join(", "))
        }
    };
    out.push_str(
        "4. Without a key: a model of Ollama on this machine, or any server that needs none (`[providers.NAME]` in the \
         settings).\n5. Just to see it: `glossator demo` in a terminal, offline.\n\nThe model is chosen with glossator.model, \
         for good in the settings: `model = \"provider/model id\"`.\n\n## Providers\n\n",
    );
    for one in &status.providers {
        provider(&mut out, one);
    }
    out
}

fn provider(out: &mut String, one: &ext::AuthProvider) {
    let state = match (one.ready, one.source, one.needs_key) {
        (true, Some(ext::KeySource::Environment), _) => "ready, key from the environment",
        (true, Some(ext::KeySource::Keyring), _) => "ready, key in the keyring of the system",
        (true, Some(ext::KeySource::Dotenv), _) => "ready, key from the workspace's .env",
        (true, Some(_), _) => "ready, stored key",
        (true, None, _) => "ready, needs no key",
        (false, _, true) => "not ready",
        (false, _, false) => "needs no key, not ready",
    };
    let _ = writeln!(out, "- {} at {}: **{state}**", code(&one.id, LINE), code(&one.base_url, LINE));
    if let Some(next) = &one.next {
        let _ = writeln!(out, "  {}", plain(next, LINE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_can_be_done_stands_there() {
        let provider = |id: &str, ready: bool, key_env: Option<&str>| ext::AuthProvider {
            id: id.to_owned(),
            base_url: "https://example.org".to_owned(),
            needs_key: key_env.is_some(),
            ready,
            key_env: key_env.map(str::to_owned),
            next: (!ready).then(|| "Do *this*.".to_owned()),
            ..ext::AuthProvider::default()
        };
        let status = ext::AuthStatusResult {
            providers: vec![provider("anthropic", false, Some("A_KEY")), provider("ollama", true, None)],
            ready: false,
            message: "No model is chosen.".to_owned(),
        };
        let page = render(&status, Some(&Kept::Said("First\n# second".to_owned())));
        for part in [
            "No model is chosen.",
            "> First\n> # second\n",
            "`glossator login anthropic`",
            "`A_KEY`",
            "glossator demo",
            "- `anthropic` at `https://example.org`: **not ready**\n  Do \\*this\\*.",
            "- `ollama` at `https://example.org`: **ready, needs no key**",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert!(render(&status, Some(&Kept::Written)).contains("kept in the prompt document"));
    }
}
