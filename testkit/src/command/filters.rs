//! FILTERS (RFC 5466): searches that are stored under a name, as metadata of the server.

use std::io;

use crate::connection::{Answer, Connection};
use crate::grammar::search::Key;
use crate::grammar::{Body, stored_search};
use crate::store::mailbox::Metadata;

/// How many stored searches one search may name, directly and through others.
const MOST: usize = 100;

/// Where they are stored.
const PLACES: [&str; 2] = ["/private/filters/values/", "/shared/filters/values/"];

impl Connection {
    /// Puts stored searches in the place of their names; returns the answer if there is none of a name.
    pub(super) fn put_in_filters(&self, body: &mut Body) -> io::Result<Option<Answer>> {
        let Some(search) = body.search_mut() else {
            return Ok(None);
        };
        let account = self.account()?;
        let mailboxes = account.lock();
        let (mut keys, mut left) = (search.keys.iter_mut(), MOST);
        let outcome = keys.try_for_each(|key| put_in(key, &mailboxes.metadata, &mut left));
        Ok(outcome.err().map(|name| {
            Answer::No(format!(
                "[UNDEFINED-FILTER {name}] There is no search with this name"
            ))
        }))
    }
}

/// Returns the name of which there is no search, or only one that names itself or too many others.
fn put_in(key: &mut Key, metadata: &Metadata, left: &mut usize) -> Result<(), String> {
    match key {
        Key::Filter(name) => {
            let places = PLACES.map(|place| format!("{place}{name}"));
            let is_it = |entry: &String| places.iter().any(|it| it.eq_ignore_ascii_case(entry));
            let value = metadata.iter().find(|(entry, _)| is_it(entry));
            let value = value.filter(|_| *left > 0);
            *left = left.saturating_sub(1);
            let keys = value.and_then(|(_, value)| stored_search(value));
            let mut keys = keys.ok_or_else(|| name.clone())?;
            let mut each = keys.iter_mut();
            each.try_for_each(|key| put_in(key, metadata, left))?;
            *key = Key::And(keys);
            Ok(())
        }
        Key::And(keys) => keys
            .iter_mut()
            .try_for_each(|key| put_in(key, metadata, left)),
        Key::Or(one, other) => {
            put_in(one, metadata, left)?;
            put_in(other, metadata, left)
        }
        Key::Not(key) | Key::Negated(key) => put_in(key, metadata, left),
        _ => Ok(()),
    }
}
