//! The turn and the selection of a guard, and the connection for one command on the selected
//! mailbox: acquired once, so that the state that is checked is that of the connection which the
//! command uses.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Instant;

use crate::connection::Connection;
use crate::connection::resync::Resynced;
use crate::connection::state::{MailboxAccess, Selected};
use crate::connection::tag::Tag;
use crate::error::{Effect, Error, LockError, MailboxError, Result, StaleUids};
use crate::exchange::{BatchState, Exchange, Leased, State, execute, execute_into};
use crate::lock::{InUse, Turn};
use crate::mailbox_guard::access::{Access, ReadWrite};
use crate::stop_handle::StopHandle;
use crate::types::checkpoint::Report;
use crate::types::mailbox_name::MailboxName;
use crate::types::message_set::MessageSet;
use crate::types::origin::Origin;
use crate::types::response_code::ResponseCode;
use crate::types::uid::UidValidity;
use crate::types::uid_set::UidSet;

/// The selected state, in which [`MailboxGuard::pipeline`](crate::MailboxGuard::pipeline) runs
/// commands; `A` is the access of the guard.
#[derive(Clone, Copy, Debug)]
pub struct SelectedState<A>(PhantomData<A>);

/// A turn on the connection, and the selection that it is for.
pub struct Held {
    turn: Turn<Connection>,
    origin: Arc<Origin>,
    selection: u64,
    /// The SELECT that this turn began with, if it sent one.
    opened: Option<Box<Opened>>,
    stop: Option<StopHandle>,
}

/// A mailbox to be held, and what its SELECT shall report.
pub(crate) struct WantedMailbox {
    pub(crate) access: MailboxAccess,
    pub(crate) report: Option<Report>,
    /// The selection that is to be continued: if it is still there, nothing is sent, and if the
    /// connection has ended, it is not replaced.
    pub(crate) continues: Option<u64>,
}

/// The selection that a turn begins with.
pub(crate) struct Selection {
    origin: Arc<Origin>,
    number: u64,
    opened: Option<Box<Opened>>,
}

/// The SELECT that a turn began with.
struct Opened {
    /// Its tag: the last of the connection until another command is sent.
    tag: Tag,
    resynced: Option<Resynced>,
}

/// The connection, held for one command, with the mailbox that it is for.
pub struct MailboxLease<'h> {
    connection: InUse<'h, Connection>,
    held: &'h Held,
    /// A call of several commands has to be completed.
    is_unstoppable: bool,
}

impl Held {
    pub(crate) fn new(turn: Turn<Connection>, selection: Selection) -> Self {
        let Selection {
            origin,
            number,
            opened,
        } = selection;
        Self {
            turn,
            origin,
            selection: number,
            opened,
            stop: None,
        }
    }

    /// What the SELECT of this turn reported for its parameter, if the turn began with one and no
    /// command has been sent since; the outer `None` if that is not so.
    pub(crate) fn take_opened(&mut self) -> Option<Option<Resynced>> {
        let opened = self.opened.take()?;
        let connection = self.turn.value()?;
        (connection.sent_tag() == opened.tag).then_some(opened.resynced)
    }

    /// Selects the mailbox again by `select`, so that the state is that of now.
    pub(crate) fn select_again<T>(
        &mut self,
        read_only: bool,
        select: impl FnOnce(&mut Connection, &MailboxAccess) -> Result<T>,
    ) -> Result<T> {
        self.check_goes_on("SELECT", Effect::None)?;
        let name = self.name().clone();
        let access = MailboxAccess { name, read_only };
        let mut connection = self.turn.value().ok_or_else(|| Error::StreamOpen)?;
        let selected = connection
            .settle("SELECT")
            .and_then(|()| select(&mut connection, &access));
        let found = connection.state.selected().map(of_selection);
        drop(connection);
        if let Some((origin, selection)) = found {
            (self.origin, self.selection) = (origin, selection);
        }
        selected
    }

    /// From now on this handle stops the calls of the guard.
    pub(crate) fn heeding(mut self, stop: Option<StopHandle>) -> Self {
        self.stop = stop;
        self
    }

    /// The handle that stops the calls of the guard.
    pub(crate) fn stop_handle(&self) -> Option<&StopHandle> {
        self.stop.as_ref()
    }

    /// Whether the guard was stopped.
    #[inline]
    pub(crate) fn is_stopped(&self) -> bool {
        let stop = self.stop.as_ref();
        stop.is_some_and(StopHandle::is_stopped)
    }

    /// An error if the guard was stopped; `effect` is what the command may have done.
    #[inline]
    pub(crate) fn check_goes_on(&self, command: &'static str, effect: Effect) -> Result<()> {
        match self.is_stopped() {
            true => Err(Error::cancelled(command, effect)),
            false => Ok(()),
        }
    }

    pub(super) fn switch(&mut self, wanted: MailboxAccess) -> Result<()> {
        self.check_goes_on("lock", Effect::None)?;
        let allowed = self.turn.change_wanted(wanted.clone());
        allowed.map_err(|holders| Error::Lock(Box::new(LockError::WouldBlock { holders })))?;
        let mut connection = self.turn.value().ok_or_else(|| Error::StreamOpen)?;
        let selected = connection
            .receive_arrived("lock")
            .and_then(|()| connection.select(&wanted, None));
        let found = selected.map(of_selection);
        drop(connection);
        (self.origin, self.selection) = found?;
        self.opened = None;
        Ok(())
    }

    /// The origin of UIDs of this mailbox.
    pub(crate) fn origin(&self) -> &Arc<Origin> {
        &self.origin
    }

    /// The UIDVALIDITY under which the mailbox is held.
    pub(crate) fn uid_validity(&self) -> Option<UidValidity> {
        self.origin.uid_validity()
    }

    /// Identifies the selection among all of this process.
    pub(crate) fn selection(&self) -> u64 {
        self.selection
    }

    /// The turn itself, for a wait that holds it.
    pub(crate) fn turn(&self) -> &Turn<Connection> {
        &self.turn
    }

    /// The connection for a command, with this mailbox selected.
    ///
    /// An abandoned answer is drained before the selection is checked, because it may report that
    /// the mailbox is closed.
    pub(crate) fn lease(&self, command: &'static str) -> Result<MailboxLease<'_>> {
        self.check_goes_on(command, Effect::None)?;
        let connection = self.turn.value().ok_or_else(|| Error::StreamOpen)?;
        let mut lease = MailboxLease::new(connection, self);
        lease.ready(command)?;
        Ok(lease)
    }

    /// The connection for a command that changes the mailbox.
    pub(crate) fn lease_to_change(&self, command: &'static str) -> Result<MailboxLease<'_>> {
        let lease = self.lease(command)?;
        lease.check_writable()?;
        Ok(lease)
    }

    /// The connection in the middle of an answer, or only to be read, with this mailbox selected.
    pub(crate) fn lease_as_it_is(&self, command: &'static str) -> Result<MailboxLease<'_>> {
        let connection = self.in_use(command)?;
        Ok(MailboxLease::new(connection, self))
    }

    /// The connection in the middle of an answer, with this mailbox selected, for each row of a
    /// stream.
    pub(crate) fn in_use(&self, command: &'static str) -> Result<InUse<'_, Connection>> {
        let Some(connection) = self.turn.value() else {
            return Err(Error::StreamOpen);
        };
        connection.check_open(command)?;
        self.check_selected(&connection)?;
        Ok(connection)
    }

    /// An error if the mailbox is no longer the selected one.
    pub(crate) fn check_selected(&self, connection: &Connection) -> Result<()> {
        match connection.state.selected() {
            Some(selected) if selected.selection != self.selection => Err(self.not_selected()),
            Some(selected) if selected.is_stale => Err(Error::mailbox(
                MailboxError::UidValidityChanged(self.name().clone()),
            )),
            Some(_) => Ok(()),
            None => Err(self.not_selected()),
        }
    }

    pub(crate) fn name(&self) -> &MailboxName {
        self.origin.mailbox()
    }

    /// Rejects UIDs of another account, another mailbox or another UIDVALIDITY.
    pub(crate) fn check_origin(&self, origin: Option<&Arc<Origin>>) -> Result<()> {
        let is_of_here = |origin: &Arc<Origin>| match self.uid_validity() {
            Some(_) => Arc::ptr_eq(origin, &self.origin) || origin.may_be(&self.origin),
            // Without UIDVALIDITY it cannot be known whether the server has assigned new UIDs
            // since.
            None => Arc::ptr_eq(origin, &self.origin),
        };
        match origin {
            Some(origin) if !is_of_here(origin) => Err(Error::StaleUids(Box::new(StaleUids {
                origin: Arc::clone(origin),
                here: Arc::clone(&self.origin),
            }))),
            _ => Ok(()),
        }
    }

    /// Returns these UIDs with the origin of this mailbox.
    pub(crate) fn mark(&self, uids: impl Into<UidSet>) -> UidSet {
        uids.into().with_origin(Arc::clone(&self.origin))
    }

    pub(crate) fn not_selected(&self) -> Error {
        Error::mailbox(MailboxError::NotSelected(self.name().clone()))
    }
}

impl Selection {
    /// Makes sure that the mailbox is selected, in a turn that has just begun: selects it, unless it is
    /// selected and nothing has to be reported.
    pub(crate) fn begin(
        connection: &mut Connection,
        wanted: &WantedMailbox,
        deadline: Option<Instant>,
    ) -> Result<Self> {
        let WantedMailbox {
            access,
            report,
            continues,
        } = wanted;
        connection.resume_counting()?;
        if report.is_some() {
            connection.enable_qresync_ahead()?;
        }
        let selected = connection.state.selected();
        let selection = selected.map(|it| it.selection);
        let is_known = report.is_none() || continues.is_some() && *continues == selection;
        let is_open = is_known && connection.state.is_open(access);
        if let Some(selected) = selected.filter(|_| is_open) {
            let (origin, number) = of_selection(selected);
            return Ok(Self {
                origin,
                number,
                opened: None,
            });
        }
        let (selected, resynced) = connection.select_anew(access, *report, deadline)?;
        let (origin, number) = of_selection(selected);
        let tag = connection.sent_tag();
        Ok(Self {
            origin,
            number,
            opened: Some(Box::new(Opened { tag, resynced })),
        })
    }
}

fn of_selection(selected: &Selected) -> (Arc<Origin>, u64) {
    (Arc::clone(&selected.origin), selected.selection)
}

impl<'h> MailboxLease<'h> {
    #[inline]
    pub(super) fn new(connection: InUse<'h, Connection>, held: &'h Held) -> Self {
        Self {
            connection,
            held,
            is_unstoppable: false,
        }
    }

    /// From now on the call is completed, because stopping it would leave a mailbox half changed.
    pub(crate) fn ignore_stops(&mut self) {
        self.is_unstoppable = true;
    }

    /// The handle that stops a call between two commands.
    pub(super) fn stop_handle(&self) -> Option<&StopHandle> {
        self.held.stop.as_ref().filter(|_| !self.is_unstoppable)
    }

    /// The mailbox that is held.
    pub(crate) fn held(&self) -> &'h Held {
        self.held
    }

    /// Drains an abandoned answer and checks that the mailbox is still selected; required before
    /// each command.
    pub(crate) fn ready(&mut self, command: &'static str) -> Result<()> {
        self.connection.settle(command)?;
        self.held.check_selected(&self.connection)
    }

    /// Rejects an answer that names messages if the mailbox was closed meanwhile, or has another
    /// UIDVALIDITY: it may name them by the old UIDs or by the new ones.
    pub(crate) fn check_found(&self) -> Result<()> {
        self.held.check_selected(&self.connection)
    }

    /// Checks before a step of a call that a change can still be sent, because the error of the call
    /// has what was done: a step that was not sent is no part of that.
    pub(crate) fn ready_to_change(&mut self, command: &'static str) -> Result<()> {
        self.ready(command)?;
        self.check_writable()
    }

    /// Rejects a change of a mailbox that the server has meanwhile made read-only.
    pub(crate) fn check_writable(&self) -> Result<()> {
        match self.is_read_only() {
            true => Err(Error::mailbox(MailboxError::ReadOnly(
                self.held.name().clone(),
            ))),
            false => Ok(()),
        }
    }

    /// Whether the mailbox is selected read-only: by the guard, or because the server has made it so
    /// meanwhile.
    pub(crate) fn is_read_only(&self) -> bool {
        let selected = self.state.selected();
        selected.is_some_and(|selected| selected.mailbox.is_read_only())
    }

    /// The number of messages, as far as it is known.
    pub(crate) fn exists(&self) -> u32 {
        let selected = self.state.selected();
        selected.map_or(0, |selected| selected.mailbox.exists())
    }

    /// The number of messages that were removed since the mailbox was selected.
    pub(crate) fn removed(&self) -> u64 {
        let selected = self.state.selected();
        selected.map_or(0, |selected| selected.removed)
    }

    /// Whether a command with this set has to be sent, after what must not be sent is rejected.
    ///
    /// A set that a server or a view gave may be empty; then no command is needed. A set built by
    /// the caller may not, because an empty set has no form on the wire. A set with `*` needs no
    /// command in a mailbox that is known to be empty: some servers refuse it.
    pub(crate) fn check_set<S: MessageSet>(&self, set: &S) -> Result<bool> {
        self.held.check_origin(set.shared_origin())?;
        self.check_numbering(set.numbering())?;
        let is_by_hand = S::UID && set.shared_origin().is_none();
        match (set.numbers().is_empty(), is_by_hand) {
            (false, _) => Ok(self.exists() > 0 || !set.numbers().is_open()),
            (true, false) => Ok(false),
            (true, true) => Err(Error::text("set of messages", "it is empty")),
        }
    }
}

impl MailboxLease<'_> {
    /// Executes a command on the selected mailbox.
    pub(crate) fn execute<X: Exchange<SelectedState<ReadWrite>>>(
        &mut self,
        exchange: &X,
    ) -> Result<X::Answer> {
        execute(self, exchange)
    }

    /// Executes a command whose answer is collected with those of others; see [`execute_into`].
    pub(crate) fn execute_into<X: Exchange<SelectedState<ReadWrite>>>(
        &mut self,
        exchange: &X,
        partial: &mut X::Partial,
    ) -> Result<Option<ResponseCode>> {
        execute_into(self, exchange, partial)
    }
}

impl<A: Access> State for SelectedState<A> {
    type Place<'p> = &'p mut Held;
}

impl<A: Access> BatchState for SelectedState<A> {
    type Lease<'l> = MailboxLease<'l>;

    fn with<T>(
        held: &mut Held,
        command: &'static str,
        then: impl FnOnce(&mut MailboxLease<'_>) -> Result<T>,
    ) -> Result<T> {
        then(&mut held.lease(command)?)
    }
}

impl Leased for MailboxLease<'_> {
    fn connection(&mut self) -> &mut Connection {
        self
    }

    fn ready(&mut self, command: &'static str) -> Result<()> {
        MailboxLease::ready(self, command)
    }

    fn selection(&self) -> Option<u64> {
        Some(self.held.selection)
    }
}

impl Deref for MailboxLease<'_> {
    type Target = Connection;

    #[inline]
    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for MailboxLease<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}
