//! A command that was written: its parts, in the order of sending, and the places between them.

/// A place in the line where something else is sent or awaited.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stop<'a> {
    /// The octet of the line before which it happens.
    pub(crate) at: usize,
    /// Wait for the continuation request of the literal.
    pub(crate) wait: bool,
    /// Then send these octets, which are not in the line.
    pub(crate) body: &'a [u8],
}

/// A position in the command, to go back to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(super) line: usize,
    pub(super) stops: usize,
}

/// A part of a command that ends with a stop. Both slices may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part<'p> {
    pub(crate) line: &'p [u8],
    /// Whether the continuation request of the literal is awaited then.
    pub(crate) waits: bool,
    /// The octets after that.
    pub(crate) body: &'p [u8],
}
