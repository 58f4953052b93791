//! What a SEARCH looks for (RFC 9051, section 6.4.4).

use chrono::{DateTime, NaiveDate};

use crate::command::{Chosen, Limited, cut};
use crate::extra::{email_id, gmail_message_id, gmail_thread_id, thread_id};
use crate::grammar::search::{Key as Asked, When};
use crate::mime::header::{fields, split, unfold, value};
use crate::mime::part::{Children, Part};
use crate::mime::{address, decode};
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
    Chosen(Chosen),
    Flag(&'a str),
    Recent(&'a View),
    Header(&'a str, String),
    /// A name in a field with addresses.
    Name(&'a str, String),
    Body(String),
    Text(String),
    Received(When, NaiveDate),
    Sent(When, NaiveDate),
    Saved(When, NaiveDate),
    Larger(u64),
    Smaller(u64),
    ChangedAfter(u64),
    EmailId(&'a str),
    ThreadId(&'a str),
    Younger(u32),
    GmailMessageId(u64),
    GmailThreadId(u64),
    GmailLabel(String),
}

impl<'a> Query<'a> {
    pub(crate) fn new(keys: &'a [Asked], view: &'a View, mailbox: &Mailbox) -> Self {
        let sets = keys.iter().filter_map(|key| match key {
            Asked::Seqs(set) => Some((set, false)),
            Asked::Uids(set) => Some((set, true)),
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
            key: Key::all(keys, view, mailbox),
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
    fn all(keys: &'a [Asked], view: &'a View, mailbox: &Mailbox) -> Self {
        let keys = keys.iter().map(|key| Key::new(key, view, mailbox));
        Key::All(keys.collect())
    }

    fn new(key: &'a Asked, view: &'a View, mailbox: &Mailbox) -> Self {
        let new = |key: &'a Asked| Box::new(Key::new(key, view, mailbox));
        match key {
            Asked::All | Asked::SaveDateSupported => Key::All(Vec::new()),
            Asked::And(keys) => Key::all(keys, view, mailbox),
            Asked::Or(one, other) => Key::Or(new(one), new(other)),
            Asked::Not(key) | Asked::Negated(key) => Key::Not(new(key)),
            Asked::Seqs(set) => Key::Chosen(Chosen::existing(set, false, view)),
            Asked::Uids(set) => Key::Chosen(Chosen::existing(set, true, view)),
            // Stored searches were put in the place of their names.
            Asked::Filter(_) => Key::Not(Box::new(Key::All(Vec::new()))),
            Asked::Flag(name) => Key::Flag(name),
            Asked::Recent => Key::Recent(view),
            Asked::Header(name, text) | Asked::Address(name, text) => {
                Key::Header(name, lower(text))
            }
            Asked::Name(name, text) => Key::Name(name, lower(text)),
            Asked::Body(text) => Key::Body(lower(text)),
            Asked::Text(text) => Key::Text(lower(text)),
            Asked::Received(when, date) => Key::Received(*when, *date),
            Asked::Sent(when, date) => Key::Sent(*when, *date),
            Asked::Saved(when, date) => Key::Saved(*when, *date),
            Asked::Larger(octets) => Key::Larger(*octets),
            Asked::Smaller(octets) => Key::Smaller(*octets),
            Asked::ModSeq(mod_seq) => {
                Key::ChangedAfter(mailbox.history.since(mod_seq.saturating_sub(1)))
            }
            Asked::Younger(age) => Key::Younger(*age),
            Asked::EmailId(id) => Key::EmailId(id),
            Asked::ThreadId(id) => Key::ThreadId(id),
            Asked::GmailMessageId(id) => Key::GmailMessageId(*id),
            Asked::GmailThreadId(id) => Key::GmailThreadId(*id),
            Asked::GmailLabel(label) => {
                Key::GmailLabel(String::from_utf8_lossy(label).into_owned())
            }
        }
    }

    fn matches(&self, seq: u32, message: &Message) -> bool {
        let octets = u64::try_from(message.bytes.len()).unwrap_or(u64::MAX);
        match self {
            Key::All(keys) => keys.iter().all(|key| key.matches(seq, message)),
            Key::Or(a, b) => a.matches(seq, message) || b.matches(seq, message),
            Key::Not(key) => !key.matches(seq, message),
            Key::Chosen(chosen) => chosen.has(seq, message),
            Key::Flag(flag) => message.flags.has(flag),
            Key::Recent(view) => view.is_recent(message.uid),
            Key::Header(name, text) => in_header(split(&message.bytes).0, Some(name), text),
            Key::Name(name, text) => in_names(split(&message.bytes).0, name, text),
            Key::Body(text) => in_body(&Part::parse(&message.bytes), text),
            Key::Text(text) => {
                let part = Part::parse(&message.bytes);
                in_header(part.header, None, text) || in_body(&part, text)
            }
            Key::Received(when, date) => when.holds(message.internal_date.date_naive(), *date),
            Key::Sent(when, date) => {
                sent(&message.bytes).is_some_and(|sent| when.holds(sent, *date))
            }
            Key::Saved(when, date) => when.holds(message.save_date.date_naive(), *date),
            Key::Larger(limit) => octets > *limit,
            Key::Smaller(limit) => octets < *limit,
            Key::ChangedAfter(revision) => message.revision > *revision,
            Key::Younger(age) => {
                let now = crate::store::mailbox::now().timestamp();
                message.internal_date.timestamp() > now - i64::from(*age)
            }
            Key::EmailId(id) => email_id(&message.bytes) == *id,
            Key::ThreadId(id) => thread_id(&message.bytes) == *id,
            Key::GmailMessageId(id) => gmail_message_id(&message.bytes) == *id,
            Key::GmailThreadId(id) => gmail_thread_id(&message.bytes) == *id,
            Key::GmailLabel(label) => message.labels.contains(label),
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

/// Whether the name of an address in a field of this name has the text in it.
fn in_names(header: &[u8], name: &str, text: &str) -> bool {
    fields(header)
        .filter(|field| field.name.eq_ignore_ascii_case(name.as_bytes()))
        .flat_map(|field| address::parse(&unfold(field.value)))
        .filter_map(|address| address.name)
        .any(|name| decode::words(&name).to_lowercase().contains(text))
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
