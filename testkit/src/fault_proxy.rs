//! A proxy between a client and any server that breaks connections as a [`FaultPlan`] says.
//!
//! ```
//! use std::io::Read;
//!
//! use latchbox_testkit::fault_proxy::FaultProxy;
//! use latchbox_testkit::{Fault, FaultPlan, Server, Trigger, Way};
//!
//! let server = Server::start()?;
//! let plan = FaultPlan::new().once(Trigger::octet(Way::ToClient, 4), Fault::Cut);
//! let proxy = FaultProxy::start(server.port(), plan);
//!
//! let mut client = std::net::TcpStream::connect(("127.0.0.1", proxy.port()))?;
//! let mut greeting = String::new();
//! client.read_to_string(&mut greeting)?;
//! assert_eq!(greeting, "* OK"); // the fourth octet from the server is the last that arrives
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

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::sockopt::set_socket_linger;

use crate::faults::{Engine, FaultPlan, Faults, Step, Way};
use crate::recorder::Recorder;
use crate::timeline::Timeline;

/// How much is held of a direction that is not read on; beyond it the sender is kept waiting.
const MOST_HELD: usize = 64 << 10;

/// How often a direction that is full looks whether the proxy is over.
const LOOK: Duration = Duration::from_millis(50);

/// How long a connection may take to end when both sides were told to.
const DEADLINE: Duration = Duration::from_secs(30);

/// The proxy; it takes connections until it is dropped.
#[derive(Debug)]
pub struct FaultProxy {
    port: u16,
    /// The first is there before it is used.
    passages: Arc<Mutex<Vec<Arc<Passage>>>>,
    faults: Arc<Faults>,
    is_over: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

/// One connection through the proxy, as a test sees it.
#[derive(Debug, Default)]
pub struct Passage {
    seen: Mutex<Seen>,
    changed: Condvar,
    /// Both sides, while they are open.
    sockets: Mutex<Vec<TcpStream>>,
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
    /// Starts a proxy on a free port of 127.0.0.1, to this port of this machine.
    pub fn start(upstream: u16, plan: FaultPlan) -> Self {
        Self::start_to(("127.0.0.1", upstream), plan).unwrap()
    }

    /// Starts a proxy on a free port of 127.0.0.1, to a server anywhere.
    ///
    /// The proxy does not open TLS: with a server that expects it, the client negotiates TLS through
    /// the proxy, and the plan can count octets only.
    ///
    /// # Errors
    ///
    /// If the name of the server has no address, or if there is no socket.
    pub fn start_to(upstream: impl ToSocketAddrs, plan: FaultPlan) -> io::Result<Self> {
        Self::listen(upstream.to_socket_addrs()?.collect(), plan, None)
    }

    /// A proxy that writes down in a timeline what passes it.
    pub(crate) fn recording(
        upstream: u16,
        plan: FaultPlan,
        timeline: &Arc<Timeline>,
    ) -> io::Result<Self> {
        let upstream = vec![SocketAddr::from(([127, 0, 0, 1], upstream))];
        Self::listen(upstream, plan, Some(Arc::clone(timeline)))
    }

    fn listen(
        upstream: Vec<SocketAddr>,
        plan: FaultPlan,
        timeline: Option<Arc<Timeline>>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let passages = Arc::new(Mutex::new(vec![Arc::<Passage>::default()]));
        let faults = Arc::new(Faults::new(plan));
        let is_over = Arc::<AtomicBool>::default();
        let listening = thread::spawn({
            let (passages, faults) = (Arc::clone(&passages), Arc::clone(&faults));
            let is_over = Arc::clone(&is_over);
            move || {
                let mut number = 0;
                for client in listener.incoming().flatten() {
                    if is_over.load(Ordering::SeqCst) {
                        return;
                    }
                    let passage = passage(&passages, number);
                    number += 1;
                    let engine = Engine::new(&faults, number);
                    // A client of a server that is down sees the end of its connection.
                    let Ok(server) = TcpStream::connect(&upstream[..]) else {
                        passage.note(|seen| seen.is_over = true);
                        continue;
                    };
                    let timeline = timeline.as_ref();
                    let recorder = timeline.map(|timeline| Recorder::new(timeline, number));
                    let connection = Connection::new(client, server, engine, passage, recorder);
                    let is_over = Arc::clone(&is_over);
                    thread::spawn(move || connection.serve(&is_over));
                }
            }
        });
        Ok(Self {
            port,
            passages,
            faults,
            is_over,
            listening: Some(listening),
        })
    }

    /// Returns the port on 127.0.0.1 that a client connects to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Sets another plan, for open connections too, as
    /// [`Server::set_faults`](crate::Server::set_faults) does.
    pub fn set_faults(&self, plan: FaultPlan) {
        self.faults.set(plan);
    }

    /// Returns how many faults have happened since the proxy was started.
    pub fn faults_happened(&self) -> u64 {
        self.faults.happened()
    }

    /// Returns the number of open connections.
    pub fn connections(&self) -> usize {
        let passages = self.passages();
        let is_open = |passage: &&Arc<Passage>| !passage.sockets.lock().unwrap().is_empty();
        passages.iter().filter(is_open).count()
    }

    /// Closes all connections. New ones are accepted.
    pub fn kick(&self) {
        for passage in self.passages() {
            for socket in passage.sockets.lock().unwrap().drain(..) {
                let _ = socket.shutdown(Shutdown::Both);
            }
        }
    }

    /// Returns the first connection.
    pub fn first(&self) -> Arc<Passage> {
        Arc::clone(&self.passages.lock().unwrap()[0])
    }

    /// Returns all connections so far; the first is there before it is accepted.
    pub fn passages(&self) -> Vec<Arc<Passage>> {
        self.passages.lock().unwrap().clone()
    }
}

/// The connection of this number, from 0.
fn passage(passages: &Mutex<Vec<Arc<Passage>>>, number: u64) -> Arc<Passage> {
    let mut passages = passages.lock().unwrap();
    if number > 0 {
        passages.push(Arc::default());
    }
    Arc::clone(passages.last().unwrap())
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
    /// Returns how many octets were passed on in this direction so far.
    pub fn octets(&self, way: Way) -> u64 {
        self.seen.lock().unwrap().octets[way as usize]
    }

    /// Whether a fault of the plan has happened to the connection.
    pub fn has_happened(&self) -> bool {
        self.seen.lock().unwrap().has_happened
    }

    /// Waits until both sides have ended the connection, so that the server does nothing more.
    ///
    /// # Panics
    ///
    /// If they have not within 30 seconds.
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
#[derive(Default)]
struct Side {
    steps: VecDeque<Step>,
    held: usize,
    not_before: Option<Instant>,
    is_stalled: bool,
    /// Nothing more comes from where it comes from.
    has_ended: bool,
    /// What comes is thrown away.
    is_lost: bool,
    /// Where it goes to has been told that nothing more comes.
    is_shut: bool,
}

struct Connection {
    /// Gone when it was reset.
    client: Option<TcpStream>,
    server: TcpStream,
    engine: Engine,
    to_server: Side,
    to_client: Side,
    passage: Arc<Passage>,
    recorder: Option<Recorder>,
}

impl Connection {
    fn new(
        client: TcpStream,
        server: TcpStream,
        engine: Engine,
        passage: Arc<Passage>,
        recorder: Option<Recorder>,
    ) -> Self {
        let sockets = [&client, &server].map(|socket| socket.try_clone().unwrap());
        passage.sockets.lock().unwrap().extend(sockets);
        for socket in [&client, &server] {
            socket.set_nodelay(true).unwrap();
            socket.set_write_timeout(Some(DEADLINE)).unwrap();
        }
        Self {
            client: Some(client),
            server,
            engine,
            to_server: Side::default(),
            to_client: Side::default(),
            passage,
            recorder,
        }
    }

    fn serve(mut self, proxy_is_over: &AtomicBool) {
        // What happens before the first octet.
        for way in [Way::ToServer, Way::ToClient] {
            let steps = self.engine.pass(way, &[]);
            self.side(way).plan(steps);
        }
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
        self.passage.sockets.lock().unwrap().clear();
        self.passage.note(|seen| seen.is_over = true);
    }

    fn side(&mut self, way: Way) -> &mut Side {
        match way {
            Way::ToServer => &mut self.to_server,
            Way::ToClient => &mut self.to_client,
        }
    }

    /// Waits until something comes or may go on, and takes in what has come.
    fn take_in(&mut self) {
        let sides = [&self.to_server, &self.to_client];
        let moments = sides.iter().filter_map(|side| side.next_moment());
        let look = self.to_server.is_full().then(|| Instant::now() + LOOK);
        let rest = moments
            .chain(look)
            .map(|moment| moment.saturating_duration_since(Instant::now()))
            .min()
            .map(|rest| Timespec::try_from(rest).unwrap());
        let sources = [
            (Way::ToServer, self.client.as_ref()),
            (Way::ToClient, Some(&self.server)),
        ];
        let sources: Vec<(Way, &TcpStream)> = sources
            .into_iter()
            .zip(sides)
            .filter_map(|((way, from), side)| Some((way, from.filter(|_| side.wants_more())?)))
            .collect();
        let mut polled: Vec<PollFd<'_>> = (sources.iter())
            .map(|(_, from)| PollFd::new(*from, PollFlags::IN))
            .collect();
        // What it says of a socket is what a read of it says as well.
        let _ = poll(&mut polled, rest.as_ref());
        let ready = (sources.iter().zip(&polled)).filter(|(_, fd)| !fd.revents().is_empty());
        let read: Vec<(Way, Vec<u8>)> = ready
            .map(|((way, from), _)| (*way, some_octets(from)))
            .collect();
        for (way, octets) in read {
            self.arrive(way, &octets);
        }
    }

    /// Takes in octets; none are the end.
    fn arrive(&mut self, way: Way, octets: &[u8]) {
        let steps = match octets.is_empty() {
            true => self.engine.end(way),
            false => self.engine.pass(way, octets),
        };
        let side = self.side(way);
        side.has_ended |= octets.is_empty();
        if !side.is_lost {
            side.plan(steps);
        }
    }

    /// Passes on what may go, and does what is planned where it is due.
    fn deliver(&mut self, way: Way) {
        loop {
            let side = self.side(way);
            if side.is_stalled || side.waits() {
                return;
            }
            let Some(step) = side.steps.pop_front() else {
                return;
            };
            match step {
                Step::Send(octets) => {
                    side.held -= octets.len();
                    let is_split = matches!(side.steps.front(), Some(Step::Send(_)));
                    self.send(way, &octets);
                    // The receiver reads them before the next ones arrive. A cut does not wait.
                    if is_split {
                        thread::yield_now();
                    }
                }
                Step::Reply(line) => self.send(Way::ToClient, &line),
                Step::Note(fault) => {
                    if let Some(recorder) = &self.recorder {
                        recorder.note(&format!("fault: {fault}"));
                    }
                    self.passage.note(|seen| seen.has_happened = true);
                }
                Step::Wait(time) => side.not_before = Instant::now().checked_add(time),
                Step::Stall => side.is_stalled = true,
                Step::Cut => self.end(),
                Step::Reset => {
                    // A reset needs all our handles of the connection to be closed.
                    self.passage.sockets.lock().unwrap().clear();
                    if let Some(client) = self.client.take() {
                        set_socket_linger(&client, Some(Duration::ZERO)).unwrap();
                    }
                    self.to_server.has_ended = true;
                    self.end();
                }
            }
        }
    }

    fn send(&mut self, way: Way, octets: &[u8]) {
        if let Some(recorder) = &mut self.recorder {
            recorder.pass(way, octets);
        }
        // Before they are there: whoever has read them looks at the count.
        let count = octets.len() as u64;
        self.passage.note(|seen| seen.octets[way as usize] += count);
        let to = match way {
            Way::ToServer => Some(&self.server),
            Way::ToClient => self.client.as_ref(),
        };
        if let Some(mut to) = to {
            // If nobody is left to take them, the end of that side shows it.
            let _ = to.write_all(octets);
        }
    }

    /// Tells both sides that nothing more comes; what they still send is thrown away.
    fn end(&mut self) {
        self.to_server.lose();
        self.to_client.lose();
        let _ = self.server.shutdown(Shutdown::Write);
        if let Some(client) = &self.client {
            let _ = client.shutdown(Shutdown::Write);
        }
    }

    /// When one side has ended its stream, the other sees it after all that came before.
    fn pass_on_ends(&mut self) {
        // Nobody is left to take it.
        if self.to_server.has_ended {
            self.to_client.lose();
        }
        if self.to_client.has_ended {
            self.to_server.lose();
        }
        if self.to_server.has_ended && !self.to_server.is_shut {
            // Late, not never.
            if std::mem::take(&mut self.to_server.is_stalled) {
                self.deliver(Way::ToServer);
            }
            if self.to_server.steps.is_empty() {
                let _ = self.server.shutdown(Shutdown::Write);
                self.to_server.is_shut = true;
            }
        }
        let down = &mut self.to_client;
        if down.has_ended && !down.is_shut {
            let is_withheld = down.is_stalled && !down.is_lost;
            if down.steps.is_empty() && !is_withheld {
                if let Some(client) = &self.client {
                    let _ = client.shutdown(Shutdown::Write);
                }
                down.is_shut = true;
            }
        }
    }
}

/// Some octets that have arrived; none if no more will.
fn some_octets(mut from: &TcpStream) -> Vec<u8> {
    let mut buffer = [0; 16 << 10];
    let count = from.read(&mut buffer).unwrap_or(0);
    buffer[..count].to_vec()
}

impl Side {
    fn plan(&mut self, steps: Vec<Step>) {
        for step in steps {
            if let Step::Send(octets) = &step {
                self.held += octets.len();
            }
            self.steps.push_back(step);
        }
    }

    fn wants_more(&self) -> bool {
        !self.has_ended && !self.is_full()
    }

    fn is_full(&self) -> bool {
        self.held >= MOST_HELD
    }

    fn lose(&mut self) {
        self.is_lost = true;
        self.steps.clear();
        self.held = 0;
    }

    /// Whether the next step has its time still to come.
    fn waits(&mut self) -> bool {
        let waits = self
            .not_before
            .is_some_and(|moment| moment > Instant::now());
        if !waits {
            self.not_before = None;
        }
        waits
    }

    /// When something that is held may go on.
    fn next_moment(&self) -> Option<Instant> {
        self.not_before.filter(|_| !self.steps.is_empty())
    }
}
