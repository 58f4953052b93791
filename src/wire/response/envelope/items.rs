//! The items of an address list: addresses, and the starts and ends of groups.

use std::borrow::Cow;
use std::fmt;

use crate::printable::Printable;
use crate::wire::cursor::Cursor;
use crate::wire::response::encoded_word;
use crate::wire::response::envelope::address::Address;
use crate::wire::response::envelope::group::Group;
use crate::wire::response::envelope::parts::{Parts, part, parts};
use crate::wire::response::placeholder;

/// An iterator of the items of an address list; see
/// [`Addresses::with_groups`](crate::message::Addresses::with_groups).
#[derive(Clone)]
pub struct AddressListItems<'a> {
    /// After the opening parenthesis; `None` at the end of the list.
    list: Option<Cursor<'a>>,
    is_in_group: bool,
}

impl fmt::Debug for AddressListItems<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// An item of an address list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressListItem<'a> {
    /// An address to which mail can be sent.
    Address(Address<'a>),
    /// The start of a group of this name.
    ///
    /// A name that has an `@` or an encoded word, or that stands between empty strings, is an address
    /// unless an end follows.
    GroupStart(GroupName<'a>),
    /// The end of the group.
    GroupEnd,
}

/// The name of a group of addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupName<'a>(Cow<'a, [u8]>);

impl<'a> GroupName<'a> {
    /// The name for display, with encoded words decoded (RFC 2047).
    pub fn text(&self) -> Cow<'a, str> {
        encoded_word::decode(self.0.clone())
    }

    /// The name as the server sent it.
    pub fn raw(&self) -> &[u8] {
        &self.0
    }
}

impl<'a> From<GroupName<'a>> for Group<'a> {
    fn from(name: GroupName<'a>) -> Self {
        name.0.into()
    }
}

impl<'a> Iterator for AddressListItems<'a> {
    type Item = AddressListItem<'a>;

    fn next(&mut self) -> Option<AddressListItem<'a>> {
        let parts = self.next_parts()?;
        Some(self.classify(parts))
    }
}

impl<'a> AddressListItems<'a> {
    pub(super) fn new(list: Option<Cursor<'a>>) -> Self {
        Self {
            list,
            is_in_group: false,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_none()
    }

    /// The text in which the strings lie, if it is known to be UTF-8.
    pub(super) fn known(&self) -> &'a str {
        self.list.map_or("", |list| list.frame().text)
    }

    pub(super) fn next_parts(&mut self) -> Option<Parts<'a>> {
        let cursor = self.list.as_mut()?;
        loop {
            cursor.skip_blank();
            let start = cursor.position();
            if cursor.try_byte(b'(') {
                if let Ok(parts) = parts(cursor) {
                    return Some(parts);
                }
                cursor.seek(start);
            }
            // Something else in the place of an address: NIL from SmarterMail.
            if cursor.skip_value().is_err() {
                self.list = None;
                return None;
            }
        }
    }

    /// What these strings stand for behind the ones before.
    pub(super) fn classify(&mut self, parts: Parts<'a>) -> AddressListItem<'a> {
        let known = self.known();
        let is_as_marked = match Mark::of(&parts) {
            Some(Mark::Start { is_sure }) => is_sure || self.is_closed(),
            Some(Mark::End { is_sure }) => is_sure || self.is_in_group,
            None => false,
        };
        match parts {
            [_, _, Some(name), _] if is_as_marked && !name.is_empty() => {
                self.is_in_group = true;
                AddressListItem::GroupStart(GroupName(name))
            }
            _ if is_as_marked => {
                self.is_in_group = false;
                AddressListItem::GroupEnd
            }
            parts => AddressListItem::Address(address(parts, known)),
        }
    }

    /// Whether the group that began here ends before another one begins.
    ///
    /// A list is read at most once more by this: it stops at the next that calls it.
    fn is_closed(&self) -> bool {
        let mut ahead = self.clone();
        let mark = std::iter::from_fn(|| ahead.next_parts()).find_map(|parts| Mark::of(&parts));
        matches!(mark, Some(Mark::End { .. }))
    }
}

/// What strings that are no whole address mark in a list.
enum Mark {
    /// The start of a group.
    Start { is_sure: bool },
    /// The end of a group.
    End { is_sure: bool },
}

impl Mark {
    /// The mark of RFC 9051 section 7.5.2 is sure; it is not if it has empty strings for NIL, or the
    /// name is an address or encoded, as in a field that the server could not parse.
    fn of([name, _, mailbox, host]: &Parts<'_>) -> Option<Mark> {
        let is_empty =
            |part: &Option<Cow<'_, [u8]>>| part.as_ref().is_none_or(|part| part.is_empty());
        if !is_empty(name) || !is_empty(host) {
            return None;
        }
        let is_nil = name.is_none() && host.is_none();
        match mailbox {
            Some(text) if !text.is_empty() => {
                let is_odd = text.contains(&b'@') || encoded_word::has_word(text);
                let is_group = !placeholder::is_mailbox(text, || false);
                is_group.then_some(Mark::Start {
                    is_sure: is_nil && !is_odd,
                })
            }
            empty => Some(Mark::End {
                is_sure: is_nil && empty.is_none(),
            }),
        }
    }
}

fn address<'a>([name, route, mailbox, host]: Parts<'a>, known: &'a str) -> Address<'a> {
    let (name, mailbox, host) = match (name, mailbox, host) {
        (Some(name), Some(mailbox), None) => {
            // Gmail swaps the name and the address if they have an odd form in the header.
            let at = name.iter().rposition(|byte| *byte == b'@');
            match at.map(|at| (part(&name, 0, at), part(&name, at + 1, name.len()))) {
                Some((local, host)) => (Some(mailbox), Some(local), Some(host)),
                None => (Some(name), Some(mailbox), None),
            }
        }
        other => other,
    };
    Address {
        name,
        route,
        mailbox,
        host,
        group: None,
        known,
    }
}

impl fmt::Display for GroupName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(self.text()).fmt(f)
    }
}

impl fmt::Display for AddressListItem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::GroupStart(name) => write!(f, "{name}:"),
            Self::GroupEnd => f.write_str(";"),
        }
    }
}
