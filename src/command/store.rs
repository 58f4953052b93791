//! STORE (RFC 9051 section 6.4.6): flags are changed.

use crate::error::{Error, Result};
use crate::mailbox_guard::{Keeping, MailboxGuard, ReadWrite};
use crate::types::capability::Capability;
use crate::types::flag::Flag;
use crate::types::number_set::NumberSet;
use crate::types::response_code::ResponseCode;
use crate::types::sequence_set::{MessageSet, UidSet};
use crate::types::store::{StoreAction, StoreOptions};
use crate::wire::response::Untagged;
use crate::wire::response::fetch::Fetch;

/// What a STORE did.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    changed: Vec<Fetch>,
    modified: NumberSet,
    modified_uids: UidSet,
}

impl Stored {
    /// The messages as the server told them afterwards: their flags, and their UIDs where the set
    /// was of UIDs. Empty for a silent STORE.
    #[must_use]
    pub fn changed(&self) -> &[Fetch] {
        &self.changed
    }

    /// The messages that were left alone because they had changed meanwhile; empty unless
    /// [`unchanged_since`](StoreOptions::unchanged_since) was asked for.
    ///
    /// After a STORE by sequence numbers see
    /// [`modified_numbers`](Self::modified_numbers).
    #[must_use]
    pub fn modified(&self) -> &UidSet {
        &self.modified_uids
    }

    /// The same as the server wrote them: UIDs or sequence numbers, as the set was.
    #[must_use]
    pub fn modified_numbers(&self) -> &NumberSet {
        &self.modified
    }
}

impl<K: Keeping> MailboxGuard<'_, ReadWrite, K> {
    /// Adds, removes or replaces flags of messages (STORE, or UID STORE for a
    /// [`UidSet`]).
    ///
    /// An empty set that a search gave is nothing to do.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for flags that cannot be sent and for an empty set made by hand;
    /// [`Error::StaleUids`] for UIDs of elsewhere; [`Error::Refused`], [`Error::Mailbox`],
    /// [`Error::Closed`].
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{Flag, SearchKey, StoreAction};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let unseen = inbox.search(SearchKey::Unseen)?;
    /// inbox.store(&unseen, StoreAction::Add, [Flag::Seen])?;
    /// assert!(inbox.search(SearchKey::Unseen)?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn store<S: MessageSet>(
        &mut self,
        set: &S,
        action: StoreAction,
        flags: impl AsRef<[Flag]>,
    ) -> Result<Stored> {
        self.store_with(set, action, flags, StoreOptions::default())
    }

    /// The same, silent or only for messages that have not changed since.
    ///
    /// # Errors
    ///
    /// As for [`store`](Self::store); [`Error::Unsupported`] for
    /// [`unchanged_since`](StoreOptions::unchanged_since) when the server does not have
    /// CONDSTORE.
    pub fn store_with<S: MessageSet>(
        &mut self,
        set: &S,
        action: StoreAction,
        flags: impl AsRef<[Flag]>,
        options: StoreOptions,
    ) -> Result<Stored> {
        let flags = flags.as_ref();
        let command = if S::UID { "UID STORE" } else { "STORE" };
        if flags.is_empty() && action != StoreAction::Replace {
            return Err(Error::text("flags", "none are given"));
        }
        if !self.held.check_set(command, set)? {
            return Ok(Stored::default());
        }
        let mut connection = self.held.connection_to_change(command)?;
        let capabilities = connection.capabilities()?;
        if options.unchanged_since.is_some() && !capabilities.supports(&Capability::CondStore) {
            return Err(Error::unsupported(command, Capability::CondStore));
        }
        let mut changed = Vec::new();
        let code = connection.run(
            command,
            |encoder| {
                encoder.raw(command).sp().sequence_set(set.numbers()).sp();
                if let Some(mod_seq) = options.unchanged_since {
                    encoder.display(format_args!("(UNCHANGEDSINCE {mod_seq}) "));
                }
                encoder
                    .display(action)
                    .raw(if options.silent { ".SILENT " } else { " " });
                encoder.flag_list(flags)?;
                Ok(())
            },
            |data| match data {
                Untagged::Fetch(row) => {
                    let mut message = Fetch::empty();
                    message.assign(&row);
                    let is_asked = is_of(set, &message);
                    if is_asked {
                        changed.push(message);
                    }
                    (!is_asked).then_some(data)
                }
                other => Some(other),
            },
        )?;
        let modified = match code {
            Some(ResponseCode::Modified(numbers)) => numbers,
            _ => NumberSet::default(),
        };
        let uids = if S::UID {
            modified.clone()
        } else {
            NumberSet::default()
        };
        Ok(Stored {
            changed,
            modified,
            modified_uids: self.held.mark(uids),
        })
    }
}

/// Whether an answer is about a message of the set.
fn is_of<S: MessageSet>(set: &S, fetch: &Fetch) -> bool {
    let number = match S::UID {
        true => fetch.uid().map(Into::into),
        false => fetch.seq().map(Into::into),
    };
    number.is_some_and(|number| set.numbers().is_open() || set.numbers().contains(number))
}
