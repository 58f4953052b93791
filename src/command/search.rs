//! SEARCH (RFC 9051 section 6.4.4).

use std::borrow::Borrow;

use crate::connection::pipeline::{Among, Footprint};
use crate::error::{Error, Result};
use crate::exchange::{Command, Exchange, Planned, Sent, sealed};
use crate::mailbox_guard::lease::{MailboxLease, SelectedState};
use crate::mailbox_guard::numbered::Numbered;
use crate::mailbox_guard::saved_search::SavedSearch;
use crate::mailbox_guard::searching::FormInBatch;
use crate::mailbox_guard::{Access, Keeping, MailboxGuard};

use crate::searching::{Attempt, Heard};
use crate::types::asked_for::AskedFor;
use crate::types::capability::Capability;
use crate::types::search::SearchKey;
use crate::types::search_return::{SearchResult, SearchReturn};
use crate::types::sequence_set::SequenceSet;
use crate::types::uid_set::UidSet;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

const UID_SEARCH: &str = "UID SEARCH";

/// UID SEARCH as a command of a batch (see [`MailboxGuard::pipeline`]); its answer is a
/// [`SearchResult`].
///
/// With ESEARCH (RFC 4731) each answer names its command, and several searches cost one round trip.
/// Without it they are sent one after the other, and each finds all, of which the rest is computed.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::command::Search;
/// use latchbox::types::{SearchKey, SearchReturn};
///
/// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
/// let count = |key| Search::new(key).returns(SearchReturn::new().count());
/// let [unread, flagged] = inbox.pipeline([count(SearchKey::Unseen), count(SearchKey::Flagged)])?;
/// println!("{:?} unread, {:?} flagged", unread?.count(), flagged?.count());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Search {
    key: SearchKey,
    returns: SearchReturn,
}

impl Search {
    /// Looks for all messages that meet a condition.
    ///
    /// What cannot be done is the outcome of the command, with the errors of
    /// [`MailboxGuard::search`]; it is sent in one form only: [`Error::Refused`](crate::Error::Refused) for texts in UTF-8
    /// that the server does not take, and for more messages than it looks at in one command;
    /// [`Error::Argument`](crate::Error::Argument) for sets that do not go in one command, and for sequence numbers.
    #[must_use]
    pub fn new(key: impl Into<SearchKey>) -> Self {
        Self {
            key: key.into(),
            returns: SearchReturn::new(),
        }
    }

    /// Has only this returned, in place of all.
    #[must_use]
    pub fn returns(mut self, returns: SearchReturn) -> Self {
        self.returns = returns;
        self
    }
}

impl sealed::Command for Search {}

impl<A: Access> Command<SelectedState<A>> for Search {
    type Answer = SearchResult;
}

impl<A: Access> Exchange<SelectedState<A>> for Search {
    type Plan = FormInBatch;
    type Partial = Heard;

    fn name(&self) -> &'static str {
        UID_SEARCH
    }

    fn plan(&self, lease: &mut MailboxLease<'_>) -> Result<Planned<FormInBatch, SearchResult>> {
        let form = lease.form_in_batch(UID_SEARCH, &self.key, &self.returns)?;
        Ok(Planned::Send(form))
    }

    fn encode<'a>(&'a self, form: &'a FormInBatch, encoder: &mut Encoder<'a>) -> Result<()> {
        let attempt = Attempt {
            key: &self.key,
            charset: form.charset.clone(),
            extended: form.extended,
        };
        encoder.raw(UID_SEARCH).sp();
        if attempt.extended {
            encoder.raw("RETURN ").raw(&form.written).sp();
        }
        Ok(attempt.search_program(encoder)?)
    }

    fn footprint<'a>(&'a self, form: &'a FormInBatch) -> Footprint<'a> {
        Footprint::Searches {
            tagged: form.is_named,
        }
    }

    fn claim<'r>(
        &self,
        Sent { plan: form, tag }: Sent<'_, FormInBatch>,
        heard: &mut Heard,
        data: Untagged<'r>,
    ) -> Option<Untagged<'r>> {
        match form.is_named {
            true => heard.claim_named(data, tag),
            false => heard.claim(data, tag),
        }
    }

    fn claim_loosely<'r>(
        &self,
        sent: Sent<'_, FormInBatch>,
        heard: &mut Heard,
        data: Untagged<'r>,
        among: Among,
    ) -> Option<Untagged<'r>> {
        match sent.plan.is_named {
            true => heard.claim_unnamed(data, among.searches),
            false => Some(data),
        }
    }

    fn finish(
        &self,
        form: FormInBatch,
        heard: Heard,
        lease: &mut MailboxLease<'_>,
    ) -> Result<SearchResult> {
        let asked_for = AskedFor::by_key(&self.key, true);
        let found = heard.found(UID_SEARCH, &self.returns, form.asked(), &asked_for)?;
        Ok(SearchResult::new(found, |numbers| {
            lease.held().mark(numbers)
        }))
    }
}

impl<A: Access, K: Keeping> MailboxGuard<'_, A, K> {
    /// The messages that meet a condition, as UIDs that know their mailbox (UID SEARCH).
    ///
    /// The answer is kept as ranges. With ESEARCH (RFC 4731) it comes as ranges too.
    ///
    /// UTF-8 is announced only when the condition has text that is not ASCII. A server that refuses
    /// it is asked again in a charset that it names, or in ISO-8859-1 when it names none, if every
    /// text can be written in it exactly: a search that is answered has looked for the texts that
    /// were given. More charsets than ISO-8859-1 and UTF-8 need the feature `charsets`. A search
    /// with RETURN that is answered BAD is sent without it. What the server took comes first from
    /// then on.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) before anything is sent for a condition that says nothing (an empty
    /// list, set or text) or cannot be sent; [`Error::StaleUids`](crate::Error::StaleUids) for UIDs of elsewhere, and
    /// [`MailboxError::Renumbered`](crate::MailboxError::Renumbered) for sequence numbers that may
    /// have changed; [`Error::Unsupported`](crate::Error::Unsupported) for a key that needs an extension which the server does
    /// not have; [`Error::Refused`](crate::Error::Refused), with the code `BADCHARSET` when the server knows no charset in
    /// which the texts can be written; [`Error::Unreadable`](crate::Error::Unreadable) for an answer that cannot be read;
    /// [`Error::Mailbox`](crate::Error::Mailbox), [`Error::Closed`](crate::Error::Closed).
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
    pub fn search(&mut self, key: impl Borrow<SearchKey>) -> Result<UidSet> {
        let all = SearchReturn::new();
        let found = self
            .held
            .lease(UID_SEARCH)?
            .search(UID_SEARCH, key.borrow(), &all, None)?;
        Ok(self.held.mark(found.all.unwrap_or_default()))
    }

    /// The same, of which only what is asked for is returned: how many, the lowest, the highest, a
    /// page (UID SEARCH with RETURN, RFC 4731, RFC 9394).
    ///
    /// A server without ESEARCH returns all, of which the rest is computed.
    ///
    /// # Errors
    ///
    /// As for [`search`](Self::search); [`Error::Unanswered`](crate::Error::Unanswered) when the server leaves out what was
    /// asked for.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{SearchKey, SearchReturn};
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let returned = inbox.search_with(SearchKey::Unseen, SearchReturn::new().count().max())?;
    /// println!("{:?} unread, the newest is {:?}", returned.count(), returned.max());
    /// # assert_eq!(returned.count(), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// A list is shown page by page, the newest first:
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{PartialRange, SearchKey, SearchReturn};
    /// # use std::num::NonZeroU32;
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let newest = PartialRange::last(NonZeroU32::new(50).ok_or("0")?);
    /// let returned = inbox.search_with(SearchKey::All, SearchReturn::new().partial(newest))?;
    /// println!("{:?}", returned.partial());
    /// # assert_eq!(returned.partial().and_then(|page| page.len()), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn search_with(
        &mut self,
        key: impl Borrow<SearchKey>,
        returns: SearchReturn,
    ) -> Result<SearchResult> {
        let found =
            self.held
                .lease(UID_SEARCH)?
                .search(UID_SEARCH, key.borrow(), &returns, None)?;
        Ok(SearchResult::new(found, |numbers| self.held.mark(numbers)))
    }
}

impl<'s, A: Access, K: Keeping> MailboxGuard<'s, A, K> {
    /// The messages that meet a condition, kept by the server to be used again without being named
    /// (UID SEARCH RETURN (SAVE), RFC 5182): by the methods of the view that is returned.
    ///
    /// On a server without SEARCHRES the view holds the UIDs.
    ///
    /// # Errors
    ///
    /// As for [`search`](Self::search), also when the server cannot keep so many (`NOTSAVED`);
    /// [`Error::Unanswered`](crate::Error::Unanswered) when it does not say how many they are.
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
    pub fn search_saved(
        &mut self,
        key: impl Borrow<SearchKey>,
    ) -> Result<SavedSearch<'_, 's, A, K>> {
        let key = key.borrow();
        self.search_saved_of(key, AskedFor::anything())
    }

    /// Saves what is found; `asked_for` is what is known of it beside the key.
    fn search_saved_of(
        &mut self,
        key: &SearchKey,
        asked_for: AskedFor,
    ) -> Result<SavedSearch<'_, 's, A, K>> {
        key.check()?;
        let asked_for = asked_for.and(&AskedFor::by_key(key, true));
        let mut lease = self.held.lease(UID_SEARCH)?;
        let capabilities = lease.capabilities()?;
        let can_save = capabilities.supports(&Capability::SearchRes)
            && capabilities.supports(&Capability::Esearch);
        if !can_save {
            drop(lease);
            let found = self.search(key)?;
            let count = found.len().and_then(|count| u32::try_from(count).ok());
            let count = count.unwrap_or(u32::MAX);
            return Ok(SavedSearch::new(self, found, count, asked_for));
        }
        let found = lease.search(UID_SEARCH, key, &SearchReturn::save(), None)?;
        drop(lease);
        let set = match (found.count, found.all) {
            (Some(0), _) => UidSet::new(),
            // It answered as if it had not been asked to save anything.
            (_, Some(all)) => all.into(),
            _ => UidSet::saved(),
        };
        let set = self.held.mark(set);
        let count = found.count.unwrap_or(0);
        Ok(SavedSearch::new(self, set, count, asked_for))
    }
}

impl<'g, 's, A: Access, K: Keeping> SavedSearch<'g, 's, A, K> {
    /// Those of the messages that also meet this (UID SEARCH with `$`).
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::search`].
    pub fn search(&mut self, key: impl Borrow<SearchKey>) -> Result<UidSet> {
        match self.set.is_empty() {
            true => Ok(self.set.clone()),
            false => {
                let found = self.guard.search(self.and(key.borrow()))?;
                self.of_these(found)
            }
        }
    }

    /// The UIDs of the messages, which the server is asked for where it keeps them.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::search`].
    pub fn uids(&mut self) -> Result<UidSet> {
        match self.set.is_saved() {
            true => {
                let found = self.guard.search(SearchKey::Uid(self.set.clone()))?;
                self.of_these(found)
            }
            false => Ok(self.set.clone()),
        }
    }

    /// What a server names of the messages that it keeps: none that cannot be one of them.
    fn of_these(&self, found: UidSet) -> Result<UidSet> {
        let cut = self.asked_for.cut(found.as_numbers().clone());
        match self.asked_for.is_exceeded_by(&cut) {
            true => Err(Error::unreadable(UID_SEARCH)),
            false => Ok(self.guard.held.mark(cut)),
        }
    }

    /// Goes on with those that also meet this: they take the place of the others.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::search_saved`]. The view is gone then, and nothing is kept.
    pub fn narrow(self, key: impl Borrow<SearchKey>) -> Result<Self> {
        match self.set.is_empty() {
            true => Ok(self),
            false => {
                let both = self.and(key.borrow());
                self.guard.search_saved_of(&both, self.asked_for)
            }
        }
    }

    fn and(&self, key: &SearchKey) -> SearchKey {
        SearchKey::Uid(self.set.clone()).and(key.clone())
    }
}

impl<'n, A: Access> Numbered<'n, A> {
    /// The messages that meet a condition, as sequence numbers (SEARCH). Those that are wanted for
    /// longer are better searched for by [`MailboxGuard::search`], which gives UIDs.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::search`]; [`Error::Mailbox`](crate::Error::Mailbox) with
    /// [`Renumbered`](crate::MailboxError::Renumbered) before anything is sent.
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
    pub fn search(&mut self, key: impl Borrow<SearchKey>) -> Result<SequenceSet<'n>> {
        let (all, now) = (SearchReturn::new(), Some(self.numbering()));
        let found = self
            .held
            .lease("SEARCH")?
            .search("SEARCH", key.borrow(), &all, now)?;
        Ok(self.told(&found.all.unwrap_or_default()))
    }

    /// The same, of which only what is asked for is returned (SEARCH with RETURN, RFC 4731, RFC
    /// 9394). A server without ESEARCH returns all, of which the rest is computed.
    ///
    /// # Errors
    ///
    /// As for [`search`](Self::search); [`Error::Unanswered`](crate::Error::Unanswered) when the server leaves out what was
    /// asked for.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{SearchKey, SearchReturn};
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let mut numbered = inbox.numbered();
    /// let first = numbered.search_with(SearchKey::Unseen, SearchReturn::new().min())?;
    /// println!("the first unread message is {:?}", first.min());
    /// # assert_eq!(first.min(), latchbox::types::SeqNum::new(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn search_with(
        &mut self,
        key: impl Borrow<SearchKey>,
        returns: SearchReturn,
    ) -> Result<SearchResult<SequenceSet<'n>>> {
        let now = Some(self.numbering());
        let found = self
            .held
            .lease("SEARCH")?
            .search("SEARCH", key.borrow(), &returns, now)?;
        Ok(SearchResult::new(found, |numbers| self.told(&numbers)))
    }
}
