//! SORT (RFC 5256): messages in an order; by the server, or here where it cannot.

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::num::NonZeroU32;
use std::sync::Arc;

use crate::connection::searching::is_named;
use crate::error::{Error, Result};
use crate::limits::COMPARED_TEXT;
use crate::mailbox_guard::{Access, Keeping, MailboxGuard};
use crate::types::asked_for::AskedFor;
use crate::types::base_subject::base_subject;
use crate::types::capability::Capability;
use crate::types::collation::casemap;
use crate::types::fetch::FetchItem;
use crate::types::number_set::{NumberSet, Numbers};
use crate::types::partial_range::PartialRange;
use crate::types::response_code::ResponseCode;
use crate::types::search::SearchKey;
use crate::types::sort::{SortCriterion, SortKey, SortOptions, SortedUids};
use crate::wire::response::Untagged;
use crate::wire::response::envelope::{Address, AddressListItem, Addresses};
use crate::wire::response::fetch::Fetch;

const COMMAND: &str = "UID SORT";

/// The longest page that is taken.
const LONGEST_PAGE: usize = 1_000_000;

impl<A: Access, K: Keeping> MailboxGuard<'_, A, K> {
    /// The messages that meet a condition, in an order (UID SORT). Where one criterion tells no
    /// difference the next decides, and in the end the place in the mailbox.
    ///
    /// A server without SORT, or without SORT=DISPLAY where that is needed, is asked for the dates,
    /// sizes and envelopes (UID SEARCH and UID FETCH), and the messages are sorted here by the rules
    /// of RFC 5256, if they are not more than 100,000
    /// ([`SortOptions::local_limit`]). Texts are compared as by `i;unicode-casemap`
    /// (RFC 5051) as far as Latin, Greek and Cyrillic letters go, and by their first 1,024 octets; a
    /// server may compare by rules of its own.
    ///
    /// # Errors
    ///
    /// As for [`search`](Self::search) and [`fetch`](Self::fetch); [`Error::Argument`] for no
    /// criteria; [`Error::Unsupported`] when the server cannot sort and there are too many to sort
    /// them here.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{FetchItem, SearchKey, SortKey};
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let sorted = inbox.sort([SortKey::Date.reverse()], SearchKey::All)?;
    /// let newest_50 = sorted.page(0, 50);
    /// for message in inbox.fetch(&newest_50, [FetchItem::Envelope])? {
    ///     println!("{}", message?.envelope()?.subject());
    /// }
    /// # assert_eq!(sorted.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sort<C>(&mut self, criteria: C, key: impl Borrow<SearchKey>) -> Result<SortedUids>
    where
        C: IntoIterator<Item: Into<SortCriterion>>,
    {
        self.sort_with(criteria, key, SortOptions::new())
    }

    /// The same, with a limit of one's own for what may be sorted here.
    ///
    /// # Errors
    ///
    /// As for [`sort`](Self::sort).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::command::SortOptions;
    /// use latchbox::types::{SearchKey, SortKey};
    ///
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let criteria = [SortKey::Subject.into(), SortKey::Date.reverse()];
    /// let by_the_server = SortOptions::new().local_limit(0);
    /// let sorted = inbox.sort_with(criteria, SearchKey::Unseen, by_the_server)?;
    /// # assert_eq!(sorted.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sort_with<C>(
        &mut self,
        criteria: C,
        key: impl Borrow<SearchKey>,
        options: SortOptions,
    ) -> Result<SortedUids>
    where
        C: IntoIterator<Item: Into<SortCriterion>>,
    {
        let criteria: Vec<SortCriterion> = criteria.into_iter().map(Into::into).collect();
        if criteria.is_empty() {
            return Err(Error::text("sort criteria", "none are given"));
        }
        let key = key.borrow();
        let sorted = match self.cannot_sort(&criteria)? {
            None => self.sort_there(&criteria, key, options),
            Some(missing) => Err(Error::unsupported(COMMAND, missing)),
        };
        let sorted = match sorted {
            Err(cannot) if options.local_limit > 0 && self.may_sort_here(key, &cannot)? => {
                self.sort_here(&criteria, key, options, cannot)?
            }
            sorted => sorted?,
        };
        let asked_for = AskedFor::by_key(key, true);
        let sorted = sorted.cut(&asked_for);
        let origin = Arc::clone(self.held.origin());
        Ok(match (options.partial, sorted) {
            (Some(page), Sorted::All(all)) => SortedUids::new(page.slice(&all).to_vec(), origin),
            (_, Sorted::All(sorted) | Sorted::Page(sorted)) => SortedUids::new(sorted, origin),
        })
    }

    /// Whether the server did not sort because it cannot: not at all, not so many at once (RFC 9738
    /// section 3.3), or not by so long a command.
    fn may_sort_here(&self, key: &SearchKey, cannot: &Error) -> Result<bool> {
        let is_limit =
            |code: Option<&ResponseCode>| matches!(code, Some(ResponseCode::MessageLimit { .. }));
        Ok(match cannot {
            Error::Unsupported(missing) => is_of_sort(missing.capability()),
            Error::Refused(refused) => is_limit(refused.code()),
            Error::Argument(_) => key.is_too_long(self.held.room(0)?),
            _ => false,
        })
    }

    /// What the server lacks.
    fn cannot_sort(&self, criteria: &[SortCriterion]) -> Result<Option<Capability>> {
        let mut connection = self.held.connection(COMMAND)?;
        let capabilities = connection.capabilities()?;
        let needed = criteria
            .iter()
            .map(|criterion| criterion.key().capability());
        let mut needed = [Capability::Sort].into_iter().chain(needed);
        Ok(needed.find(|capability| !capabilities.supports(capability)))
    }

    fn sort_there(
        &self,
        criteria: &[SortCriterion],
        key: &SearchKey,
        options: SortOptions,
    ) -> Result<Sorted> {
        let written: Vec<String> = criteria.iter().map(ToString::to_string).collect();
        let written = written.join(" ");
        let page = self.page_there(options)?;
        let returns = page.map(|page| format!("RETURN (PARTIAL {page}) "));
        self.held
            .look_for(COMMAND, key, None, false, |connection, attempt| {
                connection.start(COMMAND, |encoder| {
                    encoder
                        .raw("UID SORT ")
                        .raw(returns.as_deref().unwrap_or_default());
                    encoder.raw("(").raw(&written).raw(") ");
                    Ok(attempt.search_criteria(encoder)?)
                })?;
                let tag = connection.tag().to_vec();
                let mut heard = Heard::of_page(page);
                connection.finish(|data| heard.claim(data, &tag))?;
                heard.finish(page.is_some())
            })
    }

    /// The page that the server is asked for as such.
    fn page_there(&self, options: SortOptions) -> Result<Option<PartialRange>> {
        let mut connection = self.held.connection(COMMAND)?;
        let has_pages = connection
            .capabilities()?
            .supports(&Capability::ContextSort);
        let page = options.partial.filter(|page| !page.is_from_end());
        Ok(page.filter(|_| has_pages))
    }

    fn sort_here(
        &mut self,
        criteria: &[SortCriterion],
        key: &SearchKey,
        options: SortOptions,
        cannot: Error,
    ) -> Result<Sorted> {
        let found = self.search(key)?;
        if found
            .len()
            .is_none_or(|count| count > u64::from(options.local_limit))
        {
            return Err(cannot);
        }
        let mut rows = Vec::new();
        let mut messages = self.fetch(&found, items(criteria))?;
        while let Some(message) = messages.next()? {
            let row = Row::of(message, criteria);
            rows.push(row.ok_or_else(|| Error::unreadable("UID FETCH"))?);
        }
        rows.sort_by(|one, other| one.compare(other, criteria));
        Ok(Sorted::All(rows.into_iter().map(|row| row.uid).collect()))
    }
}

/// An order, or a page of one.
enum Sorted {
    All(Vec<NonZeroU32>),
    Page(Vec<NonZeroU32>),
}

impl Sorted {
    /// Without the messages that the condition rules out by their UIDs.
    fn cut(mut self, asked_for: &AskedFor) -> Self {
        let (Self::All(uids) | Self::Page(uids)) = &mut self;
        if !asked_for.is_anything() {
            uids.retain(|uid| asked_for.allows(*uid));
        }
        self
    }
}

/// What has been heard of an order.
#[derive(Default)]
struct Heard {
    all: Option<Vec<NonZeroU32>>,
    page: Option<Vec<NonZeroU32>>,
    /// How many messages the page may have: a range in it could be of any length.
    longest: usize,
    is_unreadable: bool,
}

impl Heard {
    fn of_page(page: Option<PartialRange>) -> Self {
        let count = page.map_or(0, |page| page.count().get());
        Self {
            longest: usize::try_from(count).unwrap_or(0).min(LONGEST_PAGE),
            ..Self::default()
        }
    }

    fn claim<'r>(&mut self, data: Untagged<'r>, tag: &[u8]) -> Option<Untagged<'r>> {
        match data {
            Untagged::Sort { numbers, .. } => {
                self.all.get_or_insert_default().extend(numbers);
            }
            Untagged::Esearch(answer)
                if answer.tag.as_deref() == Some(tag) && answer.partial.is_some() =>
            {
                self.hear_page(answer.written_partial);
            }
            Untagged::Invalid { bytes, .. } if is_named(bytes, &["SORT", "ESEARCH"]) => {
                self.is_unreadable = true;
            }
            other => return Some(other),
        }
        None
    }

    fn hear_page(&mut self, written: &[u8]) {
        let spans = NumberSet::parse_in_order(written).unwrap_or_default();
        let page = self.page.get_or_insert_default();
        for number in Numbers::over(&spans) {
            if page.len() >= self.longest {
                self.is_unreadable = true;
                break;
            }
            page.push(number);
        }
    }

    /// A server may say `SORT` although RETURN was used, and nothing where nothing was found.
    fn finish(self, is_page: bool) -> Result<Sorted> {
        match (self.all, self.page) {
            _ if self.is_unreadable => Err(Error::unreadable(COMMAND)),
            (None, Some(page)) => Ok(Sorted::Page(page)),
            (None, None) if is_page => Err(Error::Unanswered(COMMAND)),
            (all, _) => Ok(Sorted::All(all.unwrap_or_default())),
        }
    }
}

/// A message to be sorted, by one value for each criterion.
struct Row {
    uid: NonZeroU32,
    values: Box<[Value]>,
}

/// What is compared; those of one criterion are all of one kind.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    /// Seconds, or octets.
    Number(i64),
    Text(Box<[u8]>),
}

impl Row {
    fn of(message: &Fetch, criteria: &[SortCriterion]) -> Option<Self> {
        let values = criteria
            .iter()
            .map(|criterion| value(message, criterion.key()));
        Some(Self {
            uid: message.uid()?.into(),
            values: values.collect(),
        })
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

/// Whether a capability is about sorting, and not about what is looked for.
fn is_of_sort(capability: &Capability) -> bool {
    matches!(capability, Capability::Sort | Capability::SortDisplay)
}

/// What has to be fetched.
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

/// What is compared of a message; an empty text where it has no such thing (RFC 5256 section 3).
fn value(message: &Fetch, key: SortKey) -> Value {
    match key {
        SortKey::Arrival => return Value::Number(arrival(message)),
        SortKey::Size => {
            let size = message.size().unwrap_or(0);
            return Value::Number(i64::try_from(size).unwrap_or(i64::MAX));
        }
        _ => {}
    }
    let envelope = message.envelope().ok();
    if key == SortKey::Date {
        let sent = envelope.and_then(|envelope| envelope.date());
        return Value::Number(sent.map_or_else(|| arrival(message), |date| date.timestamp()));
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
    date.map_or(0, |date| date.timestamp())
}

/// `addr-mailbox` of the first structure in a list of addresses, which is that of a group where the
/// list begins with one.
fn first_mailbox(addresses: Addresses<'_>) -> Option<String> {
    Some(match addresses.with_groups().next()? {
        AddressListItem::Address(address) => address.mailbox().into_owned(),
        AddressListItem::GroupStart(name) => String::from_utf8_lossy(name.raw()).into_owned(),
        AddressListItem::GroupEnd => String::new(),
    })
}

/// The name to be shown of the first address, which is that of a group where the list begins with
/// one (RFC 5957 section 3).
fn first_name(addresses: Addresses<'_>) -> Option<String> {
    let address = match addresses.with_groups().next()? {
        AddressListItem::Address(address) => address,
        AddressListItem::GroupStart(name) => return Some(name.text().into_owned()),
        AddressListItem::GroupEnd => return None,
    };
    let name = address.name().filter(|name| !name.is_empty());
    Some(name.map_or_else(|| Address::email(&address), Cow::into_owned))
}
