//! What a mailbox counts, so that nobody has to look at all its messages.

use std::collections::HashMap;

use crate::store::mailbox::Message;

/// How many messages have each flag, and their size.
#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    /// By flags in small letters: the flag as it was first set, how many have it, and its place.
    flags: HashMap<String, (String, usize, usize)>,
    next: usize,
    octets: usize,
}

impl Totals {
    /// Counts so many copies of a message in.
    pub(crate) fn add(&mut self, message: &Message, copies: usize) {
        self.octets += message.bytes.len() * copies;
        for flag in message.flags.iter() {
            let next = &mut self.next;
            let entry = self.flags.entry(flag.to_ascii_lowercase());
            entry
                .or_insert_with(|| {
                    *next += 1;
                    (flag.to_owned(), 0, *next)
                })
                .1 += copies;
        }
    }

    /// Counts a message out.
    pub(crate) fn remove(&mut self, message: &Message) {
        self.octets = self.octets.saturating_sub(message.bytes.len());
        for flag in message.flags.iter() {
            let name = flag.to_ascii_lowercase();
            let Some((_, count, _)) = self.flags.get_mut(&name) else {
                continue;
            };
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.flags.remove(&name);
            }
        }
    }

    /// How many messages have the flag.
    pub(crate) fn having(&self, flag: &str) -> usize {
        let entry = self.flags.get(&flag.to_ascii_lowercase());
        entry.map_or(0, |(_, count, _)| *count)
    }

    /// The flags that some message has, in the order in which they came.
    pub(crate) fn flags(&self) -> Vec<&str> {
        let mut flags: Vec<_> = self.flags.values().collect();
        flags.sort_unstable_by_key(|(_, _, place)| *place);
        flags
            .into_iter()
            .map(|(flag, _, _)| flag.as_str())
            .collect()
    }

    pub(crate) fn octets(&self) -> usize {
        self.octets
    }
}
