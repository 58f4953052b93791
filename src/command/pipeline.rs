//! Batches on a session and in a guard: several commands in one round trip (pipelining, RFC 9051
//! section 5.5).

use crate::error::Result;
use crate::exchange::AuthenticatedState;
use crate::mailbox_guard::lease::SelectedState;
use crate::mailbox_guard::{Access, MailboxGuard};
use crate::pipeline::{Batch, run_on};
use crate::session::Session;

impl Session {
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
    pub fn pipeline<B: Batch<AuthenticatedState>>(&self, batch: B) -> Result<B::Answers> {
        run_on(&mut *self.lease(batch.first())?, batch)
    }
}

impl<A: Access> MailboxGuard<'_, A> {
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
    pub fn pipeline<B: Batch<SelectedState<A>>>(&mut self, batch: B) -> Result<B::Answers> {
        let mut lease = self.held.lease(batch.first())?;
        batch.run(&mut lease)
    }
}
