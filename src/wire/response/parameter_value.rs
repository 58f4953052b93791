//! The value of a parameter: extended, in pieces (RFC 2231), with encoded words (RFC 2047), or
//! plain.

use std::borrow::Cow;

use crate::wire::content::charset::{self, Charset};
use crate::wire::response::encoded_word::{self, hex};
use crate::wire::words::is_plain;

/// The forms of one parameter, of which a mailer may write several.
#[derive(Default)]
pub(crate) struct Forms<'a> {
    /// `name`.
    plain: Option<Cow<'a, [u8]>>,
    /// `name*`.
    extended: Option<Cow<'a, [u8]>>,
    /// `name*0`, `name*1*`.
    pieces: Vec<Piece<'a>>,
}

struct Piece<'a> {
    index: u32,
    is_extended: bool,
    value: Cow<'a, [u8]>,
}

/// The text of a form, and whether it is valid: not empty, and completely decoded.
pub(crate) struct Found<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) is_sound: bool,
}

/// The rest of a key after this name, if the key is the name in one of its forms.
///
/// It is empty, or begins with an asterisk.
pub(crate) fn form_of<'k>(name: &str, key: &'k [u8]) -> Option<&'k [u8]> {
    let (start, form) = key.trim_ascii().split_at_checked(name.len())?;
    let is_form = form.is_empty() || form.starts_with(b"*");
    (is_form && start.eq_ignore_ascii_case(name.as_bytes())).then_some(form)
}

impl<'a> Forms<'a> {
    /// Adds a parameter in one of its [forms](form_of).
    pub(crate) fn add(&mut self, form: &[u8], value: Cow<'a, [u8]>) {
        let Some(suffix) = form.strip_prefix(b"*") else {
            self.plain.get_or_insert(value);
            return;
        };
        if suffix.is_empty() {
            self.extended.get_or_insert(value);
            return;
        }
        let is_extended = suffix.ends_with(b"*");
        let digits = suffix.strip_suffix(b"*").unwrap_or(suffix);
        let is_number = digits.iter().all(u8::is_ascii_digit);
        let index = std::str::from_utf8(digits).ok().filter(|_| is_number);
        if let Some(index) = index.and_then(|index| index.parse().ok()) {
            self.pieces.push(Piece {
                index,
                is_extended,
                value,
            });
        }
    }

    /// The first valid form, or else the first.
    ///
    /// The values may lie in `known`.
    pub(crate) fn found(self, known: &'a str) -> Option<Found<'a>> {
        // The usual cases: there is none, or it needs no decoding.
        if self.extended.is_none() && self.pieces.is_empty() {
            return self.plain.map(|value| plain(known, value));
        }
        let extended = self.extended.map(|value| extended(&value).into_found());
        let is_sound = |found: &Option<Found<'a>>| found.as_ref().is_some_and(|f| f.is_sound);
        if is_sound(&extended) {
            return extended;
        }
        let pieces = joined(self.pieces);
        if is_sound(&pieces) {
            return pieces;
        }
        let plain = self.plain.map(|value| plain(known, value));
        if is_sound(&plain) {
            return plain;
        }
        let not_empty = |found: &Found<'a>| !found.text.is_empty();
        let any = extended.or(pieces);
        match any.filter(not_empty) {
            Some(found) => Some(found),
            None => plain,
        }
    }
}

/// Octets in a charset.
#[derive(Default)]
struct Extended {
    charset: Option<Vec<u8>>,
    octets: Vec<u8>,
    /// As they were written, after the charset.
    written: Vec<u8>,
}

impl Extended {
    fn into_found<'f>(self) -> Found<'f> {
        let decoded = match &self.charset {
            Some(charset) => charset::decode(charset, &self.octets),
            None => Some(Charset::UNNAMED.decode(&self.octets)),
        };
        let is_decoded = decoded.is_some();
        let text = decoded.unwrap_or_else(|| String::from_utf8_lossy(&self.written).into_owned());
        // Encoded words inside, which RFC 2231 does not allow.
        let text = match encoded_word::has_word(text.as_bytes()) {
            true => encoded_word::decode(Cow::Owned(text.into_bytes())).into_owned(),
            false => text,
        };
        found(Cow::Owned(text), is_decoded)
    }
}

/// `utf-8'de'Gr%C3%BC%C3%9Fe`, also without the charset.
fn extended(value: &[u8]) -> Extended {
    let value = bare(value);
    let (charset, text) = match delimited(value) {
        Some((charset, text)) => (Some(charset), text),
        None => (None, value),
    };
    let mut octets = Vec::with_capacity(text.len());
    percent(text, &mut octets);
    Extended {
        charset: charset.filter(|name| !name.is_empty()).map(<[u8]>::to_vec),
        octets,
        written: text.to_vec(),
    }
}

/// The charset and the text of an extended value, if its apostrophes are delimiters.
///
/// A name may contain apostrophes of its own.
fn delimited(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut parts = value.splitn(3, |byte| *byte == b'\'');
    let (charset, language, text) = (parts.next()?, parts.next()?, parts.next()?);
    let is_delimited = is_language(language)
        && (charset.is_empty()
            || Charset::named(charset).is_some()
            || language.is_empty() && is_like_charset(charset));
    is_delimited.then_some((charset, text))
}

/// A tag such as `de`, `pt-BR`, or none.
fn is_language(language: &[u8]) -> bool {
    let is_part = |byte: u8| matches!(byte, b'-' | b'_');
    let first = language.split(|byte| is_part(*byte)).next();
    let is_tag = matches!(first.map_or(0, <[u8]>::len), 2..=8) && language.len() <= 20;
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || is_part(*byte);
    language.is_empty() || is_tag && language.iter().all(is_letter)
}

/// Whether this looks like the name of an unknown charset.
fn is_like_charset(name: &[u8]) -> bool {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:+".contains(byte);
    let is_private = name.get(..2).is_some_and(|x| x.eq_ignore_ascii_case(b"x-"));
    name.iter().all(is_token) && (is_private || name.iter().any(u8::is_ascii_digit))
}

/// Whether a value that is not marked as extended certainly is.
fn is_surely_delimited(value: &[u8]) -> bool {
    delimited(value).is_some_and(|(charset, _)| {
        let is_named = charset.iter().any(|byte| !byte.is_ascii_alphabetic());
        is_named && Charset::named(charset).is_some()
    })
}

/// Joins pieces in the order of their numbers; missing ones are left out.
fn joined<'f>(mut pieces: Vec<Piece<'_>>) -> Option<Found<'f>> {
    // Of two with the same number, the extended one: the other is for old programs.
    pieces.sort_by_key(|piece| (piece.index, !piece.is_extended));
    pieces.dedup_by_key(|piece| piece.index);
    if !pieces.iter().any(|piece| piece.is_extended) {
        let first = pieces.first()?;
        let mark = match is_surely_delimited(&first.value) {
            true => mark(&first.value),
            false => &[],
        };
        let rest = pieces.iter().skip(1);
        let rest = rest.flat_map(|piece| without_mark(mark, &piece.value));
        let whole = first.value.iter().chain(rest).copied().collect();
        return Some(plain("", Cow::Owned(whole)));
    }
    let mut all = Joined::default();
    // Extended pieces in sequence: an escape may be cut between them.
    let mut run = Vec::new();
    let mut is_named = false;
    let mut first_mark = Vec::new();
    for (at, mut piece) in pieces.into_iter().enumerate() {
        piece.is_extended |= at == 0 && is_surely_delimited(&piece.value);
        if !piece.is_extended && is_named && hides_octets(&piece.value) {
            run.extend_from_slice(&piece.value);
            continue;
        }
        if !piece.is_extended {
            all.add(&std::mem::take(&mut run), true);
            all.add(&piece.value, false);
            continue;
        }
        let named = delimited(&piece.value).filter(|_| !is_named);
        if let Some((charset, _)) = named.filter(|(charset, _)| !charset.is_empty()) {
            all.whole.charset = Some(charset.to_vec());
            first_mark = mark(&piece.value).to_vec();
        }
        let text = match is_named {
            true => without_mark(&first_mark, &piece.value),
            false => named.map_or(&*piece.value, |(_, text)| text),
        };
        is_named = true;
        run.extend_from_slice(text);
    }
    all.add(&run, true);
    Some(all.into_found())
}

/// The charset and the language at the beginning of a delimited value, with their apostrophes.
fn mark(value: &[u8]) -> &[u8] {
    let text = delimited(value).map_or(value, |(_, text)| text);
    value.get(..value.len() - text.len()).unwrap_or_default()
}

/// A piece without the mark of the first one, which some mailers write before each.
fn without_mark<'v>(mark: &[u8], value: &'v [u8]) -> &'v [u8] {
    match value.split_at_checked(mark.len()) {
        Some((start, text)) if start.eq_ignore_ascii_case(mark) => text,
        _ => value,
    }
}

/// Pieces in their order.
#[derive(Default)]
struct Joined {
    whole: Extended,
    /// The end of each sequence of pieces of one kind, and whether they are extended.
    runs: Vec<(usize, bool)>,
}

impl Joined {
    fn add(&mut self, text: &[u8], is_extended: bool) {
        self.whole.written.extend_from_slice(text);
        match is_extended {
            true => percent(text, &mut self.whole.octets),
            false => self.whole.octets.extend_from_slice(text),
        }
        self.runs.push((self.whole.octets.len(), is_extended));
    }

    /// The text of the pieces together, or of each sequence by itself if that has no more flaws.
    ///
    /// A character may be cut between two pieces. But before a piece that is not extended, some
    /// mailers do not shift back to ASCII (ISO-2022-JP), which would make characters of its letters.
    fn into_found<'f>(self) -> Found<'f> {
        let has_shift = memchr::memchr(0x1b, &self.whole.octets).is_some();
        let is_mixed = has_shift && self.runs.len() > 1;
        let apart = is_mixed.then(|| self.apart()).flatten();
        let whole = self.whole.into_found();
        match apart {
            Some(text) if flaws(&text) <= flaws(&whole.text) => found(Cow::Owned(text), true),
            _ => whole,
        }
    }

    fn apart(&self) -> Option<String> {
        let charset = Charset::named(self.whole.charset.as_deref()?)?;
        let mut text = String::new();
        let mut start = 0;
        for (end, is_extended) in &self.runs {
            let octets = self.whole.octets.get(start..*end)?;
            let charset = if *is_extended {
                charset
            } else {
                Charset::UNNAMED
            };
            text.push_str(&charset.decode(octets));
            start = *end;
        }
        Some(text)
    }
}

/// The number of characters that no sender writes in a name.
fn flaws(text: &str) -> usize {
    let is_flaw = |c: &char| *c == char::REPLACEMENT_CHARACTER || c.is_control();
    text.chars().filter(is_flaw).count()
}

/// Whether percent signs stand for octets that are not ASCII, in a piece not marked as extended.
fn hides_octets(value: &[u8]) -> bool {
    let mut octets = Vec::new();
    percent(value, &mut octets);
    value.is_ascii() && !octets.is_ascii()
}

fn percent(encoded: &[u8], octets: &mut Vec<u8>) {
    let mut rest = encoded;
    while let [first, tail @ ..] = rest {
        let escaped = match rest {
            [b'%', high, low, after @ ..] => hex(*high).zip(hex(*low)).map(|pair| (pair, after)),
            _ => None,
        };
        if let Some(((high, low), after)) = escaped {
            octets.push(high << 4 | low);
            rest = after;
        } else {
            octets.push(*first);
            rest = tail;
        }
    }
}

/// A value without a mark of its encoding: with encoded words, or extended.
fn plain<'a>(known: &'a str, value: Cow<'a, [u8]>) -> Found<'a> {
    if let Cow::Borrowed(octets) = value {
        if is_bare(octets) {
            return Found {
                text: encoded_word::text_in(known, octets),
                is_sound: true,
            };
        }
    }
    if is_surely_delimited(bare(&value)) {
        return extended(&value).into_found();
    }
    let cut = with_end(&value);
    let text = encoded_word::decode(value);
    let has_word = encoded_word::has_word(text.as_bytes());
    if let Some(cut) = cut.filter(|_| !has_word) {
        let closed = encoded_word::decode(Cow::Owned(cut));
        // In a charset that is not known, it stays as it was written.
        let is_raw = encoded_word::has_word(closed.as_bytes());
        let text = if is_raw { text } else { closed };
        return found(trim(Cow::Owned(text.into_owned())), false);
    }
    found(trim(text), !has_word)
}

/// A value that ends within an encoded word, with the end that the word lacks.
///
/// Some mailers cut names at a length.
fn with_end(value: &[u8]) -> Option<Vec<u8>> {
    let value = bare(value);
    let open = match value.strip_suffix(b"?").unwrap_or(value) {
        // An escape that is cut.
        [open @ .., b'='] | [open @ .., b'=', _] => open,
        open => open,
    };
    let start = memchr::memmem::rfind(open, b"=?")?;
    let closed = [open, b"?="].concat();
    let len = encoded_word::word_len(closed.get(start..)?)?;
    let is_cut = encoded_word::word_len(value.get(start..)?).is_none();
    (is_cut && start + len == closed.len()).then_some(closed)
}

fn found(text: Cow<'_, str>, is_decoded: bool) -> Found<'_> {
    let is_sound = is_decoded && !text.is_empty() && !text.contains(char::REPLACEMENT_CHARACTER);
    Found { text, is_sound }
}

/// Whether a value has nothing that could have to be decoded or removed.
fn is_bare(value: &[u8]) -> bool {
    let ends = [value.first(), value.last()];
    let is_bare_end = |end: Option<&u8>| end.is_some_and(u8::is_ascii_graphic);
    ends.into_iter().all(is_bare_end) && is_plain(value, [b'=', b'\'', b'"']) && value.len() <= FEW
}

/// The most octets of a value that is not searched for what is rare.
const FEW: usize = 1024;

/// A value without the blanks and quotes around it.
fn bare(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii();
    let inner = value.strip_prefix(b"\"");
    inner
        .and_then(|inner| inner.strip_suffix(b"\""))
        .unwrap_or(value)
}

/// Removes the spaces, and the quotes that some senders add once more.
pub(crate) fn trim(text: Cow<'_, str>) -> Cow<'_, str> {
    fn inner(text: &str) -> &str {
        let text = text.trim();
        text.strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'))
            .unwrap_or(text)
    }
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(inner(text)),
        Cow::Owned(text) if inner(&text).len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(inner(&text).to_owned()),
    }
}

#[cfg(test)]
mod tests;
