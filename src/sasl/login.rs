//! LOGIN, which has no RFC: user name and password in reply to two prompts.

use std::hash::{Hash, Hasher};

use crate::sasl::mechanism::Mechanism;
use crate::sasl::mechanism_error::MechanismError;
use crate::sasl::secret::Secret;
use crate::types::account_id::Identity;

/// SASL LOGIN (draft-murchison-sasl-login): sends the password itself, so use TLS.
///
/// It is for servers that offer nothing better; [`Plain`](crate::sasl::Plain) sends the same data
/// in one message. The user name is never sent with the command itself, because some servers that
/// have SASL-IR do not accept it there for LOGIN. The text of the prompts is ignored: the first is
/// answered with the user name, the second with the password.
///
/// ```
/// use latchbox::Client;
/// use latchbox::sasl::Login;
///
/// # let server = latchbox_testkit::Server::builder().with("AUTH=LOGIN").start()?;
/// # let client = Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
/// #     .danger_cleartext_login().connect()?;
/// let session = client.authenticate(Login::new("jane@example.com", "correct-horse"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Login {
    user: String,
    password: Secret,
    said: u8,
}

impl Login {
    /// Credentials of a user: the name and the password.
    pub fn new(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self {
            user: user.into(),
            password: password.into(),
            said: 0,
        }
    }
}

impl Mechanism for Login {
    fn name(&self) -> &'static str {
        "LOGIN"
    }

    fn exposes_secret(&self) -> bool {
        true
    }

    fn initial(&mut self) -> Result<Option<Secret>, MechanismError> {
        let parts = [self.user.as_bytes(), self.password.expose()];
        if parts.iter().any(|part| part.contains(&0)) {
            return Err(MechanismError::Rejected(
                "a NUL in the name or the password",
            ));
        }
        self.said = 0;
        Ok(None)
    }

    fn step(&mut self, _challenge: &[u8]) -> Result<Secret, MechanismError> {
        self.said = self.said.saturating_add(1);
        match self.said {
            1 => Ok(Secret::from(&self.user)),
            2 => Ok(self.password.clone()),
            _ => Err(MechanismError::UnexpectedChallenge),
        }
    }

    fn secrets(&self) -> Option<Vec<Secret>> {
        Some(vec![self.password.clone()])
    }

    fn is_complete(&self) -> bool {
        self.said >= 2
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
    fn the_name_then_the_password_whatever_the_prompts_are() {
        let mut login = Login::new("tim", "tanstaaf");
        assert!(login.initial().unwrap().is_none());
        assert_eq!(login.step(b"Username:").unwrap().expose(), b"tim");
        assert!(!login.is_complete());
        assert_eq!(login.step(b"").unwrap().expose(), b"tanstaaf");
        assert!(login.is_complete());
        assert!(login.step(b"More?").is_err());
    }
}
