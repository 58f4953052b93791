//! The deadlines and limits of a connection, and their defaults.

use std::time::{Duration, Instant};

use crate::limits::{Limits, SessionLimits};

/// The timeout of each stage; all are finite, each is an option of the builder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    /// All of it: from the name to the end of the login.
    pub(crate) open: Duration,
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

/// The default timeout for the turn of a command of the session: as long as one command of the
/// holder may take.
const TURN: Duration = Duration::from_secs(600);

impl Timeouts {
    /// The timeout for the turn of a command of the session. Never without limit: the command may
    /// wait for a guard that its own thread holds, which cannot be detected for a guard that can
    /// move.
    pub(crate) fn turn(&self) -> Duration {
        self.turn.or(self.lock).unwrap_or(TURN)
    }
}

/// The most time for opening a session: the stages of connecting, each with its whole timeout,
/// leave a minute for the login.
const OPEN: Duration = Duration::from_secs(180);

/// The longest wait for a greeting: servers that look up the client's name, or request the user's
/// (RFC 1413), wait half a minute for those answers before they greet.
const GREETING: Duration = Duration::from_secs(60);

/// The longest silence of a server that has little to do for a command.
const READ: Duration = Duration::from_secs(60);

/// The longest silence of a server that reads a whole mailbox: Dovecot, Cyrus and Exchange take a
/// minute and more for a SEARCH, SORT, COPY or MOVE in one of some 100,000 messages whose index is
/// cold, and send nothing meanwhile.
const SLOW_READ: Duration = Duration::from_secs(300);

/// Whether a server may have to read a whole mailbox for this command, or all mailboxes; assumed of
/// a raw command.
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
            | "NOTIFY"
            | "GETQUOTA"
            | "GETQUOTAROOT"
            | "raw command"
    )
}

impl Timeouts {
    /// The longest silence of the server while an answer to this command is due. A setting of the
    /// caller for all commands holds for the slow ones too, unless those have a setting of their
    /// own.
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
            open: OPEN,
            connect: Duration::from_secs(30),
            tls: Duration::from_secs(30),
            greeting: GREETING,
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

/// The deadlines and limits of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) timeouts: Timeouts,
    pub(crate) limits: Limits,
    pub(crate) session: SessionLimits,
    /// The deadline of connecting and logging in, whatever each stage may take.
    pub(crate) until: Option<Instant>,
    /// The opening of the session in progress; `None` if that has no limit, and in between.
    pub(crate) opening: Option<Opening>,
    /// The time that connecting has left for the login.
    left_to_open: Option<Duration>,
    /// The most time that a throttled FETCH waits in all.
    pub(crate) throttle_ceiling: Duration,
}

/// The deadline of opening the session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening {
    pub(crate) at: Instant,
    /// The time for all of it.
    pub(crate) within: Duration,
}

impl Bounds {
    /// The deadline of a stage that begins now and may take `limit`.
    pub(crate) fn deadline(&self, limit: Duration) -> Option<Instant> {
        let end = Instant::now().checked_add(limit);
        let opening = self.opening.map(|opening| opening.at);
        end.into_iter().chain(self.until).chain(opening).min()
    }

    /// Starts the time for opening the session, unless it has started.
    pub(crate) fn begin_opening(&mut self) {
        self.left_to_open = Some(self.timeouts.open);
        if self.opening.is_none() {
            self.resume_opening();
        }
    }

    /// It is connected: until the login, the program takes its own time.
    pub(crate) fn pause_opening(&mut self) {
        let left = |opening: Opening| opening.at.saturating_duration_since(Instant::now());
        self.left_to_open = self.opening.take().map(left);
    }

    /// A login begins. Each one has what connecting has left.
    pub(crate) fn resume_opening(&mut self) {
        let at = self
            .left_to_open
            .and_then(|left| Instant::now().checked_add(left));
        let within = self.timeouts.open;
        self.opening = at.map(|at| Opening { at, within });
    }

    /// The session is open.
    pub(crate) fn end_opening(&mut self) {
        (self.opening, self.left_to_open) = (None, None);
    }

    /// Whether the time for opening the session has run out.
    pub(crate) fn is_opening_over(&self) -> bool {
        self.opening
            .is_some_and(|opening| opening.at <= Instant::now())
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
            opening: None,
            left_to_open: None,
            throttle_ceiling: Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_login_has_what_connecting_left_and_the_program_its_own_time() {
        let mut bounds = Bounds::default();
        let hour = Duration::from_secs(3600);
        bounds.timeouts.open = hour;
        assert!(bounds.deadline(Duration::MAX).is_none());
        bounds.begin_opening();
        let end = bounds.deadline(Duration::MAX).unwrap();
        bounds.begin_opening();
        assert_eq!(bounds.deadline(Duration::MAX), Some(end));
        assert!(bounds.deadline(Duration::ZERO).unwrap() < end);
        assert!(!bounds.is_opening_over());
        bounds.pause_opening();
        assert!(bounds.deadline(Duration::MAX).is_none());
        let left = bounds.left_to_open.unwrap();
        assert!(left <= hour);
        // Time that passes here does not count.
        bounds.resume_opening();
        let opening = bounds.opening.unwrap();
        assert!(opening.at >= end, "{:?} was lost", end - opening.at);
        assert_eq!(opening.within, hour);
        bounds.end_opening();
        bounds.resume_opening();
        assert!(bounds.opening.is_none());
        bounds.timeouts.open = Duration::ZERO;
        bounds.begin_opening();
        assert!(bounds.is_opening_over());
    }

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
