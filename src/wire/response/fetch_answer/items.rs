//! Finds the items of a FETCH response.

use crate::limits::{Limit, Limits};
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::frame::{Frame, Framer};
use crate::wire::response::fetch_item::{Item, Kinds, Shapes};
use crate::wire::response::fetch_plain;

/// Reads the items that follow the grammar to the letter; returns the position after them, or after the
/// octet before the first that does not.
///
/// The octet of `place` stands before the first, a space before each other.
pub(super) fn read_plain(
    frame: Frame<'_>,
    place: (usize, u8),
    most: Most,
    items: &mut Vec<Item>,
    shapes: &mut Shapes,
) -> usize {
    let (mut at, mut before) = place;
    while frame.bytes.get(at) == Some(&before) && items.len() < most.items {
        let Some(item) = fetch_plain::read(frame.bytes, at + 1, most.literal, shapes) else {
            return at + 1;
        };
        (at, before) = (item.value.end(), b' ');
        shapes.kinds.insert(item.kind);
        items.push(item);
    }
    at
}

pub(super) fn kinds(items: &[Item]) -> Kinds {
    let mut kinds = Kinds::default();
    items.iter().for_each(|item| kinds.insert(item.kind));
    kinds
}

/// What is read to the letter at most.
#[derive(Clone, Copy)]
pub(super) struct Most {
    items: usize,
    /// The octets of a literal.
    literal: usize,
}

impl Most {
    /// In a row that was not framed.
    pub(super) fn unframed(limits: &Limits) -> Most {
        Most {
            items: FEW_ITEMS.min(limits.items),
            literal: Framer::INLINE_LITERAL.min(limits.literal),
        }
    }

    /// In a framed row, in which no literals lie if some were taken out of it.
    pub(super) fn of(frame: Frame<'_>, limits: &Limits) -> Most {
        Most {
            items: FEW_ITEMS.min(limits.items),
            literal: if frame.literals.is_empty() {
                usize::MAX
            } else {
                0
            },
        }
    }
}

/// How a row ends.
pub(super) const ROW_END: &[u8] = b")\r\n";

/// More items are rare, and read by the grammar.
const FEW_ITEMS: usize = 16;

/// `"(" [msg-att *(SP msg-att)] ")"`, or the rest of it once it has `begun`.
///
/// On an error the cursor stands at the malformed item.
pub(super) fn read_items(
    cursor: &mut Cursor<'_>,
    begun: bool,
    items: &mut Vec<Item>,
    shapes: &mut Shapes,
    limits: &Limits,
) -> Result<(), ParseError> {
    if !begun {
        cursor.byte(b'(', "a list of items")?;
    }
    // Domino puts some items into parentheses of their own.
    let mut inner = 0usize;
    loop {
        cursor.skip_blank();
        if cursor.try_byte(b'(') {
            inner += 1;
            continue;
        }
        if cursor.try_byte(b')') {
            if inner > 0 {
                inner -= 1;
                continue;
            }
            cursor.skip_blank();
            return cursor.end();
        }
        if items.len() >= limits.items {
            return Err(cursor.beyond(Limit::Items));
        }
        let start = cursor.position();
        match Item::read(cursor, limits, shapes) {
            Ok(item) => {
                shapes.kinds.insert(item.kind);
                items.push(item);
            }
            Err(error) => {
                cursor.seek(start);
                return Err(error);
            }
        }
        let (frame, place) = (cursor.frame(), (cursor.position(), b' '));
        let most = Most {
            items: limits.items,
            ..Most::of(frame, limits)
        };
        cursor.seek(read_plain(frame, place, most, items, shapes));
    }
}
