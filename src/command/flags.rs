//! FETCH of flags alone (RFC 9051 section 6.4.5), collected in little memory.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::mailbox_guard::{Access, MailboxGuard};
use crate::types::fetch_messages::FetchMessages;
use crate::types::flag_table::FlagTable;
use crate::types::message_set::MessageSet;
use crate::types::search::SearchKey;
use crate::types::uid::Uid;
use crate::types::uid_set::UidSet;
use crate::wire::response::fetch::Fetch;
use crate::wire::response::item_error::ItemError;

impl<A: Access> MailboxGuard<'_, A> {
    /// Fetches the flags of messages into a table of 16 octets a message (UID FETCH with FLAGS).
    ///
    /// # Errors
    ///
    /// As for [`fetch`](Self::fetch); [`Error::Item`](crate::Error::Item) if the flags of a message
    /// cannot be read. If flags that came before an error are needed, use
    /// [`fetch_flags_into`](Self::fetch_flags_into).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{Flag, UidSet};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let table = inbox.fetch_flags(&UidSet::all())?;
    /// let both = table.iter().filter(|message| {
    ///     message.flags().contains(&Flag::Answered) && message.flags().contains(&Flag::Flagged)
    /// });
    /// println!("{} of {} messages are answered and flagged", both.count(), table.len());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "FLAGS")]
    pub fn fetch_flags(&mut self, uids: &UidSet) -> Result<FlagTable> {
        let mut table = FlagTable::new();
        self.fetch_flags_into(&mut table, FetchMessages::flags(uids))?;
        Ok(table)
    }

    /// Fetches flags into a table, where they replace the earlier flags of each message.
    ///
    /// With [`FetchMessages::changed_since`] only changed messages are reported; with
    /// [`FetchMessages::changed_or_vanished_since`] messages that do not exist are also removed
    /// from the table. The server then reports mod-sequences without being asked, and the table has
    /// them.
    ///
    /// # Errors
    ///
    /// As for [`stream`](Self::stream). Before anything is sent:
    /// [`Error::StaleUids`](crate::Error::StaleUids) for a table of another mailbox;
    /// [`Error::Argument`](crate::Error::Argument) if FLAGS is not among the items. Later,
    /// [`Error::Item`](crate::Error::Item) if the flags of a message could not be read, and were
    /// not reported again. Flags that came before an error are in the table; if one message could
    /// not be read, the table has all others.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::command::FetchMessages;
    /// use latchbox::types::{Flag, StoreAction, UidSet};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let all = UidSet::all();
    /// let mut table = inbox.fetch_flags(&all)?;
    /// let seen = inbox.mailbox()?.highest_mod_seq().ok_or("the server keeps none")?;
    ///
    /// inbox.store(&all, StoreAction::Add, [Flag::Flagged])?;
    /// inbox.fetch_flags_into(&mut table, FetchMessages::flags(&all).changed_since(seen))?;
    /// assert_eq!(table.with_flag(&Flag::Flagged).len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fetch_flags_into(
        &mut self,
        table: &mut FlagTable,
        fetch: FetchMessages<'_>,
    ) -> Result<()> {
        if !fetch.has_flags() {
            return Err(Error::text("items", "FLAGS is not among them"));
        }
        self.held.check_origin(table.origin())?;
        let marked = self.held.mark(UidSet::new());
        if let Some(origin) = marked.shared_origin() {
            table.set_origin(Arc::clone(origin));
        }
        let mut messages = self.stream(fetch)?;
        let most = table.octets().saturating_add(messages.most_kept()?);
        let mut unread = None;
        let read = loop {
            match messages.next() {
                Ok(Some(message)) => {
                    put(table, message, &mut unread);
                    if table.octets() > most {
                        break Err(messages.kept_too_much());
                    }
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        table.settle();
        table.remove(&messages.vanished());
        table.shrink();
        read?;
        if fetch.asks_for_vanished() {
            self.drop_removed(table)?;
        }
        match unread {
            Some((uid, error)) if table.get(uid).is_none() => Err(error.into()),
            _ => Ok(()),
        }
    }
}

impl<A: Access> MailboxGuard<'_, A> {
    /// Removes messages that do not exist from a table that has more of them than the mailbox: the
    /// server has not reported all that were removed.
    fn drop_removed(&mut self, table: &mut FlagTable) -> Result<()> {
        let exists = usize::try_from(self.exists()).unwrap_or(usize::MAX);
        if table.len() > exists {
            let left = self.search(SearchKey::All)?;
            table.keep(&left);
        }
        Ok(())
    }
}

/// Stores the flags of one message in the table; the first unreadable ones become `unread`.
fn put(table: &mut FlagTable, message: &Fetch, unread: &mut Option<(Uid, ItemError)>) {
    let uid = message.uid();
    let Some(flags) = message.flags() else {
        let error = || message.errors().next();
        unread.get_or_insert_with(|| {
            let missing = || ItemError::missing("FLAGS");
            (uid, error().unwrap_or_else(missing))
        });
        return;
    };
    let read = || flags.collect();
    table.put(uid, flags.octets(), read, message.mod_seq());
}
