//! Literals that lie, lines and answers without end, odd bytes: limits, and never out of step.

use std::io::{self, Read, Write};

use latchbox::error::{CloseReason, Stage};
use latchbox::types::{FetchItem, SearchKey, Section, UidSet};
use latchbox::{Error, Session};

use crate::scripted::{
    SHORT, assert_limit, assert_protocol_broken, assert_unusable, closed, log_in_client, logged_in,
    logged_in_with, selecting, selecting_with,
};
use crate::sessions::plaintext_stream;

const BASE: &str = "IMAP4rev1";

fn whole() -> [FetchItem; 1] {
    [FetchItem::BodyPeek(Section::whole())]
}

/// Fetches everything from INBOX.
fn bodies(session: &Session) -> Result<Vec<Vec<u8>>, Error> {
    let mut inbox = session.lock_mailbox("INBOX")?;
    let mut messages = inbox.fetch(&UidSet::all(), whole())?;
    let mut bodies = Vec::new();
    while let Some(message) = messages.next()? {
        bodies.push(message.body(&Section::whole()).unwrap().to_vec());
    }
    Ok(bodies)
}

const FETCH: &str = "C: {f} UID FETCH 1:* (BODY.PEEK[])\n";

#[test]
fn attack_048_a_literal_beyond_the_limit_is_not_waited_for() {
    let (server, session) = selecting(&format!(
        "{FETCH}S: * 1 FETCH (UID 1 BODY[] {{4294967295}}\n"
    ));
    assert_limit(&bodies(&session).unwrap_err(), "literal_limit");
    assert_unusable(&session);
    drop(session);
    server.finish();
}

/// Were it set aside at once, this would take 200 GB.
#[test]
fn attack_048_a_literal_within_limits_is_set_aside_as_it_comes() {
    let (server, session) = selecting_with(
        BASE,
        &format!("{FETCH}S: * 1 FETCH (UID 1 BODY[] {{200000000000}}\nS-raw: only this\nclose\n"),
        |builder| builder.literal_limit(usize::MAX).response_limit(usize::MAX),
    );
    let (cost, error) = latchbox_counting::cost(|| bodies(&session).unwrap_err());
    assert!(
        matches!(closed(&error).reason(), CloseReason::Eof),
        "{error:?}"
    );
    assert!(cost.peak < 2 << 20, "{cost:?}");
    assert_unusable(&session);
    drop(session);
    server.finish();
}

#[test]
fn attack_049_literals_that_are_none_end_the_connection() {
    for header in ["{-1}", "{+5}", "{ 5}", "{5 }", "{}", "{5x}"] {
        let (server, session) = selecting(&format!("{FETCH}S: * 1 FETCH (UID 1 BODY[] {header}\n"));
        assert_protocol_broken(&bodies(&session).unwrap_err());
        assert_unusable(&session);
        drop(session);
        server.finish();
    }
}

#[test]
fn attack_049_a_literal_of_more_than_any_number_ends_the_connection() {
    let (server, session) = selecting(&format!(
        "{FETCH}S: * 1 FETCH (UID 1 BODY[] {{99999999999999999999}}\n"
    ));
    let error = bodies(&session).unwrap_err();
    let reason = closed(&error).reason();
    assert!(
        matches!(reason, CloseReason::Protocol(_) | CloseReason::Limit { .. }),
        "{error:?}"
    );
    assert_unusable(&session);
    drop(session);
    server.finish();
}

#[test]
fn attack_049_leading_zeros_of_a_literal_do_not_matter() {
    let (server, session) = selecting(&format!(
        "{FETCH}S-raw: * 1 FETCH (UID 1 BODY[] {{012}}\\r\\nhello, world)\\r\\n\nS: {{f}} OK done\n"
    ));
    assert_eq!(bodies(&session).unwrap(), [b"hello, world".to_vec()]);
    drop(session);
    server.finish();
}

#[test]
fn attack_050_a_literal_that_ends_with_the_stream_is_no_message() {
    for (length, sent) in [(20, 10), (100_000, 50_000)] {
        for end in ["close", "reset"] {
            let (server, session) = selecting(&format!(
                "{FETCH}
                S: * 1 FETCH (UID 1 BODY[] {{{length}}}
                S-fill: {sent} x
                taken
                {end}
                "
            ));
            let error = bodies(&session).unwrap_err();
            let reason = closed(&error).reason();
            assert!(
                matches!(reason, CloseReason::Eof | CloseReason::Io(_)),
                "{error:?}"
            );
            assert_unusable(&session);
            drop(session);
            server.finish();
        }
    }
}

/// Looked at anew from its start with each literal, this would take hours.
#[test]
fn attack_051_a_million_empty_literals_take_linear_time() {
    let (server, session) = logged_in(
        r"
        C: {a} NOOP
        S-raw: * X-LITERALS (
        S-fill: 1000000 {0}\r\n 
        S-raw: )\r\n
        S: {a} OK done
        C: {b} NOOP
        S: {b} OK done
        ",
    );
    session.noop().unwrap();
    session.noop().unwrap();
    drop(session);
    server.finish();
}

#[test]
fn attack_051_all_the_literals_of_a_response_count_together() {
    for (times, literal) in [(8000, r"{0}\r\n "), (2500, r"{10}\r\n0123456789 ")] {
        let (server, session) = logged_in_with(
            BASE,
            &format!("C: {{a}} NOOP\nS-raw: * X (\nS-fill: {times} {literal}\n"),
            |builder| builder.response_limit(20_000),
        );
        assert_limit(&session.noop().unwrap_err(), "response_limit");
        assert_unusable(&session);
        drop(session);
        server.finish();
    }
}

#[test]
fn attack_052_a_line_without_end_meets_a_limit() {
    for start in [
        "* OK ",
        "* X \"",
        "* LIST () \"/\" ",
        "* 1 FETCH (BODY[] \"",
        "{a} OK ",
        "+ ",
        "",
    ] {
        let (server, session) = logged_in_with(
            BASE,
            &format!("C: {{a}} NOOP\nS-raw: {start}\nS-fill: 50000 x\n"),
            |builder| builder.line_limit(20_000),
        );
        assert_limit(&session.noop().unwrap_err(), "line_limit");
        assert_unusable(&session);
        drop(session);
        server.finish();
    }
}

#[test]
fn attack_053_many_small_responses_meet_a_budget() {
    let (server, session) = logged_in_with(
        BASE,
        r#"
        C: {a} LIST "" "*"
        S-fill: 3000 * LIST () "/" x\r\n
        "#,
        |builder| builder.answer_limit(20_000),
    );
    assert_limit(&session.list("*").unwrap_err(), "answer_limit");
    assert_unusable(&session);
    drop(session);
    server.finish();
}

/// Whoever reads a stream decides how long it goes on; what is not asked for stays bounded.
#[test]
fn attack_053_what_nobody_asked_for_stays_bounded() {
    let (server, session) = selecting(&format!(
        r"{FETCH}
        S-fill: 5000 * OK [ALERT] look\r\n
        S-fill: 5000 * 1 FETCH (FLAGS (\\Seen))\r\n
        S-raw: * 1 FETCH (UID 1 BODY[] {{5}}\r\nhello)\r\n
        S: {{f}} OK done
        "
    ));
    assert_eq!(bodies(&session).unwrap(), [b"hello".to_vec()]);
    let events = session.lock_mailbox("INBOX").unwrap().events();
    assert!(events.len() < 2000, "{} events", events.len());
    drop(session);
    server.finish();
}

/// A server inside the test: it lets in, and answers everything else by the same piece for ever.
struct Endless {
    piece: &'static [u8],
    heard: Vec<u8>,
    to_say: Vec<u8>,
}

impl Endless {
    fn session(piece: &'static [u8]) -> Session {
        let stream = Self {
            piece,
            heard: Vec::new(),
            to_say: b"* OK [CAPABILITY IMAP4rev1] ready\r\n".to_vec(),
        };
        let session = log_in_client(plaintext_stream().connect_stream(stream).unwrap());
        session.set_command_timeout(SHORT).unwrap();
        session
    }
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let heard = String::from_utf8_lossy(&self.heard).into_owned();
        if let Some((tag, _)) = heard.split_once(" LOGIN") {
            self.to_say = format!("{tag} OK [CAPABILITY IMAP4rev1] in\r\n").into_bytes();
            self.heard.clear();
        }
        if self.to_say.is_empty() {
            self.to_say = self.piece.to_vec();
        }
        let count = self.to_say.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.to_say[..count]);
        self.to_say.drain(..count);
        Ok(count)
    }
}

impl Write for Endless {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.heard.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[track_caller]
fn assert_command_deadline(error: &Error) {
    let reason = closed(error).reason();
    assert!(
        matches!(reason, CloseReason::Timeout(Stage::Command, _)),
        "{error:?}"
    );
    assert!(error.is_timeout(), "{error:?}");
}

#[test]
fn attack_054_a_server_that_is_lively_for_ever_meets_the_deadline() {
    let session = Endless::session(b"* OK still here\r\n");
    let error = session.noop().unwrap_err();
    assert_command_deadline(&error);
    assert!(!error.may_have_taken_effect(), "{error:?}");
    assert_unusable(&session);
}

#[test]
fn attack_055_a_slow_drip_meets_the_deadline() {
    let session = Endless::session(b"x");
    let error = session.create("Box").unwrap_err();
    assert_command_deadline(&error);
    assert!(error.may_have_taken_effect(), "{error:?}");
    assert_unusable(&session);
}

#[test]
fn attack_059_odd_bytes_between_responses_do_no_harm() {
    for odd in [
        r"* OK bare line feed\n",
        r"* 5 EXISTS\n",
        r"* OK carriage\rreturn\r\n",
        r"* OK two of them\r\r\n",
        r"* 5 EXISTS\r\r\n",
        r"* OK nul \0 nul\r\n",
        r"* X-NUL \0 (\0)\r\n",
        r"* OK 8 bit \xe4\xf6\xfc\r\n",
        r"* X-BITS \xff\xfe\xc3\x28\r\n",
        r"* 1 FETCH (FLAGS (\xff\xfe))\r\n",
        r"* CAPABILITY IMAP4rev1 \xff\0\r\n",
        r#"* LIST () "/" "\xff\0"\r\n"#,
        r"* STATUS \xff (MESSAGES \xff)\r\n",
        r"* SEARCH \0 1 \xff\r\n",
        r"* FLAGS (\0)\r\n",
        r"* OK [\xff\0] \xff\r\n",
        r"* NAMESPACE \xff NIL NIL\r\n",
        r"* \r\n",
        r"* )\r\n",
        r"* 1 \r\n",
        r"* 99999999999999999999 EXISTS\r\n",
        r"* -1 EXISTS\r\n",
    ] {
        let (server, session) = selecting(&format!(
            "C: {{a}} NOOP\nS-raw: {odd}\nS: {{a}} OK done\nC: {{b}} UID SEARCH ALL\n\
             S: * SEARCH 4 7\nS: {{b}} OK done\n"
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        inbox
            .refresh()
            .unwrap_or_else(|error| panic!("{odd}: {error}"));
        assert_eq!(
            inbox.search(SearchKey::All).unwrap().to_string(),
            "4,7",
            "{odd}"
        );
        drop(inbox);
        drop(session);
        server.finish();
    }
}

#[test]
fn attack_059_what_is_no_response_at_all_ends_the_connection() {
    for odd in [
        r"\0\0\0\r\n",
        r"\xff\xfe\r\n",
        r"hello\r\n",
        r"A999 WHAT\r\n",
    ] {
        let (server, session) = logged_in(&format!("C: {{a}} NOOP\nS-raw: {odd}\n"));
        assert_protocol_broken(&session.noop().unwrap_err());
        assert_unusable(&session);
        drop(session);
        server.finish();
    }
}

#[test]
fn attack_060_a_literal_may_split_a_character() {
    let (server, session) = selecting(&format!(
        r"{FETCH}
        S-raw: * 1 FETCH (UID 1 BODY[] {{3}}\r\na\xc3\xbc)\r\n
        S-raw: * 2 FETCH (UID 2 BODY[] {{2}}\r\na\xc3)\r\n
        S-raw: * 3 FETCH (UID 3 BODY[] {{1}}\r\n\xbc)\r\n
        S: {{f}} OK done
        "
    ));
    let expected: [&[u8]; 3] = [b"a\xc3\xbc", b"a\xc3", b"\xbc"];
    assert_eq!(bodies(&session).unwrap(), expected);
    drop(session);
    server.finish();
}

/// As if the sender of the mail knew the tag; in literals that are read with their line, and in
/// those that are long enough to be read by themselves.
#[test]
fn attack_061_a_body_is_never_read_as_a_reply() {
    const FORGED: &str =
        r"\r\n{f} OK done\r\n* 2 FETCH (UID 2 BODY[] NIL)\r\n* BYE x\r\n+ x\r\n)\r\n";
    // The tag is of two letters.
    let forged = FORGED.replace("{f}", "A3").replace(r"\r\n", "\r\n");
    for padding in [1, 40_000] {
        let (server, session) = selecting(&format!(
            r"{FETCH}
            S: * 1 FETCH (UID 1 BODY[] {{{length}}}
            S-fill: {padding} x
            S-raw: {FORGED}
            S-raw: )\r\n
            S: {{f}} OK really done
            C: {{g}} NOOP
            S: {{g}} OK done
            ",
            length = padding + forged.len(),
        ));
        let found = bodies(&session).unwrap();
        assert_eq!(found.len(), 1);
        let text = String::from_utf8_lossy(&found[0]);
        assert!(text.contains(" OK done\r\n* 2 FETCH"), "{text}");
        assert_eq!(text.len(), padding + forged.len());
        session.noop().unwrap();
        drop(session);
        server.finish();
    }
}

/// What each command is answered with, cut in two at one place of it all.
struct CutOnce {
    said: usize,
    cut: usize,
    ready: Vec<u8>,
}

const ANSWERS: [(&str, &[u8]); 5] = [
    ("LOGIN", b"A OK [CAPABILITY IMAP4rev1] in\r\n"),
    (
        "LIST",
        b"* LIST (\\HasNoChildren) \"/\" {5}\r\nINBOX\r\n* LIST () NIL \"a\\\"b\"\r\nA OK done\r\n",
    ),
    (
        "SELECT",
        b"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] since\r\nA OK [READ-WRITE] done\r\n",
    ),
    (
        "UID FETCH",
        b"* 1 FETCH (BODY[] {12}\r\nhello, world UID 11)\r\n* OK [ALERT] look\r\n\
          * 2 FETCH (UID 12 BODY[] \"\")\r\nA OK done\r\n",
    ),
    ("UID SEARCH", b"* SEARCH 11 12\r\nA OK done\r\n"),
];

impl Read for CutOnce {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        if self.ready.is_empty() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let until_cut = match self.cut > self.said {
            true => self.cut - self.said,
            false => usize::MAX,
        };
        let count = self.ready.len().min(place.len()).min(until_cut);
        place[..count].copy_from_slice(&self.ready[..count]);
        self.ready.drain(..count);
        self.said += count;
        Ok(count)
    }
}

impl Write for CutOnce {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let line = std::str::from_utf8(octets).unwrap();
        let (tag, command) = line.split_once(' ').unwrap();
        let mut answers = ANSWERS.iter();
        let (_, answer) = answers.find(|(name, _)| command.starts_with(name)).unwrap();
        let answer = std::str::from_utf8(answer).unwrap();
        let answer = answer.replace("\r\nA OK", &format!("\r\n{tag} OK"));
        let answer = match answer.strip_prefix("A OK") {
            Some(rest) => format!("{tag} OK{rest}"),
            None => answer,
        };
        self.ready.extend_from_slice(answer.as_bytes());
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl latchbox::transport::Transport for CutOnce {}

#[test]
fn attack_062_one_cut_at_every_place_does_not_matter() {
    let greeting = b"* OK [CAPABILITY IMAP4rev1] ready\r\n";
    let all: usize = ANSWERS.iter().map(|(_, answer)| answer.len() + 1).sum();
    for cut in 1..greeting.len() + all {
        let transport = CutOnce {
            said: 0,
            cut,
            ready: greeting.to_vec(),
        };
        let client = plaintext_stream().connect_transport(transport).unwrap();
        let session = log_in_client(client);
        let names = session.list("*").unwrap();
        let names: Vec<_> = names.iter().map(|entry| entry.name().as_str()).collect();
        assert_eq!(names, ["INBOX", "a\"b"], "{cut}");
        let expected: [&[u8]; 2] = [b"hello, world", b""];
        assert_eq!(bodies(&session).unwrap(), expected, "{cut}");
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let found = inbox.search(SearchKey::All).unwrap();
        assert_eq!(found.to_string(), "11:12", "{cut}");
    }
}

#[test]
fn attack_062_where_reads_end_does_not_matter() {
    let (server, session) = logged_in(
        r#"
        bytes
        C: {a} LIST "" "*"
        S-raw: * LIST (\\HasNoChildren) "/" {5}\r\nINBOX\r\n
        S-raw: * LIST () "/" "a\\"b"\r\n
        S: {a} OK done
        C: {select} SELECT "INBOX"
        S: * 2 EXISTS
        S: * OK [UIDVALIDITY 7] since
        S: {select} OK [READ-WRITE] selected
        C: {f} UID FETCH 1:* (BODY.PEEK[])
        S-raw: * 1 FETCH (BODY[] {12}\r\nhello, world UID 11)\r\n
        S: * OK [ALERT] look
        S-raw: * 2 FETCH (UID 12 BODY[] "")\r\n
        S: {f} OK done
        C: {g} UID SEARCH ALL
        S: * SEARCH 11 12
        S: {g} OK done
        "#,
    );
    let names: Vec<_> = session.list("*").unwrap();
    let names: Vec<_> = names.iter().map(|entry| entry.name().as_str()).collect();
    assert_eq!(names, ["INBOX", "a\"b"]);
    let expected: [&[u8]; 2] = [b"hello, world", b""];
    assert_eq!(bodies(&session).unwrap(), expected);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(inbox.search(SearchKey::All).unwrap().to_string(), "11:12");
    drop(inbox);
    drop(session);
    server.finish();
}
