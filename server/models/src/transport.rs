//! HTTP clients, built when first needed and then shared: their connections are reused. Knows nothing of wires.

use crate::{ErrorKind, ModelError};
use reqwest::{Client, ClientBuilder, Url, redirect};
use std::error::Error;
use std::sync::OnceLock;
use std::time::Duration;

/// One client for each way of reaching an address. Loading the system's certificates takes time and memory and fails
/// where there are none, so an `http://` address does without; a proxy never stands before this machine itself.
#[derive(Default)]
pub(crate) struct Clients {
    tls: OnceLock<Result<Client, String>>,
    plain: OnceLock<Result<Client, String>>,
    loopback: OnceLock<Result<Client, String>>,
}

impl Clients {
    /// The client for `url`.
    pub(crate) fn get(&self, url: &Url, connect_timeout: Duration) -> Result<Client, ModelError> {
        let base = || {
            // Fails when a provider is installed already, which is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
            // A redirect would carry the key to an address that the user did not name.
            Client::builder()
                .user_agent(concat!("glossator/", env!("CARGO_PKG_VERSION")))
                .redirect(redirect::Policy::none())
                .connect_timeout(connect_timeout)
                .tcp_keepalive(Duration::from_secs(60))
                .gzip(false)
        };
        let build = |builder: ClientBuilder| builder.build().map_err(|error| root_cause(&error));
        let client = match (url.scheme(), is_loopback(url)) {
            ("https", _) => self.tls.get_or_init(|| build(base())),
            (_, false) => self.plain.get_or_init(|| build(base().tls_certs_only([]))),
            (_, true) => self.loopback.get_or_init(|| build(base().tls_certs_only([]).no_proxy())),
        };
        client.clone().map_err(|cause| {
            let message = format!(
                "A secure connection cannot be set up: {cause}. Install the system's CA certificates (Debian: apt install \
                 ca-certificates) or name a file of them in SSL_CERT_FILE."
            );
            ModelError::new(ErrorKind::Network, message)
        })
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Host and port, the part of an address that is safe to show.
pub(crate) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The innermost cause; the outer ones only say that sending failed, and may show the whole address.
pub(crate) fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: Option<&dyn Error> = error.source();
    while let Some(inner) = cause.and_then(Error::source) {
        cause = Some(inner);
    }
    cause.map_or_else(|| "unknown reason".to_owned(), ToString::to_string)
}

/// The error of a request that got no answer at all.
pub(crate) fn unreachable(error: &reqwest::Error, url: &Url, provider: &str) -> ModelError {
    let mut cause = root_cause(error);
    if error.is_timeout() {
        "no connection in time".clone_into(&mut cause);
    }
    let next = match (cause.contains("certificate"), is_loopback(url)) {
        (true, _) => {
            "Check the clock, the system's CA certificates (or SSL_CERT_FILE) and whether a proxy stands between."
        }
        (false, true) => "Start the model server there, or correct base_url in the settings.",
        (false, false) => "Check the network, a proxy (HTTPS_PROXY) and base_url in the settings.",
    };
    let retryable = !cause.contains("certificate");
    let did = if error.is_connect() { "Cannot reach" } else { "No answer from" };
    let message = format!("{did} {} (provider '{provider}'): {cause}. {next}", host(url));
    ModelError { retryable, ..ModelError::new(ErrorKind::Network, message) }
}
