//! INPROGRESS (RFC 9585): how far a command on many messages is.

use std::io;

use crate::connection::Connection;

/// A command on so many messages takes long enough to report how far it is.
const MANY: usize = 1000;

impl Connection {
    /// Reports that half of a command is done, of these many messages in all.
    pub(super) fn say_progress(&mut self, tag: &str, messages: usize) -> io::Result<()> {
        if messages < MANY || !self.has("INPROGRESS") {
            return Ok(());
        }
        let half = messages / 2;
        let code = format!("[INPROGRESS (\"{tag}\" {half} {messages})]");
        self.wire.say(&format!("* OK {code} Half of it is done"))
    }

    /// How many messages the selected mailbox has.
    pub(super) fn exists(&self) -> usize {
        self.view.as_ref().map_or(0, |view| view.uids().len())
    }
}
