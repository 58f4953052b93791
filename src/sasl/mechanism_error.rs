//! Why a mechanism cannot go on.

use std::error::Error;
use std::fmt;

/// Why a mechanism cannot go on.
///
/// What the last words of a SCRAM server mean is told in words of ours: none of the server's text
/// is in here.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MechanismError {
    /// The server asks for more than the mechanism has to say.
    UnexpectedChallenge,
    /// What the server said makes no sense in this mechanism, or the caller's own values do not.
    Rejected(&'static str),
    /// The server could not prove that it knows the password, or did not: it may be another
    /// server (SCRAM).
    ServerNotProved,
    /// The server said OK before the exchange was complete, so that the OK means nothing.
    Incomplete,
    /// The login is no longer wanted: a deadline has passed, or the connection was closed. See
    /// [`Mechanism::step_while`](crate::sasl::Mechanism::step_while).
    Interrupted,
    /// The server asks for fewer or more rounds of hashing than are accepted (SCRAM). The limits
    /// are options of the mechanism.
    Iterations {
        /// How many it asks for.
        asked: u32,
    },
    /// The server said inside the exchange why it refuses (SCRAM, RFC 5802 section 7): the name of
    /// the error.
    Refused(&'static str),
    /// The login cannot be tied to the TLS that it goes through, and it was asked to be: there is
    /// no TLS, or the server does not offer the form with `-PLUS`.
    NoChannelBinding,
    /// There is no randomness to be had from the system.
    NoRandomness,
}

impl fmt::Display for MechanismError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnexpectedChallenge => {
                f.write_str("the server asked for more than the mechanism has to say")
            }
            Self::Rejected(problem) => f.write_str(problem),
            Self::ServerNotProved => f.write_str(
                "the server did not prove that it knows the password, so it may be another server",
            ),
            Self::Incomplete => f.write_str("the server said OK before the exchange was complete"),
            Self::Interrupted => f.write_str("the login was interrupted"),
            Self::Iterations { asked } => write!(
                f,
                "the server asks for {asked} rounds of hashing, which is outside of what \
                 Scram::min_iterations and Scram::max_iterations allow"
            ),
            Self::Refused(reason) => write!(f, "the server refused: {reason}"),
            Self::NoChannelBinding => {
                f.write_str("the login cannot be tied to TLS here, and it was asked to be")
            }
            Self::NoRandomness => f.write_str("the system gives no random numbers"),
        }
    }
}

impl Error for MechanismError {}
