//! Lists of addresses in headers (RFC 5322 section 3.4), also malformed ones.

use std::borrow::Cow;

use crate::wire::response::encoded_word;
use crate::wire::response::envelope::Address;

/// The addresses of a list, in order; an address in a group has the group's name.
pub(crate) fn parse(text: &[u8]) -> Vec<Address<'static>> {
    let mut list = List::default();
    let mut rest = text;
    while let Some(first) = rest.first() {
        rest = match first {
            b'(' => list.comment(rest),
            b'"' => list.quoted(rest),
            b'<' => list.angle(rest),
            b',' => list.end_address(rest),
            b':' if list.begins_group() => list.begin_group(rest),
            b';' => list.end_group(rest),
            b'=' => list.word(rest),
            b' ' | b'\t' | b'\r' | b'\n' => list.blank(rest),
            _ => list.octet(rest),
        };
    }
    list.end_address(b"");
    list.addresses
}

#[derive(Default)]
struct List {
    addresses: Vec<Address<'static>>,
    group: Option<Vec<u8>>,
    /// A name, or an address without angle brackets.
    phrase: Vec<u8>,
    /// The positions of the phrase's words that follow a blank.
    last_word: usize,
    is_quoted: bool,
    has_blank: bool,
    /// In angle brackets.
    address: Option<Vec<u8>>,
    comment: Vec<u8>,
}

impl List {
    fn octet<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let (octet, rest) = text.split_at_checked(1).unwrap_or((text, &[]));
        self.push(octet);
        rest
    }

    /// Continues a word; a blank before it belongs to the phrase, except around the signs of an
    /// address.
    fn push(&mut self, octets: &[u8]) {
        let is_sign = |octet: Option<&u8>| matches!(octet, Some(b'@'));
        if std::mem::take(&mut self.has_blank) && !self.phrase.is_empty() {
            let joins = is_sign(octets.first()) || is_sign(self.phrase.last());
            if !joins {
                self.phrase.push(b' ');
                self.last_word = self.phrase.len();
            }
        }
        self.phrase.extend_from_slice(octets);
    }

    fn blank<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        self.has_blank = true;
        text.trim_ascii_start()
    }

    /// Reads an encoded word, in which the signs of an address have no meaning.
    fn word<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let Some(len) = encoded_word::word_len(text) else {
            return self.octet(text);
        };
        let (word, rest) = text.split_at_checked(len).unwrap_or((text, &[]));
        self.push(word);
        rest
    }

    /// Reads a quoted string, up to the end if it is not closed.
    fn quoted<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let mut content = Vec::new();
        let mut octets = text.iter().enumerate().skip(1);
        let mut len = text.len();
        while let Some((at, octet)) = octets.next() {
            match octet {
                b'"' => {
                    len = at + 1;
                    break;
                }
                b'\\' => content.extend(octets.next().map(|(_, escaped)| *escaped)),
                b'\r' | b'\n' => {}
                other => content.push(*other),
            }
        }
        self.is_quoted = true;
        self.push(&content);
        text.get(len..).unwrap_or_default()
    }

    /// Reads a comment, which is the name of an address that has no other.
    fn comment<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let mut depth = 0usize;
        let mut octets = text.iter().enumerate();
        let mut content = Vec::new();
        while let Some((at, octet)) = octets.next() {
            match octet {
                b'(' => depth += 1,
                b')' if depth == 1 => {
                    self.comment = content;
                    self.has_blank = true;
                    return text.get(at + 1..).unwrap_or_default();
                }
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
        self.comment = content;
        &[]
    }

    /// Reads `<mailbox@host>`, with the route that old mail has before it.
    fn angle<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let (mut inner, mut is_quoted, mut len) = (Vec::new(), false, 1);
        for octet in text.iter().skip(1) {
            match octet {
                b'>' | b'<' if !is_quoted => break,
                b'"' => is_quoted = !is_quoted,
                b' ' | b'\t' | b'\r' | b'\n' if !is_quoted => {
                    len += 1;
                    continue;
                }
                _ => {}
            }
            len += 1;
            inner.push(*octet);
        }
        let route = inner.first() == Some(&b'@');
        let colon = memchr::memchr(b':', &inner).filter(|_| route);
        let address = inner
            .get(colon.map_or(0, |at| at + 1)..)
            .unwrap_or_default();
        self.address = Some(address.to_vec());
        let rest = text.get(len..).unwrap_or_default();
        rest.strip_prefix(b">").unwrap_or(rest)
    }

    fn begins_group(&self) -> bool {
        self.group.is_none() && self.address.is_none() && !self.phrase.contains(&b'@')
    }

    fn begin_group<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        self.group = Some(std::mem::take(&mut self.phrase));
        (self.last_word, self.is_quoted, self.has_blank) = (0, false, false);
        self.comment.clear();
        text.get(1..).unwrap_or_default()
    }

    fn end_group<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let rest = self.end_address(text);
        self.group = None;
        rest
    }

    fn end_address<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let phrase = std::mem::take(&mut self.phrase);
        let comment = std::mem::take(&mut self.comment);
        let (name, address) = match self.address.take() {
            Some(address) => (phrase, address),
            // `Ann ann@example.com`: the brackets were lost.
            None => {
                let at = if self.is_quoted { 0 } else { self.last_word };
                let is_address = phrase.get(at..).is_some_and(|word| word.contains(&b'@'));
                let (name, word) = phrase
                    .split_at_checked(if is_address { at } else { 0 })
                    .unwrap_or((&phrase, &[]));
                (name.trim_ascii_end().to_vec(), word.to_vec())
            }
        };
        (self.last_word, self.is_quoted, self.has_blank) = (0, false, false);
        let name = if name.is_empty() { comment } else { name };
        if !(name.is_empty() && address.is_empty()) {
            let at = memchr::memrchr(b'@', &address).unwrap_or(address.len());
            let (mailbox, host) = address.split_at_checked(at).unwrap_or((&address, &[]));
            let owned = |octets: &[u8]| (!octets.is_empty()).then(|| Cow::Owned(octets.to_vec()));
            let mailbox = unquoted(mailbox);
            self.addresses.push(Address::new(
                owned(&name),
                owned(&mailbox),
                owned(host.strip_prefix(b"@").unwrap_or(host)),
                self.group.clone().map(Cow::Owned),
            ));
        }
        text.get(1..).unwrap_or_default()
    }
}

/// `"a b"` before the `@`, without its quotes.
fn unquoted(mailbox: &[u8]) -> Vec<u8> {
    let inner = mailbox.strip_prefix(b"\"");
    match inner.and_then(|inner| inner.strip_suffix(b"\"")) {
        Some(inner) => inner
            .iter()
            .copied()
            .filter(|octet| *octet != b'\\')
            .collect(),
        None => mailbox.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_64_lists_of_addresses() {
        for (text, expected) in [
            ("ann@example.com", "ann@example.com"),
            ("<ann@example.com>", "ann@example.com"),
            ("Ann <ann@example.com>", "Ann <ann@example.com>"),
            (
                "\"Smith, Ann\" <ann@example.com>, Bob <bob@b>",
                "Smith, Ann <ann@example.com>|Bob <bob@b>",
            ),
            ("\"a \\\"b\\\" \\\\\" <x@y>", "a \"b\" \\ <x@y>"),
            (
                "ann@example.com (Ann (the first))",
                "Ann (the first) <ann@example.com>",
            ),
            ("Ann (the first) <ann@example.com>", "Ann <ann@example.com>"),
            ("Ann Smith ann@example.com", "Ann Smith <ann@example.com>"),
            ("ann @ example.com", "ann@example.com"),
            ("<@a,@b:ann@c>", "ann@c"),
            ("\"a b\"@example.com", "a b@example.com"),
            ("<\"a b>\"@example.com>", "a b>@example.com"),
            ("< ann @ example.com >", "ann@example.com"),
            ("=?utf-8?q?M=C3=BCller,_Ann?= <a@b>", "Müller, Ann <a@b>"),
            (
                "=?utf-8?q?M=C3=BC?= =?utf-8?q?ller?=\r\n <a@b>",
                "Müller <a@b>",
            ),
            ("\"=?utf-8?q?M=C3=BC?=\" <a@b>", "Mü <a@b>"),
            ("Grüße <a@b>;c@d", "Grüße <a@b>|c@d"),
            ("undisclosed-recipients:;", ""),
            ("Friends: a@b, C <c@d>; e@f", "a@b|C <c@d>|e@f"),
            ("root", "root"),
            ("a@b,,c@d,", "a@b|c@d"),
            ("Ann <ann@example.com", "Ann <ann@example.com>"),
            ("Ann <ann@a> <b@c>", "Ann <b@c>"),
            ("mailto:ann@a", "ann@a"),
            ("", ""),
            ("(", ""),
            ("\"", ""),
        ] {
            let shown: Vec<String> = parse(text.as_bytes())
                .iter()
                .map(ToString::to_string)
                .collect();
            assert_eq!(shown.join("|"), expected, "{text}");
        }
        let groups: Vec<_> = parse(b"=?utf-8?q?k=C3=B6?=: a@b; c@d")
            .iter()
            .map(|address| address.group().map(Cow::into_owned))
            .collect();
        assert_eq!(groups, [Some("kö".to_owned()), None]);
    }

    #[test]
    fn fault_64_long_lists_take_linear_time() {
        for start in [
            "(", "\"", "<", "a@", "=?", "=?a?q?", "\\", ":", "a:", "(\\", "a b ",
        ] {
            let _ = parse(start.repeat(1 << 17).as_bytes());
        }
        assert_eq!(parse("a@b,".repeat(1000).as_bytes()).len(), 1000);
    }
}
