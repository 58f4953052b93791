//! What latchbox sends to the in-process server, judged by the grammar of another crate: the server has
//! one of its own, which its author also wrote.

use std::sync::atomic::{AtomicUsize, Ordering};

use imap_codec::CommandCodec;
use imap_codec::decode::Decoder as _;

/// What stands in commands of extensions that the other grammar does not know.
const UNKNOWN: &[&str] = &[
    " AUTH",
    " ACL",
    "CATENATE",
    " DELETEACL ",
    "EMAILID",
    " ESEARCH ",
    " FUZZY ",
    " GETACL ",
    " LISTRIGHTS ",
    " LIST (",
    "MAILBOXID",
    " MYRIGHTS ",
    " NOTIFY ",
    "PARTIAL",
    "PREVIEW",
    " REPLACE ",
    " RETURN ",
    "SAVEDATE",
    "SAVEDBEFORE",
    "SAVEDON",
    "SAVEDSINCE",
    " SETACL ",
    "(USE (",
    "UTF8 (",
    " $",
];

static JUDGED: AtomicUsize = AtomicUsize::new(0);

/// Fails if the other grammar knows a command and refuses it.
pub(super) fn judge(command: &[u8]) {
    if let Ok((b"", _)) = CommandCodec::default().decode(command) {
        JUDGED.fetch_add(1, Ordering::Relaxed);
        return;
    }
    let text = String::from_utf8_lossy(command).to_ascii_uppercase();
    let has_more_messages = text.contains(" APPEND ") && text.matches("}\r\n").count() > 1;
    // The other grammar has no quoted strings with UTF-8 in them (RFC 6855).
    let is_known = command.is_ascii()
        && !has_more_messages
        && !UNKNOWN.iter().any(|words| text.contains(words));
    assert!(
        !is_known,
        "another grammar refuses: {}",
        command.escape_ascii()
    );
}

/// How many commands the other grammar has taken.
pub(super) fn judged() -> usize {
    JUDGED.load(Ordering::Relaxed)
}

#[test]
fn a_command_that_is_wrong_is_refused() {
    judge(b"a UID FETCH 1 FLAGS\r\n");
    judge(b"a NOTIFY NONE\r\n");
    for wrong in ["a UID FETCH 1  FLAGS\r\n", "a NOOP\n", "a LOGIN x\r\n"] {
        let judged = std::panic::catch_unwind(|| judge(wrong.as_bytes()));
        assert!(judged.is_err(), "{wrong:?}");
    }
}
