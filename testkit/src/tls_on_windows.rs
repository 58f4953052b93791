//! The server's side of TLS on Windows, by rustls: the system's library keeps the keys of servers in
//! the user's account, and that of wine reads no PKCS #8 key.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::socket::Socket;

/// What makes TLS out of connections: a certificate and its key.
pub(crate) struct Acceptor {
    config: Arc<ServerConfig>,
    certificate: CertificateDer<'static>,
}

/// A connection after its handshake.
pub(crate) struct Tls {
    stream: StreamOwned<ServerConnection, Socket>,
    #[cfg_attr(not(feature = "scram"), allow(dead_code))]
    certificate: CertificateDer<'static>,
    /// How many octets are decrypted and not read.
    decrypted: usize,
}

impl Acceptor {
    /// With a certificate (chain) and a PKCS #8 key, both PEM.
    pub(crate) fn new(certificate: &[u8], key: &[u8]) -> io::Result<Self> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
        let chain = chain.map_err(io::Error::other)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(io::Error::other)?;
        let certificate = chain.first().cloned();
        let certificate = certificate.ok_or_else(|| io::Error::other("no certificate in PEM"))?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key));
        Ok(Self {
            config: Arc::new(config.map_err(io::Error::other)?),
            certificate,
        })
    }

    /// Does the server's part of the handshake.
    pub(crate) fn accept(&self, mut socket: Socket) -> io::Result<Tls> {
        let connection = ServerConnection::new(Arc::clone(&self.config));
        let mut connection = connection.map_err(io::Error::other)?;
        while connection.is_handshaking() {
            connection.complete_io(&mut socket)?;
        }
        let mut tls = Tls {
            stream: StreamOwned::new(connection, socket),
            certificate: self.certificate.clone(),
            decrypted: 0,
        };
        tls.count()?;
        Ok(tls)
    }
}

impl fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Acceptor")
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    /// What a client can bind to (RFC 5929 section 4), for certificates that were signed with SHA-256.
    #[cfg(feature = "scram")]
    pub(crate) fn server_end_point(&self) -> Option<Vec<u8>> {
        use sha2::{Digest, Sha256};
        /// `sha256WithRSAEncryption` and `ecdsa-with-SHA256`.
        const WITH_SHA_256: [&[u8]; 2] = [
            &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11],
            &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2],
        ];
        let is_in = |oid: &[u8]| self.certificate.windows(oid.len()).any(|part| part == oid);
        let is_known = WITH_SHA_256.into_iter().any(is_in);
        is_known.then(|| Sha256::digest(&self.certificate).to_vec())
    }

    /// How many octets are decrypted and not read.
    #[allow(clippy::unnecessary_wraps)]
    pub(crate) fn decrypted(&self) -> io::Result<usize> {
        Ok(self.decrypted)
    }

    /// Sends TLS's own end.
    pub(crate) fn shutdown(&mut self) {
        self.stream.conn.send_close_notify();
        let _ = self.stream.flush();
    }

    fn count(&mut self) -> io::Result<()> {
        let state = self.stream.conn.process_new_packets();
        self.decrypted = state.map_err(io::Error::other)?.plaintext_bytes_to_read();
        Ok(())
    }
}

impl Read for Tls {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        self.count()?;
        Ok(read)
    }
}

impl Write for Tls {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
