//! Commands that look for messages: in which form and charset a server takes them, and the hearing
//! of what it found.

use std::collections::VecDeque;
use std::num::NonZeroU32;

use crate::connection::Connection;
use crate::connection::answer::is_named;
use crate::connection::search_habits::Returning;
use crate::error::{Error, Refused, Result};
use crate::exchange::Leased;
use crate::limits::CHARSETS;
use crate::types::asked_for::AskedFor;
use crate::types::atom::is_atom;
use crate::types::capability::{Capabilities, Capability};
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::response_code::ResponseCode;
use crate::types::search::SearchKey;
use crate::types::search_return::{Found, SearchReturn};
use crate::wire::charset;
use crate::wire::encoder::{Encoder, Unencodable};
use crate::wire::response::Untagged;
use crate::wire::response::search::Esearch;

/// One way to send a search.
#[derive(Clone, Debug)]
pub(crate) struct Attempt<'k> {
    pub(crate) key: &'k SearchKey,
    /// The charset that has to be named.
    pub(crate) charset: Option<String>,
    /// Whether the command may say what it wants to be returned.
    pub(crate) extended: bool,
}

impl<'k> Attempt<'k> {
    /// Whether a refusal may be about RETURN: a server that does not know it takes it for a key that
    /// does not exist. NO is about something else.
    fn may_be_return(&self, refused: &Refused) -> bool {
        let may_be_charset = matches!(refused.code, Some(ResponseCode::BadCharset(_)));
        self.extended && refused.may_be_about_form() && !may_be_charset
    }

    /// Whether it may be about the charset, for which some servers give no code.
    fn may_be_charset(&self, refused: &Refused) -> bool {
        let may_be_form = !refused.is_bad() || refused.may_be_about_form();
        let may_be_code = matches!(refused.code, None | Some(ResponseCode::BadCharset(_)));
        self.charset.is_some() && may_be_code && may_be_form
    }

    /// What else may be tried: the same without RETURN, which Cyrus 2.4 takes and some that
    /// advertise IMAP4rev2; the charsets that the server names; where it names none, UTF-8 and the
    /// one that older servers know.
    fn others(&self, refused: &Refused) -> Vec<Attempt<'k>> {
        let other = |charset: Option<&str>, extended| Attempt {
            key: self.key,
            charset: charset.map(str::to_owned),
            extended,
        };
        let mut others = Vec::new();
        if self.may_be_return(refused) {
            others.push(other(self.charset.as_deref(), false));
        }
        let Some(charset) = self
            .charset
            .as_deref()
            .filter(|_| self.may_be_charset(refused))
        else {
            return others;
        };
        let named = match &refused.code {
            Some(ResponseCode::BadCharset(names)) => names.as_slice(),
            _ => &[],
        };
        let usual: &[&str] = match named {
            [] => &[charset::UTF_8, charset::LATIN_1],
            _ => &[],
        };
        // What a server made up may not be fit to be sent back.
        let named = named
            .iter()
            .map(String::as_str)
            .filter(|name| is_atom(name));
        let is_new = |name: &&str| !name.eq_ignore_ascii_case(charset) && has_texts(name, self.key);
        let names = named.chain(usual.iter().copied()).filter(is_new);
        others.extend(
            names
                .take(CHARSETS)
                .map(|name| other(Some(name), self.extended)),
        );
        others
    }

    /// Whether it is sent as the other is.
    fn is_like(&self, other: &Self) -> bool {
        let charsets = (self.charset.as_deref(), other.charset.as_deref());
        let is_same = match charsets {
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            (one, other) => one == other,
        };
        is_same && self.extended == other.extended
    }

    /// `["CHARSET" SP charset SP] search-key *(SP search-key)`.
    pub(crate) fn search_program(&self, encoder: &mut Encoder<'_>) -> Result<(), Unencodable> {
        if let Some(charset) = &self.charset {
            encoder.raw("CHARSET ").raw(charset).sp();
        }
        encoder.search_key(self.key, self.charset.as_deref())
    }

    /// `charset SP search-key *(SP search-key)`, for commands that always name one.
    pub(crate) fn search_criteria(&self, encoder: &mut Encoder<'_>) -> Result<(), Unencodable> {
        let charset = self.charset.as_deref();
        encoder.raw(charset.unwrap_or(charset::UTF_8)).sp();
        encoder.search_key(self.key, charset)
    }
}

/// What several answers to one search tell together. Sets are sorted once, at the end, however many
/// they come in.
#[derive(Default)]
pub(crate) struct Gathered {
    found: Found,
    all: Option<NumberSetBuilder>,
    partial: Option<NumberSetBuilder>,
}

/// What has been heard of a search.
#[derive(Default)]
pub(crate) struct Heard {
    gathered: Gathered,
    has_plain: bool,
    /// The first answer that cannot be read.
    unreadable: Option<Box<[u8]>>,
    /// An answer came that may be for it or for another command.
    is_ambiguous: bool,
    /// It has an answer that is its own.
    is_told: bool,
}

impl Connection {
    /// Refuses a search that the server cannot do.
    pub(crate) fn check_search(&mut self, command: &'static str, key: &SearchKey) -> Result<()> {
        let mut needed = key.capabilities();
        if needed.is_empty() {
            return Ok(());
        }
        let capabilities = self.capabilities()?;
        needed.retain(|capability| !capabilities.supports(capability));
        match needed.into_iter().next() {
            Some(missing) => Err(Error::unsupported(command, missing)),
            None => Ok(()),
        }
    }

    /// The charset of the texts, where it has to be named.
    pub(crate) fn charset_for(&self, key: &SearchKey) -> Option<String> {
        let is_named = key.needs_charset() && !self.state.abilities().utf8;
        is_named.then(|| self.first_charset(key))
    }

    /// The server took this form after it had refused the first.
    fn note_form(&mut self, first: &Attempt<'_>, taken: Attempt<'_>, returning: Returning) {
        let habits = &mut self.state.search_habits;
        if first.extended && !taken.extended {
            habits.note_without_return(returning, first.charset.is_some());
        }
        if taken.charset != first.charset {
            habits.charset = taken.charset;
        }
    }

    /// The charset that this server has taken before, if it has the texts; else UTF-8.
    fn first_charset(&self, key: &SearchKey) -> String {
        let known = self.state.search_habits.charset.as_deref();
        let known = known.filter(|charset| has_texts(charset, key));
        known.unwrap_or(charset::UTF_8).to_owned()
    }

    /// Hears what a SEARCH found that has been started, and makes of it what was asked for.
    pub(crate) fn hear_found(
        &mut self,
        command: &'static str,
        returns: &SearchReturn,
        asked: Asked,
        is_extended: bool,
        asked_for: &AskedFor,
    ) -> Result<Found> {
        match self.hear_search(command, is_extended)? {
            (_, Some(stopped)) => Err(stopped),
            (heard, None) => heard.found(command, returns, asked, asked_for),
        }
    }

    /// Hears all that a SEARCH found, where the server may stop before the end (RFC 9738), and the
    /// error that says where it did.
    pub(crate) fn hear_some(
        &mut self,
        command: &'static str,
        is_extended: bool,
        asked_for: &AskedFor,
    ) -> Result<(Found, Option<Error>)> {
        let (heard, stopped) = self.hear_search(command, is_extended)?;
        let found = heard.finish(Asked::All).0.cut(asked_for);
        Ok((found.ok_or_else(|| Error::unreadable(command))?, stopped))
    }

    fn hear_search(
        &mut self,
        command: &'static str,
        is_extended: bool,
    ) -> Result<(Heard, Option<Error>)> {
        let tag = self.tag().to_vec();
        let mut heard = Heard::default();
        let stopped = match self.finish(|data| heard.claim(data, &tag)) {
            Ok(_) => None,
            Err(Error::Refused(refused)) if refused.is_in_part() => Some(Error::Refused(refused)),
            Err(error) => return Err(error),
        };
        self.state.search_habits.names_no_search |= is_extended && heard.has_plain;
        heard.check(command)?;
        Ok((heard, stopped))
    }
}

/// Sends a search, and sends it again in another form where the server refuses this one by its
/// charset, or does not know RETURN. Each form means the same: a text is sent in a charset that
/// has all its characters, or not at all.
///
/// The form that the server takes comes first from then on. The error is that of the first form.
pub(crate) fn search_in_some_charset<T, C: Leased>(
    lease: &mut C,
    key: &SearchKey,
    returning: Returning,
    mut attempt: impl FnMut(&mut C, &Attempt<'_>) -> Result<T>,
) -> Result<T> {
    let charset = lease.connection().charset_for(key);
    let has_charset = charset.is_some();
    let first = Attempt {
        key,
        extended: lease
            .connection()
            .state
            .search_habits
            .may_return(returning, has_charset),
        charset,
    };
    let mut first_refusal = None;
    let mut tried: Vec<Attempt<'_>> = Vec::new();
    let mut left = VecDeque::from([first]);
    while let Some(next) = left.pop_front() {
        match attempt(lease, &next) {
            Ok(found) => {
                if let Some(first) = tried.first() {
                    lease.connection().note_form(first, next, returning);
                }
                return Ok(found);
            }
            Err(Error::Refused(refused)) => {
                let others = next.others(&refused);
                if first_refusal.is_some() && !refused.is_bad() && !next.may_be_charset(&refused) {
                    return Err(Error::Refused(refused));
                }
                tried.push(next);
                let is_new = |other: &Attempt<'_>| {
                    let mut known = tried.iter().chain(&left);
                    !known.any(|known| known.is_like(other))
                };
                let new: Vec<_> = others.into_iter().filter(is_new).collect();
                left.extend(new);
                left.truncate((2 * CHARSETS + 1).saturating_sub(tried.len()));
                first_refusal = first_refusal.or(Some(refused));
            }
            Err(error) => return Err(error),
        }
    }
    Err(first_refusal.map_or(Error::Unanswered("SEARCH"), Error::Refused))
}

/// What a SEARCH was asked to return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// All, by a plain SEARCH or by RETURN.
    All,
    /// Something else, by RETURN.
    Part,
}

/// Whether a server has pages of this kind of its own.
pub(crate) fn has_pages(capabilities: &Capabilities, returns: &SearchReturn) -> bool {
    let from_start = returns.page().is_some_and(|page| !page.is_from_end());
    capabilities.supports(&Capability::Partial)
        || (from_start && capabilities.supports(&Capability::ContextSearch))
}

/// An answer that cannot be read and would have told what was found: a part of that is not the
/// whole, and somebody may be about to delete by it.
fn unreadable_search<'r>(data: &Untagged<'r>) -> Option<&'r [u8]> {
    match data {
        Untagged::Invalid { bytes, .. } => {
            is_named(bytes, &["SEARCH", "ESEARCH"]).then_some(*bytes)
        }
        _ => None,
    }
}

/// Whether all that is looked for can be written in a charset.
fn has_texts(charset: &str, key: &SearchKey) -> bool {
    key.all_texts(|text| charset::encode(charset, text).is_some())
}

impl Heard {
    /// What was asked for of what was heard: no message that the condition rules out by its number.
    pub(crate) fn found(
        self,
        command: &'static str,
        returns: &SearchReturn,
        asked: Asked,
        asked_for: &AskedFor,
    ) -> Result<Found> {
        self.check(command)?;
        let (found, has_all) = self.finish(asked);
        let found = found.cut(asked_for);
        let found = found.ok_or_else(|| Error::unreadable(command))?;
        returns.of(found, has_all).ok_or(Error::Unanswered(command))
    }

    /// Refuses an answer that cannot be read, or that may be another's.
    fn check(&self, command: &'static str) -> Result<()> {
        if let Some(octets) = &self.unreadable {
            return Err(Error::unreadable_response(command, octets.clone()));
        }
        match self.is_ambiguous && !self.is_told {
            true => Err(Error::ambiguous(command)),
            false => Ok(()),
        }
    }

    /// The same where others may be under way: only what names this one is for it, and one that
    /// cannot be read could be for each.
    pub(crate) fn claim_named<'r>(
        &mut self,
        data: Untagged<'r>,
        tag: &[u8],
    ) -> Option<Untagged<'r>> {
        match data {
            Untagged::Esearch(answer) if answer.tag.as_deref() == Some(tag) => {
                self.is_told = true;
                self.gathered.add(answer);
                None
            }
            other => {
                self.note_unreadable(&other);
                Some(other)
            }
        }
    }

    /// What names no search is for this one if it is the only one that is under way, and for none if
    /// there are several. What names another command is for none.
    pub(crate) fn claim_unnamed<'r>(
        &mut self,
        data: Untagged<'r>,
        searches: usize,
    ) -> Option<Untagged<'r>> {
        match data {
            Untagged::Search { .. } | Untagged::Esearch(Esearch { tag: None, .. })
                if searches == 1 =>
            {
                self.claim(data, &[])
            }
            Untagged::Search { .. } | Untagged::Esearch(_) => {
                self.is_ambiguous = true;
                Some(data)
            }
            other => Some(other),
        }
    }

    pub(crate) fn claim<'r>(&mut self, data: Untagged<'r>, tag: &[u8]) -> Option<Untagged<'r>> {
        if self.note_unreadable(&data) {
            return None;
        }
        match data {
            Untagged::Search { numbers, mod_seq } => {
                (self.has_plain, self.is_told) = (true, true);
                add(&mut self.gathered.all, numbers);
                let known = &mut self.gathered.found.mod_seq;
                *known = (*known).max(mod_seq);
            }
            Untagged::Esearch(answer) if answer.tag.as_deref().is_none_or(|of| of == tag) => {
                self.is_told = true;
                self.gathered.add(answer);
            }
            Untagged::Esearch(answer) => {
                self.is_ambiguous = true;
                return Some(Untagged::Esearch(answer));
            }
            other => return Some(other),
        }
        None
    }

    /// Keeps an answer that cannot be read; whether it is one.
    fn note_unreadable(&mut self, data: &Untagged<'_>) -> bool {
        let octets = unreadable_search(data);
        self.unreadable = self.unreadable.take().or(octets.map(Into::into));
        octets.is_some()
    }

    /// What was found, and whether that is all. A server may say `SEARCH` although RETURN was used,
    /// and nothing at all where nothing was found.
    fn finish(self, asked: Asked) -> (Found, bool) {
        let has_all = asked == Asked::All || self.has_plain;
        (self.gathered.finish(), has_all)
    }
}

impl Gathered {
    /// Adds one ESEARCH to what others have told.
    pub(crate) fn add(&mut self, answer: Esearch<'_>) {
        let found = &mut self.found;
        let min = answer.min.and_then(NonZeroU32::new);
        found.min = found.min.into_iter().chain(min).min();
        found.max = found.max.max(answer.max.and_then(NonZeroU32::new));
        found.count = answer.count.or(found.count);
        found.mod_seq = found.mod_seq.max(answer.mod_seq);
        if let Some(numbers) = answer.all {
            add(&mut self.all, numbers);
        }
        if let Some(numbers) = answer.partial {
            add(&mut self.partial, numbers);
        }
    }

    pub(crate) fn finish(self) -> Found {
        Found {
            all: self.all.map(NumberSetBuilder::finish),
            partial: self.partial.map(NumberSetBuilder::finish),
            ..self.found
        }
    }
}

/// The first set, which is nearly always the only one, is taken as it is.
fn add(builder: &mut Option<NumberSetBuilder>, numbers: NumberSet) {
    match builder {
        Some(builder) => builder.push_set(&numbers),
        None => *builder = Some(NumberSetBuilder::from(numbers)),
    }
}
