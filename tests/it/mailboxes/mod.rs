//! Which mailboxes there are and what they are for: what is sent by what the server has.

mod creating;
mod listing;
mod special;
mod trash;
