//! The Responses wire: bodies of requests as tables, streams as tables, and whatever else it may be fed.

mod decode;
mod encode;
mod fuzz;
mod parameters;
mod shown;
