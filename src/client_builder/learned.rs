//! Facts about a server that outlive the connection: an account and the clones of a builder share
//! them.

use std::sync::atomic::{AtomicBool, Ordering};

/// Requests that are not sent to the server any more.
#[derive(Debug, Default)]
pub(crate) struct Learned {
    avoids_binary: AtomicBool,
}

impl Learned {
    /// For a server that must not be requested to decode parts.
    pub(crate) fn without_binary() -> Self {
        Self {
            avoids_binary: AtomicBool::new(true),
        }
    }

    /// Whether parts are fetched by BODY and decoded here.
    pub(crate) fn avoids_binary(&self) -> bool {
        self.avoids_binary.load(Ordering::Relaxed)
    }

    /// The server ended a connection when it was requested to decode a part.
    pub(crate) fn avoid_binary(&self) {
        self.avoids_binary.store(true, Ordering::Relaxed);
    }
}
