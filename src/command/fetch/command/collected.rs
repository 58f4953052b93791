//! Collected messages: one entry for each, in however many responses it comes.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::mailbox_guard::wanted::Wanted;
use crate::wire::response::fetch::Fetch;

#[derive(Default)]
pub(crate) struct Collected {
    /// New ones are at the end, in the order in which they came.
    pub(in crate::command::fetch) messages: Vec<Fetch>,
    places: HashMap<u32, usize>,
}

impl Collected {
    pub(in crate::command::fetch) fn new(messages: Vec<Fetch>, wanted: Wanted) -> Self {
        let known = messages.iter().enumerate();
        let known = known.filter_map(|(place, message)| Some((wanted.number_of(message)?, place)));
        Self {
            places: known.collect(),
            messages,
        }
    }

    /// Merges a response about a message with those before it.
    pub(in crate::command::fetch) fn add(&mut self, message: Fetch, wanted: Wanted) {
        let rest = match self.places.entry(wanted.number_of(&message).unwrap_or(0)) {
            Entry::Occupied(place) => match self.messages.get_mut(*place.get()) {
                Some(known) => known.merge(message),
                None => Some(message),
            },
            Entry::Vacant(place) => {
                place.insert(self.messages.len());
                Some(message)
            }
        };
        self.messages.extend(rest);
    }
}
