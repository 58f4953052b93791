//! Every mechanism for a password that a server offers, by the choice that names it alone.

use latchbox::sasl::{LoginChoice, LoginMethod};
use latchbox::{ClientBuilder, Error};

use super::place::{Place, User};

/// Those without a channel binding, whatever their names after `AUTH=`.
const METHODS: &[(&str, LoginMethod)] = &[
    ("PLAIN", LoginMethod::Plain),
    ("LOGIN", LoginMethod::Login),
    ("CRAM-MD5", LoginMethod::CramMd5),
    ("SCRAM-SHA-1", LoginMethod::ScramSha1),
    ("SCRAM-SHA-256", LoginMethod::ScramSha256),
    ("SCRAM-SHA-512", LoginMethod::ScramSha512),
];

/// Those with one, which is never used here: the servers take another than ours.
const BOUND: [LoginMethod; 3] = [
    LoginMethod::ScramSha1Plus,
    LoginMethod::ScramSha256Plus,
    LoginMethod::ScramSha512Plus,
];

fn choice(user: &User, password: &str) -> LoginChoice {
    let choice = LoginChoice::password(&user.name, password);
    choice.exclude(BOUND)
}

/// Each that is offered lets the right password in and no other; which they were.
fn try_all(user: &User, builder: impl Fn() -> ClientBuilder) -> Vec<&'static str> {
    let mut client = builder().connect().unwrap();
    let offered = client.capabilities().unwrap();
    drop(client);
    let here = METHODS
        .iter()
        .filter(|(name, _)| offered.offers_mechanism(name));
    here.map(|(name, method)| {
        let client = builder().connect().unwrap();
        let wrong = choice(user, "wrong").only([*method]);
        let refused = client.authenticate_with(&wrong).map(drop);
        let (error, client) = refused.unwrap_err().into_parts();
        assert!(
            matches!(error, Error::Refused(_)) && error.is_auth(),
            "{name}: {error:?}"
        );
        let right = choice(user, &user.password).only([*method]);
        let session = client.authenticate_with(&right);
        let session = session.map_err(latchbox::Error::from);
        let session = session.unwrap_or_else(|error| panic!("{name}: {error}"));
        session.list("*").unwrap();
        *name
    })
    .collect()
}

#[track_caller]
fn has(tried: &[&str], expected: &[&str]) {
    let expected: Vec<_> = METHODS
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| expected.contains(name))
        .collect();
    assert_eq!(tried, expected);
}

#[test]
fn cyrus_by_every_mechanism() {
    let place = Place::cyrus();
    let user = place.user();
    let tried = try_all(&user, || user.implicit_tls());
    has(
        &tried,
        &[
            "PLAIN",
            "LOGIN",
            "CRAM-MD5",
            "SCRAM-SHA-1",
            "SCRAM-SHA-256",
            "SCRAM-SHA-512",
        ],
    );
    cyrus_refuses_our_binding(&user);
}

/// It offers `-PLUS` and wants `tls-unique`: a refusal, and no login without `-PLUS` by itself.
fn cyrus_refuses_our_binding(user: &User) {
    let client = user.implicit_tls().connect().unwrap();
    let strongest = LoginChoice::password(&user.name, user.password.as_str());
    let refused = client.authenticate_with(&strongest).map(drop);
    let (error, client) = refused.unwrap_err().into_parts();
    assert!(
        matches!(error, Error::Refused(_)) && error.is_auth(),
        "{error:?}"
    );
    let unbound = choice(user, &user.password);
    let session = client.authenticate_with(&unbound);
    drop(session.unwrap());
}

#[test]
fn courier_by_every_mechanism() {
    let place = Place::courier();
    let user = place.user();
    let tried = try_all(&user, || user.implicit_tls());
    has(&tried, &["PLAIN", "LOGIN", "CRAM-MD5"]);
}

#[test]
fn imap4d_by_every_mechanism() {
    let place = Place::imap4d();
    let user = place.user();
    let tried = try_all(&user, || user.implicit_tls());
    assert!(tried.contains(&"PLAIN"), "{tried:?}");
}
