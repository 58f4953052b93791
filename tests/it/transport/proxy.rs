//! Proxies: what they are asked, and what hostile ones answer.

use std::time::Duration;

use latchbox::error::{ConnectErrorKind, Stage};
use latchbox::transport::{Proxy, ProxyError};
use latchbox::{Client, ClientBuilder, Error};

use crate::scripted::{SHORT, problem};
use crate::sessions::TrustTheKit;
use crate::support::closed_port::ClosedPort;
use crate::support::script::{Script, script};

fn through(proxy: Proxy) -> ClientBuilder {
    Client::builder("imap.example.com")
        .proxy(proxy)
        .danger_plaintext()
        .danger_cleartext_login()
}

fn socks(server: &Script) -> Proxy {
    Proxy::socks5("127.0.0.1", server.port())
}

fn http(server: &Script) -> Proxy {
    Proxy::http("127.0.0.1", server.port())
}

#[track_caller]
fn refusal(error: &Error) -> &ProxyError {
    match problem(error) {
        ConnectErrorKind::Proxy(error) => error,
        other => panic!("{other:?}"),
    }
}

/// Asks for `imap.example.com` and port 143.
const ASKED: &str = "C-raw: \\x05\\x01\\0\\x03\\x10imap.example.com\\0\\x8f";

/// Grants it from an address of 0.0.0.0.
const GRANTED: &str = "\\x05\\0\\0\\x01\\0\\0\\0\\0\\0\\0";

#[test]
fn socks_is_given_the_name_and_looks_it_up() {
    let server = script(&format!(
        "
        C-raw: \\x05\\x01\\0
        S-raw: \\x05\\0
        {ASKED}
        S-raw: {GRANTED}
        S: * OK [CAPABILITY IMAP4rev1] ready
        "
    ));
    through(socks(&server)).connect().unwrap();
    server.finish();
}

#[test]
fn socks_is_given_addresses_as_such() {
    for (host, asked) in [
        ("192.0.2.7", "\\x01\\xc0\\0\\x02\\x07"),
        (
            "[2001:db8::1]",
            "\\x04\\x20\\x01\\x0d\\xb8\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\x01",
        ),
    ] {
        let server = script(&format!(
            "
            C-raw: \\x05\\x01\\0
            S-raw: \\x05\\0
            C-raw: \\x05\\x01\\0{asked}\\x03\\xe9
            S-raw: {GRANTED}
            S: * OK ready
            "
        ));
        let builder = Client::builder(host).port(1001).proxy(socks(&server));
        builder.danger_plaintext().connect().unwrap();
        server.finish();
    }
}

#[test]
fn socks_takes_a_user_and_a_password() {
    for (chosen, login) in [
        ("\\x02", "C-raw: \\x01\\x04jane\\x06secret\nS-raw: \\x01\\0"),
        ("\\0", ""),
    ] {
        let server = script(&format!(
            "
            C-raw: \\x05\\x02\\0\\x02
            S-raw: \\x05{chosen}
            {login}
            {ASKED}
            S-raw: {GRANTED}
            S: * OK ready
            "
        ));
        let proxy = socks(&server).credentials("jane", "secret");
        assert!(!format!("{proxy:?}").contains("secret"));
        through(proxy).connect().unwrap();
        server.finish();
    }
}

#[test]
fn attack_031_what_comes_behind_the_reply_is_the_servers() {
    for address in ["\\x01\\0\\0\\0\\0", "\\x03\\x05proxy", "\\x03\\0"] {
        let server = script(&format!(
            "
            C-raw: \\x05\\x01\\0
            S-raw: \\x05\\0
            {ASKED}
            S-raw: \\x05\\0\\0{address}\\0\\0* OK ready\\r\\n
            "
        ));
        through(socks(&server)).connect().unwrap();
    }
    let server = script(
        "
        C: CONNECT imap.example.com:143 HTTP/1.1
        C: Host: imap.example.com:143
        C:
        S-raw: HTTP/1.1 200 OK\\r\\nVia: here\\r\\n\\r\\n* OK ready\\r\\n
        ",
    );
    through(http(&server)).connect().unwrap();
}

#[test]
fn replies_in_single_octets_are_the_same() {
    let server = script(&format!(
        "
        C-raw: \\x05\\x01\\0
        bytes
        S-raw: \\x05\\0
        {ASKED}
        S-raw: {GRANTED}
        S: * OK ready
        "
    ));
    through(socks(&server)).connect().unwrap();
}

#[test]
fn what_socks_refuses_is_told() {
    let refused = |reply: &str| {
        let server = script(&format!("C-raw: \\x05\\x01\\0\nS-raw: {reply}\nstall"));
        through(socks(&server)).connect().unwrap_err()
    };
    let after = |reply: &str| {
        let server = script(&format!(
            "C-raw: \\x05\\x01\\0\nS-raw: \\x05\\0\n{ASKED}\nS-raw: {reply}\nstall"
        ));
        through(socks(&server)).connect().unwrap_err()
    };
    assert!(matches!(
        refusal(&refused("\\x05\\xff")),
        ProxyError::Credentials
    ));
    for wrong in ["\\x04\\x5a", "HT", "\\x05\\x01", "\\x05\\x02", "* OK"] {
        let error = refused(wrong);
        assert!(
            matches!(refusal(&error), ProxyError::Protocol(_)),
            "{wrong}: {error:?}"
        );
    }
    let error = after("\\x05\\x05\\0\\x01");
    assert!(matches!(
        refusal(&error),
        ProxyError::Refused { code: 5, .. }
    ));
    assert!(error.to_string().contains("connection refused"), "{error}");
    let error = after("\\x05\\xee\\0\\x01");
    assert!(matches!(
        refusal(&error),
        ProxyError::Refused { code: 0xee, .. }
    ));
    for wrong in ["\\x04\\0\\0\\x01", "\\x05\\0\\0\\x02"] {
        assert!(matches!(refusal(&after(wrong)), ProxyError::Protocol(_)));
    }
}

#[test]
fn wrong_credentials_are_told() {
    let server = script(
        "
        C-raw: \\x05\\x02\\0\\x02
        S-raw: \\x05\\x02
        C-raw: \\x01\\x04jane\\x05wrong
        S-raw: \\x01\\x01
        stall
        ",
    );
    let proxy = socks(&server).credentials("jane", "wrong");
    let error = through(proxy).connect().unwrap_err();
    assert!(matches!(refusal(&error), ProxyError::Credentials));
    assert!(!format!("{error:?} {error}").contains("wrong\""));
    let server = script(
        "
        C: CONNECT imap.example.com:143 HTTP/1.1
        C: Host: imap.example.com:143
        C: Proxy-Authorization: Basic amFuZTp3cm9uZw==
        C:
        S: HTTP/1.1 407 Proxy Authentication Required
        S: Proxy-Authenticate: Basic realm=\"here\"
        S:
        stall
        ",
    );
    let proxy = http(&server).credentials("jane", "wrong");
    let error = through(proxy).connect().unwrap_err();
    assert!(matches!(refusal(&error), ProxyError::Credentials));
}

/// Asks an HTTP proxy that answers this.
fn answered(answer: &str) -> Error {
    let server = script(&format!(
        "
        C: CONNECT imap.example.com:143 HTTP/1.1
        C: Host: imap.example.com:143
        C:
        {answer}
        stall
        "
    ));
    let builder = through(http(&server)).connect_timeout(Duration::from_secs(20));
    builder.connect().unwrap_err()
}

#[test]
fn what_an_http_proxy_refuses_is_told() {
    let error = answered("S-raw: HTTP/1.1 403 Not \\x1b[2J here\\r\\n\\r\\nA page");
    assert!(matches!(
        refusal(&error),
        ProxyError::Refused { code: 403, .. }
    ));
    let told = error.to_string();
    assert!(told.contains("403 Not") && !told.contains('\x1b'), "{told}");
    for wrong in [
        "S: SSH-2.0-OpenSSH_9.2",
        "S-raw: \\x05\\0",
        "S-raw: HTTP/1.1\\r\\n\\r\\n",
        "S-raw: HTTP/1.1 20 OK\\r\\n\\r\\n",
        "S-raw: HTTP/1.1 2000 OK\\r\\n\\r\\n",
        "S-raw: HTTP/1.1 +20 OK\\r\\n\\r\\n",
    ] {
        let error = answered(wrong);
        assert!(
            matches!(refusal(&error), ProxyError::Protocol(_)),
            "{wrong}: {error:?}"
        );
    }
    for endless in [
        "S-raw: HTTP/1.1 200 OK\\r\\n\nS-fill: 1000 X-Much: and more of it\\r\\n",
        "S-fill: 1000 HTTP/1.1 100 Continue\\r\\n\\r\\n",
    ] {
        let error = answered(endless);
        assert!(
            matches!(refusal(&error), ProxyError::Limit(_)),
            "{endless}: {error:?}"
        );
    }
}

#[test]
fn interim_answers_are_passed_over() {
    let server = script(
        "
        C: CONNECT imap.example.com:143 HTTP/1.1
        C: Host: imap.example.com:143
        C:
        S: HTTP/1.1 100 Continue
        S:
        S: HTTP/1.0 200
        S:
        S: * OK ready
        ",
    );
    through(http(&server)).connect().unwrap();
}

#[test]
fn what_cannot_be_told_to_a_proxy_is_an_error_before_anything_is_sent() {
    let long = "x".repeat(256);
    for (host, user, password) in [
        (long.as_str(), "jane", "secret"),
        ("", "jane", "secret"),
        ("host", long.as_str(), "secret"),
        ("host", "", "secret"),
        ("host", "jane", long.as_str()),
    ] {
        let server = script("C-close");
        let proxy = socks(&server).credentials(user, password);
        let error = Client::builder(host).proxy(proxy).connect().unwrap_err();
        assert!(
            matches!(refusal(&error), ProxyError::Settings(_)),
            "{error:?}"
        );
        server.finish();
    }
    for (host, user) in [
        ("host\r\nX-Injected: yes", "jane"),
        ("host name", "jane"),
        ("", "jane"),
        ("host", "ja:ne"),
    ] {
        let server = script("C-close");
        let proxy = http(&server).credentials(user, "secret");
        let error = Client::builder(host).proxy(proxy).connect().unwrap_err();
        assert!(
            matches!(refusal(&error), ProxyError::Settings(_)),
            "{error:?}"
        );
        server.finish();
    }
}

#[test]
fn a_proxy_that_is_silent_closes_or_is_not_there() {
    for kind in [socks, http] {
        let server = script("stall");
        let silent = through(kind(&server)).connect_timeout(SHORT);
        let error = silent.connect().unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
        assert!(matches!(
            problem(&error),
            ConnectErrorKind::Timeout(Stage::Connect)
        ));
    }
    let server = script("C-raw: \\x05\\x01\\0\nS-raw: \\x05\ncut");
    let error = through(socks(&server)).connect().unwrap_err();
    assert!(matches!(refusal(&error), ProxyError::Io(_)), "{error:?}");
    let nobody = ClosedPort::new();
    let proxy = Proxy::socks5("127.0.0.1", nobody.address().port());
    let error = through(proxy).connect().unwrap_err();
    assert!(
        matches!(refusal(&error), ProxyError::Unreachable(_)),
        "{error:?}"
    );
    assert!(error.to_string().contains("the proxy cannot be reached"));
}

#[test]
fn attack_026_tls_through_a_proxy_is_with_the_server() {
    for (name, trusted) in [("localhost", true), ("imap.example.com", false)] {
        let server = script(&format!(
            "
            C: CONNECT {name}:993 HTTP/1.1
            C: Host: {name}:993
            C:
            S: HTTP/1.1 200 OK
            S:
            {}
            ",
            if trusted {
                "tls\nS: * OK ready"
            } else {
                "tls-refused: server"
            }
        ));
        let connected = Client::builder(name)
            .proxy(http(&server))
            .trust_the_kit()
            .only_given_roots()
            .connect();
        match trusted {
            true => assert!(connected.unwrap().is_encrypted()),
            false => {
                let error = connected.unwrap_err();
                assert!(
                    matches!(problem(&error), ConnectErrorKind::Tls(_)),
                    "{error:?}"
                );
            }
        }
        server.finish();
    }
}
