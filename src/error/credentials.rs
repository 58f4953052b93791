//! Distinguishes the errors that are about credentials from those that are temporary.

use crate::error::Error;
use crate::error::closed::{CloseReason, Closed, Effect};
use crate::error::login::LoginAborted;
use crate::error::login_hint::LoginHint;
use crate::error::login_text::refuses_login;
use crate::error::refused::{Refused, is_about_credentials, is_login};
use crate::types::response_code::ResponseCode;

impl Error {
    /// Whether the credentials are wrong, or could not be sent safely.
    ///
    /// `false` for a login that the server refuses temporarily, whatever the credentials: it is
    /// throttled, or the response code is `UNAVAILABLE`, `INUSE`, `LIMIT` or `SERVERBUG`, or the
    /// text reports a temporary problem. `CONTACTADMIN` is not temporary, and neither is a text about
    /// wrong credentials ("too many failed logins"), without a code or with `LIMIT`. A BYE to a login
    /// counts if its code or its text is about the credentials.
    #[must_use]
    pub fn is_auth(&self) -> bool {
        match self {
            Self::Login(_) => true,
            Self::Refused(refused) => refused.is_of_login() && !is_for_now(refused),
            Self::Closed(closed) => is_verdict(closed),
            Self::Unfinished(unfinished) => unfinished.cause.is_auth(),
            _ => false,
        }
    }

    /// Whether a login that failed with this error must not be tried again at once: the credentials
    /// are wrong, or the server has had too many logins.
    pub(crate) fn ends_attempts(&self) -> bool {
        match self {
            Self::Refused(refused) => refused.is_of_login() && !is_for_now_by_code(refused),
            error => error.is_auth(),
        }
    }

    /// The same error once more, if a server has refused credentials by it: for a login with the
    /// same ones, which are not sent then.
    pub(crate) fn refused_credentials(&self) -> Option<Self> {
        match self {
            Self::Refused(refused) if self.is_auth() => {
                let refused = Refused::clone(refused);
                let is_remembered = true;
                Some(Self::Refused(Box::new(Refused {
                    is_remembered,
                    ..refused
                })))
            }
            // In the middle of the exchange; the others were returned before anything was sent.
            Self::Login(
                refusal @ (LoginAborted::Mechanism(_)
                | LoginAborted::Limit(_)
                | LoginAborted::Token(_)),
            ) => Some(Self::Login(refusal.clone())),
            Self::Closed(closed) if is_verdict(closed) => {
                let mut refusal = Closed::after(closed.command, Effect::None, &closed.reason, None);
                refusal.refuses_login = true;
                Some(Self::Closed(refusal))
            }
            _ => None,
        }
    }

    /// Whether a login was sent, and the connection ended without a word about the credentials. The
    /// server may be restarting, or be one that answers a wrong password so.
    pub(crate) fn is_unanswered_login(&self) -> bool {
        match self {
            Self::Closed(closed) => {
                let was_sent = closed.effect == Effect::Possible && !closed.reason.is_wanted();
                was_sent && is_login(closed.command) && !is_verdict(closed)
            }
            _ => false,
        }
    }
}

/// Whether a refused login may succeed later unchanged.
pub(super) fn is_for_now(refused: &Refused) -> bool {
    let has_verdict = refused.code.as_ref().is_some_and(is_about_credentials);
    let by_text = || refused.login_hint() == Some(LoginHint::TryLater) && !refused.says_wrong();
    is_for_now_by_code(refused) || !has_verdict && by_text()
}

/// Servers use LIMIT for a number of wrong logins, too.
fn is_for_now_by_code(refused: &Refused) -> bool {
    match &refused.code {
        Some(ResponseCode::Limit) => !refused.says_wrong(),
        Some(code) => is_temporary_for_login(code),
        None => false,
    }
}

fn is_temporary_for_login(code: &ResponseCode) -> bool {
    matches!(
        code,
        ResponseCode::Unavailable
            | ResponseCode::InUse
            | ResponseCode::ServerBug
            | ResponseCode::Throttled
    )
}

/// Whether a BYE to a login refuses it because of the credentials.
pub(crate) fn is_refusal_by_bye(code: Option<&ResponseCode>, text: &str) -> bool {
    let by_code = code.is_some_and(is_about_credentials);
    by_code || !code.is_some_and(is_temporary_for_login) && refuses_login(text)
}

/// Whether the server ended the connection of a login because of the credentials.
fn is_verdict(closed: &Closed) -> bool {
    let by_code = match closed.reason() {
        CloseReason::Bye { code, .. } => code.as_ref().is_some_and(is_about_credentials),
        _ => false,
    };
    closed.refuses_login || by_code && is_login(closed.command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::refused::Known;

    fn refused(code: Option<ResponseCode>, text: &str) -> Error {
        Error::Refused(Box::new(Refused {
            command: "LOGIN",
            bad: false,
            code,
            text: text.into(),
            oauth: None,
            partly: None,
            is_remembered: false,
            known: Known::default(),
        }))
    }

    #[test]
    fn fault_09_what_passes_by_itself_is_no_verdict_on_the_credentials() {
        use ResponseCode::{
            AuthenticationFailed, ContactAdmin, Expired, InUse, Limit, ServerBug, Unavailable,
        };
        for (code, text, is_auth) in [
            (None, "wrong", true),
            (Some(AuthenticationFailed), "wrong", true),
            (Some(AuthenticationFailed), "try again later", true),
            (Some(ContactAdmin), "barred", true),
            (Some(Expired), "old", true),
            (Some(Unavailable), "the directory is down", false),
            (Some(InUse), "somebody reads it", false),
            (Some(Limit), "ten sessions", false),
            (Some(ServerBug), "oops", false),
            (
                Some(ResponseCode::Alert),
                "Too many simultaneous connections",
                false,
            ),
            (None, "Temporary authentication failure", false),
            (None, "Login failed, try again later", false),
            (
                Some(Unavailable),
                "Too many failed logins, try again later",
                false,
            ),
            (None, "Too many failed login attempts", true),
            (
                Some(ResponseCode::Alert),
                "account temporarily locked: wrong password",
                true,
            ),
            (Some(Limit), "invalid password too often", true),
        ] {
            let error = refused(code, text);
            assert_eq!(error.is_auth(), is_auth, "{error}");
            assert_eq!(error.refused_credentials().is_some(), is_auth, "{error}");
        }
    }
}
