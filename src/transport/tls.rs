//! How TLS is set up, whichever library does it.

use std::fmt;

/// A certificate authority that the caller trusts, as the bytes of its file.
#[derive(Clone)]
pub(crate) enum RootCertificate {
    /// One or more certificates in PEM.
    Pem(Vec<u8>),
    /// One certificate in DER.
    Der(Vec<u8>),
}

/// What a TLS handshake must satisfy.
#[derive(Clone, Default)]
pub(crate) struct TlsSettings {
    /// Trusted beside the system's own.
    pub(crate) roots: Vec<RootCertificate>,
    /// Trust only `roots`.
    pub(crate) only_these_roots: bool,
    /// The name that the certificate must bear, when it is not the host's.
    pub(crate) name: Option<String>,
    /// Accept a certificate that nobody vouches for.
    pub(crate) danger_accept_invalid_certificates: bool,
    /// Accept a certificate for another name.
    pub(crate) danger_accept_invalid_names: bool,
}

impl fmt::Debug for TlsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsSettings")
            .field("roots", &self.roots.len())
            .field("only_these_roots", &self.only_these_roots)
            .field("name", &self.name)
            .field(
                "danger_accept_invalid_certificates",
                &self.danger_accept_invalid_certificates,
            )
            .field(
                "danger_accept_invalid_names",
                &self.danger_accept_invalid_names,
            )
            .finish()
    }
}
