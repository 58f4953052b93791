//! What the lock costs: SELECTs a lock and locks a second, beside strict order of arrival and a
//! plain mutex; an uncontended lock, in nanoseconds and system calls; and the lock of a pool.
//!
//! ```text
//! cd benches && cargo run --release -p lock [alone | shared | pool]
//! ```
//!
//! A wait is counted from when a thread is about to ask. On loopback a lock is so short that others
//! get many while that thread is put aside before it has asked: such waits say more about the
//! machine. The integration tests count exactly, from when everybody has asked.

mod alone;
mod contended;
mod pooled;
mod server;

use std::time::Duration;

use contended::{Kind, Outcome};

/// Threads and mailboxes.
const CROWDS: [(usize, usize); 4] = [(1, 1), (1, 4), (4, 4), (16, 4)];

/// Locks a thread, as many as all the clients were measured with.
const ROUNDS: usize = 500;

fn main() {
    match std::env::args().nth(1).as_deref() {
        None => {
            alone::report();
            report_shared();
            pooled::report();
        }
        Some("alone") => alone::report(),
        Some("shared") => report_shared(),
        Some("pool") => pooled::report(),
        Some(alone::TRACED_PART) => drop(alone::lock_often(alone::TRACED)),
        Some(other) => panic!("no such part: {other}"),
    }
}

/// Threads that share one connection.
fn report_shared() {
    println!("\nlock, search, unlock; each thread again at once\n");
    for (what, delay) in [
        ("loopback", Duration::ZERO),
        ("1 ms a round trip", Duration::from_millis(1)),
    ] {
        println!("{what}, {ROUNDS} locks a thread");
        println!(
            "  T-M   | which            | SELECTs a lock | locks a second | longest wait, locks"
        );
        for (threads, mailboxes) in CROWDS {
            let run = |kind| contended::run(kind, threads, mailboxes, ROUNDS, delay);
            let ours = run(Kind::Bounded);
            let strict = run(Kind::Strict);
            let mutex = run(Kind::Mutex);
            print_row(
                threads,
                mailboxes,
                "latchbox",
                &ours,
                &goals(threads, mailboxes),
            );
            print_row(threads, mailboxes, "latchbox, strict", &strict, "");
            let times = format!("latchbox has {:.2} times as many", ours.rate / mutex.rate);
            let goal = if !delay.is_zero() && threads == 16 {
                ", goal 1.5"
            } else {
                ""
            };
            print_row(
                threads,
                mailboxes,
                "a mutex",
                &mutex,
                &format!("{times}{goal}"),
            );
        }
        println!();
    }
}

fn goals(threads: usize, mailboxes: usize) -> String {
    let waits = format!("wait <= {}", 3 * (threads - 1));
    match (threads, mailboxes) {
        (_, 1) => "goal: one SELECT in all".to_owned(),
        (4, 4) => format!("goals: <= 0.45, {waits}"),
        (16, 4) => format!("goals: <= 0.20, {waits}"),
        _ => String::new(),
    }
}

fn print_row(threads: usize, mailboxes: usize, which: &str, outcome: &Outcome, beside: &str) {
    let Outcome {
        selects,
        rate,
        longest_wait,
    } = outcome;
    let crowd = format!("{threads}-{mailboxes}");
    println!(
        "  {crowd:<5} | {which:<16} | {selects:>14.3} | {rate:>14.0} | {longest_wait:>6}  {beside}"
    );
}
