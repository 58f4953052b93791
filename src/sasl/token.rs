//! The OAuth token that XOAUTH2 and OAUTHBEARER send, and the check of its characters.

use crate::sasl::mechanism_error::MechanismError;
use crate::sasl::oauth_error::OAuthError;
use crate::sasl::secret::Secret;

/// A user, a bearer token (RFC 6750), and the server's error for it.
#[derive(Clone, Debug)]
pub(crate) struct Bearer {
    pub(crate) user: String,
    pub(crate) token: Secret,
    error: Option<OAuthError>,
    has_failed: bool,
}

impl Bearer {
    pub(crate) fn new(user: String, token: Secret) -> Self {
        Self {
            user,
            token,
            error: None,
            has_failed: false,
        }
    }

    /// Checks that neither holds a character that ends a field, and that the token is visible
    /// ASCII.
    pub(crate) fn check(&self) -> Result<(), MechanismError> {
        if self.user.contains(char::is_control) {
            return Err(MechanismError::Rejected(
                "a control character in the user's name",
            ));
        }
        if self.token.expose().is_empty() || !self.token.expose().iter().all(u8::is_ascii_graphic) {
            return Err(MechanismError::Rejected(
                "the token is empty, or has a space, a control character, or non-ASCII text",
            ));
        }
        Ok(())
    }

    /// Resets the state for a new exchange.
    pub(crate) fn reset(&mut self) {
        self.error = None;
        self.has_failed = false;
    }

    /// Records the failure that the server's only challenge reports; it expects `answer` before its
    /// NO.
    pub(crate) fn failed(
        &mut self,
        challenge: &[u8],
        answer: &'static [u8],
    ) -> Result<Secret, MechanismError> {
        if std::mem::replace(&mut self.has_failed, true) {
            return Err(MechanismError::UnexpectedChallenge);
        }
        self.error = Some(OAuthError::parse(challenge));
        Ok(Secret::new(answer.to_vec()))
    }

    /// Checks that a server which reported a failure does not send OK.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed
    }

    pub(crate) fn take_error(&mut self) -> Option<OAuthError> {
        self.error.take()
    }
}
