//! The messages of a SCRAM server (RFC 5802 section 7).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::sasl::mechanism_error::MechanismError;

/// `server-first-message`: the whole nonce, the salt, and the number of hash rounds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ServerFirst<'a> {
    pub(crate) text: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) salt: Vec<u8>,
    pub(crate) iterations: u32,
}

/// `server-final-message`: the server's proof.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ServerFinal {
    pub(crate) signature: Vec<u8>,
}

/// The errors of RFC 5802 section 7, so that none of the server's own text is shown.
const ERRORS: [&str; 12] = [
    "invalid-encoding",
    "extensions-not-supported",
    "invalid-proof",
    "channel-bindings-dont-match",
    "server-does-support-channel-binding",
    "channel-binding-not-supported",
    "unsupported-channel-binding-type",
    "unknown-user",
    "invalid-username-encoding",
    "no-resources",
    "other-error",
    // Not in the RFC, but sent by servers.
    "server-error",
];

impl<'a> ServerFirst<'a> {
    /// Reads the server's reply to a first message with the nonce `own`.
    pub(crate) fn parse(message: &'a [u8], own: &str) -> Result<Self, MechanismError> {
        let text = text(message)?;
        let mut fields = text.split(',');
        let nonce = field(fields.next(), "r=", "SCRAM: the nonce is missing")?;
        if nonce.len() <= own.len() || !nonce.starts_with(own) {
            return Err(MechanismError::Rejected(
                "SCRAM: the server's nonce does not continue the client's",
            ));
        }
        let salt = field(fields.next(), "s=", "SCRAM: the salt is missing")?;
        let salt = decoded(salt, "SCRAM: the salt is not base64")?;
        let rounds = field(fields.next(), "i=", "SCRAM: the iteration count is missing")?;
        if rounds.is_empty() || !rounds.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(MechanismError::Rejected(
                "SCRAM: the iteration count is no number",
            ));
        }
        let iterations = rounds.parse().unwrap_or(u32::MAX);
        Ok(Self {
            text,
            nonce,
            salt,
            iterations,
        })
    }
}

impl ServerFinal {
    pub(crate) fn parse(message: &[u8]) -> Result<Self, MechanismError> {
        let mut fields = text(message)?.split(',');
        let signature = field(fields.next(), "v=", "SCRAM: the server's proof is missing")?;
        let signature = decoded(signature, "SCRAM: the server's proof is not base64")?;
        Ok(Self { signature })
    }
}

/// The message as text, unless it is the server's error.
fn text(message: &[u8]) -> Result<&str, MechanismError> {
    let text = std::str::from_utf8(message)
        .map_err(|_| MechanismError::Rejected("SCRAM: the server's message is not UTF-8"))?;
    match text.strip_prefix("e=") {
        None => Ok(text),
        Some(error) => {
            let error = error.split(',').next().unwrap_or_default();
            let known = ERRORS.iter().find(|known| **known == error);
            Err(MechanismError::Refused(
                known.copied().unwrap_or("other-error"),
            ))
        }
    }
}

/// The value of the field that is due here.
///
/// An extension that the client must support (`m=`) stands in the place of another field.
fn field<'a>(
    field: Option<&'a str>,
    name: &str,
    missing: &'static str,
) -> Result<&'a str, MechanismError> {
    let field = field.unwrap_or_default();
    if field.starts_with("m=") {
        let problem = "SCRAM: the server requires an unknown extension";
        return Err(MechanismError::Rejected(problem));
    }
    field
        .strip_prefix(name)
        .ok_or(MechanismError::Rejected(missing))
}

fn decoded(text: &str, problem: &'static str) -> Result<Vec<u8>, MechanismError> {
    let octets = BASE64_STANDARD.decode(text).ok();
    octets
        .filter(|octets| !octets.is_empty())
        .ok_or(MechanismError::Rejected(problem))
}
