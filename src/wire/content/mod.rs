//! The content of a part: its transfer encoding and its charset undone while it is read.

mod base64;
pub(crate) mod charset;
mod quoted_printable;

use std::fmt;
use std::io::{self, BufRead, Read, Write};

use crate::wire::content::base64::Base64;
use crate::wire::content::charset::{Charset, ToUtf8};
use crate::wire::content::quoted_printable::QuotedPrintable;

/// How much is read at once: with what comes of it, less than 256 KiB.
const READ: usize = 32 * 1024;

/// How the octets of a part were made fit for mail (RFC 2045 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransferEncoding {
    /// They are as they were: 7BIT, 8BIT, BINARY, and every encoding that is not known here.
    Identity,
    /// BASE64.
    Base64,
    /// QUOTED-PRINTABLE.
    QuotedPrintable,
}

/// A reader whose content is decoded on the way: the transfer encoding of a part undone, and on
/// request its charset.
///
/// Of a [`Download`](crate::command::Download), or of octets in memory. It takes less than
/// 256 KiB, whatever the length.
///
/// It reads what mailers write, not only what they should. In base64, octets outside the alphabet
/// are passed over, a missing end is forgiven, and several pieces may follow each other. In
/// quoted-printable a `=` that begins no escape stands for itself, digits may be small letters, and
/// blanks at the end of a line are taken off. It never fails by itself: every error is the
/// reader's.
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
    /// A charset that is not known here.
    undecoded: Option<Box<str>>,
    raw: Vec<u8>,
    /// Content without its transfer encoding, on its way to UTF-8.
    content: Vec<u8>,
    decoded: Vec<u8>,
    /// Up to here, `decoded` has been read.
    read: usize,
    is_over: bool,
}

enum Transfer {
    Identity,
    Base64(Base64),
    QuotedPrintable(QuotedPrintable),
}

impl TransferEncoding {
    /// By the name that a server or a header gives to it; [`Identity`](Self::Identity) if it is
    /// not known.
    pub fn of(name: &str) -> Self {
        let is = |known: &str| name.trim().eq_ignore_ascii_case(known);
        if is("base64") {
            Self::Base64
        } else if is("quoted-printable") {
            Self::QuotedPrintable
        } else {
            Self::Identity
        }
    }

    /// Whether there is anything to decode here, and so anything that a server could do instead.
    pub(crate) fn is_worth_binary(self) -> bool {
        self != Self::Identity
    }
}

impl<R> Decoded<R> {
    /// What `inner` reads, without its transfer encoding.
    pub fn new(inner: R, encoding: TransferEncoding) -> Self {
        let transfer = match encoding {
            TransferEncoding::Identity => Transfer::Identity,
            TransferEncoding::Base64 => Transfer::Base64(Base64::default()),
            TransferEncoding::QuotedPrintable => {
                Transfer::QuotedPrintable(QuotedPrintable::default())
            }
        };
        Self {
            inner,
            transfer,
            to_utf8: None,
            undecoded: None,
            raw: Vec::new(),
            content: Vec::new(),
            decoded: Vec::new(),
            read: 0,
            is_over: false,
        }
    }

    /// The same as UTF-8, from this charset; to be said before anything is read.
    ///
    /// Where the charset is not known ([`Charset`] says which are), the octets stay as they are,
    /// and [`undecoded_charset`](Self::undecoded_charset) names it.
    #[must_use]
    pub fn charset(mut self, name: &str) -> Self {
        self.to_utf8 = Charset::of(name).map(Charset::to_utf8);
        self.undecoded = self.to_utf8.is_none().then(|| name.into());
        self
    }

    /// The charset that the octets are still in, because it is not known here.
    pub fn undecoded_charset(&self) -> Option<&str> {
        self.undecoded.as_deref()
    }

    /// What is read from, such as the download, for its progress.
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// What is read from. Octets that were read from it and not yet from this are lost.
    pub fn into_inner(self) -> R {
        self.inner
    }
}

impl<R: Read> Decoded<R> {
    /// Writes all that has not been read yet; how many octets that were.
    ///
    /// # Errors
    ///
    /// The reader's and the writer's. Those of a download lie inside the [`io::Error`], and are
    /// the crate's own again by [`Error::from`](crate::Error), such as `?` does it.
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
        self.raw.resize(READ, 0);
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
    /// Decodes the next octets; the end, when there are none.
    fn decode(&mut self, raw: &[u8], to: &mut Vec<u8>) {
        match self {
            Self::Identity => to.extend_from_slice(raw),
            Self::Base64(base64) => base64.decode(raw, to),
            Self::QuotedPrintable(quoted) => quoted.decode(raw, to),
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
            .field("undecoded_charset", &self.undecoded)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
