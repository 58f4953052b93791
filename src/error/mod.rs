//! The errors: what failed, the server's reason, and whether the command may have taken effect.

mod again;
pub(crate) mod argument;
pub(crate) mod cancelled;
pub(crate) mod closed;
pub(crate) mod connect;
pub(crate) mod credentials;
pub(crate) mod download;
pub(crate) mod failed;
pub(crate) mod lock;
pub(crate) mod login;
pub(crate) mod login_hint;
mod login_text;
pub(crate) mod mailbox;
pub(crate) mod reader;
pub(crate) mod refused;
mod retry;
pub(crate) mod said;
#[cfg(test)]
mod samples;
mod shown;
pub(crate) mod unparsable;

use std::convert::Infallible;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;

use crate::sasl::oauth_error::OAuthError;
use crate::types::acl::InvalidAclIdentifier;
use crate::types::capability::{Capability, InvalidCapability};
use crate::types::copied::Copied;
use crate::types::date::InvalidDate;
use crate::types::expunged::Expunged;
use crate::types::extension_name::InvalidExtensionName;
use crate::types::flag::InvalidFlag;
use crate::types::invalid_checkpoint::InvalidCheckpoint;
use crate::types::invalid_set::InvalidSet;
use crate::types::label::InvalidLabel;
use crate::types::list::InvalidMailboxPattern;
use crate::types::mailbox_name::InvalidMailboxName;
use crate::types::message_url::InvalidMessageUrl;
use crate::types::metadata::InvalidMetadataName;
use crate::types::other_account::OtherAccount;
use crate::types::response_code::ResponseCode;
use crate::types::rights::InvalidRights;
use crate::types::search::check::InvalidSearch;
use crate::types::section::InvalidSection;
use crate::types::special_use::InvalidSpecialUse;
use crate::types::stored_uids::InvalidStoredUids;
use crate::types::uid::InvalidNumber;
use crate::types::uid_set::{MixedOrigins, UidSet};
use crate::wire::response::item_error::ItemError;

pub use self::argument::InvalidArgument;
pub use self::cancelled::Cancelled;
pub use self::closed::{CloseReason, Closed, Effect, Stage};
pub use self::connect::{ConnectError, ConnectErrorKind};
pub use self::download::{NotFound, Truncated};
pub use self::lock::LockError;
pub use self::login::LoginAborted;
pub use self::login_hint::LoginHint;
pub use self::mailbox::{ForeignCheckpoint, MailboxError, StaleUids};
pub use self::reader::ReaderError;
pub use self::refused::{Refused, Throttled, Unsupported};
pub use self::unparsable::Unparsable;
pub use crate::limits::{Limit, LimitExceeded};

/// The result of every fallible call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The error of a program's own provider of credentials; see [`Account::new`](crate::Account::new).
pub type CredentialsError = Box<dyn StdError + Send + Sync>;

/// Any error of this crate.
///
/// Match on the variant for what happened, or call: [`is_timeout`](Self::is_timeout),
/// [`is_closed`](Self::is_closed), [`is_auth`](Self::is_auth),
/// [`may_have_taken_effect`](Self::may_have_taken_effect), [`is_retryable`](Self::is_retryable),
/// [`response_code`](Self::response_code), and for a message to be stored
/// [`is_try_create`](Self::is_try_create), [`is_over_quota`](Self::is_over_quota) and
/// [`is_too_big`](Self::is_too_big). No error shows a password or a token.
///
/// `Display` writes one line with the cause in it. `Debug`, which is what a `main` that returns an
/// error prints, writes that line and then the sources that are not in it; `{:#?}` writes the fields.
#[non_exhaustive]
pub enum Error {
    /// No connection could be made: name, address, TLS or greeting.
    Connect(Box<ConnectError>),
    /// The connection is closed; every later command returns this without sending.
    ///
    /// If the session's [`Account`](crate::Account) reconnects it, the next lock or command uses a
    /// new connection.
    Closed(Box<Closed>),
    /// The server answered NO or BAD; the connection is usable.
    Refused(Box<Refused>),
    /// The server refuses the command temporarily; the connection is usable.
    Throttled(Box<Throttled>),
    /// The server lacks the extension that this call needs; nothing was sent.
    Unsupported(Box<Unsupported>),
    /// An argument cannot be sent; nothing was sent.
    Argument(Box<InvalidArgument>),
    /// The client did not try to log in, or aborted the login; no session was created.
    ///
    /// The login would not be safe or cannot work.
    Login(LoginAborted),
    /// The reader of a message failed, or did not return what was announced; nothing was sent.
    Reader(Box<ReaderError>),
    /// The system has no file descriptor left, which is needed to wait; nothing was sent.
    Resources(io::Error),
    /// The account's provider of credentials failed; nothing was sent.
    Credentials(Box<dyn StdError + Send + Sync>),
    /// A [`StopHandle`](crate::StopHandle) stopped the call; the connection is usable.
    Cancelled(Box<Cancelled>),
    /// The lock was not granted.
    Lock(Box<LockError>),
    /// The mailbox is not, or no longer, the one that this guard was granted for.
    Mailbox(Box<MailboxError>),
    /// UIDs of one mailbox were used on another, or after UIDVALIDITY changed; nothing was sent.
    StaleUids(Box<StaleUids>),
    /// A checkpoint of one mailbox was used on another, or in another account; nothing was sent.
    ForeignCheckpoint(Box<ForeignCheckpoint>),
    /// The session was used inside a stream, a command or a reconnection of it; nothing was sent.
    ///
    /// A command of the session was called on a thread that is in the middle of one. Finish or drop
    /// the stream first; a logger, a reader or a provider of credentials cannot use the session
    /// that calls it.
    StreamOpen,
    /// The server answered OK without the expected data.
    MissingData(&'static str),
    /// The answer to the command cannot be read, so nothing of it is returned.
    ///
    /// It may exceed a limit.
    Unparsable(Box<Unparsable>),
    /// The requested message, or that part of it, does not exist.
    NotFound(Box<NotFound>),
    /// The connection ended, or a deadline passed, before all of a download had come.
    Truncated(Box<Truncated>),
    /// The writer that the caller gave for a download failed; the connection is usable.
    Io(io::Error),
    /// One item of one message could not be read; its octets are kept.
    Item(Box<ItemError>),
    /// A call stopped after a part of it was done, with what is done and what is not.
    ///
    /// It took several commands, as the emulation of MOVE does, or the server refused a command after
    /// its answer had shown an effect of it.
    Unfinished(Box<Unfinished>),
}

impl Error {
    /// Whether a deadline passed: in connecting, in this command, or in the wait for the lock.
    ///
    /// `false` for a command on a connection that an earlier deadline has closed.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::Connect(error) => error.is_timeout(),
            Self::Closed(closed) => closed.is_timeout(),
            Self::Truncated(truncated) => truncated.closed.is_timeout(),
            Self::Unfinished(unfinished) => unfinished.cause.is_timeout(),
            Self::Lock(error) => matches!(**error, LockError::Timeout { .. }),
            _ => false,
        }
    }

    /// Whether the connection is closed, so that the session is unusable unless it reconnects.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        match self {
            Self::Closed(_) | Self::Truncated(_) => true,
            Self::Unfinished(unfinished) => unfinished.cause.is_closed(),
            _ => false,
        }
    }

    /// An action by which the user can make the login succeed, if the server's answer shows one.
    ///
    /// See [`LoginHint`].
    #[must_use]
    pub fn login_hint(&self) -> Option<LoginHint> {
        match self {
            Self::Login(LoginAborted::LoginDisabled | LoginAborted::Cleartext) => {
                return Some(LoginHint::UseTls);
            }
            Self::Login(LoginAborted::Token(_)) => return Some(LoginHint::RenewToken),
            _ => {}
        }
        let refused = self.refusal().filter(|refused| refused.is_of_login())?;
        refused.login_hint()
    }

    /// The reason why the server rejected an OAuth token, if it gave one (RFC 7628 section 3.2.2).
    #[must_use]
    pub fn oauth(&self) -> Option<&OAuthError> {
        match self {
            Self::Login(LoginAborted::Token(reason)) => Some(reason),
            _ => self.refusal()?.oauth(),
        }
    }

    /// Whether the server accepted the credentials but has no mailbox for them.
    ///
    /// Exchange and Microsoft 365 report this: the login succeeds and every command after it is
    /// refused. The account has no mailbox, has IMAP disabled, or the token is for another account.
    #[must_use]
    pub fn is_authenticated_but_not_connected(&self) -> bool {
        self.refusal()
            .is_some_and(Refused::is_authenticated_but_not_connected)
    }

    fn refusal(&self) -> Option<&Refused> {
        match self {
            Self::Refused(refused) => Some(refused),
            Self::Throttled(throttled) => Some(&throttled.refused),
            _ => None,
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

    /// Whether the command may have taken effect although it failed.
    ///
    /// `false` if nothing was sent, if the server refused, or if the command only reads; `true` if
    /// another command was sent and its answer was lost, so that only the server knows, if some of
    /// several commands were done, and if the server refused after it had reported an effect.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        match self {
            Self::Closed(closed) => closed.effect == Effect::Possible,
            Self::Cancelled(cancelled) => cancelled.effect == Effect::Possible,
            Self::MissingData(command) => Effect::of(command) == Effect::Possible,
            Self::Unparsable(unreadable) => Effect::of(unreadable.command) == Effect::Possible,
            Self::Unfinished(_) => true,
            // Done for as many messages as the server processes at once (RFC 9738).
            Self::Refused(refused) => {
                refused.is_in_part() && Effect::of(refused.command) == Effect::Possible
            }
            _ => false,
        }
    }

    /// The response code that the server gave with its refusal; `None` without one.
    #[must_use]
    pub fn response_code(&self) -> Option<&ResponseCode> {
        match self {
            Self::Refused(refused) => refused.code.as_ref(),
            Self::Throttled(throttled) => throttled.refused.code.as_ref(),
            Self::Unfinished(unfinished) => unfinished.cause.response_code(),
            Self::Connect(error) => match &error.problem {
                ConnectErrorKind::Greeting { code, .. } => code.as_ref(),
                _ => None,
            },
            Self::Closed(closed) => closed.response_code(),
            Self::Truncated(truncated) => truncated.closed.response_code(),
            _ => None,
        }
    }

    /// Whether the mailbox to store a message in does not exist, and can be created (`TRYCREATE`).
    ///
    /// [`create`](crate::Session::create) does that.
    #[must_use]
    pub fn is_try_create(&self) -> bool {
        matches!(self.response_code(), Some(ResponseCode::TryCreate))
    }

    /// Whether the user's quota is exhausted (`OVERQUOTA`).
    #[must_use]
    pub fn is_over_quota(&self) -> bool {
        matches!(self.response_code(), Some(ResponseCode::OverQuota))
    }

    /// Whether a message is larger than the server accepts.
    ///
    /// The server reported it (`TOOBIG`, also in a BYE), or the message exceeds its APPENDLIMIT,
    /// and then nothing was sent.
    #[must_use]
    pub fn is_too_big(&self) -> bool {
        match self {
            Self::Argument(argument) => matches!(**argument, InvalidArgument::TooBig { .. }),
            error => matches!(error.response_code(), Some(ResponseCode::TooBig)),
        }
    }

    /// Whether an optional step has failed, and the connection is usable.
    pub(crate) fn is_dispensable(&self) -> bool {
        match self {
            Self::Refused(refused) => !refused.is_authenticated_but_not_connected(),
            Self::Throttled(_) | Self::MissingData(_) | Self::Unparsable(_) => true,
            Self::Unsupported(_) => true,
            _ => false,
        }
    }

    pub(crate) fn closed(command: &'static str, effect: Effect, reason: &Arc<CloseReason>) -> Self {
        Self::Closed(Closed::after(command, effect, reason, None))
    }

    /// Whether a [`StopHandle`](crate::StopHandle) stopped the call, or a
    /// [`CloseHandle`](crate::CloseHandle) closed it.
    ///
    /// If the error [`is_closed`](Self::is_closed), it was a close handle, which closes the
    /// session.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        match self {
            Self::Cancelled(_) => true,
            Self::Closed(closed) => closed.is_cancelled(),
            Self::Truncated(truncated) => truncated.closed.is_cancelled(),
            Self::Unfinished(unfinished) => unfinished.cause.is_cancelled(),
            Self::Connect(error) => error.is_cancelled(),
            _ => false,
        }
    }

    pub(crate) fn cancelled(command: &'static str, effect: Effect) -> Self {
        Self::Cancelled(Box::new(Cancelled { command, effect }))
    }

    pub(crate) fn unsupported(command: &'static str, capability: Capability) -> Self {
        Self::Unsupported(Box::new(Unsupported {
            command,
            capability,
        }))
    }

    /// The steps that a call of several commands had done when this error stopped it.
    pub(crate) fn into_unfinished(self, call: &'static str) -> Unfinished {
        match self {
            Self::Unfinished(unfinished) => Unfinished {
                call,
                ..*unfinished
            },
            cause => Unfinished::new(call, cause),
        }
    }

    /// The error of the step that failed.
    pub(crate) fn into_cause(self) -> Self {
        match self {
            Self::Unfinished(unfinished) => unfinished.cause,
            cause => cause,
        }
    }

    pub(crate) fn unreadable(command: &'static str) -> Self {
        Self::Unparsable(Box::new(Unparsable::new(command)))
    }

    /// A response to the command cannot be read, and the command depends on it.
    pub(crate) fn unreadable_response(command: &'static str, octets: Box<[u8]>) -> Self {
        Self::Unparsable(Box::new(Unparsable {
            octets,
            ..Unparsable::new(command)
        }))
    }

    /// A response may be the answer to this command, or to another one in flight.
    pub(crate) fn ambiguous(command: &'static str) -> Self {
        Self::Unparsable(Box::new(Unparsable {
            is_ambiguous: true,
            ..Unparsable::new(command)
        }))
    }

    /// The answer exceeded a limit that closes no connection.
    pub(crate) fn beyond(command: &'static str, limit: LimitExceeded) -> Self {
        Self::Unparsable(Box::new(Unparsable {
            limit: Some(limit),
            ..Unparsable::new(command)
        }))
    }

    pub(crate) fn text(argument: &'static str, problem: &'static str) -> Self {
        InvalidArgument::Text { argument, problem }.into()
    }

    pub(crate) fn mailbox(error: MailboxError) -> Self {
        Self::Mailbox(Box::new(error))
    }
}

/// The part of a call that was done when a command of it failed.
///
/// The steps after the failed one were not tried, except for those that undo what can be undone. No
/// message is lost: a message that is not [`expunged`](Self::expunged) and not known to have moved
/// is where it was. The sets are as far as is known: if the connection is closed
/// ([`Error::is_closed`]), the last step may have taken effect.
#[derive(Debug)]
pub struct Unfinished {
    pub(crate) call: &'static str,
    pub(crate) cause: Error,
    pub(crate) copied: Option<Copied>,
    pub(crate) expunged: Option<Expunged>,
    pub(crate) remaining: UidSet,
    pub(crate) not_done: UidSet,
    pub(crate) left_deleted: UidSet,
    pub(crate) deleted_flag_lost: UidSet,
}

impl Unfinished {
    /// `cause` stopped the call before a step was done.
    pub(crate) fn new(call: &'static str, cause: Error) -> Self {
        Self {
            call,
            cause,
            copied: None,
            expunged: None,
            remaining: UidSet::new(),
            not_done: UidSet::new(),
            left_deleted: UidSet::new(),
            deleted_flag_lost: UidSet::new(),
        }
    }

    /// The error of the step that failed.
    #[must_use]
    pub fn cause(&self) -> &Error {
        &self.cause
    }

    /// The copies of the messages; `None` if none are known to be copied.
    ///
    /// If it is `Some`, the messages that [remain](Self::remaining) are in both mailboxes. Those that
    /// were [not tried](Self::not_done) are only where they were.
    #[must_use]
    pub fn copied(&self) -> Option<&Copied> {
        self.copied.as_ref()
    }

    /// The messages that were expunged; `None` if that step was not done.
    #[must_use]
    pub fn expunged(&self) -> Option<&Expunged> {
        self.expunged.as_ref()
    }

    /// The messages to be removed that are, as far as is known, still where they were.
    ///
    /// Not known of a MOVE by sequence numbers.
    #[must_use]
    pub fn remaining(&self) -> &UidSet {
        &self.remaining
    }

    /// The messages of a COPY, MOVE or STORE that were not tried, or not done before a refusal.
    ///
    /// As far as is known, they are neither copied nor moved nor changed. The same call with these
    /// does the rest. Not known of sequence numbers.
    #[must_use]
    pub fn not_done(&self) -> &UidSet {
        &self.not_done
    }

    /// The [remaining](Self::remaining) messages that this call left flagged `\Deleted`.
    ///
    /// They may still have the flag, because the call could not remove it. An EXPUNGE by any client
    /// removes them.
    #[must_use]
    pub fn left_deleted(&self) -> &UidSet {
        &self.left_deleted
    }

    /// The messages that had `\Deleted` before, and that this call left without it.
    ///
    /// The call removed the flag and could not set it again.
    #[must_use]
    pub fn deleted_flag_lost(&self) -> &UidSet {
        &self.deleted_flag_lost
    }
}

impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not finished: {}", self.call, self.cause)?;
        let done = [
            (self.copied.is_some(), &self.not_done, "were copied"),
            (self.expunged.is_some(), &self.remaining, "were removed"),
        ];
        for (_, left, what) in done.iter().filter(|(is_done, ..)| *is_done) {
            let which = match left.is_empty() {
                true => "the messages",
                false => "some of the messages",
            };
            write!(f, "; {which} {what}")?;
        }
        let sets = [
            (&self.not_done, "not tried"),
            (&self.remaining, "still there"),
            (&self.left_deleted, "left flagged \\Deleted"),
            (
                &self.deleted_flag_lost,
                "left without the \\Deleted they had",
            ),
        ];
        for (set, what) in sets.iter().filter(|(set, _)| !set.is_empty()) {
            write!(f, "; {what}: {set}")?;
        }
        Ok(())
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

impl From<Unfinished> for Error {
    fn from(unfinished: Unfinished) -> Self {
        Self::Unfinished(Box::new(unfinished))
    }
}

impl From<ItemError> for Error {
    fn from(error: ItemError) -> Self {
        Self::Item(Box::new(error))
    }
}

/// The error as a [`Read`](io::Read) returns it: [`downcast`](io::Error::downcast) returns the
/// error inside.
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::Io(_) => io::ErrorKind::Other,
            error if error.is_timeout() => io::ErrorKind::TimedOut,
            Error::Truncated(_) | Error::Closed(_) => io::ErrorKind::UnexpectedEof,
            Error::NotFound(_) => io::ErrorKind::NotFound,
            Error::Argument(_) => io::ErrorKind::InvalidInput,
            Error::Unsupported(_) => io::ErrorKind::Unsupported,
            Error::Item(_) | Error::Unparsable(_) => io::ErrorKind::InvalidData,
            _ => io::ErrorKind::Other,
        };
        match error {
            Error::Io(error) => error,
            error => io::Error::new(kind, error),
        }
    }
}

/// The error that a reader of this crate put inside; [`Error::Io`] for any other.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        error.downcast().unwrap_or_else(Self::Io)
    }
}

/// Each error of a value type becomes an invalid argument.
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
    InvalidMessageUrl => MessageUrl,
    InvalidAclIdentifier => AclIdentifier,
    InvalidRights => Rights,
    InvalidMetadataName => MetadataName,
    InvalidCapability => Capability,
    InvalidDate => Date,
    InvalidFlag => Flag,
    InvalidExtensionName => ExtensionName,
    InvalidSpecialUse => SpecialUse,
    InvalidLabel => Label,
    InvalidSet => Set,
    InvalidNumber => Number,
    InvalidSection => Section,
    InvalidSearch => Search,
    InvalidStoredUids => StoredUids,
    InvalidCheckpoint => Checkpoint,
    OtherAccount => OtherAccount,
    MixedOrigins => MixedOrigins,
}

#[cfg(test)]
mod tests;
