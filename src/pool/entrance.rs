//! The way to a connection of the pool: a turn on one that is alive, or that is made now.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::connection::state::MailboxAccess;
use crate::error::{Error, Result};
use crate::lock::{Alarm, InUse, Request, Turn, Wait};
use crate::mailbox_guard::lease::{Held, Selection, WantedMailbox};
use crate::mailbox_guard::lock_key::no_turn;
use crate::mailbox_guard::lock_source::{Arrival, LockSource, Queued};
use crate::pool::connections::Pool;
use crate::pool::pooled_session::PooledSession;
use crate::pool::tending::unused_for;
use crate::stop_handle::StopHandle;

/// The most time that the answer to a NOOP may take which checks a connection.
const CHECK_TIMEOUT: Duration = Duration::from_secs(10);

/// A call that needs a connection.
struct Call<'r> {
    command: &'static str,
    /// The number of failed attempts when it came.
    failures: u64,
    wait: Wait,
    deadline: Option<Instant>,
    stop: Option<&'r StopHandle>,
    /// A connection that has ended is not replaced.
    continues: bool,
}

/// A turn, and its connection in hand.
type Entered<'p> = (Turn<Connection>, InUse<'p, Connection>);

/// The outcome of one turn.
enum Entry<T> {
    Ready(T),
    /// The connection of this turn cannot be had; another may be.
    WaitAgain(Turn<Connection>),
}

impl Pool {
    pub(super) fn any_session(&self) -> Result<PooledSession<'_>> {
        if let Some(session) = self.lock.slot_here().and_then(|slot| self.slots.get(slot)) {
            return Ok(PooledSession::new(session, None));
        }
        let at = Instant::now();
        let request = Request {
            wanted: None,
            label: None,
            wait: Wait::from(at, self.timeouts.turn()),
            at,
            stop: None,
        };
        let deadline = request.wait.deadline();
        let turn = self.enter("session", request, deadline, |(turn, _)| {
            Ok(Entry::Ready(turn))
        })?;
        let session = self
            .slots
            .get(turn.slot())
            .ok_or_else(|| Error::StreamOpen)?;
        Ok(PooledSession::new(session, Some(turn)))
    }

    /// Waits for a turn, makes sure until `deadline` that its connection is alive, and uses it.
    fn enter<'p, T>(
        &'p self,
        command: &'static str,
        request: Request<MailboxAccess>,
        deadline: Option<Instant>,
        use_it: impl Fn(Entered<'p>) -> Result<Entry<T>>,
    ) -> Result<T> {
        let (wait, stop) = (request.wait, request.stop.clone());
        let call = Call {
            command,
            failures: self.arrive().failures,
            wait,
            deadline,
            stop: stop.as_ref(),
            continues: false,
        };
        let acquired = self.lock.acquire(request);
        let mut turn = acquired.map_err(|reason| no_turn(command, reason))?;
        loop {
            match self.enter_once(turn, &call, &use_it)? {
                Entry::Ready(used) => return Ok(used),
                Entry::WaitAgain(had) => {
                    let again = had.wait_again(call.wait, call.stop);
                    turn = again.map_err(|reason| no_turn(command, reason))?;
                }
            }
        }
    }

    /// What is due when a request comes, and what it finds.
    fn arrive(&self) -> Arrival {
        self.tend_from_time_to_time();
        self.forget_limit_in_time();
        Arrival {
            failures: self.failures.count(),
            ..Arrival::default()
        }
    }

    /// [`enter`](Self::enter), if the place in the queue has become a turn.
    fn try_enter<'p, T>(
        &'p self,
        command: &'static str,
        queued: Queued,
        continues: bool,
        deadline: Option<Instant>,
        use_it: impl Fn(Entered<'p>) -> Result<Entry<T>>,
    ) -> Result<Result<T, Queued>> {
        let taken = queued.try_take();
        let (turn, needs) = match taken.map_err(|reason| no_turn(command, reason))? {
            Ok(taken) => taken,
            Err(queued) => return Ok(Err(queued)),
        };
        let call = Call {
            command,
            failures: needs.arrival.failures,
            wait: needs.wait,
            deadline,
            stop: needs.stop.as_ref(),
            continues,
        };
        let had = match self.enter_once(turn, &call, &use_it)? {
            Entry::Ready(used) => return Ok(Ok(used)),
            Entry::WaitAgain(had) => had,
        };
        let alarm = Arc::clone(&needs.alarm);
        let pending = had.request_again(needs.wait, needs.stop.clone(), alarm);
        let pending = pending.map_err(|reason| no_turn(command, reason))?;
        Ok(Err(Queued { pending, needs }))
    }

    fn enter_once<'p, T>(
        &'p self,
        turn: Turn<Connection>,
        call: &Call<'_>,
        use_it: impl Fn(Entered<'p>) -> Result<Entry<T>>,
    ) -> Result<Entry<T>> {
        let mut connection = self
            .lock
            .value(turn.slot())
            .ok_or_else(|| Error::StreamOpen)?;
        if turn.is_open() {
            // A stream that was leaked in an earlier turn is not read in this one.
            connection.abandon();
            match self.look_alive(&mut connection, turn.granted_at_once(), call) {
                Ok(true) => return use_it((turn, connection)),
                Ok(false) => {}
                Err(error) => return Err(error),
            }
            log::debug!("pool: connection has ended");
            if !turn.begin_opening() {
                return Ok(Entry::WaitAgain(turn));
            }
        }
        match self.open(turn.slot(), &mut connection, call) {
            Ok(()) => {
                turn.opened();
                use_it((turn, connection))
            }
            Err(error) => match self.learn_limit(&turn, &error) {
                true => Ok(Entry::WaitAgain(turn)),
                false => {
                    // The deadline and the stop handle of this call are no matter of others.
                    let is_late = call.deadline.is_some_and(|end| Instant::now() >= end);
                    if !(is_late && error.is_timeout()) {
                        self.failures.note(&error);
                        log::warn!("pool: no connection made: {error}");
                    }
                    Err(error)
                }
            },
        }
    }

    /// Whether a connection that was made earlier is alive and not too old.
    fn look_alive(
        &self,
        connection: &mut Connection,
        at: Option<Instant>,
        call: &Call<'_>,
    ) -> Result<bool> {
        let is_alive = |outcome: Result<()>| match outcome {
            Ok(()) | Err(Error::Refused(_) | Error::Throttled(_)) => Ok(true),
            Err(Error::Closed(_)) if !call.continues => Ok(false),
            Err(error) => Err(error),
        };
        if !is_alive(connection.receive_arrived_before(call.command, at))? {
            return Ok(false);
        }
        if !call.continues && self.is_old(connection) {
            log::debug!("pool: connection retired: old");
            connection.log_out();
            return Ok(false);
        }
        if call.continues || unused_for(connection) < self.options.check_after {
            return Ok(true);
        }
        let limit = Instant::now().checked_add(CHECK_TIMEOUT);
        let until = [limit, call.deadline].into_iter().flatten().min();
        connection.keep_to(until);
        let answered = connection.run_bare("NOOP");
        connection.forget_deadline();
        is_alive(answered.map(drop))
    }

    /// Makes the connection of a slot, unless an attempt has failed while this call waited.
    fn open(&self, slot: usize, connection: &mut Connection, call: &Call<'_>) -> Result<()> {
        if let Some(error) = self.failures.since(call.failures) {
            return Err(error);
        }
        let session = self.slots.get(slot).ok_or_else(|| Error::StreamOpen)?;
        let switch = session.shutdown_switch();
        let opener = &self.opener;
        let next = opener.reconnect(switch, &self.desired, call.deadline, call.stop)?;
        session.set_connection(connection, next);
        self.failures.clear();
        let (open, most) = (self.lock.openness().open + 1, self.slots.len());
        log::debug!("pool: connection made: {open} of {most}");
        Ok(())
    }

    /// Goes on with the connection as the lock of a mailbox.
    fn hold(
        &self,
        (turn, mut connection): Entered<'_>,
        wanted: &WantedMailbox,
        deadline: Option<Instant>,
    ) -> Result<Entry<Held>> {
        let error = match Selection::begin(&mut connection, wanted, deadline) {
            Ok(selection) => {
                drop(connection);
                return Ok(Entry::Ready(Held::new(turn, selection)));
            }
            Err(error) => error,
        };
        if !error.is_authenticated_but_not_connected() {
            return Err(error);
        }
        // Exchange lets a connection that is one too many log in, and nothing else.
        connection.log_out();
        drop(connection);
        match !turn.begin_opening() || self.learn_limit(&turn, &error) {
            true => Ok(Entry::WaitAgain(turn)),
            false => Err(error),
        }
    }

    /// If the server allows no more connections than there are, keeps to their number; whether it
    /// is so.
    fn learn_limit(&self, turn: &Turn<Connection>, error: &Error) -> bool {
        if !error.is_of_too_many_connections() {
            return false;
        }
        let Some(limit) = turn.lower_bound() else {
            return false;
        };
        *lock(&self.limited_at) = Some(Instant::now());
        log::debug!("pool: connection refused, the server allows {limit}: {error}");
        true
    }

    /// The time until the server may allow more connections; `None` if it has refused none.
    pub(super) fn limit_retry_in(&self) -> Option<Duration> {
        let limited_at = *lock(&self.limited_at);
        limited_at.map(|at| self.options.retry_limit_after.saturating_sub(at.elapsed()))
    }

    /// After a while the server may allow more connections.
    fn forget_limit_in_time(&self) {
        let mut limited_at = lock(&self.limited_at);
        let is_over = |at: Instant| at.elapsed() >= self.options.retry_limit_after;
        if limited_at.is_some_and(is_over) {
            *limited_at = None;
            drop(limited_at);
            self.lock.set_bound(self.slots.len());
            log::debug!("pool: one more connection may be tried");
        }
    }
}

impl LockSource for Pool {
    fn lock_timeout(&self) -> Option<Duration> {
        self.timeouts.lock
    }

    fn acquire(
        &self,
        wanted: &WantedMailbox,
        request: Request<MailboxAccess>,
        deadline: Option<Instant>,
    ) -> Result<Held> {
        self.enter("lock", request, deadline, |entered| {
            self.hold(entered, wanted, deadline)
        })
    }

    fn request(&self, request: Request<MailboxAccess>, alarm: Alarm) -> Result<Queued> {
        let queued = Queued::new(&self.lock, request, alarm, self.arrive());
        queued.map_err(|reason| no_turn("lock", reason))
    }

    fn try_take(
        &self,
        wanted: &WantedMailbox,
        queued: Queued,
        deadline: Option<Instant>,
    ) -> Result<Result<Held, Queued>> {
        let continues = wanted.continues.is_some();
        self.try_enter("lock", queued, continues, deadline, |entered| {
            self.hold(entered, wanted, deadline)
        })
    }
}

/// A panic of another thread leaves the value consistent.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
