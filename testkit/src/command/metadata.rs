//! GETMETADATA and SETMETADATA.

use crate::connection::{Answer, Connection, Outcome, no, ok};
use crate::grammar::account::{Depth, GetMetadata, Value};
use crate::reply::Reply;
use crate::store::account::Mailboxes;
use crate::store::mailbox::Metadata;

/// The longest value that can be set, in octets.
const LONGEST: usize = 64 << 10;

impl Connection {
    pub(super) fn metadata(&mut self, get: &GetMetadata) -> Outcome {
        let account = self.account()?;
        let mailboxes = account.lock();
        if let Err(answer) = found(&get.mailbox, &mailboxes) {
            return Ok(answer);
        }
        let metadata = match get.mailbox.as_str() {
            "" => Some(&mailboxes.metadata),
            name => mailboxes.get(name).map(|mailbox| &mailbox.metadata),
        };
        let most = get.max_size.map_or(usize::MAX, |octets| {
            usize::try_from(octets).unwrap_or(usize::MAX)
        });
        let is_wanted = |name: &str| {
            let mut wanted = get.entries.iter();
            wanted.any(|wanted| is_within(name, wanted, get.depth))
        };
        let (short, long): (Vec<_>, Vec<_>) = metadata
            .into_iter()
            .flatten()
            .filter(|(name, _)| is_wanted(name))
            .partition(|(_, value)| value.len() <= most);
        if !short.is_empty() {
            self.wire
                .send(&metadata_line(&get.mailbox, short, self.utf8))?;
        }
        match long.iter().map(|(_, value)| value.len()).max() {
            Some(longest) => ok(&format!("[METADATA LONGENTRIES {longest}] Done")),
            None => ok("Done"),
        }
    }

    pub(super) fn set_metadata(&mut self, name: &str, values: Vec<Value>) -> Outcome {
        let account = self.account()?;
        let mut mailboxes = account.lock();
        if let Err(answer) = found(name, &mailboxes) {
            return Ok(answer);
        }
        let lengths = values.iter().filter_map(|(_, value)| value.as_ref());
        if lengths.map(Vec::len).max() > Some(LONGEST) {
            return no(&format!("[METADATA MAXSIZE {LONGEST}] This is too long"));
        }
        let metadata = match name {
            "" => Some(&mut mailboxes.metadata),
            name => mailboxes.get_mut(name).map(|mailbox| &mut mailbox.metadata),
        };
        let Some(metadata) = metadata else {
            return no("[NONEXISTENT] There is no such mailbox");
        };
        for (name, value) in values {
            match value {
                Some(value) => metadata.insert(name, value),
                None => metadata.remove(&name),
            };
        }
        ok("Done")
    }
}

/// Refuses a mailbox that is not there; without a name it is the server.
fn found(name: &str, mailboxes: &Mailboxes) -> Result<(), Answer> {
    match name.is_empty() || mailboxes.get(name).is_some() {
        true => Ok(()),
        false => Err(Answer::No("[NONEXISTENT] There is no such mailbox".into())),
    }
}

fn is_within(name: &str, wanted: &str, depth: Depth) -> bool {
    let Some(rest) = name.strip_prefix(wanted) else {
        return false;
    };
    let levels = rest.matches('/').count();
    rest.is_empty()
        || rest.starts_with('/')
            && match depth {
                Depth::Zero => false,
                Depth::One => levels == 1,
                Depth::Infinity => true,
            }
}

/// The METADATA response of LIST: those of these entries that are there.
pub(super) fn chosen_line(name: &str, metadata: &Metadata, wanted: &[String], utf8: bool) -> Reply {
    let is_wanted = |(name, _): &(&String, &Vec<u8>)| wanted.contains(name);
    metadata_line(name, metadata.iter().filter(is_wanted), utf8)
}

/// The whole METADATA response.
fn metadata_line<'m>(
    name: &str,
    entries: impl IntoIterator<Item = (&'m String, &'m Vec<u8>)>,
    utf8: bool,
) -> Reply {
    let mut reply = Reply::new("* METADATA ");
    reply.mailbox(name, utf8);
    for (place, (entry, value)) in entries.into_iter().enumerate() {
        reply.push(if place > 0 { " " } else { " (" });
        reply.string(entry.as_bytes());
        reply.push(" ");
        reply.string(value);
    }
    reply.push(")");
    reply
}
