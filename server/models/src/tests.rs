//! Unit tests of the crate: pure parts as tables, the client against the scripted server on the loopback interface.

mod client;
mod decode;
mod encode;
mod retry;
mod sse;
