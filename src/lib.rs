//! A blocking IMAP client whose threads share one connection: a command can only be written
//! where its mailbox is held.

pub mod types;
mod wire;

/// What FETCH tells of a message: views that borrow from the answer and parse what is asked for.
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
