//! One part of a BODYSTRUCTURE: the positions of its fields.

/// No such field, or no such part.
pub(crate) const NONE: u32 = u32::MAX;

/// The part has a number.
pub(super) const NUMBERED: u8 = 1;

/// The part is HTML, or contains HTML.
pub(super) const HTML: u8 = 2;

/// The kind of a part by its form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    #[default]
    Basic,
    Message,
    Multipart,
}

/// One part. Positions are octets of the frame, `NONE` if there is no such field.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// `NUMBERED` and `HTML`.
    pub(super) marks: u8,
    pub(super) depth: u16,
    pub(super) parent: u32,
    /// Its position among its siblings, from 1.
    pub(super) ordinal: u32,
    /// The first node after its children.
    pub(super) end: u32,
    pub(crate) media_type: u32,
    pub(crate) subtype: u32,
    pub(crate) parameters: u32,
    pub(crate) id: u32,
    pub(crate) description: u32,
    pub(crate) encoding: u32,
    pub(crate) octets: u32,
    pub(crate) envelope: u32,
    pub(crate) lines: u32,
    pub(crate) md5: u32,
    pub(crate) disposition: u32,
    pub(crate) language: u32,
    pub(crate) location: u32,
}

impl Node {
    pub(crate) const EMPTY: Node = Node {
        kind: Kind::Basic,
        marks: 0,
        depth: 0,
        parent: NONE,
        ordinal: 1,
        end: 0,
        media_type: NONE,
        subtype: NONE,
        parameters: NONE,
        id: NONE,
        description: NONE,
        encoding: NONE,
        octets: NONE,
        envelope: NONE,
        lines: NONE,
        md5: NONE,
        disposition: NONE,
        language: NONE,
        location: NONE,
    };

    /// Whether the part has been read up to its end.
    pub(super) fn is_closed(&self) -> bool {
        self.end != 0
    }

    pub(crate) fn has_number(&self) -> bool {
        self.marks & NUMBERED != 0
    }

    /// Whether the part is text/html, or contains such a part of the same message.
    pub(crate) fn has_html(&self) -> bool {
        self.marks & HTML != 0
    }

    pub(crate) fn ordinal(&self) -> u32 {
        self.ordinal
    }

    pub(crate) fn parent(&self) -> Option<usize> {
        usize::try_from(self.parent)
            .ok()
            .filter(|_| self.parent != NONE)
    }

    pub(crate) fn end(&self) -> usize {
        usize::try_from(self.end).unwrap_or(usize::MAX)
    }
}
