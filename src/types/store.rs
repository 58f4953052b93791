//! What STORE does to the flags of a message (RFC 9051 section 6.4.6).

use std::fmt;

use crate::types::uid::ModSeq;

/// How the flags or labels that are given change those that a message has.
///
/// ```
/// assert_eq!(latchbox::types::StoreAction::Add.to_string(), "+FLAGS");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StoreAction {
    /// They are added (`+FLAGS`).
    Add,
    /// They are taken away (`-FLAGS`).
    Remove,
    /// They take the place of all others, except for `\Recent` (`FLAGS`).
    Replace,
}

/// How a STORE is to be done.
///
/// ```
/// use latchbox::command::StoreOptions;
/// use latchbox::types::ModSeq;
///
/// let options = StoreOptions::new().silent().unchanged_since(ModSeq::try_from(4711)?);
/// # Ok::<(), latchbox::types::InvalidNumber>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct StoreOptions {
    pub(crate) silent: bool,
    pub(crate) unchanged_since: Option<ModSeq>,
}

impl StoreOptions {
    /// The server tells the new flags, and nothing is asked of the messages.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The server does not tell the new flags (`.SILENT`).
    #[must_use]
    pub fn silent(mut self) -> Self {
        self.silent = true;
        self
    }

    /// Messages that have changed since this mod-sequence are left alone, and reported
    /// (UNCHANGEDSINCE, RFC 7162 section 3.1.3).
    ///
    /// This is what holds between processes, which a lock on one connection cannot.
    #[must_use]
    pub fn unchanged_since(mut self, mod_seq: ModSeq) -> Self {
        self.unchanged_since = Some(mod_seq);
        self
    }
}

impl StoreAction {
    /// What stands before the name of that which is stored.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Remove => "-",
            Self::Replace => "",
        }
    }
}

/// The wire form.
impl fmt::Display for StoreAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}FLAGS", self.sign())
    }
}
