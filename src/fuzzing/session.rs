//! A whole session against a server that says anything.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::client_builder::ClientBuilder;
use crate::command::RawCommand;
use crate::error::{Error, Result};
use crate::fuzzing::input::Pieces;
use crate::idle_options::IdleOptions;
use crate::mailbox_guard::MailboxGuard;
use crate::sasl::{CramMd5, Scram, XOAuth2};
use crate::session::Session;
use crate::transport::Transport;
use crate::types::fetch::FetchItem;
use crate::types::flag::Flag;
use crate::types::mailbox_status::StatusItem;
use crate::types::search::SearchKey;
use crate::types::search_return::SearchReturn;
use crate::types::section::Section;
use crate::types::sort::SortKey;
use crate::types::store::StoreAction;
use crate::types::thread::ThreadAlgorithm;
use crate::types::uid::Uid;
use crate::types::uid_set::UidSet;
use crate::wire::testing;

/// What no error of a login may show.
const PASSWORD: &str = "hunter2-hunter2";

/// The first line is a program: a letter for each way in which the stream behaves, a colon, and a
/// letter for each operation. What follows is what the server says: `{tag}` is the tag that was
/// heard last, and a line `C:` ends what is there to be read before the client goes on.
pub fn session(data: &[u8]) {
    let end = memchr::memchr(b'\n', data).unwrap_or(data.len());
    let (program, script) = data.split_at(end);
    let mut halves = program.splitn(2, |octet| *octet == b':');
    let (manner, program) = (
        halves.next().unwrap_or_default(),
        halves.next().unwrap_or_default(),
    );
    let program = &program[..program.len().min(MOST_OPERATIONS)];
    let counted = Arc::new(AtomicUsize::new(0));
    let stream = Server::new(
        script.get(1..).unwrap_or_default(),
        manner,
        Arc::clone(&counted),
    );
    run(stream, manner, program);
    // A read for each octet, and a few for each operation.
    let most = 4 * data.len() + 400 * (program.len() + 2);
    let steps = counted.load(Ordering::Relaxed);
    assert!(
        steps <= most,
        "{steps} reads and writes for {} octets",
        data.len()
    );
}

const MOST_OPERATIONS: usize = 24;

fn run(stream: Server, manner: &[u8], program: &[u8]) {
    let Ok(client) = told(builder(manner).connect_transport(stream)) else {
        return;
    };
    let has = |letter: u8| manner.contains(&letter);
    let session = match () {
        () if has(b'p') => client.into_preauthenticated(),
        () if has(b'x') => client.authenticate(XOAuth2::new("jane", PASSWORD)),
        () if has(b'm') => client.authenticate(CramMd5::new("jane", PASSWORD)),
        () if has(b'h') => {
            client.authenticate(Scram::sha_256("jane", PASSWORD).max_iterations(5000))
        }
        () => client.login("jane", PASSWORD),
    };
    let Ok(session) = session.map_err(|error| check_secrecy(error.error())) else {
        return;
    };
    let mut program = program.iter().copied();
    while let Some(operation) = program.next() {
        let done = match operation {
            b'g' => match told(session.lock_mailbox("INBOX")) {
                Ok(guard) => held(guard, &mut program),
                Err(error) => Err(error),
            },
            operation => told(outside(&session, operation)),
        };
        let _ = session.events();
        if done.is_err_and(|error| error.is_closed()) {
            let again = session.noop().expect_err("what is closed stays closed");
            assert!(again.is_closed(), "{again}");
        }
    }
    let _ = told(session.logout());
}

fn builder(manner: &[u8]) -> ClientBuilder {
    let builder = Client::builder("localhost")
        .danger_plaintext()
        .danger_cleartext_login()
        .line_limit(64 << 10)
        .literal_limit(64 << 10)
        .response_limit(128 << 10)
        .answer_limit(512 << 10)
        .depth_limit(16)
        .list_limit(10_000)
        .wait_when_throttled(Duration::ZERO);
    let builder = match manner.contains(&b'p') {
        true => builder.accept_preauth(),
        false => builder,
    };
    if manner.contains(&b'z') {
        return builder.compress();
    }
    builder
}

/// Looks at an error on its way.
fn told<T>(result: Result<T>) -> Result<T> {
    result.inspect_err(check)
}

/// A server that repeats the password of a login that it refuses does not get it into the error.
fn check_secrecy(error: &Error) {
    let text = format!("{error} {error:?} {error:#?}");
    assert!(!text.contains(PASSWORD), "{text}");
    check(error);
}

fn check(error: &Error) {
    let _ = format!("{error} {error:?} {error:#?}");
    let _ = (
        error.is_timeout(),
        error.response_code(),
        error.login_hint(),
    );
}

fn look(value: &impl fmt::Debug) {
    let _ = format!("{value:?}");
}

fn outside(session: &Session, operation: u8) -> Result<()> {
    match operation {
        b'l' => look(&session.list("*")?),
        b'L' => look(&session.lsub("%")?),
        b's' => look(&session.status("INBOX", [StatusItem::Messages, StatusItem::UidNext])?),
        b'S' => {
            for status in session.status_many(["a", "b", "c"], [StatusItem::Unseen])? {
                let _ = told(status).map(|status| look(&status));
            }
        }
        b'c' => session.create("box & co")?,
        b'D' => session.delete("box")?,
        b'R' => session.rename("a", "b")?,
        b'n' => look(&session.namespace()?),
        b'i' => look(&session.id(&[("name", "fuzz")])?),
        b'q' => look(&session.quota().roots("INBOX")?),
        b'a' => look(&session.acl("INBOX").get()?),
        b'A' => look(&session.acl("INBOX").my_rights()?),
        b'm' => look(&session.metadata("INBOX").get(["/private/comment"])?),
        b'M' => look(&session.special_mailboxes()?),
        b'p' => look(&session.append("INBOX", &b"Subject: a\r\n\r\nhello\r\n"[..])?),
        b'b' => {
            look(&session.append_atomic("INBOX", [&b"a: b\r\n\r\n"[..], &b"c: d\r\n\r\n"[..]])?);
        }
        b'C' => look(&session.capabilities()?),
        b'r' => look(&session.raw(&RawCommand::new("XFOO")?.string("a\r\nb"))?),
        b'N' => session.notify().stop()?,
        b'e' => look(&session.lock_state()),
        _ => session.noop()?,
    }
    Ok(())
}

/// What is done while the mailbox is held, up to the letter that lets go of it.
fn held(mut guard: MailboxGuard<'_>, program: &mut impl Iterator<Item = u8>) -> Result<()> {
    let mut closed = None;
    for operation in program {
        let done = match operation {
            b'g' => break,
            b'u' => return told(guard.unselect()),
            b'U' => return told(guard.close_and_expunge()),
            b'w' => return told(guard.switch_to("Archive").map(drop)),
            operation => told(inside(&mut guard, operation)),
        };
        look(&guard.events());
        let _ = (
            guard.exists(),
            guard.mailbox().map(|mailbox| look(&mailbox)),
        );
        if let Some(error) = done.err().filter(Error::is_closed) {
            closed = Some(error);
        }
    }
    let released = told(guard.release());
    closed.map_or(released, Err)
}

fn inside(guard: &mut MailboxGuard<'_>, operation: u8) -> Result<()> {
    let some = UidSet::unbound([Uid::MIN]);
    let all = UidSet::all();
    let whole = Section::whole();
    match operation {
        b'f' => {
            let items = [
                FetchItem::Envelope,
                FetchItem::BodyStructure,
                FetchItem::Flags,
            ];
            let mut messages = guard.fetch(&all, items)?;
            while let Some(message) = messages.next()? {
                let _ = testing::summary(message);
            }
        }
        b'F' => {
            for message in guard.fetch(&some, [FetchItem::BodyPeek(whole.clone())])? {
                let mut message = message?;
                let _ = (testing::summary(&message), message.take_body(&whole));
            }
        }
        b'h' => {
            // Left in the middle: the rest is read by whoever comes next.
            let mut messages = guard.fetch(&all, [FetchItem::Uid])?;
            let _ = messages.next()?.map(testing::summary);
        }
        b'b' => {
            let mut batches = guard.batches(&all, [FetchItem::Flags], 2)?;
            while let Some(batch) = batches.next(guard)? {
                look(&batch);
            }
        }
        b'v' => look(&guard.fetch_flags(&all)?),
        b'k' => look(&guard.search(SearchKey::Subject("é".into()))?),
        b'K' => look(
            &guard.run(
                crate::command::Search::new(SearchKey::All)
                    .returning(SearchReturn::new().count().min().max()),
            )?,
        ),
        b'o' => look(&guard.sort([SortKey::Arrival], SearchKey::All)?),
        b't' => look(&guard.thread(ThreadAlgorithm::References, SearchKey::All)?),
        b's' => look(&guard.store(&some, StoreAction::Add, [Flag::Seen])?),
        b'y' => look(&guard.copy(&some, "Archive")?),
        b'm' => look(&guard.move_to(&some, "Archive")?),
        b'x' => look(&guard.delete(&some)?),
        b'X' => look(&guard.expunge_all_deleted()?),
        b'p' => {
            let batch = (
                crate::command::Status::new("a", [StatusItem::Messages])?,
                crate::command::Store::remove(&some, &[Flag::Seen]),
                crate::command::Noop,
            );
            look(&guard.pipeline(batch)?);
        }
        b'r' => look(&guard.raw(&RawCommand::uid("XFOO")?.uids(&some)?)?),
        b'l' => look(&guard.search_saved(SearchKey::All)?.count()),
        other => stream(guard, other)?,
    }
    Ok(())
}

/// What takes the guard for as long as it goes on.
fn stream(guard: &mut MailboxGuard<'_>, operation: u8) -> Result<()> {
    let whole = Section::whole();
    match operation {
        b'd' => {
            let mut download = guard.download(Uid::MIN, &whole)?;
            download.copy_to(&mut io::sink())?;
        }
        b'D' => {
            let mut downloads = guard.download_each(&UidSet::all(), &whole)?;
            while let Some(download) = downloads.next()? {
                let mut place = [0; 10];
                let _ = download.read(&mut place);
            }
        }
        b'i' => {
            let mut idle = guard.idle_with(&IdleOptions::new())?;
            for _ in 0..20 {
                match idle.next_until(Instant::now())? {
                    Some(event) => look(&event),
                    None => break,
                }
            }
            idle.done()?;
        }
        _ => guard.refresh()?,
    }
    Ok(())
}

/// A server that says what it was given, in answer to whatever.
struct Server {
    /// What can be read at a time.
    chunks: VecDeque<Vec<u8>>,
    now: VecDeque<u8>,
    pieces: Pieces,
    is_silent_at_the_end: bool,
    nonblocking: bool,
    may_nonblock: bool,
    line: Vec<u8>,
    tag: Vec<u8>,
    counted: Arc<AtomicUsize>,
}

impl Server {
    fn new(script: &[u8], manner: &[u8], counted: Arc<AtomicUsize>) -> Self {
        let mut chunks = VecDeque::from([Vec::new()]);
        for line in script.split_inclusive(|octet| *octet == b'\n') {
            match line {
                b"C:\n" | b"C:\r\n" => chunks.push_back(Vec::new()),
                line => chunks
                    .back_mut()
                    .into_iter()
                    .for_each(|chunk| chunk.extend_from_slice(line)),
            }
        }
        let seed = manner.iter().find(|octet| octet.is_ascii_digit());
        Self {
            chunks,
            now: VecDeque::new(),
            pieces: Pieces::new(seed.map_or(0, |seed| *seed)),
            is_silent_at_the_end: manner.contains(&b's'),
            nonblocking: false,
            may_nonblock: manner.contains(&b'n'),
            line: Vec::new(),
            tag: b"A1".to_vec(),
            counted,
        }
    }

    /// What it says next, with the tag of the command that it has heard.
    fn begin(&mut self, chunk: &[u8]) {
        let mut rest = chunk;
        while let Some(at) = memchr::memmem::find(rest, b"{tag}") {
            self.now.extend(&rest[..at]);
            self.now.extend(&self.tag);
            rest = &rest[at + b"{tag}".len()..];
        }
        self.now.extend(rest);
    }
}

impl Read for Server {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        self.counted.fetch_add(1, Ordering::Relaxed);
        while self.now.is_empty() {
            if self.nonblocking {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            match self.chunks.pop_front() {
                Some(chunk) => self.begin(&chunk),
                None if self.is_silent_at_the_end => return Err(io::ErrorKind::WouldBlock.into()),
                None => return Ok(0),
            }
        }
        let count = self.pieces.next().min(place.len());
        self.now.read(&mut place[..count])
    }
}

impl Write for Server {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.counted.fetch_add(1, Ordering::Relaxed);
        for octet in octets {
            self.line.push(*octet);
            if *octet == b'\n' {
                let words = self.line.split(|octet| *octet == b' ').next();
                let is_tag = |word: &&[u8]| word.iter().all(u8::is_ascii_alphanumeric);
                if let Some(tag) = words.filter(is_tag) {
                    self.tag = tag.to_vec();
                }
                self.line.clear();
            }
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for Server {
    fn set_nonblocking(&mut self, nonblocking: bool) -> bool {
        self.nonblocking = nonblocking && self.may_nonblock;
        self.may_nonblock
    }
}
