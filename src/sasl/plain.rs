//! PLAIN (RFC 4616): user name and password, not hashed.

use std::hash::{Hash, Hasher};

use crate::sasl::mechanism::Mechanism;
use crate::sasl::mechanism_error::MechanismError;
use crate::sasl::secret::Secret;
use crate::types::account_id::Identity;

/// SASL PLAIN (RFC 4616): sends the password itself, so use TLS.
///
/// ```
/// use latchbox::Client;
/// use latchbox::sasl::Plain;
///
/// # let server = latchbox_testkit::Server::start()?;
/// # let client = Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
/// #     .danger_cleartext_login().connect()?;
/// let session = client.authenticate(Plain::new("jane@example.com", "correct-horse"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Plain {
    authzid: String,
    authcid: String,
    password: Secret,
}

impl Plain {
    /// Credentials of a user: the name and the password.
    pub fn new(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self {
            authzid: String::new(),
            authcid: user.into(),
            password: password.into(),
        }
    }

    /// Logs in with this user's password, but acts as another user (the authorization identity).
    #[must_use]
    pub fn acting_as(mut self, authzid: impl Into<String>) -> Self {
        self.authzid = authzid.into();
        self
    }
}

impl Mechanism for Plain {
    fn name(&self) -> &'static str {
        "PLAIN"
    }

    fn exposes_secret(&self) -> bool {
        true
    }

    fn initial(&mut self) -> Result<Option<Secret>, MechanismError> {
        let parts = [
            self.authzid.as_bytes(),
            self.authcid.as_bytes(),
            self.password.expose(),
        ];
        if parts.iter().any(|part| part.contains(&0)) {
            return Err(MechanismError::Rejected(
                "a NUL in the name or the password",
            ));
        }
        Ok(Some(Secret::new(parts.join(&0))))
    }

    fn step(&mut self, _challenge: &[u8]) -> Result<Secret, MechanismError> {
        Err(MechanismError::UnexpectedChallenge)
    }

    fn identity(&self) -> Option<Identity> {
        Some(Identity::user(&self.authcid).acting_as(&self.authzid))
    }

    fn fingerprint(&self, mut hasher: &mut dyn Hasher) {
        (&self.authzid, &self.authcid, self.password.expose()).hash(&mut hasher);
    }

    fn secrets(&self) -> Option<Vec<Secret>> {
        Some(vec![self.password.clone()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_of_rfc_4616() {
        let mut plain = Plain::new("tim", "tanstaaftanstaaf");
        assert_eq!(
            plain.initial().unwrap().unwrap().expose(),
            b"\0tim\0tanstaaftanstaaf"
        );
        let mut plain = Plain::new("Kurt", "xipj3plmq").acting_as("Ursel");
        assert_eq!(
            plain.initial().unwrap().unwrap().expose(),
            b"Ursel\0Kurt\0xipj3plmq"
        );
    }
}
