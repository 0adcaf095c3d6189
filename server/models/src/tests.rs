//! Unit tests of the crate: pure parts as tables, the client against the scripted server on the loopback interface.

mod client;
mod cost;
mod decode;
mod encode;
mod limits;
mod messages;
mod retry;
pub(crate) mod servers;
mod sse;
mod transport;
mod wires;
