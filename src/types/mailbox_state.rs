//! The numbers of a mailbox by which a change is recognized.

use std::fmt::{self, Display};
use std::str::FromStr;
use std::sync::Arc;

use crate::types::mailbox_name::MailboxName;
use crate::types::mailbox_status::MailboxStatus;
use crate::types::stored_line::{Encoded, decode, decode_text, number};
use crate::types::uid::{ModSeq, Uid, UidValidity};

/// A mailbox with the numbers that STATUS returned (RFC 9051 section 7.3.4).
///
/// A number that the server did not report is `None`.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// let changes = session.mailboxes_changed_since(None)?;
/// for mailbox in changes.checkpoint().mailboxes() {
///     println!("{}: {:?} of {:?} unread", mailbox.name(), mailbox.unseen(), mailbox.messages());
/// }
/// # assert_eq!(changes.checkpoint().mailbox(&"INBOX".parse()?).ok_or("?")?.unseen(), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxState {
    pub(crate) name: MailboxName,
    pub(crate) uid_validity: Option<UidValidity>,
    pub(crate) uid_next: Option<Uid>,
    pub(crate) messages: Option<u32>,
    pub(crate) unseen: Option<u32>,
    pub(crate) highest_mod_seq: Option<ModSeq>,
    pub(crate) mailbox_id: Option<Arc<str>>,
    /// The caller has not read the mailbox: the next call reports it again.
    pub(crate) is_due: bool,
}

impl MailboxState {
    pub(crate) fn new(name: MailboxName) -> Self {
        Self {
            name,
            uid_validity: None,
            uid_next: None,
            messages: None,
            unseen: None,
            highest_mod_seq: None,
            mailbox_id: None,
            is_due: false,
        }
    }

    /// The numbers of an answer to STATUS, without the id, which is asked for alone.
    pub(crate) fn of(name: MailboxName, status: &MailboxStatus) -> Self {
        Self {
            uid_validity: status.uid_validity(),
            uid_next: status.uid_next(),
            messages: status.messages(),
            unseen: status.unseen(),
            highest_mod_seq: status.highest_mod_seq(),
            ..Self::new(name)
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &MailboxName {
        &self.name
    }

    /// The UIDVALIDITY.
    #[must_use]
    pub fn uid_validity(&self) -> Option<UidValidity> {
        self.uid_validity
    }

    /// The lowest UID that the next new message can have.
    #[must_use]
    pub fn uid_next(&self) -> Option<Uid> {
        self.uid_next
    }

    /// The number of messages.
    #[must_use]
    pub fn messages(&self) -> Option<u32> {
        self.messages
    }

    /// The number of messages without `\Seen`.
    #[must_use]
    pub fn unseen(&self) -> Option<u32> {
        self.unseen
    }

    /// The highest mod-sequence (CONDSTORE, RFC 7162); `None` also if the mailbox has none.
    #[must_use]
    pub fn highest_mod_seq(&self) -> Option<ModSeq> {
        self.highest_mod_seq
    }

    /// An id that stays the same if the mailbox is renamed (OBJECTID, RFC 8474).
    #[must_use]
    pub fn mailbox_id(&self) -> Option<&str> {
        self.mailbox_id.as_deref()
    }

    /// Whether the mailbox has new UIDs since then: another UIDVALIDITY, or a UIDNEXT that fell.
    pub(crate) fn is_recreated_since(&self, old: &Self) -> bool {
        let has_other_validity = pair(self.uid_validity, old.uid_validity, |new, old| new != old);
        let has_fallen = pair(self.uid_next, old.uid_next, |new, old| new < old);
        has_other_validity || has_fallen
    }

    /// Whether any number differs, or the caller has not read it.
    pub(crate) fn differs_from(&self, old: &Self) -> bool {
        let numbers = |state: &Self| {
            let counts = (state.messages, state.unseen);
            (
                state.uid_validity,
                state.uid_next,
                counts,
                state.highest_mod_seq,
            )
        };
        old.is_due || numbers(self) != numbers(old)
    }

    /// Whether equal numbers mean that nothing changed: the flags are in HIGHESTMODSEQ alone, and a
    /// mailbox without messages has none.
    pub(crate) fn shows_every_change(&self) -> bool {
        let is_flagless = self.highest_mod_seq.is_some() || self.messages == Some(0);
        let has_uids = self.uid_validity.is_some() && self.uid_next.is_some();
        has_uids && self.messages.is_some() && is_flagless
    }
}

/// The name and the counts, such as `INBOX, 30 messages, 2 unseen`.
impl Display for MailboxState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        for (count, what) in [(self.messages, "messages"), (self.unseen, "unseen")] {
            if let Some(count) = count {
                write!(f, ", {count} {what}")?;
            }
        }
        Ok(())
    }
}

fn pair<T>(new: Option<T>, old: Option<T>, holds: impl Fn(T, T) -> bool) -> bool {
    new.zip(old).is_some_and(|(new, old)| holds(new, old))
}

/// The letters of the stored form, in the order in which they are written.
mod letter {
    pub(super) const OCTETS: char = 'o';
    pub(super) const VALIDITY: char = 'v';
    pub(super) const NEXT: char = 'n';
    pub(super) const MESSAGES: char = 'm';
    pub(super) const UNSEEN: char = 'u';
    pub(super) const MOD_SEQ: char = 'h';
    pub(super) const ID: char = 'i';
    pub(super) const DUE: char = 'd';
}

/// The form in a stored line: the name, and each number behind a letter, as in `INBOX:v7:n31:m30`.
pub(crate) struct StateText<'s>(pub(crate) &'s MailboxState);

impl Display for StateText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.0;
        write!(f, "{}", Encoded(state.name.as_str().as_bytes()))?;
        write_part(f, letter::OCTETS, state.name.wire().map(Encoded))?;
        write_part(f, letter::VALIDITY, state.uid_validity)?;
        write_part(f, letter::NEXT, state.uid_next)?;
        write_part(f, letter::MESSAGES, state.messages)?;
        write_part(f, letter::UNSEEN, state.unseen)?;
        write_part(f, letter::MOD_SEQ, state.highest_mod_seq)?;
        let id = state.mailbox_id.as_deref();
        write_part(f, letter::ID, id.map(|id| Encoded(id.as_bytes())))?;
        write_part(f, letter::DUE, state.is_due.then_some(""))
    }
}

fn write_part(
    f: &mut fmt::Formatter<'_>,
    letter: char,
    value: Option<impl Display>,
) -> fmt::Result {
    match value {
        Some(value) => write!(f, ":{letter}{value}"),
        None => Ok(()),
    }
}

impl MailboxState {
    /// Reads what [`StateText`] wrote: each part at most once, and in that order.
    pub(crate) fn from_stored(text: &str) -> Option<Self> {
        let mut parts = Parts(text.split(':').peekable());
        let name = decode_text(parts.0.next()?).filter(|name| !name.is_empty())?;
        let name = match parts.take(letter::OCTETS) {
            Some(octets) => {
                let octets = decode(octets).filter(|octets| !octets.is_empty())?;
                MailboxName::from_wire(&octets, &name, false)
            }
            // A name from a server may contain characters that a caller's cannot.
            None => MailboxName::from_wire(&[], &name, true),
        };
        let mut state = Self::new(name);
        state.uid_validity = parts.number(letter::VALIDITY, UidValidity::new)?;
        state.uid_next = parts.number(letter::NEXT, Uid::new)?;
        state.messages = parts.number(letter::MESSAGES, Some)?;
        state.unseen = parts.number(letter::UNSEEN, Some)?;
        state.highest_mod_seq = parts.number(letter::MOD_SEQ, ModSeq::new)?;
        if let Some(id) = parts.take(letter::ID) {
            state.mailbox_id = Some(decode_text(id)?.into());
        }
        if let Some(rest) = parts.take(letter::DUE) {
            state.is_due = rest.is_empty().then_some(true)?;
        }
        parts.0.next().is_none().then_some(state)
    }
}

struct Parts<'t, I: Iterator<Item = &'t str>>(std::iter::Peekable<I>);

impl<'t, I: Iterator<Item = &'t str>> Parts<'t, I> {
    /// The next part, if it has this letter.
    fn take(&mut self, letter: char) -> Option<&'t str> {
        let part = self.0.peek()?.strip_prefix(letter)?;
        self.0.next();
        Some(part)
    }

    /// The number of the next part, if it has this letter; the outer `None` if it is invalid.
    fn number<N: FromStr, T>(
        &mut self,
        letter: char,
        new: impl Fn(N) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.take(letter) {
            Some(text) => number(text).and_then(new).map(Some),
            None => Some(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(text: &str) -> MailboxState {
        MailboxState::from_stored(text).unwrap()
    }

    /// Lines of older versions have to be readable forever: do not change these.
    #[test]
    fn the_form_is_settled() {
        for text in [
            "INBOX",
            "INBOX:v7:n31:m30:u2:h715194045007:iF22:d",
            "Entw%C3%BCrfe/a%20b%3A%2C%3B:m0",
            "a%3F:o%26AGE-%FF:v4294967295:n4294967295:m4294967295:u0:h9223372036854775807",
            "a:i",
            "a:d",
        ] {
            assert_eq!(StateText(&state(text)).to_string(), text);
        }
        let full = state("a/b:o%FF:v1:n2:m3:u4:h5:iX%20Y:d");
        assert_eq!(full.name().as_str(), "a/b");
        assert_eq!(full.name().wire(), Some(&b"\xff"[..]));
        let uids = (full.uid_validity(), full.uid_next());
        assert_eq!(uids, (UidValidity::new(1), Uid::new(2)));
        assert_eq!((full.messages(), full.unseen()), (Some(3), Some(4)));
        assert_eq!(full.highest_mod_seq(), ModSeq::new(5));
        assert_eq!((full.mailbox_id(), full.is_due), (Some("X Y"), true));
    }

    #[test]
    fn what_was_not_written_so_is_not_read() {
        for text in [
            "",
            ":",
            ":v1",
            "a:",
            "a:x1",
            "a:v",
            "a:v0",
            "a:v01",
            "a:v+1",
            "a:v4294967296",
            "a:n0",
            "a:m-1",
            "a:h0",
            "a:n1:v1",
            "a:v1:v1",
            "a:d:d",
            "a:d1:",
            "a:o",
            "a:i%",
            "a b",
            "a%FF",
            "a:o%F",
        ] {
            assert_eq!(MailboxState::from_stored(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_show_what_happened() {
        let old = state("a:v7:n31:m30:u2:h5");
        for (new, is_recreated, differs) in [
            ("a:v7:n31:m30:u2:h5", false, false),
            ("a:v7:n32:m30:u2:h5", false, true),
            ("a:v7:n31:m29:u2:h5", false, true),
            ("a:v7:n31:m30:u1:h5", false, true),
            ("a:v7:n31:m30:u2:h4", false, true),
            ("a:v7:n31:m30:u2", false, true),
            ("a:v8:n31:m30:u2:h5", true, true),
            ("a:v7:n30:m30:u2:h5", true, true),
            ("a:n31:m30:u2:h5", false, true),
        ] {
            let new = state(new);
            assert_eq!(new.is_recreated_since(&old), is_recreated, "{new:?}");
            assert_eq!(new.differs_from(&old), differs, "{new:?}");
        }
        let due = state("a:v7:n31:m30:u2:h5:d");
        assert!(old.differs_from(&due) && !due.differs_from(&old));
        for (text, shows) in [
            ("a:v7:n31:m30:u2:h5", true),
            ("a:v7:n31:m30:u2", false),
            ("a:v7:n31:m0:u0", true),
            ("a:v7:m0", false),
            ("a:n31:m30:h5", false),
            ("a:v7:n31:h5", false),
        ] {
            assert_eq!(state(text).shows_every_change(), shows, "{text}");
        }
    }
}
