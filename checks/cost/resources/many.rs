//! A thousand sessions at once, and many threads that share one.

use latchbox::types::SearchKey;
use latchbox::{Client, Session};
use latchbox_counting::cost;
use latchbox_testkit::{PASSWORD, Server, USER, message};

use crate::{Counts, alone, builder};

const SESSIONS: usize = 1_000;

fn open(server: &Server) -> Session {
    let client: Client = builder(server).connect().unwrap();
    client.login(USER, PASSWORD).unwrap()
}

/// Each has worked after all were open, from many threads, and each costs little.
#[test]
fn a_thousand_sessions_work_at_once() {
    let _alone = alone();
    let server = Server::builder()
        .mailbox("INBOX", [message("Lunch?", "ann@example.com", "At one?")])
        .start()
        .unwrap();
    drop(open(&server));
    let before = Counts::now();
    let (cost, sessions) = cost(|| (0..SESSIONS).map(|_| open(&server)).collect::<Vec<_>>());
    assert_eq!(server.connections(), SESSIONS);
    // The client has a socket for each and no thread; the server in this process has both.
    let open = Counts::now();
    assert!(open.files - before.files >= 2 * SESSIONS, "{open:?}");
    assert!(open.threads - before.threads <= SESSIONS, "{open:?}");
    let each = cost.kept / i64::try_from(SESSIONS).unwrap();
    eprintln!("{each} octets a session");
    assert!(each < 16 << 10, "{each} octets a session");
    std::thread::scope(|scope| {
        for part in sessions.chunks(SESSIONS / 8) {
            scope.spawn(move || {
                for session in part {
                    let mut inbox = session.lock_mailbox("INBOX").unwrap();
                    let all = inbox.search(SearchKey::All).unwrap();
                    assert_eq!(all.len(), 1);
                    session.noop().unwrap();
                }
            });
        }
    });
    assert_eq!(server.connections(), SESSIONS);
    drop(sessions);
    before.come_back("a thousand sessions");
}

/// Each lock is of another mailbox than the thread's one before, so that nearly all wait and select.
#[test]
fn what_64_threads_do_on_one_session_leaves_nothing_behind() {
    const THREADS: usize = 64;
    let rounds = match std::env::var_os("LATCHBOX_LONG") {
        Some(_) => 2_000,
        None => 50,
    };
    let _alone = alone();
    let names = ["INBOX", "A", "B", "C"];
    let server = names.into_iter().fold(Server::builder(), |server, name| {
        server.mailbox(name, [message("Lunch?", "ann@example.com", "At one?")])
    });
    let server = server.start().unwrap();
    let session = open(&server);
    // What all threads together keep, and the most that one of them had.
    let work = |rounds: usize| -> (i64, u64) {
        std::thread::scope(|scope| {
            let start = |thread| {
                let session = &session;
                scope.spawn(move || {
                    let lock = |round| {
                        let name = names[(thread + round) % names.len()];
                        let mut guard = session.lock_mailbox(name).unwrap();
                        assert_eq!(guard.mailbox().unwrap().name(), name);
                        guard.refresh().unwrap();
                    };
                    cost(|| (0..rounds).for_each(lock)).0
                })
            };
            let threads: Vec<_> = (0..THREADS).map(start).collect();
            let costs = threads.into_iter().map(|thread| thread.join().unwrap());
            costs.fold((0, 0), |(kept, peak), cost| {
                (kept + cost.kept, peak.max(cost.peak))
            })
        })
    };
    work(10);
    let before = Counts::now();
    let (few, _) = work(10);
    let (kept, peak) = work(rounds);
    before.come_back("64 threads");
    assert_eq!(server.connections(), 1);
    eprintln!("{kept} octets kept, {peak} at most in a thread");
    // What a thread has of its own goes when it ends, after it was counted.
    assert!(kept < few + (1 << 10), "{kept} octets are kept, not {few}");
    assert!(peak < 16 << 10, "{peak} octets in a thread");
}
