//! What can go wrong, what the server said of it, and whether the command may have taken effect.

use std::convert::Infallible;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::sasl::mechanism::MechanismError;
use crate::types::capability::{Capability, InvalidCapability};
use crate::types::flag::InvalidFlag;
use crate::types::list::InvalidMailboxPattern;
use crate::types::mailbox_name::{InvalidMailboxName, MailboxName};
use crate::types::number_set::InvalidSet;
use crate::types::response_code::ResponseCode;
use crate::types::search::InvalidSearch;
use crate::types::section::InvalidSection;
use crate::types::sequence_set::{MixedOrigins, Origin};
use crate::types::uid::{InvalidNumber, UidValidity};
use crate::wire::response::item_error::ItemError;

/// What every fallible call of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Anything that can go wrong.
///
/// Match on the variant for what happened, or ask: [`is_timeout`](Self::is_timeout),
/// [`is_closed`](Self::is_closed), [`is_auth`](Self::is_auth),
/// [`may_have_taken_effect`](Self::may_have_taken_effect),
/// [`response_code`](Self::response_code). No error shows a password or a token.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// No connection came about: name, address, TLS or greeting.
    Connect(Box<ConnectError>),
    /// The connection is gone; every later call on the session answers the same.
    Closed(Box<Closed>),
    /// The server answered NO or BAD; the connection is in step and can be used.
    Refused(Box<Refused>),
    /// The server does not have the extension that this call needs; nothing was sent.
    Unsupported(Box<Unsupported>),
    /// An argument cannot be sent; nothing was.
    Argument(Box<InvalidArgument>),
    /// Logging in was not tried, because it would not be safe or cannot work; nothing was sent.
    Login(LoginRefusal),
    /// The lock was not granted.
    Lock(Box<LockError>),
    /// The mailbox is not, or no longer, what this guard was granted for.
    Mailbox(Box<MailboxError>),
    /// UIDs of one mailbox were used on another, or after UIDVALIDITY changed; nothing was sent.
    StaleUids(Box<StaleUids>),
    /// A command of the session was called on the thread whose own stream is still being read;
    /// nothing was sent. Finish or drop the stream first.
    StreamOpen,
    /// The server said OK and left out what the command is for.
    Unanswered(&'static str),
    /// One item of one message could not be read; its bytes are kept.
    Item(Box<ItemError>),
}

/// Whether a command that failed may have done its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Nothing of it was sent, or the server refused it.
    None,
    /// It was sent, and the answer was lost.
    Possible,
}

/// A stage that has a deadline of its own; the setting of the same name changes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Looking the name up and connecting: [`connect_timeout`](crate::ClientBuilder::connect_timeout).
    Connect,
    /// The TLS handshake: [`tls_timeout`](crate::ClientBuilder::tls_timeout).
    Tls,
    /// Waiting for the greeting: [`greeting_timeout`](crate::ClientBuilder::greeting_timeout).
    Greeting,
    /// One read: [`read_timeout`](crate::ClientBuilder::read_timeout).
    Read,
    /// One write: [`write_timeout`](crate::ClientBuilder::write_timeout).
    Write,
    /// A whole command: [`command_timeout`](crate::ClientBuilder::command_timeout), or the
    /// deadline given to the call.
    Command,
}

/// How far connecting came.
#[derive(Debug)]
pub struct ConnectError {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) problem: ConnectProblem,
}

/// What kept a connection from coming about.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectProblem {
    /// The name could not be looked up.
    Resolve(io::Error),
    /// No address took the connection; the last one's error.
    Tcp(io::Error),
    /// The certificates or other settings given for TLS are unusable.
    TlsSettings(Box<dyn StdError + Send + Sync>),
    /// The TLS handshake failed: the certificate, its name, or no TLS at all on that port.
    Tls(Box<dyn StdError + Send + Sync>),
    /// STARTTLS was asked for and not to be had; what the server said.
    StartTls(String),
    /// The server refused in its greeting (BYE, NO or BAD): what it said.
    Greeting {
        /// The response code, where there was one.
        code: Option<ResponseCode>,
        /// The text for people.
        text: String,
    },
    /// The other end does not speak IMAP; what it said, shortened and escaped.
    NotImap {
        /// What it seems to speak instead.
        protocol: Option<&'static str>,
        /// The beginning of its first line.
        seen: String,
    },
    /// A greeting of PREAUTH that was not asked for.
    UnexpectedPreauth,
    /// A deadline passed.
    Timeout(Stage),
    /// The connection ended or failed after it was made.
    Closed(Arc<CloseReason>),
}

/// The connection ended.
#[derive(Debug)]
pub struct Closed {
    pub(crate) command: &'static str,
    pub(crate) effect: Effect,
    pub(crate) reason: Arc<CloseReason>,
}

/// Why a connection ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum CloseReason {
    /// The server said BYE.
    Bye {
        /// The response code, where there was one.
        code: Option<ResponseCode>,
        /// The text for people.
        text: String,
    },
    /// The server closed the stream.
    Eof,
    /// Reading or writing failed.
    Io(io::Error),
    /// A deadline passed while an answer was due, so what comes next cannot be told apart.
    Timeout(Stage, Duration),
    /// The server broke the protocol in a way that leaves nothing to rely on.
    Protocol(String),
    /// An answer was larger than a limit allows.
    Limit {
        /// What was too large.
        what: &'static str,
        /// How much is allowed, in octets.
        allowed: usize,
        /// The option of [`ClientBuilder`](crate::ClientBuilder) that changes it.
        option: &'static str,
    },
    /// Sending was interrupted half-way, so that the server waits for bytes that will not come.
    Interrupted(&'static str),
    /// The session was logged out.
    LoggedOut,
}

/// The server's refusal of a command.
#[derive(Debug)]
pub struct Refused {
    pub(crate) command: &'static str,
    pub(crate) bad: bool,
    pub(crate) code: Option<ResponseCode>,
    pub(crate) text: String,
}

/// An extension that is missing.
#[derive(Debug)]
pub struct Unsupported {
    pub(crate) command: &'static str,
    pub(crate) capability: Capability,
}

/// An argument that cannot be sent.
#[derive(Debug)]
#[non_exhaustive]
pub enum InvalidArgument {
    /// A mailbox name.
    MailboxName(InvalidMailboxName),
    /// A pattern of mailbox names.
    MailboxPattern(InvalidMailboxPattern),
    /// A capability.
    Capability(InvalidCapability),
    /// A flag or keyword.
    Flag(InvalidFlag),
    /// A set of messages.
    Set(InvalidSet),
    /// A number.
    Number(InvalidNumber),
    /// A section of a message.
    Section(InvalidSection),
    /// A search key.
    Search(InvalidSearch),
    /// Sets of different mailboxes.
    MixedOrigins(MixedOrigins),
    /// Text that the protocol has no form for.
    Text {
        /// Which argument it was.
        argument: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// Why a login was not tried.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginRefusal {
    /// The password would have gone over the line in cleartext;
    /// [`danger_cleartext_login`](crate::ClientBuilder::danger_cleartext_login) allows it.
    Cleartext,
    /// The server advertises LOGINDISABLED (RFC 9051 section 6.2.3).
    LoginDisabled,
    /// The server does not offer this mechanism.
    MechanismNotOffered(&'static str),
    /// The connection is already authenticated, by PREAUTH.
    AlreadyAuthenticated,
    /// The connection was not authenticated by PREAUTH.
    NotAuthenticated,
    /// The server asked for more rounds than any mechanism needs.
    UnexpectedChallenge,
    /// The mechanism could not go on with what the server said.
    Mechanism(MechanismError),
}

/// Why a lock was not granted.
#[derive(Debug)]
#[non_exhaustive]
pub enum LockError {
    /// This thread holds the lock already, and would wait for itself.
    HeldByThisThread {
        /// What it holds.
        holder: Holder,
    },
    /// Another holds the lock, and the call was told not to wait.
    WouldBlock {
        /// Who has it.
        holder: Option<Holder>,
    },
    /// The time was over before the turn came.
    Timeout {
        /// How long was waited.
        waited: Duration,
        /// Who has it.
        holder: Option<Holder>,
        /// How many were waiting, this call not counted.
        waiting: usize,
    },
}

/// Who holds the lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub(crate) thread: Option<String>,
    pub(crate) mailbox: Option<MailboxName>,
    pub(crate) held_for: Duration,
}

/// What became of a mailbox.
#[derive(Debug)]
#[non_exhaustive]
pub enum MailboxError {
    /// The server has closed it, or it was never selected: nothing is selected now.
    NotSelected(MailboxName),
    /// The server granted reading only, and the guard asked for more (`[READ-ONLY]`).
    ReadOnly(MailboxName),
    /// It would be deleted or renamed while this thread holds it.
    Held(MailboxName),
    /// Its UIDVALIDITY changed while it was held, so that no UID known so far means anything.
    UidValidityChanged(MailboxName),
}

/// UIDs that do not belong where they were used.
#[derive(Debug)]
pub struct StaleUids {
    pub(crate) origin: Arc<Origin>,
    pub(crate) mailbox: MailboxName,
    pub(crate) uid_validity: Option<UidValidity>,
}

impl Error {
    /// Whether a deadline passed: connecting, in a command, or waiting for the lock.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::Connect(error) => error.is_timeout(),
            Self::Closed(closed) => closed.reason.is_timeout(),
            Self::Lock(error) => matches!(**error, LockError::Timeout { .. }),
            _ => false,
        }
    }

    /// Whether the connection is gone, so that nothing more can be done with this session.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }

    /// Whether it is about who the user is: the credentials, or that they could not be sent.
    #[must_use]
    pub fn is_auth(&self) -> bool {
        match self {
            Self::Login(_) => true,
            Self::Refused(refused) => refused.is_auth(),
            _ => false,
        }
    }

    /// Whether the lock was busy: the same call may succeed later.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        match self {
            Self::Lock(error) => !matches!(**error, LockError::HeldByThisThread { .. }),
            _ => false,
        }
    }

    /// Whether the command may have done its work although it failed.
    ///
    /// `false` where nothing was sent or the server refused; `true` where the command was sent
    /// and its answer was lost, so that only the server knows.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        match self {
            Self::Closed(closed) => closed.effect == Effect::Possible,
            Self::Unanswered(_) => true,
            _ => false,
        }
    }

    /// The response code that the server gave with its refusal, where there was one.
    #[must_use]
    pub fn response_code(&self) -> Option<&ResponseCode> {
        match self {
            Self::Refused(refused) => refused.code.as_ref(),
            Self::Connect(error) => match &error.problem {
                ConnectProblem::Greeting { code, .. } => code.as_ref(),
                _ => None,
            },
            Self::Closed(closed) => match &*closed.reason {
                CloseReason::Bye { code, .. } => code.as_ref(),
                _ => None,
            },
            _ => None,
        }
    }

    pub(crate) fn closed(command: &'static str, effect: Effect, reason: &Arc<CloseReason>) -> Self {
        Self::Closed(Box::new(Closed {
            command,
            effect,
            reason: Arc::clone(reason),
        }))
    }

    pub(crate) fn unsupported(command: &'static str, capability: Capability) -> Self {
        Self::Unsupported(Box::new(Unsupported {
            command,
            capability,
        }))
    }

    pub(crate) fn text(argument: &'static str, problem: &'static str) -> Self {
        InvalidArgument::Text { argument, problem }.into()
    }

    pub(crate) fn mailbox(error: MailboxError) -> Self {
        Self::Mailbox(Box::new(error))
    }
}

impl ConnectError {
    /// The host that was to be connected to.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port that was to be connected to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What kept the connection from coming about.
    #[must_use]
    pub fn problem(&self) -> &ConnectProblem {
        &self.problem
    }

    fn is_timeout(&self) -> bool {
        match &self.problem {
            ConnectProblem::Timeout(_) => true,
            ConnectProblem::Resolve(error) | ConnectProblem::Tcp(error) => {
                error.kind() == io::ErrorKind::TimedOut
            }
            ConnectProblem::Closed(reason) => reason.is_timeout(),
            _ => false,
        }
    }
}

impl Closed {
    /// The command that met the end of the connection.
    #[must_use]
    pub fn command(&self) -> &'static str {
        self.command
    }

    /// Whether that command may have done its work.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.effect
    }

    pub(crate) fn into_reason(self) -> Arc<CloseReason> {
        self.reason
    }

    /// Why the connection ended.
    #[must_use]
    pub fn reason(&self) -> &CloseReason {
        &self.reason
    }
}

impl CloseReason {
    pub(crate) fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout(..))
    }
}

impl Refused {
    /// The command that was refused.
    #[must_use]
    pub fn command(&self) -> &'static str {
        self.command
    }

    /// Whether the server said BAD (it did not understand) and not NO (it would not).
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.bad
    }

    /// The response code, where there was one.
    #[must_use]
    pub fn code(&self) -> Option<&ResponseCode> {
        self.code.as_ref()
    }

    /// The server's text for people, as it came.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    fn is_auth(&self) -> bool {
        let by_code = matches!(
            self.code,
            Some(
                ResponseCode::AuthenticationFailed
                    | ResponseCode::AuthorizationFailed
                    | ResponseCode::Expired
                    | ResponseCode::PrivacyRequired
                    | ResponseCode::ContactAdmin
            )
        );
        by_code || matches!(self.command, "LOGIN" | "AUTHENTICATE")
    }
}

impl Unsupported {
    /// What the server would have to advertise.
    #[must_use]
    pub fn capability(&self) -> &Capability {
        &self.capability
    }

    /// The command that needs it.
    #[must_use]
    pub fn command(&self) -> &'static str {
        self.command
    }
}

impl Holder {
    /// The name of the holding thread, where it has one.
    #[must_use]
    pub fn thread(&self) -> Option<&str> {
        self.thread.as_deref()
    }

    /// The mailbox it holds; none while a command of the session runs.
    #[must_use]
    pub fn mailbox(&self) -> Option<&MailboxName> {
        self.mailbox.as_ref()
    }

    /// How long it had held the lock when this was written.
    #[must_use]
    pub fn held_for(&self) -> Duration {
        self.held_for
    }
}

impl StaleUids {
    /// Where the UIDs come from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The mailbox they were used on.
    #[must_use]
    pub fn mailbox(&self) -> &MailboxName {
        &self.mailbox
    }

    /// The UIDVALIDITY of that mailbox now.
    #[must_use]
    pub fn uid_validity(&self) -> Option<UidValidity> {
        self.uid_validity
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => error.fmt(f),
            Self::Closed(closed) => closed.fmt(f),
            Self::Refused(refused) => refused.fmt(f),
            Self::Unsupported(missing) => missing.fmt(f),
            Self::Argument(argument) => argument.fmt(f),
            Self::Login(refusal) => refusal.fmt(f),
            Self::Lock(error) => error.fmt(f),
            Self::Mailbox(error) => error.fmt(f),
            Self::StaleUids(stale) => stale.fmt(f),
            Self::StreamOpen => {
                f.write_str("this thread is still reading a stream; finish or drop it first")
            }
            Self::Unanswered(command) => {
                write!(f, "{command}: the server said OK and left out the answer")
            }
            Self::Item(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "connecting to {}:{}: {}",
            self.host, self.port, self.problem
        )
    }
}

impl fmt::Display for ConnectProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolve(error) => write!(f, "the name could not be looked up: {error}"),
            Self::Tcp(error) => write!(f, "{error}"),
            Self::TlsSettings(error) => write!(f, "the TLS settings are unusable: {error}"),
            Self::Tls(error) => write!(f, "TLS: {error}"),
            Self::StartTls(text) => write!(f, "STARTTLS was refused: {}", Shown(text)),
            Self::Greeting { code, text } => {
                write!(f, "the server refused: {}", Said(code.as_ref(), text))
            }
            Self::NotImap {
                protocol: Some(protocol),
                seen,
            } => {
                write!(
                    f,
                    "this is a server for {protocol}, not IMAP; it said {seen:?}"
                )
            }
            Self::NotImap {
                protocol: None,
                seen,
            } => {
                write!(f, "the other end does not speak IMAP; it said {seen:?}")
            }
            Self::UnexpectedPreauth => f.write_str("unexpected PREAUTH greeting"),
            Self::Timeout(stage) => write!(f, "{stage} took too long"),
            Self::Closed(reason) => reason.fmt(f),
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Tls => "the TLS handshake",
            Self::Greeting => "the greeting",
            Self::Read => "a read",
            Self::Write => "a write",
            Self::Command => "the command",
        })
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let effect = match self.effect {
            Effect::None => "",
            Effect::Possible => " (it may have taken effect)",
        };
        write!(f, "{}: {}{effect}", self.command, self.reason)
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bye { code, text } => {
                write!(f, "the server said goodbye: {}", Said(code.as_ref(), text))
            }
            Self::Eof => f.write_str("the server closed the connection"),
            Self::Io(error) => write!(f, "the connection failed: {error}"),
            Self::Timeout(stage, after) => {
                write!(
                    f,
                    "{stage} took longer than {after:?}, and the connection was closed"
                )
            }
            Self::Protocol(problem) => write!(f, "the server broke the protocol: {problem}"),
            Self::Limit {
                what,
                allowed,
                option,
            } => {
                write!(
                    f,
                    "{what} was longer than {allowed} octets (the option {option})"
                )
            }
            Self::Interrupted(what) => {
                write!(f, "{what} was interrupted, and the connection was closed")
            }
            Self::LoggedOut => f.write_str("the session was logged out"),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = if self.bad { "BAD" } else { "NO" };
        write!(f, "{}: the server answered {status}", self.command)?;
        match (&self.code, self.text.is_empty()) {
            (None, true) => Ok(()),
            (code, _) => write!(f, " {}", Said(code.as_ref(), &self.text)),
        }
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: the server does not advertise {}",
            self.command, self.capability
        )
    }
}

impl fmt::Display for InvalidArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MailboxName(error) => error.fmt(f),
            Self::MailboxPattern(error) => error.fmt(f),
            Self::Capability(error) => error.fmt(f),
            Self::Flag(error) => error.fmt(f),
            Self::Set(error) => error.fmt(f),
            Self::Number(error) => error.fmt(f),
            Self::Section(error) => error.fmt(f),
            Self::Search(error) => error.fmt(f),
            Self::MixedOrigins(error) => error.fmt(f),
            Self::Text { argument, problem } => write!(f, "{argument}: {problem}"),
        }
    }
}

impl fmt::Display for LoginRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cleartext => f.write_str(
                "without TLS the password would be readable on the way, so it was not sent",
            ),
            Self::LoginDisabled => f.write_str("the server has LOGIN disabled"),
            Self::MechanismNotOffered(name) => {
                write!(f, "the server does not offer the mechanism {name}")
            }
            Self::AlreadyAuthenticated => f.write_str("the connection is already authenticated"),
            Self::NotAuthenticated => f.write_str("the server did not greet with PREAUTH"),
            Self::UnexpectedChallenge => {
                f.write_str("the server asked for more rounds than any mechanism needs")
            }
            Self::Mechanism(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HeldByThisThread { holder } => {
                write!(f, "this thread holds the lock already: {holder}")
            }
            Self::WouldBlock {
                holder: Some(holder),
            } => write!(f, "the lock is taken: {holder}"),
            Self::WouldBlock { holder: None } => f.write_str("the lock is taken"),
            Self::Timeout {
                waited,
                holder,
                waiting,
            } => {
                write!(f, "the lock was not free within {waited:?}")?;
                if let Some(holder) = holder {
                    write!(f, "; it is held by {holder}")?;
                }
                if *waiting > 0 {
                    write!(f, "; {waiting} more wait")?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let thread = self.thread.as_deref().unwrap_or("unnamed");
        match &self.mailbox {
            Some(mailbox) => write!(f, "thread {thread:?}, mailbox {mailbox}")?,
            None => write!(f, "thread {thread:?}, a command of the session")?,
        }
        write!(f, ", for {:?}", self.held_for)
    }
}

impl fmt::Display for MailboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSelected(name) => write!(f, "{name} is no longer selected"),
            Self::ReadOnly(name) => {
                write!(
                    f,
                    "{name} can only be read; lock_mailbox_read_only opens it so"
                )
            }
            Self::Held(name) => write!(f, "{name} is held by this thread"),
            Self::UidValidityChanged(name) => {
                write!(
                    f,
                    "{name} has a new UIDVALIDITY: its messages have new UIDs"
                )
            }
        }
    }
}

impl fmt::Display for StaleUids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "these UIDs are of {}", self.origin.mailbox())?;
        if let Some(validity) = self.origin.uid_validity() {
            write!(f, " (UIDVALIDITY {validity})")?;
        }
        write!(f, " and were used on {}", self.mailbox)?;
        match self.uid_validity {
            Some(validity) => write!(f, " (UIDVALIDITY {validity})"),
            None => Ok(()),
        }
    }
}

/// What a server said, its code and its text.
struct Said<'a>(Option<&'a ResponseCode>, &'a str);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(code) if self.1.is_empty() => write!(f, "[{code}]"),
            Some(code) => write!(f, "[{code}] {}", Shown(self.1)),
            None => Shown(self.1).fmt(f),
        }
    }
}

/// A server's text with what a terminal would obey made visible.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                fmt::Write::write_char(f, character)?;
            }
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Connect(error) => error.problem.source(),
            Self::Closed(closed) => closed.reason.source(),
            Self::Item(error) => Some(&**error),
            _ => None,
        }
    }
}

impl StdError for ConnectProblem {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Resolve(error) | Self::Tcp(error) => Some(error),
            Self::TlsSettings(error) | Self::Tls(error) => Some(&**error),
            Self::Closed(reason) => reason.source(),
            _ => None,
        }
    }
}

impl StdError for CloseReason {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<InvalidArgument> for Error {
    fn from(argument: InvalidArgument) -> Self {
        Self::Argument(Box::new(argument))
    }
}

impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl From<ItemError> for Error {
    fn from(error: ItemError) -> Self {
        Self::Item(Box::new(error))
    }
}

/// Each small refusal of a value becomes an invalid argument.
macro_rules! argument {
    ($($refusal:ident => $variant:ident),* $(,)?) => {$(
        impl From<$refusal> for Error {
            fn from(refusal: $refusal) -> Self {
                InvalidArgument::$variant(refusal).into()
            }
        }
    )*};
}

argument! {
    InvalidMailboxName => MailboxName,
    InvalidMailboxPattern => MailboxPattern,
    InvalidCapability => Capability,
    InvalidFlag => Flag,
    InvalidSet => Set,
    InvalidNumber => Number,
    InvalidSection => Section,
    InvalidSearch => Search,
    MixedOrigins => MixedOrigins,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_two_words() {
        assert!(size_of::<Error>() <= 2 * size_of::<usize>());
    }

    #[test]
    fn terminal_escapes_of_a_server_are_shown_not_obeyed() {
        let refused = Refused {
            command: "NOOP",
            bad: false,
            code: None,
            text: "\x1b[2J".into(),
        };
        assert_eq!(
            refused.to_string(),
            "NOOP: the server answered NO \\u{1b}[2J"
        );
    }
}
