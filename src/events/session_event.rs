//! What a server tells a session as a whole: alerts, and what NOTIFY asks for (RFC 5465).

use std::fmt;

use crate::events::event::Event;
use crate::printable::Printable;
use crate::types::event::MailboxEvent;
use crate::types::list::ListEntry;
use crate::types::mailbox_name::MailboxName;
use crate::types::mailbox_status::MailboxStatus;
use crate::types::metadata::{MetadataName, MetadataScope};
use crate::types::response_code::ResponseCode;
use crate::wire::response::fetch::Fetch;

/// Something that the server told unasked and that is not, or not only, about the mailbox that a
/// guard holds; see [`Session::events`](crate::Session::events).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SessionEvent {
    /// A text that the user has to be shown (ALERT), wherever it stood: in the greeting, in the
    /// answer to the login or to any other command, or alone.
    Alert(String),
    /// A warning that belongs to no command (an untagged NO or BAD), told while no mailbox was
    /// selected.
    Notice {
        /// The code, if there was one.
        code: Option<ResponseCode>,
        /// The text.
        text: String,
    },
    /// What has changed in the counts of a mailbox that is not selected (NOTIFY). Holds what the
    /// server chose to tell.
    Status(MailboxStatus),
    /// A mailbox was created, deleted, renamed or subscribed to, or is so no longer (NOTIFY): its
    /// attributes now, and its [former name](ListEntry::old_name).
    Mailbox(ListEntry),
    /// Metadata of a mailbox, or of the server, has changed (METADATA, or NOTIFY).
    Metadata {
        /// Of what: a mailbox, or the server.
        scope: MetadataScope,
        /// The names of the entries, without their values.
        names: Vec<MetadataName>,
    },
    /// A new message of the selected mailbox with the items that
    /// [`NotifyEvent::MessageNew`](crate::types::NotifyEvent::MessageNew) asks for.
    Message {
        /// The mailbox that was selected.
        mailbox: MailboxName,
        /// The message.
        message: Box<Fetch>,
    },
    /// How far a long command is that another thread has under way (INPROGRESS, RFC 9585). Of each
    /// command only the latest is kept.
    InProgress {
        /// The command, such as `UID COPY`.
        command: &'static str,
        /// Its tag, which tells it from others of the same name.
        tag: String,
        /// How much is done, in units of the server's own, if it told.
        done: Option<u64>,
        /// How much there is to do, in the same units, if the server knows. It may change.
        goal: Option<u64>,
        /// The text.
        text: String,
    },
    /// An event of the selected mailbox that came while no guard held it. Only
    /// [`Notifications`](crate::command::Notifications) tell it.
    Selected {
        /// The mailbox that is selected.
        mailbox: MailboxName,
        /// What happened in it.
        event: MailboxEvent,
    },
    /// There was too much to tell: the server has switched NOTIFY off. What happened since is not
    /// known, and nothing more is told before [`Session::notify`](crate::Session::notify) asks
    /// again.
    NotificationOverflow(String),
    /// Events were not fetched in time, and the oldest were dropped.
    Overflow {
        /// How many.
        lost: u64,
    },
}

/// A line for people; what could mislead a terminal is escaped.
impl fmt::Display for SessionEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alert(text) => write!(f, "alert: {}", Printable(text)),
            Self::Notice { text, .. } => write!(f, "notice: {}", Printable(text)),
            Self::Status(status) => write!(f, "mailbox {} has changed", status.name()),
            Self::Mailbox(entry) => write!(f, "mailbox {} is there or gone", entry.name()),
            Self::Metadata { scope, .. } => write!(f, "metadata of {scope} has changed"),
            Self::Message { mailbox, .. } => write!(f, "a new message in mailbox {mailbox}"),
            Self::Selected { mailbox, event } => write!(f, "mailbox {mailbox}: {event}"),
            Self::InProgress {
                command,
                done,
                goal,
                ..
            } => {
                write!(f, "{command} is in progress")?;
                done.map_or(Ok(()), |done| write!(f, ": {done}"))?;
                goal.map_or(Ok(()), |goal| write!(f, " of {goal}"))
            }
            Self::NotificationOverflow(text) => {
                write!(f, "there was too much to tell: {}", Printable(text))
            }
            Self::Overflow { lost } => write!(
                f,
                "{lost} events were lost, for more came than ClientBuilder::events_limit and \
                 event_octets_limit let wait"
            ),
        }
    }
}

impl Event for SessionEvent {
    fn overflow(lost: u64) -> Self {
        Self::Overflow { lost }
    }

    fn can_replace(&self) -> bool {
        matches!(self, Self::InProgress { .. })
    }

    fn replaces(&self, earlier: &Self) -> bool {
        match (self, earlier) {
            (Self::InProgress { tag, .. }, Self::InProgress { tag: other, .. }) => tag == other,
            _ => false,
        }
    }

    fn octets(&self) -> usize {
        match self {
            Self::Alert(text) | Self::Notice { text, .. } | Self::NotificationOverflow(text) => {
                text.len()
            }
            Self::InProgress { tag, text, .. } => tag.len() + text.len(),
            Self::Status(status) => status.name().as_str().len(),
            Self::Mailbox(entry) => entry.octets(),
            Self::Metadata { names, .. } => {
                let names = names.iter().map(|name| name.as_str().len() + 24);
                names.sum()
            }
            Self::Message { mailbox, message } => mailbox.as_str().len() + message.octets(),
            Self::Selected { event, .. } => event.octets(),
            Self::Overflow { .. } => 0,
        }
    }
}
