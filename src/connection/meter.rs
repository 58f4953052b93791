//! The data that other threads may read about a connection in use: counters, enabled extensions,
//! and the greeting and the OK of the login.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::transport::traffic::Traffic;
use crate::types::capability::Capability;
use crate::types::response_text::ResponseText;

/// Written by the thread that uses the connection, read by any; outlives the connection.
pub(crate) struct Meter {
    traffic: Arc<Traffic>,
    commands: AtomicU64,
    is_utf8: AtomicBool,
    is_idling: AtomicBool,
    rare: Mutex<Rare>,
}

/// Values that change a few times in the life of a connection.
#[derive(Default)]
struct Rare {
    is_compressed: bool,
    enabled: BTreeSet<Capability>,
    closed_at: Option<Instant>,
    greeting: Option<ResponseText>,
    login: Option<ResponseText>,
}

impl Meter {
    pub(crate) fn new(traffic: &Arc<Traffic>) -> Self {
        Self {
            traffic: Arc::clone(traffic),
            commands: AtomicU64::new(0),
            is_utf8: AtomicBool::new(false),
            is_idling: AtomicBool::new(false),
            rare: Mutex::default(),
        }
    }

    pub(crate) fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// One more command is sent. Only the thread that uses the connection counts.
    #[inline]
    pub(super) fn count_command(&self) {
        let commands = self.commands().saturating_add(1);
        self.commands.store(commands, Ordering::Relaxed);
    }

    /// The number of commands sent.
    pub(crate) fn commands(&self) -> u64 {
        self.commands.load(Ordering::Relaxed)
    }

    pub(super) fn set_utf8(&self, is_utf8: bool) {
        self.is_utf8.store(is_utf8, Ordering::Relaxed);
    }

    /// Whether names and texts are UTF-8.
    pub(crate) fn is_utf8(&self) -> bool {
        self.is_utf8.load(Ordering::Relaxed)
    }

    pub(super) fn set_idling(&self, is_idling: bool) {
        self.is_idling.store(is_idling, Ordering::Relaxed);
    }

    /// Whether an IDLE is in progress, or was when the connection ended.
    pub(crate) fn is_idling(&self) -> bool {
        self.is_idling.load(Ordering::Relaxed)
    }

    #[cfg(feature = "compress")]
    pub(super) fn set_compressed(&self) {
        self.rare().is_compressed = true;
    }

    /// Whether COMPRESS has succeeded.
    pub(crate) fn is_compressed(&self) -> bool {
        self.rare().is_compressed
    }

    pub(super) fn set_enabled(&self, enabled: &BTreeSet<Capability>) {
        self.rare().enabled.clone_from(enabled);
    }

    /// The extensions that ENABLE has enabled, sorted.
    pub(crate) fn enabled(&self) -> Vec<Capability> {
        self.rare().enabled.iter().cloned().collect()
    }

    /// Records the end of the connection; the first time counts.
    pub(super) fn note_closed(&self) {
        self.rare().closed_at.get_or_insert_with(Instant::now);
    }

    /// The instant at which the connection ended.
    pub(crate) fn closed_at(&self) -> Option<Instant> {
        self.rare().closed_at
    }

    pub(crate) fn set_greeting(&self, greeting: ResponseText) {
        self.rare().greeting = Some(greeting);
    }

    /// The greeting; `None` after STARTTLS, before which an attacker could have sent it.
    pub(crate) fn greeting(&self) -> Option<ResponseText> {
        self.rare().greeting.clone()
    }

    pub(super) fn set_login(&self, login: ResponseText) {
        self.rare().login = Some(login);
    }

    /// The OK of the login.
    pub(crate) fn login(&self) -> Option<ResponseText> {
        self.rare().login.clone()
    }

    /// Forgets the login, and the extensions that were enabled with it.
    pub(super) fn forget_login(&self) {
        let mut rare = self.rare();
        rare.login = None;
        rare.enabled.clear();
    }

    /// A panic of another thread leaves the values consistent.
    fn rare(&self) -> MutexGuard<'_, Rare> {
        self.rare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
