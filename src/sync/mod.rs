//! Sync: what has changed since a checkpoint that the program stored.
//!
//! [`Session::mailboxes_changed_since`](crate::Session::mailboxes_changed_since) reports which
//! mailboxes of an account have to be read.

mod account_changes;
mod compare;
mod mailboxes;

pub use self::account_changes::{AccountChanges, MailboxChange, MailboxChangeKind};
pub use crate::types::account_checkpoint::AccountCheckpoint;
pub use crate::types::invalid_checkpoint::InvalidCheckpoint;
pub use crate::types::mailbox_state::MailboxState;
pub use crate::types::other_account::OtherAccount;
