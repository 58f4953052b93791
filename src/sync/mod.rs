//! Sync: what has changed since a checkpoint that the program stored.

pub use crate::types::invalid_checkpoint::InvalidCheckpoint;
