//! The responses to a search, collected until its end.

use std::num::NonZeroU32;

use crate::connection::pipeline::Among;
use crate::error::{Error, Result};
use crate::types::asked_for::AskedFor;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::response_code::ResponseCode;
use crate::types::search_return::{Found, SearchReturn};
use crate::wire::response::Untagged;
use crate::wire::response::search::Esearch;
use crate::wire::response::unread::is_named;

/// The data of several responses to one search. Sets are sorted once, at the end, however many they
/// come in.
#[derive(Default)]
pub(crate) struct Gathered {
    found: Found,
    all: Option<NumberSetBuilder>,
    partial: Option<NumberSetBuilder>,
}

/// The part of the answer to a SEARCH that has been received.
#[derive(Default)]
pub(crate) struct FoundSoFar {
    gathered: Gathered,
    /// A SEARCH response came, which has all numbers.
    pub(crate) has_plain: bool,
    /// The first response that cannot be read.
    unreadable: Option<Box<[u8]>>,
    /// A response came that may be for it or for another command.
    is_ambiguous: bool,
    /// A response came that belongs to this search only.
    is_told: bool,
    /// The server reported that it did not save the result (RFC 5182).
    is_unsaved: bool,
}

impl FoundSoFar {
    /// The requested part of what was received, without messages that the condition excludes by
    /// their number. `asked_all` if RETURN had ALL, or was not sent.
    ///
    /// A server may answer `SEARCH` although RETURN was sent, and without any response if no
    /// message was found.
    pub(crate) fn finish(
        self,
        command: &'static str,
        returns: &SearchReturn,
        asked_all: bool,
        asked_for: &AskedFor,
    ) -> Result<Found> {
        if let Some(octets) = self.unreadable {
            return Err(Error::unreadable_response(command, octets));
        }
        if self.is_ambiguous && !self.is_told {
            return Err(Error::ambiguous(command));
        }
        if self.is_unsaved && returns.is_saving() && !self.has_plain {
            return Err(Error::MissingData(command));
        }
        let found = self.gathered.finish().cut(asked_for);
        let found = found.ok_or_else(|| Error::unreadable(command))?;
        let has_all = asked_all || self.has_plain;
        returns
            .of(found, has_all)
            .ok_or(Error::MissingData(command))
    }

    /// Takes data that names this command by its tag. No other data is taken while other searches
    /// may be in flight; a response that cannot be read could be for each of them.
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
                self.hear_status(&other);
                self.note_unreadable(&other);
                Some(other)
            }
        }
    }

    fn hear_status(&mut self, data: &Untagged<'_>) {
        if let Untagged::Status { text, .. } = data {
            self.hear(text.code.as_ref());
        }
    }

    /// Takes data that names no search if this is the only one in flight; if there are several, it
    /// is for none. Data that names another command is for none.
    pub(crate) fn claim_unnamed<'r>(
        &mut self,
        data: Untagged<'r>,
        among: Among,
    ) -> Option<Untagged<'r>> {
        match data {
            Untagged::Search { .. } | Untagged::Esearch(Esearch { tag: None, .. })
                if among.searches == 1 =>
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

    /// Takes data that may be for this search, if it is the only one in flight.
    pub(crate) fn claim<'r>(&mut self, data: Untagged<'r>, tag: &[u8]) -> Option<Untagged<'r>> {
        self.hear_status(&data);
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

    /// Processes a response code: NOTSAVED means that `$` is another result, also beside OK.
    pub(crate) fn hear(&mut self, code: Option<&ResponseCode>) {
        self.is_unsaved |= matches!(code, Some(ResponseCode::NotSaved));
    }

    /// Keeps a response that cannot be read and would have had the found messages; returns whether
    /// it is one. A part of the answer is not the whole, and the caller may be about to delete
    /// these messages.
    fn note_unreadable(&mut self, data: &Untagged<'_>) -> bool {
        let octets = match data {
            Untagged::Invalid { bytes, .. } if is_named(bytes, &["SEARCH", "ESEARCH"]) => *bytes,
            _ => return false,
        };
        self.unreadable.get_or_insert_with(|| octets.into());
        true
    }
}

impl Gathered {
    /// Adds one ESEARCH to the others.
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
