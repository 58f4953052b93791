//! Listeners without a driver: what is due when, and many of them in one poll.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use super::*;
use crate::client_builder::bounds::Bounds;
use crate::events::session_event::SessionEvent;
use crate::transport::buffered::Buffered;
use crate::transport::plain::Plain;
use crate::transport::readiness::{Awaited, Polled, Waker, wait};
use crate::transport::socket::Socket;

const SECOND: Duration = Duration::from_secs(1);

const RHYTHM: Rhythm = Rhythm {
    renew_after: Duration::from_secs(100),
    probe_after: Duration::from_secs(40),
    poll_interval: Duration::from_secs(10),
};

/// The last word of each line that the client sends, and what the server answers; `#` is the tag.
type Answers = &'static [(&'static str, &'static str)];

const HAS_IDLE: (&str, &str) = (
    "CAPABILITY",
    "* CAPABILITY IMAP4rev1 IDLE NOTIFY\r\n# OK done\r\n",
);
const HAS_NO_IDLE: (&str, &str) = ("CAPABILITY", "* CAPABILITY IMAP4rev1\r\n# OK done\r\n");
const IDLE_BEGINS: (&str, &str) = ("IDLE", "+ idling\r\n");
const IDLE_ENDS: (&str, &str) = ("DONE", "# OK done\r\n");
/// Events of the selected mailbox only.
const NOTIFY_BEGINS: (&str, &str) = ("FlagChange))", "# OK done\r\n");
const POLLED: (&str, &str) = ("NOOP", "# OK done\r\n");

/// A client's and a server's end.
fn connected() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client, listener.accept().unwrap().0)
}

fn connection(client: TcpStream) -> Connection {
    let buffered = Buffered::new(Box::new(Socket::from(client)));
    Connection::new(buffered, Bounds::default(), Arc::default())
}

/// A connection to a server that answers on a thread of its own, which ends with the last answer
/// and gives the server's end back.
fn answered(answers: Answers) -> (Connection, JoinHandle<TcpStream>) {
    let (client, server) = connected();
    (connection(client), answering(server, answers))
}

fn answering(server: TcpStream, answers: Answers) -> JoinHandle<TcpStream> {
    thread::spawn(move || {
        // A DONE has no tag, and is answered with that of its IDLE.
        let mut tag = String::new();
        for (last_word, answer) in answers {
            let mut line = String::new();
            // It must not take more than this line from the socket.
            let mut reader = BufReader::with_capacity(1, &server);
            reader.read_line(&mut line).unwrap();
            let line = line.trim_end();
            assert_eq!(line.split(' ').next_back(), Some(*last_word));
            if let Some((its_tag, _)) = line.split_once(' ') {
                tag = its_tag.to_owned();
            }
            let answer = answer.replace('#', &tag);
            (&server).write_all(answer.as_bytes()).unwrap();
        }
        server
    })
}

fn due_in(listener: &Listener) -> Duration {
    let due = listener.due().unwrap();
    due.saturating_duration_since(Instant::now())
}

#[track_caller]
fn assert_due_after(listener: &Listener, time: Duration) {
    let due = due_in(listener);
    assert!(due <= time && due + 5 * SECOND > time, "{due:?}");
}

/// As if what the listener did last had been this long ago.
fn age(listener: &mut Listener, time: Duration) {
    listener.began -= time;
    listener.last_sign = listener.last_sign.map(|last| last - time);
}

#[test]
fn an_idle_is_renewed_when_it_is_old_and_when_the_line_was_silent() {
    let (mut connection, server) =
        answered(&[HAS_IDLE, IDLE_BEGINS, IDLE_ENDS, IDLE_BEGINS, IDLE_ENDS]);
    let mut listener = Listener::of_mailbox(&mut connection, RHYTHM).unwrap();
    listener.begin(&mut connection).unwrap();
    assert!(listener.goes_on(&mut connection));
    assert_due_after(&listener, RHYTHM.probe_after);
    age(&mut listener, 80 * SECOND);
    assert_eq!(due_in(&listener), Duration::ZERO);
    // With signs of life in between, only its age counts.
    listener.last_sign = Some(Instant::now());
    assert_due_after(&listener, 20 * SECOND);
    listener.on_due(&mut connection).unwrap();
    assert_due_after(&listener, RHYTHM.probe_after);
    assert!(listener.goes_on(&mut connection));
    listener.end(&mut connection).unwrap();
    assert!(!listener.goes_on(&mut connection));
    server.join().unwrap();
}

#[test]
fn a_mailbox_without_idle_is_polled_at_once_and_then_at_the_interval() {
    let (mut connection, server) = answered(&[HAS_NO_IDLE, POLLED]);
    let mut listener = Listener::of_mailbox(&mut connection, RHYTHM).unwrap();
    listener.begin(&mut connection).unwrap();
    assert_eq!(due_in(&listener), Duration::ZERO);
    listener.on_due(&mut connection).unwrap();
    assert_due_after(&listener, RHYTHM.poll_interval);
    // An event by chance does not put the next poll off.
    age(&mut listener, 8 * SECOND);
    let mut server = server.join().unwrap();
    server.write_all(b"* OK Still here\r\n").unwrap();
    read_one(&mut listener, &mut connection);
    assert_due_after(&listener, 2 * SECOND);
    assert!(listener.goes_on(&mut connection));
}

#[test]
fn a_session_is_polled_until_notify_is_in_force_and_probed_from_then_on() {
    let (mut connection, server) = answered(&[HAS_IDLE, NOTIFY_BEGINS, POLLED]);
    let mut listener = Listener::of_session(RHYTHM);
    assert!(listener.goes_on(&mut connection));
    assert_due_after(&listener, RHYTHM.poll_interval);
    connection.notify(&Arc::default()).unwrap();
    assert!(listener.goes_on(&mut connection));
    assert_due_after(&listener, RHYTHM.probe_after);
    age(&mut listener, 50 * SECOND);
    listener.on_due(&mut connection).unwrap();
    assert_due_after(&listener, RHYTHM.probe_after);
    // A response is a sign of life.
    age(&mut listener, 20 * SECOND);
    let mut server = server.join().unwrap();
    server.write_all(b"* OK Still here\r\n").unwrap();
    read_one(&mut listener, &mut connection);
    assert_due_after(&listener, RHYTHM.probe_after);
    // The server switches NOTIFY off.
    server
        .write_all(b"* OK [NOTIFICATIONOVERFLOW] too much\r\n")
        .unwrap();
    read_one(&mut listener, &mut connection);
    assert!(listener.goes_on(&mut connection));
    assert_due_after(&listener, RHYTHM.poll_interval);
}

/// Waits for one response, and reads it.
fn read_one(listener: &mut Listener, connection: &mut Connection) {
    let waker = Waker::new().unwrap();
    while !listener.on_readable(connection).unwrap() {
        connection.awaited().wait(&waker, None).unwrap();
    }
}

#[test]
fn a_stream_that_cannot_be_polled_is_polled_by_noop() {
    let (client, server) = connected();
    let buffered = Buffered::new(Box::new(Plain(client)));
    let mut connection = Connection::new(buffered, Bounds::default(), Arc::default());
    let server = answering(server, &[HAS_IDLE]);
    let listener = Listener::of_mailbox(&mut connection, RHYTHM).unwrap();
    assert_eq!(due_in(&listener), Duration::ZERO);
    assert!(!listener.has_to_end());
    assert!(matches!(connection.awaited(), Awaited::Unknown));
    server.join().unwrap();
}

/// A server's end, a connection to it, its listener, and the alerts that came.
struct Listening {
    server: TcpStream,
    connection: Connection,
    listener: Listener,
    alerts: Vec<String>,
}

impl Listening {
    fn begin() -> Self {
        let (mut connection, server) = answered(&[HAS_IDLE, IDLE_BEGINS]);
        let listener = Listener::of_mailbox(&mut connection, RHYTHM).unwrap();
        listener.begin(&mut connection).unwrap();
        Self {
            server: server.join().unwrap(),
            connection,
            listener,
            alerts: Vec::new(),
        }
    }

    fn alert(&mut self, count: usize) {
        for number in 0..count {
            let line = format!("* OK [ALERT] {number}\r\n");
            self.server.write_all(line.as_bytes()).unwrap();
        }
    }

    /// Reads all that has arrived.
    fn read(&mut self) {
        while self.listener.on_readable(&mut self.connection).unwrap() {}
        let events = self.connection.state.session_events.take_all();
        self.alerts
            .extend(events.into_iter().map(|event| match event {
                SessionEvent::Alert(text) => text,
                other => panic!("{other:?}"),
            }));
    }
}

#[test]
fn one_poll_drives_many_listeners() {
    let mut all: Vec<_> = (0..12).map(|_| Listening::begin()).collect();
    let waker = Waker::new().unwrap();
    for speakers in [vec![7], vec![0, 11], vec![3, 4, 5]] {
        for speaker in &speakers {
            all[*speaker].alert(3);
        }
        while speakers.iter().any(|it| all[*it].alerts.len() < 3) {
            let until = all.iter().filter_map(|one| one.listener.due()).min();
            let streams = all.iter_mut().map(|one| match one.connection.awaited() {
                Awaited::Readable(stream) => Polled::new(stream),
                other => panic!("{other:?}"),
            });
            let mut streams: Vec<_> = streams.collect();
            wait(&mut streams, &waker, until).unwrap();
            let ready: Vec<_> = streams.iter().map(Polled::is_ready).collect();
            for index in (0..all.len()).filter(|index| ready[*index]) {
                assert!(speakers.contains(&index), "{index} has nothing to read");
                all[index].read();
            }
        }
        for one in &mut all {
            assert!(one.alerts.is_empty() || one.alerts == ["0", "1", "2"]);
            one.alerts.clear();
        }
    }
    // The server ends one of them, and the others go on.
    let ended = &mut all[2];
    ended.server.write_all(b"A2 OK done\r\n").unwrap();
    read_one(&mut ended.listener, &mut ended.connection);
    for (index, one) in all.iter_mut().enumerate() {
        assert_eq!(one.listener.goes_on(&mut one.connection), index != 2);
    }
}
