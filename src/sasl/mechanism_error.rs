//! The errors of a SASL exchange.

use std::error::Error;
use std::fmt;

/// An error that aborts a SASL exchange.
///
/// It contains no text of the server: the error names of a SCRAM server are translated to fixed
/// texts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MechanismError {
    /// The server sent a challenge that the mechanism does not expect.
    UnexpectedChallenge,
    /// The server's message is invalid in this mechanism, or a value of the caller is.
    Rejected(&'static str),
    /// The server did not prove that it knows the password (SCRAM).
    ///
    /// It may be a server of an attacker.
    ServerNotProved,
    /// The server sent OK before the exchange was complete, so the OK is not accepted.
    Incomplete,
    /// The login was interrupted: a deadline has passed, or the connection was closed.
    ///
    /// See [`Mechanism::step_while`](crate::sasl::Mechanism::step_while).
    Interrupted,
    /// The server requires fewer or more rounds of hashing than the limits allow (SCRAM).
    ///
    /// The limits are options of the mechanism.
    Iterations {
        /// The number of rounds that it requires.
        asked: u32,
    },
    /// The server refused inside the exchange (SCRAM, RFC 5802 section 7); the name of the error.
    Refused(&'static str),
    /// Channel binding is required, but not available.
    ///
    /// There is no TLS, the connection does not have the binding, or the server does not offer the
    /// mechanism with `-PLUS`.
    NoChannelBinding,
    /// The system returned no random numbers.
    NoRandomness,
}

impl fmt::Display for MechanismError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnexpectedChallenge => {
                f.write_str("the server sent a challenge that the mechanism does not expect")
            }
            Self::Rejected(problem) => f.write_str(problem),
            Self::ServerNotProved => f.write_str(
                "the server did not prove that it knows the password, so it may be another server",
            ),
            Self::Incomplete => f.write_str("the server sent OK before the exchange was complete"),
            Self::Interrupted => f.write_str("the login was interrupted"),
            Self::Iterations { asked } => write!(
                f,
                "the server requires {asked} rounds of hashing, outside the limits \
                 Scram::min_iterations and Scram::max_iterations"
            ),
            Self::Refused(reason) => write!(f, "the server refused: {reason}"),
            Self::NoChannelBinding => f.write_str(
                "channel binding is required, but the connection or the server does not support it",
            ),
            Self::NoRandomness => f.write_str("the system returned no random numbers"),
        }
    }
}

impl Error for MechanismError {}
