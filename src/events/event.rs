//! What an event has to tell of itself so that it can wait in a queue.

/// An event that knows how it says that others were lost.
pub(crate) trait Event: Sized {
    /// This many were dropped.
    fn overflow(lost: u64) -> Self;

    /// Whether it is of a kind that [replaces](Self::replaces) earlier events at all. For all others
    /// the queue, which is as long as the caller lets it be, is not looked through.
    fn can_replace(&self) -> bool {
        false
    }

    /// Whether it says all that an earlier one said, and better.
    fn replaces(&self, earlier: &Self) -> bool {
        let _ = earlier;
        false
    }

    /// About how many octets of the server's it holds.
    fn octets(&self) -> usize;
}
