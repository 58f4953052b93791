//! What an exchange runs on: what the server offers, and the TLS below.

/// What a [`Mechanism`](crate::sasl::Mechanism) is told before it begins.
#[derive(Clone, Debug)]
pub struct MechanismContext<'a> {
    pub(crate) offered: Vec<&'a str>,
    pub(crate) server_end_point: Option<&'a [u8]>,
}

impl MechanismContext<'_> {
    /// Whether the server offers the mechanism of this name, in letters of either case.
    #[must_use]
    pub fn offers(&self, mechanism: &str) -> bool {
        let mut offered = self.offered.iter();
        offered.any(|name| name.eq_ignore_ascii_case(mechanism))
    }

    /// The hash of the server's certificate, `tls-server-end-point` (RFC 5929 section 4), where
    /// there is TLS and it tells.
    #[must_use]
    pub fn server_end_point(&self) -> Option<&[u8]> {
        self.server_end_point
    }
}
