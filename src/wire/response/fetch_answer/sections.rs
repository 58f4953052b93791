//! The sections of one FETCH response: which there are, and why one is missing.

use crate::types::section::Section;
use crate::wire::response::fetch_answer::FetchAnswer;
use crate::wire::response::fetch_item::{Item, Kind};
use crate::wire::response::item_error::ItemError;
use crate::wire::response::section_name;

impl FetchAnswer {
    pub(super) fn find_section(&self, kind: Kind, section: &Section) -> Option<&Item> {
        let asked =
            |item: &&Item| item.kind == kind && !item.broken && self.is_about(item, section);
        let found = self.items.iter().find(asked);
        found.or_else(|| self.only_other(kind, section, false))
    }

    /// The section under another list of header fields, if it is the only one of its kind.
    pub(super) fn only_other(&self, kind: Kind, section: &Section, any: bool) -> Option<&Item> {
        let is_like = |item: &&Item| {
            let is_sound = item.kind == kind && !item.broken;
            is_sound && item.is_like(self.cursor(item.name), section, any)
        };
        let mut others = self.items.iter().filter(is_like);
        others.next().filter(|_| others.next().is_none())
    }

    /// The error of a section that the row does not have: malformed, replaced by another one, or
    /// missing.
    pub(crate) fn section_error(&self, kind: Kind, section: &Section) -> Option<ItemError> {
        if self.find_section(kind, section).is_some() {
            return None;
        }
        let of_kind = || self.items.iter().filter(|item| item.kind == kind);
        let malformed = of_kind().find(|item| item.broken && self.is_about(item, section));
        if let Some(item) = malformed {
            return Some(self.malformed(item));
        }
        let (asked, other_kind) = match kind {
            Kind::Binary => (format!("BINARY{section}"), Kind::Section),
            _ => (format!("BODY{section}"), Kind::Binary),
        };
        let decoded = self.find_section(other_kind, section);
        let others: Vec<_> = of_kind()
            .chain(decoded)
            .map(|item| self.name(item))
            .collect();
        Some(match others.is_empty() {
            true => ItemError::missing(&asked),
            false => ItemError::elsewhere(&asked, others.join(", ").as_bytes()),
        })
    }

    /// The sections of which it has octets or NIL.
    pub(crate) fn sections(&self, kind: Kind) -> impl Iterator<Item = Section> {
        let items = self.items.iter();
        let sound = items.filter(move |item| item.kind == kind && !item.broken);
        sound.filter_map(|item| {
            section_name::section(self.cursor(item.name), self.content(item).len())
        })
    }

    /// `BINARY.SIZE`.
    pub(crate) fn section_size(&self, section: &Section) -> Option<u64> {
        let item = self.find_section(Kind::BinarySize, section)?;
        self.cursor(item.value).any_number64().ok()
    }
}
