//! A proxy between a client and a server that harms connections at one octet, as plans say, and
//! passes all later connections on.
//!
//! ```
//! use std::io::Read;
//! use latchbox_testkit::Server;
//! use latchbox_testkit::fault_proxy::{Fault, FaultProxy, Plan, Way};
//!
//! let server = Server::start()?;
//! let plan = Plan { way: Way::ToClient, at: 4, fault: Fault::Close };
//! let proxy = FaultProxy::start(server.port(), [plan]);
//!
//! let mut client = std::net::TcpStream::connect(("127.0.0.1", proxy.port()))?;
//! let mut greeting = String::new();
//! client.read_to_string(&mut greeting)?;
//! assert_eq!(greeting, "* OK"); // the fourth octet from the server is the last that comes
//! drop(client);
//! proxy.first().until_over(); // the server has seen the end too
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! One thread serves a connection: it waits for octets, or for the moment when some that it holds
//! may go on.

// What is wrong fails the test that asked for it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::sockopt::set_socket_linger;

/// How much is held of a direction that is not read on; beyond it the sender is kept waiting.
const MOST_HELD: usize = 64 << 10;

/// How many octets come one by one.
const ONE_BY_ONE: u32 = 64;

/// How many octets go at once where so many go a second.
const A_SECOND: u32 = 1000;

/// How often a direction that is full looks whether the proxy is over.
const LOOK: Duration = Duration::from_millis(50);

/// How long a connection may take to end when both sides were told to.
const DEADLINE: Duration = Duration::from_secs(30);

/// The direction in which octets are counted and harmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// From the client to the server.
    ToServer,
    /// From the server to the client.
    ToClient,
}

/// What happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Both sides see the end of the stream.
    Close,
    /// The client's connection is reset; the server sees the end of the stream.
    Reset,
    /// Nothing more comes. What is for the server reaches it when the client has given up.
    Stall,
    /// Everything comes, later by this.
    Delay(Duration),
    /// The next octets come one by one.
    OneByOne,
    /// From now on so many octets a second come, a thousandth of them at a time.
    Limit(u32),
}

/// What is to happen, and when: as soon as so many octets have gone that way.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The direction in which octets are counted.
    pub way: Way,
    /// How many octets pass before it happens.
    pub at: u64,
    /// What happens.
    pub fault: Fault,
}

/// The proxy; it takes connections until it is dropped.
pub struct FaultProxy {
    port: u16,
    /// The first is there before it is used.
    passages: Arc<Mutex<Vec<Arc<Passage>>>>,
    is_over: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

/// One connection through the proxy, as a test sees it.
#[derive(Default)]
pub struct Passage {
    seen: Mutex<Seen>,
    changed: Condvar,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    octets: [u64; 2],
    /// Which of the directions have come to their end.
    is_shut: [bool; 2],
    has_happened: bool,
    is_over: bool,
}

impl FaultProxy {
    /// A proxy to this port of this machine. The first connection meets the first plan, and so on;
    /// the others meet nothing.
    pub fn start(
        upstream: u16,
        plans: impl IntoIterator<Item = Plan, IntoIter: Send + 'static>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let passages = Arc::new(Mutex::new(vec![Arc::<Passage>::default()]));
        let is_over = Arc::<AtomicBool>::default();
        let (ours, is_over_now) = (Arc::clone(&passages), Arc::clone(&is_over));
        let mut plans = plans.into_iter();
        let listening = thread::spawn(move || {
            for (number, client) in listener.incoming().flatten().enumerate() {
                if is_over_now.load(Ordering::SeqCst) {
                    return;
                }
                let mut passages = ours.lock().unwrap();
                if number > 0 {
                    passages.push(Arc::default());
                }
                let (plan, passage) = (plans.next(), Arc::clone(&passages[number]));
                // The client of a server that is down sees the end of its connection.
                let Ok(server) = TcpStream::connect(("127.0.0.1", upstream)) else {
                    passage.note(|seen| seen.is_over = true);
                    continue;
                };
                let connection = Connection::new(client, server, plan, passage);
                let is_over = Arc::clone(&is_over_now);
                thread::spawn(move || connection.serve(&is_over));
            }
        });
        Self {
            port,
            passages,
            is_over,
            listening: Some(listening),
        }
    }

    /// The port on 127.0.0.1 that a client connects to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The first connection.
    pub fn first(&self) -> Arc<Passage> {
        Arc::clone(&self.passages.lock().unwrap()[0])
    }

    /// All connections so far; the first is there before it has come.
    pub fn passages(&self) -> Vec<Arc<Passage>> {
        self.passages.lock().unwrap().clone()
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for one.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
    }
}

impl Passage {
    /// How many octets were passed on that way so far.
    pub fn octets(&self, way: Way) -> u64 {
        self.seen.lock().unwrap().octets[way as usize]
    }

    /// Whether the connection has come to the place of its plan.
    pub fn has_happened(&self) -> bool {
        self.seen.lock().unwrap().has_happened
    }

    /// Waits until both sides have ended the connection, so that the server does nothing more.
    #[track_caller]
    pub fn until_over(&self) {
        let seen = self.seen.lock().unwrap();
        let wait = self
            .changed
            .wait_timeout_while(seen, DEADLINE, |seen| !seen.is_over);
        let seen = wait.unwrap().0;
        assert!(seen.is_over, "the connection does not end: {:?}", *seen);
    }

    fn note(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.seen.lock().unwrap());
        self.changed.notify_all();
    }
}

/// One direction of a connection.
struct Lane {
    plan: Option<Plan>,
    passed: u64,
    held: Vec<u8>,
    pace: Pace,
    not_before: Option<Instant>,
    /// Nothing more comes from where it comes from.
    has_ended: bool,
    /// What comes is thrown away.
    is_lost: bool,
    /// Where it goes to has been told that nothing more comes.
    is_shut: bool,
}

/// How held octets go on.
#[derive(Clone, Copy, PartialEq)]
enum Pace {
    AtOnce,
    Never,
    OneByOne(u32),
    Limited(u32),
}

struct Connection {
    /// Gone when it was reset.
    client: Option<TcpStream>,
    server: TcpStream,
    to_server: Lane,
    to_client: Lane,
    passage: Arc<Passage>,
}

impl Connection {
    fn new(
        client: TcpStream,
        server: TcpStream,
        plan: Option<Plan>,
        passage: Arc<Passage>,
    ) -> Self {
        for socket in [&client, &server] {
            socket.set_nodelay(true).unwrap();
            socket.set_write_timeout(Some(DEADLINE)).unwrap();
        }
        Self {
            client: Some(client),
            server,
            to_server: Lane::new(Way::ToServer, plan),
            to_client: Lane::new(Way::ToClient, plan),
            passage,
        }
    }

    fn serve(mut self, proxy_is_over: &AtomicBool) {
        loop {
            // A client that nobody reads from cannot say that it has gone.
            if self.to_server.is_full() && proxy_is_over.load(Ordering::SeqCst) {
                break;
            }
            self.deliver(Way::ToServer);
            self.deliver(Way::ToClient);
            self.pass_on_ends();
            let is_shut = [self.to_server.is_shut, self.to_client.is_shut];
            self.passage.note(|seen| seen.is_shut = is_shut);
            if self.to_server.is_shut && self.to_client.is_shut {
                break;
            }
            self.take_in();
        }
        self.passage.note(|seen| seen.is_over = true);
    }

    /// Waits until something comes or may go on, and takes in what has come.
    fn take_in(&mut self) {
        let lanes = [
            (&mut self.to_server, self.client.as_ref()),
            (&mut self.to_client, Some(&self.server)),
        ];
        let moments = lanes.iter().filter_map(|(lane, _)| lane.next_moment());
        let look = lanes[0].0.is_full().then(|| Instant::now() + LOOK);
        let moments = moments.chain(look);
        let rest = moments.map(|moment| moment.saturating_duration_since(Instant::now()));
        let rest = rest.min().map(|rest| Timespec::try_from(rest).unwrap());
        let sources = lanes.into_iter().filter_map(|(lane, from)| {
            let from = from.filter(|_| lane.wants_more())?;
            Some((lane, from))
        });
        let sources: Vec<(&mut Lane, &TcpStream)> = sources.collect();
        let mut polled: Vec<PollFd<'_>> = (sources.iter())
            .map(|(_, from)| PollFd::new(*from, PollFlags::IN))
            .collect();
        // What it says of a socket is what a read of it says as well.
        let _ = poll(&mut polled, rest.as_ref());
        let has_come: Vec<bool> = polled.iter().map(|fd| !fd.revents().is_empty()).collect();
        for ((lane, from), _) in sources.into_iter().zip(has_come).filter(|(_, has)| *has) {
            lane.take_from(from);
        }
    }

    /// Passes on what may go, and does what is planned where it is due.
    fn deliver(&mut self, way: Way) {
        loop {
            let lane = match way {
                Way::ToServer => &mut self.to_server,
                Way::ToClient => &mut self.to_client,
            };
            if let Some(fault) = lane.due() {
                self.happen(way, fault);
                continue;
            }
            let octets = lane.ready();
            if octets.is_empty() {
                return;
            }
            let to = match way {
                Way::ToServer => Some(&self.server),
                Way::ToClient => self.client.as_ref(),
            };
            // Before they are there: whoever has heard them looks at the count.
            let count = octets.len() as u64;
            self.passage.note(|seen| seen.octets[way as usize] += count);
            if let Some(mut to) = to {
                // Where nobody is left to take them, the end of that side tells.
                let _ = to.write_all(&octets);
            }
        }
    }

    fn happen(&mut self, way: Way, fault: Fault) {
        self.passage.note(|seen| seen.has_happened = true);
        let lane = match way {
            Way::ToServer => &mut self.to_server,
            Way::ToClient => &mut self.to_client,
        };
        match fault {
            Fault::Close => self.end(),
            Fault::Reset => {
                if let Some(client) = self.client.take() {
                    set_socket_linger(&client, Some(Duration::ZERO)).unwrap();
                }
                self.to_server.has_ended = true;
                self.end();
            }
            Fault::Stall => lane.pace = Pace::Never,
            Fault::Delay(time) => lane.not_before = Some(Instant::now() + time),
            Fault::OneByOne => lane.pace = Pace::OneByOne(ONE_BY_ONE),
            Fault::Limit(octets) => lane.pace = Pace::Limited(octets),
        }
    }

    /// Tells both sides that nothing more comes; what they still say is thrown away.
    fn end(&mut self) {
        self.to_server.lose();
        self.to_client.lose();
        let _ = self.server.shutdown(Shutdown::Write);
        if let Some(client) = &self.client {
            let _ = client.shutdown(Shutdown::Write);
        }
    }

    /// When one side has ended its stream, the other hears of it after all that came before.
    fn pass_on_ends(&mut self) {
        let (up, down) = (&mut self.to_server, &mut self.to_client);
        // Nobody is left to take it.
        if up.has_ended {
            down.lose();
        }
        if down.has_ended {
            up.lose();
        }
        if up.has_ended && !up.is_shut {
            if up.pace == Pace::Never {
                // Late, not never.
                let _ = self.server.write_all(&up.held);
                up.held.clear();
            }
            if up.held.is_empty() {
                let _ = self.server.shutdown(Shutdown::Write);
                up.is_shut = true;
            }
        }
        if down.has_ended && !down.is_shut {
            let is_withheld = down.pace == Pace::Never && !down.is_lost;
            if down.held.is_empty() && !is_withheld {
                if let Some(client) = &self.client {
                    let _ = client.shutdown(Shutdown::Write);
                }
                down.is_shut = true;
            }
        }
    }
}

impl Lane {
    fn new(way: Way, plan: Option<Plan>) -> Self {
        Self {
            plan: plan.filter(|plan| plan.way == way),
            passed: 0,
            held: Vec::new(),
            pace: Pace::AtOnce,
            not_before: None,
            has_ended: false,
            is_lost: false,
            is_shut: false,
        }
    }

    fn wants_more(&self) -> bool {
        !self.has_ended && !self.is_full()
    }

    fn is_full(&self) -> bool {
        self.held.len() >= MOST_HELD
    }

    fn take_from(&mut self, mut from: &TcpStream) {
        let mut buffer = [0; 16 << 10];
        match from.read(&mut buffer) {
            Ok(0) | Err(_) => self.has_ended = true,
            Ok(_) if self.is_lost => {}
            Ok(count) => self.held.extend(&buffer[..count]),
        }
    }

    fn lose(&mut self) {
        self.is_lost = true;
        self.held.clear();
    }

    /// The fault, when its place has been reached.
    fn due(&mut self) -> Option<Fault> {
        let passed = self.passed;
        let plan = self.plan.take_if(|plan| plan.at == passed)?;
        Some(plan.fault)
    }

    /// What goes on now.
    fn ready(&mut self) -> Vec<u8> {
        let now = Instant::now();
        if self.not_before.is_some_and(|moment| moment > now) {
            return Vec::new();
        }
        self.not_before = None;
        let most = match self.pace {
            Pace::AtOnce => usize::MAX,
            Pace::Never => 0,
            Pace::OneByOne(_) => 1,
            Pace::Limited(octets) => (octets / A_SECOND).max(1) as usize,
        };
        let until_fault = self.plan.map_or(u64::MAX, |plan| plan.at - self.passed);
        let until_fault = usize::try_from(until_fault).unwrap_or(usize::MAX);
        let count = self.held.len().min(most).min(until_fault);
        match self.pace {
            Pace::OneByOne(0) => self.pace = Pace::AtOnce,
            Pace::OneByOne(left) if count > 0 => {
                self.pace = Pace::OneByOne(left - 1);
                // For whoever waits for the one before.
                thread::yield_now();
            }
            Pace::Limited(_) if count > 0 => {
                self.not_before = now.checked_add(Duration::from_secs(1) / A_SECOND);
            }
            _ => {}
        }
        self.passed += count as u64;
        self.held.drain(..count).collect()
    }

    /// When something that is held may go on.
    fn next_moment(&self) -> Option<Instant> {
        self.not_before.filter(|_| !self.held.is_empty())
    }
}
