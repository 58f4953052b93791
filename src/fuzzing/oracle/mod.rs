//! What imap-codec, an independent implementation, accepts from a server is accepted here with the
//! same values.

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(super) mod theirs;

use std::fmt::Write;

use crate::fuzzing::input::Input;
use crate::limits::Limits;
use crate::types::mailbox_name::MailboxName;
use crate::types::metadata::MetadataScope;
use crate::types::number_set::NumberSet;
use crate::types::response_code::ResponseCode;
use crate::types::section::Section;
use crate::types::thread::Node;
use crate::types::uid::{ModSeq, SeqNum, UidValidity};
use crate::wire::frame::Frame;
use crate::wire::response::body_structure::{BodyStructure, Part};
use crate::wire::response::envelope::items::AddressListItem;
use crate::wire::response::envelope::{Addresses, Envelope};
use crate::wire::response::fetch::Fetch;
use crate::wire::response::fetch_responses::Responses;
use crate::wire::response::metadata::Told as Metadata;
use crate::wire::response::parameters::{Disposition, Parameters};
use crate::wire::response::status::ResponseText;
use crate::wire::response::{Response, Untagged};
use crate::wire::testing::{message, receive};
use crate::wire::utf7;

/// What an independent implementation says of octets: what to ask, and what the answer is.
pub type Oracle = fn(&[u8]) -> Option<Vec<(String, String)>>;

/// A response, or a greeting, of which the oracle says whether it is one and what it says.
pub fn oracle(data: &[u8], theirs: Oracle) {
    agree(Input::new(data).rest(), theirs);
}

/// Whether the oracle accepts it.
pub(super) fn agree(response: &[u8], theirs: Oracle) -> bool {
    let Some(told) = theirs(response) else {
        return false;
    };
    let received = receive(response, usize::MAX, usize::MAX, &Limits::DEFAULT);
    let rows: Vec<_> = received
        .into_iter()
        .flatten()
        .map(|received| received.row)
        .collect();
    assert_eq!(rows, [response], "it is one response");
    let parsed = Response::parse(Frame::inline(response), &Limits::DEFAULT).expect("a response");
    for (what, theirs) in &told {
        let ours = ours(&parsed, what);
        let theirs = match what.as_str() {
            "text" => theirs.clone(),
            _ => with_sets(theirs),
        };
        assert_eq!(ours, theirs, "{what} of {}", response.escape_ascii());
    }
    true
}

/// Sets in the form in which they are kept here.
fn with_sets(value: &str) -> String {
    let has_sets = ["VANISHED ", "Modified ", "CopyUid "];
    if !has_sets.iter().any(|word| value.starts_with(word)) {
        return value.to_owned();
    }
    let words = value.split(' ');
    let words = words.map(|word| match NumberSet::parse(word.as_bytes()) {
        Ok(set) => set.to_string(),
        Err(_) => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn shown(bytes: &[u8]) -> String {
    format!("\"{}\"", bytes.escape_ascii())
}

fn nshown(bytes: Option<&[u8]>) -> String {
    bytes.map_or("NIL".into(), shown)
}

fn ours(response: &Response<'_>, what: &str) -> String {
    let (said, text) = match response {
        Response::Tagged { tag, status, text } => {
            let tag = String::from_utf8_lossy(tag);
            (format!("tagged {tag} {status:?}"), Some(text))
        }
        Response::Continue(text) => ("continue".into(), Some(text)),
        Response::Untagged(Untagged::Status { status, text }) => {
            (format!("status {status:?}"), Some(text))
        }
        Response::Untagged(Untagged::Fetch(row)) => {
            let mut responses = Responses::default();
            responses.assign(row);
            return our_item(&message(responses), what);
        }
        Response::Untagged(data) => (our_data(data), None),
    };
    match (what, text) {
        ("text", Some(text)) if text.text.as_bytes() == b"..." => String::new(),
        ("text", Some(text)) => text.text.owned(),
        ("code", Some(text)) => our_code(text),
        _ => said,
    }
}

fn our_code(text: &ResponseText<'_>) -> String {
    let Some(code) = &text.code else {
        return "none".into();
    };
    match code {
        ResponseCode::Capability(list) => format!("Capability {}", words(list.iter())),
        ResponseCode::PermanentFlags(flags) => {
            let mut all: Vec<_> = flags
                .flags()
                .iter()
                .map(|flag| flag.to_string().to_lowercase())
                .collect();
            all.extend(flags.may_create_keywords().then(|| "\\*".to_owned()));
            format!("PermanentFlags {:?}", sorted(all))
        }
        ResponseCode::UidNext(number) => format!("UidNext {number}"),
        ResponseCode::UidValidity(number) => format!("UidValidity {number}"),
        ResponseCode::Unseen(number) => format!("Unseen {number}"),
        ResponseCode::HighestModSeq(number) => format!("HighestModSeq {number}"),
        ResponseCode::BadCharset(names) => format!("BadCharset {names:?}"),
        ResponseCode::AppendUid { uid_validity, uids } => {
            let uid_validity = uid_validity.map_or(0, UidValidity::value);
            format!("AppendUid {uid_validity} {uids}")
        }
        ResponseCode::CopyUid(copied) => {
            let uid_validity = copied.uid_validity().map_or(0, UidValidity::value);
            format!(
                "CopyUid {uid_validity} {} {}",
                copied.sources(),
                copied.copies()
            )
        }
        ResponseCode::Modified(set) => format!("Modified {set}"),
        ResponseCode::MetadataLongEntries(number) => format!("MetadataLongEntries {number}"),
        ResponseCode::MetadataMaxSize(number) => format!("MetadataMaxSize {number}"),
        other => format!("{other:?}"),
    }
}

fn words<T: std::fmt::Display>(words: impl Iterator<Item = T>) -> String {
    // One that says how large is a number here; the others are no words.
    let words = words.map(|word| word.to_string().to_ascii_uppercase());
    let words = words.filter(|word| !word.starts_with("APPENDLIMIT=") && is_word(word));
    format!("{:?}", sorted(words.collect()))
}

fn is_word(word: &str) -> bool {
    word.bytes().any(|octet| octet.is_ascii_alphanumeric())
}

fn sorted(mut words: Vec<String>) -> Vec<String> {
    words.sort();
    words.dedup();
    words
}

fn name(name: &MailboxName) -> String {
    let octets = name
        .wire()
        .map_or(utf7::encode(name.as_str()).into_bytes(), <[u8]>::to_vec);
    shown(&octets)
}

fn our_data(data: &Untagged<'_>) -> String {
    match data {
        Untagged::Capability(list) => format!("CAPABILITY {}", words(list.iter())),
        Untagged::Enabled {
            capabilities: list, ..
        } => format!("ENABLED {}", words(list.iter())),
        Untagged::List(entry) => format!("LIST {}", list_line(entry)),
        Untagged::Lsub(entry) => format!("LSUB {}", list_line(entry)),
        Untagged::MailboxStatus(status) => status_line(status),
        Untagged::Search { numbers, mod_seq } => {
            let numbers: Vec<u32> = numbers.numbers().map(std::num::NonZero::get).collect();
            format!("SEARCH {numbers:?} {:?}", mod_seq.map(ModSeq::value))
        }
        Untagged::Sort { numbers, mod_seq } => {
            format!("SORT {numbers:?} {:?}", mod_seq.map(ModSeq::value))
        }
        Untagged::Thread(nodes) => format!("THREAD {}", threads(nodes)),
        Untagged::Flags(flags) => {
            let flags: Vec<_> = flags
                .iter()
                .map(|flag| flag.to_string().to_lowercase())
                .collect();
            format!("FLAGS {flags:?}")
        }
        Untagged::Exists(number) => format!("EXISTS {number}"),
        Untagged::Recent(number) => format!("RECENT {number}"),
        Untagged::Expunge(number) => format!("EXPUNGE {number}"),
        Untagged::Vanished { earlier, uids } => format!("VANISHED {earlier} {uids}"),
        Untagged::Quota(quota) => {
            let quotas = quota.resources().iter();
            let quotas = quotas
                .map(|quota| format!("{} {} {}", quota.resource(), quota.usage(), quota.limit()));
            format!("QUOTA {:?} {:?}", quota.root(), quotas.collect::<Vec<_>>())
        }
        Untagged::QuotaRoot(named) => {
            let roots = &named.told.0;
            format!("QUOTAROOT {} {roots:?}", name(&named.name))
        }
        Untagged::Id(pairs) => format!("ID {pairs:?}"),
        Untagged::Metadata(data) => {
            let mailbox = match &data.scope {
                MetadataScope::Server => "\"\"".into(),
                MetadataScope::Mailbox(mailbox) => name(mailbox),
            };
            let items: Vec<String> = match &data.told {
                Metadata::Entries(entries) => entries
                    .iter()
                    .map(|entry| format!("{:?} {}", entry.name().as_str(), nshown(entry.value())))
                    .collect(),
                Metadata::Changed(names) => names
                    .iter()
                    .map(|name| format!("{:?}", name.as_str()))
                    .collect(),
            };
            format!("METADATA {mailbox} {items:?}")
        }
        Untagged::Namespace(all) => {
            let all = [all.personal(), all.other_users(), all.shared()].map(|list| {
                let list = list.iter().map(|namespace| {
                    let prefix = utf7::encode(namespace.prefix());
                    (shown(prefix.as_bytes()), namespace.delimiter())
                });
                list.collect::<Vec<_>>()
            });
            format!("NAMESPACE {all:?}")
        }
        other => format!("{other:?}"),
    }
}

fn list_line(entry: &crate::types::list::ListEntry) -> String {
    let attributes = entry
        .attributes()
        .map(|item| item.to_string().to_lowercase());
    let attributes = sorted(attributes.collect());
    format!(
        "{attributes:?} {:?} {}",
        entry.delimiter(),
        name(entry.name())
    )
}

fn status_line(status: &crate::types::mailbox_status::MailboxStatus) -> String {
    let number = |name: &str, value: Option<u64>| value.map(|value| format!("{name} {value}"));
    let items = [
        number("messages", status.messages().map(Into::into)),
        number("recent", status.recent().map(Into::into)),
        number("uid_next", status.uid_next().map(|uid| uid.value().into())),
        number(
            "uid_validity",
            status.uid_validity().map(|uid| uid.value().into()),
        ),
        number("unseen", status.unseen().map(Into::into)),
        number("deleted", status.deleted().map(Into::into)),
        number("deleted_storage", status.deleted_storage()),
        number("size", status.size()),
        number(
            "highest_mod_seq",
            status.highest_mod_seq().map(ModSeq::value),
        ),
    ];
    let mut items: Vec<_> = items.into_iter().flatten().collect();
    items.sort();
    format!("STATUS {} {items:?}", name(status.name()))
}

/// A tree of messages as it is written.
fn threads(nodes: &[Node]) -> String {
    let mut all = String::new();
    write_threads(nodes, &mut all);
    all
}

fn write_threads(nodes: &[Node], all: &mut String) {
    let depth = nodes.first().map_or(0, |node| node.depth);
    let starts: Vec<_> = (0..nodes.len())
        .filter(|at| nodes[*at].depth == depth)
        .collect();
    for (place, start) in starts.iter().enumerate() {
        let end = starts.get(place + 1).copied().unwrap_or(nodes.len());
        all.push('(');
        write_thread(&nodes[*start..end], all);
        all.push(')');
    }
}

/// A message and what hangs on it: one answer behind a space, several in parentheses.
fn write_thread(nodes: &[Node], all: &mut String) {
    let [first, rest @ ..] = nodes else {
        return;
    };
    if first.number > 0 {
        all.push_str(&first.number.to_string());
    }
    let answers = rest
        .iter()
        .filter(|node| node.depth == first.depth + 1)
        .count();
    if answers > 0 && first.number > 0 {
        all.push(' ');
    }
    match answers {
        1 => write_thread(rest, all),
        _ => write_threads(rest, all),
    }
}

/// An item of an answer by its name.
fn our_item(fetch: &Fetch, what: &str) -> String {
    let missing = || "missing".to_owned();
    if let Some(section) = within(what, "BODY[") {
        return nshown(fetch.body(&section));
    }
    if let Some(section) = within(what, "BINARY[") {
        return nshown(fetch.binary(&section));
    }
    if let Some(section) = within(what, "BINARY.SIZE[") {
        return fetch
            .binary_size(&section)
            .map_or_else(missing, |size| size.to_string());
    }
    match what {
        "response" => format!("FETCH {}", fetch.seq().map_or(0, SeqNum::value)),
        "UID" => fetch
            .responses()
            .uid()
            .map_or_else(missing, |uid| uid.to_string()),
        "RFC822.SIZE" => fetch.size().map_or_else(missing, |size| size.to_string()),
        "MODSEQ" => fetch
            .mod_seq()
            .map_or_else(missing, |number| number.to_string()),
        "FLAGS" => fetch.flags().map_or_else(missing, |flags| {
            format!(
                "{:?}",
                flags
                    .map(|flag| flag.to_string().to_lowercase())
                    .collect::<Vec<_>>()
            )
        }),
        "INTERNALDATE" => match fetch.internal_date() {
            Ok(Some(date)) => date.to_string(),
            other => format!("{other:?}"),
        },
        "ENVELOPE" => match fetch.envelope() {
            Ok(envelope) => our_envelope(&envelope),
            Err(error) => format!("{error:?}"),
        },
        "BODYSTRUCTURE" | "BODY" => match fetch.body_structure() {
            Ok(structure) => {
                let mut all = String::new();
                our_structure(&structure, &mut all);
                all
            }
            Err(error) => format!("{error:?}"),
        },
        other => panic!("nothing is known of {other}"),
    }
}

/// `section-spec`, as the oracle writes it.
fn section_of(text: &str) -> Section {
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (part, word) = text.split_at(digits);
    let (word, names) = word.split_once(" (").unwrap_or((word, ""));
    let names = names.trim_end_matches(')').split(' ');
    let section = match word {
        "" => Section::whole(),
        "HEADER" => Section::whole().header(),
        "TEXT" => Section::whole().text(),
        "MIME" => Section::whole().mime(),
        "HEADER.FIELDS" => Section::header_fields(names).expect("names"),
        "HEADER.FIELDS.NOT" => Section::header_fields_not(names).expect("names"),
        other => panic!("no section {other}"),
    };
    match part.trim_end_matches('.') {
        "" => section,
        part => section.in_part(part).expect("a part"),
    }
}

/// The section that an item is about, if its name begins so.
fn within(what: &str, name: &str) -> Option<Section> {
    let (section, origin) = what.strip_prefix(name)?.split_once(']')?;
    let section = section_of(section);
    let origin = origin
        .strip_prefix('<')
        .and_then(|origin| origin.strip_suffix('>'));
    Some(match origin {
        Some(origin) => {
            section.partial(origin.parse().expect("a number"), std::num::NonZeroU32::MAX)
        }
        None => section,
    })
}

fn our_envelope(envelope: &Envelope<'_>) -> String {
    let strings = [
        envelope.date_raw(),
        envelope.subject_raw(),
        envelope.in_reply_to(),
        envelope.message_id(),
    ];
    let strings = strings.map(|string| nshown(string.as_deref()));
    let lists = [
        envelope.from(),
        envelope.sender(),
        envelope.reply_to(),
        envelope.to(),
        envelope.cc(),
        envelope.bcc(),
    ];
    format!("{strings:?} {:?}", lists.map(our_addresses))
}

fn our_addresses(addresses: Addresses<'_>) -> Vec<String> {
    let line = |item: AddressListItem<'_>| match item {
        AddressListItem::GroupEnd => "[]".into(),
        AddressListItem::GroupStart(name) => format!("[{}]", shown(name.raw())),
        AddressListItem::Address(address) => {
            let is_empty = |part: Option<&[u8]>| part.is_none_or(<[u8]>::is_empty);
            let [name, route] = [address.name_raw(), address.route()];
            let [mailbox, host] = [address.mailbox_raw(), address.host_raw()];
            match [mailbox, name, host].map(is_empty) {
                [true, true, true] => "[]".into(),
                [false, true, true] => format!("[{}]", nshown(mailbox)),
                _ => [name, route, mailbox, host].map(nshown).join(" "),
            }
        }
    };
    addresses.with_groups().map(line).collect()
}

fn our_structure(structure: &BodyStructure<'_>, all: &mut String) {
    for part in structure.parts() {
        our_part(&part, all);
    }
}

fn our_part(part: &Part<'_>, all: &mut String) {
    let pairs = |list: Parameters<'_>| -> String {
        list.map(|(name, value)| format!("{}={};", shown(&name), shown(&value)))
            .collect()
    };
    let disposition = |disposition: Disposition<'_>| {
        format!(
            "{} {}",
            shown(disposition.kind().as_bytes()),
            pairs(disposition.parameters())
        )
    };
    let disposition = part.disposition().map(disposition);
    let languages: Vec<_> = part
        .languages()
        .map(|language| shown(language.as_bytes()))
        .collect();
    let tail = format!(
        "{disposition:?} {languages:?} {}",
        nshown(part.location().as_deref())
    );
    let parameters = pairs(part.parameters());
    let subtype = shown(part.media_subtype().as_bytes());
    if part.media_type().eq_ignore_ascii_case("multipart") {
        write!(all, " [multipart/{subtype} {parameters} {tail}]").unwrap();
        return;
    }
    write!(
        all,
        " [{}/{subtype} {parameters} {} {} {} {} {:?} {} {tail}]",
        shown(part.media_type().to_ascii_uppercase().as_bytes()),
        nshown(part.id().as_deref()),
        nshown(part.description_raw().as_deref()),
        shown(part.encoding().as_bytes()),
        part.octets().unwrap(),
        part.lines(),
        nshown(part.md5().as_deref()),
    )
    .unwrap();
    if let Some(envelope) = part.envelope() {
        all.push_str(&our_envelope(&envelope));
    }
}
