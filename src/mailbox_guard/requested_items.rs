//! The items that a message is to have, and whether it has them all.

use crate::types::fetch::FetchItem;
use crate::wire::response::fetch_item::{Kind, Kinds};
use crate::wire::response::fetch_responses::Responses;

/// The requested items, by their kinds.
#[derive(Clone, Copy)]
pub(crate) struct RequestedItems {
    kinds: Kinds,
    /// The number of requested sections and items with an unknown name.
    sections: usize,
    /// Whether the items may come in unsolicited responses too.
    are_news: bool,
    /// Whether messages are requested by UID.
    by_uid: bool,
}

impl RequestedItems {
    pub(crate) fn new(items: &[FetchItem], by_uid: bool) -> Self {
        let mut requested = Self {
            kinds: Kinds::default(),
            sections: 0,
            are_news: items.iter().all(FetchItem::is_news),
            by_uid,
        };
        for item in items {
            let kind = kind(item);
            if *item != FetchItem::Uid {
                requested.kinds.insert(kind);
            }
            requested.sections += usize::from(kind.may_be_several());
        }
        requested
    }

    /// The number by which a message is requested.
    pub(crate) fn number_of(self, message: &Responses) -> Option<u32> {
        match self.by_uid {
            true => message.uid().map(u32::from),
            false => message.seq().map(u32::from),
        }
    }

    /// Whether the items may come in unsolicited responses too.
    pub(crate) fn are_news(self) -> bool {
        self.are_news
    }

    /// Whether the message has a requested item.
    pub(crate) fn is_some_in(self, message: &Responses) -> bool {
        self.kinds.meets(message.answer().kinds())
    }

    /// Whether the message has all requested items, as far as its response could be read.
    #[inline]
    pub(crate) fn is_all_in(self, message: &Responses) -> bool {
        let found = message.kinds();
        let has_sections = self.sections < 2 || message.several() >= self.sections;
        found.has_all(self.kinds) && has_sections || message.is_torn()
    }
}

fn kind(item: &FetchItem) -> Kind {
    match item {
        FetchItem::Uid => Kind::Uid,
        FetchItem::Flags => Kind::Flags,
        FetchItem::InternalDate => Kind::InternalDate,
        FetchItem::Rfc822Size => Kind::Size,
        FetchItem::Envelope => Kind::Envelope,
        FetchItem::BodyStructure => Kind::BodyStructure,
        FetchItem::BodyAndMarkSeen(_) | FetchItem::BodyPeek(_) => Kind::Section,
        FetchItem::BinaryAndMarkSeen(_) | FetchItem::BinaryPeek(_) => Kind::Binary,
        FetchItem::BinarySize(_) => Kind::BinarySize,
        FetchItem::ModSeq => Kind::ModSeq,
        FetchItem::EmailId => Kind::EmailId,
        FetchItem::ThreadId => Kind::ThreadId,
        FetchItem::SaveDate => Kind::SaveDate,
        FetchItem::Preview | FetchItem::PreviewLazy => Kind::Preview,
        FetchItem::GmailMessageId => Kind::GmailMessageId,
        FetchItem::GmailThreadId => Kind::GmailThreadId,
        FetchItem::GmailLabels => Kind::GmailLabels,
        FetchItem::Other(_) => Kind::Other,
    }
}
