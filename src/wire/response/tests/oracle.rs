//! What imap-codec, an independent implementation, accepts from a server is accepted here with the
//! same values.

use std::fmt::Write;

use imap_codec::ResponseCodec;
use imap_codec::decode::Decoder;
use imap_codec::imap_types::body::{self, SpecificFields};
use imap_codec::imap_types::core::{IString, NString};
use imap_codec::imap_types::envelope;
use imap_codec::imap_types::fetch::MessageDataItem;
use imap_codec::imap_types::flag::FlagFetch;
use imap_codec::imap_types::mailbox::Mailbox;
use imap_codec::imap_types::response::{Data, Response as OracleResponse};
use imap_codec::imap_types::status::StatusDataItem;
use proptest::prelude::*;

use crate::message::{
    AddressListItem, Addresses, BodyStructure, Disposition, Envelope, Fetch, Part,
};
use crate::types::section::Section;
use crate::wire::response::Untagged;
use crate::wire::response::body_tree::Kind;
use crate::wire::testing;
use crate::wire::utf7;

fn shown(bytes: &[u8]) -> String {
    format!("\"{}\"", bytes.escape_ascii())
}

fn nshown(bytes: Option<&[u8]>) -> String {
    bytes.map_or("NIL".into(), shown)
}

/// What the oracle says, in a form of our own; `None` if it does not accept the response.
fn theirs(response: &[u8]) -> Option<String> {
    let Ok((b"", OracleResponse::Data(data))) = ResponseCodec::default().decode(response) else {
        return None;
    };
    match data {
        Data::List {
            items,
            delimiter,
            mailbox,
        }
        | Data::Lsub {
            items,
            delimiter,
            mailbox,
        } => {
            let attributes = items
                .iter()
                .map(|item| item.to_string().to_lowercase())
                .collect();
            let delimiter = delimiter.map(|delimiter| delimiter.inner());
            Some(list_line(attributes, delimiter, &mailbox_octets(&mailbox)))
        }
        Data::Status { mailbox, items } => {
            let items = items.iter().map(|item| match item {
                StatusDataItem::Messages(number) => format!("messages {number}"),
                StatusDataItem::Recent(number) => format!("recent {number}"),
                StatusDataItem::UidNext(number) => format!("uid_next {number}"),
                StatusDataItem::UidValidity(number) => format!("uid_validity {number}"),
                StatusDataItem::Unseen(number) => format!("unseen {number}"),
                StatusDataItem::Deleted(number) => format!("deleted {number}"),
                StatusDataItem::DeletedStorage(number) => format!("deleted_storage {number}"),
                #[allow(unreachable_patterns, reason = "depends on the features of the oracle")]
                other => format!("{other:?}"),
            });
            Some(status_line(&mailbox_octets(&mailbox), items.collect()))
        }
        Data::Search(numbers, ..) => {
            let mut numbers: Vec<u32> = numbers.into_iter().map(std::num::NonZero::get).collect();
            numbers.sort_unstable();
            numbers.dedup();
            Some(format!("{numbers:?}"))
        }
        Data::Fetch { seq, items } => {
            let mut all = format!("{seq}");
            for item in items.as_ref() {
                their_item(item, &mut all);
            }
            Some(all)
        }
        _ => None,
    }
}

/// The same for what is parsed here.
fn ours(response: &[u8], like: &[u8]) -> String {
    match testing::untagged(response) {
        Untagged::List(entry) | Untagged::Lsub(entry) => {
            let attributes = entry
                .attributes()
                .iter()
                .map(|item| item.to_string().to_lowercase());
            let name = entry.name();
            let octets = name
                .wire()
                .map_or(utf7::encode(name.as_str()).into_bytes(), <[u8]>::to_vec);
            list_line(attributes.collect(), entry.delimiter(), &octets)
        }
        Untagged::MailboxStatus(status) => {
            let number =
                |name: &str, value: Option<u64>| value.map(|value| format!("{name} {value}"));
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
            ];
            let name = status.name();
            let octets = name
                .wire()
                .map_or(utf7::encode(name.as_str()).into_bytes(), <[u8]>::to_vec);
            status_line(&octets, items.into_iter().flatten().collect())
        }
        Untagged::Search { numbers, .. } => {
            let numbers: Vec<u32> = numbers.numbers().map(std::num::NonZero::get).collect();
            format!("{numbers:?}")
        }
        Untagged::Fetch(_) => our_fetch(&testing::fetch(response), like),
        other => format!("{other:?}"),
    }
}

fn list_line(mut attributes: Vec<String>, delimiter: Option<char>, name: &[u8]) -> String {
    attributes.sort();
    attributes.dedup();
    format!("{attributes:?} {delimiter:?} {}", shown(name))
}

fn status_line(name: &[u8], mut items: Vec<String>) -> String {
    items.sort();
    format!("{} {items:?}", shown(name))
}

fn mailbox_octets(mailbox: &Mailbox<'_>) -> Vec<u8> {
    match mailbox {
        Mailbox::Inbox => b"INBOX".to_vec(),
        Mailbox::Other(name) => name.as_ref().to_vec(),
    }
}

fn their_flag(flag: &FlagFetch<'_>) -> String {
    match flag {
        FlagFetch::Flag(flag) => flag.to_string().to_lowercase(),
        FlagFetch::Recent => "\\recent".into(),
    }
}

fn their_nstring(string: &NString<'_>) -> String {
    nshown(string.0.as_ref().map(AsRef::as_ref))
}

fn their_item(item: &MessageDataItem<'_>, all: &mut String) {
    match item {
        MessageDataItem::Uid(uid) => write!(all, " uid {uid}"),
        MessageDataItem::Rfc822Size(size) => write!(all, " size {size}"),
        MessageDataItem::Flags(flags) => {
            let flags: Vec<_> = flags.iter().map(their_flag).collect();
            write!(all, " flags {flags:?}")
        }
        MessageDataItem::InternalDate(date) => write!(all, " date {}", date.as_ref().to_rfc3339()),
        MessageDataItem::Envelope(envelope) => {
            write!(all, " envelope {}", their_envelope(envelope))
        }
        MessageDataItem::Body(structure) | MessageDataItem::BodyStructure(structure) => {
            all.push_str(" structure");
            their_structure(structure, all);
            Ok(())
        }
        MessageDataItem::BodyExt { data, .. } | MessageDataItem::Rfc822(data) => {
            write!(all, " body {}", their_nstring(data))
        }
        other => write!(all, " {other:?}"),
    }
    .unwrap();
}

/// The items of an answer, in the order in which they stand in the response.
fn our_fetch(fetch: &Fetch, like: &[u8]) -> String {
    let mut all = fetch.seq().map_or("0".into(), |seq| seq.to_string());
    let text = String::from_utf8_lossy(like);
    for word in text.split('|') {
        match word {
            "UID" => write!(all, " uid {}", fetch.uid().unwrap()),
            "RFC822.SIZE" => write!(all, " size {}", fetch.size().unwrap()),
            "FLAGS" => {
                let flags = fetch
                    .flags()
                    .unwrap()
                    .map(|flag| flag.to_string().to_lowercase());
                write!(all, " flags {:?}", flags.collect::<Vec<_>>())
            }
            "INTERNALDATE" => {
                write!(
                    all,
                    " date {}",
                    fetch.internal_date().unwrap().unwrap().to_rfc3339()
                )
            }
            "ENVELOPE" => write!(
                all,
                " envelope {}",
                our_envelope(&fetch.envelope().unwrap())
            ),
            "BODYSTRUCTURE" => {
                all.push_str(" structure");
                our_structure(&fetch.body_structure().unwrap(), &mut all);
                Ok(())
            }
            "BODY[]" => write!(all, " body {}", nshown(fetch.body(&Section::whole()))),
            other => write!(all, " {other}"),
        }
        .unwrap();
    }
    assert_eq!(fetch.errors().count(), 0);
    all
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
    let [from, mut sender, mut reply_to, to, cc, bcc] = lists;
    for defaulted in [&mut sender, &mut reply_to] {
        if defaulted.is_empty() {
            defaulted.clone_from(&from);
        }
    }
    let strings = [
        &envelope.date,
        &envelope.subject,
        &envelope.in_reply_to,
        &envelope.message_id,
    ];
    let strings = strings.map(their_nstring);
    format!("{strings:?} {:?}", [from, sender, reply_to, to, cc, bcc])
}

fn their_address(address: &envelope::Address<'_>) -> String {
    let parts = [&address.name, &address.adl, &address.mailbox, &address.host].map(their_nstring);
    match [&address.name.0, &address.mailbox.0, &address.host.0].map(Option::is_some) {
        [false, false, false] => "end".into(),
        [false, true, false] => format!("group {}", parts[2]),
        _ => format!("{parts:?}"),
    }
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
        AddressListItem::GroupEnd => "end".into(),
        AddressListItem::GroupStart(name) => format!("group {}", shown(name.raw())),
        AddressListItem::Address(address) => {
            let [mailbox, host] = [address.mailbox_raw(), address.host_raw()];
            let parts = [address.name_raw(), address.route(), mailbox, host].map(nshown);
            format!("{parts:?}")
        }
    };
    addresses.with_groups().map(line).collect()
}

fn their_structure(structure: &body::BodyStructure<'_>, all: &mut String) {
    let pairs = |list: &[(IString<'_>, IString<'_>)]| -> String {
        list.iter()
            .map(|(name, value)| format!("{}={};", shown(name.as_ref()), shown(value.as_ref())))
            .collect()
    };
    let tail = |tail: &Option<body::Disposition<'_>>| {
        let disposition = tail.as_ref().and_then(|tail| tail.disposition.as_ref());
        let disposition =
            disposition.map(|(kind, list)| format!("{} {}", shown(kind.as_ref()), pairs(list)));
        let tail = tail.as_ref().and_then(|tail| tail.tail.as_ref());
        let languages: Vec<_> = tail
            .iter()
            .flat_map(|tail| &tail.language)
            .map(|language| shown(language.as_ref()))
            .collect();
        let location = tail.and_then(|tail| tail.tail.as_ref());
        let location = location.map_or("NIL".into(), |tail| their_nstring(&tail.location));
        format!("{disposition:?} {languages:?} {location}")
    };
    match structure {
        body::BodyStructure::Multi {
            bodies,
            subtype,
            extension_data,
        } => {
            let parameters = extension_data
                .as_ref()
                .map_or(String::new(), |data| pairs(&data.parameter_list));
            let tail = tail(&extension_data.as_ref().and_then(|data| data.tail.clone()));
            write!(
                all,
                " [multipart/{} {parameters} {tail}]",
                shown(subtype.as_ref())
            )
            .unwrap();
            bodies
                .as_ref()
                .iter()
                .for_each(|body| their_structure(body, all));
        }
        body::BodyStructure::Single {
            body,
            extension_data,
        } => {
            let text: &[u8] = b"TEXT";
            let (kind, subtype, lines, nested) = match &body.specific {
                SpecificFields::Basic { r#type, subtype } => {
                    (r#type.as_ref(), subtype.as_ref(), None, None)
                }
                SpecificFields::Text {
                    subtype,
                    number_of_lines,
                } => (
                    text,
                    subtype.as_ref(),
                    Some(u64::from(*number_of_lines)),
                    None,
                ),
                SpecificFields::Message {
                    envelope,
                    body_structure,
                    number_of_lines,
                } => (
                    &b"MESSAGE"[..],
                    &b"RFC822"[..],
                    Some(u64::from(*number_of_lines)),
                    Some((envelope, body_structure)),
                ),
            };
            let basic = &body.basic;
            let md5 = extension_data
                .as_ref()
                .map_or("NIL".into(), |data| their_nstring(&data.md5));
            let tail = tail(&extension_data.as_ref().and_then(|data| data.tail.clone()));
            write!(
                all,
                " [{}/{} {} {} {} {} {} {lines:?} {md5} {tail}]",
                shown(&kind.to_ascii_uppercase()),
                shown(subtype),
                pairs(&basic.parameter_list),
                their_nstring(&basic.id),
                their_nstring(&basic.description),
                shown(basic.content_transfer_encoding.as_ref()),
                basic.size,
            )
            .unwrap();
            if let Some((envelope, body_structure)) = nested {
                all.push_str(&their_envelope(envelope));
                their_structure(body_structure, all);
            }
        }
    }
}

fn our_structure(structure: &BodyStructure<'_>, all: &mut String) {
    for part in structure.parts() {
        our_part(&part, all);
    }
}

fn our_part(part: &Part<'_>, all: &mut String) {
    let pairs = |list: crate::message::Parameters<'_>| -> String {
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
    if part.kind() == Kind::Multipart {
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

/// Checks one response; `like` names the items of a FETCH response in order. Whether the oracle
/// accepts it at all.
fn agree(response: &[u8], like: &str) -> bool {
    let Some(theirs) = theirs(response) else {
        return false;
    };
    assert_eq!(
        ours(response, like.as_bytes()),
        theirs,
        "{}",
        response.escape_ascii()
    );
    true
}

#[test]
fn lists_and_counters() {
    for response in [
        "* LIST () \"/\" blurdybloop\r\n",
        "* LIST (\\Noselect \\Foo) NIL INBOX\r\n",
        "* LIST (\\NOINFERIORS \\marked) \".\" \"a \\\"b\\\\c\"\r\n",
        "* LIST (\\Unmarked) \"\\\\\" {4}\r\na)\"b\r\n",
        "* LSUB () \"\\\"\" iNbOx\r\n",
        "* LIST () \"/\" \"&AOQ-\"\r\n",
        "* STATUS a (MESSAGES 1 UIDNEXT 2)\r\n",
        "* STATUS \"a (b)\" (RECENT 0 UNSEEN 4294967295 UIDVALIDITY 1 DELETED 3)\r\n",
        "* STATUS {3}\r\n(a) ()\r\n",
        "* SEARCH\r\n",
        "* SEARCH 2 84 882\r\n",
        "* SEARCH 9 8 8 4294967295 1\r\n",
    ] {
        assert!(agree(response.as_bytes(), ""), "{response}");
    }
}

fn boxed(text: impl Into<String>) -> BoxedStrategy<String> {
    Just(text.into()).boxed()
}

/// `string`, in either form.
fn string() -> impl Strategy<Value = String> {
    let text = r#"[a-zA-Z0-9 ()\[\]{}<>=?_.*%"\\,;:/-]{0,12}"#;
    (text, any::<bool>()).prop_map(|(text, quote)| {
        if quote {
            format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
        } else {
            format!("{{{}}}\r\n{text}", text.len())
        }
    })
}

fn nstring() -> impl Strategy<Value = String> {
    prop_oneof![boxed("NIL"), string().boxed()]
}

fn address() -> impl Strategy<Value = String> {
    [nstring(), nstring(), nstring(), nstring()].prop_map(|parts| format!("({})", parts.join(" ")))
}

fn addresses() -> BoxedStrategy<String> {
    let list =
        prop::collection::vec(address(), 1..4).prop_map(|list| format!("({})", list.concat()));
    prop_oneof![boxed("NIL"), list.boxed()].boxed()
}

fn envelope() -> impl Strategy<Value = String> {
    let lists = [
        addresses(),
        addresses(),
        addresses(),
        addresses(),
        addresses(),
        addresses(),
    ];
    let strings = [nstring(), nstring(), nstring(), nstring()];
    (strings, lists).prop_map(|([date, subject, reply, id], lists)| {
        format!("({date} {subject} {} {reply} {id})", lists.join(" "))
    })
}

fn parameters() -> BoxedStrategy<String> {
    let pair = (string(), string()).prop_map(|(name, value)| format!("{name} {value}"));
    let list = prop::collection::vec(pair, 1..3).prop_map(|list| format!("({})", list.join(" ")));
    prop_oneof![boxed("NIL"), list.boxed()].boxed()
}

/// Extension data behind the first field of it.
fn tail() -> BoxedStrategy<String> {
    let kind = prop::sample::select(vec!["\"inline\"", "\"ATTACHMENT\"", "{5}\r\nx-foo"]);
    let disposition = (kind, parameters()).prop_map(|(kind, list)| format!("({kind} {list})"));
    let disposition = prop_oneof![boxed("NIL"), disposition.boxed()];
    let language = prop::sample::select(vec!["NIL", "\"en\"", "(\"en\" \"de\")"]);
    let more = prop::sample::select(vec!["", " NIL", " 5 (\"a\" NIL (3))"]);
    (disposition, language, nstring(), more, 0..4usize)
        .prop_map(
            |(disposition, language, location, more, fields)| match fields {
                0 => String::new(),
                1 => format!(" {disposition}"),
                2 => format!(" {disposition} {language}"),
                _ => format!(" {disposition} {language} {location}{more}"),
            },
        )
        .boxed()
}

fn extension(first: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let some = (first, tail()).prop_map(|(first, tail)| format!(" {first}{tail}"));
    prop_oneof![boxed(""), some.boxed()].boxed()
}

fn structure() -> impl Strategy<Value = String> {
    let encoding = prop::sample::select(vec!["\"7BIT\"", "\"base64\"", "{4}\r\n8bit"]);
    let basic = (parameters(), nstring(), nstring(), encoding, any::<u32>()).prop_map(
        |(list, id, description, encoding, size)| {
            format!("{list} {id} {description} {encoding} {size}")
        },
    );
    let basic = basic.boxed();
    let md5 = || extension(nstring().boxed());
    let text = (basic.clone(), any::<u32>(), md5())
        .prop_map(|(basic, lines, more)| format!("(\"Text\" \"plain\" {basic} {lines}{more})"));
    let kind = prop::sample::select(vec![
        "\"IMAGE\" \"GIF\"",
        "\"message\" \"partial\"",
        "\"x\" {1}\r\n)",
    ]);
    let other = (kind, basic.clone(), md5())
        .prop_map(|(kind, basic, more)| format!("({kind} {basic}{more})"));
    prop_oneof![text, other].prop_recursive(4, 12, 3, move |inner| {
        let message = (
            basic.clone(),
            envelope(),
            inner.clone(),
            any::<u32>(),
            md5(),
        )
            .prop_map(|(basic, envelope, inner, lines, more)| {
                format!("(\"MESSAGE\" \"RFC822\" {basic} {envelope} {inner} {lines}{more})")
            });
        let kind = prop::sample::select(vec!["\"MIXED\"", "\"alternative\"", "\"x-y\""]);
        let more = extension(parameters());
        let multi = (prop::collection::vec(inner, 1..4), kind, more)
            .prop_map(|(parts, kind, more)| format!("({} {kind}{more})", parts.concat()));
        prop_oneof![message, multi]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn generated_envelopes(envelope in envelope(), uid in 1..u32::MAX) {
        let response = format!("* 7 FETCH (ENVELOPE {envelope} UID {uid})\r\n");
        prop_assert!(agree(response.as_bytes(), "ENVELOPE|UID"), "{}", response);
    }

    #[test]
    fn generated_structures(structure in structure(), size in any::<u32>()) {
        let response = format!("* 7 FETCH (BODYSTRUCTURE {structure} RFC822.SIZE {size})\r\n");
        prop_assert!(agree(response.as_bytes(), "BODYSTRUCTURE|RFC822.SIZE"), "{}", response);
    }

    #[test]
    fn generated_rows(uid in 1..u32::MAX, size in any::<u32>(), body in nstring(), day in 1..29u32) {
        let response = format!(
            "* 7 FETCH (FLAGS (\\Seen $a \\X) UID {uid} INTERNALDATE \"{day:2}-Feb-1994 21:52:25 -0800\" \
             RFC822.SIZE {size} BODY[] {body})\r\n",
        );
        let like = "FLAGS|UID|INTERNALDATE|RFC822.SIZE|BODY[]";
        prop_assert!(agree(response.as_bytes(), like), "{}", response);
    }

    #[test]
    fn generated_lists(
        name in string(),
        attributes in prop::collection::vec(r"\\[A-Za-z]{1,8}", 0..4),
        numbers in prop::collection::vec(1..u32::MAX, 1..20),
    ) {
        let list = format!("* LIST ({}) \"/\" {name}\r\n", attributes.join(" "));
        prop_assert!(agree(list.as_bytes(), ""), "{}", list);
        let status = format!("* STATUS {name} (MESSAGES {} UIDNEXT {})\r\n", numbers[0], numbers[0]);
        prop_assert!(agree(status.as_bytes(), ""), "{}", status);
        let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
        let search = format!("* SEARCH {}\r\n", numbers.join(" "));
        prop_assert!(agree(search.as_bytes(), ""), "{}", search);
    }
}
