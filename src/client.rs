//! The not authenticated state: from the first byte to the login.

use std::fmt;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

use regex::bytes::Regex;

use crate::client_builder::{ClientBuilder, TlsMode};
use crate::connection::{Challenge, Connection, leave};
use crate::error::{
    CloseReason, ConnectError, ConnectProblem, Effect, Error, LoginRefusal, Result, Stage,
};
use crate::sasl::{Mechanism, MechanismError, Secret};
use crate::session::Session;
use crate::transport::Transport;
use crate::transport::buffered::Buffered;
use crate::transport::native_tls::{self, NativeTls};
use crate::transport::plain::Plain;
use crate::transport::tcp::{self, Tcp};
use crate::types::capability::{Capabilities, Capability};
use crate::wire::response::status::Status;
use crate::wire::response::{Response, Untagged};

/// The most rounds that a SASL exchange may take.
const ROUNDS: usize = 16;

/// The longest challenge that is listened to, in octets.
const LONGEST_CHALLENGE: usize = 64 << 10;

/// A connection that is not authenticated yet (RFC 9051 section 3.1).
///
/// [`login`](Self::login) and [`authenticate`](Self::authenticate) turn it into a [`Session`], and
/// give it back with the error when they fail, so that another password can be tried.
///
/// ```no_run
/// let session = latchbox::Client::connect("imap.example.com")?
///     .login("jane@example.com", "password")
///     .map_err(|(error, _client)| error)?;
/// # Ok::<(), latchbox::Error>(())
/// ```
pub struct Client {
    connection: Box<Connection>,
    is_private: bool,
    is_preauthenticated: bool,
    cleartext_login: bool,
    overtaking: u32,
}

/// What a login that failed gives back: why, and the client to try again with.
pub type LoginError = (Error, Client);

impl Client {
    /// Connects to `host` on port 993, with TLS from the first byte.
    ///
    /// Tries every address of the name within 30 seconds, verifies the certificate against the
    /// system's authorities, and hears the greeting. [`builder`](Self::builder) changes any of it.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`], which says how far it came.
    pub fn connect(host: &str) -> Result<Self> {
        Self::builder(host).connect()
    }

    /// Settles more than the host before connecting.
    pub fn builder(host: &str) -> ClientBuilder {
        ClientBuilder::new(host)
    }

    /// What the server can do, as far as it says before a login (CAPABILITY, RFC 9051 section
    /// 6.1.1); sent only when it has not said so already.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] or [`Error::Refused`].
    pub fn capabilities(&mut self) -> Result<Capabilities> {
        self.connection.capabilities()
    }

    /// Whether everything goes through TLS.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.is_private
    }

    /// Logs in by user and password (LOGIN, RFC 9051 section 6.2.3).
    ///
    /// Name and password are quoted or sent as literals, as they need. The capabilities are asked
    /// for afterwards unless the server gives them with its OK.
    ///
    /// # Errors
    ///
    /// Each comes with the client, for another try: [`Error::Login`] before anything is sent when
    /// there is no TLS (see
    /// [`danger_cleartext_login`](ClientBuilder::danger_cleartext_login)) or the server advertises
    /// LOGINDISABLED; [`Error::Refused`] when the server says no ([`Error::is_auth`] is true);
    /// [`Error::Closed`].
    ///
    /// ```
    /// # let server = latchbox_server::Server::start()?;
    /// # let client = latchbox::Client::builder("127.0.0.1").port(server.port())
    /// #     .danger_plaintext().danger_cleartext_login().connect()?;
    /// let (error, client) = client.login("jane@example.com", "wrong").unwrap_err();
    /// assert!(error.is_auth());
    /// let session = client.login("jane@example.com", "correct-horse").map_err(|(error, _)| error)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn login(
        mut self,
        user: &str,
        password: impl Into<Secret>,
    ) -> std::result::Result<Session, LoginError> {
        let password = password.into();
        match self.try_login(user, &password) {
            Ok(()) => Ok(self.into_session()),
            Err(error) => Err((without_secret(error, &password), self)),
        }
    }

    /// Logs in by a SASL mechanism (AUTHENTICATE, RFC 9051 section 6.2.2).
    ///
    /// The first message goes along with the command where the server has SASL-IR (RFC 4959).
    ///
    /// # Errors
    ///
    /// As for [`login`](Self::login); [`Error::Login`] also when the server does not offer the
    /// mechanism, and when the exchange ends before the mechanism is satisfied.
    pub fn authenticate(
        mut self,
        mut mechanism: impl Mechanism,
    ) -> std::result::Result<Session, LoginError> {
        match self.try_authenticate(&mut mechanism) {
            Ok(()) => Ok(self.into_session()),
            Err(error) => Err((error, self)),
        }
    }

    /// The session of a server that greeted with PREAUTH: no login is needed, and none is sent.
    ///
    /// # Errors
    ///
    /// [`Error::Login`] with the client when the server greeted otherwise.
    pub fn into_preauthenticated(mut self) -> std::result::Result<Session, LoginError> {
        if !self.is_preauthenticated {
            return Err((Error::Login(LoginRefusal::NotAuthenticated), self));
        }
        match self.connection.capabilities() {
            Ok(_) => Ok(self.into_session()),
            Err(error) => Err((error, self)),
        }
    }

    fn into_session(self) -> Session {
        Session::new(*self.connection, self.overtaking)
    }

    fn try_login(&mut self, user: &str, password: &Secret) -> Result<()> {
        self.check_may_show_secret()?;
        if self
            .connection
            .capabilities()?
            .contains(&Capability::LoginDisabled)
        {
            return Err(Error::Login(LoginRefusal::LoginDisabled));
        }
        let not_text = |_| Error::text("password", "LOGIN takes text only; AUTHENTICATE takes it");
        let text = str::from_utf8(password.expose()).map_err(not_text)?;
        let heard = self.connection.state.capabilities_heard();
        let done = self.connection.run_plain("LOGIN", |encoder| {
            encoder
                .raw("LOGIN ")
                .string("user name", user)?
                .sp()
                .string("password", text)?;
            Ok(())
        });
        self.connection.wipe_line();
        done?;
        self.refresh_capabilities(heard)
    }

    fn try_authenticate(&mut self, mechanism: &mut dyn Mechanism) -> Result<()> {
        if mechanism.shows_secret() {
            self.check_may_show_secret()?;
        } else if self.is_preauthenticated {
            return Err(Error::Login(LoginRefusal::AlreadyAuthenticated));
        }
        let capabilities = self.connection.capabilities()?;
        if !capabilities.offers_mechanism(mechanism.name()) {
            return Err(Error::Login(LoginRefusal::MechanismNotOffered(
                mechanism.name(),
            )));
        }
        let heard = self.connection.state.capabilities_heard();
        let at_once = capabilities.supports(&Capability::SaslIr);
        self.exchange(mechanism, at_once)?;
        self.refresh_capabilities(heard)
    }

    fn check_may_show_secret(&self) -> Result<()> {
        if self.is_preauthenticated {
            return Err(Error::Login(LoginRefusal::AlreadyAuthenticated));
        }
        if !self.is_private && !self.cleartext_login {
            return Err(Error::Login(LoginRefusal::Cleartext));
        }
        Ok(())
    }

    /// The capabilities of the authenticated state, asked for unless they came by themselves.
    fn refresh_capabilities(&mut self, heard_before: u64) -> Result<()> {
        if self.connection.state.capabilities_heard() == heard_before {
            self.connection.state.forget_capabilities();
            self.connection.capabilities()?;
        }
        Ok(())
    }

    fn exchange(&mut self, mechanism: &mut dyn Mechanism, at_once: bool) -> Result<()> {
        let refused = |error| Error::Login(LoginRefusal::Mechanism(error));
        let mut initial = mechanism.initial();
        let first = if at_once { initial.take() } else { None };
        let started = self.connection.start("AUTHENTICATE", |encoder| {
            encoder.raw("AUTHENTICATE ").raw(mechanism.name());
            if let Some(first) = &first {
                encoder.sp().base64(first.expose());
            }
            Ok(())
        });
        self.connection.wipe_line();
        started?;
        for _ in 0..ROUNDS {
            let challenge = match self.connection.hear_challenge("AUTHENTICATE")? {
                Challenge::Done if mechanism.is_complete() => return Ok(()),
                Challenge::Done => return Err(self.close_incomplete()),
                Challenge::More(challenge) => challenge,
            };
            let answer = match (initial.take(), decoded(&challenge)) {
                (Some(initial), Some(challenge)) if challenge.is_empty() => Ok(initial),
                (_, Some(challenge)) => mechanism.step(&challenge),
                (_, None) => Err(MechanismError::Rejected("a challenge that is not base64")),
            };
            match answer {
                Ok(answer) => self
                    .connection
                    .send_base64("AUTHENTICATE", answer.expose())?,
                Err(error) => return self.cancel_exchange().and(Err(refused(error))),
            }
        }
        self.cancel_exchange()
            .and(Err(Error::Login(LoginRefusal::UnexpectedChallenge)))
    }

    /// Tells the server that the exchange is over; it has to say no.
    fn cancel_exchange(&mut self) -> Result<()> {
        self.connection.send_line("AUTHENTICATE", b"*")?;
        match self.connection.finish(leave) {
            Err(Error::Refused(_)) => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Err(self.close_incomplete()),
        }
    }

    /// A server that is content before it has proved itself is not to be trusted.
    fn close_incomplete(&mut self) -> Error {
        let problem = "it ended the authentication before it was complete";
        let reason = CloseReason::Protocol(problem.into());
        self.connection.close("AUTHENTICATE", Effect::None, reason)
    }
}

impl ClientBuilder {
    /// Connects, begins TLS, and hears the greeting.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`], which says how far it came.
    pub fn connect(self) -> Result<Client> {
        let began = Instant::now();
        let limit = self.bounds.timeouts.connect;
        let deadline = began
            .checked_add(limit)
            .unwrap_or(began + Duration::from_secs(86_400));
        let tcp = Tcp::connect(&self.host, self.effective_port(), deadline).map_err(|refusal| {
            self.failed(match refusal {
                tcp::Refusal::Resolve(error) => ConnectProblem::Resolve(error),
                tcp::Refusal::Connect(error) => ConnectProblem::Tcp(error),
            })
        })?;
        self.connect_transport(tcp)
    }

    /// Speaks over a stream of the caller's instead of connecting: a Unix socket, a pipe to a
    /// child process, a proxy's stream.
    ///
    /// TLS runs inside it as this builder says, with the host's name to verify. The stream's own
    /// blocking is the caller's affair: latchbox looks at its deadlines between reads and cannot
    /// interrupt one; [`connect_transport`](Self::connect_transport) takes a stream that can.
    ///
    /// # Errors
    ///
    /// As for [`connect`](Self::connect).
    pub fn connect_stream(self, stream: impl Read + Write + Send + 'static) -> Result<Client> {
        self.connect_transport(Plain(stream))
    }

    /// Speaks over a [`Transport`] of the caller's.
    ///
    /// # Errors
    ///
    /// As for [`connect`](Self::connect).
    pub fn connect_transport(self, transport: impl Transport + 'static) -> Result<Client> {
        let transport: Box<dyn Transport> = Box::new(transport);
        match self.mode {
            TlsMode::Implicit => {
                let tls = self.begin_tls(transport)?;
                self.greet(Connection::new(Buffered::new(tls), self.bounds), true)
            }
            TlsMode::Plaintext => self.greet(
                Connection::new(Buffered::new(transport), self.bounds),
                false,
            ),
            TlsMode::StartTls => self.upgrade(transport),
        }
    }

    /// The greeting, and what has to be true of it.
    fn greet(&self, mut connection: Connection, is_private: bool) -> Result<Client> {
        let is_preauthenticated = self.hear_greeting(&mut connection)?;
        if is_preauthenticated && (!self.accept_preauth || self.mode == TlsMode::StartTls) {
            return Err(self.failed(ConnectProblem::UnexpectedPreauth));
        }
        Ok(self.client(connection, is_private, is_preauthenticated))
    }

    fn client(&self, connection: Connection, is_private: bool, preauth: bool) -> Client {
        Client {
            connection: Box::new(connection),
            is_private,
            is_preauthenticated: preauth,
            cleartext_login: self.cleartext_login,
            overtaking: self.overtaking,
        }
    }

    /// STARTTLS (RFC 9051 section 6.2.1): all that was heard in cleartext is forgotten.
    fn upgrade(&self, transport: Box<dyn Transport>) -> Result<Client> {
        let buffered = Buffered::without_read_ahead(transport);
        let mut connection = *self
            .greet(Connection::new(buffered, self.bounds), false)?
            .connection;
        let refused = |error: Error| match error {
            Error::Refused(refused) => ConnectProblem::StartTls(refused.text().to_owned()),
            Error::Closed(closed) => ConnectProblem::Closed(closed.into_reason()),
            other => ConnectProblem::StartTls(other.to_string()),
        };
        let capabilities = connection
            .capabilities()
            .map_err(|e| self.failed(refused(e)))?;
        if !capabilities.contains(&Capability::StartTls) {
            let text = "the server does not advertise it".to_owned();
            return Err(self.failed(ConnectProblem::StartTls(text)));
        }
        connection
            .run_plain("STARTTLS", |encoder| {
                encoder.raw("STARTTLS");
                Ok(())
            })
            .map_err(|error| self.failed(refused(error)))?;
        let ahead = || self.failed(ConnectProblem::StartTls("it spoke out of turn".to_owned()));
        let tls = self.begin_tls(connection.into_transport().ok_or_else(ahead)?)?;
        Ok(self.client(
            Connection::new(Buffered::new(tls), self.bounds),
            true,
            false,
        ))
    }

    fn begin_tls(&self, mut transport: Box<dyn Transport>) -> Result<Box<dyn Transport>> {
        let limit = self.bounds.timeouts.tls;
        transport.set_deadlines(limit, limit, Instant::now().checked_add(limit));
        match NativeTls::handshake(transport, &self.host, &self.tls) {
            Ok(tls) => Ok(Box::new(tls)),
            Err(refusal) => Err(self.failed(match refusal {
                native_tls::Refusal::Settings(error) => ConnectProblem::TlsSettings(error.into()),
                native_tls::Refusal::Handshake(error) => ConnectProblem::Tls(error.into()),
                native_tls::Refusal::Timeout => ConnectProblem::Timeout(Stage::Tls),
            })),
        }
    }

    /// Whether the server has authenticated us already.
    fn hear_greeting(&self, connection: &mut Connection) -> Result<bool> {
        let limits = self.bounds.limits;
        let frame = match connection.greeting() {
            Ok(frame) => frame,
            Err(CloseReason::Timeout(..)) => {
                return Err(self.failed(ConnectProblem::Timeout(Stage::Greeting)));
            }
            Err(reason) => return Err(self.failed(ConnectProblem::Closed(reason.into()))),
        };
        let Ok(Response::Untagged(Untagged::Status { status, text })) =
            Response::parse(frame, &limits)
        else {
            return Err(self.failed(not_imap(frame.bytes)));
        };
        match status {
            Status::Ok | Status::PreAuth => {
                if let Some(code) = text.code {
                    connection.state.absorb_code(&code);
                }
                Ok(status == Status::PreAuth)
            }
            Status::Bye | Status::No | Status::Bad => {
                let (code, text) = (text.code, text.text.into_owned());
                Err(self.failed(ConnectProblem::Greeting { code, text }))
            }
        }
    }

    fn failed(&self, problem: ConnectProblem) -> Error {
        let (host, port) = (self.host.clone(), self.effective_port());
        Error::Connect(Box::new(ConnectError {
            host,
            port,
            problem,
        }))
    }
}

/// What a first line that is no IMAP greeting seems to be.
fn not_imap(line: &[u8]) -> ConnectProblem {
    const FOREIGN: [(&str, &str); 8] = [
        (r"^\+OK", "POP3"),
        (r"(?i)^220[ -].*\bFTP\b", "FTP"),
        (r"^(220|421|554)[ -]", "SMTP"),
        (r"^SSH-", "SSH"),
        (r"^HTTP/|^<", "HTTP"),
        (r"^20[01] ", "NNTP"),
        (r#"(?i)^"IMPLEMENTATION""#, "ManageSieve"),
        (r"(?-u)^[\x14-\x17]\x03", "TLS"),
    ];
    let is = |pattern: &str| Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(line));
    let protocol = FOREIGN
        .iter()
        .find(|(pattern, _)| is(pattern))
        .map(|(_, name)| *name);
    let shown = String::from_utf8_lossy(line);
    let seen = shown.trim_end().chars().take(80).collect();
    ConnectProblem::NotImap { protocol, seen }
}

/// Base64 as servers send it, padded or not.
fn decoded(challenge: &[u8]) -> Option<Vec<u8>> {
    use base64::Engine;
    use base64::alphabet::STANDARD;
    use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
    const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    if challenge.len() > LONGEST_CHALLENGE {
        return None;
    }
    GeneralPurpose::new(&STANDARD, CONFIG)
        .decode(challenge.trim_ascii())
        .ok()
}

/// A server that repeats the command in its refusal does not get the password into the error.
fn without_secret(error: Error, secret: &Secret) -> Error {
    let Error::Refused(mut refused) = error else {
        return error;
    };
    if let Ok(secret) = str::from_utf8(secret.expose()) {
        if !secret.is_empty() && refused.text.contains(secret) {
            refused.text = refused.text.replace(secret, "***");
        }
    }
    Error::Refused(refused)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("is_encrypted", &self.is_private)
            .finish_non_exhaustive()
    }
}
