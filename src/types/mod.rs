//! The values of IMAP, a noun a file; each owns the refusal of what it cannot be.
