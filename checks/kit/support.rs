//! The private Dovecot of the checks on real servers.

#![allow(dead_code)]

#[path = "../../tests/it/support/certificates.rs"]
pub(crate) mod certificates;
#[path = "../servers/support/dovecot/mod.rs"]
pub(crate) mod dovecot;
#[path = "../servers/support/private_server.rs"]
pub(crate) mod private_server;
