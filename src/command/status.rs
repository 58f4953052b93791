//! STATUS (RFC 9051 section 6.3.11): of one mailbox, or of many in one round trip.

use std::sync::Arc;

use crate::connection::Connection;
use crate::connection::of_mailbox::OfMailbox;
use crate::connection::pipeline::{Among, Footprint};
use crate::error::{Error, Result};
use crate::exchange::{BatchState, Command, Simple, run_alone};
use crate::pipeline::run_on;
use crate::session::Session;
use crate::types::mailbox_name::{IntoMailboxName, MailboxName};
use crate::types::mailbox_status::{MailboxStatus, StatusItem};
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

/// STATUS as a value (see [`Session::run`]); its answer is a [`MailboxStatus`].
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::command::Status;
/// use latchbox::types::StatusItem;
///
/// let inbox = Status::new("INBOX", [StatusItem::Unseen])?;
/// let trash = Status::new("Trash", [StatusItem::Messages])?;
/// let [inbox, trash] = session.pipeline([inbox, trash])?;
/// println!("{:?} unread, {:?} thrown away", inbox?.unseen(), trash?.messages());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Status {
    name: MailboxName,
    items: Arc<[StatusItem]>,
}

impl Status {
    /// Requests these counts and ids of a mailbox.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for an invalid name, and for no items at all.
    pub fn new(name: impl IntoMailboxName, items: impl AsRef<[StatusItem]>) -> Result<Self> {
        Self::of(name, &items.as_ref().into())
    }

    fn of(name: impl IntoMailboxName, items: &Arc<[StatusItem]>) -> Result<Self> {
        let name = name.into_mailbox_name()?;
        match items.is_empty() {
            true => Err(Error::text("items", "none are given")),
            false => Ok(Self {
                name,
                items: Arc::clone(items),
            }),
        }
    }
}

impl<In: BatchState> Command<In> for Status {
    type Answer = MailboxStatus;

    fn run_on(self, place: In::Place<'_>) -> Result<MailboxStatus> {
        run_alone::<In, _>(place, &self)
    }
}

#[allow(private_interfaces, reason = "only this crate calls it")]
impl Simple for Status {
    const NAME: &'static str = "STATUS";
    type Partial = OfMailbox<MailboxStatus>;

    fn check(&self, connection: &mut Connection) -> Result<()> {
        if self.items.iter().all(StatusItem::is_basic) {
            return Ok(());
        }
        connection.require_all(Self::NAME, |capabilities| {
            let mut items = self.items.iter();
            items.find_map(|item| item.missing_from(capabilities))
        })
    }

    fn arguments<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        encoder.sp().mailbox(&self.name)?;
        for (place, item) in self.items.iter().enumerate() {
            encoder
                .raw(if place > 0 { " " } else { " (" })
                .display(item);
        }
        encoder.raw(")");
        Ok(())
    }

    fn footprint(&self) -> Footprint<'_> {
        Footprint::Counts(&self.name)
    }

    fn claim<'r>(
        &self,
        heard: &mut Self::Partial,
        data: Untagged<'r>,
        among: Option<Among>,
    ) -> Option<Untagged<'r>> {
        let is_event = among.is_some_and(|among| among.is_notifying);
        match data {
            Untagged::MailboxStatus(status) if !is_event => {
                let name = status.name().clone();
                let status = heard.offer(&name, &self.name, among, status, MailboxStatus::join)?;
                Some(Untagged::MailboxStatus(status))
            }
            other => heard.take_unreadable(other, Self::NAME, among),
        }
    }
}

impl Session {
    /// Counts and ids of a mailbox without selecting it (STATUS, RFC 9051 section 6.3.11).
    ///
    /// A server may leave out requested items: each item of the answer is optional. For the
    /// selected mailbox, the counters of its guard cost nothing, while STATUS costs the server some
    /// work.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Unsupported`] for an item of an extension that the server
    /// lacks; [`Error::Argument`] for an invalid name, and for no items at all; [`Error::Lock`].
    /// Then [`Error::Refused`]; [`Error::MissingData`]; [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::StatusItem;
    ///
    /// let inbox = session.status("INBOX", [StatusItem::Messages, StatusItem::Unseen])?;
    /// println!("{:?} of {:?} are unread", inbox.unseen(), inbox.messages());
    /// # assert!(inbox.messages().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "STATUS")]
    pub fn status(
        &self,
        name: impl IntoMailboxName,
        items: impl AsRef<[StatusItem]>,
    ) -> Result<MailboxStatus> {
        self.execute(&Status::new(name, items)?)
    }

    /// Counts and ids of many mailboxes, pipelined (STATUS): one round trip or few for all of them.
    ///
    /// The outcomes are in the order of the names, one for each: an invalid name, or a mailbox that
    /// does not exist, does not affect the others.
    ///
    /// # Errors
    ///
    /// [`Error::Lock`], and [`Error::Closed`] if nothing could be sent. In the outcomes: as for
    /// [`status`](Self::status).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::StatusItem;
    ///
    /// let names: Vec<_> = session.list("*")?.iter().map(|mailbox| mailbox.name().clone()).collect();
    /// let counts = session.status_many(names.clone(), [StatusItem::Messages])?;
    /// for (name, counts) in names.iter().zip(counts) {
    ///     match counts {
    ///         Ok(counts) => println!("{name}: {:?} messages", counts.messages()),
    ///         Err(error) => println!("{name}: {error}"),
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "STATUS")]
    #[doc(alias = "LIST-STATUS")]
    pub fn status_many(
        &self,
        names: impl IntoIterator<Item = impl IntoMailboxName>,
        items: impl AsRef<[StatusItem]>,
    ) -> Result<Vec<Result<MailboxStatus>>> {
        let items = items.as_ref().into();
        let mut commands = Vec::new();
        let mut refused = Vec::new();
        for (place, name) in names.into_iter().enumerate() {
            match Status::of(name, &items) {
                Ok(command) => commands.push(command),
                Err(error) => refused.push((place, error)),
            }
        }
        let mut outcomes = self.pipeline(commands)?;
        for (place, error) in refused {
            outcomes.insert(place.min(outcomes.len()), Err(error));
        }
        Ok(outcomes)
    }
}

impl Connection {
    /// Counts of many mailboxes, pipelined, for a command that lists them.
    pub(crate) fn mailbox_statuses<'n>(
        &mut self,
        names: impl Iterator<Item = &'n MailboxName>,
        items: &[StatusItem],
    ) -> Result<Vec<Result<MailboxStatus>>> {
        let items: Arc<[StatusItem]> = items.into();
        let commands = names.map(|name| Status {
            name: name.clone(),
            items: Arc::clone(&items),
        });
        run_on(self, commands.collect::<Vec<_>>())
    }
}
