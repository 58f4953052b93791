//! The form in which a command with a search key is sent: its charset, and whether it has RETURN. A
//! server that refuses one form may accept another with the same meaning.

use std::collections::VecDeque;

use crate::connection::Connection;
use crate::connection::search_habits::Returning;
use crate::error::{Error, Refused, Result};
use crate::exchange::Leased;
use crate::limits::CHARSETS;
use crate::types::atom::is_atom;
use crate::types::capability::{Capabilities, Capability};
use crate::types::response_code::ResponseCode;
use crate::types::search::SearchKey;
use crate::types::search_return::SearchReturn;
use crate::wire::charset;
use crate::wire::encoder::{Encoder, Unencodable};

/// One way to send a search.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    /// The charset that has to be named; `None` for none.
    pub(crate) charset: Option<String>,
    /// Whether the command may have RETURN.
    pub(crate) extended: bool,
}

impl Form {
    /// The form that this server is expected to accept.
    pub(crate) fn first(connection: &Connection, key: &SearchKey, returning: Returning) -> Self {
        let is_named = key.needs_charset() && !connection.state.abilities().utf8;
        let habits = &connection.state.search_habits;
        let charset = is_named.then(|| {
            let known = habits.charset.as_deref();
            let known = known.filter(|charset| has_texts(charset, key));
            known.unwrap_or(charset::UTF_8).to_owned()
        });
        Self {
            extended: habits.may_return(returning, charset.is_some()),
            charset,
        }
    }

    /// Whether a refusal may be about RETURN: a server that does not support it takes it for an
    /// unknown key. NO has another reason.
    fn may_be_return(&self, refused: &Refused) -> bool {
        let may_be_charset = matches!(refused.code, Some(ResponseCode::BadCharset(_)));
        self.extended && refused.may_be_about_form() && !may_be_charset
    }

    /// Whether a refusal may be about the charset, for which some servers send no code.
    fn may_be_charset(&self, refused: &Refused) -> bool {
        let may_be_form = !refused.is_bad() || refused.may_be_about_form();
        let may_be_code = matches!(refused.code, None | Some(ResponseCode::BadCharset(_)));
        self.charset.is_some() && may_be_code && may_be_form
    }

    /// The other forms to try: the command without RETURN, which Cyrus 2.4 accepts and some servers
    /// that advertise IMAP4rev2; the charsets that the server names; if it names none, UTF-8 and
    /// the one that older servers support.
    fn others(&self, key: &SearchKey, refused: &Refused) -> Vec<Self> {
        let other = |charset: Option<&str>, extended| Self {
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
        // A charset that a server invented may not be fit to be sent back.
        let named = named
            .iter()
            .map(String::as_str)
            .filter(|name| is_atom(name));
        let is_new = |name: &&str| !name.eq_ignore_ascii_case(charset) && has_texts(name, key);
        let names = named.chain(usual.iter().copied()).filter(is_new);
        others.extend(
            names
                .take(CHARSETS)
                .map(|name| other(Some(name), self.extended)),
        );
        others
    }

    /// Whether both are sent in the same way.
    fn is_like(&self, other: &Self) -> bool {
        let charsets = (self.charset.as_deref(), other.charset.as_deref());
        let is_same = match charsets {
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            (one, other) => one == other,
        };
        is_same && self.extended == other.extended
    }

    /// `["CHARSET" SP charset SP] search-key *(SP search-key)`.
    pub(crate) fn search_program(
        &self,
        encoder: &mut Encoder<'_>,
        key: &SearchKey,
    ) -> Result<(), Unencodable> {
        if let Some(charset) = &self.charset {
            encoder.raw("CHARSET ").raw(charset).sp();
        }
        encoder.search_key(key, self.charset.as_deref())
    }

    /// `charset SP search-key *(SP search-key)`, for commands that always name one.
    pub(crate) fn search_criteria(
        &self,
        encoder: &mut Encoder<'_>,
        key: &SearchKey,
    ) -> Result<(), Unencodable> {
        let charset = self.charset.as_deref();
        encoder.raw(charset.unwrap_or(charset::UTF_8)).sp();
        encoder.search_key(key, charset)
    }
}

impl Connection {
    /// Rejects a search that the server does not support.
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

    /// The server accepted this form after it had refused the first.
    fn note_form(&mut self, first: &Form, taken: Form, returning: Returning) {
        let habits = &mut self.state.search_habits;
        if first.extended && !taken.extended {
            habits.note_without_return(returning, first.charset.is_some());
        }
        if taken.charset != first.charset {
            habits.charset = taken.charset;
        }
    }
}

/// Sends a search, and resends it in another form if the server refuses this one by its charset, or
/// does not support RETURN. All forms have the same meaning: a text is sent in a charset that has
/// all its characters, or not at all.
///
/// The form that the server accepts comes first from then on. The error is that of the first form.
pub(crate) fn search_in_some_form<T, L: Leased>(
    lease: &mut L,
    key: &SearchKey,
    returning: Returning,
    mut attempt: impl FnMut(&mut L, &Form) -> Result<T>,
) -> Result<T> {
    let first = Form::first(lease.connection(), key, returning);
    let mut first_refusal = None;
    let mut tried: Vec<Form> = Vec::new();
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
                let others = next.others(key, &refused);
                if first_refusal.is_some() && !refused.is_bad() && !next.may_be_charset(&refused) {
                    return Err(Error::Refused(refused));
                }
                tried.push(next);
                let is_new = |other: &Form| {
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
    Err(first_refusal.map_or(Error::MissingData("SEARCH"), Error::Refused))
}

/// Whether the server supports pages of this kind by itself.
pub(crate) fn has_pages(capabilities: &Capabilities, returns: &SearchReturn) -> bool {
    let from_start = returns.page().is_some_and(|page| !page.is_from_end());
    capabilities.supports(&Capability::Partial)
        || (from_start && capabilities.supports(&Capability::ContextSearch))
}

/// Whether all texts of the key can be written in a charset.
fn has_texts(charset: &str, key: &SearchKey) -> bool {
    key.all_texts(|text| charset::encode(charset, text).is_some())
}
