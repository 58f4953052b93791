//! The options for deadlines, and for the lock's queue.

use std::time::Duration;

use crate::client_builder::ClientBuilder;

impl ClientBuilder {
    /// Timeout for opening a session, from the name lookup to the login; 3 minutes by default.
    ///
    /// It includes the proxy, TLS, the greeting, STARTTLS, the login with all its rounds, and what
    /// is sent right after it (CAPABILITY, ID, ENABLE, COMPRESS). Between connecting and the login
    /// it does not run: each login has the time that connecting has left. In
    /// [`Account::open`](crate::Account::open) and in a reconnection, the provider of credentials
    /// is not included; there, a [`lock_timeout`](Self::lock_timeout) holds as well.
    ///
    /// Each stage also has a timeout of its own. This one ends a server that makes each stage last
    /// almost as long as it may: [`ConnectErrorKind::Timeout`] or [`CloseReason::Timeout`] with
    /// [`Stage::Open`]. [`Duration::MAX`] is without limit.
    ///
    /// ```
    /// # let server = latchbox_testkit::Server::start()?;
    /// # let port = server.port();
    /// use std::time::Duration;
    ///
    /// let builder = latchbox::Client::builder("127.0.0.1").open_timeout(Duration::from_secs(20));
    /// # let builder = builder.port(port).danger_plaintext().danger_cleartext_login();
    /// let client = builder.connect()?;
    /// let session = client
    ///     .login("jane@example.com", "correct-horse")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// [`ConnectErrorKind::Timeout`]: crate::error::ConnectErrorKind::Timeout
    /// [`CloseReason::Timeout`]: crate::error::CloseReason::Timeout
    /// [`Stage::Open`]: crate::error::Stage::Open
    pub fn open_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.open = timeout;
        self
    }

    /// Timeout for looking the name up and connecting; 30 seconds by default.
    ///
    /// It covers all addresses and the proxy together. See [`open_timeout`](Self::open_timeout) for
    /// all stages.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.connect = timeout;
        self
    }

    /// Timeout for the TLS handshake; 30 seconds by default.
    pub fn tls_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.tls = timeout;
        self
    }

    /// Timeout for the greeting; 60 seconds by default.
    ///
    /// Servers that look up the client's name first may wait half a minute for it.
    /// [`read_timeout`](Self::read_timeout) holds only after the greeting.
    pub fn greeting_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.greeting = timeout;
        self
    }

    /// Timeout for the server's silence while an answer is due; 60 seconds by default.
    ///
    /// For the commands of [`slow_read_timeout`](Self::slow_read_timeout) it is 5 minutes by
    /// default. If this one is set, it holds for those commands too, unless they have a timeout of
    /// their own.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.read = Some(timeout);
        self
    }

    /// Timeout for the server's silence during slow commands; 5 minutes by default.
    ///
    /// If only the [`read_timeout`](Self::read_timeout) is set, it is that one. Slow commands are
    /// those for which the server may have to read a whole mailbox.
    ///
    /// It holds for SELECT, EXAMINE, CLOSE, EXPUNGE, SEARCH, ESEARCH, SORT, THREAD, FETCH, STORE,
    /// COPY, MOVE, APPEND, REPLACE, STATUS, LIST, LSUB, DELETE, RENAME, NOTIFY, GETQUOTA,
    /// GETQUOTAROOT, their forms with UID, and for raw commands. In a mailbox of some 100,000
    /// messages several servers work on one of these for a minute or more and send nothing
    /// meanwhile. [`command_timeout`](Self::command_timeout) bounds the whole command.
    pub fn slow_read_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.slow_read = Some(timeout);
        self
    }

    /// Timeout for the server to accept more octets; 60 seconds by default.
    pub fn write_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.write = timeout;
        self
    }

    /// Timeout for a whole command, even if the server sends all the time; 10 minutes by default.
    ///
    /// It includes draining an abandoned answer before the command is sent. In a stream of
    /// messages, it starts again with each message that is returned; in a download, with each MiB;
    /// in an upload, with each 64 KiB. See [`stream_timeout`](Self::stream_timeout).
    pub fn command_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.command = timeout;
        self
    }

    /// Timeout for a whole stream of messages, a download or an upload; none by default.
    ///
    /// It covers all from the first command to the end, with the time that the program takes in
    /// between.
    ///
    /// Without it a server can keep a stream going for as long as it sends one requested message
    /// (or one MiB) within each [`command_timeout`](Self::command_timeout), up to
    /// [`rows_limit`](Self::rows_limit) and [`download_limit`](Self::download_limit). When it
    /// passes, the connection is closed: [`CloseReason::Timeout`] with [`Stage::Stream`].
    ///
    /// [`CloseReason::Timeout`]: crate::error::CloseReason::Timeout
    /// [`Stage::Stream`]: crate::error::Stage::Stream
    pub fn stream_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.stream = Some(timeout);
        self
    }

    /// Timeout for LOGOUT; 5 seconds by default.
    pub fn logout_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.logout = timeout;
        self
    }

    /// Timeout for draining an abandoned answer; 10 seconds by default.
    ///
    /// An answer is abandoned if, say, its stream is dropped early. When it passes, the connection
    /// is closed. See also [`drain_limit`](Self::drain_limit).
    pub fn drain_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.drain = timeout;
        self
    }

    /// Timeout for a lock: the wait, a reconnection and the SELECT together; none by default.
    ///
    /// It holds for calls such as [`Session::lock_mailbox`](crate::Session::lock_mailbox). Without
    /// it the wait is as long as the holders take: every command of theirs has its deadline, but a
    /// holder that computes for an hour makes the waiters wait for an hour. Commands of the session
    /// have a [timeout of their own](Self::turn_timeout), which is this one if it is set and the
    /// other is not.
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.lock = Some(timeout);
        self
    }

    /// Timeout for a command of the session to acquire the lock; 10 minutes by default.
    ///
    /// It holds for LIST, STATUS, APPEND and others, and for
    /// [`notifications`](crate::Session::notifications), and includes a reconnection. If only the
    /// [`lock_timeout`](Self::lock_timeout) is set, it is that one.
    ///
    /// It counts until the command begins. It is finite by default because such a command may wait
    /// for its own thread: an [owned guard](crate::LockRequest::lock_owned) belongs to no thread,
    /// so this cannot be detected. [`Duration::MAX`] waits without limit.
    pub fn turn_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.turn = Some(timeout);
        self
    }

    /// The most times that a waiter for the lock may be overtaken; 16 by default.
    ///
    /// A request for the mailbox that is already selected may overtake other waiters, which saves a
    /// SELECT each time. The bound keeps any waiter from starving; 0 is strict order of arrival.
    pub fn max_overtakes(mut self, times: u32) -> Self {
        self.lock_policy.max_overtakes = times;
        self
    }

    /// The time after which a lock that is still held is logged, once, at `warn`; 60 seconds by
    /// default.
    pub fn warn_after(mut self, time: Duration) -> Self {
        self.lock_policy.warn_after = time;
        self
    }

    /// Waits and resends a FETCH that the server throttles before its first message; never by
    /// default.
    ///
    /// Waits as long as the server requests, and up to `ceiling` for one stream in all. The lock is
    /// held meanwhile. The [`StopHandle`](crate::StopHandle) of the lock ends the wait. If the server
    /// gives no time, or a longer one, the FETCH fails with
    /// [`Error::Throttled`](crate::Error::Throttled).
    pub fn wait_when_throttled(mut self, ceiling: Duration) -> Self {
        self.bounds.throttle_ceiling = ceiling;
        self
    }
}
