//! Recognizes FETCH among other responses, before its items are parsed.

use crate::limits::Limits;
use crate::wire::digits;
use crate::wire::frame::Frame;

/// A FETCH response that was recognized and not parsed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FetchRow<'a> {
    pub(crate) place: FetchPlace,
    pub(crate) frame: Frame<'a>,
    pub(crate) limits: Limits,
}

/// The number of a row and the offset of its items, without a borrow of the row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FetchPlace {
    /// The number that the server wrote: may be 0.
    pub(crate) seq: u32,
    /// The octet of the frame at which the list of items begins.
    pub(crate) items_at: usize,
    /// Whether the number is the UID (UIDFETCH, RFC 9586).
    pub(crate) is_uid: bool,
}

impl FetchPlace {
    /// The place in a row that follows the grammar to the letter.
    ///
    /// There may be a million of them, so they are checked before all other responses; the others
    /// are found by the general parser.
    pub(crate) fn plain(bytes: &[u8]) -> Option<FetchPlace> {
        let rest = bytes.strip_prefix(b"* ")?;
        let (seq, digits) = digits::leading(rest);
        let seq = u32::try_from(seq).ok().filter(|_| digits <= digits::MOST)?;
        let is_row = digits > 0 && rest.get(digits..)?.starts_with(b" FETCH (");
        is_row.then_some(FetchPlace {
            seq,
            items_at: digits + b"*  FETCH ".len(),
            is_uid: false,
        })
    }
}
