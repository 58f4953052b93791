//! How the examples take `LATCHBOX_URL` apart.

// The environment is the example's.
#[allow(dead_code)]
#[path = "../../common/account.rs"]
mod account;

use account::Account;

#[track_caller]
fn read(url: &str) -> (bool, String, String, Option<u16>) {
    let account = Account::parse(url).unwrap();
    (account.start_tls, account.user, account.host, account.port)
}

fn account(user: &str, host: &str, port: Option<u16>) -> (bool, String, String, Option<u16>) {
    (false, user.to_owned(), host.to_owned(), port)
}

#[test]
fn urls_name_user_host_and_port() {
    assert_eq!(read("imaps://jane@host"), account("jane", "host", None));
    assert_eq!(
        read("IMAPS://jane@host:9993/"),
        account("jane", "host", Some(9993))
    );
    assert!(read("imap://jane@host").0, "imap:// is STARTTLS");
    assert_eq!(
        read("imaps://jane%40example.com@imap.example.com"),
        account("jane@example.com", "imap.example.com", None)
    );
    assert_eq!(read("imaps://jane@example.com@host").1, "jane@example.com");
    assert_eq!(read("imaps://M%C3%BCller%2f%25@host").1, "Müller/%");
    assert_eq!(read("imaps://jane@[::1]"), account("jane", "::1", None));
    assert_eq!(
        read("imaps://jane@[::1]:993"),
        account("jane", "::1", Some(993))
    );
}

#[test]
fn what_is_wrong_with_a_url_is_said_without_repeating_it() {
    for (url, problem) in [
        ("", "there is no `://` in it"),
        ("jane@host", "there is no `://` in it"),
        (
            "https://jane@host",
            "it does not begin with imaps:// or imap://",
        ),
        ("imaps://host", "there is no user in it"),
        ("imaps://@host", "the user is empty"),
        ("imaps://jane@", "the host is empty"),
        ("imaps://jane@:993", "the host is empty"),
        (
            "imaps://jane:geheim@host",
            "a password does not belong there: set LATCHBOX_PASSWORD",
        ),
        (
            "imaps://jane;AUTH=PLAIN@host",
            "the mechanism cannot be chosen there; write a `;` as %3B",
        ),
        (
            "imaps://jane@host:",
            "the port is not a number from 1 to 65535",
        ),
        (
            "imaps://jane@host:0",
            "the port is not a number from 1 to 65535",
        ),
        (
            "imaps://jane@host:65536",
            "the port is not a number from 1 to 65535",
        ),
        ("imaps://jane@::1", "an IPv6 address stands in brackets"),
        ("imaps://jane@[::1", "a `]` is missing"),
        ("imaps://jane@[::1]993", "a `:` is missing behind `]`"),
        (
            "imaps://jane@host/INBOX",
            "nothing can stand behind the host and port",
        ),
        (
            "imaps://jane%4@host",
            "a `%` is not followed by two hexadecimal digits",
        ),
        (
            "imaps://jane%4g@host",
            "a `%` is not followed by two hexadecimal digits",
        ),
        ("imaps://%FF@host", "the user is not UTF-8"),
    ] {
        assert_eq!(Account::parse(url), Err(problem.to_owned()), "{url}");
    }
}
