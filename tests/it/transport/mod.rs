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
use latchbox::types::MailboxEvent;

/// Far beyond what a busy machine needs.
const LONG: Duration = Duration::from_secs(60);

/// The next event has to be this count of messages.
#[track_caller]
fn assert_exists(idle: &mut Idle<'_>, messages: u32) {
    let event = idle.next_timeout(LONG).unwrap();
    assert_eq!(event, Some(MailboxEvent::Exists(messages)));
}
