//! What a SEARCH looks for (RFC 9051, section 6.4.4).

use chrono::{DateTime, NaiveDate};
use imap_codec::imap_types::search::SearchKey;
use imap_codec::imap_types::sequence::SequenceSet;

use crate::command::{Chosen, Limited, cut};
use crate::extension::objects::of_keyword;
use crate::extra::{email_id, thread_id};
use crate::mime::decode;
use crate::mime::header::{fields, split, unfold, value};
use crate::mime::part::{Children, Part};
use crate::numbers::Numbers;
use crate::store::mailbox::{Mailbox, Message};
use crate::store::view::View;

/// Search keys that are ready to be tried on each message.
pub(crate) struct Query<'a> {
    key: Key<'a>,
    /// Only these messages can match.
    within: Option<Chosen>,
}

/// A key with its sets resolved and its texts in lower case.
enum Key<'a> {
    All(Vec<Key<'a>>),
    Or(Box<Key<'a>>, Box<Key<'a>>),
    Not(Box<Key<'a>>),
    SeqNums(Numbers),
    Uids(Numbers),
    Flag(String),
    Recent(&'a View),
    Header(String, String),
    Body(String),
    Text(String),
    Received(When, NaiveDate),
    Sent(When, NaiveDate),
    Larger(u32),
    Smaller(u32),
    ChangedAfter(u64),
    EmailId(String),
    ThreadId(String),
    Younger(u32),
    Never,
}

#[derive(Clone, Copy)]
enum When {
    Before,
    On,
    Since,
}

impl<'a> Query<'a> {
    pub(crate) fn new(criteria: &[SearchKey<'_>], view: &'a View, mailbox: &Mailbox) -> Self {
        let keys = criteria.iter().map(|key| Key::new(key, view, mailbox));
        let sets = criteria.iter().filter_map(|key| match key {
            SearchKey::SequenceSet(set) => Some((set, false)),
            SearchKey::Uid(set) => Some((set, true)),
            _ => None,
        });
        let mut sets: Vec<_> = sets
            .map(|(set, uid)| Chosen::existing(set, uid, view))
            .collect();
        if sets.len() > 1 {
            // The messages that are looked at are those of the narrowest set.
            sets.sort_by_cached_key(|chosen| view.chosen(mailbox, chosen).count());
        }
        Self {
            key: Key::All(keys.collect()),
            within: sets.into_iter().next(),
        }
    }

    /// The messages that match, each with its sequence number, and where the search stopped when
    /// there are too many to look at.
    pub(crate) fn found<'m>(
        &'m self,
        view: &'m View,
        mailbox: &'m Mailbox,
        limit: Option<usize>,
    ) -> (Vec<(u32, &'m Message)>, Option<Limited>) {
        let mut found: Vec<_> = match &self.within {
            Some(chosen) => view.chosen(mailbox, chosen).collect(),
            None => view.messages(mailbox).collect(),
        };
        let limited = cut(&mut found, limit);
        found.retain(|(seq, message)| self.key.matches(*seq, message));
        (found, limited)
    }
}

impl<'a> Key<'a> {
    fn new(key: &SearchKey<'_>, view: &'a View, mailbox: &Mailbox) -> Self {
        let flag = |name: &str| Key::Flag(name.to_owned());
        let not = |key: Key<'a>| Key::Not(Box::new(key));
        let resolve = |set: &SequenceSet, largest| Numbers::resolve(set, largest);
        match key {
            SearchKey::All => Key::All(Vec::new()),
            SearchKey::And(keys) => Key::All(
                keys.as_ref()
                    .iter()
                    .map(|key| Key::new(key, view, mailbox))
                    .collect(),
            ),
            SearchKey::Or(a, b) => {
                let (a, b) = (Key::new(a, view, mailbox), Key::new(b, view, mailbox));
                Key::Or(Box::new(a), Box::new(b))
            }
            SearchKey::Not(key) => not(Key::new(key, view, mailbox)),
            SearchKey::SequenceSet(set) => Key::SeqNums(resolve(
                set,
                Some(view.exists()).filter(|exists| *exists > 0),
            )),
            SearchKey::Uid(set) => Key::Uids(resolve(set, view.last_uid())),
            SearchKey::Answered => flag("\\Answered"),
            SearchKey::Deleted => flag("\\Deleted"),
            SearchKey::Draft => flag("\\Draft"),
            SearchKey::Flagged => flag("\\Flagged"),
            SearchKey::Seen => flag("\\Seen"),
            SearchKey::Keyword(name) => match of_keyword(name.as_ref()) {
                Some(("EMAILID", id)) => Key::EmailId(id.to_owned()),
                Some((_, id)) => Key::ThreadId(id.to_owned()),
                None => flag(name.as_ref()),
            },
            SearchKey::Unanswered => not(flag("\\Answered")),
            SearchKey::Undeleted => not(flag("\\Deleted")),
            SearchKey::Undraft => not(flag("\\Draft")),
            SearchKey::Unflagged => not(flag("\\Flagged")),
            SearchKey::Unseen => not(flag("\\Seen")),
            SearchKey::Unkeyword(name) => not(flag(name.as_ref())),
            SearchKey::Recent => Key::Recent(view),
            SearchKey::Old => not(Key::Recent(view)),
            SearchKey::New => Key::All(vec![Key::Recent(view), not(flag("\\Seen"))]),
            SearchKey::Larger(octets) => Key::Larger(*octets),
            SearchKey::Smaller(octets) => Key::Smaller(*octets),
            SearchKey::ModSequence { modseq, .. } => {
                Key::ChangedAfter(mailbox.history.since(modseq.saturating_sub(1)))
            }
            SearchKey::Older(age) => not(Key::Younger(age.get())),
            SearchKey::Younger(age) => Key::Younger(age.get()),
            _ => Self::text_or_date(key),
        }
    }

    fn text_or_date(key: &SearchKey<'_>) -> Self {
        let header = |name: &str, text: &[u8]| Key::Header(name.to_owned(), lower(text));
        match key {
            SearchKey::Bcc(text) => header("Bcc", text.as_ref()),
            SearchKey::Cc(text) => header("Cc", text.as_ref()),
            SearchKey::From(text) => header("From", text.as_ref()),
            SearchKey::Subject(text) => header("Subject", text.as_ref()),
            SearchKey::To(text) => header("To", text.as_ref()),
            SearchKey::Header(name, text) => {
                header(&String::from_utf8_lossy(name.as_ref()), text.as_ref())
            }
            SearchKey::Body(text) => Key::Body(lower(text.as_ref())),
            SearchKey::Text(text) => Key::Text(lower(text.as_ref())),
            SearchKey::Before(date) => Key::Received(When::Before, *date.as_ref()),
            SearchKey::On(date) => Key::Received(When::On, *date.as_ref()),
            SearchKey::Since(date) => Key::Received(When::Since, *date.as_ref()),
            SearchKey::SentBefore(date) => Key::Sent(When::Before, *date.as_ref()),
            SearchKey::SentOn(date) => Key::Sent(When::On, *date.as_ref()),
            SearchKey::SentSince(date) => Key::Sent(When::Since, *date.as_ref()),
            _ => Key::Never,
        }
    }

    fn matches(&self, seq: u32, message: &Message) -> bool {
        let octets = message.bytes.len();
        match self {
            Key::All(keys) => keys.iter().all(|key| key.matches(seq, message)),
            Key::Or(a, b) => a.matches(seq, message) || b.matches(seq, message),
            Key::Not(key) => !key.matches(seq, message),
            Key::SeqNums(numbers) => numbers.contains(seq),
            Key::Uids(numbers) => numbers.contains(message.uid),
            Key::Flag(flag) => message.flags.has(flag),
            Key::Recent(view) => view.is_recent(message.uid),
            Key::Header(name, text) => in_header(split(&message.bytes).0, Some(name), text),
            Key::Body(text) => in_body(&Part::parse(&message.bytes), text),
            Key::Text(text) => {
                let part = Part::parse(&message.bytes);
                in_header(part.header, None, text) || in_body(&part, text)
            }
            Key::Received(when, date) => when.holds(message.internal_date.date_naive(), *date),
            Key::Sent(when, date) => {
                sent(&message.bytes).is_some_and(|sent| when.holds(sent, *date))
            }
            Key::Larger(limit) => u32::try_from(octets).is_ok_and(|octets| octets > *limit),
            Key::Smaller(limit) => u32::try_from(octets).is_ok_and(|octets| octets < *limit),
            Key::ChangedAfter(revision) => message.revision > *revision,
            Key::Younger(age) => {
                let now = crate::store::mailbox::now().timestamp();
                message.internal_date.timestamp() > now - i64::from(*age)
            }
            Key::EmailId(id) => email_id(&message.bytes) == *id,
            Key::ThreadId(id) => thread_id(&message.bytes) == *id,
            Key::Never => false,
        }
    }
}

impl When {
    fn holds(self, date: NaiveDate, limit: NaiveDate) -> bool {
        match self {
            When::Before => date < limit,
            When::On => date == limit,
            When::Since => date >= limit,
        }
    }
}

fn lower(text: &[u8]) -> String {
    String::from_utf8_lossy(text).to_lowercase()
}

/// Whether a field (of this name) has the text in it.
fn in_header(header: &[u8], name: Option<&str>, text: &str) -> bool {
    fields(header)
        .filter(|field| name.is_none_or(|name| field.name.eq_ignore_ascii_case(name.as_bytes())))
        .any(|field| match name {
            Some(_) => decode::words(&unfold(field.value))
                .to_lowercase()
                .contains(text),
            None => decode::words(&unfold(field.raw))
                .to_lowercase()
                .contains(text),
        })
}

/// Whether the body of the part or of one in it has the text in it.
fn in_body(part: &Part<'_>, text: &str) -> bool {
    match &part.children {
        Children::Multipart(parts) => parts
            .iter()
            .any(|part| in_header(part.header, None, text) || in_body(part, text)),
        Children::Message(inner) => in_header(inner.header, None, text) || in_body(inner, text),
        Children::None => match decode::body(part) {
            Some(body) => lower(&body).contains(text),
            None => lower(part.body).contains(text),
        },
    }
}

fn sent(message: &[u8]) -> Option<NaiveDate> {
    let date = value(split(message).0, "Date")?;
    let date = DateTime::parse_from_rfc2822(std::str::from_utf8(&date).ok()?).ok()?;
    Some(date.date_naive())
}
