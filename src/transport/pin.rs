//! Checks whether a server's certificate is a pinned one.

use hmac_sha256::Hash;

use crate::transport::der;
use crate::transport::tls::{Pin, Refusal, TlsError, TlsErrorKind};

/// Rejects a certificate (in DER) that matches no pin; without pins, accepts all.
pub(crate) fn check(pins: &[Pin], certificate: Option<&[u8]>) -> Result<(), Refusal> {
    if pins.is_empty() {
        return Ok(());
    }
    let certificate = certificate.unwrap_or_default();
    let key = der::public_key(certificate).map(Hash::hash);
    let whole = Hash::hash(certificate);
    let is_pinned = pins.iter().any(|pin| match pin {
        Pin::Certificate(hash) => *hash == whole,
        Pin::PublicKey(hash) => Some(*hash) == key,
    });
    if is_pinned {
        return Ok(());
    }
    let seen: String = whole.iter().map(|octet| format!("{octet:02x}")).collect();
    let seen = format!("its SHA-256 is {seen}");
    Err(Refusal::Handshake(TlsError::new(TlsErrorKind::Pin, seen)))
}
