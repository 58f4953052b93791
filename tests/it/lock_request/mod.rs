//! What a lock can be told beyond its mailbox, and what a selection can turn out to be.

mod foreign;
mod holder;
mod opened;
mod order;
mod owned;
mod refused;
mod requests;
mod selected;
mod switching;
mod timeouts;

use latchbox_testkit::{Direction, Server, message};

use crate::support::script::Script;

/// INBOX with three messages, and Trash, Archive and Box, which are empty.
fn server() -> Server {
    let inbox = ["one", "two", "three"].map(|subject| message(subject, "ann@example.com", "Hi"));
    let none = Vec::<Vec<u8>>::new;
    let server = Server::builder().mailbox("INBOX", inbox);
    let server = server.mailbox("Trash", none()).mailbox("Archive", none());
    server.mailbox("Box", none()).start().unwrap()
}

/// What was selected and examined so far, in order.
fn selected(server: &Server) -> Vec<String> {
    let lines = server.timeline().into_iter();
    let commands = lines.filter(|event| event.direction == Direction::Client);
    let commands = commands.filter_map(|event| {
        let (_tag, command) = event.line.split_once(' ')?;
        let is_one = command.starts_with("SELECT ") || command.starts_with("EXAMINE ");
        is_one.then(|| command.to_owned())
    });
    commands.collect()
}

/// The commands that a script has heard so far, without their tags.
fn heard(script: &Script) -> Vec<String> {
    let heard = script.heard();
    let lines = heard.lines().filter_map(|line| line.split_once(' '));
    lines.map(|(_tag, command)| command.to_owned()).collect()
}
