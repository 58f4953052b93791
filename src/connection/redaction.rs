//! Secrets that a login has sent, so that a server that repeats them does not get them into an
//! error, an event or a log.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use crate::types::response_code::ResponseCode;
use crate::wire::response::Untagged;
use crate::wire::response::status::ResponseText;

/// What stands in the place of a secret.
const HIDDEN: &str = "***";

/// How much of the beginning of a secret is hidden where a text breaks off in the middle of it.
const SHORTEST_PART: usize = 4;

/// The secrets of the logins of one client, in every form in which they are sent, until one of the
/// logins has succeeded.
#[derive(Default)]
pub(crate) struct Redaction {
    /// In lower case, for a server may not repeat them as they were.
    secrets: Vec<Zeroizing<String>>,
    /// A login goes on, even if nothing of it is secret yet.
    is_under_way: bool,
}

impl Redaction {
    /// Whether a login is under way, of whose lines nothing is shown at all.
    pub(crate) fn is_under_way(&self) -> bool {
        self.is_under_way
    }

    /// Whether this line can be shown.
    pub(crate) fn is_harmless(&self, line: &[u8]) -> bool {
        !self.is_under_way
            && (self.secrets.is_empty() || !self.is_in(&String::from_utf8_lossy(line)))
    }

    /// A login begins, with a secret that is sent as it is.
    pub(crate) fn begin(&mut self, secret: &[u8]) {
        self.is_under_way = true;
        self.hide(secret);
    }

    /// Hides these octets: as text, line by line, as a quoted string, in base64.
    fn hide(&mut self, secret: &[u8]) {
        let text = Zeroizing::new(String::from_utf8_lossy(secret).into_owned());
        let quoted = Zeroizing::new(text.replace('\\', "\\\\").replace('"', "\\\""));
        let encoded = Zeroizing::new(BASE64_STANDARD.encode(secret));
        let lines = text.split(['\r', '\n', '\0']);
        for form in lines.chain([&**quoted, encoded.trim_end_matches('=')]) {
            let form = Zeroizing::new(form.to_ascii_lowercase());
            if !form.is_empty() && !self.secrets.contains(&form) {
                self.secrets.push(form);
            }
        }
        // Or what is left of a longer one would stay.
        self.secrets.sort_by_key(|form| Reverse(form.len()));
    }

    /// Hides a message of a SASL exchange; what stands behind its last NUL, which in PLAIN is the
    /// password itself; the token of those that bear one; and what proves that the password is
    /// known, by which passwords can be tried: the proof of SCRAM, the hash of CRAM-MD5.
    pub(crate) fn hide_message(&mut self, message: &[u8]) {
        self.begin(message);
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

    /// The login is over. What it sent may still be repeated, in an answer to what follows it.
    pub(crate) fn end(&mut self) {
        self.is_under_way = false;
    }

    /// Somebody is logged in: nothing is hidden any more.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The same text without the secrets.
    pub(crate) fn clean<'a>(&self, text: ResponseText<'a>) -> ResponseText<'a> {
        if self.secrets.is_empty() {
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
    pub(crate) fn cleaned<'a>(&self, mut text: Cow<'a, str>) -> Cow<'a, str> {
        for secret in &self.secrets {
            if let Some(cleaned) = without(&text, secret) {
                text = Cow::Owned(cleaned);
            }
        }
        text
    }

    fn is_in(&self, text: &str) -> bool {
        self.secrets
            .iter()
            .any(|secret| without(text, secret).is_some())
    }

    /// However it is quoted, escaped, or cut into a list. Without an argument a code has no room
    /// for it.
    fn is_in_code(&self, code: &ResponseCode) -> bool {
        let shown = Zeroizing::new(format!("{code:?}"));
        let Some((_, shown)) = shown.split_once(['(', '{']) else {
            return false;
        };
        let shown = letters(shown);
        self.secrets.iter().any(|secret| {
            let secret = letters(secret);
            !secret.is_empty() && shown.contains(&**secret)
        })
    }
}

/// Letters and digits, in lower case.
fn letters(text: &str) -> Zeroizing<String> {
    let letters = text.chars().filter(|letter| letter.is_alphanumeric());
    Zeroizing::new(letters.collect::<String>().to_ascii_lowercase())
}

/// The text without a secret, which is in lower case, if it is in there: whole, or its beginning
/// where the text ends. Letters of ASCII may be large or small.
fn without(text: &str, secret: &str) -> Option<String> {
    let small = Zeroizing::new(text.to_ascii_lowercase());
    let mut cleaned = String::new();
    let mut end = 0;
    for (at, found) in small.match_indices(secret) {
        cleaned.push_str(text.get(end..at)?);
        cleaned.push_str(HIDDEN);
        end = at + found.len();
    }
    let rest = text.get(end..)?;
    let small = small.get(end..)?;
    let beginnings = secret.char_indices().map(|(at, _)| at).rev();
    let mut beginnings = beginnings.take_while(|at| *at >= SHORTEST_PART);
    let cut = beginnings.find_map(|at| small.strip_suffix(secret.get(..at)?));
    let kept = cut.map_or(rest.len(), str::len);
    if end == 0 && kept == rest.len() {
        return None;
    }
    cleaned.push_str(rest.get(..kept)?);
    if kept < rest.len() {
        cleaned.push_str(HIDDEN);
    }
    Some(cleaned)
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
        redaction.hide_message(secret);
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
            (
                "\0ann\0pa55x",
                "AGFubgBwYTU1eA== AGFubgBwYTU1eA",
                "***== ***",
            ),
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
}
