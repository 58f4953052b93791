//! The counters of a session and the data of its connection, without waiting for the lock.

use crate::session::Session;
use crate::session::meters::Reading;
use crate::types::response_text::ResponseText;
use crate::types::session_stats::SessionStats;

impl Session {
    /// Counters of the session and the state of its connection.
    ///
    /// They are octets, commands, reconnections, and when something was last sent or received.
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
        let Reading {
            current: meter,
            reconnections,
            commands,
            sent: octets_sent,
            received: octets_received,
        } = self.meters.read();
        let traffic = meter.traffic();
        SessionStats {
            connected_at: traffic.began(),
            closed_at: meter.closed_at(),
            reconnections,
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

    /// Whether mailbox names and texts are sent and received as UTF-8.
    ///
    /// They are if `UTF8=ACCEPT` (RFC 9755) or IMAP4rev2 is enabled, or if the server has no
    /// IMAP4rev1.
    ///
    /// Otherwise mailbox names are sent in modified UTF-7, which this crate does by itself. Like
    /// [`stats`](Self::stats), it does not wait for the lock.
    #[must_use]
    pub fn is_utf8(&self) -> bool {
        self.meters.current().is_utf8()
    }

    /// The greeting of the current connection (RFC 9051 section 7.1); `None` after STARTTLS.
    ///
    /// A greeting before TLS may be forged.
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

    /// The tagged OK of the login on the current connection; `None` if the server greeted with
    /// PREAUTH.
    ///
    /// The login is LOGIN or AUTHENTICATE.
    ///
    /// Some servers include the user's name, or the time of the last login. A password or token
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
