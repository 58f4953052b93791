//! The options for TLS: which servers a client trusts, and which certificate it presents.
//!
//! The configuration of the TLS library is made from them at the first connection, and shared by
//! the clones of the builder.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::client_builder::ClientBuilder;
use crate::transport::tls::{ClientIdentity, Pin, RootCertificate, TlsBackend, TlsVersion};

impl ClientBuilder {
    /// Also trusts these certificate authorities: one or more certificates in PEM.
    ///
    /// Octets that are no certificate make connecting fail.
    pub fn root_certificates_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.tls
            .changed()
            .roots
            .push(RootCertificate::Pem(pem.into()));
        self
    }

    /// Also trusts this certificate authority: one certificate in DER.
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

    /// The name that the server's certificate must bear, if it differs from the host.
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.tls.name = Some(name.into());
        self
    }

    /// Uses this TLS library, of those that were built in; native-tls by default.
    ///
    /// The default is rustls if only that was built in. A library crate that needs one of them
    /// should set it, because another crate of the same program may enable the other feature.
    pub fn tls_backend(mut self, backend: TlsBackend) -> Self {
        self.tls.backend = Some(backend);
        self
    }

    /// The oldest version of TLS that is accepted; TLS 1.2 by default.
    pub fn minimum_tls_version(mut self, version: TlsVersion) -> Self {
        self.tls.changed().minimum = version;
        self
    }

    /// The client's certificate, which is presented if the server requests one.
    ///
    /// In PEM: the client's own certificate first and then those that lead to its authority, and
    /// the private key in PEM (PKCS #8). Often followed by a login by the mechanism EXTERNAL.
    /// Octets that are no certificate or key make connecting fail.
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

    /// Accepts only a certificate with this SHA-256 hash.
    ///
    /// It is as `openssl x509 -fingerprint -sha256` prints it. Of several pins of either kind, one
    /// has to match.
    ///
    /// All other checks still apply. For a certificate whose issuer is not trusted, add
    /// [`danger_accept_invalid_certificates`](Self::danger_accept_invalid_certificates): then the
    /// pin alone decides, and this is safe as long as the server keeps its key secret.
    pub fn pin_certificate_sha256(mut self, hash: [u8; 32]) -> Self {
        self.tls.pins.push(Pin::Certificate(hash));
        self
    }

    /// Accepts only a certificate whose public key has this SHA-256 hash (RFC 7469 section 2.4).
    ///
    /// The hash is of the SubjectPublicKeyInfo. It stays valid if a certificate is renewed with the
    /// same key. Otherwise like [`pin_certificate_sha256`](Self::pin_certificate_sha256).
    pub fn pin_public_key_sha256(mut self, hash: [u8; 32]) -> Self {
        self.tls.pins.push(Pin::PublicKey(hash));
        self
    }

    /// Accepts a certificate whose issuer is not trusted, or that has expired.
    ///
    /// Such a certificate can bear any name, so its name is not checked either.
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
