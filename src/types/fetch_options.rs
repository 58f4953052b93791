//! Which of the messages a FETCH is to tell of (RFC 4466 section 2.4, fetch modifiers).

use std::fmt;

use crate::types::capability::Capability;
use crate::types::partial_range::PartialRange;
use crate::types::uid::ModSeq;

/// Which of the messages of its set a FETCH is to tell of.
///
/// ```
/// use latchbox::command::FetchOptions;
/// use latchbox::types::ModSeq;
///
/// let options = FetchOptions::new().changed_since(ModSeq::try_from(4711)?);
/// # Ok::<(), latchbox::types::InvalidNumber>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FetchOptions {
    pub(crate) changed_since: Option<ModSeq>,
    pub(crate) vanished: bool,
    pub(crate) partial: Option<PartialRange>,
}

impl FetchOptions {
    /// All of them.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only those that have changed since this mod-sequence (CHANGEDSINCE, RFC 7162 section
    /// 3.1.4.1). Each comes with its [`mod_seq`](crate::message::Fetch::mod_seq), unasked.
    ///
    /// Needs CONDSTORE. A server refuses it for a mailbox that has no mod-sequences.
    #[must_use]
    pub fn changed_since(mut self, mod_seq: ModSeq) -> Self {
        self.changed_since = Some(mod_seq);
        self
    }

    /// The same, and which of the set have been removed since
    /// (CHANGEDSINCE with VANISHED, RFC 7162 section 3.2.6); see
    /// [`Messages::vanished`](crate::command::Messages::vanished). A server may name more than were
    /// removed since, but each that it names is gone.
    ///
    /// Needs QRESYNC, which has to be [enabled](crate::Session::enable) before the mailbox is
    /// locked, and a set of UIDs.
    #[must_use]
    pub fn changed_or_vanished_since(mut self, mod_seq: ModSeq) -> Self {
        self.vanished = true;
        self.changed_since(mod_seq)
    }

    /// Only this page of them (PARTIAL, RFC 9394 section 3.4).
    ///
    /// Needs PARTIAL, and a set of UIDs that is short enough for one command.
    #[must_use]
    pub fn partial(mut self, page: PartialRange) -> Self {
        self.partial = Some(page);
        self
    }

    /// What the server needs to have for it, beyond the base protocol.
    pub(crate) fn capabilities(&self) -> impl Iterator<Item = Capability> {
        let condstore = self.changed_since.map(|_| Capability::CondStore);
        let qresync = self.vanished.then_some(Capability::Qresync);
        let partial = self.partial.map(|_| Capability::Partial);
        [condstore, qresync, partial].into_iter().flatten()
    }
}

/// The wire form, behind the items; nothing for all messages.
impl fmt::Display for FetchOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = " (";
        if let Some(mod_seq) = self.changed_since {
            write!(f, "{before}CHANGEDSINCE {mod_seq}")?;
            before = " ";
        }
        if self.vanished {
            write!(f, "{before}VANISHED")?;
            before = " ";
        }
        if let Some(page) = self.partial {
            write!(f, "{before}PARTIAL {page}")?;
            before = " ";
        }
        f.write_str(if before == " " { ")" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn modifiers_stand_in_one_list() {
        let mod_seq = ModSeq::new(12345).unwrap();
        let page = PartialRange::last(NonZeroU32::new(30).unwrap());
        let new = FetchOptions::new;
        for (options, wire) in [
            (new(), ""),
            (new().changed_since(mod_seq), " (CHANGEDSINCE 12345)"),
            (new().partial(page), " (PARTIAL -1:-30)"),
            (
                new().partial(page).changed_or_vanished_since(mod_seq),
                " (CHANGEDSINCE 12345 VANISHED PARTIAL -1:-30)",
            ),
        ] {
            assert_eq!(options.to_string(), wire);
        }
    }
}
