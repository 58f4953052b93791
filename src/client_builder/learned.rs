//! What is learned of a server and outlives the connection that learned it: an account and the clones
//! of a builder share it.

use std::sync::atomic::{AtomicBool, Ordering};

/// What is not asked of the server any more.
#[derive(Debug, Default)]
pub(crate) struct Learned {
    avoids_binary: AtomicBool,
}

impl Learned {
    /// Of a server that is not to be asked to decode parts.
    pub(crate) fn without_binary() -> Self {
        Self {
            avoids_binary: AtomicBool::new(true),
        }
    }

    /// Whether parts are fetched by BODY and decoded here.
    pub(crate) fn avoids_binary(&self) -> bool {
        self.avoids_binary.load(Ordering::Relaxed)
    }

    /// The server ended a connection when it was to decode a part.
    pub(crate) fn avoid_binary(&self) {
        self.avoids_binary.store(true, Ordering::Relaxed);
    }
}
