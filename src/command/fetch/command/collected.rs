//! Collected messages: one entry for each, in however many responses it comes.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::mailbox_guard::requested_items::RequestedItems;
use crate::wire::response::fetch::Fetch;

#[derive(Default)]
pub(crate) struct Collected {
    /// New ones are at the end, in the order in which they came.
    pub(in crate::command::fetch) messages: Vec<Fetch>,
    /// The highest number, while each is higher than the one before it, as servers send them.
    ascending: Option<u32>,
    /// The place of each number, once they have come in another order.
    places: Option<HashMap<u32, usize>>,
}

impl Collected {
    pub(in crate::command::fetch) fn new(messages: Vec<Fetch>, requested: RequestedItems) -> Self {
        let is_empty = messages.is_empty();
        let mut collected = Self {
            messages,
            ..Self::default()
        };
        if !is_empty {
            collected.look_up(requested);
        }
        collected
    }

    /// Merges a response about a message with those before it.
    pub(in crate::command::fetch) fn add(&mut self, message: Fetch, requested: RequestedItems) {
        let number = requested.number_of(message.responses()).unwrap_or(0);
        if self.places.is_none() && self.ascending.is_none_or(|highest| highest < number) {
            self.ascending = Some(number);
            self.messages.push(message);
            return;
        }
        let end = self.messages.len();
        let rest = match self.look_up(requested).entry(number) {
            Entry::Occupied(place) => {
                let place = *place.get();
                match self.messages.get_mut(place) {
                    Some(known) => known.merge(message),
                    None => Some(message),
                }
            }
            Entry::Vacant(place) => {
                place.insert(end);
                Some(message)
            }
        };
        self.messages.extend(rest);
    }

    fn look_up(&mut self, requested: RequestedItems) -> &mut HashMap<u32, usize> {
        let messages = &self.messages;
        self.places.get_or_insert_with(|| {
            let known = messages.iter().enumerate();
            let known = known
                .filter_map(|(at, message)| Some((requested.number_of(message.responses())?, at)));
            known.collect()
        })
    }
}
