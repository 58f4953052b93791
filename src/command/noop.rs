//! NOOP (RFC 9051 section 6.1.2): nothing but news.

use std::sync::Arc;

use crate::connection::Connection;
use crate::connection::pipeline::Concern;
use crate::error::Result;
use crate::mailbox_guard::{Access, Keeping, MailboxGuard};
use crate::pipeline::{Ask, Command, Need, Place, sealed};
use crate::session::Session;
use crate::types::origin::Origin;
use crate::types::response_code::ResponseCode;
use crate::wire::encoder::Encoder;

/// NOOP as a command of a batch (see [`Session::pipeline`]); its answer is nothing but news.
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
    /// Asks for nothing, which keeps the connection from being closed for idleness (NOOP).
    ///
    /// # Errors
    ///
    /// [`Error::Lock`](crate::Error::Lock), [`Error::Closed`](crate::Error::Closed),
    /// [`Error::Refused`](crate::Error::Refused).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// session.noop()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn noop(&self) -> Result<()> {
        self.lease("NOOP")?.noop()
    }
}

impl<A: Access, K: Keeping> MailboxGuard<'_, A, K> {
    /// Asks for news of the mailbox (NOOP): counters and [`events`](Self::events) are current
    /// afterwards.
    ///
    /// # Errors
    ///
    /// [`Error::Mailbox`](crate::Error::Mailbox), [`Error::Closed`](crate::Error::Closed),
    /// [`Error::Refused`](crate::Error::Refused).
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
    pub fn refresh(&mut self) -> Result<()> {
        self.held.connection("NOOP")?.noop()
    }
}

impl sealed::Command for Noop {}

impl<In> Command<In> for Noop {
    type Answer = ();
}

impl<In> Ask<In> for Noop {
    type Heard = ();

    fn name(&self) -> &'static str {
        "NOOP"
    }

    fn check(&self, place: &mut Place<'_>) -> Result<Need> {
        place.resume_counting("NOOP")?;
        Ok(Need::Send)
    }

    fn encode<'a>(&'a self, encoder: &mut Encoder<'a>) -> Result<()> {
        encoder.raw("NOOP");
        Ok(())
    }

    fn concern(&self) -> Concern<'_> {
        Concern::Nothing
    }

    fn finish(
        &self,
        (): (),
        _code: Option<ResponseCode>,
        _origin: Option<&Arc<Origin>>,
    ) -> Result<()> {
        Ok(())
    }
}

impl Connection {
    fn noop(&mut self) -> Result<()> {
        self.resume_counting()?;
        self.run_plain("NOOP", |encoder| {
            encoder.raw("NOOP");
            Ok(())
        })?;
        Ok(())
    }
}
