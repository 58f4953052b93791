//! What sessions leave behind: nothing.

use std::process::Command;
use std::thread;

use latchbox::{Account, Backoff, CloseHandle, Credentials, Session};
use latchbox_testkit::{PASSWORD, Server, USER};

use crate::sessions::{assert_cancelled, builder, until, until_hung_up};

/// Other tests open and close files meanwhile, so this one runs in a process of its own.
#[test]
fn hundreds_of_sessions_leave_no_file_open() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "close_handle::sockets::alone", "--ignored"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "hundreds_of_sessions_leave_no_file_open runs it in a process of its own"]
fn alone() {
    const SESSIONS: usize = 300;
    let server = Server::start().unwrap();
    let account = Account::new(builder(server.port()), |_| {
        Ok(Credentials::login(USER, PASSWORD))
    });
    let account = account.reconnecting(Backoff::new());
    // One of each first, for what is opened once and kept.
    let mut handles: Vec<CloseHandle> = (0..6)
        .map(|number| ended(&account, &server, number))
        .collect();
    let before = open_files(&server);
    handles.extend((0..SESSIONS).map(|number| ended(&account, &server, number)));
    assert_eq!(open_files(&server), before);
    handles.iter().for_each(CloseHandle::close);
    assert_eq!(open_files(&server), before);
}

/// The close handle, kept for longer, of a session that ends in one way or another.
fn ended(account: &Account, server: &Server, number: usize) -> CloseHandle {
    let session = account.open().unwrap();
    let close_handle = session.close_handle();
    match number % 6 {
        0 => session.logout().unwrap(),
        1 => drop(session),
        2 => {
            let inbox = session.lock_mailbox("INBOX").unwrap();
            close_handle.close();
            drop(inbox);
            assert_cancelled(session.noop());
        }
        3 => {
            let owned = session.mailbox("INBOX").lock_owned().unwrap();
            drop(session);
            drop(owned);
        }
        4 => reconnect(&session, server),
        _ => {
            let mut inbox = session.lock_mailbox("INBOX").unwrap();
            server.kick();
            until_hung_up(server.port());
            assert!(inbox.refresh().unwrap_err().is_closed());
        }
    }
    close_handle
}

fn reconnect(session: &Session, server: &Server) {
    for _ in 0..2 {
        server.kick();
        until_hung_up(server.port());
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| session.lock_mailbox("INBOX").unwrap().refresh().unwrap());
            }
        });
    }
}

/// How many, when the server has closed its side of all.
fn open_files(server: &Server) -> usize {
    until("connections stay", || server.connections() == 0);
    // The server forgets a connection a moment before its thread has closed the socket.
    let is_of_a_connection = |task: std::io::Result<std::fs::DirEntry>| {
        let name = std::fs::read_to_string(task.unwrap().path().join("comm"));
        name.is_ok_and(|name| name.starts_with("imap-") && !name.starts_with("imap-accept"))
    };
    let tasks = || std::fs::read_dir("/proc/self/task").unwrap();
    until("threads of connections stay", || {
        !tasks().any(is_of_a_connection)
    });
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}
