//! What connections run on: TLS by each library, compression, proxies, sockets and processes.

#[cfg(all(feature = "native-tls", feature = "rustls"))]
mod alike;
#[cfg(feature = "compress")]
mod compress;
mod connecting;
#[cfg(all(feature = "native-tls", feature = "rustls"))]
mod connectors;
mod foreign;
#[cfg(feature = "proxy")]
mod proxy;
mod opening;
mod start_tls;
mod streams;
#[cfg(any(feature = "native-tls", feature = "rustls"))]
mod tls;
mod waiting;

use std::time::Duration;

use latchbox::command::Idle;
use latchbox::error::CloseReason;
use latchbox::types::MailboxEvent;
use latchbox::{Error, Session};

use crate::support::chance::Chance;

/// Far beyond what a busy machine needs.
const LONG: Duration = Duration::from_secs(60);

/// The next event has to be this count of messages.
#[track_caller]
fn assert_exists(idle: &mut Idle<'_>, messages: u32) {
    let event = idle.next_timeout(LONG).unwrap();
    assert_eq!(event, Some(MailboxEvent::Exists(messages)));
}

/// What a script goes on with that ends the session in the middle of an APPEND, and from then on reads
/// nothing until the test lets it go on.
const BYE_AND_READS_NOTHING: &str = "
    C-start: {a} APPEND
    S: * BYE [UNAVAILABLE] the disk is full
    wait: over
    cut
";

/// For the write that such a server never takes.
const WRITE: Duration = Duration::from_secs(2);

/// Stores a message that no buffer holds, also compressed: the error is what the server said.
#[track_caller]
fn assert_bye_while_sending(session: &Session) {
    let mut chance = Chance::new(42);
    let octets = std::iter::repeat_with(|| chance.next().to_be_bytes().map(|octet| octet.max(1)));
    let message: Vec<u8> = octets.take((20 << 20) / 8).flatten().collect();
    let error = session.append("INBOX", &message).unwrap_err();
    let Error::Closed(closed) = &error else {
        panic!("{error:?}");
    };
    let CloseReason::Bye { text, .. } = closed.reason() else {
        panic!("{error:?}");
    };
    assert_eq!(text, "the disk is full");
}
