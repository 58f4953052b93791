//! What imap-codec makes of the items of a FETCH.

use imap_codec::imap_types::body::{self, SpecificFields};
use imap_codec::imap_types::core::{AString, IString};
use imap_codec::imap_types::envelope;
use imap_codec::imap_types::fetch::{MessageDataItem, Part, Section};
use imap_codec::imap_types::flag::FlagFetch;

use super::shown::{Told, lossy, nshown8, shown, their_nstring};

fn their_flag(flag: &FlagFetch<'_>) -> String {
    match flag {
        FlagFetch::Flag(flag) => flag.to_string().to_lowercase(),
        FlagFetch::Recent => "\\recent".into(),
    }
}

/// An item by its name in capitals. Of one that comes twice the first counts.
pub(super) fn their_item(item: &MessageDataItem<'_>, told: &mut Told) {
    let (what, value) = match item {
        MessageDataItem::Uid(uid) => ("UID".into(), uid.to_string()),
        MessageDataItem::Rfc822Size(size) => ("RFC822.SIZE".into(), size.to_string()),
        MessageDataItem::ModSeq(number) => ("MODSEQ".into(), number.to_string()),
        MessageDataItem::Flags(flags) => {
            let flags: Vec<_> = flags.iter().map(their_flag).collect();
            ("FLAGS".into(), format!("{flags:?}"))
        }
        MessageDataItem::InternalDate(date) => ("INTERNALDATE".into(), date.as_ref().to_rfc3339()),
        MessageDataItem::Envelope(envelope) => ("ENVELOPE".into(), their_envelope(envelope)),
        MessageDataItem::Body(structure) | MessageDataItem::BodyStructure(structure) => {
            let mut all = String::new();
            their_structure(structure, &mut all);
            let is_whole = matches!(item, MessageDataItem::BodyStructure(_));
            let name = if is_whole { "BODYSTRUCTURE" } else { "BODY" };
            (name.into(), all)
        }
        MessageDataItem::BodyExt {
            section,
            origin,
            data,
        } => {
            let section = section.as_ref().map_or(Some(String::new()), their_section);
            let Some(section) = section else {
                return;
            };
            let origin = origin.map_or(String::new(), |origin| format!("<{origin}>"));
            (format!("BODY[{section}]{origin}"), their_nstring(data))
        }
        MessageDataItem::Rfc822(data) => ("BODY[]".into(), their_nstring(data)),
        MessageDataItem::Rfc822Header(data) => ("BODY[HEADER]".into(), their_nstring(data)),
        MessageDataItem::Rfc822Text(data) => ("BODY[TEXT]".into(), their_nstring(data)),
        MessageDataItem::Binary { section, value } => {
            (format!("BINARY[{}]", part(section)), nshown8(value))
        }
        MessageDataItem::BinarySize { section, size } => {
            (format!("BINARY.SIZE[{}]", part(section)), size.to_string())
        }
    };
    if told.iter().all(|(other, _)| *other != what) {
        told.push((what, value));
    }
}

fn part(numbers: &[std::num::NonZeroU32]) -> String {
    let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
    numbers.join(".")
}

/// An encoding is the same with blanks around it, as servers send it.
fn trimmed(octets: &[u8]) -> &[u8] {
    std::str::from_utf8(octets).map_or(octets, |text| text.trim().as_bytes())
}

/// Nothing for a section that cannot be asked for, with a name of a field that no message has.
fn their_section(section: &Section<'_>) -> Option<String> {
    let within = |part_of: &Option<Part>, word: &str| match part_of {
        Some(of) => format!("{}.{word}", part(of.0.as_ref())),
        None => word.to_owned(),
    };
    let fields = |names: &[AString<'_>]| {
        let names: Vec<_> = names.iter().map(lossy).collect();
        let is_name =
            |name: &String| !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic());
        let is_plain = |name: &String| {
            is_name(name) && !name.contains(['(', ')', '[', ']', '"', '\\', '{', ':'])
        };
        names.iter().all(is_plain).then(|| names.join(" "))
    };
    Some(match section {
        Section::Part(of) => part(of.0.as_ref()),
        Section::Header(of) => within(of, "HEADER"),
        Section::Text(of) => within(of, "TEXT"),
        Section::Mime(of) => format!("{}.MIME", part(of.0.as_ref())),
        Section::HeaderFields(of, names) => {
            format!(
                "{} ({})",
                within(of, "HEADER.FIELDS"),
                fields(names.as_ref())?
            )
        }
        Section::HeaderFieldsNot(of, names) => {
            format!(
                "{} ({})",
                within(of, "HEADER.FIELDS.NOT"),
                fields(names.as_ref())?
            )
        }
    })
}

fn their_envelope(envelope: &envelope::Envelope<'_>) -> String {
    let lists = [
        &envelope.from,
        &envelope.sender,
        &envelope.reply_to,
        &envelope.to,
        &envelope.cc,
        &envelope.bcc,
    ];
    let lists = lists.map(|list| list.iter().map(their_address).collect::<Vec<_>>());
    let strings = [
        &envelope.date,
        &envelope.subject,
        &envelope.in_reply_to,
        &envelope.message_id,
    ];
    let strings = strings.map(their_nstring);
    format!("{strings:?} {lists:?}")
}

fn their_address(address: &envelope::Address<'_>) -> String {
    let parts = [&address.name, &address.adl, &address.mailbox, &address.host].map(their_nstring);
    line(&parts)
}

/// Where no name and no host is, the mailbox alone: it depends on what follows whether it is the
/// name of a group.
fn line([name, adl, mailbox, host]: &[String; 4]) -> String {
    let is_empty = |part: &str| matches!(part, "NIL" | "\"\"");
    match [mailbox, name, host].map(|part| is_empty(part)) {
        [true, true, true] => "[]".into(),
        [false, true, true] => format!("[{mailbox}]"),
        _ => format!("{name} {adl} {mailbox} {host}"),
    }
}

fn their_structure(structure: &body::BodyStructure<'_>, all: &mut String) {
    match structure {
        body::BodyStructure::Multi {
            bodies,
            subtype,
            extension_data,
        } => {
            let parameters = extension_data
                .as_ref()
                .map_or(String::new(), |data| pairs(&data.parameter_list));
            let tail = tail(extension_data.as_ref().and_then(|data| data.tail.as_ref()));
            let subtype = shown(subtype.as_ref());
            all.push_str(&format!(" [multipart/{subtype} {parameters} {tail}]"));
            for body in bodies.as_ref() {
                their_structure(body, all);
            }
        }
        body::BodyStructure::Single {
            body,
            extension_data,
        } => {
            let md5 = extension_data
                .as_ref()
                .map_or("NIL".into(), |data| their_nstring(&data.md5));
            let tail = tail(extension_data.as_ref().and_then(|data| data.tail.as_ref()));
            their_part(body, &format!("{md5} {tail}"), all);
        }
    }
}

fn their_part(body: &body::Body<'_>, extension: &str, all: &mut String) {
    let (kind, subtype, lines, nested): (&[u8], &[u8], _, _) = match &body.specific {
        SpecificFields::Basic { r#type, subtype } => {
            (r#type.as_ref(), subtype.as_ref(), None, None)
        }
        SpecificFields::Text {
            subtype,
            number_of_lines,
        } => (b"TEXT", subtype.as_ref(), Some(*number_of_lines), None),
        SpecificFields::Message {
            envelope,
            body_structure,
            number_of_lines,
        } => {
            let nested = Some((envelope, body_structure));
            (b"MESSAGE", b"RFC822", Some(*number_of_lines), nested)
        }
    };
    let basic = &body.basic;
    all.push_str(&format!(
        " [{}/{} {} {} {} {} {} {lines:?} {extension}]",
        shown(&kind.to_ascii_uppercase()),
        shown(subtype),
        pairs(&basic.parameter_list),
        their_nstring(&basic.id),
        their_nstring(&basic.description),
        shown(trimmed(basic.content_transfer_encoding.as_ref())),
        basic.size,
    ));
    if let Some((envelope, structure)) = nested {
        all.push_str(&their_envelope(envelope));
        their_structure(structure, all);
    }
}

fn pairs(list: &[(IString<'_>, IString<'_>)]) -> String {
    list.iter()
        .map(|(name, value)| format!("{}={};", shown(name.as_ref()), shown(value.as_ref())))
        .collect()
}

/// Disposition, languages and location.
fn tail(tail: Option<&body::Disposition<'_>>) -> String {
    // What is no token (RFC 2183) is no disposition: some servers have other fields there.
    let is_token = |kind: &[u8]| {
        let kind = String::from_utf8_lossy(kind);
        let kind = kind.trim();
        !kind.is_empty() && !kind.contains(|c: char| c.is_whitespace() || c == '/')
    };
    let disposition = tail.and_then(|tail| tail.disposition.as_ref());
    let disposition = disposition.filter(|(kind, _)| is_token(kind.as_ref()));
    let disposition =
        disposition.map(|(kind, list)| format!("{} {}", shown(kind.as_ref()), pairs(list)));
    let tail = tail.and_then(|tail| tail.tail.as_ref());
    let languages = tail.iter().flat_map(|tail| &tail.language);
    let languages: Vec<_> = languages.map(|language| shown(language.as_ref())).collect();
    let location = tail.and_then(|tail| tail.tail.as_ref());
    let location = location.map_or("NIL".into(), |tail| their_nstring(&tail.location));
    format!("{disposition:?} {languages:?} {location}")
}
