//! Actions by which a user can solve a refused login: providers report them in human-readable text.

use std::fmt;

use crate::error::login_text::has;
use crate::types::response_code::ResponseCode;

/// An action by which the user can make the login succeed, as far as the server's answer shows.
///
/// It is derived from the response code and from the words that well-known providers use, which
/// they may change: a hint is to be displayed to a person beside the server's own text, not to base
/// decisions on.
///
/// ```
/// # let server = latchbox_testkit::Server::start()?;
/// # let client = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
/// #     .danger_cleartext_login().connect()?;
/// use latchbox::error::LoginHint;
///
/// let error = client.login("jane@example.com", "wrong").unwrap_err();
/// assert_eq!(error.login_hint(), Some(LoginHint::CheckPassword));
/// println!("{error}: {}", error.login_hint().unwrap());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoginHint {
    /// Check the name and the password: one of them is wrong, as far as the server reports.
    CheckPassword,
    /// Make an app password in the provider's settings.
    ///
    /// The provider requires a password for this program alone ("app password", "authorization
    /// code"), as most do if two-factor authentication is on.
    UseAppPassword,
    /// Enable IMAP for this account in the provider's settings.
    EnableImap,
    /// Log in by a web browser once: the provider requires it to verify the user.
    LogInByBrowser,
    /// Use OAuth 2.0: passwords are no longer accepted.
    UseOAuth,
    /// Get a new token: this one has expired, or was issued for something else.
    RenewToken,
    /// Change the password: it has expired.
    RenewPassword,
    /// Ask the administrator: the account has no mailbox here, or may not use IMAP.
    AskAdministrator,
    /// Identify the program: the provider requires it; see
    /// [`ClientBuilder::identify`](crate::ClientBuilder::identify).
    Identify,
    /// Try later, or with fewer connections: there were too many logins or connections.
    TryLater,
    /// Use TLS: the server accepts no password without it.
    UseTls,
}

/// Texts of providers, and their meaning; the first that matches is used.
const TEXTS: [(&str, LoginHint); 9] = [
    (
        r"authenticated but not connected",
        LoginHint::AskAdministrator,
    ),
    (r"unsafe login", LoginHint::Identify),
    (
        r"app(lication)?[- ](specific )?password|password-app|authori[sz]ation code",
        LoginHint::UseAppPassword,
    ),
    (
        r"basic ?auth\w* (is |has been )?(disabled|blocked)|BasicAuthBlocked",
        LoginHint::UseOAuth,
    ),
    (
        r"(web|your) ?browser|web ?login|browser login",
        LoginHint::LogInByBrowser,
    ),
    (
        concat!(
            r"(enabled|disabled|available|allowed) for imap|enable imap|",
            r"imap (access )?(is |has been )?(disabled|not enabled|not allowed)|",
            r"not have imap|service is not open"
        ),
        LoginHint::EnableImap,
    ),
    (
        r"too many|rate limit|frequency limited|try again later|temporar(y|ily)|bandwidth limit",
        LoginHint::TryLater,
    ),
    (r"password (has |is )?expired", LoginHint::RenewPassword),
    (
        r"(use|requires?|only over) (tls|ssl|starttls|a secure)",
        LoginHint::UseTls,
    ),
];

impl LoginHint {
    /// The hint of the response code and the text of a refusal.
    pub(crate) fn of_answer(code: Option<&ResponseCode>, text: &str) -> Option<Self> {
        let is_web_alert = match code {
            Some(ResponseCode::WebAlert(_)) => true,
            Some(ResponseCode::Other { name, .. }) => name.eq_ignore_ascii_case("WEBALERT"),
            _ => false,
        };
        if is_web_alert {
            return Some(Self::LogInByBrowser);
        }
        let by_text = TEXTS
            .iter()
            .find(|(pattern, _)| has(text, pattern))
            .map(|(_, hint)| *hint);
        by_text.or_else(|| Self::of_code(code?))
    }

    fn of_code(code: &ResponseCode) -> Option<Self> {
        Some(match code {
            ResponseCode::AuthenticationFailed => Self::CheckPassword,
            ResponseCode::Expired => Self::RenewPassword,
            ResponseCode::PrivacyRequired => Self::UseTls,
            ResponseCode::AuthorizationFailed | ResponseCode::ContactAdmin => {
                Self::AskAdministrator
            }
            ResponseCode::Unavailable | ResponseCode::Limit | ResponseCode::InUse => Self::TryLater,
            _ => return None,
        })
    }
}

impl fmt::Display for LoginHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CheckPassword => "check the name and the password",
            Self::UseAppPassword => "make a password for this program in the provider's settings",
            Self::EnableImap => "switch IMAP on in the provider's settings",
            Self::LogInByBrowser => "log in by a web browser once, then try again",
            Self::UseOAuth => "use OAuth 2.0: passwords are no longer accepted",
            Self::RenewToken => "get a fresh token: this one has expired or is for something else",
            Self::RenewPassword => "change the password: it has expired",
            Self::AskAdministrator => "ask the administrator: the account may not use IMAP here",
            Self::Identify => "let the program identify itself (ID)",
            Self::TryLater => "try again later, or with fewer connections",
            Self::UseTls => "use TLS",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(text: &str) -> Option<LoginHint> {
        LoginHint::of_answer(None, text)
    }

    #[test]
    fn what_providers_write() {
        for (text, expected) in [
            (
                "Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)",
                LoginHint::UseAppPassword,
            ),
            (
                "Your account is not enabled for IMAP use. Please visit your Gmail settings page and enable your account for IMAP access. (Failure)",
                LoginHint::EnableImap,
            ),
            (
                "Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 (Failure)",
                LoginHint::LogInByBrowser,
            ),
            ("Web login required.", LoginHint::LogInByBrowser),
            (
                "Too many simultaneous connections. (Failure)",
                LoginHint::TryLater,
            ),
            (
                "User is authenticated but not connected.",
                LoginHint::AskAdministrator,
            ),
            (
                "SELECT Unsafe Login. Please contact kefu@188.com for help",
                LoginHint::Identify,
            ),
            (
                "Application password is REQUIRED",
                LoginHint::UseAppPassword,
            ),
            ("LOGIN Rate limit hit", LoginHint::TryLater),
            (
                "AUTHENTICATE invalid credentials or IMAP is disabled",
                LoginHint::EnableImap,
            ),
        ] {
            assert_eq!(hint(text), Some(expected), "{text}");
        }
        assert_eq!(hint("LOGIN failed."), None);
        assert_eq!(hint(""), None);
    }
}
