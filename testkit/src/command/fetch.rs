//! FETCH.

use std::io;
use std::num::NonZeroU32;

use imap_codec::imap_types::command::FetchModifier;
use imap_codec::imap_types::fetch::{
    MacroOrMessageDataItemNames, MessageDataItemName as Item, Section,
};
use imap_codec::imap_types::sequence::SequenceSet;

use crate::command::Chosen;
use crate::command::limit::{Limited, cut};
use crate::command::search::page;
use crate::connection::{Answer, Connection, Outcome, bad, no, ok};
use crate::extension::Page;
use crate::extra::Extra;
use crate::mime::part::Part;
use crate::mime::{decode, envelope, header, section, structure};
use crate::numbers::Numbers;
use crate::reply::Reply;
use crate::store::mailbox::{Mailbox, Message};
use crate::store::view::{View, shown};

/// What a FETCH asks for.
pub(super) struct Asked<'a> {
    items: Vec<Item<'a>>,
    extras: &'a [Extra],
    /// Only what changed after this mod-sequence.
    since: Option<u64>,
    /// And the UIDs that have gone since (RFC 7162).
    vanished: bool,
    /// Only a page of it (RFC 9394).
    partial: Option<Page>,
}

/// The items that a name stands for, or that are listed.
pub(super) fn items_of<'a>(names: &'a MacroOrMessageDataItemNames<'a>) -> Vec<Item<'a>> {
    match names {
        MacroOrMessageDataItemNames::Macro(items) => items.expand(),
        MacroOrMessageDataItemNames::MessageDataItemNames(items) => items.clone(),
    }
}

impl<'a> Asked<'a> {
    pub(super) fn new(items: Vec<Item<'a>>, extras: &'a [Extra]) -> Self {
        Self {
            items,
            extras,
            since: None,
            vanished: false,
            partial: None,
        }
    }

    pub(super) fn modified(mut self, modifiers: &[FetchModifier], partial: Option<Page>) -> Self {
        self.partial = partial;
        for modifier in modifiers {
            match modifier {
                FetchModifier::ChangedSince(since) => self.since = Some(since.get()),
                FetchModifier::Vanished => self.vanished = true,
            }
        }
        if self.since.is_some() && !self.items.contains(&Item::ModSeq) {
            self.items.push(Item::ModSeq);
        }
        self
    }
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
    pub(super) fn fetch(&mut self, set: &SequenceSet, uid: bool, mut asked: Asked<'_>) -> Outcome {
        if asked.vanished && !(uid && self.qresync && asked.since.is_some()) {
            return bad("VANISHED needs UID FETCH, CHANGEDSINCE and QRESYNC enabled");
        }
        if uid && !self.uid_only && !asked.items.contains(&Item::Uid) {
            asked.items.insert(0, Item::Uid);
        }
        self.condstore |= asked.items.contains(&Item::ModSeq);
        self.sync_before()?;
        let (id, limit) = (self.id, self.message_limit());
        let found = self.selected(|view, mailbox| -> Result<_, Answer> {
            let chosen = Chosen::new(set, uid, view)?;
            let since = asked.since.map(|since| mailbox.history.since(since));
            let gone = since.filter(|_| asked.vanished).map(|since| {
                // `*` is no bound here: the highest UIDs may be among those that have gone.
                let end = Some(mailbox.uid_next.saturating_sub(1));
                mailbox.vanished_since(since, &Numbers::resolve(set, end))
            });
            let (mut rows, limited) = rows(view, mailbox, &chosen, &asked, limit)?;
            if asked.items.iter().any(sets_seen) && !view.read_only {
                set_seen(&mut rows, view, mailbox, id);
            }
            Ok((gone.filter(|gone| !gone.is_empty()), rows, limited))
        });
        let (gone, rows, limited) = match found {
            Some(Ok(found)) => found,
            Some(Err(answer)) => return Ok(answer),
            None => return no("The mailbox has gone"),
        };
        if let Some(gone) = gone {
            self.wire.say(&format!("* VANISHED (EARLIER) {gone}"))?;
        }
        let complete = self.send_rows(&rows, &asked)?;
        match limited {
            Some(limited) => ok(&format!("{} Fetched", limited.code())),
            None if complete => ok("Fetched"),
            None => no("[UNKNOWN-CTE] Some parts cannot be decoded"),
        }
    }

    /// Sends what is asked for of the messages with these sequence numbers.
    pub(super) fn send_between(
        &mut self,
        first: u32,
        last: u32,
        asked: &Asked<'_>,
    ) -> io::Result<()> {
        let chosen = Chosen {
            numbers: Numbers::from_ranges(vec![(first, last)]),
            uid: false,
        };
        let rows = self.selected(|view, mailbox| rows(view, mailbox, &chosen, asked, None));
        match rows {
            Some(Ok((rows, _))) => self.send_rows(&rows, asked).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// Sends the responses; false when something could not be had.
    fn send_rows(&mut self, rows: &[Row], asked: &Asked<'_>) -> io::Result<bool> {
        if asked.items.contains(&Item::ModSeq) {
            let highest = rows.iter().map(|row| row.mod_seq).max();
            self.saw_mod_seq(highest.unwrap_or_default());
        }
        let mut all = true;
        for row in rows {
            let (reply, complete) = reply(row, asked, self.uid_only);
            all &= complete;
            self.wire.send(&reply)?;
        }
        Ok(all)
    }
}

impl Row {
    fn flags(&self) -> String {
        shown(&self.message.flags, self.recent)
    }
}

/// The messages that are asked for, and where that was too much for one command.
fn rows(
    view: &View,
    mailbox: &Mailbox,
    chosen: &Chosen,
    asked: &Asked<'_>,
    limit: Option<usize>,
) -> Result<(Vec<Row>, Option<Limited>), Answer> {
    let mailbox = view.shown(mailbox);
    let mut found = match asked.since {
        Some(since) => view.changed(mailbox, Some(chosen), mailbox.history.since(since)),
        None => view.chosen(mailbox, chosen).collect(),
    };
    if let Some((near, far)) = asked.partial {
        found = page(&found, near, far).to_vec();
    }
    let limited = cut(&mut found, limit);
    if let Some(limited) = limited {
        if asked.partial.is_some() {
            return Err(limited.refusal());
        }
        found.reverse();
    }
    let rows = found.into_iter().map(|(seq, message)| Row {
        seq,
        message: message.clone(),
        mod_seq: mailbox.mod_seq(message),
        recent: view.is_recent(message.uid),
        seen: false,
    });
    Ok((rows.collect(), limited))
}

fn set_seen(rows: &mut [Row], view: &mut View, mailbox: &mut Mailbox, connection: u64) {
    let unseen = |row: &&mut Row| !row.message.flags.has("\\Seen");
    for row in rows.iter_mut().filter(unseen) {
        let message = &mut row.message;
        message.flags.insert("\\Seen");
        view.show_own(message.uid, &message.flags);
        mailbox.set_flags(message.uid, message.flags.clone(), connection);
        row.mod_seq = mailbox.highest_mod_seq();
        row.seen = true;
    }
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
fn reply(row: &Row, asked: &Asked<'_>, uid_only: bool) -> (Reply, bool) {
    let Asked { items, extras, .. } = asked;
    let mut reply = match uid_only {
        true => Reply::new(&format!("* {} UIDFETCH (", row.message.uid)),
        false => Reply::new(&format!("* {} FETCH (", row.seq)),
    };
    let mut complete = true;
    for (number, item) in items.iter().enumerate() {
        reply.push(if number > 0 { " " } else { "" });
        complete &= write(&mut reply, row, item);
    }
    for extra in *extras {
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
