//! What has changed since a checkpoint: a mirror that is kept by batches is the mailbox, whatever
//! happens to either.

mod million;
pub(crate) mod mirror;
mod model;
mod unreadable;
mod wire;
