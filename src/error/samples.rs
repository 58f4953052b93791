//! One error of each kind, for tests that look at all of them.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::error::refused::Known;
use crate::error::{
    CloseReason, Closed, ConnectError, ConnectErrorKind, Effect, Error, InvalidArgument, LockError,
    LoginAborted, MailboxError, NotFound, ReaderError, Refused, Stage, StaleUids, Throttled,
    Truncated, Unfinished,
};
use crate::limits::{Limit, LimitExceeded};
use crate::sasl::mechanism_error::MechanismError;
#[cfg(feature = "proxy")]
use crate::transport::proxy::ProxyError;
use crate::transport::tcp_error::TcpError;
use crate::transport::tls::{TlsError, TlsErrorKind};
use crate::types::capability::Capability;
use crate::types::flag::Flag;
use crate::types::mailbox_name::MailboxName;
use crate::types::origin::Origin;
use crate::types::response_code::ResponseCode;
use crate::types::special_use::SpecialUse;
use crate::types::uid::Uid;
use crate::wire::response::item_error::ItemError;

/// An error, and whether the same call is worth another try.
pub(crate) struct Sample {
    pub(crate) error: Error,
    pub(crate) is_retryable: bool,
}

/// An error with a source.
#[derive(Debug)]
struct Outer(Inner);

#[derive(Debug)]
struct Inner;

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the outer cause")
    }
}

impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the inner cause\u{1b}[2J")
    }
}

impl StdError for Outer {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.0)
    }
}

impl StdError for Inner {}

fn io_error() -> io::Error {
    io::Error::other(Outer(Inner))
}

fn inbox() -> MailboxName {
    MailboxName::new("INBOX").unwrap()
}

fn exceeded() -> LimitExceeded {
    LimitExceeded::new(Limit::Line, 8_u64)
}

pub(crate) fn refused(command: &'static str, code: Option<ResponseCode>, text: &str) -> Refused {
    Refused {
        command,
        bad: false,
        code,
        text: text.into(),
        oauth: None,
        partly: None,
        is_remembered: false,
        known: Known::default(),
    }
}

/// One of each variant, and of each kind within it.
pub(crate) fn samples() -> Vec<Sample> {
    let mut all = connecting();
    all.extend(closed());
    all.extend(refusals());
    all.extend(others());
    all
}

fn sample(is_retryable: bool, error: Error) -> Sample {
    Sample {
        error,
        is_retryable,
    }
}

fn tcp_error(error: io::Error) -> TcpError {
    TcpError::new(vec![(([127, 0, 0, 1], 993).into(), error)], false)
}

fn connecting() -> Vec<Sample> {
    use ConnectErrorKind as P;
    let greeting = |code, text: &str| P::Greeting {
        code,
        text: text.into(),
    };
    let tls = |problem| P::Tls(TlsError::new(problem, Outer(Inner)));
    let problems = [
        (true, P::Resolve(io_error())),
        (false, P::Resolve(io::ErrorKind::InvalidInput.into())),
        (true, P::Tcp(tcp_error(io_error()))),
        (
            false,
            P::Tcp(tcp_error(io::ErrorKind::PermissionDenied.into())),
        ),
        (true, P::Unix(io_error())),
        (false, P::TlsSettings(Box::new(Outer(Inner)))),
        (true, tls(TlsErrorKind::Closed)),
        (false, tls(TlsErrorKind::UnknownIssuer)),
        (false, tls(TlsErrorKind::Other)),
        #[cfg(feature = "proxy")]
        (true, P::Proxy(ProxyError::Io(io_error()))),
        #[cfg(feature = "proxy")]
        (false, P::Proxy(ProxyError::Credentials)),
        (false, P::StartTls("no".into())),
        (false, greeting(None, "go away")),
        (true, greeting(None, "too many connections")),
        (true, greeting(Some(ResponseCode::Unavailable), "")),
        (
            false,
            P::NotImap {
                protocol: Some("SSH"),
                seen: "SSH-2.0".into(),
            },
        ),
        (false, P::UnexpectedPreauth),
        (true, P::Timeout(Stage::Greeting)),
        (true, P::Closed(CloseReason::Io(io_error()).into())),
        (false, P::Closed(CloseReason::Limit(exceeded()).into())),
    ];
    let of = |(is_retryable, problem)| {
        let error = ConnectError {
            host: "imap.example.com".into(),
            port: 993,
            problem,
        };
        sample(is_retryable, Error::Connect(Box::new(error)))
    };
    problems.into_iter().map(of).collect()
}

fn closed() -> Vec<Sample> {
    use CloseReason as R;
    let timeout = || R::Timeout(Stage::Read, Duration::from_secs(60));
    let bye = |code| R::Bye {
        code,
        text: "closing".into(),
    };
    let mut all = Vec::new();
    for (is_retryable, reason) in [
        (true, bye(None)),
        (true, bye(Some(ResponseCode::Unavailable))),
        (false, bye(Some(ResponseCode::AuthenticationFailed))),
        (true, R::Eof),
        (true, R::Io(io_error())),
        (true, timeout()),
        (false, R::Protocol("no".into())),
        (false, R::Limit(exceeded())),
        (false, R::Reader(ReaderError::Failed(io_error()))),
        (false, R::Interrupted("APPEND")),
        (false, R::LoggedOut),
        (false, R::Cancelled),
    ] {
        let reason = Arc::new(reason);
        all.extend([
            sample(is_retryable, Error::closed("NOOP", Effect::None, &reason)),
            sample(false, Error::closed("APPEND", Effect::Possible, &reason)),
            sample(
                false,
                Error::Closed(Closed::before("NOOP", &reason, Duration::from_secs(75))),
            ),
        ]);
    }
    for (is_retryable, reason) in [(true, timeout()), (false, R::Cancelled)] {
        let truncated = Truncated {
            received: 4,
            len: 11,
            closed: *Closed::after("UID FETCH", Effect::None, &Arc::new(reason), None),
        };
        all.push(sample(is_retryable, Error::Truncated(Box::new(truncated))));
    }
    all
}

fn refusals() -> Vec<Sample> {
    use ResponseCode::{AuthenticationFailed, InUse, Limit, NonExistent, ServerBug, Unavailable};
    let remembered = Refused {
        is_remembered: true,
        ..refused("LOGIN", Some(Unavailable), "")
    };
    let mut all: Vec<_> = [
        (false, refused("SELECT", None, "try again later")),
        (false, refused("SELECT", Some(NonExistent), "no")),
        (false, refused("STORE", Some(Limit), "too many keywords")),
        (true, refused("SELECT", Some(Unavailable), "")),
        (true, refused("DELETE", Some(InUse), "")),
        (false, refused("LOGIN", None, "wrong")),
        (false, refused("LOGIN", Some(AuthenticationFailed), "wrong")),
        (true, refused("LOGIN", Some(Limit), "ten sessions")),
        (true, refused("LOGIN", Some(ServerBug), "")),
        (true, refused("LOGIN", None, "too many connections")),
        (false, remembered),
    ]
    .into_iter()
    .map(|(is_retryable, refused)| sample(is_retryable, Error::Refused(Box::new(refused))))
    .collect();
    let throttled = Throttled {
        refused: refused("UID FETCH", None, "slow down"),
        wait: Some(Duration::from_secs(5)),
    };
    all.push(sample(true, Error::Throttled(Box::new(throttled))));
    let login = [
        LoginAborted::Cleartext,
        LoginAborted::LoginDisabled,
        LoginAborted::MechanismNotOffered("PLAIN"),
        LoginAborted::NothingSuitable {
            offered: "GSSAPI".into(),
        },
        LoginAborted::AlreadyAuthenticated,
        LoginAborted::NotAuthenticated,
        LoginAborted::Limit(exceeded()),
        LoginAborted::Mechanism(MechanismError::Incomplete),
        LoginAborted::Token(Box::default()),
    ];
    all.extend(login.map(|refusal| sample(false, Error::Login(refusal))));
    all
}

fn others() -> Vec<Sample> {
    let holders = Vec::new;
    let lock = |error| Error::Lock(Box::new(error));
    let origin = || Arc::new(Origin::new(inbox(), None));
    let stale = StaleUids {
        origin: origin(),
        here: origin(),
    };
    let timeout = Arc::new(CloseReason::Timeout(Stage::Read, Duration::from_secs(60)));
    let unfinished = Unfinished::new("move_to", Error::closed("UID COPY", Effect::None, &timeout));
    let mut all = vec![
        sample(true, Error::Resources(io_error())),
        sample(false, Error::cancelled("UID FETCH", Effect::None)),
        sample(true, lock(LockError::WouldBlock { holders: holders() })),
        sample(
            true,
            lock(LockError::Timeout {
                waited: Duration::from_secs(1),
                holders: holders(),
                waiting: 2,
                warning: None,
            }),
        ),
    ];
    let never = [
        lock(LockError::HeldByThisThread { holders: holders() }),
        Error::unsupported("UID EXPUNGE", Capability::UidPlus),
        InvalidArgument::TooBig { size: 2, limit: 1 }.into(),
        Error::Reader(Box::new(ReaderError::Failed(io_error()))),
        Error::Credentials(Box::new(Outer(Inner))),
        Error::mailbox(MailboxError::NotSelected(inbox())),
        Error::mailbox(MailboxError::ReadOnly(inbox())),
        Error::mailbox(MailboxError::Held(inbox())),
        Error::mailbox(MailboxError::UidValidityChanged(inbox())),
        Error::mailbox(MailboxError::Renumbered(inbox())),
        Error::mailbox(MailboxError::ForeignNumbers(inbox())),
        Error::mailbox(MailboxError::NotPermanent {
            mailbox: inbox(),
            flag: Flag::Deleted,
        }),
        Error::mailbox(MailboxError::OthersDeleted {
            mailbox: inbox(),
            uids: "3".parse().unwrap(),
        }),
        Error::mailbox(MailboxError::IsTrash(inbox())),
        Error::mailbox(MailboxError::NoSpecialUse(SpecialUse::Trash)),
        Error::StaleUids(Box::new(stale)),
        Error::StreamOpen,
        Error::MissingData("STATUS"),
        Error::unreadable("STATUS"),
        Error::NotFound(Box::new(NotFound::Message(Uid::new(7).unwrap()))),
        Error::Io(io_error()),
        ItemError::missing("ENVELOPE").into(),
        unfinished.into(),
    ];
    all.extend(never.map(|error| sample(false, error)));
    all
}
