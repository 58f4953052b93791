//! NOOP (RFC 9051 section 6.1.2): polls for changes.

use crate::connection::Connection;
use crate::connection::pipeline::Footprint;
use crate::error::Result;
use crate::exchange::{BatchState, Command, Simple, run_alone};
use crate::mailbox_guard::lease::MailboxLease;
use crate::mailbox_guard::{Access, MailboxGuard};
use crate::session::Session;

/// NOOP as a value; it has no answer except events.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::command::{Noop, Status};
/// use latchbox::types::StatusItem;
///
/// let trash = Status::new("Trash", [StatusItem::Messages])?;
/// let (news, trash) = session.pipeline((Noop, trash))?;
/// news?;
/// println!("{:?} messages in Trash", trash?.messages());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Noop;

impl Session {
    /// Sends NOOP, which resets the server's autologout timer (RFC 9051 section 5.4).
    ///
    /// # Errors
    ///
    /// [`Error::Lock`](crate::Error::Lock); [`Error::Refused`](crate::Error::Refused);
    /// [`Error::Closed`](crate::Error::Closed).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// session.noop()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "NOOP")]
    #[doc(alias = "keepalive")]
    pub fn noop(&self) -> Result<()> {
        self.execute(&Noop)
    }
}

impl<A: Access> MailboxGuard<'_, A> {
    /// Polls for changes of the mailbox (NOOP).
    ///
    /// The counters and [`events`](Self::events) are current afterwards.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`](crate::Error::Refused); [`Error::Mailbox`](crate::Error::Mailbox);
    /// [`Error::Closed`](crate::Error::Closed).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let before = inbox.exists();
    /// # let news = latchbox_testkit::message("new", "a@b.example", "x");
    /// # server.deliver(latchbox_testkit::USER, "INBOX", news);
    /// inbox.refresh()?;
    /// println!("{} new messages", inbox.exists() - before);
    /// # assert_eq!(inbox.exists() - before, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "NOOP")]
    #[doc(alias = "CHECK")]
    #[doc(alias = "poll")]
    pub fn refresh(&mut self) -> Result<()> {
        self.held.lease(Noop::NAME)?.refresh()
    }
}

impl MailboxLease<'_> {
    /// Polls for changes.
    pub(crate) fn refresh(&mut self) -> Result<()> {
        self.execute(&Noop)
    }
}

impl<In: BatchState> Command<In> for Noop {
    type Answer = ();

    fn run_on(self, place: In::Place<'_>) -> Result<()> {
        run_alone::<In, _>(place, &self)
    }
}

#[allow(private_interfaces, reason = "only this crate calls it")]
impl Simple for Noop {
    const NAME: &'static str = "NOOP";
    type Partial = ();

    fn check(&self, connection: &mut Connection) -> Result<()> {
        connection.resume_counting()
    }

    fn footprint(&self) -> Footprint<'_> {
        Footprint::Nothing
    }
}
