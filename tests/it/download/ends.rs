//! Downloads that do not come to their end, and the one who leaves first.

use std::io::{self, Read, Write};

use latchbox::Error;
use latchbox::error::CloseReason;
use latchbox::types::SearchKey;

use super::canned::Canned;
use super::{uid, whole};
use crate::scripted::{SHORT, assert_limit, logged_in_with, selecting, selecting_with};

const ANSWER: &str = "* 3 FETCH (UID 5 BODY[] {11}\r\nthe message FLAGS ())\r\n{tag} OK done\r\n";

#[test]
fn h16_cut_at_every_octet_it_is_never_short_in_silence() {
    // As long as the answer is with a tag in it.
    let whole_at = ANSWER.find("the message").unwrap();
    for cut in 0..ANSWER.len() - "{tag}".len() + 2 {
        for piece in [1, usize::MAX] {
            for by_copy in [true, false] {
                let session = Canned::new(ANSWER)
                    .in_pieces_of(piece)
                    .cut_at(cut)
                    .session();
                let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
                let mut octets = Vec::new();
                let ended = inbox.download(uid(5), &whole()).and_then(|mut download| {
                    assert!(cut >= whole_at, "begun at {cut}");
                    match by_copy {
                        true => download.copy_to(&mut octets).map(drop),
                        false => Ok(download.read_to_end(&mut octets).map(drop)?),
                    }
                });
                let error = ended.unwrap_err();
                assert!(error.is_closed(), "{cut}: {error:?}");
                assert!("the message".as_bytes().starts_with(&octets));
                match &error {
                    Error::Truncated(truncated) => {
                        let come = cut - whole_at;
                        assert_eq!(octets.len(), come);
                        assert_eq!((truncated.position(), truncated.len()), (come as u64, 11));
                        assert!(matches!(truncated.closed().reason(), CloseReason::Eof));
                    }
                    Error::Closed(_) => {
                        assert!(cut < whole_at || octets.len() == 11, "{cut}: {octets:?}");
                    }
                    other => panic!("{cut}: {other:?}"),
                }
            }
        }
    }
}

#[test]
fn h16_an_error_of_read_holds_ours() {
    let session = Canned::new(ANSWER)
        .cut_at(ANSWER.find("message").unwrap())
        .session();
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let mut download = inbox.download(uid(5), &whole()).unwrap();
    let mut octets = Vec::new();
    let error = download.read_to_end(&mut octets).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    assert_eq!(
        error.to_string(),
        "only 4 of 11 octets were received: UID FETCH: the server closed the connection"
    );
    let inner: Error = error.downcast().unwrap();
    assert!(matches!(inner, Error::Truncated(_)), "{inner:?}");
    // It does not turn into an end.
    let again = download.read(&mut [0; 8]).unwrap_err();
    assert_eq!(again.kind(), io::ErrorKind::UnexpectedEof);
    assert!(download.copy_to(&mut io::sink()).is_err());
    assert!(download.finish().is_err());
}

#[test]
fn attack_048_a_length_that_never_comes() {
    for length in ["4294967295", "99999999"] {
        let answer = format!("* 3 FETCH (UID 5 BODY[] {{{length}}}\r\nabc");
        let session = Canned::new(answer.clone()).cut_at(answer.len()).session();
        let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
        let mut download = inbox.download(uid(5), &whole()).unwrap();
        assert_eq!(download.len().to_string(), length);
        let error = download.copy_to(&mut io::sink()).unwrap_err();
        assert!(matches!(error, Error::Truncated(_)), "{error:?}");
    }
    for length in ["4294967296", "18446744073709551615"] {
        let answer = format!("* 3 FETCH (UID 5 BODY[] {{{length}}}\r\nabc");
        let session = Canned::new(answer).session();
        let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
        let error = inbox.download(uid(5), &whole()).unwrap_err();
        assert_limit(&error, "download_limit");
    }
    let answer = "* 3 FETCH (UID 5 BODY[] {18446744073709551616}\r\nabc";
    let session = Canned::new(answer).session();
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let error = inbox.download(uid(5), &whole()).unwrap_err();
    assert!(error.is_closed(), "{error:?}");
}

#[test]
fn attack_048_what_was_announced_and_is_not_wanted_is_not_waited_for() {
    let (server, session) = selecting(
        "
        C: {f} UID FETCH 5 (UID BODY.PEEK[])
        S-raw: * 3 FETCH (UID 5 BODY[] {4000000000}\\r\\nabc
        C-close
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    drop(inbox.download(uid(5), &whole()).unwrap());
    let error = inbox.search(SearchKey::All).unwrap_err();
    assert!(error.is_closed(), "{error:?}");
    server.finish();
}

#[test]
fn a_server_that_falls_silent_in_the_middle() {
    let (server, session) = selecting_with(
        "IMAP4rev1",
        "
        C: {f} UID FETCH 5 (UID BODY.PEEK[])
        S-raw: * 3 FETCH (UID 5 BODY[] {10}\\r\\nabc
        stall
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    session.set_read_timeout(SHORT).unwrap();
    let mut octets = Vec::new();
    let error = inbox
        .download(uid(5), &whole())
        .unwrap()
        .copy_to(&mut octets)
        .unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert!(matches!(error, Error::Truncated(_)), "{error:?}");
    assert_eq!(octets, b"abc");
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::TimedOut);
    drop(server);
}

#[test]
fn attack_027_tls_that_ends_in_the_middle() {
    use crate::scripted::{implicit_tls, log_in, with_login};
    use crate::support::script::script;
    for end in ["cut", "close"] {
        let text = with_login(
            "IMAP4rev1",
            &format!(
                "
                C: {{s}} EXAMINE \"INBOX\"
                S: * 9 EXISTS
                S: {{s}} OK done
                C: {{f}} UID FETCH 5 (UID BODY.PEEK[])
                S-raw: * 3 FETCH (UID 5 BODY[] {{10}}\\r\\nabc
                {end}
                "
            ),
        );
        let server = script(&format!("tls\n{text}"));
        let session = log_in(implicit_tls(&server));
        let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
        let mut octets = Vec::new();
        let error = inbox
            .download(uid(5), &whole())
            .unwrap()
            .copy_to(&mut octets)
            .unwrap_err();
        match error {
            Error::Truncated(truncated) => assert_eq!(truncated.position(), octets.len() as u64),
            other => panic!("{other:?}"),
        }
        drop(server);
    }
}

#[test]
fn dropped_anywhere_the_next_command_hears_its_own_answer() {
    let body = "0123456789".repeat(20_000);
    let answer = format!(
        "* 3 FETCH (UID 5 BODY[] {{{}}}\r\n{body})\r\n{{tag}} OK done\r\n",
        body.len()
    );
    for read in [0, 1, 70_000, 199_999, 200_000] {
        for piece in [1000, usize::MAX] {
            let session = Canned::new(answer.clone()).in_pieces_of(piece).session();
            let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
            let mut octets = vec![0; read];
            let mut download = inbox.download(uid(5), &whole()).unwrap();
            download.read_exact(&mut octets).unwrap();
            assert!(octets == body.as_bytes()[..read]);
            // No `drop`: it ends where it was used last.
            assert_eq!(inbox.search(SearchKey::All).unwrap().len(), 2);
            std::mem::forget(inbox.download(uid(5), &whole()).unwrap());
            let while_leaked = inbox.search(SearchKey::All);
            assert_eq!(while_leaked.unwrap().len(), 2);
            drop(inbox.download(uid(5), &whole()).unwrap());
            drop(inbox);
            session.noop().unwrap();
            let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
            let mut again = Vec::new();
            inbox
                .download(uid(5), &whole())
                .unwrap()
                .copy_to(&mut again)
                .unwrap();
            assert!(again == body.as_bytes());
        }
    }
}

#[test]
fn finished_early_the_rest_is_passed_over() {
    let session = Canned::new(ANSWER).in_pieces_of(1).session();
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let mut download = inbox.download(uid(5), &whole()).unwrap();
    let mut octets = [0; 3];
    download.read_exact(&mut octets).unwrap();
    download.finish().unwrap();
    assert_eq!(download.read(&mut octets).unwrap(), 0);
    download.finish().unwrap();
    session.noop().unwrap();
}

/// Takes so many octets and then fails.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        match self.0.min(octets.len()) {
            0 => Err(io::ErrorKind::StorageFull.into()),
            taken => {
                self.0 -= taken;
                Ok(taken)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_writer_that_fails_leaves_the_connection_in_step() {
    for takes in [0, 5] {
        let session = Canned::new(ANSWER).session();
        let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
        let mut download = inbox.download(uid(5), &whole()).unwrap();
        match download.copy_to(&mut Full(takes)).unwrap_err() {
            Error::Io(error) => assert_eq!(error.kind(), io::ErrorKind::StorageFull),
            other => panic!("{other:?}"),
        }
        assert_eq!(inbox.search(SearchKey::All).unwrap().len(), 2);
    }
}

#[test]
fn a_session_command_during_ones_own_download_is_an_error() {
    let session = Canned::new(ANSWER).session();
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let mut download = inbox.download(uid(5), &whole()).unwrap();
    assert!(matches!(session.noop(), Err(Error::StreamOpen)));
    download.copy_to(&mut io::sink()).unwrap();
    session.noop().unwrap();
}

#[test]
fn a_session_that_is_closed_from_elsewhere_ends_it() {
    let (server, session) = logged_in_with(
        "IMAP4rev1",
        "
        C: {s} EXAMINE \"INBOX\"
        S: * 9 EXISTS
        S: {s} OK done
        C: {f} UID FETCH 5 (UID BODY.PEEK[])
        S-raw: * 3 FETCH (UID 5 BODY[] {10}\\r\\nabc
        stall
        ",
        |builder| builder,
    );
    let close_handle = session.close_handle();
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let mut download = inbox.download(uid(5), &whole()).unwrap();
    let mut octets = [0; 3];
    download.read_exact(&mut octets).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| close_handle.close());
        let error = download.copy_to(&mut io::sink()).unwrap_err();
        match error {
            Error::Truncated(truncated) => {
                assert!(matches!(
                    truncated.closed().reason(),
                    CloseReason::Cancelled
                ));
            }
            other => panic!("{other:?}"),
        }
    });
    drop(server);
}
