//! FETCH in complete message batches, between which other commands may be sent.

use std::collections::VecDeque;

use crate::connection::on_progress::MessagesDone;
use crate::error::{Error, Result};
use crate::mailbox_guard::{Access, MailboxGuard};
use crate::types::fetch::FetchItem;
use crate::types::search::SearchKey;
use crate::types::uid_set::UidSet;
use crate::wire::response::fetch::Fetch;

/// The rest of a FETCH that is done one message batch at a time; see [`MailboxGuard::batches`].
#[derive(Debug)]
#[must_use = "nothing is fetched until `next` is called"]
pub struct Batches {
    left: VecDeque<UidSet>,
    items: Vec<FetchItem>,
    /// The messages of the batches that were fetched, and of all, for the progress.
    messages: [u64; 2],
    /// The error that ended a batch whose messages were returned all the same.
    ended_by: Option<Error>,
}

impl<A: Access> MailboxGuard<'_, A> {
    /// Prepares to fetch messages in batches, so that commands can be sent between them.
    ///
    /// Sends UID SEARCH first for the UIDs that exist, so that each batch except the last has
    /// `size` messages, unless some are removed meanwhile. A `size` of 0 counts as 1. An empty set
    /// that a search returned sends nothing.
    ///
    /// Nothing is borrowed: each [`next`](Batches::next) is given the guard. A whole batch is in
    /// memory, so `size` depends on the items: thousands for flags, a few for bodies.
    ///
    /// # Errors
    ///
    /// As for [`search`](Self::search). Invalid items are an error of the first
    /// [`next`](Batches::next), before anything is sent.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{FetchItem, Flag, MixedOrigins, Printable, StoreAction, UidSet};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let mut batches = inbox.batches(&UidSet::all(), [FetchItem::Envelope], 50)?;
    /// while let Some(batch) = batches.next(&mut inbox)? {
    ///     for message in &batch {
    ///         println!("{}", Printable(message.envelope()?.subject()));
    ///     }
    ///     let uids = batch.iter().collect::<Result<UidSet, MixedOrigins>>()?;
    ///     if !uids.is_empty() {
    ///         inbox.store(&uids, StoreAction::Add, [Flag::Seen])?; // allowed here
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "chunks")]
    pub fn batches(
        &mut self,
        uids: &UidSet,
        items: impl Into<Vec<FetchItem>>,
        size: usize,
    ) -> Result<Batches> {
        let is_something = self.held.lease("UID FETCH")?.check_set(uids)?;
        let present = match is_something {
            true => self.search(SearchKey::from(uids))?,
            false => UidSet::new(),
        };
        let size = u64::try_from(size).unwrap_or(u64::MAX);
        let batches = present.as_numbers().fewer(size);
        let batches = batches.map(|batch| self.held.mark(batch));
        let total = present.as_numbers().len().unwrap_or(0);
        Ok(Batches {
            messages: [0, total],
            left: batches.collect(),
            items: items.into(),
            ended_by: None,
        })
    }
}

impl Batches {
    /// Fetches the next batch: one [`Fetch`] for each message; `None` after the last (UID FETCH).
    ///
    /// The messages are in the order of the server. A batch is empty if all its messages were
    /// removed meanwhile.
    ///
    /// # Errors
    ///
    /// As for [`fetch`](MailboxGuard::fetch); [`Error::StaleUids`] for a guard of another mailbox.
    /// A batch that failed is not tried again. If messages came before the error, they are
    /// returned, and the next call returns the error.
    pub fn next<A: Access>(
        &mut self,
        guard: &mut MailboxGuard<'_, A>,
    ) -> Result<Option<Vec<Fetch>>> {
        if let Some(error) = self.ended_by.take() {
            return Err(error);
        }
        let Some(batch) = self.left.pop_front() else {
            return Ok(None);
        };
        let mut messages = Vec::new();
        let [done, total] = self.messages;
        self.messages = [done.saturating_add(batch.len()), total];
        let read = guard
            .fetch(&batch, &self.items)?
            .counting_from(MessagesDone::from(done, Some(total)))
            .collect_into(&mut messages);
        match read {
            Err(error) if messages.is_empty() => return Err(error),
            read => self.ended_by = read.err(),
        }
        Ok(Some(messages))
    }

    /// The number of messages in the batches that were not fetched yet, for a report of progress.
    #[must_use]
    pub fn remaining(&self) -> usize {
        let sizes = self.left.iter().map(UidSet::len);
        usize::try_from(sizes.sum::<u64>()).unwrap_or(usize::MAX)
    }
}
