//! Reasons why a login was not tried, or was aborted.

use std::fmt;

use crate::limits::LimitExceeded;
use crate::sasl::mechanism_error::MechanismError;
use crate::sasl::oauth_error::OAuthError;

/// The reason why the client did not try a login, or aborted it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginAborted {
    /// The login would have exposed the password in transit without TLS.
    ///
    /// [`danger_cleartext_login`](crate::ClientBuilder::danger_cleartext_login) allows it.
    Cleartext,
    /// The server advertises LOGINDISABLED (RFC 9051 section 6.2.3).
    LoginDisabled,
    /// The server does not offer this mechanism.
    MechanismNotOffered(&'static str),
    /// The server offers no mechanism that the [`LoginChoice`](crate::sasl::LoginChoice) allows.
    NothingSuitable {
        /// The mechanisms that it offers, separated by spaces.
        offered: Box<str>,
    },
    /// The connection is already authenticated, by PREAUTH.
    AlreadyAuthenticated,
    /// The connection was not authenticated by PREAUTH.
    NotAuthenticated,
    /// The server requested more rounds, or sent a longer challenge, than a limit allows.
    Limit(LimitExceeded),
    /// The mechanism could not continue with the server's challenge.
    ///
    /// It is the result also if the server then answered OK, or closed the connection.
    Mechanism(MechanismError),
    /// The server gave a reason why it does not accept the token, without a NO or BAD.
    ///
    /// It answered OK, or closed the connection.
    Token(Box<OAuthError>),
}

impl fmt::Display for LoginAborted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cleartext => f.write_str(
                "not sent without TLS, because the password would be readable in transit; \
                 ClientBuilder::danger_cleartext_login allows it",
            ),
            Self::LoginDisabled => f.write_str(
                "the server has LOGIN disabled; use TLS if there is none, or Client::authenticate",
            ),
            Self::MechanismNotOffered(name) => {
                write!(
                    f,
                    "the server does not offer the mechanism {name}; \
                     Client::authenticate_with uses one that it offers"
                )
            }
            Self::NothingSuitable { offered } if offered.is_empty() => {
                f.write_str("the server offers no mechanism")
            }
            Self::NothingSuitable { offered } => write!(
                f,
                "the server offers none of the mechanisms that are allowed, only {offered}"
            ),
            Self::AlreadyAuthenticated => f.write_str(
                "the connection is already authenticated (PREAUTH); use into_preauthenticated",
            ),
            Self::NotAuthenticated => {
                f.write_str("the server did not greet with PREAUTH; use login or authenticate")
            }
            Self::Limit(exceeded) => write!(f, "the login was aborted: {exceeded}"),
            Self::Mechanism(error) => error.fmt(f),
            Self::Token(reason) => write!(f, "the server did not accept the token: {reason}"),
        }
    }
}
