//! What has changed since a checkpoint: a mirror that is kept by batches is the mailbox, whatever
//! happens to either.

mod ahead;
mod flights;
mod incomplete;
mod million;
pub(crate) mod mirror;
mod model;
mod own;
mod ranges;
mod renamed;
mod thousand;
mod unreadable;
mod wire;
