//! A message for APPEND: its octets, from any source, and the options for storing it.

use std::borrow::Cow;
use std::fmt;
use std::io::Read;

use crate::types::date_time::DateTime;
use crate::types::flag::Flag;
use crate::types::message_url::MessageUrl;

/// The options for storing a message.
#[derive(Clone, Debug, Default)]
pub(crate) struct AppendOptions {
    pub(crate) flags: Vec<Flag>,
    pub(crate) internal_date: Option<DateTime>,
    pub(crate) binary: bool,
    pub(crate) utf8_headers: bool,
}

/// A message to be stored, with flags and date.
///
/// It is given as octets, as a reader that returns them, or as parts that the server assembles.
///
/// The octets are stored as they are given: lines have to end in CR LF, and nothing is added.
///
/// ```
/// use latchbox::types::{Flag, NewMessage};
///
/// let message = NewMessage::new(b"Subject: hello\r\n\r\nHello!\r\n").flags([Flag::Seen]);
/// # let _ = message;
/// ```
pub struct NewMessage<'a> {
    pub(crate) source: Source<'a>,
    pub(crate) options: AppendOptions,
}

/// The source of a message's octets.
pub(crate) enum Source<'a> {
    Octets(Cow<'a, [u8]>),
    Reader(Box<dyn Read + 'a>, u64),
    Parts(Vec<CatenatePart<'a>>),
}

/// A part of a message that the server assembles (CATENATE, RFC 4469).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CatenatePart<'a> {
    /// These octets.
    Text(&'a [u8]),
    /// A message that the server already has, or a section of one.
    Url(MessageUrl),
}

impl<'a> NewMessage<'a> {
    /// Creates a message from octets; they are sent without being copied.
    #[must_use]
    pub fn new(octets: impl Into<Cow<'a, [u8]>>) -> Self {
        Self::of(Source::Octets(octets.into()))
    }

    /// Creates a message of exactly `len` octets that are read while they are sent.
    ///
    /// The buffer has at most 64 KiB.
    ///
    /// The reader has to end after them; one more octet is read to verify that. If the reader
    /// returns fewer or more octets or fails after something was sent, the connection is closed,
    /// because the server waits for the announced number: see
    /// [`ReaderError`](crate::error::ReaderError). To send the beginning of a longer reader, limit
    /// it with [`Read::take`].
    ///
    /// The reader is called while the connection is in use: a call of the session from within it
    /// returns [`Error::StreamOpen`](crate::Error::StreamOpen).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use std::io::{self, Read};
    /// use latchbox::types::NewMessage;
    ///
    /// /// Prints how far the upload is.
    /// struct Progress<R>(R, u64);
    ///
    /// impl<R: Read> Read for Progress<R> {
    ///     fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
    ///         let count = self.0.read(buffer)?;
    ///         self.1 += count as u64;
    ///         println!("{} octets", self.1);
    ///         Ok(count)
    ///     }
    /// }
    ///
    /// # let directory = std::env::temp_dir().join(format!("latchbox-{}", std::process::id()));
    /// # std::fs::create_dir_all(&directory)?;
    /// # let path = directory.join("message.eml");
    /// # std::fs::write(&path, "Subject: large\r\n\r\n".to_owned() + &"x".repeat(100_000))?;
    /// let file = std::fs::File::open(&path)?;
    /// let len = file.metadata()?.len();
    /// session.append("Archive", NewMessage::from_reader(Progress(file, 0), len))?;
    /// # std::fs::remove_dir_all(&directory)?;
    /// # assert_eq!(server.messages("Archive").len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn from_reader(reader: impl Read + 'a, len: u64) -> Self {
        Self::of(Source::Reader(Box::new(reader), len))
    }

    /// Creates a message that the server assembles from these parts (CATENATE, RFC 4469).
    ///
    /// Parts that the server already has need not be sent.
    ///
    /// ```
    /// use latchbox::types::{CatenatePart, MessageUrl, NewMessage, Section};
    ///
    /// let file = MessageUrl::new("Archive".parse()?, "7".parse()?).section(Section::part("2")?);
    /// let draft = NewMessage::of_parts([
    ///     CatenatePart::Text(b"Subject: again\r\n\r\n"),
    ///     CatenatePart::Url(file),
    /// ]);
    /// # let _ = draft;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of_parts(parts: impl IntoIterator<Item = CatenatePart<'a>>) -> Self {
        Self::of(Source::Parts(parts.into_iter().collect()))
    }

    /// Sets the flags of the message.
    ///
    /// They are sent as given; a server drops flags that the mailbox cannot store.
    #[must_use]
    pub fn flags(mut self, flags: impl IntoIterator<Item = Flag>) -> Self {
        self.options.flags = flags.into_iter().collect();
        self
    }

    /// Sets the date and time at which the message counts as received (INTERNALDATE).
    ///
    /// ```
    /// use latchbox::types::NewMessage;
    ///
    /// let message = NewMessage::new(b"Subject: hello\r\n\r\n".as_slice())
    ///     .internal_date("2026-11-01T12:00:00+01:00".parse()?);
    /// # let _ = message;
    /// # Ok::<(), latchbox::types::InvalidDate>(())
    /// ```
    #[must_use]
    pub fn internal_date(mut self, date: DateTime) -> Self {
        self.options.internal_date = Some(date);
        self
    }

    /// Declares that the octets of a reader may contain NUL (BINARY, RFC 3516).
    ///
    /// The message is sent as a binary literal, and is [`Unsupported`](crate::Error::Unsupported)
    /// on a server without BINARY.
    ///
    /// Not needed for a message of octets, which are searched for NUL.
    #[must_use]
    pub fn binary(mut self) -> Self {
        self.options.binary = true;
        self
    }

    /// Declares that the header from a reader may contain UTF-8 (RFC 6855).
    ///
    /// The message is announced as UTF-8 if UTF8=ACCEPT has been enabled, and sent like any other
    /// message if not.
    ///
    /// Not needed for a message of octets, which are searched for it.
    #[must_use]
    pub fn utf8_headers(mut self) -> Self {
        self.options.utf8_headers = true;
        self
    }

    fn of(source: Source<'a>) -> Self {
        Self {
            source,
            options: AppendOptions::default(),
        }
    }

    /// The number of octets; `None` if only the server knows it.
    pub(crate) fn len(&self) -> Option<u64> {
        match &self.source {
            Source::Octets(octets) => u64::try_from(octets.len()).ok(),
            Source::Reader(_, len) => Some(*len),
            Source::Parts(_) => None,
        }
    }

    /// The known part of the header.
    pub(crate) fn header(&self) -> &[u8] {
        match &self.source {
            Source::Octets(octets) => header(octets),
            Source::Reader(..) => &[],
            Source::Parts(parts) => match parts.first() {
                Some(CatenatePart::Text(octets)) => header(octets),
                _ => &[],
            },
        }
    }
}

/// The header of a message, up to the empty line.
pub(crate) fn header(message: &[u8]) -> &[u8] {
    let end = memchr::memmem::find(message, b"\r\n\r\n").map_or(message.len(), |at| at + 2);
    message.get(..end).unwrap_or_default()
}

macro_rules! from {
    ($($octets:ty $(: $length:ident)?),* $(,)?) => {$(
        impl<'a $(, const $length: usize)?> From<$octets> for NewMessage<'a> {
            fn from(octets: $octets) -> Self {
                Self::new(octets)
            }
        }
    )*};
}

from! { &'a [u8], &'a [u8; N]: N, &'a Vec<u8>, Vec<u8>, Cow<'a, [u8]> }

impl<'a> From<&'a str> for NewMessage<'a> {
    fn from(text: &'a str) -> Self {
        Self::new(text.as_bytes())
    }
}

impl<'a> From<&'a String> for NewMessage<'a> {
    fn from(text: &'a String) -> Self {
        Self::new(text.as_bytes())
    }
}

impl fmt::Debug for NewMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("NewMessage");
        match (&self.source, self.len()) {
            (Source::Parts(parts), _) => shown.field("parts", parts),
            (_, len) => shown.field("octets", &len),
        };
        shown.field("options", &self.options).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_ends_at_the_empty_line() {
        assert_eq!(header(b"a: b\r\nc: d\r\n\r\nbody"), b"a: b\r\nc: d\r\n");
        assert_eq!(header(b"a: b"), b"a: b");
        assert_eq!(header(b""), b"");
    }

    #[test]
    fn a_message_is_shown_without_its_text() {
        let text = format!("{:?}", NewMessage::from("secret"));
        assert!(
            text.contains("Some(6)") && !text.contains("secret"),
            "{text}"
        );
    }
}
