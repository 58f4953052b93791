//! A session that is the connection of one slot of a pool.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use crate::client_builder::bounds::Bounds;
use crate::client_builder::session_settings::SessionSettings;
use crate::connection::Connection;
use crate::connection::desired::Desired;
use crate::connection::shutdown_switch::ShutdownSwitch;
use crate::connection::state::MailboxAccess;
use crate::error::{Error, LockError, MailboxError, Result};
use crate::events::SessionEvents;
use crate::lock::{FairLock, InUse, Report};
use crate::session::Session;
use crate::session::entrance::{Lease, selected_within};
use crate::session::meters::Meters;
use crate::session::place::Place;
use crate::types::mailbox_name::MailboxName;

/// What the slots of a pool share.
pub(crate) struct PoolParts<'p> {
    pub(crate) lock: &'p Arc<FairLock<Connection>>,
    /// One for each slot.
    pub(crate) switches: &'p Arc<[Arc<ShutdownSwitch>]>,
    pub(crate) bounds: &'p Bounds,
    pub(crate) session_events: &'p SessionEvents,
    pub(crate) desired: &'p Desired,
}

/// The connection for a command that removes a mailbox, which no other turn gets meanwhile.
pub(crate) struct Removal<'s> {
    lease: Lease<'s>,
    /// The lock and the slot whose turn reserves the mailbox and those below it.
    reserved: Option<(&'s FairLock<Connection>, usize)>,
}

impl Session {
    /// The session of a slot, whose connection is made when it is needed.
    pub(crate) fn of_slot(
        slot: usize,
        switch: &Arc<ShutdownSwitch>,
        unmade: &InUse<'_, Connection>,
        settings: SessionSettings,
        parts: &PoolParts<'_>,
    ) -> Self {
        Self {
            lock: Arc::clone(parts.lock),
            shutdown_switch: Arc::clone(switch),
            timeouts: parts.bounds.timeouts,
            session_events: parts.session_events.clone(),
            desired: parts.desired.clone(),
            meters: Meters::new(unmade.meter()),
            reconnector: None,
            settings: Box::new(settings),
            place: Some(Place {
                slot,
                switches: Arc::clone(parts.switches),
            }),
        }
    }

    pub(crate) fn shutdown_switch(&self) -> &Arc<ShutdownSwitch> {
        &self.shutdown_switch
    }

    /// The slot has this connection from now on.
    pub(crate) fn set_connection(&self, connection: &mut Connection, next: Connection) {
        self.replace(connection, next);
    }

    pub(super) fn switches_beside(&self) -> Option<Arc<[Arc<ShutdownSwitch>]>> {
        let place = self.place.as_ref()?;
        Some(Arc::clone(&place.switches))
    }

    /// A lock on the session of a slot would wait for the thread to which it is leased.
    #[cold]
    pub(super) fn is_leased(&self) -> Error {
        let Report { holders, .. } = self.lock.report();
        Error::Lock(Box::new(LockError::HeldByThisThread { holders }))
    }

    /// The session of a slot is used on another thread than the one to which it is leased.
    #[cold]
    pub(super) fn is_not_leased(&self) -> Error {
        let Report { holders, .. } = self.lock.report();
        Error::Lock(Box::new(LockError::WouldBlock { holders }))
    }

    /// The connection for a command that removes a mailbox: no connection of the session or the
    /// pool has it selected, or one below it. Rejects the call if it is held.
    pub(crate) fn lease_to_remove(
        &self,
        command: &'static str,
        name: &MailboxName,
    ) -> Result<Removal<'_>> {
        let mut lease = self.lease(command)?;
        let Some(place) = &self.place else {
            lease.leave_mailbox(name)?;
            let reserved = None;
            return Ok(Removal { lease, reserved });
        };
        let access = MailboxAccess {
            name: name.clone(),
            read_only: false,
        };
        let reserved = self.lock.reserve(place.slot, &access);
        reserved.map_err(|held| Error::mailbox(MailboxError::Held(held.name)))?;
        let reserved = Some((&*self.lock, place.slot));
        let mut removal = Removal { lease, reserved };
        if selected_within(&removal.lease, name).is_some() {
            removal.deselect()?;
        }
        for slot in 0..place.switches.len() {
            let Some(turn) = self.lock.take_free(slot) else {
                continue;
            };
            let Some(mut connection) = turn.value() else {
                continue;
            };
            if selected_within(&connection, name).is_some() {
                // One that fails has no mailbox selected either.
                let _ = connection
                    .settle(command)
                    .and_then(|()| connection.deselect());
            }
        }
        Ok(removal)
    }
}

impl<'s> Deref for Removal<'s> {
    type Target = Lease<'s>;

    fn deref(&self) -> &Lease<'s> {
        &self.lease
    }
}

impl DerefMut for Removal<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.lease
    }
}

impl Drop for Removal<'_> {
    fn drop(&mut self) {
        if let Some((lock, slot)) = self.reserved {
            lock.end_reservation(slot);
        }
    }
}
