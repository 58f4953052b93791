//! What an event has to tell of itself so that it can wait in a queue.

/// An event that knows how it says that others were lost.
pub(crate) trait Event: Sized {
    /// This many were dropped.
    fn overflow(lost: u64) -> Self;

    /// Whether it says all that an earlier one said, and better.
    fn replaces(&self, earlier: &Self) -> bool {
        let _ = earlier;
        false
    }

    /// About how many octets of the server's it holds.
    fn octets(&self) -> usize;
}
