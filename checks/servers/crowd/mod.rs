//! Sixteen threads on one session with a real server, while mail comes: at work, watched by IDLE,
//! and with the server going away in the middle.

mod restart;
mod watch;
mod work;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use latchbox::guard::Access;
use latchbox::message::Fetch;
use latchbox::types::{FetchItem, Flag, Keyword, SearchKey, StoreAction, UidSet};
use latchbox::{Account, Backoff, Client, Credentials, Error, MailboxGuard, Session};

use crate::sessions::until;
use crate::support::certificates::certificates;
use crate::support::dovecot::{Dovecot, User};

const MAILBOXES: [&str; 4] = ["INBOX", "Archive", "Sent", "Trash"];

const THREADS: usize = 16;

/// Whatever takes longer hangs.
const DEADLINE: Duration = Duration::from_secs(30);

/// How many messages a round marks.
const FEW: usize = 3;

/// What the threads share.
struct Crowd {
    user: User,
    session: Session,
    delivered: [AtomicUsize; MAILBOXES.len()],
    rounds: AtomicUsize,
    is_all_delivered: AtomicBool,
}

impl Crowd {
    /// One message is in each mailbox.
    fn new(server: &Dovecot) -> Self {
        let user = server.user();
        let crowd = Self {
            session: open(server, &user),
            user,
            delivered: Default::default(),
            rounds: AtomicUsize::new(0),
            is_all_delivered: AtomicBool::new(false),
        };
        crowd.deliver_everywhere();
        crowd
    }

    /// Lets a message arrive whose subject is the mailbox and its number there.
    fn deliver(&self, place: usize) {
        let number = self.delivered[place].fetch_add(1, Ordering::SeqCst) + 1;
        let name = MAILBOXES[place];
        let message = format!("From: a@example.test\nSubject: {name} {number}\n\nhello\n");
        self.user.deliver(name, message.as_bytes(), "");
    }

    fn deliver_everywhere(&self) {
        (0..MAILBOXES.len()).for_each(|place| self.deliver(place));
    }

    /// Delivers to every mailbox so many times, each time when the threads have done some more.
    fn deliver_while_they_work(&self, times: usize) {
        for _ in 0..times {
            let so_far = self.rounds.load(Ordering::SeqCst);
            self.deliver_everywhere();
            until("nobody works", || {
                self.rounds.load(Ordering::SeqCst) >= so_far + MAILBOXES.len()
            });
        }
    }

    fn number_delivered(&self, place: usize) -> usize {
        self.delivered[place].load(Ordering::SeqCst)
    }

    /// Works until all is delivered and marked; an error is told to `look_at`, and then it goes on.
    fn work(&self, thread: usize, look_at: impl Fn(Error)) {
        let began = Instant::now();
        loop {
            let is_all = self.is_all_delivered.load(Ordering::SeqCst);
            match self.round(thread) {
                Ok(true) if is_all => return,
                Ok(_) => {}
                Err(error) => look_at(error),
            }
            assert!(began.elapsed() < DEADLINE, "thread {thread} does not end");
        }
    }

    /// Marks a few messages, or only looks at them; tells whether all of them are marked.
    fn round(&self, thread: usize) -> latchbox::Result<bool> {
        let (place, reads_only) = (thread % 4, thread / 4 == 3);
        let name = MAILBOXES[place];
        let (exists, unmarked) = if reads_only {
            let mut guard = self.session.lock_mailbox_read_only(name)?;
            let all = guard.search(SearchKey::All)?;
            look_at_few(&mut guard, name, all.iter().rev())?;
            let unmarked = guard.search(SearchKey::Unkeyword(mark_of(name)))?;
            (guard.exists(), unmarked)
        } else {
            let mut guard = self.session.lock_mailbox(name)?;
            let unmarked = guard.search(SearchKey::Unkeyword(mark_of(name)))?;
            // Without their origin: a wrong mailbox would take them.
            let few = look_at_few(&mut guard, name, unmarked.iter())?;
            if !few.is_empty() {
                let mark = Flag::Keyword(mark_of(name));
                guard.store(&few, StoreAction::Add, [mark])?;
            }
            (guard.exists(), unmarked)
        };
        self.rounds.fetch_add(1, Ordering::SeqCst);
        Ok(unmarked.is_empty() && exists as usize == self.number_delivered(place))
    }

    /// Asks the server anew, on a connection for each mailbox: all that was delivered is there and
    /// nothing else, and each message has its own mark and no other.
    fn assert_all_in_its_place(&self, server: &Dovecot) {
        for (place, name) in MAILBOXES.into_iter().enumerate() {
            let session = open(server, &self.user);
            let mut guard = session.lock_mailbox_read_only(name).unwrap();
            let items = [FetchItem::Envelope, FetchItem::Flags];
            let mut numbers = Vec::new();
            for message in guard.fetch(&UidSet::all(), items).unwrap() {
                let message = message.unwrap();
                numbers.push(number_in(&message, name));
                assert_eq!(marks(&message), [mark_of(name)], "in {name}");
            }
            numbers.sort_unstable();
            let expected: Vec<_> = (1..=self.number_delivered(place)).collect();
            assert_eq!(numbers, expected, "in {name}");
        }
    }
}

/// Over TLS; every wait has an end, and a lock tries as long for a server that is starting.
fn open(server: &Dovecot, user: &User) -> Session {
    let (name, password) = (user.name().to_owned(), user.password().to_owned());
    let builder = Client::builder("127.0.0.1")
        .port(server.tls_port())
        .root_certificates_pem(certificates().authority.clone())
        .read_timeout(DEADLINE)
        .command_timeout(DEADLINE)
        .lock_timeout(DEADLINE);
    let account = Account::new(builder, move |_| {
        Ok(Credentials::login(&name, password.as_str()))
    });
    let backoff = Backoff::new()
        .initial_delay(Duration::from_millis(20))
        .max_delay(Duration::from_millis(50))
        .max_attempts(10_000);
    account.reconnecting(backoff).open().unwrap()
}

/// The keyword that messages of this mailbox get.
fn mark_of(name: &str) -> Keyword {
    match Flag::keyword(&format!("Of-{name}")).unwrap() {
        Flag::Keyword(keyword) => keyword,
        other => panic!("{other}"),
    }
}

/// The keywords of a message that are marks.
fn marks(message: &Fetch) -> Vec<Keyword> {
    let flags = message.flags().unwrap();
    let keywords = flags.filter_map(|flag| match flag {
        Flag::Keyword(keyword) => Some(keyword),
        _ => None,
    });
    keywords
        .filter(|keyword| keyword.to_string().starts_with("Of-"))
        .collect()
}

/// The number of a message, which has to be one of this mailbox.
fn number_in(message: &Fetch, name: &str) -> usize {
    let subject = message.envelope().unwrap().subject().into_owned();
    match subject.split_once(' ') {
        Some((mailbox, number)) if mailbox == name => number.parse().unwrap(),
        _ => panic!("in {name} there is {subject}"),
    }
}

/// Fetches the first few of these, which have to be messages of the named mailbox without the mark
/// of another.
fn look_at_few<A: Access>(
    guard: &mut MailboxGuard<'_, A>,
    name: &str,
    uids: impl Iterator<Item = latchbox::types::Uid>,
) -> latchbox::Result<UidSet> {
    let few = UidSet::unbound(uids.take(FEW));
    if few.is_empty() {
        return Ok(few);
    }
    let mut seen = 0;
    let mut messages = guard.fetch(&few, [FetchItem::Envelope, FetchItem::Flags])?;
    while let Some(message) = messages.next()? {
        number_in(message, name);
        let marks = marks(message);
        assert!(marks.iter().all(|mark| *mark == mark_of(name)), "{name}");
        seen += 1;
    }
    assert_eq!(seen, few.len(), "in {name}");
    Ok(few)
}
