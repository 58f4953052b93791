//! What imap-codec, an independent implementation, makes of a response or a command. Knows nothing of latchbox:
//! the fuzz targets include this file too.
//!
//! Where the two differ on purpose, imap-codec is not asked, and the place says why:
//! `their_code`, `status_line` and `their_section`.

use std::fmt::Write;

use imap_codec::decode::Decoder;
use imap_codec::imap_types::body::{self, SpecificFields};
use imap_codec::imap_types::command::CommandBody;
use imap_codec::imap_types::core::{AString, IString, NString, NString8};
use imap_codec::imap_types::envelope;
use imap_codec::imap_types::extensions::binary::LiteralOrLiteral8;
use imap_codec::imap_types::extensions::metadata::{MetadataCode, MetadataResponse};
use imap_codec::imap_types::extensions::uidplus::{UidElement, UidSet};
use imap_codec::imap_types::fetch::{
    MacroOrMessageDataItemNames, MessageDataItem, MessageDataItemName, Part, Section,
};
use imap_codec::imap_types::flag::{FlagFetch, FlagPerm};
use imap_codec::imap_types::mailbox::{ListMailbox, Mailbox};
use imap_codec::imap_types::response::{
    Bye, Code, CommandContinuationRequest, Data, GreetingKind, Response, Status, StatusBody,
    StatusKind, Tagged,
};
use imap_codec::imap_types::search::SearchKey;
use imap_codec::imap_types::sequence::{SeqOrUid, Sequence, SequenceSet};
use imap_codec::imap_types::status::StatusDataItem;
use imap_codec::{CommandCodec, GreetingCodec, ResponseCodec};

/// What to ask of a response, and what the answer is.
pub(crate) type Told = Vec<(String, String)>;

/// What a response says; nothing if it is not accepted or not asked.
pub(crate) fn response(octets: &[u8]) -> Option<Told> {
    // A tag that begins like a code: Exchange leaves out the `* OK` before one.
    if octets.starts_with(b"[") {
        return None;
    }
    let Ok((b"", response)) = ResponseCodec::default().decode(octets) else {
        return None;
    };
    let mut told = Told::new();
    match &response {
        Response::CommandContinuationRequest(request) => continuation(request, &mut told),
        Response::Status(status) => their_status(status, &mut told),
        Response::Data(Data::Fetch { seq, items }) => {
            tell(&mut told, "response", format!("FETCH {seq}"));
            for item in items.as_ref() {
                their_item(item, &mut told);
            }
        }
        Response::Data(data) => tell(&mut told, "response", their_data(data)?),
    }
    Some(told)
}

/// What a greeting says.
pub(crate) fn greeting(octets: &[u8]) -> Option<Told> {
    let Ok((b"", greeting)) = GreetingCodec::default().decode(octets) else {
        return None;
    };
    let kind = match greeting.kind {
        GreetingKind::Ok => "Ok",
        GreetingKind::PreAuth => "PreAuth",
        GreetingKind::Bye => "Bye",
    };
    let mut told = vec![("response".to_owned(), format!("status {kind}"))];
    text_and_code(greeting.code.as_ref(), greeting.text.inner(), &mut told);
    Some(told)
}

fn tell(told: &mut Told, what: &str, value: String) {
    told.push((what.to_owned(), value));
}

fn shown(octets: &[u8]) -> String {
    format!("\"{}\"", octets.escape_ascii())
}

fn nshown(octets: Option<&[u8]>) -> String {
    octets.map_or("NIL".into(), shown)
}

fn continuation(request: &CommandContinuationRequest<'_>, told: &mut Told) {
    tell(told, "response", "continue".into());
    // Base64 is text like any other until a mechanism reads it.
    if let CommandContinuationRequest::Basic(basic) = request {
        text_and_code(basic.code(), basic.text().inner(), told);
    }
}

fn their_status(status: &Status<'_>, told: &mut Told) {
    let kind = |kind: &StatusKind| match kind {
        StatusKind::Ok => "Ok",
        StatusKind::No => "No",
        StatusKind::Bad => "Bad",
    };
    match status {
        Status::Untagged(StatusBody {
            kind: is,
            code,
            text,
        }) => {
            tell(told, "response", format!("status {}", kind(is)));
            text_and_code(code.as_ref(), text.inner(), told);
        }
        Status::Tagged(Tagged { tag, body }) => {
            tell(
                told,
                "response",
                format!("tagged {} {}", tag.inner(), kind(&body.kind)),
            );
            text_and_code(body.code.as_ref(), body.text.inner(), told);
        }
        Status::Bye(Bye { code, text }) => {
            tell(told, "response", "status Bye".into());
            text_and_code(code.as_ref(), text.inner(), told);
        }
    }
}

fn text_and_code(code: Option<&Code<'_>>, text: &str, told: &mut Told) {
    // It takes any octets for a code. Here one that breaks the grammar is text, or ends elsewhere.
    if matches!(code, Some(Code::Other(other)) if !is_plain(other.inner())) {
        return;
    }
    // What it gives for a text that is missing.
    let text = if text == "..." { "" } else { text };
    tell(told, "text", text.trim_start_matches(' ').to_owned());
    match code {
        None => tell(told, "code", "none".into()),
        Some(code) => told.extend(their_code(code).map(|code| ("code".to_owned(), code))),
    }
}

/// Whether a code is words that need no grammar of their own.
fn is_plain(code: &[u8]) -> bool {
    let is_plain = |octet: &u8| (b' '..0x7f).contains(octet) && !b"(){%*\"\\[]".contains(octet);
    !code.is_empty() && !code.starts_with(b" ") && code.iter().all(is_plain)
}

/// Nothing for a code that it keeps as it came: here more of them are known.
fn their_code(code: &Code<'_>) -> Option<String> {
    Some(match code {
        Code::Other(_) => return None,
        Code::BadCharset { allowed } => {
            let allowed: Vec<_> = allowed
                .iter()
                .map(|charset| charset.as_ref().to_owned())
                .collect();
            format!("BadCharset {allowed:?}")
        }
        Code::Capability(list) => format!("Capability {}", words(list.as_ref())),
        Code::PermanentFlags(flags) => {
            let flags = flags.iter().map(|flag| match flag {
                FlagPerm::Flag(flag) => flag.to_string().to_lowercase(),
                FlagPerm::Asterisk => "\\*".into(),
            });
            format!("PermanentFlags {:?}", sorted(flags.collect()))
        }
        Code::UidNext(number) => format!("UidNext {number}"),
        Code::UidValidity(number) => format!("UidValidity {number}"),
        Code::Unseen(number) => format!("Unseen {number}"),
        Code::HighestModSeq(number) => format!("HighestModSeq {number}"),
        Code::AppendUid { uid_validity, uid } => format!("AppendUid {uid_validity} {uid}"),
        Code::CopyUid {
            uid_validity,
            source,
            destination,
        } => format!(
            "CopyUid {uid_validity} {} {}",
            uids(source),
            uids(destination)
        ),
        Code::Modified(set) => format!("Modified {}", plain(set)),
        Code::Metadata(MetadataCode::LongEntries(number)) => {
            format!("MetadataLongEntries {number}")
        }
        Code::Metadata(MetadataCode::MaxSize(number)) => format!("MetadataMaxSize {number}"),
        Code::Metadata(other) => format!("Metadata{other:?}"),
        other => format!("{other:?}"),
    })
}

/// Words of which neither order, case nor number matters. Here, the word CAPABILITY at the wrong
/// place and what has no letter are none, and one that says how large is a number.
fn words<T: std::fmt::Display>(words: &[T]) -> String {
    let words = words
        .iter()
        .map(|word| word.to_string().to_ascii_uppercase());
    let words = words.filter(|word| {
        let is_word = word.bytes().any(|octet| octet.is_ascii_alphanumeric());
        is_word && word != "CAPABILITY" && !word.starts_with("APPENDLIMIT=")
    });
    format!("{:?}", sorted(words.collect()))
}

fn sorted(mut words: Vec<String>) -> Vec<String> {
    words.sort();
    words.dedup();
    words
}

fn uids(set: &UidSet) -> String {
    let one = |element: &UidElement| match element {
        UidElement::Single(number) => number.to_string(),
        UidElement::Range(first, last) => format!("{first}:{last}"),
    };
    let all: Vec<_> = set.0.as_ref().iter().map(one).collect();
    all.join(",")
}

fn plain(set: &SequenceSet) -> String {
    let number = |number: &SeqOrUid| match number {
        SeqOrUid::Value(number) => number.to_string(),
        SeqOrUid::Asterisk => "*".into(),
    };
    let one = |sequence: &Sequence| match sequence {
        Sequence::Single(one) => number(one),
        Sequence::Range(one, other) => format!("{}:{}", number(one), number(other)),
    };
    let all: Vec<_> = set.0.as_ref().iter().map(one).collect();
    all.join(",")
}

fn their_data(data: &Data<'_>) -> Option<String> {
    Some(match data {
        Data::Capability(list) => format!("CAPABILITY {}", words(list.as_ref())),
        Data::Enabled { capabilities } => format!("ENABLED {}", words(capabilities)),
        Data::List {
            items,
            delimiter,
            mailbox,
        } => list_line("LIST", items, delimiter.map(|c| c.inner()), mailbox),
        Data::Lsub {
            items,
            delimiter,
            mailbox,
        } => list_line("LSUB", items, delimiter.map(|c| c.inner()), mailbox),
        Data::Status { mailbox, items } => status_line(mailbox, items)?,
        Data::Search(numbers, mod_seq) => {
            let mut numbers: Vec<u32> = numbers.iter().map(|number| number.get()).collect();
            numbers.sort_unstable();
            numbers.dedup();
            format!("SEARCH {numbers:?} {mod_seq:?}")
        }
        Data::Sort(numbers, mod_seq) => format!("SORT {numbers:?} {mod_seq:?}"),
        Data::Thread(threads) => {
            let threads: String = threads.iter().map(ToString::to_string).collect();
            format!("THREAD {threads}")
        }
        Data::Flags(flags) => {
            let flags = flags.iter().map(|flag| flag.to_string().to_lowercase());
            // Some write NIL for no flags, and then it is none.
            let flags: Vec<_> = flags.filter(|flag| flag != "nil").collect();
            format!("FLAGS {flags:?}")
        }
        Data::Exists(number) => format!("EXISTS {number}"),
        Data::Recent(number) => format!("RECENT {number}"),
        Data::Expunge(number) => format!("EXPUNGE {number}"),
        Data::Quota { root, quotas } => {
            let quotas = quotas.as_ref().iter();
            let quotas = quotas.map(|quota| {
                let resource = quota.resource.to_string().to_ascii_uppercase();
                format!("{resource} {} {}", quota.usage, quota.limit)
            });
            format!("QUOTA {:?} {:?}", lossy(root), quotas.collect::<Vec<_>>())
        }
        Data::QuotaRoot { mailbox, roots } => {
            let roots: Vec<_> = roots.iter().map(lossy).collect();
            format!("QUOTAROOT {} {roots:?}", name(mailbox))
        }
        Data::Id { parameters } => {
            let pairs = parameters.iter().flatten();
            let pairs = pairs.map(|(field, value)| {
                let value = value.0.as_ref();
                let value = value.map(|value| String::from_utf8_lossy(value.as_ref()).into_owned());
                (String::from_utf8_lossy(field.as_ref()).into_owned(), value)
            });
            format!("ID {:?}", pairs.collect::<Vec<_>>())
        }
        Data::Vanished {
            earlier,
            known_uids,
        } => {
            format!("VANISHED {earlier} {}", plain(known_uids))
        }
        Data::Metadata { mailbox, items } => metadata_line(mailbox, items),
        Data::Namespace {
            personal,
            other,
            shared,
        } => {
            let all = [personal, other, shared].map(|list| {
                let list = list.iter().map(|namespace| {
                    let delimiter = namespace.delimiter.map(|c| c.inner());
                    (shown(namespace.prefix.as_ref()), delimiter)
                });
                list.collect::<Vec<_>>()
            });
            format!("NAMESPACE {all:?}")
        }
        Data::Fetch { .. } => return None,
    })
}

fn lossy(string: &AString<'_>) -> String {
    String::from_utf8_lossy(string.as_ref()).into_owned()
}

fn name(mailbox: &Mailbox<'_>) -> String {
    match mailbox {
        Mailbox::Inbox => shown(b"INBOX"),
        Mailbox::Other(name) => shown(name.as_ref()),
    }
}

fn list_line<T: std::fmt::Display>(
    word: &str,
    attributes: &[T],
    delimiter: Option<char>,
    mailbox: &Mailbox<'_>,
) -> String {
    let attributes = attributes
        .iter()
        .map(|item| item.to_string().to_lowercase());
    let attributes = sorted(attributes.collect());
    format!("{word} {attributes:?} {delimiter:?} {}", name(mailbox))
}

/// Nothing where an item comes twice: which of them counts is nobody's to say.
fn status_line(mailbox: &Mailbox<'_>, items: &[StatusDataItem]) -> Option<String> {
    let mut items: Vec<_> = items
        .iter()
        .map(|item| match item {
            StatusDataItem::Messages(number) => format!("messages {number}"),
            StatusDataItem::Recent(number) => format!("recent {number}"),
            StatusDataItem::UidNext(number) => format!("uid_next {number}"),
            StatusDataItem::UidValidity(number) => format!("uid_validity {number}"),
            StatusDataItem::Unseen(number) => format!("unseen {number}"),
            StatusDataItem::Deleted(number) => format!("deleted {number}"),
            StatusDataItem::DeletedStorage(number) => format!("deleted_storage {number}"),
            StatusDataItem::Size(number) => format!("size {number}"),
            StatusDataItem::HighestModSeq(number) => format!("highest_mod_seq {number}"),
        })
        .collect();
    items.sort();
    let word = |item: &String| item.split(' ').next().map(str::to_owned);
    let comes_twice = items
        .windows(2)
        .any(|pair| word(&pair[0]) == word(&pair[1]));
    (!comes_twice).then(|| format!("STATUS {} {items:?}", name(mailbox)))
}

fn metadata_line(mailbox: &Mailbox<'_>, items: &MetadataResponse<'_>) -> String {
    let items: Vec<String> = match items {
        MetadataResponse::WithValues(list) => list
            .as_ref()
            .iter()
            .map(|pair| format!("{:?} {}", lossy(pair.entry.inner()), nshown8(&pair.value)))
            .collect(),
        MetadataResponse::WithoutValues(list) => list
            .as_ref()
            .iter()
            .map(|entry| format!("{:?}", lossy(entry.inner())))
            .collect(),
    };
    format!("METADATA {} {items:?}", name(mailbox))
}

fn nshown8(string: &NString8<'_>) -> String {
    match string {
        NString8::NString(string) => their_nstring(string),
        NString8::Literal8(literal) => shown(literal.data.as_ref()),
    }
}

fn their_nstring(string: &NString<'_>) -> String {
    nshown(string.0.as_ref().map(AsRef::as_ref))
}

fn their_flag(flag: &FlagFetch<'_>) -> String {
    match flag {
        FlagFetch::Flag(flag) => flag.to_string().to_lowercase(),
        FlagFetch::Recent => "\\recent".into(),
    }
}

/// An item by its name in capitals. Of one that comes twice the first counts.
fn their_item(item: &MessageDataItem<'_>, told: &mut Told) {
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
        let is_plain =
            |name: &String| is_name(name) && !name.contains(['(', ')', '"', '\\', '{', ':']);
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

/// What a command says, of those that are looked at.
pub(crate) fn command(octets: &[u8]) -> Option<String> {
    let Ok((b"", command)) = CommandCodec::default().decode(octets) else {
        return None;
    };
    let set = |set: &SequenceSet| plain(set);
    let string = |string: &AString<'_>| shown(string.as_ref());
    Some(match &command.body {
        CommandBody::Login { username, password } => {
            format!(
                "LOGIN {} {}",
                string(username),
                string(password.declassify())
            )
        }
        CommandBody::Create { mailbox } => format!("CREATE {}", name(mailbox)),
        CommandBody::Delete { mailbox } => format!("DELETE {}", name(mailbox)),
        CommandBody::Subscribe { mailbox } => format!("SUBSCRIBE {}", name(mailbox)),
        CommandBody::Rename { from, to } => format!("RENAME {} {}", name(from), name(to)),
        CommandBody::List {
            reference,
            mailbox_wildcard,
        } => {
            let pattern = match mailbox_wildcard {
                ListMailbox::Token(token) => shown(token.as_ref()),
                ListMailbox::String(string) => shown(string.as_ref()),
            };
            format!("LIST {} {pattern}", name(reference))
        }
        CommandBody::Id { parameters } => {
            let pairs = parameters.iter().flatten();
            let pairs = pairs.map(|(field, value)| {
                format!("{} {}", shown(field.as_ref()), their_nstring(value))
            });
            format!("ID {}", pairs.collect::<Vec<_>>().join(" "))
        }
        CommandBody::GetQuota { root } => format!("GETQUOTA {}", string(root)),
        CommandBody::GetQuotaRoot { mailbox } => format!("GETQUOTAROOT {}", name(mailbox)),
        CommandBody::Append {
            mailbox,
            flags,
            message,
            ..
        } => {
            let flags: Vec<_> = flags
                .iter()
                .map(|flag| flag.to_string().to_lowercase())
                .collect();
            let message = match message {
                LiteralOrLiteral8::Literal(literal) => literal.data(),
                LiteralOrLiteral8::Literal8(literal) => literal.data.as_ref(),
            };
            format!("APPEND {} {flags:?} {}", name(mailbox), shown(message))
        }
        CommandBody::SetMetadata {
            mailbox,
            entry_values,
        } => {
            let entries = entry_values.as_ref().iter();
            let entries = entries
                .map(|pair| format!("{} {}", string(pair.entry.inner()), nshown8(&pair.value)));
            let entries: Vec<_> = entries.collect();
            format!("SETMETADATA {} {}", name(mailbox), entries.join(" "))
        }
        CommandBody::Copy {
            sequence_set,
            mailbox,
            uid: true,
        } => format!("COPY {} {}", set(sequence_set), name(mailbox)),
        CommandBody::Store {
            sequence_set,
            flags,
            uid: true,
            ..
        } => {
            let flags: Vec<_> = flags
                .iter()
                .map(|flag| flag.to_string().to_lowercase())
                .collect();
            format!("STORE {} {flags:?}", set(sequence_set))
        }
        CommandBody::Fetch {
            sequence_set,
            macro_or_item_names: MacroOrMessageDataItemNames::MessageDataItemNames(items),
            uid: true,
            ..
        } => {
            let mut fields = String::new();
            for item in items {
                if let MessageDataItemName::BodyExt {
                    section: Some(Section::HeaderFields(None, names)),
                    ..
                } = item
                {
                    names
                        .as_ref()
                        .iter()
                        .for_each(|name| fields.push_str(&string(name)));
                }
            }
            format!("FETCH {} {fields}", set(sequence_set))
        }
        CommandBody::Search {
            criteria,
            uid: true,
            ..
        } => {
            let keys: Vec<_> = criteria.as_ref().iter().map(search_key).collect();
            format!("SEARCH {}", keys.join(" "))
        }
        _ => return None,
    })
}

fn search_key(key: &SearchKey<'_>) -> String {
    let with = |word: &str, string: &AString<'_>| format!("{word} {}", shown(string.as_ref()));
    match key {
        SearchKey::Not(key) => format!("NOT {}", search_key(key)),
        SearchKey::Or(one, other) => format!("OR {} {}", search_key(one), search_key(other)),
        SearchKey::Text(text) => with("TEXT", text),
        SearchKey::From(text) => with("FROM", text),
        SearchKey::Body(text) => with("BODY", text),
        SearchKey::Subject(text) => with("SUBJECT", text),
        SearchKey::Header(name, text) => with(&with("HEADER", name), text),
        other => format!("{other:?}"),
    }
}
