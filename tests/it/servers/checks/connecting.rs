//! Connecting and logging in.

use latchbox::Result;
use latchbox::types::Capability;

use super::{Check, check};
use crate::servers::place::User;

pub(super) const CHECKS: &[Check] = &[
    check("TLS from the first byte", &[], implicit_tls),
    check("STARTTLS", &[], start_tls),
    check("LOGIN", &[], login),
    check("SASL PLAIN", &[], sasl_plain),
    check("ID", &[Capability::Id], id),
];

fn implicit_tls(user: &User) -> Result<()> {
    let client = user.implicit_tls().connect()?;
    assert!(client.is_encrypted());
    user.log_in(client)?.logout()
}

fn start_tls(user: &User) -> Result<()> {
    let client = user.start_tls().connect()?;
    assert!(client.is_encrypted());
    user.log_in(client)?.logout()
}

fn login(user: &User) -> Result<()> {
    let client = user.implicit_tls().connect()?;
    let (error, client) = client.login(&user.name, "wrong").unwrap_err();
    assert!(error.is_auth(), "{error}");
    user.log_in(client)?.noop()
}

fn sasl_plain(user: &User) -> Result<()> {
    user.authenticate(user.implicit_tls().connect()?)?.noop()
}

fn id(user: &User) -> Result<()> {
    let server = user.session()?.id(&[("name", "latchbox")])?;
    let mut names = server.iter().map(|(name, _)| name);
    assert!(names.any(|name| name.eq_ignore_ascii_case("name")));
    Ok(())
}
