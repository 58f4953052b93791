//! What the clients share: which accounts they watch, and what they report.

use std::io::{Write, stdout};
use std::panic;
use std::process::exit;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

pub use latchbox_testkit::PASSWORD;

/// The line that a client prints when all accounts are idle.
pub const READY: &str = "ready";

/// The arguments of a client, and how many of its accounts are not idle yet.
pub struct Job {
    pub port: u16,
    pub accounts: usize,
    /// The age at which an IDLE is renewed.
    pub renew_after: Duration,
    missing: AtomicUsize,
}

/// The user of an account.
pub fn user(number: usize) -> String {
    format!("user{number}")
}

impl Job {
    /// Also makes a panic of any thread or task the end of the program.
    pub fn from_arguments() -> Self {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            report(panic);
            exit(1);
        }));
        let arguments = std::env::args().skip(1);
        let numbers: Vec<u64> = arguments.map(|it| it.parse().expect("a number")).collect();
        let [port, accounts, renew_after] = numbers[..] else {
            panic!("usage: <client> PORT ACCOUNTS RENEW_AFTER_SECONDS");
        };
        Self {
            port: u16::try_from(port).expect("a port"),
            accounts: accounts as usize,
            renew_after: Duration::from_secs(renew_after),
            missing: AtomicUsize::new(accounts as usize),
        }
    }

    /// One more account is idle.
    pub fn idles(&self) {
        if self.missing.fetch_sub(1, Ordering::SeqCst) == 1 {
            say(READY);
        }
    }

    /// A message was found in an account.
    pub fn found(&self, account: usize, uid: u32) {
        say(&format!("{account} {uid}"));
    }
}

fn say(line: &str) {
    let mut out = stdout().lock();
    writeln!(out, "{line}").expect("standard output");
    out.flush().expect("standard output");
}
