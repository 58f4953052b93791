//! The in-process IMAP server that the examples, docs and tests of latchbox run on.
