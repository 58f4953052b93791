//! Lists of addresses in headers (RFC 5322 section 3.4), also malformed ones.

mod item;

use std::collections::VecDeque;

use crate::limits::DECODED_FIELD;
use crate::wire::response::address_list::item::{Item, Parts};
use crate::wire::response::encoded_word;
use crate::wire::response::envelope::address::Address;
use crate::wire::response::envelope::group::Group;

/// The addresses of a list, in order; an address in a group has the group's name.
///
/// Of a longer text, those are returned that end in the first MiB.
pub(crate) fn parse(text: &[u8]) -> AddressList<'_> {
    AddressList {
        rest: text.get(..DECODED_FIELD).unwrap_or(text),
        is_cut: text.len() > DECODED_FIELD,
        group: None,
        item: Item::default(),
        ready: VecDeque::new(),
    }
}

/// An iterator of the addresses of a list; see [`parse`].
pub(crate) struct AddressList<'t> {
    rest: &'t [u8],
    /// Whether more text follows `rest`, so that the last item is not whole.
    is_cut: bool,
    group: Option<Group<'static>>,
    /// What is read of the current item.
    item: Item,
    /// Addresses that are complete.
    ready: VecDeque<Address<'static>>,
}

impl Iterator for AddressList<'_> {
    type Item = Address<'static>;

    fn next(&mut self) -> Option<Address<'static>> {
        while self.ready.is_empty() {
            let Some(first) = self.rest.first() else {
                if !self.is_cut {
                    self.end_item();
                }
                return self.ready.pop_front();
            };
            self.token(*first);
        }
        self.ready.pop_front()
    }
}

impl AddressList<'_> {
    /// Reads a comment, a word or a sign.
    fn token(&mut self, first: u8) {
        let tail = self.rest.get(1..).unwrap_or_default();
        match first {
            b'(' => {
                let (content, rest) = comment(self.rest);
                self.item.comment(content);
                self.rest = rest;
            }
            b'"' => {
                let (content, rest) = quoted(self.rest);
                self.word(&content, true);
                self.rest = rest;
            }
            b' ' | b'\t' | b'\r' | b'\n' => {
                self.item.blank();
                self.rest = tail.trim_ascii_start();
            }
            b'<' | b'>' | b',' | b';' | b':' | b'@' | b'.' => {
                self.sign(first);
                self.rest = tail;
            }
            // It closes nothing.
            b')' => self.rest = tail,
            _ => {
                let (atom, rest) = self
                    .rest
                    .split_at_checked(atom_len(self.rest))
                    .unwrap_or_default();
                self.word(atom, false);
                self.rest = rest;
            }
        }
    }

    fn sign(&mut self, sign: u8) {
        match sign {
            b'<' => self.item.open(),
            b'>' => self.item.close(),
            b',' if self.item.ends_route() => {}
            b',' => self.end_item(),
            b';' => {
                self.end_item();
                self.group = None;
            }
            b':' if self.item.ends_route() => {}
            b':' if self.group.is_none() && self.item.can_name_group() => {
                self.group = Some(Group::Shared(self.item.take_name().into()));
            }
            sign => self.item.sign(sign),
        }
        self.take_complete();
    }

    fn word(&mut self, octets: &[u8], is_quoted: bool) {
        self.item.word(octets, is_quoted);
        self.take_complete();
    }

    /// Takes the address that another one follows without a comma.
    fn take_complete(&mut self) {
        if let Some(parts) = self.item.take_complete() {
            self.push(parts);
        }
    }

    fn end_item(&mut self) {
        self.item.close_all();
        self.take_complete();
        if let Some(parts) = self.item.take() {
            self.push(parts);
        }
    }

    fn push(&mut self, parts: Parts) {
        let address = parts.into_address(self.group.clone());
        self.ready.push_back(address);
    }
}

/// The octets of the atom or the encoded word that begins here; at least one.
///
/// In an encoded word, the signs of an address have no meaning.
fn atom_len(text: &[u8]) -> usize {
    if let Some(len) = encoded_word::word_len(text) {
        return len;
    }
    let is_end = |at: usize, octet: u8| match octet {
        b'(' | b')' | b'"' | b'<' | b'>' | b',' | b';' | b':' | b'@' | b'.' => true,
        b' ' | b'\t' | b'\r' | b'\n' => true,
        b'=' => encoded_word::word_len(text.get(at..).unwrap_or_default()).is_some(),
        _ => false,
    };
    let mut octets = text.iter().enumerate().skip(1);
    let end = octets.find(|(at, octet)| is_end(*at, **octet));
    end.map_or(text.len(), |(at, _)| at)
}

/// The content of the quoted string that begins here, and the text after it.
///
/// One that is not closed goes up to the end.
fn quoted(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut content = Vec::new();
    let mut octets = text.iter().enumerate().skip(1);
    while let Some((at, octet)) = octets.next() {
        match octet {
            b'"' => return (content, text.get(at + 1..).unwrap_or_default()),
            b'\\' => content.extend(octets.next().map(|(_, escaped)| *escaped)),
            b'\r' | b'\n' => {}
            other => content.push(*other),
        }
    }
    (content, &[])
}

/// The content of the comment that begins here, and the text after it.
///
/// One that is not closed goes up to the end.
fn comment(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut depth = 0usize;
    let mut octets = text.iter().enumerate();
    let mut content = Vec::new();
    while let Some((at, octet)) = octets.next() {
        match octet {
            b'(' => depth += 1,
            b')' if depth == 1 => return (content, text.get(at + 1..).unwrap_or_default()),
            b')' => depth -= 1,
            b'\\' => {
                content.extend(octets.next().map(|(_, escaped)| *escaped));
                continue;
            }
            _ => {}
        }
        if at > 0 {
            content.push(*octet);
        }
    }
    (content, &[])
}

#[cfg(test)]
mod tests;
