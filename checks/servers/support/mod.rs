//! What these checks stand on: real servers, each in a directory of its own; nothing here knows the
//! client.

#![allow(dead_code)]

#[path = "../../../tests/it/support/certificates.rs"]
pub(crate) mod certificates;
#[path = "../../../tests/it/support/chance.rs"]
pub(crate) mod chance;
#[path = "../../../tests/it/support/closed_port.rs"]
pub(crate) mod closed_port;
pub(crate) mod dovecot;
pub(crate) mod private_server;
pub(crate) mod servers;
#[path = "../../../tests/it/support/tap.rs"]
pub(crate) mod tap;

pub(crate) use latchbox_testkit::{fault_proxy, script};
