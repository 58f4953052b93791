//! The server's side of SCRAM (RFC 5802, RFC 7677) and CRAM-MD5 (RFC 2195), for tests that need a
//! server which proves itself, or fails to.

use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{EagerHash, Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::digest::Digest;
use sha2::{Sha256, Sha512};

/// The hash function of a SCRAM mechanism.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Hash {
    /// SCRAM-SHA-1.
    Sha1,
    /// SCRAM-SHA-256.
    Sha256,
    /// SCRAM-SHA-512.
    Sha512,
}

impl Hash {
    /// The hash function of a mechanism such as `SCRAM-SHA-256-PLUS`, and whether its name ends in `-PLUS`.
    #[must_use]
    pub fn of_mechanism(name: &str) -> Option<(Self, bool)> {
        let (name, plus) = match name.strip_suffix("-PLUS") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let hash = match name {
            "SCRAM-SHA-1" => Self::Sha1,
            "SCRAM-SHA-256" => Self::Sha256,
            "SCRAM-SHA-512" => Self::Sha512,
            _ => return None,
        };
        Some((hash, plus))
    }

    /// Returns the keyed hash of a text (RFC 2104).
    #[must_use]
    pub fn hmac(self, key: &[u8], text: &[u8]) -> Vec<u8> {
        fn of<D: EagerHash>(key: &[u8], text: &[u8]) -> Vec<u8> {
            let Ok(mut mac) = <Hmac<D> as KeyInit>::new_from_slice(key) else {
                return Vec::new();
            };
            mac.update(text);
            mac.finalize().into_bytes().to_vec()
        }
        match self {
            Self::Sha1 => of::<Sha1>(key, text),
            Self::Sha256 => of::<Sha256>(key, text),
            Self::Sha512 => of::<Sha512>(key, text),
        }
    }

    fn digest(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(text).to_vec(),
            Self::Sha256 => Sha256::digest(text).to_vec(),
            Self::Sha512 => Sha512::digest(text).to_vec(),
        }
    }

    fn salted(self, password: &[u8], salt: &[u8], iterations: u32) -> Vec<u8> {
        match self {
            Self::Sha1 => pbkdf2::pbkdf2_hmac_array::<Sha1, 20>(password, salt, iterations).into(),
            Self::Sha256 => {
                pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(password, salt, iterations).into()
            }
            Self::Sha512 => {
                pbkdf2::pbkdf2_hmac_array::<Sha512, 64>(password, salt, iterations).into()
            }
        }
    }
}

/// The server's side of one exchange.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The hash function.
    pub hash: Hash,
    /// Whether this is the form with `-PLUS`.
    pub plus: bool,
    /// Whether the form with `-PLUS` was offered.
    pub offers_plus: bool,
    /// The value of `tls-server-end-point` (RFC 5929); `None` if this binding is not supported.
    pub server_end_point: Option<Vec<u8>>,
    /// The value of `tls-exporter` (RFC 9266); `None` if this binding is not supported.
    pub tls_exporter: Option<Vec<u8>>,
    /// The number of iterations that the server asks for.
    pub iterations: u32,
    /// The name of the user, once the client has sent it.
    pub user: String,
    salt: Vec<u8>,
    header: String,
    client_first: String,
    nonce: String,
    server_first: String,
}

impl Exchange {
    /// Returns an exchange that has not begun, without TLS.
    #[must_use]
    pub fn new(hash: Hash, plus: bool) -> Self {
        Self {
            hash,
            plus,
            offers_plus: plus,
            server_end_point: None,
            tls_exporter: None,
            iterations: 4096,
            user: String::new(),
            salt: b"a pinch of salt".to_vec(),
            header: String::new(),
            client_first: String::new(),
            nonce: String::new(),
            server_first: String::new(),
        }
    }

    /// The value of the channel binding that the client names.
    fn binding(&self, flag: &str) -> Option<&[u8]> {
        match flag {
            "p=tls-server-end-point" => self.server_end_point.as_deref(),
            "p=tls-exporter" => self.tls_exporter.as_deref(),
            _ => None,
        }
    }

    /// Returns the answer to the client's first message.
    ///
    /// # Errors
    ///
    /// The name of the error in RFC 5802 section 7.
    pub fn first(&mut self, message: &[u8]) -> Result<String, &'static str> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let message = std::str::from_utf8(message).map_err(|_| "invalid-encoding")?;
        let (binding, rest) = message.split_once(',').ok_or("other-error")?;
        let (acting, bare) = rest.split_once(',').ok_or("other-error")?;
        self.header = format!("{binding},{acting},");
        match (binding, self.plus) {
            ("n", false) => {}
            ("y", false) if self.offers_plus => return Err("server-does-support-channel-binding"),
            ("y", false) => {}
            (flag, true) if self.binding(flag).is_some() => {}
            (_, true) => return Err("unsupported-channel-binding-type"),
            _ => return Err("channel-binding-not-supported"),
        }
        let fields: Vec<&str> = bare.split(',').collect();
        let [user, nonce] = fields.as_slice() else {
            return Err("extensions-not-supported");
        };
        let user = user.strip_prefix("n=").ok_or("other-error")?;
        self.user = user.replace("=2C", ",").replace("=3D", "=");
        let nonce = nonce.strip_prefix("r=").ok_or("other-error")?;
        self.client_first = bare.to_owned();
        self.nonce = format!("{nonce}server{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let salt = BASE64_STANDARD.encode(&self.salt);
        self.server_first = format!("r={},s={salt},i={}", self.nonce, self.iterations);
        Ok(self.server_first.clone())
    }

    /// Returns the answer to the client's last message: the server's own proof.
    ///
    /// # Errors
    ///
    /// The name of the error in RFC 5802 section 7.
    pub fn last(&mut self, message: &[u8], password: &str) -> Result<String, &'static str> {
        let message = std::str::from_utf8(message).map_err(|_| "invalid-encoding")?;
        let (without_proof, proof) = message.rsplit_once(",p=").ok_or("other-error")?;
        let (binding, nonce) = without_proof.split_once(",r=").ok_or("other-error")?;
        let mut expected = self.header.clone().into_bytes();
        if self.plus {
            let flag = self.header.split(',').next().unwrap_or_default();
            expected.extend_from_slice(self.binding(flag).unwrap_or_default());
        }
        if binding != format!("c={}", BASE64_STANDARD.encode(expected)) {
            return Err("channel-bindings-dont-match");
        }
        if nonce != self.nonce {
            return Err("other-error");
        }
        let salted = self
            .hash
            .salted(password.as_bytes(), &self.salt, self.iterations);
        let client_key = self.hash.hmac(&salted, b"Client Key");
        let server_key = self.hash.hmac(&salted, b"Server Key");
        let (first, server) = (&self.client_first, &self.server_first);
        let signed = format!("{first},{server},{without_proof}");
        let signature = self
            .hash
            .hmac(&self.hash.digest(&client_key), signed.as_bytes());
        let masked = client_key
            .iter()
            .zip(&signature)
            .map(|(one, two)| one ^ two);
        if proof != BASE64_STANDARD.encode(masked.collect::<Vec<u8>>()) {
            return Err("invalid-proof");
        }
        let own = self.hash.hmac(&server_key, signed.as_bytes());
        Ok(format!("v={}", BASE64_STANDARD.encode(own)))
    }
}

/// Returns the client's answer to a challenge of CRAM-MD5, without the name.
#[must_use]
pub fn cram_md5(password: &str, challenge: &[u8]) -> String {
    let Ok(mut mac) = <Hmac<Md5> as KeyInit>::new_from_slice(password.as_bytes()) else {
        return String::new();
    };
    mac.update(challenge);
    let digest = mac.finalize().into_bytes();
    digest.iter().map(|octet| format!("{octet:02x}")).collect()
}
