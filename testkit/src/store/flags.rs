//! The flags of one message.

use std::fmt;
use std::sync::Arc;

use crate::grammar::message::Action;

/// Flags in their wire form; two that differ in case only are the same. Copies share the list, and
/// a message without flags has none.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Flags(Option<Arc<Vec<String>>>);

impl Flags {
    pub(crate) fn has(&self, flag: &str) -> bool {
        self.iter().any(|own| own.eq_ignore_ascii_case(flag))
    }

    pub(crate) fn insert(&mut self, flag: &str) {
        if !self.has(flag) {
            Arc::make_mut(self.0.get_or_insert_default()).push(flag.to_owned());
        }
    }

    /// What is left or there after a STORE of these flags.
    pub(crate) fn stored(&self, action: Action, flags: &Self) -> Self {
        if action == Action::Remove {
            let left = self.iter().filter(|own| !flags.has(own));
            return left.map(str::to_owned).collect();
        }
        let mut result = match action {
            Action::Replace => Self::default(),
            Action::Add | Action::Remove => self.clone(),
        };
        flags.iter().for_each(|flag| result.insert(flag));
        result
    }

    /// Whether these are the same flags, in whatever order.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.iter().count() == other.iter().count() && self.iter().all(|flag| other.has(flag))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .flat_map(|list| list.iter().map(String::as_str))
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
        for (place, flag) in self.iter().enumerate() {
            f.write_str(if place > 0 { " " } else { "" })?;
            f.write_str(flag)?;
        }
        Ok(())
    }
}
