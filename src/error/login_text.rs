//! What the human-readable text of a failed login says about the credentials.

use regex::bytes::RegexBuilder;

/// Words for wrong credentials, whatever else the text says: "too many failed logins" is no sign
/// that the same login may succeed later.
const WRONG: &str = concat!(
    r"\b(failed|invalid|wrong|bad|incorrect|unsuccessful)\s+((user|imap|e-?mail)\s+)?",
    r"(log-?[io]ns?|sign-?ins?|auth\w*|passwords?|credentials?|user-?names?)\b|",
    r"\b(passwords?|credentials?|user-?names?)\s+((is|are|was|were)\s+)?",
    r"(wrong|invalid|incorrect)\b|",
    r"\b(log-?[io]n|sign-?in|auth\w*)\s+failures\b",
);

/// Words for a login that failed, which may have other reasons.
const FAILED: &str = concat!(
    r"\b(log-?[io]n|sign-?in|auth\w*)\s+(attempt\s+)?((has|was|is)\s+)?",
    r"(failed|failure|denied|refused|rejected|invalid|incorrect)\b",
);

/// Words for a reason that has nothing to do with the credentials.
const PASSING: &str = concat!(
    r"temporar|\blater\b|unavailable|internal|system error|server error|time-?d?[ -]?out|",
    r"\bbusy\b|restart|shut(ting)?[ -]?down|\bservice\b|backend|database|\bldap\b",
);

/// Whether the text says that credentials are wrong.
pub(crate) fn says_wrong(text: &str) -> bool {
    has(text, WRONG)
}

/// Whether the text with which a server ended the connection during a login refuses that login.
pub(crate) fn refuses_login(text: &str) -> bool {
    says_wrong(text) || has(text, FAILED) && !has(text, PASSING)
}

/// Whether a text matches a pattern, in any case.
pub(super) fn has(text: &str, pattern: &str) -> bool {
    let pattern = RegexBuilder::new(pattern)
        .unicode(false)
        .case_insensitive(true)
        .build();
    pattern.is_ok_and(|pattern| pattern.is_match(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_09_texts_about_wrong_credentials_are_known() {
        for text in [
            "Too many failed login attempts",
            "Too many invalid LOGIN attempts",
            "Too many invalid IMAP logins",
            "Too many authentication failures",
            "Login rate limit exceeded for bad passwords, try again later",
            "account temporarily locked: wrong password",
            "Incorrect username or password",
            "Invalid user credentials",
            "The password is incorrect, try again later",
        ] {
            assert!(says_wrong(text) && refuses_login(text), "{text}");
        }
        for text in [
            "Authentication failed",
            "Authentication failed, closing connection",
            "LOGIN failed.",
            "Login attempt was rejected",
            "Logon failure: unknown user",
        ] {
            assert!(!says_wrong(text) && refuses_login(text), "{text}");
        }
    }

    #[test]
    fn fault_09_texts_about_something_else_are_no_verdict() {
        for text in [
            "",
            "Server shutting down",
            "IMAP server restarting, please reconnect",
            "Too many logins, try again later",
            "Too many login attempts, slow down",
            "Too many simultaneous connections",
            "Temporary authentication failure",
            "Authentication failed: server error",
            "Login failed, try again later",
            "Authentication server refused connection",
            "Disconnected for inactivity during authentication",
            "Internal error occurred",
            "Autologout; idle for too long",
            "Connection closed",
        ] {
            assert!(!says_wrong(text) && !refuses_login(text), "{text}");
        }
    }
}
