//! APPEND (RFC 9051 section 6.3.12): a new message into a mailbox.

use chrono::{DateTime, FixedOffset};

use crate::connection::answer::leave;
use crate::error::{Error, Result};
use crate::session::Session;
use crate::types::flag::Flag;
use crate::types::mailbox_name::MailboxName;
use crate::types::origin::Origin;
use crate::types::response_code::ResponseCode;
use crate::types::uid::{Uid, UidValidity};
use crate::types::uid_set::UidSet;

/// The form of a date and time on the wire (`date-time`).
const DATE_TIME: &str = "\"%e-%b-%Y %H:%M:%S %z\"";

/// What else a message is stored with.
///
/// ```
/// use latchbox::command::AppendOptions;
/// use latchbox::types::Flag;
///
/// let options = AppendOptions::new().flags([Flag::Seen, Flag::Draft]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct AppendOptions {
    flags: Vec<Flag>,
    internal_date: Option<DateTime<FixedOffset>>,
}

/// What became of a message that was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    uids: Option<UidSet>,
}

impl AppendOptions {
    /// No flags, and the time at which the server receives it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The flags that the message is to have. They are sent as given; a server drops what the
    /// mailbox cannot keep.
    #[must_use]
    pub fn flags(mut self, flags: impl IntoIterator<Item = Flag>) -> Self {
        self.flags = flags.into_iter().collect();
        self
    }

    /// When the message is to count as received (INTERNALDATE).
    #[must_use]
    pub fn internal_date(mut self, date: DateTime<FixedOffset>) -> Self {
        self.internal_date = Some(date);
        self
    }
}

impl Appended {
    /// The UID of the message, and the mailbox that it counts in; nothing when the server does
    /// not have UIDPLUS or kept it to itself.
    #[must_use]
    pub fn uids(&self) -> Option<&UidSet> {
        self.uids.as_ref()
    }

    /// The UID of the message, where the server told it.
    #[must_use]
    pub fn uid(&self) -> Option<Uid> {
        self.uids.as_ref()?.first()
    }

    /// The UIDVALIDITY of the mailbox, where the server told it.
    #[must_use]
    pub fn uid_validity(&self) -> Option<UidValidity> {
        self.uids.as_ref()?.origin()?.uid_validity()
    }
}

impl Session {
    /// Stores a message in a mailbox (APPEND): its octets as they are to be kept, with line ends
    /// of CR LF.
    ///
    /// The octets are sent from where they lie. With LITERAL+ (or up to 4,096 octets with
    /// LITERAL-) they go along with the command, else after the server has asked for them; a
    /// refusal at that point costs nothing but the round trip.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`], with the code `TRYCREATE` when there is no such mailbox and it could be
    /// created; [`Error::Argument`] for an empty message, one that is larger than the server's
    /// APPENDLIMIT, or one with a NUL where the server does not have BINARY; [`Error::Lock`],
    /// [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let message = b"From: alice@example.com\r\nSubject: hello\r\n\r\nHello!\r\n";
    /// let appended = session.append("Sent", message)?;
    /// println!("stored as {:?}", appended.uid());
    /// # assert!(appended.uid().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn append<N>(&self, name: N, message: &[u8]) -> Result<Appended>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        self.append_with(name, message, &AppendOptions::default())
    }

    /// The same with flags, and with the time at which the message counts as received.
    ///
    /// # Errors
    ///
    /// As for [`append`](Self::append); [`Error::Argument`] also for a flag that cannot be sent.
    pub fn append_with<N>(
        &self,
        name: N,
        message: &[u8],
        options: &AppendOptions,
    ) -> Result<Appended>
    where
        N: TryInto<MailboxName, Error: Into<Error>>,
    {
        let name = name.try_into().map_err(Into::into)?;
        let mut connection = self.lease("APPEND")?;
        check_size(message, connection.capabilities()?.append_limit())?;
        let code = connection.run(
            "APPEND",
            |encoder| {
                encoder.raw("APPEND ").mailbox(&name)?.sp();
                if !options.flags.is_empty() {
                    encoder.flag_list(&options.flags)?.sp();
                }
                if let Some(date) = options.internal_date {
                    encoder.display(date.format(DATE_TIME)).sp();
                }
                encoder.literal("message", message)?;
                Ok(())
            },
            leave,
        )?;
        Ok(Appended::by(code, &name))
    }
}

impl Appended {
    fn by(code: Option<ResponseCode>, name: &MailboxName) -> Self {
        let Some(ResponseCode::AppendUid { uid_validity, uids }) = code else {
            return Self { uids: None };
        };
        let origin = Origin::new(name.clone(), uid_validity);
        Self {
            uids: Some(uids.with_origin(origin.into())),
        }
    }
}

fn check_size(message: &[u8], limit: Option<u64>) -> Result<()> {
    let size = u64::try_from(message.len()).unwrap_or(u64::MAX);
    match limit {
        _ if size == 0 => Err(Error::text("message", "it is empty")),
        Some(limit) if size > limit => Err(Error::text(
            "message",
            "it is larger than the server's APPENDLIMIT",
        )),
        _ => Ok(()),
    }
}
