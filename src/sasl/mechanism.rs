//! The interface of all mechanisms.

use std::hash::Hasher;

use crate::sasl::mechanism_context::MechanismContext;
use crate::sasl::mechanism_error::MechanismError;
use crate::sasl::oauth_error::OAuthError;
use crate::sasl::secret::Secret;
use crate::types::account_id::Identity;

/// One SASL exchange with one server, run by [`Client::authenticate`](crate::Client::authenticate).
///
/// Implement it for a mechanism of your own. Messages are raw octets: the crate does the base64
/// encoding and the framing.
///
/// ```
/// use latchbox::sasl::{Mechanism, MechanismError, Secret};
///
/// /// A ticket that a door of one company's own takes.
/// struct Ticket(Secret);
///
/// impl Mechanism for Ticket {
///     fn name(&self) -> &'static str {
///         "X-TICKET"
///     }
///     fn exposes_secret(&self) -> bool {
///         true
///     }
///     fn initial(&mut self) -> Result<Option<Secret>, MechanismError> {
///         Ok(Some(self.0.clone()))
///     }
///     fn step(&mut self, _challenge: &[u8]) -> Result<Secret, MechanismError> {
///         Err(MechanismError::UnexpectedChallenge)
///     }
/// }
///
/// # let server = latchbox_testkit::Server::start()?;
/// # let client = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
/// #     .danger_cleartext_login().connect()?;
/// let error = client.authenticate(Ticket(Secret::from("42"))).unwrap_err();
/// assert!(error.is_auth()); // this server does not offer it
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Mechanism {
    /// Receives the context of the exchange, before any other method is called.
    ///
    /// A mechanism can use it to bind to TLS or to choose its form. The default ignores it.
    ///
    /// # Errors
    ///
    /// [`MechanismError`] aborts the exchange before anything is sent.
    fn begin(&mut self, channel: &MechanismContext<'_>) -> Result<(), MechanismError> {
        let _ = channel;
        Ok(())
    }

    /// The name after `AUTH=`, in capitals.
    fn name(&self) -> &'static str;

    /// Whether an eavesdropper learns the secret, so that the mechanism needs TLS.
    fn exposes_secret(&self) -> bool;

    /// Returns the initial response; `None` if the server sends first in this mechanism.
    ///
    /// # Errors
    ///
    /// [`MechanismError`] aborts the exchange before anything is sent.
    fn initial(&mut self) -> Result<Option<Secret>, MechanismError>;

    /// Returns the response to a challenge of the server.
    ///
    /// # Errors
    ///
    /// [`MechanismError`] aborts the exchange: the client cancels it, and the login fails.
    fn step(&mut self, challenge: &[u8]) -> Result<Secret, MechanismError>;

    /// [`step`](Self::step) for a mechanism that needs long computations.
    ///
    /// It calls `is_wanted` every few milliseconds, and returns [`MechanismError::Interrupted`]
    /// once that is `false`, because a deadline has passed or the connection was closed. The
    /// default calls `step`.
    ///
    /// # Errors
    ///
    /// As for [`step`](Self::step).
    fn step_while(
        &mut self,
        challenge: &[u8],
        is_wanted: &mut dyn FnMut() -> bool,
    ) -> Result<Secret, MechanismError> {
        let _ = is_wanted;
        self.step(challenge)
    }

    /// The secrets of the exchange so far: the password or token, and values computed from them.
    ///
    /// If the server repeats one, or sends a message that contains one, no error, event or log line
    /// shows it. Called after each message of the client.
    ///
    /// With `None`, the default, each message counts as a secret as a whole, even if it is only the
    /// user name.
    fn secrets(&self) -> Option<Vec<Secret>> {
        None
    }

    /// Whether the exchange is complete, so that the server's OK can be accepted.
    ///
    /// A mechanism in which the server proves its identity returns `false` until it has.
    fn is_complete(&self) -> bool {
        true
    }

    /// Takes the reason that the server gave inside the exchange, for mechanisms that have one.
    ///
    /// It is returned with the error of the refused login. Called once, after the server's NO.
    fn reason(&mut self) -> Option<OAuthError> {
        None
    }

    /// The identity of the user that this mechanism logs in.
    ///
    /// It links UIDs of this login to the same account in another login. With `None`, UIDs are
    /// valid in this connection only (see [`AccountId`](crate::types::AccountId)). Called once,
    /// after the server's OK. A mechanism that logs in a user by name returns
    /// `Some(Identity::user(name))`; never a secret.
    fn identity(&self) -> Option<Identity> {
        None
    }

    /// Writes the names and secrets of this login to a keyed hash.
    ///
    /// An [`Account`](crate::Account) compares the hashes to detect whether its provider returned
    /// other credentials than those that the server has refused.
    ///
    /// The default writes none: then all mechanisms of one name count as equal, and after a refusal
    /// none is sent until [`Account::try_again`](crate::Account::try_again).
    fn fingerprint(&self, hasher: &mut dyn Hasher) {
        let _ = hasher;
    }
}

impl<M: Mechanism + ?Sized> Mechanism for Box<M> {
    fn begin(&mut self, channel: &MechanismContext<'_>) -> Result<(), MechanismError> {
        (**self).begin(channel)
    }

    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn exposes_secret(&self) -> bool {
        (**self).exposes_secret()
    }

    fn initial(&mut self) -> Result<Option<Secret>, MechanismError> {
        (**self).initial()
    }

    fn step(&mut self, challenge: &[u8]) -> Result<Secret, MechanismError> {
        (**self).step(challenge)
    }

    fn step_while(
        &mut self,
        challenge: &[u8],
        is_wanted: &mut dyn FnMut() -> bool,
    ) -> Result<Secret, MechanismError> {
        (**self).step_while(challenge, is_wanted)
    }

    fn secrets(&self) -> Option<Vec<Secret>> {
        (**self).secrets()
    }

    fn is_complete(&self) -> bool {
        (**self).is_complete()
    }

    fn reason(&mut self) -> Option<OAuthError> {
        (**self).reason()
    }

    fn identity(&self) -> Option<Identity> {
        (**self).identity()
    }

    fn fingerprint(&self, hasher: &mut dyn Hasher) {
        (**self).fingerprint(hasher);
    }
}
