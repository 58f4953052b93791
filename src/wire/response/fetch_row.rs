//! FETCH told from other responses, before anything in it is looked at.

use crate::wire::frame::Frame;
use crate::wire::limits::Limits;

/// A FETCH response that has been told from others and not parsed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FetchRow<'a> {
    /// As the server wrote it: may be 0.
    pub(crate) seq: u32,
    pub(crate) frame: Frame<'a>,
    /// The octet of the frame at which the list of items begins.
    pub(crate) items_at: usize,
    pub(crate) limits: Limits,
}

/// What a [`FetchRow`] knows of its frame, without borrowing it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FetchPlace {
    pub(crate) seq: u32,
    pub(crate) items_at: usize,
    pub(crate) limits: Limits,
}

impl<'a> FetchRow<'a> {
    /// A row that begins to the letter as the standard has it. There may be a million of them, so
    /// they are told before all else; the others are found by the general way.
    pub(crate) fn plain(frame: Frame<'a>, limits: &Limits) -> Option<FetchRow<'a>> {
        let rest = frame.bytes.strip_prefix(b"* ")?;
        let (mut seq, mut digits) = (0u32, 0usize);
        for byte in rest {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            seq = seq.checked_mul(10)?.checked_add(u32::from(digit))?;
            digits += 1;
        }
        let is_row = digits > 0 && rest.get(digits..)?.starts_with(b" FETCH (");
        is_row.then(|| FetchRow {
            seq,
            frame,
            items_at: digits + b"*  FETCH ".len(),
            limits: *limits,
        })
    }

    pub(crate) fn place(&self) -> FetchPlace {
        FetchPlace {
            seq: self.seq,
            items_at: self.items_at,
            limits: self.limits,
        }
    }
}
