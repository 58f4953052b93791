//! FETCH in as many commands as a stream needs, one after the other: which was sent, which reader
//! its answer has, and where the stream continues after an error.

use std::sync::Arc;
use std::time::Duration;

use crate::connection::Connection;
use crate::connection::bounded::Rows;
use crate::connection::clock::Whole;
use crate::connection::on_progress::MessagesDone;
use crate::error::{Error, Result};
use crate::mailbox_guard::lease::Held;
use crate::mailbox_guard::parts::Parts;
use crate::types::number_set::NumberSet;
use crate::wire::encoder::Encoder;

/// The part of a stream that has not been requested, and the command that is being answered.
#[derive(Default)]
pub(crate) struct Asking {
    /// The sets still to be requested, one command each.
    pub(crate) left: Parts,
    /// The set of the command that is being answered.
    pub(crate) asked: Option<NumberSet>,
    /// Shows the connection that the answer is read; dropped with the stream.
    reading: Option<Arc<()>>,
    /// Something of the answer to the current command has been returned.
    has_given: bool,
    /// The number of rows that may answer it.
    rows: Rows,
    /// The command, once it has been sent.
    command: &'static str,
    /// The number of messages that have come, for the progress.
    messages: MessagesDone,
    /// The time that the stream has waited for a throttling server.
    waited: Duration,
    /// The deadline of the whole stream, from the first command on.
    end: Option<Whole>,
    has_asked: bool,
}

/// A FETCH as a stream sends it.
#[derive(Clone, Copy)]
pub(crate) struct Question<'q> {
    pub(crate) command: &'static str,
    pub(crate) by_uid: bool,
    /// Items and modifiers, as they are written.
    pub(crate) items: &'q str,
    /// The server sets `\Seen`.
    pub(crate) marks_seen: bool,
    /// The server has to decode parts.
    pub(crate) is_decoded: bool,
}

impl Question<'_> {
    /// Writes it for these messages.
    pub(crate) fn encode(&self, numbers: &NumberSet, encoder: &mut Encoder<'_>) {
        encoder.raw(self.command).sp();
        match self.by_uid {
            true => encoder.uid_set(numbers),
            false => encoder.sequence_set(numbers),
        };
        encoder.sp().raw(self.items);
    }
}

impl Asking {
    pub(crate) fn new(left: Parts) -> Self {
        Self {
            left,
            ..Self::default()
        }
    }

    /// Sends the command for these messages.
    pub(crate) fn ask(
        &mut self,
        connection: &mut Connection,
        question: Question<'_>,
        numbers: NumberSet,
    ) -> Result<()> {
        let encode = |encoder: &mut Encoder<'_>| {
            question.encode(&numbers, encoder);
            Ok(())
        };
        match question.marks_seen {
            true => connection.start_changing(question.command, encode)?,
            false => connection.start(question.command, encode)?,
        }
        if question.is_decoded {
            connection.note_binary();
        }
        if !std::mem::replace(&mut self.has_asked, true) {
            self.end = connection.end_of_stream();
        }
        connection.end_with_stream(self.end);
        self.reading = Some(connection.lend_reader());
        self.rows = connection.rows_for(&numbers);
        self.asked = Some(numbers);
        self.command = question.command;
        self.has_given = false;
        Ok(())
    }

    /// The number of messages for the progress continues from here.
    pub(crate) fn count_from(&mut self, messages: MessagesDone) {
        self.messages = messages;
    }

    /// A requested item has come: the answer has its whole time again.
    #[inline]
    pub(crate) fn give_unreported(&mut self, connection: &mut Connection) -> Result<()> {
        connection.count_row(&mut self.rows)?;
        connection.restart_clock();
        self.has_given = true;
        Ok(())
    }

    /// Like [`give_unreported`](Self::give_unreported), for an item of one message of several.
    #[inline]
    pub(crate) fn give(&mut self, connection: &mut Connection) -> Result<()> {
        self.give_unreported(connection)?;
        if connection.is_reporting() {
            let (left, asked) = (&self.left, &self.asked);
            connection.report_row(self.command, &mut self.messages, || {
                left.rest(asked.as_ref().unwrap_or(&NumberSet::default()))
            });
        }
        Ok(())
    }

    /// The command is completed.
    pub(crate) fn answered(&mut self) {
        self.asked = None;
        self.reading = None;
    }

    /// Continues after the answer ended with an error: a throttled command is sent again, and after
    /// a server that stopped early the rest is requested. Any other error ends the stream.
    pub(crate) fn go_on(
        &mut self,
        error: Error,
        connection: Option<&Connection>,
        held: &Held,
    ) -> Result<()> {
        let asked = self.asked.clone().unwrap_or_default();
        let connection = connection.filter(|_| !self.has_given);
        let stop = held.stop_handle();
        let mut waits =
            |throttled| connection.is_some_and(|it| it.wait_out(throttled, &mut self.waited, stop));
        match error {
            Error::Throttled(throttled) if waits(&throttled) => self.left.put_back(asked),
            error => {
                self.left.go_on_below(&asked, error)?;
            }
        }
        self.answered();
        Ok(())
    }

    /// The stream ends here: the next command drains the rest of the answer.
    pub(crate) fn leave(&mut self, held: &Held) {
        self.left.clear();
        self.reading = None;
        if self.asked.take().is_some() {
            // Not through the selection: the mailbox may be deselected while the answer is still
            // coming.
            if let Some(mut connection) = held.turn().value() {
                connection.abandon();
            }
        }
    }
}
