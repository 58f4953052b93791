//! The error if a checkpoint is used in another account.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::types::account_id::{AccountId, Shown};

/// An error: a checkpoint of one account was used in another; nothing was sent.
///
/// The mailboxes of one account say nothing about those of another, even if they have the same
/// names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherAccount {
    account: Arc<AccountId>,
    here: Arc<AccountId>,
}

impl OtherAccount {
    pub(crate) fn new(account: &Arc<AccountId>, here: &Arc<AccountId>) -> Self {
        Self {
            account: Arc::clone(account),
            here: Arc::clone(here),
        }
    }

    /// The account of the checkpoint.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The account of the session.
    #[must_use]
    pub fn session_account(&self) -> &AccountId {
        &self.here
    }
}

impl fmt::Display for OtherAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (account, here) = (Shown(&self.account), Shown(&self.here));
        write!(
            f,
            "the checkpoint is of {account}, and the session of {here}"
        )
    }
}

impl Error for OtherAccount {}
