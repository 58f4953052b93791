//! What has changed since: batches of changes to apply to a copy of a mailbox, each with the
//! checkpoint that is true after it.

mod batch;
mod changes;
mod look;
mod own;
mod request;
mod requesting;

pub use self::batch::{Batch, ChangedMessages, Restart, RestartReason};
pub use self::changes::Changes;
pub use self::own::OwnChange;
pub use self::request::{FetchChanges, History, Way};
pub use crate::types::checkpoint::Checkpoint;
pub use crate::types::invalid_checkpoint::InvalidCheckpoint;
