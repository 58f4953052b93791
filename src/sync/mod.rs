//! Sync: what has changed since a checkpoint that the program stored, in a mailbox and in an
//! account.
//!
//! [`MailboxGuard::changes_since`](crate::MailboxGuard::changes_since) returns the changes of a mailbox
//! in batches, each with the checkpoint to store with it;
//! [`Session::mailboxes_changed_since`](crate::Session::mailboxes_changed_since) returns which
//! mailboxes of an account have to be read. The page [`manual::sync`](crate::manual::sync) explains
//! both.

mod account_changes;
mod added;
mod batch;
mod changes;
mod compare;
mod comparing;
mod fetching;
mod history;
mod look;
mod mailboxes;
mod own;
mod request;
mod requesting;
pub(crate) mod steps;

pub use self::account_changes::{AccountChanges, MailboxChange, MailboxChangeKind};
pub use self::added::{AddedMessage, AddedMessages, UnreadableMessage};
pub use self::batch::{ChangeBatch, ChangedMessages, Restart, RestartReason};
pub use self::changes::Changes;
pub use self::own::OwnChange;
pub use self::request::{FetchChanges, History, Way};
pub use crate::types::account_checkpoint::AccountCheckpoint;
pub use crate::types::checkpoint::Checkpoint;
pub use crate::types::invalid_checkpoint::InvalidCheckpoint;
pub use crate::types::mailbox_state::MailboxState;
pub use crate::types::other_account::OtherAccount;
