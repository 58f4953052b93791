//! TLS by the platform's own library.

use std::io::{self, IoSlice, Read, Write};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use zeroize::Zeroize;

use native_tls::{
    Certificate, HandshakeError, Identity, Protocol, TlsConnector, TlsConnectorBuilder, TlsStream,
};

use crate::transport::channel_binding::ChannelBinding;
use crate::transport::read_ahead::{ReadAhead, has_agreed};
use crate::transport::tls::{
    Refusal, RootCertificate, TlsError, TlsErrorKind, TlsSettings, TlsVersion,
};
use crate::transport::{Descriptor, Shutdown, Transport, der, pin};

/// A transport inside TLS.
pub(crate) struct NativeTls {
    stream: TlsStream<ReadAhead>,
    /// The buffer in which pieces are combined into one record.
    gathered: Vec<u8>,
}

/// The most octets of one record (RFC 8446 section 5.1).
const RECORD: usize = 16 << 10;

impl NativeTls {
    /// Does the TLS handshake over `below`, within its deadlines; `name` is the name to verify.
    pub(crate) fn handshake(
        below: ReadAhead,
        name: &str,
        settings: &TlsSettings,
    ) -> Result<Self, Refusal> {
        check_system(settings)?;
        let connector = settings
            .connectors
            .native_tls
            .get_or_make(|| connector(settings));
        let connector = connector.map_err(|error| Refusal::Settings(error.into()))?;
        let first = below.first();
        let stream = match connector.connect(name, below) {
            Ok(stream) => stream,
            Err(HandshakeError::WouldBlock(_)) => return Err(Refusal::Timeout),
            Err(HandshakeError::Failure(error)) => {
                return Err(Refusal::Handshake(told(error, has_agreed(&first))));
            }
        };
        let certificate = stream.peer_certificate().ok().flatten();
        let certificate = certificate.and_then(|certificate| certificate.to_der().ok());
        let certificate = certificate.as_deref();
        pin::check(&settings.pins, certificate)?;
        if !settings.danger_accept_invalid_certificates && !settings.danger_accept_invalid_names {
            check_names(name, certificate)?;
        }
        Ok(Self {
            stream,
            gathered: Vec::new(),
        })
    }
}

/// Rejects a certificate that has the host name only in its subject (RFC 9525 section 2).
///
/// Some of the libraries still accept it.
fn check_names(name: &str, certificate: Option<&[u8]>) -> Result<(), Refusal> {
    let is_address = name.parse::<IpAddr>().is_ok();
    if is_address || certificate.is_none_or(der::has_dns_name) {
        return Ok(());
    }
    let problem = "it has no host name in subjectAltName, and the common name is not used";
    Err(Refusal::Handshake(TlsError::new(
        TlsErrorKind::WrongName,
        problem,
    )))
}

/// Rejects settings that Secure Transport lacks; for some of them the library would panic.
fn check_system(settings: &TlsSettings) -> Result<(), Refusal> {
    let is_apple = cfg!(target_vendor = "apple");
    let reads_pem = !is_apple || cfg!(target_os = "macos");
    let has_pem = settings.identity.is_some()
        || settings
            .roots
            .iter()
            .any(|root| matches!(root, RootCertificate::Pem(_)));
    let problem = if is_apple && matches!(settings.minimum, TlsVersion::Tls13) {
        "Secure Transport has no TLS 1.3: use the feature rustls"
    } else if has_pem && !reads_pem {
        "Secure Transport cannot read PEM here: use the feature rustls"
    } else {
        return Ok(());
    };
    Err(Refusal::Settings(problem.into()))
}

// What is deprecated on Apple's mobile systems is not called there: see `check_system`.
#[cfg_attr(target_vendor = "apple", allow(deprecated))]
fn connector(settings: &TlsSettings) -> Result<TlsConnector, native_tls::Error> {
    let mut builder = TlsConnector::builder();
    for root in &settings.roots {
        add_root(&mut builder, root)?;
    }
    if let Some(identity) = &settings.identity {
        builder.identity(Identity::from_pkcs8(&identity.chain, &identity.key)?);
    }
    builder
        .min_protocol_version(Some(match settings.minimum {
            TlsVersion::Tls12 => Protocol::Tlsv12,
            TlsVersion::Tls13 => Protocol::Tlsv13,
        }))
        .disable_built_in_roots(settings.only_these_roots)
        .danger_accept_invalid_certs(settings.danger_accept_invalid_certificates)
        .danger_accept_invalid_hostnames(settings.danger_accept_invalid_names)
        .build()
}

#[cfg_attr(target_vendor = "apple", allow(deprecated))]
fn add_root(
    builder: &mut TlsConnectorBuilder,
    root: &RootCertificate,
) -> Result<(), native_tls::Error> {
    match root {
        RootCertificate::Der(der) => {
            builder.add_root_certificate(Certificate::from_der(der)?);
        }
        RootCertificate::Pem(pem) => {
            let certificates = Certificate::stack_from_pem(pem)?;
            if certificates.is_empty() {
                // The line above accepts text without a certificate.
                builder.add_root_certificate(Certificate::from_pem(pem)?);
            }
            for certificate in certificates {
                builder.add_root_certificate(certificate);
            }
        }
    }
    Ok(())
}

/// The alerts of a server that rejects the client's certificate (RFC 8446 section 6.2).
const CLIENT_CERTIFICATE: [&str; 8] = [
    "certificate required",
    "alert bad certificate",
    "alert unsupported certificate",
    "alert certificate revoked",
    "alert certificate expired",
    "alert certificate unknown",
    "alert unknown ca",
    "alert access denied",
];

/// The texts of the libraries for each kind of error. They report it only as text.
const WORDS: [(TlsErrorKind, &[&str]); 8] = [
    (TlsErrorKind::ClientCertificate, &CLIENT_CERTIFICATE),
    (TlsErrorKind::Expired, &["has expired", "validity period"]),
    (TlsErrorKind::NotYetValid, &["not yet valid"]),
    (
        TlsErrorKind::WrongName,
        &[
            "hostname mismatch",
            "address mismatch",
            "name does not match",
            "host name",
        ],
    ),
    (
        TlsErrorKind::UnknownIssuer,
        &[
            "issuer",
            "self-signed",
            "self signed",
            "first certificate",
            "trust",
        ],
    ),
    (TlsErrorKind::Revoked, &["revoked"]),
    (
        TlsErrorKind::Version,
        &[
            "unsupported protocol",
            "protocol version",
            "handshake failure",
            "no protocols available",
        ],
    ),
    (
        TlsErrorKind::Closed,
        &["unexpected eof", "connection reset", "eof"],
    ),
];

/// The error of the handshake.
///
/// If it failed after both ends had agreed on version and cipher, the server misses the client's
/// certificate and has no alert for that (RFC 5246 section 7.4.6).
fn told(error: native_tls::Error, had_agreed: bool) -> TlsError {
    let text = error.to_string().to_lowercase();
    let found = WORDS
        .iter()
        .find(|(_, words)| words.iter().any(|word| text.contains(word)));
    let problem = match found {
        _ if had_agreed && text.contains("alert handshake failure") => {
            TlsErrorKind::ClientCertificate
        }
        found => found.map_or(TlsErrorKind::Other, |(problem, _)| *problem),
    };
    TlsError::new(problem, error)
}

impl Read for NativeTls {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer).map_err(|error| {
            if matches!(
                error.kind(),
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
            ) {
                return error;
            }
            let text = error.to_string();
            // OpenSSL's text for an end without close_notify (RFC 8446 section 6.1).
            if text.contains("unexpected eof") {
                return io::ErrorKind::UnexpectedEof.into();
            }
            match CLIENT_CERTIFICATE.iter().any(|words| text.contains(words)) {
                true => TlsError::new(TlsErrorKind::ClientCertificate, error).into(),
                false => error,
            }
        })
    }
}

impl Write for NativeTls {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    /// Writes whole records: combines short pieces, so that none is sent alone.
    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        if let Some(piece) = pieces.first().filter(|piece| piece.len() >= RECORD) {
            return self.stream.write(piece);
        }
        self.gathered.clear();
        for piece in pieces {
            let room = RECORD - self.gathered.len();
            let fitting = piece.get(..room).unwrap_or(piece);
            self.gathered.extend_from_slice(fitting);
        }
        let written = self.stream.write(&self.gathered);
        self.gathered.zeroize();
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Transport for NativeTls {
    fn set_deadlines(&mut self, read: Duration, write: Duration, end: Option<Instant>) {
        self.stream.get_mut().set_deadlines(read, write, end);
    }

    fn set_nonblocking(&mut self, nonblocking: bool) -> bool {
        self.stream.get_mut().set_nonblocking(nonblocking)
    }

    fn descriptor(&self) -> Option<Descriptor<'_>> {
        self.stream.get_ref().descriptor()
    }

    fn shutdown(&self) -> Option<Shutdown> {
        self.stream.get_ref().shutdown()
    }

    fn release_buffers(&mut self) {
        self.gathered = Vec::new();
        self.stream.get_mut().release_buffers();
    }

    fn channel_binding(&self, binding: ChannelBinding) -> Option<Vec<u8>> {
        match binding {
            ChannelBinding::TlsServerEndPoint => self.stream.tls_server_end_point().ok().flatten(),
            // None of the libraries exports it.
            ChannelBinding::TlsExporter => None,
        }
    }
}
