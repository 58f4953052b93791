//! A blocking IMAP client whose threads share one connection: a command can only be written
//! where its mailbox is held.

pub mod types;
mod wire;
