//! A server that answers from ready-made text, after a delay, on each connection by itself.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use latchbox::{Account, Client, ClientBuilder, Credentials, Session};

pub(crate) struct Server {
    port: u16,
    counts: Arc<Counts>,
}

/// What was counted, of all connections.
#[derive(Default)]
struct Counts {
    connections: AtomicU64,
    selects: AtomicU64,
}

impl Server {
    pub(crate) fn start(delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let counts = Arc::new(Counts::default());
        let counted = Arc::clone(&counts);
        thread::spawn(move || {
            for socket in listener.incoming() {
                let (socket, counts) = (socket.unwrap(), Arc::clone(&counted));
                counts.connections.fetch_add(1, SeqCst);
                thread::spawn(move || serve(&socket, delay, &counts));
            }
        });
        Self { port, counts }
    }

    /// A session on it, with a bound on max_overtakes other than the default.
    pub(crate) fn session(&self, max_overtakes: Option<u32>) -> Session {
        let mut builder = self.builder();
        if let Some(times) = max_overtakes {
            builder = builder.max_overtakes(times);
        }
        let client = builder.connect().unwrap();
        client.login("jane", "secret").unwrap()
    }

    /// The account of a pool on it.
    pub(crate) fn account(&self) -> Account {
        Account::new(self.builder(), |_| Ok(Credentials::login("jane", "secret")))
    }

    fn builder(&self) -> ClientBuilder {
        Client::builder("127.0.0.1")
            .port(self.port)
            .danger_plaintext()
            .danger_cleartext_login()
    }

    /// A session over a stream that cannot be looked at without waiting.
    pub(crate) fn session_without_a_look(&self) -> Session {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_nodelay(true).unwrap();
        let builder = Client::builder("127.0.0.1")
            .danger_plaintext()
            .danger_cleartext_login();
        let client = builder.connect_stream(stream).unwrap();
        client.login("jane", "secret").unwrap()
    }

    pub(crate) fn selects(&self) -> u64 {
        self.counts.selects.load(SeqCst)
    }

    /// The connections that were made.
    pub(crate) fn connections(&self) -> u64 {
        self.counts.connections.load(SeqCst)
    }
}

fn serve(mut socket: &TcpStream, delay: Duration, counts: &Counts) {
    socket.set_nodelay(true).unwrap();
    socket
        .write_all(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
        .unwrap();
    let mut lines = BufReader::new(socket);
    let mut line = String::new();
    while lines.read_line(&mut line).is_ok_and(|octets| octets > 0) {
        let (tag, command) = line.trim_end().split_once(' ').unwrap_or_default();
        let data = match command.split(' ').next().unwrap_or_default() {
            "SELECT" => {
                counts.selects.fetch_add(1, SeqCst);
                "* 3 EXISTS\r\n* FLAGS ()\r\n* OK [UIDVALIDITY 1] a\r\n"
            }
            "UID" => "* SEARCH 1 2 3\r\n",
            "LOGIN" => "* CAPABILITY IMAP4rev1\r\n",
            _ => "",
        };
        let answer = format!("{data}{tag} OK done\r\n");
        if !delay.is_zero() {
            thread::sleep(delay);
        }
        if socket.write_all(answer.as_bytes()).is_err() {
            return;
        }
        line.clear();
    }
}
