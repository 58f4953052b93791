//! Logins: what is not sent without TLS, exchanges that end too early or never, and secrets that
//! come back.

use latchbox::error::{CloseReason, Limit, LoginAborted};
use latchbox::sasl::{Mechanism, MechanismError, Plain, Secret};
use latchbox::{Client, Error};

use super::{connected, refused};
use crate::pieces::Connect;
use crate::scripted::{closed, implicit_tls, log_in_client, plain};
use crate::sessions::log_in_as;
use crate::support::script::script;

const PLAIN: &str = "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\n";

#[test]
fn attack_032_a_password_is_not_sent_without_tls() {
    let server = script(PLAIN);
    let client = Client::builder("127.0.0.1")
        .port(server.port())
        .danger_plaintext()
        .connect_in_pieces()
        .unwrap();
    let (error, client) = refused(client.login("ann", "secret"));
    assert!(
        matches!(error, Error::Login(LoginAborted::Cleartext)),
        "{error:?}"
    );
    let (error, client) = refused(client.authenticate(Plain::new("ann", "secret")));
    assert!(
        matches!(error, Error::Login(LoginAborted::Cleartext)),
        "{error:?}"
    );
    drop(client);
    assert_eq!(server.finish(), "");
}

#[test]
fn attack_033_login_is_not_sent_where_it_is_disabled() {
    for tls in [false, true] {
        let server = script(&format!(
            "
            {}
            S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=PLAIN SASL-IR] ready
            C: {{a}} AUTHENTICATE PLAIN AGFubgBzZWNyZXQ=
            S: {{a}} OK [CAPABILITY IMAP4rev1] in
            ",
            if tls { "tls" } else { "" }
        ));
        let builder = if tls {
            implicit_tls(&server)
        } else {
            plain(&server)
        };
        let client = builder.connect_in_pieces().unwrap();
        let (error, client) = refused(client.login("ann", "secret"));
        assert!(
            matches!(error, Error::Login(LoginAborted::LoginDisabled)),
            "{error:?}"
        );
        // The client is still good for what is offered.
        let plain = Plain::new("ann", "secret");
        let session = client.authenticate(plain).unwrap();
        drop(session);
        server.finish();
    }
}

#[track_caller]
fn problem(error: &Error) -> &MechanismError {
    match error {
        Error::Login(LoginAborted::Mechanism(problem)) => problem,
        other => panic!("not the mechanism's: {other:?}"),
    }
}

/// As mechanisms are that prove who the server is: complete only after its last word.
struct TwoSteps {
    steps: usize,
}

impl Mechanism for TwoSteps {
    fn name(&self) -> &'static str {
        "X-TWO"
    }

    fn exposes_secret(&self) -> bool {
        false
    }

    fn initial(&mut self) -> Result<Option<Secret>, MechanismError> {
        Ok(Some(Secret::from("hello")))
    }

    fn step(&mut self, _challenge: &[u8]) -> Result<Secret, MechanismError> {
        self.steps += 1;
        match self.steps {
            1 | 2 => Ok(Secret::from("step")),
            _ => Err(MechanismError::UnexpectedChallenge),
        }
    }

    fn is_complete(&self) -> bool {
        self.steps >= 2
    }
}

const TWO: &str = "
    S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=X-TWO] ready
    C: {a} AUTHENTICATE X-TWO aGVsbG8=
";

#[test]
fn attack_039_an_ok_before_the_exchange_is_complete_is_no_login() {
    for early in ["", "S: + aGk=\nC: c3RlcA==\n"] {
        let (server, client) = connected(&format!("{TWO}{early}S: {{a}} OK welcome\n"));
        let (error, client) = refused(client.authenticate(TwoSteps { steps: 0 }));
        assert_eq!(problem(&error), &MechanismError::Incomplete);
        // What is authenticated to who knows whom is not used.
        let (error, _client) = refused(client.login("ann", "secret"));
        assert!(error.is_closed(), "{error:?}");
        server.finish();
    }
}

#[test]
fn attack_040_a_challenge_after_the_last_step_is_answered_by_a_star() {
    let (server, client) = connected(&format!(
        "{TWO}
        S: + aGk=
        C: c3RlcA==
        S: + aGk=
        C: c3RlcA==
        S: + bW9yZQ==
        C: *
        S: {{a}} BAD cancelled
        C: {{b}} LOGIN \"ann\" \"secret\"
        S: {{b}} OK [CAPABILITY IMAP4rev1] in
        "
    ));
    let (error, client) = refused(client.authenticate(TwoSteps { steps: 0 }));
    let expected = Error::Login(LoginAborted::Mechanism(MechanismError::UnexpectedChallenge));
    assert_eq!(format!("{error:?}"), format!("{expected:?}"));
    drop(log_in_client(client));
    server.finish();
}

#[test]
fn attack_040_plain_tells_the_password_once() {
    let (server, client) = connected(&format!(
        "{PLAIN}
        C: {{a}} AUTHENTICATE PLAIN AGFubgBzZWNyZXQ=
        S: + aGVsbG8=
        C: *
        S: {{a}} NO cancelled
        "
    ));
    let (error, _client) = refused(client.authenticate(Plain::new("ann", "secret")));
    assert!(error.is_auth(), "{error:?}");
    server.finish();
}

#[test]
fn attack_040_an_ok_to_a_star_is_no_login() {
    let (server, client) = connected(&format!(
        "{TWO}
        S: + !!! this is not base64 !!!
        C: *
        S: {{a}} OK welcome
        "
    ));
    let (error, client) = refused(client.authenticate(TwoSteps { steps: 0 }));
    assert!(matches!(problem(&error), MechanismError::Rejected(_)));
    assert!(refused(client.login("ann", "secret")).0.is_closed());
    server.finish();
}

/// Goes on as long as the server does.
struct Endless;

impl Mechanism for Endless {
    fn name(&self) -> &'static str {
        "X-ENDLESS"
    }

    fn exposes_secret(&self) -> bool {
        false
    }

    fn initial(&mut self) -> Result<Option<Secret>, MechanismError> {
        Ok(Some(Secret::from("0")))
    }

    fn step(&mut self, _challenge: &[u8]) -> Result<Secret, MechanismError> {
        Ok(Secret::from("0"))
    }
}

const ENDLESS: &str = "
    S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=X-ENDLESS] ready
    C: {a} AUTHENTICATE X-ENDLESS MA==
";

#[test]
fn attack_041_endless_challenges_are_given_up() {
    let rounds = "S: + aGk=\nC: MA==\n".repeat(16);
    let (server, client) = connected(&format!("{ENDLESS}{rounds}C: *\nS: {{a}} NO cancelled\n"));
    let (error, _client) = refused(client.authenticate(Endless));
    let Error::Login(LoginAborted::Limit(exceeded)) = &error else {
        panic!("{error:?}");
    };
    assert_eq!((exceeded.limit(), exceeded.allowed()), (Limit::Rounds, 16));
    server.finish();
}

#[test]
fn attack_041_a_challenge_without_end_meets_a_limit() {
    let server = script(&format!("{ENDLESS}S-raw: + \nS-fill: 10000 QUJD\nstall\n"));
    let client = plain(&server)
        .line_limit(20_000)
        .connect_in_pieces()
        .unwrap();
    let (error, client) = refused(client.authenticate(Endless));
    assert!(
        matches!(closed(&error).reason(), CloseReason::Limit { .. }),
        "{error:?}"
    );
    assert!(refused(client.login("ann", "secret")).0.is_closed());
    server.finish();
}

#[test]
fn attack_043_odd_names_and_passwords_are_encoded() {
    for (user, sent) in [
        ("", r#"C: {a} LOGIN "" "secret""#),
        (r#"a"b\c"#, r#"C: {a} LOGIN "a\"b\\c" "secret""#),
        ("a{5}", r#"C: {a} LOGIN "a{5}" "secret""#),
        ("a b)%*", r#"C: {a} LOGIN "a b)%*" "secret""#),
        (
            "a\r\nA9 DELETE x",
            "C: {a} LOGIN {14}\nS: + go on\nC-raw: a\\r\\nA9 DELETE x \"secret\"\\r\\n",
        ),
        (
            "jürgen",
            "C: {a} LOGIN {7}\nS: + go on\nC-raw: j\\xc3\\xbcrgen \"secret\"\\r\\n",
        ),
    ] {
        let answer = "S: {a} OK [CAPABILITY IMAP4rev1] in";
        let (server, client) = connected(&format!("{PLAIN}{sent}\n{answer}\n"));
        log_in_as(client, user, "secret");
        server.finish();
    }
}

#[test]
fn attack_043_a_nul_is_refused_before_anything_is_sent() {
    let (server, client) = connected(PLAIN);
    let (error, client) = refused(client.login("an\0n", "secret"));
    assert!(matches!(error, Error::Argument(_)), "{error:?}");
    let (error, client) = refused(client.login("ann", "sec\0ret"));
    assert!(matches!(error, Error::Argument(_)), "{error:?}");
    let not_text = Secret::new(vec![0xff, 0xfe]);
    let (error, client) = refused(client.login("ann", not_text));
    assert!(matches!(error, Error::Argument(_)), "{error:?}");
    drop(client);
    assert_eq!(server.finish(), "");
}

#[test]
fn attack_043_plain_has_no_form_for_a_nul() {
    let (server, client) = connected(PLAIN);
    let (error, client) = refused(client.authenticate(Plain::new("an\0n", "secret")));
    assert!(matches!(error, Error::Login(_)), "{error:?}");
    let (error, client) = refused(client.authenticate(Plain::new("ann", "sec\0ret")));
    assert!(matches!(error, Error::Login(_)), "{error:?}");
    drop(client);
    assert_eq!(server.finish(), "");
}

#[test]
fn attack_044_a_secret_that_the_server_echoes_is_not_shown() {
    for status in ["NO", "BAD"] {
        let (server, client) = connected(&format!(
            "{PLAIN}
            C: {{a}} LOGIN \"ann\" \"pa\\\"ss-w0rd\"
            S: {{a}} {status} LOGIN ann \"pa\\\"ss-w0rd\" and pa\"ss-w0rd is wrong
            C: {{b}} AUTHENTICATE PLAIN AGFubgBwYSJzcy13MHJk
            S: {{b}} {status} AGFubgBwYSJzcy13MHJk is pa\"ss-w0rd, is wrong
            "
        ));
        let (first, client) = refused(client.login("ann", "pa\"ss-w0rd"));
        let (second, client) = refused(client.authenticate(Plain::new("ann", "pa\"ss-w0rd")));
        for error in [first, second] {
            assert!(error.is_auth());
            for shown in [
                error.to_string(),
                format!("{error:?}"),
                format!("{error:#?}"),
            ] {
                assert!(!shown.contains("w0rd"), "{shown}");
                assert!(!shown.contains("AGFubgBw"), "{shown}");
            }
        }
        assert!(!format!("{client:?}").contains("w0rd"));
        server.finish();
    }
}

#[test]
fn attack_044_a_secret_in_the_servers_goodbye_is_not_shown() {
    let (server, client) = connected(&format!(
        "{PLAIN}
        C: {{a}} LOGIN \"ann\" \"pass-w0rd\"
        S: * BYE I will not let pass-w0rd in
        "
    ));
    let (error, _client) = refused(client.login("ann", "pass-w0rd"));
    assert!(error.is_closed());
    assert!(!format!("{error} {error:?}").contains("w0rd"), "{error:?}");
    server.finish();
}
