//! Secrets that are on the line right now, so that a server that repeats them does not get them
//! into an error, an event or a log.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use crate::types::response_code::ResponseCode;
use crate::wire::response::Untagged;
use crate::wire::response::status::ResponseText;

/// What stands in the place of a secret.
const HIDDEN: &str = "***";

/// The secrets of the login that is under way, in every form in which they are sent.
#[derive(Default)]
pub(crate) struct Redaction {
    secrets: Vec<Zeroizing<String>>,
    /// A login goes on, even if nothing of it is secret yet.
    is_under_way: bool,
}

impl Redaction {
    /// Whether anything has to be hidden.
    pub(crate) fn is_needed(&self) -> bool {
        self.is_under_way || !self.secrets.is_empty()
    }

    /// Hides these octets: as text, as a quoted string, in base64.
    pub(crate) fn hide(&mut self, secret: &[u8]) {
        if secret.is_empty() {
            return;
        }
        if let Ok(text) = std::str::from_utf8(secret) {
            let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
            self.secrets.push(Zeroizing::new(text.to_owned()));
            self.secrets.push(Zeroizing::new(quoted));
        }
        self.secrets
            .push(Zeroizing::new(BASE64_STANDARD.encode(secret)));
    }

    /// Hides a message of a SASL exchange; what stands behind its last NUL, which in PLAIN is the
    /// password itself; and the token of those that bear one.
    pub(crate) fn hide_message(&mut self, message: &[u8]) {
        self.is_under_way = true;
        self.hide(message);
        if let Some(last) = message.rsplit(|octet| *octet == 0).next() {
            self.hide(last);
        }
        for field in message.split(|octet| *octet == 1) {
            if let Some(token) = field.strip_prefix(b"auth=Bearer ") {
                self.hide(token);
            }
        }
    }

    /// The login is over.
    pub(crate) fn clear(&mut self) {
        self.secrets.clear();
        self.is_under_way = false;
    }

    /// The same text without the secrets.
    pub(crate) fn clean<'a>(&self, text: ResponseText<'a>) -> ResponseText<'a> {
        if !self.is_needed() {
            return text;
        }
        let ResponseText { code, text } = text;
        ResponseText {
            code: code.filter(|code| !self.is_in_code(code)),
            text: self.cleaned(text),
        }
    }

    /// The same data without the secrets; only status responses have room for them.
    pub(crate) fn clean_data<'a>(&self, data: Untagged<'a>) -> Untagged<'a> {
        match data {
            Untagged::Status { status, text } => Untagged::Status {
                status,
                text: self.clean(text),
            },
            other => other,
        }
    }

    /// A text of the server's without the secrets.
    pub(crate) fn cleaned<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        if !self
            .secrets
            .iter()
            .any(|secret| text.contains(secret.as_str()))
        {
            return text;
        }
        let mut cleaned = text.into_owned();
        for secret in &self.secrets {
            cleaned = cleaned.replace(secret.as_str(), HIDDEN);
        }
        Cow::Owned(cleaned)
    }

    fn is_in_code(&self, code: &ResponseCode) -> bool {
        let shown = Zeroizing::new(format!("{code:?}"));
        self.secrets
            .iter()
            .any(|secret| shown.contains(secret.as_str()))
    }
}

impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redaction(***)")
    }
}
