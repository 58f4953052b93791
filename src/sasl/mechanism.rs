//! What every mechanism can do.

use std::hash::Hasher;

use crate::sasl::mechanism_context::MechanismContext;
use crate::sasl::mechanism_error::MechanismError;
use crate::sasl::oauth_error::OAuthError;
use crate::sasl::secret::Secret;
use crate::types::account_id::Identity;

/// One SASL exchange with one server, as [`Client::authenticate`](crate::Client::authenticate)
/// runs it.
///
/// Implement it for a mechanism of your own; the words are raw, the encoding of the line is not
/// its business.
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
    /// Told before anything else what the exchange will run on, so that a mechanism can bind to
    /// TLS or choose its form. The default does not care.
    ///
    /// # Errors
    ///
    /// [`MechanismError`] keeps the exchange from beginning: nothing is sent.
    fn begin(&mut self, channel: &MechanismContext<'_>) -> Result<(), MechanismError> {
        let _ = channel;
        Ok(())
    }

    /// The name after `AUTH=`, in capitals.
    fn name(&self) -> &'static str;

    /// Whether whoever reads the line learns the secret, so that it needs TLS.
    fn exposes_secret(&self) -> bool;

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

    /// [`step`](Self::step) for a mechanism that computes for long: it calls `is_wanted` every few
    /// milliseconds, and gives up with [`MechanismError::Interrupted`] once that returns `false`,
    /// because a deadline has passed or the connection was closed. The default calls `step`.
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

    /// The secrets of the exchange so far: the password or the token, and what was computed from
    /// them. If the server repeats one, or a message that contains one, no error, event or log line
    /// shows it. Called after each message of the client.
    ///
    /// With `None`, the default, each message counts as a secret as a whole, even if it is only the
    /// user's name.
    fn secrets(&self) -> Option<Vec<Secret>> {
        None
    }

    /// Whether the exchange has gone far enough that the server's OK means something. A mechanism
    /// in which the server proves itself says `false` until it has.
    fn is_complete(&self) -> bool {
        true
    }

    /// What the server gave as its reason inside the exchange, for mechanisms that have that: it is
    /// told with the refusal that follows. Asked for once, after the server said no.
    fn reason(&mut self) -> Option<OAuthError> {
        None
    }

    /// Who is logged in by this mechanism, so that UIDs of one login are known to be of the same
    /// account in another; `None` if that is not known, and then they are used in this connection
    /// only (see [`AccountId`](crate::types::AccountId)). Asked for once, after the server's OK.
    ///
    /// A mechanism that logs in a user by name returns `Some(Identity::user(name))`; never a secret.
    fn identity(&self) -> Option<Identity> {
        None
    }

    /// Writes the names and secrets that this mechanism logs in with to a keyed hash, by which an
    /// [`Account`](crate::Account) knows whether its provider gives other credentials than those
    /// that the server has refused.
    ///
    /// The default writes none: then mechanisms of one name count as the same, and after a refusal
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
