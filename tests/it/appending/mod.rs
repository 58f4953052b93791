//! APPEND and its family against a script: what fails at which step, and what is known then.

mod early;
mod found;
mod literals;
mod parts;
mod reader;
mod replace;
mod several;

use latchbox::Error;
use latchbox::error::{CloseReason, Effect, ReaderError};

use crate::scripted::closed;

/// Something had been sent, so the connection is gone; and nothing was stored.
#[track_caller]
fn reader_error(error: &Error) -> &ReaderError {
    assert_eq!(closed(error).effect(), Effect::None, "{error:?}");
    match closed(error).reason() {
        CloseReason::Reader(error) => error,
        other => panic!("not for the reader: {other:?}"),
    }
}
