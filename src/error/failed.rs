//! A step of a connection that failed: the error, and what it was tried on.

use std::error::Error as StdError;
use std::fmt;

use crate::error::Error;

/// The error, and the client or session as it was. One word long, because it is in a `Result`.
pub(crate) struct Failed<T>(Box<(Error, T)>);

impl<T> Failed<T> {
    pub(crate) fn new(error: Error, on: T) -> Self {
        Self(Box::new((error, on)))
    }

    pub(crate) fn error(&self) -> &Error {
        &self.0.0
    }

    /// The client or session.
    pub(crate) fn on(&self) -> &T {
        &self.0.1
    }

    pub(crate) fn into_parts(self) -> (Error, T) {
        *self.0
    }

    /// The sources are those of the error.
    pub(crate) fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error().source()
    }
}

/// The text is that of the error.
impl<T> fmt::Display for Failed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error().fmt(f)
    }
}

impl<T: fmt::Debug> Failed<T> {
    /// The error; in the alternate form a struct with both, by these names.
    pub(crate) fn debug(&self, f: &mut fmt::Formatter<'_>, [name, on]: [&str; 2]) -> fmt::Result {
        if !f.alternate() {
            return fmt::Debug::fmt(self.error(), f);
        }
        f.debug_struct(name)
            .field("error", self.error())
            .field(on, self.on())
            .finish()
    }
}
