//! What every mechanism can do, and why one cannot go on.

use std::error::Error;
use std::fmt;

use crate::sasl::secret::Secret;

/// One SASL exchange with one server, as [`Client::authenticate`](crate::Client::authenticate)
/// runs it.
///
/// Implement it for a mechanism of your own; the words are raw, the encoding of the line is not
/// its business.
///
/// ```
/// use latchbox::sasl::{Mechanism, MechanismError, Secret};
///
/// /// SASL ANONYMOUS (RFC 4505).
/// struct Anonymous;
///
/// impl Mechanism for Anonymous {
///     fn name(&self) -> &'static str {
///         "ANONYMOUS"
///     }
///     fn shows_secret(&self) -> bool {
///         false
///     }
///     fn initial(&mut self) -> Result<Option<Secret>, MechanismError> {
///         Ok(Some(Secret::from("guest")))
///     }
///     fn step(&mut self, _challenge: &[u8]) -> Result<Secret, MechanismError> {
///         Err(MechanismError::UnexpectedChallenge)
///     }
/// }
/// ```
pub trait Mechanism {
    /// The name after `AUTH=`, in capitals.
    fn name(&self) -> &'static str;

    /// Whether whoever reads the line learns the secret, so that it needs TLS.
    fn shows_secret(&self) -> bool;

    /// What the client says first, where the mechanism lets it speak first.
    ///
    /// # Errors
    ///
    /// [`MechanismError`] keeps the exchange from beginning: nothing is sent.
    fn initial(&mut self) -> Result<Option<Secret>, MechanismError>;

    /// The answer to a challenge of the server's.
    ///
    /// # Errors
    ///
    /// [`MechanismError`] ends the exchange: the server is told, and the login fails.
    fn step(&mut self, challenge: &[u8]) -> Result<Secret, MechanismError>;

    /// Whether the exchange has gone far enough that the server's OK means something. A mechanism
    /// in which the server proves itself says `false` until it has.
    fn is_complete(&self) -> bool {
        true
    }
}

impl<M: Mechanism + ?Sized> Mechanism for Box<M> {
    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn shows_secret(&self) -> bool {
        (**self).shows_secret()
    }

    fn initial(&mut self) -> Result<Option<Secret>, MechanismError> {
        (**self).initial()
    }

    fn step(&mut self, challenge: &[u8]) -> Result<Secret, MechanismError> {
        (**self).step(challenge)
    }

    fn is_complete(&self) -> bool {
        (**self).is_complete()
    }
}

/// Why a mechanism cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MechanismError {
    /// The server asks for more than the mechanism has to say.
    UnexpectedChallenge,
    /// What the server said makes no sense in this mechanism, or proves that it is another server.
    Rejected(&'static str),
}

impl fmt::Display for MechanismError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnexpectedChallenge => {
                f.write_str("the server asked for more than the mechanism has to say")
            }
            Self::Rejected(problem) => f.write_str(problem),
        }
    }
}

impl Error for MechanismError {}
