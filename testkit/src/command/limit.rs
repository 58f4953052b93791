//! MESSAGELIMIT and SAVELIMIT: how many messages one command works on (RFC 9738).

use crate::connection::{Answer, Connection};
use crate::store::mailbox::Message;

/// Where a command stopped.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Limited {
    limit: usize,
    lowest: u32,
}

impl Limited {
    /// The response code.
    pub(crate) fn code(self) -> String {
        format!("[MESSAGELIMIT {} {}]", self.limit, self.lowest)
    }

    /// The refusal of a command that works on all messages or on none.
    pub(crate) fn refusal(self) -> Answer {
        Answer::No(format!("{} There are too many messages", self.code()))
    }
}

/// Leaves the messages with the highest UIDs, when there are more than a command works on.
pub(crate) fn cut(list: &mut Vec<(u32, &Message)>, limit: Option<usize>) -> Option<Limited> {
    let limit = limit?;
    list.drain(..list.len().checked_sub(limit).filter(|more| *more > 0)?);
    let lowest = list.first().map_or(u32::MAX, |(_, message)| message.uid);
    Some(Limited { limit, lowest })
}

impl Connection {
    /// How many messages a command works on.
    pub(super) fn message_limit(&self) -> Option<usize> {
        self.number_after("MESSAGELIMIT=")
    }

    /// How many messages are saved in a mailbox at once.
    pub(super) fn save_limit(&self) -> Option<usize> {
        let limit = self.number_after("SAVELIMIT=");
        limit.into_iter().chain(self.message_limit()).min()
    }

    fn number_after(&self, prefix: &str) -> Option<usize> {
        let mut names = self.shared.settings.capabilities.iter();
        names.find_map(|name| name.strip_prefix(prefix)?.parse().ok())
    }
}
