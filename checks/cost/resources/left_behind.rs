//! Every transport, and every way in which a session ends or does not come about.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use latchbox::command::IdleOptions;
use latchbox::transport::{ChildProcess, Proxy, Socket, TlsBackend};
use latchbox::{Account, Backoff, Client, ClientBuilder, Credentials, Error, Session};
use latchbox_testkit::{PASSWORD, Server, USER};

use crate::certificates::certificates;
use crate::{Counts, alone, builder};

const SHORT: Duration = Duration::from_millis(40);

/// A server of the crate's tests, one with TLS, one with STARTTLS.
struct Servers {
    plain: Server,
    tls: Server,
    start_tls: Server,
    proxy: u16,
}

impl Servers {
    fn start() -> Self {
        let leaf = &certificates().server;
        let (certificate, key) = (&leaf.certificate, &leaf.key);
        let plain = Server::start().unwrap();
        let proxy = proxy(plain.port());
        Self {
            plain,
            tls: Server::builder().tls(certificate, key).start().unwrap(),
            start_tls: Server::builder()
                .start_tls(certificate, key)
                .start()
                .unwrap(),
            proxy,
        }
    }
}

/// An HTTP proxy that connects to this port, whatever it is asked for.
fn proxy(to: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.unwrap();
            thread::spawn(move || {
                let mut head = Vec::new();
                let mut octet = [0];
                while !head.ends_with(b"\r\n\r\n") {
                    if (&client).read(&mut octet).unwrap_or(0) == 0 {
                        return;
                    }
                    head.push(octet[0]);
                }
                let _ = (&client).write_all(b"HTTP/1.1 200 go on\r\n\r\n");
                join(&client, &TcpStream::connect(("127.0.0.1", to)).unwrap());
            });
        }
    });
    port
}

/// Passes on what comes from either, until one of them ends.
fn join(one: &TcpStream, other: &TcpStream) {
    let pass = |mut from: &TcpStream, mut to: &TcpStream| {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Both);
        let _ = from.shutdown(std::net::Shutdown::Both);
    };
    thread::scope(|scope| {
        scope.spawn(|| pass(one, other));
        scope.spawn(|| pass(other, one));
    });
}

fn log_in(client: Client) -> Session {
    client
        .login(USER, PASSWORD)
        .map_err(|(error, _)| error)
        .unwrap()
}

fn trusting(server: &Server) -> ClientBuilder {
    Client::builder("127.0.0.1")
        .port(server.port())
        .root_certificates_pem(certificates().authority.clone())
        .only_given_roots()
}

type Open = fn(&Servers) -> Session;

const TRANSPORTS: [(&str, Open); 9] = [
    ("tcp", |s| log_in(builder(&s.plain).connect().unwrap())),
    ("native-tls", |s| {
        log_in(trusting(&s.tls).connect().unwrap())
    }),
    ("rustls", |s| {
        let builder = trusting(&s.tls).tls_backend(TlsBackend::Rustls);
        log_in(builder.connect().unwrap())
    }),
    ("starttls", |s| {
        let builder = trusting(&s.start_tls).start_tls();
        log_in(builder.connect().unwrap())
    }),
    ("compressed", |s| {
        log_in(builder(&s.plain).compress().connect().unwrap())
    }),
    ("compressed inside tls", |s| {
        log_in(trusting(&s.tls).compress().connect().unwrap())
    }),
    ("a socket of the caller's", |s| {
        let stream = TcpStream::connect(("127.0.0.1", s.plain.port())).unwrap();
        log_in(
            builder(&s.plain)
                .connect_transport(Socket::from(stream))
                .unwrap(),
        )
    }),
    ("a proxy", |s| {
        let proxy = Proxy::http("127.0.0.1", s.proxy);
        log_in(builder(&s.plain).proxy(proxy).connect().unwrap())
    }),
    ("a child process", |_| {
        child(
            "while read -r tag rest; do case $rest in \
        SELECT*|EXAMINE*) printf '* 1 EXISTS\\r\\n* OK [UIDVALIDITY 7] x\\r\\n';; \
        IDLE*) printf '+ go on\\r\\n'; read -r done;; esac; \
        printf '%s OK done\\r\\n' $tag; done",
        )
    }),
];

fn child(then: &str) -> Session {
    let greeting = "printf '* PREAUTH [CAPABILITY IMAP4rev1 IDLE] ready\\r\\n';";
    let process =
        ChildProcess::spawn(Command::new("sh").args(["-c", &format!("{greeting}{then}")]));
    let builder = Client::builder("localhost").danger_plaintext();
    let client = builder.accept_preauth().connect_transport(process.unwrap());
    let session = client.unwrap().into_preauthenticated();
    session.map_err(|(error, _)| error).unwrap()
}

type Ends = fn(Session);

const ENDINGS: [(&str, Ends); 10] = [
    ("drop", drop),
    ("logout", |s| s.logout().unwrap()),
    ("drop after work", |s| {
        drop(s.lock_mailbox("INBOX").unwrap());
        s.noop().unwrap();
    }),
    ("a guard that owns it", |s| {
        let guard = s.mailbox("INBOX").lock_owned().unwrap();
        drop(s);
        thread::spawn(move || drop(guard)).join().unwrap();
    }),
    ("a close handle", |s| {
        let close_handle = s.close_handle();
        close_handle.close();
        assert!(s.noop().unwrap_err().is_closed());
    }),
    ("a close handle that outlives it", |s| {
        let close_handle = s.close_handle();
        drop(s);
        close_handle.close();
    }),
    ("a close handle during idle", |s| {
        let close_handle = s.close_handle();
        let mut inbox = s.lock_mailbox("INBOX").unwrap();
        let mut idle = inbox.idle().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| close_handle.close());
            assert!(idle.next().is_err());
        });
    }),
    ("an idle that runs out", |s| {
        let mut inbox = s.lock_mailbox("INBOX").unwrap();
        let mut idle = inbox.idle().unwrap();
        assert!(idle.next_timeout(SHORT).unwrap().is_none());
    }),
    ("an idle that is stopped", |s| {
        let mut inbox = s.lock_mailbox("INBOX").unwrap();
        let mut idle = inbox.idle_with(&IdleOptions::new()).unwrap();
        let stop = idle.stop_handle();
        thread::scope(|scope| {
            scope.spawn(move || stop.stop());
            assert!(idle.next().unwrap().is_none());
        });
    }),
    ("threads that share it", |s| {
        let session = Arc::new(s);
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let session = Arc::clone(&session);
                thread::spawn(move || drop(session.lock_mailbox("INBOX").unwrap()))
            })
            .collect();
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
    }),
];

#[test]
fn no_transport_and_no_ending_leaves_anything_behind() {
    let _alone = alone();
    let servers = Servers::start();
    for (transport, open) in TRANSPORTS {
        for (ending, end) in ENDINGS {
            // What is opened once and kept.
            end(open(&servers));
            let mut before = Counts::now();
            before.children = 0;
            settled(&servers);
            let settled_at = Counts::now();
            before.files = before.files.min(settled_at.files);
            before.threads = before.threads.min(settled_at.threads);
            for _ in 0..3 {
                end(open(&servers));
            }
            settled(&servers);
            before.come_back(&format!("{transport}, {ending}"));
        }
    }
}

/// The servers' own ends are closed, and the children collected.
fn settled(servers: &Servers) {
    let all = [&servers.plain, &servers.tls, &servers.start_tls];
    let end = std::time::Instant::now() + Duration::from_secs(60);
    while all.iter().any(|server| server.connections() > 0) {
        assert!(std::time::Instant::now() < end, "connections stay");
        thread::yield_now();
    }
    // A child is collected when the next one is spawned or dropped.
    let mut last = Command::new("true");
    while Counts::now().children > 0 {
        assert!(
            std::time::Instant::now() < end,
            "children stay: {:?}",
            Counts::now()
        );
        drop(ChildProcess::spawn(&mut last).unwrap());
    }
}

/// A listener that answers each connection so, and a way to fail at it.
fn hostile(answer: &'static [u8], hang_up: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let _ = client.write_all(answer);
            if !hang_up {
                let _ = client.read_to_end(&mut Vec::new());
            }
        }
    });
    port
}

#[test]
fn no_session_that_does_not_come_about_leaves_anything_behind() {
    let _alone = alone();
    let servers = Servers::start();
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let silent = hostile(b"", false);
    let gone = hostile(b"", true);
    let refusing = hostile(b"* BYE go away\r\n", true);
    let other = hostile(b"SSH-2.0-x\r\n", true);
    let at = |port: u16| {
        Client::builder("127.0.0.1")
            .port(port)
            .greeting_timeout(SHORT)
            .tls_timeout(SHORT)
            .read_timeout(SHORT)
    };
    let plain = |port: u16| at(port).danger_plaintext().danger_cleartext_login();
    type Fails<'f> = Box<dyn Fn() -> Result<Client, Error> + 'f>;
    let failures: Vec<(&str, Fails<'_>)> = vec![
        ("refused", Box::new(|| plain(closed).connect())),
        ("no greeting", Box::new(|| plain(silent).connect())),
        ("the end", Box::new(|| plain(gone).connect())),
        ("a goodbye", Box::new(|| plain(refusing).connect())),
        ("no imap", Box::new(|| plain(other).connect())),
        ("no handshake", Box::new(|| at(silent).connect())),
        ("a handshake that ends", Box::new(|| at(gone).connect())),
        ("a handshake that is none", Box::new(|| at(other).connect())),
        (
            "no handshake of rustls",
            Box::new(|| at(silent).tls_backend(TlsBackend::Rustls).connect()),
        ),
        (
            "one of rustls that ends",
            Box::new(|| at(gone).tls_backend(TlsBackend::Rustls).connect()),
        ),
        (
            "nobody vouches",
            Box::new(|| {
                Client::builder("127.0.0.1")
                    .port(servers.tls.port())
                    .only_given_roots()
                    .connect()
            }),
        ),
        (
            "nobody vouches, rustls",
            Box::new(|| {
                Client::builder("127.0.0.1")
                    .port(servers.tls.port())
                    .only_given_roots()
                    .root_certificates_pem(certificates().self_signed.certificate.clone())
                    .tls_backend(TlsBackend::Rustls)
                    .connect()
            }),
        ),
        (
            "no starttls",
            Box::new(|| at(servers.plain.port()).start_tls().connect()),
        ),
        (
            "a proxy that is gone",
            Box::new(|| plain(1).proxy(Proxy::socks5("127.0.0.1", closed)).connect()),
        ),
        (
            "a proxy that hangs up",
            Box::new(|| plain(1).proxy(Proxy::socks5("127.0.0.1", gone)).connect()),
        ),
        (
            "a proxy that is none",
            Box::new(|| plain(1).proxy(Proxy::http("127.0.0.1", other)).connect()),
        ),
        (
            "no program",
            Box::new(|| {
                plain(1).connect_transport(
                    ChildProcess::spawn(&mut Command::new("/nowhere")).map_err(|_| refusal())?,
                )
            }),
        ),
        (
            "a program that ends",
            Box::new(|| {
                plain(1).connect_transport(ChildProcess::spawn(&mut Command::new("true")).unwrap())
            }),
        ),
        (
            "a program that is silent",
            Box::new(|| {
                plain(1).connect_transport(
                    ChildProcess::spawn(Command::new("sleep").arg("60")).unwrap(),
                )
            }),
        ),
        (
            "a socket that is closed",
            Box::new(|| plain(1).connect_transport(Socket::from(UnixStream::pair().unwrap().0))),
        ),
        (
            "no login",
            Box::new(|| {
                let client = builder(&servers.plain).connect()?;
                client
                    .login(USER, "wrong")
                    .map(|_| unreachable!())
                    .unwrap_or_else(|(error, _)| Err(error))
            }),
        ),
        (
            "an account without credentials",
            Box::new(|| {
                let account = Account::new(plain(servers.plain.port()), |_| Err("none".into()));
                account.open().map(|_| unreachable!())
            }),
        ),
        (
            "an account that cannot reconnect",
            Box::new(|| {
                let server = Server::start().unwrap();
                let account =
                    Account::new(builder(&server), |_| Ok(Credentials::login(USER, PASSWORD)));
                let session = account
                    .reconnecting(Backoff::new().max_attempts(1))
                    .open()?;
                drop(server);
                while session.noop().is_ok() {}
                Err(session.lock_mailbox("INBOX").map(drop).unwrap_err())
            }),
        ),
    ];
    for (what, fail) in failures {
        assert!(fail().is_err(), "{what}");
        settled(&servers);
        let before = Counts::now();
        for _ in 0..5 {
            assert!(fail().is_err(), "{what}");
        }
        settled(&servers);
        before.come_back(what);
    }
}

fn refusal() -> Error {
    Client::builder("").connect().map(drop).unwrap_err()
}

/// A thousand reconnections, and ten thousand times IDLE.
#[test]
fn cycles_on_sockets_leave_nothing_behind() {
    let _alone = alone();
    let server = Server::start().unwrap();
    let account = Account::new(builder(&server), |_| Ok(Credentials::login(USER, PASSWORD)));
    let session = account.reconnecting(Backoff::new()).open().unwrap();
    let reconnect = || {
        // Under a guard nothing reconnects.
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        server.kick();
        while inbox.refresh().is_ok() {}
        drop(inbox);
        drop(session.lock_mailbox("INBOX").unwrap());
    };
    (0..20).for_each(|_| reconnect());
    let before = Counts::now();
    let (first, ()) = latchbox_counting::cost(|| (0..100).for_each(|_| reconnect()));
    let (cost, ()) = latchbox_counting::cost(|| (0..1_000).for_each(|_| reconnect()));
    assert!(
        cost.kept.abs() <= first.kept.abs() + 4096,
        "{first:?} {cost:?}"
    );
    before.come_back("reconnections");
    let idle = |count: usize| {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        for _ in 0..count {
            let idle = inbox.idle().unwrap();
            idle.stop_handle().stop();
            drop(idle);
            inbox.refresh().unwrap();
        }
    };
    // The first IDLE of a session makes what others wake it by, which stays.
    idle(1_000);
    let before = Counts::now();
    let (cost, ()) = latchbox_counting::cost(|| idle(9_000));
    assert!(cost.kept <= 1024, "{cost:?}");
    before.come_back("idle");
}
