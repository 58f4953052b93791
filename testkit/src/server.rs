//! The running server: its listener, its connections, and the test's access to what it holds.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::net::sockopt::socket_linger;

use crate::builder::Builder;
use crate::conditions::Conditions;
use crate::connection;
use crate::faults::{FaultPlan, Faults};
use crate::message::{NewMessage, StoredMessage};
use crate::real::{self, Real};
use crate::settings::Settings;
use crate::socket::Socket;
use crate::store::account::Account;
use crate::store::mailbox::Mailbox;
use crate::timeline::{Direction, Event, Timeline};
use crate::tls::Acceptor;
use crate::waker::Waker;

/// A running server. Dropping it closes its listener and its connections and waits for its threads.
///
/// All methods take `&self`, so a test calls them from any thread, also while clients are connected.
///
/// ```
/// use latchbox_testkit::{Server, USER, message};
///
/// let server = Server::builder().mailbox("INBOX", [message("1", "a@example.com", "x")]).start()?;
/// std::thread::scope(|scope| {
///     scope.spawn(|| server.deliver(USER, "INBOX", message("2", "a@example.com", "y")));
///     // ... and the client works meanwhile ...
/// });
/// assert_eq!(server.messages("INBOX").len(), 2);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Server {
    pub(crate) shared: Arc<Shared>,
    /// Whether this is the test's, and not a connection's own access, which stops nothing.
    is_owner: bool,
    /// A real server, which has the mailboxes then.
    pub(crate) real: Option<Real>,
}

/// What all connections have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) accounts: Vec<Arc<Account>>,
    pub(crate) acceptor: Option<Acceptor>,
    pub(crate) timeline: Arc<Timeline>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) conditions: Mutex<Conditions>,
    port: u16,
    waker: Waker,
    open: Mutex<HashMap<u64, Open>>,
    /// Told when connections are closed from outside.
    closed: Condvar,
    stopping: AtomicBool,
    last_connection: AtomicU64,
    listening: Mutex<Listening>,
    has_stopped: Condvar,
    /// One thread at a time restarts the server.
    restarting: Mutex<()>,
}

/// An open connection.
#[derive(Debug)]
struct Open {
    socket: Socket,
    user: Option<String>,
    /// Logged in, and refused everything all the same.
    is_turned_away: bool,
}

/// Whether there is a listener, and the threads that have had one.
#[derive(Debug, Default)]
struct Listening {
    is_on: bool,
    threads: Vec<JoinHandle<()>>,
}

impl Server {
    /// Returns a builder with one user and an empty INBOX.
    ///
    /// The user is [`USER`](crate::USER) with [`PASSWORD`](crate::PASSWORD) unless others are added.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Starts a server with one user and an empty INBOX.
    ///
    /// # Errors
    ///
    /// As for [`Builder::start`].
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    pub(crate) fn start_with(
        settings: Settings,
        accounts: Vec<Account>,
        acceptor: Option<Acceptor>,
        plan: FaultPlan,
        conditions: Conditions,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let mut shared = Shared::new(settings, port)?;
        shared.accounts = accounts.into_iter().map(Arc::new).collect();
        shared.acceptor = acceptor;
        shared.faults = Arc::new(Faults::new(plan));
        shared.conditions = Mutex::new(conditions);
        let shared = Arc::new(shared);
        shared.listen(listener)?;
        Ok(Self {
            shared,
            is_owner: true,
            real: None,
        })
    }

    /// Starts a real server with these accounts.
    pub(crate) fn start_real(
        settings: Settings,
        accounts: Vec<Account>,
        plan: FaultPlan,
    ) -> io::Result<Self> {
        let timeline = Arc::new(Timeline::new(settings.timeline_limit));
        let real = Real::start(&settings, &accounts, plan, &timeline)?;
        let mut shared = Shared::new(settings, real.proxy.port())?;
        shared.timeline = timeline;
        Ok(Self {
            shared: Arc::new(shared),
            is_owner: true,
            real: Some(real),
        })
    }

    /// Fails the test if the server is a real one, which has nothing for this method.
    #[track_caller]
    pub(crate) fn only_in_process(&self, method: &str) {
        if self.real.is_some() {
            real::fail(method);
        }
    }

    /// A connection's own access.
    pub(crate) fn of(shared: &Arc<Shared>) -> Self {
        Self {
            shared: Arc::clone(shared),
            is_owner: false,
            real: None,
        }
    }

    /// Returns the port on 127.0.0.1, which stays the same over a [`restart`](Self::restart).
    pub fn port(&self) -> u16 {
        self.shared.port
    }

    /// Delivers a message to a mailbox, which is created if it does not exist. Returns the UID; `None`
    /// if there is no such user.
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
        let message = message.into();
        if let Some(real) = &self.real {
            return real.deliver(user, mailbox, count, &message);
        }
        let mut mailboxes = self.account(user)?.lock();
        let mailbox = mailboxes.create(mailbox);
        let uid = mailbox.append_many(message.into(), count);
        let id = mailbox.id;
        mailboxes.changed(id);
        Some(uid)
    }

    /// Returns the messages of a mailbox of the first user; none if there is no such mailbox.
    pub fn messages(&self, mailbox: &str) -> Vec<StoredMessage> {
        if let Some(real) = &self.real {
            return self.messages_of(real.first_user(), mailbox);
        }
        let account = self.shared.accounts.first();
        account
            .map(|account| self.messages_of(&account.name, mailbox))
            .unwrap_or_default()
    }

    /// Returns the messages of a mailbox of this user; none if there is no such user or mailbox.
    pub fn messages_of(&self, user: &str, mailbox: &str) -> Vec<StoredMessage> {
        if let Some(real) = &self.real {
            let state = real.state(user, mailbox);
            return state.map(|state| state.messages).unwrap_or_default();
        }
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

    /// Returns the names of the first user's mailboxes, in UTF-8 and in order.
    pub fn mailboxes(&self) -> Vec<String> {
        if let Some(real) = &self.real {
            return real.mailboxes();
        }
        let account = self.shared.accounts.first();
        account
            .map(|account| account.lock().names().map(str::to_owned).collect())
            .unwrap_or_default()
    }

    /// Returns what went over the wire so far, in order.
    ///
    /// [`timeline_text`](Self::timeline_text) returns it as a table, [`assert_sent`](Self::assert_sent)
    /// and others compare it. The oldest lines are dropped beyond
    /// [`timeline_limit`](Builder::timeline_limit).
    pub fn timeline(&self) -> Vec<Event> {
        self.shared.timeline.events()
    }

    /// Clears the timeline, so that later assertions see only what comes next.
    pub fn clear_timeline(&self) {
        self.shared.timeline.clear();
    }

    /// Waits until a line of the timeline matches, for at most `timeout`. Returns whether one did.
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

    /// Returns the number of open connections.
    pub fn connections(&self) -> usize {
        if let Some(real) = &self.real {
            return real.proxy.connections();
        }
        self.shared.open().len()
    }

    /// Closes all connections, without BYE. New ones are accepted.
    pub fn kick(&self) {
        self.shared.note("all connections are closed");
        match &self.real {
            Some(real) => real.proxy.kick(),
            None => self.shared.kick(),
        }
    }

    /// Closes the listener and all connections, without BYE, as a server that crashes does. The
    /// mailboxes stay. New connections are refused until [`restart`](Self::restart); those to a real
    /// server end without a greeting.
    ///
    /// ```
    /// use std::net::TcpStream;
    ///
    /// use latchbox_testkit::Server;
    ///
    /// let server = Server::start()?;
    /// server.shut_down();
    /// assert!(TcpStream::connect(("127.0.0.1", server.port())).is_err());
    /// server.restart()?;
    /// assert!(TcpStream::connect(("127.0.0.1", server.port())).is_ok());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn shut_down(&self) {
        self.shared.note("the server is shut down");
        match &self.real {
            Some(real) => real.stop(),
            None => self.shared.stop(),
        }
    }

    /// Listens again on the same port, with the same mailboxes; shuts the server down before that if
    /// it runs.
    ///
    /// # Errors
    ///
    /// If the port is in use by another program meanwhile.
    pub fn restart(&self) -> io::Result<()> {
        let restarting = self.shared.restarting.lock();
        let _restarting = restarting.unwrap_or_else(PoisonError::into_inner);
        match &self.real {
            Some(real) => {
                real.stop();
                real.start_again()?;
            }
            None => {
                self.shared.stop();
                let listener = bind_again(self.shared.port)?;
                self.shared.listen(listener)?;
            }
        }
        self.shared.note("the server is started again");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.is_owner {
            if self.shared.settings.shows_timeline && thread::panicking() {
                self.print_timeline();
            }
            self.shared.stop();
            let threads = std::mem::take(&mut self.shared.listening().threads);
            for thread in threads {
                let _ = thread.join();
            }
        }
    }
}

/// How long a port of ours may be in use after we have left it.
const PORT_PATIENCE: Duration = Duration::from_secs(5);

fn bind_again(port: u16) -> io::Result<TcpListener> {
    let deadline = Instant::now() + PORT_PATIENCE;
    loop {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(10));
            }
            bound => return bound,
        }
    }
}

impl Shared {
    /// A server without accounts that does not listen.
    fn new(settings: Settings, port: u16) -> io::Result<Self> {
        Ok(Self {
            timeline: Arc::new(Timeline::new(settings.timeline_limit)),
            settings,
            accounts: Vec::new(),
            acceptor: None,
            faults: Arc::default(),
            conditions: Mutex::default(),
            port,
            waker: Waker::new()?,
            open: Mutex::default(),
            closed: Condvar::new(),
            stopping: AtomicBool::new(false),
            last_connection: AtomicU64::new(0),
            listening: Mutex::default(),
            has_stopped: Condvar::new(),
            restarting: Mutex::default(),
        })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listening(&self) -> MutexGuard<'_, Listening> {
        self.listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes in the timeline what the test does to the server.
    pub(crate) fn note(&self, line: &str) {
        self.timeline.record(0, Direction::Kit, line);
    }

    fn kick(&self) {
        for (_, open) in self.open().drain() {
            let _ = open.socket.shutdown(Shutdown::Both);
        }
        self.closed.notify_all();
    }

    /// Waits for so long, or until the connection is closed from outside.
    pub(crate) fn pause(&self, connection: u64, time: Duration) {
        let is_open = |open: &mut HashMap<u64, Open>| open.contains_key(&connection);
        let waited = self.closed.wait_timeout_while(self.open(), time, is_open);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Whether a connection was not closed from outside.
    pub(crate) fn is_open(&self, connection: u64) -> bool {
        self.open().contains_key(&connection)
    }

    /// How many connections are open that were accepted before this one.
    pub(crate) fn open_before(&self, connection: u64) -> usize {
        self.open().keys().filter(|id| **id < connection).count()
    }

    /// Notes whose a connection is. Returns how many others of this user's are open.
    pub(crate) fn logs_in(&self, connection: u64, user: &str) -> usize {
        let mut open = self.open();
        let others = open.iter().filter(|(id, open)| {
            **id != connection && open.user.as_deref() == Some(user) && !open.is_turned_away
        });
        let others = others.count();
        if let Some(open) = open.get_mut(&connection) {
            open.user = Some(user.to_owned());
        }
        others
    }

    /// Takes a connection's login back.
    pub(crate) fn logs_out(&self, connection: u64) {
        if let Some(open) = self.open().get_mut(&connection) {
            open.user = None;
        }
    }

    pub(crate) fn turn_away(&self, connection: u64) {
        if let Some(open) = self.open().get_mut(&connection) {
            open.is_turned_away = true;
        }
    }

    pub(crate) fn is_turned_away(&self, connection: u64) -> bool {
        let open = self.open();
        open.get(&connection)
            .is_some_and(|open| open.is_turned_away)
    }

    fn listen(self: &Arc<Self>, listener: TcpListener) -> io::Result<()> {
        listener.set_nonblocking(true)?;
        self.stopping.store(false, Ordering::SeqCst);
        let shared = Arc::clone(self);
        let mut listening = self.listening();
        let thread = thread::Builder::new()
            .name("imap-accept".to_owned())
            .spawn(move || accept(&shared, listener))?;
        listening.threads.push(thread);
        listening.is_on = true;
        Ok(())
    }

    /// Closes the listener and all connections, and waits until the port is free.
    fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.waker.wake();
        let is_on = |listening: &mut Listening| listening.is_on;
        let waited = self.has_stopped.wait_while(self.listening(), is_on);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }
}

/// Takes connections until the server stops, then closes and joins them.
fn accept(shared: &Arc<Shared>, listener: TcpListener) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    while shared.waker.wait(&listener).is_ok() && !shared.stopping.load(Ordering::SeqCst) {
        threads.retain(|thread| !thread.is_finished());
        if let Ok((socket, _)) = listener.accept() {
            let connection = shared.last_connection.fetch_add(1, Ordering::SeqCst) + 1;
            threads.extend(spawn(shared, connection, socket).ok());
        }
    }
    drop(listener);
    shared.kick();
    shared.listening().is_on = false;
    shared.has_stopped.notify_all();
    for thread in threads {
        let _ = thread.join();
    }
}

fn spawn(shared: &Arc<Shared>, id: u64, socket: TcpStream) -> io::Result<JoinHandle<()>> {
    let socket = Socket::new(socket, None)?;
    let open = Open {
        socket: socket.try_clone()?,
        user: None,
        is_turned_away: false,
    };
    shared.open().insert(id, open);
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
        let open = self.shared.open().remove(&self.id);
        if let Some(Open { socket, .. }) = open {
            // A connection that is to be reset is not ended before.
            if !matches!(socket_linger(socket.system()), Ok(Some(_))) {
                let _ = socket.shutdown(Shutdown::Both);
            }
        }
    }
}
