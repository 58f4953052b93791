//! How a target takes its choices from the octets that it is given.

/// Octets from which choices, texts and pieces are taken.
pub(super) struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    pub(super) fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets }
    }

    /// The next octet, and 0 behind the last.
    pub(super) fn octet(&mut self) -> u8 {
        let (first, rest) = self.rest.split_first().unwrap_or((&0, &[]));
        self.rest = rest;
        *first
    }

    /// One of these.
    pub(super) fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        among[usize::from(self.octet()) % among.len()]
    }

    /// What stands before the next `|`, which seeds can be written with.
    pub(super) fn field(&mut self) -> &'a [u8] {
        let end = memchr::memchr(b'|', self.rest).unwrap_or(self.rest.len());
        let (field, rest) = self.rest.split_at(end);
        self.rest = rest.get(1..).unwrap_or_default();
        field
    }

    /// The same as text, with U+FFFD for what is not UTF-8.
    pub(super) fn text(&mut self) -> String {
        String::from_utf8_lossy(self.field()).into_owned()
    }

    /// All that is left.
    pub(super) fn rest(self) -> &'a [u8] {
        self.rest
    }
}

/// Lengths of pieces in which a stream arrives: one octet, a few, or many, by a small generator; or
/// always the same.
#[derive(Clone)]
pub(super) enum Pieces {
    Random(u32),
    Equal(usize),
}

impl Pieces {
    pub(super) fn new(seed: u8) -> Self {
        Self::Random(u32::from(seed) * 2 + 1)
    }

    pub(super) fn next(&mut self) -> usize {
        let state = match self {
            Self::Equal(size) => return *size,
            Self::Random(state) => state,
        };
        // A linear congruential generator: the same pieces for the same seed.
        *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        match (*state >> 28) & 3 {
            0 => 1,
            1 => 1 + (*state >> 24) as usize % 7,
            2 => 1 + (*state >> 16) as usize % 100,
            _ => 1 + (*state >> 12) as usize % 10_000,
        }
    }
}
