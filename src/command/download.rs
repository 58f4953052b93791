//! Download: one section of a message (FETCH, RFC 9051 section 6.4.5), handed out as it arrives.

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

/// How much is read at once for a [`BufRead`].
const AHEAD: usize = 64 * 1024;

/// A section of a message as it comes from the server: the whole message, a part, a header.
///
/// Nothing of it is gathered: [`copy_to`](Self::copy_to) writes from the connection's buffer, and
/// [`Read`] reads from the socket to where the caller wants the octets. Whatever the length, it
/// takes the memory of that one buffer (64 KiB). [`BufRead`] takes another.
///
/// # Length
///
/// The server says how many octets come before the first of them: [`len`](Self::len). That is what
/// a download has to have. When the connection ends before, or a deadline passes, the error is
/// [`Error::Truncated`]; from [`Read`], an [`io::Error`] of the kind `UnexpectedEof` (or
/// `TimedOut`) with that error inside. No download ends early without an error: the end is told
/// (`Ok(0)`, or the return of `copy_to`) when all octets have come, the rest of the answer could be
/// read, and the server has said OK. When it says NO after all, the data was handed out and the
/// error follows it.
///
/// The limits of [`literal_limit`] and [`response_limit`] are about what is held in memory; they do
/// not hold here. To refuse what is too long for the disk, look at `len` first.
///
/// # Deadlines
///
/// [`read_timeout`] bounds each silence, and [`command_timeout`] each MiB (of 2^20 octets)
/// and what the caller does meanwhile.
///
/// # Progress
///
/// [`received`](Self::position) of [`len`](Self::len) octets. A progress bar that wraps a reader or
/// a writer fits as it is, such as indicatif's `bar.wrap_write(file)`.
///
/// # Leaving early
///
/// It borrows the guard: no other command can be written while it lives. It may be dropped at any
/// time. What is still on its way is read by the next command, or the connection closed where that
/// is more than 8 MiB.
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

/// What was read for a [`BufRead`].
#[derive(Default)]
struct Ahead {
    octets: Vec<u8>,
    start: usize,
    end: usize,
}

impl<A: Access> MailboxGuard<'_, A> {
    /// Downloads a section of a message: a [`Read`] straight from the socket, in constant memory
    /// whatever its length. Does not set `\Seen`.
    ///
    /// Sends `UID FETCH <uid> (UID BODY.PEEK[<section>])` and returns when the server has said how
    /// many octets come. The octets are as they lie in the message; for a part with its transfer
    /// encoding undone see [`download_part`](Self::download_part).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such message, or the server answers NIL for the
    /// section. [`Error::Refused`], [`Error::Mailbox`], [`Error::Closed`]. While it is read,
    /// [`Error::Truncated`]; see [`Download`].
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

    /// Downloads the content of a part with its transfer encoding not_done: the file that was
    /// attached. Does not set `\Seen`.
    ///
    /// The server decodes where it can (BINARY, RFC 3516: `BINARY.PEEK[<part>]`). Where it does not
    /// advertise that, refuses (`[UNKNOWN-CTE]`), answers NIL or has ended a connection over it (see
    /// [`without_binary`](crate::ClientBuilder::without_binary)), `BODY.PEEK[<part>]` is sent and
    /// base64, quoted-printable or uuencode is decoded here, tolerantly. Any other encoding is left
    /// as it is, and [`Decoded::undecoded_encoding`] names it. Text stays in its charset; see
    /// [`download_text`](Self::download_text).
    ///
    /// # Errors
    ///
    /// As for [`download`](Self::download); [`Error::Argument`] for the multipart that a whole
    /// message is, which has no content but its parts.
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

    /// Downloads the text of a part as UTF-8: as [`download_part`](Self::download_part), and the
    /// charset of the part undone too.
    ///
    /// A charset that is not known here ([`Charset`] says which are) leaves the octets as they are;
    /// [`Decoded::undecoded_charset`] names it. What is no text in its charset becomes U+FFFD.
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

    /// Downloads the same section of many messages, one after the other, by one command (several
    /// for long sets). Does not set `\Seen`.
    ///
    /// Sends `UID FETCH <uids> (UID BODY.PEEK[<section>])` when the first is asked for. The octets
    /// of a download that is not read to its end are passed over. A UID that belongs to no message
    /// is passed over by the server, and an empty set that a search gave sends nothing.
    ///
    /// # Errors
    ///
    /// Here [`Error::Argument`] for an empty set made by hand and [`Error::StaleUids`] for UIDs of
    /// elsewhere, before anything is sent; the others come from the stream.
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
    /// Downloads a section as [`download`](Self::download) does, and has the server set `\Seen`:
    /// sends BODY in place of BODY.PEEK.
    ///
    /// # Errors
    ///
    /// As for [`download`](Self::download);
    /// [`MailboxError::ReadOnly`](crate::error::MailboxError::ReadOnly) when the server has made the
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
    /// The message's UID. Among [many](MailboxGuard::download_each) it is not known before the end
    /// from a server that writes it behind the octets.
    pub fn uid(&self) -> Option<Uid> {
        self.sections.uid()
    }

    /// How many octets it has, as the server announced.
    pub fn len(&self) -> u64 {
        self.sections.len()
    }

    /// Whether it has no octets.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many octets have been handed out so far.
    pub fn position(&self) -> u64 {
        let ahead = u64::try_from(self.ahead.octets().len()).unwrap_or(0);
        self.sections.taken().saturating_sub(ahead)
    }

    /// Writes all octets that have not been read yet, and hears the end of the answer; how many
    /// they were.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`] when they do not all come; what did come has been written.
    /// [`Error::Io`] when the writer fails; the connection is in step. [`Error::Refused`] when the
    /// server says NO after the data, [`Error::Item`] when the answer around them makes no sense.
    /// Among [many](MailboxGuard::download_each), [`Error::NotFound`] for a message that has no
    /// such section.
    pub fn copy_to(&mut self, writer: &mut (impl Write + ?Sized)) -> Result<u64> {
        let before = self.position();
        writer.write_all(self.ahead.take()).map_err(Error::Io)?;
        self.sections.write_all(writer)?;
        Ok(self.len() - before)
    }

    /// Hears the end of the answer, and passes over what has not been read of the download.
    ///
    /// For who has read as many octets as [`len`](Self::len) says and not the end after them, or
    /// wants no more. A download that was read to `Ok(0)` has been finished.
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
            Err(Error::Refused(_) | Error::NotFound(_)) => {
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

fn is_message(part: &Part<'_>) -> bool {
    part.media_type().eq_ignore_ascii_case("message")
}

fn has_binary(held: &Held) -> Result<bool> {
    let mut lease = held.lease(COMMAND)?;
    let has_binary = lease.capabilities()?.supports(&Capability::Binary);
    Ok(has_binary && !lease.avoids_binary())
}

impl<'g> Downloads<'g> {
    /// The next download, lent until this is called again; nothing after the last.
    ///
    /// What has not been read of the one before is passed over. A message that has no such section
    /// is a download of no octets, and reading it is [`Error::NotFound`]; the stream goes on.
    ///
    /// Named as what it is: a stream that lends cannot be an [`Iterator`].
    ///
    /// # Errors
    ///
    /// [`Error::Refused`], also after downloads that did come; [`Error::Mailbox`],
    /// [`Error::Closed`]. After an error there are no more.
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
            // It was told to who read the octets, and concerns nobody else.
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

/// Reads up to 64 KiB at once, to where they can be lent.
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
