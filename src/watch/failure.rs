//! Errors of a watch: what each of them is about.

use crate::error::{CloseReason, Error};
use crate::types::mailbox_name::MailboxName;

/// An error, and the mailbox that was selected or read.
pub(super) struct Failure {
    pub(super) mailbox: Option<MailboxName>,
    pub(super) error: Error,
}

/// What an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The mailbox is not selected any more, or has other UIDs: it has to be selected again.
    Selection,
    /// One mailbox.
    Mailbox,
    /// The connection: another one may do.
    Connection,
    /// The account or the session: no attempt can succeed.
    All,
}

impl Failure {
    pub(super) fn of(mailbox: &MailboxName, error: Error) -> Self {
        Self {
            mailbox: Some(mailbox.clone()),
            error,
        }
    }

    pub(super) fn of_connection(error: Error) -> Self {
        Self {
            mailbox: None,
            error,
        }
    }
}

impl Scope {
    pub(super) fn of(error: &Error) -> Self {
        let of_attempt = || match error.is_retryable() {
            true => Self::Connection,
            false => Self::All,
        };
        match error {
            Error::Login(_) => Self::All,
            Error::Closed(_) if error.is_auth() => Self::All,
            Error::Closed(closed) => match *closed.reason {
                CloseReason::Cancelled => Self::All,
                _ => Self::Connection,
            },
            Error::Refused(refused) if refused.is_of_login() => of_attempt(),
            Error::Connect(_)
            | Error::Credentials(_)
            | Error::Lock(_)
            | Error::Resources(_)
            | Error::Throttled(_)
            | Error::Truncated(_)
            | Error::StreamOpen
            | Error::Cancelled(_) => Self::Connection,
            Error::Mailbox(_) | Error::StaleUids(_) => Self::Selection,
            _ => Self::Mailbox,
        }
    }
}
