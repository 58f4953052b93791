//! Distinguishes the errors that are about credentials from those that are temporary.

use crate::error::Error;
use crate::error::closed::{CloseReason, Closed, Effect};
use crate::error::login::LoginAborted;
use crate::error::login_hint::LoginHint;
use crate::error::refused::{Refused, is_about_credentials};
use crate::types::response_code::ResponseCode;

impl Error {
    /// Whether the credentials are wrong, or could not be sent safely.
    ///
    /// `false` for a login that the server refuses temporarily, whatever the credentials: it is
    /// throttled, or the response code is `UNAVAILABLE`, `INUSE`, `LIMIT` or `SERVERBUG`, or the
    /// text reports a temporary problem. `CONTACTADMIN` is not temporary.
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
                Some(Self::closed(closed.command, Effect::None, &closed.reason))
            }
            _ => None,
        }
    }
}

/// Whether a refused login may succeed later unchanged.
pub(super) fn is_for_now(refused: &Refused) -> bool {
    let has_verdict = refused.code.as_ref().is_some_and(is_about_credentials);
    let by_text = || refused.login_hint() == Some(LoginHint::TryLater);
    is_for_now_by_code(refused) || !has_verdict && by_text()
}

fn is_for_now_by_code(refused: &Refused) -> bool {
    matches!(
        refused.code,
        Some(
            ResponseCode::Unavailable
                | ResponseCode::InUse
                | ResponseCode::Limit
                | ResponseCode::ServerBug
                | ResponseCode::Throttled
        )
    )
}

/// Whether the server ended the connection of a login because of the credentials.
fn is_verdict(closed: &Closed) -> bool {
    let is_login = matches!(closed.command, "LOGIN" | "AUTHENTICATE");
    match closed.reason() {
        CloseReason::Bye { code, .. } => {
            is_login && code.as_ref().is_some_and(is_about_credentials)
        }
        _ => false,
    }
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
        ] {
            let error = refused(code, text);
            assert_eq!(error.is_auth(), is_auth, "{error}");
            assert_eq!(error.refused_credentials().is_some(), is_auth, "{error}");
        }
    }
}
