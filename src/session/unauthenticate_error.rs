//! An UNAUTHENTICATE that failed: the error, and the session as it was.

use std::error::Error as StdError;
use std::fmt;

use crate::error::Error;
use crate::error::failed::Failed;
use crate::session::Session;

/// An UNAUTHENTICATE that failed: the [`Error`], and the [`Session`] as it was.
///
/// `?` converts it into [`Error`], `anyhow::Error` or `Box<dyn Error>`. Its text and its sources are
/// those of the error inside. The session is closed when the `UnauthenticateError` is dropped, or
/// converted into an [`Error`]; see [`Session::unauthenticate`].
pub struct UnauthenticateError(Failed<Session>);

impl UnauthenticateError {
    pub(crate) fn new(error: Error, session: Session) -> Self {
        Self(Failed::new(error, session))
    }

    /// The reason why UNAUTHENTICATE failed.
    #[must_use]
    pub fn error(&self) -> &Error {
        self.0.error()
    }

    /// The session as it was; closed if the connection has ended.
    #[must_use]
    pub fn session(&self) -> &Session {
        self.0.on()
    }

    /// Returns the session, to continue with it or to log out.
    #[must_use]
    pub fn into_session(self) -> Session {
        self.0.into_parts().1
    }

    /// Returns the error, and drops the session.
    #[must_use]
    pub fn into_error(self) -> Error {
        self.0.into_parts().0
    }

    /// Returns both the error and the session.
    #[must_use]
    pub fn into_parts(self) -> (Error, Session) {
        self.0.into_parts()
    }
}

/// Keeps the error, and drops the session.
impl From<UnauthenticateError> for Error {
    fn from(error: UnauthenticateError) -> Self {
        error.into_error()
    }
}

impl fmt::Display for UnauthenticateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for UnauthenticateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.debug(f, ["UnauthenticateError", "session"])
    }
}

impl StdError for UnauthenticateError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_an_error_that_crosses_threads_and_one_word_long() {
        fn is_portable<T: StdError + Send + Sync + 'static>() {}
        is_portable::<UnauthenticateError>();
        assert_eq!(size_of::<UnauthenticateError>(), size_of::<usize>());
    }
}
