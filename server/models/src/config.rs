//! The timing of requests. Data only.

use std::time::Duration;

/// Timing of requests.
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
        }
    }
}
