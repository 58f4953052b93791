//! The hash functions of SCRAM (RFC 5802 section 2.2).

use hmac::digest::Output;
use hmac::{EagerHash, Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::digest::Digest;
use sha2::{Sha256, Sha512};
use zeroize::{Zeroize, Zeroizing};

/// A hash function of SCRAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScramHash {
    Sha1,
    Sha256,
    Sha512,
}

/// The rounds of hashing between two checks whether to continue: a millisecond or two.
const ROUNDS_AT_ONCE: u32 = 2048;

/// Octets that are wiped when they are dropped.
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

    /// `Hi(password, salt, iterations)`: one block of PBKDF2 (RFC 8018 section 5.2).
    ///
    /// `None` once `is_wanted`, which is called every few thousand rounds, returns `false`.
    pub(crate) fn salted(
        self,
        password: &[u8],
        salt: &[u8],
        iterations: u32,
        is_wanted: &mut dyn FnMut() -> bool,
    ) -> Option<Octets> {
        match self {
            Self::Sha1 => salted::<Sha1>(password, salt, iterations, is_wanted),
            Self::Sha256 => salted::<Sha256>(password, salt, iterations, is_wanted),
            Self::Sha512 => salted::<Sha512>(password, salt, iterations, is_wanted),
        }
    }

    /// Whether both are equal, compared in constant time: the library compares their tags under one
    /// key.
    pub(crate) fn are_equal(self, one: &[u8], other: &[u8]) -> bool {
        let Ok(mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(b"compared") else {
            return false;
        };
        let tag = mac.clone().chain_update(one).finalize().into_bytes();
        mac.chain_update(other).verify_slice(&tag).is_ok()
    }
}

fn salted<D: EagerHash>(
    password: &[u8],
    salt: &[u8],
    iterations: u32,
    is_wanted: &mut dyn FnMut() -> bool,
) -> Option<Octets> {
    let keyed = <Hmac<D> as KeyInit>::new_from_slice(password).ok()?;
    let first = keyed.clone().chain_update(salt).chain_update([0, 0, 0, 1]);
    let mut last: Output<Hmac<D>> = first.finalize().into_bytes();
    let mut all = last.clone();
    let mut left = iterations.saturating_sub(1);
    while left > 0 {
        for _ in 0..left.min(ROUNDS_AT_ONCE) {
            let mut mac = keyed.clone();
            mac.update(&last);
            last = mac.finalize().into_bytes();
            for (sum, octet) in all.iter_mut().zip(&last) {
                *sum ^= octet;
            }
        }
        left = left.saturating_sub(ROUNDS_AT_ONCE);
        if left > 0 && !is_wanted() {
            return None;
        }
    }
    let octets = Zeroizing::new(all.to_vec());
    all.zeroize();
    last.zeroize();
    Some(octets)
}

fn hmac<D: EagerHash>(key: &[u8], text: &[u8]) -> Octets {
    let octets = match <Hmac<D> as KeyInit>::new_from_slice(key) {
        Ok(mac) => mac.chain_update(text).finalize().into_bytes().to_vec(),
        // HMAC takes keys of any length.
        Err(_) => Vec::new(),
    };
    Zeroizing::new(octets)
}
