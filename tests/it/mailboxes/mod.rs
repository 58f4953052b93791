//! Which mailboxes there are and what they are for, and marks on messages beyond flags: what is
//! sent by what the server has.

mod creating;
mod flagging;
mod listing;
mod servers;
mod special;
mod trash;
