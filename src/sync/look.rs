//! The state of the mailbox at the beginning of a sync: what SELECT reports before anything is
//! fetched.

use crate::command::status::Status;
use crate::connection::Connection;
use crate::connection::resync::Resynced;
use crate::connection::state::{MailboxAccess, Snapshot};
use crate::error::{Error, Result};
use crate::mailbox_guard::lease::Held;
use crate::sync::request::Way;
use crate::types::capability::Capability;
use crate::types::checkpoint::{Checkpoint, Report};
use crate::types::mailbox_status::StatusItem;
use crate::types::uid::{ModSeq, Uid, UidValidity};

const COMMAND: &str = "SELECT";

/// What SELECT has reported.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) way: Way,
    pub(super) uid_validity: UidValidity,
    pub(super) mailbox_id: Option<Box<str>>,
    pub(super) exists: u32,
    pub(super) uid_next: Uid,
    /// `None` if the mailbox has no mod-sequences, or if they are not to be used.
    pub(super) mod_seq: Option<ModSeq>,
    /// The changes that the SELECT itself has reported.
    pub(super) resynced: Option<Resynced>,
}

/// What the server has, and what of it is in force.
#[derive(Clone, Copy)]
struct Abilities {
    best: Way,
    qresync_is_enabled: bool,
}

impl Look {
    /// The state of the mailbox now: that of the SELECT with which the lock was acquired, if nothing
    /// has been done since, or that of another one.
    pub(super) fn take(
        held: &mut Held,
        read_only: bool,
        since: Option<&Checkpoint>,
        best: Way,
    ) -> Result<Self> {
        if let Some(resynced) = held.take_opened() {
            let mut lease = held.lease(COMMAND)?;
            let abilities = Abilities::of(&mut lease, best)?;
            let look = Self::of(&lease, abilities, None, resynced);
            drop(lease);
            if let Some(look) = look?.filter(|look| look.is_enough(abilities, since)) {
                return Ok(look);
            }
        }
        held.select_again(read_only, |connection, access| {
            Self::by_select(connection, access, since, best)
        })
    }

    /// The state of the selected mailbox; `None` if it is not known completely.
    fn of(
        connection: &Connection,
        abilities: Abilities,
        uid_next: Option<Uid>,
        resynced: Option<Resynced>,
    ) -> Result<Option<Self>> {
        let Some(selected) = connection.state.selected() else {
            return Ok(None);
        };
        let Snapshot {
            exists,
            uid_next: reported,
            highest_mod_seq,
        } = selected.as_selected;
        let uid_validity = selected.mailbox.uid_validity();
        let uid_validity = uid_validity.ok_or(Error::MissingData("UIDVALIDITY"))?;
        let mod_seq = highest_mod_seq.filter(|_| abilities.best > Way::Comparison);
        let way = match (mod_seq, abilities.qresync_is_enabled) {
            (None, _) => Way::Comparison,
            (Some(_), true) => abilities.best,
            (Some(_), false) => Way::CondStore,
        };
        // Asked before the SELECT, so no message that the mailbox shows later can be below.
        let uid_next = reported.or(uid_next);
        Ok(uid_next.map(|uid_next| Self {
            way,
            uid_validity,
            mailbox_id: selected.mailbox.mailbox_id().map(Box::from),
            exists,
            uid_next,
            mod_seq,
            resynced,
        }))
    }

    /// Whether another SELECT would not tell more.
    fn is_enough(&self, abilities: Abilities, since: Option<&Checkpoint>) -> bool {
        if self.mod_seq.is_none() && abilities.best > Way::Comparison {
            return false;
        }
        let Some(since) = since.filter(|since| since.uid_validity == self.uid_validity) else {
            return true;
        };
        self.way == abilities.best || self.is_unchanged(since)
    }

    /// Whether the copy has all that the mailbox has.
    fn is_unchanged(&self, since: &Checkpoint) -> bool {
        self.mod_seq.is_some()
            && since.mod_seq == self.mod_seq
            && since.pass.is_none()
            && since.uid_next == self.uid_next
            && since.accounted_for() == u64::from(self.exists)
    }

    fn by_select(
        connection: &mut Connection,
        access: &MailboxAccess,
        since: Option<&Checkpoint>,
        best: Way,
    ) -> Result<Self> {
        let selected = connection.state.selected();
        let omits_uid_next = selected.is_some_and(|it| it.as_selected.uid_next.is_none());
        let wanted = Abilities::of(connection, best)?.best;
        if wanted == Way::Qresync {
            connection.enable_qresync_ahead()?;
        }
        if !omits_uid_next {
            if let Some(look) = Self::select(connection, access, best, since, None)? {
                return Ok(look);
            }
        }
        // UIDNEXT of the selected mailbox would be that of a later moment than its messages.
        if connection.state.selected().is_some() {
            connection.deselect_ahead()?;
        }
        let status = Status::new(access.name.clone(), [StatusItem::UidNext])?;
        let uid_next = connection.execute(&status)?.uid_next();
        let look = Self::select(connection, access, best, since, uid_next)?;
        look.ok_or(Error::MissingData("UIDNEXT"))
    }

    fn select(
        connection: &mut Connection,
        access: &MailboxAccess,
        best: Way,
        since: Option<&Checkpoint>,
        uid_next: Option<Uid>,
    ) -> Result<Option<Self>> {
        let abilities = Abilities::of(connection, best)?;
        let resync = since.and_then(Checkpoint::resync);
        let report = match abilities.best {
            Way::Comparison => None,
            Way::CondStore => Some(Report::ModSeq),
            Way::Qresync => Some(resync.map_or(Report::ModSeq, Report::Since)),
        };
        // Courier and GNU imap4d, which show a selected mailbox as it was, show it as it is after another
        // SELECT, also without UNSELECT before it.
        let (_, resynced) = connection.select_anew(access, report, None)?;
        // ENABLE may have gone out with the SELECT.
        let abilities = Abilities::of(connection, best)?;
        Self::of(connection, abilities, uid_next, resynced)
    }
}

impl Abilities {
    fn of(connection: &mut Connection, best: Way) -> Result<Self> {
        let qresync_is_enabled = connection.state.has_enabled(&Capability::Qresync);
        let is_refused = connection.state.ahead.is_qresync_refused();
        let capabilities = connection.capabilities()?;
        let has = |capability| capabilities.supports(&capability);
        let can_enable = !is_refused && has(Capability::Qresync) && has(Capability::Enable);
        let has = match (qresync_is_enabled || can_enable, has(Capability::CondStore)) {
            (true, _) => Way::Qresync,
            (false, true) => Way::CondStore,
            (false, false) => Way::Comparison,
        };
        Ok(Self {
            best: has.min(best),
            qresync_is_enabled,
        })
    }
}
