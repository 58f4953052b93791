//! A server that plays a transcript: what it sends, what the client must send, and how the server
//! misbehaves. A test fails if the client sends anything else.
//!
//! ```
//! use std::io::{BufRead, BufReader, Write};
//! use latchbox_testkit::script::script;
//!
//! let server = script("
//!     S: * OK ready
//!     C: {a} NOOP
//!     S: {a} OK done
//! ");
//! let mut stream = std::net::TcpStream::connect(server.address())?;
//! stream.write_all(b"x1 NOOP\r\n")?;
//! let lines = BufReader::new(stream).lines().take(2).collect::<Result<Vec<_>, _>>()?;
//! assert_eq!(lines, ["* OK ready", "x1 OK done"]);
//! assert_eq!(server.finish(), "x1 NOOP\r\n");
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Indentation, blank lines and lines that begin with `#` do not count. `{name}` at the beginning
//! of a `C:` line stands for the tag of that command, there and in later lines, until another `C:`
//! line begins with the name or another connection is accepted.
//!
//! | line | what happens |
//! |---|---|
//! | `S: text` | sends the text and CRLF |
//! | `S-raw: text` | sends the text without CRLF, with the escapes `\r \n \t \0 \\ \xFF` |
//! | `S-fill: n text` | sends the text (with escapes) n times |
//! | `C: text` | the client's next line must be this text and CRLF |
//! | `C-raw: text` | the client's next octets must be these (with escapes) |
//! | `C-start: text` | the client's next line must begin with this text |
//! | `C-literal: n` | reads n octets from the client, whatever they are |
//! | `C-close` | the client must close the connection here |
//! | `silent` | the client must have sent nothing that is not read yet |
//! | `bytes`, `whole` | sends what follows one octet at a time; ends this |
//! | `split: 3 7` | sends the next line in pieces that end at these offsets |
//! | `taken` | waits until the client has read all that was sent |
//! | `wait: name` | waits until the test calls [`Script::go`] |
//! | `signal: name` | lets the test's [`Script::reached`] return |
//! | `tls`, `tls: leaf` | starts TLS on the connection (leaf: see [`Certificates::leaf`](crate::Certificates::leaf); feature `tls`) |
//! | `tls-refused: leaf` | the client must abort the handshake |
//! | `deflate` | what is sent and received from here on is compressed (RFC 4978; feature `deflate`) |
//! | `close` | closes the connection in order (with the `close_notify` of TLS) |
//! | `cut` | closes TCP only, without `close_notify` |
//! | `half-close` | closes the sending side, and goes on reading |
//! | `reset` | resets the connection |
//! | `stall` | sends nothing and reads whatever comes, until the client closes or the test ends |
//! | `accept` | waits for the client's next connection; the old one stays as it is |
//!
//! After the last line the connection stays open until the test ends, and the client may send nothing
//! more. What a script sends to a client that has closed the connection is lost, as on any network;
//! `C-close` is for a test of the closing. Of several pieces, each is sent when the client has read the
//! one before (on Linux).

// What is wrong fails the test that asked for it.
#![allow(
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

mod parse;
mod play;
mod stream;

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::socket::Socket;

/// How long anything here waits at most: far beyond what a busy machine needs.
const DEADLINE: Duration = Duration::from_secs(20);

/// How long the rest of a script may still play when the test is over.
const GRACE: Duration = Duration::from_secs(5);

/// How a script went; the error is the whole report.
type Played = Result<(), String>;

thread_local! {
    static LAST: Cell<Option<SocketAddr>> = const { Cell::new(None) };
}

/// The address of the script that was started last on this thread; `None` if there was none.
pub fn last_address() -> Option<SocketAddr> {
    LAST.get()
}

/// Starts a server on a free port of 127.0.0.1 that plays this transcript once.
///
/// # Panics
///
/// If the transcript has a line of no kind that there is.
#[track_caller]
pub fn script(text: &str) -> Script {
    let lines = parse::parse(text).unwrap_or_else(|error| panic!("the script is wrong: {error}"));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    LAST.set(Some(address));
    let shared = Arc::new(Shared::new(parse::connections(&lines)));
    let (sender, connections) = mpsc::channel();
    let acceptor = {
        let shared = Arc::clone(&shared);
        thread::spawn(move || accept(&listener, &sender, &shared))
    };
    let player = {
        let shared = Arc::clone(&shared);
        thread::spawn(move || play::play(lines, connections, &shared))
    };
    Script {
        address,
        shared,
        threads: Some((acceptor, player)),
    }
}

/// A script that is being played. Dropping it does what [`Script::finish`] does.
#[must_use = "a script that nobody finishes ends at once"]
pub struct Script {
    address: SocketAddr,
    shared: Arc<Shared>,
    threads: Option<(JoinHandle<()>, JoinHandle<Played>)>,
}

impl Script {
    /// The address of the server, on 127.0.0.1.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port of [`Script::address`].
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Ends the script's `wait: name`, now or as soon as the script comes to it.
    pub fn go(&self, name: &str) {
        self.shared.lock().allowed.insert(name.to_owned());
        self.shared.changed.notify_all();
    }

    /// Waits until the script has played its `signal: name`.
    ///
    /// # Panics
    ///
    /// If it does not within 20 seconds.
    #[track_caller]
    pub fn reached(&self, name: &str) {
        let state = self
            .shared
            .wait(DEADLINE, |s| s.reached.contains(name) || s.over);
        let reached = state.reached.contains(name);
        drop(state);
        assert!(reached, "the script did not reach `signal: {name}`");
    }

    /// The octets that the client has sent so far, on all connections; those inside TLS.
    pub fn heard(&self) -> String {
        String::from_utf8_lossy(&self.shared.lock().heard).into_owned()
    }

    /// Ends the script, and returns the octets that the client sent.
    ///
    /// # Panics
    ///
    /// If the client sent something else than the script says, or more, or if lines of the script were
    /// not played; the message shows the conversation.
    #[track_caller]
    pub fn finish(mut self) -> String {
        if let Err(failure) = self.end() {
            panic!("{failure}");
        }
        self.heard()
    }

    fn end(&mut self) -> Played {
        let Some((acceptor, player)) = self.threads.take() else {
            return Ok(());
        };
        self.shared.change(|state| {
            state.ended = true;
            // Known to the listening thread before it can look at it, which takes this lock too.
            let last = TcpStream::connect(self.address);
            state.last = last.and_then(|stream| stream.local_addr()).ok();
        });
        let mut state = self.shared.wait(GRACE, |state| state.resting || state.over);
        state.cut = true;
        // Reading is what a script at rest does; one that is not may hang in either.
        let side = if state.resting {
            Shutdown::Read
        } else {
            Shutdown::Both
        };
        for (_, socket) in state.sockets.drain() {
            let _ = socket.shutdown(side);
        }
        drop(state);
        let accepted = acceptor.join();
        let played = player.join();
        played.unwrap_or_else(|_| Err("the script's own thread panicked".into()))?;
        accepted.map_err(|_| "the script's listening thread panicked".to_owned())?;
        match self.shared.lock().surplus {
            0 => Ok(()),
            surplus => Err(format!(
                "the client opened {surplus} connections more than it should"
            )),
        }
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        match self.end() {
            // The test fails already; this is most likely why.
            Err(failure) if thread::panicking() => eprintln!("{failure}"),
            Err(failure) => panic!("{failure}"),
            Ok(()) => {}
        }
    }
}

/// What the test, the listening thread and the playing thread tell each other.
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Connections that the script still expects.
    expected: usize,
    /// Connections that came beyond those.
    surplus: usize,
    /// Handles by which the end of the test interrupts reading and writing.
    sockets: HashMap<usize, Socket>,
    /// Connections that came until now.
    connections: usize,
    heard: Vec<u8>,
    allowed: HashSet<String>,
    reached: HashSet<String>,
    /// The test needs the script no longer.
    ended: bool,
    /// Where the connection comes from that only wakes the listening thread for its end.
    last: Option<SocketAddr>,
    /// The sockets are shut; one that comes later has to be shut too.
    cut: bool,
    /// The script waits for nothing but the end of the test.
    resting: bool,
    /// The script is over, in whatever way.
    over: bool,
}

impl Shared {
    fn new(expected: usize) -> Self {
        let state = State {
            expected,
            ..State::default()
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn wait(&self, at_most: Duration, until: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let waiting = self
            .changed
            .wait_timeout_while(self.lock(), at_most, |state| !until(state));
        waiting.unwrap().0
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }
}

fn accept(listener: &TcpListener, connections: &mpsc::Sender<TcpStream>, shared: &Shared) {
    for connection in listener.incoming() {
        let Ok(connection) = connection else { continue };
        let mut state = shared.lock();
        if state.last.is_some() && state.last == connection.peer_addr().ok() {
            return;
        }
        if state.expected == 0 {
            state.surplus += 1;
            continue;
        }
        state.expected -= 1;
        drop(state);
        // Nobody takes it when the script has failed; then it closes, which is right.
        let _ = connections.send(connection);
    }
}
