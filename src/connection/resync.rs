//! What a SELECT with QRESYNC (RFC 7162 section 3.2.5) requests and reports.

use crate::connection::Connection;
use crate::connection::bounded::Rows;
use crate::error::{Effect, Result};
use crate::types::changed_flags::{ChangedFlags, MOST_CHANGED};
use crate::types::checkpoint::Resync;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::response_code::ResponseCode;
use crate::wire::encoder::Encoder;
use crate::wire::response::Untagged;
use crate::wire::response::fetch_responses::Responses;

/// The parameter of a SELECT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SelectParameter {
    Plain,
    /// From now on the server reports mod-sequences.
    CondStore,
    /// The server reports what has changed since.
    Resync(Resync),
}

/// The answer to a [`Resync`].
#[derive(Debug)]
pub(crate) struct Resynced {
    pub(crate) asked: Resync,
    pub(crate) vanished: NumberSet,
    pub(crate) changed: ChangedFlags,
}

impl SelectParameter {
    pub(crate) fn encode(self, encoder: &mut Encoder<'_>) {
        match self {
            Self::Plain => {}
            Self::CondStore => {
                encoder.raw(" (CONDSTORE)");
            }
            Self::Resync(resync) => {
                let Resync {
                    uid_validity,
                    mod_seq,
                    first,
                    last,
                    ..
                } = resync;
                // The known UIDs end in a number: some servers refuse `*` there.
                encoder.display(format_args!(
                    " (QRESYNC ({uid_validity} {mod_seq} {first}:{last}))"
                ));
            }
        }
    }
}

/// The part of the answer that has come.
struct Collecting {
    vanished: NumberSetBuilder,
    changed: ChangedFlags,
    row: Responses,
    rows: Rows,
    has_row: bool,
    /// All that came was about the mailbox that is being selected, and could be read.
    is_reliable: bool,
}

impl Connection {
    /// Receives the answer to a SELECT with QRESYNC; `None` if it cannot be relied upon, so that
    /// changes have to be requested by FETCH.
    ///
    /// `was_selected`: the server first closes another mailbox, and what it reported before
    /// `[CLOSED]`, or before the completion of UNSELECT, is about that.
    pub(super) fn finish_resync(
        &mut self,
        asked: Resync,
        was_selected: bool,
    ) -> Result<Option<Resynced>> {
        let range = NumberSet::between(asked.first, asked.last);
        let mut collecting = Collecting {
            vanished: NumberSetBuilder::default(),
            changed: ChangedFlags::new(MOST_CHANGED),
            row: Responses::default(),
            rows: self.rows_for(&range),
            has_row: false,
            is_reliable: !was_selected,
        };
        loop {
            let is_leaving = self.state.ahead.is_still_selected();
            let done = self.proceed(|data| collecting.claim(data))?;
            if is_leaving && !self.state.ahead.is_still_selected() {
                collecting.begin_again();
            }
            if std::mem::take(&mut collecting.has_row) {
                self.count_row(&mut collecting.rows)?;
                if !self.answering.survives_timeout {
                    self.restart_clock();
                }
            }
            if collecting.vanished.ranges() > self.list_limit() {
                return Err(self.too_many("SELECT", Effect::None));
            }
            if done.is_some() {
                return Ok(collecting.finish(asked));
            }
        }
    }
}

impl Collecting {
    fn claim<'r>(&mut self, data: Untagged<'r>) -> Option<Untagged<'r>> {
        match data {
            Untagged::Vanished {
                earlier: true,
                uids,
            } => {
                self.vanished.push_set(&uids);
                None
            }
            Untagged::Fetch(row) => {
                self.row.assign(&row);
                self.has_row = true;
                self.put_row();
                None
            }
            Untagged::Invalid { .. } => {
                self.is_reliable = false;
                Some(data)
            }
            Untagged::Status { ref text, .. } if text.code == Some(ResponseCode::Closed) => {
                self.begin_again();
                Some(data)
            }
            other => Some(other),
        }
    }

    /// What has come was about the mailbox before.
    fn begin_again(&mut self) {
        self.vanished = NumberSetBuilder::default();
        self.changed = self.changed.emptied();
        self.is_reliable = true;
    }

    fn put_row(&mut self) {
        let row = &self.row;
        let (Some(uid), Some(flags)) = (row.uid(), row.flags()) else {
            self.is_reliable = false;
            return;
        };
        let read = || flags.collect();
        self.changed.put(uid, flags.octets(), read, row.mod_seq());
    }

    fn finish(mut self, asked: Resync) -> Option<Resynced> {
        self.changed.settle();
        self.is_reliable.then(|| Resynced {
            asked,
            vanished: self.vanished.finish(),
            changed: self.changed,
        })
    }
}
