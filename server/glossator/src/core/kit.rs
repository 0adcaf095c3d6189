//! What a client of the core is served with: its own environment and command line, and the agents of all.

use super::Hello;
use crate::assemble::Agents;
use glossator_lsp::Kit;
use glossator_settings::{Environment, Folders};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The kit for the client that said `hello`; `stop` ends its connection.
pub fn kit(hello: &Hello, folders: &Folders, agents: &Arc<Agents>, stop: CancellationToken) -> Kit {
    let inherited = Arc::new(hello.environment());
    let all = inherited.clone();
    let variables = move |name: &str| {
        let found = all.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.to_string_lossy().into_owned())
    };
    Kit {
        folders: folders.clone(),
        environment: Environment {
            variables: Arc::new(variables),
            settings_file: folders.config.join("settings.toml"),
            inherited: Some(inherited),
            dotenv: None,
            is_hurried: false,
        },
        agent: agents.maker(),
        stop,
        cwd: hello.cwd(),
        interactive: hello.interactive,
        command_line: hello.command_line.clone(),
        notices: Vec::new(),
        outlives: true,
    }
}
