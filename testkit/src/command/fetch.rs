//! FETCH.

use std::num::NonZeroU32;

use imap_codec::imap_types::fetch::{MessageDataItemName as Item, Section};
use imap_codec::imap_types::sequence::SequenceSet;

use crate::command::Chosen;
use crate::connection::{Answer, Connection, Outcome, no, ok};
use crate::extra::Extra;
use crate::mime::part::Part;
use crate::mime::{decode, envelope, header, section, structure};
use crate::numbers::Numbers;
use crate::reply::Reply;
use crate::store::mailbox::{Mailbox, Message};
use crate::store::view::{View, shown};

/// What a FETCH asks for.
pub(super) struct Asked<'a> {
    pub(super) items: Vec<Item<'a>>,
    pub(super) extras: &'a [Extra],
    /// Only what changed after this mod-sequence.
    pub(super) since: Option<u64>,
    /// And the UIDs that have gone since (RFC 7162).
    pub(super) vanished: bool,
}

/// A message to answer with, as it was when the command came.
struct Row {
    seq: u32,
    message: Message,
    mod_seq: u64,
    recent: bool,
    /// The command has set `\Seen` on it.
    seen: bool,
}

impl Connection {
    pub(super) fn fetch(
        &mut self,
        set: &SequenceSet,
        uid: bool,
        Asked {
            mut items,
            extras,
            since,
            vanished,
        }: Asked<'_>,
    ) -> Outcome {
        if uid && !items.contains(&Item::Uid) {
            items.insert(0, Item::Uid);
        }
        if since.is_some() && !items.contains(&Item::ModSeq) {
            items.push(Item::ModSeq);
        }
        self.condstore |= items.contains(&Item::ModSeq);
        self.sync(false)?;
        let sees = items.iter().any(sets_seen);
        let id = self.id;
        let found = self.selected(|view, mailbox| -> Result<_, Answer> {
            let chosen = Chosen::new(set, uid, view)?;
            let since = since.map(|since| mailbox.history.since(since));
            let gone = since.filter(|_| vanished).map(|since| {
                // `*` is no bound here: the highest UIDs may be among those that have gone.
                let end = Some(mailbox.uid_next.saturating_sub(1));
                mailbox.vanished_since(since, &Numbers::resolve(set, end))
            });
            let rows = rows(view, mailbox, &chosen, since, sees.then_some(id));
            Ok((gone.filter(|gone| !gone.is_empty()), rows))
        });
        let (gone, rows) = match found {
            Some(Ok(found)) => found,
            Some(Err(answer)) => return Ok(answer),
            None => return no("The mailbox has gone"),
        };
        if let Some(gone) = gone {
            self.wire.say(&format!("* VANISHED (EARLIER) {gone}"))?;
        }
        if items.contains(&Item::ModSeq) {
            let highest = rows.iter().map(|row| row.mod_seq).max();
            self.saw_mod_seq(highest.unwrap_or_default());
        }
        let mut unknown = false;
        for row in rows {
            let (reply, complete) = reply(&row, &items, extras);
            unknown |= !complete;
            self.wire.send(&reply)?;
        }
        if unknown {
            no("[UNKNOWN-CTE] Some parts cannot be decoded")
        } else {
            ok("Fetched")
        }
    }
}

impl Row {
    fn flags(&self) -> String {
        shown(&self.message.flags, self.recent)
    }
}

/// The messages that are asked for; `seen_by` is set when the command marks them as seen.
fn rows(
    view: &View,
    mailbox: &mut Mailbox,
    chosen: &Chosen,
    since: Option<u64>,
    seen_by: Option<u64>,
) -> Vec<Row> {
    let row = |(seq, message): (u32, &Message)| Row {
        seq,
        message: message.clone(),
        mod_seq: mailbox.mod_seq(message),
        recent: view.is_recent(message.uid),
        seen: false,
    };
    let mut rows: Vec<Row> = match since {
        Some(since) => {
            let changed = view.changed(mailbox, Some(chosen), since).into_iter();
            changed.map(row).collect()
        }
        None => view.chosen(mailbox, chosen).map(row).collect(),
    };
    let Some(connection) = seen_by.filter(|_| !view.read_only) else {
        return rows;
    };
    for row in rows
        .iter_mut()
        .filter(|row| !row.message.flags.has("\\Seen"))
    {
        row.message.flags.insert("\\Seen");
        mailbox.set_flags(row.message.uid, row.message.flags.clone(), connection);
        row.mod_seq = mailbox.highest_mod_seq();
        row.seen = true;
    }
    rows
}

fn sets_seen(item: &Item<'_>) -> bool {
    matches!(
        item,
        Item::Rfc822
            | Item::Rfc822Text
            | Item::BodyExt { peek: false, .. }
            | Item::Binary { peek: false, .. }
    )
}

/// The response, and whether all that was asked for is in it.
fn reply(row: &Row, items: &[Item<'_>], extras: &[Extra]) -> (Reply, bool) {
    let mut reply = Reply::new(&format!("* {} FETCH (", row.seq));
    let mut complete = true;
    for (number, item) in items.iter().enumerate() {
        reply.push(if number > 0 { " " } else { "" });
        complete &= write(&mut reply, row, item);
    }
    for extra in extras {
        extra.write(&mut reply, &row.message);
    }
    if row.seen && !items.contains(&Item::Flags) {
        reply.push(&format!(" FLAGS ({})", row.flags()));
    }
    reply.push(")");
    (reply, complete)
}

/// Writes one item; false when it cannot be had.
fn write(reply: &mut Reply, row: &Row, item: &Item<'_>) -> bool {
    let message = &row.message;
    let bytes: &[u8] = &message.bytes;
    let literal = |reply: &mut Reply, name: &str, value: &[u8]| {
        reply.push(&format!("{name} "));
        reply.literal(value);
    };
    match item {
        Item::Uid => reply.push(&format!("UID {}", message.uid)),
        Item::Flags => reply.push(&format!("FLAGS ({})", row.flags())),
        Item::ModSeq => reply.push(&format!("MODSEQ ({})", row.mod_seq)),
        Item::InternalDate => {
            let date = message.internal_date.format("%e-%b-%Y %H:%M:%S %z");
            reply.push(&format!("INTERNALDATE \"{date}\""));
        }
        Item::Rfc822Size => reply.push(&format!("RFC822.SIZE {}", bytes.len())),
        Item::Envelope => {
            reply.push("ENVELOPE ");
            envelope::write(reply, header::split(bytes).0);
        }
        Item::Body | Item::BodyStructure => {
            let extended = *item == Item::BodyStructure;
            reply.push(if extended { "BODYSTRUCTURE " } else { "BODY " });
            structure::write(reply, &Part::parse(bytes), extended);
        }
        Item::Rfc822 => literal(reply, "RFC822", bytes),
        Item::Rfc822Header => literal(reply, "RFC822.HEADER", header::split(bytes).0),
        Item::Rfc822Text => literal(reply, "RFC822.TEXT", header::split(bytes).1),
        Item::BodyExt {
            section, partial, ..
        } => {
            write_section(reply, bytes, section.as_ref(), *partial);
        }
        Item::Binary {
            section, partial, ..
        } => {
            return write_binary(reply, bytes, section, Some(*partial));
        }
        Item::BinarySize { section } => return write_binary(reply, bytes, section, None),
    }
    true
}

fn write_section(
    reply: &mut Reply,
    bytes: &[u8],
    name: Option<&Section<'_>>,
    partial: Option<(u32, NonZeroU32)>,
) {
    section::write_name(reply, name, partial);
    reply.push(" ");
    match section::content(bytes, name) {
        Some(content) => reply.literal(section::partial(&content, partial)),
        None => reply.push("NIL"),
    }
}

/// BINARY[..], or BINARY.SIZE[..] when `partial` is `None` (RFC 3516).
fn write_binary(
    reply: &mut Reply,
    bytes: &[u8],
    numbers: &[NonZeroU32],
    partial: Option<Option<(u32, NonZeroU32)>>,
) -> bool {
    let numbers: Vec<u32> = numbers.iter().map(|number| number.get()).collect();
    let name = section::dotted(&numbers);
    let message = Part::parse(bytes);
    let decoded = match numbers.as_slice() {
        [] => Some(bytes.to_vec()),
        numbers => message.find(numbers).and_then(decode::body),
    };
    let Some(partial) = partial else {
        let octets = decoded.as_ref().map_or(0, Vec::len);
        reply.push(&format!("BINARY.SIZE[{name}] {octets}"));
        return decoded.is_some();
    };
    reply.push(&format!("BINARY[{name}]"));
    if let Some((first, _)) = partial {
        reply.push(&format!("<{first}>"));
    }
    reply.push(" ");
    match &decoded {
        Some(decoded) => reply.literal(section::partial(decoded, partial)),
        None => reply.push("NIL"),
    }
    decoded.is_some()
}
