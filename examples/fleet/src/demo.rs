//! Shows a fleet on this machine: a server of tests, three workers on an SQLite file, and a client that delivers mail,
//! while one of the workers is killed.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use latchbox_testkit::{Server, certificates, message};
use rusqlite::Connection;

use crate::database::{self, Result};

const ACCOUNTS: u32 = 6;
const WORKERS: usize = 3;
const MESSAGES: u32 = 12;
const PASSWORD: &str = "correct-horse";

/// How long the accounts of a killed worker have none.
const LEASE_TIME: Duration = Duration::from_secs(2);

/// How long something may take that has to happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs it.
///
/// # Errors
///
/// If something cannot be started, or does not happen.
pub fn run() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("fleet.sqlite");
    let place = file.to_str().ok_or("the directory has no name in UTF-8")?;
    let authority = directory.path().join("authority.pem");
    fs::write(&authority, certificates().authority)?;
    let server = server()?;
    let mut db = database::open(place, LEASE_TIME)?;
    db.create_tables()?;
    for number in 1..=ACCOUNTS {
        let url = format!("imaps://user{number}@localhost:{}", server.port());
        db.add_account(&url, "env:FLEET_PASSWORD", "INBOX")?;
    }
    let table = Table(Connection::open(&file)?);

    println!("--- {WORKERS} workers for {ACCOUNTS} accounts, whose leases last {LEASE_TIME:?}");
    let mut workers = Vec::new();
    for _ in 0..WORKERS {
        workers.push(Worker::start(place, &authority)?);
    }
    let accounts = i64::from(ACCOUNTS);
    table.wait_for(
        "SELECT count(*) FROM account WHERE checkpoint IS NOT NULL",
        accounts,
    )?;

    println!("--- a client delivers {MESSAGES} messages");
    deliver(&server, "early");
    table.wait_for("SELECT count(*) FROM message", MESSAGES.into())?;

    let victim = workers.remove(0);
    println!(
        "--- kill -9 of process {}, and {MESSAGES} more messages",
        victim.0.id()
    );
    drop(victim);
    deliver(&server, "late");
    table.wait_for("SELECT count(*) FROM message", (MESSAGES * 2).into())?;

    println!("--- the workers end");
    for mut worker in workers {
        drop(worker.0.stdin.take());
        worker.0.wait()?;
    }
    table.show()?;
    drop(server);
    Ok(())
}

/// An IMAP server in this process, with empty mailboxes.
fn server() -> Result<Server> {
    let leaf = certificates().server;
    let builder = Server::builder()
        .tls(leaf.certificate, leaf.key)
        .with("QRESYNC");
    let users = (1..=ACCOUNTS).map(|number| format!("user{number}"));
    Ok(users
        .fold(builder, |builder, user| builder.user(&user, PASSWORD))
        .start()?)
}

fn deliver(server: &Server, word: &str) {
    for number in 0..MESSAGES {
        let user = format!("user{}", 1 + number % ACCOUNTS);
        let mail = message(&format!("{word} {number}"), "ann@example.com", "Hi!");
        server.deliver(&user, "INBOX", mail);
    }
}

/// A process, which is killed if it is dropped.
struct Worker(Child);

impl Worker {
    /// This program again, as a worker.
    fn start(place: &str, authority: &Path) -> Result<Self> {
        let lease_time = LEASE_TIME.as_secs().to_string();
        let child = Command::new(env::current_exe()?)
            .args(["worker", "--lease-time", &lease_time])
            .args(["--step", "1", "--until-input-ends"])
            .env("FLEET_DATABASE", place)
            .env("FLEET_PASSWORD", PASSWORD)
            .env("SSL_CERT_FILE", authority)
            .stdin(Stdio::piped())
            .spawn()?;
        Ok(Self(child))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The file, as a user sees it who asks.
struct Table(Connection);

impl Table {
    fn number(&self, query: &str) -> Result<i64> {
        Ok(self.0.query_row(query, [], |row| row.get(0))?)
    }

    fn wait_for(&self, query: &str, expected: i64) -> Result<()> {
        let begun = Instant::now();
        while self.number(query)? < expected {
            if begun.elapsed() > PATIENCE {
                return Err(format!("{query}: {} of {expected}", self.number(query)?).into());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Prints the messages of each account, with the fences under which they were stored.
    fn show(&self) -> Result<()> {
        let mut query = self.0.prepare(
            "SELECT account, fence, count(*), count(DISTINCT subject) FROM message GROUP BY 1, 2 ORDER BY 1, 2",
        )?;
        let mut rows = query.query([])?;
        let mut accounts: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        let (mut all, mut different) = (0, 0);
        while let Some(row) = rows.next()? {
            let (account, fence): (i64, i64) = (row.get(0)?, row.get(1)?);
            let (count, subjects): (i64, i64) = (row.get(2)?, row.get(3)?);
            (all, different) = (all + count, different + subjects);
            let under = format!("{count} under fence {fence}");
            accounts.entry(account).or_default().push(under);
        }
        for (account, stored) in accounts {
            println!("account {account}: messages: {}", stored.join(", "));
        }
        println!(
            "{} messages delivered, {all} rows, {different} different",
            MESSAGES * 2
        );
        Ok(())
    }
}
