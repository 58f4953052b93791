//! The options for TLS: whom a client believes, and who it says it is.
//!
//! What a TLS library makes of them is made at the first connection, and shared by the clones of the
//! builder.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::client_builder::ClientBuilder;
use crate::transport::tls::{ClientIdentity, Pin, RootCertificate, TlsBackend, TlsVersion};

impl ClientBuilder {
    /// Trusts these certificate authorities too: one or more certificates in PEM.
    ///
    /// Bytes that are no certificate make connecting fail.
    pub fn root_certificates_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.tls
            .changed()
            .roots
            .push(RootCertificate::Pem(pem.into()));
        self
    }

    /// Trusts this certificate authority too: one certificate in DER.
    pub fn root_certificate_der(mut self, der: impl Into<Vec<u8>>) -> Self {
        self.tls
            .changed()
            .roots
            .push(RootCertificate::Der(der.into()));
        self
    }

    /// Trusts only the certificates given to this builder, none of the system's.
    pub fn only_given_roots(mut self) -> Self {
        self.tls.changed().only_these_roots = true;
        self
    }

    /// The name that the server's certificate must bear, when it is not the host's.
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.tls.name = Some(name.into());
        self
    }

    /// Has TLS done by this library, of those that were built in.
    ///
    /// Unless set it is native-tls, and rustls where only that was built in. A library that needs
    /// one of them says so here, because another crate of the same program may switch the other on.
    pub fn tls_backend(mut self, backend: TlsBackend) -> Self {
        self.tls.backend = Some(backend);
        self
    }

    /// Accepts no version of TLS older than this one; TLS 1.2 unless set.
    pub fn minimum_tls_version(mut self, version: TlsVersion) -> Self {
        self.tls.changed().minimum = version;
        self
    }

    /// Shows the server this certificate when it asks for one: in PEM, the client's own first and
    /// then those that lead to its authority, and the private key in PEM (PKCS #8).
    ///
    /// Often followed by a login by the mechanism EXTERNAL. Bytes that are no certificate or key
    /// make connecting fail.
    pub fn client_certificate_pem(
        mut self,
        chain: impl AsRef<[u8]>,
        key: impl Into<Vec<u8>>,
    ) -> Self {
        self.tls.changed().identity = Some(ClientIdentity {
            chain: chain.as_ref().into(),
            key: Arc::new(Zeroizing::new(key.into())),
        });
        self
    }

    /// Accepts only a certificate with this SHA-256, as `openssl x509 -fingerprint -sha256` shows
    /// it. Of several pins of either kind, one has to match.
    ///
    /// What else is verified still is. For a certificate that no authority vouches for, add
    /// [`danger_accept_invalid_certificates`](Self::danger_accept_invalid_certificates): then the
    /// pin alone decides, and there is no danger as long as the server keeps its key to itself.
    pub fn pin_certificate_sha256(mut self, hash: [u8; 32]) -> Self {
        self.tls.pins.push(Pin::Certificate(hash));
        self
    }

    /// Accepts only a certificate whose public key (SubjectPublicKeyInfo) has this SHA-256 (RFC
    /// 7469 section 2.4). It outlives a certificate that is renewed with the same key.
    ///
    /// Otherwise like [`pin_certificate_sha256`](Self::pin_certificate_sha256).
    pub fn pin_public_key_sha256(mut self, hash: [u8; 32]) -> Self {
        self.tls.pins.push(Pin::PublicKey(hash));
        self
    }

    /// Accepts a certificate that nobody vouches for, or that has expired. Such a certificate can
    /// bear any name, so its name is not looked at either.
    pub fn danger_accept_invalid_certificates(mut self) -> Self {
        self.tls.changed().danger_accept_invalid_certificates = true;
        self
    }

    /// Accepts a certificate that was issued for another name.
    pub fn danger_accept_invalid_names(mut self) -> Self {
        self.tls.changed().danger_accept_invalid_names = true;
        self
    }
}
