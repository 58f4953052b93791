//! How much a server may make us hold: the bounds that framing and parsing keep.

/// Bounds on what one response may take.
///
/// All have finite defaults. A response that passes one of the first three ends the connection,
/// because what follows it cannot be found; `depth` and `list` spoil a single value only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Octets of one line, without the literals in it. A SEARCH answer of a million messages is
    /// one line of 8 MB.
    pub(crate) line: usize,
    /// Octets of one literal.
    pub(crate) literal: usize,
    /// Octets of one response with all its lines and literals.
    pub(crate) response: usize,
    /// Parentheses within parentheses, and messages within messages.
    pub(crate) depth: usize,
    /// Members of one list: flags, capabilities, parameters, ranges.
    pub(crate) list: usize,
}

impl Limits {
    /// 16 MiB a line, 64 MiB a literal, 128 MiB a response, 64 levels, a million members.
    pub(crate) const DEFAULT: Limits = Limits {
        line: 16 << 20,
        literal: 64 << 20,
        response: 128 << 20,
        depth: 64,
        list: 1_000_000,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
