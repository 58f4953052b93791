//! Converts between octets and values, without a socket.

pub(crate) mod append_data;
pub(crate) mod charset;
pub(crate) mod content;
pub(crate) mod cursor;
pub(crate) mod date;
pub(crate) mod digits;
pub(crate) mod encoder;
pub(crate) mod frame;
pub(crate) mod octet;
mod quoted;
pub(crate) mod response;
pub(crate) mod same_mailbox;
pub(crate) mod search_key;
#[cfg(any(test, fuzzing))]
#[cfg_attr(not(test), allow(dead_code))]
pub(crate) mod testing;
pub(crate) mod utf7;
pub(crate) mod words;
