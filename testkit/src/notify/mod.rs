//! NOTIFY (RFC 5465): what a client wants to hear of mailboxes, and what it has heard.

pub(crate) mod news;
