//! Looking for messages of the mailbox that is held: what has to be true before a search is sent.

use crate::connection::Connection;
use crate::connection::searching::{Asked, Attempt, has_pages};
use crate::error::Result;
use crate::mailbox_guard::Held;
use crate::types::capability::Capability;
use crate::types::message_set::MessageSet;
use crate::types::origin::Numbering;
use crate::types::search::SearchKey;
use crate::types::search_return::{Found, SearchReturn};
use crate::types::uid_set::UidSet;

impl Held {
    /// SEARCH or UID SEARCH. `now` is when the numbers that are to be found are good; nothing for
    /// UIDs.
    pub(crate) fn search(
        &self,
        command: &'static str,
        key: &SearchKey,
        returns: &SearchReturn,
        now: Option<&Numbering>,
    ) -> Result<Found> {
        let (extended, pages) = self.forms_of_search(command, key, returns)?;
        let written = returns.written(pages);
        self.look_for(command, key, now, extended, |connection, attempt| {
            connection.start(command, |encoder| {
                encoder.raw(command).sp();
                if attempt.extended {
                    encoder.raw("RETURN ").raw(&written).sp();
                }
                Ok(attempt.search_program(encoder)?)
            })?;
            let is_part = attempt.extended && !written.contains("ALL");
            let asked = if is_part { Asked::Part } else { Asked::All };
            connection.hear_found(command, returns, asked)
        })
    }

    /// The messages that meet a condition, for a command of several steps.
    pub(crate) fn search_uids(&self, key: &SearchKey) -> Result<UidSet> {
        let found = self.search("UID SEARCH", key, &SearchReturn::new(), None)?;
        Ok(self.mark(found.all.unwrap_or_default()))
    }

    /// Whether RETURN can be said, and PARTIAL in it.
    fn forms_of_search(
        &self,
        command: &'static str,
        key: &SearchKey,
        returns: &SearchReturn,
    ) -> Result<(bool, bool)> {
        key.check()?;
        let mut connection = self.connection(command)?;
        let capabilities = connection.capabilities()?;
        let extended = capabilities.supports(&Capability::Esearch);
        Ok((extended, has_pages(capabilities, returns)))
    }

    /// Sends a command with a search key, by way of `attempt`, in the first form that the server
    /// takes; nothing is sent with a key that says nothing, that the server does not have, or whose
    /// messages are those of elsewhere or of before.
    pub(crate) fn look_for<T>(
        &self,
        command: &'static str,
        key: &SearchKey,
        now: Option<&Numbering>,
        extended: bool,
        mut attempt: impl FnMut(&mut Connection, &Attempt<'_>) -> Result<T>,
    ) -> Result<T> {
        key.check()?;
        for set in key.uid_sets() {
            self.check_origin(set.shared_origin())?;
        }
        let places = key.sequence_numbers();
        let numberings = places.iter().map(|places| places.numbering()).chain(now);
        let mut connection = self.connection(command)?;
        for numbering in numberings.clone() {
            self.check_numbering(&connection, Some(numbering))?;
        }
        connection.check_search(command, key)?;
        connection.search_in_some_charset(key, extended, |connection, form| {
            for numbering in numberings.clone() {
                self.confirm_numbering(connection, command, Some(numbering))?;
            }
            attempt(connection, form)
        })
    }
}
