//! The commands about messages of the selected mailbox beside FETCH and SEARCH: STORE, COPY, MOVE,
//! EXPUNGE and UIDBATCHES.

use crate::grammar::reader::{Parsed, Reader};
use crate::grammar::sets::Set;

/// What a STORE does, and to which messages.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) uid: bool,
    pub(crate) set: Set,
    pub(crate) action: Action,
    /// The client wants no answer.
    pub(crate) silent: bool,
    /// Flags, or labels as UTF-8.
    pub(crate) values: Vec<String>,
    /// `X-GM-LABELS`, not flags.
    pub(crate) is_labels: bool,
    /// Only messages that have not changed since this mod-sequence (RFC 7162).
    pub(crate) unchanged_since: Option<u64>,
}

/// What is done with flags.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Action {
    Replace,
    Add,
    Remove,
}

/// A COPY or a MOVE.
#[derive(Debug)]
pub(crate) struct Copy {
    pub(crate) uid: bool,
    pub(crate) set: Set,
    pub(crate) target: String,
    pub(crate) moves: bool,
}

/// How many messages a batch shall have, and which batches are wanted (RFC 10022).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Batches {
    pub(crate) size: u32,
    pub(crate) range: Option<(u32, u32)>,
}

impl Reader<'_> {
    /// What follows STORE.
    pub(super) fn store(&mut self, uid: bool) -> Parsed<Store> {
        self.space()?;
        let set = self.set(uid)?;
        self.space()?;
        let mut unchanged_since = None;
        if self.peek() == Some(b'(') {
            self.list(|reader| {
                reader.needs(&["CONDSTORE"]);
                reader.keyword("UNCHANGEDSINCE")?;
                reader.space()?;
                unchanged_since = Some(reader.mod_seq_or_zero()?);
                Ok(())
            })?;
            self.space()?;
        }
        let at = self.place();
        let action = match self.peek() {
            Some(b'+') => Action::Add,
            Some(b'-') => Action::Remove,
            _ => Action::Replace,
        };
        if action != Action::Replace {
            self.take(1);
        }
        let (is_labels, silent) = match self.word().as_str() {
            "FLAGS" => (false, false),
            "FLAGS.SILENT" => (false, true),
            "X-GM-LABELS" => (true, false),
            "X-GM-LABELS.SILENT" => (true, true),
            _ => {
                self.go_back(at);
                return Err(self.expected("FLAGS, +FLAGS or -FLAGS"));
            }
        };
        self.space()?;
        let values = match is_labels {
            true => {
                self.needs_at(at, &["X-GM-EXT-1"]);
                self.labels()?
            }
            false => self.flags()?,
        };
        Ok(Store {
            uid,
            set,
            action,
            silent,
            values,
            is_labels,
            unchanged_since,
        })
    }

    fn labels(&mut self) -> Parsed<Vec<String>> {
        let labels = match self.peek() {
            Some(b'(') => self.list_or_none(Self::label)?,
            _ => vec![self.label()?],
        };
        let labels = labels.into_iter();
        let text = |label: Vec<u8>| String::from_utf8_lossy(&label).into_owned();
        Ok(labels.map(text).collect())
    }

    /// What follows COPY or MOVE.
    pub(super) fn copy(&mut self, uid: bool, moves: bool) -> Parsed<Copy> {
        self.space()?;
        let set = self.set(uid)?;
        self.space()?;
        Ok(Copy {
            uid,
            set,
            target: self.mailbox()?,
            moves,
        })
    }

    /// What follows UIDBATCHES: `2000` or `2000 1:4`.
    pub(super) fn batches(&mut self) -> Parsed<Batches> {
        self.space()?;
        let size = self.nz_number("the size of a batch")?;
        let mut range = None;
        if self.more()? {
            let first = self.nz_number("the number of a batch")?;
            let last = match self.accept(b":") {
                true => self.nz_number("the number of a batch")?,
                false => first,
            };
            range = Some((first.min(last), first.max(last)));
        }
        Ok(Batches { size, range })
    }
}
