//! Bytes to values and values to bytes; knows no socket.

pub(crate) mod response;
pub(crate) mod utf7;
