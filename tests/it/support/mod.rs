//! What tests stand on: servers, certificates and directories; nothing here knows the client.

// Each piece is for whichever test wants it, today or next week.
#![allow(dead_code)]

pub(crate) mod certificates;
pub(crate) mod chance;
pub(crate) mod closed_port;
pub(crate) mod log;
#[cfg(feature = "scram")]
pub(crate) mod scram;
pub(crate) mod sources;
pub(crate) mod tap;

pub(crate) use latchbox_testkit::{fault_proxy, script};
