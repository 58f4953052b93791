//! SEARCH (RFC 9051 section 6.4.4).

use std::borrow::Borrow;

use crate::error::{Error, Result};
use crate::mailbox_guard::lease::{Held, MailboxLease};
use crate::mailbox_guard::numbered::Numbered;
use crate::mailbox_guard::saved_search::SavedSearch;
use crate::mailbox_guard::search::{Search, UID_SEARCH};
use crate::mailbox_guard::{Access, MailboxGuard};
use crate::types::asked_for::AskedFor;
use crate::types::capability::Capability;
use crate::types::number_set::NumberSet;
use crate::types::search::SearchKey;
use crate::types::search_return::SearchReturn;
use crate::types::sequence_set::SequenceSet;
use crate::types::uid_set::UidSet;

impl<A: Access> MailboxGuard<'_, A> {
    /// Searches for messages that meet a condition, and returns their UIDs (UID SEARCH).
    ///
    /// The set knows its mailbox. A [`Search`] for [`run`](Self::run) returns only the count, the
    /// lowest or highest UID, or a page. The answer is stored as ranges; with ESEARCH (RFC 4731)
    /// the server sends it as ranges too.
    ///
    /// A charset (UTF-8) is sent only if the condition has text that is not ASCII. If the server
    /// refuses it, the search is sent again in a charset that the server names, or in ISO-8859-1 if
    /// it names none, but only if that charset can represent every text exactly: a search that
    /// succeeds has searched for the given texts. Charsets other than ISO-8859-1 and UTF-8 need the
    /// feature `charsets`. A search with RETURN that is answered BAD is sent again without it.
    /// Later searches begin with the form that the server accepted.
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`Error::Argument`](crate::Error::Argument) for an empty condition
    /// (an empty list, set or text) or one that cannot be sent;
    /// [`Error::StaleUids`](crate::Error::StaleUids) for UIDs of another mailbox or UIDVALIDITY;
    /// [`MailboxError::Renumbered`](crate::error::MailboxError::Renumbered) for sequence numbers
    /// that may have changed; [`Error::Unsupported`](crate::Error::Unsupported) for a key that
    /// needs an extension which the server lacks. Then [`Error::Refused`](crate::Error::Refused),
    /// with the code `BADCHARSET` if the server supports no charset that can represent the texts;
    /// [`Error::Unparsable`](crate::Error::Unparsable) for an answer that cannot be read;
    /// [`Error::Mailbox`](crate::Error::Mailbox); [`Error::Closed`](crate::Error::Closed).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::SearchKey;
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let large_and_unread = SearchKey::Unseen.and(SearchKey::Larger(1_000_000));
    /// let found = inbox.search(large_and_unread)?;
    /// println!("{found}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// The condition is a value. Text in the grammar of SEARCH does not compile:
    ///
    /// ```compile_fail,E0277
    #[doc = include_str!("../doc/session.txt")]
    /// session.lock_mailbox("INBOX")?.search("UNSEEN")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "SEARCH")]
    #[doc(alias = "uid_search")]
    pub fn search(&mut self, key: impl Borrow<SearchKey>) -> Result<UidSet> {
        self.held.lease(UID_SEARCH)?.search_uids(key.borrow())
    }
}

impl<A: Access> MailboxGuard<'_, A> {
    /// Searches for messages, and saves the result on the server (UID SEARCH RETURN (SAVE), RFC
    /// 5182).
    ///
    /// The methods of the returned view use the saved result, without sending the UIDs. If the
    /// server lacks SEARCHRES or ESEARCH, the view holds the UIDs.
    ///
    /// # Errors
    ///
    /// As for [`search`](Self::search); [`Error::Refused`](crate::Error::Refused) also if the
    /// server cannot save so many messages (`NOTSAVED`);
    /// [`Error::MissingData`](crate::Error::MissingData) if it does not report their number, or
    /// sends `NOTSAVED` beside an OK.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::SearchKey;
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let unread = inbox.search_saved(SearchKey::Unseen)?;
    /// let mut unread_and_large = unread.narrow(SearchKey::Larger(10))?;
    /// unread_and_large.copy("Archive")?;
    /// # assert_eq!(server.messages("Archive").len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "SEARCHRES")]
    pub fn search_saved(&mut self, key: impl Borrow<SearchKey>) -> Result<SavedSearch<'_, A>> {
        SavedSearch::find(&mut self.held, key.borrow(), AskedFor::anything())
    }
}

impl MailboxLease<'_> {
    /// Saves the result on the server if it can; otherwise returns the UIDs. And the number of
    /// messages.
    fn search_and_save(&mut self, key: &SearchKey) -> Result<(UidSet, u32)> {
        let capabilities = self.capabilities()?;
        let can_save = capabilities.supports(&Capability::SearchRes)
            && capabilities.supports(&Capability::Esearch);
        let returns = match can_save {
            true => SearchReturn::save(),
            false => SearchReturn::new(),
        };
        let found = self.search(&Search::of(key, returns))?;
        let len = found.all.as_ref().and_then(NumberSet::len);
        let len = len.map(|len| u32::try_from(len).unwrap_or(u32::MAX));
        let set = match (found.count, found.all) {
            (Some(0), _) => UidSet::new(),
            // The server answered as if it had not been asked to save anything, or was not asked.
            (_, Some(all)) => all.into(),
            _ => UidSet::saved(),
        };
        Ok((set, found.count.or(len).unwrap_or(0)))
    }
}

impl<'g, A: Access> SavedSearch<'g, A> {
    /// Searches and saves; `asked_for` is the messages that it can be, if more is known than the
    /// key.
    fn find(held: &'g mut Held, key: &SearchKey, asked_for: AskedFor) -> Result<Self> {
        let asked_for = asked_for.and(&AskedFor::by_key(key, true));
        let (set, count) = held.lease(UID_SEARCH)?.search_and_save(key)?;
        let set = held.mark(set);
        Ok(Self::new(held, set, count, asked_for))
    }

    /// The UIDs of the saved messages that also meet this condition (UID SEARCH with `$`).
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::search`].
    #[doc(alias = "SEARCH")]
    #[doc(alias = "uid_search")]
    pub fn search(&mut self, key: impl Borrow<SearchKey>) -> Result<UidSet> {
        match self.set.is_empty() {
            true => Ok(self.set.clone()),
            false => {
                let both = self.and(key.borrow());
                let found = self.held.lease(UID_SEARCH)?.search_uids(&both)?;
                self.of_these(found)
            }
        }
    }

    /// The UIDs of the saved messages; sends UID SEARCH if the server holds the result.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::search`].
    pub fn uids(&mut self) -> Result<UidSet> {
        match self.set.is_saved() {
            true => {
                let all = SearchKey::Uid(self.set.clone());
                let found = self.held.lease(UID_SEARCH)?.search_uids(&all)?;
                self.of_these(found)
            }
            false => Ok(self.set.clone()),
        }
    }

    /// Accepts an answer about the saved messages only if it names none that cannot be one of them.
    fn of_these(&self, found: UidSet) -> Result<UidSet> {
        let cut = self.asked_for.cut(found.as_numbers().clone());
        match self.asked_for.is_exceeded_by(&cut) {
            true => Err(Error::unreadable(UID_SEARCH)),
            false => Ok(self.held.mark(cut)),
        }
    }

    /// Reduces the saved messages to those that also meet this condition.
    ///
    /// Saves the new result in place of the old one. If no message is saved, nothing is sent.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::search_saved`]. The view is consumed then, and its result cannot be
    /// used.
    pub fn narrow(self, key: impl Borrow<SearchKey>) -> Result<Self> {
        match self.set.is_empty() {
            true => Ok(self),
            false => {
                let both = self.and(key.borrow());
                Self::find(self.held, &both, self.asked_for)
            }
        }
    }

    fn and(&self, key: &SearchKey) -> SearchKey {
        SearchKey::Uid(self.set.clone()).and(key.clone())
    }
}

impl<'n, A: Access> Numbered<'n, A> {
    /// Searches for messages that meet a condition, and returns their sequence numbers (SEARCH).
    ///
    /// UIDs stay valid longer: see [`MailboxGuard::search`]. A [`Search`] for [`run`](Self::run)
    /// returns only the count, the lowest or highest number, or a page.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::search`]. Before anything is sent:
    /// [`Error::Mailbox`](crate::Error::Mailbox) with
    /// [`Renumbered`](crate::error::MailboxError::Renumbered).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{Flag, SearchKey, StoreAction};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// let mut numbered = inbox.numbered();
    /// let unseen = numbered.search(SearchKey::Unseen)?;
    /// numbered.store(&unseen, StoreAction::Add, [Flag::Seen])?;
    /// assert!(numbered.search(SearchKey::Unseen)?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "SEARCH")]
    #[doc(alias = "uid_search")]
    pub fn search(&mut self, key: impl Borrow<SearchKey>) -> Result<SequenceSet<'n>> {
        let search = Search::of(key.borrow(), SearchReturn::new()).numbered(self.numbering());
        let found = self.held.lease("SEARCH")?.search(&search)?;
        Ok(self.set_of(found.all.unwrap_or_default()))
    }
}
