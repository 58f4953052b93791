//! What a connection keeps to: deadlines and limits; and what they are unless set.

use std::time::{Duration, Instant};

use crate::limits::{Limits, SessionLimits};

/// How long each stage may take; all are finite, each is an option of the builder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    pub(crate) connect: Duration,
    pub(crate) tls: Duration,
    pub(crate) greeting: Duration,
    /// `None` unless the caller has set it.
    pub(crate) read: Option<Duration>,
    /// `None` unless the caller has set it.
    pub(crate) slow_read: Option<Duration>,
    pub(crate) write: Duration,
    pub(crate) command: Duration,
    /// A whole stream of messages, a download or an upload.
    pub(crate) stream: Option<Duration>,
    pub(crate) logout: Duration,
    pub(crate) drain: Duration,
    pub(crate) lock: Option<Duration>,
    pub(crate) turn: Option<Duration>,
}

/// How long a command of the session waits for its turn unless anything is set: as long as one
/// command of the holder may take.
const TURN: Duration = Duration::from_secs(600);

impl Timeouts {
    /// How long a command of the session waits for its turn. Never for ever: it may be waiting for a
    /// guard that its own thread holds, which cannot be known of one that can move.
    pub(crate) fn turn(&self) -> Duration {
        self.turn.or(self.lock).unwrap_or(TURN)
    }
}

/// How long a server may be silent that has little to do for a command.
const READ: Duration = Duration::from_secs(60);

/// How long a server may be silent that goes over a whole mailbox: Dovecot, Cyrus and Exchange take
/// a minute and more for a SEARCH, SORT, COPY or MOVE in one of some 100,000 messages whose index is
/// cold, and send nothing meanwhile.
const SLOW_READ: Duration = Duration::from_secs(300);

/// Whether a server may have to go over a whole mailbox for this command, or over all mailboxes; so
/// it is taken to be for one that the caller wrote.
fn is_slow(command: &str) -> bool {
    let name = command.strip_prefix("UID ").unwrap_or(command);
    matches!(
        name,
        "SELECT"
            | "EXAMINE"
            | "CLOSE"
            | "EXPUNGE"
            | "SEARCH"
            | "ESEARCH"
            | "SORT"
            | "THREAD"
            | "FETCH"
            | "STORE"
            | "COPY"
            | "MOVE"
            | "APPEND"
            | "REPLACE"
            | "STATUS"
            | "LIST"
            | "LSUB"
            | "XLIST"
            | "DELETE"
            | "RENAME"
            | "raw command"
    )
}

impl Timeouts {
    /// How long the server may be silent while an answer to this command is due. What a caller sets
    /// for all commands holds for the slow ones too, unless those have a time of their own.
    pub(crate) fn silence(&self, command: &str) -> Duration {
        match is_slow(command) {
            true => self.slow_read.or(self.read).unwrap_or(SLOW_READ),
            false => self.read.unwrap_or(READ),
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            tls: Duration::from_secs(30),
            greeting: Duration::from_secs(30),
            read: None,
            slow_read: None,
            write: Duration::from_secs(60),
            command: Duration::from_secs(600),
            stream: None,
            logout: Duration::from_secs(5),
            drain: Duration::from_secs(10),
            lock: None,
            turn: None,
        }
    }
}

/// What a connection keeps to: its deadlines, and how much it takes in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) timeouts: Timeouts,
    pub(crate) limits: Limits,
    pub(crate) session: SessionLimits,
    /// When connecting and logging in have to be done, whatever each stage may take.
    pub(crate) until: Option<Instant>,
    /// How long a FETCH that is throttled may be put off in all.
    pub(crate) throttle_ceiling: Duration,
}

impl Bounds {
    /// When a stage ends that begins now and may take so long.
    pub(crate) fn deadline(&self, limit: Duration) -> Option<Instant> {
        let end = Instant::now().checked_add(limit);
        match (end, self.until) {
            (Some(end), Some(until)) => Some(end.min(until)),
            (end, until) => end.or(until),
        }
    }
}

impl Default for Bounds {
    fn default() -> Self {
        let (timeouts, limits) = (Timeouts::default(), Limits::default());
        Self {
            timeouts,
            limits,
            session: SessionLimits::default(),
            until: None,
            throttle_ceiling: Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_16_a_command_of_the_session_never_waits_for_ever_by_default() {
        let with = |lock, turn| Timeouts {
            lock,
            turn,
            ..Timeouts::default()
        };
        let (short, long) = (Duration::from_secs(5), Duration::MAX);
        assert_eq!(with(None, None).turn(), TURN);
        assert_eq!(with(Some(short), None).turn(), short);
        assert_eq!(with(Some(short), Some(long)).turn(), long);
        assert_eq!(with(None, Some(short)).turn(), short);
    }
}
