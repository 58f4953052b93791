//! Secrets that a login has sent: a server that repeats them must not get them into an error, an
//! event or a log.

mod view;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::fmt;
use std::ops::Range;

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use memchr::memmem;
use zeroize::Zeroizing;

use crate::connection::redaction::view::{Views, folded};
use crate::sasl::secret::Secret;
use crate::types::capability::Capability;
use crate::types::response_code::ResponseCode;
use crate::wire::response::Untagged;
use crate::wire::response::status::ResponseText;
use crate::wire::response::unread::name_of;

/// The text that replaces a secret.
const HIDDEN: &str = "***";

/// The octets of the beginning of a secret that are hidden if a text is cut off in the middle of
/// it, and of base64 anywhere.
const SHORTEST_PART: usize = 4;

/// The length in characters from which a secret is hidden inside a longer word too. A shorter one
/// would be found in ordinary words, and the rest of the word would reveal it.
const LONG: usize = 8;

/// The octets of a response that secrets are looked for in. A longer one is not shown at all.
const LONGEST_LOOKED_AT: usize = 64 * 1024;

/// The secrets of the logins of one client, in every form in which they are sent, until one of the
/// logins has succeeded.
#[derive(Default)]
pub(crate) struct Redaction {
    secrets: Vec<Form>,
    /// A login is in progress, even if nothing of it is secret yet.
    is_logging_in: bool,
}

/// A form of a secret.
#[derive(PartialEq, Eq)]
enum Form {
    /// Text, without regard to case and quoting.
    Text(Zeroizing<String>),
    /// The part of the base64 of a longer text that depends on the secret alone.
    Base64(Zeroizing<String>),
}

impl Redaction {
    /// Hides secrets of the login that follows, before it begins.
    pub(crate) fn of(secrets: &[Zeroizing<Vec<u8>>]) -> Self {
        let mut redaction = Self::default();
        for secret in secrets {
            redaction.hide(secret);
        }
        redaction
    }

    /// Whether a login is in progress, of whose lines nothing is shown.
    pub(crate) fn is_logging_in(&self) -> bool {
        self.is_logging_in
    }

    /// Whether there is something to hide.
    pub(crate) fn is_needed(&self) -> bool {
        !self.secrets.is_empty()
    }

    /// Whether a login is in progress, or what it sent may still be repeated.
    #[inline]
    pub(crate) fn is_hiding(&self) -> bool {
        self.is_logging_in || self.is_needed()
    }

    /// Whether this line can be shown.
    pub(crate) fn is_harmless(&self, line: &[u8]) -> bool {
        !self.is_logging_in
            && (self.secrets.is_empty() || self.places(&String::from_utf8_lossy(line)).is_empty())
    }

    /// A login begins, with a secret that is sent as it is.
    pub(crate) fn begin(&mut self, secret: &[u8]) {
        self.is_logging_in = true;
        self.hide(secret);
    }

    /// Hides these octets: as text, line by line, in base64 by themselves and inside of more.
    fn hide(&mut self, secret: &[u8]) {
        let text = Zeroizing::new(String::from_utf8_lossy(secret).into_owned());
        // A quoted string doubles backslashes, and a text without any is compared without any.
        let bare = Zeroizing::new(text.replace('\\', ""));
        let lines = [&text, &bare].map(|text| text.split(['\r', '\n', '\0']));
        let lines = lines.into_iter().flatten().map(folded);
        let mut forms: Vec<Form> = lines.map(Form::Text).collect();
        for octets in [secret, &quoted(secret)] {
            forms.extend((0..3).filter_map(|before| inside_base64(octets, before)));
        }
        self.add(forms);
        self.hide_base64(secret);
    }

    /// Hides the base64 of a whole message, whatever is in it.
    fn hide_base64(&mut self, message: &[u8]) {
        let encoded = Zeroizing::new(BASE64_STANDARD_NO_PAD.encode(message));
        if encoded.len() >= SHORTEST_PART {
            self.add(vec![Form::Text(folded(&encoded))]);
        }
    }

    fn add(&mut self, forms: Vec<Form>) {
        for form in forms {
            if !form.text().is_empty() && !self.secrets.contains(&form) {
                self.secrets.push(form);
            }
        }
        // Or what is left of a longer one would stay.
        self.secrets.sort_by_key(|form| Reverse(form.text().len()));
    }

    /// Hides a message of a SASL exchange, in base64, and the secrets that the mechanism names. If
    /// the mechanism names none: the message itself; the part after its last NUL, which in PLAIN is
    /// the password; the token of token mechanisms; and the proof that the password is known, by
    /// which passwords can be tried: the proof of SCRAM, the hash of CRAM-MD5.
    pub(crate) fn hide_message(&mut self, message: &[u8], secrets: Option<Vec<Secret>>) {
        self.is_logging_in = true;
        self.hide_base64(message);
        if let Some(secrets) = secrets {
            for secret in secrets {
                self.hide(secret.expose());
            }
            return;
        }
        self.add(vec![Form::Text(folded(&String::from_utf8_lossy(message)))]);
        let last = |separator: u8| message.rsplit(move |octet| *octet == separator).next();
        self.hide(last(0).unwrap_or_default());
        for field in message.split(|octet| *octet == 1) {
            self.hide(field.strip_prefix(b"auth=Bearer ").unwrap_or_default());
        }
        let proof = last(b',').and_then(|field| field.strip_prefix(b"p="));
        self.hide(proof.unwrap_or_default());
        let hash = last(b' ').filter(|word| word.len() == 32);
        self.hide(hash.unwrap_or_default());
    }

    /// The login is over. What it sent may still be repeated, in an answer to a later command.
    pub(crate) fn end(&mut self) {
        self.is_logging_in = false;
    }

    /// The login succeeded: nothing is hidden any more.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The text without the secrets.
    pub(crate) fn clean<'a>(&self, text: ResponseText<'a>) -> ResponseText<'a> {
        if self.secrets.is_empty() {
            return text;
        }
        let ResponseText { code, text } = text;
        ResponseText {
            code: code.filter(|code| !self.is_in_code(code)),
            text: text.map(|text| match self.cleaned(text.into()) {
                Cow::Owned(text) => Some(text),
                Cow::Borrowed(_) => None,
            }),
        }
    }

    /// The data without the secrets, as far as it can precede a login or become an error; see
    /// [`receive`](super::receive).
    #[inline]
    pub(crate) fn clean_data<'a>(&self, data: Untagged<'a>) -> Untagged<'a> {
        match self.is_needed() {
            false => data,
            true => self.cleaned_data(data),
        }
    }

    #[cold]
    fn cleaned_data<'a>(&self, data: Untagged<'a>) -> Untagged<'a> {
        match data {
            Untagged::Status { status, text } => Untagged::Status {
                status,
                text: self.clean(text),
            },
            Untagged::Capability(capabilities) => {
                let harmless = capabilities
                    .iter()
                    .filter(|one| !self.is_in_capability(one));
                Untagged::Capability(harmless.cloned().collect())
            }
            Untagged::Enabled {
                mut capabilities,
                is_asked,
            } => {
                capabilities.retain(|one| !self.is_in_capability(one));
                Untagged::Enabled {
                    capabilities,
                    is_asked,
                }
            }
            // Its name tells which command it was for.
            Untagged::Invalid { bytes, error } if self.is_in(bytes) => Untagged::Invalid {
                bytes: up_to_name(bytes),
                error,
            },
            other => other,
        }
    }

    /// Whether a response contains a secret, or is too long to look for one.
    pub(crate) fn is_in(&self, response: &[u8]) -> bool {
        response.len() > LONGEST_LOOKED_AT
            || !self.places(&String::from_utf8_lossy(response)).is_empty()
    }

    /// Whether the server has put a secret into a capability. One that this crate knows is a word of
    /// its own; a short secret is looked for only in what it does not know at all.
    fn is_in_capability(&self, capability: &Capability) -> bool {
        let is_known = match capability {
            Capability::Other(_) => false,
            Capability::Auth(_)
            | Capability::Compress(_)
            | Capability::QuotaResource(_)
            | Capability::Rights(_)
            | Capability::Thread(_) => true,
            _ => return false,
        };
        self.is_in_words(&capability.to_string(), is_known)
    }

    /// A text of the server's without the secrets.
    pub(crate) fn cleaned<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        let places = self.places(&text);
        if places.is_empty() {
            return text;
        }
        let mut cleaned = String::new();
        let mut end = 0;
        for place in places {
            cleaned.push_str(text.get(end..place.start).unwrap_or_default());
            cleaned.push_str(HIDDEN);
            end = place.end;
        }
        cleaned.push_str(text.get(end..).unwrap_or_default());
        Cow::Owned(cleaned)
    }

    /// The places of secrets in a text, in order and apart from each other.
    fn places(&self, text: &str) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        if self.secrets.is_empty() {
            return places;
        }
        let views = Views::of(text);
        for form in &self.secrets {
            match form {
                Form::Text(form) => {
                    let is_long = form.chars().nth(LONG - 1).is_some();
                    for view in &views.texts {
                        view.find(form, !is_long, &mut places);
                        view.find_cut_off(form, !is_long, SHORTEST_PART, &mut places);
                        view.find_shortened(form, LONG, &mut places);
                    }
                }
                Form::Base64(form) => {
                    for view in &views.base64 {
                        view.find_runs(form, SHORTEST_PART, LONG, &mut places);
                    }
                }
            }
        }
        merged(places)
    }

    /// Whether a code contains a secret, however it is quoted, escaped, or cut into a list. A code
    /// that has no room for text of the server is never dropped, whatever the secret is.
    fn is_in_code(&self, code: &ResponseCode) -> bool {
        let (text, is_a_list) = match code {
            ResponseCode::BadCharset(_)
            | ResponseCode::BadEvent(_)
            | ResponseCode::BadUrl(_)
            | ResponseCode::MailboxId(_)
            | ResponseCode::NewName(_)
            | ResponseCode::Referral(_)
            | ResponseCode::UndefinedFilter(_)
            | ResponseCode::WebAlert(_) => (arguments(code), false),
            ResponseCode::InProgress { tag, .. } => (tag.clone().unwrap_or_default(), false),
            ResponseCode::Other { .. } => (code.to_string(), false),
            ResponseCode::Capability(_) | ResponseCode::PermanentFlags(_) => {
                (arguments(code), true)
            }
            _ => return false,
        };
        self.is_in_words(&Zeroizing::new(text), is_a_list)
    }

    /// Whether the text contains a secret. In a list of known words only a long one is looked for.
    fn is_in_words(&self, text: &str, is_a_list: bool) -> bool {
        let [words, letters] = [words(text), letters(text)];
        let is_in = |form: &Form| {
            let secret = letters_of(form);
            match secret.len() >= LONG {
                true => letters.contains(&**secret),
                false => !is_a_list && !secret.is_empty() && words.contains(&*words_of(form)),
            }
        };
        !self.places(text).is_empty() && !is_a_list || self.secrets.iter().any(is_in)
    }
}

impl Form {
    fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Base64(text) => text,
        }
    }
}

/// The beginning of a response that cannot be read, with its name, which is one that the crate knows.
fn up_to_name(response: &[u8]) -> &[u8] {
    let name = name_of(response);
    let end = memmem::find(response, name).map_or(0, |at| at + name.len());
    response.get(..end).unwrap_or_default()
}

/// The arguments of a code.
fn arguments(code: &ResponseCode) -> String {
    let shown = code.to_string();
    let arguments = shown.get(code.name().len()..);
    arguments.unwrap_or(&shown).to_owned()
}

fn letters_of(form: &Form) -> Zeroizing<String> {
    letters(form.text())
}

fn words_of(form: &Form) -> Zeroizing<String> {
    words(form.text())
}

/// Letters and digits, without regard to case.
fn letters(text: &str) -> Zeroizing<String> {
    let text = folded(text);
    Zeroizing::new(
        text.chars()
            .filter(|letter| letter.is_alphanumeric())
            .collect(),
    )
}

/// The words of a text without regard to case, with a blank before and after each.
fn words(text: &str) -> Zeroizing<String> {
    let text = folded(text);
    let mut words = Zeroizing::new(String::from(" "));
    for word in text.split(|letter: char| !letter.is_alphanumeric()) {
        if !word.is_empty() {
            words.push_str(word);
            words.push(' ');
        }
    }
    words
}

/// The secret as it is inside a quoted string.
fn quoted(secret: &[u8]) -> Zeroizing<Vec<u8>> {
    // Room for all, so that growing leaves no copy behind that is not wiped.
    let mut quoted = Zeroizing::new(Vec::with_capacity(secret.len() * 2));
    for octet in secret {
        if matches!(octet, b'"' | b'\\') {
            quoted.push(b'\\');
        }
        quoted.push(*octet);
    }
    quoted
}

/// The part of the base64 that depends on the secret alone, if `before` octets, modulo three,
/// precede it. Too short a part proves nothing.
fn inside_base64(secret: &[u8], before: usize) -> Option<Form> {
    let padded = Zeroizing::new([&vec![0; before], secret].concat());
    let encoded = Zeroizing::new(BASE64_STANDARD_NO_PAD.encode(&*padded));
    let (from, to) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
    let inside = encoded.get(from..to)?;
    (inside.len() >= SHORTEST_PART).then(|| Form::Base64(Zeroizing::new(inside.to_owned())))
}

/// Places in order, those that touch or overlap as one.
fn merged(mut places: Vec<Range<usize>>) -> Vec<Range<usize>> {
    places.sort_by_key(|place| place.start);
    let mut apart: Vec<Range<usize>> = Vec::new();
    for place in places {
        match apart.last_mut() {
            Some(last) if place.start < last.end => last.end = last.end.max(place.end),
            _ => apart.push(place),
        }
    }
    apart
}

impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redaction(***)")
    }
}

#[cfg(test)]
mod tests;
