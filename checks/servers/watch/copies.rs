//! What a program keeps that applies the items of a watch: a copy of each mailbox, with the last
//! checkpoint stored as text.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use latchbox::sync::Checkpoint;
use latchbox::watch::{Watch, WatchItem, WatchRequest};

use super::DEADLINE;
use crate::sync::mirror::Mirror;
use crate::sync::place::Place;
use crate::sync::reader::Seen;

/// How often a copy that does not become equal is compared with what the server has now.
const LOOK: Duration = Duration::from_millis(500);

#[derive(Clone, Default)]
pub(super) struct Copies {
    pub(super) mirrors: BTreeMap<String, Mirror>,
    pub(super) up_to_date: usize,
    pub(super) disconnected: usize,
    pub(super) failed: Vec<String>,
    pub(super) gone: Vec<String>,
}

impl Copies {
    /// Applies an item.
    #[track_caller]
    pub(super) fn take(&mut self, item: &WatchItem) {
        let mailbox = item.mailbox().map(ToString::to_string).unwrap_or_default();
        match item {
            WatchItem::Changes { batch, .. } => {
                self.mirrors.entry(mailbox).or_default().apply(batch);
            }
            WatchItem::UpToDate => self.up_to_date += 1,
            WatchItem::Disconnected { .. } => self.disconnected += 1,
            WatchItem::MailboxFailed { .. } => self.failed.push(mailbox),
            WatchItem::MailboxGone(_) => {
                self.mirrors.remove(&mailbox);
                self.gone.push(mailbox);
            }
            // Of imap4d, for each change of another client.
            WatchItem::Alert(_) => {}
            other => panic!("{other}"),
        }
    }

    /// Adds mailboxes to a request, each from its stored checkpoint.
    pub(super) fn watching(&self, request: WatchRequest, mailboxes: &[String]) -> WatchRequest {
        mailboxes.iter().fold(request, |request, mailbox| {
            let stored = self.mirrors.get(mailbox).and_then(Mirror::checkpoint);
            request.mailbox(mailbox.as_str(), stored.as_ref())
        })
    }

    /// All checkpoints that are stored.
    pub(super) fn stored(&self) -> Vec<Checkpoint> {
        let mirrors = self.mirrors.values();
        mirrors.filter_map(Mirror::checkpoint).collect()
    }

    /// The messages that arrived in a mailbox.
    pub(super) fn arrived(&self, mailbox: &str) -> usize {
        let mirror = self.mirrors.get(mailbox);
        mirror.map_or(0, |mirror| mirror.figures.arrived)
    }

    /// Takes items until a condition holds.
    #[track_caller]
    pub(super) fn follow(
        &mut self,
        watch: &mut Watch,
        what: &str,
        is_reached: impl Fn(&Self) -> bool,
    ) {
        let deadline = Instant::now() + DEADLINE;
        while !is_reached(self) {
            match watch.next_until(deadline) {
                Some(item) => self.take(&item),
                None => panic!("{what}: the watch {}", watch.state()),
            }
        }
    }

    /// Takes items until the copies are what the server has.
    #[track_caller]
    pub(super) fn catch_up(
        &mut self,
        watch: &mut Watch,
        place: &Place,
        mailboxes: &[String],
        when: &str,
    ) {
        let deadline = Instant::now() + DEADLINE;
        for mailbox in mailboxes {
            place.settle(mailbox);
        }
        let seen = || -> Vec<Seen> { mailboxes.iter().map(|name| place.seen(name)).collect() };
        let mut wanted = seen();
        while !self.are(mailboxes, &wanted) {
            assert!(
                Instant::now() < deadline,
                "{when}: the watch {}; the server has\n{wanted:?}, the copies are\n{:?}",
                watch.state(),
                self.mirrors
            );
            match watch.next_timeout(LOOK) {
                Some(item) => self.take(&item),
                None => wanted = seen(),
            }
        }
    }

    /// Whether each mailbox is what another client has seen of it.
    pub(super) fn are(&self, mailboxes: &[String], seen: &[Seen]) -> bool {
        let mut pairs = mailboxes.iter().zip(seen);
        pairs.all(|(mailbox, seen)| {
            let mirror = self.mirrors.get(mailbox);
            mirror.is_some_and(|mirror| is_same(mirror, seen))
        })
    }
}

fn is_same(mirror: &Mirror, seen: &Seen) -> bool {
    let checkpoint = mirror.checkpoint();
    let is_of = |checkpoint: Checkpoint| checkpoint.uid_validity().value() == seen.uid_validity;
    mirror.messages == seen.messages && checkpoint.is_some_and(is_of)
}
