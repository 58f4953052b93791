//! The text of a status response: a code for programs, and a human-readable text.

use std::fmt;

use crate::printable::Printable;
use crate::types::response_code::ResponseCode;

/// The response code and human-readable text of a status response, such as the greeting.
///
/// This is `resp-text` of RFC 9051 section 7.1.
///
/// `Display` shows the text, with controls escaped.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseText {
    code: Option<ResponseCode>,
    text: Box<str>,
}

impl ResponseText {
    pub(crate) fn new(code: Option<ResponseCode>, text: &str) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }

    /// The response code; `None` if the server sent none.
    #[must_use]
    pub fn code(&self) -> Option<&ResponseCode> {
        self.code.as_ref()
    }

    /// The human-readable text, as the server sent it; it may be empty.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for ResponseText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(&*self.text).fmt(f)
    }
}
