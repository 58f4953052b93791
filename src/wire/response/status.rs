//! Status responses: OK, NO, BAD, PREAUTH and BYE with their text (RFC 9051 section 7.1).

use std::borrow::Cow;

use crate::limits::Limits;
use crate::types::response_code::ResponseCode;
use crate::wire::cursor::Cursor;
use crate::wire::frame::Frame;
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
    pub(crate) text: Text<'a>,
}

/// Human-readable text, which is decoded where it is needed: that of most responses never is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Text<'a>(Cow<'a, [u8]>);

impl<'a> Text<'a> {
    /// Not escaped, and U+FFFD for what is not UTF-8.
    pub(crate) fn as_str(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    /// The text, which belongs to no frame.
    pub(crate) fn into_owned(self) -> String {
        self.as_str().into_owned()
    }

    /// A copy of the text.
    pub(crate) fn owned(&self) -> String {
        self.as_str().into_owned()
    }

    /// As the server sent it.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text that `change` makes of it.
    pub(crate) fn map(self, change: impl FnOnce(&str) -> Option<String>) -> Self {
        let changed = change(&self.as_str());
        changed.map_or(self, |text| Self(Cow::Owned(text.into_bytes())))
    }
}

impl<'a> ResponseText<'a> {
    /// Reads the rest of the line. Text that looks like a code but is none is part of the text.
    ///
    /// So are further codes, of which a server should send only one. If more depends on one of
    /// them, that is the code, and all stay in the text.
    pub(crate) fn parse(mut cursor: Cursor<'a>, limits: &Limits) -> ResponseText<'a> {
        cursor.try_sp();
        let start = cursor;
        let mut code = if cursor.peek() == Some(b'[') {
            response_code::parse(&mut cursor, limits)
        } else {
            None
        };
        cursor.try_sp();
        if let (Some(first), Some(b'[')) = (&code, cursor.peek()) {
            if let Some(weightier) = response_code::weightiest(first, cursor, limits) {
                (code, cursor) = (Some(weightier), start);
            }
        }
        ResponseText {
            code,
            text: Text(Cow::Borrowed(cursor.text())),
        }
    }

    /// The code and the text, which belong to no frame.
    pub(crate) fn into_owned(self) -> ResponseText<'static> {
        ResponseText {
            code: self.code,
            text: Text(Cow::Owned(self.text.0.into_owned())),
        }
    }

    /// The known codes at the start of the text, after its own code or beside it.
    pub(crate) fn further_codes(&self) -> impl Iterator<Item = ResponseCode> {
        let text = self.code.as_ref().map(|_| self.text.as_bytes());
        let mut cursor = Cursor::new(Frame::inline(text.unwrap_or_default()));
        std::iter::from_fn(move || response_code::next(&mut cursor, &Limits::DEFAULT))
    }

    /// Whether the text has to be shown to the user.
    pub(crate) fn is_alert(&self) -> bool {
        let is_alert = |code: &ResponseCode| *code == ResponseCode::Alert;
        self.code.as_ref().is_some_and(is_alert) || self.further_codes().any(|code| is_alert(&code))
    }
}
