//! Certificates for servers on this machine: an authority of this crate's own and what it signed.
//!
//! They are test data, and their *private keys are public*. A client accepts them if it trusts
//! [`authority`](Certificates::authority), which it must do in tests only.

/// A certificate and its private key (PKCS #8), both PEM.
#[derive(Clone, Copy, Debug)]
pub struct Leaf {
    /// The certificate.
    pub certificate: &'static [u8],
    /// Its key.
    pub key: &'static [u8],
}

/// Certificates of servers and clients for TLS handshakes, and the root that signed them. Their private
/// keys are public: a client trusts the root in tests only.
///
/// ```
/// # #[cfg(feature = "tls")] {
/// use latchbox_testkit::{Server, certificates};
///
/// let leaf = certificates().server;
/// let server = Server::builder().tls(leaf.certificate, leaf.key).start()?;
/// # let _ = server; }
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Certificates {
    /// The root, PEM: what a client has to trust.
    pub authority: &'static [u8],
    /// A valid one, for localhost, 127.0.0.1 and ::1.
    pub server: Leaf,
    /// Like `server`, but expired.
    pub expired: Leaf,
    /// Signed and valid, but for `elsewhere.test`.
    pub wrong_name: Leaf,
    /// Like `server`, but signed by itself only.
    pub self_signed: Leaf,
    /// A valid one of a client, with the subject `CN=alice`.
    pub client: Leaf,
    /// Like `server`, but with localhost in its subject alone.
    pub common_name_only: Leaf,
}

macro_rules! leaf {
    ($name:literal) => {
        Leaf {
            certificate: include_bytes!(concat!("../certificates/", $name, ".pem")),
            key: include_bytes!(concat!("../certificates/", $name, ".key")),
        }
    };
}

static CERTIFICATES: Certificates = Certificates {
    authority: include_bytes!("../certificates/authority.pem"),
    server: leaf!("server"),
    expired: leaf!("expired"),
    wrong_name: leaf!("wrong-name"),
    self_signed: leaf!("self-signed"),
    client: leaf!("client"),
    common_name_only: leaf!("common-name-only"),
};

/// Returns the certificates. They expire at the end of 2099.
#[must_use]
pub fn certificates() -> &'static Certificates {
    &CERTIFICATES
}

impl Certificates {
    /// Returns the leaf that scripts call by this name: `server`, `expired`, `wrong-name`, `self-signed`,
    /// `client`, `common-name-only`.
    #[must_use]
    pub fn leaf(&self, name: &str) -> Option<&Leaf> {
        match name {
            "server" => Some(&self.server),
            "expired" => Some(&self.expired),
            "wrong-name" => Some(&self.wrong_name),
            "self-signed" => Some(&self.self_signed),
            "client" => Some(&self.client),
            "common-name-only" => Some(&self.common_name_only),
            _ => None,
        }
    }
}
