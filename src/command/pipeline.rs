//! Commands that are values, run on a session, in a guard and in its views: one, or several in one
//! round trip (pipelining, RFC 9051 section 5.5).

use crate::error::Result;
use crate::exchange::{AuthenticatedState, Command};
use crate::mailbox_guard::lease::SelectedState;
use crate::mailbox_guard::numbered::{Numbered, NumberedState};
use crate::mailbox_guard::saved_search::{SavedSearch, SavedState};
use crate::mailbox_guard::{Access, MailboxGuard};
use crate::pipeline::{Batch, run_on};
use crate::session::Session;

impl Session {
    /// Runs a command that is a value, and returns its answer: those that [`Command`] lists for a
    /// session.
    ///
    /// It does what the method of the command does, with the options that the value carries, in
    /// several commands if it takes several. Several values in one round trip are a
    /// [`pipeline`](Self::pipeline).
    ///
    /// # Errors
    ///
    /// Those of the command; [`Error::Lock`](crate::Error::Lock),
    /// [`Error::StreamOpen`](crate::Error::StreamOpen), [`Error::Closed`](crate::Error::Closed).
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

    /// Runs several commands in one go: they are sent together and answered one after the other,
    /// which costs one round trip instead of one for each (pipelining, RFC 9051 section 5.5).
    ///
    /// A batch is a tuple of up to eight commands, or an array or a `Vec` of one kind. Each has an
    /// outcome of its own: a refusal of one leaves the others as they are, and they are sent all
    /// the same. The answers may come in any order.
    ///
    /// A command whose answer depends on another before it in the batch, or could be mistaken for
    /// that other's, is sent when that one has been answered: a [`Status`](crate::command::Status)
    /// of a mailbox after one of the same mailbox, or after an APPEND to it. So is all that comes
    /// after a literal that the server has to ask for (no LITERAL+ or LITERAL-). What is sent ahead
    /// of the answers is bounded; a batch may be of any length.
    ///
    /// # Errors
    ///
    /// [`Error::Lock`](crate::Error::Lock) when the turn does not come,
    /// [`Error::StreamOpen`](crate::Error::StreamOpen), and [`Error::Closed`](crate::Error::Closed)
    /// when the connection had ended before: nothing was sent. All else is the outcome of a
    /// command: its arguments, its refusal, and [`Error::Closed`](crate::Error::Closed) for each
    /// that was not answered when the connection ended, which says whether it
    /// [may have taken effect](crate::Error::may_have_taken_effect).
    #[doc(alias = "batch")]
    pub fn pipeline<B: Batch<AuthenticatedState>>(&self, batch: B) -> Result<B::Answers> {
        run_on(&mut *self.lease(batch.first())?, batch)
    }
}

impl<A: Access> MailboxGuard<'_, A> {
    /// Runs a command that is a value, and returns its answer: those that [`Command`] lists for a
    /// guard. Those that change the mailbox need a guard for writing.
    ///
    /// It does what the method of the command does, with the options that the value carries, in
    /// several commands if it takes several. Several values in one round trip are a
    /// [`pipeline`](Self::pipeline).
    ///
    /// # Errors
    ///
    /// Those of the command; [`Error::Mailbox`](crate::Error::Mailbox),
    /// [`Error::Closed`](crate::Error::Closed).
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

    /// Runs several commands on the selected mailbox in one go; see [`Session::pipeline`], whose
    /// commands can stand in the batch as well.
    ///
    /// Messages are named by UID. Commands that name the same messages are sent one after the
    /// other, where the second could change the answer to the first or depend on it. What removes
    /// messages, and what names them by sequence number, cannot stand in a batch: the numbers of
    /// one would change with the other (RFC 9051 section 5.5).
    ///
    /// # Errors
    ///
    /// [`Error::Mailbox`](crate::Error::Mailbox) and [`Error::Closed`](crate::Error::Closed) when
    /// nothing could be sent; otherwise each command has its own outcome, as in
    /// [`Session::pipeline`].
    #[doc(alias = "batch")]
    pub fn pipeline<B: Batch<SelectedState<A>>>(&mut self, batch: B) -> Result<B::Answers> {
        let mut lease = self.held.lease(batch.first())?;
        batch.run(&mut lease)
    }
}

impl<'n, A: Access> Numbered<'n, A> {
    /// Runs a command that names messages by the sequence numbers of this view, such as a
    /// [`Store`](crate::command::Store); see [`MailboxGuard::run`].
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::run`]; [`MailboxError::Renumbered`] and
    /// [`MailboxError::ForeignNumbers`] before anything is sent.
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
    /// Runs a command on the messages that were found, which it names by
    /// [`SavedResult`](crate::types::SavedResult); see [`MailboxGuard::run`].
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::run`].
    #[doc(alias = "execute")]
    pub fn run<C: Command<SavedState<A>>>(&mut self, command: C) -> Result<C::Answer> {
        command.run_on(self.place())
    }
}
