//! Several commands in one go: on the scripted server, which answers as it likes.

mod ends;
mod fetches;
mod literals;
mod messages;
mod order;
mod run;
mod searches;
mod set_up;

use latchbox::command::Status;
use latchbox::types::StatusItem;

/// STATUS of the number of messages.
fn messages(name: &str) -> Status {
    Status::new(name, [StatusItem::Messages]).unwrap()
}
