//! What every mechanism can do.

use crate::sasl::channel::Channel;
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
///     fn shows_secret(&self) -> bool {
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
/// # let server = latchbox_server::Server::start()?;
/// # let client = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
/// #     .danger_cleartext_login().connect()?;
/// let (error, _client) = client.authenticate(Ticket(Secret::from("42"))).unwrap_err();
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
    fn begin(&mut self, channel: &Channel<'_>) -> Result<(), MechanismError> {
        let _ = channel;
        Ok(())
    }

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
}

impl<M: Mechanism + ?Sized> Mechanism for Box<M> {
    fn begin(&mut self, channel: &Channel<'_>) -> Result<(), MechanismError> {
        (**self).begin(channel)
    }

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

    fn reason(&mut self) -> Option<OAuthError> {
        (**self).reason()
    }

    fn identity(&self) -> Option<Identity> {
        (**self).identity()
    }
}
