//! The end of a connection: its reason, and the effect of the command that met it.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::error::lock::write_warning;
use crate::error::reader::ReaderError;
use crate::error::said::Said;
use crate::limits::LimitExceeded;
use crate::printable::Printable;
use crate::types::response_code::ResponseCode;

/// Whether a failed command may have taken effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Nothing of it was sent, or the server refused it.
    None,
    /// It was sent, and its answer was lost.
    Possible,
}

impl Effect {
    /// The possible effect of a command that was sent and whose answer was lost: none for those
    /// that only read, which have no effect that outlives the connection. FETCH sets `\Seen` if it
    /// is requested, which its name does not show.
    pub(crate) fn of(command: &str) -> Self {
        let name = command.strip_prefix("UID ").unwrap_or(command);
        match only_reads(name) {
            true => Self::None,
            false => Self::Possible,
        }
    }
}

/// Whether a command only reads, or changes nothing but the connection. A `match` looks at the length
/// first: each command asks this.
fn only_reads(name: &str) -> bool {
    matches!(
        name,
        "CAPABILITY"
            | "ENABLE"
            | "ESEARCH"
            | "EXAMINE"
            | "FETCH"
            | "GETACL"
            | "GETMETADATA"
            | "GETQUOTA"
            | "GETQUOTAROOT"
            | "ID"
            | "LANGUAGE"
            | "LIST"
            | "LISTRIGHTS"
            | "LSUB"
            | "MYRIGHTS"
            | "NAMESPACE"
            | "NOOP"
            | "NOTIFY"
            | "SEARCH"
            | "SELECT"
            | "SORT"
            | "STATUS"
            | "UIDBATCHES"
            | "THREAD"
            | "UNSELECT"
            | "XLIST"
            | "GETJMAPACCESS"
    )
}

/// A stage with a deadline of its own, which the setting of the same name changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Opening the session as a whole, from the name to the end of the login:
    /// [`open_timeout`](crate::ClientBuilder::open_timeout).
    Open,
    /// Looking the name up and connecting: [`connect_timeout`](crate::ClientBuilder::connect_timeout).
    Connect,
    /// The TLS handshake: [`tls_timeout`](crate::ClientBuilder::tls_timeout).
    Tls,
    /// Waiting for the greeting: [`greeting_timeout`](crate::ClientBuilder::greeting_timeout).
    Greeting,
    /// One read: [`read_timeout`](crate::ClientBuilder::read_timeout), and
    /// [`slow_read_timeout`](crate::ClientBuilder::slow_read_timeout) for the commands that it names.
    Read,
    /// One write: [`write_timeout`](crate::ClientBuilder::write_timeout).
    Write,
    /// A whole command: [`command_timeout`](crate::ClientBuilder::command_timeout), or the
    /// deadline given to the call.
    Command,
    /// A whole stream of messages, download or upload:
    /// [`stream_timeout`](crate::ClientBuilder::stream_timeout).
    Stream,
}

impl Stage {
    /// The method that sets the timeout of this stage, such as `ClientBuilder::read_timeout`.
    #[must_use]
    pub fn option(self) -> &'static str {
        match self {
            Self::Open => "ClientBuilder::open_timeout",
            Self::Connect => "ClientBuilder::connect_timeout",
            Self::Tls => "ClientBuilder::tls_timeout",
            Self::Greeting => "ClientBuilder::greeting_timeout",
            Self::Read => "ClientBuilder::read_timeout",
            Self::Write => "ClientBuilder::write_timeout",
            Self::Command => "ClientBuilder::command_timeout",
            Self::Stream => "ClientBuilder::stream_timeout",
        }
    }
}

/// The connection ended, during this command or before it.
///
/// The command that meets the end has the reason in its error. Every later one has the reason too,
/// and [`closed_for`](Self::closed_for): it was not sent, and to repeat it does not help, because a
/// closed connection stays closed. The session of an [`Account`](crate::Account) that reconnects
/// has a new connection at the next lock, or at the next command outside of a guard.
#[derive(Debug)]
pub struct Closed {
    pub(crate) command: &'static str,
    pub(crate) effect: Effect,
    pub(crate) reason: Arc<CloseReason>,
    pub(crate) warning: Option<Box<str>>,
    pub(crate) closed_for: Option<Duration>,
    /// It is a BYE to a login, and was about the credentials before secrets in it were hidden.
    pub(crate) refuses_login: bool,
}

/// The reason why a connection ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum CloseReason {
    /// The server sent BYE.
    Bye {
        /// The response code, if there was one.
        code: Option<ResponseCode>,
        /// The human-readable text.
        text: String,
    },
    /// The server closed the stream.
    Eof,
    /// Reading or writing failed.
    Io(io::Error),
    /// A deadline passed while an answer was due, so later responses could not be matched to a
    /// command.
    Timeout(Stage, Duration),
    /// The server broke the protocol, so that its responses cannot be relied on.
    Protocol(String),
    /// The server exceeded a limit.
    Limit(LimitExceeded),
    /// The reader of a message did not return the octets that had been announced to the server.
    Reader(ReaderError),
    /// Sending was interrupted in the middle, so that the server waits for octets that will not
    /// come.
    Interrupted(&'static str),
    /// The session was logged out.
    LoggedOut,
    /// A [`CloseHandle`](crate::CloseHandle) closed the session.
    Cancelled,
}

impl Closed {
    /// The end that a command met, with the earlier warnings of the server.
    pub(crate) fn after(
        command: &'static str,
        effect: Effect,
        reason: &Arc<CloseReason>,
        warning: Option<Box<str>>,
    ) -> Box<Self> {
        Box::new(Self {
            command,
            effect,
            reason: Arc::clone(reason),
            warning,
            closed_for: None,
            refuses_login: false,
        })
    }

    /// For a command that was called after the connection had been closed for this long.
    pub(crate) fn before(
        command: &'static str,
        reason: &Arc<CloseReason>,
        closed_for: Duration,
    ) -> Box<Self> {
        Box::new(Self {
            command,
            effect: Effect::None,
            reason: Arc::clone(reason),
            warning: None,
            closed_for: Some(closed_for),
            refuses_login: false,
        })
    }

    /// The time for which the connection had been closed when this command was called.
    ///
    /// `None` if it ended during this command.
    #[must_use]
    pub fn closed_for(&self) -> Option<Duration> {
        self.closed_for
    }

    /// Whether a deadline of this command ended the connection.
    pub(crate) fn is_timeout(&self) -> bool {
        self.closed_for.is_none() && self.reason.is_timeout()
    }

    /// The command that met the end of the connection.
    #[must_use]
    pub fn command(&self) -> &'static str {
        self.command
    }

    /// Whether that command may have taken effect.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// The last warning that the server sent before a deadline ended the connection.
    ///
    /// It is an untagged NO or BAD, or an ALERT, that came during the command; often it is the
    /// reason why the command was not completed. At most 300 characters, escaped as in the error's
    /// text. `None` if another reason ended the connection.
    #[must_use]
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    pub(crate) fn response_code(&self) -> Option<&ResponseCode> {
        match &*self.reason {
            CloseReason::Bye { code, .. } => code.as_ref(),
            _ => None,
        }
    }

    /// Whether the caller closed it from another thread.
    pub(crate) fn is_cancelled(&self) -> bool {
        matches!(*self.reason, CloseReason::Cancelled)
    }

    pub(crate) fn into_reason(self) -> Arc<CloseReason> {
        self.reason
    }

    /// The reason why the connection ended.
    #[must_use]
    pub fn reason(&self) -> &CloseReason {
        &self.reason
    }
}

impl CloseReason {
    pub(crate) fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout(..))
    }

    /// Whether this side ended the connection on request.
    pub(crate) fn is_wanted(&self) -> bool {
        matches!(self, Self::LoggedOut | Self::Cancelled)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "opening the session",
            Self::Connect => "connecting",
            Self::Tls => "the TLS handshake",
            Self::Greeting => "the greeting",
            Self::Read => "a read",
            Self::Write => "a write",
            Self::Command => "the command",
            Self::Stream => "the stream",
        })
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let effect = match self.effect {
            Effect::None => "",
            Effect::Possible => " (it may have taken effect)",
        };
        write!(f, "{}: {}{effect}", self.command, self.reason)?;
        if let Some(closed_for) = self.closed_for {
            match closed_for.as_secs() {
                0 => f.write_str(", before this command")?,
                seconds => write!(f, ", {seconds} s before this command")?,
            }
            if !self.reason.is_wanted() {
                f.write_str(
                    "; open a new session, or lock again if an Account reconnects this one",
                )?;
            }
        }
        write_warning(f, self.warning())
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bye { code, text } => {
                write!(f, "the server sent BYE: {}", Said(code.as_ref(), text))
            }
            Self::Eof => f.write_str("the server closed the connection"),
            Self::Io(error) => write!(f, "the connection failed: {error}"),
            Self::Timeout(stage, after) => {
                let option = stage.option();
                write!(
                    f,
                    "{stage} timed out after {after:?} ({option}); the connection was closed"
                )
            }
            Self::Protocol(problem) => {
                write!(f, "the server broke the protocol: {}", Printable(problem))
            }
            Self::Limit(exceeded) => write!(f, "{exceeded}; the connection was closed"),
            Self::Reader(error) => write!(f, "{error}; the connection was closed"),
            Self::Interrupted(what) => {
                write!(f, "{what} was interrupted; the connection was closed")
            }
            Self::Cancelled => f.write_str("the session was closed from elsewhere"),
            Self::LoggedOut => f.write_str("the session was logged out"),
        }
    }
}

impl StdError for Closed {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.reason.source()
    }
}

impl StdError for CloseReason {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Io(error) => error.source(),
            Self::Reader(error) => error.source(),
            _ => None,
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "no effect",
            Self::Possible => "may have taken effect",
        })
    }
}
