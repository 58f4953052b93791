//! Secrets that a login has sent: a server that repeats them must not get them into an error, an
//! event or a log.

mod view;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::fmt;
use std::ops::Range;

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use zeroize::Zeroizing;

use crate::connection::redaction::view::{View, folded};
use crate::sasl::secret::Secret;
use crate::types::response_code::ResponseCode;
use crate::wire::response::Untagged;
use crate::wire::response::status::ResponseText;

/// The text that replaces a secret.
const HIDDEN: &str = "***";

/// The octets of the beginning of a secret that are hidden if a text is cut off in the middle of
/// it, and of base64 anywhere.
const SHORTEST_PART: usize = 4;

/// The length in characters from which a secret is hidden inside a longer word too. A shorter one
/// would be found in ordinary words, and the rest of the word would reveal it.
const LONG: usize = 8;

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
    /// Whether a login is in progress, of whose lines nothing is shown.
    pub(crate) fn is_logging_in(&self) -> bool {
        self.is_logging_in
    }

    /// Whether there is something to hide.
    pub(crate) fn is_needed(&self) -> bool {
        !self.secrets.is_empty()
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
        forms.extend((0..3).filter_map(|before| inside_base64(secret, before)));
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

    /// The data without the secrets; only status responses have room for them.
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
        let (views, base64) = (View::all(text), View::base64(text));
        for form in &self.secrets {
            match form {
                Form::Text(form) => {
                    let is_long = form.chars().nth(LONG - 1).is_some();
                    for view in &views {
                        view.find(form, !is_long, &mut places);
                        view.find_cut_off(form, !is_long, SHORTEST_PART, &mut places);
                    }
                }
                Form::Base64(form) => base64.find_runs(form, &mut places),
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
        let text = Zeroizing::new(text);
        let [words, letters] = [words(&text), letters(&text)];
        let is_in = |form: &Form| {
            let secret = letters_of(form);
            match secret.len() >= LONG {
                true => letters.contains(&**secret),
                false => !is_a_list && !secret.is_empty() && words.contains(&*words_of(form)),
            }
        };
        !self.places(&text).is_empty() && !is_a_list || self.secrets.iter().any(is_in)
    }
}

impl Form {
    fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Base64(text) => text,
        }
    }
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
mod tests {
    use super::*;

    fn cleaned(secret: &[u8], text: &str) -> String {
        let mut redaction = Redaction::default();
        redaction.hide_message(secret, None);
        redaction.cleaned(text.into()).into_owned()
    }

    #[test]
    fn secrets_are_hidden_in_every_form_and_case() {
        for (message, text, expected) in [
            ("pa55", "no: pa55!", "no: ***!"),
            ("pa55", "no: PA55 and pa55", "no: *** and ***"),
            (
                "pa\"55",
                r#"LOGIN "a" "pa\"55" is"#,
                "LOGIN \"a\" \"***\" is",
            ),
            ("\0ann\0pa55", "pa55 AGFubgBwYTU1 is", "*** *** is"),
            ("\0ann\0pa55x", "AGFubgBwYTU1eA== AGFubgBwYTU1eA", "*** ***"),
            (
                "user=ann\x01auth=Bearer t0k3n\x01\x01",
                "T0K3N is old",
                "*** is old",
            ),
            (
                "c=biws,r=abc,p=cHJvb2Y=",
                "proof cHJvb2Y= is",
                "proof *** is",
            ),
            (
                "tim 0123456789abcdef0123456789abcdef",
                "0123456789ABCDEF0123456789abcdef?",
                "***?",
            ),
        ] {
            assert_eq!(cleaned(message.as_bytes(), text), expected, "{message:?}");
        }
        let latin = b"\0ann\0p\xe4ss";
        let text = String::from_utf8_lossy(b"p\xe4ss is wrong");
        assert_eq!(cleaned(latin, &text), "*** is wrong");
    }

    #[test]
    fn what_breaks_off_in_the_middle_of_a_secret_is_hidden_too() {
        assert_eq!(cleaned(b"correct-horse", "LOGIN ann corr"), "LOGIN ann ***");
        assert_eq!(
            cleaned(b"correct-horse", "LOGIN ann correct-hors"),
            "LOGIN ann ***"
        );
        assert_eq!(cleaned(b"correct-horse", "not corrected"), "not corrected");
        assert_eq!(cleaned("gehööim".as_bytes(), "war gehö"), "war ***");
    }

    #[test]
    fn one_login_after_another_is_remembered_until_one_succeeds() {
        let mut redaction = Redaction::default();
        redaction.begin(b"first");
        assert!(!redaction.is_harmless(b"anything"));
        redaction.end();
        redaction.begin(b"second");
        redaction.end();
        assert!(redaction.is_harmless(b"A1 OK welcome"));
        assert!(!redaction.is_harmless(b"A2 NO not SECOND"));
        assert_eq!(redaction.cleaned("first, second".into()), "***, ***");
        redaction.clear();
        assert_eq!(redaction.cleaned("first".into()), "first");
    }

    #[test]
    fn a_code_with_a_secret_in_it_is_none() {
        let mut redaction = Redaction::default();
        redaction.begin(br#"pa"55"#);
        for (text, is_kept) in [
            (r#"pa"55"#, false),
            (r#"pa\"55"#, false),
            (r#"PA\\\"55"#, false),
            ("pa", true),
        ] {
            let code = ResponseCode::Other {
                name: "X-ECHO".into(),
                text: Some(text.into()),
            };
            assert_eq!(!redaction.is_in_code(&code), is_kept, "{text}");
        }
    }

    /// What is hidden of the text after a login by this mechanism.
    fn said_after(mechanism: &mut dyn crate::sasl::mechanism::Mechanism, text: &str) -> String {
        let mut redaction = Redaction::default();
        if let Some(message) = mechanism.initial().unwrap() {
            redaction.hide_message(message.expose(), mechanism.secrets());
        }
        for _ in 0..2 {
            let Ok(message) = mechanism.step(b"go on") else {
                break;
            };
            redaction.hide_message(message.expose(), mechanism.secrets());
        }
        redaction.cleaned(text.into()).into_owned()
    }

    #[test]
    fn fault_13_names_are_no_secrets() {
        use crate::sasl::{Anonymous, External, Login, OAuthBearer, Plain, XOAuth2};
        let text = "alice@example.com acts as team@example.com at imap.example.com, port 993";
        let names = ("alice@example.com", "team@example.com");
        let plain = Plain::new(names.0, "pa55w0rd").acting_as(names.1);
        let bearer = OAuthBearer::new(names.0, "t0k3n-0f-alice").at("imap.example.com", 993);
        let mut mechanisms: Vec<Box<dyn crate::sasl::mechanism::Mechanism>> = vec![
            Box::new(plain),
            Box::new(Login::new(names.0, "pa55w0rd")),
            Box::new(bearer),
            Box::new(XOAuth2::new(names.0, "t0k3n-0f-alice")),
            Box::new(External::new().acting_as(names.1)),
            Box::new(Anonymous::tracing(names.0)),
        ];
        #[cfg(feature = "scram")]
        mechanisms.extend([
            Box::new(crate::sasl::CramMd5::new(names.0, "pa55w0rd")) as _,
            Box::new(crate::sasl::Scram::sha_256(names.0, "pa55w0rd").acting_as(names.1)) as _,
        ]);
        for mut mechanism in mechanisms {
            let mechanism = &mut *mechanism;
            assert_eq!(said_after(mechanism, text), text, "{}", mechanism.name());
        }
    }

    #[test]
    fn fault_13_secrets_in_every_encoding() {
        for (secret, text, expected) in [
            // The case of letters that are not ASCII.
            ("gehöims4che", "GEHÖIMS4CHE ist falsch", "*** ist falsch"),
            ("straßenb4hn", "STRASSENB4HN", "***"),
            ("λόγος-λόγος", "ΛΌΓΟΣ-ΛΌΓΟΣ", "***"),
            // Percent-encoded, in part or wholly.
            (
                "pa%55 w+rd",
                "imap://ann:pa%2555%20w%2Brd@host",
                "imap://ann:***@host",
            ),
            ("pa55wörd", "x=p%61%355w%C3%B6rd&y=1", "x=***&y=1"),
            ("pa55 w0rd", "p=pa55+w0rd", "p=***"),
            // Quoted, once and twice.
            (r#"pa"5\5w"#, r#"LOGIN "pa\"5\\5w" no"#, r#"LOGIN "***" no"#),
            (
                r#"pa"5\5w"#,
                r#"got \"pa\\\"5\\\\5w\" no"#,
                r#"got \"***" no"#,
            ),
            // In the base64 of something else, whatever stands before it, in either alphabet.
            ("pa55w0rd", "is cGE1NXcwcmQ= so", "is *** so"),
            ("pa55w0rd", "is eHBhNTV3MHJkeA== so", "is *** so"),
            ("pa55w0rd", "is eHhwYTU1dzByZHh4 so", "is *** so"),
            ("\u{3ff}\u{3ff}\u{3ff}", "is x8-_z7_Pvw so", "is *** so"),
            ("~~~~???~~~", "is fn5-fj8_P35-fg so", "is *** so"),
        ] {
            let mut redaction = Redaction::default();
            redaction.begin(secret.as_bytes());
            assert_eq!(redaction.cleaned(text.into()), expected, "{secret}");
        }
    }

    #[test]
    fn fault_13_short_secrets_leave_ordinary_words_alone() {
        for (secret, text, expected) in [
            ("pass", "wrong password: pass", "wrong password: ***"),
            (
                "1",
                "try again in 10 seconds, not 1",
                "try again in 10 seconds, not ***",
            ),
            ("a", "a wrong name", "*** wrong name"),
            ("in", "login is wrong within", "login is wrong within"),
            ("12345678", "id 0123456789", "id 0***9"),
        ] {
            let mut redaction = Redaction::default();
            redaction.begin(secret.as_bytes());
            assert_eq!(redaction.cleaned(text.into()), expected, "{secret}");
        }
    }

    #[test]
    fn fault_13_codes_are_never_mangled() {
        for secret in [
            "a",
            "1",
            "imap",
            "text",
            "authenticationfailed",
            "UIDNEXT",
            "some",
            "9",
        ] {
            let mut redaction = Redaction::default();
            redaction.begin(secret.as_bytes());
            for code in [
                ResponseCode::AuthenticationFailed,
                ResponseCode::Unavailable,
                ResponseCode::WebAlert("https://provider.example.com/4711".into()),
                ResponseCode::Referral(vec!["imaps://ann@elsewhere.example.com/".into()]),
                ResponseCode::MaxConvertMessages(9),
            ] {
                assert!(!redaction.is_in_code(&code), "{secret} in {code}");
            }
        }
        let mut redaction = Redaction::default();
        redaction.begin(b"pa55");
        let code = ResponseCode::Referral(vec!["imap://ann:pa55@elsewhere.example.com/".into()]);
        assert!(redaction.is_in_code(&code));
    }
}
