//! TLS by rustls, with ring for the cryptography and the platform's certificate verifier.

#[cfg(any(test, target_os = "android"))]
pub(super) mod android;
mod verifier;

use std::io::{self, IoSlice, Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::client::Resumption;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, ClientConnection, Error as RustlsError,
    ProtocolVersion, SupportedProtocolVersion, version,
};

use crate::transport::channel_binding::ChannelBinding;
use crate::transport::read_ahead::{ReadAhead, has_agreed};
use crate::transport::rustls::verifier::Verifier;
use crate::transport::tls::{
    ClientIdentity, Refusal, RootCertificate, TlsError, TlsErrorKind, TlsSettings, TlsVersion,
};
use crate::transport::{Descriptor, Shutdown, Transport, der, pin};

/// A transport inside TLS.
pub(crate) struct Rustls {
    tls: ClientConnection,
    below: ReadAhead,
}

impl Rustls {
    /// Does the TLS handshake over `below`, within its deadlines; `name` is the name to verify.
    pub(crate) fn handshake(
        below: ReadAhead,
        name: &str,
        settings: &TlsSettings,
    ) -> Result<Self, Refusal> {
        let make = || config(settings).map(Arc::new);
        let config = settings.connectors.rustls.get_or_make(make)?;
        let name = ServerName::try_from(name.to_owned()).map_err(unusable)?;
        let tls = ClientConnection::new(config, name).map_err(unusable)?;
        let mut stream = Self { tls, below };
        stream.shake_hands()?;
        pin::check(&settings.pins, stream.certificate())?;
        Ok(stream)
    }

    fn shake_hands(&mut self) -> Result<(), Refusal> {
        while self.tls.is_handshaking() {
            self.send_records().map_err(interrupted)?;
            if !self.tls.wants_read() {
                continue;
            }
            if self.tls.read_tls(&mut self.below).map_err(interrupted)? == 0 {
                let closed = io::Error::from(io::ErrorKind::UnexpectedEof);
                return Err(interrupted(closed));
            }
            if let Err(error) = self.tls.process_new_packets() {
                // Sends the reason to the other end; a failure of that is ignored.
                let _ = self.send_records();
                let had_agreed = has_agreed(&self.below.first());
                return Err(Refusal::Handshake(told(error, had_agreed)));
            }
        }
        self.send_records().map_err(interrupted)
    }

    /// The server's own certificate, in DER.
    fn certificate(&self) -> Option<&[u8]> {
        let chain = self.tls.peer_certificates()?;
        chain.first().map(AsRef::as_ref)
    }

    /// Sends the records that TLS has ready.
    fn send_records(&mut self) -> io::Result<()> {
        while self.tls.wants_write() {
            if self.tls.write_tls(&mut self.below)? == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
        }
        self.below.flush()
    }
}

fn config(settings: &TlsSettings) -> Result<ClientConfig, Refusal> {
    const NEW: &[&SupportedProtocolVersion] = &[&version::TLS13];
    const ALL: &[&SupportedProtocolVersion] = &[&version::TLS13, &version::TLS12];
    #[cfg(target_os = "android")]
    android::check(settings, android::is_initialized())?;
    let provider = Arc::new(ring::default_provider());
    let versions = match settings.minimum {
        TlsVersion::Tls12 => ALL,
        TlsVersion::Tls13 => NEW,
    };
    let roots = roots(&settings.roots)?;
    let verifier = Verifier::new(settings, roots, &provider).map_err(unusable)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(unusable)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match &settings.identity {
        None => config.with_no_client_auth(),
        Some(ClientIdentity { chain, key }) => {
            let chain = certificates(chain)?;
            let key = PrivateKeyDer::from_pem_slice(key).map_err(unusable)?;
            config.with_client_auth_cert(chain, key).map_err(unusable)?
        }
    };
    // Each connection verifies the certificate that is shown to it.
    config.resumption = Resumption::disabled();
    Ok(config)
}

fn roots(given: &[RootCertificate]) -> Result<Vec<CertificateDer<'static>>, Refusal> {
    let mut roots = Vec::new();
    for root in given {
        match root {
            RootCertificate::Der(der) => roots.push(CertificateDer::from(der.clone())),
            RootCertificate::Pem(pem) => roots.extend(certificates(pem)?),
        }
    }
    Ok(roots)
}

/// The certificates of a PEM text; an error if it has none.
fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Refusal> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match certificates {
        Ok(none) if none.is_empty() => Err(Refusal::Settings("no certificate in PEM".into())),
        certificates => certificates.map_err(unusable),
    }
}

fn unusable(error: impl std::error::Error + Send + Sync + 'static) -> Refusal {
    Refusal::Settings(Box::new(error))
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

/// The error of a read or write during the handshake.
fn interrupted(error: io::Error) -> Refusal {
    use io::ErrorKind;
    let problem = match error.kind() {
        _ if is_timeout(&error) => return Refusal::Timeout,
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
            TlsErrorKind::Closed
        }
        _ => TlsErrorKind::Other,
    };
    Refusal::Handshake(TlsError::new(problem, error))
}

/// The error of the handshake.
///
/// If it failed after both ends had agreed on version and cipher, the server misses the client's
/// certificate and has no alert for that (RFC 5246 section 7.4.6).
fn told(error: RustlsError, had_agreed: bool) -> TlsError {
    let problem = match &error {
        RustlsError::InvalidCertificate(error) => about_certificate(error),
        RustlsError::AlertReceived(AlertDescription::HandshakeFailure) if had_agreed => {
            TlsErrorKind::ClientCertificate
        }
        RustlsError::PeerIncompatible(_)
        | RustlsError::AlertReceived(
            AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure,
        ) => TlsErrorKind::Version,
        RustlsError::AlertReceived(alert) if is_about_client(*alert) => {
            TlsErrorKind::ClientCertificate
        }
        _ => TlsErrorKind::Other,
    };
    TlsError::new(problem, error)
}

/// Whether a server rejects the client's certificate with this alert (RFC 8446 section 6.2).
fn is_about_client(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
    )
}

fn about_certificate(error: &CertificateError) -> TlsErrorKind {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            TlsErrorKind::Expired
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            TlsErrorKind::NotYetValid
        }
        CertificateError::Revoked => TlsErrorKind::Revoked,
        error if verifier::is_wrong_name(error) => TlsErrorKind::WrongName,
        error if verifier::has_no_issuer(error) => TlsErrorKind::UnknownIssuer,
        _ => TlsErrorKind::Other,
    }
}

/// The bits of the hash that a signature algorithm has in a channel binding.
fn signing_hash(algorithm: &[u8]) -> Option<u16> {
    const RSA: [u8; 8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1];
    const ECDSA: [u8; 6] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 4];
    let rsa = algorithm.strip_prefix(&RSA);
    match rsa.or_else(|| algorithm.strip_prefix(&ECDSA))? {
        [4 | 5 | 11] | [1] | [3, 2] => Some(256),
        [12] | [3, 3] => Some(384),
        [13] | [3, 4] => Some(512),
        _ => None,
    }
}

impl Read for Rustls {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.tls.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return read,
            }
            // The reader sees the end of the stream, as an error unless it was announced.
            self.tls.read_tls(&mut self.below)?;
            if let Err(error) = self.tls.process_new_packets() {
                let _ = self.send_records();
                return Err(match error {
                    RustlsError::AlertReceived(alert) if is_about_client(alert) => {
                        TlsError::new(TlsErrorKind::ClientCertificate, error).into()
                    }
                    error => io::Error::new(io::ErrorKind::InvalidData, error),
                });
            }
            // A key update requires an answer, which goes behind what the other end has not taken.
            match self.send_records() {
                Err(error) if !is_timeout(&error) => return Err(error),
                _ => {}
            }
        }
    }
}

impl Write for Rustls {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.tls.writer().write(bytes)?;
        self.send_records()?;
        Ok(taken)
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let taken = self.tls.writer().write_vectored(pieces)?;
        self.send_records()?;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send_records()
    }
}

impl Transport for Rustls {
    fn set_deadlines(&mut self, read: Duration, write: Duration, end: Option<Instant>) {
        self.below.set_deadlines(read, write, end);
    }

    fn set_nonblocking(&mut self, nonblocking: bool) -> bool {
        self.below.set_nonblocking(nonblocking)
    }

    fn descriptor(&self) -> Option<Descriptor<'_>> {
        self.below.descriptor()
    }

    fn shutdown(&self) -> Option<Shutdown> {
        self.below.shutdown()
    }

    fn release_buffers(&mut self) {
        self.below.release_buffers();
    }

    fn channel_binding(&self, binding: ChannelBinding) -> Option<Vec<u8>> {
        match binding {
            ChannelBinding::TlsExporter => self.exporter(),
            ChannelBinding::TlsServerEndPoint => self.server_end_point(),
        }
    }
}

impl Rustls {
    /// 32 octets that are unique to this connection (RFC 9266 section 2).
    ///
    /// Only over TLS 1.3: before, they need the extended master secret, which rustls does not
    /// report.
    fn exporter(&self) -> Option<Vec<u8>> {
        if self.tls.protocol_version() != Some(ProtocolVersion::TLSv1_3) {
            return None;
        }
        let (label, context) = (b"EXPORTER-Channel-Binding", b"");
        let exported = self
            .tls
            .export_keying_material([0; 32], label, Some(context));
        exported.ok().map(Vec::from)
    }

    /// The certificate's hash (RFC 5929 section 4.1).
    ///
    /// It uses the hash function of the signature, or SHA-256 if that one is broken.
    fn server_end_point(&self) -> Option<Vec<u8>> {
        use ::ring::digest;
        let certificate = self.certificate()?;
        let hash = match signing_hash(der::signature_algorithm(certificate)?)? {
            256 => &digest::SHA256,
            384 => &digest::SHA384,
            _ => &digest::SHA512,
        };
        Some(digest::digest(hash, certificate).as_ref().to_vec())
    }
}
