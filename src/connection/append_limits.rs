//! The largest message that each mailbox accepts, as far as the server reported it (APPENDLIMIT,
//! RFC 7889).

use std::collections::HashMap;

use crate::types::mailbox_name::MailboxName;
use crate::wire::response::Untagged;
use crate::wire::same_mailbox::spelling;

/// The most limits that are kept; beyond that, the server has to be queried again.
const MOST: usize = 1_000;

/// The limits that are known.
#[derive(Default)]
pub(crate) struct AppendLimits {
    /// Those of the mailboxes whose STATUS had one.
    by_name: HashMap<String, u64>,
    /// That of all others, from CAPABILITY.
    of_others: Option<u64>,
}

impl AppendLimits {
    /// The limit of a mailbox, in octets.
    pub(crate) fn of(&self, mailbox: &MailboxName) -> Option<u64> {
        match self.by_name.is_empty() {
            true => self.of_others,
            false => {
                let own = self.by_name.get(&*spelling(mailbox));
                own.copied().or(self.of_others)
            }
        }
    }

    /// Records the limit of CAPABILITY.
    pub(crate) fn set_others(&mut self, limit: Option<u64>) {
        self.of_others = limit;
    }

    /// Records the limit of a STATUS. 0 is what a server writes that has no limit (go-imap).
    pub(crate) fn note(&mut self, data: &Untagged<'_>) {
        let Untagged::MailboxStatus(status) = data else {
            return;
        };
        let Some(limit) = status.append_limit().filter(|limit| *limit > 0) else {
            return;
        };
        if self.by_name.len() >= MOST {
            self.by_name.clear();
        }
        self.by_name
            .insert(spelling(status.name()).into_owned(), limit);
    }
}
