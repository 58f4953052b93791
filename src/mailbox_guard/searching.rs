//! Looking for messages of the mailbox that is held: what has to be true before a search is sent.

use std::borrow::Cow;
use std::num::NonZeroU32;

use crate::connection::Connection;
use crate::connection::search_habits::Returning;
use crate::error::{Error, Result};
use crate::mailbox_guard::lease::MailboxLease;
use crate::searching::{Asked, Attempt, has_pages, search_in_some_charset};
use crate::types::asked_for::AskedFor;
use crate::types::capability::{Capabilities, Capability};
use crate::types::message_set::MessageSet;
use crate::types::number_range::previous;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::origin::Numbering;
use crate::types::response_code::ResponseCode;
use crate::types::search::SearchKey;
use crate::types::search::divide::TooLong;
use crate::types::search_return::{Found, SearchReturn};
use crate::types::uid_set::UidSet;

const UID_SEARCH: &str = "UID SEARCH";

/// What a key becomes longer by when it is narrowed to what is left.
const NARROWED: usize = " UID 1:4294967295".len();

/// How often a server may stop in one search.
const MOST_STOPS: u32 = 10_000;

/// How a search is sent.
struct Wanted<'n> {
    command: &'static str,
    /// When the numbers that are to be found are good; nothing for UIDs.
    now: Option<&'n Numbering>,
    returning: Returning,
}

/// How a search is sent that stands in a batch.
#[derive(Clone, Debug, Default)]
pub(crate) struct FormInBatch {
    /// It says what it wants to be returned.
    pub(crate) extended: bool,
    /// The answer names it, as far as is known.
    pub(crate) is_named: bool,
    /// What follows RETURN.
    pub(crate) written: String,
    /// The charset that has to be named.
    pub(crate) charset: Option<String>,
}

impl FormInBatch {
    /// Whether all that is found is asked for.
    pub(crate) fn asked(&self) -> Asked {
        match self.extended && !self.written.contains("ALL") {
            true => Asked::Part,
            false => Asked::All,
        }
    }
}

/// Where a server has stopped that looks at so many messages at once, those with the highest UIDs
/// first (RFC 9738).
#[derive(Default)]
struct Below {
    uid: Option<NonZeroU32>,
    stops: u32,
}

impl MailboxLease<'_> {
    /// SEARCH or UID SEARCH. `now` is when the numbers that are to be found are good; nothing for
    /// UIDs.
    pub(crate) fn search(
        &mut self,
        command: &'static str,
        key: &SearchKey,
        returns: &SearchReturn,
        now: Option<&Numbering>,
    ) -> Result<Found> {
        let (returning, pages) = self.forms_of_search(command, key, returns)?;
        let wanted = Wanted {
            command,
            now,
            returning,
        };
        // Where the server may stop before the end, nothing is asked for twice.
        let may_stop = returns.is_all() && self.limit(Capabilities::message_limit).is_some();
        if may_stop || key.is_too_long(self.room(0)) {
            return self.search_in_parts(&wanted, key, returns);
        }
        let written = returns.written(pages);
        let asked_for = AskedFor::by_key(key, wanted.by_uid());
        let found = self.look_for(command, key, now, returning, |connection, attempt| {
            wanted.start(connection, attempt, &written)?;
            let is_part = attempt.extended && !written.contains("ALL");
            let asked = if is_part { Asked::Part } else { Asked::All };
            connection.hear_found(command, returns, asked, attempt.extended, &asked_for)
        });
        match found {
            Err(Error::Refused(refused)) if refused.is_in_part() => {
                self.search_in_parts(&wanted, key, returns)
            }
            found => found,
        }
    }

    /// Looks for all in several searches: the server takes no more at once, by the length of its
    /// lines or by the number of messages. What was asked for is made of that here.
    fn search_in_parts(
        &mut self,
        wanted: &Wanted<'_>,
        key: &SearchKey,
        returns: &SearchReturn,
    ) -> Result<Found> {
        let divided = key.divide(self.room(NARROWED), wanted.by_uid());
        let divided = divided.map_err(|TooLong| too_long())?;
        let (mut all, mut mod_seq) = (NumberSetBuilder::default(), None);
        for key in divided.keys {
            let mut below = Below::default();
            loop {
                let (found, stopped) = self.search_some(wanted, &below.narrowed(&key))?;
                all.push_set(&found.all.unwrap_or_default());
                mod_seq = found.mod_seq.max(mod_seq);
                let Some(stopped) = stopped else { break };
                if below.is_end(stopped)? {
                    break;
                }
            }
        }
        let all = all.finish().difference(&divided.without);
        let found = Found {
            all: Some(all),
            mod_seq: mod_seq.filter(|_| !returns.is_of_ends()),
            ..Found::default()
        };
        let returned = returns.of(found, true);
        returned.ok_or(Error::Unanswered(wanted.command))
    }

    /// All that is found by one command, and the error that says where the server stopped.
    fn search_some(
        &mut self,
        wanted: &Wanted<'_>,
        key: &SearchKey,
    ) -> Result<(Found, Option<Error>)> {
        let Wanted {
            command,
            now,
            returning,
        } = *wanted;
        let asked_for = AskedFor::by_key(key, wanted.by_uid());
        self.look_for(command, key, now, returning, |connection, attempt| {
            wanted.start(connection, attempt, "(ALL)")?;
            connection.hear_some(command, attempt.extended, &asked_for)
        })
    }

    /// In which form a search is sent that stands beside other commands and is sent once.
    pub(crate) fn form_in_batch(
        &mut self,
        command: &'static str,
        key: &SearchKey,
        returns: &SearchReturn,
    ) -> Result<FormInBatch> {
        let (returning, pages) = self.forms_of_search(command, key, returns)?;
        self.check_key(key)?;
        if !key.sequence_numbers().is_empty() {
            let problem = "sequence numbers may change in a batch; use UIDs";
            return Err(Error::text("search key", problem));
        }
        self.check_search(command, key)?;
        let charset = self.charset_for(key);
        let habits = &self.state.search_habits;
        let extended = habits.may_return(returning, charset.is_some());
        Ok(FormInBatch {
            extended,
            is_named: extended && !habits.names_no_search,
            written: returns.written(pages),
            charset,
        })
    }

    /// Refuses a key that does not go in one command, and UIDs of elsewhere.
    fn check_key(&self, key: &SearchKey) -> Result<()> {
        if key.is_too_long(self.room(0)) {
            return Err(too_long());
        }
        for set in key.uid_sets() {
            self.held().check_origin(set.shared_origin())?;
        }
        Ok(())
    }

    /// The messages that meet a condition, for a command of several steps.
    pub(crate) fn search_uids(&mut self, key: &SearchKey) -> Result<UidSet> {
        let found = self.search(UID_SEARCH, key, &SearchReturn::new(), None)?;
        Ok(self.held().mark(found.all.unwrap_or_default()))
    }

    /// Whether RETURN can be said, and PARTIAL in it.
    fn forms_of_search(
        &mut self,
        command: &'static str,
        key: &SearchKey,
        returns: &SearchReturn,
    ) -> Result<(Returning, bool)> {
        key.check()?;
        self.ready(command)?;
        let capabilities = self.capabilities()?;
        let has_pages = has_pages(capabilities, returns);
        let returning = match capabilities.supports(&Capability::Esearch) {
            false => Returning::No,
            true if returns.is_of_extensions() => Returning::FoundAndMore,
            true => Returning::Found,
        };
        Ok((returning, has_pages))
    }

    /// Sends a command with a search key, by way of `attempt`, in the first form that the server
    /// takes; nothing is sent with a key that says nothing, that the server does not have, or whose
    /// messages are those of elsewhere or of before.
    pub(crate) fn look_for<T>(
        &mut self,
        command: &'static str,
        key: &SearchKey,
        now: Option<&Numbering>,
        returning: Returning,
        mut attempt: impl FnMut(&mut Connection, &Attempt<'_>) -> Result<T>,
    ) -> Result<T> {
        key.check()?;
        self.check_key(key)?;
        let places = key.sequence_numbers();
        let numberings = places.iter().map(|places| places.numbering()).chain(now);
        self.ready(command)?;
        for numbering in numberings.clone() {
            self.check_numbering(Some(numbering))?;
        }
        self.check_search(command, key)?;
        search_in_some_charset(self, key, returning, |lease, form| {
            for numbering in numberings.clone() {
                lease.confirm_numbering(command, Some(numbering))?;
            }
            attempt(lease, form)
        })
    }
}

impl Wanted<'_> {
    /// Whether it finds UIDs.
    fn by_uid(&self) -> bool {
        self.command == UID_SEARCH
    }

    fn start(
        &self,
        connection: &mut Connection,
        attempt: &Attempt<'_>,
        returns: &str,
    ) -> Result<()> {
        connection.start(self.command, |encoder| {
            encoder.raw(self.command).sp();
            if attempt.extended {
                encoder.raw("RETURN ").raw(returns).sp();
            }
            Ok(attempt.search_program(encoder)?)
        })
    }
}

impl Below {
    /// The key for those messages that have not been looked at.
    fn narrowed<'k>(&self, key: &'k SearchKey) -> Cow<'k, SearchKey> {
        match self.uid {
            None => Cow::Borrowed(key),
            Some(uid) => {
                let left = NumberSet::between(NonZeroU32::MIN, uid);
                Cow::Owned(key.clone().and(SearchKey::Uid(left.into())))
            }
        }
    }

    /// Whether there is nothing below where it stopped; the error if it did not come any further.
    fn is_end(&mut self, stopped: Error) -> Result<bool> {
        let Some(ResponseCode::MessageLimit { lowest, .. }) = stopped.response_code() else {
            return Err(stopped);
        };
        let lowest = lowest.map(NonZeroU32::from);
        let is_further = |lowest: &NonZeroU32| self.uid.is_none_or(|uid| *lowest <= uid);
        let Some(lowest) = lowest
            .filter(is_further)
            .filter(|_| self.stops < MOST_STOPS)
        else {
            return Err(stopped);
        };
        self.stops += 1;
        self.uid = previous(lowest);
        Ok(self.uid.is_none())
    }
}

fn too_long() -> Error {
    let problem = "its sets of messages are too long for one command, and cannot be divided there";
    Error::text("search key", problem)
}
