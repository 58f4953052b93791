//! The hash functions of SCRAM (RFC 5802 section 2.2).

use hmac::{EagerHash, Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::digest::Digest;
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

/// Which hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScramHash {
    Sha1,
    Sha256,
    Sha512,
}

/// Octets that are wiped.
type Octets = Zeroizing<Vec<u8>>;

impl ScramHash {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SCRAM-SHA-1",
            Self::Sha256 => "SCRAM-SHA-256",
            Self::Sha512 => "SCRAM-SHA-512",
        }
    }

    pub(crate) fn plus_name(self) -> &'static str {
        match self {
            Self::Sha1 => "SCRAM-SHA-1-PLUS",
            Self::Sha256 => "SCRAM-SHA-256-PLUS",
            Self::Sha512 => "SCRAM-SHA-512-PLUS",
        }
    }

    /// `HMAC(key, text)`.
    pub(crate) fn hmac(self, key: &[u8], text: &[u8]) -> Octets {
        match self {
            Self::Sha1 => hmac::<Sha1>(key, text),
            Self::Sha256 => hmac::<Sha256>(key, text),
            Self::Sha512 => hmac::<Sha512>(key, text),
        }
    }

    /// `H(text)`.
    pub(crate) fn digest(self, text: &[u8]) -> Octets {
        Zeroizing::new(match self {
            Self::Sha1 => Sha1::digest(text).to_vec(),
            Self::Sha256 => Sha256::digest(text).to_vec(),
            Self::Sha512 => Sha512::digest(text).to_vec(),
        })
    }

    /// `Hi(password, salt, iterations)`.
    pub(crate) fn salted(self, password: &[u8], salt: &[u8], iterations: u32) -> Octets {
        let mut octets = Zeroizing::new(vec![0; self.digest(b"").len()]);
        match self {
            Self::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, iterations, &mut octets),
            Self::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, iterations, &mut octets),
            Self::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, iterations, &mut octets),
        }
        octets
    }

    /// Whether both are the same, in a time that tells nothing of where they differ: the tags of
    /// both under one key are compared by the library.
    pub(crate) fn are_equal(self, one: &[u8], other: &[u8]) -> bool {
        let Ok(mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(b"compared") else {
            return false;
        };
        let tag = mac.clone().chain_update(one).finalize().into_bytes();
        mac.chain_update(other).verify_slice(&tag).is_ok()
    }
}

fn hmac<D: EagerHash>(key: &[u8], text: &[u8]) -> Octets {
    let octets = match <Hmac<D> as KeyInit>::new_from_slice(key) {
        Ok(mac) => mac.chain_update(text).finalize().into_bytes().to_vec(),
        // HMAC takes keys of any length.
        Err(_) => Vec::new(),
    };
    Zeroizing::new(octets)
}
