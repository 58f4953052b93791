//! Runs every client in turn and prints what each costs beside the floor; `table PROGRAMS ROUNDS
//! PLOT.svg` draws it too, and with names of works behind ROUNDS only those are done.

mod plot;

use std::collections::{BTreeSet, HashMap};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Clients in order; the floor comes first, because the others are held against it, and then the
/// one that parses, because their sums are.
const CLIENTS: [&str; 7] = [
    "bench-floor",
    "bench-scan",
    "bench-latchbox",
    "bench-imap2",
    "bench-imap3",
    "bench-async-imap",
    "bench-io-imap",
];

/// What is done, how often for the clock, and how often where it is only counted.
const WORKS: [(&str, u32, u32); 13] = [
    ("flags", 200_000, 10_000),
    ("envelopes", 20_000, 1_000),
    ("bodies", 5_000, 200),
    ("streamed", 5_000, 200),
    ("search", 1_000_000, 10_000),
    ("mailboxes", 110_000, 1_000),
    ("letters", 110_000, 1_000),
    ("noop", 10_000, 1_000),
    ("append", 5_000, 200),
    (PIPELINED, 500, 500),
    ("envelopes-tls", 100_000, 1_000),
    ("bodies-tls", 5_000, 200),
    ("streamed-tls", 5_000, 200),
];

/// Measured by the clock on the wall, because it is about waiting.
const PIPELINED: &str = "pipelined";

/// The program that does this work for a client, if there is one.
fn program(client: &str, work: &str) -> Option<String> {
    match (client, work.ends_with("-tls")) {
        ("bench-floor" | "bench-scan" | "bench-latchbox", true) => Some(format!("{client}-tls")),
        (_, true) => None,
        _ => Some(client.into()),
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let programs = PathBuf::from(arguments.next().expect("where the programs are"));
    let rounds = arguments
        .next()
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(5);
    let (pictures, only): (Vec<_>, Vec<_>) = arguments.partition(|word| word.ends_with(".svg"));
    let mut bars = Vec::new();
    let server = Server::start(&programs);
    for (work, count, small) in WORKS {
        if !only.is_empty() && !only.iter().any(|one| one == work) {
            continue;
        }
        println!("\n{work} ({count}; counts of {small})\n");
        let time = match work == PIPELINED {
            true => "wall, ms",
            false => "CPU, x floor",
        };
        println!("| client | {time} | peak, KiB | instructions | allocations | reads + writes |");
        println!("|---|--:|--:|--:|--:|--:|");
        let job = Job {
            programs: &programs,
            server: &server,
            work,
        };
        let times = job.times(count, rounds);
        for (client, time) in CLIENTS.iter().zip(times) {
            let name = client.trim_start_matches("bench-");
            let (Some(client), Some(time)) = (program(client, work), time) else {
                println!("| {name} | - | - | - | - | - |");
                continue;
            };
            let client = client.as_str();
            let each = |cost: Option<f64>| match cost {
                Some(cost) => format!("{:.2}", cost / f64::from(small)),
                None => "-".into(),
            };
            let over = |what: fn(&Report) -> f64| {
                what(&job.run(client, small)) - what(&job.run(client, 0))
            };
            let peak = job.run(client, count).peak - job.run(client, 0).peak;
            let instructions = job.over_nothing(client, small, instructions);
            let calls = job.over_nothing(client, small, calls);
            let allocations = each(Some(over(|report| report.allocations)));
            println!(
                "| {name} | {time:.2} | {peak} | {} | {allocations} | {} |",
                each(instructions),
                each(calls)
            );
            if work != PIPELINED && !work.ends_with("-tls") {
                bars.push(plot::Bar {
                    work,
                    client: name,
                    instructions: instructions.unwrap_or(0.0) / f64::from(small),
                    peak: peak.max(0.0) / 1024.0,
                });
            }
        }
    }
    for path in pictures {
        std::fs::write(&path, plot::svg(&bars)).expect("a place for the plot");
    }
}

struct Job<'a> {
    programs: &'a Path,
    server: &'a Server,
    work: &'a str,
}

/// What a client says of itself.
struct Report {
    sum: u64,
    wall: f64,
    cpu: f64,
    peak: f64,
    allocations: f64,
}

impl Job<'_> {
    /// What each client takes, as the median of the rounds: CPU time as a ratio to the floor's in
    /// the same round, or milliseconds.
    fn times(&self, count: u32, rounds: usize) -> Vec<Option<f64>> {
        let mut times = vec![Vec::new(); CLIENTS.len()];
        for _ in 0..rounds {
            let run = |client: &&str| Some(self.run(&program(client, self.work)?, count));
            let reports: Vec<_> = CLIENTS.iter().map(run).collect();
            let mut sums = reports[1..].iter().flatten().map(|report| report.sum);
            let sum = sums.next();
            assert!(sums.all(|other| Some(other) == sum), "sums differ");
            let floor = reports[0].as_ref().map_or(1.0, |report| report.cpu);
            for (times, report) in times.iter_mut().zip(&reports) {
                times.extend(report.as_ref().map(|report| match self.work {
                    PIPELINED => report.wall / 1000.0,
                    _ => report.cpu / floor,
                }));
            }
        }
        let median = |mut times: Vec<f64>| {
            times.sort_by(f64::total_cmp);
            times.get(times.len() / 2).copied()
        };
        times.into_iter().map(median).collect()
    }

    fn run(&self, client: &str, count: u32) -> Report {
        let output = self.command(&[], client, count).output().expect(client);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{client} {}: {errors}", self.work);
        let text = String::from_utf8_lossy(&output.stdout);
        let pairs = text
            .split_whitespace()
            .filter_map(|pair| pair.split_once('='));
        let said: HashMap<_, f64> = pairs.map(|(key, n)| (key, n.parse().unwrap())).collect();
        Report {
            sum: said["sum"] as u64,
            wall: said["wall"],
            cpu: said["cpu"],
            peak: said["peak"],
            allocations: said["allocations"],
        }
    }

    /// What a tool counts, without what it counts when there is nothing to do.
    fn over_nothing(&self, client: &str, count: u32, tool: Tool) -> Option<f64> {
        Some(tool(self, client, count)? - tool(self, client, 0)?)
    }

    fn command(&self, wrapper: &[&str], client: &str, count: u32) -> Command {
        let program = self.programs.join(client);
        let mut words = wrapper
            .iter()
            .map(|word| (*word).into())
            .chain([program.into_os_string()]);
        let mut command = Command::new(words.next().expect("a program"));
        let port = match self.work {
            PIPELINED => &self.server.late,
            work if work.ends_with("-tls") => &self.server.tls,
            _ => &self.server.plain,
        };
        command
            .args(words)
            .args([self.work, &count.to_string(), port])
            .env("BENCH_ROOT", &self.server.root);
        command
    }
}

type Tool = fn(&Job<'_>, &str, u32) -> Option<f64>;

/// Instructions of the client's own code, if valgrind is there.
fn instructions(job: &Job<'_>, client: &str, count: u32) -> Option<f64> {
    let wrapper = [
        "valgrind",
        "--tool=callgrind",
        "--callgrind-out-file=/dev/null",
    ];
    let output = job.command(&wrapper, client, count).output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let (_, collected) = text.split_once("Collected : ")?;
    collected.split_whitespace().next()?.parse().ok()
}

/// Reads and writes, if strace is there.
fn calls(job: &Job<'_>, client: &str, count: u32) -> Option<f64> {
    let kinds = "trace=read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg";
    let wrapper = ["strace", "-f", "-e", kinds];
    let output = job.command(&wrapper, client, count).output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    Some(text.lines().filter(|line| line.contains(") = ")).count() as f64)
}

/// The replaying server, which ends with this program.
struct Server {
    child: Child,
    /// Its ports.
    plain: String,
    tls: String,
    late: String,
    /// Its certificate.
    root: String,
}

impl Server {
    fn start(programs: &Path) -> Server {
        let names: BTreeSet<_> = WORKS
            .iter()
            // What is streamed are the bodies.
            .filter(|(work, ..)| !work.starts_with("streamed"))
            .flat_map(|(work, count, small)| {
                let work = work.trim_end_matches("-tls");
                [*count, *small, 0].map(|count| format!("{work}-{count}"))
            })
            .collect();
        let mut child = Command::new(programs.join("replay"))
            .args(names)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let mut lines = output.lines().map(|line| line.expect("a line"));
        let mut port = || lines.next().expect("a port");
        let (plain, tls, late) = (port(), port(), port());
        let mut root = String::new();
        for line in lines {
            root += &format!("{line}\n");
            if line.contains("END CERTIFICATE") {
                break;
            }
        }
        Server {
            child,
            plain,
            tls,
            late,
            root,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
