//! OAUTHBEARER (RFC 7628): an OAuth 2.0 token.

use std::hash::{Hash, Hasher};

use crate::sasl::mechanism::Mechanism;
use crate::sasl::mechanism_error::MechanismError;
use crate::sasl::oauth_error::OAuthError;
use crate::sasl::secret::Secret;
use crate::sasl::token::Bearer;
use crate::types::account_id::Identity;

/// SASL OAUTHBEARER (RFC 7628): sends an OAuth 2.0 access token itself, so use TLS.
///
/// Like [`XOAuth2`](crate::sasl::XOAuth2), but in the standard form.
///
/// ```
/// use latchbox::Client;
/// use latchbox::sasl::OAuthBearer;
///
/// # let server = latchbox_testkit::Server::builder().with("AUTH=OAUTHBEARER").start()?;
/// # let client = Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
/// #     .danger_cleartext_login().connect()?;
/// # let access_token = latchbox_testkit::TOKEN;
/// let session = client.authenticate(OAuthBearer::new("jane@example.com", access_token))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct OAuthBearer {
    bearer: Bearer,
    at: Option<(String, u16)>,
}

impl OAuthBearer {
    /// The access token of a user, without the prefix `Bearer`.
    pub fn new(user: impl Into<String>, token: impl Into<Secret>) -> Self {
        let bearer = Bearer::new(user.into(), token.into());
        Self { bearer, at: None }
    }

    /// Sends this host and port too, for servers that require them.
    #[must_use]
    pub fn at(mut self, host: impl Into<String>, port: u16) -> Self {
        self.at = Some((host.into(), port));
        self
    }
}

impl Mechanism for OAuthBearer {
    fn name(&self) -> &'static str {
        "OAUTHBEARER"
    }

    fn exposes_secret(&self) -> bool {
        true
    }

    fn initial(&mut self) -> Result<Option<Secret>, MechanismError> {
        self.bearer.check()?;
        self.bearer.reset();
        let mut start = match self.bearer.user.as_str() {
            "" => "n,,\x01".to_owned(),
            user => format!("n,a={},\x01", sasl_name(user)),
        };
        if let Some((host, port)) = &self.at {
            if host.contains(char::is_control) {
                return Err(MechanismError::Rejected("a control character in the host"));
            }
            start.push_str(&format!("host={host}\x01port={port}\x01"));
        }
        let parts: [&[u8]; 4] = [
            start.as_bytes(),
            b"auth=Bearer ",
            self.bearer.token.expose(),
            b"\x01\x01",
        ];
        Ok(Some(Secret::new(parts.concat())))
    }

    fn step(&mut self, challenge: &[u8]) -> Result<Secret, MechanismError> {
        self.bearer.failed(challenge, b"\x01")
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
        (&self.bearer.user, self.bearer.token.expose(), &self.at).hash(&mut hasher);
    }
}

/// `saslname` (RFC 5801 section 4).
pub(crate) fn sasl_name(name: &str) -> String {
    name.replace('=', "=3D").replace(',', "=2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_of_rfc_7628() {
        let mut mechanism = OAuthBearer::new(
            "user@example.com",
            "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==",
        )
        .at("server.example.com", 143);
        let expected = "n,a=user@example.com,\x01host=server.example.com\x01port=143\x01\
            auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01";
        let sent = mechanism.initial().unwrap().unwrap();
        assert_eq!(sent.expose(), expected.as_bytes());
    }

    #[test]
    fn names_cannot_end_the_header() {
        let sent = OAuthBearer::new("a,b=c", "t").initial().unwrap().unwrap();
        assert_eq!(sent.expose(), b"n,a=a=2Cb=3Dc,\x01auth=Bearer t\x01\x01");
        let sent = OAuthBearer::new("", "t").initial().unwrap().unwrap();
        assert_eq!(sent.expose(), b"n,,\x01auth=Bearer t\x01\x01");
    }

    #[test]
    fn the_error_is_answered_by_one_octet() {
        let mut mechanism = OAuthBearer::new("a", "t");
        mechanism.initial().unwrap();
        let answer = mechanism.step(br#"{"status":"invalid_token"}"#).unwrap();
        assert_eq!(answer.expose(), b"\x01");
        assert!(!mechanism.is_complete());
        assert!(mechanism.step(b"{}").is_err());
    }
}
