//! The house rules of the design, held by tests: each rule says where it is broken and how to mend it.
//! Exceptions stand in `tidy/*.txt`; those lists may only shrink (`GLOSSATOR_ACCEPT=1` writes them down, never up).
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod dependencies;
mod facts;
mod forgotten;
mod headers;
mod layers;
mod links;
mod ratchet;
mod report;
mod selftest;
mod siblings;
mod sizes;
mod sources;
mod tree;
mod walls;
mod words;
