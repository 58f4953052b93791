//! FETCH told from other responses, before anything in it is looked at.

use crate::limits::Limits;
use crate::wire::digits;
use crate::wire::frame::Frame;

/// A FETCH response that has been told from others and not parsed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FetchRow<'a> {
    pub(crate) place: FetchPlace,
    pub(crate) frame: Frame<'a>,
    pub(crate) limits: Limits,
}

/// Where a row begins to tell of which message, without borrowing it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FetchPlace {
    /// As the server wrote it: may be 0.
    pub(crate) seq: u32,
    /// The octet of the frame at which the list of items begins.
    pub(crate) items_at: usize,
    /// The number is the UID (UIDFETCH, RFC 9586).
    pub(crate) is_uid: bool,
}

impl FetchPlace {
    /// That of a row which begins to the letter as the standard has it. There may be a million of
    /// them, so they are told before all else; the others are found by the general way.
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
