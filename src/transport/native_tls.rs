//! TLS by the platform's own library.

use std::io::{self, IoSlice, Read, Write};
use std::time::{Duration, Instant};

use zeroize::Zeroize;

use native_tls::{Certificate, HandshakeError, TlsConnector, TlsStream};

use crate::transport::tls::{RootCertificate, TlsSettings};
use crate::transport::{Descriptor, Shutdown, Transport};

/// A transport inside TLS.
pub(crate) struct NativeTls {
    stream: TlsStream<Box<dyn Transport>>,
    /// Where pieces are put together for one record.
    gathered: Vec<u8>,
}

/// As much as fits into one record (RFC 8446 section 5.1).
const RECORD: usize = 16 << 10;

/// Why TLS did not come about.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The settings themselves are wrong: a certificate that does not parse.
    Settings(native_tls::Error),
    /// The handshake failed.
    Handshake(native_tls::Error),
    /// The handshake did not end in time.
    Timeout,
}

impl NativeTls {
    /// Shakes hands over `inner`, whose deadlines bound it; `host` is the name to verify.
    pub(crate) fn handshake(
        inner: Box<dyn Transport>,
        host: &str,
        settings: &TlsSettings,
    ) -> Result<Self, Refusal> {
        let connector = connector(settings).map_err(Refusal::Settings)?;
        let name = settings.name.as_deref().unwrap_or(host);
        let name = name
            .strip_prefix('[')
            .and_then(|n| n.strip_suffix(']'))
            .unwrap_or(name);
        match connector.connect(name, inner) {
            Ok(stream) => Ok(Self {
                stream,
                gathered: Vec::new(),
            }),
            Err(HandshakeError::WouldBlock(_)) => Err(Refusal::Timeout),
            Err(HandshakeError::Failure(error)) => Err(Refusal::Handshake(error)),
        }
    }
}

fn connector(settings: &TlsSettings) -> Result<TlsConnector, native_tls::Error> {
    let mut builder = TlsConnector::builder();
    for root in &settings.roots {
        match root {
            RootCertificate::Der(der) => {
                builder.add_root_certificate(Certificate::from_der(der)?);
            }
            RootCertificate::Pem(pem) => {
                let certificates = Certificate::stack_from_pem(pem)?;
                if certificates.is_empty() {
                    // Text without any certificate is no error to the line above.
                    builder.add_root_certificate(Certificate::from_pem(pem)?);
                }
                for certificate in certificates {
                    builder.add_root_certificate(certificate);
                }
            }
        }
    }
    builder
        .disable_built_in_roots(settings.only_these_roots)
        .danger_accept_invalid_certs(settings.danger_accept_invalid_certificates)
        .danger_accept_invalid_hostnames(settings.danger_accept_invalid_names)
        .build()
}

impl Read for NativeTls {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer)
    }
}

impl Write for NativeTls {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    /// In whole records: a short piece does not travel alone.
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

    fn server_end_point(&self) -> Option<Vec<u8>> {
        self.stream.tls_server_end_point().ok().flatten()
    }
}
