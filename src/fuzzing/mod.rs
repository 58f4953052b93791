//! What the fuzz targets call: a function for each, which takes any octets and panics where a
//! promise is broken. It is in builds with `--cfg fuzzing` and in the tests with all features, which
//! give each function its seeds, and in no other.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a panic is how a target tells what it found"
)]

mod encoder;
mod framing;
mod handshakes;
mod input;
mod mailbox_names;
mod oracle;
mod responses;
mod session;
mod sets;
mod stream;
#[cfg(test)]
mod tests;
mod texts;

pub use encoder::{Reader, encoder};
pub use framing::framing;
pub use handshakes::handshakes;
pub use mailbox_names::mailbox_names;
pub use oracle::{Oracle, oracle};
pub use responses::responses;
pub use session::session;
pub use sets::sets;
pub use texts::texts;
