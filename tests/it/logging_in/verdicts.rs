//! What the mechanism has found out is the error, however the server then ends the exchange.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use latchbox::error::{LoginAborted, LoginHint};
use latchbox::sasl::{MechanismError, OAuthBearer, XOAuth2};
use latchbox::{Account, Backoff, Credentials, Error};

use super::{connected, refused};
use crate::scripted::plain;
use crate::support::script::script;

/// How a server can end an exchange that the client has broken off.
const ENDINGS: [&str; 6] = [
    "S: {a} OK welcome",
    "S: {a} NO cancelled",
    "S: {a} BAD cancelled",
    "S: * BYE not with me\nclose",
    "S: {a} YES of course\nclose",
    "close",
];

#[cfg(feature = "scram")]
mod scram {
    use latchbox::Client;
    use latchbox::sasl::Scram;

    use super::*;
    use crate::support::scram::{PASSWORD, Say, Setup, Step};

    fn verdict(error: &Error) -> &MechanismError {
        match error {
            Error::Login(LoginAborted::Mechanism(verdict)) => verdict,
            other => panic!("not the mechanism's verdict: {other:?}"),
        }
    }

    /// The server proves that it does not know the password, and then ends it in this way.
    fn lied_to(ending: &'static str) -> Error {
        let mut setup = Setup::new("AUTH=SCRAM-SHA-256");
        let wrong: fn(String) -> Say = |_| Say::Challenge("v=AAAA".into());
        setup = setup.saying(Step::Last, wrong);
        setup.cancelled = ending;
        let server = setup.start();
        let builder = Client::builder("127.0.0.1").port(server.port());
        let client = builder.danger_plaintext().connect().unwrap();
        let (error, client) = refused(client.authenticate(Scram::sha_256("ann", PASSWORD)));
        drop(client);
        assert_eq!(server.finish().last().unwrap(), "*");
        error
    }

    #[test]
    fn fault_14_a_wrong_proof_is_the_error_whatever_follows() {
        for ending in [
            "{tag} OK welcome",
            "{tag} NO cancelled",
            "{tag} BAD cancelled",
            "* BYE not with me",
            "",
        ] {
            let error = lied_to(ending);
            assert_eq!(
                *verdict(&error),
                MechanismError::ServerNotProved,
                "{ending}"
            );
            assert!(error.is_auth(), "{ending}");
            assert!(error.to_string().contains("the password"), "{error}");
        }
    }
}

#[test]
fn fault_14_a_mechanism_that_breaks_off_is_the_error_whatever_follows() {
    for ending in ENDINGS {
        let (server, client) = connected(&format!(
            "
            S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready
            C: {{a}} AUTHENTICATE PLAIN AGFubgBzZWNyZXQ=
            S: + bW9yZQ==
            C: *
            {ending}
            "
        ));
        let plain = latchbox::sasl::Plain::new("ann", "secret");
        let (error, _client) = refused(client.authenticate(plain));
        let expected = MechanismError::UnexpectedChallenge;
        let is_it = matches!(&error, Error::Login(LoginAborted::Mechanism(it)) if *it == expected);
        assert!(is_it && error.is_auth(), "{ending}: {error:?}");
        server.finish();
    }
}

#[test]
fn fault_14_a_limit_is_the_error_whatever_follows() {
    for ending in ENDINGS {
        let rounds = "S: + aGk=\nC: MA==\n".repeat(16);
        let (server, client) = connected(&format!(
            "
            S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=X-ENDLESS] ready
            C: {{a}} AUTHENTICATE X-ENDLESS MA==
            {rounds}
            C: *
            {ending}
            "
        ));
        let (error, _client) = refused(client.authenticate(Endless));
        let is_it = matches!(&error, Error::Login(LoginAborted::Limit(_)));
        assert!(is_it && error.is_auth(), "{ending}: {error:?}");
        server.finish();
    }
}

struct Endless;

impl latchbox::sasl::Mechanism for Endless {
    fn name(&self) -> &'static str {
        "X-ENDLESS"
    }

    fn exposes_secret(&self) -> bool {
        false
    }

    fn initial(&mut self) -> Result<Option<latchbox::sasl::Secret>, MechanismError> {
        Ok(Some("0".into()))
    }

    fn step(&mut self, _challenge: &[u8]) -> Result<latchbox::sasl::Secret, MechanismError> {
        Ok("0".into())
    }
}

#[test]
fn fault_14_the_reason_against_a_token_is_the_error_whatever_follows() {
    let reason = BASE64_STANDARD.encode(r#"{"status":"invalid_token","scope":"mail"}"#);
    for ending in ENDINGS {
        for bearer in [true, false] {
            let (name, message, answer) = match bearer {
                true => (
                    "OAUTHBEARER",
                    "n,a=ann,\x01auth=Bearer t0k3n\x01\x01",
                    "AQ==",
                ),
                false => ("XOAUTH2", "user=ann\x01auth=Bearer t0k3n\x01\x01", ""),
            };
            let (server, client) = connected(&format!(
                "
                S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2 AUTH=OAUTHBEARER] ready
                C: {{a}} AUTHENTICATE {name} {}
                S: + {reason}
                C: {answer}
                {ending}
                ",
                BASE64_STANDARD.encode(message)
            ));
            let (error, _client) = refused(match bearer {
                true => client.authenticate(OAuthBearer::new("ann", "t0k3n")),
                false => client.authenticate(XOAuth2::new("ann", "t0k3n")),
            });
            assert!(error.is_auth(), "{ending}: {error:?}");
            let status = error.oauth().and_then(latchbox::sasl::OAuthError::status);
            assert_eq!(status, Some("invalid_token"), "{ending}: {error:?}");
            assert_eq!(error.login_hint(), Some(LoginHint::RenewToken));
            assert!(error.to_string().contains("invalid_token"), "{error}");
            server.finish();
        }
    }
}

/// A second attempt would be a second connection, for which there is no script.
#[test]
fn fault_14_a_verdict_is_not_tried_again_by_reconnecting() {
    let server = script(
        "
        S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready
        C: {a} AUTHENTICATE PLAIN AGFubgBzZWNyZXQ=
        S: {a} OK [CAPABILITY IMAP4rev1] in
        C: {b} NOOP
        S: * BYE good night
        close
        accept
        S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready
        C: {a} AUTHENTICATE PLAIN AGFubgBzZWNyZXQ=
        S: + bW9yZQ==
        C: *
        S: {a} OK welcome
        ",
    );
    let account = Account::new(plain(&server), |_reason| {
        Ok(Credentials::sasl(latchbox::sasl::Plain::new(
            "ann", "secret",
        )))
    });
    let session = account.reconnecting(Backoff::new()).open().unwrap();
    assert!(session.noop().unwrap_err().is_closed());
    let error = session.lock_mailbox("INBOX").map(drop).unwrap_err();
    assert!(error.is_auth(), "{error:?}");
    drop(session);
    server.finish();
}
