//! What is checked, a file a subject; each line of the README's tables is one of these.

mod appending;
mod changing;
mod connecting;
mod finding;
mod listing;
mod logging_in;
mod reading;

use latchbox::types::UidSet;
use latchbox::{MailboxGuard, Result, Session};

use super::place::User;

/// A line of a table.
pub(super) struct Check {
    pub(super) what: &'static str,
    /// What a server that has it says, in the words of CAPABILITY.
    pub(super) needs: &'static [&'static str],
    pub(super) run: fn(&User) -> Result<()>,
}

/// The tables.
pub(super) const SUBJECTS: [(&str, &[Check]); 7] = [
    ("Connecting", connecting::CHECKS),
    ("Logging in", logging_in::CHECKS),
    ("Mailboxes", listing::CHECKS),
    ("Finding messages", finding::CHECKS),
    ("Reading messages", reading::CHECKS),
    ("Storing messages", appending::CHECKS),
    ("Changing and removing messages", changing::CHECKS),
];

/// All, in the order of the tables.
pub(super) fn all() -> impl Iterator<Item = &'static Check> {
    SUBJECTS.iter().flat_map(|(_, checks)| *checks)
}

const fn check(
    what: &'static str,
    needs: &'static [&'static str],
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
    user.settle(&session)?;
    Ok(session)
}

/// The UID of the first message.
fn first(inbox: &mut MailboxGuard<'_>) -> Result<UidSet> {
    let all = inbox.search(latchbox::types::SearchKey::All)?;
    Ok(all.first().map(|uid| UidSet::unbound([uid])).unwrap())
}
