//! What changed in a mailbox and when: the log that answers CHANGEDSINCE and VANISHED.

use crate::numbers::Numbers;

/// How many messages a part of the log may name before it is cheaper to look at the messages.
const MANY: u64 = 50_000;

/// The changes of a mailbox, in their order. Each has a revision, which only grows; a mod-sequence
/// is a revision as the clients see it.
#[derive(Clone, Debug)]
pub(crate) struct History {
    revision: u64,
    /// What is taken off a revision: more than 0 once the log was lost.
    base: u64,
    changed: Vec<Span>,
    expunged: Vec<Span>,
    /// The revision of the last expunge.
    last_expunge: u64,
    /// Expunges through this revision are not in the log any more.
    cleared: u64,
    /// What was expunged through this revision is told by what is missing.
    forgotten: u64,
}

/// Messages that changed at one revision.
#[derive(Clone, Copy, Debug)]
struct Span {
    revision: u64,
    first: u32,
    last: u32,
}

impl History {
    pub(crate) fn new() -> Self {
        Self {
            revision: 1,
            base: 0,
            changed: Vec::new(),
            expunged: Vec::new(),
            last_expunge: 0,
            cleared: 0,
            forgotten: 0,
        }
    }

    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    pub(crate) fn last_expunge(&self) -> u64 {
        self.last_expunge
    }

    /// The next revision, for a change that is about to be made.
    pub(crate) fn revise(&mut self) -> u64 {
        self.revision = self.revision.saturating_add(1);
        self.revision
    }

    /// A revision as a mod-sequence.
    pub(crate) fn mod_seq(&self, revision: u64) -> u64 {
        revision.saturating_sub(self.base).max(1)
    }

    /// The revision after which a mod-sequence is higher than this one.
    pub(crate) fn since(&self, mod_seq: u64) -> u64 {
        match mod_seq {
            0 => 0,
            mod_seq => mod_seq.saturating_add(self.base),
        }
    }

    /// Writes down that these messages, from the first UID through the last, have this revision.
    pub(crate) fn changed(&mut self, revision: u64, first: u32, last: u32) {
        match self.changed.last_mut() {
            Some(end) if end.revision == revision && end.last.checked_add(1) == Some(first) => {
                end.last = last;
            }
            _ => self.changed.push(Span {
                revision,
                first,
                last,
            }),
        }
    }

    /// Whether the log names so many more changes than there are messages that it should be
    /// written anew.
    pub(crate) fn is_long(&self, messages: usize) -> bool {
        self.changed.len() > 1000 && self.changed.len() / 4 > messages
    }

    #[cfg(test)]
    pub(crate) fn entries(&self) -> usize {
        self.changed.len()
    }

    /// Begins the log of changes anew, from revisions and UIDs.
    pub(crate) fn rewrite(&mut self, mut messages: Vec<(u64, u32)>) {
        messages.sort_unstable();
        self.changed.clear();
        for (revision, uid) in messages {
            self.changed(revision, uid, uid);
        }
    }

    pub(crate) fn expunged(&mut self, uids: &[u32]) {
        let revision = self.revise();
        self.last_expunge = revision;
        let ranges = Numbers::from_ranges(uids.iter().map(|uid| (*uid, *uid)).collect());
        let spans = ranges.ranges().iter().map(|(first, last)| Span {
            revision,
            first: *first,
            last: *last,
        });
        self.expunged.extend(spans);
    }

    /// The UIDs that the log names after a revision, ascending; `None` when there are too many of
    /// them. Some may have changed again since, or be gone.
    pub(crate) fn changed_since(&self, revision: u64) -> Option<Vec<u32>> {
        let spans = after(&self.changed, revision);
        let named: u64 = spans
            .iter()
            .map(|span| u64::from(span.last - span.first) + 1)
            .sum();
        if named > MANY {
            return None;
        }
        let mut uids: Vec<u32> = spans
            .iter()
            .flat_map(|span| span.first..=span.last)
            .collect();
        uids.sort_unstable();
        uids.dedup();
        Some(uids)
    }

    /// What was expunged after a revision; `None` when that is not in the log any more.
    pub(crate) fn expunged_since(&self, revision: u64) -> Option<Numbers> {
        (revision >= self.cleared).then(|| numbers(after(&self.expunged, revision)))
    }

    /// What a client is told to be gone since a revision; `None` when the server has forgotten it,
    /// and has to report all that does not exist.
    pub(crate) fn vanished_since(&self, revision: u64) -> Option<Numbers> {
        (revision >= self.forgotten).then(|| numbers(after(&self.expunged, revision)))
    }

    /// Forgets what was expunged so far.
    pub(crate) fn forget(&mut self) {
        self.expunged.clear();
        (self.cleared, self.forgotten) = (self.revision, self.revision);
    }

    /// Loses everything: mod-sequences begin at a low number again, and what was expunged so far is
    /// never told.
    pub(crate) fn lose(&mut self) {
        self.expunged.clear();
        (self.cleared, self.forgotten) = (self.revision, 0);
        self.base = self.revision.saturating_sub(2);
    }
}

fn after(spans: &[Span], revision: u64) -> &[Span] {
    let at = spans.partition_point(|span| span.revision <= revision);
    spans.get(at..).unwrap_or_default()
}

fn numbers(spans: &[Span]) -> Numbers {
    Numbers::from_ranges(spans.iter().map(|span| (span.first, span.last)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expunged(history: &mut History, uids: &[u32]) -> u64 {
        history.expunged(uids);
        history.revision()
    }

    #[test]
    fn the_log_says_what_changed_after_a_revision() {
        let mut history = History::new();
        for uid in [1, 2, 1] {
            let revision = history.revise();
            history.changed(revision, uid, uid);
        }
        let bulk = history.revise();
        history.changed(bulk, 3, 5);
        history.changed(bulk, 6, 1_000_000);
        assert_eq!(history.changed_since(4), None);
        assert_eq!(history.changed_since(5), Some(vec![]));
        history.rewrite(vec![(4, 1), (3, 2), (5, 3), (5, 4)]);
        assert_eq!(history.changed_since(2), Some(vec![1, 2, 3, 4]));
        assert_eq!(history.changed_since(4), Some(vec![3, 4]));
    }

    #[test]
    fn a_log_may_be_forgotten_or_lost() {
        let mut history = History::new();
        let first = expunged(&mut history, &[4, 5, 9]);
        let text = |numbers: Option<Numbers>| numbers.map(|numbers| numbers.to_string());
        assert_eq!(text(history.vanished_since(1)).as_deref(), Some("4:5,9"));
        assert_eq!(text(history.vanished_since(first)).as_deref(), Some(""));
        history.forget();
        assert_eq!(text(history.vanished_since(1)), None);
        assert_eq!(text(history.expunged_since(1)), None);
        let second = expunged(&mut history, &[7]);
        assert_eq!(text(history.vanished_since(first)).as_deref(), Some("7"));
        for _ in 0..10 {
            history.revise();
        }
        history.lose();
        assert_eq!(history.mod_seq(history.revision()), 2);
        assert_eq!(history.mod_seq(second), 1);
        let since = history.since(1);
        assert_eq!(text(history.vanished_since(since)).as_deref(), Some(""));
        assert_eq!(text(history.vanished_since(0)).as_deref(), Some(""));
        assert_eq!(text(history.expunged_since(first)), None);
    }
}
