//! Runs every client in turn and prints what each costs beside the floor; `table PROGRAMS ROUNDS
//! PLOT.svg` draws it too.

mod plot;

use std::collections::HashMap;
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
const WORKS: [(&str, u32, u32); 7] = [
    ("flags", 200_000, 10_000),
    ("envelopes", 20_000, 1_000),
    ("bodies", 5_000, 200),
    ("streamed", 5_000, 200),
    ("search", 50_000, 10_000),
    ("noop", 10_000, 1_000),
    ("append", 5_000, 200),
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let programs = PathBuf::from(arguments.next().expect("where the programs are"));
    let rounds = arguments
        .next()
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(5);
    let picture = arguments.next();
    let mut bars = Vec::new();
    let server = Server::start(&programs);
    for (work, count, small) in WORKS {
        println!("\n{work} ({count}; counts of {small})\n");
        println!(
            "| client | CPU, x floor | peak, KiB | instructions | allocations | reads + writes |"
        );
        println!("|---|--:|--:|--:|--:|--:|");
        let job = Job {
            programs: &programs,
            port: server.port,
            work,
        };
        let times = job.times(count, rounds);
        for (client, ratio) in CLIENTS.iter().zip(times) {
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
            let client = client.trim_start_matches("bench-");
            println!(
                "| {client} | {ratio:.2} | {peak} | {} | {allocations} | {} |",
                each(instructions),
                each(calls)
            );
            bars.push(plot::Bar {
                work,
                client,
                cpu: ratio,
                peak: peak.max(0.0) / 1024.0,
            });
        }
    }
    if let Some(path) = picture {
        std::fs::write(&path, plot::svg(&bars)).expect("a place for the plot");
    }
}

struct Job<'a> {
    programs: &'a Path,
    port: u16,
    work: &'a str,
}

/// What a client says of itself.
struct Report {
    sum: u64,
    cpu: f64,
    peak: f64,
    allocations: f64,
}

impl Job<'_> {
    /// The CPU time of each client, as the median of its ratios to the floor's.
    fn times(&self, count: u32, rounds: usize) -> Vec<f64> {
        let mut ratios = vec![Vec::new(); CLIENTS.len()];
        for _ in 0..rounds {
            let reports: Vec<_> = CLIENTS
                .iter()
                .map(|client| self.run(client, count))
                .collect();
            let sum = reports[1].sum;
            assert!(
                reports[1..].iter().all(|report| report.sum == sum),
                "sums differ"
            );
            for (ratios, report) in ratios.iter_mut().zip(&reports) {
                ratios.push(report.cpu / reports[0].cpu);
            }
        }
        let median = |mut ratios: Vec<f64>| {
            ratios.sort_by(f64::total_cmp);
            ratios[ratios.len() / 2]
        };
        ratios.into_iter().map(median).collect()
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
        command
            .args(words)
            .args([self.work, &count.to_string(), &self.port.to_string()]);
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
    port: u16,
}

impl Server {
    fn start(programs: &Path) -> Server {
        // What is streamed are the bodies.
        let mailboxes = WORKS.iter().filter(|(work, ..)| *work != "streamed");
        let counts = mailboxes.flat_map(|(work, count, small)| {
            [*count, *small, 0].map(|count| format!("{work}-{count}"))
        });
        let mut child = Command::new(programs.join("replay"))
            .args(counts)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server");
        let mut line = String::new();
        let output = child.stdout.take().expect("its output");
        BufReader::new(output)
            .read_line(&mut line)
            .expect("its port");
        Server {
            child,
            port: line.trim().parse().expect("a port"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
