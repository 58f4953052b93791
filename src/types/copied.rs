//! The result of COPY and MOVE: where messages went, and which copy belongs to which message.

use crate::types::asked_for::AskedFor;
use crate::types::copy_uid::CopyUid;
use crate::types::mailbox_name::MailboxName;
use crate::types::origin::Origin;
use crate::types::response_code::ResponseCode;
use crate::types::uid::{Uid, UidValidity};
use crate::types::uid_set::UidSet;
use std::fmt;

/// The result of copying or moving messages: which copy belongs to which message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    copy_uid: Option<CopyUid>,
    copies: Option<UidSet>,
    pairing: Pairing,
}

/// Whether it is known which copy belongs to which message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pairing {
    /// The server reported it, and each message has one copy.
    Known,
    /// The server did not report it.
    ///
    /// It lacks UIDPLUS, the mailbox has no persistent UIDs, the user may not know, or the call was
    /// a no-op.
    NotReported,
    /// The server reported an inconsistent COPYUID; the messages were copied nevertheless.
    ///
    /// It named more messages than copies, a message or a copy twice, or messages that were not to
    /// be copied.
    Unparsable,
}

/// The data that a COPY or MOVE has reported so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct CopiedSoFar {
    copy_uid: Option<CopyUid>,
    is_unreadable: bool,
}

impl CopiedSoFar {
    /// Processes a response code; returns whether it was a COPYUID.
    pub(crate) fn hear(&mut self, code: Option<&ResponseCode>) -> bool {
        match (code, &mut self.copy_uid) {
            (Some(ResponseCode::CopyUid(next)), Some(told)) => told.append(next.clone()),
            (Some(ResponseCode::CopyUid(next)), told) => *told = Some(next.clone()),
            (Some(ResponseCode::Other { name, .. }), _) if name.eq_ignore_ascii_case("COPYUID") => {
                self.is_unreadable = true;
            }
            _ => return false,
        }
        true
    }

    /// The COPYUID of the OK, if it has one, in place of what was reported before it.
    pub(crate) fn or(self, code: Option<ResponseCode>) -> Self {
        let mut last = Self::default();
        match last.hear(code.as_ref()) {
            true => last,
            false => self,
        }
    }

    /// Adds the data about further messages.
    pub(crate) fn join(&mut self, next: Self) {
        self.is_unreadable |= next.is_unreadable;
        match (&mut self.copy_uid, next.copy_uid) {
            (Some(told), Some(next)) => told.append(next),
            (told, Some(next)) => *told = Some(next),
            _ => {}
        }
    }

    /// Whether a message was reported to be copied, if in a form that cannot be read.
    pub(crate) fn is_told(&self) -> bool {
        let told = self.copy_uid.as_ref();
        self.is_unreadable || told.is_some_and(|told| !told.is_empty())
    }

    /// The messages that were copied, as reported; `None` if the report is inconsistent.
    pub(crate) fn sources(&self, asked_for: &AskedFor) -> Option<UidSet> {
        let told = self.copy_uid.as_ref().filter(|_| !self.is_unreadable)?;
        told.is_paired(asked_for).then(|| told.sources())
    }

    /// `here` is the mailbox from which the messages were copied, and `asked_for` the requested
    /// messages.
    pub(crate) fn finish(
        self,
        target: &MailboxName,
        here: &Origin,
        asked_for: &AskedFor,
    ) -> Copied {
        match self.is_unreadable {
            true => Copied::unreadable(),
            false => Copied::by(self.copy_uid, target, here, asked_for),
        }
    }
}

impl Copied {
    /// The result without a COPYUID, such as that of a no-op.
    pub(crate) fn nothing() -> Self {
        Self {
            copy_uid: None,
            copies: None,
            pairing: Pairing::NotReported,
        }
    }

    /// The result from a COPYUID, if there was one. A COPYUID that does not pair each requested
    /// message with a copy of its own is not used.
    fn by(
        copy_uid: Option<CopyUid>,
        target: &MailboxName,
        here: &Origin,
        asked_for: &AskedFor,
    ) -> Self {
        let Some(copy_uid) = copy_uid.filter(|told| !told.is_empty()) else {
            return Self::nothing();
        };
        if !copy_uid.is_paired(asked_for) {
            return Self::unreadable();
        }
        let origin = here.beside(target.clone(), copy_uid.uid_validity());
        Self {
            copies: Some(copy_uid.copies().with_origin(origin.into())),
            copy_uid: Some(copy_uid),
            pairing: Pairing::Known,
        }
    }

    /// The server sent a COPYUID that cannot be read.
    fn unreadable() -> Self {
        Self {
            pairing: Pairing::Unparsable,
            ..Self::nothing()
        }
    }

    /// Whether it is known which copy belongs to which message.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::command::Pairing;
    /// use latchbox::types::UidSet;
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let copied = inbox.copy(&UidSet::all(), "Archive")?;
    /// assert_eq!(copied.pairing(), Pairing::Known);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn pairing(&self) -> Pairing {
        self.pairing
    }

    /// The UIDs of the copies, with the other mailbox as their origin.
    ///
    /// `None` unless the [pairing](Self::pairing) is known.
    #[must_use]
    pub fn copies(&self) -> Option<&UidSet> {
        self.copies.as_ref()
    }

    /// The UIDVALIDITY of the mailbox that the messages were copied to (COPYUID).
    ///
    /// `None` unless the [pairing](Self::pairing) is known and the server reported a valid one (RFC
    /// 9051 section 7.1).
    ///
    /// With it the UIDs of the copies can be stored without selecting that mailbox.
    #[must_use]
    pub fn uid_validity(&self) -> Option<UidValidity> {
        self.copy_uid.as_ref().and_then(CopyUid::uid_validity)
    }

    /// Each message with its copy, in the order of the server's report.
    ///
    /// Empty unless the [pairing](Self::pairing) is known.
    pub fn pairs(&self) -> impl Iterator<Item = (Uid, Uid)> + '_ {
        self.copy_uid.iter().flat_map(CopyUid::pairs)
    }

    /// The messages that were copied, if they were reported.
    pub(crate) fn sources(&self) -> Option<UidSet> {
        self.copy_uid.as_ref().map(CopyUid::sources)
    }
}

impl fmt::Display for Copied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.copies {
            Some(copies) => write!(f, "copies: UID {copies}"),
            None => f.write_str("UIDs of the copies not reported"),
        }
    }
}
