//! The server, asked over raw sockets.

#![allow(unreachable_pub, clippy::unwrap_used, clippy::indexing_slicing)]

mod appending;
mod client;
mod faults;
mod fetching;
mod folders;
mod frozen;
mod grammar;
mod language;
mod limits;
mod login;
mod mirror;
mod notify;
mod objects;
mod outside;
mod presets;
mod resync;
mod rights;
mod searching;
mod selected;
mod server;
mod shown;
mod switches;
mod tls;
mod trouble;
