//! EXTERNAL (RFC 4422 appendix A): the server knows the client by other means.

use std::hash::{Hash, Hasher};

use crate::sasl::mechanism::Mechanism;
use crate::sasl::mechanism_error::MechanismError;
use crate::sasl::secret::Secret;
use crate::types::account_id::Identity;

/// SASL EXTERNAL (RFC 4422 appendix A): login by the client certificate of the TLS connection.
///
/// A server can also identify the client by other means, such as its address.
///
/// ```
/// use latchbox::Client;
/// use latchbox::sasl::External;
///
/// # let server = latchbox_testkit::Server::builder().with("AUTH=EXTERNAL").start()?;
/// # let client = Client::builder("127.0.0.1").port(server.port()).danger_plaintext().connect()?;
/// let session = client.authenticate(External::new())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct External {
    authzid: String,
}

impl External {
    /// A login as the user that the server derives from the client certificate.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Logs in as this user (the authorization identity).
    ///
    /// Servers that find no user name in the certificate need it.
    #[must_use]
    pub fn acting_as(mut self, authzid: impl Into<String>) -> Self {
        self.authzid = authzid.into();
        self
    }
}

impl Mechanism for External {
    fn name(&self) -> &'static str {
        "EXTERNAL"
    }

    fn exposes_secret(&self) -> bool {
        false
    }

    fn initial(&mut self) -> Result<Option<Secret>, MechanismError> {
        if self.authzid.contains('\0') {
            return Err(MechanismError::Rejected("a NUL in the name"));
        }
        Ok(Some(Secret::from(&self.authzid)))
    }

    fn step(&mut self, _challenge: &[u8]) -> Result<Secret, MechanismError> {
        Err(MechanismError::UnexpectedChallenge)
    }

    fn identity(&self) -> Option<Identity> {
        Some(match self.authzid.is_empty() {
            true => Identity::by_certificate(),
            false => Identity::user(&self.authzid),
        })
    }

    fn fingerprint(&self, mut hasher: &mut dyn Hasher) {
        self.authzid.hash(&mut hasher);
    }

    fn secrets(&self) -> Option<Vec<Secret>> {
        Some(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_the_name_or_nothing() {
        let mut external = External::new();
        assert_eq!(external.initial().unwrap().unwrap().expose(), b"");
        let mut external = External::new().acting_as("fred@example.com");
        let sent = external.initial().unwrap().unwrap();
        assert_eq!(sent.expose(), b"fred@example.com");
        assert!(External::new().acting_as("a\0b").initial().is_err());
        assert!(external.step(b"").is_err());
    }
}
