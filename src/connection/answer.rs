//! The kinds of responses in an answer, and the claim that takes nothing.

use crate::types::number_set::NumberSet;
use crate::types::response_code::ResponseCode;
use crate::wire::response::Untagged;

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
