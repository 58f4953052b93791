//! What the hot paths cost, in counts that no busy machine changes: allocations, octets held,
//! reads and writes.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation
)]

mod ceilings;
mod cycles;
mod flooded;
mod served;
mod stored;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use latchbox::command::Noop;
use latchbox::message::{Decoded, TransferEncoding};
use latchbox::transport::Socket;
use latchbox::types::{FetchItem, SearchKey, Section, Uid, UidSet};
use latchbox::{Client, Session};
use latchbox_counting::{Cost, Counting, cost};

use served::{Calls, Rows, Served};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const CAPABILITIES: &str = "IMAP4rev1 LITERAL+ UIDPLUS";

/// Whether the sizes are those of the long form of `tests/run`.
fn is_long() -> bool {
    std::env::var_os("LATCHBOX_LONG").is_some()
}

fn session(served: Served) -> (Session, Calls) {
    let calls = served.calls();
    let client = Client::builder("localhost")
        .danger_plaintext()
        .danger_cleartext_login()
        .connect_transport(served)
        .unwrap();
    let session = client.login("me", "secret").unwrap();
    (session, calls)
}

/// Reads all messages of a mailbox of `count`; what that cost, with what the first ten cost left
/// out, and the reads it took.
fn fetched(count: u32, rows: Rows, read: usize, item: FetchItem) -> (Cost, usize) {
    let (session, calls) = session(Served::new(CAPABILITIES, rows, count, read));
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let mut messages = inbox.fetch(&UidSet::all(), [item]).unwrap();
    let mut seen = 0;
    while seen < 10 && messages.next().unwrap().is_some() {
        seen += 1;
    }
    calls.reset();
    let (cost, ()) = cost(|| {
        while let Some(message) = messages.next().unwrap() {
            seen += 1;
            assert_eq!(message.uid().value(), seen);
            if let Some(flags) = message.flags() {
                assert_eq!(flags.count(), 2);
            }
            if let Some(body) = message.body(&Section::whole()) {
                assert_eq!(body.len(), served::body_of(seen));
            }
        }
    });
    assert_eq!(seen, count);
    (cost, calls.reads())
}

/// The allocations of a long answer for the buffers, which become large and are given back; and the
/// octets of the large ones.
const LARGE: (u64, u64) = (4, 65 << 10);

#[test]
fn streamed_flags_allocate_nothing_however_many_they_are() {
    let long = is_long().then_some(10_000_000);
    for count in [10_000, 100_000].into_iter().chain(long) {
        let (cost, reads) = fetched(count, Rows::Flags, usize::MAX, FetchItem::Flags);
        assert!(
            cost.allocations <= 4 + LARGE.0,
            "{count} messages: {cost:?}"
        );
        assert!(
            cost.peak < LARGE.1 + (8 << 10),
            "{count} messages: {cost:?}"
        );
        let octets = Rows::Flags.octets(count);
        assert!(
            reads <= octets / (48 << 10) + 2,
            "{reads} reads of {octets} octets"
        );
    }
}

#[test]
fn streamed_flags_allocate_nothing_octet_by_octet() {
    let (cost, _) = fetched(1000, Rows::Flags, 1, FetchItem::Flags);
    assert!(cost.allocations <= 4, "{cost:?}");
}

#[test]
fn envelopes_and_structures_are_read_without_an_allocation() {
    let (session, _) = session(Served::new(CAPABILITIES, Rows::Overview, 1010, usize::MAX));
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let items = [FetchItem::Envelope, FetchItem::BodyStructure];
    let mut messages = inbox.fetch(&UidSet::all(), items).unwrap();
    let mut seen = 0;
    let mut look = |most: u32| {
        while seen < most {
            let message = messages.next().unwrap().unwrap();
            let envelope = message.envelope().unwrap();
            assert!(envelope.date().is_some() && envelope.subject() == "the report");
            for address in [envelope.from(), envelope.sender(), envelope.to()]
                .into_iter()
                .flatten()
            {
                assert_eq!(address.name().as_deref(), Some("Ann Example"));
                assert_eq!(
                    (&*address.mailbox(), address.host().as_deref()),
                    ("ann", Some("example.org"))
                );
            }
            assert!(envelope.message_id().is_some() && envelope.cc().next().is_none());
            let structure = message.body_structure().unwrap();
            let mut parts = structure.parts().skip(1);
            let (text, file) = (parts.next().unwrap(), parts.next().unwrap());
            assert!(
                text.is_type("text", "plain")
                    && text.parameter("charset").as_deref() == Some("utf-8")
            );
            assert!(
                file.disposition()
                    .is_some_and(|disposition| disposition.is_attachment())
            );
            assert!(file.octets() == Some(70) && text.lines() == Some(1) && parts.next().is_none());
            seen += 1;
        }
    };
    look(10);
    let (cost, ()) = cost(|| look(1010));
    assert!(cost.allocations <= 4, "{cost:?}");
    assert!(cost.peak < 8 << 10, "{cost:?}");
}

#[test]
fn a_table_of_flags_takes_16_octets_a_message() {
    let count: u32 = if is_long() { 10_000_000 } else { 1_000_000 };
    let (session, _) = session(Served::new(CAPABILITIES, Rows::Flags, count, usize::MAX));
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let (cost, table) = cost(|| inbox.fetch_flags(&UidSet::all()).unwrap());
    assert_eq!(table.len(), count as usize);
    let octets = 16 * i64::from(count);
    assert!(cost.kept < octets + (4 << 10), "{cost:?}");
    assert!(cost.peak < u64::from(count) * 21, "{cost:?}");
    assert!(cost.allocations < 80, "{cost:?}");
    let last = table.get(Uid::new(count).unwrap()).unwrap();
    assert_eq!(last.flags().len(), 2);
}

#[test]
fn large_bodies_take_the_memory_of_the_one_before() {
    let item = || FetchItem::BodyPeek(Section::whole());
    let (small, _) = fetched(110, Rows::Bodies, usize::MAX, item());
    let (large, _) = fetched(210, Rows::Bodies, usize::MAX, item());
    assert_eq!(large, small);
}

#[test]
fn an_owned_body_is_taken_and_not_copied() {
    let (session, _) = session(Served::new(CAPABILITIES, Rows::Bodies, 50, usize::MAX));
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let item = FetchItem::BodyPeek(Section::whole());
    let mut messages = inbox.fetch(&UidSet::all(), [item]).unwrap().into_iter();
    messages.next().unwrap().unwrap();
    let (cost, body) = cost(|| {
        let mut message = messages.next().unwrap().unwrap();
        message.take_body(&Section::whole()).unwrap()
    });
    assert_eq!(body.len(), served::body_of(2));
    assert!(cost.allocations <= 5, "{cost:?}");
    assert!(cost.octets < body.len() as u64 + 2048, "{cost:?}");
}

/// Also one that came to the memory of a larger one.
#[test]
fn an_owned_body_has_room_for_itself_and_no_more() {
    let (session, _) = session(Served::new(CAPABILITIES, Rows::Bodies, 50, usize::MAX));
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let item = FetchItem::BodyPeek(Section::whole());
    let mut messages = inbox.fetch(&UidSet::all(), [item]).unwrap();
    let mut largest = 0;
    for _ in 0..20 {
        let message = messages.next().unwrap().unwrap();
        largest = largest.max(message.body(&Section::whole()).unwrap().len());
    }
    let mut is_smaller = false;
    for message in messages {
        let body = message.unwrap().take_body(&Section::whole()).unwrap();
        assert_eq!(body.capacity(), body.len());
        is_smaller |= body.len() < largest;
    }
    assert!(is_smaller);
}

#[test]
fn an_owned_row_has_room_for_itself_and_no_more() {
    let (session, _) = session(Served::new(CAPABILITIES, Rows::Flags, 50, usize::MAX));
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let fetched = inbox.fetch(&UidSet::all(), [FetchItem::Flags]).unwrap();
    let mut messages = fetched.into_iter();
    messages.next().unwrap().unwrap();
    let (cost, row) = cost(|| messages.next().unwrap().unwrap());
    assert_eq!(row.uid().value(), 2);
    // The octets, and where the two items lie in them.
    assert!(cost.allocations <= 2 && cost.octets <= 120, "{cost:?}");
}

/// Counts what it is given.
struct Sink(u64);

impl Write for Sink {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0 += octets.len() as u64;
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_download_takes_the_same_memory_at_any_length() {
    let first = Uid::new(1).unwrap();
    let long = is_long().then_some(1 << 30);
    for length in [1 << 20, 25 << 20, 100 << 20].into_iter().chain(long) {
        let rows = Rows::Long(length);
        let (session, calls) = session(Served::new(CAPABILITIES, rows, 1, usize::MAX));
        let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
        calls.reset();
        let (cost, written) = cost(|| {
            let mut download = inbox.download(first, &Section::whole()).unwrap();
            assert_eq!(download.len(), length as u64);
            let mut sink = Sink(0);
            download.copy_to(&mut sink).unwrap();
            sink.0
        });
        assert_eq!(written, length as u64);
        assert!(
            cost.peak <= LARGE.1 + (16 << 10),
            "{length} octets: {cost:?}"
        );
        assert!(
            cost.allocations <= 16 + LARGE.0,
            "{length} octets: {cost:?}"
        );
        let most = length / (48 << 10) + 4;
        assert!(calls.reads() <= most, "{} reads of {length}", calls.reads());
    }
}

#[test]
fn a_decoded_download_takes_little_memory_too() {
    let rows = Rows::Long(25 << 20);
    let (session, _) = session(Served::new(CAPABILITIES, rows, 1, usize::MAX));
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let (cost, written) = cost(|| {
        let download = inbox.download(Uid::new(1).unwrap(), &Section::whole());
        let decoded = Decoded::new(download.unwrap(), TransferEncoding::Base64);
        decoded.charset("utf-8").copy_to(&mut io::sink()).unwrap()
    });
    // The letter x is all ones and zeros; not all of it is UTF-8.
    assert!(written > 18 << 20, "{written}");
    assert!(cost.peak <= LARGE.1 + (192 << 10), "{cost:?}");
}

#[test]
fn a_place_large_enough_is_read_to_past_the_buffer() {
    let (session, calls) = session(Served::new(
        CAPABILITIES,
        Rows::Long(8 << 20),
        1,
        usize::MAX,
    ));
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let mut place = vec![0; 8 << 20];
    let mut download = inbox.download(Uid::new(1).unwrap(), &Section::whole());
    calls.reset();
    let download = download.as_mut().unwrap();
    download.read_exact(&mut place).unwrap();
    download.finish().unwrap();
    assert!(calls.reads() <= 20, "{} reads", calls.reads());
    assert!(place.iter().all(|octet| *octet == b'x'));
}

#[test]
fn one_download_of_many_allocates_nothing() {
    let (session, calls) = session(Served::new(CAPABILITIES, Rows::Bodies, 1010, usize::MAX));
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let mut downloads = inbox
        .download_each(&UidSet::all(), &Section::whole())
        .unwrap();
    let mut sink = Sink(0);
    for _ in 0..10 {
        let download = downloads.next().unwrap().unwrap();
        download.copy_to(&mut sink).unwrap();
    }
    calls.reset();
    sink.0 = 0;
    let (cost, ()) = cost(|| {
        while let Some(download) = downloads.next().unwrap() {
            download.copy_to(&mut sink).unwrap();
        }
    });
    let octets: usize = (11..=1010).map(served::body_of).sum();
    assert_eq!(sink.0, octets as u64);
    assert!(cost.allocations <= 4, "{cost:?}");
    assert!(cost.peak <= 8 << 10, "{cost:?}");
    let most = octets / (48 << 10) + 4;
    assert!(calls.reads() <= most, "{} reads", calls.reads());
}

#[test]
fn a_noop_is_one_write_and_one_read_and_allocates_nothing() {
    let (session, calls) = session(Served::new(CAPABILITIES, Rows::Flags, 1, usize::MAX));
    (0..10).for_each(|_| session.noop().unwrap());
    calls.reset();
    let (cost, ()) = cost(|| (0..100).for_each(|_| session.noop().unwrap()));
    assert_eq!((calls.writes(), calls.reads()), (100, 100));
    assert_eq!(cost.allocations, 0, "{cost:?}");
}

#[test]
fn a_batch_of_a_hundred_commands_is_one_write_and_one_read() {
    let (session, calls) = session(Served::new(CAPABILITIES, Rows::Flags, 1, usize::MAX));
    drop(session.pipeline([Noop; 100]).unwrap());
    calls.reset();
    let (cost, outcomes) = cost(|| session.pipeline([Noop; 100]).unwrap());
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!((calls.writes(), calls.reads()), (1, 1));
    // Among them one for the plans of all commands, and one for what came of them.
    assert!(cost.allocations <= 17, "{cost:?}");
}

/// Each write waits for a read at most: that is how many round trips it takes.
#[test]
fn a_batch_of_five_hundred_commands_is_few_round_trips() {
    let (session, calls) = session(Served::new(CAPABILITIES, Rows::Flags, 1, usize::MAX));
    drop(session.pipeline(vec![Noop; 500]).unwrap());
    calls.reset();
    let (cost, outcomes) = cost(|| session.pipeline(vec![Noop; 500]).unwrap());
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!((calls.writes(), calls.reads()), (4, 4));
    assert!(cost.allocations <= 18, "{cost:?}");
}

#[test]
fn an_append_is_one_write_of_the_message_as_it_lies() {
    for size in [10, 8 << 10, 64 << 10, 1 << 20] {
        let (session, calls) = session(Served::new(CAPABILITIES, Rows::Flags, 1, usize::MAX));
        let message = vec![b'x'; size];
        session.append("INBOX", &message).unwrap();
        calls.reset();
        let (cost, appended) = cost(|| session.append("INBOX", &message).unwrap());
        assert_eq!(appended.uid(), Uid::new(7));
        assert_eq!((calls.writes(), calls.reads()), (1, 1), "{size} octets");
        assert!(cost.octets < 1024, "{size} octets: {cost:?}");
    }
}

#[test]
fn a_synchronizing_append_is_two_writes_and_two_reads() {
    let (session, calls) = session(Served::new("IMAP4rev1", Rows::Flags, 1, usize::MAX));
    let message = vec![b'x'; 64 << 10];
    session.append("INBOX", &message).unwrap();
    calls.reset();
    let (cost, _) = cost(|| session.append("INBOX", &message).unwrap());
    assert_eq!((calls.writes(), calls.reads()), (2, 2));
    assert!(cost.octets < 1024, "{cost:?}");
}

#[test]
fn a_search_holds_ranges_and_not_its_answer() {
    for (count, read) in [(10_000, usize::MAX), (1_000_000, usize::MAX), (20_000, 1)] {
        let (session, _) = session(Served::new(CAPABILITIES, Rows::Flags, count, read));
        let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
        let (cost, found) = cost(|| inbox.search(SearchKey::All).unwrap());
        assert_eq!(found.len(), u64::from(count));
        assert!(cost.peak < 300 << 10, "{count} numbers: {cost:?}");
    }
}

/// Lets the user in, selects, begins each IDLE and sends no event.
fn serve_idle(stream: &TcpStream) -> io::Result<()> {
    let (mut lines, mut stream) = (BufReader::new(stream).lines(), stream);
    stream.write_all(b"* OK [CAPABILITY IMAP4rev1 IDLE] ready\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let answer = match line.split_once(' ') {
            Some((_, "IDLE")) => "+ idling\r\n".to_owned(),
            Some((tag, command)) => {
                let data = command.starts_with("EXAMINE").then_some("* 1 EXISTS\r\n");
                let data = data.unwrap_or_default();
                format!("{data}{tag} OK [CAPABILITY IMAP4rev1 IDLE] done\r\n")
            }
            None => String::new(),
        };
        stream.write_all(answer.as_bytes())?;
    }
    Ok(())
}

#[test]
fn a_wait_for_events_polls_one_socket_and_allocates_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let server = listener.accept().unwrap().0;
    let serving = thread::spawn(move || serve_idle(&server));
    let client = Client::builder("localhost")
        .danger_plaintext()
        .danger_cleartext_login()
        .connect_transport(Socket::from(stream))
        .unwrap();
    let session = client.login("me", "secret").unwrap();
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    let mut wait = || {
        let event = idle.next_timeout(Duration::from_millis(1)).unwrap();
        assert!(event.is_none());
    };
    wait();
    let (cost, ()) = cost(|| (0..10).for_each(|_| wait()));
    assert_eq!(cost.allocations, 0, "{cost:?}");
    drop(idle);
    drop(inbox);
    drop(session);
    let _ = serving.join().unwrap();
}
