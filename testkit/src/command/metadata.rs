//! GETMETADATA and SETMETADATA.

use imap_codec::imap_types::core::NString8;
use imap_codec::imap_types::extensions::metadata::{Depth, Entry, EntryValue, GetMetadataOption};
use imap_codec::imap_types::mailbox::Mailbox as Name;

use crate::connection::{Answer, Connection, Outcome, no, ok};
use crate::names;
use crate::reply::Reply;
use crate::store::account::Mailboxes;
use crate::store::mailbox::Metadata;

/// The longest value that can be set, in octets.
const LONGEST: usize = 64 << 10;

impl Connection {
    pub(super) fn metadata(
        &mut self,
        name: &Name<'_>,
        names: &[Entry<'_>],
        options: &[GetMetadataOption],
    ) -> Outcome {
        let account = self.account()?;
        let mailboxes = account.lock();
        let name = match found(name, self.utf8, &mailboxes) {
            Ok(name) => name,
            Err(answer) => return Ok(answer),
        };
        let metadata = match name.as_str() {
            "" => Some(&mailboxes.metadata),
            name => mailboxes.get(name).map(|mailbox| &mailbox.metadata),
        };
        let (mut most, mut depth) = (usize::MAX, &Depth::Null);
        for option in options {
            match option {
                GetMetadataOption::MaxSize(octets) => {
                    most = usize::try_from(*octets).unwrap_or(usize::MAX);
                }
                GetMetadataOption::Depth(told) => depth = told,
            }
        }
        let wanted: Vec<String> = names.iter().map(lower).collect();
        let (short, long): (Vec<_>, Vec<_>) = metadata
            .into_iter()
            .flatten()
            .filter(|(name, _)| wanted.iter().any(|wanted| is_within(name, wanted, depth)))
            .partition(|(_, value)| value.len() <= most);
        if !short.is_empty() {
            self.wire.send(&metadata_line(&name, short, self.utf8))?;
        }
        match long.iter().map(|(_, value)| value.len()).max() {
            Some(longest) => ok(&format!("[METADATA LONGENTRIES {longest}] Done")),
            None => ok("Done"),
        }
    }

    pub(super) fn set_metadata(&mut self, name: &Name<'_>, values: &[EntryValue<'_>]) -> Outcome {
        let account = self.account()?;
        let mut mailboxes = account.lock();
        let name = match found(name, self.utf8, &mailboxes) {
            Ok(name) => name,
            Err(answer) => return Ok(answer),
        };
        let value = |value: &EntryValue<'_>| match &value.value {
            NString8::NString(text) => text.0.as_ref().map(|text| text.as_ref().to_vec()),
            NString8::Literal8(literal) => Some(literal.data.to_vec()),
        };
        let values: Vec<_> = values
            .iter()
            .map(|one| (lower(&one.entry), value(one)))
            .collect();
        let lengths = values.iter().filter_map(|(_, value)| value.as_ref());
        if lengths.map(Vec::len).max() > Some(LONGEST) {
            return no(&format!("[METADATA MAXSIZE {LONGEST}] This is too long"));
        }
        let metadata = match name.as_str() {
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

/// The name of a mailbox that is there, or nothing for the server.
fn found(name: &Name<'_>, utf8: bool, mailboxes: &Mailboxes) -> Result<String, Answer> {
    let name = names::mailbox(name, utf8).unwrap_or_default();
    match name.is_empty() || mailboxes.get(&name).is_some() {
        true => Ok(name),
        false => Err(Answer::No("[NONEXISTENT] There is no such mailbox".into())),
    }
}

fn lower(entry: &Entry<'_>) -> String {
    String::from_utf8_lossy(entry.as_ref()).to_ascii_lowercase()
}

fn is_within(name: &str, wanted: &str, depth: &Depth) -> bool {
    let Some(rest) = name.strip_prefix(wanted) else {
        return false;
    };
    let levels = rest.matches('/').count();
    rest.is_empty()
        || rest.starts_with('/')
            && match depth {
                Depth::Null => false,
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
