//! HTTP clients, built when first needed and then shared: their connections are reused. Owns certificates and proxies.
//! Knows nothing of wires.

use crate::{Config, ErrorKind, ModelError};
use reqwest::{Certificate, Client, ClientBuilder, NoProxy, Proxy, Url, redirect};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// Names no proxy at all, in [`Config::proxy`].
const NO_PROXY: &str = "none";
const PROXY_SCHEMES: &[&str] = &["http", "https", "socks5", "socks5h"];

/// One client for each way of reaching an address. Loading the system's certificates takes time and memory and fails
/// where there are none, so an `http://` address does without; a proxy never stands before this machine itself.
#[derive(Default)]
pub(crate) struct Clients {
    ca_file: Option<PathBuf>,
    proxy: Option<String>,
    no_proxy: Option<String>,
    /// By scheme and by whether the address is this machine's own; the error is for people.
    built: [OnceLock<Result<Client, String>>; 4],
}

impl Clients {
    /// Clients that reach providers as `config` says.
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            ca_file: config.ca_file.clone(),
            proxy: config.proxy.clone(),
            no_proxy: config.no_proxy.clone(),
            ..Self::default()
        }
    }

    /// The client for `url`.
    pub(crate) fn get(&self, url: &Url, connect_timeout: Duration) -> Result<Client, ModelError> {
        let (secure, here) = (url.scheme() == "https", is_loopback(url));
        // To speak with an https:// proxy, certificates are needed for any address.
        let secure_proxy = self.proxy.as_deref().is_some_and(|proxy| proxy.trim().starts_with("https:"));
        let client = self.built[usize::from(secure) * 2 + usize::from(here)].get_or_init(|| {
            let base = base(connect_timeout);
            let builder = if here { base.no_proxy() } else { self.with_proxy(base)? };
            if secure || (secure_proxy && !here) {
                self.with_certificates(builder)
            } else {
                build(builder.tls_certs_only([]))
            }
        });
        client.clone().map_err(|message| ModelError::new(ErrorKind::Network, message))
    }

    fn with_certificates(&self, builder: ClientBuilder) -> Result<Client, String> {
        let builder = match &self.ca_file {
            Some(path) => builder.tls_certs_merge(certificates(path)?),
            None => builder,
        };
        builder.build().map_err(|error| {
            format!(
                "A secure connection cannot be set up: {}. Install the system's CA certificates (Debian: apt install \
                 ca-certificates), or name a file of them in SSL_CERT_FILE or ca_file in [http] of the settings.",
                root_cause(&error)
            )
        })
    }

    fn with_proxy(&self, builder: ClientBuilder) -> Result<ClientBuilder, String> {
        let Some(address) = self.proxy.as_deref().map(str::trim).filter(|address| !address.is_empty()) else {
            return Ok(builder);
        };
        if address == NO_PROXY {
            return Ok(builder.no_proxy());
        }
        // The address is not repeated: it may hold a password.
        let wrong = |why: &str| {
            format!(
                "The proxy of the settings cannot be used: {why}. Its address has to begin with http://, https://, socks5:// \
                 or socks5h:// and to name a host. Correct proxy in [http] of the settings."
            )
        };
        let url = Url::parse(address).map_err(|error| wrong(&error.to_string()))?;
        if !PROXY_SCHEMES.contains(&url.scheme()) || !url.has_host() {
            return Err(wrong("it begins otherwise, or names no host"));
        }
        let proxy = Proxy::all(url).map_err(|error| wrong(&root_cause(&error)))?;
        let except = self.no_proxy.as_deref().and_then(NoProxy::from_string);
        Ok(builder.proxy(proxy.no_proxy(except)))
    }
}

fn base(connect_timeout: Duration) -> ClientBuilder {
    // Fails when a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // A redirect would carry the key to an address that the user did not name.
    Client::builder()
        .user_agent(concat!("glossator/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .connect_timeout(connect_timeout)
        .tcp_keepalive(Duration::from_secs(60))
        .gzip(false)
}

fn build(builder: ClientBuilder) -> Result<Client, String> {
    builder.build().map_err(|error| format!("A connection cannot be set up: {}.", root_cause(&error)))
}

/// The certificates of a PEM file.
fn certificates(path: &Path) -> Result<Vec<Certificate>, String> {
    let wrong = |why: String| {
        format!(
            "The CA file {} cannot be used: {why}. It has to hold PEM certificates (BEGIN CERTIFICATE). Correct ca_file in \
             [http] of the settings.",
            path.display()
        )
    };
    let found = CertificateDer::pem_file_iter(path).map_err(|error| wrong(error.to_string()))?;
    let found: Vec<CertificateDer<'_>> =
        found.collect::<Result<_, _>>().map_err(|error| wrong(error.to_string()))?;
    if found.is_empty() {
        return Err(wrong("there is no certificate in it".to_owned()));
    }
    let made = found.iter().map(|der| Certificate::from_der(der)).collect::<Result<_, _>>();
    made.map_err(|error| wrong(root_cause(&error)))
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
            "Check the clock and the system's CA certificates; if a proxy stands between, name its CA in ca_file of [http] in \
             the settings or in SSL_CERT_FILE."
        }
        (false, true) if url.port() == Some(11434) => {
            "Start Ollama there (`ollama serve`, or open its app), or correct base_url in the settings."
        }
        (false, true) => "Start the model server there, or correct base_url in the settings.",
        (false, false) => {
            "Check the network, the proxy (HTTPS_PROXY, or proxy in [http] of the settings) and base_url in the settings."
        }
    };
    let retryable = !cause.contains("certificate");
    let did = if error.is_connect() { "Cannot reach" } else { "No answer from" };
    let message = format!("{did} {} (provider '{provider}'): {cause}. {next}", host(url));
    ModelError { retryable, ..ModelError::new(ErrorKind::Network, message) }
}
