//! A login that failed: the error, and the client to try again with.

use std::error::Error as StdError;
use std::fmt;

use crate::client::Client;
use crate::error::{Error, LoginHint};

/// A login that failed: the [`Error`], and the [`Client`] for another try.
///
/// `?` converts it into [`Error`], `anyhow::Error` or `Box<dyn Error>`. Its text and its sources are
/// those of the error inside. The connection stays open until the `LoginError` is dropped, or
/// converted into an [`Error`].
///
/// ```
/// # let server = latchbox_testkit::Server::start()?;
/// # let client = latchbox::Client::builder("127.0.0.1").port(server.port())
/// #     .danger_plaintext().danger_cleartext_login().connect()?;
/// let session = match client.login("jane@example.com", "guess") {
///     Ok(session) => session,
///     Err(error) if error.is_auth() => {
///         println!("{error}");
///         error.into_client().login("jane@example.com", "correct-horse")?
///     }
///     Err(error) => return Err(error.into()),
/// };
/// session.logout()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct LoginError(Box<(Error, Client)>);

impl LoginError {
    pub(crate) fn new(error: Error, client: Client) -> Self {
        Self(Box::new((error, client)))
    }

    /// Why the login failed.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.0.0
    }

    /// The client that was to log in; not authenticated, and closed if the connection has ended.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.0.1
    }

    /// Whether the login failed because of the credentials; see [`Error::is_auth`].
    #[must_use]
    pub fn is_auth(&self) -> bool {
        self.error().is_auth()
    }

    /// Whether the same login may succeed later; see [`Error::is_retryable`].
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.error().is_retryable()
    }

    /// What the user can do so that the login succeeds; see [`Error::login_hint`].
    #[must_use]
    pub fn login_hint(&self) -> Option<LoginHint> {
        self.error().login_hint()
    }

    /// Returns the client, for another try.
    #[must_use]
    pub fn into_client(self) -> Client {
        self.0.1
    }

    /// Returns the error, and closes the connection.
    #[must_use]
    pub fn into_error(self) -> Error {
        self.0.0
    }

    /// Returns both the error and the client.
    #[must_use]
    pub fn into_parts(self) -> (Error, Client) {
        *self.0
    }
}

/// Keeps the error, and closes the connection.
impl From<LoginError> for Error {
    fn from(error: LoginError) -> Self {
        error.into_error()
    }
}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error().fmt(f)
    }
}

impl fmt::Debug for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return fmt::Debug::fmt(self.error(), f);
        }
        f.debug_struct("LoginError")
            .field("error", self.error())
            .field("client", self.client())
            .finish()
    }
}

impl StdError for LoginError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error().source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_an_error_that_crosses_threads_and_one_word_long() {
        fn is_portable<T: StdError + Send + Sync + 'static>() {}
        is_portable::<LoginError>();
        assert_eq!(size_of::<LoginError>(), size_of::<usize>());
    }
}
