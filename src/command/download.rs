//! Download: one section of a message (FETCH, RFC 9051 section 6.4.5), returned as it arrives.

mod sections;

use std::fmt;
use std::io::{self, BufRead, Read, Write};

use crate::command::download::sections::{COMMAND, Sections, What};
use crate::error::{Error, Result};
use crate::mailbox_guard::lease::Held;
use crate::mailbox_guard::{Access, MailboxGuard, access};
use crate::types::capability::Capability;
use crate::types::message_uid::MessageUid;
use crate::types::section::Section;
use crate::types::uid::Uid;
use crate::types::uid_set::UidSet;
use crate::wire::content::charset::Charset;
use crate::wire::content::{Decoded, TransferEncoding};
use crate::wire::response::body_structure::Part;
use crate::wire::response::item_error::ItemErrorKind;

/// The most octets read at once for a [`BufRead`].
const AHEAD: usize = 64 * 1024;

/// A section of a message as it comes from the server: the whole message, a part, a header.
///
/// It is not buffered as a whole: [`copy_to`](Self::copy_to) writes from the connection's buffer,
/// and [`Read`] reads from the socket into the caller's buffer. Whatever the length, it takes the
/// memory of the connection's buffer (64 KiB). [`BufRead`] takes another 64 KiB.
///
/// # Length
///
/// The server announces the number of octets before the first of them: [`len`](Self::len). If the
/// connection ends or a deadline passes before all of them have arrived, the error is
/// [`Error::Truncated`]; from [`Read`], an [`io::Error`] of the kind `UnexpectedEof` (or
/// `TimedOut`) with that error inside.
///
/// So a download that ends without an error is whole: `read` returns `Ok(0)`, and `copy_to` returns
/// `Ok`, only after all octets have arrived and the server has completed the FETCH with OK. If it
/// answers NO after the octets, these were returned, and the next call returns the error.
///
/// The [`literal_limit`] and [`response_limit`] bound what is held in memory; they do not apply
/// here. To reject what is too long for the disk, check `len` first.
///
/// # Deadlines
///
/// [`read_timeout`] bounds each silence of the server, and [`command_timeout`] each MiB (2^20
/// octets), including the time that the caller takes meanwhile.
///
/// # Progress
///
/// [`position`](Self::position) of [`len`](Self::len) octets, or
/// [`Session::on_progress`](crate::Session::on_progress). A progress bar that wraps a reader or
/// a writer fits as it is, such as indicatif's `bar.wrap_write(file)`.
///
/// # Leaving early
///
/// It borrows the guard: no other command can be sent while it lives. It may be dropped at any
/// time. The next command then drains the rest of the answer; if that is more than the
/// [`drain_limit`] (8 MiB by default), the connection is closed instead.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::types::{SearchKey, Section};
///
/// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
/// let newest = inbox.search(SearchKey::All)?.last().ok_or("the mailbox is empty")?;
/// let mut file = Vec::new(); // or a file
/// let mut message = inbox.download(newest, &Section::whole())?;
/// let announced = message.len();
/// assert_eq!(message.copy_to(&mut file)?, announced);
/// assert!(file.ends_with(b"\r\n\r\nHi!\r\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`literal_limit`]: crate::ClientBuilder::literal_limit
/// [`response_limit`]: crate::ClientBuilder::response_limit
/// [`read_timeout`]: crate::ClientBuilder::read_timeout
/// [`command_timeout`]: crate::ClientBuilder::command_timeout
/// [`drain_limit`]: crate::ClientBuilder::drain_limit
#[must_use = "the octets come as they are read"]
pub struct Download<'g> {
    sections: Sections<'g>,
    ahead: Ahead,
}

/// The messages of [`MailboxGuard::download_each`]: one download after the other.
#[must_use = "the messages come as they are asked for"]
pub struct Downloads<'g> {
    download: Download<'g>,
}

/// Octets that were read ahead for a [`BufRead`].
#[derive(Default)]
struct Ahead {
    octets: Vec<u8>,
    start: usize,
    end: usize,
}

impl<A: Access> MailboxGuard<'_, A> {
    /// Downloads a section of a message: a [`Read`] from the socket, in constant memory.
    ///
    /// Sends `UID FETCH <uid> (UID BODY.PEEK[<section>])`, which does not set `\Seen`, and returns
    /// when the server has announced the number of octets. The octets are those of the message; for
    /// a part with its transfer encoding removed see [`download_part`](Self::download_part).
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::StaleUids`] for an [`id`](crate::message::Fetch::id) of
    /// another mailbox. Then [`Error::NotFound`] if the message does not exist, or the server
    /// answers without the section or with NIL for it; [`Error::Refused`]; [`Error::Mailbox`]; [`Error::Closed`].
    /// While it is read, [`Error::Truncated`]; see [`Download`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use std::io::BufRead;
    /// use latchbox::types::{Section, Uid};
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let uid = Uid::new(1).ok_or("0 is no UID")?;
    /// let mut header = inbox.download(uid, &Section::whole().header())?;
    /// let mut line = String::new();
    /// header.read_line(&mut line)?;
    /// assert!(line.ends_with("\r\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "BODY[]")]
    #[doc(alias = "FETCH")]
    pub fn download(
        &mut self,
        uid: impl Into<MessageUid>,
        section: &Section,
    ) -> Result<Download<'_>> {
        let uid = self.held.uid_of(uid)?;
        Download::of(&mut self.held, uid, What::body(section))
    }

    /// Downloads the content of a part with its transfer encoding removed: the attached file.
    ///
    /// Does not set `\Seen`. The server decodes if it can (BINARY, RFC 3516:
    /// `BINARY.PEEK[<part>]`). If it does not advertise that, refuses (`[UNKNOWN-CTE]`), answers
    /// NIL, or has closed a connection over it (see
    /// [`without_binary`](crate::ClientBuilder::without_binary)), `BODY.PEEK[<part>]` is sent and
    /// base64, quoted-printable or uuencode is decoded here, tolerantly. Content in any other
    /// encoding is returned as it is, and [`Decoded::undecoded_encoding`] names the encoding. Text
    /// stays in its charset; see [`download_text`](Self::download_text).
    ///
    /// # Errors
    ///
    /// As for [`download`](Self::download). Before anything is sent: [`Error::Argument`] for the
    /// multipart that a whole message is, which has no content except its parts.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{FetchItem, UidSet};
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::BodyStructure])?.into_iter();
    /// let message = messages.next().ok_or("the mailbox is empty")??;
    /// if let Some(text) = message.body_structure()?.text_part() {
    ///     let mut content = Vec::new();
    ///     inbox.download_part(message.uid(), &text)?.copy_to(&mut content)?;
    ///     assert_eq!(content, b"Hi!\r\n");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "attachment")]
    #[doc(alias = "BINARY")]
    pub fn download_part(
        &mut self,
        uid: impl Into<MessageUid>,
        part: &Part<'_>,
    ) -> Result<Decoded<Download<'_>>> {
        let uid = self.held.uid_of(uid)?;
        Download::of_part(&mut self.held, uid, part)
    }

    /// Downloads the text of a part, decoded to UTF-8.
    ///
    /// Like [`download_part`](Self::download_part), but the charset is decoded too. If the charset
    /// is not supported (see [`Charset`]), the octets stay as they are, and
    /// [`Decoded::undecoded_charset`] names it. Octets that are invalid in the charset become
    /// U+FFFD.
    ///
    /// # Errors
    ///
    /// As for [`download_part`](Self::download_part).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use std::io::Read;
    /// use latchbox::types::{FetchItem, UidSet};
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::BodyStructure])?.into_iter();
    /// let message = messages.next().ok_or("the mailbox is empty")??;
    /// if let Some(part) = message.body_structure()?.text_part() {
    ///     let mut text = String::new();
    ///     inbox.download_text(message.uid(), &part)?.read_to_string(&mut text)?;
    ///     assert_eq!(text, "Hi!\r\n");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn download_text(
        &mut self,
        uid: impl Into<MessageUid>,
        part: &Part<'_>,
    ) -> Result<Decoded<Download<'_>>> {
        let uid = self.held.uid_of(uid)?;
        let decoded = Download::of_part(&mut self.held, uid, part)?;
        let charset = part.parameter("charset");
        let charset = charset.filter(|name| !name.trim().is_empty());
        Ok(decoded.charset(charset.as_deref().unwrap_or(Charset::DEFAULT)))
    }

    /// Downloads the same section of many messages, one after the other.
    ///
    /// Sends `UID FETCH <uids> (UID BODY.PEEK[<section>])`, which does not set `\Seen`, at the
    /// first [`next`](Downloads::next); a long set is divided into several commands. The octets of
    /// a download that is not read to its end are discarded. The server ignores a UID of no
    /// message, and an empty set that a search returned sends nothing.
    ///
    /// # Errors
    ///
    /// Here, before anything is sent: [`Error::Argument`] for an empty set that was built by the
    /// caller; [`Error::StaleUids`] for UIDs of another mailbox or UIDVALIDITY. The others come
    /// from [`next`](Downloads::next).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{SearchKey, Section};
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let all = inbox.search(SearchKey::All)?;
    /// let mut archive = Vec::new();
    /// let mut downloads = inbox.download_each(&all, &Section::whole())?;
    /// while let Some(message) = downloads.next()? {
    ///     println!("{:?}: {} octets", message.uid(), message.len());
    ///     message.copy_to(&mut archive)?;
    /// }
    /// assert!(archive.ends_with(b"Hi!\r\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "FETCH")]
    pub fn download_each(&mut self, uids: &UidSet, section: &Section) -> Result<Downloads<'_>> {
        let what = What::body(section);
        let to_ask = self
            .held
            .lease(COMMAND)?
            .parts_of(uids, what.item().len())?;
        let download = Download::new(Sections::each(&mut self.held, to_ask, what));
        Ok(Downloads { download })
    }
}

impl<A: Access> MailboxGuard<'_, A> {
    /// Downloads a section and sets `\Seen` on the message.
    ///
    /// Like [`download`](Self::download), but sends BODY in place of BODY.PEEK.
    ///
    /// # Errors
    ///
    /// As for [`download`](Self::download);
    /// [`MailboxError::ReadOnly`](crate::error::MailboxError::ReadOnly) if the server has made the
    /// mailbox read-only meanwhile.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{SearchKey, Section};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let unseen = inbox.search(SearchKey::Unseen)?;
    /// let uid = unseen.first().ok_or("all messages are read")?;
    /// inbox.download_and_mark_seen(uid, &Section::whole())?.copy_to(&mut std::io::sink())?;
    /// assert!(inbox.search(SearchKey::Unseen)?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn download_and_mark_seen(
        &mut self,
        uid: impl Into<MessageUid>,
        section: &Section,
    ) -> Result<Download<'_>>
    where
        A: access::WriteAccess,
    {
        let uid = self.held.uid_of(uid)?;
        self.held.lease_to_change(COMMAND).map(drop)?;
        let what = What::body_and_seen(section);
        Download::of(&mut self.held, uid, what)
    }
}

impl Download<'_> {
    /// The message's UID; `None` if the server has not reported it yet.
    ///
    /// In [`download_each`](MailboxGuard::download_each), some servers send it only after the
    /// octets.
    pub fn uid(&self) -> Option<Uid> {
        self.sections.uid()
    }

    /// The number of octets, as the server announced it.
    pub fn len(&self) -> u64 {
        self.sections.len()
    }

    /// Whether the section has no octets.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of octets that were returned so far.
    pub fn position(&self) -> u64 {
        let ahead = u64::try_from(self.ahead.octets().len()).unwrap_or(0);
        self.sections.taken().saturating_sub(ahead)
    }

    /// Writes all remaining octets, and reads the answer to its end; returns their number.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] if they do not all arrive; those that did were written. [`Error::Io`]
    /// if the writer fails; the connection stays usable. [`Error::Refused`] if the server answers
    /// NO after the data; [`Error::Item`] if the rest of the response is invalid. In
    /// [`download_each`](MailboxGuard::download_each), [`Error::NotFound`] for a message without
    /// such a section.
    pub fn copy_to(&mut self, writer: &mut (impl Write + ?Sized)) -> Result<u64> {
        let before = self.position();
        writer.write_all(self.ahead.take()).map_err(Error::Io)?;
        self.sections.write_all(writer)?;
        Ok(self.len() - before)
    }

    /// Discards the octets that were not read, and reads the answer to its end.
    ///
    /// For callers that stop early, or have read [`len`](Self::len) octets but not the end after
    /// them. A download that was read to `Ok(0)` is finished already.
    ///
    /// # Errors
    ///
    /// As for [`copy_to`](Self::copy_to).
    pub fn finish(&mut self) -> Result<()> {
        self.sections.finish()?;
        self.ahead.take();
        Ok(())
    }
}

impl<'g> Download<'g> {
    fn new(sections: Sections<'g>) -> Self {
        Self {
            sections,
            ahead: Ahead::default(),
        }
    }

    fn of(held: &'g mut Held, uid: Uid, what: What) -> Result<Self> {
        let mut sections = Sections::one(held, uid, what);
        sections.begin()?;
        Ok(Self::new(sections))
    }

    fn of_part(held: &'g mut Held, uid: Uid, part: &Part<'_>) -> Result<Decoded<Self>> {
        let number = part.number();
        let number = number.ok_or_else(|| Error::text("part", "a multipart has no content"))?;
        let section = Section::part(&number)?;
        let encoding = TransferEncoding::of(&part.encoding());
        // A message must not be encoded (RFC 2046 section 5.2.1), so servers do not decode one that is.
        if !encoding.is_worth_binary() || is_message(part) || !has_binary(held)? {
            let download = Self::of(held, uid, What::body(&section))?;
            return Ok(Decoded::new(download, encoding));
        }
        let mut sections = Sections::one(held, uid, What::binary(&section));
        let left_to_do = match sections.begin() {
            Ok(()) => TransferEncoding::Identity,
            Err(error) if lacks_decoded(&error) => {
                sections.what = What::body(&section);
                sections.ask_for(uid);
                sections.begin()?;
                encoding
            }
            Err(error) => return Err(error),
        };
        Ok(Decoded::new(Self::new(sections), left_to_do))
    }
}

/// Whether the server has not decoded the part, which it sends in its transfer encoding.
fn lacks_decoded(error: &Error) -> bool {
    match error {
        Error::Refused(_) | Error::NotFound(_) => true,
        Error::Item(error) => error.kind() == ItemErrorKind::OtherSection,
        _ => false,
    }
}

fn is_message(part: &Part<'_>) -> bool {
    part.media_type().eq_ignore_ascii_case("message")
}

fn has_binary(held: &Held) -> Result<bool> {
    let mut lease = held.lease(COMMAND)?;
    let has_binary = lease.capabilities()?.supports(&Capability::Binary);
    Ok(has_binary && !lease.avoids_binary())
}

impl<'g> Downloads<'g> {
    /// The next download, borrowed until the next call; `None` after the last.
    ///
    /// Octets of the previous download that were not read are discarded. A message without such a
    /// section is a download of no octets, and reading it returns [`Error::NotFound`]; the stream
    /// continues. It is not an [`Iterator`], because each download is borrowed from the stream.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`], also after downloads that did come; [`Error::Mailbox`];
    /// [`Error::Closed`]. After an error there are no more downloads.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<&mut Download<'g>>> {
        match self.advance() {
            Ok(true) => Ok(Some(&mut self.download)),
            Ok(false) => Ok(None),
            Err(error) => {
                self.download.sections.leave();
                Err(error)
            }
        }
    }

    fn advance(&mut self) -> Result<bool> {
        self.download.ahead.take();
        let sections = &mut self.download.sections;
        match sections.end() {
            // This error was returned to the reader of the octets, and affects no other download.
            Ok(()) | Err(Error::Item(_) | Error::Unparsable(_)) => {}
            Err(error) => return Err(error),
        }
        sections.advance()
    }
}

impl Ahead {
    fn octets(&self) -> &[u8] {
        self.octets.get(self.start..self.end).unwrap_or_default()
    }

    fn take(&mut self) -> &[u8] {
        let start = std::mem::replace(&mut self.start, self.end);
        self.octets.get(start..self.end).unwrap_or_default()
    }

    fn consume(&mut self, octets: usize) {
        self.start = self.start.saturating_add(octets).min(self.end);
    }
}

impl Read for Download<'_> {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let mut ahead = self.ahead.octets();
        if !ahead.is_empty() {
            let read = ahead.read(place)?;
            self.ahead.consume(read);
            return Ok(read);
        }
        Ok(self.sections.read_some(place)?)
    }
}

/// Reads up to 64 KiB at once into a buffer that can be borrowed.
impl BufRead for Download<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.ahead.octets().is_empty() {
            let mut octets = std::mem::take(&mut self.ahead.octets);
            octets.resize(AHEAD, 0);
            let read = self.sections.read_some(&mut octets);
            let end = *read.as_ref().unwrap_or(&0);
            self.ahead = Ahead {
                octets,
                start: 0,
                end,
            };
            read?;
        }
        Ok(self.ahead.octets())
    }

    fn consume(&mut self, octets: usize) {
        self.ahead.consume(octets);
    }
}

impl fmt::Debug for Download<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("mailbox", self.sections.held.name())
            .field("uid", &self.uid())
            .field("received", &self.position())
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Downloads<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Downloads")
            .field("mailbox", self.download.sections.held.name())
            .finish_non_exhaustive()
    }
}
