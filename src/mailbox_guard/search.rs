//! SEARCH as a value and as one command, and its emulation by several: other forms, keys that are divided, and
//! servers that stop before the end.

pub(crate) mod form;
pub(crate) mod found;

use std::borrow::Cow;
use std::num::NonZeroU32;

use crate::connection::pipeline::{Among, Footprint};
use crate::connection::search_habits::Returning;
use crate::error::{Error, Result};
use crate::exchange::{Batchable, Command, Exchange, Planned, Sent, sealed};
use crate::mailbox_guard::access::Access;
use crate::mailbox_guard::lease::{Held, MailboxLease, SelectedState};
use crate::mailbox_guard::numbered::{NumberedPlace, NumberedState};
use crate::mailbox_guard::search::form::{Form, has_pages, search_in_some_form};
use crate::mailbox_guard::search::found::FoundSoFar;
use crate::types::asked_for::AskedFor;
use crate::types::capability::{Capabilities, Capability};
use crate::types::message_set::MessageSet;
use crate::types::number_range::previous;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::origin::Numbering;
use crate::types::response_code::ResponseCode;
use crate::types::search::SearchKey;
use crate::types::search::divide::TooLong;
use crate::types::search_return::{Found, ReturnOptions, SearchResult, SearchReturn};
use crate::types::sequence_set::{SequenceNumbers, SequenceSet};
use crate::types::uid_set::UidSet;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

pub(crate) const UID_SEARCH: &str = "UID SEARCH";

/// The octets that a key grows by when it is narrowed to the remaining messages.
const NARROWED: usize = " UID 1:4294967295".len();

/// The most times that a server may stop early in one search.
const MOST_STOPS: u32 = 10_000;

/// SEARCH as a value, with what it returns.
///
/// Its answer is a [`SearchResult`]: of UIDs, or of sequence numbers if a view runs it
/// ([`Numbered::run`](crate::guard::Numbered::run)).
///
/// With ESEARCH (RFC 4731) the server sends only what is requested: the count, the lowest or
/// highest, a page (PARTIAL, RFC 9394). Without it the server sends all, and the rest is computed.
///
/// In a command batch ([`MailboxGuard::pipeline`](crate::MailboxGuard::pipeline)) several searches
/// cost one round trip if the server has ESEARCH, because each answer then names its command;
/// otherwise they are sent one after the other.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::command::Search;
/// use latchbox::types::{PartialRange, SearchKey, SearchReturn};
/// # use std::num::NonZeroU32;
///
/// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
/// let count = |key| Search::new(key).returning(SearchReturn::new().count());
/// let [unread, flagged] = inbox.pipeline([count(SearchKey::Unseen), count(SearchKey::Flagged)])?;
/// println!("{:?} unread, {:?} flagged", unread?.count(), flagged?.count());
///
/// // A list is shown page by page, the newest first.
/// let newest = PartialRange::last(NonZeroU32::new(50).ok_or("0")?);
/// let search = Search::new(SearchKey::All).returning(SearchReturn::new().partial(newest));
/// let returned = inbox.run(search)?;
/// println!("{:?}", returned.partial());
/// # assert_eq!(returned.partial().map(|page| page.len()), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a command does nothing until it is run"]
pub struct Search<'k> {
    key: Cow<'k, SearchKey>,
    returns: SearchReturn,
    /// The period in which the sequence numbers to be found are valid; `None` for UIDs.
    numbering: Option<&'k Numbering>,
    /// The form in which it is sent, if it was checked and has been tried in others.
    plan: Option<&'k SearchPlan>,
}

/// The form in which a SEARCH is sent.
#[derive(Clone, Debug)]
pub(crate) struct SearchPlan {
    form: Form,
    options: ReturnOptions,
    /// The answer names the command, as far as is known.
    is_named: bool,
}

impl<'k> Search<'k> {
    /// Searches for all messages that meet a condition: a [`SearchKey`], or a reference to one.
    ///
    /// An invalid or unsupported key is an error of the call that runs it, with the errors of
    /// [`MailboxGuard::search`](crate::MailboxGuard::search). In a command batch it is sent in one
    /// form only: [`Error::Refused`] for texts in UTF-8 that the server does not accept, and for
    /// more messages than it searches in one command; [`Error::Argument`] for sets that do not fit
    /// into one command, and for sequence numbers.
    pub fn new(key: impl Into<Cow<'k, SearchKey>>) -> Self {
        Self {
            key: key.into(),
            returns: SearchReturn::new(),
            numbering: None,
            plan: None,
        }
    }

    /// Returns only these values, instead of all messages that are found.
    pub const fn returning(mut self, returns: SearchReturn) -> Self {
        self.returns = returns;
        self
    }

    pub(crate) fn of(key: &'k SearchKey, returns: SearchReturn) -> Self {
        Self {
            key: Cow::Borrowed(key),
            returns,
            numbering: None,
            plan: None,
        }
    }

    /// Finds sequence numbers.
    pub(crate) fn numbered(mut self, numbering: &'k Numbering) -> Self {
        self.numbering = Some(numbering);
        self
    }

    /// The search for all that meets another condition.
    fn all_of<'o>(&self, key: &'o SearchKey) -> Search<'o>
    where
        'k: 'o,
    {
        Search {
            numbering: self.numbering,
            ..Search::of(key, SearchReturn::new())
        }
    }

    fn by_uid(&self) -> bool {
        self.numbering.is_none()
    }

    fn command(&self) -> &'static str {
        if self.by_uid() { UID_SEARCH } else { "SEARCH" }
    }

    /// Whether it can be sent with RETURN, and with which options.
    fn form_of_return(&self, lease: &mut MailboxLease<'_>) -> Result<(Returning, ReturnOptions)> {
        let capabilities = lease.capabilities()?;
        let options = self.returns.options(has_pages(capabilities, &self.returns));
        let returning = match capabilities.supports(&Capability::Esearch) {
            false => Returning::No,
            true if self.returns.is_of_extensions() => Returning::FoundAndMore,
            true => Returning::Found,
        };
        Ok((returning, options))
    }

    /// The requested part of what was received.
    fn found(&self, plan: &SearchPlan, found: FoundSoFar) -> Result<Found> {
        let asked_for = AskedFor::by_key(&self.key, self.by_uid());
        let asked_all = !plan.form.extended || plan.options.has_all();
        found.finish(self.command(), &self.returns, asked_all, &asked_for)
    }
}

impl SearchPlan {
    fn new(lease: &MailboxLease<'_>, form: Form, options: ReturnOptions) -> Self {
        Self {
            is_named: form.extended && !lease.state.search_habits.names_no_search,
            form,
            options,
        }
    }

    /// Notes whether the server answered RETURN as if it had not been sent, and rejects what it found in
    /// a mailbox that is no longer there.
    fn end(&self, lease: &mut MailboxLease<'_>, found: &FoundSoFar) -> Result<()> {
        lease.state.search_habits.names_no_search |= self.form.extended && found.has_plain;
        lease.check_found()
    }
}

impl<A: Access> Command<SelectedState<A>> for Search<'_> {
    type Answer = SearchResult;

    fn run_on(self, held: &mut Held) -> Result<SearchResult> {
        let found = held.lease(UID_SEARCH)?.search(&self)?;
        Ok(SearchResult::new(found, |numbers| held.mark(numbers)))
    }
}

impl<'n, A: Access> Command<NumberedState<'n, A>> for Search<'_> {
    type Answer = SearchResult<SequenceSet<'n>>;

    fn run_on(self, view: NumberedPlace<'_>) -> Result<Self::Answer> {
        let search = Search::of(&self.key, self.returns).numbered(view.numbering);
        let found = view.held.lease("SEARCH")?.search(&search)?;
        Ok(SearchResult::new(found, |numbers| view.set_of(numbers)))
    }
}

impl sealed::Command for Search<'_> {
    fn name(&self) -> &'static str {
        self.command()
    }
}

impl<A: Access> Batchable<SelectedState<A>> for Search<'_> {
    type Answer = SearchResult;
}

impl<A: Access> Exchange<SelectedState<A>> for Search<'_> {
    type Plan = SearchPlan;
    type Partial = FoundSoFar;

    fn name(&self) -> &'static str {
        self.command()
    }

    fn plan(&self, lease: &mut MailboxLease<'_>) -> Result<Planned<SearchPlan, SearchResult>> {
        if let Some(plan) = self.plan {
            lease.confirm_numberings(self.command(), &self.key, self.numbering)?;
            return Ok(Planned::Send(plan.clone()));
        }
        lease.check_key(self.command(), &self.key)?;
        if !self.key.sequence_numbers().is_empty() {
            let problem = "sequence numbers may change in a batch; use UIDs";
            return Err(Error::text("search key", problem));
        }
        let (returning, options) = self.form_of_return(lease)?;
        let form = Form::first(lease, &self.key, returning);
        Ok(Planned::Send(SearchPlan::new(lease, form, options)))
    }

    fn encode<'a>(&'a self, plan: &'a SearchPlan, encoder: &mut Encoder<'a>) -> Result<()> {
        encoder.raw(self.command()).sp();
        if plan.form.extended {
            encoder.raw("RETURN ").display(plan.options).sp();
        }
        Ok(plan.form.search_program(encoder, &self.key)?)
    }

    fn footprint<'a>(&'a self, plan: &'a SearchPlan) -> Footprint<'a> {
        Footprint::Searches {
            tagged: plan.is_named,
        }
    }

    fn claim<'r>(
        &self,
        Sent { plan, tag }: Sent<'_, SearchPlan>,
        found: &mut FoundSoFar,
        data: Untagged<'r>,
    ) -> Option<Untagged<'r>> {
        match plan.is_named {
            true => found.claim_named(data, tag),
            false => found.claim(data, tag),
        }
    }

    fn claim_loosely<'r>(
        &self,
        Sent { plan, .. }: Sent<'_, SearchPlan>,
        found: &mut FoundSoFar,
        data: Untagged<'r>,
        among: Among,
    ) -> Option<Untagged<'r>> {
        match plan.is_named {
            true => found.claim_unnamed(data, among),
            false => Some(data),
        }
    }

    fn finish(
        &self,
        plan: SearchPlan,
        found: FoundSoFar,
        lease: &mut MailboxLease<'_>,
    ) -> Result<SearchResult> {
        plan.end(lease, &found)?;
        let found = self.found(&plan, found)?;
        Ok(SearchResult::new(found, |numbers| {
            lease.held().mark(numbers)
        }))
    }
}

/// The place where a server stopped that searches so many messages at once, those with the highest
/// UIDs first (RFC 9738).
#[derive(Default)]
struct Below {
    uid: Option<NonZeroU32>,
    stops: u32,
}

impl MailboxLease<'_> {
    /// SEARCH or UID SEARCH, in as many commands as it takes.
    pub(crate) fn search(&mut self, search: &Search<'_>) -> Result<Found> {
        search.key.check()?;
        // If the server may stop before the end, nothing is requested twice.
        let may_stop = search.returns.is_all() && self.limit(Capabilities::message_limit).is_some();
        if may_stop || search.key.is_too_long(self.room(0)) {
            return self.search_in_parts(search);
        }
        match self.search_once(search)? {
            (Some(found), None) => Ok(found),
            _ => self.search_in_parts(search),
        }
    }

    /// The messages that meet a condition.
    pub(crate) fn search_uids(&mut self, key: &SearchKey) -> Result<UidSet> {
        let found = self.search(&Search::of(key, SearchReturn::new()))?;
        Ok(self.held().mark(found.all.unwrap_or_default()))
    }

    /// Searches for all in several commands: the server accepts no more at once, by the length of
    /// its lines or by the number of messages. The requested values are computed from that.
    fn search_in_parts(&mut self, search: &Search<'_>) -> Result<Found> {
        let divided = search.key.divide(self.room(NARROWED), search.by_uid());
        let divided = divided.map_err(|TooLong| too_long())?;
        let (mut all, mut mod_seq) = (NumberSetBuilder::default(), None);
        for key in divided.keys {
            let mut below = Below::default();
            loop {
                let (found, stopped) = self.search_once(&search.all_of(&below.narrowed(&key)))?;
                let found = found.unwrap_or_default();
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
            mod_seq: mod_seq.filter(|_| !search.returns.is_of_ends()),
            ..Found::default()
        };
        let returned = search.returns.of(found, true);
        returned.ok_or(Error::MissingData(search.command()))
    }

    /// The result of one command, and the error with the place where the server stopped (RFC 9738):
    /// what was found up to there is known if all were requested.
    fn search_once(&mut self, search: &Search<'_>) -> Result<(Option<Found>, Option<Error>)> {
        let (returning, options) = search.form_of_return(self)?;
        let Search { key, numbering, .. } = search;
        self.in_some_form(
            search.command(),
            key,
            *numbering,
            returning,
            |lease, form| {
                let plan = SearchPlan::new(lease, form.clone(), options);
                let sent = Search {
                    key: Cow::Borrowed(key),
                    plan: Some(&plan),
                    ..*search
                };
                let mut found = FoundSoFar::default();
                let stopped = match lease.execute_into(&sent, &mut found) {
                    Ok(code) => {
                        found.hear(code.as_ref());
                        None
                    }
                    Err(Error::Refused(refused)) if refused.is_in_part() => {
                        Some(Error::Refused(refused))
                    }
                    Err(error) => return Err(error),
                };
                plan.end(lease, &found)?;
                let is_known = stopped.is_none() || search.returns.is_all();
                let found = is_known.then(|| search.found(&plan, found)).transpose()?;
                Ok((found, stopped))
            },
        )
    }

    /// Sends a command with a search key in the first form that the server accepts. Nothing is sent
    /// for an empty key, for one that the server does not support, or whose messages are stale or
    /// of another mailbox. `numbering` is the period in which the sequence numbers to be found are
    /// valid.
    pub(crate) fn in_some_form<T>(
        &mut self,
        command: &'static str,
        key: &SearchKey,
        numbering: Option<&Numbering>,
        returning: Returning,
        attempt: impl FnMut(&mut Self, &Form) -> Result<T>,
    ) -> Result<T> {
        self.check_key(command, key)?;
        self.ready(command)?;
        for numbering in numberings(key, numbering) {
            self.check_numbering(Some(numbering))?;
        }
        search_in_some_form(self, key, returning, attempt)
    }

    /// Rejects a key that does not fit in one command or that the server does not support, and
    /// stale UIDs.
    fn check_key(&mut self, command: &'static str, key: &SearchKey) -> Result<()> {
        key.check()?;
        if key.is_too_long(self.room(0)) {
            return Err(too_long());
        }
        for set in key.uid_sets() {
            self.held().check_origin(set.shared_origin())?;
        }
        self.check_search(command, key)
    }

    /// Makes sure that sequence numbers are still valid, right before the command is sent.
    pub(crate) fn confirm_numberings(
        &mut self,
        command: &'static str,
        key: &SearchKey,
        found: Option<&Numbering>,
    ) -> Result<()> {
        for numbering in numberings(key, found) {
            self.confirm_numbering(command, Some(numbering))?;
        }
        Ok(())
    }
}

/// The periods in which the sequence numbers of a key, and those to be found, are valid.
fn numberings<'k>(
    key: &'k SearchKey,
    found: Option<&'k Numbering>,
) -> impl Iterator<Item = &'k Numbering> {
    let named = key.sequence_numbers();
    let named = named.into_iter().map(SequenceNumbers::numbering);
    named.chain(found)
}

impl Below {
    /// The key for those messages that have not been searched.
    fn narrowed<'k>(&self, key: &'k SearchKey) -> Cow<'k, SearchKey> {
        match self.uid {
            None => Cow::Borrowed(key),
            Some(uid) => {
                let left = UidSet::from(NumberSet::between(NonZeroU32::MIN, uid));
                Cow::Owned(match key {
                    SearchKey::Uid(set) if !set.is_open() => {
                        let left = set.as_numbers().intersection(left.as_numbers());
                        SearchKey::Uid(left.into())
                    }
                    key => key.clone().and(SearchKey::Uid(left)),
                })
            }
        }
    }

    /// Whether there is no message below where it stopped; the error if it made no progress.
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
