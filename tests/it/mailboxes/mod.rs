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
use latchbox::{Error, Result};

#[track_caller]
fn assert_unsupported<T: std::fmt::Debug>(result: Result<T>, capability: &Capability) {
    match result {
        Err(Error::Unsupported(missing)) => assert_eq!(missing.capability(), capability),
        other => panic!("{other:?}"),
    }
}
