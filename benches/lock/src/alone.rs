//! A lock and unlock of the mailbox that is selected already, with nobody else around.

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use latchbox::Session;

use crate::server::Server;

/// The argument of the process whose system calls are counted.
pub(crate) const TRACED_PART: &str = "traced";

/// How many locks the system calls are counted for.
pub(crate) const TRACED: u32 = 10_000;

const TIMED: u32 = 300_000;

/// Rounds of which the best counts: what disturbs only adds.
const ROUNDS: u32 = 5;

pub(crate) fn report() {
    let lock = best(lock_often);
    let look = best(look_often);
    let beside = best(lock_often_without_a_look);
    println!("uncontended lock and unlock of the selected mailbox");
    println!("  {lock:>6.0} ns in all");
    println!("  {look:>6.0} ns of that for a bare non-blocking look at a socket");
    println!(
        "  {:>6.0} ns beside it, with the code that looks",
        lock - look
    );
    println!("  {beside:>6.0} ns over a stream that cannot be looked at, goal: <= 200");
    match system_calls() {
        Some(table) => println!("  system calls of {TRACED} locks, goal: one look each\n{table}"),
        None => println!("  system calls: not counted, there is no strace"),
    }
}

fn best(often: impl Fn(u32) -> Duration) -> f64 {
    let rounds = (0..ROUNDS).map(|_| often(TIMED));
    let best = rounds.min().unwrap_or_default();
    best.as_nanos() as f64 / f64::from(TIMED)
}

/// How long so many locks take.
pub(crate) fn lock_often(times: u32) -> Duration {
    let server = Server::start(Duration::ZERO);
    lock_in(&server, &server.session(None), times)
}

/// How long they take when there is nothing to look at the socket with.
fn lock_often_without_a_look(times: u32) -> Duration {
    let server = Server::start(Duration::ZERO);
    lock_in(&server, &server.session_without_a_look(), times)
}

fn lock_in(server: &Server, session: &Session, times: u32) -> Duration {
    let name = session.lock_mailbox("INBOX").unwrap().name().clone();
    let began = Instant::now();
    for _ in 0..times {
        drop(session.lock_mailbox(&name).unwrap());
    }
    let took = began.elapsed();
    assert_eq!(server.selects(), 1);
    took
}

/// How long as many looks take at a socket where nothing has arrived.
fn look_often(times: u32) -> Duration {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let _other = listener.accept().unwrap();
    socket.set_nonblocking(true).unwrap();
    let began = Instant::now();
    for _ in 0..times {
        let nothing = socket.peek(&mut [0]).unwrap_err();
        assert_eq!(nothing.kind(), ErrorKind::WouldBlock);
    }
    began.elapsed()
}

/// The rows of `strace -c` for the locks of another process of this program.
fn system_calls() -> Option<String> {
    let program = std::env::current_exe().ok()?;
    let strace = Command::new("strace")
        .args(["-f", "-c", "-S", "calls"])
        .arg(program)
        .arg(TRACED_PART)
        .output()
        .ok()?;
    let table = String::from_utf8_lossy(&strace.stderr).into_owned();
    let rows = table.lines().take(6).map(|row| format!("    {row}"));
    strace
        .status
        .success()
        .then(|| rows.collect::<Vec<_>>().join("\n"))
}
