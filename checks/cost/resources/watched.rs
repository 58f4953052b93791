//! A thousand watches on one thread: its threads, descriptors, wake-ups and memory, and the cost of a
//! change.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use latchbox::sync::ChangeBatch;
use latchbox::watch::{WatchId, WatchItem, WatchRequest, Watches};
use latchbox::{Account, Credentials, StopHandle};
use latchbox_counting::{Cost, cost};
use latchbox_testkit::{PASSWORD, Server, USER, message};

use crate::{Counts, alone, builder};

const DEADLINE: Duration = Duration::from_secs(60);

/// How long nothing happens.
const QUIET: Duration = Duration::from_secs(2);

/// Ends the watches also if the test fails, because a scope waits for its threads.
struct StopsOnDrop(StopHandle);

impl Drop for StopsOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// A server with so many mailboxes, and a watch for each, on a connection of its own.
struct Watched {
    server: Server,
    watches: Watches,
    ids: Vec<WatchId>,
    /// The octets that the requests hold.
    held: i64,
}

impl Watched {
    fn new(count: usize) -> Self {
        let mut server = Server::builder().with("QRESYNC");
        for number in 0..count {
            server = server.mailbox(&name(number), [text()]);
        }
        let server = server.start().unwrap();
        let account = Account::new(builder(&server), |_| Ok(Credentials::login(USER, PASSWORD)));
        let watches = Watches::new().unwrap();
        let requests =
            (0..count).map(|number| WatchRequest::new(&account).mailbox(name(number), None));
        let ids = requests.map(|request| watches.add(request).unwrap());
        let (cost, ids) = cost(|| ids.collect());
        Self {
            server,
            ids,
            watches,
            held: cost.kept,
        }
    }

    /// Takes items until all watches listen.
    fn until_up_to_date(&self) {
        let mut up_to_date = 0;
        while up_to_date < self.ids.len() {
            let (_, item) = self.watches.next_timeout(DEADLINE).unwrap().unwrap();
            up_to_date += usize::from(matches!(item, WatchItem::UpToDate));
        }
    }

    fn deliver(&self, number: usize) {
        self.server.deliver(USER, &name(number), text()).unwrap();
    }

    fn listens(&self, number: usize) -> bool {
        let state = self.watches.state(self.ids[number]).unwrap();
        state.to_string().ends_with("by IDLE")
    }
}

fn name(number: usize) -> String {
    format!("Box{number:04}")
}

fn text() -> Vec<u8> {
    message("Lunch?", "ann@example.com", "At one?")
}

/// The descriptors that the server needs for a connection that idles.
fn descriptors_of_server(server: &Server) -> usize {
    let before = Counts::now();
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let commands = format!("a LOGIN {USER} {PASSWORD}\r\nb EXAMINE Box0000\r\nc IDLE\r\n");
    stream.write_all(commands.as_bytes()).unwrap();
    let mut lines = BufReader::new(&stream).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("+ ")));
    let of_both = Counts::now().files - before.files;
    drop(stream);
    before.come_back("a connection by hand");
    of_both - 1
}

#[track_caller]
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < end, "{what}");
        thread::yield_now();
    }
}

/// The status of a thread of this process.
struct Status(String);

impl Status {
    fn of(thread: u32) -> Self {
        Self(fs::read_to_string(format!("/proc/self/task/{thread}/status")).unwrap())
    }

    fn value(&self, name: &str) -> &str {
        let mut lines = self.0.lines().filter_map(|line| line.split_once(":\t"));
        lines.find(|(found, _)| *found == name).unwrap().1
    }

    fn sleeps(&self) -> bool {
        self.value("State").starts_with('S')
    }

    /// How often the thread has waited, and so was woken.
    fn waits(&self) -> u64 {
        self.value("voluntary_ctxt_switches").parse().unwrap()
    }
}

/// How often the thread has waited when it has slept for [`QUIET`] and nothing woke it.
///
/// It is in a sleep for an instant too when it waits for what another thread holds: only a thread that
/// is woken again and again never passes.
fn asleep(thread: u32) -> u64 {
    let mut waits = 0;
    until("it does not sleep, or is woken", || {
        waits = Status::of(thread).waits();
        thread::sleep(QUIET);
        let status = Status::of(thread);
        status.sleeps() && status.waits() == waits
    });
    waits
}

fn this_thread() -> u32 {
    let link = fs::read_link("/proc/thread-self").unwrap();
    link.file_name().unwrap().to_str().unwrap().parse().unwrap()
}

#[test]
fn a_thousand_watches_are_one_thread_that_sleeps() {
    const WATCHES: usize = 1_000;
    let _alone = alone();
    let watched = Watched::new(WATCHES);
    let of_server = descriptors_of_server(&watched.server);
    let before = Counts::now();
    let (begun, has_begun) = mpsc::channel();
    let (taken, items) = mpsc::channel();
    thread::scope(|scope| {
        let watched = &watched;
        let _stops = StopsOnDrop(watched.watches.stop_handle());
        scope.spawn(move || {
            let (cost, ()) = cost(|| watched.until_up_to_date());
            begun.send((this_thread(), cost)).unwrap();
            while let Some((id, _)) = watched.watches.next().unwrap() {
                taken.send(id).unwrap();
            }
        });
        let (thread, cost) = has_begun.recv().unwrap();
        let waits = asleep(thread);

        // The server is in this process too, and has a thread for each connection.
        let now = Counts::now();
        assert_eq!(now.threads - before.threads, WATCHES + 1, "{now:?}");
        assert_eq!(
            now.files - before.files,
            WATCHES * (1 + of_server),
            "{now:?}"
        );
        let each = (watched.held + cost.kept) / i64::try_from(WATCHES).unwrap();
        eprintln!("{each} octets a watch");
        assert!(each < 16 << 10, "{each} octets a watch");

        watched.deliver(700);
        assert_eq!(items.recv_timeout(DEADLINE).unwrap(), watched.ids[700]);
        until("it was not woken", || Status::of(thread).waits() > waits);
    });
}

/// A step of any other watch would need the lock of its connection, which is an allocation.
#[test]
fn a_change_costs_the_same_with_ten_watches_and_with_a_thousand() {
    let _alone = alone();
    let few = cost_of_a_change(10);
    let many = cost_of_a_change(1_000);
    eprintln!("{few:?} {many:?}");
    assert!(few.0 > 0);
    assert_eq!(few, many);
}

/// The allocations from one change of a mailbox to the next, and their octets.
///
/// The least of several: an answer that arrives in two pieces costs one more step.
fn cost_of_a_change(count: usize) -> (u64, u64) {
    let costs = costs_of_changes(count).into_iter();
    let counts = costs.map(|cost| (cost.allocations, cost.octets));
    counts.min().unwrap()
}

/// The cost of each of some changes of one mailbox, from one change to the next.
fn costs_of_changes(count: usize) -> Vec<Cost> {
    const CHANGES: usize = 10;
    let watched = Watched::new(count);
    watched.until_up_to_date();
    let (taken, items) = mpsc::channel();
    thread::scope(|scope| {
        let watched = &watched;
        let _stops = StopsOnDrop(watched.watches.stop_handle());
        let watching = scope.spawn(move || {
            let mut costs = Vec::with_capacity(CHANGES);
            for _ in 0..CHANGES {
                let (cost, next) = cost(|| watched.watches.next().unwrap());
                costs.push(cost);
                let (id, item) = next.unwrap();
                assert_eq!(id, watched.ids[5]);
                assert!(matches!(
                    item,
                    WatchItem::Changes {
                        batch: ChangeBatch::Changes(_),
                        ..
                    }
                ));
                taken.send(()).unwrap();
            }
            costs
        });
        for _ in 0..CHANGES {
            until("it does not listen", || watched.listens(5));
            watched.deliver(5);
            items.recv_timeout(DEADLINE).unwrap();
        }
        // The first is what all watches do after they were up to date.
        watching.join().unwrap().split_off(1)
    })
}
