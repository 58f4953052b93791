//! Counters of a session, and the state of its connection.

use std::time::Instant;

use crate::types::capability::Capability;

/// Counters of a session and the state of its connection, from
/// [`Session::stats`](crate::Session::stats).
///
/// The counters cover all connections of the session, including logins; all other values are about
/// the current connection, or about the last one if it has ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SessionStats {
    /// The time at which the connection was ready for the first octet of IMAP, after the TLS
    /// handshake.
    pub connected_at: Instant,
    /// The time at which the connection ended; `None` while it is not known to have ended.
    pub closed_at: Option<Instant>,
    /// The number of reconnections of the session.
    pub reconnections: u64,
    /// The number of commands sent; a command that is sent in parts counts once.
    pub commands: u64,
    /// The number of octets sent, before compression and TLS.
    pub octets_sent: u64,
    /// The number of octets received, after TLS and compression were removed.
    pub octets_received: u64,
    /// The time at which the last octet was sent on the connection.
    pub last_sent_at: Option<Instant>,
    /// The time at which the last octet was received on the connection.
    pub last_received_at: Option<Instant>,
    /// Whether the connection uses TLS.
    pub is_encrypted: bool,
    /// Whether the connection is compressed (COMPRESS, RFC 4978).
    pub is_compressed: bool,
    /// Whether names and texts are UTF-8; see [`Session::is_utf8`](crate::Session::is_utf8).
    pub is_utf8: bool,
    /// Whether an IDLE is in progress, or was when the connection ended.
    pub is_idling: bool,
    /// The extensions that ENABLE has switched on, sorted.
    pub enabled: Vec<Capability>,
}
