//! The flags of one message.

use std::fmt;

use imap_codec::imap_types::flag::{Flag, StoreType};

/// Flags in their wire form; two that differ in case only are the same.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Flags(Vec<String>);

impl Flags {
    pub(crate) fn from_command(flags: &[Flag<'_>]) -> Self {
        flags.iter().map(ToString::to_string).collect()
    }

    pub(crate) fn has(&self, flag: &str) -> bool {
        self.0.iter().any(|own| own.eq_ignore_ascii_case(flag))
    }

    pub(crate) fn insert(&mut self, flag: &str) {
        if !self.has(flag) {
            self.0.push(flag.to_owned());
        }
    }

    /// What is left or there after a STORE of these flags.
    pub(crate) fn stored(&self, kind: StoreType, flags: &Self) -> Self {
        let mut result = match kind {
            StoreType::Replace => Self::default(),
            StoreType::Add | StoreType::Remove => self.clone(),
        };
        match kind {
            StoreType::Remove => result.0.retain(|own| !flags.has(own)),
            StoreType::Add | StoreType::Replace => {
                flags.0.iter().for_each(|flag| result.insert(flag));
            }
        }
        result
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl FromIterator<String> for Flags {
    fn from_iter<I: IntoIterator<Item = String>>(flags: I) -> Self {
        let mut all = Self::default();
        flags.into_iter().for_each(|flag| all.insert(&flag));
        all
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}
