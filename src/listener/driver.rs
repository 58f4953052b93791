//! The driver of one listener: it locks the connection, waits, takes a step, and returns an event.

use std::sync::Arc;
use std::time::Instant;

use crate::connection::Connection;
use crate::error::{CloseReason, Effect, Error, Result};
use crate::idle_options::{IdleEnd, IdleOptions};
use crate::limits::WITHOUT_EVENTS;
use crate::listener::Listener;
use crate::lock::{InUse, Turn, Wait};
use crate::stop_handle::{Bell, StopHandle};
use crate::transport::readiness::Waker;

/// A source of events for a driver: a turn on a connection, and its events.
pub(crate) trait EventSource {
    type Event;

    fn turn(&self) -> &Turn<Connection>;

    /// A handle that stops the wait besides that of its options.
    fn stop_handle(&self) -> Option<&StopHandle> {
        None
    }

    /// The connection for one step.
    fn connection(&self) -> Result<InUse<'_, Connection>>;

    /// The oldest event that was received, also if the connection has ended since.
    fn take_event(&self) -> Option<Self::Event>;
}

/// Waits for the events of one source, for as long as its turn is not needed elsewhere.
pub(crate) struct Driver<S: EventSource> {
    source: S,
    listener: Listener,
    options: IdleOptions,
    waker: Arc<Waker>,
    end: Option<IdleEnd>,
    /// An error that came after events that were not taken yet.
    failure: Option<Error>,
}

/// The result of a step.
enum Step {
    /// To another look.
    Again,
    /// A response was read, which need not be an event.
    Received,
    /// There is nothing to do, and the wait is over.
    OutOfTime,
}

impl<S: EventSource> Driver<S> {
    /// Begins to listen, unless the end is wanted already.
    pub(crate) fn begin(source: S, listener: Listener, options: IdleOptions) -> Result<Self> {
        let waker = Arc::new(Waker::new().map_err(Error::Resources)?);
        options.stop.rings(&waker);
        if let Some(stop) = source.stop_handle() {
            stop.rings(&waker);
        }
        let alarm = Arc::clone(&waker);
        source
            .turn()
            .set_alarm(Some(Arc::new(move || alarm.ring())));
        let mut driver = Self {
            source,
            listener,
            options,
            waker,
            end: None,
            failure: None,
        };
        driver.end = driver.wanted_end();
        if driver.end.is_none() {
            driver.listener.begin(&mut *driver.source.connection()?)?;
        }
        Ok(driver)
    }

    pub(crate) fn source(&self) -> &S {
        &self.source
    }

    /// The reason why the last wait returned no event.
    pub(crate) fn end_reason(&self) -> Option<IdleEnd> {
        self.end
    }

    pub(crate) fn stop_handle(&self) -> StopHandle {
        self.options.stop.clone()
    }

    /// Ends the listening and reads the answer to that; the error of the listening if no wait has
    /// returned it.
    pub(crate) fn finish(&mut self) -> Result<()> {
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => self.listener.end(&mut *self.source.connection()?),
        }
    }

    /// The next event, waiting for it as `wait` says; `None` for the reason in
    /// [`end_reason`](Self::end_reason).
    pub(crate) fn next(&mut self, wait: Wait) -> Result<Option<S::Event>> {
        self.end = self.end.filter(|end| *end != IdleEnd::Deadline);
        let (mut without_events, mut most_octets) = (0, None);
        loop {
            if let Some(event) = self.source.take_event() {
                return Ok(Some(event));
            }
            if let Some(failure) = self.failure.take() {
                return Err(failure);
            }
            if self.end.is_some() {
                return Ok(None);
            }
            match self.step(wait, &mut most_octets) {
                Ok(Step::Again) => {}
                Ok(Step::Received) if without_events < WITHOUT_EVENTS || !wait.is_over() => {
                    without_events += 1;
                }
                Ok(Step::Received | Step::OutOfTime) => {
                    let is_deadline = matches!(wait, Wait::Until(_));
                    self.end = is_deadline.then_some(IdleEnd::Deadline);
                    return Ok(None);
                }
                Err(error) => {
                    self.end = Some(IdleEnd::Failed);
                    self.failure = Some(error);
                }
            }
        }
    }

    /// Ends, sends, reads or waits, whichever is next. `most_octets` is the number of octets that
    /// the server may still send without an event.
    fn step(&mut self, wait: Wait, most_octets: &mut Option<u64>) -> Result<Step> {
        if let Some(end) = self.wanted_end() {
            if self.listener.has_to_end() {
                self.listener.end(&mut *self.source.connection()?)?;
            }
            self.end = Some(end);
            return Ok(Step::Again);
        }
        let mut connection = self.source.connection()?;
        if !self.listener.goes_on(&mut connection) {
            self.end = Some(IdleEnd::Server);
            return Ok(Step::Again);
        }
        let due = self.listener.due();
        if due.is_some_and(|due| due <= Instant::now()) {
            self.listener.on_due(&mut connection)?;
            return Ok(Step::Received);
        }
        if self.listener.on_readable(&mut connection)? {
            let most = *most_octets.get_or_insert_with(|| connection.most_of_an_answer());
            connection.check_answer(most)?;
            return Ok(Step::Received);
        }
        if wait.is_over() {
            return Ok(Step::OutOfTime);
        }
        let until = wait.deadline().into_iter().chain(due).min();
        let waited = connection.awaited().wait(&self.waker, until);
        waited.map_err(|error| {
            let reason = CloseReason::Io(error);
            connection.close(self.listener.command(), Effect::None, reason)
        })?;
        Ok(Step::Again)
    }

    /// The reason why the listening is to end, if a stop handle or a waiter requires it.
    fn wanted_end(&self) -> Option<IdleEnd> {
        let of_source = self.source.stop_handle();
        if self.options.stop.is_stopped() || of_source.is_some_and(StopHandle::is_stopped) {
            return Some(IdleEnd::Stopped);
        }
        let is_wanted = self.options.yield_to_waiters && self.source.turn().is_wanted();
        is_wanted.then_some(IdleEnd::Yielded)
    }
}

impl<S: EventSource> Drop for Driver<S> {
    /// Reads and writes nothing.
    fn drop(&mut self) {
        self.source.turn().set_alarm(None);
    }
}
