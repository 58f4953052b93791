//! What sessions leave behind, in a process where nothing else opens files or starts threads: nothing;
//! and how many of them there can be at once.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

#[path = "../../../tests/it/support/certificates.rs"]
#[allow(dead_code)]
mod certificates;
mod connecting;
mod left_behind;
mod many;
mod resting;
mod watched;

use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use latchbox::{Client, ClientBuilder};
use latchbox_testkit::Server;

#[global_allocator]
static ALLOCATOR: latchbox_counting::Counting = latchbox_counting::Counting;

/// Held by the test that counts.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What this process has open and running, and the children that it has not collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counts {
    files: usize,
    threads: usize,
    children: usize,
}

impl Counts {
    fn now() -> Self {
        let entries = |path: &str| fs::read_dir(path).unwrap().count();
        let me = std::process::id();
        let children = fs::read_to_string(format!("/proc/self/task/{me}/children"));
        let is_mine = |process: &fs::DirEntry| {
            let status = fs::read_to_string(process.path().join("status")).unwrap_or_default();
            status.contains(&format!("\nPPid:\t{me}\n"))
        };
        let children = match children {
            // Of the first thread only; the others' are found by their parent.
            Ok(_) | Err(_) => fs::read_dir("/proc")
                .unwrap()
                .filter_map(Result::ok)
                .filter(is_mine)
                .count(),
        };
        Self {
            files: entries("/proc/self/fd"),
            threads: entries("/proc/self/task"),
            children,
        }
    }

    /// Waits until no more is there than this.
    #[track_caller]
    fn come_back(self, what: &str) {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let now = Self::now();
            let is_back = now.files <= self.files
                && now.threads <= self.threads
                && now.children <= self.children;
            if is_back {
                return;
            }
            assert!(Instant::now() < end, "{what}: {now:?} instead of {self:?}");
            std::thread::yield_now();
        }
    }
}

fn builder(server: &Server) -> ClientBuilder {
    Client::builder("127.0.0.1")
        .port(server.port())
        .danger_plaintext()
        .danger_cleartext_login()
}
