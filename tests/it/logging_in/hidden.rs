//! Only secrets are hidden of what a server says to a login, and what it means is read before.

use std::time::Duration;

use latchbox::error::LoginHint;
use latchbox::sasl::{Login, Plain};
use latchbox::types::ResponseCode;
use latchbox::{Account, Credentials, Error};

use super::{connected, refused};
use crate::scripted::plain;
use crate::support::script::script;

const GREETING: &str = "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=LOGIN] ready\n";

#[test]
fn fault_13_a_referral_with_the_users_name_is_kept() {
    let url = "imap://alice@elsewhere.example.com/";
    let (server, client) = connected(&format!(
        "{GREETING}
        C: {{a}} AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
        S: {{a}} NO [REFERRAL {url}] alice is at elsewhere.example.com
        C: {{b}} AUTHENTICATE LOGIN
        S: + VXNlcm5hbWU6
        C: YWxpY2U=
        S: + UGFzc3dvcmQ6
        C: c2VjcmV0
        S: {{b}} NO [REFERRAL {url}] alice is at elsewhere.example.com
        C: {{c}} LOGIN \"alice\" \"secret\"
        S: {{c}} NO [REFERRAL {url}] alice is at elsewhere.example.com
        "
    ));
    let (first, client) = refused(client.authenticate(Plain::new("alice", "secret")));
    let (second, client) = refused(client.authenticate(Login::new("alice", "secret")));
    let (third, _client) = refused(client.login("alice", "secret"));
    for error in [first, second, third] {
        let code = error.response_code();
        assert_eq!(code, Some(&ResponseCode::Referral(vec![url.to_owned()])));
        assert!(
            error
                .to_string()
                .ends_with("alice is at elsewhere.example.com"),
            "{error}"
        );
    }
    server.finish();
}

#[test]
fn fault_13_the_words_of_a_provider_are_read_before_secrets_are_hidden() {
    for (password, said, shown, hint) in [
        (
            "password",
            "Application-specific password required",
            "Application-specific *** required",
            LoginHint::UseAppPassword,
        ),
        (
            "connected",
            "User is authenticated but not connected.",
            "User is authenticated but not ***.",
            LoginHint::AskAdministrator,
        ),
        (
            "alice@example.com",
            "[AUTHENTICATIONFAILED] wrong password for alice@example.com",
            "[AUTHENTICATIONFAILED] wrong password for ***",
            LoginHint::CheckPassword,
        ),
        // The code has the password in it, and says all the same what to do.
        (
            "4711-0815",
            "[WEBALERT https://example.com/?p=4711-0815] log in there",
            "log in there",
            LoginHint::LogInByBrowser,
        ),
    ] {
        let (server, client) = connected(&format!(
            "{GREETING}C: {{a}} LOGIN \"alice\" \"{password}\"\nS: {{a}} NO {said}\n"
        ));
        let (error, _client) = refused(client.login("alice", password));
        assert!(
            error.to_string().ends_with(&format!("NO {shown}")),
            "{error}"
        );
        assert_eq!(error.login_hint(), Some(hint), "{error}");
        let is_not_connected = error.is_authenticated_but_not_connected();
        assert_eq!(is_not_connected, hint == LoginHint::AskAdministrator);
        server.finish();
    }
}

#[test]
fn fault_13_a_server_that_throttles_is_understood_whatever_the_password_is() {
    let (server, client) = connected(&format!(
        "{GREETING}
        C: {{a}} LOGIN \"alice\" \"throttled\"
        S: {{a}} NO Request is throttled. Suggested Backoff Time: 92 milliseconds
        "
    ));
    let (error, _client) = refused(client.login("alice", "throttled"));
    let Error::Throttled(throttled) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(throttled.wait(), Some(Duration::from_millis(92)));
    assert!(throttled.refused().text().starts_with("Request is ***."));
    server.finish();
}

/// What a server puts into other responses before the login is in no event and in no capability.
#[test]
fn fault_13_data_before_a_login_holds_no_secret() {
    let (server, client) = connected(
        "
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: {a} LOGIN \"ann\" \"hunter2pass\"
        S: * METADATA \"hunter2pass\" \"/shared/hunter2pass\"
        S: * LIST () \"/\" hunter2pass
        S: * STATUS hunter2pass (MESSAGES 1)
        S: * ID (\"name\" \"hunter2pass\"
        S: * CAPABILITY IMAP4rev1 XLIST hunter2pass AUTH=PLAIN AUTH=hunter2pass RIGHTS=hunter2pass
        S: {a} NO no
        C: {c} LOGIN \"ann\" \"children\"
        S: * CAPABILITY IMAP4rev1 CHILDREN X-CHILDREN
        S: {c} NO no
        ",
    );
    let (error, mut client) = refused(client.login("ann", "hunter2pass"));
    let events = client.events();
    assert!(events.is_empty(), "{events:?}");
    let capabilities = client.capabilities().unwrap();
    assert_eq!(capabilities.to_string(), "IMAP4rev1 XLIST AUTH=PLAIN");
    let shown = format!("{error:?} {client:?} {capabilities:?}").to_ascii_lowercase();
    assert!(!shown.contains("hunter2pass"), "{shown}");
    // A capability that the crate knows is a word of its own.
    let (_, mut client) = refused(client.login("ann", "children"));
    let capabilities = client.capabilities().unwrap();
    assert_eq!(capabilities.to_string(), "IMAP4rev1 CHILDREN");
    server.finish();
}

/// The greeting of the next connection is cleaned of what an account logs in with.
#[test]
fn fault_13_a_greeting_holds_no_secret_of_an_earlier_login() {
    for (greeting, shown) in [
        (
            "* BYE ann wrong password hunter2pass too often",
            "ann wrong password *** too often",
        ),
        ("* NO [X-ECHO hunter2pass] no", "refused: no"),
        ("550 hunter2pass is wrong", "550 *** is wrong"),
        ("hunter2pass", "***"),
    ] {
        let server = script(&format!(
            "
            S: * OK [CAPABILITY IMAP4rev1] ready
            C: {{a}} LOGIN \"ann\" \"hunter2pass\"
            S: {{a}} NO [UNAVAILABLE] later
            accept
            S: {greeting}
            "
        ));
        let account = Account::new(plain(&server), |_| {
            Ok(Credentials::login("ann", "hunter2pass"))
        });
        account.open().unwrap_err();
        let error = account.open().unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(matches!(error, Error::Connect(_)), "{text}");
        assert!(
            !text.contains("hunter2pass") && text.contains(shown),
            "{text}"
        );
        server.finish();
    }
}

#[test]
fn fault_13_a_greeting_is_shown_without_the_secret_of_the_login_that_follows() {
    let server = script(
        "
        S: * OK [ALERT] ann has hunter2pass
        C: {c} CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: {c} OK done
        C: {a} LOGIN \"ann\" \"hunter2pass\"
        S: {a} OK [CAPABILITY IMAP4rev1] in
        ",
    );
    let account = Account::new(plain(&server), |_| {
        Ok(Credentials::login("ann", "hunter2pass"))
    });
    let session = account.open().unwrap();
    let shown = format!("{:?} {:?}", session.events(), session.greeting());
    assert!(!shown.contains("hunter2pass"), "{shown}");
    assert_eq!(shown.matches("ann has ***").count(), 2, "{shown}");
    server.finish();
}

#[test]
fn fault_12_what_a_server_says_turns_no_terminal_around() {
    let evil = "a\u{202e}b\u{200b}c\u{2028}d\u{85}e\u{2066}f\u{e0041}g";
    let (server, client) = connected(&format!(
        "
        S: * OK [ALERT] {evil}
        C: {{c}} CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: {{c}} OK done
        C: {{a}} LOGIN \"ann\" \"secret\"
        S: {{a}} NO [X-{evil} {evil}] {evil}
        C: {{b}} LOGIN \"ann\" \"secret\"
        S: * BYE {evil}
        close
        "
    ));
    let (first, mut client) = refused(client.login("ann", "secret"));
    let alerts = client.events();
    assert_eq!(alerts.len(), 1);
    let (second, _client) = refused(client.login("ann", "secret"));
    for shown in [first.to_string(), second.to_string(), alerts[0].to_string()] {
        assert!(shown.is_ascii(), "{shown:?}");
        assert!(
            shown.contains(r"a\u{202e}b\u{200b}c\u{2028}d\u{85}e"),
            "{shown}"
        );
        assert!(!shown.contains(char::is_control), "{shown:?}");
    }
    // The text itself is as it came.
    let Error::Refused(refused) = first else {
        panic!("{first:?}");
    };
    assert_eq!(refused.text(), evil);
    server.finish();
}
