//! Many APPENDs in flight, each message by itself.

use std::collections::VecDeque;
use std::fmt;

use crate::command::append::{APPEND, Append};
use crate::connection::on_progress::MessagesDone;
use crate::error::{Error, Result};
use crate::pipeline::run_on;
use crate::session::Session;
use crate::types::appended::Appended;
use crate::types::mailbox_name::{IntoMailboxName, MailboxName};
use crate::types::new_message::{NewMessage, Source};

/// The most messages taken at a time, and the most octets of them.
const MESSAGES: usize = 1000;
const OCTETS: u64 = 4 << 20;

/// The outcome of each message of [`Session::append_each`], in order.
///
/// Nothing is sent before the first outcome is requested. If it is dropped early, messages not yet
/// taken from the iterator are not stored; those whose outcome was not read may be stored.
#[must_use = "nothing is sent before the outcomes are asked for"]
pub struct AppendEach<'s, 'm, M> {
    session: &'s Session,
    name: MailboxName,
    messages: M,
    /// A message that was taken and has to be sent by itself.
    next: Option<NewMessage<'m>>,
    outcomes: VecDeque<Result<Appended>>,
    is_over: bool,
    /// The number of messages that were taken, and of all if the iterator knows it, for the progress.
    taken: u64,
    total: Option<u64>,
}

impl Session {
    /// Stores messages in a mailbox, each by its own APPEND; returns an iterator over the outcomes.
    ///
    /// There is one outcome for each message, in order. With LITERAL+ many commands are in flight
    /// at once, so that all wait for one round trip; with LITERAL- those of up to 4,096 octets are.
    /// The number of octets that are sent ahead of the answers is bounded, to avoid a deadlock with
    /// the server. Messages are taken as they are needed, 1,000 or 4 MiB at a time; those from a
    /// reader are sent one by one.
    ///
    /// A refused message has no effect on the others; [`append_atomic`](Self::append_atomic) stores
    /// all or none.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for an invalid name. In the outcomes: as for [`append`](Self::append).
    /// If the connection is closed, the outcome of each message that was sent says whether it [may
    /// be stored](Error::may_have_taken_effect), and the iterator ends; a message without an
    /// outcome was not sent. The iterator also ends after [`Error::Lock`] and
    /// [`Error::StreamOpen`].
    ///
    /// ```
    #[doc = include_str!("../../doc/session.txt")]
    /// let messages = (1..=300).map(|number| format!("Subject: {number}\r\n\r\nHello!\r\n").into_bytes());
    /// for (number, outcome) in session.append_each("Archive", messages)?.enumerate() {
    ///     match outcome {
    ///         Ok(appended) => println!("message {number} is {:?}", appended.uid()),
    ///         Err(error) => println!("message {number} was not stored: {error}"),
    ///     }
    /// }
    /// # assert_eq!(server.messages("Archive").len(), 301);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "APPEND")]
    pub fn append_each<'m, M>(
        &self,
        name: impl IntoMailboxName,
        messages: M,
    ) -> Result<AppendEach<'_, 'm, M::IntoIter>>
    where
        M: IntoIterator<Item: Into<NewMessage<'m>>>,
    {
        let messages = messages.into_iter();
        let (least, most) = messages.size_hint();
        let total = most.filter(|most| *most == least);
        Ok(AppendEach {
            session: self,
            name: name.into_mailbox_name()?,
            messages,
            taken: 0,
            total: total.and_then(|total| total.try_into().ok()),
            next: None,
            outcomes: VecDeque::new(),
            is_over: false,
        })
    }
}

impl<'m, M> AppendEach<'_, 'm, M>
where
    M: Iterator<Item: Into<NewMessage<'m>>>,
{
    /// The next messages that can be sent together, up to one from a reader.
    fn take(&mut self) -> Vec<Append<'m>> {
        let mut batch = Vec::new();
        let mut octets = 0_u64;
        while batch.len() < MESSAGES && octets < OCTETS {
            let Some(message) = self.messages.next().map(Into::into) else {
                break;
            };
            octets = octets.saturating_add(message.len().unwrap_or(0));
            if let Source::Reader(..) = message.source {
                self.next = Some(message);
                break;
            }
            let name = self.name.clone();
            batch.push(Append { name, message });
        }
        batch
    }

    /// So many messages more are taken; the progress continues from those before.
    fn count(&mut self, messages: usize) -> MessagesDone {
        let before = MessagesDone::from(self.taken, self.total);
        let messages = u64::try_from(messages).unwrap_or(u64::MAX);
        self.taken = self.taken.saturating_add(messages);
        before
    }

    fn store(&mut self) -> Result<VecDeque<Result<Appended>>> {
        if let Some(message) = self.next.take() {
            let mut counted = self.count(1);
            let mut connection = self.session.lease(APPEND)?;
            let outcome = connection.append(self.name.clone(), message);
            connection.report_messages(APPEND, &mut counted, 1);
            return Ok([outcome].into());
        }
        let batch = self.take();
        match batch.is_empty() {
            false => {
                let counted = self.count(batch.len());
                let mut connection = self.session.lease(APPEND)?;
                let outcomes = connection.counting(counted, |it| run_on(it, batch));
                Ok(outcomes?.into())
            }
            true if self.next.is_some() => self.store(),
            true => Ok(VecDeque::new()),
        }
    }
}

impl<'m, M> Iterator for AppendEach<'_, 'm, M>
where
    M: Iterator<Item: Into<NewMessage<'m>>>,
{
    type Item = Result<Appended>;

    fn next(&mut self) -> Option<Result<Appended>> {
        if self.outcomes.is_empty() && !self.is_over {
            self.outcomes = self.store().unwrap_or_else(|error| [Err(error)].into());
            let is_end = |outcome: &Result<_>| {
                matches!(
                    outcome,
                    Err(Error::Closed(_) | Error::Lock(_) | Error::StreamOpen)
                )
            };
            self.is_over = self.outcomes.is_empty() || self.outcomes.iter().any(is_end);
        }
        self.outcomes.pop_front()
    }
}

impl<M> fmt::Debug for AppendEach<'_, '_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppendEach")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
