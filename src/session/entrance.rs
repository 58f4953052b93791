//! The single way to acquire the connection: a turn on a live connection, for locks and for
//! commands of the session.

use std::ops::{Deref, DerefMut};
use std::time::Instant;

use crate::connection::Connection;
use crate::connection::shutdown_switch::Epoch;
use crate::connection::state::MailboxAccess;
use crate::error::{Error, LockError, MailboxError, Result};
use crate::exchange::{AuthenticatedState, Exchange};
use crate::lock::entering::Entry;
use crate::lock::{Alarm, InUse, Report, Request, Turn, Wait};
use crate::mailbox_guard::lease::{Held, Selection, WantedMailbox};
use crate::mailbox_guard::lock_key::{is_within, no_turn};
use crate::mailbox_guard::lock_source::{Arrival, Queued};
use crate::session::Session;
use crate::stop_handle::StopHandle;
use crate::types::mailbox_name::MailboxName;

/// The purpose of a turn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To use the connection: what has arrived is read, and a closed connection is replaced if the
    /// session may reconnect.
    Use,
    /// To end the session, or to change a setting of it: nothing is read, and nothing reconnects.
    AsItIs,
}

/// The connection while one command, stream or lock uses it.
pub(crate) struct Lease<'s> {
    connection: InUse<'s, Connection>,
    /// `None` on the thread that holds a guard.
    turn: Option<Turn<Connection>>,
}

impl Session {
    /// Waits for a turn, and makes sure until `deadline` that its connection is alive. Nothing of
    /// the command has been sent when the session reconnects.
    pub(super) fn enter(
        &self,
        command: &'static str,
        request: Request<MailboxAccess>,
        deadline: Option<Instant>,
    ) -> Result<Lease<'_>> {
        let epoch = self.arrive()?;
        let stop = request.stop.clone();
        let acquired = self.lock.acquire(request);
        let turn = acquired.map_err(|reason| no_turn(command, reason))?;
        let mut lease = self.begin(turn)?;
        self.look_alive(command, &mut lease, epoch, deadline, stop.as_ref())?;
        Ok(lease)
    }

    /// The first half of [`enter`](Self::enter): a place in the queue.
    pub(super) fn enqueue(
        &self,
        command: &'static str,
        request: Request<MailboxAccess>,
        alarm: Alarm,
    ) -> Result<Queued> {
        let arrival = Arrival {
            epoch: self.arrive()?,
            ..Arrival::default()
        };
        let queued = Queued::new(&self.lock, request, alarm, arrival);
        queued.map_err(|reason| no_turn(command, reason))
    }

    /// The other half, if the place has become a turn. If it `continues` what the connection was used
    /// for, a connection that has ended is not replaced.
    pub(super) fn try_enter(
        &self,
        command: &'static str,
        queued: Queued,
        continues: bool,
        deadline: Option<Instant>,
    ) -> Result<Result<Lease<'_>, Queued>> {
        let taken = queued.try_take();
        let (turn, needs) = match taken.map_err(|reason| no_turn(command, reason))? {
            Ok(taken) => taken,
            Err(queued) => return Ok(Err(queued)),
        };
        let mut lease = self.begin(turn)?;
        let (epoch, stop) = (needs.arrival.epoch, needs.stop.as_ref());
        match continues {
            true => lease.receive_arrived(command)?,
            false => self.look_alive(command, &mut lease, epoch, deadline, stop)?,
        }
        Ok(Ok(lease))
    }

    /// The error of a thread that would wait for itself, because it has a turn or uses the connection.
    pub(crate) fn held_here(&self) -> Option<Error> {
        self.lock.slot_here()?;
        let Report { holders, .. } = self.lock.report();
        Some(Error::Lock(Box::new(LockError::HeldByThisThread {
            holders,
        })))
    }

    /// The connection there is when a call comes.
    #[inline]
    fn arrive(&self) -> Result<Epoch> {
        match self.place {
            Some(_) => Err(self.is_leased()),
            None => Ok(self.shutdown_switch.epoch()),
        }
    }

    #[inline]
    fn begin(&self, turn: Turn<Connection>) -> Result<Lease<'_>> {
        let connection = self
            .lock
            .value(turn.slot())
            .ok_or_else(|| Error::StreamOpen)?;
        let mut lease = Lease {
            connection,
            turn: Some(turn),
        };
        // A stream that was leaked in an earlier turn is not read in this one.
        lease.abandon();
        Ok(lease)
    }

    /// Reads what has arrived, and reconnects if the connection has ended and the session may: if
    /// it had ended before the call, or if its end is detected here.
    #[inline]
    fn look_alive(
        &self,
        command: &'static str,
        lease: &mut Lease<'_>,
        on_arrival: Epoch,
        deadline: Option<Instant>,
        stop: Option<&StopHandle>,
    ) -> Result<()> {
        let epoch = self.shutdown_switch.epoch();
        let at = lease.turn.as_ref().and_then(Turn::granted_at_once);
        let error = match lease.receive_arrived_before(command, at) {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        let broke_meanwhile = epoch.is_down() && epoch != on_arrival;
        match broke_meanwhile {
            true => Err(error),
            false => self.reconnect(lease, error, deadline, stop),
        }
    }

    /// Replaces a connection that has ended if the session may reconnect.
    #[cold]
    fn reconnect(
        &self,
        connection: &mut Connection,
        error: Error,
        deadline: Option<Instant>,
        stop: Option<&StopHandle>,
    ) -> Result<()> {
        match (&error, &self.reconnector) {
            (Error::Closed(_), Some(reconnector)) => {
                let (switch, desired) = (&self.shutdown_switch, &self.desired);
                let next = reconnector.reconnect(switch, desired, deadline, stop)?;
                self.replace(connection, next);
                Ok(())
            }
            _ => Err(error),
        }
    }

    /// The session has another connection in the place of one that has ended.
    pub(super) fn replace(&self, connection: &mut Connection, next: Connection) {
        *connection = next;
        connection.attach(&self.shutdown_switch);
        self.meters.replace(connection.meter());
        connection.state.tell(&self.session_events);
    }

    /// The connection for one command of the session: at once on the thread that holds a guard,
    /// where nothing reconnects; in turn on every other.
    pub(crate) fn lease(&self, command: &'static str) -> Result<Lease<'_>> {
        self.lease_for(command, Purpose::Use)
    }

    /// Executes a command of the session in a turn.
    pub(crate) fn execute<X: Exchange<AuthenticatedState>>(
        &self,
        command: &X,
    ) -> Result<X::Answer> {
        self.lease(command.name())?.execute(command)
    }

    /// The connection as it is, for calls that end the session or send nothing: it does not
    /// reconnect.
    pub(crate) fn lease_as_it_is(&self, command: &'static str) -> Result<Lease<'_>> {
        self.lease_for(command, Purpose::AsItIs)
    }

    fn lease_for(&self, command: &'static str, purpose: Purpose) -> Result<Lease<'_>> {
        let slot = match &self.place {
            None => {
                let (request, epoch) = (self.request(), self.shutdown_switch.epoch());
                let deadline = request.wait.deadline();
                let entered = self.lock.enter(request);
                match entered.map_err(|reason| no_turn(command, reason))? {
                    Entry::Here(slot) => slot,
                    Entry::Turn(turn) => {
                        let mut lease = self.begin(turn)?;
                        match purpose {
                            Purpose::Use => {
                                self.look_alive(command, &mut lease, epoch, deadline, None)?;
                            }
                            Purpose::AsItIs => lease.check_open(command)?,
                        }
                        return Ok(lease);
                    }
                }
            }
            // The pool's connection that is leased to this thread.
            Some(place) if self.lock.is_held_here(place.slot) => place.slot,
            Some(_) => return Err(self.is_not_leased()),
        };
        let connection = self.lock.value(slot).ok_or_else(|| Error::StreamOpen)?;
        connection.check_open(command)?;
        if connection.is_being_read() {
            return Err(Error::StreamOpen);
        }
        let turn = None;
        Ok(Lease { connection, turn })
    }

    /// A turn for receiving events, with no mailbox held.
    pub(crate) fn turn_to_listen(&self, command: &'static str) -> Result<Turn<Connection>> {
        let request = self.request();
        let deadline = request.wait.deadline();
        let mut lease = self.enter(command, request, deadline)?;
        lease.resume_counting()?;
        lease.settle(command)?;
        lease.into_parts().map(|(turn, _)| turn)
    }

    /// A request that needs no mailbox.
    fn request(&self) -> Request<MailboxAccess> {
        let at = Instant::now();
        Request {
            wanted: None,
            label: None,
            wait: Wait::from(at, self.timeouts.turn()),
            at,
            stop: None,
        }
    }
}

impl<'s> Lease<'s> {
    /// Goes on with the connection as the lock of a mailbox.
    pub(super) fn hold(self, wanted: &WantedMailbox, deadline: Option<Instant>) -> Result<Held> {
        let (turn, mut connection) = self.into_parts()?;
        let selection = Selection::begin(&mut connection, wanted, deadline);
        drop(connection);
        Ok(Held::new(turn, selection?))
    }

    /// The turn, and the connection in hand.
    pub(super) fn into_parts(self) -> Result<(Turn<Connection>, InUse<'s, Connection>)> {
        let Self { connection, turn } = self;
        Ok((turn.ok_or_else(|| Error::StreamOpen)?, connection))
    }

    /// Deselects a mailbox that is about to be removed, or one below it; rejects the call if this
    /// thread holds a guard of it.
    pub(crate) fn leave_mailbox(&mut self, name: &MailboxName) -> Result<()> {
        match (selected_within(&self.connection, name), &self.turn) {
            (None, _) => Ok(()),
            (Some(held), None) => Err(Error::mailbox(MailboxError::Held(held))),
            (Some(_), Some(_)) => self.connection.deselect(),
        }
    }
}

/// The selected mailbox, if it is this one or one below it.
pub(super) fn selected_within(connection: &Connection, name: &MailboxName) -> Option<MailboxName> {
    let selected = connection.state.selected()?.mailbox.name();
    is_within(selected, name).then(|| selected.clone())
}

impl Deref for Lease<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for Lease<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}
