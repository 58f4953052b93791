//! CRAM-MD5 (RFC 2195): a keyed hash of the server's challenge.

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use std::hash::{Hash, Hasher};

use crate::sasl::mechanism::Mechanism;
use crate::sasl::mechanism_error::MechanismError;
use crate::sasl::secret::Secret;
use crate::types::account_id::Identity;

/// SASL CRAM-MD5 (RFC 2195); feature `scram`.
///
/// The password itself is not sent, but an eavesdropper can quickly test guesses of it against the
/// hash that is sent, and the server does not authenticate itself. It is for old servers without
/// TLS; [`LoginChoice`](crate::sasl::LoginChoice) uses it only if it is named.
///
/// ```
/// use latchbox::Client;
/// use latchbox::sasl::CramMd5;
///
/// # let server = latchbox_testkit::Server::builder().with("AUTH=CRAM-MD5").start()?;
/// # let client = Client::builder("127.0.0.1").port(server.port()).danger_plaintext().connect()?;
/// let session = client.authenticate(CramMd5::new("jane@example.com", "correct-horse"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct CramMd5 {
    user: String,
    password: Secret,
    has_answered: bool,
    /// The hash that was sent, in hexadecimal digits.
    hash: Option<Secret>,
}

impl CramMd5 {
    /// Credentials of a user: the name and the password.
    pub fn new(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self {
            user: user.into(),
            password: password.into(),
            has_answered: false,
            hash: None,
        }
    }
}

impl Mechanism for CramMd5 {
    fn name(&self) -> &'static str {
        "CRAM-MD5"
    }

    fn exposes_secret(&self) -> bool {
        false
    }

    fn initial(&mut self) -> Result<Option<Secret>, MechanismError> {
        self.has_answered = false;
        self.hash = None;
        Ok(None)
    }

    fn step(&mut self, challenge: &[u8]) -> Result<Secret, MechanismError> {
        if std::mem::replace(&mut self.has_answered, true) {
            return Err(MechanismError::UnexpectedChallenge);
        }
        let mac = <Hmac<Md5> as KeyInit>::new_from_slice(self.password.expose())
            .map_err(|_| MechanismError::Rejected("the password cannot be used as a key"))?;
        let digest = mac.chain_update(challenge).finalize().into_bytes();
        let hash: String = digest.iter().map(|octet| format!("{octet:02x}")).collect();
        let answer = Secret::from(format!("{} {hash}", self.user));
        self.hash = Some(Secret::from(hash));
        Ok(answer)
    }

    fn secrets(&self) -> Option<Vec<Secret>> {
        let secrets = [Some(self.password.clone()), self.hash.clone()];
        Some(secrets.into_iter().flatten().collect())
    }

    fn is_complete(&self) -> bool {
        self.has_answered
    }

    fn identity(&self) -> Option<Identity> {
        Some(Identity::user(&self.user))
    }

    fn fingerprint(&self, mut hasher: &mut dyn Hasher) {
        (&self.user, self.password.expose()).hash(&mut hasher);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_2195() {
        let mut mechanism = CramMd5::new("tim", "tanstaaftanstaaf");
        assert!(mechanism.initial().unwrap().is_none());
        assert!(!mechanism.is_complete());
        let challenge = b"<1896.697170952@postoffice.reston.mci.net>";
        let answer = mechanism.step(challenge).unwrap();
        assert_eq!(answer.expose(), b"tim b913a602c7eda7a495b4e6e7334d3890");
        assert!(mechanism.is_complete());
        assert!(mechanism.step(challenge).is_err());
    }
}
