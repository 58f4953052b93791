//! The error of a connection that could not be made, once more for each thread that waited for it;
//! and whether there were too many connections.

use std::io;
use std::sync::Arc;

use crate::error::Error;
use crate::error::closed::{CloseReason, Closed};
use crate::error::connect::{ConnectError, ConnectErrorKind};
use crate::error::login_text::says_wrong;
use crate::error::refused::{Refused, Throttled, is_login};
use crate::types::response_code::ResponseCode;

impl Error {
    /// The same error of opening a connection for another thread; `None` if it is about the thread
    /// itself, such as a deadline of the lock. A source that cannot be copied is kept as text.
    pub(crate) fn again(&self) -> Option<Self> {
        Some(match self {
            Self::Refused(refused) => Self::Refused(refused.clone()),
            Self::Throttled(throttled) => Self::Throttled(Box::new(Throttled {
                refused: throttled.refused.clone(),
                wait: throttled.wait,
            })),
            Self::Login(aborted) => Self::Login(aborted.clone()),
            Self::Closed(closed) => Self::Closed(Box::new(Closed {
                command: closed.command,
                effect: closed.effect,
                reason: Arc::clone(&closed.reason),
                warning: closed.warning.clone(),
                closed_for: closed.closed_for,
                refuses_login: closed.refuses_login,
            })),
            Self::Connect(error) => Self::Connect(Box::new(ConnectError {
                host: error.host.clone(),
                port: error.port,
                problem: error.problem.again(error.is_timeout()),
            })),
            Self::Credentials(error) => Self::Credentials(error.to_string().into()),
            _ => return None,
        })
    }

    /// Whether the server refused the connection or the login because there are too many of them,
    /// or for now (`LIMIT`, `UNAVAILABLE`, or a text that reports it). An end without a word, or a
    /// missing greeting, is not taken for that.
    pub(crate) fn is_of_too_many_connections(&self) -> bool {
        if self.is_authenticated_but_not_connected() {
            return true;
        }
        let (code, text) = match self {
            Self::Refused(refused) if refused.is_of_login() => said(refused),
            Self::Throttled(throttled) if throttled.refused.is_of_login() => {
                said(&throttled.refused)
            }
            Self::Connect(error) => match &error.problem {
                ConnectErrorKind::Greeting { code, text } => (code.as_ref(), text.as_str()),
                ConnectErrorKind::Closed(reason) => match &**reason {
                    CloseReason::Bye { code, text } => (code.as_ref(), text.as_str()),
                    _ => return false,
                },
                _ => return false,
            },
            Self::Closed(closed) if is_login(closed.command) => match &*closed.reason {
                CloseReason::Bye { code, text } => (code.as_ref(), text.as_str()),
                _ => return false,
            },
            _ => return false,
        };
        let by_code = matches!(code, Some(ResponseCode::Limit | ResponseCode::Unavailable));
        by_code || is_about_connections(text)
    }
}

fn said(refused: &Refused) -> (Option<&ResponseCode>, &str) {
    (refused.code.as_ref(), &refused.text)
}

/// As Dovecot, Cyrus and Gmail report it. "Too many failed logins, closing connection" is about
/// something else.
fn is_about_connections(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let is_about =
        has(&["connection", "session"]) && has(&["too many", "maximum", "limit", "exceed"]);
    is_about && !says_wrong(text)
}

impl ConnectErrorKind {
    fn again(&self, is_timeout: bool) -> Self {
        let copy = |error: &io::Error| io::Error::new(error.kind(), error.to_string());
        match self {
            Self::Resolve(error) => Self::Resolve(copy(error)),
            Self::Unix(error) => Self::Unix(copy(error)),
            Self::StartTls(text) => Self::StartTls(text.clone()),
            Self::Greeting { code, text } => Self::Greeting {
                code: code.clone(),
                text: text.clone(),
            },
            Self::NotImap { protocol, seen } => Self::NotImap {
                protocol: *protocol,
                seen: seen.clone(),
            },
            Self::UnexpectedPreauth => Self::UnexpectedPreauth,
            Self::Timeout(stage) => Self::Timeout(*stage),
            Self::Closed(reason) => Self::Closed(Arc::clone(reason)),
            Self::TlsSettings(error) => Self::TlsSettings(error.to_string().into()),
            Self::Tcp(error) => Self::Tcp(error.again()),
            other => {
                let kind = match is_timeout {
                    true => io::ErrorKind::TimedOut,
                    false => io::ErrorKind::Other,
                };
                let error = io::Error::new(kind, other.to_string());
                Self::Closed(Arc::new(CloseReason::Io(error)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::samples::samples;

    #[test]
    fn a_copy_is_like_the_error() {
        for sample in samples() {
            let error = sample.error;
            let Some(again) = error.again() else {
                continue;
            };
            assert_eq!(again.is_timeout(), error.is_timeout(), "{error:#?}");
            assert_eq!(again.is_auth(), error.is_auth(), "{error:#?}");
            assert!(again.response_code() == error.response_code());
            assert_eq!(
                again.is_of_too_many_connections(),
                error.is_of_too_many_connections()
            );
            if !matches!(error, Error::Connect(_)) {
                assert_eq!(again.to_string(), error.to_string());
            }
        }
    }

    #[test]
    fn texts_of_servers_about_connections_are_known() {
        for (text, is_about) in [
            (
                "Maximum number of connections from user+IP exceeded (mail_max_userip_connections=4)",
                true,
            ),
            ("Too many open connections (2 of 2 for u1)", true),
            ("Too many simultaneous connections. (Failure)", true),
            ("Authentication failed.", false),
            ("Too many failed logins", false),
            ("Too many failed logins, closing connection", false),
            ("Connection to the directory failed", false),
        ] {
            assert_eq!(is_about_connections(text), is_about, "{text}");
        }
    }
}
