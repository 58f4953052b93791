//! A message from a reader: too little, too much, a failure, a refusal, a connection that ends.

use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use latchbox::error::{CloseReason, Effect, LockError, ReaderError};
use latchbox::types::{Capability, NewMessage, ResponseCode};
use latchbox::{Error, Session};

use super::reader_error;
use crate::scripted::{assert_unusable, closed, logged_in, logged_in_with};

const PLUS: &str = "IMAP4rev1 LITERAL+ BINARY ENABLE UTF8=ACCEPT";

/// Gives so many octets in pieces of `piece` at most, then what `end` says.
struct Reader<E> {
    left: usize,
    piece: usize,
    end: E,
}

impl<E: FnMut() -> io::Result<usize>> Read for Reader<E> {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let octets = place.len().min(self.piece).min(self.left);
        if octets == 0 {
            return (self.end)();
        }
        place[..octets].fill(b'x');
        self.left -= octets;
        Ok(octets)
    }
}

fn ending(left: usize) -> Reader<impl FnMut() -> io::Result<usize>> {
    Reader {
        left,
        piece: usize::MAX,
        end: || Ok(0),
    }
}

fn failing(left: usize) -> Reader<impl FnMut() -> io::Result<usize>> {
    Reader {
        left,
        piece: usize::MAX,
        end: || Err(io::Error::other("the disk is gone")),
    }
}

fn append(session: &Session, reader: impl Read, len: u64) -> latchbox::Result<()> {
    session
        .append("INBOX", NewMessage::from_reader(reader, len))
        .map(drop)
}

/// The connection can be used and nothing but NOOP was sent.
#[track_caller]
fn assert_nothing_sent(append: impl Fn(&Session) -> Error) -> Error {
    let (server, session) = logged_in_with(
        PLUS,
        "
        C: {a} NOOP
        S: {a} OK done
        ",
        |builder| builder,
    );
    let error = append(&session);
    assert!(
        !error.is_closed() && !error.may_have_taken_effect(),
        "{error:?}"
    );
    session.noop().unwrap();
    drop(session);
    server.finish();
    error
}

/// Interrupted reads count for nothing, and the octets go with the command in one line each.
#[test]
fn pieces_of_any_size_are_put_together() {
    let (server, session) = logged_in_with(
        PLUS,
        "
        C: {a} APPEND \"INBOX\" {10+}
        C: xxxxxxxxxx
        S: {a} OK done
        C: {b} APPEND \"INBOX\" {200000+}
        C-literal: 200000
        C-raw: \\r\\n
        S: {b} OK [APPENDUID 1 7] done
        ",
        |builder| builder,
    );
    let mut interruptions = 3;
    let reader = Reader {
        left: 10,
        piece: 3,
        end: || match interruptions {
            0 => Ok(0),
            _ => {
                interruptions -= 1;
                Err(io::ErrorKind::Interrupted.into())
            }
        },
    };
    append(&session, reader, 10).unwrap();
    append(&session, ending(200_000), 200_000).unwrap();
    drop(session);
    server.finish();
}

#[test]
fn a_refusal_at_the_literal_leaves_the_reader_untouched() {
    let (server, session) = logged_in(
        "
        C: {a} APPEND \"INBOX\" {10}
        S: {a} NO [OVERQUOTA] full
        C: {b} NOOP
        S: {b} OK done
        ",
    );
    let untouched = Reader {
        left: 0,
        piece: 1,
        end: || panic!("it is read"),
    };
    let error = append(&session, untouched, 10).unwrap_err();
    assert!(error.is_over_quota(), "{error:?}");
    session.noop().unwrap();
    drop(session);
    server.finish();
}

#[test]
fn attack_111_a_reader_that_gives_too_little_closes() {
    for (given, sent) in [(0, 0), (9, 0), (70_000, 65_536)] {
        let announced = given + 1;
        let (server, session) = logged_in(&format!(
            "
            C: {{a}} APPEND \"INBOX\" {{{announced}}}
            S: + go on
            C-literal: {sent}
            C-close
            "
        ));
        let error = append(&session, ending(given), announced as u64).unwrap_err();
        let short = reader_error(&error);
        assert!(
            matches!(short, ReaderError::TooShort { given: g, announced: a }
                if (*g, *a) == (given as u64, announced as u64)),
            "{short:?}"
        );
        assert_unusable(&session);
        drop(session);
        server.finish();
    }
}

/// The last octets are kept back, so that the server cannot take the message for whole.
#[test]
fn attack_111_a_reader_that_gives_too_much_closes() {
    for (announced, sent) in [(10, 0), (65_537, 65_536)] {
        let (server, session) = logged_in(&format!(
            "
            C: {{a}} APPEND \"INBOX\" {{{announced}}}
            S: + go on
            C-literal: {sent}
            C-close
            "
        ));
        let error = append(&session, ending(announced + 1), announced as u64).unwrap_err();
        let long = reader_error(&error);
        assert!(matches!(long, ReaderError::TooLong { .. }), "{long:?}");
        assert_unusable(&session);
        drop(session);
        server.finish();
    }
}

#[test]
fn a_reader_that_fails_closes_and_its_error_is_kept() {
    let (server, session) = logged_in_with(
        PLUS,
        "
        C: {a} APPEND \"INBOX\" {100000+}
        C-literal: 65536
        C-close
        ",
        |builder| builder,
    );
    let error = append(&session, failing(70_000), 100_000).unwrap_err();
    reader_error(&error);
    assert!(error.to_string().contains("the disk is gone"), "{error}");
    assert_unusable(&session);
    drop(session);
    server.finish();
}

/// With LITERAL+ the first piece is read before anything is sent.
#[test]
fn what_fails_before_anything_is_sent_does_no_harm() {
    let error = assert_nothing_sent(|session| append(session, ending(9), 10).unwrap_err());
    assert_eq!(error.to_string(), "the message ended after 9 of 10 octets");
    let error = assert_nothing_sent(|session| append(session, ending(11), 10).unwrap_err());
    assert_eq!(error.to_string(), "the message did not end after 10 octets");
    let error = assert_nothing_sent(|session| append(session, failing(9), 10).unwrap_err());
    assert!(matches!(&error, Error::Reader(failed) if matches!(**failed, ReaderError::Failed(_))));
    let error = assert_nothing_sent(|session| append(session, &b"a\0b"[..], 3).unwrap_err());
    assert!(matches!(&error, Error::Reader(nul) if matches!(**nul, ReaderError::Nul)));
    let error = assert_nothing_sent(|session| append(session, ending(0), 0).unwrap_err());
    assert!(matches!(error, Error::Argument(_)), "{error:?}");
}

#[test]
fn attack_111_nul_from_a_reader_is_announced_or_refused() {
    let (server, session) = logged_in_with(
        PLUS,
        r#"
        C: {a} APPEND "INBOX" ~{3+}
        C-raw: a\0b\r\n
        S: {a} OK done
        "#,
        |builder| builder,
    );
    session
        .append("INBOX", NewMessage::from_reader(&b"a\0b"[..], 3).binary())
        .unwrap();
    drop(session);
    server.finish();
    // Known too late to be announced.
    let (server, session) = logged_in(
        "
        C: {a} APPEND \"INBOX\" {3}
        S: + go on
        C-close
        ",
    );
    let error = append(&session, &b"a\0b"[..], 3).unwrap_err();
    assert!(matches!(reader_error(&error), ReaderError::Nul));
    drop(session);
    server.finish();
    let (server, session) = logged_in("");
    let error = session
        .append("INBOX", NewMessage::from_reader(&b"a\0b"[..], 3).binary())
        .unwrap_err();
    assert!(
        matches!(&error, Error::Unsupported(missing) if *missing.capability() == Capability::Binary)
    );
    drop(session);
    server.finish();
}

#[test]
fn utf8_from_a_reader_is_announced_where_it_is_enabled() {
    let (server, session) = logged_in_with(
        PLUS,
        r#"
        C: {a} APPEND "INBOX" {4+}
        C-raw: \xc3\xbc: \r\n
        S: {a} OK done
        C: {b} ENABLE UTF8=ACCEPT
        S: * ENABLED UTF8=ACCEPT
        S: {b} OK done
        C: {c} APPEND "INBOX" () UTF8 (~{4+}
        C-raw: \xc3\xbc: )\r\n
        S: {c} OK done
        C: {d} APPEND "INBOX" () UTF8 (~{4+}
        C-raw: \xc3\xbc: )\r\n
        S: {d} OK done
        C: {e} APPEND "INBOX" {10+}
        C-raw: u: x\r\n\r\n\xc3\xbc\r\n
        S: {e} OK done
        "#,
        |builder| builder,
    );
    let append = || {
        session.append(
            "INBOX",
            NewMessage::from_reader("ü: ".as_bytes(), 4).utf8_headers(),
        )
    };
    append().unwrap();
    session.enable(&[Capability::Utf8Accept]).unwrap();
    append().unwrap();
    // Octets are looked at.
    session.append("INBOX", "ü: ").unwrap();
    session.append("INBOX", "u: x\r\n\r\nü").unwrap();
    drop(session);
    server.finish();
}

#[test]
fn a_connection_that_ends_while_the_message_is_sent_has_stored_nothing() {
    let (server, session) = logged_in_with(
        PLUS,
        "
        C: {a} APPEND \"INBOX\" {100000000+}
        C-literal: 100000
        reset
        ",
        |builder| builder,
    );
    let error = append(&session, ending(100_000_000), 100_000_000).unwrap_err();
    assert_eq!(closed(&error).effect(), Effect::None, "{error:?}");
    drop(session);
    server.finish();
}

#[test]
fn a_connection_that_ends_behind_the_message_may_have_stored_it() {
    let (server, session) = logged_in_with(
        PLUS,
        "
        C: {a} APPEND \"INBOX\" {100000+}
        C-literal: 100000
        C-raw: \\r\\n
        close
        ",
        |builder| builder,
    );
    let error = append(&session, ending(100_000), 100_000).unwrap_err();
    assert!(error.may_have_taken_effect(), "{error:?}");
    drop(session);
    server.finish();
}

/// Dovecot does so for a literal beyond what LITERAL- allows, others for one beyond their limit.
#[test]
fn what_a_server_says_before_it_hangs_up_is_told() {
    let (server, session) = logged_in_with(
        PLUS,
        "
        C: {a} APPEND \"INBOX\" {100000000+}
        C-literal: 100000
        S: * BYE [TOOBIG] that is too much
        reset
        ",
        |builder| builder,
    );
    let error = append(&session, ending(100_000_000), 100_000_000).unwrap_err();
    assert!(error.is_closed() && error.is_too_big(), "{error:?}");
    assert_eq!(error.response_code(), Some(&ResponseCode::TooBig));
    assert!(!error.may_have_taken_effect());
    drop(session);
    server.finish();
}

#[test]
fn hazard_h29_a_reader_cannot_use_the_session() {
    let (server, session) = logged_in(
        "
        C: {a} APPEND \"INBOX\" {1}
        S: + go on
        C: x
        S: {a} OK done
        ",
    );
    let mut seen = 0;
    let reader = Reader {
        left: 1,
        piece: 1,
        end: || {
            assert!(matches!(session.noop(), Err(Error::StreamOpen)));
            let error = session.lock_mailbox("INBOX").unwrap_err();
            assert!(
                matches!(&error, Error::Lock(lock) if matches!(**lock, LockError::HeldByThisThread { .. })),
                "{error:?}"
            );
            seen += 1;
            Ok(0)
        },
    };
    append(&session, reader, 1).unwrap();
    assert_eq!(seen, 1);
    drop(session);
    server.finish();
}

#[test]
fn hazard_h31_a_reader_that_panics_closes() {
    let (server, session) = logged_in(
        "
        C: {a} APPEND \"INBOX\" {10}
        S: + go on
        C-close
        ",
    );
    let reader = Reader {
        left: 5,
        piece: 5,
        end: || panic!("on purpose"),
    };
    let panicked = catch_unwind(AssertUnwindSafe(|| append(&session, reader, 10)));
    assert!(panicked.is_err());
    let error = session.noop().unwrap_err();
    assert!(matches!(
        closed(&error).reason(),
        CloseReason::Interrupted("APPEND")
    ));
    drop(session);
    server.finish();
}

#[test]
fn a_message_beyond_appendlimit_is_not_read() {
    let (server, session) =
        logged_in_with("IMAP4rev1 LITERAL+ APPENDLIMIT=9", "", |builder| builder);
    let untouched = Reader {
        left: 0,
        piece: 1,
        end: || panic!("it is read"),
    };
    let error = append(&session, untouched, 10).unwrap_err();
    assert!(matches!(error, Error::Argument(_)) && error.is_too_big());
    assert_eq!(
        error.to_string(),
        "message: it has 10 octets, and the server's APPENDLIMIT is 9"
    );
    let message = NewMessage::new(b"0123456789");
    assert!(session.append("INBOX", message).unwrap_err().is_too_big());
    drop(session);
    server.finish();
}
