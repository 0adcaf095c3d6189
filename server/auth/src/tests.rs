//! Tests of key checking, headers and redaction, with an environment of their own.

use std::sync::Arc;

use crate::{AuthError, Credentials, HeaderStyle, KeySource, process_env};

const VARIABLE: &str = "EXAMPLE_API_KEY";

fn with_key(value: Option<&str>) -> Credentials {
    let value = value.map(str::to_owned);
    let lookup = move |name: &str| if name == VARIABLE { value.clone() } else { None };
    Credentials::new(KeySource::Env(VARIABLE.to_owned()), Arc::new(lookup))
}

#[test]
fn headers_by_style() {
    let credentials = with_key(Some("sk-12345"));
    for (style, name, value) in [
        (HeaderStyle::XApiKey, "x-api-key", "sk-12345"),
        (HeaderStyle::Bearer, "authorization", "Bearer sk-12345"),
    ] {
        let header = credentials.header(style).unwrap().unwrap();
        assert_eq!((header.name, header.expose_value()), (name, value));
    }
    assert!(Credentials::none().header(HeaderStyle::Bearer).unwrap().is_none());
}

#[test]
fn a_missing_key_says_what_to_do() {
    for value in [None, Some("")] {
        let error = with_key(value).header(HeaderStyle::XApiKey).unwrap_err();
        assert_eq!(error, AuthError::Missing { variable: VARIABLE.to_owned() });
        let message = error.to_string();
        for part in [VARIABLE, "export", "glossator demo"] {
            assert!(message.contains(part), "{message}");
        }
    }
}

#[test]
fn an_unfit_key_is_refused_and_never_shown() {
    for (value, word) in [
        ("sk-secret\n", "line break"),
        ("sk-secret x", "white space"),
        (" sk-secret", "white space"),
        ("sk-secret\u{a0}", "white space"),
        ("sk-secret-ß", "ASCII"),
        ("sk-secret\u{7}", "control"),
        ("sk-secret\0", "control"),
    ] {
        let error = with_key(Some(value)).header(HeaderStyle::Bearer).unwrap_err();
        let message = format!("{error} {error:?}");
        assert!(message.contains(word), "{value:?}: {message}");
        assert!(!message.contains("sk-secret"), "{message}");
    }
}

#[test]
fn secrets_hide_in_debug_and_text() {
    let credentials = with_key(Some("sk-secret"));
    let header = credentials.header(HeaderStyle::Bearer).unwrap().unwrap();
    let shown = format!("{credentials:?} {header:?} {:?}", credentials.key().unwrap());
    assert!(!shown.contains("sk-secret"), "{shown}");
    assert_eq!(credentials.redact("a sk-secret b sk-secret"), "a [redacted] b [redacted]");
    assert_eq!(with_key(Some("sk-secret\n")).redact("echo sk-secret!"), "echo [redacted]!");
    for harmless in [None, Some(""), Some("a"), Some("   ")] {
        assert_eq!(with_key(harmless).redact("a banana   split"), "a banana   split");
    }
}

#[test]
fn the_process_environment_is_reachable() {
    let lookup = process_env();
    assert!(lookup("PATH").is_some());
    assert_eq!(lookup("GLOSSATOR_SURELY_NOT_SET"), None);
}
