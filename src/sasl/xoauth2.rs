//! XOAUTH2 of Google and Microsoft: an OAuth 2.0 token.

use std::hash::{Hash, Hasher};

use crate::sasl::mechanism::Mechanism;
use crate::sasl::mechanism_error::MechanismError;
use crate::sasl::oauth_error::OAuthError;
use crate::sasl::secret::Secret;
use crate::sasl::token::Bearer;
use crate::types::account_id::Identity;

/// SASL XOAUTH2: sends an OAuth 2.0 access token itself, so use TLS.
///
/// Gmail and Microsoft 365 accept it; [`OAuthBearer`](crate::sasl::OAuthBearer) is the standard
/// that developed from it. A token is valid for an hour or so: an [`Account`](crate::Account)
/// requests a new one at each login. If the server rejects the token, it sends the reason inside
/// the exchange, and [`Error::oauth`](crate::Error::oauth) returns it.
///
/// ```
/// use latchbox::Client;
/// use latchbox::sasl::XOAuth2;
///
/// # let server = latchbox_testkit::Server::builder().with("AUTH=XOAUTH2").start()?;
/// # let client = || Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
/// #     .danger_cleartext_login().connect();
/// # let access_token = latchbox_testkit::TOKEN;
/// let session = client()?.authenticate(XOAuth2::new("jane@example.com", access_token))?;
///
/// let expired = XOAuth2::new("jane@example.com", "ya29.an-old-one");
/// let error = client()?.authenticate(expired).unwrap_err().into_error();
/// assert!(error.is_auth());
/// assert_eq!(error.oauth().unwrap().status(), Some("401"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct XOAuth2 {
    bearer: Bearer,
}

impl XOAuth2 {
    /// The access token of a user, without the prefix `Bearer`.
    pub fn new(user: impl Into<String>, token: impl Into<Secret>) -> Self {
        let bearer = Bearer::new(user.into(), token.into());
        Self { bearer }
    }
}

impl Mechanism for XOAuth2 {
    fn name(&self) -> &'static str {
        "XOAUTH2"
    }

    fn exposes_secret(&self) -> bool {
        true
    }

    fn initial(&mut self) -> Result<Option<Secret>, MechanismError> {
        self.bearer.check()?;
        self.bearer.reset();
        let parts: [&[u8]; 5] = [
            b"user=",
            self.bearer.user.as_bytes(),
            b"\x01auth=Bearer ",
            self.bearer.token.expose(),
            b"\x01\x01",
        ];
        Ok(Some(Secret::new(parts.concat())))
    }

    fn step(&mut self, challenge: &[u8]) -> Result<Secret, MechanismError> {
        self.bearer.failed(challenge, b"")
    }

    fn secrets(&self) -> Option<Vec<Secret>> {
        Some(vec![self.bearer.token.clone()])
    }

    fn is_complete(&self) -> bool {
        !self.bearer.has_failed()
    }

    fn reason(&mut self) -> Option<OAuthError> {
        self.bearer.take_error()
    }

    fn identity(&self) -> Option<Identity> {
        Some(Identity::user(&self.bearer.user))
    }

    fn fingerprint(&self, mut hasher: &mut dyn Hasher) {
        (&self.bearer.user, self.bearer.token.expose()).hash(&mut hasher);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Google's description.
    #[test]
    fn the_message_of_the_description() {
        let mut mechanism = XOAuth2::new(
            "someuser@example.com",
            "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg",
        );
        let expected = "user=someuser@example.com\x01auth=Bearer \
            ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg\x01\x01";
        let sent = mechanism.initial().unwrap().unwrap();
        assert_eq!(sent.expose(), expected.as_bytes());
    }

    #[test]
    fn what_would_end_a_field_is_refused() {
        for (user, token) in [
            ("a\x01b", "t"),
            ("a", ""),
            ("a", "t\x01"),
            ("a", "Bearer t"),
        ] {
            assert!(XOAuth2::new(user, token).initial().is_err(), "{user:?}");
        }
    }

    #[test]
    fn the_error_is_answered_by_nothing_once() {
        let mut mechanism = XOAuth2::new("a", "t");
        mechanism.initial().unwrap();
        let answer = mechanism.step(br#"{"status":"401"}"#).unwrap();
        assert_eq!(answer.expose(), b"");
        assert!(!mechanism.is_complete());
        assert!(mechanism.step(b"more").is_err());
        assert_eq!(mechanism.reason().unwrap().status(), Some("401"));
    }
}
