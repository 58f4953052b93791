//! SCRAM (RFC 5802, RFC 7677): client and server each prove that they know the password.

use std::fmt;
use std::hash::{Hash, Hasher};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::limits::ITERATIONS;
use crate::sasl::mechanism::Mechanism;
use crate::sasl::mechanism_context::MechanismContext;
use crate::sasl::mechanism_error::MechanismError;
use crate::sasl::oauth_bearer::sasl_name;
use crate::sasl::scram_hash::ScramHash;
use crate::sasl::scram_message::{ServerFinal, ServerFirst};
use crate::sasl::secret::Secret;
use crate::transport::channel_binding::ChannelBinding;
use crate::types::account_id::Identity;

/// Random octets of the client's nonce.
const NONCE: usize = 24;

/// SASL SCRAM-SHA-1, -256 and -512, with and without `-PLUS` (RFC 5802, RFC 7677); feature `scram`.
///
/// The password itself is never sent, and the server has to prove that it knows it too: if it does
/// not, there is no session, even if it sends OK. If there is TLS and the server offers the
/// mechanism with `-PLUS`, that is used, and binds the login to the TLS connection: by
/// `tls-exporter` (RFC 9266) over TLS 1.3 if the TLS library provides it, as rustls does, and
/// otherwise by the server's certificate (`tls-server-end-point`, RFC 5929). A man in the middle
/// then gets no session. If the server does not offer `-PLUS`, the client's message has the flag
/// that the client supports it, so that a server whose offer was removed in transit can detect
/// that.
///
/// SCRAM does not negotiate the channel binding: a server that supports another one refuses the
/// login. [`channel_binding`](Self::channel_binding) sets the one for such a server.
///
/// Name and password are normalized by SASLprep (RFC 4013); a text that SASLprep rejects, such as
/// one with letters newer than Unicode 3.2, is used as it is.
///
/// ```
/// use latchbox::Client;
/// use latchbox::sasl::Scram;
///
/// # let server = latchbox_testkit::Server::builder().with("AUTH=SCRAM-SHA-256").start()?;
/// # let client = Client::builder("127.0.0.1").port(server.port()).danger_plaintext().connect()?;
/// let session = client.authenticate(Scram::sha_256("jane@example.com", "correct-horse"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Scram {
    hash: ScramHash,
    user: String,
    password: Secret,
    authzid: String,
    wish: Wish,
    wanted_binding: Option<ChannelBinding>,
    min_iterations: u32,
    max_iterations: u32,
    binding: Binding,
    exchange: Exchange,
}

/// The caller's setting of channel binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    WherePossible,
    Required,
    Never,
}

/// The channel binding of this exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Binding {
    /// `n`: the client does not bind.
    None,
    /// `y`: the client supports binding, and the server does not seem to.
    NotOffered,
    /// `p`: the client binds to this value.
    To(ChannelBinding, Vec<u8>),
}

/// The state of the exchange.
#[derive(Clone)]
enum Exchange {
    NotBegun,
    /// The first message was sent: the nonce, and the message without its header.
    Begun {
        nonce: String,
        bare: String,
    },
    /// The proof was sent: the values that the server's proof is checked against.
    Proved {
        /// The proof as it was sent, in base64.
        proof: Secret,
        expected: Secret,
    },
    Complete,
}

impl Scram {
    /// SCRAM-SHA-1 (RFC 5802).
    pub fn sha_1(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::new(ScramHash::Sha1, user.into(), password.into())
    }

    /// SCRAM-SHA-256 (RFC 7677).
    pub fn sha_256(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::new(ScramHash::Sha256, user.into(), password.into())
    }

    /// SCRAM-SHA-512 (draft-melnikov-scram-sha-512).
    pub fn sha_512(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::new(ScramHash::Sha512, user.into(), password.into())
    }

    fn new(hash: ScramHash, user: String, password: Secret) -> Self {
        Self {
            hash,
            user,
            password,
            authzid: String::new(),
            wish: Wish::WherePossible,
            wanted_binding: None,
            min_iterations: *ITERATIONS.start(),
            max_iterations: *ITERATIONS.end(),
            binding: Binding::None,
            exchange: Exchange::NotBegun,
        }
    }

    /// Logs in with this user's password, but acts as another user (the authorization identity).
    #[must_use]
    pub fn acting_as(mut self, authzid: impl Into<String>) -> Self {
        self.authzid = authzid.into();
        self
    }

    /// Requires `-PLUS`: without it, the login fails before anything is sent.
    #[must_use]
    pub fn require_channel_binding(mut self) -> Self {
        self.wish = Wish::Required;
        self
    }

    /// Uses this channel binding only.
    ///
    /// It is for servers with `-PLUS` that do not support the strongest one. If the connection does
    /// not have it, `-PLUS` is not used.
    ///
    /// ```
    /// use latchbox::sasl::{ChannelBinding, Scram};
    ///
    /// let scram = Scram::sha_256("jane@example.com", "correct-horse")
    ///     .channel_binding(ChannelBinding::TlsServerEndPoint)
    ///     .require_channel_binding();
    /// ```
    #[must_use]
    pub fn channel_binding(mut self, binding: ChannelBinding) -> Self {
        self.wanted_binding = Some(binding);
        self
    }

    /// Never uses `-PLUS`, for servers that offer it with another channel binding only.
    ///
    /// Cyrus is one of them: it supports `tls-unique`.
    #[must_use]
    pub fn without_channel_binding(mut self) -> Self {
        self.wish = Wish::Never;
        self
    }

    /// The minimum number of hash rounds that the server may require; 4096 by default.
    ///
    /// 4096 is the minimum that RFC 7677 allows. With fewer rounds, an eavesdropper, or an attacker
    /// in the place of the server, finds the password more easily from what is sent.
    #[must_use]
    pub fn min_iterations(mut self, rounds: u32) -> Self {
        self.min_iterations = rounds;
        self
    }

    /// The maximum number of hash rounds that the server may require; one million by default.
    ///
    /// A million rounds take about a second: without a limit, a server could keep the client busy
    /// until the deadline of the login. The deadline and a [`CloseHandle`](crate::CloseHandle) are
    /// checked every few thousand rounds.
    #[must_use]
    pub fn max_iterations(mut self, rounds: u32) -> Self {
        self.max_iterations = rounds;
        self
    }

    /// The header for the channel binding; the last message has it too, followed by the binding's
    /// value.
    fn header(&self) -> String {
        let flag = match self.binding {
            Binding::None => "n".to_owned(),
            Binding::NotOffered => "y".to_owned(),
            Binding::To(binding, _) => format!("p={}", binding.name()),
        };
        match self.authzid.as_str() {
            "" => format!("{flag},,"),
            authzid => format!("{flag},a={},", sasl_name(authzid)),
        }
    }

    fn first_message(&mut self, nonce: String) -> Result<Secret, MechanismError> {
        let texts = [self.user.as_bytes(), self.authzid.as_bytes()];
        if texts.iter().any(|text| text.contains(&0)) || self.password.expose().contains(&0) {
            return Err(MechanismError::Rejected(
                "a NUL in the name or the password",
            ));
        }
        let bare = format!("n={},r={nonce}", sasl_name(&prepared(&self.user)));
        let message = format!("{}{bare}", self.header());
        self.exchange = Exchange::Begun { nonce, bare };
        Ok(Secret::from(message))
    }

    fn last_message(
        &mut self,
        nonce: &str,
        bare: &str,
        challenge: &[u8],
        is_wanted: &mut dyn FnMut() -> bool,
    ) -> Result<Secret, MechanismError> {
        let first = ServerFirst::parse(challenge, nonce)?;
        let asked = first.iterations;
        if !(self.min_iterations..=self.max_iterations).contains(&asked) {
            return Err(MechanismError::Iterations { asked });
        }
        let mut binding = self.header().into_bytes();
        if let Binding::To(_, value) = &self.binding {
            binding.extend_from_slice(value);
        }
        let binding = BASE64_STANDARD.encode(binding);
        let without_proof = format!("c={binding},r={}", first.nonce);
        let signed = [bare, first.text, &without_proof].join(",");
        let password = match std::str::from_utf8(self.password.expose()) {
            Ok(text) => Secret::from(&*prepared(text)),
            Err(_) => self.password.clone(),
        };
        let hash = self.hash;
        let salted = hash.salted(password.expose(), &first.salt, asked, is_wanted);
        let salted = salted.ok_or(MechanismError::Interrupted)?;
        let client_key = hash.hmac(&salted, b"Client Key");
        let signature = hash.hmac(&hash.digest(&client_key), signed.as_bytes());
        let proof = client_key.iter().zip(signature.iter());
        let proof = Secret::new(proof.map(|(key, mask)| key ^ mask).collect());
        let proof = BASE64_STANDARD.encode(proof.expose());
        // Only a key and a text are stored, because the library compares in constant time.
        let server_key = hash.hmac(&salted, b"Server Key");
        let expected = Secret::new(hash.hmac(&server_key, signed.as_bytes()).to_vec());
        let message = Secret::from(format!("{without_proof},p={proof}"));
        self.exchange = Exchange::Proved {
            proof: Secret::from(proof),
            expected,
        };
        Ok(message)
    }
}

impl Mechanism for Scram {
    fn begin(&mut self, channel: &MechanismContext<'_>) -> Result<(), MechanismError> {
        let strongest = channel
            .strongest_binding(self.wanted_binding)
            .filter(|_| self.wish != Wish::Never);
        self.binding = match strongest {
            None => Binding::None,
            Some((binding, value)) if channel.offers(self.hash.plus_name()) => {
                Binding::To(binding, value.to_vec())
            }
            Some(_) => Binding::NotOffered,
        };
        let is_bound = matches!(self.binding, Binding::To(..));
        if self.wish == Wish::Required && !is_bound {
            return Err(MechanismError::NoChannelBinding);
        }
        Ok(())
    }

    fn name(&self) -> &'static str {
        match self.binding {
            Binding::To(..) => self.hash.plus_name(),
            _ => self.hash.name(),
        }
    }

    fn exposes_secret(&self) -> bool {
        false
    }

    fn initial(&mut self) -> Result<Option<Secret>, MechanismError> {
        let mut random = [0; NONCE];
        getrandom::fill(&mut random).map_err(|_| MechanismError::NoRandomness)?;
        self.first_message(BASE64_STANDARD.encode(random)).map(Some)
    }

    fn step(&mut self, challenge: &[u8]) -> Result<Secret, MechanismError> {
        self.step_while(challenge, &mut || true)
    }

    fn step_while(
        &mut self,
        challenge: &[u8],
        is_wanted: &mut dyn FnMut() -> bool,
    ) -> Result<Secret, MechanismError> {
        match std::mem::replace(&mut self.exchange, Exchange::NotBegun) {
            Exchange::Begun { nonce, bare } => {
                self.last_message(&nonce, &bare, challenge, is_wanted)
            }
            // An OK in its place stands for an empty challenge (RFC 4422 section 3.6).
            Exchange::Proved { .. } if challenge.is_empty() => Err(MechanismError::ServerNotProved),
            Exchange::Proved { expected, .. } => {
                let signature = ServerFinal::parse(challenge)?.signature;
                if !self.hash.are_equal(expected.expose(), &signature) {
                    return Err(MechanismError::ServerNotProved);
                }
                self.exchange = Exchange::Complete;
                Ok(Secret::new(Vec::new()))
            }
            Exchange::NotBegun | Exchange::Complete => Err(MechanismError::UnexpectedChallenge),
        }
    }

    fn secrets(&self) -> Option<Vec<Secret>> {
        let mut secrets = vec![self.password.clone()];
        if let Exchange::Proved { proof, expected } = &self.exchange {
            let expected = BASE64_STANDARD.encode(expected.expose());
            secrets.extend([proof.clone(), Secret::from(expected)]);
        }
        Some(secrets)
    }

    fn is_complete(&self) -> bool {
        matches!(self.exchange, Exchange::Complete)
    }

    fn identity(&self) -> Option<Identity> {
        Some(Identity::user(&self.user).acting_as(&self.authzid))
    }

    fn fingerprint(&self, mut hasher: &mut dyn Hasher) {
        (&self.user, self.password.expose(), &self.authzid).hash(&mut hasher);
    }
}

impl fmt::Debug for Scram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scram")
            .field("hash", &self.hash)
            .field("user", &self.user)
            .field("authzid", &self.authzid)
            .field("channel_binding", &self.wish)
            .field("wanted_binding", &self.wanted_binding)
            .finish_non_exhaustive()
    }
}

/// The text in the form of SASLprep (RFC 4013), or the text itself if it has none.
fn prepared(text: &str) -> zeroize::Zeroizing<String> {
    let prepared = stringprep::saslprep(text);
    zeroize::Zeroizing::new(prepared.map_or_else(|_| text.to_owned(), Into::into))
}

#[cfg(test)]
mod tests;
