//! The forms that the answer to one download comes in.

use std::io::{self, BufRead, Read};
use std::num::NonZeroU32;

use latchbox::error::NotFound;
use latchbox::types::{MailboxEvent, SearchKey, Section};
use latchbox::{Error, Result, Session};

use super::canned::Canned;
use super::{uid, whole};

/// A way to read a download to its end.
type Way = fn(&Session, &Section) -> Result<Vec<u8>>;

/// Downloads by `copy_to`, by `Read` in places of several lengths, and by `BufRead`: the same
/// octets or the same error, and the connection in step afterwards.
#[track_caller]
fn downloaded(answer: &str, section: &Section) -> Result<Vec<u8>, String> {
    let ways: [Way; 4] = [
        |session, section| {
            let mut inbox = session.lock_mailbox_read_only("INBOX")?;
            let mut download = inbox.download(uid(5), section)?;
            let (mut octets, announced) = (Vec::new(), download.len());
            assert_eq!(download.copy_to(&mut octets)?, announced);
            assert_eq!(
                (download.position(), download.uid()),
                (announced, Some(uid(5)))
            );
            Ok(octets)
        },
        |session, section| {
            let mut inbox = session.lock_mailbox_read_only("INBOX")?;
            let mut octets = Vec::new();
            let mut download = inbox.download(uid(5), section)?;
            let mut place = [0; 3];
            loop {
                assert_eq!(download.position(), octets.len() as u64);
                match download.read(&mut place)? {
                    0 => break,
                    read => octets.extend_from_slice(&place[..read]),
                }
            }
            assert_eq!(download.read(&mut place)?, 0);
            Ok(octets)
        },
        |session, section| {
            let mut inbox = session.lock_mailbox_read_only("INBOX")?;
            let mut octets = vec![0; 100_000];
            let read = inbox.download(uid(5), section)?.read(&mut octets)?;
            octets.truncate(read);
            let mut download = inbox.download(uid(5), section)?;
            let mut again = Vec::new();
            download.read_to_end(&mut again)?;
            assert!(again.starts_with(&octets));
            Ok(again)
        },
        |session, section| {
            let mut inbox = session.lock_mailbox_read_only("INBOX")?;
            let mut download = inbox.download(uid(5), section)?;
            let mut octets = Vec::new();
            while download.read_until(b'e', &mut octets)? > 0 {
                assert_eq!(download.position(), octets.len() as u64);
            }
            Ok(octets)
        },
    ];
    let mut outcomes = Vec::new();
    for piece in [1, 2, 7, usize::MAX] {
        for way in ways {
            let session = Canned::new(answer).in_pieces_of(piece).session();
            outcomes.push(way(&session, section).map_err(|error| error.to_string()));
            let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
            assert_eq!(inbox.search(SearchKey::All).unwrap().len(), 2);
        }
    }
    let first = outcomes.swap_remove(0);
    assert!(
        outcomes.iter().all(|outcome| *outcome == first),
        "{first:?} {outcomes:?}"
    );
    first
}

#[track_caller]
fn assert_gives(answer: &str, content: &str) {
    let octets = downloaded(answer, &whole()).unwrap();
    assert_eq!(String::from_utf8_lossy(&octets), content, "{answer}");
}

#[track_caller]
fn assert_fails(answer: &str, error: &str) {
    assert_eq!(downloaded(answer, &whole()).unwrap_err(), error, "{answer}");
}

#[test]
fn a_literal_of_every_kind() {
    for header in ["{11}", "{11+}", "~{11}", "{00011}"] {
        for rest in [")", " FLAGS (\\Seen))", " X-NEW {2}\r\n)\r)"] {
            let row = format!("* 3 FETCH (UID 5 BODY[] {header}\r\nthe message{rest}\r\n");
            assert_gives(&format!("{row}{{tag}} OK done\r\n"), "the message");
        }
    }
    assert_gives("* 3 FETCH (UID 5 BODY[] {0}\r\n)\r\n{tag} OK done\r\n", "");
    assert_gives(
        "* 3 fetch  ( uid 5 body[]  {2}\r\nhi )\r\n{tag} OK done\r\n",
        "hi",
    );
    assert_gives(
        "* 3 FETCH (UID 5 RFC822 {2}\r\nhi)\r\n{tag} OK done\r\n",
        "hi",
    );
}

#[test]
fn a_literal_that_looks_like_an_answer() {
    let body = ")\r\nA3 OK done\r\n* BYE\r\n* 3 FETCH (BODY[] {5}\r\n";
    let row = format!("* 3 FETCH (UID 5 BODY[] {{{}}}\r\n{body})\r\n", body.len());
    assert_gives(&format!("{row}{{tag}} OK done\r\n"), body);
}

#[test]
fn a_quoted_string() {
    assert_gives("* 3 FETCH (UID 5 BODY[] \"hi\")\r\n{tag} OK done\r\n", "hi");
    assert_gives(
        "* 3 FETCH (BODY[] \"a\\\"\\\\b\" UID 5)\r\n{tag} OK done\r\n",
        "a\"\\b",
    );
    assert_gives("* 3 FETCH (UID 5 BODY[] \"\")\r\n{tag} OK done\r\n", "");
}

#[test]
fn no_such_part_and_no_such_message() {
    let section = Section::part("4").unwrap();
    let nil = "* 3 FETCH (UID 5 BODY[4] NIL)\r\n{tag} OK done\r\n";
    let error = downloaded(nil, &section).unwrap_err();
    assert_eq!(error, "the message with UID 5 has no [4]");
    for answer in [
        "{tag} OK done\r\n",
        "* 3 FETCH (UID 6 BODY[] {2}\r\nhi)\r\n{tag} OK done\r\n",
    ] {
        assert_fails(answer, "there is no message with UID 5");
    }
    // It is named, so it exists.
    let named = "* 3 FETCH (UID 5 FLAGS ())\r\n{tag} OK done\r\n";
    assert_fails(named, "the message with UID 5 has no []");
    let other = "* 3 FETCH (UID 5 BODY[TEXT] {2}\r\nhi)\r\n{tag} OK done\r\n";
    assert_fails(other, "the server sent BODY[TEXT] in place of BODY[]");
    let session = Canned::new(nil).session();
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let error = inbox.download(uid(5), &section).unwrap_err();
    match &error {
        Error::NotFound(missing) => {
            assert_eq!(**missing, NotFound::Section(Some(uid(5)), section));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::NotFound);
}

#[test]
fn other_answers_around_it() {
    let news =
        "* 2 FETCH (FLAGS (\\Seen))\r\n* 9 EXISTS\r\n* 3 FETCH (UID 5 FLAGS (\\Deleted))\r\n";
    let other =
        "* 4 FETCH (UID 6 BODY[] {5}\r\nother)\r\n* 1 FETCH (BODY[TEXT] {1}\r\nx UID 5)\r\n";
    let row = "* 3 FETCH (UID 5 BODY[] {4}\r\nmine)\r\n";
    let second = "* 3 FETCH (UID 5 BODY[] {5}\r\nagain)\r\n";
    let done = "{tag} OK done\r\n";
    assert_gives(&[news, other, row, done].concat(), "mine");
    assert_gives(&[row, news, other, done].concat(), "mine");
    assert_gives(&[row, second, done].concat(), "mine");
    let torn = "* 7 FETCH (UID x BODY[] {3}\r\nabc)\r\n";
    assert_gives(&[row, torn, done].concat(), "mine");
    let error = downloaded(&[torn, row, done].concat(), &whole()).unwrap_err();
    let start = "UID FETCH: the server's answer cannot be read, of message 7 without a usable UID";
    assert!(error.starts_with(start), "{error}");
}

#[test]
fn flags_that_come_with_it_are_news() {
    let answer = "* 3 FETCH (FLAGS (\\Seen) UID 5 BODY[] {2}\r\nhi)\r\n{tag} OK done\r\n";
    let session = Canned::new(answer).session();
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    inbox.events();
    inbox
        .download(uid(5), &whole())
        .unwrap()
        .copy_to(&mut io::sink())
        .unwrap();
    let events = inbox.events();
    assert!(
        matches!(&events[..], [MailboxEvent::Flags { .. }]),
        "{events:?}"
    );
}

#[test]
fn a_uid_behind_the_octets_has_to_be_the_one() {
    assert_gives(
        "* 3 FETCH (BODY[] {2}\r\nhi UID 5)\r\n{tag} OK done\r\n",
        "hi",
    );
    for (rest, why) in [
        (" UID 6)", ""),
        (")", ", of message 3 without a usable UID"),
    ] {
        let answer = format!("* 3 FETCH (BODY[] {{2}}\r\nhi{rest}\r\n{{tag}} OK done\r\n");
        let error = downloaded(&answer, &whole()).unwrap_err();
        let start = format!("UID FETCH: the server's answer cannot be read{why}: * 3 FETCH");
        assert!(error.starts_with(&start), "{error}");
    }
}

#[test]
fn a_literal_that_was_announced_too_short_is_an_error() {
    for more in [" there", "there", "\r\nthere", " (there", " UID 6"] {
        let answer = format!("* 3 FETCH (UID 5 BODY[] {{2}}\r\nhi{more})\r\n{{tag}} OK done\r\n");
        match downloaded(&answer, &whole()) {
            Err(error) => assert!(error.contains("malformed"), "{error}"),
            Ok(octets) => assert!(more.contains("UID"), "{octets:?}"),
        }
    }
}

#[test]
fn some_octets_of_a_section() {
    let some = whole().partial(2, NonZeroU32::new(3).unwrap());
    for (answer, content) in [
        ("BODY[]<2> {3}\r\ncde", "cde"),
        ("BODY[]<2> {1}\r\nc", "c"),
        ("BODY[]<2> {0}\r\n", ""),
        ("BODY[]<2> \"cde\"", "cde"),
        // Servers that send all and say so, and one that sends more.
        ("BODY[] {6}\r\nabcdef", "cde"),
        ("BODY[] {4}\r\nabcd", "cd"),
        ("BODY[] {1}\r\na", ""),
        ("BODY[]<2> {5}\r\ncdefg", "cde"),
    ] {
        let answer = format!("* 3 FETCH (UID 5 {answer})\r\n{{tag}} OK done\r\n");
        let octets = downloaded(&answer, &some).unwrap();
        assert_eq!(String::from_utf8_lossy(&octets), content, "{answer}");
    }
}

#[test]
fn a_refusal_after_the_data_is_told_after_it() {
    let answer = "* 3 FETCH (UID 5 BODY[] {2}\r\nhi)\r\n{tag} NO [SERVERBUG] lost count\r\n";
    for piece in [1, usize::MAX] {
        let session = Canned::new(answer).in_pieces_of(piece).session();
        let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
        let mut octets = Vec::new();
        let mut download = inbox.download(uid(5), &whole()).unwrap();
        let error = download.copy_to(&mut octets).unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{error:?}");
        assert_eq!(octets, b"hi");
        let mut octets = Vec::new();
        let mut download = inbox.download(uid(5), &whole()).unwrap();
        let error = download.read_to_end(&mut octets).unwrap_err();
        assert_eq!(octets, b"hi");
        assert!(matches!(Error::from(error), Error::Refused(_)));
        assert_eq!(inbox.search(SearchKey::All).unwrap().len(), 2);
    }
    assert_fails(
        "{tag} NO [NOPERM] no\r\n",
        "UID FETCH: the server answered NO [NOPERM] no",
    );
    assert_fails(
        "{tag} BAD what?\r\n",
        "UID FETCH: the server answered BAD what?",
    );
}

#[test]
fn the_limits_on_what_is_held_do_not_bound_it() {
    let body = "x".repeat(10_000);
    let row = format!("* 3 FETCH (UID 5 BODY[] {{{}}}\r\n{body})\r\n", body.len());
    let server = crate::support::script::script(&crate::scripted::with_login(
        "IMAP4rev1",
        &format!(
            "
            C: {{s}} EXAMINE \"INBOX\"
            S: * 9 EXISTS
            S: {{s}} OK done
            C: {{f}} UID FETCH 5 (UID BODY.PEEK[])
            S-raw: {}
            S: {{f}} OK done
            ",
            row.escape_default()
        ),
    ));
    let builder = crate::scripted::plain(&server);
    let session = crate::scripted::log_in(
        builder
            .literal_limit(100)
            .response_limit(500)
            .line_limit(400),
    );
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let mut octets = Vec::new();
    inbox
        .download(uid(5), &whole())
        .unwrap()
        .copy_to(&mut octets)
        .unwrap();
    assert!(octets == body.as_bytes());
    drop(inbox);
    drop(session);
    server.finish();
}
