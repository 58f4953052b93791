//! Moves messages to the trash mailbox of the account.

use crate::error::{Error, MailboxError, Result};
use crate::exchange::{Command, sealed};
use crate::mailbox_guard::lease::{Held, MailboxLease, SelectedState};
use crate::mailbox_guard::{Access, MailboxGuard, WriteAccess};
use crate::types::copied::Copied;
use crate::types::expunged::Chosen;
use crate::types::special_mailboxes::SpecialMailbox;
use crate::types::special_use::SpecialUse;
use crate::types::uid_set::UidSet;
use std::fmt;

const UID_MOVE: &str = "UID MOVE";

/// The result of moving messages to the trash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trashed {
    trash: SpecialMailbox,
    copied: Copied,
}

impl Trashed {
    /// The trash, and whether it was found by an attribute or by its name.
    #[must_use]
    pub fn trash(&self) -> &SpecialMailbox {
        &self.trash
    }

    /// The moved messages and their new UIDs.
    #[must_use]
    pub fn copied(&self) -> &Copied {
        &self.copied
    }
}

impl<A: Access> MailboxGuard<'_, A> {
    /// Moves messages to the trash: [`SpecialUse::Trash`], otherwise a mailbox with a known name.
    ///
    /// Searches for the trash as [`special_mailboxes`](crate::Session::special_mailboxes) does, at
    /// each call; [`Trashed::trash`] returns it. The messages are then moved as by
    /// [`move_to`](Self::move_to), which a program can call itself to search only once.
    ///
    /// # Errors
    ///
    /// Before anything is changed: [`MailboxError::NoSpecialUse`] if no trash is found;
    /// [`MailboxError::IsTrash`] if the messages are in it already, in which case
    /// [`delete`](Self::delete) removes them permanently. Otherwise as for
    /// [`move_to`](Self::move_to).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{FoundBy, UidSet};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let trashed = inbox.move_to_trash(&UidSet::all())?;
    /// assert_eq!(trashed.trash().mailbox().name(), "Trash");
    /// assert_eq!(trashed.trash().found_by(), FoundBy::Attribute);
    /// # assert_eq!(inbox.exists(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "Trash")]
    pub fn move_to_trash(&mut self, uids: &UidSet) -> Result<Trashed>
    where
        A: WriteAccess,
    {
        self.run(MoveToTrash::new(uids))
    }
}

/// Moving messages to the trash as a value. Its answer is a [`Trashed`].
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::command::MoveToTrash;
/// use latchbox::types::UidSet;
///
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// let trashed = inbox.run(MoveToTrash::new(&UidSet::all()).unflag_others())?;
/// assert_eq!(trashed.trash().mailbox().name(), "Trash");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "a command does nothing until it is run"]
pub struct MoveToTrash<'u>(Chosen<'u>);

impl<'u> MoveToTrash<'u> {
    /// Moves messages as [`MailboxGuard::move_to_trash`] does.
    ///
    /// Running it is [`Error::Unsupported`] if the server lacks both MOVE and UIDPLUS.
    pub const fn new(uids: &'u UidSet) -> Self {
        Self(Chosen::new(uids))
    }

    /// Falls back to COPY and EXPUNGE if the server has neither MOVE nor UIDPLUS.
    ///
    /// See [`MoveMessages::unflag_others`](crate::command::MoveMessages::unflag_others).
    pub const fn unflag_others(self) -> Self {
        Self(self.0.unflag_others())
    }
}

impl sealed::Command for MoveToTrash<'_> {
    fn name(&self) -> &'static str {
        UID_MOVE
    }
}

impl<A: WriteAccess> Command<SelectedState<A>> for MoveToTrash<'_> {
    type Answer = Trashed;

    fn run_on(self, held: &mut Held) -> Result<Trashed> {
        // An invalid set is rejected before anything is sent.
        let mut lease = held.lease(UID_MOVE)?;
        let Chosen { uids, fallback } = self.0;
        lease.check_set(uids)?;
        let trash = find_trash(&mut lease)?;
        let target = trash.mailbox().name();
        let uids = lease.none_below(uids)?;
        let copied = lease.move_messages(&*uids, target, fallback, None)?;
        Ok(Trashed { trash, copied })
    }
}

fn find_trash(lease: &mut MailboxLease<'_>) -> Result<SpecialMailbox> {
    lease.check_writable()?;
    let found = lease.special_mailboxes()?;
    let is_here = |special: &&SpecialMailbox| {
        special.special_use() == SpecialUse::Trash
            && special.mailbox().name() == lease.held().name()
    };
    if found.iter().any(|special| is_here(&special)) {
        let name = lease.held().name().clone();
        return Err(Error::mailbox(MailboxError::IsTrash(name)));
    }
    let trash = found.get(SpecialUse::Trash).cloned();
    let missing = MailboxError::NoSpecialUse(SpecialUse::Trash);
    trash.ok_or_else(|| Error::mailbox(missing))
}

impl fmt::Display for Trashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "moved to {}; {}",
            self.trash.mailbox().name(),
            self.copied
        )
    }
}
