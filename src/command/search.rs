//! SEARCH (RFC 9051 section 6.4.4).

use std::borrow::Borrow;

use crate::error::{Error, Result};
use crate::mailbox_guard::numbered::Numbered;
use crate::mailbox_guard::{Access, Held, Keeping, MailboxGuard};
use crate::types::capability::Capability;
use crate::types::message_set::MessageSet;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::origin::Numbering;
use crate::types::search::SearchKey;
use crate::types::sequence_set::SequenceSet;
use crate::types::uid_set::UidSet;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;

/// The form of a day on the wire (`date`).
const DATE: &str = "%-d-%b-%Y";

impl<A: Access, K: Keeping> MailboxGuard<'_, A, K> {
    /// The messages that meet a condition, as UIDs that know their mailbox (UID SEARCH).
    ///
    /// The answer is kept as ranges. With ESEARCH (RFC 4731) it comes as ranges too. UTF-8 is
    /// announced only when the condition has text that is not ASCII.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] before anything is sent for a condition that says nothing (an empty
    /// list, set or text) or cannot be sent; [`Error::StaleUids`] for UIDs of elsewhere, and
    /// [`MailboxError::Renumbered`](crate::MailboxError::Renumbered) for sequence numbers that may
    /// have changed; [`Error::Unsupported`] for a key that needs an extension which the server does
    /// not have; [`Error::Refused`], with the code `BADCHARSET` when the server does not know UTF-8;
    /// [`Error::Mailbox`], [`Error::Closed`].
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
    pub fn search(&mut self, key: impl Borrow<SearchKey>) -> Result<UidSet> {
        let found = search(&self.held, "UID SEARCH", key.borrow(), None)?;
        Ok(self.held.mark(found))
    }
}

impl<'n, A: Access> Numbered<'n, A> {
    /// The messages that meet a condition, as sequence numbers (SEARCH). Those that are wanted for
    /// longer are better searched for by [`MailboxGuard::search`], which gives UIDs.
    ///
    /// # Errors
    ///
    /// As for [`MailboxGuard::search`]; [`Error::Mailbox`] with
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
        let found = search(self.held, "SEARCH", key.borrow(), Some(self.numbering()))?;
        Ok(self.told(&found))
    }
}

/// `now` is when the numbers that are to be found are good; nothing for UIDs.
fn search(
    held: &Held,
    command: &'static str,
    key: &SearchKey,
    now: Option<&Numbering>,
) -> Result<NumberSet> {
    key.check()?;
    for set in key.uid_sets() {
        held.check_origin(set.shared_origin())?;
    }
    let places = key.sequence_numbers();
    let numberings = places.iter().map(|places| places.numbering()).chain(now);
    let mut connection = held.connection(command)?;
    for numbering in numberings.clone() {
        held.check_numbering(&connection, Some(numbering))?;
    }
    let capabilities = connection.capabilities()?;
    let mut needed = key.capabilities();
    needed.retain(|capability| !capabilities.supports(capability));
    if let Some(missing) = needed.pop() {
        return Err(Error::unsupported(command, missing));
    }
    let extended = capabilities.supports(&Capability::Esearch);
    let charset = key.needs_charset() && !connection.state.abilities().utf8;
    for numbering in numberings {
        held.confirm_numbering(&mut connection, command, Some(numbering))?;
    }
    connection.start(command, |encoder| {
        encoder.raw(command).sp();
        encoder.raw(if extended { "RETURN (ALL) " } else { "" });
        encoder.raw(if charset { "CHARSET UTF-8 " } else { "" });
        encode(encoder, key, false)
    })?;
    let tag = connection.tag().to_vec();
    let mut found = NumberSetBuilder::default();
    let mut is_readable = true;
    connection.finish(|data| match data {
        Untagged::Invalid { bytes, .. } if is_found(bytes) => {
            is_readable = false;
            None
        }
        Untagged::Search { numbers, .. } => {
            found.push_set(&numbers);
            None
        }
        Untagged::Esearch(answer) if answer.tag.as_deref().is_none_or(|of| of == tag) => {
            found.push_set(&answer.all.unwrap_or_default());
            None
        }
        other => Some(other),
    })?;
    match is_readable {
        true => Ok(found.finish()),
        false => Err(Error::Unreadable(command)),
    }
}

/// Whether an answer that cannot be read would have told what was found: a part of that is not the
/// whole, and somebody may be about to delete by it.
fn is_found(answer: &[u8]) -> bool {
    let mut words = answer
        .split(u8::is_ascii_whitespace)
        .filter(|w| !w.is_empty());
    let name = words.nth(1).unwrap_or_default();
    name.eq_ignore_ascii_case(b"SEARCH") || name.eq_ignore_ascii_case(b"ESEARCH")
}

/// `search-key`; in parentheses where it has to be one key of another.
fn encode(encoder: &mut Encoder<'_>, key: &SearchKey, nested: bool) -> Result<()> {
    if let Some(word) = key.word() {
        encoder.raw(word);
    } else if let Some((word, text)) = key.text() {
        encoder.raw(word).sp().string("search text", text)?;
    } else if let Some((word, date)) = key.date() {
        encoder.raw(word).sp().display(date.format(DATE));
    } else {
        return encode_compound(encoder, key, nested);
    }
    Ok(())
}

fn encode_compound(encoder: &mut Encoder<'_>, key: &SearchKey, nested: bool) -> Result<()> {
    match key {
        SearchKey::Keyword(keyword) => drop(encoder.raw("KEYWORD ").display(keyword)),
        SearchKey::Unkeyword(keyword) => drop(encoder.raw("UNKEYWORD ").display(keyword)),
        SearchKey::Header { name, value } => {
            encoder
                .raw("HEADER ")
                .string("field name", name)?
                .sp()
                .string("search text", value)?;
        }
        SearchKey::Larger(octets) => drop(encoder.raw("LARGER ").display(octets)),
        SearchKey::Smaller(octets) => drop(encoder.raw("SMALLER ").display(octets)),
        SearchKey::Uid(set) => drop(encoder.raw("UID ").display(set)),
        SearchKey::Sequence(set) => drop(encoder.display(set)),
        SearchKey::ModSeq(mod_seq) => drop(encoder.raw("MODSEQ ").display(mod_seq)),
        SearchKey::And(keys) => return encode_all(encoder, keys, nested),
        SearchKey::Or(one, other) => {
            encoder.raw("OR ");
            encode(encoder, one, true)?;
            encode(encoder.sp(), other, true)?;
        }
        SearchKey::Not(key) => encode(encoder.raw("NOT "), key, true)?,
        _ => return Err(Error::text("search key", "this crate cannot send it")),
    }
    Ok(())
}

fn encode_all(encoder: &mut Encoder<'_>, keys: &[SearchKey], nested: bool) -> Result<()> {
    encoder.raw(if nested { "(" } else { "" });
    for (place, key) in keys.iter().enumerate() {
        encoder.raw(if place > 0 { " " } else { "" });
        encode(encoder, key, true)?;
    }
    encoder.raw(if nested { ")" } else { "" });
    Ok(())
}
