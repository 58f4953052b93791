//! The place of a session in a pool.

use std::sync::Arc;

use crate::connection::shutdown_switch::ShutdownSwitch;

/// The slot of a pool whose connection a session has.
pub(super) struct Place {
    pub(super) slot: usize,
    /// Those of all slots.
    pub(super) switches: Arc<[Arc<ShutdownSwitch>]>,
}
