//! What every client shares: what is to be done, and the report of what it cost.

use std::fs;

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
    Noop,
    Append,
}

/// The arguments of a client: what, how often, and where.
#[derive(Clone, Debug)]
pub struct Job {
    pub work: Work,
    pub count: u32,
    pub port: u16,
    pub mailbox: String,
}

pub const USER: &str = "bench";
pub const PASSWORD: &str = "bench";

impl Job {
    fn from_arguments() -> Job {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let [work, count, port] = arguments.as_slice() else {
            panic!("usage: <client> WORK COUNT PORT");
        };
        Job {
            mailbox: match work.as_str() {
                "streamed" => format!("bodies-{count}"),
                work => format!("{work}-{count}"),
            },
            work: match work.as_str() {
                "flags" => Work::Flags,
                "envelopes" => Work::Envelopes,
                "bodies" => Work::Bodies,
                "streamed" => Work::Streamed,
                "search" => Work::Search,
                "noop" => Work::Noop,
                "append" => Work::Append,
                other => panic!("no such work: {other}"),
            },
            count: count.parse().expect("a count"),
            port: port.parse().expect("a port"),
        }
    }

    /// The items of a FETCH, as they are written.
    pub fn items(&self) -> &'static str {
        match self.work {
            Work::Flags => "(UID FLAGS)",
            Work::Envelopes => "(UID FLAGS RFC822.SIZE ENVELOPE BODYSTRUCTURE)",
            _ => "(UID BODY.PEEK[])",
        }
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
    let (cost, sum) = cost(|| client(&job));
    println!(
        "sum={sum} cpu={} peak={} allocations={}",
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
