//! What the server keeps, shared by all connections of a user.

pub(crate) mod account;
pub(crate) mod flags;
pub(crate) mod history;
pub(crate) mod mailbox;
pub(crate) mod totals;
pub(crate) mod view;
