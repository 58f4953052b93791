//! Connecting, and what is settled once for a connection.

use latchbox::Result;
use latchbox::types::Capability;

use super::{Check, check};
use crate::servers::place::User;

pub(super) const CHECKS: &[Check] = &[
    check("implicit TLS", &[], implicit_tls),
    check("STARTTLS", &[], start_tls),
    check("ID", &["ID"], id),
    check("ENABLE", &["ENABLE"], enable),
    check("COMPRESS", &["COMPRESS=DEFLATE"], compress),
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

fn id(user: &User) -> Result<()> {
    let server = user.session()?.id(&[("name", "latchbox")])?;
    for (name, value) in server.fields() {
        assert!(!name.is_empty(), "{value:?}");
    }
    Ok(())
}

fn enable(user: &User) -> Result<()> {
    let session = user.session()?;
    let capabilities = session.capabilities()?;
    let wanted = [Capability::CondStore, Capability::Utf8Accept];
    let has = |capability: &&Capability| capabilities.supports(capability);
    let wanted: Vec<_> = wanted.iter().filter(has).cloned().collect();
    let enabled = session.enable(&wanted)?;
    assert!(wanted.iter().all(|it| enabled.contains(it)), "{enabled:?}");
    session.noop()
}
fn compress(user: &User) -> Result<()> {
    let session = user.session()?;
    session.compress()?;
    let large = super::MESSAGE.repeat(1000);
    session.append("INBOX", large.as_bytes())?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let whole = latchbox::types::Section::whole();
    let uid = super::first(&mut inbox)?.first().unwrap();
    let mut received = Vec::new();
    inbox.download(uid, &whole)?.copy_to(&mut received)?;
    assert_eq!(received, large.as_bytes());
    Ok(())
}
