//! What the crate tells of a mail on a server, in the terms of what stands beside it.

use std::io::Read;

use latchbox::message::{
    Address, Addresses, Decoded, Envelope, Fetch, Part, PartRole, TransferEncoding,
};
use latchbox::types::{Section, Uid};
use latchbox::{Error, MailboxGuard, ReadOnly, Session};

use super::expected;

/// What there is to see.
pub(super) struct Seen {
    pub(super) head: expected::Head,
    pub(super) parts: Vec<expected::Part>,
    /// The numbers that `attachments` and `embedded` give.
    pub(super) attachments: Vec<String>,
    pub(super) embedded: Vec<String>,
    pub(super) text_part: Option<String>,
    pub(super) html_part: Option<String>,
    /// The part 1 as it lies in the message.
    pub(super) first: Option<Vec<u8>>,
}

/// How the content of parts is decoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By the server, where it does that.
    Binary,
    /// Here.
    Body,
}

impl Seen {
    pub(super) fn of(
        session: &Session,
        uid: Uid,
        message: &Fetch,
        way: Way,
    ) -> latchbox::Result<Self> {
        let mut inbox = session.lock_mailbox_read_only("INBOX")?;
        let structure = message.body_structure().unwrap();
        let number = |part: Part<'_>| part.number().unwrap_or_default();
        let mut seen = Self {
            head: head(&message.envelope().unwrap()),
            parts: Vec::new(),
            attachments: structure.attachments().map(number).collect(),
            embedded: structure.embedded().map(number).collect(),
            text_part: structure.text_part().map(number),
            html_part: structure.html_part().map(number),
            first: None,
        };
        for part in structure.parts() {
            let mut seen_part = of_structure(&part);
            if let Some(envelope) = part.envelope() {
                seen_part.head = head(&envelope);
            }
            if let Some(number) = part.number() {
                let section = Section::part(&number).unwrap();
                let raw = raw(&mut inbox, uid, &section)?;
                if let (Some(raw), false) = (&raw, part.is_multipart()) {
                    content(&mut inbox, uid, &part, raw, way, &mut seen_part)?;
                }
                if number == "1" {
                    seen.first = raw;
                }
            }
            seen.parts.push(seen_part);
        }
        // A message may have a part 1 that the structure does not have.
        if seen.first.is_none() {
            seen.first = raw(&mut inbox, uid, &Section::part("1").unwrap())?;
        }
        Ok(seen)
    }
}

/// A section as it lies in the message; `None` if it has none.
fn raw(
    inbox: &mut MailboxGuard<'_, ReadOnly>,
    uid: Uid,
    section: &Section,
) -> latchbox::Result<Option<Vec<u8>>> {
    let mut raw = Vec::new();
    match inbox.download(uid, section) {
        Ok(mut download) => download.copy_to(&mut raw)?,
        Err(Error::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some(raw))
}

fn of_structure(part: &Part<'_>) -> expected::Part {
    let role = match part.role() {
        PartRole::Multipart => "multipart",
        PartRole::Text => "text",
        PartRole::Embedded => "embedded",
        PartRole::Attachment => "attachment",
        PartRole::Control => "control",
        other => panic!("{other:?}"),
    };
    let media_type = format!("{}/{}", part.media_type(), part.media_subtype());
    let disposition = part.disposition();
    let name = part.file_name();
    expected::Part {
        number: part.number().unwrap_or("-".into()),
        media_type: media_type.to_ascii_lowercase(),
        role: role.into(),
        charset: part.parameter("charset").map(std::borrow::Cow::into_owned),
        disposition: disposition.map(|disposition| disposition.kind().to_ascii_lowercase()),
        file: name.map(|name| name.as_untrusted_str().to_owned()),
        encoded: part.octets(),
        ..expected::Part::default()
    }
}

/// Downloads the content of a part, and its text.
fn content(
    inbox: &mut MailboxGuard<'_, ReadOnly>,
    uid: Uid,
    part: &Part<'_>,
    raw: &[u8],
    way: Way,
    seen: &mut expected::Part,
) -> latchbox::Result<()> {
    let (mut octets, mut text) = (Vec::new(), Vec::new());
    if way == Way::Binary {
        inbox.download_part(uid, part)?.copy_to(&mut octets)?;
        let mut decoded = inbox.download_text(uid, part)?;
        decoded.read_to_end(&mut text)?;
        note_undecoded(&decoded, part, seen);
    } else {
        let encoding = TransferEncoding::of(&part.encoding());
        Decoded::new(raw, encoding).copy_to(&mut octets)?;
        let charset = part.parameter("charset");
        let charset = charset.as_deref().unwrap_or("us-ascii");
        let encoding = TransferEncoding::of(&part.encoding());
        let mut decoded = Decoded::new(raw, encoding).charset(charset);
        decoded.read_to_end(&mut text)?;
        note_undecoded(&decoded, part, seen);
    }
    seen.octets = Some(octets.len() as u64);
    seen.sha256 = Some(digest(&octets));
    // A text in a charset that is not known.
    let text = String::from_utf8_lossy(&text).replace("\r\n", "\n");
    let text = text.trim_end_matches('\n').to_owned();
    seen.text_sha256 = Some(digest(text.as_bytes()));
    seen.text = Some(text);
    Ok(())
}

fn note_undecoded<R>(decoded: &Decoded<R>, part: &Part<'_>, seen: &mut expected::Part) {
    seen.undecoded_encoding = decoded.undecoded_encoding().map(str::to_ascii_lowercase);
    if part.media_type().eq_ignore_ascii_case("text") {
        seen.undecoded = decoded.undecoded_charset().map(ToOwned::to_owned);
    }
}

fn digest(octets: &[u8]) -> String {
    let digest = hmac_sha256::Hash::hash(octets);
    digest.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn head(envelope: &Envelope<'_>) -> expected::Head {
    let date = match envelope.date() {
        Some(date) if date.instant().is_none() => format!("local {date}"),
        Some(date) => date.to_string(),
        None => "none".into(),
    };
    let fields = [
        ("from", envelope.from()),
        ("to", envelope.to()),
        ("cc", envelope.cc()),
        ("sender", envelope.sender()),
        ("reply-to", envelope.reply_to()),
    ];
    expected::Head {
        subject: Some(envelope.subject().into_owned()),
        date: Some(date),
        addresses: fields
            .map(|(field, addresses)| (field.to_owned(), written(addresses)))
            .into(),
    }
}

fn written(addresses: Addresses<'_>) -> Vec<String> {
    addresses.map(|address| of_address(&address)).collect()
}

fn of_address(address: &Address<'_>) -> String {
    let group = address.group().map(|group| format!("[{group}] "));
    let name = address.name().filter(|name| !name.is_empty());
    let name = name.map(|name| format!("{name} "));
    let (group, name) = (group.unwrap_or_default(), name.unwrap_or_default());
    format!("{group}{name}<{}>", address.email().unwrap_or_default())
}
