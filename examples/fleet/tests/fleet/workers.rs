//! The mail server of a test, and the processes that work on it.

use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use latchbox_testkit::{Server, certificates};

use crate::place::Place;

pub(crate) const PASSWORD: &str = "correct-horse";

pub(crate) const WRONG_PASSWORD: &str = "another-horse";

/// A number of accounts with an empty INBOX, all in the table.
pub(crate) struct Mail {
    pub(crate) server: Server,
    directory: tempfile::TempDir,
}

impl Mail {
    pub(crate) fn start(accounts: u32, place: &dyn Place) -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::write(
            directory.path().join("authority.pem"),
            certificates().authority,
        )
        .unwrap();
        let leaf = certificates().server;
        let builder = Server::builder()
            .tls(leaf.certificate, leaf.key)
            .with("QRESYNC")
            .timeline_limit(0);
        let users = (1..=accounts).map(user);
        let builder = users.fold(builder, |builder, user| builder.user(&user, PASSWORD));
        let server = builder.start().unwrap();
        let mut db = fleet::database::open(&place.url(), Duration::from_secs(60)).unwrap();
        for number in 1..=accounts {
            let url = format!("imaps://{}@localhost:{}", user(number), server.port());
            // The user and the row have one number.
            let id = db.add_account(&url, "env:FLEET_PASSWORD", "INBOX").unwrap();
            assert_eq!(id, i64::from(number));
        }
        File::create(directory.path().join("log")).unwrap();
        Self { server, directory }
    }

    /// What the workers have printed.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    pub(crate) fn start_worker(&self, place: &dyn Place, options: &[&str]) -> Worker {
        let log = || {
            File::options()
                .append(true)
                .open(self.directory.path().join("log"))
                .unwrap()
        };
        let child = Command::new(env!("CARGO_BIN_EXE_fleet"))
            .args(["worker", "--until-input-ends"])
            .args(options)
            .env("FLEET_DATABASE", place.url())
            .env("FLEET_PASSWORD", PASSWORD)
            .env("FLEET_WRONG", WRONG_PASSWORD)
            .env("SSL_CERT_FILE", self.directory.path().join("authority.pem"))
            .stdin(Stdio::piped())
            .stdout(log())
            .stderr(log())
            .spawn()
            .unwrap();
        Worker(child)
    }
}

impl Drop for Mail {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log
                .lines()
                .filter(|line| !line.ends_with(" gone"))
                .collect();
            let last = lines.len().saturating_sub(200);
            eprintln!(
                "the workers printed, besides messages:\n{}",
                lines[last..].join("\n")
            );
        }
    }
}

pub(crate) fn user(number: u32) -> String {
    format!("user{number}")
}

/// A process, which is killed if it is dropped.
pub(crate) struct Worker(Child);

impl Worker {
    /// Ends it by a signal.
    #[track_caller]
    pub(crate) fn end(mut self) {
        self.signal("-TERM");
        assert!(self.0.wait().unwrap().success());
    }

    pub(crate) fn pause(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let pid = self.0.id().to_string();
        let status = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
