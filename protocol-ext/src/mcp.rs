//! `glossator/mcp/status`: the MCP servers that are used.

use serde::{Deserialize, Serialize};

/// Parameters of `glossator/mcp/status`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct McpStatusParams {}

/// Result of `glossator/mcp/status`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct McpStatusResult {
    /// The servers.
    pub servers: Vec<McpServer>,
    /// All of this for people.
    pub message: String,
}

/// One MCP server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct McpServer {
    /// What the settings call it.
    pub name: String,
    /// Whether its tools can be called.
    pub ready: bool,
    /// For people: why not, or what it offers.
    pub message: String,
}
