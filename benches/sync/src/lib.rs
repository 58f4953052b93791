//! What the clients share: where they sync from and to, and what they report.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;

pub const USER: &str = latchbox_testkit::USER;
pub const PASSWORD: &str = latchbox_testkit::PASSWORD;

/// The way of a run that only connects: what that costs is no part of a sync.
pub const NOTHING: &str = "nothing";

/// The arguments of a client.
pub struct Job {
    /// What it may use of the server; only latchbox has a choice.
    pub way: String,
    pub port: u16,
    /// Where it stores what the next sync needs; there is nothing before the first.
    pub state: PathBuf,
}

/// What a sync has found. The sums are over UIDs and numbers of flags, so that a client that leaves
/// something out is found.
#[derive(Default)]
pub struct Found {
    new: u64,
    changed: u64,
    gone: u64,
    sum: u64,
}

/// What a client without mod-sequences has to remember: the flags of each message.
#[derive(Default)]
pub struct Mirror {
    pub uid_validity: u32,
    pub flags: BTreeMap<u32, String>,
}

impl Found {
    pub fn new(&mut self, uid: u32, flags: usize) {
        self.new += 1;
        self.sum += u64::from(uid) + flags as u64;
    }

    pub fn changed(&mut self, uid: u32, flags: usize) {
        self.changed += 1;
        self.sum += 3 * u64::from(uid) + flags as u64;
    }

    pub fn gone(&mut self, uid: u32) {
        self.gone += 1;
        self.sum += 7 * u64::from(uid);
    }
}

impl Job {
    /// A stream to the server.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the server");
        stream.set_nodelay(true).expect("a socket");
        stream
    }

    /// What was stored by the sync before.
    pub fn stored(&self) -> Option<String> {
        fs::read_to_string(&self.state).ok()
    }

    pub fn store(&self, state: &str) {
        fs::write(&self.state, state).expect("a place for the state");
    }
}

impl Mirror {
    /// The mirror that was stored by the sync before.
    pub fn load(job: &Job) -> Mirror {
        let text = job.stored().unwrap_or_default();
        let mut lines = text.lines();
        let uid_validity = lines
            .next()
            .map_or(0, |line| line.parse().expect("a number"));
        let flags = lines.map(|line| {
            let (uid, flags) = line.split_once(' ').expect("a message");
            (uid.parse().expect("a UID"), flags.to_owned())
        });
        Mirror {
            uid_validity,
            flags: flags.collect(),
        }
    }

    pub fn save(&self, job: &Job) {
        let mut text = format!("{}\n", self.uid_validity);
        for (uid, flags) in &self.flags {
            let _ = writeln!(text, "{uid} {flags}");
        }
        job.store(&text);
    }

    /// Compares all messages with those that are known, and becomes what they are.
    pub fn compare(&mut self, now: BTreeMap<u32, String>) -> Found {
        let mut found = Found::default();
        let count = |flags: &str| flags.split_whitespace().count();
        for (uid, flags) in &now {
            match self.flags.get(uid) {
                None => found.new(*uid, count(flags)),
                Some(known) if known != flags => found.changed(*uid, count(flags)),
                Some(_) => {}
            }
        }
        for uid in self.flags.keys().filter(|uid| !now.contains_key(uid)) {
            found.gone(*uid);
        }
        self.flags = now;
        found
    }
}

/// Runs a client, and prints what it found and its peak of memory.
pub fn run(client: impl FnOnce(&Job) -> Found) {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [way, port, state] = arguments.as_slice() else {
        panic!("usage: <client> WAY PORT STATE");
    };
    let job = Job {
        way: way.clone(),
        port: port.parse().expect("a port"),
        state: state.into(),
    };
    let found = match way.as_str() {
        NOTHING => {
            job.connect();
            Found::default()
        }
        _ => client(&job),
    };
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|line| line.split_whitespace().next());
    let Found {
        new,
        changed,
        gone,
        sum,
    } = found;
    println!(
        "{new} new, {changed} changed, {gone} gone, {sum}\n{}",
        peak.unwrap_or("0")
    );
}
