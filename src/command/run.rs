//! Runs commands as values on a session, in a guard and in its views: one, or several in one round
//! trip (pipelining, RFC 9051 section 5.5).

use crate::error::Result;
use crate::exchange::{AuthenticatedState, Command};
use crate::mailbox_guard::lease::SelectedState;
use crate::mailbox_guard::numbered::{Numbered, NumberedState};
use crate::mailbox_guard::saved_search::{SavedSearch, SavedState};
use crate::mailbox_guard::{Access, MailboxGuard};
use crate::pipeline::{Batch, run_on};
use crate::session::Session;

impl Session {
    /// Runs a command as a value, and returns its answer; [`Command`] lists those of a session.
    ///
    /// It does what the method of the command does, with the options of the value, in several
    /// commands of the protocol if needed. To run several values in one round trip, see
    /// [`pipeline`](Self::pipeline).
    ///
    /// # Errors
    ///
    /// Those of the command; [`Error::Lock`](crate::Error::Lock);
    /// [`Error::StreamOpen`](crate::Error::StreamOpen); [`Error::Closed`](crate::Error::Closed).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::command::Status;
    /// use latchbox::types::StatusItem;
    ///
    /// let inbox = session.run(Status::new("INBOX", [StatusItem::Unseen])?)?;
    /// assert_eq!(inbox.unseen(), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "execute")]
    pub fn run<C: Command<AuthenticatedState>>(&self, command: C) -> Result<C::Answer> {
        let mut connection = self.lease(command.name())?;
        command.run_on(&mut connection)
    }

    /// Runs several commands in one round trip instead of one for each (RFC 9051 section 5.5).
    ///
    /// A batch is a tuple of up to eight commands, or an array or a `Vec` of one type. They are
    /// sent together, and the server may answer in any order. Each has its own outcome: if one is
    /// refused, the others are sent and answered all the same.
    ///
    /// A command whose answer depends on an earlier one in the batch, or could be mistaken for its
    /// answer, is sent after that one was answered: a [`Status`](crate::command::Status) of a
    /// mailbox after one of the same mailbox, or after an APPEND to it. Commands after a literal
    /// that needs a continuation request (no LITERAL+ or LITERAL-) also wait. The number of octets
    /// sent ahead of the answers is bounded, and a batch may have any length.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Lock`](crate::Error::Lock);
    /// [`Error::StreamOpen`](crate::Error::StreamOpen); [`Error::Closed`](crate::Error::Closed) if
    /// the connection had ended before. All other errors are the outcome of a command: invalid
    /// arguments, a refusal, and [`Error::Closed`](crate::Error::Closed) for each command that was
    /// not answered before the connection ended, with whether it [may have taken
    /// effect](crate::Error::may_have_taken_effect).
    #[doc(alias = "batch")]
    pub fn pipeline<B: Batch<AuthenticatedState>>(&self, batch: B) -> Result<B::Answers> {
        run_on(&mut *self.lease(batch.first())?, batch)
    }
}

impl<A: Access> MailboxGuard<'_, A> {
    /// Runs a command as a value, and returns its answer; [`Command`] lists those of a guard.
    ///
    /// Commands that change the mailbox need a read-write guard. It does what the method of the
    /// command does, with the options of the value, in several commands of the protocol if needed.
    /// To run several values in one round trip, see [`pipeline`](Self::pipeline).
    ///
    /// # Errors
    ///
    /// Those of the command; [`Error::Mailbox`](crate::Error::Mailbox);
    /// [`Error::StreamOpen`](crate::Error::StreamOpen); [`Error::Closed`](crate::Error::Closed).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::command::Store;
    /// use latchbox::types::{Flag, SearchKey};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let unseen = inbox.search(SearchKey::Unseen)?;
    /// let stored = inbox.run(Store::add(&unseen, &[Flag::Seen]).silent())?;
    /// assert!(stored.changed().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "execute")]
    pub fn run<C: Command<SelectedState<A>>>(&mut self, command: C) -> Result<C::Answer> {
        command.run_on(&mut self.held)
    }

    /// Runs several commands on the selected mailbox in one round trip.
    ///
    /// Like [`Session::pipeline`], whose commands can be in the batch as well. Messages are named
    /// by UID. Commands that name the same messages are sent one after the other, if the second
    /// could change the answer to the first or depend on it. Commands that remove messages, and
    /// those that name them by sequence number, cannot be in a batch, because one would change the
    /// numbers of the other (RFC 9051 section 5.5).
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Mailbox`](crate::Error::Mailbox);
    /// [`Error::StreamOpen`](crate::Error::StreamOpen); [`Error::Closed`](crate::Error::Closed).
    /// Otherwise each command has its own outcome, as in [`Session::pipeline`]. If the server closes the
    /// mailbox, or reports another UIDVALIDITY, [`Error::Mailbox`](crate::Error::Mailbox) is the outcome of
    /// the commands that were not sent yet and of those that only read.
    #[doc(alias = "batch")]
    pub fn pipeline<B: Batch<SelectedState<A>>>(&mut self, batch: B) -> Result<B::Answers> {
        let mut lease = self.held.lease(batch.first())?;
        batch.run(&mut lease)
    }
}

impl<'n, A: Access> Numbered<'n, A> {
    /// Runs a command that names messages by the sequence numbers of this view.
    ///
    /// One such command is [`Store`](crate::command::Store); see [`MailboxGuard::run`].
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::run`]. Before anything is sent: [`MailboxError::Renumbered`] and
    /// [`MailboxError::ForeignNumbers`].
    ///
    /// [`MailboxError::Renumbered`]: crate::error::MailboxError::Renumbered
    /// [`MailboxError::ForeignNumbers`]: crate::error::MailboxError::ForeignNumbers
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::command::Store;
    /// use latchbox::types::{Flag, SearchKey};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let mut numbered = inbox.numbered();
    /// let last_50 = numbered.last(50);
    /// numbered.run(Store::add(&last_50, &[Flag::Seen]).silent())?;
    /// assert_eq!(inbox.search(SearchKey::Seen)?.to_string(), "1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "execute")]
    pub fn run<C: Command<NumberedState<'n, A>>>(&mut self, command: C) -> Result<C::Answer> {
        command.run_on(self.place())
    }
}

impl<A: Access> SavedSearch<'_, A> {
    /// Runs a command on the found messages, which [`SavedResult`](crate::types::SavedResult)
    /// names.
    ///
    /// See [`MailboxGuard::run`].
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::run`].
    #[doc(alias = "execute")]
    pub fn run<C: Command<SavedState<A>>>(&mut self, command: C) -> Result<C::Answer> {
        command.run_on(self.place())
    }
}
