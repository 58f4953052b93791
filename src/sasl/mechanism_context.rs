//! The context of an exchange: the server's offer, and the TLS connection.

use crate::transport::channel_binding::ChannelBinding;

/// The connection that a [`Mechanism`](crate::sasl::Mechanism) runs on: server and TLS.
#[derive(Clone, Debug)]
pub struct MechanismContext<'a> {
    pub(crate) offered: Vec<&'a str>,
    pub(crate) bindings: &'a [(ChannelBinding, Vec<u8>)],
}

impl MechanismContext<'_> {
    /// Whether the server offers the mechanism of this name, in any case.
    #[must_use]
    pub fn offers(&self, mechanism: &str) -> bool {
        let mut offered = self.offered.iter();
        offered.any(|name| name.eq_ignore_ascii_case(mechanism))
    }

    /// The value of this channel binding; `None` if the connection does not have it.
    ///
    /// There is none without TLS, or if the TLS library does not provide it for this connection.
    #[must_use]
    pub fn binding(&self, binding: ChannelBinding) -> Option<&[u8]> {
        let mut bindings = self.bindings.iter();
        let found = bindings.find(|(name, _)| *name == binding);
        found.map(|(_, value)| value.as_slice())
    }

    /// The strongest available channel binding, or only this one if it is named, with its value.
    pub(crate) fn strongest_binding(
        &self,
        named: Option<ChannelBinding>,
    ) -> Option<(ChannelBinding, &[u8])> {
        let mut wanted = ChannelBinding::BY_STRENGTH
            .into_iter()
            .filter(|binding| named.is_none_or(|named| *binding == named));
        wanted.find_map(|binding| Some((binding, self.binding(binding)?)))
    }
}
