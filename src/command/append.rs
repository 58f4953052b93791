//! APPEND (RFC 9051 section 6.3.12): stores a new message in a mailbox.

pub(crate) mod all;
pub(crate) mod each;

use crate::connection::Connection;
use crate::connection::answer::leave;
use crate::connection::pipeline::Footprint;
use crate::connection::upload::{Head, Upload};
use crate::error::{Error, Result};
use crate::exchange::{
    AuthenticatedState, BatchState, Batchable, Command, Exchange, Leased, Planned, sealed,
};
use crate::mailbox_guard::lease::{Held, MailboxLease, SelectedState};
use crate::mailbox_guard::{Access, MailboxGuard, WriteAccess};
use crate::session::Session;
use crate::types::appended::Appended;
use crate::types::mailbox_name::{IntoMailboxName, MailboxName};
use crate::types::mailbox_status::StatusItem;
use crate::types::new_message::{NewMessage, Source};
use crate::types::response_code::ResponseCode;
use crate::types::search::SearchKey;
use crate::types::uid_set::UidSet;
use crate::wire::encoder::Encoder;

const APPEND: &str = "APPEND";
const UID_SEARCH: &str = "UID SEARCH";

/// APPEND as a value: the message and its mailbox. Its answer is an [`Appended`].
///
/// [`Session::run`] runs one as [`Session::append`] does. In a guard, [`MailboxGuard::run`] does so
/// as [`MailboxGuard::append`] does if the mailbox is that of the guard. A message from a reader
/// cannot be sent while other commands are in flight: in a command batch it is [`Error::Argument`].
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::command::Append;
///
/// let sent = Append::new("Sent", b"Subject: hello\r\n\r\nHello!\r\n")?;
/// let copy = Append::new("Archive", b"Subject: hello\r\n\r\nHello!\r\n")?;
/// let (sent, copy) = session.pipeline((sent, copy))?;
/// println!("{:?} {:?}", sent?.uid(), copy?.uid());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a command does nothing until it is run"]
pub struct Append<'m> {
    name: MailboxName,
    message: NewMessage<'m>,
}

impl<'m> Append<'m> {
    /// Stores this message in this mailbox.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for an invalid name.
    pub fn new(name: impl IntoMailboxName, message: impl Into<NewMessage<'m>>) -> Result<Self> {
        Ok(Self {
            name: name.into_mailbox_name()?,
            message: message.into(),
        })
    }
}

fn head(mailbox: &MailboxName) -> Head<'_> {
    Head {
        command: APPEND,
        replaced: None,
        mailbox,
    }
}

impl Command<AuthenticatedState> for Append<'_> {
    type Answer = Appended;

    fn run_on(self, connection: &mut Connection) -> Result<Appended> {
        connection.append(self.name, self.message)
    }
}

impl<A: Access> Command<SelectedState<A>> for Append<'_> {
    type Answer = Appended;

    fn run_on(self, held: &mut Held) -> Result<Appended> {
        match self.name == *held.name() {
            true => append_here(held, self.message),
            false => held.lease(APPEND)?.append(self.name, self.message),
        }
    }
}

impl sealed::Command for Append<'_> {
    fn name(&self) -> &'static str {
        APPEND
    }
}

impl<In: BatchState> Batchable<In> for Append<'_> {
    type Answer = Appended;
}

impl<In: BatchState> Exchange<In> for Append<'_> {
    type Plan = ();
    type Partial = Option<ResponseCode>;

    fn name(&self) -> &'static str {
        APPEND
    }

    fn plan(&self, lease: &mut In::Lease<'_>) -> Result<Planned<(), Appended>> {
        if let Source::Reader(..) = self.message.source {
            return Err(Error::text("message", "a reader cannot be in a batch"));
        }
        let connection = lease.connection();
        connection.check_message(APPEND, &self.name, &self.message)?;
        Ok(Planned::Send(()))
    }

    fn encode<'a>(&'a self, _plan: &'a (), encoder: &mut Encoder<'a>) -> Result<()> {
        head(&self.name).write(encoder)?;
        encoder.append_message(&self.message)
    }

    fn footprint<'a>(&'a self, _plan: &'a ()) -> Footprint<'a> {
        Footprint::Arrival(&self.name)
    }

    fn complete(&self, partial: &mut Self::Partial, code: Option<ResponseCode>) {
        *partial = code;
    }

    fn finish(&self, (): (), code: Self::Partial, lease: &mut In::Lease<'_>) -> Result<Appended> {
        let account = lease.connection().state.account();
        Ok(Appended::by(code, 1, &self.name, account))
    }
}

impl Session {
    /// Stores a message in a mailbox (APPEND, RFC 9051 section 6.3.12).
    ///
    /// Takes octets, text, or a [`NewMessage`] with flags and date, from a reader, or assembled by
    /// the server (CATENATE). The octets are stored as given: lines have to end with CR LF.
    ///
    /// Octets in memory are sent without a copy. With LITERAL+ (or up to 4,096 octets with
    /// LITERAL-) they are sent with the command, otherwise after the server's continuation request;
    /// a refusal at that point costs only the round trip. A message with a NUL is sent as BINARY
    /// (RFC 3516), one with UTF-8 in its header as UTF8 if UTF8=ACCEPT is enabled (RFC 6855).
    ///
    /// A message that is larger than the server's APPENDLIMIT (RFC 7889) is not sent, if the limit
    /// is known: from CAPABILITY, or for this mailbox from a STATUS on this connection. If the
    /// server has a limit for each mailbox, it is not requested here;
    /// [`append_limit`](Self::append_limit) requests it.
    ///
    /// A [reader](NewMessage::from_reader) is read while its octets are sent: at most 64 KiB are in
    /// memory. If the octets need a continuation request, the reader is not read before it. Each
    /// piece has the whole [`command_timeout`](crate::ClientBuilder::command_timeout); the time
    /// that the reader takes is not limited here.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Argument`] for an empty message, one larger than the
    /// server's APPENDLIMIT, one with a NUL if the server lacks BINARY, or a flag that cannot be
    /// sent; [`Error::Unsupported`] for parts if the server lacks CATENATE; [`Error::Lock`]. Then
    /// [`Error::Refused`]: see [`is_try_create`](Error::is_try_create),
    /// [`is_over_quota`](Error::is_over_quota) and [`is_too_big`](Error::is_too_big).
    ///
    /// [`Error::Reader`] if a reader fails, ends too early or has more octets than announced, and
    /// nothing was sent yet. Otherwise the connection is closed, because the server waits for the
    /// announced octets: [`Error::Closed`] with
    /// [`CloseReason::Reader`](crate::error::CloseReason::Reader), and nothing was stored.
    ///
    /// [`Error::Closed`]; the message [may be stored](Error::may_have_taken_effect) if the
    /// connection ended before the answer.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{Flag, NewMessage};
    ///
    /// let message = b"From: alice@example.com\r\nSubject: hello\r\n\r\nHello!\r\n";
    /// let appended = session.append("Sent", message)?;
    /// println!("stored as {:?}", appended.uid());
    /// # assert!(appended.uid().is_some());
    ///
    /// session.append("Sent", NewMessage::new(message).flags([Flag::Seen]))?;
    ///
    /// let error = session.append("Nowhere", message).unwrap_err();
    /// assert!(error.is_try_create());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "APPEND")]
    #[doc(alias = "APPENDUID")]
    #[doc(alias = "upload")]
    pub fn append<'m>(
        &self,
        name: impl IntoMailboxName,
        message: impl Into<NewMessage<'m>>,
    ) -> Result<Appended> {
        let name = name.into_mailbox_name()?;
        self.lease(APPEND)?.append(name, message.into())
    }

    /// The size limit for messages in a mailbox, in octets; `None` if there is none (APPENDLIMIT).
    ///
    /// Sends nothing if CAPABILITY had the number (RFC 7889) or a STATUS on this connection had it.
    /// Sends STATUS if the server has a limit for each mailbox; `None` if it does not report it.
    /// After that, [`append`](Self::append) and all other methods that store a message in that
    /// mailbox check the limit before they send anything.
    ///
    /// # Errors
    ///
    /// As for [`status`](Self::status). A server without APPENDLIMIT is no error.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// if let Some(octets) = session.append_limit("Sent")? {
    ///     println!("at most {octets} octets");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn append_limit(&self, name: impl IntoMailboxName) -> Result<Option<u64>> {
        let name = name.into_mailbox_name()?;
        self.lease("STATUS")?.append_limit(&name)
    }
}

impl<A: Access> MailboxGuard<'_, A> {
    /// Stores a message in this mailbox (APPEND), and finds its UID.
    ///
    /// If the server lacks UIDPLUS, or does not report the UID, UID SEARCH looks for a new message
    /// with this Message-ID. If exactly one is found, its UID is returned; several are
    /// [`candidates`](Appended::candidates). [`Session::append`] cannot do so, because SEARCH needs
    /// the mailbox selected. A message from a reader is not searched for, because its header is not
    /// known.
    ///
    /// # Errors
    ///
    /// As for [`Session::append`]; [`Error::Mailbox`]. A failed search is no error, because the
    /// message is stored.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let mut drafts = session.lock_mailbox("Drafts")?;
    /// let message = "Message-ID: <1@example.com>\r\nSubject: hello\r\n\r\nHello!\r\n";
    /// let appended = drafts.append(message)?;
    /// println!("stored as {:?}", appended.uid());
    /// # assert!(appended.uid().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "APPEND")]
    #[doc(alias = "APPENDUID")]
    #[doc(alias = "upload")]
    pub fn append<'m>(&mut self, message: impl Into<NewMessage<'m>>) -> Result<Appended>
    where
        A: WriteAccess,
    {
        self.held.lease_to_change(APPEND)?;
        append_here(&mut self.held, message.into())
    }
}

/// Stores a message in the mailbox that is held, and searches for its UID if the server does not
/// report it.
fn append_here(held: &mut Held, message: NewMessage<'_>) -> Result<Appended> {
    let id = message_id(message.header());
    let mut lease = held.lease(APPEND)?;
    let selected = lease.state.selected();
    let first_new = selected.and_then(|selected| selected.mailbox.uid_next());
    let appended = lease.append(held.name().clone(), message)?;
    let (None, Some(id)) = (appended.uids(), id) else {
        return Ok(appended);
    };
    let new = first_new.map_or_else(UidSet::all, UidSet::from_uid);
    let found = find(&mut lease, &id, &new).or_else(|_| {
        // Some servers report the new message only after the OK.
        lease.refresh()?;
        find(&mut lease, &id, &new)
    });
    Ok(Appended::found(found.unwrap_or_default()))
}

/// The messages of `among` that have this Message-ID; an error if there is none.
fn find(lease: &mut MailboxLease<'_>, id: &str, among: &UidSet) -> Result<UidSet> {
    let key = SearchKey::header("Message-ID", id).and(SearchKey::Uid(among.clone()));
    let found = lease.search_uids(&key)?.intersection(among)?;
    match found.is_empty() {
        true => Err(Error::MissingData(UID_SEARCH)),
        false => Ok(found),
    }
}

impl Connection {
    /// Stores a message: by an [`Append`] if it is in memory and no progress is reported; otherwise
    /// piece by piece.
    pub(crate) fn append(
        &mut self,
        name: MailboxName,
        mut message: NewMessage<'_>,
    ) -> Result<Appended> {
        if !self.goes_in_pieces(&message) {
            return self.execute(&Append { name, message });
        }
        let mut upload = Upload::new(self, head(&name));
        upload.send(&mut message, true)?;
        let code = upload.finish(leave)?;
        Ok(Appended::by(code, 1, &name, self.state.account()))
    }

    fn append_limit(&mut self, name: &MailboxName) -> Result<Option<u64>> {
        let lacks = self.capabilities()?.lacks_append_limit();
        if let Some(limit) = self.state.append_limits.of(name) {
            return Ok(Some(limit));
        }
        if lacks.is_some() {
            return Ok(None);
        }
        let items = [StatusItem::AppendLimit];
        let mut statuses = self.mailbox_statuses(std::iter::once(name), &items)?;
        let status = statuses.pop().ok_or(Error::MissingData("STATUS"))?;
        Ok(status?.append_limit().filter(|limit| *limit > 0))
    }
}

/// The Message-ID of a header, with its angle brackets.
fn message_id(header: &[u8]) -> Option<String> {
    const NAME: &[u8] = b"Message-ID:";
    let mut lines = header.split(|byte| *byte == b'\n');
    let first = lines.find_map(|line| {
        let (name, value) = line.split_at_checked(NAME.len())?;
        name.eq_ignore_ascii_case(NAME).then_some(value)
    })?;
    let folded = lines.take_while(|line| matches!(line.first(), Some(b' ' | b'\t')));
    let value = folded.fold(first.to_vec(), |value, line| [&value, line].concat());
    let open = memchr::memchr(b'<', &value)?;
    let close = memchr::memchr(b'>', &value)?;
    let id = value.get(open..=close)?;
    let is_plain = id.iter().all(u8::is_ascii_graphic) && id.len() > 2;
    is_plain.then(|| String::from_utf8_lossy(id).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_id_is_found_folded_and_in_any_case() {
        for (header, id) in [
            ("Message-ID: <1@x>\r\n", Some("<1@x>")),
            (
                "Subject: x\r\nmessage-id:<1@x> (comment)\r\n",
                Some("<1@x>"),
            ),
            ("Message-Id:\r\n <1@x>\r\nTo: y\r\n", Some("<1@x>")),
            ("X-Message-ID: <1@x>\r\n", None),
            ("Message-ID: 1@x\r\n", None),
            ("Message-ID: <>\r\n", None),
            ("Message-ID: >1<\r\n", None),
            ("Message-ID: <ü@x>\r\n", None),
            ("", None),
        ] {
            assert_eq!(message_id(header.as_bytes()).as_deref(), id, "{header}");
        }
    }
}
