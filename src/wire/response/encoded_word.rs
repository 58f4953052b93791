//! Human-readable header text: unfolds lines and decodes the encoded words of RFC 2047.

use std::borrow::Cow;

use memchr::{memchr, memchr3};

use crate::limits::DECODED_FIELD;
use crate::wire::content::charset::Charset;
use crate::wire::content::{Base64, Pieces, Reading};
use crate::wire::words::is_plain;

/// Decodes header text.
///
/// It never fails: what cannot be decoded stays as it is, except that octets which are not UTF-8
/// are read as windows-1252. The result has at most three octets for each octet of the first MiB;
/// the rest is cut off.
pub(crate) fn decode(raw: Cow<'_, [u8]>) -> Cow<'_, str> {
    decode_in("", raw)
}

/// [`decode`] of octets that may lie in `known`.
#[inline]
pub(crate) fn decode_in<'a>(known: &'a str, raw: Cow<'a, [u8]>) -> Cow<'a, str> {
    match raw {
        Cow::Borrowed(octets) if is_plain(octets, [b'=']) && octets.len() <= DECODED_FIELD => {
            text_in(known, octets)
        }
        raw => decode_odd(raw),
    }
}

/// [`decode`] for text that is not plain ASCII.
fn decode_odd(raw: Cow<'_, [u8]>) -> Cow<'_, str> {
    let input = raw.get(..DECODED_FIELD).unwrap_or(&raw);
    if memchr3(b'=', b'\r', b'\n', input).is_none() && input.len() == raw.len() {
        return match raw {
            Cow::Borrowed(octets) => raw_text(octets),
            Cow::Owned(octets) if is_text(&octets) => into_text(Cow::Owned(octets)),
            Cow::Owned(octets) => Cow::Owned(raw_text(&octets).into_owned()),
        };
    }
    let unfolded = unfold(input);
    if !contains_start(&unfolded) {
        return Cow::Owned(raw_text(&unfolded).into_owned());
    }
    Cow::Owned(Decoder::default().decode(&unfolded))
}

/// Text without encoded words, with U+FFFD for what is not UTF-8.
pub(crate) fn into_text(raw: Cow<'_, [u8]>) -> Cow<'_, str> {
    into_text_in("", raw)
}

/// [`into_text`] of octets that may lie in `known`.
#[inline]
pub(crate) fn into_text_in<'a>(known: &'a str, raw: Cow<'a, [u8]>) -> Cow<'a, str> {
    match raw {
        Cow::Borrowed(bytes) => text_in(known, bytes),
        Cow::Owned(bytes) => Cow::Owned(match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        }),
    }
}

/// The octets as text, with U+FFFD for what is not UTF-8; octets that lie in `known` need not be
/// checked.
#[inline]
pub(crate) fn text_in<'a>(known: &'a str, octets: &'a [u8]) -> Cow<'a, str> {
    let at = octets.as_ptr().addr().wrapping_sub(known.as_ptr().addr());
    match known.get(at..at.wrapping_add(octets.len())) {
        Some(text) => Cow::Borrowed(text),
        None => String::from_utf8_lossy(octets),
    }
}

/// Text of header octets that should be ASCII, and whose charset is named nowhere.
pub(crate) fn raw_text(octets: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(octets) {
        Ok(text) if !has_escape(octets) => Cow::Borrowed(text),
        _ => Cow::Owned(Charset::UNNAMED.decode(octets)),
    }
}

/// Whether the octets are plain text already.
fn is_text(octets: &[u8]) -> bool {
    !has_escape(octets) && std::str::from_utf8(octets).is_ok()
}

/// Whether there may be text in ISO-2022-JP, in which Japanese mailers write what they do not
/// encode.
fn has_escape(octets: &[u8]) -> bool {
    memchr(0x1b, octets).is_some()
}

/// Whether the text has an encoded word.
pub(crate) fn has_word(text: &[u8]) -> bool {
    let mut places = memchr::memmem::find_iter(text, b"=?");
    places.any(|at| Word::parse(text.get(at..).unwrap_or_default()).is_some())
}

/// The octets of the encoded word that begins here, if one does.
pub(crate) fn word_len(text: &[u8]) -> Option<usize> {
    Word::parse(text).map(|word| word.written.len())
}

fn contains_start(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"=?").is_some()
}

/// Removes the line ends of folded text.
///
/// One that no blank follows becomes a blank: the text was not folded by the rules.
fn unfold(input: &[u8]) -> Cow<'_, [u8]> {
    if !input.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
        return Cow::Borrowed(input);
    }
    let mut unfolded = Vec::with_capacity(input.len());
    let mut rest = input;
    while let Some(at) = memchr::memchr2(b'\r', b'\n', rest) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        unfolded.extend_from_slice(before);
        let ends = from.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        rest = from.get(ends.count()..).unwrap_or_default();
        let is_blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t') | None);
        if !is_blank(rest.first()) && !is_blank(unfolded.last()) {
            unfolded.push(b' ');
        }
    }
    unfolded.extend_from_slice(rest);
    Cow::Owned(unfolded)
}

/// Decoded text under construction.
#[derive(Default)]
struct Decoder<'a> {
    text: String,
    /// Neighboring words of one charset, which are decoded together.
    ///
    /// A character may be split over them, and so may an escape that shifts between sets of
    /// characters.
    run: Vec<Word<'a>>,
    /// The blanks before the run, if another one precedes them.
    gap: &'a [u8],
    /// Whether the text ends with words that could not be decoded.
    is_raw: bool,
}

impl<'a> Decoder<'a> {
    fn decode(mut self, mut rest: &'a [u8]) -> String {
        let mut plain: &[u8] = rest;
        while let Some(equals) = memchr(b'=', rest) {
            let from = rest.get(equals..).unwrap_or_default();
            let Some(word) = Word::parse(from) else {
                rest = from.get(1..).unwrap_or_default();
                continue;
            };
            let before = plain.get(..plain.len() - from.len()).unwrap_or_default();
            rest = from.get(word.written.len()..).unwrap_or_default();
            plain = rest;
            self.push(before, word);
        }
        self.flush();
        self.text.push_str(&raw_text(plain));
        self.text
    }

    fn push(&mut self, before: &'a [u8], mut word: Word<'a>) {
        let is_gap = before.iter().all(|byte| matches!(byte, b' ' | b'\t'));
        let last = self.run.last();
        let is_behind_word = is_gap && last.is_some();
        if !(is_gap && last.is_some_and(|last| last.is_like(&word))) {
            self.flush();
            self.gap = if is_behind_word { before } else { &[] };
            if !is_behind_word {
                self.text.push_str(&raw_text(before));
                self.is_raw = false;
            }
        } else {
            word.gap = before;
        }
        self.run.push(word);
    }

    fn flush(&mut self) {
        let Some(charset) = self.run.first().map(|word| word.charset) else {
            return;
        };
        let decoded = decode_run(charset, &self.run);
        // Blanks between words are no text, but those next to a word that is not decoded are.
        if decoded.is_none() || self.is_raw {
            self.text.push_str(&raw_text(self.gap));
        }
        self.is_raw = decoded.is_none();
        match decoded {
            Some(text) => self.text.push_str(&text),
            None => {
                for word in &self.run {
                    self.text.push_str(&raw_text(word.gap));
                    self.text.push_str(&raw_text(word.written));
                }
            }
        }
        self.run.clear();
    }
}

/// The text of words in one charset.
///
/// Some programs cut base64 anywhere, also where a single word is incomplete; some leave out the
/// padding, so that a complete word does not look complete. In the same way, a `=` at the end of a
/// word may be the beginning of an escape, or stand for itself. If the word does not show which it
/// is, the better text is taken.
fn decode_run(charset: &[u8], run: &[Word<'_>]) -> Option<String> {
    let apart = Joined::of(run, false);
    let best = apart.pieces.read(charset);
    let flaws = apart.flaws(best.as_ref());
    if !apart.is_unsure || flaws == 0 {
        return best.map(|reading| reading.text);
    }
    let joined = Joined::of(run, true);
    let other = joined.pieces.read(charset);
    let is_better = joined.flaws(other.as_ref()) < flaws;
    let best = if is_better { other } else { best };
    best.map(|reading| reading.text)
}

/// Words, joined before their charset is decoded.
#[derive(Default)]
struct Joined {
    pieces: Pieces,
    base64: Base64,
    /// An escape that is cut.
    escape: Vec<u8>,
    /// Whether a word is cut, or is whole and looks cut.
    is_unsure: bool,
    /// The number of letters and escapes that could not be decoded.
    lost: usize,
}

impl Joined {
    /// Joins words; `joins` if those that may be cut are taken to be.
    fn of(run: &[Word<'_>], joins: bool) -> Self {
        let mut all = Self::default();
        for (at, word) in run.iter().enumerate() {
            let next = run.get(at + 1);
            let goes_on = next.is_some_and(|next| next.is_base64 == word.is_base64);
            match word.is_base64 {
                true => all.add_base64(word.encoded, goes_on, joins),
                false => all.add_q(word.encoded, goes_on, joins),
            }
            if let Some(next) = next {
                let is_alike = goes_on && next.charset == word.charset;
                all.pieces.begin(is_alike);
            }
        }
        all
    }

    fn add_base64(&mut self, encoded: &[u8], goes_on: bool, joins: bool) {
        // No octets would be the end.
        if !encoded.is_empty() {
            self.base64.decode(encoded, self.pieces.octets());
        }
        let rest = self.base64.rest();
        let is_cut = match seam(rest) {
            _ if !goes_on => false,
            Seam::Whole => false,
            Seam::Cut => true,
            Seam::Unsure => {
                self.is_unsure = true;
                joins
            }
        };
        if !is_cut {
            self.lost += usize::from(rest.len() % 4 == 1);
            let mut ended = std::mem::take(&mut self.base64);
            ended.decode(b"", self.pieces.octets());
        }
    }

    fn add_q(&mut self, encoded: &[u8], goes_on: bool, joins: bool) {
        self.escape.extend_from_slice(encoded);
        let cut = cut_escape(&self.escape);
        let is_unsure = goes_on && cut > 0;
        self.is_unsure |= is_unsure;
        self.lost += usize::from(is_unsure && !joins);
        let kept = if is_unsure && joins { cut } else { 0 };
        let rest = self.escape.split_off(self.escape.len() - kept);
        q(&self.escape, self.pieces.octets());
        self.escape = rest;
    }

    fn flaws(&self, text: Option<&Reading>) -> usize {
        let flaws = text.map_or(usize::MAX, |reading| reading.flaws);
        flaws.saturating_add(self.lost)
    }
}

enum Seam {
    Whole,
    Cut,
    Unsure,
}

/// The end of a word in base64.
///
/// The letters of a complete word fill octets, and the bits that are left over are zero.
fn seam(letters: &[u8]) -> Seam {
    let last = letters.last().copied().unwrap_or(b'A');
    match letters.len() % 4 {
        0 => Seam::Whole,
        2 if matches!(last, b'A' | b'Q' | b'g' | b'w') => Seam::Unsure,
        3 if b"AEIMQUYcgkosw048".contains(&last) => Seam::Unsure,
        _ => Seam::Cut,
    }
}

/// The number of octets at the end that are the beginning of an escape.
fn cut_escape(encoded: &[u8]) -> usize {
    match encoded {
        [.., b'='] => 1,
        [.., b'=', digit] if hex(*digit).is_some() => 2,
        _ => 0,
    }
}

/// `encoded-word`.
struct Word<'a> {
    charset: &'a [u8],
    is_base64: bool,
    encoded: &'a [u8],
    /// From `=?` to `?=`.
    written: &'a [u8],
    /// The blanks before it in its run.
    gap: &'a [u8],
}

impl<'a> Word<'a> {
    fn parse(text: &'a [u8]) -> Option<Word<'a>> {
        let rest = text.strip_prefix(b"=?")?;
        let start = rest.get(..LONGEST_CHARSET).unwrap_or(rest);
        let charset_len = start.iter().position(|byte| !is_charset(*byte))?;
        let (charset, rest) = rest.split_at_checked(charset_len)?;
        let [b'?', encoding, b'?', rest @ ..] = rest else {
            return None;
        };
        let is_base64 = match encoding {
            b'B' | b'b' => true,
            b'Q' | b'q' => false,
            _ => return None,
        };
        // A language may follow it (RFC 2231 section 5).
        let charset = charset.split(|byte| *byte == b'*').next()?;
        let len = match is_base64 {
            true => encoded_len(rest, true)?,
            false => q_len(charset, rest)?,
        };
        let encoded = rest.get(..len)?;
        let after = rest.get(encoded.len() + 2..)?;
        let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'=';
        if is_base64 && !encoded.is_empty() && !encoded.iter().any(is_letter) {
            return None;
        }
        Some(Word {
            charset,
            is_base64,
            encoded,
            written: text.get(..text.len() - after.len())?,
            gap: &[],
        })
    }

    /// Whether it is in the same charset.
    fn is_like(&self, other: &Word<'_>) -> bool {
        self.charset.eq_ignore_ascii_case(other.charset)
            || match Charset::named(self.charset) {
                Some(charset) => Charset::named(other.charset) == Some(charset),
                None => false,
            }
    }
}

/// The maximum number of octets of a charset's name with its language.
const LONGEST_CHARSET: usize = 100;

fn is_charset(byte: u8) -> bool {
    !matches!(byte, b'?' | b'=' | 0..=0x1f | 0x7f..)
}

/// The number of octets before the `?=`.
///
/// Some mailers do not encode a question mark in the Q encoding; the beginning of another word is
/// none.
fn encoded_len(encoded: &[u8], is_base64: bool) -> Option<usize> {
    for at in memchr::memchr_iter(b'?', encoded) {
        if encoded.get(at + 1) == Some(&b'=') {
            return Some(at);
        }
        let begins = at > 0 && encoded.get(at - 1) == Some(&b'=');
        if is_base64 || begins {
            return None;
        }
    }
    None
}

/// The number of octets before the `?=` of the "Q" encoding.
///
/// A question mark that is not encoded may stand before an escape. It does if the word has another
/// end, before any blank, and is good text up to there.
fn q_len(charset: &[u8], encoded: &[u8]) -> Option<usize> {
    let first = encoded_len(encoded, false)?;
    let mut last = first;
    while let Some(further) = encoded.get(last + 1..).and_then(behind_escape) {
        last += 1 + further;
    }
    let is_clean = |encoded: &[u8]| {
        let mut pieces = Pieces::default();
        q(encoded, pieces.octets());
        pieces.read(charset).is_some_and(|found| found.flaws == 0)
    };
    let is_longer = last > first && encoded.get(..last).is_some_and(is_clean);
    Some(if is_longer { last } else { first })
}

/// The number of octets before a `?=`, if an escape begins here.
fn behind_escape(text: &[u8]) -> Option<usize> {
    let [b'=', high, low, ..] = text else {
        return None;
    };
    hex(*high).zip(hex(*low))?;
    let len = encoded_len(text, false)?;
    let has_blank = text.get(..len)?.iter().any(u8::is_ascii_whitespace);
    (!has_blank).then_some(len)
}

/// The "Q" encoding; a `=` without two hexadecimal digits stands for itself.
fn q(encoded: &[u8], octets: &mut Vec<u8>) {
    let mut rest = encoded;
    while let [first, tail @ ..] = rest {
        let escaped = match rest {
            [b'=', high, low, after @ ..] => hex(*high).zip(hex(*low)).map(|pair| (pair, after)),
            _ => None,
        };
        if let Some(((high, low), after)) = escaped {
            octets.push(high << 4 | low);
            rest = after;
        } else {
            octets.push(if *first == b'_' { b' ' } else { *first });
            rest = tail;
        }
    }
}

/// The value of a hexadecimal digit.
pub(crate) fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
