//! UIDBATCHES (RFC 10022): a mailbox in ranges of UIDs that hold about equally many messages.

use std::num::NonZeroU32;

use crate::connection::pipeline::Among;
use crate::error::{Error, Result};
use crate::exchange::{Simple, take_other};
use crate::mailbox_guard::lease::MailboxLease;
use crate::mailbox_guard::{Access, MailboxGuard};
use crate::types::capability::Capability;
use crate::types::invalid_set::InvalidSet;
use crate::types::number_range::Span;
use crate::types::number_set::NumberSet;
use crate::types::search::SearchKey;
use crate::types::uid_set::UidSet;
use crate::wire::encoder::Encoder;
use crate::wire::response::{Untagged, uid_batches};

/// The smallest batch size that a server accepts.
const LEAST: u32 = 500;

/// The messages whose batches are requested in one command; servers refuse many more.
const AT_ONCE: u32 = 100_000;

impl<A: Access> MailboxGuard<'_, A> {
    /// Divides the mailbox into ranges of UIDs with about `size` messages each, newest first
    /// (UIDBATCHES).
    ///
    /// It serves to process a large mailbox range by range: in each, a FETCH or STORE has an answer
    /// of bounded size. The ranges cover all UIDs from the highest down to 1, also those of no
    /// message; messages that arrive later are in none. An empty mailbox has none. A `size` of 0
    /// counts as 1. For the messages themselves, see [`batches`](Self::batches).
    ///
    /// A server with UIDBATCHES (RFC 10022) returns ranges whose sizes may be off by a tenth, in
    /// one command for 100,000 messages. If the server lacks it, or for a size below 500, which it
    /// does not allow, the ranges are computed from a UID SEARCH for all messages.
    ///
    /// # Errors
    ///
    /// As for [`search`](Self::search); [`Error::Unparsable`] for ranges that overlap, or are more
    /// than the mailbox can have.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::FetchItem;
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// for range in inbox.uid_batches(5000)? {
    ///     for message in inbox.fetch(&range, [FetchItem::Flags])? {
    ///         println!("{:?}", message?.uid());
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "UIDBATCHES")]
    pub fn uid_batches(&mut self, size: u32) -> Result<Vec<UidSet>> {
        let mut lease = self.held.lease(AskBatches::NAME)?;
        let is_offered = lease.capabilities()?.supports(&Capability::UidBatches);
        let ranges = match is_offered && size >= LEAST {
            true => lease.ask_batches(size)?,
            false => {
                let all = lease.search_uids(&SearchKey::All)?;
                divided(all.as_numbers(), size)
            }
        };
        let sets = ranges.into_iter();
        let sets = sets.map(|range| NumberSet::between(range.first, range.last));
        Ok(sets.map(|set| self.held.mark(set)).collect())
    }
}

impl MailboxLease<'_> {
    /// Requests the ranges from the server, in as many commands as it takes.
    fn ask_batches(&mut self, size: u32) -> Result<Vec<Span>> {
        let at_once = (AT_ONCE / size).max(1);
        let mut ranges: Vec<Span> = Vec::new();
        let mut first = 1_u32;
        loop {
            let last = first.saturating_add(at_once - 1);
            let ask = AskBatches { size, first, last };
            let answer = self.execute(&ask)?;
            let answer = answer.map_err(|_| Error::unreadable(AskBatches::NAME))?;
            if answer.is_empty() {
                return Ok(ranges);
            }
            // Their sizes may be off by a tenth.
            let most = u64::from(self.exists()) * 2 / u64::from(size) + u64::from(at_once);
            for range in answer {
                let is_below = ranges.last().is_none_or(|above| range.last < above.first);
                if !is_below || ranges.len() as u64 >= most {
                    return Err(Error::unreadable(AskBatches::NAME));
                }
                ranges.push(range);
            }
            let ends = ranges.last().map(|range| range.first);
            if ends == Some(NonZeroU32::MIN) {
                return Ok(ranges);
            }
            first = last.saturating_add(1);
        }
    }
}

/// The ranges of so many UIDs each that cover all from the highest down to 1; the last may have fewer.
fn divided(uids: &NumberSet, size: u32) -> Vec<Span> {
    let (size, count) = (u64::from(size.max(1)), uids.len().unwrap_or_default());
    let lowest = count % size;
    let parts = [uids.places(1, lowest), uids.places(lowest + 1, count)];
    let parts = parts.iter().filter(|part| !part.is_empty());
    let mut ranges: Vec<Span> = Vec::new();
    for part in parts.flat_map(|part| part.fewer(size)) {
        let first = match ranges.last() {
            Some(below) => below.last.saturating_add(1),
            None => NonZeroU32::MIN,
        };
        ranges.extend(part.last().and_then(|last| Span::new(first, last)));
    }
    ranges.reverse();
    ranges
}

struct AskBatches {
    size: u32,
    first: u32,
    last: u32,
}

impl Simple for AskBatches {
    const NAME: &'static str = "UIDBATCHES";
    const NEEDS: Option<Capability> = Some(Capability::UidBatches);
    type Partial = Option<Result<Vec<Span>, InvalidSet>>;

    fn arguments<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        let Self { size, first, last } = self;
        encoder.display(format_args!(" {size} {first}:{last}"));
        Ok(())
    }

    fn claim<'r>(
        &self,
        found: &mut Self::Partial,
        data: Untagged<'r>,
        _: Option<Among>,
    ) -> Option<Untagged<'r>> {
        take_other(found, data, uid_batches::parse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn of(uids: &str, size: u32) -> String {
        let ranges = divided(&NumberSet::parse(uids.as_bytes()).unwrap(), size);
        let ranges = ranges
            .iter()
            .map(|range| format!("{}:{}", range.last, range.first));
        ranges.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ranges_cover_the_gaps_and_reach_uid_1() {
        assert_eq!(of("3,5,8:9,12", 2), "12:9 8:4 3:1");
        assert_eq!(of("3,5,8:9", 2), "9:6 5:1");
        assert_eq!(of("3,5", 0), "5:4 3:1");
        assert_eq!(of("7", 500), "7:1");
        assert_eq!(of("1:4294967295", u32::MAX), "4294967295:1");
        assert_eq!(divided(&NumberSet::new(), 500).len(), 0);
    }
}
