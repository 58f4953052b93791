//! Listening: how the events of a connection come while no command runs, by IDLE, by NOTIFY or by
//! polling, without the waiting in between.

pub(crate) mod driver;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::connection::idling::IDLE;
use crate::connection::notifying::NOTIFY;
use crate::error::Result;
use crate::idle_options::Rhythm;
use crate::types::capability::Capability;

/// The work of one connection while it listens, as steps that never wait for an event.
///
/// Its driver, of one listener or of many, waits until the connection can be read, until
/// [`due`](Self::due), or for another reason of its own. Then it takes a step:
/// [`on_due`](Self::on_due) when that time has come, [`on_readable`](Self::on_readable) otherwise. It
/// calls `on_readable` until that finds nothing before it waits: TLS, DEFLATE and the buffer may
/// hold octets that no poll reports.
#[derive(Debug)]
pub(crate) struct Listener {
    way: Way,
    rhythm: Rhythm,
    /// When it began, or sent last what was due: the age of an IDLE.
    began: Instant,
    /// The last response of the server, or the last poll. `None`: it is to be polled at once.
    last_sign: Option<Instant>,
}

/// The way in which events come.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// The server sends those of the selected mailbox until DONE.
    Idle,
    /// The server sends those that NOTIFY requested; it is polled while NOTIFY is not in force.
    Notify { in_force: bool },
    /// The server sends them when it is polled by NOOP.
    Poll,
}

impl Listener {
    /// A listener to the selected mailbox: by IDLE, or by polling if the server lacks IDLE or the
    /// stream cannot be polled. Sends nothing but CAPABILITY.
    pub(crate) fn of_mailbox(connection: &mut Connection, rhythm: Rhythm) -> Result<Self> {
        let has_idle = connection.capabilities()?.supports(&Capability::Idle);
        Ok(match has_idle && connection.can_be_polled() {
            true => Self::new(Way::Idle, rhythm),
            false => Self {
                last_sign: None,
                ..Self::new(Way::Poll, rhythm)
            },
        })
    }

    /// A listener to what NOTIFY requested for the session. Sends nothing.
    pub(crate) fn of_session(rhythm: Rhythm) -> Self {
        Self::new(Way::Notify { in_force: false }, rhythm)
    }

    fn new(way: Way, rhythm: Rhythm) -> Self {
        let began = Instant::now();
        Self {
            way,
            rhythm,
            began,
            last_sign: Some(began),
        }
    }

    /// The command that errors of the listening name.
    pub(crate) fn command(&self) -> &'static str {
        match self.way {
            Way::Idle | Way::Poll => IDLE,
            Way::Notify { .. } => NOTIFY,
        }
    }

    /// Whether the server sends events by itself.
    pub(crate) fn is_idling(&self) -> bool {
        !self.is_polling()
    }

    /// Begins: sends IDLE and waits for the continuation request; no-op in other ways.
    pub(crate) fn begin(&self, connection: &mut Connection) -> Result<()> {
        match self.way {
            Way::Idle => connection.begin_idle(self.answer_time()),
            Way::Notify { .. } | Way::Poll => Ok(()),
        }
    }

    /// Whether [`end`](Self::end) may have to send something.
    pub(crate) fn has_to_end(&self) -> bool {
        matches!(self.way, Way::Idle)
    }

    /// Ends: sends DONE, unless the server has ended the IDLE, and reads its answer; no-op in other
    /// ways.
    pub(crate) fn end(&self, connection: &mut Connection) -> Result<()> {
        connection.end_idle(self.answer_time())
    }

    /// Whether the listening goes on: not if the server has ended the IDLE. Comes before each step,
    /// because NOTIFY may have been switched on or off since the last one.
    pub(crate) fn goes_on(&mut self, connection: &mut Connection) -> bool {
        match &mut self.way {
            Way::Idle => connection.is_idling(),
            Way::Notify { in_force } => {
                *in_force = connection.state.is_notifying() && connection.can_be_polled();
                true
            }
            Way::Poll => true,
        }
    }

    /// When something has to be sent: an IDLE that is too old is renewed, a silent server is probed,
    /// and one that sends no events by itself is polled. `None`: never.
    pub(crate) fn due(&self) -> Option<Instant> {
        let Some(last_sign) = self.last_sign else {
            return Some(self.began);
        };
        let silent = match self.is_polling() {
            true => self.rhythm.poll_interval,
            false => self.rhythm.probe_after,
        };
        let silent = last_sign.checked_add(silent);
        let aged = match self.way {
            Way::Idle => self.began.checked_add(self.rhythm.renew_after),
            Way::Notify { .. } | Way::Poll => None,
        };
        silent.into_iter().chain(aged).min()
    }

    /// Sends what is due and reads the answer to it: DONE and another IDLE, or NOOP. If the server
    /// has switched NOTIFY off, the events of the selected mailbox are requested before.
    pub(crate) fn on_due(&mut self, connection: &mut Connection) -> Result<()> {
        self.end(connection)?;
        connection.resume_counting()?;
        match self.way {
            Way::Idle => self.begin(connection)?,
            Way::Notify { .. } | Way::Poll => connection.poll_for_changes(self.answer_time())?,
        }
        self.began = Instant::now();
        self.last_sign = Some(self.began);
        Ok(())
    }

    /// Reads one response if it has arrived whole, and returns whether it had. Never waits.
    pub(crate) fn on_readable(&mut self, connection: &mut Connection) -> Result<bool> {
        let has_arrived = connection.receive_if_arrived(self.command())?.is_some();
        if has_arrived && !self.is_polling() {
            self.last_sign = Some(Instant::now());
        }
        Ok(has_arrived)
    }

    /// Whether events come only if the server is polled for them.
    fn is_polling(&self) -> bool {
        match self.way {
            Way::Idle => false,
            Way::Notify { in_force } => !in_force,
            Way::Poll => true,
        }
    }

    /// The timeout for an answer of the server.
    fn answer_time(&self) -> Duration {
        self.rhythm.probe_after
    }
}
