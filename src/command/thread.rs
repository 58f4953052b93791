//! THREAD (RFC 5256): messages as trees of messages and their replies.

use std::borrow::Borrow;
use std::sync::Arc;

use crate::connection::search_habits::Returning;
use crate::error::{Error, Result};
use crate::exchange::{Batchable, Exchange, Planned, Sent};
use crate::mailbox_guard::lease::{MailboxLease, SelectedState};
use crate::mailbox_guard::search::form::Form;
use crate::mailbox_guard::{Access, MailboxGuard};
use crate::types::asked_for::AskedFor;
use crate::types::capability::Capability;
use crate::types::search::SearchKey;
use crate::types::thread::{Node, ThreadAlgorithm, Threads};
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

const COMMAND: &str = "UID THREAD";

impl<A: Access> MailboxGuard<'_, A> {
    /// Searches for messages, and returns them as trees of replies (UID THREAD, RFC 5256).
    ///
    /// # Errors
    ///
    /// As for [`search`](Self::search). Before anything is sent: [`Error::Unsupported`] for an
    /// algorithm that the server lacks; it is not emulated.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{SearchKey, ThreadAlgorithm};
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let threads = inbox.thread(ThreadAlgorithm::References, SearchKey::All)?;
    /// for thread in &threads {
    ///     println!("{:?} and {} answers", thread.uid(), thread.messages().count() - 1);
    /// }
    /// # assert_eq!(threads.uids().to_string(), "1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "THREAD")]
    #[doc(alias = "uid_thread")]
    pub fn thread(
        &mut self,
        algorithm: ThreadAlgorithm,
        key: impl Borrow<SearchKey>,
    ) -> Result<Threads> {
        let algorithm = algorithm.to_string().to_ascii_uppercase();
        let needed = Capability::Thread(algorithm.as_str().into());
        needed.check()?;
        let mut lease = self.held.lease(COMMAND)?;
        if !lease.capabilities()?.contains(&needed) {
            return Err(Error::unsupported(COMMAND, needed));
        }
        let key = key.borrow();
        let nodes = lease.in_some_form(COMMAND, key, None, Returning::No, |lease, form| {
            let algorithm = &algorithm;
            lease.execute(&Thread {
                algorithm,
                key,
                form,
            })
        })?;
        let asked_for = AskedFor::by_key(key, true);
        let threads = Threads::new(nodes, Arc::clone(lease.held().origin()));
        Ok(threads.cut(&asked_for))
    }
}

/// UID THREAD in one form.
struct Thread<'k> {
    algorithm: &'k str,
    key: &'k SearchKey,
    form: &'k Form,
}

impl<A: Access> Batchable<SelectedState<A>> for Thread<'_> {
    type Answer = Vec<Node>;
}

impl<A: Access> Exchange<SelectedState<A>> for Thread<'_> {
    type Plan = ();
    type Partial = ThreadAnswer;

    fn name(&self) -> &'static str {
        COMMAND
    }

    fn plan(&self, lease: &mut MailboxLease<'_>) -> Result<Planned<(), Vec<Node>>> {
        lease.confirm_numberings(COMMAND, self.key, None)?;
        Ok(Planned::Send(()))
    }

    fn encode<'a>(&'a self, _plan: &'a (), encoder: &mut Encoder<'a>) -> Result<()> {
        encoder.raw("UID THREAD ").raw(self.algorithm).sp();
        Ok(self.form.search_criteria(encoder, self.key)?)
    }

    fn claim<'r>(
        &self,
        _sent: Sent<'_, ()>,
        answer: &mut ThreadAnswer,
        data: Untagged<'r>,
    ) -> Option<Untagged<'r>> {
        match data {
            Untagged::Thread(nodes) if answer.nodes.is_empty() => answer.nodes = nodes,
            Untagged::Thread(_) => answer.is_doubled = true,
            other => return Some(other),
        }
        None
    }

    fn finish(
        &self,
        (): (),
        answer: ThreadAnswer,
        lease: &mut MailboxLease<'_>,
    ) -> Result<Vec<Node>> {
        lease.check_found()?;
        match answer.is_doubled {
            false => Ok(answer.nodes),
            true => Err(Error::unreadable(COMMAND)),
        }
    }
}

/// What has been received of the answer to a THREAD.
#[derive(Default)]
struct ThreadAnswer {
    nodes: Vec<Node>,
    /// A second answer came, and it is not known which one is right.
    is_doubled: bool,
}
