//! FETCH.

use std::io;

use crate::command::limit::{Limited, cut};
use crate::command::search::page;
use crate::command::{Chosen, label_text};
use crate::connection::{Answer, Connection, Outcome, bad, no, ok};
use crate::extra::{email_id, gmail_message_id, gmail_thread_id, preview, thread_id};
use crate::grammar::fetch::{Fetch, Item, Partial, Section};
use crate::grammar::sets::Set;
use crate::mime::part::Part;
use crate::mime::style::{Odd, Style};
use crate::mime::{decode, envelope, header, section, structure};
use crate::numbers::Numbers;
use crate::reply::Reply;
use crate::store::mailbox::{Mailbox, Message};
use crate::store::view::{View, shown};

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
    pub(super) fn fetch(&mut self, mut asked: Fetch) -> Outcome {
        if asked.vanished && !self.qresync {
            return bad("VANISHED needs QRESYNC to be enabled");
        }
        if asked.since.is_some() && !asked.items.contains(&Item::ModSeq) {
            asked.items.push(Item::ModSeq);
        }
        if asked.uid && !self.uid_only && !asked.items.contains(&Item::Uid) {
            asked.items.insert(0, Item::Uid);
        }
        self.condstore |= asked.items.contains(&Item::ModSeq);
        self.sync_before()?;
        let (id, limit) = (self.id, self.message_limit());
        let found = self.selected(|view, mailbox| -> Result<_, Answer> {
            let chosen = Chosen::new(&asked.set, asked.uid, view)?;
            let since = asked.since.map(|since| mailbox.history.since(since));
            let gone = since.filter(|_| asked.vanished).map(|since| {
                // `*` is no bound here: the highest UIDs may be among those that have gone.
                let end = Some(mailbox.uid_next.saturating_sub(1));
                let known = match asked.set {
                    Set::Saved => chosen.numbers.clone(),
                    Set::Ranges(_) => Numbers::resolve(&asked.set, end),
                };
                mailbox.vanished_since(since, &known)
            });
            let (mut rows, limited) = rows(view, mailbox, &chosen, Some(&asked), limit)?;
            let is_whole = asked.since.is_none() && asked.partial.is_none() && limited.is_none();
            let is_short = is_whole && rows.len() < view.known(&chosen);
            if asked.items.iter().any(Item::sets_seen) && !view.read_only {
                set_seen(&mut rows, view, mailbox, id);
            }
            let gone = gone.filter(|gone| !gone.is_empty());
            Ok((gone, rows, limited, is_short))
        });
        let (gone, rows, limited, is_short) = match found {
            Some(Ok(found)) => found,
            Some(Err(answer)) => return Ok(answer),
            None => return no("The mailbox has gone"),
        };
        if let Some(gone) = gone {
            self.wire.say(&format!("* VANISHED (EARLIER) {gone}"))?;
        }
        let complete = self.send_rows(&rows, &asked.items)?;
        match limited {
            Some(limited) => ok(&format!("{} Fetched", limited.code())),
            None if is_short && self.misses_expunged() => {
                no("Some messages could not be FETCHed (Failure)")
            }
            None if complete => ok("Fetched"),
            None => no("[UNKNOWN-CTE] Some parts cannot be decoded"),
        }
    }

    /// Sends what is asked for of the messages with these sequence numbers.
    pub(super) fn send_between(&mut self, first: u32, last: u32, items: &[Item]) -> io::Result<()> {
        let chosen = Chosen {
            numbers: Numbers::from_ranges(vec![(first, last)]),
            uid: false,
        };
        let rows = self.selected(|view, mailbox| rows(view, mailbox, &chosen, None, None));
        match rows {
            Some(Ok((rows, _))) => self.send_rows(&rows, items).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// Sends the responses; false when something could not be had.
    fn send_rows(&mut self, rows: &[Row], items: &[Item]) -> io::Result<bool> {
        let tells = |row: &&Row| row.seen || items.contains(&Item::ModSeq);
        if self.condstore {
            let highest = rows.iter().filter(tells).map(|row| row.mod_seq).max();
            self.saw_mod_seq(highest.unwrap_or_default());
        }
        let mut all = true;
        for row in rows {
            let form = Form {
                uid_only: self.uid_only,
                mod_seqs: self.condstore && !self.has_no_mod_seq(),
                style: self.shared.settings.style,
            };
            let (reply, complete) = reply(row, items, form);
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
    asked: Option<&Fetch>,
    limit: Option<usize>,
) -> Result<(Vec<Row>, Option<Limited>), Answer> {
    let mailbox = view.shown(mailbox);
    let partial = asked.and_then(|asked| asked.partial);
    let mut found = match asked.and_then(|asked| asked.since) {
        Some(since) => view.changed(mailbox, Some(chosen), mailbox.history.since(since)),
        None => view.chosen(mailbox, chosen).collect(),
    };
    if let Some((near, far)) = partial {
        found = page(&found, near, far).to_vec();
    }
    let limited = cut(&mut found, limit);
    if let Some(limited) = limited {
        if partial.is_some() {
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

/// How responses are written.
#[derive(Clone, Copy)]
struct Form {
    uid_only: bool,
    /// A change of flags comes with its mod-sequence (RFC 7162, section 3.2).
    mod_seqs: bool,
    style: Style,
}

/// The response, and whether all that was asked for is in it.
fn reply(row: &Row, items: &[Item], form: Form) -> (Reply, bool) {
    let mut reply = match form.uid_only {
        true => Reply::new(&format!("* {} UIDFETCH (", row.message.uid)),
        false => Reply::new(&format!("* {} FETCH (", row.seq)),
    };
    let mut complete = true;
    for (number, item) in items.iter().enumerate() {
        reply.push(if number > 0 { " " } else { "" });
        complete &= write(&mut reply, row, item, form.style);
    }
    if row.seen && !items.contains(&Item::Flags) {
        reply.push(&format!(" FLAGS ({})", row.flags()));
    }
    if row.seen && form.mod_seqs && !items.contains(&Item::ModSeq) {
        reply.push(&format!(" MODSEQ ({})", row.mod_seq));
    }
    reply.push(")");
    (reply, complete)
}

/// Writes one item; false when it cannot be had.
fn write(reply: &mut Reply, row: &Row, item: &Item, style: Style) -> bool {
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
        Item::Size => reply.push(&format!("RFC822.SIZE {}", bytes.len())),
        Item::Envelope => {
            reply.push("ENVELOPE ");
            envelope::write(reply, header::split(bytes).0, style);
        }
        Item::Body | Item::BodyStructure => {
            let extended = *item == Item::BodyStructure;
            reply.push(if extended { "BODYSTRUCTURE " } else { "BODY " });
            structure::write(reply, &Part::parse(bytes), extended, style);
        }
        Item::Rfc822 => literal(reply, "RFC822", bytes),
        Item::Rfc822Header => literal(reply, "RFC822.HEADER", header::split(bytes).0),
        Item::Rfc822Text => literal(reply, "RFC822.TEXT", header::split(bytes).1),
        Item::Section {
            section, partial, ..
        } => write_section(reply, bytes, section, *partial, style),
        Item::Binary { part, partial, .. } => {
            return write_binary(reply, bytes, part, Some(*partial));
        }
        Item::BinarySize(part) => return write_binary(reply, bytes, part, None),
        item => write_extra(reply, message, item),
    }
    true
}

/// Writes an item of RFC 8474, RFC 8514, RFC 8970 or of Gmail's.
fn write_extra(reply: &mut Reply, message: &Message, item: &Item) {
    let bytes: &[u8] = &message.bytes;
    match item {
        Item::EmailId => reply.push(&format!("EMAILID ({})", email_id(bytes))),
        Item::ThreadId => reply.push(&format!("THREADID ({})", thread_id(bytes))),
        Item::SaveDate => {
            let date = message.save_date.format("%e-%b-%Y %H:%M:%S %z");
            reply.push(&format!("SAVEDATE \"{date}\""));
        }
        Item::Preview => {
            reply.push("PREVIEW ");
            reply.literal(preview(bytes).as_bytes());
        }
        Item::GmailMessageId => reply.push(&format!("X-GM-MSGID {}", gmail_message_id(bytes))),
        Item::GmailThreadId => reply.push(&format!("X-GM-THRID {}", gmail_thread_id(bytes))),
        Item::GmailLabels => {
            let labels: Vec<String> = message.labels.iter().map(|l| label_text(l)).collect();
            reply.push(&format!("X-GM-LABELS ({})", labels.join(" ")));
        }
        _ => {}
    }
}

fn write_section(
    reply: &mut Reply,
    bytes: &[u8],
    name: &Section,
    partial: Option<Partial>,
    style: Style,
) {
    section::write_name(reply, name, partial);
    reply.push(" ");
    match section::content(bytes, name) {
        Some(content) => reply.literal(section::partial(&content, partial)),
        None if style.has(Odd::OmittedSections) => {}
        None => reply.push("NIL"),
    }
}

/// BINARY[..], or BINARY.SIZE[..] when `partial` is `None` (RFC 3516).
fn write_binary(
    reply: &mut Reply,
    bytes: &[u8],
    numbers: &[u32],
    partial: Option<Option<Partial>>,
) -> bool {
    let name = section::dotted(numbers);
    let message = Part::parse(bytes);
    let decoded = match numbers {
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
