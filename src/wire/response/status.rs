//! Status responses: OK, NO, BAD, PREAUTH and BYE with their text (RFC 9051 section 7.1).

use std::borrow::Cow;

use crate::limits::Limits;
use crate::types::response_code::ResponseCode;
use crate::wire::cursor::Cursor;
use crate::wire::response::response_code;

/// The word of a status response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Ok,
    No,
    Bad,
    PreAuth,
    Bye,
}

impl Status {
    pub(crate) fn from_word(word: &[u8]) -> Option<Status> {
        let is = |name: &[u8]| word.eq_ignore_ascii_case(name);
        match word.len() {
            2 if is(b"OK") => Some(Status::Ok),
            2 if is(b"NO") => Some(Status::No),
            3 if is(b"BAD") => Some(Status::Bad),
            3 if is(b"BYE") => Some(Status::Bye),
            7 if is(b"PREAUTH") => Some(Status::PreAuth),
            _ => None,
        }
    }
}

/// `resp-text`: a code and human-readable text, either of which may be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ResponseText<'a> {
    pub(crate) code: Option<ResponseCode>,
    /// Not escaped, and U+FFFD for what is not UTF-8.
    pub(crate) text: Cow<'a, str>,
}

impl<'a> ResponseText<'a> {
    /// Reads the rest of the line. Text that looks like a code but is none is part of the text.
    pub(crate) fn parse(mut cursor: Cursor<'a>, limits: &Limits) -> ResponseText<'a> {
        cursor.try_sp();
        let code = if cursor.peek() == Some(b'[') {
            response_code::parse(&mut cursor, limits)
        } else {
            None
        };
        cursor.try_sp();
        let octets = cursor.text();
        let text = std::str::from_utf8(octets).map(Cow::Borrowed);
        ResponseText {
            code,
            text: text.unwrap_or_else(|_| String::from_utf8_lossy(octets)),
        }
    }
}
