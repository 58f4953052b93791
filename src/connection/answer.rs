//! What an answer can turn out to be, piece by piece.

use crate::types::number_set::NumberSet;
use crate::types::response_code::ResponseCode;
use crate::wire::response::Untagged;

/// Whether a response that cannot be read is of one of these names.
pub(crate) fn is_named(response: &[u8], names: &[&str]) -> bool {
    let name = name_of(response);
    names
        .iter()
        .any(|own| name.eq_ignore_ascii_case(own.as_bytes()))
}

/// The name of a response: its first word, or the one behind its number.
pub(crate) fn name_of(response: &[u8]) -> &[u8] {
    let response = response.strip_prefix(b"*").unwrap_or(response);
    let mut words = response
        .split(|octet| octet.is_ascii_whitespace() || *octet == b'(')
        .filter(|word| !word.is_empty());
    let is_number = |word: &&[u8]| word.iter().all(u8::is_ascii_digit);
    words.find(|word| !is_number(word)).unwrap_or_default()
}

/// What one response to a FETCH was.
pub(crate) enum Row {
    /// A message.
    Message,
    /// Messages that have been removed before, in answer to the question which.
    Vanished(NumberSet),
    /// Something else.
    Other,
    /// There are no more.
    End,
}

/// What reading one response led to.
pub(crate) enum Received {
    /// Data, or nothing of interest.
    Data,
    /// The server waits for a literal.
    Continue,
    /// The command is complete.
    Done(Option<ResponseCode>),
}

/// What the server says while it is being authenticated to.
pub(crate) enum Challenge {
    /// It wants more; its words, still encoded.
    More(Vec<u8>),
    /// It is content.
    Done,
}

/// Claims nothing of an answer: everything is for the state to take note of.
pub(crate) fn leave(data: Untagged<'_>) -> Option<Untagged<'_>> {
    Some(data)
}

pub(crate) fn is_limit(code: Option<&ResponseCode>) -> bool {
    matches!(code, Some(ResponseCode::MessageLimit { .. }))
}
