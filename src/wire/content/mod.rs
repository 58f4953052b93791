//! The content of a part: its transfer encoding and its charset decoded while it is read.

mod base64;
pub(crate) mod charset;
mod pieces;
mod quoted_printable;
mod uuencode;

use std::fmt;
use std::io::{self, BufRead, Read, Write};

pub(crate) use crate::wire::content::base64::Base64;
pub(crate) use crate::wire::content::pieces::{Pieces, Reading};

use crate::printable::Printable;
use crate::wire::content::charset::{Charset, ToUtf8};
use crate::wire::content::quoted_printable::QuotedPrintable;
use crate::wire::content::uuencode::UuEncode;

/// The octets that are read at once; with the decoded content, less than 256 KiB.
const READ: usize = 32 * 1024;

/// A content transfer encoding (RFC 2045 section 6).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransferEncoding {
    /// 7BIT, 8BIT or BINARY: the octets are not encoded.
    Identity,
    /// BASE64.
    Base64,
    /// QUOTED-PRINTABLE.
    QuotedPrintable,
    /// X-UUENCODE: files between the lines `begin` and `end`, or `begin-base64` and `====`.
    ///
    /// [`Decoded`] returns them one after another.
    UuEncode,
    /// An encoding that this crate does not know, such as X-YENCODE or X-BINHEX40.
    ///
    /// The value is the name that was given. [`Decoded`] leaves its octets as they are.
    Unknown(Box<str>),
}

/// A reader that decodes content: the transfer encoding of a part, and on request its charset.
///
/// It reads from a [`Download`](crate::command::Download), or from octets in memory. It uses less
/// than 256 KiB, whatever the length of the content.
///
/// It accepts what mailers write, also if it violates RFC 2045. In base64, octets outside the
/// alphabet are discarded, and a missing end is no error; what follows the padding, or the last of
/// several lines of one length, is discarded if it is text, such as the footer of a mailing list,
/// and not a further piece of base64. In quoted-printable, a `=` that begins no escape
/// stands for itself, hexadecimal digits may be in lower case, and blanks at the end of a line are
/// removed. It never fails by itself: every error is that of the reader.
///
/// ```
/// use std::io::Read;
/// use latchbox::message::{Decoded, TransferEncoding};
///
/// let mut text = String::new();
/// let encoding = TransferEncoding::of("quoted-printable");
/// Decoded::new(&b"Gr=FC=DFe=\r\n!"[..], encoding)
///     .charset("iso-8859-1")
///     .read_to_string(&mut text)?;
/// assert_eq!(text, "Gr\u{fc}\u{df}e!");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Decoded<R> {
    inner: R,
    transfer: Transfer,
    to_utf8: Option<ToUtf8>,
    /// The transfer encoding, if this crate does not know it.
    undecoded_encoding: Option<Box<str>>,
    /// The charset, if this crate does not know it.
    undecoded: Option<Box<str>>,
    raw: Vec<u8>,
    /// Content without its transfer encoding, to be converted to UTF-8.
    content: Vec<u8>,
    decoded: Vec<u8>,
    /// The position in `decoded` up to which it has been read.
    read: usize,
    is_over: bool,
}

enum Transfer {
    Identity,
    Base64(Base64),
    QuotedPrintable(QuotedPrintable),
    UuEncode(Box<UuEncode>),
}

impl TransferEncoding {
    /// The encoding of this name from a server or a header, in any case, with or without hyphens.
    ///
    /// What follows the name, such as a comment or a parameter, is ignored. The name of a charset,
    /// or a number of bits such as `16bit`, is [`Identity`](Self::Identity): mailers that write one
    /// here encode nothing.
    ///
    /// ```
    /// use latchbox::message::TransferEncoding;
    ///
    /// assert_eq!(TransferEncoding::of("Base64 "), TransferEncoding::Base64);
    /// assert_eq!(TransferEncoding::of("x-uue"), TransferEncoding::UuEncode);
    /// assert_eq!(TransferEncoding::of("X-yEnc"), TransferEncoding::Unknown("X-yEnc".into()));
    /// ```
    pub fn of(name: &str) -> Self {
        let known = names(name).find_map(Self::known);
        known.unwrap_or_else(|| match names(name).next().unwrap_or_default() {
            name if Charset::of(name).is_some() => Self::Identity,
            name => Self::Unknown(name.into()),
        })
    }

    fn known(name: &str) -> Option<Self> {
        let letters = name.bytes().filter(u8::is_ascii_alphanumeric);
        let key: Vec<u8> = letters.take(32).map(|b| b.to_ascii_lowercase()).collect();
        Some(match key.strip_prefix(b"x").unwrap_or(&key) {
            b"base64" => Self::Base64,
            b"quotedprintable" | b"quotedprintible" => Self::QuotedPrintable,
            b"uuencode" | b"uuencoded" | b"uue" | b"uu" => Self::UuEncode,
            // And what is meant as one of the three.
            b"" | b"7bit" | b"8bit" | b"binary" | b"7bitascii" | b"8bitmime" | b"7" | b"8"
            | b"none" | b"identity" | b"plain" | b"text" | b"ascii" | b"usascii" | b"utf8"
            | b"unknown" => Self::Identity,
            key if is_number_of_bits(key) => Self::Identity,
            _ => return None,
        })
    }

    /// Whether servers decode it, so that a server can be asked to (BINARY, RFC 3516).
    pub(crate) fn is_worth_binary(&self) -> bool {
        matches!(self, Self::Base64 | Self::QuotedPrintable)
    }
}

/// The names that may be meant, most likely first: all of the text, and what precedes other text.
fn names(text: &str) -> impl Iterator<Item = &str> {
    fn bare(text: &str) -> &str {
        text.trim_matches(|c: char| c.is_whitespace() || "\"';".contains(c))
    }
    let comment = text.trim_start().strip_prefix('(');
    let behind_comment = comment.and_then(|rest| rest.split_once(')'));
    let text = bare(behind_comment.map_or(text, |(_, rest)| rest));
    let before = |is_end: fn(char) -> bool| text.split(is_end).next().map(bare);
    let one = before(|c| matches!(c, ';' | ',' | '('));
    let word = before(|c| c.is_whitespace() || matches!(c, ';' | ',' | '('));
    let others = [one, word].into_iter().flatten();
    std::iter::once(text).chain(others.filter(|name| !name.is_empty()))
}

/// `8bit`, `7bits`, also with a number that means nothing.
fn is_number_of_bits(key: &[u8]) -> bool {
    let key = key.strip_suffix(b"s").unwrap_or(key);
    let number = key.strip_suffix(b"bit").unwrap_or_default();
    !number.is_empty() && number.iter().all(u8::is_ascii_digit)
}

impl<R> Decoded<R> {
    /// A reader of the octets of `inner` without this transfer encoding.
    pub fn new(inner: R, encoding: TransferEncoding) -> Self {
        let mut undecoded_encoding = None;
        let transfer = match encoding {
            TransferEncoding::Identity => Transfer::Identity,
            TransferEncoding::Unknown(name) => {
                undecoded_encoding = Some(name);
                Transfer::Identity
            }
            TransferEncoding::UuEncode => Transfer::UuEncode(Box::default()),
            TransferEncoding::Base64 => Transfer::Base64(Base64::default()),
            TransferEncoding::QuotedPrintable => {
                Transfer::QuotedPrintable(QuotedPrintable::default())
            }
        };
        Self {
            inner,
            transfer,
            to_utf8: None,
            undecoded_encoding,
            undecoded: None,
            raw: Vec::new(),
            content: Vec::new(),
            decoded: Vec::new(),
            read: 0,
            is_over: false,
        }
    }

    /// Decodes the charset too, so that this reader returns UTF-8. Call it before anything is read.
    ///
    /// If this crate does not know the charset ([`Charset`] lists those that it knows), the octets
    /// stay as they are, and [`undecoded_charset`](Self::undecoded_charset) names it; likewise if
    /// it does not know the transfer encoding.
    #[must_use]
    pub fn charset(mut self, name: &str) -> Self {
        let known = Charset::of(name).filter(|_| self.undecoded_encoding.is_none());
        self.undecoded = known.is_none().then(|| name.into());
        self.to_utf8 = Some(known.map_or_else(|| ToUtf8::unknown(name), Charset::to_utf8));
        self
    }

    /// The charset that the octets are still in, if this crate could not decode it.
    ///
    /// `None` if the charset is decoded, or [`charset`](Self::charset) was not called. Also `None`
    /// once everything has been read if all of it was ASCII or UTF-8, without the octets by which
    /// charsets shift to other characters (ESC, SO, SI, NUL; `~` in HZ): then it is text, whatever
    /// the name of its charset, except UTF-16 and UTF-32.
    pub fn undecoded_charset(&self) -> Option<&str> {
        let is_text = self.is_over && self.to_utf8.as_ref().is_some_and(ToUtf8::is_text);
        self.undecoded.as_deref().filter(|_| !is_text)
    }

    /// The transfer encoding that the octets are still in, if this crate does not know it.
    ///
    /// Also `x-uuencode` once all octets have been read, if no file begins among them; then they
    /// are returned as they are.
    ///
    /// ```
    /// use latchbox::message::{Decoded, TransferEncoding};
    ///
    /// let content = Decoded::new(&b"=ybegin"[..], TransferEncoding::of("x-yencode"));
    /// assert_eq!(content.undecoded_encoding(), Some("x-yencode"));
    /// ```
    pub fn undecoded_encoding(&self) -> Option<&str> {
        match &self.transfer {
            Transfer::UuEncode(file) if file.is_missing() => Some("x-uuencode"),
            _ => self.undecoded_encoding.as_deref(),
        }
    }

    /// The reader that content is read from, such as the download, for its progress.
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// Returns the reader. Octets that were read from it, but not yet from this one, are lost.
    pub fn into_inner(self) -> R {
        self.inner
    }
}

impl<R: Read> Decoded<R> {
    /// Writes all octets that have not been read yet, and returns their number.
    ///
    /// # Errors
    ///
    /// Those of the reader and of the writer. An error of a download is inside the [`io::Error`];
    /// [`Error::from`](crate::Error) and the operator `?` turn it back into an error of this crate.
    pub fn copy_to(&mut self, writer: &mut (impl Write + ?Sized)) -> io::Result<u64> {
        let mut written = 0;
        loop {
            let octets = self.fill_buf()?;
            if octets.is_empty() {
                return Ok(written);
            }
            writer.write_all(octets)?;
            let count = octets.len();
            written += u64::try_from(count).unwrap_or(u64::MAX);
            self.consume(count);
        }
    }

    fn decode_some(&mut self) -> io::Result<()> {
        let size = match self.transfer {
            // A short line can stand for many octets.
            Transfer::UuEncode(_) => READ / 16,
            _ => READ,
        };
        self.raw.resize(size, 0);
        let read = loop {
            match self.inner.read(&mut self.raw) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.decoded.clear();
        self.read = 0;
        self.is_over = read == 0;
        let raw = self.raw.get(..read).unwrap_or_default();
        match &mut self.to_utf8 {
            None => self.transfer.decode(raw, &mut self.decoded),
            Some(to_utf8) => {
                self.content.clear();
                self.transfer.decode(raw, &mut self.content);
                to_utf8.decode(&self.content, self.is_over, &mut self.decoded);
            }
        }
        Ok(())
    }
}

impl Transfer {
    /// Decodes the next octets; no octets mean the end.
    fn decode(&mut self, raw: &[u8], to: &mut Vec<u8>) {
        match self {
            Self::Identity => to.extend_from_slice(raw),
            Self::Base64(base64) => base64.decode(raw, to),
            Self::QuotedPrintable(quoted) => quoted.decode(raw, to),
            Self::UuEncode(file) => file.decode(raw, to),
        }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        if place.is_empty() {
            return Ok(0);
        }
        let read = self.fill_buf()?.read(place)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.read >= self.decoded.len() && !self.is_over {
            self.decode_some()?;
        }
        Ok(self.decoded.get(self.read..).unwrap_or_default())
    }

    fn consume(&mut self, octets: usize) {
        self.read = self.read.saturating_add(octets).min(self.decoded.len());
    }
}

impl<R: fmt::Debug> fmt::Debug for Decoded<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoded")
            .field("inner", &self.inner)
            .field("undecoded_encoding", &self.undecoded_encoding())
            .field("undecoded_charset", &self.undecoded)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for TransferEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity => f.write_str("identity"),
            Self::Base64 => f.write_str("base64"),
            Self::QuotedPrintable => f.write_str("quoted-printable"),
            Self::UuEncode => f.write_str("x-uuencode"),
            Self::Unknown(name) => Printable(name).fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
