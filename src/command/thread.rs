//! THREAD (RFC 5256): messages as the trees of who answers whom.

use std::borrow::Borrow;
use std::sync::Arc;

use crate::connection::search_habits::Returning;
use crate::error::{Error, Result};
use crate::mailbox_guard::{Access, Keeping, MailboxGuard};
use crate::types::asked_for::AskedFor;
use crate::types::capability::Capability;
use crate::types::search::SearchKey;
use crate::types::thread::{ThreadAlgorithm, Threads};
use crate::wire::response::Untagged;

const COMMAND: &str = "UID THREAD";

impl<A: Access, K: Keeping> MailboxGuard<'_, A, K> {
    /// The messages that meet a condition, as trees of who answers whom (UID THREAD).
    ///
    /// # Errors
    ///
    /// As for [`search`](Self::search); [`Error::Unsupported`] for an algorithm that the server does
    /// not have, before anything is sent: nothing is threaded here.
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
        let nodes = lease.look_for(COMMAND, key, None, Returning::No, |connection, attempt| {
            let (mut nodes, mut is_unreadable) = (Vec::new(), false);
            connection.run(
                COMMAND,
                |encoder| {
                    encoder.raw("UID THREAD ").raw(&algorithm).sp();
                    Ok(attempt.search_criteria(encoder)?)
                },
                |data| {
                    match data {
                        Untagged::Thread(told) if nodes.is_empty() => nodes = told,
                        Untagged::Thread(_) => is_unreadable = true,
                        other => return Some(other),
                    }
                    None
                },
            )?;
            match is_unreadable {
                false => Ok(nodes),
                true => Err(Error::unreadable(COMMAND)),
            }
        })?;
        let asked_for = AskedFor::by_key(key, true);
        let threads = Threads::new(nodes, Arc::clone(self.held.origin()));
        Ok(threads.cut(&asked_for))
    }
}
