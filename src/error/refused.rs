//! Refusals of the server: its NO and BAD, and extensions that it lacks.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use crate::error::login_hint::LoginHint;
use crate::error::login_text::says_wrong;
use crate::error::said::Said;
use crate::sasl::oauth_error::OAuthError;
use crate::types::capability::Capability;
use crate::types::number_range::previous;
use crate::types::number_set::NumberSet;
use crate::types::response_code::ResponseCode;

/// The server's refusal of a command.
#[derive(Clone, Debug)]
pub struct Refused {
    pub(crate) command: &'static str,
    pub(crate) bad: bool,
    pub(crate) code: Option<ResponseCode>,
    pub(crate) text: String,
    pub(crate) oauth: Option<Box<OAuthError>>,
    pub(crate) partly: Option<Box<Partly>>,
    /// The refusal is of an earlier login, and nothing was sent this time.
    pub(crate) is_remembered: bool,
    pub(crate) known: Known,
}

/// Facts that were read in a refusal before the secrets in it were hidden: they may be words that
/// matter.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known {
    pub(crate) hint: Option<LoginHint>,
    pub(crate) is_not_connected: bool,
    pub(crate) says_wrong: bool,
}

impl Known {
    pub(crate) fn of(code: Option<&ResponseCode>, text: &str) -> Self {
        let hint = LoginHint::of_answer(code, text);
        let is_for_now =
            hint == Some(LoginHint::TryLater) || matches!(code, Some(ResponseCode::Limit));
        Self {
            hint,
            is_not_connected: is_not_connected(text),
            // It is asked of these alone.
            says_wrong: is_for_now && says_wrong(text),
        }
    }
}

fn is_not_connected(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("authenticated but not connected")
}

/// The command was done, with OK, for some of its messages only (RFC 9738).
#[derive(Clone, Debug)]
pub(crate) struct Partly {
    /// The code of the OK, if the limit was reported before it.
    pub(crate) besides: Option<ResponseCode>,
}

/// A temporary refusal: the server requests a pause.
#[derive(Debug)]
pub struct Throttled {
    pub(crate) refused: Refused,
    pub(crate) wait: Option<Duration>,
}

/// A missing extension.
#[derive(Debug)]
pub struct Unsupported {
    pub(crate) command: &'static str,
    pub(crate) capability: Capability,
}

impl Refused {
    /// The command that was refused.
    #[must_use]
    pub fn command(&self) -> &'static str {
        self.command
    }

    /// Whether the server answered BAD (it did not understand) and not NO (it would not).
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.bad
    }

    /// The response code; `None` without one.
    #[must_use]
    pub fn code(&self) -> Option<&ResponseCode> {
        self.code.as_ref()
    }

    /// The server's human-readable text, as it came.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The reason why the server rejected an OAuth token; `None` without one.
    #[must_use]
    pub fn oauth(&self) -> Option<&OAuthError> {
        self.oauth.as_deref()
    }

    /// Whether the server accepts the credentials but has no mailbox for them.
    ///
    /// Exchange and Microsoft 365 answer OK to the login, and BAD to every command that follows,
    /// with a text that reports this.
    #[must_use]
    pub fn is_authenticated_but_not_connected(&self) -> bool {
        self.known.is_not_connected || is_not_connected(&self.text)
    }

    /// Whether this is the refusal of an earlier login, and nothing was sent this time.
    ///
    /// The provider of the [`Account`](crate::Account) returned the same credentials again; see
    /// [`Account::try_again`](crate::Account::try_again).
    #[must_use]
    pub fn is_remembered(&self) -> bool {
        self.is_remembered
    }

    /// Whether the server answered OK for some of the messages only (RFC 9738).
    ///
    /// They are as many as it processes at once, with the highest UIDs first. The
    /// [code](Self::code) has their number and the lowest UID. Commands by UID are then continued
    /// below that, so this is an error only if they cannot be.
    #[must_use]
    pub fn is_in_part(&self) -> bool {
        self.partly.is_some()
    }

    /// The action of the user that the answer suggests.
    pub(crate) fn login_hint(&self) -> Option<LoginHint> {
        if self.oauth.is_some() {
            return Some(LoginHint::RenewToken);
        }
        let known = self.known.hint;
        known.or_else(|| LoginHint::of_answer(self.code.as_ref(), &self.text))
    }

    /// Whether its text says that the credentials are wrong.
    pub(crate) fn says_wrong(&self) -> bool {
        self.known.says_wrong || says_wrong(&self.text)
    }

    /// The messages that were not done because they are below the UID that the server stopped at;
    /// `None` if another reason stopped it, or if they are all.
    pub(crate) fn left_of(&self, part: &NumberSet) -> Option<NumberSet> {
        let Some(ResponseCode::MessageLimit { lowest, .. }) = &self.code else {
            return None;
        };
        let lowest = lowest.filter(|_| self.is_in_part() && !part.is_saved())?;
        let from = NumberSet::starting_at(lowest.into());
        let has_begun = part.is_open() || !part.intersection(&from).is_empty();
        has_begun.then(|| match previous(lowest.into()) {
            Some(last) => part.intersection(&NumberSet::between(NonZeroU32::MIN, last)),
            None => NumberSet::new(),
        })
    }

    /// Whether the refusal may be about the form of the command, so that another form is worth a
    /// try: a BAD without a code, or with one that has no other meaning.
    pub(crate) fn may_be_about_form(&self) -> bool {
        let says_more = match &self.code {
            None | Some(ResponseCode::ClientBug | ResponseCode::Parse) => false,
            Some(ResponseCode::Other { .. } | ResponseCode::BadCharset(_)) => false,
            Some(_) => true,
        };
        self.bad && !says_more && !self.is_authenticated_but_not_connected()
    }

    /// Whether it is about a login: by its code, by its command, or by the text of Exchange.
    pub(crate) fn is_of_login(&self) -> bool {
        let by_code = self.code.as_ref().is_some_and(is_about_credentials);
        by_code || is_login(self.command) || self.is_authenticated_but_not_connected()
    }
}

impl Throttled {
    /// The time that the server requests to wait; `None` if it gives none.
    #[must_use]
    pub fn wait(&self) -> Option<Duration> {
        self.wait
    }

    /// The refusal with its text and code.
    #[must_use]
    pub fn refused(&self) -> &Refused {
        &self.refused
    }
}

impl Unsupported {
    /// The capability that the server lacks.
    #[must_use]
    pub fn capability(&self) -> &Capability {
        &self.capability
    }

    /// The command that needs it.
    #[must_use]
    pub fn command(&self) -> &'static str {
        self.command
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = match (self.is_in_part(), self.bad) {
            (true, _) => "OK for some of the messages",
            (false, true) => "BAD",
            (false, false) => "NO",
        };
        write!(f, "{}: the server answered {status}", self.command)?;
        match (&self.code, self.text.is_empty()) {
            (None, true) => Ok(()),
            (code, _) => write!(f, " {}", Said(code.as_ref(), &self.text)),
        }?;
        if let Some(oauth) = &self.oauth {
            write!(f, " (of the token: {oauth})")?;
        }
        match self.is_remembered {
            true => f.write_str(
                "; the same credentials were given again and not sent: Account::try_again sends them",
            ),
            false => Ok(()),
        }
    }
}

/// Whether this command is a login.
pub(crate) fn is_login(command: &str) -> bool {
    matches!(command, "LOGIN" | "AUTHENTICATE")
}

/// Whether this code means that the credentials will not do, or not in this way.
pub(crate) fn is_about_credentials(code: &ResponseCode) -> bool {
    matches!(
        code,
        ResponseCode::AuthenticationFailed
            | ResponseCode::AuthorizationFailed
            | ResponseCode::Expired
            | ResponseCode::PrivacyRequired
            | ResponseCode::ContactAdmin
    )
}

impl fmt::Display for Throttled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.refused)?;
        match self.wait {
            Some(wait) => write!(f, "; ask again in {wait:?}"),
            None => f.write_str("; ask again later"),
        }
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: the server does not advertise {}",
            self.command, self.capability
        )
    }
}
