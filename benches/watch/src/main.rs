//! What it costs to wait for changes of many accounts, by latchbox's watches on one thread and by
//! others: threads, memory, wake-ups, octets of a renewal, latency. `watch [PLOT.svg [ACCOUNTS]]`

mod plot;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use latchbox_testkit::{PASSWORD, Server, message};
use watch::{READY, user};

use crate::plot::Row;

/// The programs, and how each waits.
const CLIENTS: [(&str, &str); 4] = [
    ("latchbox", "watches, one thread"),
    ("threads", "latchbox, a thread each"),
    ("async-imap", "async-imap, a task each"),
    (IMAPFLOW, "ImapFlow, one event loop"),
];

/// The client that is no program of this workspace: `npm install` in its directory prepares it.
const IMAPFLOW: &str = "imapflow";

/// How long nothing happens.
const QUIET: Duration = Duration::from_secs(10);

/// No IDLE is renewed while the accounts are counted.
const NEVER: u64 = 1_500;

/// How many changes are timed.
const CHANGES: usize = 50;

/// A program that watches.
struct Running {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn start(name: &str, server: &Server, accounts: usize, renew_after: u64) -> Self {
        let mut command = program(name);
        command.env("PASSWORD", PASSWORD).args([
            server.port().to_string(),
            accounts.to_string(),
            renew_after.to_string(),
        ]);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("a client");
        let stdout = child.stdout.take().expect("its output");
        let mut running = Self {
            child,
            lines: BufReader::new(stdout).lines(),
        };
        assert_eq!(running.line(), READY);
        running
    }

    fn line(&mut self) -> String {
        self.lines.next().expect("it has ended").expect("a line")
    }

    fn directory(&self) -> String {
        format!("/proc/{}", self.child.id())
    }

    fn threads(&self) -> usize {
        let tasks = fs::read_dir(self.directory() + "/task");
        tasks.expect("its threads").count()
    }

    fn resident(&self) -> u64 {
        number(Path::new(&(self.directory() + "/status")), "VmRSS:")
    }

    /// How often its threads have waited.
    fn waits(&self) -> u64 {
        let tasks = fs::read_dir(self.directory() + "/task").expect("its threads");
        let status = tasks.map(|task| task.expect("a thread").path().join("status"));
        status
            .map(|path| number(&path, "voluntary_ctxt_switches:"))
            .sum()
    }

    /// Waits until no thread waits again for a second.
    fn until_quiet(&self) {
        let mut before = self.waits();
        loop {
            thread::sleep(Duration::from_secs(1));
            let now = self.waits();
            if now == before {
                return;
            }
            before = now;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program(name: &str) -> Command {
    if name == IMAPFLOW {
        let mut node = Command::new("node");
        node.arg(imapflow().join("watch.js"));
        return node;
    }
    let here = std::env::current_exe().expect("this program");
    Command::new(here.with_file_name(format!("watch-{name}")))
}

fn imapflow() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(IMAPFLOW)
}

fn number(path: &Path, name: &str) -> u64 {
    let text = fs::read_to_string(path).expect("a status");
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let word = line.and_then(|line| line.split_whitespace().next());
    word.expect("a number").parse().expect("a number")
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let picture = arguments.next();
    let accounts = arguments
        .next()
        .map_or(1_000, |n| n.parse().expect("a number"));
    println!("\n{accounts} accounts on which nothing happens\n");
    println!(
        "| client | threads | resident, KiB an account | wake-ups in 10 s | octets of a renewal | \
         latency, ms |"
    );
    println!("|---|--:|--:|--:|--:|--:|");
    let is_there = |name| name != IMAPFLOW || imapflow().join("node_modules").exists();
    let (there, missing): (Vec<_>, Vec<_>) =
        CLIENTS.into_iter().partition(|(name, _)| is_there(*name));
    let rows = there.into_iter().map(|(name, how)| {
        let row = measure(name, how, accounts);
        println!(
            "| {} | {} | {:.1} | {} | {} | {:.2} |",
            row.client, row.threads, row.memory, row.wakes, row.octets, row.latency
        );
        row
    });
    let rows: Vec<Row> = rows.collect();
    for (name, _) in missing {
        println!("\n{name} is not installed: see the README");
    }
    if let Some(path) = picture {
        fs::write(path, plot::svg(accounts, &rows)).expect("a place for the plot");
    }
}

fn measure(name: &str, how: &'static str, accounts: usize) -> Row {
    let octets = octets_of_a_renewal(name);
    let alone = {
        let server = start(1);
        let running = Running::start(name, &server, 1, NEVER);
        running.resident()
    };
    let server = start(accounts);
    let mut running = Running::start(name, &server, accounts, NEVER);
    running.until_quiet();
    let before = running.waits();
    thread::sleep(QUIET);
    let wakes = running.waits() - before;
    let (threads, resident) = (running.threads(), running.resident());
    let memory = resident.saturating_sub(alone) as f64 / accounts as f64;
    Row {
        client: how,
        threads,
        memory,
        wakes,
        octets,
        latency: latency(&mut running, &server, accounts),
    }
}

/// A server with so many accounts, each with a message.
fn start(accounts: usize) -> Server {
    let mut builder = Server::builder().with("QRESYNC").timeline_limit(1_000);
    for number in 0..accounts {
        builder = builder.user(&user(number), PASSWORD);
        builder = builder.mailbox("INBOX", [text()]);
    }
    builder.start().expect("the server")
}

fn text() -> Vec<u8> {
    message("x", "a@example.org", "x")
}

/// From the end of one IDLE to the beginning of the next, both ways.
fn octets_of_a_renewal(name: &str) -> usize {
    let server = start(1);
    let _running = Running::start(name, &server, 1, 1);
    let is_idle = |line: &str| line.ends_with(" IDLE");
    let idles = || {
        let timeline = server.timeline();
        timeline.iter().filter(|event| is_idle(&event.line)).count()
    };
    while idles() < 4 {
        thread::sleep(Duration::from_millis(50));
    }
    let timeline = server.timeline();
    let places: Vec<usize> = (0..timeline.len())
        .filter(|place| is_idle(&timeline[*place].line))
        .collect();
    let lines = &timeline[places[1]..places[2]];
    lines.iter().map(|event| event.line.len() + 2).sum()
}

/// The median time from a change to the line that reports it.
fn latency(running: &mut Running, server: &Server, accounts: usize) -> f64 {
    let mut times: Vec<Duration> = (0..CHANGES.min(accounts))
        .map(|change| {
            let number = change * (accounts / CHANGES).max(1);
            let began = Instant::now();
            server
                .deliver(&user(number), "INBOX", text())
                .expect("a mailbox");
            assert_eq!(running.line(), format!("{number} 2"));
            began.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1_000.0
}
