//! Counters of a session, and the state of its connection.

use std::fmt;
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

/// One line, such as `open, TLS, 12 commands, 400 octets sent, 9000 received, 0 reconnections`.
impl fmt::Display for SessionStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.closed_at {
            None => "open",
            Some(_) => "closed",
        })?;
        let states = [
            (self.is_encrypted, "TLS"),
            (self.is_compressed, "COMPRESS"),
            (self.is_utf8, "UTF8"),
            (self.is_idling, "IDLE"),
        ];
        for (_, state) in states.iter().filter(|(is_so, _)| *is_so) {
            write!(f, ", {state}")?;
        }
        write!(
            f,
            ", {} commands, {} octets sent, {} received, {} reconnections",
            self.commands, self.octets_sent, self.octets_received, self.reconnections
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stats_are_one_line() {
        let stats = SessionStats {
            connected_at: Instant::now(),
            closed_at: None,
            reconnections: 1,
            commands: 12,
            octets_sent: 400,
            octets_received: 9000,
            last_sent_at: None,
            last_received_at: None,
            is_encrypted: true,
            is_compressed: false,
            is_utf8: false,
            is_idling: true,
            enabled: Vec::new(),
        };
        assert_eq!(
            stats.to_string(),
            "open, TLS, IDLE, 12 commands, 400 octets sent, 9000 received, 1 reconnections"
        );
    }
}
