//! The test kit's certificates, as the TLS libraries take them.

use std::sync::OnceLock;

/// A certificate and its private key, both PEM.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: Vec<u8>,
}

impl Leaf {
    /// What a server or a client shows of itself in a TLS handshake.
    pub(crate) fn identity(&self) -> native_tls::Identity {
        native_tls::Identity::from_pkcs8(&self.certificate, &self.key).unwrap()
    }
}

/// What one test process has to show in TLS handshakes, and the root that vouches for it.
#[derive(Debug)]
pub(crate) struct Certificates {
    /// The root, PEM: what a client has to trust.
    pub(crate) authority: Vec<u8>,
    /// Good for localhost, 127.0.0.1 and ::1.
    pub(crate) server: Leaf,
    /// As `server`, but its time is over.
    pub(crate) expired: Leaf,
    /// Signed and in time, but for `elsewhere.test`.
    pub(crate) wrong_name: Leaf,
    /// The right names, signed by nobody but itself.
    pub(crate) self_signed: Leaf,
    /// A client's, for `CN=alice`.
    pub(crate) client: Leaf,
    /// As `server`, but it names localhost in its subject alone.
    pub(crate) common_name_only: Leaf,
}

impl Certificates {
    /// The root as `native-tls` takes it.
    #[cfg(not(windows))]
    pub(crate) fn root(&self) -> native_tls::Certificate {
        native_tls::Certificate::from_pem(&self.authority).unwrap()
    }
}

/// The certificates.
pub(crate) fn certificates() -> &'static Certificates {
    static MADE: OnceLock<Certificates> = OnceLock::new();
    MADE.get_or_init(make)
}

fn make() -> Certificates {
    let kit = latchbox_testkit::certificates();
    let leaf = |leaf: latchbox_testkit::Leaf| Leaf {
        certificate: leaf.certificate.to_vec(),
        key: leaf.key.to_vec(),
    };
    Certificates {
        authority: kit.authority.to_vec(),
        server: leaf(kit.server),
        expired: leaf(kit.expired),
        wrong_name: leaf(kit.wrong_name),
        self_signed: leaf(kit.self_signed),
        client: leaf(kit.client),
        common_name_only: leaf(kit.common_name_only),
    }
}
