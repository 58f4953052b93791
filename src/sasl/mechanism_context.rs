//! What an exchange runs on: what the server offers, and the TLS below.

use crate::transport::channel_binding::ChannelBinding;

/// What a [`Mechanism`](crate::sasl::Mechanism) is told before it begins.
#[derive(Clone, Debug)]
pub struct MechanismContext<'a> {
    pub(crate) offered: Vec<&'a str>,
    pub(crate) bindings: &'a [(ChannelBinding, Vec<u8>)],
}

impl MechanismContext<'_> {
    /// Whether the server offers the mechanism of this name, in letters of either case.
    #[must_use]
    pub fn offers(&self, mechanism: &str) -> bool {
        let mut offered = self.offered.iter();
        offered.any(|name| name.eq_ignore_ascii_case(mechanism))
    }

    /// The value of this channel binding; `None` without TLS, or if the TLS library does not give it
    /// for this connection.
    #[must_use]
    pub fn binding(&self, binding: ChannelBinding) -> Option<&[u8]> {
        let mut bindings = self.bindings.iter();
        let found = bindings.find(|(name, _)| *name == binding);
        found.map(|(_, value)| value.as_slice())
    }

    /// The strongest channel binding that there is, or that one if it is named, with its value.
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
