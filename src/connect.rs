//! Connecting, from an address to a client: TCP, TLS, STARTTLS and the greeting.

use std::io::{Read, Write};
#[cfg(feature = "proxy")]
use std::time::Instant;

use regex::bytes::RegexBuilder;
use std::sync::Arc;

use crate::client::Client;
use crate::client_builder::session_settings::SessionSettings;
use crate::client_builder::{ClientBuilder, TlsMode};
use crate::connection::Connection;
use crate::connection::redaction::Redaction;
use crate::error::{CloseReason, ConnectError, ConnectErrorKind, Error, Result, Stage};
use crate::printable::Printable;
use crate::transport::Transport;
use crate::transport::buffered::Buffered;
use crate::transport::handshake;
use crate::transport::plain::Plain;
#[cfg(feature = "proxy")]
use crate::transport::proxy::{Proxy, ProxyError};
use crate::transport::socket::Socket;
use crate::transport::tcp;
use crate::transport::tls::{Refusal, TlsError, TlsErrorKind};
use crate::types::capability::Capability;
use crate::types::response_text::ResponseText as Greeting;
use crate::wire::response::status::{ResponseText, Status};
use crate::wire::response::{Response, Untagged};

impl ClientBuilder {
    /// Connects, starts TLS, and reads the greeting.
    ///
    /// All addresses of the name are tried, IPv6 and IPv4 in turn (Happy Eyeballs, RFC 8305): each
    /// attempt begins 250 ms after the one before, or at once if that one has failed. The first to
    /// succeed is used, and the others are closed. So an address that does not answer costs a
    /// quarter of a second.
    ///
    /// The name is looked up by the system's resolver, which has no deadline: it runs on a thread
    /// of its own, which may outlive a lookup that [`connect_timeout`](Self::connect_timeout) has
    /// ended.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`], whose kind is the step that failed.
    #[doc(alias = "TLS")]
    #[doc(alias = "STARTTLS")]
    pub fn connect(mut self) -> Result<Client> {
        self.bounds.begin_opening();
        let deadline = self.bounds.deadline(self.bounds.timeouts.connect);
        #[cfg(feature = "proxy")]
        if let Some(proxy) = self.proxy.clone() {
            return self.connect_through(&proxy, deadline);
        }
        let socket = tcp::connect(&self.host, self.effective_port(), deadline);
        let socket = socket.map_err(|refusal| {
            self.failed(match refusal {
                tcp::Refusal::Resolve(error) => ConnectErrorKind::Resolve(error),
                tcp::Refusal::Connect(error) => ConnectErrorKind::Tcp(error),
            })
        })?;
        self.connect_socket(socket)
    }

    /// Connects to a Unix socket instead, such as one of a server or a tunnel on this machine.
    ///
    /// TLS runs inside it with the settings of this builder;
    /// [`danger_plaintext`](Self::danger_plaintext) is no danger if the socket's other end is on
    /// the same machine.
    ///
    /// # Errors
    ///
    /// As for [`connect`](Self::connect).
    ///
    /// ```no_run
    /// let client = latchbox::Client::builder("localhost")
    ///     .danger_plaintext()
    ///     .connect_unix("/run/dovecot/imap")?;
    /// # Ok::<(), latchbox::Error>(())
    /// ```
    #[cfg(unix)]
    #[doc(alias = "dovecot")]
    pub fn connect_unix(mut self, path: impl AsRef<std::path::Path>) -> Result<Client> {
        let path = path.as_ref();
        self.socket_path = Some(path.as_os_str().as_encoded_bytes().into());
        self.bounds.begin_opening();
        let timeouts = self.bounds.timeouts;
        let socket = Socket::connect_unix(path, timeouts.connect.min(timeouts.open));
        let socket = socket.map_err(|error| self.failed(ConnectErrorKind::Unix(error)))?;
        self.connect_socket(socket)
    }

    /// A caller that must be able to interrupt this gets the means before anything can block.
    fn connect_socket(self, socket: Socket) -> Result<Client> {
        if let Some(tell) = &self.on_socket {
            tell(socket.shutdown());
        }
        self.connect_transport(socket)
    }

    /// Connects to the proxy, and through it, within one deadline.
    #[cfg(feature = "proxy")]
    fn connect_through(self, proxy: &Proxy, deadline: Option<Instant>) -> Result<Client> {
        let failed = |error: ProxyError| match error.is_timeout() {
            true => self.late(Stage::Connect),
            false => self.failed(ConnectErrorKind::Proxy(error)),
        };
        let (host, port) = proxy.address();
        let mut socket = tcp::connect(host, port, deadline).map_err(|refusal| match refusal {
            tcp::Refusal::Resolve(error) => failed(ProxyError::Unreachable(error)),
            tcp::Refusal::Connect(error) => failed(ProxyError::Unreachable(error.into())),
        })?;
        if let Some(tell) = &self.on_socket {
            tell(socket.shutdown());
        }
        let limit = self.bounds.timeouts.connect;
        socket.set_deadlines(limit, limit, deadline);
        let asked = proxy.connect(&mut socket, &self.host, self.effective_port());
        asked.map_err(failed)?;
        self.connect_transport(socket)
    }

    /// Uses a stream of the caller's instead of connecting: a Unix socket, a pipe, a proxy's
    /// stream.
    ///
    /// TLS runs inside it with the settings of this builder, and verifies the host's name. Host and
    /// port of the builder are the name of the server for the [`Origin`](crate::types::Origin) of
    /// UIDs. A read of the stream may block: latchbox checks its deadlines between reads and cannot
    /// interrupt one; [`connect_transport`](Self::connect_transport) accepts a stream that can be
    /// interrupted.
    ///
    /// # Errors
    ///
    /// As for [`connect`](Self::connect).
    pub fn connect_stream(self, stream: impl Read + Write + Send + 'static) -> Result<Client> {
        self.connect_transport(Plain(stream))
    }

    /// Uses a [`Transport`] of the caller's instead of connecting.
    ///
    /// # Errors
    ///
    /// As for [`connect`](Self::connect).
    pub fn connect_transport(mut self, transport: impl Transport + 'static) -> Result<Client> {
        self.bounds.begin_opening();
        let transport: Box<dyn Transport> = Box::new(transport);
        match self.mode {
            TlsMode::Implicit => {
                let tls = self.begin_tls(transport)?;
                self.greet(self.connection(Buffered::new(tls)), true)
            }
            TlsMode::Plaintext => self.greet(self.connection(Buffered::new(transport)), false),
            TlsMode::StartTls => self.upgrade(transport),
        }
    }

    fn connection(&self, buffered: Buffered) -> Connection {
        let mut connection = Connection::new(buffered, self.bounds, Arc::clone(&self.learned));
        connection.redaction = self.redaction();
        connection
    }

    /// Hides the secrets of the login that follows.
    fn redaction(&self) -> Redaction {
        Redaction::of(&self.secrets)
    }

    fn greet(&self, mut connection: Connection, is_private: bool) -> Result<Client> {
        let is_preauthenticated = self.check_greeting(&mut connection)?;
        Ok(self.client(connection, is_private, is_preauthenticated))
    }

    /// Reads and checks the greeting; returns whether the server has already authenticated the
    /// user.
    fn check_greeting(&self, connection: &mut Connection) -> Result<bool> {
        let is_preauthenticated = self.hear_greeting(connection)?;
        if is_preauthenticated && (!self.accept_preauth || self.mode == TlsMode::StartTls) {
            return Err(self.failed(ConnectErrorKind::UnexpectedPreauth));
        }
        Ok(is_preauthenticated)
    }

    fn client(&self, mut connection: Connection, is_private: bool, preauth: bool) -> Client {
        connection.end_connecting();
        Client {
            connection: Box::new(connection),
            is_preauthenticated: preauth,
            settings: Box::new(self.session_settings(is_private)),
        }
    }

    /// What a session keeps of this builder.
    pub(crate) fn session_settings(&self, is_private: bool) -> SessionSettings {
        SessionSettings {
            is_private,
            cleartext_login: self.cleartext_login,
            lock_policy: self.lock_policy,
            #[cfg(feature = "compress")]
            compress: self.compress,
            identity: self.identity.clone(),
            set_up: self.set_up.clone(),
            home: self.home(),
        }
    }

    /// STARTTLS (RFC 9051 section 6.2.1): all that was read in cleartext is forgotten.
    fn upgrade(&self, transport: Box<dyn Transport>) -> Result<Client> {
        let buffered = Buffered::without_read_ahead(transport);
        let mut connection = self.connection(buffered);
        self.check_greeting(&mut connection)?;
        let refused = |error: Error| match error {
            Error::Refused(refused) => ConnectErrorKind::StartTls(refused.text().to_owned()),
            Error::Closed(closed) => ConnectErrorKind::Closed(closed.into_reason()),
            other => ConnectErrorKind::StartTls(other.to_string()),
        };
        let capabilities = connection
            .ask_capabilities()
            .map_err(|e| self.failed(refused(e)))?;
        if !capabilities.contains(&Capability::StartTls) {
            let text = "the server does not advertise STARTTLS".to_owned();
            return Err(self.failed(ConnectErrorKind::StartTls(text)));
        }
        // An answer that comes before its command was sent could have been forged.
        connection
            .receive_arrived("STARTTLS")
            .map_err(|error| self.failed(refused(error)))?;
        connection
            .run_bare("STARTTLS")
            .map_err(|error| self.failed(refused(error)))?;
        let ahead = || {
            self.failed(ConnectErrorKind::StartTls(
                "the server sent cleartext after the OK".to_owned(),
            ))
        };
        let tls = self.begin_tls(connection.into_transport().ok_or_else(ahead)?)?;
        Ok(self.client(self.connection(Buffered::new(tls)), true, false))
    }

    fn begin_tls(&self, mut transport: Box<dyn Transport>) -> Result<Box<dyn Transport>> {
        let limit = self.bounds.timeouts.tls;
        transport.set_deadlines(limit, limit, self.bounds.deadline(limit));
        handshake::begin(transport, &self.host, &self.tls).map_err(|refusal| {
            self.failed(match refusal {
                Refusal::Settings(error) => ConnectErrorKind::TlsSettings(error),
                Refusal::Handshake(error) => ConnectErrorKind::Tls(error),
                Refusal::NotTls(said) => not_tls(&said, &self.redaction()),
                Refusal::Timeout => return self.late(Stage::Tls),
            })
        })
    }

    /// The error of a deadline that has passed in that stage: its own, or that of all stages.
    fn late(&self, stage: Stage) -> Error {
        self.failed(ConnectErrorKind::Timeout(
            match self.bounds.is_opening_over() {
                true => Stage::Open,
                false => stage,
            },
        ))
    }

    /// Whether the server has already authenticated the user.
    fn hear_greeting(&self, connection: &mut Connection) -> Result<bool> {
        let limits = self.bounds.limits;
        let frame = match connection.greeting() {
            Ok(frame) => frame,
            Err(reason) => {
                let begun = connection.begun_greeting();
                return Err(self.failed(no_greeting(begun, reason, &self.redaction())));
            }
        };
        let Ok(Response::Untagged(Untagged::Status { status, text })) =
            Response::parse(frame, &limits)
        else {
            return Err(self.failed(not_imap(frame.bytes, &self.redaction())));
        };
        let text = self.redaction().clean(text);
        match status {
            Status::Ok | Status::PreAuth => {
                let text = text.into_owned();
                connection.state.absorb_codes(&text);
                connection.state.tell_user(&text);
                let ResponseText { code, text } = text;
                connection
                    .meter()
                    .set_greeting(Greeting::new(code, &text.as_str()));
                Ok(status == Status::PreAuth)
            }
            Status::Bye | Status::No | Status::Bad => {
                let (code, text) = (text.code, text.text.into_owned());
                Err(self.failed(ConnectErrorKind::Greeting { code, text }))
            }
        }
    }

    fn failed(&self, problem: ConnectErrorKind) -> Error {
        let (host, port) = (self.host.clone(), self.effective_port());
        Error::Connect(Box::new(ConnectError {
            host,
            port,
            problem,
        }))
    }
}

/// The first lines of other protocols, and their names.
const FOREIGN: [(&str, &str); 8] = [
    (r"^(\+OK|-ERR)", "POP3"),
    (r"^220[ -].*\bFTP\b", "FTP"),
    (r"^(220|421|554)[ -]", "SMTP"),
    (r"^SSH-", "SSH"),
    (r"^HTTP/|^<", "HTTP"),
    (r"^20[01] ", "NNTP"),
    (r#"^"IMPLEMENTATION""#, "ManageSieve"),
    (r"^[\x14-\x17]\x03", "TLS"),
];

/// The reason why there is no greeting: its beginning may be more informative than its end.
fn no_greeting(begun: &[u8], reason: CloseReason, redaction: &Redaction) -> ConnectErrorKind {
    let has_ended = matches!(reason, CloseReason::Eof | CloseReason::Io(_));
    let is_no_greeting = !begun.is_empty() && !begun.starts_with(b"*");
    match (not_imap(first_line(begun), redaction), reason) {
        (
            foreign @ ConnectErrorKind::NotImap {
                protocol: Some(_), ..
            },
            _,
        ) => foreign,
        (foreign, _) if has_ended && is_no_greeting => foreign,
        (_, CloseReason::Timeout(Stage::Open, _)) => ConnectErrorKind::Timeout(Stage::Open),
        (_, CloseReason::Timeout(..)) => ConnectErrorKind::Timeout(Stage::Greeting),
        (_, CloseReason::Io(error)) => match error.downcast::<TlsError>() {
            // The server may report a problem with the client's certificate only after the
            // handshake.
            Ok(error) => ConnectErrorKind::Tls(error),
            Err(error) => ConnectErrorKind::Closed(CloseReason::Io(error).into()),
        },
        (_, reason) => ConnectErrorKind::Closed(reason.into()),
    }
}

/// The error for a server that does not answer with TLS: another protocol, or IMAP in cleartext.
fn not_tls(said: &[u8], redaction: &Redaction) -> ConnectErrorKind {
    match not_imap(first_line(said), redaction) {
        foreign @ ConnectErrorKind::NotImap {
            protocol: Some(_), ..
        } => foreign,
        ConnectErrorKind::NotImap { seen, .. } => {
            let seen = format!("the server sent \"{}\"", Printable(seen));
            ConnectErrorKind::Tls(TlsError::new(TlsErrorKind::NotTls, seen))
        }
        other => other,
    }
}

fn first_line(said: &[u8]) -> &[u8] {
    said.split(|octet| *octet == b'\n').next().unwrap_or(said)
}

/// The error for a first line that is no IMAP greeting.
fn not_imap(line: &[u8], redaction: &Redaction) -> ConnectErrorKind {
    let is = |pattern: &str| {
        let pattern = RegexBuilder::new(pattern)
            .unicode(false)
            .case_insensitive(true)
            .build();
        pattern.is_ok_and(|pattern| pattern.is_match(line))
    };
    let protocol = FOREIGN
        .iter()
        .find(|(pattern, _)| is(pattern))
        .map(|(_, name)| *name);
    let shown = String::from_utf8_lossy(line);
    let seen: String = shown.trim_end().chars().take(80).collect();
    let seen = redaction.cleaned(seen.into()).into_owned();
    ConnectErrorKind::NotImap { protocol, seen }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_protocols_are_told_by_their_first_line() {
        for (line, expected) in [
            ("+OK Dovecot ready.", Some("POP3")),
            ("220 ftp.example.com FTP server ready", Some("FTP")),
            ("220 mail.example.com ESMTP Postfix", Some("SMTP")),
            ("554 no service", Some("SMTP")),
            ("SSH-2.0-OpenSSH_9.2", Some("SSH")),
            ("HTTP/1.1 400 Bad Request", Some("HTTP")),
            ("200 news.example.com ready", Some("NNTP")),
            (
                "\"Implementation\" \"Dovecot Pigeonhole\"",
                Some("ManageSieve"),
            ),
            ("\x15\x03\x01\x00\x02\x02\x46", Some("TLS")),
            ("hello", None),
        ] {
            let ConnectErrorKind::NotImap { protocol, .. } =
                not_imap(line.as_bytes(), &Redaction::default())
            else {
                panic!("{line} is IMAP");
            };
            assert_eq!(protocol, expected, "{line}");
        }
    }
}
