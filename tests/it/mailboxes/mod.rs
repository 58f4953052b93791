//! Which mailboxes there are and what they are for, and marks on messages beyond flags: what is
//! sent by what the server has.

mod acl;
mod creating;
mod flagging;
mod listing;
mod metadata;
mod names;
mod octets;
mod quota;
mod special;
mod trash;
mod unreadable;

use latchbox::types::Capability;
use latchbox::{Error, Result, Session};

use crate::scripted::logged_in_with;
use crate::support::script::Script;

/// A script that goes on after the login, on a server that can do this.
#[track_caller]
fn server(capabilities: &str, text: &str) -> (Script, Session) {
    logged_in_with(capabilities, text, |builder| builder)
}

#[track_caller]
fn assert_unsupported<T: std::fmt::Debug>(result: Result<T>, capability: &Capability) {
    match result {
        Err(Error::Unsupported(missing)) => assert_eq!(missing.capability(), capability),
        other => panic!("{other:?}"),
    }
}
