//! How providers are reached: timing, certificates, proxies. Data only.

use std::path::PathBuf;
use std::time::Duration;

/// How providers are reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Longest time to set up a connection.
    pub connect_timeout: Duration,
    /// Longest silence, before an answer begins and within it. There is no limit to the whole.
    pub idle_timeout: Duration,
    /// How often a failed request is sent again.
    pub max_retries: u32,
    /// First pause before a retry, where the provider does not say how long; doubles each time.
    pub backoff_base: Duration,
    /// Longest such pause.
    pub backoff_cap: Duration,
    /// Longest pause that a provider may ask for; when it wants more, the request fails.
    pub max_wait: Duration,
    /// A PEM file of certificates to be trusted beside the system's own.
    pub ca_file: Option<PathBuf>,
    /// The proxy for every address but this machine's own: `http://`, `https://`, `socks5://` or `socks5h://` (which
    /// lets the proxy look names up), with `user:password@` where it wants them; `none` for no proxy at all. Not set:
    /// what the environment says (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`).
    pub proxy: Option<String>,
    /// Hosts that `proxy` is not asked for, as in `NO_PROXY`: `.example.com, 10.0.0.0/8`.
    pub no_proxy: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_secs(300),
            max_retries: 4,
            backoff_base: Duration::from_millis(500),
            backoff_cap: Duration::from_secs(8),
            max_wait: Duration::from_secs(300),
            ca_file: None,
            proxy: None,
            no_proxy: None,
        }
    }
}
