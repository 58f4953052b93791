//! A thousand sessions at once.

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
