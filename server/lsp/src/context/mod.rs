//! What a model is sent, what it was sent and what that cost, the board of a session and the cabinet of a workspace: as
//! requests of the extension and as documents for every client. All of it is the agent's; here it is only shown.

pub mod cabinet;
pub mod commands;
pub mod page;
mod requests;
pub mod sent;
mod told;
pub mod usage;
