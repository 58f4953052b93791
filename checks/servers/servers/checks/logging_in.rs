//! LOGIN, and every mechanism.

use latchbox::Result;
use latchbox::sasl::{
    Anonymous, External, Login, LoginChoice, Mechanism, OAuthBearer, Plain, XOAuth2,
};
use latchbox::sasl::{CramMd5, Scram};

use super::{Check, check};
use crate::servers::place::User;

pub(super) const CHECKS: &[Check] = &[
    check("LOGIN", &[], login),
    check("the strongest mechanism offered", &[], strongest),
    check("SASL PLAIN", &["AUTH=PLAIN"], |user| {
        by(user, Plain::new(&user.name, user.password.as_str()))
    }),
    check("SASL LOGIN", &["AUTH=LOGIN"], |user| {
        by(user, Login::new(&user.name, user.password.as_str()))
    }),
    check("CRAM-MD5", &["AUTH=CRAM-MD5"], |user| {
        by(user, CramMd5::new(&user.name, user.password.as_str()))
    }),
    check("SCRAM-SHA-1", &["AUTH=SCRAM-SHA-1"], |user| {
        scram(user, Scram::sha_1(&user.name, user.password.as_str()))
    }),
    check("SCRAM-SHA-256", &["AUTH=SCRAM-SHA-256"], |user| {
        scram(user, Scram::sha_256(&user.name, user.password.as_str()))
    }),
    check("SCRAM-SHA-512", &["AUTH=SCRAM-SHA-512"], |user| {
        scram(user, Scram::sha_512(&user.name, user.password.as_str()))
    }),
    check("SCRAM-SHA-256-PLUS", &["AUTH=SCRAM-SHA-256-PLUS"], |user| {
        let scram = Scram::sha_256(&user.name, user.password.as_str());
        by(user, scram.require_channel_binding())
    }),
    check("XOAUTH2", &["AUTH=XOAUTH2"], |user| {
        by(user, XOAuth2::new(&user.name, user.token.as_str()))
    }),
    check("OAUTHBEARER", &["AUTH=OAUTHBEARER"], |user| {
        by(user, OAuthBearer::new(&user.name, user.token.as_str()))
    }),
    check("EXTERNAL", &["AUTH=EXTERNAL"], external),
    check("ANONYMOUS", &["AUTH=ANONYMOUS"], anonymous),
];

fn login(user: &User) -> Result<()> {
    let client = user.secure().connect()?;
    let (error, client) = client.login(&user.name, "wrong").unwrap_err().into_parts();
    assert!(error.is_auth(), "{error}");
    user.log_in(client)?.noop()
}

/// But for channel bindings: servers that offer them differ in which.
fn strongest(user: &User) -> Result<()> {
    let choice = LoginChoice::password(&user.name, user.password.as_str());
    let choice = choice.exclude([
        latchbox::sasl::LoginMethod::ScramSha1Plus,
        latchbox::sasl::LoginMethod::ScramSha256Plus,
        latchbox::sasl::LoginMethod::ScramSha512Plus,
    ]);
    let session = user.secure().connect()?.authenticate_with(&choice);
    session?.noop()
}

fn by(user: &User, mechanism: impl Mechanism) -> Result<()> {
    user.authenticate(mechanism)?.noop()
}
fn scram(user: &User, scram: Scram) -> Result<()> {
    by(user, scram.without_channel_binding())
}

fn external(user: &User) -> Result<()> {
    let client = user.with_certificate().connect()?;
    let session = client.authenticate(External::new());
    session?.noop()
}

fn anonymous(user: &User) -> Result<()> {
    by(user, Anonymous::new())
}
