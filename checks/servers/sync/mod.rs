//! What has changed since a checkpoint, on real servers: a copy is kept by the loop that the docs
//! show, and compared with what another client than ours sees (`read.py`).

mod constant;
pub(crate) mod follower;
mod hand;
mod interrupted;
mod lost;
pub(crate) mod mirror;
mod own;
pub(crate) mod place;
pub(crate) mod reader;
mod story;
