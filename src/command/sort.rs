//! SORT (RFC 5256): messages in an order; sorted by the server, or here if it cannot.

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::num::NonZeroU32;
use std::sync::Arc;

use crate::connection::search_habits::Returning;
use crate::error::{Error, Result};
use crate::exchange::{Batchable, Command, Exchange, Planned, Sent, sealed};
use crate::limits::COMPARED_TEXT;
use crate::mailbox_guard::lease::{Held, MailboxLease, SelectedState};
use crate::mailbox_guard::search::form::Form;
use crate::mailbox_guard::{Access, MailboxGuard};
use crate::types::asked_for::AskedFor;
use crate::types::base_subject::base_subject;
use crate::types::capability::{Capabilities, Capability};
use crate::types::collation::casemap;
use crate::types::date_time::DateTime;
use crate::types::fetch::FetchItem;
use crate::types::number_set::{NumberSet, Numbers};
use crate::types::origin::Origin;
use crate::types::partial_range::PartialRange;
use crate::types::response_code::ResponseCode;
use crate::types::search::SearchKey;
use crate::types::search_return::{ReturnOptions, SearchReturn};
use crate::types::sort::{SortCriterion, SortKey, SortResult, SortedUids};
use crate::types::uid::{ModSeq, Uid};
use crate::types::uid_set::UidSet;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;
use crate::wire::response::envelope::Addresses;
use crate::wire::response::envelope::items::AddressListItem;
use crate::wire::response::fetch::Fetch;
use crate::wire::response::search::Esearch;

const COMMAND: &str = "UID SORT";

/// The longest page that is accepted.
const LONGEST_PAGE: usize = 1_000_000;

impl<A: Access> MailboxGuard<'_, A> {
    /// Searches for messages that meet a condition, and returns them in an order (UID SORT, RFC
    /// 5256).
    ///
    /// Messages that are equal by one criterion are ordered by the next, and finally by their place
    /// in the mailbox.
    ///
    /// If the server lacks SORT, or SORT=DISPLAY if that is needed, the crate falls back to UID
    /// SEARCH and UID FETCH of dates, sizes and envelopes, and sorts the messages here by the rules
    /// of RFC 5256, if they are not more than 100,000 ([`Sort::local_limit`]). Texts are compared
    /// as by `i;unicode-casemap` (RFC 5051) for Latin, Greek and Cyrillic letters, and by their
    /// first 1,024 octets; a server may compare by other rules.
    ///
    /// # Errors
    ///
    /// As for [`search`](Self::search) and [`fetch`](Self::fetch); [`Error::Argument`] for no
    /// criteria; [`Error::Unsupported`] if the server cannot sort and the messages are too many to
    /// be sorted here.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{FetchItem, Printable, SearchKey, SortKey};
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let sorted = inbox.sort([SortKey::Date.reverse()], SearchKey::All)?;
    /// let newest_50 = sorted.page(0, 50);
    /// for message in inbox.fetch(&newest_50, [FetchItem::Envelope])? {
    ///     println!("{}", Printable(message?.envelope()?.subject()));
    /// }
    /// # assert_eq!(sorted.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "SORT")]
    #[doc(alias = "uid_sort")]
    pub fn sort<C>(&mut self, criteria: C, key: impl Borrow<SearchKey>) -> Result<SortedUids>
    where
        C: IntoIterator<Item: Into<SortCriterion>>,
    {
        let sorted = self.run(Sort::new(criteria, key.borrow()))?;
        sorted.all.ok_or(Error::MissingData(COMMAND))
    }
}

/// SORT as a value, with the results to return. Its answer is a [`SortResult`].
///
/// Sends RETURN if the server has ESORT (RFC 5267 section 3), and a page if it has CONTEXT=SORT and
/// the page is counted from the start (section 4.4). If the server lacks them, it returns all
/// messages in order, and the requested results are computed here.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::command::Sort;
/// use latchbox::types::{SearchKey, SearchReturn, SortKey};
///
/// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
/// let criteria = [SortKey::Subject.into(), SortKey::Date.reverse()];
/// let sort = Sort::new(criteria, SearchKey::Unseen).returning(SearchReturn::new().min().count());
/// let sorted = inbox.run(sort)?;
/// println!("{:?} is the first of {:?}", sorted.min(), sorted.count());
/// # assert_eq!(sorted.count(), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a command does nothing until it is run"]
pub struct Sort<'k> {
    criteria: Vec<SortCriterion>,
    key: Cow<'k, SearchKey>,
    returns: SearchReturn,
    local_limit: u32,
}

impl<'k> Sort<'k> {
    /// Sorts the messages that meet a condition, as [`MailboxGuard::sort`] does.
    ///
    /// Running it without criteria is [`Error::Argument`].
    pub fn new<C>(criteria: C, key: impl Into<Cow<'k, SearchKey>>) -> Self
    where
        C: IntoIterator<Item: Into<SortCriterion>>,
    {
        Self {
            criteria: criteria.into_iter().map(Into::into).collect(),
            key: key.into(),
            returns: SearchReturn::new(),
            local_limit: 100_000,
        }
    }

    /// Returns only these results, in place of the whole order.
    ///
    /// MIN is the first message of the order, MAX the last.
    pub const fn returning(mut self, returns: SearchReturn) -> Self {
        self.returns = returns;
        self
    }

    /// Limits the messages that are sorted here if the server cannot sort; 100,000 by default.
    ///
    /// 0 never sorts here. Each message costs about 100 octets for each criterion, and at most 1
    /// KiB.
    pub const fn local_limit(mut self, messages: u32) -> Self {
        self.local_limit = messages;
        self
    }
}

impl sealed::Command for Sort<'_> {
    fn name(&self) -> &'static str {
        COMMAND
    }
}

impl<A: Access> Command<SelectedState<A>> for Sort<'_> {
    type Answer = SortResult;

    fn run_on(self, held: &mut Held) -> Result<SortResult> {
        if self.criteria.is_empty() {
            return Err(Error::text("sort criteria", "none are given"));
        }
        let sorted = held.lease(COMMAND)?.sort(&self)?;
        let order = match sorted {
            Sorted::There(order) => order,
            Sorted::NotYet(found) => Order::of(sort_here(held, &self.criteria, &found)?),
        };
        let asked_for = AskedFor::by_key(&self.key, true);
        order.cut(&asked_for)?.result(&self.returns, held.origin())
    }
}

/// Sorts messages here: requests from the server the values to compare.
fn sort_here(
    held: &mut Held,
    criteria: &[SortCriterion],
    found: &UidSet,
) -> Result<Vec<NonZeroU32>> {
    let mut rows = Vec::new();
    for message in held.fetch(found, &items(criteria))? {
        rows.push(Row::of(&message?, criteria));
    }
    rows.sort_by(|one, other| one.compare(other, criteria));
    Ok(rows.into_iter().map(|row| row.uid).collect())
}

/// The result of a sort by the server.
enum Sorted {
    There(Order),
    /// The server cannot sort these messages, which are few enough to be sorted here.
    NotYet(UidSet),
}

impl MailboxLease<'_> {
    /// Lets the server sort; if it cannot, searches for the messages to be sorted here.
    fn sort(&mut self, sort: &Sort<'_>) -> Result<Sorted> {
        let key = &*sort.key;
        let cannot = match self.sort_there(&sort.criteria, key, sort.returns) {
            Ok(order) => return Ok(Sorted::There(order)),
            Err(cannot) => cannot,
        };
        let is_known = |it: &SortCriterion| !matches!(it.key(), SortKey::Other(_));
        let may_sort = sort.local_limit > 0 && sort.criteria.iter().all(is_known);
        if !may_sort || !self.may_sort_here(key, &cannot) {
            return Err(cannot);
        }
        let found = self.search_uids(key)?;
        match found.len() <= u64::from(sort.local_limit) {
            true => Ok(Sorted::NotYet(found)),
            false => Err(cannot),
        }
    }

    /// Lets the server sort, if it supports these criteria.
    fn sort_there(
        &mut self,
        criteria: &[SortCriterion],
        key: &SearchKey,
        returns: SearchReturn,
    ) -> Result<Order> {
        let needed = criteria
            .iter()
            .map(|criterion| criterion.key().capability());
        for needed in [Capability::Sort].into_iter().chain(needed) {
            self.require(COMMAND, needed)?;
        }
        let (returning, options) = returning(self.capabilities()?, &returns);
        self.in_some_form(COMMAND, key, None, returning, |lease, form| {
            lease.execute(&SortOnce {
                criteria,
                key,
                options,
                form,
                most: usize::try_from(lease.exists()).unwrap_or(usize::MAX),
                longest_page: longest_page(returns.page()),
            })
        })
    }

    /// Whether the server did not sort because it cannot: not at all, not so many at once (RFC 9738
    /// section 3.3), or not by so long a command.
    fn may_sort_here(&self, key: &SearchKey, cannot: &Error) -> bool {
        let is_limit =
            |code: Option<&ResponseCode>| matches!(code, Some(ResponseCode::MessageLimit { .. }));
        match cannot {
            Error::Unsupported(missing) => is_of_sort(missing.capability()),
            Error::Refused(refused) => is_limit(refused.code()),
            Error::Argument(_) => key.is_too_long(self.room(0)),
            _ => false,
        }
    }
}

/// The form of RETURN to send (ESORT, CONTEXT=SORT), and its options.
fn returning(capabilities: &Capabilities, returns: &SearchReturn) -> (Returning, ReturnOptions) {
    let has_context = capabilities.supports(&Capability::ContextSort);
    let has_esort = has_context || capabilities.supports(&Capability::Esort);
    let has_page = has_context && returns.page().is_some_and(|page| !page.is_from_end());
    let wants_all = returns.is_all() || (returns.is_only_page() && !has_page);
    match (wants_all || !has_esort, has_page) {
        (true, _) => (Returning::No, returns.options(false)),
        (false, false) => (Returning::Order, returns.options(false)),
        (false, true) => (Returning::OrderAndPage, returns.options(true)),
    }
}

/// UID SORT in one form.
struct SortOnce<'k> {
    criteria: &'k [SortCriterion],
    key: &'k SearchKey,
    options: ReturnOptions,
    form: &'k Form,
    /// The most messages that the order may have, and the page: a range in them could be of any
    /// length.
    most: usize,
    longest_page: usize,
}

impl<A: Access> Batchable<SelectedState<A>> for SortOnce<'_> {
    type Answer = Order;
}

impl<A: Access> Exchange<SelectedState<A>> for SortOnce<'_> {
    type Plan = ();
    type Partial = SortAnswer;

    fn name(&self) -> &'static str {
        COMMAND
    }

    fn plan(&self, lease: &mut MailboxLease<'_>) -> Result<Planned<(), Order>> {
        lease.confirm_numberings(COMMAND, self.key, None)?;
        Ok(Planned::Send(()))
    }

    fn encode<'a>(&'a self, _plan: &'a (), encoder: &mut Encoder<'a>) -> Result<()> {
        encoder.raw("UID SORT ");
        if self.form.extended {
            encoder.raw("RETURN ").display(self.options).sp();
        }
        let mut before = "(";
        for criterion in self.criteria {
            encoder.raw(before).display(criterion);
            before = " ";
        }
        encoder.raw(") ");
        Ok(self.form.search_criteria(encoder, self.key)?)
    }

    fn claim<'r>(
        &self,
        Sent { tag, .. }: Sent<'_, ()>,
        answer: &mut SortAnswer,
        data: Untagged<'r>,
    ) -> Option<Untagged<'r>> {
        match data {
            Untagged::Sort { numbers, mod_seq } => {
                answer.order.all.get_or_insert_default().extend(numbers);
                answer.order.mod_seq = answer.order.mod_seq.max(mod_seq);
            }
            Untagged::Esearch(found) if found.tag.as_deref().is_none_or(|of| of == tag) => {
                answer.add(&found, self.most, self.longest_page);
            }
            Untagged::Esearch(found) => {
                answer.is_ambiguous = true;
                return Some(Untagged::Esearch(found));
            }
            other => return Some(other),
        }
        None
    }

    fn finish(&self, (): (), answer: SortAnswer, lease: &mut MailboxLease<'_>) -> Result<Order> {
        lease.check_found()?;
        answer.finish(self.form.extended)
    }
}

/// The known parts of an order.
#[derive(Default)]
struct Order {
    all: Option<Vec<NonZeroU32>>,
    page: Option<Vec<NonZeroU32>>,
    min: Option<NonZeroU32>,
    max: Option<NonZeroU32>,
    count: Option<u32>,
    mod_seq: Option<ModSeq>,
}

impl Order {
    fn of(all: Vec<NonZeroU32>) -> Self {
        Self {
            all: Some(all),
            ..Self::default()
        }
    }

    /// The requested results: as the server reported them, or computed of all messages.
    fn result(self, returns: &SearchReturn, origin: &Arc<Origin>) -> Result<SortResult> {
        let (wants_min, wants_max, wants_count, wants_all) = returns.of_order();
        let sorted = |numbers: Vec<NonZeroU32>| SortedUids::new(numbers, Arc::clone(origin));
        let all = self.all.as_deref();
        let first = all.and_then(|all| all.first().copied());
        let last = all.and_then(|all| all.last().copied());
        let length = all.and_then(|all| u32::try_from(all.len()).ok());
        let count = self.count.or(length);
        let unanswered = || Error::MissingData(COMMAND);
        if wants_count && count.is_none() {
            return Err(unanswered());
        }
        let partial = match (returns.page(), self.page, all) {
            (None, ..) => None,
            (Some(_), Some(told), _) => Some(told),
            (Some(page), None, Some(all)) => Some(page.slice(all).to_vec()),
            (Some(_), None, None) if count == Some(0) => Some(Vec::new()),
            (Some(_), None, None) => return Err(unanswered()),
        };
        let all = match (wants_all, self.all) {
            (false, _) => None,
            (true, Some(all)) => Some(sorted(all)),
            (true, None) if count == Some(0) => Some(sorted(Vec::new())),
            (true, None) => return Err(unanswered()),
        };
        Ok(SortResult {
            min: self.min.or(first).filter(|_| wants_min).map(Uid::from),
            max: self.max.or(last).filter(|_| wants_max).map(Uid::from),
            count: count.filter(|_| wants_count),
            all,
            partial: partial.map(sorted),
            mod_seq: self.mod_seq,
        })
    }
}

impl Order {
    /// Without the messages that the condition rules out by their UIDs.
    fn cut(mut self, asked_for: &AskedFor) -> Result<Self> {
        if asked_for.is_anything() {
            return Ok(self);
        }
        let mut ends = self.min.iter().chain(&self.max);
        if !ends.all(|end| asked_for.allows(*end)) {
            return Err(Error::unreadable(COMMAND));
        }
        for uids in [&mut self.all, &mut self.page].into_iter().flatten() {
            uids.retain(|uid| asked_for.allows(*uid));
        }
        if let Some(all) = &self.all {
            self.count = self.count.and(u32::try_from(all.len()).ok());
        }
        Ok(self)
    }
}

/// What has been received of the answer to a SORT.
#[derive(Default)]
struct SortAnswer {
    order: Order,
    /// The server has answered with ESEARCH.
    is_told: bool,
    is_unreadable: bool,
    /// A response names another command.
    is_ambiguous: bool,
}

impl SortAnswer {
    fn add(&mut self, found: &Esearch<'_>, most: usize, longest_page: usize) {
        self.is_told = true;
        let order = &mut self.order;
        order.min = found.min.and_then(NonZeroU32::new).or(order.min);
        order.max = found.max.and_then(NonZeroU32::new).or(order.max);
        order.count = found.count.or(order.count);
        order.mod_seq = order.mod_seq.max(found.mod_seq);
        let mut is_whole = true;
        if found.all.is_some() {
            let all = order.all.get_or_insert_default();
            is_whole &= extend(all, &found.written_all, most);
        }
        if found.partial.is_some() {
            let page = order.page.get_or_insert_default();
            is_whole &= extend(page, &found.written_partial, longest_page);
        }
        self.is_unreadable |= !is_whole;
    }

    /// The order. A server may answer `SORT` although RETURN was used, and nothing if no message
    /// was found; ALL is missing then too.
    fn finish(mut self, is_extended: bool) -> Result<Order> {
        let has_answer = self.is_told || self.order.all.is_some();
        match () {
            () if self.is_unreadable => return Err(Error::unreadable(COMMAND)),
            () if !has_answer && self.is_ambiguous => return Err(Error::ambiguous(COMMAND)),
            () if !has_answer && is_extended => return Err(Error::MissingData(COMMAND)),
            () if !is_extended && !self.is_told => {
                self.order.all.get_or_insert_default();
            }
            () => {}
        }
        Ok(self.order)
    }
}

fn longest_page(page: Option<&PartialRange>) -> usize {
    let count = page.map_or(0, |page| page.count().get());
    usize::try_from(count).unwrap_or(0).min(LONGEST_PAGE)
}

/// Adds the numbers of a set in the order in which it is written; whether there are not more of
/// them than possible.
fn extend(numbers: &mut Vec<NonZeroU32>, written: &[u8], most: usize) -> bool {
    let spans = NumberSet::parse_in_order(written).unwrap_or_default();
    for number in Numbers::over(&spans) {
        if numbers.len() >= most {
            return false;
        }
        numbers.push(number);
    }
    true
}

/// A message to be sorted, by one value for each criterion.
struct Row {
    uid: NonZeroU32,
    values: Box<[Value]>,
}

/// A value to compare; those of one criterion are all of one kind.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    /// Seconds, or octets.
    Number(i64),
    Text(Box<[u8]>),
}

impl Row {
    fn of(message: &Fetch, criteria: &[SortCriterion]) -> Self {
        let values = criteria
            .iter()
            .map(|criterion| value(message, criterion.key()));
        Self {
            uid: message.uid().into(),
            values: values.collect(),
        }
    }

    fn compare(&self, other: &Self, criteria: &[SortCriterion]) -> Ordering {
        let pairs = self.values.iter().zip(&other.values).zip(criteria);
        let orders = pairs.map(|((one, other), criterion)| match criterion.is_reverse() {
            false => one.cmp(other),
            true => other.cmp(one),
        });
        let by_place = self.uid.cmp(&other.uid);
        orders.fold(Ordering::Equal, Ordering::then).then(by_place)
    }
}

/// Whether a capability is about sorting, and not about the condition.
fn is_of_sort(capability: &Capability) -> bool {
    matches!(capability, Capability::Sort | Capability::SortDisplay)
}

/// The items to fetch.
fn items(criteria: &[SortCriterion]) -> Vec<FetchItem> {
    let mut items = Vec::new();
    for criterion in criteria {
        let needed: &[FetchItem] = match criterion.key() {
            SortKey::Arrival => &[FetchItem::InternalDate],
            SortKey::Date => &[FetchItem::InternalDate, FetchItem::Envelope],
            SortKey::Size => &[FetchItem::Rfc822Size],
            _ => &[FetchItem::Envelope],
        };
        for item in needed {
            if !items.contains(item) {
                items.push(item.clone());
            }
        }
    }
    items
}

/// The value to compare of a message; an empty text if it has none (RFC 5256 section 3).
fn value(message: &Fetch, key: &SortKey) -> Value {
    match key {
        SortKey::Arrival => return Value::Number(arrival(message)),
        SortKey::Size => {
            let size = message.size().unwrap_or(0);
            return Value::Number(i64::try_from(size).unwrap_or(i64::MAX));
        }
        _ => {}
    }
    let envelope = message.envelope().ok();
    if *key == SortKey::Date {
        let sent = envelope.and_then(|envelope| envelope.date());
        return Value::Number(sent.map_or_else(
            || arrival(message),
            |date| date.instant_or_utc().unix_timestamp(),
        ));
    }
    let compared = envelope.and_then(|envelope| match key {
        SortKey::From => first_mailbox(envelope.from()),
        SortKey::To => first_mailbox(envelope.to()),
        SortKey::Cc => first_mailbox(envelope.cc()),
        SortKey::DisplayFrom => first_name(envelope.from()),
        SortKey::DisplayTo => first_name(envelope.to()),
        _ => Some(base_subject(&envelope.subject())),
    });
    Value::Text(casemap(&compared.unwrap_or_default(), COMPARED_TEXT))
}

fn arrival(message: &Fetch) -> i64 {
    let date = message.internal_date().ok().flatten();
    date.map_or(0, DateTime::unix_timestamp)
}

/// `addr-mailbox` of the first structure in a list of addresses, which is that of a group if the
/// list begins with one.
fn first_mailbox(addresses: Addresses<'_>) -> Option<String> {
    Some(match addresses.with_groups().next()? {
        AddressListItem::Address(address) => address.mailbox().into_owned(),
        AddressListItem::GroupStart(name) => String::from_utf8_lossy(name.raw()).into_owned(),
        AddressListItem::GroupEnd => String::new(),
    })
}

/// The display name of the first address, which is that of a group if the list begins with one (RFC
/// 5957 section 3).
fn first_name(addresses: Addresses<'_>) -> Option<String> {
    let address = match addresses.with_groups().next()? {
        AddressListItem::Address(address) => address,
        AddressListItem::GroupStart(name) => return Some(name.text().into_owned()),
        AddressListItem::GroupEnd => return None,
    };
    let name = address.name().filter(|name| !name.is_empty());
    let email = || address.email().unwrap_or_default();
    Some(name.map_or_else(email, Cow::into_owned))
}
