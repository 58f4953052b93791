//! The proxy that harms connections: each fault is where it was planned, and does what it says.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use latchbox_testkit::{Fault, FaultPlan, Trigger, Way};

use crate::support::fault_proxy::FaultProxy;

const SENT: &[u8] = b"0123456789";

/// A server for one connection: it says ten octets, and tells all that it has heard.
fn server() -> (u16, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        stream.write_all(SENT).unwrap();
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).unwrap();
        heard
    });
    (port, serving)
}

/// What a client has heard, how that ended, and what the server has heard.
fn talk(way: Way, at: u64, fault: Fault) -> (Vec<u8>, Option<ErrorKind>, Vec<u8>) {
    let (port, serving) = server();
    let proxy = FaultProxy::start(port, FaultPlan::new().once(Trigger::octet(way, at), fault));
    let mut client = TcpStream::connect(("127.0.0.1", proxy.port())).unwrap();
    // The connection may be over already. An error that a write returns is not returned to a read
    // once more.
    let not_written = client.write_all(SENT).err().map(|error| error.kind());
    let ends = way == Way::ToServer || matches!(fault, Fault::Cut | Fault::Reset);
    let expected = match fault {
        Fault::Stall if way == Way::ToClient => at as usize,
        _ => SENT.len(),
    };
    let mut heard = Vec::new();
    let mut buffer = [0; 100];
    let end = loop {
        // What comes is waited for; that nothing more comes is believed sooner.
        let patience = match ends || heard.len() < expected {
            true => Duration::from_secs(20),
            false => Duration::from_millis(200),
        };
        client.set_read_timeout(Some(patience)).unwrap();
        match client.read(&mut buffer) {
            Ok(0) => break not_written,
            Ok(count) => heard.extend(&buffer[..count]),
            Err(error) => break Some(error.kind()),
        }
        if heard == SENT && way == Way::ToServer {
            let _ = client.shutdown(Shutdown::Write);
        }
    };
    drop(client);
    let at_the_server = serving.join().unwrap();
    proxy.first().until_over();
    assert!(proxy.first().has_happened());
    (heard, end, at_the_server)
}

#[test]
fn a_connection_is_closed_where_it_was_planned() {
    for at in 0..=10 {
        let (heard, end, _) = talk(Way::ToClient, at, Fault::Cut);
        assert_eq!((&heard[..], end), (&SENT[..at as usize], None));
        let (_, end, at_the_server) = talk(Way::ToServer, at, Fault::Cut);
        assert_eq!((&at_the_server[..], end), (&SENT[..at as usize], None));
    }
}

#[test]
fn a_connection_is_reset_where_it_was_planned() {
    for at in 1..=10 {
        let (heard, end, _) = talk(Way::ToClient, at, Fault::Reset);
        assert_eq!(&heard[..], &SENT[..at as usize]);
        // If the server of wine has looked at the socket, it has taken the error from it.
        let is_reset = end == Some(ErrorKind::ConnectionReset) || cfg!(windows) && end.is_none();
        assert!(is_reset, "{end:?}");
        let (.., at_the_server) = talk(Way::ToServer, at, Fault::Reset);
        assert_eq!(at_the_server, &SENT[..at as usize]);
    }
}

#[test]
fn what_is_stalled_comes_late_or_never() {
    for at in 0..10 {
        let (heard, end, at_the_server) = talk(Way::ToClient, at, Fault::Stall);
        assert_eq!(&heard[..], &SENT[..at as usize]);
        // On Unix the one, on Windows the other.
        let is_stalled = matches!(end, Some(ErrorKind::WouldBlock | ErrorKind::TimedOut));
        assert!(is_stalled, "{end:?}");
        assert_eq!(at_the_server, SENT);
        let (heard, _, at_the_server) = talk(Way::ToServer, at, Fault::Stall);
        assert_eq!((&heard[..], &at_the_server[..]), (SENT, SENT));
    }
}

#[test]
fn what_is_slow_comes_whole() {
    let delay = Duration::from_millis(50);
    for fault in [Fault::Delay(delay), Fault::Split(64), Fault::Limit(1000)] {
        for at in [0, 5, 9] {
            let began = Instant::now();
            let (heard, ..) = talk(Way::ToClient, at, fault);
            assert_eq!(heard, SENT);
            let (.., at_the_server) = talk(Way::ToServer, at, fault);
            assert_eq!(at_the_server, SENT);
            if let Fault::Delay(_) = fault {
                assert!(began.elapsed() >= delay);
            }
        }
    }
}

#[test]
fn later_connections_meet_nothing() {
    let plan = FaultPlan::new().once(Trigger::octet(Way::ToClient, 0), Fault::Cut);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = FaultProxy::start(listener.local_addr().unwrap().port(), plan);
    let heard = |_| {
        let mut client = TcpStream::connect(("127.0.0.1", proxy.port())).unwrap();
        listener.accept().unwrap().0.write_all(SENT).unwrap();
        let mut heard = Vec::new();
        client.read_to_end(&mut heard).unwrap();
        heard
    };
    assert_eq!([0, 1, 2].map(heard), [b"".as_slice(), SENT, SENT]);
}
