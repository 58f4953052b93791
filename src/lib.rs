//! A blocking IMAP client whose threads share one connection: a command can only be written
//! where its mailbox is held.

mod account;
mod client;
mod client_builder;
mod closer;
pub mod command;
mod connect;
mod connection;
mod error;
mod lock;
mod lock_options;
mod mailbox_guard;
pub mod manual;
mod revival;
pub mod sasl;
mod session;
mod transport;
pub mod types;
mod wire;

/// What the answer to a FETCH holds: one message's items, parsed when they are asked for.
pub mod message {
    pub use crate::wire::response::body_structure::{BodyStructure, Part, Parts};
    pub use crate::wire::response::envelope::{
        Address, AddressListItem, AddressListItems, Addresses, Envelope, GroupName,
    };
    pub use crate::wire::response::fetch::Fetch;
    pub use crate::wire::response::flags::Flags;
    pub use crate::wire::response::item_error::{ItemError, ItemProblem};
    pub use crate::wire::response::parameters::{Disposition, FileName, Parameters};
}

pub use crate::account::{Account, Credentials, NoCredentials};
pub use crate::client::{Client, LoginError};
pub use crate::client_builder::{ClientBuilder, TlsMode};
pub use crate::closer::Closer;
pub use crate::error::{
    CloseReason, Closed, ConnectError, ConnectProblem, Effect, Error, Holder, InvalidArgument,
    LockError, LockState, LoginRefusal, MailboxError, Refused, Result, Stage, StaleUids,
    Unsupported,
};
pub use crate::lock_options::LockOptions;
pub use crate::mailbox_guard::{
    Access, Keeping, MailboxGuard, Owned, OwnedMailboxGuard, ReadOnly, ReadWrite, Scoped,
};
pub use crate::revival::BackOff;
pub use crate::session::Session;
pub use crate::transport::{Shutdown, Transport};
