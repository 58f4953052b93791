//! The running server: its listener, its connections, and the test's access to what it holds.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::builder::{Builder, Settings};
use crate::connection;
use crate::message::{NewMessage, StoredMessage};
use crate::store::account::Account;
use crate::store::mailbox::Mailbox;
use crate::timeline::{Event, Timeline};
use crate::tls::Acceptor;
use crate::waker::Waker;

/// A running server. Dropping it closes its listener and its connections and waits for its threads.
#[derive(Debug)]
pub struct Server {
    pub(crate) shared: Arc<Shared>,
    /// `None` for a connection's own access, which stops nothing when it is dropped.
    accepting: Option<JoinHandle<()>>,
}

/// What all connections have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) accounts: Vec<Arc<Account>>,
    pub(crate) acceptor: Option<Acceptor>,
    pub(crate) timeline: Timeline,
    port: u16,
    waker: Waker,
    open: Mutex<HashMap<u64, TcpStream>>,
    stopping: AtomicBool,
}

impl Server {
    /// Sets a server up.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Starts a server with one user and an empty INBOX.
    ///
    /// # Errors
    ///
    /// When there is no socket or thread for it.
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    pub(crate) fn start_with(
        settings: Settings,
        accounts: Vec<Account>,
        acceptor: Option<Acceptor>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            timeline: Timeline::new(settings.timeline_limit),
            settings,
            accounts: accounts.into_iter().map(Arc::new).collect(),
            acceptor,
            port,
            waker: Waker::new()?,
            open: Mutex::default(),
            stopping: AtomicBool::new(false),
        });
        let accepting = thread::Builder::new()
            .name("imap-accept".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                move || accept(&shared, listener)
            })?;
        Ok(Self {
            shared,
            accepting: Some(accepting),
        })
    }

    /// A connection's own access.
    pub(crate) fn of(shared: &Arc<Shared>) -> Self {
        Self {
            shared: Arc::clone(shared),
            accepting: None,
        }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.shared.port
    }

    /// Puts a message into a mailbox, which is made when there is none, and gives its UID.
    /// Returns `None` when there is no such user.
    pub fn deliver(
        &self,
        user: &str,
        mailbox: &str,
        message: impl Into<NewMessage>,
    ) -> Option<u32> {
        self.fill(user, mailbox, 1, message)
    }

    /// Puts `count` copies of a message into a mailbox, which is created if it does not exist, as one
    /// change: they share their octets and their mod-sequence. Returns the first UID; `None` if there
    /// is no such user.
    pub fn fill(
        &self,
        user: &str,
        mailbox: &str,
        count: u32,
        message: impl Into<NewMessage>,
    ) -> Option<u32> {
        let mut mailboxes = self.account(user)?.lock();
        let mailbox = mailboxes.create(mailbox);
        let uid = mailbox.append_many(message.into().into(), count);
        let id = mailbox.id;
        mailboxes.changed(id);
        Some(uid)
    }

    /// What is in a mailbox of the first user now; nothing when there is no such mailbox.
    pub fn messages(&self, mailbox: &str) -> Vec<StoredMessage> {
        let account = self.shared.accounts.first();
        account
            .map(|account| self.messages_of(&account.name, mailbox))
            .unwrap_or_default()
    }

    /// What is in a mailbox of this user now; nothing when there is no such mailbox.
    pub fn messages_of(&self, user: &str, mailbox: &str) -> Vec<StoredMessage> {
        let account = self.account(user);
        let stored = account.and_then(|account| account.lock().get(mailbox).map(Mailbox::stored));
        stored.unwrap_or_default()
    }

    pub(crate) fn account(&self, user: &str) -> Option<&Account> {
        let mut accounts = self.shared.accounts.iter();
        accounts
            .find(|account| account.name == user)
            .map(|found| &**found)
    }

    /// The names of the first user's mailboxes, in UTF-8 and in order.
    pub fn mailboxes(&self) -> Vec<String> {
        let account = self.shared.accounts.first();
        account
            .map(|account| account.lock().names().map(str::to_owned).collect())
            .unwrap_or_default()
    }

    /// What went over the wire so far, in order.
    pub fn timeline(&self) -> Vec<Event> {
        self.shared.timeline.events()
    }

    /// Forgets what went over the wire so far.
    pub fn clear_timeline(&self) {
        self.shared.timeline.clear();
    }

    /// Waits until an event matches, at most `timeout` long, and says whether one did.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let server = latchbox_testkit::Server::start()?;
    /// let client = std::net::TcpStream::connect(("127.0.0.1", server.port()))?;
    /// let greeted = |event: &latchbox_testkit::Event| event.line.starts_with("* OK");
    /// assert!(server.wait_for(Duration::from_secs(5), greeted));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn wait_for(&self, timeout: Duration, matches: impl Fn(&Event) -> bool) -> bool {
        self.shared.timeline.wait_for(timeout, matches)
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.shared.open().len()
    }

    /// Closes all connections without a word.
    pub fn kick(&self) {
        self.shared.kick();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(accepting) = self.accepting.take() {
            self.shared.stopping.store(true, Ordering::SeqCst);
            self.shared.waker.wake();
            let _ = accepting.join();
        }
    }
}

impl Shared {
    fn open(&self) -> MutexGuard<'_, HashMap<u64, TcpStream>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kick(&self) {
        for socket in self.open().values() {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

/// Takes connections until the server stops, then closes and joins them.
fn accept(shared: &Arc<Shared>, listener: TcpListener) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    let mut connection = 0;
    while shared.waker.wait(&listener).is_ok() && !shared.stopping.load(Ordering::SeqCst) {
        threads.retain(|thread| !thread.is_finished());
        if let Ok((socket, _)) = listener.accept() {
            connection += 1;
            threads.extend(spawn(shared, connection, socket).ok());
        }
    }
    drop(listener);
    shared.kick();
    for thread in threads {
        let _ = thread.join();
    }
}

fn spawn(shared: &Arc<Shared>, id: u64, socket: TcpStream) -> io::Result<JoinHandle<()>> {
    socket.set_nonblocking(false)?;
    socket.set_nodelay(true)?;
    shared.open().insert(id, socket.try_clone()?);
    let registered = Registered {
        id,
        shared: Arc::clone(shared),
    };
    thread::Builder::new()
        .name(format!("imap-{id}"))
        .spawn(move || {
            connection::serve(&registered.shared, registered.id, socket);
            drop(registered);
        })
}

/// A connection's entry in the list of open ones; closes the socket when it goes.
struct Registered {
    id: u64,
    shared: Arc<Shared>,
}

impl Drop for Registered {
    fn drop(&mut self) {
        if let Some(socket) = self.shared.open().remove(&self.id) {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}
