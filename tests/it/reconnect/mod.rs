//! What becomes of a session whose connection ends: who is told, and when there is a new one.

mod attempts;
mod broken;
mod commands;
mod enabled;
mod lost;
mod refused;
mod storm;
mod timeouts;
mod uids;

use latchbox::{Backoff, Session};

use crate::sessions::{Asked, account, builder};
use crate::support::script::Script;

/// A session that reconnects without waiting, and how often its credentials were asked for.
fn reconnecting(server: &Script) -> (Session, Asked) {
    reconnecting_with(server, at_once())
}

fn reconnecting_with(server: &Script, backoff: Backoff) -> (Session, Asked) {
    let (account, asked) = account(builder(server.port()));
    (account.reconnecting(backoff).open().unwrap(), asked)
}

fn at_once() -> Backoff {
    Backoff::new().initial_delay(std::time::Duration::ZERO)
}
