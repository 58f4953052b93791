//! ANONYMOUS (RFC 4505): login without a user.

use std::hash::{Hash, Hasher};

use crate::sasl::mechanism::Mechanism;
use crate::sasl::mechanism_error::MechanismError;
use crate::sasl::secret::Secret;
use crate::types::account_id::Identity;

/// The longest trace that RFC 4505 allows, in characters.
const LONGEST_TRACE: usize = 255;

/// SASL ANONYMOUS (RFC 4505): access to public mailboxes, without user name and password.
///
/// ```
/// use latchbox::Client;
/// use latchbox::sasl::Anonymous;
///
/// # let server = latchbox_testkit::Server::builder().with("AUTH=ANONYMOUS").start()?;
/// # let client = Client::builder("127.0.0.1").port(server.port()).danger_plaintext().connect()?;
/// let session = client.authenticate(Anonymous::tracing("visitor@example.com"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Anonymous {
    trace: String,
}

impl Anonymous {
    /// An anonymous login without trace information.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An anonymous login with trace information for the server's log.
    ///
    /// It is an e-mail address, or any text of at most 255 characters without control characters.
    /// If it is not, the login fails, and nothing is sent.
    pub fn tracing(trace: impl Into<String>) -> Self {
        Self {
            trace: trace.into(),
        }
    }
}

impl Mechanism for Anonymous {
    fn name(&self) -> &'static str {
        "ANONYMOUS"
    }

    fn exposes_secret(&self) -> bool {
        false
    }

    fn initial(&mut self) -> Result<Option<Secret>, MechanismError> {
        if self.trace.chars().count() > LONGEST_TRACE || self.trace.contains(char::is_control) {
            return Err(MechanismError::Rejected(
                "the trace has more than 255 characters or a control character",
            ));
        }
        Ok(Some(Secret::from(&self.trace)))
    }

    fn step(&mut self, _challenge: &[u8]) -> Result<Secret, MechanismError> {
        Err(MechanismError::UnexpectedChallenge)
    }

    fn identity(&self) -> Option<Identity> {
        Some(Identity::anonymous())
    }

    fn fingerprint(&self, mut hasher: &mut dyn Hasher) {
        self.trace.hash(&mut hasher);
    }

    fn secrets(&self) -> Option<Vec<Secret>> {
        Some(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trace_is_the_whole_message() {
        let initial = |mut anonymous: Anonymous| anonymous.initial();
        let sent = initial(Anonymous::tracing("sirhc")).unwrap().unwrap();
        assert_eq!(sent.expose(), b"sirhc");
        assert_eq!(initial(Anonymous::new()).unwrap().unwrap().expose(), b"");
        assert!(initial(Anonymous::tracing("a\nb")).is_err());
        assert!(initial(Anonymous::tracing("ü".repeat(255))).is_ok());
        assert!(initial(Anonymous::tracing("ü".repeat(256))).is_err());
    }
}
