//! What is checked, a file a subject; each line of the README's table is one of these.

mod changing;
mod connecting;
mod listing;
mod reading;

use latchbox::types::Capability;
use latchbox::{Result, Session};

use super::place::User;

/// A line of the table.
pub(super) struct Check {
    pub(super) what: &'static str,
    /// What a server that has it says.
    pub(super) needs: &'static [Capability],
    pub(super) run: fn(&User) -> Result<()>,
}

/// All, in the order of the table.
pub(super) fn all() -> impl Iterator<Item = &'static Check> {
    let subjects = [
        connecting::CHECKS,
        listing::CHECKS,
        reading::CHECKS,
        changing::CHECKS,
    ];
    subjects.into_iter().flatten()
}

const fn check(
    what: &'static str,
    needs: &'static [Capability],
    run: fn(&User) -> Result<()>,
) -> Check {
    Check { what, needs, run }
}

/// A message in two parts; the second is `Grüße` in base64.
const MESSAGE: &str = "From: =?utf-8?q?J=C3=BCrgen?= <j@example.com>\r\n\
    Subject: =?utf-8?b?R3LDvMOfZQ==?=\r\n\
    MIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=b\r\n\
    \r\n\
    --b\r\n\
    Content-Type: text/plain\r\n\
    \r\n\
    hello\r\n\
    --b\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    Content-Transfer-Encoding: base64\r\n\
    \r\n\
    R3LDvMOfZQ==\r\n\
    --b--\r\n";

/// A session with this many messages in INBOX.
fn with_messages(user: &User, count: usize) -> Result<Session> {
    let session = user.session()?;
    for _ in 0..count {
        session.append("INBOX", MESSAGE.as_bytes())?;
    }
    Ok(session)
}
