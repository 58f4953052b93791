//! From an address to a client: TCP, TLS, STARTTLS and the greeting.

use std::io::{Read, Write};

use regex::bytes::RegexBuilder;

use crate::client::Client;
use crate::client_builder::{ClientBuilder, TlsMode};
use crate::connection::Connection;
use crate::error::{CloseReason, ConnectError, ConnectProblem, Error, Result, Stage};
use crate::transport::Transport;
use crate::transport::buffered::Buffered;
use crate::transport::native_tls::{self, NativeTls};
use crate::transport::plain::Plain;
use crate::transport::tcp::{self, Tcp};
use crate::types::capability::Capability;
use crate::wire::response::status::Status;
use crate::wire::response::{Response, Untagged};

impl ClientBuilder {
    /// Connects, begins TLS, and hears the greeting.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`], which says how far it came.
    pub fn connect(self) -> Result<Client> {
        let deadline = self.bounds.deadline(self.bounds.timeouts.connect);
        let tcp = Tcp::connect(&self.host, self.effective_port(), deadline).map_err(|refusal| {
            self.failed(match refusal {
                tcp::Refusal::Resolve(error) => ConnectProblem::Resolve(error),
                tcp::Refusal::Connect(error) => ConnectProblem::Tcp(error),
            })
        })?;
        if let Some(tell) = &self.on_socket {
            tell(tcp.shutdown());
        }
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
            manners: self.manners,
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
        // Whoever answers before the question is asked could have forged the answer.
        connection
            .hear_arrived("STARTTLS")
            .map_err(|error| self.failed(refused(error)))?;
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
        transport.set_deadlines(limit, limit, self.bounds.deadline(limit));
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

/// How the first line of other protocols looks, and what they are called.
const FOREIGN: [(&str, &str); 8] = [
    (r"^\+OK", "POP3"),
    (r"^220[ -].*\bFTP\b", "FTP"),
    (r"^(220|421|554)[ -]", "SMTP"),
    (r"^SSH-", "SSH"),
    (r"^HTTP/|^<", "HTTP"),
    (r"^20[01] ", "NNTP"),
    (r#"^"IMPLEMENTATION""#, "ManageSieve"),
    (r"^[\x14-\x17]\x03", "TLS"),
];

/// What a first line that is no IMAP greeting seems to be.
fn not_imap(line: &[u8]) -> ConnectProblem {
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
    let seen = shown.trim_end().chars().take(80).collect();
    ConnectProblem::NotImap { protocol, seen }
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
            let ConnectProblem::NotImap { protocol, .. } = not_imap(line.as_bytes()) else {
                panic!("{line} is IMAP");
            };
            assert_eq!(protocol, expected, "{line}");
        }
    }
}
