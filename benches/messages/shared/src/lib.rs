//! What every client shares: what is to be done, and the report of what it cost.

use std::fs;
use std::net::TcpStream;
use std::time::Instant;

use latchbox_counting::{Counting, cost};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What is to be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    Flags,
    Envelopes,
    Bodies,
    /// The same bodies, handed on as they arrive by clients that can.
    Streamed,
    Search,
    /// The mailboxes of the account, with the attributes of each.
    List,
    Noop,
    /// NOOPs of which as many as [`AT_ONCE`] are on the way, by clients that can.
    Pipelined,
    Append,
}

/// How many commands make a batch.
pub const AT_ONCE: u32 = 100;

/// The arguments of a client: what, how often, and where.
#[derive(Clone, Debug)]
pub struct Job {
    pub work: Work,
    pub count: u32,
    pub port: u16,
    pub mailbox: String,
    /// Whether the port speaks TLS.
    pub tls: bool,
    /// The certificate to trust, in PEM.
    pub root: String,
}

pub const USER: &str = "bench";
pub const PASSWORD: &str = "bench";

impl Job {
    fn from_arguments() -> Job {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let [work, count, port] = arguments.as_slice() else {
            panic!("usage: <client> WORK COUNT PORT");
        };
        let (work, tls) = match work.strip_suffix("-tls") {
            Some(work) => (work, true),
            None => (work.as_str(), false),
        };
        Job {
            mailbox: match work {
                "streamed" => format!("bodies-{count}"),
                work => format!("{work}-{count}"),
            },
            tls,
            root: std::env::var("BENCH_ROOT").unwrap_or_default(),
            work: match work {
                "flags" => Work::Flags,
                "envelopes" => Work::Envelopes,
                "bodies" => Work::Bodies,
                "streamed" => Work::Streamed,
                "search" => Work::Search,
                "mailboxes" | "letters" => Work::List,
                "noop" => Work::Noop,
                "pipelined" => Work::Pipelined,
                "append" => Work::Append,
                other => panic!("no such work: {other}"),
            },
            count: count.parse().expect("a count"),
            port: port.parse().expect("a port"),
        }
    }

    /// A stream to the server.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the server");
        stream.set_nodelay(true).expect("a socket");
        stream
    }

    /// The items of a FETCH, as they are written.
    pub fn items(&self) -> &'static str {
        match self.work {
            Work::Flags => "(UID FLAGS)",
            Work::Envelopes => "(UID FLAGS RFC822.SIZE ENVELOPE BODYSTRUCTURE)",
            _ => "(UID BODY.PEEK[])",
        }
    }

    /// The pattern of a LIST.
    pub fn pattern(&self) -> String {
        format!("{}/*", self.mailbox)
    }

    /// What is appended.
    pub fn message(&self) -> Vec<u8> {
        let mut message = b"From: a@example.org\r\nSubject: append\r\n\r\n".to_vec();
        while message.len() < 8192 {
            message.extend_from_slice(b"0123456789 0123456789 0123456789 0123456789\r\n");
        }
        message
    }
}

/// Runs a client, which returns the sum over all it read, and prints what that cost.
pub fn run(client: impl FnOnce(&Job) -> u64) {
    let job = Job::from_arguments();
    let start = Instant::now();
    let (cost, sum) = cost(|| client(&job));
    let wall = start.elapsed().as_micros();
    println!(
        "sum={sum} wall={wall} cpu={} peak={} allocations={}",
        number("/proc/self/schedstat", ""),
        number("/proc/self/status", "VmHWM:"),
        cost.allocations
    );
}

/// The first number behind a word in a file of the kernel's.
fn number(file: &str, word: &str) -> u64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(word));
    let first = line.and_then(|line| line.split_whitespace().next());
    first.and_then(|number| number.parse().ok()).unwrap_or(0)
}
