//! The values of a case in the words of its file.

use std::borrow::Cow;
use std::fmt::Display;

use latchbox::command::{Appended, Copied};
use latchbox::message::{BodyStructure, Envelope, Fetch};
use latchbox::quota::{QuotaRoots, QuotaUsage};
use latchbox::types::{
    Flag, ListEntry, Mailbox, MailboxStatus, Namespace, Namespaces, Section, SpecialMailboxes,
};

/// Names and values in the order in which they came; what there is none of has no line.
#[derive(Default)]
pub(crate) struct Values(pub(crate) Vec<(String, String)>);

impl Values {
    pub(crate) fn add(&mut self, name: &str, value: impl Display) {
        self.0.push((name.to_owned(), value.to_string()));
    }

    pub(crate) fn option(&mut self, name: &str, value: Option<impl Display>) {
        self.all(name, value);
    }

    pub(crate) fn all(&mut self, name: &str, values: impl IntoIterator<Item = impl Display>) {
        for value in values {
            self.add(name, value);
        }
    }

    fn bytes(&mut self, name: &str, value: Option<Cow<'_, [u8]>>) {
        self.option(name, value.as_deref().map(<[u8]>::escape_ascii));
    }
}

fn words(words: impl IntoIterator<Item = impl Display>) -> String {
    let words: Vec<_> = words.into_iter().map(|word| word.to_string()).collect();
    words.join(" ")
}

pub(crate) fn message(message: &Fetch, sections: &[Section], values: &mut Values) {
    values.add("uid", message.uid());
    values.option("size", message.size());
    values.option("modseq", message.mod_seq());
    values.option("flags", message.flags().map(words));
    if let Ok(Some(date)) = message.internal_date() {
        values.add("date", date);
    }
    if let Ok(found) = message.envelope() {
        envelope(&found, values);
    }
    if let Ok(found) = message.body_structure() {
        body_structure(&found, values);
    }
    for section in sections {
        let body = message.body(section);
        values.option(&format!("BODY{section}"), body.map(<[u8]>::escape_ascii));
    }
    values.option("emailid", message.email_id());
    values.option("threadid", message.thread_id());
    values.option("gmail-message", message.gmail_message_id());
    values.option("gmail-thread", message.gmail_thread_id());
    values.option("labels", message.gmail_labels().map(words));
    if let Ok(Some(preview)) = message.preview() {
        values.add("preview", preview);
    }
    values.all(
        "broken",
        message.errors().map(|error| error.item().to_owned()),
    );
}

fn envelope(envelope: &Envelope<'_>, values: &mut Values) {
    if let Some(date) = envelope.date() {
        values.add("sent", date);
    }
    values.add("subject", envelope.subject());
    values.all("from", envelope.from());
    values.all("to", envelope.to());
    values.all("cc", envelope.cc());
    values.all("reply-to", envelope.reply_addresses());
    values.all(
        "host",
        envelope
            .from()
            .filter_map(|from| from.host().map(Cow::into_owned)),
    );
    values.bytes("in-reply-to", envelope.in_reply_to());
    values.bytes("message-id", envelope.message_id());
}

fn body_structure(structure: &BodyStructure<'_>, values: &mut Values) {
    for part in structure.parts() {
        let number = part.number().unwrap_or_else(|| "-".to_owned());
        values.add(
            "part",
            format!("{number} {}/{}", part.media_type(), part.media_subtype()),
        );
        values.add("encoding", part.encoding());
        values.option("octets", part.octets());
        values.option("lines", part.lines());
        values.option("description", part.description());
        let disposition = part.disposition();
        values.option(
            "disposition",
            disposition.map(|found| found.kind().to_owned()),
        );
        values.option("charset", part.parameter("charset"));
        values.option("file", part.file_name());
        values.all("language", part.languages());
        values.bytes("location", part.location());
    }
}

pub(crate) fn appended(appended: &Appended, values: &mut Values) {
    values.option("uid", appended.uid());
    values.option("uidvalidity", appended.uid_validity());
}

pub(crate) fn copied(copied: &Copied, values: &mut Values) {
    values.option("copies", copied.copies());
    values.all(
        "pair",
        copied
            .pairs()
            .map(|(source, copy)| format!("{source} {copy}")),
    );
}

pub(crate) fn listed(entries: &[ListEntry], values: &mut Values) {
    for entry in entries {
        values.add("name", entry.name());
        values.add("attributes", words(entry.attributes()));
        values.option("delimiter", entry.delimiter());
        if let Some(counts) = entry.status() {
            values.option("messages", counts.messages());
        }
    }
}

pub(crate) fn namespaces(found: &Namespaces, values: &mut Values) {
    let shown =
        |namespace: &Namespace| format!("{:?} {:?}", namespace.prefix(), namespace.delimiter());
    values.all("personal", found.personal().iter().map(shown));
    values.all("others", found.other_users().iter().map(shown));
    values.all("shared", found.shared().iter().map(shown));
}

pub(crate) fn quotas(found: &QuotaRoots, values: &mut Values) {
    values.all("root", found.roots());
    for quota in found.quotas() {
        let used = |usage: &QuotaUsage| format!("{} of {}", usage.usage(), usage.limit());
        values.all("used", quota.resources().iter().map(used));
    }
}

pub(crate) fn mailbox(mailbox: &Mailbox, values: &mut Values) {
    values.add("name", mailbox.name());
    values.add("exists", mailbox.exists());
    values.add("flags", words(mailbox.flags()));
    values.add("permanent", mailbox.permanent_flags());
    let asked = [Flag::Seen, Flag::Flagged, Flag::keyword("$Work").unwrap()];
    let kept = asked
        .into_iter()
        .filter(|flag| mailbox.permanent_flags().keeps(flag));
    values.all("keeps", kept);
    values.option("uidvalidity", mailbox.uid_validity());
    values.option("uidnext", mailbox.uid_next());
    values.option("unseen", mailbox.first_unseen());
    values.option("highestmodseq", mailbox.highest_mod_seq());
}

pub(crate) fn status(status: &MailboxStatus, values: &mut Values) {
    values.add("name", status.name());
    values.option("messages", status.messages());
    values.option("uidnext", status.uid_next());
    values.option("uidvalidity", status.uid_validity());
}

pub(crate) fn special(found: &SpecialMailboxes, values: &mut Values) {
    for special in found.iter() {
        let (name, by) = (special.mailbox().name(), special.found_by());
        values.add(
            "special",
            format!("{} {name} {by:?}", special.special_use()),
        );
    }
}
