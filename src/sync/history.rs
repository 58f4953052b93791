//! The part of the history that the next batch gets: the newest messages, or, if it is not known which
//! UIDs have messages, a range of UIDs that has about as many.

use crate::error::Result;
use crate::mailbox_guard::{Access, MailboxGuard};
use crate::sync::request::History;
use crate::sync::steps::{Steps, newest};
use crate::types::capability::Capability;
use crate::types::number_set::NumberSet;

/// The smallest batch of UIDBATCHES (RFC 10022).
const LEAST: u32 = 500;

impl Steps {
    /// The size of ranges that have no more messages than a batch, although their sizes may be off by
    /// a tenth; `None` if the server has no such ranges.
    fn range_size<A: Access>(&self, guard: &mut MailboxGuard<'_, A>) -> Result<Option<u32>> {
        let size = self
            .request
            .batch_size
            .saturating_sub(self.request.batch_size / 10);
        let size = size.saturating_sub(1);
        let mut lease = guard.held.lease("UIDBATCHES")?;
        let has_ranges = lease.capabilities()?.supports(&Capability::UidBatches);
        let is_possible = has_ranges && size >= LEAST && self.request.batch_octets.is_none();
        Ok(is_possible.then_some(size))
    }

    /// Whether a search for the UIDs of the history would cost more than ranges of UIDs: the server
    /// searches only so many messages with one command, and divides the mailbox with one command for
    /// many more.
    pub(super) fn needs_no_search<A: Access>(
        &self,
        guard: &mut MailboxGuard<'_, A>,
    ) -> Result<bool> {
        let is_all = self.request.history == History::All && !self.request.is_new;
        if !is_all || self.range_size(guard)?.is_none() {
            return Ok(false);
        }
        let mut lease = guard.held.lease("UIDBATCHES")?;
        let limit = lease.capabilities()?.message_limit();
        Ok(limit.is_some_and(|limit| limit < self.look.exists))
    }

    /// The newest messages of the history that are to be fetched, at most so many.
    pub(super) fn newest_of_history<A: Access>(
        &mut self,
        guard: &mut MailboxGuard<'_, A>,
        history: &NumberSet,
        most: u64,
    ) -> Result<NumberSet> {
        let is_exact = history.len() <= Some(u64::from(self.look.exists))
            || history.len() <= Some(u64::from(self.request.batch_size));
        if most == 0 || is_exact {
            return Ok(newest(history, most));
        }
        if u64::from(self.look.exists) <= most && self.request.batch_octets.is_none() {
            return Ok(history.clone());
        }
        let Some(size) = self.range_size(guard)? else {
            let found = self.search(guard, history.clone(), None)?;
            self.gone = self.gone.union(&history.difference(&found));
            return Ok(newest(&found, most));
        };
        if self.ranges.is_none() {
            let mut ranges = guard.uid_batches(size)?;
            ranges.reverse();
            self.ranges = Some(ranges);
        }
        while let Some(range) = self.ranges.as_mut().and_then(Vec::pop) {
            let part = history.intersection(range.as_numbers());
            if !part.is_empty() {
                return Ok(part);
            }
        }
        // No message is outside of the ranges.
        self.gone = self.gone.union(history);
        Ok(NumberSet::new())
    }
}
