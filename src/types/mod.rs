//! The values of IMAP, a noun a file; each owns the refusal of what it cannot be.
//!
//! Nothing here knows the wire or a connection. Text that a server sent is kept as it came;
//! `Display` is for people and escapes what could mislead them.

pub(crate) mod capability;
pub(crate) mod flag;
pub(crate) mod mailbox_name;
pub(crate) mod number_set;
pub(crate) mod printable;
pub(crate) mod sequence_set;
pub(crate) mod uid;

pub use self::capability::{Capabilities, Capability, InvalidCapability};
pub use self::flag::{Flag, InvalidFlag, Keyword, PermanentFlags};
pub use self::mailbox_name::{InvalidMailboxName, MailboxName};
pub use self::number_set::{InvalidSet, NumberSet};
pub use self::sequence_set::{
    MessageSet, MixedOrigins, Origin, SequenceSet, SetIter, SetRange, UidSet,
};
pub use self::uid::{InvalidNumber, ModSeq, SeqNum, Uid, UidValidity};
