//! The settings that a client keeps of its builder for the session that it becomes, and a session
//! for the client that it becomes again.

use crate::client_builder::{Identity, SetUp};
use crate::lock::LockPolicy;
use crate::types::account_id::Home;

pub(crate) struct SessionSettings {
    pub(crate) is_private: bool,
    pub(crate) cleartext_login: bool,
    pub(crate) lock_policy: LockPolicy,
    #[cfg(feature = "compress")]
    pub(crate) compress: bool,
    pub(crate) identity: Identity,
    pub(crate) set_up: SetUp,
    pub(crate) home: Home,
}
