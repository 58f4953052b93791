//! Messages read as RFC 5322 and MIME: their fields, their parts, and how IMAP shows them.

pub(crate) mod address;
pub(crate) mod decode;
pub(crate) mod envelope;
pub(crate) mod header;
pub(crate) mod part;
pub(crate) mod section;
pub(crate) mod structure;
pub(crate) mod style;
