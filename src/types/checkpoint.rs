//! What a copy of a mailbox has, as of one moment: where a sync continues.

pub(crate) mod known_flags;
pub(crate) mod runs;
mod stretches;
mod text;

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use crate::types::account_id::AccountId;
use crate::types::checkpoint::known_flags::KnownFlags;
use crate::types::checkpoint::runs::Runs;
use crate::types::flag::Flag;
use crate::types::flag_table::MessageFlags;
use crate::types::mailbox_name::MailboxName;
use crate::types::number_set::NumberSet;
use crate::types::origin::Origin;
use crate::types::uid::{ModSeq, Uid, UidValidity};
use crate::types::uid_set::UidSet;

/// The state of a copy of a mailbox, as of one moment: the next sync continues there.
///
/// Each [`ChangeBatch`](crate::sync::ChangeBatch) has the checkpoint that is true after it. Store it in
/// the same transaction as what the batch changes in the copy;
/// [`MailboxGuard::changes_since`](crate::MailboxGuard::changes_since) continues from it.
///
/// `Display` and `FromStr` are its text form: one line of printable ASCII without spaces and quotes,
/// with a version and a checksum, which later versions of this crate also read. With the feature
/// `serde` it is stored as that text. It contains no secret and nothing of a message but its UID and,
/// if the mailbox has no mod-sequences, its flags.
///
/// It contains the account, the mailbox, UIDVALIDITY and, if the server has OBJECTID (RFC 8474),
/// MAILBOXID. It is accepted only for that mailbox, under a new name if MAILBOXID and UIDVALIDITY are
/// the same. It stores the UIDs of the copy as ranges: about 20 octets for a mailbox without gaps, and at
/// most 11 octets a message in the text. In memory it takes at most 8 octets a message, or 16 if the
/// mailbox has no mod-sequences.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::sync::{ChangeBatch, Checkpoint};
///
/// let mut stored: Option<String> = None; // as a program keeps it in a file or a database
/// let mut arrived = Vec::new();
/// for delivered in [None, Some("Subject: second\r\n\r\n")] {
///     if let Some(message) = delivered {
///         session.append("INBOX", message.as_bytes())?;
///     }
///     let checkpoint = stored.as_deref().map(str::parse::<Checkpoint>).transpose()?;
///     let mut inbox = session.lock_mailbox_read_only("INBOX")?;
///     let mut changes = inbox.changes_since(checkpoint.as_ref())?;
///     while let Some(batch) = changes.next()? {
///         if let ChangeBatch::Changes(changes) = &batch {
///             arrived.extend(changes.arrived().map(|message| message.uid()));
///         }
///         stored = Some(batch.checkpoint().to_string());
///     }
/// }
/// assert_eq!(arrived.len(), 1); // what was there before the first checkpoint did not arrive
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Checkpoint {
    pub(crate) origin: Arc<Origin>,
    pub(crate) uid_validity: UidValidity,
    pub(crate) mailbox_id: Option<Box<str>>,
    /// The number of batches since the first.
    pub(crate) number: u64,
    /// Every message below has been accounted for: it is in one of the sets, or it is gone.
    pub(crate) uid_next: Uid,
    /// Messages below were there before the first checkpoint.
    pub(crate) first_new: Uid,
    /// The flags of the messages in `known` are those of this moment or of a later one; `None` if
    /// nothing is known about them but what is in `flags`.
    pub(crate) mod_seq: Option<ModSeq>,
    /// A step from `mod_seq` to a later one that has been taken for the first messages only.
    pub(crate) pass: Option<Pass>,
    /// The messages that the copy has.
    pub(crate) known: NumberSet,
    /// Messages that are still to be given: of the history, or found by a sync that was interrupted.
    pub(crate) pending: NumberSet,
    /// The messages of the history that are given only on demand.
    pub(crate) older: NumberSet,
    /// Messages that the server has not returned: each sync requests some of them again.
    pub(crate) unreadable: NumberSet,
    /// Messages of the copy whose flags have changed and could not be read: each sync requests some of
    /// them again.
    pub(crate) unread: NumberSet,
    /// The number of messages that the server counts and has never named.
    pub(crate) unnamed: u32,
    /// The flags of the known messages, if the mailbox has no mod-sequences; otherwise those that this
    /// program has set without learning the mod-sequence.
    pub(crate) flags: Option<KnownFlags>,
    /// The last mod-sequence that this program itself has caused, for messages that it changed.
    pub(crate) own: Runs<ModSeq>,
}

/// The flags of the known messages up to `done` are those of `target` or of a later moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pass {
    pub(crate) target: ModSeq,
    pub(crate) done: Uid,
}

/// The report that a sync requests with its SELECT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// Its mod-sequence.
    ModSeq,
    /// The changes since then.
    Since(Resync),
}

/// The moment since which a server reports changes (RFC 7162 section 3.2.5), and of which messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Resync {
    pub(crate) uid_validity: UidValidity,
    pub(crate) mod_seq: ModSeq,
    pub(crate) first: NonZeroU32,
    pub(crate) last: NonZeroU32,
}

impl Checkpoint {
    /// The checkpoint of a copy that has nothing of a mailbox yet; messages below `uid_next` are its
    /// history.
    pub(crate) fn new(origin: Arc<Origin>, uid_validity: UidValidity, uid_next: Uid) -> Self {
        Self {
            origin,
            uid_validity,
            mailbox_id: None,
            number: 0,
            uid_next,
            first_new: uid_next,
            mod_seq: None,
            pass: None,
            known: NumberSet::new(),
            pending: NumberSet::new(),
            older: NumberSet::new(),
            unreadable: NumberSet::new(),
            unread: NumberSet::new(),
            unnamed: 0,
            flags: None,
            own: Runs::default(),
        }
    }

    /// The mailbox.
    #[must_use]
    pub fn mailbox(&self) -> &MailboxName {
        self.origin.mailbox()
    }

    /// The account; `None` if the login named no user.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        self.origin.account()
    }

    /// The UIDVALIDITY of the mailbox.
    #[must_use]
    pub fn uid_validity(&self) -> UidValidity {
        self.uid_validity
    }

    /// The MAILBOXID of the mailbox, if the server has OBJECTID (RFC 8474).
    #[must_use]
    pub fn mailbox_id(&self) -> Option<&str> {
        self.mailbox_id.as_deref()
    }

    /// The messages that the copy has, after all batches up to this checkpoint.
    #[must_use]
    pub fn known(&self) -> UidSet {
        self.mark(self.known.clone())
    }

    /// The messages that the copy does not have yet.
    ///
    /// These are the rest of a sync that was interrupted, and those of the history that
    /// [`FetchChanges::history`](crate::sync::FetchChanges::history) has left out;
    /// [`FetchChanges::older`](crate::sync::FetchChanges::older) requests some of the latter.
    #[must_use]
    pub fn unloaded(&self) -> UidSet {
        self.mark(self.pending.union(&self.older))
    }

    /// The messages that the copy does not have because the server does not return them; see
    /// [`ChangedMessages::unreadable`](crate::sync::ChangedMessages::unreadable).
    #[must_use]
    pub fn unreadable(&self) -> UidSet {
        self.mark(self.unreadable.clone())
    }

    /// Whether a message was in the mailbox before the first checkpoint.
    ///
    /// Such a message is part of the history: it did not arrive, and no program should announce it
    /// as new.
    #[must_use]
    pub fn is_history(&self, uid: Uid) -> bool {
        uid < self.first_new
    }

    /// Whether there was no message: all that are in the mailbox after a restart have arrived since.
    pub(crate) fn is_of_nothing(&self) -> bool {
        let sets = [&self.known, &self.pending, &self.older, &self.unreadable];
        sets.into_iter().all(NumberSet::is_empty)
    }

    /// Whether this checkpoint follows the other one: both are of the same account and mailbox, and
    /// this one has more batches.
    ///
    /// It is meant for checkpoints of one chain, in which each sync continued from the last checkpoint:
    /// use it to keep two threads or programs from storing them in the wrong order.
    ///
    /// ```
    /// # fn store(new: latchbox::sync::Checkpoint, stored: &mut latchbox::sync::Checkpoint) {
    /// if new.is_later_than(stored) {
    ///     *stored = new;
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn is_later_than(&self, other: &Self) -> bool {
        // A mailbox that was made anew has the name, and a renamed one the MAILBOXID.
        let has_same_id = self.mailbox_id.is_some() && self.mailbox_id == other.mailbox_id;
        let is_same = has_same_id || self.mailbox() == other.mailbox();
        is_same && self.account() == other.account() && self.number > other.number
    }

    /// The number of all messages that should be in the mailbox.
    pub(crate) fn accounted_for(&self) -> u64 {
        self.sets().iter().filter_map(|set| set.len()).sum()
    }

    /// All messages that are accounted for.
    pub(crate) fn all(&self) -> NumberSet {
        let sets = self.sets().into_iter().filter(|set| !set.is_empty());
        sets.fold(NumberSet::new(), |all, set| all.union(set))
    }

    /// The sets that each message that there is belongs to, to one of them.
    pub(crate) fn sets(&self) -> [&NumberSet; 4] {
        [&self.known, &self.pending, &self.older, &self.unreadable]
    }

    /// Messages are gone; returns those that the copy had.
    pub(crate) fn remove(&mut self, gone: &NumberSet) -> NumberSet {
        let vanished = self.known.intersection(gone);
        for set in [
            &mut self.known,
            &mut self.pending,
            &mut self.older,
            &mut self.unreadable,
            &mut self.unread,
        ] {
            if !set.is_empty() && !gone.is_empty() {
                *set = set.difference(gone);
            }
        }
        if let Some(flags) = &mut self.flags {
            if !vanished.is_empty() {
                flags.keep(&self.known);
            }
        }
        if !self.own.is_empty() {
            self.own.remove(gone);
        }
        vanished
    }

    /// The copy has these messages now, whatever set they were in.
    pub(crate) fn add_known(&mut self, uids: &NumberSet) {
        let added = uids.difference(&self.known);
        self.known = self.known.union(uids);
        if let Some(flags) = self.flags.as_mut().filter(|_| !added.is_empty()) {
            flags.add_unknown(&added, &self.known);
        }
        self.remove_from_history(uids);
    }

    /// Messages have been requested: they are known from now on, or gone.
    pub(crate) fn remove_from_history(&mut self, uids: &NumberSet) {
        for set in [&mut self.pending, &mut self.older, &mut self.unreadable] {
            if !set.is_empty() {
                *set = set.difference(uids);
            }
        }
    }

    /// Records flags that were given, if flags are compared.
    pub(crate) fn put_flags<'f>(&mut self, flags: impl Iterator<Item = (Uid, &'f [Flag])>) {
        if let Some(known) = &mut self.flags {
            known.put_all(flags, &self.known);
        }
    }

    /// The flags of all known messages are now as of `mod_seq`, or, without mod-sequences, as in
    /// `flags`. `noted` are messages whose flags this program had set before that.
    pub(crate) fn end_pass(&mut self, mod_seq: Option<ModSeq>, noted: &NumberSet) {
        self.pass = None;
        self.mod_seq = mod_seq;
        match mod_seq {
            Some(reached) => {
                if let Some(flags) = &mut self.flags {
                    flags.add_unknown(&noted.intersection(&self.known), &self.known);
                }
                let is_over = |flags: &KnownFlags| flags.uids(&self.known).is_empty();
                self.flags = self.flags.take().filter(|flags| !is_over(flags));
                self.own.retain(|changed| changed > reached);
            }
            None => self.own = Runs::default(),
        }
    }

    /// Whether these flags are what the copy has, or older.
    pub(crate) fn is_own(&self, row: &MessageFlags<'_>) -> bool {
        let is_older = match (self.own.get(row.uid()), row.mod_seq()) {
            (Some(own), Some(mod_seq)) => mod_seq <= own,
            _ => false,
        };
        let known = self.flags.as_ref();
        is_older || known.is_some_and(|known| known.is_known(row.uid(), row.flags()))
    }

    /// The messages whose changes are to be requested next: of a pass, the rest.
    pub(crate) fn rest_of_pass(&self) -> Option<(NonZeroU32, NonZeroU32)> {
        let (first, last) = (self.known.first()?, self.known.last()?);
        let first = match self.pass {
            Some(pass) => first.max(NonZeroU32::from(pass.done).checked_add(1)?),
            None => first,
        };
        (first <= last).then_some((first, last))
    }

    /// The request for what has changed; `None` without mod-sequences or messages.
    pub(crate) fn resync(&self) -> Option<Resync> {
        let (first, last) = self.rest_of_pass()?;
        Some(Resync {
            uid_validity: self.uid_validity,
            mod_seq: self.mod_seq?,
            first,
            last,
        })
    }

    fn mark(&self, numbers: NumberSet) -> UidSet {
        UidSet::from(numbers).with_origin(Arc::clone(&self.origin))
    }
}

impl fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checkpoint({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint(name: &str, id: Option<&str>, number: u64) -> Checkpoint {
        let validity = UidValidity::new(7).unwrap();
        let name = MailboxName::new(name).unwrap();
        let origin = Arc::new(Origin::new(name, Some(validity)));
        let mut checkpoint = Checkpoint::new(origin, validity, Uid::MIN);
        checkpoint.mailbox_id = id.map(Box::from);
        checkpoint.number = number;
        checkpoint
    }

    /// Without mod-sequences; no message is next to another, and none has the flags of the one before.
    #[test]
    fn a_message_takes_at_most_sixteen_octets() {
        let mut checkpoint = checkpoint("INBOX", None, 1);
        let count: u32 = 10_000;
        let uid = |number: u32| Uid::new(2 * number + 1).unwrap();
        let lists: [&[Flag]; 3] = [&[], &[Flag::Seen], &[Flag::Flagged]];
        checkpoint.flags.get_or_insert_default();
        checkpoint.add_known(&(0..count).map(|number| uid(number).into()).collect());
        let flags = (0..count).zip(lists.into_iter().cycle());
        checkpoint.put_flags(flags.map(|(number, flags)| (uid(number), flags)));
        let text = checkpoint.to_string();
        for checkpoint in [checkpoint, text.parse().unwrap()] {
            let known = checkpoint.known.closed().count();
            let octets = known * size_of::<crate::types::number_range::Span>();
            let octets = octets + checkpoint.flags.as_ref().unwrap().octets();
            assert!(octets <= 16 * count as usize, "{octets}");
            assert_eq!(checkpoint.to_string(), text);
        }
    }

    #[test]
    fn a_chain_goes_on_when_the_mailbox_is_renamed_or_made_anew() {
        let before = checkpoint("Old", Some("F1"), 4);
        for (name, id, is_of_chain) in [
            ("Old", Some("F1"), true),
            ("Old", Some("F2"), true),
            ("Old", None, true),
            ("New", Some("F1"), true),
            ("New", Some("F2"), false),
            ("New", None, false),
        ] {
            let after = checkpoint(name, id, 5);
            assert_eq!(after.is_later_than(&before), is_of_chain, "{after}");
            assert!(!before.is_later_than(&after));
            assert!(!checkpoint(name, id, 4).is_later_than(&before));
        }
    }
}
