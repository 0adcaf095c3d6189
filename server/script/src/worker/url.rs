//! Addresses for the prelude's `URL` and `URLSearchParams`: parsed, changed and written as browsers do. Pure.

use rquickjs::prelude::Opt;
use serde::Serializer as _;
use url::{Url, form_urlencoded, quirks};

/// The parts of an address as a JSON array, in the order of the prelude's `PARTS`; nothing when it is none.
pub fn parse(text: String, base: Opt<String>) -> Option<String> {
    let base = match base.0 {
        Some(base) => Some(Url::parse(&base).ok()?),
        None => None,
    };
    Url::options().base_url(base.as_ref()).parse(&text).ok().map(|url| parts(&url))
}

/// The same for an address with one part set; what cannot be set stays, but for the whole address.
pub fn with(href: String, part: String, value: String) -> Option<String> {
    let mut url = Url::parse(&href).ok()?;
    // A part that cannot be set is left as it is, as in browsers.
    let _set = match part.as_str() {
        "href" => return parse(value, Opt(None)),
        "protocol" => quirks::set_protocol(&mut url, &value),
        "username" => quirks::set_username(&mut url, &value),
        "password" => quirks::set_password(&mut url, &value),
        "host" => quirks::set_host(&mut url, &value),
        "hostname" => quirks::set_hostname(&mut url, &value),
        "port" => quirks::set_port(&mut url, &value),
        "pathname" => {
            quirks::set_pathname(&mut url, &value);
            Ok(())
        }
        "search" => {
            quirks::set_search(&mut url, &value);
            Ok(())
        }
        _ => {
            quirks::set_hash(&mut url, &value);
            Ok(())
        }
    };
    Some(parts(&url))
}

fn parts(url: &Url) -> String {
    serde_json::json!([
        quirks::href(url),
        quirks::origin(url),
        quirks::protocol(url),
        quirks::username(url),
        quirks::password(url),
        quirks::host(url),
        quirks::hostname(url),
        quirks::port(url),
        quirks::pathname(url),
        quirks::search(url),
        quirks::hash(url),
    ])
    .to_string()
}

/// The names and values of a query, as a JSON array of pairs. Written one by one: a query may have millions.
pub fn pairs(text: &str) -> String {
    let mut json = Vec::new();
    let written = serde_json::Serializer::new(&mut json).collect_seq(form_urlencoded::parse(text.as_bytes()));
    written.ok().and_then(|()| String::from_utf8(json).ok()).unwrap_or_default()
}

/// A query of such pairs.
pub fn query(json: &str) -> String {
    let pairs: Vec<(String, String)> = serde_json::from_str(json).unwrap_or_default();
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
