//! The commands of the client, as lines and literals.
//!
//! No text of the caller reaches a line unchecked, and no literal is sent before its continuation
//! request.

pub(crate) mod parts;
#[cfg(test)]
mod tests;

use std::fmt::{self, Write};
use std::num::NonZeroU32;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use smallvec::SmallVec;
use zeroize::Zeroizing;

use crate::types::capability::{Capabilities, Capability};
use crate::types::flag::{Flag, InvalidFlag};
use crate::types::label::Label;
use crate::types::mailbox_name::MailboxName;
use crate::types::message_set::MessageSet;
use crate::types::number_range::Piece;
use crate::types::number_set::NumberSet;
use crate::wire::encoder::parts::{Mark, Part, Stop};
use crate::wire::octet::is_quoted;
use crate::wire::utf7;

/// Strings up to this length are quoted if possible; longer ones are literals.
const LONGEST_QUOTED: usize = 1024;

/// The abilities of the server, as of its last CAPABILITY.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Abilities {
    /// The longest literal that may be sent without a continuation request (LITERAL+, LITERAL-).
    pub(crate) literal_at_once: u64,
    /// Whether strings may hold UTF-8 (UTF8=ACCEPT enabled, or IMAP4rev2).
    pub(crate) utf8: bool,
    /// Whether literals may hold NUL (BINARY).
    pub(crate) binary: bool,
    /// Whether values of metadata can be set.
    pub(crate) metadata: bool,
    /// Whether a message with UTF-8 in its header has to be announced as one (RFC 6855).
    pub(crate) utf8_append: bool,
    /// Whether the server accepts no name before UTF-8 is enabled (UTF8=ONLY).
    pub(crate) needs_utf8: bool,
}

/// Text that the protocol cannot represent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unencodable {
    pub(crate) argument: &'static str,
    pub(crate) problem: &'static str,
}

/// A command under construction; the methods have the names of the grammar.
#[derive(Debug)]
pub(crate) struct Encoder<'a> {
    line: Vec<u8>,
    /// Most commands have none, and few have more than two.
    stops: SmallVec<[Stop<'a>; 2]>,
    abilities: Abilities,
}

/// The capabilities of values that are a `literal8` (RFC 5464 section 5).
const METADATA: [Capability; 2] = [Capability::Metadata, Capability::MetadataServer];

impl Abilities {
    /// Whether the server accepts a `literal8` in any command.
    ///
    /// With BINARY (RFC 3516), any command with a message accepts it; without it, APPEND with UTF-8
    /// (RFC 6855) and values of metadata do.
    fn takes_literal8(self) -> bool {
        self.binary || self.utf8_append || self.metadata
    }

    pub(crate) fn of(capabilities: &Capabilities, utf8: bool) -> Self {
        let literal_at_once = match () {
            () if capabilities.allows_literal_plus() => u64::MAX,
            () if capabilities.supports(&Capability::LiteralMinus) => 4096,
            () => 0,
        };
        Self {
            literal_at_once,
            utf8,
            binary: capabilities.supports(&Capability::Binary),
            metadata: METADATA.iter().any(|it| capabilities.supports(it)),
            utf8_append: false,
            needs_utf8: !utf8 && capabilities.contains(&Capability::Utf8Only),
        }
    }
}

impl<'a> Encoder<'a> {
    /// Begins a line in `line`, which is emptied and reused.
    pub(crate) fn new(mut line: Vec<u8>, abilities: Abilities) -> Self {
        line.clear();
        Self {
            line,
            stops: SmallVec::new(),
            abilities,
        }
    }

    /// Writes text of this crate.
    pub(crate) fn raw(&mut self, words: &str) -> &mut Self {
        self.line.extend_from_slice(words.as_bytes());
        self
    }

    /// Writes the tag that begins a command, and a space.
    pub(crate) fn tag(&mut self, tag: &[u8]) -> &mut Self {
        self.line.extend_from_slice(tag);
        self.sp()
    }

    /// Writes one space.
    pub(crate) fn sp(&mut self) -> &mut Self {
        self.line.push(b' ');
        self
    }

    /// Writes a value whose `Display` is its wire form: a number, a set, a section.
    pub(crate) fn display(&mut self, value: impl fmt::Display) -> &mut Self {
        let _ = write!(Octets(&mut self.line), "{value}");
        self
    }

    /// Writes octets in base64; `=` stands for none (RFC 4959).
    pub(crate) fn base64(&mut self, octets: &[u8]) -> &mut Self {
        if octets.is_empty() {
            return self.raw("=");
        }
        let encoded = Zeroizing::new(BASE64_STANDARD.encode(octets));
        self.raw(&encoded)
    }

    /// Writes a set of sequence numbers.
    pub(crate) fn sequence_set(&mut self, numbers: &NumberSet) -> &mut Self {
        match numbers.is_saved() {
            true => self.raw("$"),
            false => self.pieces(numbers.pieces()),
        }
    }

    /// Writes a set of UIDs.
    ///
    /// A server takes `n:*` for the highest UID if that is below `n` (RFC 9051 section 9), so a
    /// form that names no UID below `n` is written instead: `n:4294967295`.
    pub(crate) fn uid_set(&mut self, numbers: &NumberSet) -> &mut Self {
        match numbers.is_saved() {
            true => self.raw("$"),
            false => self.pieces(numbers.pieces_none_below()),
        }
    }

    /// Sets are long: their numbers are written as digits, without a formatter.
    fn pieces(&mut self, pieces: impl Iterator<Item = Piece>) -> &mut Self {
        for (place, piece) in pieces.enumerate() {
            self.raw(if place > 0 { "," } else { "" });
            self.number(piece.first);
            if piece.first != piece.last {
                self.raw(":").number(piece.last);
            }
        }
        self
    }

    /// Writes a number; `None` is `*`.
    fn number(&mut self, number: Option<NonZeroU32>) -> &mut Self {
        match number {
            Some(number) => self.digits(number.get().into()),
            None => self.raw("*"),
        }
    }

    /// Writes a number without a formatter.
    fn digits(&mut self, number: u64) -> &mut Self {
        let (mut digits, mut rest, mut count) = ([0; 20], number, 0);
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            (rest, count) = (rest / 10, count + 1);
            if rest == 0 {
                break;
            }
        }
        let digits = digits.get(digits.len() - count..);
        self.line.extend_from_slice(digits.unwrap_or_default());
        self
    }

    /// Writes a set for a command in its UID form, or in the other.
    pub(crate) fn message_set<S: MessageSet>(&mut self, numbers: &NumberSet) -> &mut Self {
        match S::UID {
            true => self.uid_set(numbers),
            false => self.sequence_set(numbers),
        }
    }

    /// `astring` and `string`: quoted if possible, else a literal.
    pub(crate) fn string(
        &mut self,
        argument: &'static str,
        text: &str,
    ) -> Result<&mut Self, Unencodable> {
        let bytes = text.as_bytes();
        if bytes.len() <= LONGEST_QUOTED && bytes.iter().copied().all(is_quoted) {
            self.quoted_plain(bytes);
            return Ok(self);
        }
        let quotable = bytes.len() <= LONGEST_QUOTED
            && bytes.iter().all(|b| !matches!(b, b'\r' | b'\n' | 0))
            && (self.abilities.utf8 || text.is_ascii());
        if quotable {
            self.quoted(bytes);
            return Ok(self);
        }
        self.literal_in_line(argument, bytes)
    }

    /// `astring` in another charset than UTF-8: quoted if it is printable ASCII.
    pub(crate) fn string_of_octets(
        &mut self,
        argument: &'static str,
        octets: &[u8],
    ) -> Result<&mut Self, Unencodable> {
        let is_printable = octets.iter().all(|byte| (b' '..0x7f).contains(byte));
        if octets.len() <= LONGEST_QUOTED && is_printable {
            self.quoted(octets);
            return Ok(self);
        }
        self.literal_in_line(argument, octets)
    }

    /// `mailbox`: modified UTF-7, or UTF-8 if it is enabled.
    ///
    /// Invalid octets of a server's own name are sent back unchanged.
    pub(crate) fn mailbox(&mut self, name: &MailboxName) -> Result<&mut Self, Unencodable> {
        const ARGUMENT: &str = "mailbox name";
        self.check_may_name(ARGUMENT)?;
        let is_plain = |octet: &u8| is_quoted(*octet) && *octet != b'&';
        let text = name.as_str().as_bytes();
        match name.wire() {
            // Most names.
            None if text.len() <= LONGEST_QUOTED && text.iter().all(is_plain) => {
                self.quoted_plain(text);
                Ok(self)
            }
            Some(wire) if wire.iter().any(|b| !(b' '..0x7f).contains(b)) => {
                self.literal_in_line(ARGUMENT, wire)
            }
            Some(wire) => {
                self.quoted(wire);
                Ok(self)
            }
            None if self.abilities.utf8 || utf7::is_itself(name.as_str()) => {
                self.string(ARGUMENT, name.as_str())
            }
            None => self.string(ARGUMENT, &utf7::encode(name.as_str())),
        }
    }

    /// `list-mailbox`: a pattern, in which `%` and `*` are wildcards.
    pub(crate) fn list_mailbox(&mut self, pattern: &str) -> Result<&mut Self, Unencodable> {
        self.check_may_name("pattern")?;
        match self.abilities.utf8 {
            true => self.string("pattern", pattern),
            false => self.string("pattern", &utf7::encode(pattern)),
        }
    }

    /// Rejects names that a server with UTF8=ONLY refuses (RFC 6855 section 6).
    fn check_may_name(&self, argument: &'static str) -> Result<(), Unencodable> {
        match self.abilities.needs_utf8 {
            true => Err(Unencodable {
                argument,
                problem: "the server accepts only UTF-8 (UTF8=ONLY), and UTF8=ACCEPT is not enabled; \
                          a login enables it, except with `without_utf8`",
            }),
            false => Ok(()),
        }
    }

    /// `flag-list`, with its parentheses.
    pub(crate) fn flag_list<'f>(
        &mut self,
        flags: impl IntoIterator<Item = &'f Flag>,
    ) -> Result<&mut Self, InvalidFlag> {
        self.raw("(");
        for (place, flag) in flags.into_iter().enumerate() {
            flag.check()?;
            self.raw(if place > 0 { " " } else { "" });
            let (backslash, name) = flag.wire_form();
            self.raw(backslash).raw(name);
        }
        Ok(self.raw(")"))
    }

    /// Writes a label of Gmail: system labels as they are, the user's like mailbox names.
    pub(crate) fn label(&mut self, label: &Label) -> Result<&mut Self, Unencodable> {
        const ARGUMENT: &str = "label";
        match label.wire() {
            Some(wire) => self.literal_in_line(ARGUMENT, wire),
            None if label.is_system() => Ok(self.raw(label.as_str())),
            None if self.abilities.utf8 => self.string(ARGUMENT, label.as_str()),
            None => self.string(ARGUMENT, &utf7::encode(label.as_str())),
        }
    }

    /// The labels of X-GM-LABELS, with their parentheses.
    pub(crate) fn label_list<'l>(
        &mut self,
        labels: impl IntoIterator<Item = &'l Label>,
    ) -> Result<&mut Self, Unencodable> {
        self.raw("(");
        for (place, label) in labels.into_iter().enumerate() {
            self.raw(if place > 0 { " " } else { "" }).label(label)?;
        }
        Ok(self.raw(")"))
    }

    /// Writes a literal that is sent without a copy.
    pub(crate) fn literal(
        &mut self,
        argument: &'static str,
        body: &'a [u8],
    ) -> Result<&mut Self, Unencodable> {
        let wait = self.literal_header(argument, body)?;
        self.stops.push(Stop {
            at: self.line.len(),
            wait,
            body,
        });
        Ok(self)
    }

    /// Like [`literal`](Self::literal), but always a `literal8`.
    ///
    /// It is rejected if the server does not support this form: it would read the octets as
    /// commands.
    pub(crate) fn literal8(
        &mut self,
        argument: &'static str,
        body: &'a [u8],
    ) -> Result<&mut Self, Unencodable> {
        self.check_binary(argument, body)?;
        if !self.abilities.takes_literal8() {
            let problem = "requires a literal8, and the server does not have BINARY";
            return Err(Unencodable { argument, problem });
        }
        let wait = self.literal8_length(body.len());
        self.stops.push(Stop {
            at: self.line.len(),
            wait,
            body,
        });
        Ok(self)
    }

    /// `nstring / literal8`: a value of any octets, or none (RFC 5464).
    pub(crate) fn value(&mut self, value: Option<&'a [u8]>) -> &mut Self {
        let Some(value) = value else {
            return self.raw("NIL");
        };
        let is_printable = value.iter().all(|byte| (b' '..0x7f).contains(byte));
        if value.len() <= LONGEST_QUOTED && is_printable {
            self.quoted(value);
            return self;
        }
        let wait = match memchr::memchr(0, value) {
            Some(_) => self.literal8_length(value.len()),
            None => self.literal_length(value.len()),
        };
        self.stops.push(Stop {
            at: self.line.len(),
            wait,
            body: value,
        });
        self
    }

    /// Writes the length of a literal whose octets follow piece by piece.
    pub(crate) fn literal_announced(&mut self, len: u64) -> &mut Self {
        let wait = self.literal_length(len);
        self.announced(wait)
    }

    /// Writes the length of a `literal8` whose octets follow piece by piece.
    pub(crate) fn literal8_announced(&mut self, len: u64) -> &mut Self {
        let wait = self.literal8_length(len);
        self.announced(wait)
    }

    fn announced(&mut self, wait: bool) -> &mut Self {
        if wait {
            let at = self.line.len();
            let body = &[];
            self.stops.push(Stop { at, wait, body });
        }
        self
    }

    /// Octets of a literal that was announced, sent without a copy.
    pub(crate) fn octets(&mut self, body: &'a [u8]) -> &mut Self {
        self.stops.push(Stop {
            at: self.line.len(),
            wait: false,
            body,
        });
        self
    }

    /// The abilities of the server.
    pub(crate) fn abilities(&self) -> Abilities {
        self.abilities
    }

    /// Whether the command is a single line, without a wait.
    pub(crate) fn is_a_line(&self) -> bool {
        self.stops.is_empty()
    }

    /// The parts of the finished command up to its last stop, in the order of sending.
    pub(crate) fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let mut start = 0;
        self.stops.iter().map(move |stop| {
            let line = self.line.get(start..stop.at).unwrap_or_default();
            start = stop.at;
            Part {
                line,
                waits: stop.wait,
                body: stop.body,
            }
        })
    }

    /// The line after the last part.
    pub(crate) fn rest(&self) -> &[u8] {
        let start = self.stops.last().map_or(0, |stop| stop.at);
        self.line.get(start..).unwrap_or_default()
    }

    /// The current position.
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            line: self.line.len(),
            stops: self.stops.len(),
        }
    }

    /// Removes what was written since.
    pub(crate) fn back_to(&mut self, mark: Mark) {
        self.line.truncate(mark.line);
        self.stops.truncate(mark.stops);
    }

    /// The octets written since, and those of them that are not in the line.
    pub(crate) fn octets_since(&self, mark: Mark) -> (usize, usize) {
        let bodies = self.stops_since(mark).iter().map(|stop| stop.body.len());
        (self.line.len().saturating_sub(mark.line), bodies.sum())
    }

    /// The continuation requests that what was written since needs.
    pub(crate) fn waits_since(&self, mark: Mark) -> usize {
        let stops = self.stops_since(mark).iter();
        stops.filter(|stop| stop.wait).count()
    }

    /// The continuation requests that the whole command needs.
    pub(crate) fn waits(&self) -> usize {
        self.stops.iter().filter(|stop| stop.wait).count()
    }

    fn stops_since(&self, mark: Mark) -> &[Stop<'a>] {
        self.stops.get(mark.stops..).unwrap_or_default()
    }

    /// The line that was written since, for the log.
    pub(crate) fn line_since(&self, mark: Mark) -> &[u8] {
        self.line.get(mark.line..).unwrap_or_default()
    }

    /// The line so far, for the log.
    pub(crate) fn line(&self) -> &[u8] {
        &self.line
    }

    /// Returns the line's buffer, to be reused for the next command.
    pub(crate) fn into_line(self) -> Vec<u8> {
        self.line
    }

    /// A quoted string of octets that need [no escape](is_quoted).
    fn quoted_plain(&mut self, octets: &[u8]) {
        self.line.reserve(octets.len() + 2);
        self.line.push(b'"');
        self.line.extend_from_slice(octets);
        self.line.push(b'"');
    }

    fn quoted(&mut self, bytes: &[u8]) {
        self.line.push(b'"');
        let mut rest = bytes;
        while let Some(at) = memchr::memchr2(b'"', b'\\', rest) {
            let (plain, special) = rest.split_at(at);
            self.line.extend_from_slice(plain);
            self.line.push(b'\\');
            self.line.extend(special.first());
            rest = special.get(1..).unwrap_or_default();
        }
        self.line.extend_from_slice(rest);
        self.line.push(b'"');
    }

    fn literal_in_line(
        &mut self,
        argument: &'static str,
        bytes: &[u8],
    ) -> Result<&mut Self, Unencodable> {
        if bytes.contains(&0) {
            return Err(Unencodable {
                argument,
                problem: "contains a NUL",
            });
        }
        if self.literal_header(argument, bytes)? {
            self.stops.push(Stop {
                at: self.line.len(),
                wait: true,
                body: &[],
            });
        }
        self.line.extend_from_slice(bytes);
        Ok(self)
    }

    /// Writes the header of a literal; returns whether it needs a continuation request.
    fn literal_header(
        &mut self,
        argument: &'static str,
        bytes: &[u8],
    ) -> Result<bool, Unencodable> {
        Ok(match self.check_binary(argument, bytes)? {
            true => self.literal8_length(bytes.len()),
            false => self.literal_length(bytes.len()),
        })
    }

    /// Whether there is a NUL; an error if the server does not allow it.
    fn check_binary(&self, argument: &'static str, bytes: &[u8]) -> Result<bool, Unencodable> {
        let has_nul = memchr::memchr(0, bytes).is_some();
        if has_nul && !self.abilities.binary {
            let problem = "contains a NUL, and the server does not have BINARY";
            return Err(Unencodable { argument, problem });
        }
        Ok(has_nul)
    }

    /// Like [`literal_length`](Self::literal_length), for a `literal8`.
    ///
    /// It is sent without waiting only to a server with BINARY: another one may support the form in
    /// some commands only.
    fn literal8_length(&mut self, length: impl TryInto<u64>) -> bool {
        self.raw("~");
        if self.abilities.binary {
            return self.literal_length(length);
        }
        let length = length.try_into().unwrap_or(u64::MAX);
        self.raw("{").digits(length).raw("}\r\n");
        true
    }

    /// Writes the length of a literal; returns whether it needs a continuation request.
    fn literal_length(&mut self, length: impl TryInto<u64>) -> bool {
        let length = length.try_into().unwrap_or(u64::MAX);
        let at_once = self.abilities.literal_at_once;
        let wait = length > at_once || at_once == 0;
        let end = if wait { "}\r\n" } else { "+}\r\n" };
        self.line.push(b'{');
        self.digits(length).raw(end);
        wait
    }
}

/// `fmt::Write` on octets; it cannot fail.
struct Octets<'a>(&'a mut Vec<u8>);

impl Write for Octets<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
