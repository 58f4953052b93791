//! The options for deadlines, and the queue for the lock.

use std::time::Duration;

use crate::client_builder::ClientBuilder;

impl ClientBuilder {
    /// Timeout for opening a session as a whole, from looking the name up to the end of the login;
    /// 3 minutes by default.
    ///
    /// It includes the proxy, TLS, the greeting, STARTTLS, the login with all its rounds, and what is
    /// sent right after it (CAPABILITY, ID, ENABLE, COMPRESS). Between connecting and the login it
    /// does not run: each login has the time that connecting has left. In
    /// [`Account::open`](crate::Account::open) and in a reconnection, the provider of credentials
    /// has no part in it; there, a [`lock_timeout`](Self::lock_timeout) holds as well.
    ///
    /// Each stage has a timeout of its own besides. This one ends a server that makes each stage
    /// last almost as long as it may: [`ConnectErrorKind::Timeout`] or [`CloseReason::Timeout`] with
    /// [`Stage::Open`]. [`Duration::MAX`] is no limit.
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

    /// Timeout for looking the name up and connecting, all addresses and the proxy together; 30
    /// seconds by default. See [`open_timeout`](Self::open_timeout) for all stages.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.connect = timeout;
        self
    }

    /// How long the TLS handshake may take; 30 seconds unless set.
    pub fn tls_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.tls = timeout;
        self
    }

    /// Timeout for the greeting; 60 seconds by default, because servers that look up the client's name
    /// first may wait half a minute for it. [`read_timeout`](Self::read_timeout) holds only after it.
    pub fn greeting_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.greeting = timeout;
        self
    }

    /// Timeout for the server's silence while an answer is due; 60 seconds by default, and 5 minutes
    /// for the commands of [`slow_read_timeout`](Self::slow_read_timeout).
    ///
    /// If it is set, it holds for those commands too, unless they have a timeout of their own.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.read = Some(timeout);
        self
    }

    /// Timeout for the server's silence while it may have to go over a whole mailbox; 5 minutes by
    /// default, or the [`read_timeout`](Self::read_timeout) if only that is set.
    ///
    /// It holds for SELECT, EXAMINE, CLOSE, EXPUNGE, SEARCH, ESEARCH, SORT, THREAD, FETCH, STORE,
    /// COPY, MOVE, APPEND, REPLACE, STATUS, LIST, LSUB, DELETE, RENAME, NOTIFY, GETQUOTA, GETQUOTAROOT, their forms
    /// with UID, and for raw commands. In a mailbox of some 100,000 messages several servers work on one of these for a
    /// minute or more and send nothing meanwhile. [`command_timeout`](Self::command_timeout) bounds
    /// the whole command.
    pub fn slow_read_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.slow_read = Some(timeout);
        self
    }

    /// How long the server may take to accept more bytes; 60 seconds unless set.
    pub fn write_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.write = timeout;
        self
    }

    /// Timeout for a whole command, even if the server sends all the time; 10 minutes by default.
    ///
    /// It includes reading what is left of an abandoned answer before the command is sent. While
    /// messages stream, it starts again with each message that is returned; in a download, with each
    /// MiB; in an upload, with each 64 KiB. See [`stream_timeout`](Self::stream_timeout).
    pub fn command_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.command = timeout;
        self
    }

    /// Timeout for a whole stream of messages, a download or an upload: from its first command to
    /// its end, with the time that the program takes in between; none by default.
    ///
    /// Without it a server can keep a stream going for as long as it sends one message that was asked
    /// for (or one MiB) within each [`command_timeout`](Self::command_timeout), up to
    /// [`rows_limit`](Self::rows_limit) and [`download_limit`](Self::download_limit). At its end the
    /// connection is closed: [`CloseReason::Timeout`] with [`Stage::Stream`].
    ///
    /// [`CloseReason::Timeout`]: crate::error::CloseReason::Timeout
    /// [`Stage::Stream`]: crate::error::Stage::Stream
    pub fn stream_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.stream = Some(timeout);
        self
    }

    /// How long LOGOUT may take; 5 seconds unless set.
    pub fn logout_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.logout = timeout;
        self
    }

    /// How long it may take to read what is left of an answer that nobody wants any more, say of a
    /// stream that was dropped early, before closing the connection is the better choice; 10 seconds
    /// unless set. See also [`drain_limit`](Self::drain_limit).
    pub fn drain_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.drain = timeout;
        self
    }

    /// Timeout for a lock, such as [`Session::lock_mailbox`](crate::Session::lock_mailbox): the wait
    /// for the turn, a reconnection and the SELECT together; none by default.
    ///
    /// The wait is finite as long as the holders are: every command of theirs has its deadline, but
    /// a holder that computes for an hour makes the others wait for an hour. Commands of the session
    /// have a [timeout of their own](Self::turn_timeout), which is this one if it is set and the
    /// other is not.
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.lock = Some(timeout);
        self
    }

    /// Timeout for the turn of a command of the session (LIST, STATUS, APPEND, ...) and of
    /// [`notifications`](crate::Session::notifications), a reconnection included; 10 minutes by
    /// default, or the [`lock_timeout`](Self::lock_timeout) if that is set.
    ///
    /// It counts until the command begins. It is finite by default because such a command may wait
    /// for its own thread: an [owned guard](crate::LockRequest::lock_owned) belongs to none, so
    /// that it cannot be known. [`Duration::MAX`] waits as long as it takes.
    pub fn turn_timeout(mut self, timeout: Duration) -> Self {
        self.bounds.timeouts.turn = Some(timeout);
        self
    }

    /// How often a waiter for the lock may be overtaken by others who want the mailbox that is
    /// selected already; 16 unless set, and 0 is strict order of arrival.
    ///
    /// Overtaking saves a SELECT each time. The bound keeps every wait finite.
    pub fn max_overtakes(mut self, times: u32) -> Self {
        self.lock_policy.max_overtakes = times;
        self
    }

    /// How long a lock may be held before that is told in the log, once, at `warn`; 60 seconds
    /// unless set.
    pub fn warn_after(mut self, time: Duration) -> Self {
        self.lock_policy.warn_after = time;
        self
    }

    /// Waits and asks again when the server throttles a FETCH before its first message: for as
    /// long as the server says, and up to `ceiling` for one stream in all. Never unless set.
    ///
    /// The lock is held meanwhile. A server that does not say how long, or asks for more, makes the
    /// FETCH fail with [`Error::Throttled`](crate::Error::Throttled).
    pub fn wait_when_throttled(mut self, ceiling: Duration) -> Self {
        self.bounds.throttle_ceiling = ceiling;
        self
    }
}
