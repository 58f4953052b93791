//! What somebody asked who did not believe it: corners of several hazards at once.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use latchbox::command::IdleEnd;
use latchbox::command::IdleOptions;
use latchbox::error::LoginAborted;
use latchbox::sasl::{MechanismError, OAuthBearer, Plain};
use latchbox::transport::{Socket, Transport};
use latchbox::types::{FetchItem, Flag, NewMessage, SearchKey, Section, StoreAction, Uid, UidSet};
use latchbox::{Error, Session, StopHandle};

use crate::scripted::{
    SHORT, assert_limit, closed, log_in_client, logged_in, logged_in_with, plain, selecting,
    selecting_with, with_login,
};
use crate::sessions::{plaintext, plaintext_stream};
use crate::support::script::script;

/// How long something that has to happen may take.
const SOON: Duration = Duration::from_secs(20);

/// A name that is sent as a literal.
fn long() -> String {
    "x".repeat(2000)
}

/// What was never sent whole cannot have been done, however the server ends then.
#[test]
fn hazard_h06_a_command_that_waits_for_its_literal_has_no_effect() {
    type Call = fn(&Session) -> latchbox::Result<()>;
    let calls: [(&str, Call); 3] = [
        ("APPEND \"Box\" {4}", |session| {
            session.append("Box", "a: b").map(drop)
        }),
        ("APPEND \"Box\" {6}", |session| {
            session
                .append("Box", NewMessage::from_reader(&b"c: d\r\n"[..], 6))
                .map(drop)
        }),
        ("CREATE {2000}", |session| session.create(long())),
    ];
    for (line, call) in calls {
        for end in ["cut", "reset", "S: * BYE gone", "S: nonsense"] {
            let (server, session) = logged_in(&format!("C: {{a}} {line}\n{end}"));
            let error = call(&session).unwrap_err();
            assert!(error.is_closed(), "{line}, {end}: {error:?}");
            assert!(!error.may_have_taken_effect(), "{line}, {end}: {error}");
            drop(session);
            server.finish();
        }
    }
}

/// Once the last of it was sent it may have been, though the server had to ask for some of it.
#[test]
fn hazard_h06_a_command_that_was_sent_after_its_literal_may_have_had_an_effect() {
    let (server, session) = logged_in(
        "
        C: {a} APPEND \"Box\" {4}
        S: + go on
        C: a: b
        S: * BYE gone
        ",
    );
    let error = session.append("Box", "a: b").unwrap_err();
    assert_eq!(closed(&error).command(), "APPEND");
    assert!(error.may_have_taken_effect(), "{error}");
    drop(session);
    server.finish();
}

/// Talks without end, whatever it is told; the first two commands it answers.
fn talkative(listener: &TcpListener) -> io::Result<()> {
    let (mut stream, _) = listener.accept()?;
    stream.write_all(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")?;
    let mut lines = io::BufReader::new(stream.try_clone()?).lines();
    for answer in ["OK [CAPABILITY IMAP4rev1] hello\r\n", "OK done\r\n* 1 EX"] {
        let line = lines.next().unwrap_or_else(|| Ok(String::new()))?;
        let tag = line.split(' ').next().unwrap_or_default();
        stream.write_all(format!("{tag} {answer}").as_bytes())?;
    }
    let flood = "ISTS\r\n* 1 EX".repeat(10_000);
    loop {
        stream.write_all(flood.as_bytes())?;
    }
}

/// What comes unasked is listened to before a command is sent, and not for ever.
#[test]
fn hazard_h07_a_server_that_never_stops_telling_does_not_keep_a_command_from_being_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || talkative(&listener));
    let client = plaintext(port).answer_limit(1 << 20).connect().unwrap();
    let session = log_in_client(client);
    session.noop().unwrap();
    let (told, hear) = mpsc::channel();
    thread::spawn(move || told.send(session.noop()));
    // Some MiB are read before it is sent, which takes its time in a debug build on a busy machine.
    let error = hear.recv_timeout(6 * SOON).unwrap().unwrap_err();
    assert_limit(&error, "answer_limit");
    assert!(server.join().unwrap().is_err());
}

/// A LOGOUT has its own short time, and shares it with what is left of an answer.
#[test]
fn hazard_h07_a_logout_behind_an_answer_that_stalls_is_over_in_its_own_time() {
    let (server, session) = selecting_with(
        "IMAP4rev1",
        "
        C: {a} UID FETCH 1:3 (FLAGS)
        S: * 1 FETCH (UID 1 FLAGS ())
        C-close
        ",
        |builder| builder.logout_timeout(SHORT),
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let three: UidSet = "1:3".parse().unwrap();
    let mut messages = inbox.fetch(&three, [FetchItem::Flags]).unwrap();
    assert!(messages.next().unwrap().is_some());
    drop(messages);
    drop(inbox);
    let began = Instant::now();
    session.logout().unwrap();
    assert!(began.elapsed() < SOON / 4, "{:?}", began.elapsed());
    server.finish();
}

#[test]
fn hazard_h26_a_select_whose_name_is_refused_leaves_none_selected() {
    let (server, session) = selecting(
        "
        C: {a} SELECT {2000}
        S: {a} NO too long
        C: {b} SELECT \"INBOX\"
        S: * 3 EXISTS
        S: {b} OK done
        ",
    );
    drop(session.lock_mailbox("INBOX").unwrap());
    let error = session.lock_mailbox(long()).unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
    drop(session.lock_mailbox("INBOX").unwrap());
    drop(session);
    server.finish();
}

/// What a refused end of the selection leaves is not known, so the next lock asks.
#[test]
fn hazard_h26_after_a_refused_unselect_or_close_the_mailbox_is_selected_anew() {
    type End = fn(&Session) -> latchbox::Result<()>;
    let ends: [(&str, &str, End); 4] = [
        ("UNSELECT", "UNSELECT", |session| {
            session.lock_mailbox("Box").unwrap().unselect()
        }),
        ("", "CLOSE", |session| {
            session.lock_mailbox("Box").unwrap().close_and_expunge()
        }),
        ("UNSELECT", "UNSELECT", |session| {
            drop(session.lock_mailbox("Box").unwrap());
            session.delete("Box")
        }),
        ("", "EXAMINE INBOX", |session| {
            drop(session.lock_mailbox("Box").unwrap());
            session.rename("Box", "Other")
        }),
    ];
    for (extension, command, end) in ends {
        let select = "C: {s} SELECT \"Box\"\nS: * 3 EXISTS\nS: {s} OK done\n";
        let text = format!("{select}C: {{a}} {command}\nS: {{a}} NO not now\n{select}");
        let capabilities = format!("IMAP4rev1 {extension}");
        let (server, session) = logged_in_with(capabilities.trim(), &text, |builder| builder);
        let error = end(&session).unwrap_err();
        let Error::Refused(refused) = &error else {
            panic!("{error:?}");
        };
        assert_eq!(Some(refused.command()), command.split(' ').next());
        drop(session.lock_mailbox("Box").unwrap());
        drop(session);
        server.finish();
    }
}

/// The server ends the IDLE while DONE is on its way: DONE is then a line that it makes nothing of.
#[test]
fn hazard_h30_a_done_that_comes_too_late_does_no_harm() {
    for complaint in ["DONE BAD no command", "* BAD no tag", "DONE NO what?"] {
        let (server, session) = logged_in_with(
            "IMAP4rev1 IDLE",
            &format!(
                "
                C: {{s}} SELECT \"INBOX\"
                S: * 3 EXISTS
                S: {{s}} OK done
                C: {{i}} IDLE
                S: + idling
                C: DONE
                S: {{i}} OK it was time
                S: {complaint}
                C: {{a}} UID SEARCH ALL
                S: * SEARCH 7
                S: {{a}} OK done
                "
            ),
            |builder| builder,
        );
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let stop = StopHandle::new();
        let mut idle = inbox
            .idle_with(&IdleOptions::new().stop_handle(&stop))
            .unwrap();
        stop.stop();
        assert!(idle.next().unwrap().is_none());
        assert_eq!(idle.end_reason(), Some(IdleEnd::Stopped));
        drop(idle);
        assert_eq!(inbox.search(SearchKey::All).unwrap().to_string(), "7");
        drop(inbox);
        drop(session);
        server.finish();
    }
}

/// It is forgiven once, and only where a DONE was sent.
#[test]
fn hazard_h30_a_complaint_of_a_done_that_was_not_sent_ends_the_connection() {
    let (server, session) = logged_in(
        "
        C: {a} NOOP
        S: DONE BAD no command
        C-close
        ",
    );
    assert!(session.noop().unwrap_err().is_closed());
    drop(session);
    server.finish();
}

/// Where a server keeps no UIDVALIDITY, nothing tells whether the UIDs are those of before.
#[test]
fn hazard_h23_uids_without_uid_validity_are_good_for_one_selection() {
    let select = "C: {s} SELECT \"INBOX\"\nS: * 3 EXISTS\nS: {s} OK done\n";
    let (server, session) = logged_in(&format!(
        "
        {select}
        C: {{a}} UID SEARCH ALL
        S: * SEARCH 1 2 3
        S: {{a}} OK done
        C: {{b}} UID STORE 1:3 +FLAGS (\\Seen)
        S: {{b}} OK done
        C: {{c}} EXAMINE \"Box\"
        S: * 0 EXISTS
        S: {{c}} OK [READ-ONLY] done
        {select}
        "
    ));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let all = inbox.search(SearchKey::All).unwrap();
    drop(inbox);
    // The same selection still.
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.store(&all, StoreAction::Add, [Flag::Seen]).unwrap();
    drop(inbox);
    drop(session.lock_mailbox_read_only("Box").unwrap());
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let error = inbox.delete(&all).unwrap_err();
    assert!(matches!(error, Error::StaleUids(_)), "{error:?}");
    let by_hand = all.clone().without_origin();
    assert_ne!(by_hand, all);
    drop(inbox);
    drop(session);
    server.finish();
}

/// `7:*` where the highest UID is 5 names the message 5 (RFC 9051 section 9): not to be removed.
#[test]
fn hazard_h02_what_is_to_be_removed_from_a_uid_on_is_not_the_message_below_it() {
    type Call = fn(&mut latchbox::MailboxGuard<'_>, &UidSet) -> latchbox::Result<()>;
    let calls: [Call; 3] = [
        |inbox, uids| inbox.delete(uids).map(drop),
        |inbox, uids| inbox.expunge_uids(uids).map(drop),
        |inbox, uids| inbox.move_to(uids, "Box").map(drop),
    ];
    for call in calls {
        let (server, session) = selecting(
            "
            C: {a} UID SEARCH UID 7:4294967295
            S: * SEARCH 5
            S: {a} OK done
            ",
        );
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let seven = UidSet::from_uid(Uid::try_from(7).unwrap());
        call(&mut inbox, &seven).unwrap();
        drop(inbox);
        drop(session);
        server.finish();
    }
    let (server, session) = selecting(
        "
        C: {a} UID SEARCH UID 2,7:4294967295
        S: * SEARCH 2 8 9
        S: {a} OK done
        C: {b} UID MOVE 2,8:9 \"Box\"
        S: {b} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let uids: UidSet = "2,7:*".parse().unwrap();
    inbox.move_to(&uids, "Box").unwrap();
    drop(inbox);
    drop(session);
    server.finish();
}

/// A row that makes no sense up to the literal is no message without content.
#[test]
fn hazard_h15_a_download_out_of_a_row_that_makes_no_sense_is_not_empty() {
    for row in [
        r"* 1 FETCH (UID 5 FLAGS (\\Seen BODY[] {5}\r\nhello)\r\n",
        r"* 1 FETCH (UID 5 X (( BODY[] {5}\r\nhello)\r\n",
        r"* 1 FETCH (UID 5 ENVELOPE garbage BODY[] {5}\r\nhello)\r\n",
        r"* 1 FETCH (UID 5 UID x BODY[] {5}\r\nhello)\r\n",
        r"* 1 FETCH (UID 5 BODY[1] {3}\r\nabc BODY[] {5}\r\nhello)\r\n",
        r"* 1 FETCH (BODY[1] {3}\r\nabc UID 5 BODY[] {5}\r\nhello)\r\n",
        r"* 1 FETCH (UID 5 BODY[] {5}\r\nhello FLAGS (\r\n",
    ] {
        let (server, session) = selecting(&format!(
            "
            C: {{a}} UID FETCH 5 (UID BODY.PEEK[])
            S-raw: {row}
            S: {{a}} OK done
            C: {{n}} NOOP
            S: {{n}} OK done
            "
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let mut octets = Vec::new();
        let done = inbox
            .download(Uid::try_from(5).unwrap(), &Section::whole())
            .and_then(|mut download| download.copy_to(&mut octets));
        match done {
            Ok(_) => assert_eq!(octets, b"hello", "{row}"),
            Err(error) => assert!(!error.is_closed(), "{row}: {error:?}"),
        }
        inbox.refresh().unwrap();
        drop(inbox);
        drop(session);
        server.finish();
    }
}

/// What the caller's stream gives.
#[derive(Clone, Default)]
struct Canned(Arc<Mutex<VecDeque<Given>>>);

enum Given {
    Octets(&'static [u8]),
    Panic,
}

impl Canned {
    fn then(self, reads: impl IntoIterator<Item = Given>) -> Self {
        self.0.lock().unwrap().extend(reads);
        self
    }
}

impl Read for Canned {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let given = self.0.lock().unwrap().pop_front();
        match given {
            Some(Given::Octets(octets)) => {
                let (now, later) = octets.split_at(octets.len().min(place.len()));
                place[..now.len()].copy_from_slice(now);
                if !later.is_empty() {
                    self.0.lock().unwrap().push_front(Given::Octets(later));
                }
                Ok(now.len())
            }
            Some(Given::Panic) => panic!("as it was asked to"),
            None => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

impl Write for Canned {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for Canned {}

fn canned_session(canned: &Canned) -> Session {
    log_in_client(
        plaintext_stream()
            .connect_transport(canned.clone())
            .unwrap(),
    )
}

/// The greeting, the login, INBOX.
fn hello() -> [Given; 3] {
    [
        b"* OK [CAPABILITY IMAP4rev1] ready\r\n".as_slice(),
        b"A1 OK [CAPABILITY IMAP4rev1] hello\r\n",
        b"* 3 EXISTS\r\nA2 OK done\r\n",
    ]
    .map(Given::Octets)
}

/// Half a literal is lost with a panic of the stream: what follows cannot be told apart.
#[test]
fn hazard_h31_a_stream_that_panics_is_not_read_on() {
    let long = b"* 1 FETCH (UID 1 BODY[] {40000}\r\nfirst half of it";
    let canned = Canned::default().then(hello()).then([
        Given::Octets(long),
        Given::Panic,
        Given::Octets(b"second half of it)\r\nA3 OK done\r\nA4 OK done\r\n"),
    ]);
    let session = canned_session(&canned);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let one: UidSet = "1".parse().unwrap();
    let read = catch_unwind(AssertUnwindSafe(|| {
        let mut messages = inbox.fetch(&one, [FetchItem::BodyPeek(Section::whole())])?;
        messages.next().map(|message| message.is_some())
    }));
    assert!(read.is_err());
    let error = inbox.refresh().unwrap_err();
    assert!(error.is_closed() && !error.is_timeout(), "{error:?}");
    drop(inbox);
    assert!(session.noop().unwrap_err().is_closed());
    assert_eq!(canned.0.lock().unwrap().len(), 1, "it was read on");
}

/// Has something to be polled, and cannot be read without waiting.
struct Polled {
    socket: Socket,
    looks: Arc<AtomicUsize>,
}

impl Read for Polled {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        self.socket.read(place)
    }
}

impl Write for Polled {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

impl Transport for Polled {
    fn set_nonblocking(&mut self, nonblocking: bool) -> bool {
        self.looks
            .fetch_add(usize::from(nonblocking), Ordering::Relaxed);
        false
    }

    fn descriptor(&self) -> Option<latchbox::transport::Descriptor<'_>> {
        self.socket.descriptor()
    }
}

/// What has arrived and cannot be read is not looked at over and over until the next NOOP.
#[test]
fn hazard_h30_a_stream_that_can_only_be_polled_does_not_keep_the_processor_busy() {
    let server = script(&with_login(
        "IMAP4rev1 IDLE",
        "
        C: {s} SELECT \"INBOX\"
        S: * 3 EXISTS
        S: {s} OK done
        C: {a} NOOP
        S: {a} OK done
        wait: asked
        S: * 4 EXISTS
        signal: told
        ",
    ));
    let looks = Arc::new(AtomicUsize::new(0));
    let stream = TcpStream::connect(server.address()).unwrap();
    let client = plain(&server)
        .connect_transport(Polled {
            socket: Socket::from(stream),
            looks: Arc::clone(&looks),
        })
        .unwrap();
    let session = log_in_client(client);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    assert!(idle.try_next().unwrap().is_none());
    server.go("asked");
    server.reached("told");
    looks.store(0, Ordering::Relaxed);
    assert!(idle.next_timeout(SHORT).unwrap().is_none());
    assert!(looks.load(Ordering::Relaxed) < 20, "{looks:?}");
    drop(idle);
    drop(inbox);
    drop(session);
    server.finish();
}

/// A first message that makes the line longer than servers take goes behind it.
#[test]
fn a_long_token_is_no_part_of_the_command_line() {
    for (octets, goes_along) in [(5_000, true), (6_500, false)] {
        let token = "t".repeat(octets);
        let message = format!("n,a=ann,\u{1}auth=Bearer {token}\u{1}\u{1}");
        let message = BASE64_STANDARD.encode(message);
        let text = match goes_along {
            true => format!("C: {{a}} AUTHENTICATE OAUTHBEARER {message}"),
            false => format!("C: {{a}} AUTHENTICATE OAUTHBEARER\nS: +\nC: {message}"),
        };
        let server = script(&format!(
            "
            S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=OAUTHBEARER] ready
            {text}
            S: {{a}} OK [CAPABILITY IMAP4rev1] welcome
            "
        ));
        let client = plain(&server).connect().unwrap();
        let session = client.authenticate(OAuthBearer::new("ann", token)).unwrap();
        drop(session);
        server.finish();
    }
}

/// `[READ-WRITE]` says nothing of what was opened by EXAMINE: to change it takes a SELECT.
#[test]
fn hazard_h28_an_examined_mailbox_is_not_taken_for_one_that_can_be_changed() {
    let (server, session) = logged_in(
        "
        C: {a} EXAMINE \"INBOX\"
        S: * 3 EXISTS
        S: {a} OK [READ-WRITE] done
        C: {b} NOOP
        S: * OK [READ-WRITE] as ever
        S: {b} OK [READ-WRITE] done
        C: {c} SELECT \"INBOX\"
        S: * 3 EXISTS
        S: {c} OK [READ-WRITE] done
        ",
    );
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    inbox.refresh().unwrap();
    assert!(inbox.mailbox().unwrap().is_read_only());
    drop(inbox);
    drop(session.lock_mailbox_read_only("INBOX").unwrap());
    drop(session.lock_mailbox("INBOX").unwrap());
    drop(session);
    server.finish();
}

/// A message that was told of in a way that makes no sense is not left out: it would seem gone.
#[test]
fn hazard_h15_a_row_whose_uid_cannot_be_read_is_not_left_out() {
    for (row, is_handed_out) in [
        (r"* 2 FETCH (ENVELOPE what ever UID 2)", false),
        (r#"* 2 FETCH (ENVELOPE ("x UID 2)"#, false),
        (r"* 2 FETCH (FLAGS (\Seen RFC822.SIZE 7 UID 2)", false),
        (r"* 2 FETCH (UID 2 FLAGS (\Seen RFC822.SIZE 7)", true),
    ] {
        let (server, session) = selecting(&format!(
            r"
            C: {{f}} UID FETCH 1:3 (RFC822.SIZE)
            S: * 1 FETCH (UID 1 RFC822.SIZE 7)
            S: {row}
            S: * 3 FETCH (FLAGS (\Seen))
            S: * 3 FETCH (UID 3 RFC822.SIZE 7)
            S: {{f}} OK done
            C: {{n}} NOOP
            S: {{n}} OK done
            "
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let three: UidSet = "1:3".parse().unwrap();
        let mut found = Vec::new();
        let done = inbox
            .fetch(&three, [FetchItem::Rfc822Size])
            .unwrap()
            .collect_into(&mut found);
        if is_handed_out {
            done.unwrap();
            assert_eq!(found.len(), 3, "{row}: {found:?}");
            assert_eq!(found[1].errors().count(), 1, "{row}");
        } else {
            let error = done.unwrap_err();
            assert!(matches!(error, Error::Unparsable(_)), "{row}: {error:?}");
            assert_eq!(found.len(), 2, "the others come: {row}: {found:?}");
        }
        inbox.refresh().unwrap();
        drop(inbox);
        drop(session);
        server.finish();
    }
}

/// "There is no such message" is said only of one that the server did not tell of.
#[test]
fn hazard_h15_a_download_of_what_cannot_be_read_does_not_say_that_the_message_is_gone() {
    for row in [
        r"* 1 FETCH (UID 5 FLAGS (\\Seen BODY[] {5}\r\nhello)\r\n",
        r"* 1 FETCH (UID 5 X (( BODY[] {5}\r\nhello)\r\n",
    ] {
        let (server, session) = selecting(&format!(
            "
            C: {{a}} UID FETCH 5 (UID BODY.PEEK[])
            S-raw: {row}
            S: {{a}} OK done
            "
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let done = inbox.download(Uid::try_from(5).unwrap(), &Section::whole());
        let error = done.unwrap_err();
        assert!(matches!(error, Error::Unparsable(_)), "{row}: {error:?}");
        drop(inbox);
        drop(session);
        server.finish();
    }
}

/// A download that came to its end leaves nothing behind: the bodies of the next FETCH are whole.
#[test]
fn hazard_h31_the_bodies_of_a_fetch_behind_a_download_are_whole() {
    let (server, session) = selecting(
        "
        C: {a} UID FETCH 1 (UID BODY.PEEK[])
        S: * 1 FETCH (UID 1 BODY[] {5}
        S: hello)
        S: {a} OK done
        C: {b} UID FETCH 1:2 (BODY.PEEK[])
        S: * 1 FETCH (UID 1 BODY[] {5}
        S: hello)
        S: * 2 FETCH (BODY[] {5}
        S: again UID 2)
        S: {b} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut octets = Vec::new();
    inbox
        .download(Uid::try_from(1).unwrap(), &Section::whole())
        .unwrap()
        .copy_to(&mut octets)
        .unwrap();
    assert_eq!(octets, b"hello");
    let two: UidSet = "1:2".parse().unwrap();
    let body = FetchItem::BodyPeek(Section::whole());
    let bodies: Vec<_> = inbox
        .fetch(&two, [body])
        .unwrap()
        .into_iter()
        .map(|message| message.unwrap().body(&Section::whole()).map(<[u8]>::to_vec))
        .collect();
    let expected = [b"hello", b"again"].map(|body| Some(body.to_vec()));
    assert_eq!(bodies, expected);
    drop(inbox);
    drop(session);
    server.finish();
}

/// Where the server has not even asked for the password, OK is no login.
#[test]
fn attack_039_an_ok_before_the_password_was_asked_for_is_no_login() {
    let server = script(
        "
        S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready
        C: {a} AUTHENTICATE PLAIN
        S: {a} OK [CAPABILITY IMAP4rev1] welcome
        C-close
        ",
    );
    let client = plain(&server).connect().unwrap();
    let (error, client) = client
        .authenticate(Plain::new("ann", "secret"))
        .map(drop)
        .unwrap_err()
        .into_parts();
    let Error::Login(LoginAborted::Mechanism(MechanismError::Incomplete)) = error else {
        panic!("{error:?}");
    };
    drop(client);
    server.finish();
}

/// After a RENAME of INBOX its name means another mailbox, also where it could not be left before.
#[test]
fn hazard_h02_a_renamed_inbox_is_selected_anew() {
    let (server, session) = logged_in_with(
        "IMAP4rev1",
        "
        C: {s} SELECT \"INBOX\"
        S: * 3 EXISTS
        S: {s} OK done
        C: {r} RENAME \"INBOX\" \"Old\"
        S: {r} OK done
        C: {s} SELECT \"INBOX\"
        S: * 0 EXISTS
        S: {s} OK done
        ",
        |builder| builder,
    );
    drop(session.lock_mailbox("INBOX").unwrap());
    session.rename("INBOX", "Old").unwrap();
    assert_eq!(session.lock_mailbox("INBOX").unwrap().exists(), 0);
    drop(session);
    server.finish();
}
