//! The events of a session as a whole: alerts, and what NOTIFY requested (RFC 5465).

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

/// An unsolicited response that is not, or not only, about the mailbox that a guard holds.
///
/// See [`Session::events`](crate::Session::events).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SessionEvent {
    /// A text that must be shown to the user (ALERT).
    ///
    /// It was in the greeting, in the answer to the login or to any other command, or in a response
    /// of its own.
    Alert(String),
    /// An untagged NO or BAD, received while no mailbox was selected: a warning of no command.
    Notice {
        /// The response code, if there was one.
        code: Option<ResponseCode>,
        /// The text.
        text: String,
    },
    /// The new counts of a mailbox that is not selected (NOTIFY).
    ///
    /// They are the items that the server chose to send.
    Status(MailboxStatus),
    /// A mailbox was created, deleted, renamed, subscribed or unsubscribed (NOTIFY).
    ///
    /// The entry has its current attributes, and its [former name](ListEntry::old_name).
    Mailbox(ListEntry),
    /// Metadata of a mailbox, or of the server, has changed (METADATA, or NOTIFY).
    Metadata {
        /// Its scope: a mailbox, or the server.
        scope: MetadataScope,
        /// The names of the entries, without their values.
        names: Vec<MetadataName>,
    },
    /// A new message of the selected mailbox with the items that
    /// [`NotifyEvent::MessageNew`](crate::notify::NotifyEvent::MessageNew) requests.
    Message {
        /// The mailbox that was selected.
        mailbox: MailboxName,
        /// The message.
        message: Box<Fetch>,
    },
    /// The progress of a long command that another thread has in flight (INPROGRESS, RFC 9585).
    ///
    /// Only the latest progress of each command is kept.
    InProgress {
        /// The command, such as `UID COPY`.
        command: &'static str,
        /// Its tag, which distinguishes it from others of this name.
        tag: String,
        /// The amount done so far, in units of the server's choice; `None` if it was not reported.
        done: Option<u64>,
        /// The total amount, in these units, which may change; `None` if it was not reported.
        goal: Option<u64>,
        /// The text.
        text: String,
    },
    /// An event of the selected mailbox that came while no guard held it.
    ///
    /// Only [`Notifications`](crate::notify::Notifications) return it.
    Selected {
        /// The mailbox that is selected.
        mailbox: MailboxName,
        /// The event.
        event: MailboxEvent,
    },
    /// The server has disabled NOTIFY, because there were too many events (NOTIFICATIONOVERFLOW).
    ///
    /// Events since then are lost, and no more come before the next
    /// [`NotifyCommands::set`](crate::notify::NotifyCommands::set).
    NotificationOverflow(String),
    /// Events were not taken in time, and the oldest were discarded.
    Overflow {
        /// The number of events that were discarded.
        lost: u64,
    },
}

/// A line of human-readable text; control characters are escaped.
impl fmt::Display for SessionEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alert(text) => write!(f, "alert: {}", Printable(text)),
            Self::Notice { text, .. } => write!(f, "notice: {}", Printable(text)),
            Self::Status(status) => write!(f, "mailbox {} has changed", status.name()),
            Self::Mailbox(entry) => write!(f, "the mailbox list has changed: {}", entry.name()),
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
                write!(f, "the server has switched NOTIFY off: {}", Printable(text))
            }
            Self::Overflow { lost } => write!(
                f,
                "{lost} events were lost: the queue exceeded ClientBuilder::events_limit or \
                 event_octets_limit"
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
            Self::Status(status) => status.name().as_str().len() + status.other_octets(),
            Self::Mailbox(entry) => entry.octets(),
            Self::Metadata { names, .. } => {
                let names = names.iter().map(|name| name.as_str().len() + 24);
                names.sum()
            }
            Self::Message { mailbox, message } => {
                mailbox.as_str().len() + message.responses().octets()
            }
            Self::Selected { event, .. } => event.octets(),
            Self::Overflow { .. } => 0,
        }
    }
}
