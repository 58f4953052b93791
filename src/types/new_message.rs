//! What APPEND is given: a message, from wherever it comes, and what it is stored with.

use std::borrow::Cow;
use std::fmt;
use std::io::Read;

use crate::types::date_time::DateTime;
use crate::types::flag::Flag;
use crate::types::message_url::MessageUrl;

/// What else a message is stored with.
#[derive(Clone, Debug, Default)]
pub(crate) struct AppendOptions {
    pub(crate) flags: Vec<Flag>,
    pub(crate) internal_date: Option<DateTime>,
    pub(crate) binary: bool,
    pub(crate) utf8_headers: bool,
}

/// A message that is to be stored: its octets, a reader that gives them, or parts that the server
/// puts together; with flags and date.
///
/// The octets are stored as they are given: line ends have to be CR LF, and nothing is added.
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

/// Where the octets of a message come from.
pub(crate) enum Source<'a> {
    Octets(Cow<'a, [u8]>),
    Reader(Box<dyn Read + 'a>, u64),
    Parts(Vec<CatenatePart<'a>>),
}

/// A piece of a message that the server puts together (CATENATE, RFC 4469).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CatenatePart<'a> {
    /// These octets.
    Text(&'a [u8]),
    /// What the server has already: a message, or a section of one.
    Url(MessageUrl),
}

impl<'a> NewMessage<'a> {
    /// A message of these octets. They are sent from where they lie.
    #[must_use]
    pub fn new(octets: impl Into<Cow<'a, [u8]>>) -> Self {
        Self::of(Source::Octets(octets.into()))
    }

    /// A message of exactly `len` octets that are read while they are sent, through a buffer of
    /// 64 KiB at most.
    ///
    /// The reader has to end after them; one octet more is asked for, to be sure. One that gives
    /// less, gives more or fails ends the connection if something was sent already, because the
    /// server waits for what was announced: see [`ReaderError`](crate::error::ReaderError). To send the
    /// beginning of a longer one, cut it by [`Read::take`].
    ///
    /// The reader is called while the connection is held: it cannot use the session, and is told
    /// so by [`Error::StreamOpen`](crate::Error::StreamOpen).
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

    /// A message that the server puts together of these parts, so that what it has already need
    /// not be sent (CATENATE, RFC 4469).
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

    /// The flags that the message is to have. They are sent as given; a server drops what the
    /// mailbox cannot keep.
    #[must_use]
    pub fn flags(mut self, flags: impl IntoIterator<Item = Flag>) -> Self {
        self.options.flags = flags.into_iter().collect();
        self
    }

    /// When the message is to count as received (INTERNALDATE).
    ///
    /// ```
    /// use latchbox::types::NewMessage;
    ///
    /// let message = NewMessage::new("Subject: hello\r\n\r\n")
    ///     .internal_date("2026-11-01T12:00:00+01:00".parse()?);
    /// # let _ = message;
    /// # Ok::<(), latchbox::types::InvalidDate>(())
    /// ```
    #[must_use]
    pub fn internal_date(mut self, date: DateTime) -> Self {
        self.options.internal_date = Some(date);
        self
    }

    /// What a reader gives may hold NUL (BINARY, RFC 3516): it is announced as such, and is
    /// [`Unsupported`](crate::Error::Unsupported) on a server without BINARY.
    ///
    /// Not needed for a message of octets, in which they are looked for.
    #[must_use]
    pub fn binary(mut self) -> Self {
        self.options.binary = true;
        self
    }

    /// What a reader gives may have UTF-8 in its header (RFC 6855): it is announced as such if
    /// UTF8=ACCEPT has been enabled, and sent as any other message if it has not.
    ///
    /// Not needed for a message of octets, in which it is looked for.
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

    /// How many octets there are; nothing when only the server knows.
    pub(crate) fn len(&self) -> Option<u64> {
        match &self.source {
            Source::Octets(octets) => u64::try_from(octets.len()).ok(),
            Source::Reader(_, len) => Some(*len),
            Source::Parts(_) => None,
        }
    }

    /// What is known of the header.
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
