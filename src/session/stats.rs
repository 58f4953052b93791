//! What a session has done so far, and what is known of its connection: no lock is waited for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::connection::meter::Meter;
use crate::session::Session;
use crate::types::response_text::ResponseText;
use crate::types::session_stats::SessionStats;

/// The meter of the current connection, and the sums of those before.
pub(super) struct Meters(Mutex<Sums>);

struct Sums {
    current: Arc<Meter>,
    reconnections: u64,
    commands: u64,
    sent: u64,
    received: u64,
}

impl Meters {
    pub(super) fn new(current: &Arc<Meter>) -> Self {
        Self(Mutex::new(Sums {
            current: Arc::clone(current),
            reconnections: 0,
            commands: 0,
            sent: 0,
            received: 0,
        }))
    }

    /// The session has another connection.
    pub(super) fn replace(&self, next: &Arc<Meter>) {
        let mut sums = self.lock();
        let (commands, sent, received) = sums.totals();
        *sums = Sums {
            current: Arc::clone(next),
            reconnections: sums.reconnections.saturating_add(1),
            commands,
            sent,
            received,
        };
    }

    pub(super) fn current(&self) -> Arc<Meter> {
        Arc::clone(&self.lock().current)
    }

    /// A panic of another holder leaves nothing half done here.
    fn lock(&self) -> MutexGuard<'_, Sums> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sums {
    /// Commands, octets sent, octets received.
    fn totals(&self) -> (u64, u64, u64) {
        let traffic = self.current.traffic();
        (
            self.commands.saturating_add(self.current.commands()),
            self.sent.saturating_add(traffic.sent.octets()),
            self.received.saturating_add(traffic.received.octets()),
        )
    }
}

impl Session {
    /// Counters of the session and the state of its connection: octets, commands, reconnections,
    /// when something was sent or received last.
    ///
    /// Sends nothing and does not wait for the lock, so it can be called while another thread uses
    /// the connection, and after the connection has ended.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let inbox = session.lock_mailbox("INBOX")?; // nothing here waits for this guard
    /// let stats = session.stats();
    /// assert!(stats.commands >= 2 && stats.octets_received > 0); // LOGIN, SELECT
    /// assert!(stats.closed_at.is_none());
    /// println!("received last {:?} ago", stats.last_received_at.map(|at| at.elapsed()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn stats(&self) -> SessionStats {
        let sums = self.meters.lock();
        let (commands, octets_sent, octets_received) = sums.totals();
        let (meter, traffic) = (&sums.current, sums.current.traffic());
        SessionStats {
            connected_at: traffic.began(),
            closed_at: meter.closed_at(),
            reconnections: sums.reconnections,
            commands,
            octets_sent,
            octets_received,
            last_sent_at: traffic.last(&traffic.sent),
            last_received_at: traffic.last(&traffic.received),
            is_encrypted: self.settings.is_private,
            is_compressed: meter.is_compressed(),
            is_utf8: meter.is_utf8(),
            is_idling: meter.is_idling(),
            enabled: meter.enabled(),
        }
    }

    /// Whether everything is sent and received through TLS.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.settings.is_private
    }

    /// Whether everything is compressed (COMPRESS, RFC 4978), by `compress` or at the login.
    ///
    /// Like [`stats`](Self::stats), it does not wait for the lock; after a reconnection it is about
    /// the new connection.
    #[must_use]
    pub fn is_compressed(&self) -> bool {
        self.meters.current().is_compressed()
    }

    /// Whether names and texts are sent and received as UTF-8: `UTF8=ACCEPT` (RFC 9755) or IMAP4rev2
    /// is enabled, or the server has no IMAP4rev1.
    ///
    /// Otherwise mailbox names are sent in modified UTF-7, which this crate does by itself. Like
    /// [`stats`](Self::stats), it does not wait for the lock.
    #[must_use]
    pub fn is_utf8(&self) -> bool {
        self.meters.current().is_utf8()
    }

    /// The greeting of the current connection (RFC 9051 section 7.1); `None` after STARTTLS, because
    /// a greeting before TLS may be forged.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// if let Some(greeting) = session.greeting() {
    ///     println!("the server greets: {greeting}");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn greeting(&self) -> Option<ResponseText> {
        self.meters.current().greeting()
    }

    /// The tagged OK of the login on the current connection: LOGIN or AUTHENTICATE; `None` if the
    /// server greeted with PREAUTH.
    ///
    /// Some servers name the user there, or when the user was last logged in. A password or token
    /// that the server repeats is replaced by `***`.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// assert!(session.login_response().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn login_response(&self) -> Option<ResponseText> {
        self.meters.current().login()
    }
}
