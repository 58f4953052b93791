//! The kinds of responses in an answer, the names of responses, and the claim that takes nothing.

use crate::types::number_set::NumberSet;
use crate::types::response_code::ResponseCode;
use crate::wire::response::Untagged;

/// Whether a response that cannot be read has one of these names.
pub(crate) fn is_named(response: &[u8], names: &[&str]) -> bool {
    let name = name_of(response);
    names
        .iter()
        .any(|own| name.eq_ignore_ascii_case(own.as_bytes()))
}

/// The name of a response: its first word, or the one after its number.
pub(crate) fn name_of(response: &[u8]) -> &[u8] {
    let response = response.strip_prefix(b"*").unwrap_or(response);
    let mut words = response
        .split(|octet| octet.is_ascii_whitespace() || *octet == b'(')
        .filter(|word| !word.is_empty());
    let is_number = |word: &&[u8]| word.iter().all(u8::is_ascii_digit);
    words.find(|word| !is_number(word)).unwrap_or_default()
}

/// The kind of one response to a FETCH.
pub(crate) enum Row {
    /// A message.
    Message,
    /// Messages that were removed earlier, as requested.
    Vanished(NumberSet),
    /// Something else.
    Other,
    /// The answer is complete.
    End,
}

/// The result of reading one response.
pub(crate) enum Received {
    /// Data, or nothing of interest.
    Data,
    /// A continuation request.
    Continue,
    /// The command is complete.
    Done(Option<ResponseCode>),
}

/// A response of the server during authentication.
pub(crate) enum Challenge {
    /// A challenge; its text, still encoded.
    More(Vec<u8>),
    /// The command is completed by OK.
    Done,
}

/// Claims nothing of an answer: the state processes everything.
pub(crate) fn leave(data: Untagged<'_>) -> Option<Untagged<'_>> {
    Some(data)
}

pub(crate) fn is_limit(code: Option<&ResponseCode>) -> bool {
    matches!(code, Some(ResponseCode::MessageLimit { .. }))
}
