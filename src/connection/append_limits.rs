//! The largest message that each mailbox accepts, as far as the server reported it (APPENDLIMIT,
//! RFC 7889).

use std::collections::HashMap;

use crate::types::mailbox_name::MailboxName;
use crate::wire::response::Untagged;
use crate::wire::same_mailbox::spelling;

/// The most limits that are kept; beyond that, the server has to be queried again.
const MOST: usize = 1_000;

/// The limits of the mailboxes whose STATUS had one.
#[derive(Default)]
pub(crate) struct AppendLimits(HashMap<String, u64>);

impl AppendLimits {
    /// The limit of a mailbox, in octets.
    pub(crate) fn of(&self, mailbox: &MailboxName) -> Option<u64> {
        match self.0.is_empty() {
            true => None,
            false => self.0.get(&*spelling(mailbox)).copied(),
        }
    }

    /// Records the limit of a STATUS. 0 is what a server writes that has no limit (go-imap).
    pub(crate) fn note(&mut self, data: &Untagged<'_>) {
        let Untagged::MailboxStatus(status) = data else {
            return;
        };
        let Some(limit) = status.append_limit().filter(|limit| *limit > 0) else {
            return;
        };
        if self.0.len() >= MOST {
            self.0.clear();
        }
        self.0.insert(spelling(status.name()).into_owned(), limit);
    }
}
