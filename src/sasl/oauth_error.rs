//! The error of a server for an OAuth token (RFC 7628 section 3.2.2): a short JSON text.

use std::fmt;

use crate::limits::OAUTH_REASON;
use crate::printable::Printable;

/// The reason why a server did not accept an OAuth token, in the server's words.
///
/// The values are untrusted text, each at most its first 1000 characters: display it, but do not
/// act on it. Only the three fields of RFC 7628 are read; if the server sends something else, all
/// are `None`.
///
/// ```
/// # let server = latchbox_testkit::Server::builder().with("AUTH=OAUTHBEARER").start()?;
/// # let client = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
/// #     .danger_cleartext_login().connect()?;
/// use latchbox::sasl::OAuthBearer;
///
/// let expired = OAuthBearer::new("jane@example.com", "an-old-one");
/// let error = client.authenticate(expired).unwrap_err().into_error();
/// let oauth = error.oauth().unwrap();
/// assert_eq!(oauth.status(), Some("invalid_token"));
/// assert_eq!(oauth.scope(), Some("mail"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OAuthError {
    status: Option<String>,
    scope: Option<String>,
    openid_configuration: Option<String>,
}

impl OAuthError {
    /// The error: `invalid_token`, or an HTTP status such as `401`; `None` if the server sent none.
    #[must_use]
    pub fn status(&self) -> Option<&str> {
        self.status.as_deref()
    }

    /// The scope that a token needs; `None` if the server sent none.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// The URL that describes how to get a token; `None` if the server sent none.
    #[must_use]
    pub fn openid_configuration(&self) -> Option<&str> {
        self.openid_configuration.as_deref()
    }

    /// Reads the fields of a JSON object, as far as it is valid; nested values are skipped.
    pub(crate) fn parse(json: &[u8]) -> Self {
        let mut error = Self::default();
        let mut reader = Reader(json.trim_ascii());
        if !reader.eat(b'{') {
            return error;
        }
        while let Some(name) = reader.string() {
            if !reader.eat(b':') {
                break;
            }
            let Some(value) = reader.value() else { break };
            let field = match name.as_str() {
                "status" => &mut error.status,
                "scope" => &mut error.scope,
                "openid-configuration" => &mut error.openid_configuration,
                _ => &mut None,
            };
            *field = value.or_else(|| field.take());
            if !reader.eat(b',') {
                break;
            }
        }
        error
    }

    /// [`OAuthError`] with each value replaced by the result of `clean`.
    pub(crate) fn cleaned(self, clean: impl Fn(String) -> String) -> Self {
        Self {
            status: self.status.map(&clean),
            scope: self.scope.map(&clean),
            openid_configuration: self.openid_configuration.map(&clean),
        }
    }
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status.as_deref().unwrap_or("no reason given");
        Printable(status).fmt(f)?;
        if let Some(scope) = &self.scope {
            write!(f, ", requires the scope {}", Printable(scope))?;
        }
        Ok(())
    }
}

/// A JSON reader (RFC 8259) for truncated text; it never goes back, so its time is linear.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn eat(&mut self, octet: u8) -> bool {
        self.0 = self.0.trim_ascii_start();
        let rest = self.0.strip_prefix(&[octet]);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn string(&mut self) -> Option<String> {
        if !self.eat(b'"') {
            return None;
        }
        let mut octets = Vec::new();
        loop {
            match self.next()? {
                b'"' => break,
                b'\\' => self.escaped(&mut octets)?,
                octet => octets.push(octet),
            }
        }
        let text = String::from_utf8_lossy(&octets);
        Some(text.chars().take(OAUTH_REASON).collect())
    }

    fn escaped(&mut self, octets: &mut Vec<u8>) -> Option<()> {
        let letter = match self.next()? {
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => self.code_point()?,
            other => char::from(other),
        };
        octets.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        Some(())
    }

    /// Reads four hexadecimal digits; one half of a surrogate pair becomes U+FFFD.
    fn code_point(&mut self) -> Option<char> {
        let (digits, rest) = self.0.split_at_checked(4)?;
        let digits = std::str::from_utf8(digits).ok()?;
        self.0 = rest;
        let number = u32::from_str_radix(digits, 16).ok()?;
        Some(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// Reads a value: the text of a string or number, `None` for an array or object, which is
    /// skipped.
    fn value(&mut self) -> Option<Option<String>> {
        self.0 = self.0.trim_ascii_start();
        match self.0.first()? {
            b'"' => self.string().map(Some),
            b'{' | b'[' => self.pass_over().map(|()| None),
            _ => {
                let is_end = |octet: &u8| matches!(octet, b',' | b'}' | b']');
                let end = self.0.iter().position(is_end).unwrap_or(self.0.len());
                let (word, rest) = self.0.split_at_checked(end)?;
                self.0 = rest;
                let word = String::from_utf8_lossy(word.trim_ascii());
                let word: String = word.chars().take(OAUTH_REASON).collect();
                Some((word != "null").then_some(word))
            }
        }
    }

    fn pass_over(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            if self.0.first() == Some(&b'"') {
                self.string()?;
                continue;
            }
            match self.next()? {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => continue,
            }
            if depth == 0 {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> [Option<String>; 3] {
        let OAuthError {
            status,
            scope,
            openid_configuration,
        } = OAuthError::parse(json.as_bytes());
        [status, scope, openid_configuration]
    }

    #[test]
    fn the_error_of_rfc_7628() {
        let json = r#"{"status":"invalid_token", "scope":"example_scope",
            "openid-configuration":"https://example.com/.well-known/openid-configuration"}"#;
        let expected = [
            "invalid_token",
            "example_scope",
            "https://example.com/.well-known/openid-configuration",
        ];
        assert_eq!(fields(json), expected.map(|text| Some(text.to_owned())));
    }

    #[test]
    fn numbers_escapes_and_what_nobody_asked_for() {
        let some = |text: &str| Some(text.to_owned());
        for (json, expected) in [
            (r#"{"status":401}"#, [some("401"), None, None]),
            (r#"{"status":null,"scope":"a"}"#, [None, some("a"), None]),
            (
                r#"{"x":[{"status":"no"},"]"],"status":"a\"\u0041\/\ud800"}"#,
                [some("a\"A/\u{fffd}"), None, None],
            ),
            (
                r#"{"schemes":"Bearer","status":"400"}"#,
                [some("400"), None, None],
            ),
            ("", [None, None, None]),
            ("nothing", [None, None, None]),
            ("[]", [None, None, None]),
        ] {
            assert_eq!(fields(json), expected, "{json}");
        }
    }

    #[test]
    fn cut_anywhere_it_gives_what_was_whole() {
        let json = r#"{"status":"401","schemes":["b"],"scope":"https://mail.google.com/"}"#;
        for end in 0..json.len() {
            let [status, scope, _] = fields(&json[..end]);
            assert_eq!(status.is_some(), end >= 15, "{end}");
            assert_eq!(scope.is_some(), end == json.len() - 1, "{end}");
        }
    }

    #[test]
    fn long_values_are_cut_and_deep_ones_passed_over() {
        let [status, ..] = fields(&format!(r#"{{"status":"{}"}}"#, "ü".repeat(5000)));
        assert_eq!(status.unwrap().chars().count(), OAUTH_REASON);
        let deep = format!(
            r#"{{"x":{}{},"status":"1"}}"#,
            "[".repeat(50_000),
            "]".repeat(50_000)
        );
        assert_eq!(fields(&deep)[0].as_deref(), Some("1"));
    }
}
