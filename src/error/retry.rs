//! Errors that may be temporary, so that the same call is worth another try.

use std::io;

use crate::error::Error;
use crate::error::closed::{CloseReason, Closed};
use crate::error::connect::ConnectErrorKind;
use crate::error::credentials::is_for_now;
use crate::error::lock::LockError;
use crate::error::login_hint::LoginHint;
use crate::error::refused::Refused;
#[cfg(feature = "proxy")]
use crate::transport::proxy::ProxyError;
use crate::transport::tls::TlsErrorKind;
use crate::types::response_code::ResponseCode;

impl Error {
    /// Whether the same call may succeed later unchanged, and this one cannot have taken effect.
    ///
    /// Wait before the next try; [`Throttled::wait`](crate::error::Throttled::wait) is the time
    /// that the server requests. It is `false` whenever
    /// [`may_have_taken_effect`](Self::may_have_taken_effect) is `true`.
    ///
    /// | error | `true` if |
    /// |---|---|
    /// | [`Connect`](Self::Connect) | the name could not be resolved, no address or no proxy accepted the connection, a deadline passed, the connection was lost, or the greeting refuses temporarily, as below for a login |
    /// | [`Closed`](Self::Closed), [`Truncated`](Self::Truncated) | the connection ended during this command, by a deadline, the network or the server: the [reason](crate::error::Closed::reason) is `Timeout`, `Io`, `Eof`, or a `Bye` without a code or with `UNAVAILABLE`, `INUSE` or `THROTTLED`. `false` if the text of a `Bye` refuses a login because of the credentials, or if it was closed [before](crate::error::Closed::closed_for) the command |
    /// | [`Refused`](Self::Refused) | the response code is `UNAVAILABLE` or `INUSE`; for a login also `LIMIT`, `SERVERBUG`, or a text that reports a temporary problem and not wrong credentials |
    /// | [`Throttled`](Self::Throttled), [`Resources`](Self::Resources) | always |
    /// | [`Lock`](Self::Lock) | another holder has the lock ([`is_busy`](Self::is_busy)) |
    /// | any other | never |
    ///
    /// After [`Closed`](Self::Closed), try on a new session. One of an [`Account`](crate::Account)
    /// that reconnects makes the new connection by itself, at the next lock or at the next command
    /// outside of a guard.
    ///
    /// ```
    /// # let server = latchbox_testkit::Server::start()?;
    /// # let builder = latchbox::Client::builder("127.0.0.1").port(server.port())
    /// #     .danger_plaintext().danger_cleartext_login();
    /// use std::{thread, time::Duration};
    ///
    /// let mut tries = 0;
    /// let client = loop {
    ///     match builder.clone().connect() {
    ///         Err(error) if error.is_retryable() && tries < 5 => tries += 1,
    ///         other => break other?,
    ///     }
    ///     thread::sleep(Duration::from_secs(1 << tries));
    /// };
    /// # drop(client);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        if self.may_have_taken_effect() {
            return false;
        }
        match self {
            Self::Connect(error) => error.problem.passes(),
            Self::Closed(closed) => closed.passes(),
            Self::Truncated(truncated) => truncated.closed.passes(),
            Self::Refused(refused) => refused.passes(),
            Self::Throttled(_) | Self::Resources(_) => true,
            Self::Lock(error) => !matches!(**error, LockError::HeldByThisThread { .. }),
            _ => false,
        }
    }
}

impl ConnectErrorKind {
    fn passes(&self) -> bool {
        use io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
        let may_pass = |error: &io::Error| {
            !matches!(error.kind(), InvalidInput | PermissionDenied | Unsupported)
        };
        match self {
            Self::Resolve(error) | Self::Unix(error) => may_pass(error),
            Self::Tcp(error) => error.attempts().any(|(_, error)| may_pass(error)),
            Self::Tls(error) => error.kind() == TlsErrorKind::Closed,
            #[cfg(feature = "proxy")]
            Self::Proxy(error) => matches!(error, ProxyError::Unreachable(_) | ProxyError::Io(_)),
            Self::Greeting { code, text } => {
                LoginHint::of_answer(code.as_ref(), text) == Some(LoginHint::TryLater)
            }
            Self::Timeout(_) => true,
            Self::Closed(reason) => reason.passes(),
            _ => false,
        }
    }
}

impl Closed {
    fn passes(&self) -> bool {
        self.closed_for.is_none() && !self.refuses_login && self.reason.passes()
    }
}

impl CloseReason {
    fn passes(&self) -> bool {
        match self {
            Self::Eof | Self::Io(_) | Self::Timeout(..) => true,
            Self::Bye { code, .. } => code.as_ref().is_none_or(is_temporary),
            _ => false,
        }
    }
}

impl Refused {
    fn passes(&self) -> bool {
        if self.is_remembered || self.is_in_part() {
            return false;
        }
        let by_code = self.code.as_ref().is_some_and(is_temporary);
        by_code || self.is_of_login() && is_for_now(self)
    }
}

fn is_temporary(code: &ResponseCode) -> bool {
    use ResponseCode::{InUse, Throttled, Unavailable};
    matches!(code, InUse | Throttled | Unavailable)
}

#[cfg(test)]
mod tests {
    use crate::error::samples::samples;

    #[test]
    fn each_variant_is_as_its_table_says() {
        for sample in samples() {
            let error = sample.error;
            assert_eq!(error.is_retryable(), sample.is_retryable, "{error:#?}");
            assert!(!(error.is_retryable() && error.may_have_taken_effect()));
        }
    }
}
