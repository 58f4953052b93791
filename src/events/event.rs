//! The properties of an event that a queue uses.

/// An event that can be queued.
pub(crate) trait Event: Sized {
    /// The event for so many others that were dropped.
    fn overflow(lost: u64) -> Self;

    /// Whether it is of a kind that [replaces](Self::replaces) earlier events. For other kinds the
    /// queue, which may be long, is not searched.
    fn can_replace(&self) -> bool {
        false
    }

    /// Whether it makes an earlier event obsolete.
    fn replaces(&self, earlier: &Self) -> bool {
        let _ = earlier;
        false
    }

    /// About how many octets from the server it holds.
    fn octets(&self) -> usize;
}
