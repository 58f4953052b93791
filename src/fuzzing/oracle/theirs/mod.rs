//! What imap-codec, an independent implementation, makes of a response or a command. Knows nothing of latchbox:
//! the fuzz targets include this file too.
//!
//! Where the two differ on purpose, imap-codec is not asked, and the place says why:
//! `their_code`, `status_line` and `their_section`.

mod command;
mod fetch;
mod shown;

use imap_codec::decode::Decoder;
use imap_codec::imap_types::core::{IString, NString};
use imap_codec::imap_types::extensions::metadata::{MetadataCode, MetadataResponse};
use imap_codec::imap_types::extensions::namespace::Namespace;
use imap_codec::imap_types::extensions::uidplus::{UidElement, UidSet};
use imap_codec::imap_types::flag::FlagPerm;
use imap_codec::imap_types::mailbox::Mailbox;
use imap_codec::imap_types::response::{
    Bye, Code, CommandContinuationRequest, Data, GreetingKind, Response, Status, StatusBody,
    StatusKind, Tagged,
};
use imap_codec::imap_types::status::StatusDataItem;
use imap_codec::{GreetingCodec, ResponseCodec};

pub(crate) use self::command::command;
use self::fetch::their_item;
use self::shown::{Told, lossy, name, nshown8, plain, shown};

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
    // A code behind one space too many is a code here.
    if text.trim_start_matches(' ').starts_with('[') {
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
            let flags: Vec<_> = flags.collect();
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
        Data::Id { parameters } => id_line(parameters.as_deref().unwrap_or_default()),
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
            let all = [personal, other, shared].map(|list| namespaces(list));
            format!("NAMESPACE {all:?}")
        }
        Data::Fetch { .. } => return None,
    })
}

fn id_line(parameters: &[(IString<'_>, NString<'_>)]) -> String {
    let pairs = parameters.iter().map(|(field, value)| {
        let value = value.0.as_ref();
        let value = value.map(|value| String::from_utf8_lossy(value.as_ref()).into_owned());
        (String::from_utf8_lossy(field.as_ref()).into_owned(), value)
    });
    format!("ID {:?}", pairs.collect::<Vec<_>>())
}

fn namespaces(list: &[Namespace<'_>]) -> Vec<(String, Option<char>)> {
    let of = |namespace: &Namespace<'_>| {
        let delimiter = namespace.delimiter.map(|c| c.inner());
        (shown(namespace.prefix.as_ref()), delimiter)
    };
    list.iter().map(of).collect()
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
